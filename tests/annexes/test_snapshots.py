"""What a register annex shows: the facts in force on a day, and nothing else."""

from datetime import date

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.activities import operations as activities
from registers.activities.facts import Activity, Measure, Use
from registers.annexes import snapshots
from registers.controllers import operations as parties
from registers.controllers import queries
from registers.controllers.facts import Contact, ContactLink, Service
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.kernel import history
from registers.kernel.errors import Invalid
from registers.kernel.files import digest
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.facts import State, Subprocessor
from tests.registers import TODAY, commune, contract, publisher, since

ENGAGED = Subprocessor(name="OVH", state=State.ENGAGED, engaged_on=date(2020, 1, 1))


def snapshot(database, head, day=TODAY):
    with database.reading() as session:
        return snapshots.registers(session, [head.id], day).get(head.id)


def of_code(database, code, day=TODAY):
    with database.reading() as session:
        head = queries.controller(session, code)
    return snapshot(database, head, day)


def codes(items):
    return [each.code for each in items]


@pytest.fixture
def owner(acting):
    """A controller with one contract for P1, which has one measure and one sub-processor."""
    with acting() as act:
        parties.describe_organisation(act, publisher(), 0, since(2020))
        activities.record_measure(act, "M-1", Measure(name="Badges"), since(2020))
        subprocessors.record(act, "OVH", ENGAGED, since(2020))
        act.session.flush()
        p1 = Activity(name="Support", measures=("M-1",), subprocessors=(Use(code="OVH"),))
        head = activities.record_activity(act, "P1", p1, since(2020))
        act.session.flush()
        activities.validate_activity(act, head.id, 1)
        found = parties.record_controller(act, "NASBINALS", commune(), since(2020))
        act.session.flush()
        parties.record_contract(act, contract(found, starts_on=date(2020, 1, 1)), since(2020))
    return found


def test_a_snapshot_is_everything_about_one_controller_and_nothing_about_others(shared_sample):
    found = of_code(shared_sample, "CA-ANNELAC")
    assert (found.on, found.code) == (TODAY, "CA-ANNELAC")
    assert found.organisation.name == "Éditions Logicielles du Ponant"
    assert found.controller.name == "Communauté d’agglomération Annelac–Les Voiries"
    assert [agreed.reference for agreed in found.contracts] == ["CA-AL_CM_TT-WD"]
    assert codes(found.activities) == ["P1", "P2", "P3", "P4", "P5"]
    assert codes(found.subprocessors) == ["OVH", "SCALEWAY"]
    assert len(found.measures) == 17
    assert [(person.role.value, person.email) for person in found.persons] == [
        ("notice", "notifications@annelac-agglo.example"),
        ("breach", "astreinte@annelac-agglo.example"),
        ("dpo", "basile.fontanel@annelac-agglo.example"),
    ]
    assert b"montval" not in found.stored
    assert "Données de santé".encode() not in found.stored


def test_several_contracts_are_one_register(shared_sample):
    found = of_code(shared_sample, "VILLE-MONTVAL")
    assert [agreed.reference for agreed in found.contracts] == ["MTV-2024-31", "MTV-2025-07"]
    assert codes(found.activities) == ["P1", "P2", "P3", "P6"]
    assert codes(found.subprocessors) == ["REPRISE"]
    before = of_code(shared_sample, "VILLE-MONTVAL", date(2025, 3, 31))
    assert codes(before.activities) == ["P1", "P2", "P3"]


def test_a_snapshot_comes_back_from_what_is_kept_of_it(shared_sample):
    found = of_code(shared_sample, "UNIV-CLAIRMONT")
    assert snapshots.read(found.stored) == found
    assert found.sha256 == digest(found.stored)
    again = of_code(shared_sample, "UNIV-CLAIRMONT")
    assert again.stored == found.stored
    assert of_code(shared_sample, "UNIV-CLAIRMONT", date(2026, 11, 21)).sha256 != found.sha256


def test_before_it_was_on_record_a_controller_has_no_register(database, owner):
    assert snapshot(database, owner, date(2019, 12, 31)) is None
    assert snapshot(database, owner, date(2020, 1, 1)) is not None
    with database.reading() as session:
        assert snapshots.registers(session, [], TODAY) == {}


def test_without_an_organisation_there_is_no_register(database, acting):
    with acting() as act:
        head = parties.record_controller(act, "A", commune(), since(2020))
    with pytest.raises(Invalid, match="organisation"):
        snapshot(database, head)


def test_the_organisation_stands_as_it_was_and_before_that_as_first_described(
    database, acting, owner
):
    with acting() as act:
        for base, name, year in ((1, "Ponant 2024", 2024), (2, "Ponant 2030", 2030)):
            parties.describe_organisation(act, publisher(name=name), base, since(year))
            act.session.flush()
        early = parties.record_controller(act, "EARLY", commune(), since(2010))
    names = [snapshot(database, early, date(year, 6, 1)).organisation.name
             for year in (2012, 2021, 2024, 2030)]  # fmt: skip
    assert names == ["Éditions du Ponant", "Éditions du Ponant", "Ponant 2024", "Ponant 2030"]


def activity_head(database):
    with database.reading() as session:
        return session.query(activities.Activity).filter_by(code="P1").one()


def test_only_what_the_dpo_validated_is_shown(database, acting, owner):
    head = activity_head(database)
    with acting() as act:
        draft = Activity(name="Assistance")
        activities.change_activity(act, head.id, draft, 1, since(2026, 6))
    assert [each.known.name for each in snapshot(database, owner).activities] == ["Support"]
    with acting() as act:
        activities.validate_activity(act, head.id, 2)
    (shown,) = snapshot(database, owner).activities
    assert (shown.known.name, shown.version, shown.since) == ("Assistance", 2, date(2026, 6, 1))
    assert snapshot(database, owner).subprocessors == snapshot(database, owner).measures == ()
    (before,) = snapshot(database, owner, date(2026, 5, 31)).activities
    assert before.known.name == "Support"


def test_an_activity_no_contract_names_is_not_shown(database, acting, owner):
    with acting() as act:
        head = activities.record_activity(act, "P2", Activity(name="Autre"), since(2020))
        act.session.flush()
        activities.validate_activity(act, head.id, 1)
    assert codes(snapshot(database, owner).activities) == ["P1"]


BEGUN, LAST, NEXT = date(2020, 1, 1), date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"ended_on": LAST}, [BEGUN, LAST]),
        ({"starts_on": NEXT}, [NEXT, TODAY]),
        ({"ends_on": date(2021, 1, 1)}, [BEGUN, LAST, NEXT, TODAY]),  # renewed since, maybe
        ({"starts_on": None, "ends_on": None}, [BEGUN, LAST, NEXT, TODAY]),
    ],
)
def test_a_contract_is_shown_while_it_is_in_force(database, acting, owner, changes, days):
    with acting() as act:
        other = parties.record_controller(act, "OTHER", commune(), since(2020))
        act.session.flush()
        known = replace(contract(other, starts_on=BEGUN), **changes)
        parties.record_contract(act, known, since(2020))
    every = (BEGUN, LAST, NEXT, TODAY)
    assert [day for day in every if snapshot(database, other, day).contracts] == days
    assert [day for day in every if snapshot(database, other, day).activities] == days


def test_measures_and_activities_that_ended_are_left_out(database, acting, owner):
    with database.reading() as session:
        (measure,) = session.query(activities.Measure).all()
    with acting() as act:
        ended = Measure(name="Badges", ended_on=date(2026, 6, 30))
        activities.change_measure(act, measure.id, ended, 1, since(2026))
    assert codes(snapshot(database, owner, date(2026, 6, 30)).measures) == ["M-1"]
    assert codes(snapshot(database, owner, date(2026, 7, 1)).measures) == []


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"state": State.PROPOSED, "engaged_on": None}, []),
        ({"engaged_on": date(2026, 7, 1)}, [date(2026, 7, 1), TODAY]),
        (
            {"state": State.ENDED, "ended_on": date(2026, 6, 30)},
            [date(2025, 1, 1), date(2026, 6, 30)],
        ),
    ],
)
def test_sub_processors_are_shown_while_they_are_engaged(database, acting, owner, changes, days):
    with acting() as act:
        known = replace(ENGAGED, **changes)
        head = act.session.query(subprocessors.Subprocessor).one()
        subprocessors.change(act, head.id, known, 1, since(2020))
    every = (date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1), TODAY)
    assert [day for day in every if snapshot(database, owner, day).subprocessors] == days


def test_those_whom_sub_processors_engage_in_turn_are_shown_too(database, acting, owner):
    with acting() as act:
        for code, by in (("B", "OVH"), ("C", "B"), ("D", "C"), ("X", "Y"), ("Y", "X")):
            known = replace(ENGAGED, name=code, engaged_by=by)
            subprocessors.record(act, code, known, since(2020))
        proposed = Subprocessor(name="E", engaged_by="OVH")
        subprocessors.record(act, "E", proposed, since(2020))
    assert codes(snapshot(database, owner).subprocessors) == ["B", "C", "D", "OVH"]


def test_after_a_merge_each_day_shows_the_contracts_of_its_owner(database, acting, owner):
    with acting() as act:
        successor = parties.record_controller(act, "PEYRE", commune("Peyre"), since(2020))
        act.session.flush()
        parties.merge(act, [owner.id], successor.id, since(2026, 7))
    before, after = date(2026, 6, 30), date(2026, 7, 1)
    held = {
        (head.code, day): len(snapshot(database, head, day).contracts)
        for head in (owner, successor)
        for day in (before, after)
    }
    assert held == {
        ("NASBINALS", before): 1,
        ("NASBINALS", after): 0,
        ("PEYRE", before): 0,
        ("PEYRE", after): 1,
    }


def test_a_contact_recorded_later_still_stands_where_it_was_named(database, acting, owner):
    with acting() as act:
        mailbox = Contact(kind=ContactKind.MAILBOX, email="dpo@nasbinals.example")
        dpo = parties.record_contact(act, mailbox, since(2026))
        act.session.flush()
        link = ContactLink(role=ContactRole.DPO, contact=dpo.id)
        parties.name_contact(act, owner.id, link, since(2022))
    assert snapshot(database, owner, date(2021, 1, 1)).persons == ()
    (person,) = snapshot(database, owner, date(2023, 1, 1)).persons
    assert (person.role, person.email) == (ContactRole.DPO, "dpo@nasbinals.example")


def test_an_activity_that_is_linked_but_unknown_is_left_out(database, acting, owner):
    with acting() as act:
        known = contract(owner, "C-2", services=(Service(code="P9"),))
        parties.record_contract(act, known, since(2020))
    found = snapshot(database, owner)
    assert (len(found.contracts), codes(found.activities)) == (2, ["P1"])


def test_many_registers_cost_as_many_statements_as_one(database, acting, owner):
    with acting() as act:
        heads = [
            parties.record_controller(act, f"C-{number}", commune(), since(2020))
            for number in range(49)
        ]
        act.session.flush()
        for head in heads:
            parties.record_contract(act, contract(head), since(2020))
    counted = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *_sent: counted.append(1))
    spent = []
    for ids in ([owner.id], [owner.id, *(head.id for head in heads)]):
        counted.clear()
        with database.reading() as session:
            found = snapshots.registers(session, ids, TODAY)
        spent.append(len(counted))
        assert set(found) == set(ids)
        assert all(codes(each.activities) == ["P1"] for each in found.values())
    assert spent[0] == spent[1] < 20


def test_the_snapshot_of_each_is_the_same_alone_and_among_others(shared_sample):
    with shared_sample.reading() as session:
        ids = list(session.scalars(sa.select(queries.Controller.id)))
        together = snapshots.registers(session, ids, TODAY)
        assert len(together) == 8
        for key in ids:
            assert snapshots.registers(session, [key], TODAY) == {key: together[key]}
        known = history.in_force(session, queries.Controller, TODAY)
    assert {key: each.controller.name for key, each in together.items()} == {
        key: dated.facts.name for key, dated in known.items()
    }


def test_what_we_note_for_ourselves_leaves_with_no_paper(database, acting, owner):
    with acting() as act:
        secret = {"note": "à surveiller", "party_complete": False, "list_annexed": False}
        parties.record_contract(act, contract(owner, "C-9", **secret), since(2020))
    with database.reading() as session:
        ids = [row.id for row in session.query(parties.Contract)]
        papers = list(snapshots.contracts(session, ids, TODAY).values())
        papers += snapshots.registers(session, [owner.id], TODAY).values()
    assert len(papers) == 3
    for paper in papers:
        assert "surveiller" not in paper.stored.decode()
        assert b'"party_complete":false' not in paper.stored
