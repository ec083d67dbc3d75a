"""Where instructions stand, what is outside, who is covered, what is irregular: no database."""

import uuid
from datetime import UTC, date, datetime

import pytest

from registers.assistance import rules
from registers.assistance.facts import Assistance, Certificate, Finding, Intervention, Member
from registers.assistance.rules import Instructed, Taken, Word
from registers.assistance.vocabulary import (
    CommitmentKind,
    ConsentWay,
    Covered,
    Environment,
    Scope,
    Stage,
    Standing,
    Step,
    Way,
)
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.instants import Instant

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 22)
OWNER = uuid.uuid4()
A, C, M, W, E = Step.ACCEPTED, Step.CONTESTED, Step.MAINTAINED, Step.WITHDRAWN, Step.EXECUTED


def steps(*names):
    return [Taken(step, date(2026, 11, place + 1)) for place, step in enumerate(names)]


@pytest.mark.parametrize(
    ("taken", "stands"),
    [
        ([], Standing.RECEIVED),
        ([A], Standing.ACCEPTED),
        ([A, C], Standing.CONTESTED),
        ([C, M], Standing.MAINTAINED),
        ([C, M, A], Standing.ACCEPTED),
        ([C, M, A, E], Standing.EXECUTED),
        ([A, E, C], Standing.EXECUTED),
        ([C, W], Standing.WITHDRAWN),
        ([A, E, C, W], Standing.WITHDRAWN),
        ([W, E], Standing.WITHDRAWN),
    ],
)
def test_where_an_instruction_stands(taken, stands):
    assert rules.standing(steps(*taken)) is stands


@pytest.mark.parametrize(
    ("taken", "step"),
    [([W], A), ([W], C), ([A], A), ([C], C), ([E], A), ([A, E], E), ([A], M), ([A, E, C], E)],
)
def test_what_makes_no_sense_is_refused(taken, step):
    with pytest.raises(Conflict):
        rules.require_possible(step, steps(*taken))


@pytest.mark.parametrize(
    ("taken", "step"),
    [([], A), ([], C), ([A], C), ([C], E), ([A, E], C), ([W], E), ([C], W), ([C], A), ([A], W)],
)
def test_irregular_facts_are_facts(taken, step):
    rules.require_possible(step, steps(*taken))


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        ([A, E], []),
        ([C, M, A, E], []),
        ([C, A, E], []),
        ([E], ["without having been accepted"]),
        ([C, E], ["although it was contested", "without having been accepted"]),
        ([A, C, E], ["although it was contested"]),
        ([A, E, C], ["only after"]),
        ([A, W, E], ["after it had been withdrawn"]),
    ],
)
def test_what_is_odd_is_said(taken, says):
    found = [str(each) for each in rules.oddities(Way.LETTER, True, steps(*taken))]
    assert len(found) == len(says), found
    for part, each in zip(says, found, strict=True):
        assert part in each


def test_a_spoken_instruction_wants_a_document():
    assert [*rules.oddities(Way.SPOKEN, False, [])]
    assert not [*rules.oddities(Way.SPOKEN, True, [])]
    assert not [*rules.oddities(Way.LETTER, False, [])]


AGREED = {"P1": ["Gestion des agents"], "P2": ["Facturation"]}


def instructed(scope, purpose, *, activities=(), standing=Standing.ACCEPTED, code="IN-2026-0001"):
    return Instructed(code, scope, activities, [purpose], standing)


def outside(present, *given):
    return [(each.activity, each.purpose) for each in rules.outside(AGREED, present, given)]


def test_purposes_of_the_contract_are_instructed_whatever_their_case():
    assert outside(AGREED) == []
    assert outside({"P1": ["GESTION des Agents"]}) == []


def test_a_purpose_nobody_instructed_is_outside():
    assert outside({"P1": ["Gestion des agents", "Statistiques"]}) == [("P1", "Statistiques")]


def test_an_accepted_instruction_adds_a_purpose_to_its_activities_only():
    present = {"P1": ["Statistiques"], "P2": ["Statistiques"]}
    everywhere = instructed(Scope.PURPOSE, "statistiques")
    assert outside(present, everywhere) == []
    here = instructed(Scope.PURPOSE, "Statistiques", activities=["P1"])
    assert outside(present, here) == [("P2", "Statistiques")]


@pytest.mark.parametrize(
    "standing",
    [Standing.RECEIVED, Standing.CONTESTED, Standing.MAINTAINED, Standing.WITHDRAWN],
)
def test_one_that_is_not_accepted_adds_none(standing):
    given = instructed(Scope.PURPOSE, "Statistiques", standing=standing)
    assert outside({"P1": ["Statistiques"]}, given) == [("P1", "Statistiques")]


def test_a_purpose_that_was_given_up_is_outside_until_it_is_instructed_again():
    stop = instructed(Scope.STOP, "Facturation", code="IN-2026-0002")
    (found,) = rules.outside(AGREED, AGREED, [stop])
    assert (found.activity, found.against) == ("P2", "IN-2026-0002")
    assert "IN-2026-0002" in str(found.says)
    again = instructed(Scope.PURPOSE, "Facturation")
    assert rules.outside(AGREED, AGREED, [stop, again]) == []


def assistance(**more):
    return Assistance(controller=OWNER, title="Audit annuel", **more)


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        ({}, Stage.ASKED),
        ({"planned_on": DAY}, Stage.PLANNED),
        ({"planned_on": DAY, "held_on": DAY}, Stage.HELD),
        ({"held_on": DAY, "findings": (Finding(says="Journaux"),)}, Stage.FINDINGS),
        ({"reported_on": DAY}, Stage.FINDINGS),
        ({"held_on": DAY, "closed_on": DAY}, Stage.CLOSED),
    ],
)
def test_how_far_assistance_has_come(known, stage):
    assert rules.stage(assistance(**known)) is stage


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"title": "  "}, "title"),
        ({"asked_on": date(2026, 11, 24)}, "asked_on"),
        ({"held_on": date(2026, 11, 24)}, "held_on"),
        ({"planned_on": date(2027, 2, 2), "planned_until": date(2027, 2, 1)}, "planned_until"),
        ({"held_on": date(2026, 2, 2), "held_until": date(2026, 2, 1)}, "held_until"),
        ({"asked_on": date(2026, 2, 2), "closed_on": date(2026, 2, 1)}, "closed_on"),
        ({"findings": (Finding(says="x", done_on=date(2026, 12, 1)),)}, "findings"),
    ],
)
def test_assistance_that_cannot_be_is_refused(known, field):
    with pytest.raises(Invalid) as refused:
        rules.checked_assistance(Assistance(**{"controller": OWNER, "title": "x", **known}), NOW)
    assert refused.value.field == field


def test_an_audit_may_be_planned():
    rules.checked_assistance(assistance(planned_on=date(2027, 2, 2)), NOW)


def test_a_day_that_has_begun_somewhere_is_not_to_come():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert rules.last_day(late) == date(2026, 11, 23)
    assert rules.last_day(NOW) == DAY


def at(hour, day=21):
    return Instant(on=date(2026, 11, day), at=f"{hour:02d}:00")


REGULAR = {
    "controller": OWNER,
    "title": "Import bloqué",
    "ticket": "T-1",
    "operators": ("Maël Riou",),
    "consent_by": "Odile Chabrol",
    "consent_at": at(9),
    "consent_way": ConsentWay.ON_SCREEN,
    "opened": at(10),
    "seen": "La file d’import.",
    "kept": False,
    "closed": at(11),
    "restored": True,
    "report": "File relancée.",
}


def intervention(**more):
    return Intervention(**{**REGULAR, **more})


def test_a_regular_intervention_has_no_findings():
    assert rules.irregular(intervention()) == []
    assert rules.irregular(Intervention(controller=OWNER, title="x", ticket="T-2")) == []


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"ticket": ""}, "ticket"),
        ({"consent_at": None}, "without an express consent"),
        ({"consent_by": " "}, "without an express consent"),
        ({"consent_at": at(10, 22)}, "before the consent"),
        ({"environment": Environment.PRODUCTION}, "formal written agreement"),
        ({"kept": True, "kept_what": "Un extrait"}, "without an express authorisation"),
        ({"kept": None}, "whether data were kept"),
        ({"report": ""}, "no report"),
        ({"restored": None}, "as before"),
        ({"restored": False}, "as before"),
    ],
)
def test_what_was_not_as_promised_is_said(known, says):
    (found,) = rules.irregular(intervention(**known))
    assert says in str(found)


def test_production_with_a_formal_agreement_is_regular():
    formal = {"environment": Environment.PRODUCTION, "consent_way": ConsentWay.WRITTEN}
    assert rules.irregular(intervention(**formal)) == []


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"title": ""}, "title"),
        ({"closed": at(9)}, "closed"),
        ({"opened": at(10, 23), "closed": None}, "opened"),
        ({"opened": Instant(on=DAY, at="25:00")}, "opened"),
        ({"kept": True, "kept_what": " "}, "kept_what"),
    ],
)
def test_an_intervention_that_cannot_be_is_refused(known, field):
    with pytest.raises(Invalid) as refused:
        rules.checked_intervention(intervention(**known), NOW)
    assert refused.value.field == field


def test_no_field_holds_credentials():
    names = " ".join(Intervention.__struct_fields__)
    for word in ("password", "credential", "login", "secret", "code"):
        assert word not in names


def test_people_and_certificates_end_after_they_begin():
    with pytest.raises(Invalid):
        rules.checked_member(Member(name="Maël", joined_on=DAY, left_on=date(2026, 1, 1)), NOW)
    with pytest.raises(Invalid):
        rules.checked_certificate(
            Certificate(title="HDS", starts_on=DAY, ends_on=date(2026, 1, 1)), NOW
        )


U, T = CommitmentKind.CONFIDENTIALITY, CommitmentKind.TRAINING


def states(*words):
    return {each.kind: each.state for each in rules.covers(words, DAY)}


def test_who_signed_nothing_is_not_covered():
    assert states() == {U: Covered.MISSING, T: Covered.MISSING}
    assert [each.kind for each in rules.gaps(rules.covers([], DAY))] == [U, T]


@pytest.mark.parametrize(
    ("again", "state"),
    [
        (None, Covered.GOOD),
        (date(2027, 6, 1), Covered.GOOD),
        (date(2027, 1, 21), Covered.SOON),
        (date(2027, 1, 22), Covered.GOOD),
        (DAY, Covered.SOON),
        (date(2026, 11, 21), Covered.OVER),
    ],
)
def test_a_training_is_due_again_after_its_last_day(again, state):
    assert states(Word(T, date(2025, 1, 1), again))[T] is state


def test_what_holds_longest_counts():
    old, new = Word(T, date(2020, 1, 1), date(2022, 1, 1)), Word(T, date(2026, 1, 1), None)
    assert states(old, new)[T] is Covered.GOOD
    assert states(new, old)[T] is Covered.GOOD
