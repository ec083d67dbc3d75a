"""`greffe bench deadlines`: business days, counted by us and by the `holidays` library itself."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import holidays

from app.commands.bench.measuring import Report, Spread, in_turn, options, say, timed
from registers.kernel import calendars, periods
from registers.kernel.periods import Period, Unit

CODES = {
    "FR": "FR",
    "FR-57": "FR-57",
    "FR-67": "FR-6AE",
    "FR-971": "FR-971",
    "FR-974": "FR-974",
    "BE": "BE",
    "LU": "LU",
    "DE-BY": "DE-BY",
    "ES": "ES",
    "IT": "IT",
    "PT": "PT",
    "PL": "PL",
    "NL": "NL",
}
"""The calendars asked for, and how the library calls each."""

MODEL = 30
"""The contracts' own window of objection, in business days: the figure that counts."""

AMOUNTS = (MODEL, 2, 10, 60, -MODEL)
FIRST, LAST = date(2024, 1, 1), date(2035, 12, 31)
SPARE = 2
"""Years that a count may lead beyond these, loaded beforehand for the library."""

ROUNDS = 5
FULL, QUICK = 24_000, 6_000
LINES = 100_000
QUICK_LINES = 20_000


class Asked(NamedTuple):
    """One question, ready for both: the calendars are loaded already."""

    code: str
    start: date
    amount: int
    period: Period
    ours: calendars.Calendar
    zone: str
    theirs: holidays.HolidayBase


@click.command("deadlines")
@options
def command(*, as_json: bool, quick: bool, size: int | None) -> None:
    """Business days, against the holidays library; and the deadlines command as a whole."""
    count = size or (QUICK if quick else FULL)
    report = Report("deadlines")
    asked = {amount: questions(amount, count) for amount in AMOUNTS}
    say(
        f"{count} questions for each amount: starts from {FIRST.year} to {LAST.year}, "
        f"{len(CODES)} calendars. Ours gives the day, the instant it ends, the holidays passed "
        "over and the rule; HolidayBase.get_nth_working_day gives the day."
    )
    spreads = {amount: measured(each) for amount, each in asked.items()}
    report.table(
        ("business days", "ours, per second", "holidays, per second", "ratio"),
        [
            (
                amount,
                f"{count / ours.least:,.0f}",
                f"{count / theirs.least:,.0f}",
                f"{theirs.least / ours.least:.1f}",
            )
            for amount, (ours, theirs) in spreads.items()
        ],
    )
    agreeing, total = _say_agreement(report, [each for few in asked.values() for each in few])
    lines = size or (QUICK_LINES if quick else LINES)
    seconds, start = command_seconds(lines), command_seconds(1)
    say(
        f"greffe deadlines answered {lines:,} lines of all units in {seconds:.2f} s, its start "
        f"({start:.2f} s) included: {lines / seconds:,.0f} lines a second, with the rule in two "
        "languages on each."
    )
    ours, theirs = spreads[MODEL]
    report.end(
        {
            "ratio_holidays": theirs.least / ours.least,
            "per_second": count / ours.least,
            "holidays_per_second": count / theirs.least,
            "command_per_second": lines / seconds,
            "command_start_s": start,
            "questions": total,
            "agreeing": agreeing,
            "lines": lines,
        },
        as_json=as_json,
    )


def questions(amount: int, count: int) -> list[Asked]:
    """Questions of one amount over all calendars and years, the same in every run."""
    chance = random.Random(amount)  # noqa: S311 no secret
    years = range(FIRST.year - SPARE, LAST.year + SPARE + 1)
    known = [_loaded(code, years) for code in CODES]
    period = Period(amount, Unit.BUSINESS_DAYS)
    return [
        Asked(code, _start(chance), amount, period, ours, calendars.zone_of(code), theirs)
        for code, ours, theirs in (known[at % len(known)] for at in range(count))
    ]


def _loaded(code: str, years: range) -> tuple[str, calendars.Calendar, holidays.HolidayBase]:
    country, _, region = CODES[code].partition("-")
    theirs = holidays.country_holidays(country, subdiv=region or None, years=years)
    return code, calendars.calendar(code), theirs


def _start(chance: random.Random) -> date:
    return date.fromordinal(chance.randint(FIRST.toordinal(), LAST.toordinal()))


def measured(asked: Sequence[Asked]) -> tuple[Spread, Spread]:
    """How long all answers took: ours, and the library's."""

    def ours() -> None:
        for each in asked:
            periods.deadline(each.period, each.start, each.ours, each.zone)

    def theirs() -> None:
        for each in asked:
            each.theirs.get_nth_working_day(each.start, each.amount)

    ours()
    theirs()
    first, second = in_turn([ours, theirs], ROUNDS)
    return first, second


def _say_agreement(report: Report, asked: Sequence[Asked]) -> tuple[int, int]:
    """Tells where both give the same day; gives how many do, of how many."""
    rows, agreeing = [], 0
    for code in CODES:
        mine = [each for each in asked if each.code == code]
        other = [(each, day) for each in mine for day in [_other(each)] if day]
        agreeing += len(mine) - len(other)
        example = ""
        if other:
            each, day = other[0]
            due = periods.deadline(each.period, each.start, each.ours, each.zone).due
            example = f"{each.amount} from {each.start}: ours {due}, theirs {day}"
        rows.append((code, len(mine), len(mine) - len(other), example))
    report.table(("calendar", "questions", "same day", "first difference"), rows)
    say(
        f"{agreeing:,} of {len(asked):,} days agree. Where they do not, our calendar departs from "
        "the library's on purpose: each departure stands in registers/kernel/calendars.py with "
        "its source."
    )
    return agreeing, len(asked)


def _other(each: Asked) -> date | None:
    """The library's day, where it is not ours."""
    theirs = each.theirs.get_nth_working_day(each.start, each.amount)
    ours = periods.deadline(each.period, each.start, each.ours, each.zone).due
    return theirs if theirs != ours else None


# --- the whole command --------------------------------------------------------------------

TIMED = {"hours": (48, "T03:12:00+00:00"), "business_hours": (16, "T10:30:00")}


def command_seconds(count: int) -> float:
    """How long `greffe deadlines` takes for so many lines, as a program of its own."""
    with TemporaryDirectory(prefix="greffe-bench-") as folder:
        asked, answered = Path(folder, "asked.jsonl"), Path(folder, "answered.jsonl")
        with asked.open("w") as file:
            file.writelines(f"{json.dumps(each)}\n" for each in lines(count))

        def run() -> None:
            with asked.open("rb") as given, answered.open("wb") as out:
                subprocess.run(
                    [sys.executable, "-m", "app", "deadlines"], stdin=given, stdout=out, check=True
                )

        seconds = timed(run)
        found = answered.read_bytes().count(b"\n")
    if found != count:
        raise click.ClickException(f"{count} lines were asked, {found} were answered.")
    return seconds


def lines(count: int) -> list[dict[str, Any]]:
    """Questions of all units, half of them business days, as a register would ask."""
    chance = random.Random(count)  # noqa: S311 no secret
    units = ["business_days"] * 5 + ["hours", "days", "months", "jours_ouvrables", "business_hours"]
    codes = list(CODES)
    found = []
    for at in range(count):
        unit, code = chance.choice(units), chance.choice(codes)
        amount, time = TIMED.get(unit, (chance.choice((2, 10, MODEL)), ""))
        line = {"id": at, "unit": unit, "amount": amount, "start": f"{_start(chance)}{time}"}
        line["calendar"] = code
        if unit == "business_hours":
            line["opening"] = [["09:00", "12:00"], ["14:00", "18:00"]]
        if unit == "days":
            line["roll"] = "next_business_day"
        found.append(line)
    return found
