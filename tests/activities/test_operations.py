"""The register on both databases: drafts, validations, measures, and what follows from them."""

import uuid
from datetime import date

import pytest
from msgspec.structs import replace

from registers.activities import operations, queries
from registers.activities.facts import Activity, DataCategory, Measure, Use
from registers.activities.models import Activity as Head
from registers.activities.models import ActivityValidation, ActivityVersion
from registers.activities.vocabulary import Family, Sensitivity
from registers.kernel import history
from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.people.roles import Permission
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.facts import Subprocessor
from tests.registers import EVERYTHING, count, entries, since

BADGES = Measure(name="Badges", description="Portes", family=Family.PHYSICAL, articles=("b",))
SUPPORT = Activity(name="Support", measures=("M-1",), subprocessors=(Use(code="OVH"),))


@pytest.fixture
def catalogue(acting):
    """A measure and a sub-processor that activities can name."""
    with acting() as act:
        measure = operations.record_measure(act, "M-1", BADGES, since(2018))
        subprocessors.record(act, "OVH", Subprocessor(name="OVH"), since(2018))
    return measure


def record(acting, code="P2", known=SUPPORT, how=None):
    with acting() as act:
        return operations.record_activity(act, code, known, how or since(2026))


def change(acting, head, known, base, how):
    with acting() as act:
        return operations.change_activity(act, head.id, known, base, how)


def validate(acting, head, number):
    with acting() as act:
        operations.validate_activity(act, head.id, number)


def in_force(database, year, month=1, day=1):
    with database.reading() as session:
        found = queries.activities_in_force(session, date(year, month, day))
    return {code: dated.facts.name for code, dated in found.items()}


def test_a_draft_is_not_in_force_until_the_dpo_says_so(database, acting, catalogue):
    head = record(acting)
    assert head.is_draft
    assert in_force(database, 2026, 6) == {}
    validate(acting, head, 1)
    assert in_force(database, 2025, 12, 31) == {}
    assert in_force(database, 2026) == in_force(database, 2030) == {"P2": "Support"}
    with database.reading() as session:
        assert not queries.activity(session, "P2").is_draft
        validation = queries.validations(session, head.id)[1]
    assert validation.author == "console"


def test_a_validated_version_holds_until_the_next_validated_one_takes_effect(
    database, acting, catalogue
):
    head = record(acting)
    validate(acting, head, 1)
    change(acting, head, replace(SUPPORT, name="Assistance"), 1, since(2026, 7))
    assert in_force(database, 2026, 8) == {"P2": "Support"}
    validate(acting, head, 2)
    assert in_force(database, 2026, 6, 30) == {"P2": "Support"}
    assert in_force(database, 2026, 7) == {"P2": "Assistance"}


def test_a_correction_of_the_past_is_in_force_once_validated(database, acting, catalogue):
    head = record(acting)
    validate(acting, head, 1)
    change(acting, head, replace(SUPPORT, name="Futur"), 1, since(2028))
    validate(acting, head, 2)
    change(acting, head, replace(SUPPORT, name="Corrigé"), 2, since(2026))
    assert in_force(database, 2026) == {"P2": "Support"}
    validate(acting, head, 3)
    assert in_force(database, 2027) == {"P2": "Corrigé"}
    assert in_force(database, 2028) == {"P2": "Futur"}


def test_only_the_version_recorded_last_is_validated_and_once(database, acting, catalogue):
    head = record(acting)
    change(acting, head, replace(SUPPORT, name="Deux"), 1, since(2026, 2))
    for number in (0, 1, 3):
        with pytest.raises(Conflict, match="newer version"):
            validate(acting, head, number)
    validate(acting, head, 2)
    with pytest.raises(Conflict, match="already"):
        validate(acting, head, 2)
    with pytest.raises(NotFound):
        with acting() as act:
            operations.validate_activity(act, uuid.uuid4(), 1)
    assert count(database, ActivityValidation) == 1
    assert in_force(database, 2026, 1) == {}  # the first version was never validated
    assert in_force(database, 2026, 2) == {"P2": "Deux"}


def test_an_ended_activity_is_in_force_to_its_last_day(database, acting, catalogue):
    head = record(acting, known=replace(SUPPORT, ended_on=date(2026, 6, 30)))
    validate(acting, head, 1)
    assert in_force(database, 2026, 6, 30) == {"P2": "Support"}
    assert in_force(database, 2026, 7, 1) == {}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"measures": ("M-1", "M-9", "M-8")}, "M-8, M-9"),
        ({"subprocessors": (Use(code="AWS"),)}, "AWS"),
    ],
)
def test_codes_that_are_not_on_record_are_refused(database, acting, catalogue, changes, named):
    head, known = record(acting), replace(SUPPORT, **changes)
    for attempt in (
        lambda: record(acting, "P3", known),
        lambda: change(acting, head, known, 1, since(2026, 2)),
    ):
        with pytest.raises(Invalid, match=named) as refused:
            attempt()
        assert refused.value.field in changes
    assert count(database, ActivityVersion) == 1


def test_a_stale_an_empty_and_a_lost_change(database, acting, catalogue):
    head = record(acting)
    with pytest.raises(Conflict):
        change(acting, head, replace(SUPPORT, name="x"), 0, since(2026))
    assert change(acting, head, SUPPORT, 1, since(2026)) == []
    with pytest.raises(NotFound), acting() as act:
        operations.change_activity(act, uuid.uuid4(), SUPPORT, 1, since(2026))
    with pytest.raises(Invalid, match="taken"):
        record(acting)
    assert count(database, ActivityVersion) == 1


def test_the_list_shows_whether_an_activity_is_sensitive_and_what_it_lacks(
    database, acting, catalogue
):
    health = DataCategory(name="Santé", sensitivity=Sensitivity.HEALTH)
    head = record(acting, known=replace(SUPPORT, data=(health,)))
    assert (head.sensitive, head.findings, head.missing) == (True, 2, 6)
    answered = replace(SUPPORT, no_transfer=True)
    change(acting, head, answered, 1, since(2026, 2))
    with database.reading() as session:
        shown = queries.activity(session, "P2")
    assert (shown.sensitive, shown.findings, shown.missing) == (False, 0, 6)


def test_a_measure_changes_for_all_activities_from_its_day(database, acting, catalogue):
    with acting() as act:
        changed = operations.change_measure(
            act, catalogue.id, replace(BADGES, name="Badges RFID"), 1, since(2026, 6)
        )
    assert changed == ["name"]
    with database.reading() as session:
        head = queries.measure(session, "M-1")
        names = [
            history.in_force(session, type(head), date(2026, month, 1))[head.id].facts.name
            for month in (5, 6)
        ]
        assert names == ["Badges", "Badges RFID"]
        assert queries.measure_names(session) == {"M-1": "Badges RFID"}
    with pytest.raises(Conflict), acting() as act:
        operations.change_measure(act, catalogue.id, BADGES, 1, since(2026, 7))
    with pytest.raises(Invalid, match="taken"), acting() as act:
        operations.record_measure(act, "M-1", BADGES, since(2026))


def test_an_abandoned_draft_gives_way_to_what_was_validated_before(database, acting, catalogue):
    head = record(acting)
    with acting() as act:
        operations.validate_activity(act, head.id, 1)
    change(acting, head, replace(SUPPORT, name="Other"), 1, since(2026, 6))
    with acting() as act:
        operations.abandon_draft(act, head.id, 2, "Draft abandoned")
    with database.reading() as session:
        kept = session.get_one(type(head), head.id)
        assert (kept.name, kept.latest, kept.validated) == ("Support", 3, 3)
        held = queries.activities_in_force(session, date(2026, 7, 1))["P2"]
        assert (held.facts, held.reason) == (SUPPORT, "Draft abandoned")
    assert [each.kind for each in entries(database)][-2:] == [
        "activity.abandoned",
        "activity.validated",
    ]


def test_what_was_validated_or_never_was_cannot_be_abandoned(acting, catalogue):
    head = record(acting)
    with pytest.raises(Conflict), acting() as act:
        operations.abandon_draft(act, head.id, 1, "")
    with acting() as act:
        operations.validate_activity(act, head.id, 1)
    with pytest.raises(Conflict), acting() as act:
        operations.abandon_draft(act, head.id, 1, "")


NEEDED = {
    "abandon_draft": Permission.REGISTER_VALIDATE,
    "record_activity": Permission.REGISTER_EDIT,
    "change_activity": Permission.REGISTER_EDIT,
    "validate_activity": Permission.REGISTER_VALIDATE,
    "record_measure": Permission.REGISTER_EDIT,
    "change_measure": Permission.REGISTER_EDIT,
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # asked before any row
@pytest.mark.parametrize("verb", NEEDED)
def test_each_operation_asks_for_its_permission(database, acting, catalogue, verb):
    head = record(acting)
    before = len(entries(database))
    how = since(2026, 6)
    arguments = {
        "record_activity": ("P3", SUPPORT, how),
        "change_activity": (head.id, replace(SUPPORT, name="x"), 1, how),
        "validate_activity": (head.id, 1),
        "abandon_draft": (head.id, 1, "no"),
        "record_measure": ("M-2", BADGES, how),
        "change_measure": (catalogue.id, replace(BADGES, name="x"), 1, how),
    }[verb]
    without = Actor("user", EVERYTHING.permissions - {NEEDED[verb]})
    with pytest.raises(Forbidden), acting(without) as act:
        getattr(operations, verb)(act, *arguments)
    assert len(entries(database)) == before
    assert count(database, Head) == 1
