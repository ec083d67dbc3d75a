"""Clocks of breaches, what notices still lack, when people are alarmed: pure rules.

The limit is in elapsed hours (contract 001 §7.5.6, 004 art. 41; K14, K46): nothing pauses it,
no night, no weekend, no change of clocks. It starts when the organisation became aware, or later
when it became known that this controller is affected.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from registers.breaches.facts import LETTERS, Breach
from registers.breaches.vocabulary import Phase, Threshold
from registers.controllers.vocabulary import Channel
from registers.kernel.errors import Invalid
from registers.kernel.history import EMPTY
from registers.kernel.instants import Instant
from registers.kernel.words import Text, plural, text

HOURS = 48
"""Where the contract says nothing, and where there is none as long as data are held."""


class Clock(NamedTuple):
    """A running limit of one contract."""

    starts_at: datetime
    ends_at: datetime
    """The first instant that is too late."""

    def left(self, now: datetime) -> timedelta:
        """The time left; negative when it is over."""
        return self.ends_at - now


def clock(aware_at: datetime, known_at: datetime | None, hours: int | None) -> Clock:
    """The clock of one contract.

    Args:
        aware_at: when the organisation became aware.
        known_at: when it became known that this controller is affected; None: with the rest.
        hours: of the contract's terms; None: it says nothing, or there is none.
    """
    starts_at = max(aware_at, known_at or aware_at).astimezone(UTC)
    return Clock(starts_at, starts_at + timedelta(hours=hours if hours is not None else HOURS))


class Demanding(Protocol):
    """The terms of a contract, as far as they tell of breaches."""

    @property
    def breach_hours(self) -> int | None:
        """Within how many hours the controller is told; None: the contract does not say."""

    @property
    def breach_channels(self) -> tuple[Channel, ...]:
        """By which channels."""


def strictest(terms: Iterable[Demanding]) -> tuple[int, tuple[Channel, ...]]:
    """What several contracts of one controller demand together: the least hours, all channels."""
    known = list(terms)
    hours = min(
        (each.breach_hours if each.breach_hours is not None else HOURS for each in known),
        default=HOURS,
    )
    asked = {channel for each in known for channel in each.breach_channels} or {Channel.EMAIL}
    return hours, tuple(channel for channel in Channel if channel in asked)


LAST_HOURS = {Threshold.TWELVE: 12, Threshold.FOUR: 4, Threshold.ONE: 1, Threshold.OVER: 0}


def alarms(running: Clock) -> dict[Threshold, datetime]:
    """When people are alarmed about a clock; what would come before half of it is left out."""
    half = running.starts_at + (running.ends_at - running.starts_at) / 2
    late = {
        threshold: running.ends_at - timedelta(hours=hours)
        for threshold, hours in LAST_HOURS.items()
    }
    kept = {threshold: at for threshold, at in late.items() if at > half}
    return {Threshold.HALF: half, **kept}


def lacking(known: Breach, numbers: bool) -> dict[str, list[str]]:
    """What is still missing of Art. 33(3): by letter, the names of the fields.

    Args:
        known: what is known.
        numbers: whether the approximate numbers of persons and records are known where they are
            asked for.
    """
    found: dict[str, list[str]] = {}
    for letter, fields in LETTERS.items():
        if letter == "d":
            missing = [] if any(getattr(known, name) for name in fields) else list(fields[:1])
        else:
            missing = [name for name in fields if getattr(known, name) in EMPTY]
        if letter == "a" and not numbers:
            missing.append("numbers")
        if missing:
            found[letter] = missing
    return found


def require_minimum(known: Breach) -> None:
    """Makes sure that a first notice says what happened, so that the clock may count it.

    Art. 33(4) lets the rest follow in phases.

    Raises:
        Invalid: it is not known since when we are aware, or nothing says what happened.
    """
    if known.aware is None:
        raise Invalid(
            text("Say since when the organisation is aware: the clocks run from it."), "aware"
        )
    if not known.description.strip() and not known.nature:
        raise Invalid(
            text("Say at least what happened to the data (Art. 33(3)(a)); the rest may follow."),
            "description",
        )


def checked(known: Breach, now: datetime) -> Breach:
    """A record in normal form; what is not known stays empty.

    Raises:
        Invalid: a time never was, was twice without saying which, or is still to come; the end
            is before the beginning; nothing says what happened.
    """
    if not known.title.strip():
        raise Invalid(text("This entry is needed."), "title")
    for name in ("detected", "aware", "subprocessor_aware", "began", "ended"):
        _checked_instant(getattr(known, name), name, now)
    if known.began and known.ended and known.ended.moment() < known.began.moment():
        raise Invalid(text("It ended before it began."), "ended")
    if known.ongoing and known.ended:
        raise Invalid(text("It is still going on, or it has ended: not both."), "ongoing")
    return known


def _checked_instant(written: Instant | None, name: str, now: datetime) -> None:
    if written is None:
        return
    try:
        moment = written.moment()
    except Invalid as error:
        raise Invalid(error.reason, name) from error
    if moment > now:
        raise Invalid(text("This time is still to come."), name)


class Gauges(NamedTuple):
    """How far the duty towards one contract is done."""

    informed_at: datetime | None
    """The first proven dispatch of a notice with the minimum content; alarms follow it."""
    complete_at: datetime | None
    """When every channel that the contract demands had been taken."""

    def late(self, ends_at: datetime, now: datetime) -> bool:
        """Whether it was informed too late, or is not informed although the time is over."""
        return (self.informed_at or now) >= ends_at


def lasting(time: timedelta) -> Text:
    """A length of time as people read it: hours and minutes."""
    minutes = int(time.total_seconds() // 60)
    hours = plural("{count} hour", "{count} hours", minutes // 60)
    return text("{hours} {minutes} min", hours=hours, minutes=minutes % 60)


def remaining(left: timedelta) -> Text:
    """The time left as people read it: hours and minutes, or for how long it is over."""
    says = lasting(abs(left))
    if left < timedelta():
        return text("over for {time}", time=says)
    return text("{time} left", time=says)


def may_close(phase: Phase, uninformed: int) -> Text | None:
    """Why a breach cannot be closed yet; None where it can."""
    if phase is not Phase.OPEN:
        return text("It is closed already.")
    if uninformed:
        return plural(
            "One controller is not informed yet.",
            "{count} controllers are not informed yet.",
            uninformed,
        )
    return None
