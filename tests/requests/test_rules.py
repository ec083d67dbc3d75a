"""The controller's month and its extension; what a request needs; when it is forgotten."""

from datetime import date

import pytest
from msgspec.structs import replace

from registers.kernel.errors import Invalid
from registers.kernel.words import Words
from registers.requests import rules
from registers.requests.facts import PERSONAL, Request
from registers.requests.vocabulary import Phase, Right, Way
from tests.requests.asking import ASKED, DAY


def limits(received_on, calendar="FR"):
    found = rules.limits(received_on, calendar, "Europe/Paris", good_friday=True)
    return found.month.due, found.extended.due


@pytest.mark.parametrize(
    ("received_on", "calendar", "month"),
    [
        (date(2025, 10, 31), "FR", date(2025, 12, 1)),  # C75
        (date(2026, 7, 15), "FR", date(2026, 8, 17)),  # C77
        (date(2026, 11, 26), "FR-6AE", date(2026, 12, 28)),  # C79
        (date(2026, 3, 5), "FR", date(2026, 4, 7)),  # 5 April is Easter Sunday
        (date(2025, 8, 31), "FR", date(2025, 9, 30)),
    ],
)
def test_the_month_ends_on_the_same_date_or_the_next_business_day(received_on, calendar, month):
    assert limits(received_on, calendar)[0] == month


def test_the_extension_is_three_months_from_receipt_or_the_earlier_chained_reading():
    assert limits(date(2026, 1, 31))[1] == date(2026, 4, 28)  # C81: not the 30th
    assert limits(date(2026, 11, 20))[1] == date(2027, 2, 22)


def test_a_request_says_which_right_and_who_asks():
    assert rules.checked(ASKED, DAY) == ASKED
    for changed, field in (
        ({"rights": ()}, "rights"),
        ({"received_on": date(2026, 11, 24)}, "received_on"),
        (dict.fromkeys(("name", "email", "address"), ""), "name"),
        ({"email": "nowhere"}, "email"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.checked(replace(ASKED, **changed), DAY)
        assert refused.value.field == field


def test_there_are_seven_rights_and_all_but_the_rights_may_describe_a_person():
    assert len(Right) == 7
    assert set(Request.__struct_fields__) - set(PERSONAL) == {
        "rights",
        "channel",
        "received_on",
        "language",
    }


def test_a_request_is_acknowledged_in_writing_where_that_is_possible():
    assert rules.acknowledged_by(ASKED) is Way.EMAIL
    assert rules.acknowledged_by(replace(ASKED, email="")) is Way.LETTER
    assert rules.acknowledged_by(replace(ASKED, email="", address=" ")) is Way.NONE


def test_when_a_request_may_be_closed():
    assert rules.may_close(Phase.FORWARDED, 0) is None
    for phase, unanswered in ((Phase.FORWARDED, 1), (Phase.UNASSIGNED, 0), (Phase.CLOSED, 0)):
        assert rules.may_close(phase, unanswered)
    assert rules.may_forward(Phase.UNASSIGNED) is None
    assert rules.may_forward(Phase.CLOSED)


def test_what_goes_to_the_controller_says_who_asks_and_in_which_words():
    lines = rules.shown_text(ASKED, Words("en")).split("\n")
    assert lines[0] == "Name of the data subject: Marguerite Vidal"
    assert lines[2].endswith(": Marguerite Vidal · 3 rue Haute · 48000 Mende")
    assert lines[4:] == ASKED.words.split("\n")
    assert "not settled" in Words("en").say(rules.CAVEAT)
