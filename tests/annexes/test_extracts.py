"""Extracts of the journal: facts without values, days that are over, evidence of tampering."""

import json
from dataclasses import replace as with_other
from datetime import date

import pytest

from registers.annexes import making, queries, sources
from registers.annexes.kinds import KINDS
from registers.annexes.models import Annex
from registers.annexes.orders import Order
from registers.annexes.subjects import ORGANISATION
from registers.kernel.act import Actor
from registers.kernel.errors import Damaged, Forbidden, Invalid, NotFound
from registers.kernel.pages import FIRST
from registers.kernel.standalone import LINKED, link
from registers.people.roles import Permission
from tests.annexes.papers import YESTERDAY, make, order, read
from tests.kernel.test_audit import tamper
from tests.registers import EVERYTHING, TODAY, count, entries


def test_an_extract_holds_the_facts_of_a_dossier_and_no_value(database, press, owner):
    (made,) = make(press, "journal_extract", owner)
    with database.reading() as session:
        annex = session.get_one(Annex, made.annex_id)
    snapshot = json.loads(read(database, annex.snapshot_sha256))
    kept = entries(database)
    about = {f"controller:{owner.id}"}
    expected = [each for each in kept if {each.about, each.within} & about][:2]
    assert [each["number"] for each in snapshot["entries"]] == [each.number for each in expected]
    assert (snapshot["code"], snapshot["since"], snapshot["on"]) == (
        *("NASBINALS", "2026-11-01", YESTERDAY.isoformat()),
    )
    for each in snapshot["entries"]:
        assert link(each["previous"], [each[field] for field in LINKED]) == each["hash"]
    values = json.dumps(snapshot["entries"], ensure_ascii=False)
    assert "Nasbinals" not in values
    assert "Odile Chabrol" not in values


def test_an_extract_of_all_dossiers_has_every_entry_of_its_days(database, press, owner, clock):
    asked = Order(KINDS["journal_extract"], [ORGANISATION], YESTERDAY, date(2026, 11, 1))
    (made,) = making.make_all(press, asked)
    clock.forward(hours=2)
    (again,) = making.make_all(press, asked)
    assert again == with_other(made, new=False)  # what was sealed today is of another day
    with database.reading() as session:
        annex = session.get_one(Annex, made.annex_id)
    found = json.loads(read(database, annex.snapshot_sha256))["entries"]
    past = [each for each in entries(database) if each.moment.date() <= YESTERDAY]
    assert [each["hash"] for each in found] == [each.hash for each in past]
    assert len(past) > 8


def test_an_extract_supersedes_only_one_of_the_same_days(database, press, owner):
    make(press, "journal_extract", owner)
    make(press, "journal_extract", owner, since=date(2026, 10, 1))
    with database.reading() as session:
        rows = queries.listed(session, "", FIRST, TODAY).rows
    assert [(row.superseded_by, row.out_of_date) for row in rows] == [("", False)] * 2


def test_days_that_are_not_over_are_only_drafted(database, press, owner):
    today = order(database, "journal_extract", owner, on=TODAY)
    with pytest.raises(Invalid, match="until yesterday"):
        list(making.make_all(press, today))
    assert making.draft_of(database, today, "Europe/Paris").startswith(b"%PDF-")
    turned = order(database, "journal_extract", owner, since=TODAY)
    with pytest.raises(Invalid, match="after the last"):
        list(making.make_all(press, turned))


def test_too_many_entries_are_exported_and_not_printed(database, press, owner, monkeypatch):
    monkeypatch.setattr(sources, "MOST_ENTRIES", 1)
    with pytest.raises(Invalid, match="more than 1 entries"):
        make(press, "journal_extract", owner)


def test_an_extract_of_a_rewritten_journal_is_refused(database, press, owner):
    tamper(database, "UPDATE entry SET actor = 'user:x' WHERE kind = 'controller.recorded'")
    with pytest.raises(Damaged, match="not what was recorded"):
        make(press, "journal_extract", owner)


def test_who_may_not_read_the_journal_seals_no_extract(database, press, owner):
    legal = Actor("user", EVERYTHING.permissions - {Permission.JOURNAL_READ})
    with pytest.raises(Forbidden):
        make(with_other(press, actor=legal), "journal_extract", owner)
    assert count(database, Annex) == 0
    make(press, "journal_extract", owner)
    with database.reading() as session:
        assert queries.listed(session, "", FIRST, TODAY, ["register"]).rows == []
        with pytest.raises(NotFound):
            queries.one(session, "AX-2026-0001", TODAY, ["register"])
        assert queries.of_dossier(session, owner, TODAY, ["register"]) == []
        assert len(queries.of_dossier(session, owner, TODAY)) == 1
