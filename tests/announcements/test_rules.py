"""When a sub-processor may start: the window of each contract, receipts, objections."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.announcements import rules
from registers.announcements.rules import Case, Objection, Place, Receipt, standing
from registers.announcements.vocabulary import ChangeKind, Outcome, State
from registers.controllers.facts import Terms
from registers.controllers.vocabulary import Authorisation, Effect
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.notices import vocabulary
from registers.notices.vocabulary import Evidence, Grade, grade

TERMS = Terms()
FRANCE = Place("FR", "Europe/Paris")
RECEIVED = date(2026, 4, 1)
LAST = date(2026, 5, 19)


@pytest.mark.parametrize(
    ("calendar", "zone", "closes_on"),
    [
        ("FR", "Europe/Paris", date(2026, 5, 19)),
        ("FR-67", "Europe/Paris", date(2026, 5, 20)),
        ("BE", "Europe/Brussels", date(2026, 5, 18)),
        ("LU", "Europe/Luxembourg", date(2026, 5, 18)),
        ("DE-BY", "Europe/Berlin", date(2026, 5, 19)),
    ],
)
def test_each_controller_has_the_window_of_its_own_calendar(calendar, zone, closes_on):
    place = Place(calendar, zone)
    assert rules.window(TERMS, place, RECEIVED).due == closes_on


def test_the_switch_of_a_commune_shortens_the_window_in_alsace():
    place = Place("FR-67", "Europe/Paris", good_friday=False)
    assert rules.window(TERMS, place, RECEIVED).due == date(2026, 5, 19)


def test_the_start_waits_for_our_own_calendar_and_for_the_post():
    belgian = rules.window(TERMS, Place("BE", "Europe/Brussels"), RECEIVED).due
    assert rules.free_on(belgian, TERMS, FRANCE, RECEIVED, 0) == date(2026, 5, 20)
    assert rules.free_on(belgian, TERMS, FRANCE, RECEIVED, 2) == date(2026, 5, 22)
    alsatian = rules.window(TERMS, Place("FR-67", "Europe/Paris"), RECEIVED).due
    assert rules.free_on(alsatian, TERMS, FRANCE, RECEIVED, 0) == date(2026, 5, 21)


def test_a_contract_without_a_number_has_no_window():
    with pytest.raises(Invalid):
        rules.window(Terms(objection_amount=None), FRANCE, RECEIVED)


@pytest.mark.parametrize(
    ("kind", "terms", "new_transfer", "expected"),
    [
        (ChangeKind.ADDITION, Terms(), False, Effect.WINDOW),
        (ChangeKind.REPLACEMENT, Terms(authorisation=None), False, Effect.WINDOW),
        (ChangeKind.RELOCATION, Terms(), True, Effect.AGREEMENT),
        (ChangeKind.ADDITION, Terms(authorisation=Authorisation.SPECIFIC), False, Effect.AGREEMENT),
        (
            ChangeKind.ADDITION,
            Terms(authorisation=Authorisation.MIXED, specific_activities=("P6",)),
            False,
            Effect.WINDOW,
        ),
        (
            ChangeKind.ADDITION,
            Terms(authorisation=Authorisation.MIXED, specific_activities=("P4",)),
            False,
            Effect.AGREEMENT,
        ),
        (ChangeKind.ADDITION, Terms(objection_amount=None), False, Effect.AGREEMENT),
        (ChangeKind.REMOVAL, Terms(authorisation=Authorisation.SPECIFIC), True, Effect.INFORMATION),
    ],
)
def test_what_a_change_needs_follows_from_the_terms(kind, terms, new_transfer, expected):
    assert rules.effect(kind, terms, ["P1", "P4"], new_transfer=new_transfer) is expected


def test_no_machine_proves_that_a_person_received():
    never = {
        Evidence.TRANSPORT,
        Evidence.DELIVERY_REPORT,
        Evidence.READ_RECEIPT,
        Evidence.PAGE_VIEW,
    }
    assert {each for each in Evidence if grade(each) is Grade.NONE} == never
    assert not vocabulary.STRONG & vocabulary.WEAK


def test_the_strongest_evidence_counts_and_among_equals_the_latest_day():
    reply = Receipt(Evidence.REPLY, date(2026, 4, 9))
    first = Receipt(Evidence.PORTAL, date(2026, 4, 2))
    second = Receipt(Evidence.HAND_OVER, date(2026, 4, 3))
    opened = Receipt(Evidence.PAGE_VIEW, date(2026, 4, 1))
    assert rules.receipt([opened]) is None
    assert rules.receipt([opened, reply]) == reply
    assert rules.receipt([second, reply, first]) == second


def matter(**known):
    told = {
        "effect": Effect.WINDOW,
        "sent_on": date(2026, 3, 31),
        "receipt": Receipt(Evidence.PORTAL, RECEIVED),
        "closes_on": LAST,
        "free_on": LAST + timedelta(days=1),
    }
    return Case(**{**told, **known})


@pytest.mark.parametrize(
    ("known", "today", "state"),
    [
        ({"sent_on": None, "receipt": None}, LAST, State.AWAITING_DISPATCH),
        ({"receipt": None}, date(2027, 1, 1), State.AWAITING_RECEIPT),
        ({"receipt": Receipt(Evidence.REPLY, RECEIVED)}, date(2027, 1, 1), State.PROVISIONAL),
        ({}, LAST, State.OPEN),
        ({"free_on": date(2026, 5, 22)}, date(2026, 5, 21), State.OPEN),
        ({}, LAST + timedelta(days=1), State.MAY_START),
        ({"effect": Effect.AGREEMENT}, date(2027, 1, 1), State.AWAITING_AGREEMENT),
        ({"effect": Effect.AGREEMENT, "agreed_on": LAST}, LAST, State.MAY_START),
        ({"agreed_on": date(2026, 4, 10)}, date(2026, 4, 10), State.MAY_START),
        ({"effect": Effect.INFORMATION, "receipt": None}, RECEIVED, State.MAY_START),
        ({"contract_ended_on": date(2026, 4, 30)}, date(2026, 5, 1), State.CONTRACT_ENDED),
        ({"engaged_on": LAST + timedelta(days=1)}, date(2027, 1, 1), State.ENGAGED),
        ({"engaged_on": LAST}, date(2027, 1, 1), State.IRREGULAR),
        ({"engaged_on": LAST, "agreed_on": RECEIVED}, date(2027, 1, 1), State.ENGAGED),
        ({"engaged_on": LAST, "receipt": None}, date(2027, 1, 1), State.IRREGULAR),
    ],
)
def test_where_a_contract_stands(known, today, state):
    assert standing(matter(**known), today).state is state


@pytest.mark.parametrize(
    ("objection", "state"),
    [
        (Objection(LAST), State.HELD),
        (Objection(LAST + timedelta(days=6), posted_on=LAST), State.HELD),
        (Objection(LAST + timedelta(days=1)), State.MAY_START),
        (Objection(LAST, outcome=Outcome.WITHDRAWN), State.MAY_START),
        (Objection(LAST, outcome=Outcome.ACCOMMODATED), State.HELD),
        (Objection(LAST, outcome=Outcome.UPHELD), State.REFUSED),
        (Objection(LAST + timedelta(days=1), outcome=Outcome.UPHELD), State.MAY_START),
    ],
)
def test_an_objection_in_time_holds_until_it_is_withdrawn_in_writing(objection, state):
    after = LAST + timedelta(days=30)
    assert standing(matter(objections=(objection,)), after).state is state


def test_no_objection_is_late_while_no_window_can_have_lapsed():
    late = Objection(date(2027, 1, 1))
    weak = Receipt(Evidence.SPOKEN, RECEIVED)
    assert standing(matter(receipt=weak, objections=(late,)), date(2027, 2, 1)).state is State.HELD


def test_a_correction_never_shortens_what_was_told():
    assert rules.reopened(LAST, LAST - timedelta(days=3)) == LAST
    assert rules.reopened(LAST, LAST + timedelta(days=3)) == LAST + timedelta(days=3)


DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))
PLACES = st.sampled_from(
    [
        FRANCE,
        Place("FR-67", "Europe/Paris"),
        Place("BE", "Europe/Brussels"),
        Place("FR-974", "Indian/Reunion"),
    ]
)


@given(DAYS, PLACES, PLACES, st.integers(0, 10), st.sampled_from([Unit.BUSINESS_DAYS, Unit.DAYS]))
def test_nothing_starts_before_both_calendars_let_the_window_end(day, theirs, ours, margin, unit):
    terms = Terms(objection_unit=unit)
    closes_on = rules.window(terms, theirs, day).due
    free_on = rules.free_on(closes_on, terms, ours, day, margin)
    assert free_on > closes_on
    assert free_on > rules.window(terms, ours, day).due
    assert rules.free_on(closes_on, terms, ours, day, margin + 1) > free_on


EVIDENCE = st.builds(Receipt, st.sampled_from(list(Evidence)), DAYS)
OBJECTIONS = st.builds(Objection, DAYS, st.none() | DAYS, st.sampled_from(list(Outcome)))


@given(
    st.builds(
        Case,
        effect=st.sampled_from(list(Effect)),
        sent_on=st.none() | DAYS,
        receipt=st.none() | EVIDENCE,
        closes_on=st.none() | DAYS,
        free_on=st.none() | DAYS,
        objections=st.lists(OBJECTIONS, max_size=3).map(tuple),
        agreed_on=st.none() | DAYS,
        engaged_on=st.none() | DAYS,
        contract_ended_on=st.none() | DAYS,
    ),
    DAYS,
)
def test_every_matter_stands_somewhere_and_nothing_starts_unproven(found, today):
    stands = standing(found, today)
    assert stands.says
    if stands.state is State.MAY_START and not found.agreed_on:
        assert found.sent_on
        if found.effect is Effect.WINDOW:
            assert found.receipt.grade is Grade.STRONG
            assert today >= found.free_on
        assert found.effect is not Effect.AGREEMENT
    if stands.state is State.MAY_START:
        assert not any(
            each.outcome is not Outcome.WITHDRAWN and each.in_time(found.closes_on or date.max)
            for each in found.objections
        )


def test_we_wait_until_the_last_day_is_over_where_the_controller_is():
    creole = Place("FR-972", "America/Martinique")
    counted = rules.window(TERMS, creole, RECEIVED)
    free = rules.free_on(counted.due, TERMS, FRANCE, RECEIVED, 0)
    waited = rules.not_before(free, FRANCE.zone, counted.ends_at)
    assert waited == free + timedelta(days=1)
    here = rules.window(TERMS, FRANCE, RECEIVED)
    ours = rules.free_on(here.due, TERMS, FRANCE, RECEIVED, 0)
    assert rules.not_before(ours, FRANCE.zone, here.ends_at) == ours
