"""When somebody is chased: business days of the controller's calendar, without a database."""

from datetime import date

import pytest

from registers.announcements import chasing, rules
from registers.announcements.chasing import Place, Why
from registers.announcements.rules import Case, Objection, Receipt
from registers.announcements.vocabulary import Outcome
from registers.controllers.vocabulary import Effect
from registers.notices.vocabulary import Evidence

FRANCE, STRASBOURG, BELGIUM = (Place(code, True) for code in ("FR", "FR-67", "BE"))
SENT = date(2026, 3, 30)


@pytest.mark.parametrize(
    ("place", "day", "chased"),
    [
        (FRANCE, date(2026, 4, 7), False),  # Easter Monday does not count: 5th day is the 7th
        (FRANCE, date(2026, 4, 8), True),
        (STRASBOURG, date(2026, 4, 8), False),  # nor does Good Friday there
        (STRASBOURG, date(2026, 4, 9), True),
    ],
)
def test_a_receipt_is_chased_after_five_business_days(place, day, chased):
    case = Case(effect=Effect.WINDOW, sent_on=SENT)
    found = chasing.reasons(case, place, day)
    assert found == ({Why.RECEIPT: SENT} if chased else {})


@pytest.mark.parametrize(
    ("today", "step"),
    [
        (date(2026, 5, 4), 10),
        (date(2026, 5, 11), 5),
        (date(2026, 5, 18), 1),
        (date(2026, 5, 19), 1),
        (date(2026, 5, 20), None),
        (date(2026, 4, 20), None),
    ],
)
def test_a_window_closes_in_ten_five_and_one(today, step):
    assert chasing.closing(date(2026, 5, 19), FRANCE, today) == step


def test_each_calendar_has_its_own_ten_days():
    closes_on, today = date(2026, 5, 15), date(2026, 4, 28)
    assert chasing.closing(closes_on, FRANCE, today) == 10
    assert chasing.closing(closes_on, BELGIUM, today) is None  # 8 May is a business day there


def test_an_objection_is_chased_until_it_is_answered():
    window = {
        "sent_on": SENT,
        "receipt": Receipt(Evidence.SIGNED, date(2026, 4, 1)),
        "closes_on": date(2026, 5, 19),
        "free_on": date(2026, 5, 20),
    }
    pending = Objection(date(2026, 4, 2))
    answered = Objection(date(2026, 4, 2), None, Outcome.ANSWERED)
    late, today = date(2026, 6, 15), date(2026, 4, 20)
    for objection, wanted in ((pending, {Why.OBJECTION: date(2026, 4, 2)}), (answered, {})):
        case = Case(effect=Effect.WINDOW, objections=(objection,), **window)
        assert chasing.reasons(case, FRANCE, today) == wanted
    too_late = Case(effect=Effect.WINDOW, objections=(Objection(late),), **window)
    assert chasing.reasons(too_late, FRANCE, date(2026, 6, 30)) == {}


def test_nobody_is_chased_for_what_is_settled():
    agreed = Case(effect=Effect.AGREEMENT, sent_on=SENT)
    assert rules.standing(agreed, SENT).state.value == "awaiting_agreement"
    assert chasing.reasons(agreed, FRANCE, date(2026, 12, 1)) == {}
    told = Case(effect=Effect.INFORMATION, sent_on=SENT)
    assert chasing.reasons(told, FRANCE, date(2026, 12, 1)) == {}
