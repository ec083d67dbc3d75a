"""Sealing a register in the browser: one button, and an independent reader agrees."""

import re
import subprocess

import msgspec
import pytest
import sqlalchemy as sa

from registers.controllers import operations as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.people.roles import Role
from registers.press import issue
from registers.press.verify import verify
from tests.controllers.test_pages import form_of
from tests.registers import since
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


def test_an_annex_says_to_which_standard_it_conforms(sample_site, legal):
    page = legal.get(seal(legal)).text
    assert "PDF/A-3a and PDF/UA-1: archival and accessible" in page
    listed = legal.get("/annexes").text
    assert "PDF/A-3b" not in listed


def rename(site, name):
    """Describes the controller of these tests anew."""
    with site.act() as act:
        head = act.session.scalars(
            sa.select(Controller).where(Controller.code == "CA-ANNELAC")
        ).one()
        known = history.latest(act.session, head)
        known = msgspec.structs.replace(known, name=name)
        parties.change_controller(act, head.id, known, head.latest, since(2026, 11, 22))


def test_what_cannot_be_tagged_is_counted_and_says_why(sample_site, legal):
    seal(legal)
    rename(sample_site, "Agglomération שלום")
    number = seal(legal)
    page = legal.get(number).text
    assert "PDF/A-3b" in page
    assert "letters that are read from the right" in page
    listed = legal.get("/annexes").text
    assert "One annex is PDF/A-3b only." in listed
    assert listed.count('class="nowrap"><a href="/annexes/AX') == 2
    only = legal.get("/annexes?untagged=on").text
    assert only.count('class="nowrap"><a href="/annexes/AX') == 1
    assert number in only


def test_of_an_old_annex_the_standard_was_not_recorded(sample_site, legal, monkeypatch):
    monkeypatch.setattr(issue, "ACCESSIBLE", None)
    page = legal.get(seal(legal)).text
    assert "not recorded when it was sealed" in page
    assert "PDF/A-3b" not in legal.get("/annexes").text


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


# --- other kinds --------------------------------------------------------------------------


def contract_of(site, code):
    with site.reading() as session:
        query = sa.select(Contract.id).join(Controller, Controller.id == Contract.controller_id)
        return session.scalars(query.where(Controller.code == code)).first()


def test_the_papers_of_each_contract_are_offered(shared_site):
    legal = shared_site.signed_in(Role.LEGAL)
    page = legal.get("/controllers/VILLE-MONTVAL/annexes").text
    assert '<option selected value="register">Record of categories' in page
    for reference in ("MTV-2024-31", "MTV-2025-07"):
        assert f'<optgroup label="{reference}">' in page
    for title in ("Annex I – List of parties", "Annex IV – List of", "Security annex"):
        assert page.count(f">{title}") == 2
    french = shared_site.signed_in(Role.LEGAL, language="fr")
    page = french.get("/controllers/VILLE-MONTVAL/annexes").text
    assert "Annexe IV – Liste des sous-traitants ultérieurs" in page
    contract = contract_of(shared_site, "CA-ANNELAC")
    linked = legal.get(f"/contracts/{contract}").text
    address = f"/controllers/CA-ANNELAC/annexes?paper=clauses_915:{contract}"
    assert address in linked
    assert f'selected value="clauses_915:{contract}"' in legal.get(address).text


def test_a_refusal_lists_what_is_missing_with_links_to_complete_it(sample_site, legal):
    contract = contract_of(sample_site, "CA-ANNELAC")
    asked = {"paper": f"clauses_915:{contract}", "on": "2026-11-22", "language": ""}
    response = legal.send(ADDRESS, **asked)
    assert response.status_code == 422
    assert "6 facts that it must state are missing" in response.text
    fields = "Contract from, Contact person, E-mail or telephone of the contact person"
    assert f'<a href="/subprocessors/OVH">OVH SAS</a>: {fields}' in response.text
    dpo = sample_site.signed_in(Role.DPO, language="fr")
    page = dpo.send(ADDRESS, **asked).text
    assert "6 mentions obligatoires manquent" in page
    assert '<a href="/subprocessors/OVH/edit">OVH SAS</a>' in page
    for code in ("OVH", "SCALEWAY"):
        sent = form_of(dpo, f"/subprocessors/{code}/edit")
        sent |= {
            "contact_name": "Léa Roy",
            "contact_email": "dpo@host.example",
            "contract_starts_on": "2020-01-01",
            "reason": "completed",
        }
        assert dpo.post(f"/subprocessors/{code}/edit", data=sent).status_code == 302
    response = dpo.send(ADDRESS, **asked)
    assert response.status_code == 302
    page = dpo.get(response.headers["Location"]).text
    assert "Annexes I à IV aux clauses contractuelles types" in page
    assert f'href="/contracts/{contract}"' in page
    assert f"paper=clauses_915:{contract}" in page


def test_a_paper_without_object_says_so_beside_its_field(legal, sample_site):
    contract = contract_of(sample_site, "CA-ANNELAC")
    asked = {"paper": f"clauses_914:{contract}", "on": "2026-11-22", "language": ""}
    response = legal.send(ADDRESS, **asked)
    assert response.status_code == 422
    assert 'href="#paper">Paper: No activity under this contract transfers data' in response.text
    assert 'id="paper-wrong"' in response.text
    drafted = legal.get(f"{ADDRESS}/draft.pdf?paper=clauses_914:{contract}")
    assert drafted.status_code == 422
    assert "without object" in drafted.text


def test_an_incomplete_paper_is_drafted_by_whoever_may_read(sample_site, tmp_path):
    auditor = sample_site.signed_in(Role.AUDITOR)
    contract = contract_of(sample_site, "CA-ANNELAC")
    query = f"paper=clauses_915_iv:{contract}&on=2026-11-22&language=fr"
    page = auditor.get(ADDRESS).text
    assert f'action="{ADDRESS}/draft.pdf"' in page
    path = tmp_path / "draft.pdf"
    path.write_bytes(auditor.get(f"{ADDRESS}/draft.pdf?{query}").data)
    told = said_by("pdftotext", "-layout", path, "-")
    assert "Liste des sous-traitants ultérieurs" in told
    assert "[à compléter]" in told
    assert auditor.get(f"{ADDRESS}/draft.pdf?paper=nothing").status_code == 404
    assert auditor.get(f"{ADDRESS}/draft.pdf?paper=security:x").status_code == 404


def test_the_whole_register_is_sealed_from_the_list(sample_site, legal, tmp_path):
    assert "The whole register" in legal.get("/annexes").text
    location = legal.send("/annexes", on="2026-11-22", language="fr").headers["Location"]
    page = legal.get(location).text
    assert "Whole record of processing activities" in page
    assert "Verified just now: intact" in page
    assert "whole_register.pdf" in legal.get(f"{location}.pdf").headers["Content-Disposition"]
    assert "Whole record of processing activities" in legal.get("/annexes").text
    assert legal.get("/annexes/draft.pdf").data.startswith(b"%PDF-")
    assert legal.send("/annexes", on="", language="fr").status_code == 422
    auditor = sample_site.signed_in(Role.AUDITOR)
    asked = {"on": "2026-11-22", "language": "fr"}
    assert auditor.send("/annexes", "/time-limits", **asked).status_code == 403


def test_an_extract_is_sealed_from_the_journal(sample_site, clock):
    clock.forward(days=1)
    dpo = sample_site.signed_in(Role.DPO)
    assert 'href="/journal/extract"' in dpo.get("/journal").text
    asked = {"since": "2026-11-01", "on": "2026-11-22", "language": "en", "code": "CA-ANNELAC"}
    location = dpo.send("/journal/extract", **asked).headers["Location"]
    page = dpo.get(location).text
    assert "Extract of the journal" in page
    assert "from Sunday, 1 November 2026 to Sunday, 22 November 2026" in page
    assert dpo.get(f"{location}.json").json["code"] == "CA-ANNELAC"
    wrong = dpo.send("/journal/extract", **(asked | {"code": "NOBODY"}))
    assert wrong.status_code == 422
    assert "There is no controller with this code." in wrong.text
    wrong = dpo.send("/journal/extract", **(asked | {"on": "2026-11-23"}))
    assert "until yesterday at most" in wrong.text
    legal = sample_site.signed_in(Role.LEGAL)
    assert legal.get(location).status_code == 404  # it may not read the journal
    assert "Extract of the journal" not in legal.get("/annexes").text


def test_who_reads_the_journal_without_sealing_drafts_extracts(sample_site):
    admin = sample_site.signed_in(Role.ADMIN)
    page = admin.get("/journal/extract").text
    assert ">Seal<" not in page
    drafted = admin.get("/journal/extract/draft.pdf?since=2026-11-22&on=2026-11-22")
    assert drafted.data.startswith(b"%PDF-")
    asked = {"since": "2026-11-01", "on": "2026-11-21", "language": "en", "code": ""}
    assert admin.send("/journal/extract", "/time-limits", **asked).status_code == 403
