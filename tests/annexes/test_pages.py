"""Sealing a register in the browser: one button, and an independent reader agrees."""

import re
import subprocess

import pytest
import sqlalchemy as sa

from registers.people.roles import Role
from registers.press.verify import verify
from tests.controllers.test_pages import form_of
from tests.tools import need

ADDRESS = "/controllers/CA-ANNELAC/annexes"


@pytest.fixture
def legal(sample_site):
    return sample_site.signed_in(Role.LEGAL)


def seal(client, **more):
    return client.send(
        ADDRESS, **{"paper": "register", "on": "2026-11-22", "language": "", **more}
    ).headers["Location"]


def said_by(*command):
    """What an independent tool says of a file; it must be content with it."""
    need(command[0])
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_one_button_seals_and_independent_readers_agree(sample_site, legal, tmp_path):
    number = seal(legal)
    page = legal.get(number).text
    assert "Verified just now: intact" in page
    response = legal.get(f"{number}.pdf")
    assert "CA-ANNELAC" in response.headers["Content-Disposition"]
    authority = (sample_site.house.home.path / "identity" / "test-ca.pem").read_bytes()
    verdict = verify(response.data, [authority])
    assert verdict.sound
    assert verdict.snapshot.matches
    assert verdict.snapshot.signed
    path = tmp_path / "annex.pdf"
    path.write_bytes(response.data)
    signatures = said_by("pdfsig", "-nocert", path)
    assert "Signature is Valid." in signatures
    assert "Total document signed" in signatures
    said_by("qpdf", "--check", path)
    printed = said_by("pdftotext", "-layout", path, "-")
    assert "Registre des catégories d’activités de traitement" in printed
    assert legal.get(f"{number}.json").json["code"] == "CA-ANNELAC"


def test_the_same_register_is_the_same_annex_and_a_changed_one_supersedes_it(sample_site, legal):
    first = seal(legal)
    assert seal(legal) == first
    assert "up to date" in legal.get(ADDRESS).text
    dpo = sample_site.signed_in(Role.DPO)
    sent = form_of(dpo, "/controllers/CA-ANNELAC/edit")
    sent |= {"phone": "04 50 00 00 01", "effective_from": "2026-11-22", "reason": "new number"}
    assert dpo.post("/controllers/CA-ANNELAC/edit", data=sent).status_code == 302
    assert "Out of date" in legal.get(first).text
    assert "out of date" in legal.get("/annexes").text
    second = seal(legal)
    assert second != first
    assert f'Superseded by <a href="{second}">' in legal.get(first).text
    assert legal.get(f"{first}.pdf").status_code == 200  # kept, byte for byte


def test_a_draft_is_marked_and_cannot_be_taken_for_an_annex(legal, tmp_path):
    paper = legal.get("/controllers/CA-ANNELAC/annexes/draft.pdf?language=en").data
    assert not verify(paper).intact
    path = tmp_path / "draft.pdf"
    path.write_bytes(paper)
    assert "DRAFT" in said_by("pdftotext", path, "-")
    assert b"/FT /Sig" not in paper


def test_a_day_before_the_controller_was_known_has_no_annex(legal):
    response = legal.send(ADDRESS, paper="register", on="2020-01-01", language="")
    assert response.status_code == 404
    assert "not on record on that day" in response.text


def test_who_may_not_seal_sees_no_button(sample_site, legal):
    auditor = sample_site.signed_in(Role.AUDITOR)
    assert ">Seal<" not in auditor.get(ADDRESS).text
    asked = {"paper": "register", "on": "2026-11-22", "language": ""}
    assert auditor.send(ADDRESS, "/time-limits", **asked).status_code == 403
    number = seal(legal)
    assert auditor.get(f"{number}.pdf").status_code == 200


def altered(site, digest):
    """Somebody who reaches the disk or the database as its owner changes a stored file."""
    if site.house.settings.sqlite:
        path = site.house.home.path / "files" / digest[:2] / digest
        path.write_bytes(path.read_bytes() + b" ")
        return
    engine = sa.create_engine(site.house.settings.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("SET session_replication_role = replica"))
        connection.execute(
            sa.text("UPDATE stored_file SET content = content || ' ' WHERE sha256 = :digest"),
            {"digest": digest},
        )


def test_an_altered_file_is_not_handed_out(sample_site, legal):
    number = seal(legal)
    digest = re.search(r"SHA-256 of the PDF</dt><dd class=\"hash\">(\w+)", legal.get(number).text)
    altered(sample_site, digest[1])
    response = legal.get(f"{number}.pdf")
    assert response.status_code == 500
    assert "was altered: do not use it" in response.text
