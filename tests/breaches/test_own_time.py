"""The controller's own time, Art. 33(1): elapsed hours from the earliest arrival, dated."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registers.breaches import own_time
from registers.breaches.own_time import LIMITS, Limit
from registers.kernel.words import text
from tests.breaches.test_rules import HOURS

OWN = [each for each in HOURS if each["question"]["amount"] == LIMITS[0].hours]
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["question"]["id"])
def test_it_agrees_with_the_worked_deadlines(case):
    asked, answer = case["question"], case["answer"]
    running = own_time.clock(datetime.fromisoformat(asked["start"]))
    assert running.ends_at == datetime.fromisoformat(answer["ends_at"])
    local = running.ends_at.astimezone(ZoneInfo(asked["zone"]))
    assert local.isoformat() == answer["due"]


def test_the_worked_deadlines_were_found():
    assert len(OWN) == 2


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        # the demonstration of legal.md F3
        ("2026-10-26T08:10:00+01:00", "2026-10-29T08:10:00+01:00"),
        # over the night in which clocks are put back: the wall reads an hour less
        ("2026-10-24T10:00:00+02:00", "2026-10-27T09:00:00+01:00"),
        # over the one in which they are put forward: an hour more
        ("2026-03-28T10:00:00+01:00", "2026-03-31T11:00:00+02:00"),
        # the second of two wall times that look the same
        ("2026-10-25T02:30:00+01:00", "2026-10-28T02:30:00+01:00"),
        # Réunion has one time all year
        ("2026-10-24T12:00:00+04:00", "2026-10-27T12:00:00+04:00"),
    ],
)
def test_hours_elapse_whatever_clocks_show(begins, ends):
    running = own_time.clock(datetime.fromisoformat(begins))
    assert running.ends_at == datetime.fromisoformat(ends)
    assert running.ends_at - running.starts_at == timedelta(hours=72)


PROPOSED = (*LIMITS, Limit(date(2028, 1, 1), 96, "a proposal"))


@pytest.mark.parametrize(
    ("aware_at", "hours"),
    [
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), 72),
        (datetime(2028, 1, 1, tzinfo=UTC), 96),
        (datetime(2028, 1, 1, 0, 30, tzinfo=PARIS), 72),
        (datetime(2017, 1, 1, tzinfo=UTC), 72),
    ],
)
def test_a_change_of_the_law_has_its_day(aware_at, hours):
    assert own_time.limit(aware_at, PROPOSED).hours == hours
    running = own_time.clock(aware_at, PROPOSED)
    assert running.ends_at - running.starts_at == timedelta(hours=hours)


def test_limits_stand_in_their_order():
    days = [each.since for each in LIMITS]
    assert days == sorted(set(days))


def test_how_it_was_counted_is_said():
    elapsed, never = own_time.rule(datetime(2026, 10, 26, 7, 10, tzinfo=UTC), "Indian/Reunion")
    assert "72 elapsed hours" in str(elapsed)
    assert "Indian/Reunion" in str(never)


WRITTEN = datetime(2026, 10, 26, 7, 0, tzinfo=UTC)
SENT = datetime(2026, 10, 26, 7, 10, tzinfo=UTC)


def test_the_earliest_arrival_counts():
    mail = own_time.of_message(SENT, WRITTEN, uncertain=False)
    letter = own_time.of_day(date(2026, 10, 28), WRITTEN, "Europe/Paris", text("a letter"))
    assert own_time.earliest([letter, mail]) == mail
    assert letter.at == datetime(2026, 10, 27, 23, 0, tzinfo=UTC)
    assert own_time.earliest([]) is None


def test_what_may_have_left_before_counts_from_when_it_was_written():
    assert own_time.of_message(SENT, WRITTEN, uncertain=True).at == WRITTEN


def test_nothing_arrives_before_it_is_written():
    same_day = own_time.of_day(date(2026, 10, 26), WRITTEN, "Europe/Paris", text("a slip"))
    assert same_day.at == WRITTEN
