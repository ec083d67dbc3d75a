"""Time limits: the worked cases, and everything else against a second, plain count."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.kernel import calendars, periods
from registers.kernel.calendars import calendar
from registers.kernel.errors import Invalid
from registers.kernel.periods import Period, Roll, Unit, deadline
from registers.kernel.words import Words
from tests.kernel import brute_force

PARIS = "Europe/Paris"
CASES = json.loads(Path(__file__).with_name("deadlines.json").read_text("utf-8"))

days = st.dates(date(2024, 1, 1), date(2035, 12, 31))
territories = st.sampled_from(sorted(brute_force.TABLES))


@pytest.mark.parametrize("code", sorted(brute_force.TABLES))
def test_every_weekday_of_twelve_years_is_what_the_tables_say(code):
    known = calendar(code)
    day = date(2024, 1, 1)
    while day.year < 2036:
        if day.weekday() < 6:
            assert (day in known.holidays) == brute_force.is_holiday(day, code), day
        day += brute_force.DAY


@given(days, st.integers(-90, 90), territories, st.sampled_from([5, 6]))
def test_counted_days_are_those_of_a_plain_count(start, amount, code, weekdays):
    unit = Unit.BUSINESS_DAYS if weekdays == 5 else Unit.JOURS_OUVRABLES
    found = deadline(Period(amount, unit), start, calendar(code), PARIS)
    due, skipped = brute_force.count_days(start, amount, code, weekdays)
    assert (found.due, list(found.skipped)) == (due, skipped)
    assert found.ends_at == brute_force.paris_midnight_after(due)


@given(days, st.integers(-400, 400), territories, st.sampled_from(Roll))
def test_days_end_at_midnight_and_roll_only_forwards(start, amount, code, roll):
    found = deadline(Period(amount, Unit.DAYS, roll), start, calendar(code), PARIS)
    due = start + timedelta(days=amount)
    if roll is Roll.NEXT_BUSINESS_DAY and amount >= 0:
        due = brute_force.roll(due, code)
    assert found.due == due
    assert found.ends_at == brute_force.paris_midnight_after(due)


@given(days, st.integers(-36, 36), territories, st.sampled_from(Roll), st.booleans())
def test_months_and_years_keep_the_date_or_take_the_last(start, amount, code, roll, years):
    period = Period(amount, Unit.YEARS if years else Unit.MONTHS, roll)
    due = brute_force.same_date(start, amount * 12 if years else amount)
    if roll is Roll.NEXT_BUSINESS_DAY and amount >= 0:
        due = brute_force.roll(due, code)
    assert deadline(period, start, calendar(code), PARIS).due == due


@given(st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 31)), st.integers(-200, 200))
def test_hours_are_elapsed_hours(naive, amount):
    start = naive.replace(tzinfo=UTC)
    found = deadline(Period(amount, Unit.HOURS), start, calendar("FR"), PARIS)
    end = start + timedelta(hours=amount)
    assert found.ends_at == end
    assert found.due.utcoffset() == timedelta(hours=brute_force.paris_offset(end))


OPENING = (("09:00", "12:00"), ("14:00", "18:00"))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 1)), st.integers(1, 60), territories)
def test_business_hours_are_those_of_a_minute_walk(start, amount, code):
    start = start.replace(second=0, microsecond=0)
    period = Period(amount, Unit.BUSINESS_HOURS, opening=OPENING)
    minute, left = start, amount * 60
    while left:
        open_day = minute.weekday() < 5 and not brute_force.is_holiday(minute.date(), code)
        if not open_day:
            minute = datetime.combine(minute.date() + brute_force.DAY, datetime.min.time())
            continue
        if 9 <= minute.hour < 12 or 14 <= minute.hour < 18:
            left -= 1
        minute += timedelta(minutes=1)
    assert deadline(period, start, calendar(code), PARIS).due == minute


@given(st.datetimes(datetime(2024, 1, 5), datetime(2035, 12, 1)), st.integers(1, 60), territories)
def test_business_hours_counted_back_lead_to_where_they_lead_on_from(start, amount, code):
    on, back = (Period(sign * amount, Unit.BUSINESS_HOURS, opening=OPENING) for sign in (1, -1))
    due = deadline(on, start, calendar(code), PARIS).due
    origin = deadline(back, due, calendar(code), PARIS).due
    again = deadline(on, origin, calendar(code), PARIS).due
    assert again == due


@given(days, st.integers(-40, 40), territories, st.sampled_from([Unit.DAYS, Unit.BUSINESS_DAYS]))
def test_the_shown_count_is_the_count(start, amount, code, unit):
    period = Period(amount, unit, Roll.NEXT_BUSINESS_DAY)
    steps = list(periods.steps(period, start, calendar(code)))
    found = deadline(period, start, calendar(code), PARIS)
    assert steps[-1].day == found.due
    assert max((step.number or 0) for step in steps) == abs(amount)
    if unit is Unit.BUSINESS_DAYS:
        passed = [
            s.day for s in steps[1:] if s.holiday and s.number is None and s.day.weekday() < 5
        ]
        assert sorted(passed) == list(found.skipped)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["question"]["id"])
def test_a_worked_case(case):
    asked, expected = case["question"], case["answer"]
    timed = asked["unit"] in {"hours", "business_hours"}
    start = (datetime if timed else date).fromisoformat(asked["start"])
    period = Period(
        asked["amount"],
        Unit(asked["unit"]),
        Roll(asked["roll"]),
        tuple(map(tuple, asked.get("opening", ()))),
    )
    found = deadline(period, start, calendar(asked["calendar"]), asked["zone"])
    assert found.due.isoformat() == expected["due"]
    if "ends_at" in expected:
        assert found.ends_at == datetime.fromisoformat(expected["ends_at"])
    assert [day.isoformat() for day in found.skipped] == expected.get("skipped", [])


def test_good_friday_is_left_out_only_where_it_depends_on_the_commune():
    period = Period(1, Unit.BUSINESS_DAYS)
    thursday, friday, tuesday = date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 7)
    for code in ("FR-57", "FR-67", "FR-68", "FR-6AE"):
        assert deadline(period, thursday, calendar(code), PARIS).due == tuesday
        assert deadline(period, thursday, calendar(code, good_friday=False), PARIS).due == friday
        assert calendar(code).depends_on_commune
    assert deadline(period, thursday, calendar("DE-BY", good_friday=False), PARIS).due == tuesday
    assert not calendar("DE-BY").depends_on_commune


def test_saint_martin_changed_its_day():
    assert date(2017, 5, 27) in calendar("FR-978").holidays
    assert date(2018, 5, 28) in calendar("FR-978").holidays
    assert date(2018, 5, 27) not in calendar("FR-978").holidays


def test_closures_of_the_organisation_are_passed_over():
    closed = calendar("FR", closures=frozenset({date(2026, 11, 24)}))
    found = deadline(Period(2, Unit.BUSINESS_DAYS), date(2026, 11, 23), closed, PARIS)
    assert found.due == date(2026, 11, 26)
    assert found.skipped == (date(2026, 11, 24),)


def test_all_calendars_have_names_and_zones():
    for code in calendars.codes():
        assert calendars.is_known(code)
        assert calendars.zone_of(code) in calendars.zones()
        assert calendars.name_of(code, "fr")


@pytest.mark.parametrize("code", ["", "fr", "FR-69", "US", "GB", "FR-Zone A", "DE-XX", "FR-6AE-1"])
def test_unknown_calendars_are_refused(code):
    with pytest.raises(Invalid):
        calendar(code)


def test_local_times_that_never_were_or_were_twice():
    spring, autumn = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)
    with pytest.raises(Invalid, match="never showed 02:30"):
        periods.instant(spring, PARIS)
    with pytest.raises(Invalid, match="twice"):
        periods.instant(autumn, PARIS)
    assert periods.instant(autumn, PARIS, fold=0) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert periods.instant(autumn, PARIS, fold=1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert periods.instant(datetime(2026, 7, 1, 12), PARIS) == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period(48, Unit.HOURS), datetime(2026, 1, 1)),
        (Period(48, Unit.HOURS), date(2026, 1, 1)),
        (Period(48, Unit.HOURS), datetime.fromisoformat("2026-03-29T02:30:00+01:00")),
        (Period(1, Unit.DAYS), datetime(2026, 1, 1)),
        (Period(10**9, Unit.DAYS), date(2026, 1, 1)),
        (Period(10**9, Unit.MONTHS), date(2026, 1, 1)),
        (Period(10**15, Unit.HOURS), datetime(2026, 1, 1, tzinfo=UTC)),
        (Period(10**6, Unit.BUSINESS_DAYS), date(2026, 1, 1)),
        (Period(-(10**6), Unit.BUSINESS_DAYS), date(2026, 1, 1)),
        (Period(1, Unit.BUSINESS_DAYS), date(1900, 1, 1)),
        (Period(8, Unit.BUSINESS_HOURS), datetime(2026, 1, 1, tzinfo=UTC)),
        (Period(8, Unit.BUSINESS_HOURS), datetime(2026, 1, 1)),
        (Period(8, Unit.BUSINESS_HOURS, opening=(("9", "x"),)), datetime(2026, 1, 1)),
        (Period(8, Unit.BUSINESS_HOURS, opening=(("12:00", "09:00"),)), datetime(2026, 1, 1)),
        (
            Period(8, Unit.BUSINESS_HOURS, opening=(("09:00", "12:00"), ("11:00", "13:00"))),
            datetime(2026, 1, 1),
        ),
        (
            Period(10**7, Unit.BUSINESS_HOURS, opening=(("09:00", "12:00"),)),
            datetime(2026, 1, 1),
        ),
    ],
)
def test_questions_without_an_answer_are_refused(period, start):
    with pytest.raises(Invalid):
        deadline(period, start, calendar("FR"), PARIS)


def test_an_opening_window_may_last_until_midnight():
    period = Period(8, Unit.BUSINESS_HOURS, opening=(("18:00", "24:00"),))
    found = deadline(period, datetime(2026, 11, 23, 19), calendar("FR"), PARIS)
    assert found.due == datetime(2026, 11, 24, 21)


def test_the_rule_is_told_in_french_and_english():
    period = Period(30, Unit.BUSINESS_DAYS)
    found = deadline(period, date(2026, 4, 1), calendar("FR-67"), PARIS)
    french, english = (Words(language).sentences(found.rule) for language in ("fr", "en"))
    assert french.startswith(
        "30 jours ouvrés (du lundi au vendredi, hors jours fériés\u00a0: Bas-Rhin"
    )
    assert "mercredi 1er avril 2026" in french
    assert "mercredi 20 mai 2026 à 24 heures" in french
    assert "Wednesday, 20 May 2026 at 24:00" in english


@given(days, st.integers(-40, 40), st.sampled_from([*Unit]), st.sampled_from(Roll))
def test_every_rule_can_be_told(day, amount, unit, roll):
    start = {
        Unit.HOURS: datetime(day.year, day.month, day.day, tzinfo=UTC),
        Unit.BUSINESS_HOURS: datetime(day.year, day.month, day.day),
    }.get(unit, day)
    found = deadline(Period(amount, unit, roll, OPENING), start, calendar("FR"), PARIS)
    for language in ("fr", "en"):
        said = Words(language).sentences(found.rule)
        assert "{" not in said
        assert str(abs(amount)) in said or abs(amount) == 1


def test_a_told_deadline_never_shrinks():
    told = periods.freeze(Period(30, Unit.BUSINESS_DAYS), date(2026, 4, 1), calendar("FR"), PARIS)
    assert periods.recounted(told) == told
    earlier = periods.freeze(told.period, date(2026, 3, 31), calendar("FR"), PARIS)
    later = periods.freeze(told.period, date(2026, 4, 2), calendar("FR"), PARIS)
    assert periods.lengthened(told, earlier) == told
    assert periods.lengthened(told, later) == later
