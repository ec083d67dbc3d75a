"""Versions: any past day can be read again, whatever was recorded since, in whatever order."""

import itertools
import uuid
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from registers.activities import operations
from registers.activities.facts import Measure as Facts
from registers.activities.models import Measure, MeasureVersion
from registers.activities.operations import MEASURE_CHANGED
from registers.controllers.facts import ContactLink, Contract, Span, Terms
from registers.controllers.vocabulary import Channel, ContactRole
from registers.kernel import audit, history
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import How
from registers.kernel.periods import Unit
from registers.people.roles import Permission
from tests.registers import commune, count, entries, since

START = date(2026, 1, 1)
NUMBERS = itertools.count()
BEGUN = Facts(name="Badges", description="Portes fermées")


def on(day):
    return START + timedelta(days=day)


def record(acting, *versions, code="M-1"):
    """A measure with these versions: pairs of a day after the start and of facts."""
    (first_day, first), *others = versions
    with acting() as act:
        head = operations.record_measure(act, code, first, How(on(first_day), ""))
        for day, known in others:
            act.session.flush()
            operations.change_measure(act, head.id, known, head.latest, How(on(day), ""))
    return head


def facts_on(database, day, *ids):
    with database.reading() as session:
        found = history.in_force(session, Measure, on(day), ids or None)
    return {key: dated.facts for key, dated in found.items()}


RECORDINGS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("abcd")), min_size=1, max_size=9
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RECORDINGS)
def test_in_force_is_what_took_effect_last_then_what_was_recorded_last(
    database, acting, recordings
):
    versions = [(day, replace(BEGUN, name=name)) for day, name in recordings]
    head = record(acting, *versions, code=f"M-{next(NUMBERS)}")
    kept = []

    def held(day):
        past = [(since_day, number) for number, (since_day, _) in enumerate(kept)]
        holding = max((each for each in past if each[0] <= day), default=None)
        return None if holding is None else kept[holding[1]][1]

    for day, known in versions:
        if held(day) != known:  # what the day says already is no version
            kept.append((day, known))
    assert head.latest == len(kept)
    for day in range(-1, 14):
        expected = {} if held(day) is None else {head.id: held(day)}
        assert facts_on(database, day, head.id) == expected


def test_a_correction_of_the_past_covers_the_days_until_the_next_version(database, acting):
    head = record(
        acting,
        (0, BEGUN),
        (100, replace(BEGUN, name="Sas")),
        (50, replace(BEGUN, name="Badges nominatifs")),
        (0, replace(BEGUN, name="Clés")),
    )
    named = [facts_on(database, day)[head.id].name for day in (0, 49, 50, 99, 100, 5_000)]
    assert named == ["Clés", "Clés", "Badges nominatifs", "Badges nominatifs", "Sas", "Sas"]
    assert facts_on(database, -1) == {}


def test_a_version_to_come_is_in_force_from_its_day(database, acting):
    head = record(acting, (0, BEGUN), (400, replace(BEGUN, name="Sas")))
    assert facts_on(database, 399)[head.id].name == "Badges"
    assert facts_on(database, 400)[head.id].name == "Sas"


def heads_named(database, head):
    with database.reading() as session:
        return session.get_one(Measure, head.id).name


def test_lists_show_what_takes_effect_last_not_a_correction_of_the_past(database, acting):
    head = record(
        acting, (0, BEGUN), (100, replace(BEGUN, name="Sas")), (50, replace(BEGUN, name="Clés"))
    )
    assert heads_named(database, head) == "Sas"
    with acting() as act:
        new = replace(BEGUN, name="Sas double")
        operations.change_measure(act, head.id, new, 3, How(on(100), ""))
    assert heads_named(database, head) == "Sas double"


def test_of_many_subjects_each_has_its_own_version(database, acting):
    heads = [
        record(acting, *[(day, replace(BEGUN, name=f"{code} {day}")) for day in range(code + 1)],
               code=f"M-{code}")
        for code in range(4)
    ]  # fmt: skip
    found = facts_on(database, 2)
    assert [found[head.id].name for head in heads] == ["0 0", "1 1", "2 2", "3 2"]
    assert set(facts_on(database, 2, heads[0].id, uuid.uuid4())) == {heads[0].id}
    assert facts_on(database, 2, uuid.uuid4()) == {}
    with database.reading() as session:
        recorded = history.all_latest(session, Measure, [head.id for head in heads])
        assert [recorded[head.id].name for head in heads] == ["0 0", "1 1", "2 2", "3 3"]
        assert history.in_force(session, Measure, on(2), ()) == {}


def test_before_the_first_version_the_first_one_stands_for_it(database, acting):
    head = record(
        acting, (10, BEGUN), (20, replace(BEGUN, name="Sas")), (10, replace(BEGUN, name="Clés"))
    )
    with database.reading() as session:
        for day, name in ((0, "Clés"), (10, "Clés"), (20, "Sas")):
            assert history.known_on(session, Measure, on(day), [head.id])[head.id].name == name


def test_a_version_says_who_recorded_it_when_and_why(database, acting, clock):
    with acting() as act:
        head = operations.record_measure(act, "M-1", BEGUN, since(2020, 5, 4, "Audit"))
    with database.reading() as session:
        (version,) = history.versions(session, head)
        dated = history.in_force(session, Measure, date(2026, 1, 1))[head.id]
    assert (version.number, version.effective_from, version.reason) == (
        1,
        date(2020, 5, 4),
        "Audit",
    )
    assert (version.author, version.recorded_at, version.taken_over) == ("console", clock(), False)
    assert dated == (
        BEGUN, 1, date(2020, 5, 4), clock(), version.id, "console", "Audit", False
    )  # fmt: skip


def test_versions_are_told_the_newest_first(database, acting):
    later = replace(BEGUN, name="c")
    head = record(acting, (5, BEGUN), (1, replace(BEGUN, name="b")), (9, later))
    with database.reading() as session:
        assert [each.number for each in history.versions(session, head)] == [3, 2, 1]
        assert history.latest(session, session.get_one(Measure, head.id)) == later


def test_whoever_started_from_an_older_version_is_told_and_nothing_is_lost(database, acting):
    head = record(acting, (0, BEGUN), (1, replace(BEGUN, name="b")))
    for base in (0, 1, 3):
        with pytest.raises(Conflict, match="version 2 was recorded meanwhile"), acting() as act:
            known = replace(BEGUN, name="c")
            operations.change_measure(act, head.id, known, base, How(on(2), ""))
    assert count(database, MeasureVersion) == 2
    assert facts_on(database, 2)[head.id].name == "b"


def test_what_a_day_says_already_is_no_version(database, acting):
    head = record(acting, (0, BEGUN))
    with acting() as act:
        assert operations.change_measure(act, head.id, BEGUN, 1, How(on(0), "again")) == []
    assert count(database, MeasureVersion) == 1
    assert len(entries(database)) == 1
    with acting() as act:
        assert operations.change_measure(act, head.id, BEGUN, 1, How(on(9), "later")) == []
    assert count(database, MeasureVersion) == 1
    with acting() as act:
        assert operations.change_measure(act, head.id, BEGUN, 1, How(on(-9), "since")) == []
    assert count(database, MeasureVersion) == 2
    assert facts_on(database, -9)[head.id] == BEGUN


def test_the_journal_names_the_changed_fields_and_keeps_their_values_beside_the_chain(
    database, acting
):
    record(acting, (0, BEGUN), (1, replace(BEGUN, name="Sas", evidence="Rapport")))
    _, entry = entries(database)
    assert entry.kind == "measure.changed"
    assert entry.facts == (
        '{"changed":["evidence","name"],"effective_from":"2026-01-02","number":2}'
    )
    with database.reading() as session:
        content = session.get_one(audit.EntryValues, entry.values_id).content
    assert content == (
        '{"after":{"evidence":"Rapport","name":"Sas"},'
        '"before":{"evidence":"","name":"Badges"},"reason":""}'
    )


@pytest.mark.parametrize("code", ["", " ", "M 1", "M/1", "x" * 61, "M\n1", "<b>"])
def test_what_nobody_can_quote_is_no_code(acting, code):
    with pytest.raises(Invalid) as refused, acting() as act:
        operations.record_measure(act, code, BEGUN, since(2026))
    assert refused.value.field == "code"


def test_a_code_is_taken_once_even_within_one_act(acting):
    with pytest.raises(Invalid, match="taken"), acting() as act:
        operations.record_measure(act, " M-1 ", BEGUN, since(2026))
        operations.record_measure(act, "M-1", BEGUN, since(2026))
    with acting() as act:
        assert operations.record_measure(act, "É.1_a-b", BEGUN, since(2026)).code == "É.1_a-b"


def test_a_change_from_a_day_on_lasts_through_what_takes_effect_later(database, acting):
    head = record(
        acting, (0, BEGUN), (100, replace(BEGUN, name="Sas")), (200, replace(BEGUN, name="Clés"))
    )
    with acting() as act:
        act.require(Permission.REGISTER_EDIT)
        taken = act.take(Measure, head.id)
        changed = history.revise(
            act,
            taken,
            lambda known: replace(known, evidence="Rapport"),
            How(on(50), "").by(MEASURE_CHANGED),
        )
    assert changed == ["evidence"]
    found = [facts_on(database, day)[head.id] for day in (0, 50, 100, 200)]
    assert [(known.name, known.evidence) for known in found] == [
        ("Badges", ""),
        ("Badges", "Rapport"),
        ("Sas", "Rapport"),
        ("Clés", "Rapport"),
    ]


def test_emptied_facts_leave_the_version_and_its_day(database, acting):
    head = record(acting, (0, BEGUN))
    with acting() as act:
        act.allow_erasing(Permission.REGISTER_EDIT)
        act.session.execute(sa.update(MeasureVersion).values(facts=None))
        act.log(MEASURE_CHANGED, head, number=1, effective_from=on(0), changed=["name"])
    assert facts_on(database, 5) == {}
    with database.reading() as session:
        assert [version.facts for version in history.versions(session, head)] == [None]


def said(changes):
    return [
        (str(change.field), tuple(map(str, change.item)), change.before, change.after)
        for change in changes
    ]


def test_plain_fields_are_compared_one_by_one():
    assert history.compare(BEGUN, BEGUN) == []
    after = replace(BEGUN, name="Sas", evidence="Rapport")
    assert said(history.compare(BEGUN, after)) == [
        ("Name", (), "Badges", "Sas"),
        ("Evidence", (), "", "Rapport"),
    ]


def test_compared_with_nothing_only_what_is_known_is_new():
    assert {str(change.field) for change in history.compare(None, BEGUN)} == {
        "Name",
        "Description",
        "Family",
    }


NOBODY, SOMEBODY = uuid.UUID(int=1), uuid.UUID(int=2)


def test_items_of_lists_are_compared_under_their_names():
    notice = ContactLink(role=ContactRole.NOTICE, contact=NOBODY)
    breach = ContactLink(role=ContactRole.BREACH, contact=NOBODY)
    other = replace(notice, contact=SOMEBODY)
    before = commune(contacts=(notice, breach))
    assert said(history.compare(before, commune(contacts=(breach, notice)))) == []
    assert said(history.compare(before, commune(contacts=(other, breach)))) == [
        ("Points of contact", ("Notices",), notice, other)
    ]
    assert said(history.compare(before, commune(contacts=(notice, other, breach)))) == [
        ("Points of contact", ("Notices",), None, other)
    ]
    assert said(history.compare(before, commune())) == [
        ("Points of contact", ("Notices",), notice, None),
        ("Points of contact", ("Breaches",), breach, None),
    ]


def test_parts_of_a_field_are_compared_one_by_one():
    before = Contract(controller=NOBODY, reference="C-1")
    terms = Terms(
        breach_hours=24,
        breach_channels=(Channel.EMAIL,),
        notice=Span(3, Unit.MONTHS),
        renewals=None,
    )
    assert said(history.compare(before, replace(before, terms=terms))) == [
        ("Terms", ("Breach: hours to notify",), 48, 24),
        (
            "Terms",
            ("Breach: channels", "Registered letter"),
            Channel.REGISTERED_LETTER,
            None,
        ),
        ("Terms", ("Renewals at most",), 2, None),
        ("Terms", ("Notice before the end", "How long"), 2, 3),
    ]


def test_stored_facts_come_back_and_unknown_ones_are_refused():
    assert Facts.of(BEGUN.stored()) == BEGUN
    for wrong in ({"name": "x", "colour": "red"}, {}, {"name": 1}, None, []):
        with pytest.raises(Invalid, match="expected form"):
            Facts.of(wrong)


def test_a_clock_without_a_zone_is_refused(acting):
    with pytest.raises(sa.exc.StatementError), acting() as act:
        act.now = datetime(2026, 1, 1)
        operations.record_measure(act, "M-1", BEGUN, since(2026))
