"""When an update may be installed: its window is counted back from its day (contract 001 §8.1)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.announcements import rules
from registers.announcements.rules import Case, Objection, Place, Planned, Receipt, standing
from registers.announcements.vocabulary import Outcome, State, Topic
from registers.controllers.facts import Span, Terms
from registers.controllers.rules import checked_terms
from registers.controllers.vocabulary import Effect
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.notices.vocabulary import Evidence

TERMS = Terms()
FRANCE = Place("FR", "Europe/Paris")
TOLD, PLANNED, LAST = date(2026, 11, 3), date(2026, 11, 18), date(2026, 11, 11)
DAY = timedelta(days=1)


def ahead(terms=TERMS, planned=PLANNED, told=TOLD, published=None, place=FRANCE):
    return rules.ahead(terms, Planned(planned, published), place, told)


def test_told_fifteen_days_before_it_may_be_objected_to_until_seven_days_before():
    found = ahead()
    assert (found.free_on, found.closes.due, found.holds_until) == (PLANNED, LAST, None)


def test_told_later_it_waits_and_whoever_objects_loses_no_day():
    found = ahead(told=TOLD + 2 * DAY)
    assert (found.free_on, found.closes.due) == (PLANNED + 2 * DAY, LAST + 2 * DAY)


def test_nobody_objects_beyond_a_year_from_the_publication():
    found = ahead(published=date(2025, 11, 9))
    assert found.closes.due == found.holds_until == date(2026, 11, 9)
    old = ahead(published=date(2025, 11, 2))
    assert (old.free_on, old.closes) == (PLANNED, None)
    planned = Planned(PLANNED, date(2025, 11, 2))
    assert rules.update_effect(TERMS, planned, FRANCE, TOLD) is Effect.INFORMATION
    assert rules.update_effect(TERMS, Planned(PLANNED), FRANCE, TOLD) is Effect.WINDOW


def test_a_contract_has_its_own_numbers():
    month = Terms(update_notice=Span(1, Unit.MONTHS), update_objection=Span(5, Unit.BUSINESS_DAYS))
    found = ahead(month, planned=date(2026, 12, 3))
    assert (found.free_on, found.closes.due) == (date(2026, 12, 3), date(2026, 11, 26))
    silent = Terms(update_notice=None, update_objection=None)
    assert not rules.is_counted_back(silent)
    assert ahead(silent, planned=TOLD) == (TOLD, None, None)


def test_the_last_day_ends_where_the_controller_is():
    assert ahead(place=Place("FR-974", "Indian/Reunion")).closes.ends_at < ahead().closes.ends_at


@pytest.mark.parametrize("span", [Span(0, Unit.DAYS), Span(15, Unit.HOURS)])
def test_terms_that_cannot_be_counted_are_refused(span):
    with pytest.raises(Invalid):
        checked_terms(Terms(update_notice=span))


def case(**known):
    told = {
        "effect": Effect.WINDOW,
        "counted_back": True,
        "sent_on": TOLD,
        "closes_on": LAST,
        "free_on": PLANNED,
        "planned_on": PLANNED,
        "holds_until": date(2027, 10, 12),
    }
    return Case(**{**told, **known})


@pytest.mark.parametrize(
    ("known", "today", "state"),
    [
        ({"sent_on": None, "closes_on": None, "free_on": None}, LAST, State.AWAITING_DISPATCH),
        ({}, LAST, State.OPEN),
        ({}, LAST + DAY, State.WAITING),
        ({}, PLANNED, State.MAY_START),
        ({"effect": Effect.INFORMATION, "closes_on": None}, TOLD, State.WAITING),
        ({"effect": Effect.INFORMATION, "closes_on": None}, PLANNED, State.MAY_START),
        ({"agreed_on": LAST}, LAST, State.MAY_START),
        ({"engaged_on": PLANNED}, PLANNED, State.ENGAGED),
        ({"engaged_on": PLANNED - DAY}, PLANNED, State.IRREGULAR),
        ({"engaged_on": TOLD - DAY}, PLANNED, State.IRREGULAR),
        ({"engaged_on": TOLD, "effect": Effect.INFORMATION}, PLANNED, State.IRREGULAR),
        ({"contract_ended_on": LAST}, PLANNED, State.CONTRACT_ENDED),
        ({"over": True}, PLANNED, State.OVER),
    ],
)
def test_where_an_update_stands(known, today, state):
    assert standing(case(**known), today).state is state


@pytest.mark.parametrize(
    ("objection", "day", "state"),
    [
        (Objection(LAST), PLANNED, State.HELD),
        (Objection(PLANNED, posted_on=LAST), PLANNED, State.HELD),
        (Objection(LAST + DAY), PLANNED, State.MAY_START),
        (Objection(LAST), date(2027, 10, 12), State.HELD),
        (Objection(LAST), date(2027, 10, 13), State.MAY_START),
        (Objection(LAST, outcome=Outcome.WITHDRAWN), PLANNED, State.MAY_START),
        (Objection(LAST, outcome=Outcome.UPHELD), date(2027, 10, 13), State.REFUSED),
    ],
)
def test_an_objection_defers_a_year_from_the_publication_at_most(objection, day, state):
    found = standing(case(objections=(objection,)), day)
    assert found.state is state
    assert (state is State.HELD) == ("12" in str(found.says.parameters.get("until", "")))


def test_a_contract_without_a_right_to_object_is_not_held():
    known = case(effect=Effect.INFORMATION, closes_on=None, objections=(Objection(TOLD),))
    assert standing(known, PLANNED).state is State.MAY_START


@pytest.mark.parametrize("evidence", list(Evidence))
def test_no_receipt_moves_the_days_of_an_update(evidence):
    for received_on in (TOLD, PLANNED):
        known = case(receipt=Receipt(evidence, received_on))
        assert standing(known, PLANNED).state is State.MAY_START


def test_a_state_is_named_by_what_it_is_about():
    assert State.ENGAGED.named(Topic.VERSION) != State.ENGAGED.says
    assert State.ENGAGED.named(Topic.SUBPROCESSORS) == State.ENGAGED.says
    assert State.OPEN.named(Topic.VERSION) == State.OPEN.says


DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
UNITS = [Unit.DAYS, Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES, Unit.MONTHS, Unit.YEARS]
SPANS = st.none() | st.builds(
    lambda unit, amount: Span(amount if unit in UNITS[:3] else 1 + amount % 3, unit),
    st.sampled_from(UNITS),
    st.integers(1, 45),
)
PLACES = st.sampled_from(
    [
        FRANCE,
        Place("FR-67", "Europe/Paris"),
        Place("BE", "Europe/Brussels"),
        Place("FR-974", "Indian/Reunion"),
        Place("FR-972", "America/Martinique"),
    ]
)
TERMS_OF_UPDATES = st.builds(Terms, update_notice=SPANS, update_objection=SPANS, update_bound=SPANS)


def back(span, day, place):
    return rules._span(span, day, place, -1).due


@given(TERMS_OF_UPDATES, DAYS, DAYS, st.none() | DAYS, PLACES)
def test_notice_is_given_in_time_and_the_window_can_be_used(terms, planned, told, published, place):
    found = rules.ahead(terms, Planned(planned, published), place, told)
    assert found.free_on >= max(planned, told)
    spans = [each for each in (terms.update_notice, terms.update_objection) if each]
    # told in time for that day, and for no earlier one from the planned day on
    assert all(back(each, found.free_on, place) >= told for each in spans)
    earlier = found.free_on - DAY
    if earlier >= max(planned, told):
        assert any(back(each, earlier, place) < told for each in spans)
    if found.closes is None:
        over = found.holds_until is not None and found.holds_until < told
        assert terms.update_objection is None or over
    else:
        assert told <= found.closes.due < found.free_on
        assert found.closes.due <= back(terms.update_objection, found.free_on, place)
        assert found.holds_until is None or found.closes.due <= found.holds_until


@given(TERMS_OF_UPDATES, DAYS, st.integers(0, 40), PLACES)
def test_who_is_told_later_never_has_an_earlier_day(terms, planned, days, place):
    told = planned - 30 * DAY
    first = rules.ahead(terms, Planned(planned), place, told)
    later = rules.ahead(terms, Planned(planned), place, told + days * DAY)
    assert later.free_on >= first.free_on
    if first.closes and later.closes:
        assert later.closes.due >= first.closes.due


EVIDENCE = st.builds(Receipt, st.sampled_from(list(Evidence)), DAYS)
OBJECTIONS = st.builds(Objection, DAYS, st.none() | DAYS, st.sampled_from(list(Outcome)))


@st.composite
def told_of(draw):
    """An update under a contract, told, whatever came of it."""
    planned = Planned(draw(DAYS), draw(st.none() | DAYS))
    told = draw(DAYS)
    found = rules.ahead(draw(TERMS_OF_UPDATES), planned, draw(PLACES), told)
    return Case(
        effect=Effect.WINDOW if found.closes else Effect.INFORMATION,
        counted_back=True,
        sent_on=told,
        receipt=draw(st.none() | EVIDENCE),
        closes_on=found.closes.due if found.closes else None,
        free_on=found.free_on,
        objections=tuple(draw(st.lists(OBJECTIONS, max_size=3))),
        holds_until=found.holds_until,
    )


@given(told_of(), DAYS)
def test_nothing_is_installed_before_its_day_or_against_an_objection_that_holds(known, today):
    state = standing(known, today).state
    assert state not in {State.AWAITING_RECEIPT, State.PROVISIONAL, State.AWAITING_AGREEMENT}
    holding = [
        each
        for each in known.objections
        if known.closes_on
        and each.outcome is not Outcome.WITHDRAWN
        and each.in_time(known.closes_on)
    ]
    if state is State.MAY_START:
        assert today >= known.free_on
        beyond = known.holds_until is not None and today > known.holds_until
        assert not holding or beyond
    if state is State.HELD:
        assert holding
        assert known.holds_until is None or today <= known.holds_until
