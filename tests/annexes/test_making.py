"""Making annexes: numbers without gaps, the same register once, evidence that shows tampering."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registers.annexes import making, queries, snapshots
from registers.annexes.kinds import REGISTER
from registers.annexes.models import Annex
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import of_controller
from registers.annexes.workers import Workers
from registers.controllers import operations as parties
from registers.controllers import queries as controllers
from registers.kernel import audit, history
from registers.kernel.act import Actor
from registers.kernel.errors import Damaged, Forbidden, Invalid, NotFound
from registers.kernel.files import digest
from registers.kernel.pages import FIRST
from registers.people.roles import Permission
from registers.press import identity, trial_identity
from registers.press.identity import carried, received
from registers.press.verify import verify
from tests.kernel.test_audit import tamper
from tests.press.reading import words
from tests.registers import EVERYTHING, TODAY, commune, count, entries, publisher, since
from tests.tools import need

PASSPHRASE = b"essai"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TEST = trial_identity.make(PASSPHRASE, NOW)
IDENTITY = identity.load(TEST.pkcs12, PASSPHRASE)
KEY = audit.CheckpointKey(Ed25519PrivateKey.generate())


@pytest.fixture
def press(database):
    return Press(database, EVERYTHING, IDENTITY, KEY, "Europe/Paris")


@pytest.fixture
def owner(acting):
    """A controller with little to say, so that its papers are made quickly."""
    with acting() as act:
        parties.describe_organisation(act, publisher(), 0, since(2020))
        return parties.record_controller(act, "NASBINALS", commune(), since(2020))


def make(press, *heads, day=TODAY, language=""):
    return list(making.make(press, [head.id for head in heads], day, language))


def draft(database, head, day):
    order = Order(REGISTER, [of_controller(head.id)], day, language="fr")
    return making.draft_of(database, order, "Europe/Paris")


def change(acting, head, **known):
    with acting() as act:
        taken = act.session.get(type(head), head.id)
        how = since(2026, 11, 22)
        parties.change_controller(act, head.id, commune(**known), taken.latest, how)


def rows(database, head):
    with database.reading() as session:
        present = controllers.controller(session, head.code)
        return {
            row.annex.number: (row.superseded_by, row.out_of_date)
            for row in queries.of_dossier(session, present, TODAY)
        }


def read(database, name):
    with database.reading() as session:
        return database.files.get(session, name)


def test_a_sealed_annex_is_kept_with_its_data_and_whoever_reads_it_can_check_it(
    database, press, owner
):
    (made,) = make(press, owner)
    assert (made.new, made.number, made.controller_id) == (True, "AX-2026-0001", owner.id)
    with database.reading() as session:
        annex = session.get_one(Annex, made.annex_id)
        snapshot = snapshots.registers(session, [owner.id], TODAY)[owner.id]
    paper = read(database, annex.paper_sha256)
    assert digest(paper) == made.paper_sha256
    assert len(paper) == annex.size
    assert snapshots.read(read(database, annex.snapshot_sha256)) == snapshot
    assert (annex.kind, annex.language, annex.on_day) == ("register", "fr", TODAY)
    assert (annex.level, annex.is_test, annex.identity_kind) == ("B-B", True, "seal")
    assert (annex.sealed_at, annex.prepared_at, annex.author) == (NOW, NOW, "console")
    verdict = verify(paper, [TEST.authority])
    assert (verdict.sound, verdict.faults) == (True, ())
    assert verdict.snapshot.matches


def test_the_paper_carries_a_checkpoint_that_agrees_with_the_journal(database, press, owner):
    before = len(entries(database))
    (made,) = make(press, owner)
    with database.reading() as session:
        annex = session.get_one(Annex, made.annex_id)
        (kept,) = audit.latest_checkpoints(session, 9)
    assert annex.checkpoint == kept.size == before
    with database.engine.connect() as connection:
        verdict, agree = audit.verify(connection, KEY.public, [kept.as_json()])
    assert (verdict.faults, agree) == ([], 2)
    told = [entry.kind for entry in entries(database)][before:]
    assert told == ["journal.checkpoint_signed", "annexes.prepared", "annex.sealed"]
    (sealed,) = entries(database, "annex.sealed")
    assert json.loads(sealed.facts)["paper"] == annex.paper_sha256
    assert sealed.within == f"controller:{owner.id}"


def test_the_same_register_is_the_same_annex(database, press, owner, clock):
    (first,) = make(press, owner)
    clock.forward(hours=1)
    (again,) = make(press, owner)
    assert again == replace(first, new=False)
    assert count(database, Annex) == 1
    (english,) = make(press, owner, language="en")
    (of_yesterday,) = make(press, owner, day=date(2026, 11, 21))
    assert [english.number, of_yesterday.number] == ["AX-2026-0002", "AX-2026-0003"]


def test_a_changed_register_puts_an_annex_out_of_date_and_a_new_one_supersedes_it(
    database, press, owner, acting, clock
):
    make(press, owner)
    assert rows(database, owner) == {"AX-2026-0001": ("", False)}
    change(acting, owner, phone="0466000001")
    assert rows(database, owner) == {"AX-2026-0001": ("", True)}
    clock.forward(minutes=1)
    make(press, owner)
    assert rows(database, owner) == {
        "AX-2026-0002": ("", False),
        "AX-2026-0001": ("AX-2026-0002", False),
    }
    make(press, owner, language="en")
    assert rows(database, owner)["AX-2026-0002"] == ("", False)  # another language is another


def test_an_annex_of_an_earlier_day_is_out_of_date_only_if_the_register_differs(
    database, press, owner, acting
):
    make(press, owner, day=date(2026, 6, 1))
    assert rows(database, owner) == {"AX-2026-0001": ("", False)}
    change(acting, owner, phone="0466000001")
    assert rows(database, owner) == {"AX-2026-0001": ("", True)}


@pytest.fixture
def others(acting, owner):
    """Three more controllers."""
    with acting() as act:
        return [
            parties.record_controller(act, f"C-{number}", commune(), since(2020))
            for number in range(3)
        ]


def test_numbers_follow_each_other_part_by_part(database, press, owner, others, monkeypatch):
    monkeypatch.setattr(making, "CHUNK", 2)
    unknown = parties.Controller(code="X")
    made = make(press, *others, unknown, owner)
    assert [each.number for each in made] == [f"AX-2026-000{number}" for number in range(1, 5)]
    assert [each.controller_id for each in made] == [*(each.id for each in others), owner.id]
    assert len(entries(database, "annexes.prepared")) == 3


def test_each_year_begins_its_numbers_anew(press, owner, clock):
    make(press, owner)
    clock.at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    (later,) = make(press, owner, day=date(2027, 1, 1))
    assert later.number == "AX-2027-0001"


def test_a_part_in_which_nothing_is_new_takes_no_number(database, press, owner, acting):
    make(press, owner)
    with acting() as act:
        other = parties.record_controller(act, "B", commune(), since(2020))
    made = make(press, owner, other, owner)
    assert [(each.number, each.new) for each in made if each.new] == [("AX-2026-0002", True)]
    assert {each.number for each in made} == {"AX-2026-0001", "AX-2026-0002"}
    before = len(entries(database))
    make(press, owner, other)
    assert len(entries(database)) == before


def test_who_may_not_seal_takes_no_number(database, press, owner):
    without = Actor("user", EVERYTHING.permissions - {Permission.ANNEX_SEAL})
    with pytest.raises(Forbidden):
        make(replace(press, actor=without), owner)
    assert make(press, owner)[0].number == "AX-2026-0001"


def test_an_expired_identity_takes_no_number(database, press, owner):
    old = trial_identity.make(PASSPHRASE, datetime(2015, 1, 1, tzinfo=UTC))
    with pytest.raises(Invalid, match="expired"):
        make(replace(press, identity=identity.load(old.pkcs12, PASSPHRASE)), owner)
    assert make(press, owner)[0].number == "AX-2026-0001"


def test_every_page_of_a_test_seal_says_that_it_is_worth_nothing(database, press, owner, tmp_path):
    need("pdftotext")
    (made,) = make(press, owner, language="en")
    pages = words(read(database, made.paper_sha256), tmp_path / "paper.pdf")
    assert len(pages) > 1
    assert all("TEST SEAL" in page for page in pages)


def test_without_an_organisation_nothing_is_made(database, press, acting):
    with acting() as act:
        head = parties.record_controller(act, "A", commune(), since(2020))
    with pytest.raises(Invalid, match="organisation"):
        make(press, head)
    assert entries(database, "annexes.prepared") == []


def test_altered_bytes_are_refused_when_read(database, press, owner, tmp_path):
    (made,) = make(press, owner)
    if database.engine.dialect.name == "sqlite":
        (stored,) = (tmp_path / "files").rglob(made.paper_sha256)
        stored.write_bytes(stored.read_bytes()[:-1] + b"\n\n")
    else:
        tamper(database, "UPDATE stored_file SET content = content || '\\x0a'::bytea")
    with pytest.raises(Damaged):
        read(database, made.paper_sha256)


def test_no_annex_is_ever_changed_or_deleted(database, press, owner):
    make(press, owner)
    engine = sa.create_engine(database.engine.url)  # without the program's own guard
    for sql in ("UPDATE annex SET number = 'AX-0'", "DELETE FROM annex"):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), engine.begin() as connection:
            connection.exec_driver_sql(sql)
    engine.dispose()


def test_a_second_click_at_the_same_moment_gets_the_same_annex(database, press, owner):
    at_once = threading.Barrier(2)

    class Slow:
        """Lets both readers see that there is no annex yet."""

        def __getattr__(self, name):
            return getattr(database, name)

        @contextmanager
        def reading(self):
            with database.reading() as session:
                yield session
            at_once.wait(20)

    both = replace(press, database=Slow())
    with ThreadPoolExecutor(2) as threads:
        made = [each for (each,) in threads.map(lambda _click: make(both, owner), range(2))]
    assert {each.annex_id for each in made} == {made[0].annex_id}
    assert sorted(each.new for each in made) == [False, True]
    assert count(database, Annex) == 1


def test_a_draft_is_not_kept_and_has_no_place_for_a_seal(database, owner):
    before = len(entries(database))
    paper = draft(database, owner, TODAY)
    assert paper.startswith(b"%PDF-")
    assert b"/FT /Sig" not in paper
    assert b"/FT/Sig" not in paper
    verdict = verify(paper)
    assert (verdict.readable, verdict.signatures) == (True, ())
    assert (len(entries(database)), count(database, Annex)) == (before, 0)
    with pytest.raises(NotFound):
        draft(database, owner, date(2019, 1, 1))


def test_each_controller_is_written_to_in_its_own_language(database, press, owner, acting):
    with acting() as act:
        german = parties.record_controller(
            act,
            "ALTKIRCHEN",
            commune(country="DE", postcode="83001", calendar="DE", language="en"),
            since(2020),
        )
    made = {each.controller_id: each.annex_id for each in make(press, owner, german)}
    with database.reading() as session:
        languages = [session.get_one(Annex, made[head.id]).language for head in (owner, german)]
    assert languages == ["fr", "en"]


def test_annexes_are_listed_the_newest_first_and_found_by_number_or_owner(
    database, press, owner, acting, clock
):
    with acting() as act:
        other = parties.record_controller(act, "B", commune("Élancourt", city=""), since(2020))
    for head in (owner, other):
        make(press, head)
        clock.forward(minutes=1)
    with database.reading() as session:
        listed = queries.listed(session, "", FIRST, TODAY)
        assert [row.annex.number for row in listed.rows] == ["AX-2026-0002", "AX-2026-0001"]
        for search, number in (("elancourt", 2), ("ax-2026-0001", 1), ("NASBINALS", 1)):
            (row,) = queries.listed(session, search, FIRST, TODAY).rows
            assert row.annex.number == f"AX-2026-000{number}"
        assert queries.listed(session, "nothing", FIRST, TODAY).rows == []
        assert queries.one(session, "AX-2026-0002", TODAY).controller.code == "B"
        with pytest.raises(NotFound):
            queries.one(session, "AX-2026-0003", TODAY)


def test_the_whole_fictional_register_is_sealed(sample, acting):
    press = Press(sample, EVERYTHING, IDENTITY, KEY, "Europe/Paris")
    with sample.reading() as session:
        ids = list(session.scalars(sa.select(controllers.Controller.id)))
        known = history.in_force(session, controllers.Controller, TODAY)
    made = list(making.make(press, ids, TODAY))
    assert [each.number for each in made] == [f"AX-2026-000{number}" for number in range(1, 9)]
    assert {each.controller_id for each in made} == set(known)
    for each in made:
        assert verify(read(sample, each.paper_sha256), [TEST.authority]).sound


def test_other_processes_make_the_same_annexes(database, press, owner, others, monkeypatch):
    monkeypatch.setattr(making, "CHUNK", 1)
    ids = [head.id for head in (owner, *others)]
    with Workers(press.identity, 2) as workers:
        while not workers.ready:
            time.sleep(0.05)
        made = list(making.make(press, ids, TODAY, workers=workers))
    assert [each.controller_id for each in made] == ids
    assert [each.number[-4:] for each in made] == ["0001", "0002", "0003", "0004"][: len(ids)]
    for each in made:
        with database.reading() as session:
            paper = database.files.get(session, each.paper_sha256)
        assert verify(paper).sound
        assert "3</pdfaid:part" in paper.decode("latin-1")
    assert [each.new for each in make(press, owner, *others)] == [False] * len(ids)


def test_an_identity_is_handed_on_whole(press):
    other = received(carried(press.identity))
    assert other.fingerprint == press.identity.fingerprint
    assert (other.kind, other.quality, other.chain) == (
        press.identity.kind,
        press.identity.quality,
        press.identity.chain,
    )
    assert other.public_key == press.identity.public_key
