"""Dossiers of sub-processors on both databases: opened, changed, listed."""

import uuid
from datetime import date

import pytest
from msgspec.structs import replace

from registers.kernel import history
from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.pages import FIRST
from registers.people.roles import Permission
from registers.subprocessors import operations, queries
from registers.subprocessors.facts import Guarantee, Site, State, Subprocessor
from registers.subprocessors.models import Subprocessor as Head
from tests.registers import EVERYTHING, count, entries, since

ENGAGED = Subprocessor(name="OVH SAS", state=State.ENGAGED, engaged_on=date(2018, 5, 25))


def record(acting, code="OVH", known=ENGAGED, how=None):
    with acting() as act:
        return operations.record(act, code, known, how or since(2018, 5, 25))


def listed(database, search="", state=""):
    with database.reading() as session:
        return [head.code for head in queries.listed(session, search, state, FIRST).rows]


def test_a_dossier_shows_what_it_lacks(database, acting):
    head = record(acting)
    assert (head.state, head.engaged_on, head.missing) == (State.ENGAGED, date(2018, 5, 25), 11)
    (entry,) = entries(database)
    assert (entry.kind, entry.about) == ("subprocessor.recorded", f"subprocessor:{head.id}")
    with database.reading() as session:
        assert queries.one(session, "OVH").id == head.id
        with pytest.raises(NotFound):
            queries.one(session, "ovh")


def test_a_code_is_taken_once_and_impossible_facts_are_refused(database, acting):
    record(acting)
    for code, known in (("OVH", ENGAGED), ("O V H", ENGAGED), ("X", replace(ENGAGED, name=""))):
        with pytest.raises(Invalid):
            record(acting, code, known)
    assert count(database, Head) == 1


def test_a_dossier_changes_from_a_day_on(database, acting):
    head = record(acting)
    ended = replace(ENGAGED, state=State.ENDED, ended_on=date(2026, 6, 30))
    with acting() as act:
        assert operations.change(act, head.id, ended, 1, since(2026, 7)) == ["ended_on", "state"]
    with database.reading() as session:
        states = [
            history.in_force(session, Head, date(2026, month, 1))[head.id].facts.state
            for month in (6, 7)
        ]
    assert states == [State.ENGAGED, State.ENDED]
    assert listed(database, state="ended") == ["OVH"]
    assert listed(database, state="engaged") == []


def test_a_stale_an_empty_and_a_lost_change(database, acting):
    head = record(acting)
    with pytest.raises(Conflict), acting() as act:
        operations.change(act, head.id, replace(ENGAGED, note="x"), 0, since(2026))
    with acting() as act:
        assert operations.change(act, head.id, ENGAGED, 1, since(2018, 5, 25)) == []
    with pytest.raises(NotFound), acting() as act:
        operations.change(act, uuid.uuid4(), ENGAGED, 1, since(2026))
    assert len(entries(database)) == 1


def test_dossiers_are_found_by_name_city_number_and_site(database, acting):
    record(acting)
    site = Site(name="DC3", city="Vitry-sur-Seine")
    scaleway = Subprocessor(name="Scaleway", registration="RCS Paris 433 115 904", sites=(site,))
    record(acting, "SCW", scaleway)
    record(acting, "ELAN", Subprocessor(name="Élan Numérique", city="Évry"))
    assert listed(database) == ["ELAN", "OVH", "SCW"]
    for search in ("VITRY", "dc3", "433 115", "scw"):
        assert listed(database, search) == ["SCW"]
    assert listed(database, "evry elan") == ["ELAN"]
    assert listed(database, "evry ovh") == []
    assert listed(database, state="proposed") == ["ELAN", "SCW"]
    assert listed(database, state="nonsense") == ["ELAN", "OVH", "SCW"]
    with database.reading() as session:
        assert [head.code for head in queries.everyone(session)] == ["ELAN", "OVH", "SCW"]


def test_each_operation_asks_for_its_permission(database, acting):
    head = record(acting)
    without = Actor("user", EVERYTHING.permissions - {Permission.REGISTER_EDIT})
    with pytest.raises(Forbidden), acting(without) as act:
        operations.record(act, "NEW", ENGAGED, since(2026))
    with pytest.raises(Forbidden), acting(without) as act:
        operations.change(act, head.id, replace(ENGAGED, note="x"), 1, since(2026))
    assert len(entries(database)) == 1


def test_guarantees_that_expire_are_told_the_soonest_first(database, acting):
    papers = tuple(
        Guarantee(name=name, expires_on=day)
        for name, day in (("B", date(2026, 12, 31)), ("A", date(2026, 6, 30)), ("C", None))
    )
    record(acting, known=replace(ENGAGED, guarantees=papers))
    record(acting, "NEW", replace(ENGAGED, state=State.PROPOSED, guarantees=papers))
    with database.reading() as session:
        found = queries.expiring(session, date(2027, 1, 1), 10)
        assert [(each.head.code, each.guarantee.name) for each in found] == [
            ("OVH", "A"),
            ("OVH", "B"),
        ]
        assert len(queries.expiring(session, date(2026, 7, 1), 10)) == 1
