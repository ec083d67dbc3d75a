"""What a contact may do, and how it is told where a change stands: rules without a database."""

from datetime import date

import pytest

from registers.announcements import rules
from registers.announcements.rules import Case, Objection, Receipt
from registers.announcements.vocabulary import Outcome, State
from registers.controllers.vocabulary import Effect
from registers.kernel.words import Words
from registers.notices.vocabulary import Evidence
from registers.portal.rules import _SAID, May, may, told

TODAY = date(2026, 4, 2)
LAST, FREE = date(2026, 5, 19), date(2026, 5, 20)
SENT = {"effect": Effect.WINDOW, "sent_on": date(2026, 3, 30)}
STRONG = Receipt(Evidence.PORTAL, date(2026, 4, 1))
OPEN = {**SENT, "receipt": STRONG, "closes_on": LAST, "free_on": FREE}
UPDATE = {**SENT, "counted_back": True, "closes_on": LAST, "free_on": FREE}
CLOSED = {**UPDATE, "closes_on": date(2026, 4, 1)}
BOUND = date(2027, 1, 12)
UPHELD = Objection(TODAY, outcome=Outcome.UPHELD)

CASES = {
    "not sent": (Case(effect=Effect.WINDOW), State.AWAITING_DISPATCH, (1, 1, 0)),
    "unread": (Case(**SENT), State.AWAITING_RECEIPT, (1, 1, 0)),
    "weak": (
        Case(**{**OPEN, "receipt": Receipt(Evidence.REPLY, TODAY)}),
        State.PROVISIONAL,
        (1, 1, 0),
    ),
    "open": (Case(**OPEN), State.OPEN, (0, 1, 0)),
    "objected": (Case(**OPEN, objections=(Objection(TODAY),)), State.HELD, (0, 1, 0)),
    "upheld": (Case(**OPEN, objections=(UPHELD,)), State.REFUSED, (0, 0, 0)),
    "agreement": (
        Case(**{**SENT, "effect": Effect.AGREEMENT}),
        State.AWAITING_AGREEMENT,
        (1, 1, 1),
    ),
    "agreed": (
        Case(**{**SENT, "effect": Effect.AGREEMENT}, agreed_on=TODAY),
        State.MAY_START,
        (1, 1, 0),
    ),
    "information": (Case(**{**SENT, "effect": Effect.INFORMATION}), State.MAY_START, (1, 0, 0)),
    "lapsed": (
        Case(**{**OPEN, "closes_on": date(2026, 4, 1), "free_on": TODAY}),
        State.MAY_START,
        (0, 1, 0),
    ),
    "engaged": (
        Case(**{**OPEN, "closes_on": date(2026, 4, 1), "free_on": TODAY}, engaged_on=TODAY),
        State.ENGAGED,
        (0, 1, 0),
    ),
    "too soon": (Case(**SENT, engaged_on=TODAY), State.IRREGULAR, (1, 1, 0)),
    "ended": (Case(**SENT, contract_ended_on=date(2026, 3, 31)), State.CONTRACT_ENDED, (0, 0, 0)),
    "update untold": (
        Case(effect=Effect.WINDOW, counted_back=True),
        State.AWAITING_DISPATCH,
        (1, 1, 0),
    ),
    "update open": (Case(**UPDATE), State.OPEN, (1, 1, 0)),
    "update waits": (Case(**CLOSED), State.WAITING, (1, 1, 0)),
    "update told": (
        Case(**{**UPDATE, "effect": Effect.INFORMATION, "closes_on": None}),
        State.WAITING,
        (1, 0, 0),
    ),
    "update objected": (
        Case(**UPDATE, objections=(Objection(TODAY),), holds_until=BOUND),
        State.HELD,
        (1, 1, 0),
    ),
    "update due": (Case(**{**CLOSED, "free_on": TODAY}), State.MAY_START, (1, 1, 0)),
    "withdrawn": (Case(**SENT, over=True), State.OVER, (0, 0, 0)),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_contact_may_do_follows_from_where_it_stands(name):
    case, state, allowed = CASES[name]
    assert rules.standing(case, TODAY).state is state
    assert may(case, TODAY) == May(*map(bool, allowed))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_has_words_for_the_controller(language):
    assert set(_SAID) == set(State) == {state for _, state, _ in CASES.values()}
    said = {name: Words(language).say(told(case, TODAY)[1]) for name, (case, _, _) in CASES.items()}
    assert not any("{" in words or "None" in words for words in said.values())
    assert "19 " in said["open"]
    assert "12 " in said["update objected"]
    assert "20 " in said["update waits"]
    assert said["lapsed"] != said["information"] != said["agreed"]


def test_a_window_that_is_over_is_told_so_while_the_start_still_waits():
    case = Case(**{**OPEN, "closes_on": date(2026, 4, 1), "free_on": date(2026, 4, 9)})
    assert "ended on" in str(told(case, TODAY)[1])


def test_in_an_emergency_an_early_agreement_is_asked_for():
    assert may(Case(**OPEN), TODAY, urgent=True).agree
    assert not may(Case(**OPEN), TODAY).agree
    held = Case(**OPEN, objections=(Objection(TODAY),))
    assert not may(held, TODAY, urgent=True).agree
    assert not may(Case(**{**SENT, "effect": Effect.INFORMATION}), TODAY, urgent=True).agree
