"""The emergency pack: what is in it, that it opens without us, and that it leaves."""

import csv
import email
import email.policy
import io
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
import python_calamine
import pyzipper

from app.config import Settings
from app.packs import KEPT, elsewhere_of
from registers import work
from registers.breaches.oncall import Plan, choose
from registers.delivery import packs
from registers.delivery.packs import Elsewhere, EmergencyPack
from registers.kernel.errors import Invalid
from registers.people.roles import WORKER
from tests.breaches.test_operations import RESPONDER, recorded, rows, touched
from tests.delivery.hands import Post, tools
from tests.registers import entries
from tests.tools import need

PASSPHRASE = "sept greffiers en hiver 1789"
ASTREINTE = ("astreinte@ponant.example",)


@pytest.fixture
def sample(register_url, database):
    return database


def made(database, now):
    with database.reading() as session:
        return packs.make(session, PASSPHRASE, now, "Europe/Paris")


def opened(content, passphrase=PASSPHRASE):
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name) for name in archive.namelist()}


def on_call(database, **plan):
    with database.acting(RESPONDER) as act:
        choose(act, Plan(**plan), 0, secret=b"s" * 32)


def swept(database, elsewhere, post=None):
    """A worker looks for what is due, and does it."""
    mine = replace(tools(database, post or Post()), elsewhere=elsewhere)
    packs.see_to(database, WORKER, elsewhere)
    work.drain(mine, lambda: False)


def test_it_holds_whom_to_tell_by_when_and_how(sample, clock):
    breach = recorded(sample)
    touched(sample, breach)
    touched(sample, recorded(sample, drill=True))
    pack = made(sample, clock())
    assert pack.name == "dossier-urgence-20261122T1030.zip"
    files = opened(pack.content)
    assert next(iter(files)) == "LISEZ-MOI.html"
    table = list(
        csv.DictReader(
            io.StringIO(files["responsables-de-traitement.csv"].decode("utf-8-sig")), delimiter=";"
        )
    )
    assert len({row["Code"] for row in table}) == pack.pack.controllers
    (row,) = [row for row in table if row["Code"] == "CA-ANNELAC"][:1]
    assert row["Délai de notification (h)"] == "48"
    assert "Courriel" in row["Canaux"]
    assert "@" in row["Courriel"]
    running = list(
        csv.DictReader(io.StringIO(files["delais-en-cours.csv"].decode("utf-8-sig")), delimiter=";")
    )
    assert {row["Violation"] for row in running} == {breach.code}
    assert running[0]["Fin du délai (UTC)"] == "2026-11-24 08:00"
    assert len(running) == pack.pack.running
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(files["responsables-de-traitement.xlsx"])
    )
    assert len(book.get_sheet_by_index(0).to_python()) == len(table) + 1
    page = files["responsables-de-traitement.html"].decode()
    assert all(row["Contrat"] in page for row in table)
    assert "<script" not in page


def test_it_holds_the_notices_of_each_phase_in_both_languages(sample, clock):
    files = opened(made(sample, clock()).content)
    templates = sorted(name for name in files if name.startswith(("modeles/", "templates/")))
    assert len(templates) == 8
    first = files["modeles/1-breach-fr.html"].decode()
    assert "Mesdames, Messieurs" in first or "Madame, Monsieur" in first
    assert "[à compléter]" in first
    assert "Dear Sir or Madam" in files["templates/1-breach-en.html"].decode()
    said = files["LISEZ-MOI.html"].decode()
    assert all(name in said for name in files if name != "LISEZ-MOI.html")


def test_nothing_opens_it_but_the_passphrase(sample, clock):
    content = made(sample, clock()).content
    assert b"annelac" not in content.lower()
    with pytest.raises(RuntimeError, match="Bad password"):
        opened(content, "another passphrase of 20")
    with sample.reading() as session, pytest.raises(Invalid, match="PACK_PASSPHRASE"):
        packs.make(session, "short", clock(), "Europe/Paris")


def test_a_program_of_others_opens_it(sample, clock, tmp_path):
    need("7zz")
    file = tmp_path / "pack.zip"
    file.write_bytes(made(sample, clock()).content)
    subprocess.run(["7zz", "x", f"-p{PASSPHRASE}", file], cwd=tmp_path, check=True)
    assert (tmp_path / "LISEZ-MOI.html").exists()


def test_it_leaves_every_week_to_every_place(sample, clock, tmp_path):
    on_call(sample, emails=ASTREINTE, pack_by_email=True)
    elsewhere = elsewhere_of(
        Settings(home=tmp_path / "home", pack_passphrase=PASSPHRASE, pack_folder=str(tmp_path))
    )
    swept(sample, elsewhere, post := Post())
    (row,) = rows(sample, EmergencyPack)
    assert (row.ok, row.places, row.error) == (True, [str(tmp_path), *ASTREINTE], "")
    (file,) = tmp_path.glob("*.zip")
    assert file.stat().st_mode & 0o777 == 0o600
    ((_to, _from, content),) = post.taken
    message = email.message_from_bytes(content, policy=email.policy.default)
    (attached,) = message.iter_attachments()
    assert attached.get_content() == file.read_bytes()
    assert attached.get_filename() == file.name
    swept(sample, elsewhere)
    clock.forward(days=6, hours=23)
    swept(sample, elsewhere)
    assert len(rows(sample, EmergencyPack)) == 1
    clock.forward(hours=2)
    swept(sample, elsewhere)
    assert len(rows(sample, EmergencyPack)) == 2
    for _week in range(9):
        clock.forward(days=7)
        swept(sample, elsewhere)
    assert len(list(tmp_path.glob("*.zip"))) == KEPT
    assert len(entries(sample, "emergency.made")) == 11


def test_one_that_fails_is_told_tried_again_and_not_taken_for_one(sample, clock, tmp_path):
    gone = elsewhere_of(
        Settings(
            home=tmp_path / "home",
            pack_passphrase=PASSPHRASE,
            pack_folder=str(tmp_path / "unmounted"),
        )
    )
    for _ in range(12):
        swept(sample, gone)
        clock.forward(minutes=10)
    found = rows(sample, EmergencyPack)
    assert len(found) == packs.MOST_ATTEMPTS
    assert not any(each.ok for each in found)
    assert "is it mounted?" in found[0].error
    with sample.reading() as session:
        standing = packs.standing(session)
        assert (standing.last, standing.is_old(clock())) == (None, True)
        assert standing.failed.id in {each.id for each in found}
    (tmp_path / "unmounted").mkdir()
    clock.forward(days=1)
    swept(sample, gone)
    with sample.reading() as session:
        standing = packs.standing(session)
        assert standing.failed is None
        assert not standing.is_old(clock())
        assert standing.is_old(clock() + timedelta(days=9))


def test_without_a_passphrase_or_a_place_none_is_made(sample):
    for elsewhere in (Elsewhere(), Elsewhere(PASSPHRASE), Elsewhere("", "/somewhere")):
        swept(sample, elsewhere)
    assert rows(sample, EmergencyPack) == []
