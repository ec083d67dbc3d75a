"""Time limits: exact, pure, and able to explain themselves.

A **period** is an amount, a unit and a direction. Counted from a start, in a calendar and a time
zone, it gives a **deadline**: the day or the instant, the exact instant at which it ends, the
holidays passed over, and the rule in words, so that a lawyer can follow the count.

Sources: Regulation (EEC, Euratom) 1182/71, art. 3; French Code of Civil Procedure, art. 641 and
642; the contracts' clauses. Conventions: docs/decisions.md.
"""

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from registers.kernel import calendars
from registers.kernel.calendars import Calendar
from registers.kernel.errors import Invalid
from registers.kernel.words import Named, Text, hour_of, plural, text

DAY = timedelta(days=1)


class Unit(Named):
    """What a period is counted in."""

    HOURS = "hours", text("hours")
    """Elapsed real hours; never paused, never rolled."""
    DAYS = "days", text("days")
    """All days (jours calendaires)."""
    BUSINESS_DAYS = "business_days", text("business days")
    """Monday to Friday, without the public holidays of the territory (jours ouvrés)."""
    JOURS_OUVRABLES = "jours_ouvrables", text("days from Monday to Saturday")
    """Monday to Saturday, without the public holidays of the territory."""
    MONTHS = "months", text("months")
    YEARS = "years", text("years")
    BUSINESS_HOURS = "business_hours", text("business hours")
    """Hours inside the opening windows of business days."""


class Roll(Named):
    """What happens when a period would end on a Saturday, a Sunday or a holiday."""

    NONE = "none", text("ends there, whatever day it is")
    """It ends there: keeping data longer is the risk."""
    NEXT_BUSINESS_DAY = "next_business_day", text("is extended to the next business day")
    """It ends at the end of the next business day (1182/71 art. 3(4), CPC art. 642)."""


class Window(NamedTuple):
    """An opening window of a business day, in wall time since midnight."""

    opens: timedelta
    closes: timedelta


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of a unit; counted back from the event when the amount is negative."""

    amount: int
    unit: Unit
    roll: Roll = Roll.NONE
    opening: tuple[tuple[str, str], ...] = ()
    """For business hours: windows as pairs of `HH:MM`."""

    def windows(self) -> list[Window]:
        """The opening windows in order.

        Raises:
            Invalid: there is none, one ends before it begins, or two overlap.
        """
        try:
            found = sorted(Window(_wall(opens), _wall(closes)) for opens, closes in self.opening)
        except ValueError as error:
            raise Invalid(text("An opening window is two times, such as 09:00.")) from error
        ends = [window.closes for window in found]
        late = any(window.opens >= window.closes for window in found)
        if not found or late or any(a > b.opens for a, b in zip(ends, found[1:], strict=False)):
            raise Invalid(
                text("Business hours need opening windows that follow one another."), "opening"
            )
        return found


class Deadline(NamedTuple):
    """When a period ends, and why then."""

    due: date | datetime
    """The last day, or for hours the instant in the zone, or for business hours the wall time."""
    ends_at: datetime
    """The first instant that is too late, in UTC."""
    skipped: tuple[date, ...]
    """The public holidays on days otherwise counted."""
    rule: tuple[Text, ...]
    """How it was counted, sentence by sentence."""


class Step(NamedTuple):
    """One day of a count, as it is shown: its number if it counts, else why it does not."""

    day: date
    number: int | None
    why: Text | None = None
    holiday: str = ""


def length(amount: int, unit: Unit) -> Text:
    """An amount of time in words: `30 business days`."""
    return {
        Unit.HOURS: plural("{count} hour", "{count} hours", amount),
        Unit.DAYS: plural("{count} day", "{count} days", amount),
        Unit.BUSINESS_DAYS: plural("{count} business day", "{count} business days", amount),
        Unit.JOURS_OUVRABLES: plural(
            "{count} day from Monday to Saturday", "{count} days from Monday to Saturday", amount
        ),
        Unit.MONTHS: plural("{count} month", "{count} months", amount),
        Unit.YEARS: plural("{count} year", "{count} years", amount),
        Unit.BUSINESS_HOURS: plural("{count} business hour", "{count} business hours", amount),
    }[unit]


def deadline(period: Period, start: date | datetime, calendar: Calendar, zone: str) -> Deadline:
    """When a period ends.

    Args:
        period: what is counted.
        start: the day of the event; for hours an aware instant; for business hours a wall time
            without offset.
        calendar: the territory whose holidays count.
        zone: the IANA name of the zone in which days begin and end.

    Raises:
        Invalid: the start is not of the kind the unit needs, the zone is unknown, or the count
            leads out of the years the calendars hold for.
    """
    try:
        return _COUNTED[period.unit](period, start, calendar, zone_named(zone))
    except OverflowError as error:
        raise Invalid(text("This period is too long to be counted."), "amount") from error


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The time zone of this IANA name.

    Raises:
        Invalid: there is none.
    """
    if name not in calendars.zones():
        raise Invalid(
            text("Unknown time zone {name}: give one such as Europe/Paris.", name=name), "zone"
        )
    return ZoneInfo(name)


def instant(wall: datetime, zone: str, fold: int | None = None) -> datetime:
    """The instant at which clocks of a zone showed this wall time.

    Args:
        wall: a local time without offset.
        zone: IANA name.
        fold: 0 for the first, 1 for the second passage of an ambiguous time.

    Raises:
        Invalid: clocks never showed it (they were put forward), or showed it twice and it is
            not said which one is meant.
    """
    where = zone_named(zone)
    first, second = wall.replace(tzinfo=where, fold=0), wall.replace(tzinfo=where, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(where).replace(tzinfo=None) != wall:
        raise Invalid(
            text(
                "Clocks never showed {time} on {day} in {zone}: they were put forward.",
                time=partial(hour_of, wall),
                day=wall.date(),
                zone=zone,
            )
        )
    if fold is None:
        raise Invalid(
            text(
                "Clocks showed {time} twice on {day} in {zone}: say which one, "
                "{first} or {second}.",
                time=partial(hour_of, wall),
                day=wall.date(),
                zone=zone,
                first=offset(first),
                second=offset(second),
            )
        )
    return (second if fold else first).astimezone(UTC)


def offset(moment: datetime) -> str:
    """The offset of an aware time as `+02:00`."""
    return moment.isoformat()[-6:]


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a day is over in a zone (24:00)."""
    return datetime.combine(day + DAY, time(), zone).astimezone(UTC)


def _hours(period: Period, start: date | datetime, _calendar: Calendar, zone: ZoneInfo) -> Deadline:
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise Invalid(text("Hours are counted from an instant: give it with its offset."), "start")
    there = start.astimezone(zone)
    if start.utcoffset() and start.utcoffset() != there.utcoffset():
        raise Invalid(
            text(
                "In {zone} clocks show another offset at this instant: {offset}.",
                zone=zone.key,
                offset=offset(there),
            ),
            "start",
        )
    end = start.astimezone(UTC) + timedelta(hours=period.amount)
    elapsed = text(
        "{amount} elapsed hours from the instant itself, nights, week-ends and holidays included.",
        amount=period.amount,
    )
    never = text("Neither suspended nor extended; shown in the time zone {zone}.", zone=zone.key)
    return Deadline(end.astimezone(zone), end, (), (elapsed, never))


def _day(start: date | datetime) -> date:
    if isinstance(start, datetime):
        raise Invalid(text("This unit is counted from a day: give a date without a time."), "start")
    return start


def _days(period: Period, start: date | datetime, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    day, amount = _day(start), abs(period.amount)
    if period.amount < 0:
        counted = text(
            "{amount} days counted back from {start}, a day that is not counted.",
            amount=amount,
            start=day,
        )
    else:
        counted = text(
            "{amount} days from {start}, a day that is not counted; all other days are.",
            amount=amount,
            start=day,
        )
    return _rolled(period, counted, day + period.amount * DAY, calendar, zone)


def _months(period: Period, start: date | datetime, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    day, amount = _day(start), abs(period.amount)
    said, span = length(amount, period.unit), 12 if period.unit is Unit.YEARS else 1
    if period.amount < 0:
        counted = text(
            "{length} counted back from {start} to the same date, "
            "else to the last day of the month.",
            length=said,
            start=day,
        )
    else:
        counted = text(
            "{length} from {start} to the same date, else to the last day of the month.",
            length=said,
            start=day,
        )
    return _rolled(period, counted, add_months(day, period.amount * span), calendar, zone)


def add_months(day: date, amount: int) -> date:
    """The same date so many months on or back, else the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    if not 1 <= year <= 9998:  # noqa: PLR2004 what a date can hold, and the midnight after it
        raise OverflowError
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _rolled(
    period: Period, counted: Text, nominal: date, calendar: Calendar, zone: ZoneInfo
) -> Deadline:
    due = nominal
    if period.amount < 0:
        moved = text(
            "A period counted back is never moved; read in clear days it would end on {earlier}.",
            earlier=nominal - DAY,
        )
    elif period.roll is Roll.NONE:
        moved = text("Never extended, whatever day it ends on.")
    else:
        due = _next_business_day(calendar, nominal)
        moved = text(
            "On a Saturday, a Sunday or a public holiday ({calendar}) it would be extended to "
            "the next business day.",
            calendar=calendar.named(),
        )
        if due != nominal:
            moved = text(
                "As {nominal} is no business day ({calendar}), it is extended to the next one.",
                calendar=calendar.named(),
                nominal=nominal,
            )
    return Deadline(due, midnight_after(due, zone), (), (counted, moved, _end(due, zone)))


def _next_business_day(calendar: Calendar, day: date) -> date:
    calendar.count(day, 0)  # refuses what lies outside the years the calendar holds for
    return calendar.next_business_day(day)


def _end(due: date, zone: ZoneInfo) -> Text:
    return text("It ends on {due} at 24:00, time zone {zone}.", due=due, zone=zone.key)


def _business_days(
    period: Period, start: date | datetime, calendar: Calendar, zone: ZoneInfo
) -> Deadline:
    day = _day(start)
    facts = {
        "amount": abs(period.amount),
        "start": day,
        "calendar": calendar.named(),
        "law": calendars.source_of(calendar.code),
    }
    if period.unit is Unit.BUSINESS_DAYS:
        weekdays = 5
        counted = text(
            "{amount} business days (Monday to Friday, without the public holidays of "
            "{calendar}: {law}) from {start}, a day that is not counted.",
            **facts,
        )
    else:
        weekdays = 6
        counted = text(
            "{amount} days from Monday to Saturday, without the public holidays of "
            "{calendar} ({law}), from {start}, a day that is not counted.",
            **facts,
        )
    due, skipped = calendar.count(day, period.amount, weekdays)
    rule = [counted]
    if skipped:
        rule.append(
            plural(
                "One public holiday is passed over.",
                "{count} public holidays are passed over.",
                len(skipped),
            )
        )
    if period.roll is Roll.NEXT_BUSINESS_DAY and period.amount >= 0:
        due = _next_business_day(calendar, due)
    return Deadline(due, midnight_after(due, zone), tuple(skipped), (*rule, _end(due, zone)))


def _business_hours(
    period: Period, start: date | datetime, calendar: Calendar, zone: ZoneInfo
) -> Deadline:
    if not isinstance(start, datetime) or start.tzinfo is not None:
        raise Invalid(
            text("Business hours are counted from a local time: give it without an offset."),
            "start",
        )
    left = timedelta(hours=abs(period.amount))
    back = period.amount < 0
    due, holidays_met = start, list[date]()
    stretches = _stretches(period.windows(), start, calendar, holidays_met, back=back)
    while left:
        opens, closes = next(stretches)
        taken = min(left, closes - opens)
        left -= taken
        due = closes - taken if back else opens + taken
    rule = text(
        "{amount} hours, counted only inside the opening windows ({opening}) of business days "
        "(Monday to Friday, without the public holidays of {calendar}), wall time of the zone "
        "{zone}.",
        amount=abs(period.amount),
        opening=", ".join(f"{opens}-{closes}" for opens, closes in period.opening),
        calendar=calendar.named(),
        zone=zone.key,
    )
    ends_at = due.replace(tzinfo=zone).astimezone(UTC)
    return Deadline(due, ends_at, tuple(sorted(holidays_met)), (rule,))


def _stretches(
    windows: list[Window], start: datetime, calendar: Calendar, met: list[date], *, back: bool
) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches of wall time from the start on, or from the start back."""
    day = start.date()
    while True:
        calendar.count(day, 0)
        midnight = datetime.combine(day, time())
        if calendar.is_business_day(day):
            for window in reversed(windows) if back else windows:
                opens, closes = midnight + window.opens, midnight + window.closes
                if back:
                    closes = min(closes, start)
                else:
                    opens = max(opens, start)
                if opens < closes:
                    yield opens, closes
        elif day.weekday() < 5:  # noqa: PLR2004 Saturday
            met.append(day)
        day += -DAY if back else DAY


_COUNTED = {
    Unit.HOURS: _hours,
    Unit.DAYS: _days,
    Unit.BUSINESS_DAYS: _business_days,
    Unit.JOURS_OUVRABLES: _business_days,
    Unit.MONTHS: _months,
    Unit.YEARS: _months,
    Unit.BUSINESS_HOURS: _business_hours,
}


def steps(period: Period, start: date, calendar: Calendar) -> Iterator[Step]:
    """The count day by day, for units of days, business days and jours ouvrables."""
    weekdays = {Unit.BUSINESS_DAYS: 5, Unit.JOURS_OUVRABLES: 6}.get(period.unit, 7)
    step = -DAY if period.amount < 0 else DAY
    yield Step(start, None, text("day of the event"), calendar.holidays.get(start, ""))
    day, number = start, 0
    while number < abs(period.amount):
        day += step
        holiday = calendar.holidays.get(day, "")
        if day.weekday() >= weekdays:
            yield Step(day, None, text("week-end"), holiday)
        elif weekdays < 7 and day in calendar.holidays:  # noqa: PLR2004 all days
            why = text("closed") if day in calendar.closures else text("public holiday")
            yield Step(day, None, why, holiday)
        else:
            number += 1
            yield Step(day, number, None, holiday)
    if period.roll is Roll.NEXT_BUSINESS_DAY and period.amount >= 0:
        while not calendar.is_business_day(day):
            day += DAY
            yield Step(day, None, text("extended to the next business day"))


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline as it was told to somebody: with all that it was counted from."""

    period: Period
    start: date | datetime
    calendar: str
    good_friday: bool
    closures: tuple[date, ...]
    zone: str
    due: date | datetime
    ends_at: datetime
    skipped: tuple[date, ...]
    source: str


def freeze(period: Period, start: date | datetime, calendar: Calendar, zone: str) -> Frozen:
    """Computes a deadline and keeps with it all that it was counted from."""
    told = deadline(period, start, calendar, zone)
    return Frozen(
        period,
        start,
        calendar.code,
        calendar.good_friday,
        tuple(sorted(calendar.closures)),
        zone,
        told.due,
        told.ends_at,
        told.skipped,
        calendars.SOURCE,
    )


def recounted(told: Frozen) -> Frozen:
    """The same deadline with today's data, which may differ from what was told."""
    return freeze(
        told.period,
        told.start,
        calendars.calendar(told.calendar, told.good_friday, frozenset(told.closures)),
        told.zone,
    )


def lengthened(told: Frozen, corrected: Frozen) -> Frozen:
    """What holds after a correction: a date told to a controller may grow, never shrink."""
    return corrected if corrected.ends_at > told.ends_at else told


def _wall(written: str) -> timedelta:
    if written == "24:00":
        return DAY
    clock = time.fromisoformat(written)
    return timedelta(hours=clock.hour, minutes=clock.minute)
