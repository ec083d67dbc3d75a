"""`greffe deadlines`: the time limits of the registers, for any program that asks."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import click
import msgspec

from registers.kernel import calendars, periods
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.periods import Period, Roll, Unit
from registers.kernel.words import Words, text


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """One line of standard input."""

    unit: Unit
    amount: int
    start: str
    id: Any = None
    calendar: str = "FR"
    zone: str | None = None
    roll: Roll = Roll.NONE
    opening: list[tuple[str, str]] = []
    good_friday: bool = True
    closures: list[date] = []


class Answer(msgspec.Struct):
    """One line of standard output."""

    id: Any
    due: str
    ends_at: str
    skipped: list[str]
    rule: dict[str, str]


_question = msgspec.json.Decoder(Question)
_loose = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_WORDS = {language: Words(language) for language in ("fr", "en")}


@click.command()
def deadlines() -> None:
    r"""Answers JSON lines of standard input, one line each, in order.

    Touches neither data folder nor database. The exit status is 1 when a line was bad. A question:

    \b
    {"id": "x", "unit": "business_days", "amount": 30, "start": "2026-04-01",
     "calendar": "FR", "zone": "Europe/Paris", "roll": "none"}

    Units: hours (from an instant with its offset: 2026-04-01T10:00:00+02:00), days,
    business_days, jours_ouvrables, months, years, business_hours (with "opening":
    [["09:00","12:00"],["14:00","18:00"]] and a local time without offset). A negative amount
    counts back. "roll": none or next_business_day. "good_friday": false where the commune does
    not keep it. "closures": further days off.
    """
    output = sys.stdout.buffer
    bad = False
    for line, failed in answers(sys.stdin.buffer):
        bad = bad or failed
        output.write(line + b"\n")
    output.flush()
    sys.exit(1 if bad else 0)


def answers(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line's answer, and whether it is an error."""
    for number, line in enumerate(lines, 1):
        try:
            yield _encode(answer(_question.decode(line))), False
        except GreffeError as error:
            yield _refusal(number, line, str(error)), True
        except (msgspec.DecodeError, ValueError) as error:
            yield _refusal(number, line, f"not a question: {error}"), True


def answer(asked: Question) -> Answer:
    """The deadline of one question.

    Raises:
        Invalid: the question has no answer; says why.
    """
    period = Period(asked.amount, asked.unit, asked.roll, tuple(asked.opening))
    calendar = calendars.calendar(asked.calendar, asked.good_friday, frozenset(asked.closures))
    zone = asked.zone or calendars.zone_of(asked.calendar)
    found = periods.deadline(period, _start(asked), calendar, zone)
    return Answer(
        id=asked.id,
        due=found.due.isoformat(),
        ends_at=found.ends_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        skipped=[day.isoformat() for day in found.skipped],
        rule={language: words.sentences(found.rule) for language, words in _WORDS.items()},
    )


def _start(asked: Question) -> date | datetime:
    timed = asked.unit in {Unit.HOURS, Unit.BUSINESS_HOURS}
    try:
        return datetime.fromisoformat(asked.start) if timed else date.fromisoformat(asked.start)
    except ValueError as error:
        raise Invalid(
            text("Not a start for {unit}: {start}", unit=asked.unit.value, start=asked.start)
        ) from error


def _refusal(number: int, line: bytes, why: str) -> bytes:
    known = _id(line)
    return _encode({"id": known, "error": why if known is not None else f"line {number}: {why}"})


def _id(line: bytes) -> Any:
    try:
        return _loose.decode(line).get("id")
    except (msgspec.DecodeError, AttributeError):
        return None
