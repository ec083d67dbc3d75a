"""A controller's own time to notify its authority, Art. 33(1): how long it is, from when it runs.

It is consecutive to ours: it runs from the moment at which the controller became aware (EDPB
guidelines 9/2022: once the processor has informed it). Only the controller knows that moment. We
show it the earliest one that is possible by what we know, the first arrival of any message of
ours, and call it so: at the latest, indicative. Prudence has a direction: here the earlier instant.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from registers.breaches.rules import Clock
from registers.kernel import calendars, periods
from registers.kernel.periods import Period, Unit
from registers.kernel.words import Text, text


class Limit(NamedTuple):
    """How long a controller has, from a day on."""

    since: date
    """The first day on which a controller that becomes aware has this time; midnight in UTC."""
    hours: int
    source: str


LIMITS = (Limit(date(2018, 5, 25), 72, "Art. 33(1)"),)
"""Every limit there was and is, the oldest first: the only place that holds these numbers.

The Commission proposed 96 hours on 19 November 2025 ("Digital Omnibus"). Should it be adopted, it
is one more entry, from the day of its application on; what began before keeps its 72 hours.
"""


def limit(aware_at: datetime, limits: tuple[Limit, ...] = LIMITS) -> Limit:
    """The limit for a controller that became aware at an instant; the first for what is older."""
    day = aware_at.astimezone(UTC).date()
    return next((each for each in reversed(limits) if each.since <= day), limits[0])


def clock(aware_at: datetime, limits: tuple[Limit, ...] = LIMITS) -> Clock:
    """The controller's own clock: elapsed hours, which nothing pauses or extends."""
    ends_at = _deadline(aware_at, "UTC", limits).ends_at
    return Clock(aware_at.astimezone(UTC), ends_at)


def rule(aware_at: datetime, zone: str) -> tuple[Text, ...]:
    """How the clock was counted, sentence by sentence, for readers in a zone."""
    return _deadline(aware_at, zone, LIMITS).rule


def _deadline(aware_at: datetime, zone: str, limits: tuple[Limit, ...]) -> periods.Deadline:
    # no calendar has a say in elapsed hours
    period = Period(limit(aware_at, limits).hours, Unit.HOURS)
    return periods.deadline(period, aware_at.astimezone(UTC), calendars.calendar("FR"), zone)


class Sign(NamedTuple):
    """Something that shows that a message may have arrived, and when at the earliest."""

    at: datetime
    says: Text


def of_message(sent_at: datetime, written_at: datetime, *, uncertain: bool) -> Sign:
    """An e-mail that the server took over: it may have arrived at once.

    Args:
        sent_at: when it was handed over.
        written_at: when its notice was written: nothing arrives before.
        uncertain: whether it may have left before, at an attempt that broke off.
    """
    if uncertain:
        return Sign(written_at, text("e-mail, perhaps sent at an attempt that broke off"))
    return Sign(sent_at, text("e-mail handed over to your mail server"))


def of_day(day: date, written_at: datetime, zone: str, says: Text) -> Sign:
    """Evidence of which only the local day is known: it may have been the day's first instant.

    Args:
        day: the day, where the controller is.
        written_at: when the notice was written: nothing arrives before.
        zone: the controller's.
        says: what it is.
    """
    begins = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    return Sign(max(begins, written_at), says)


def earliest(signs: Iterable[Sign]) -> Sign | None:
    """The sign of the earliest arrival; None as long as nothing can have arrived."""
    return min(signs, key=lambda each: each.at, default=None)
