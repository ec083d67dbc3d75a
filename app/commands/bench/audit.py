"""`greffe bench audit`: what the journal costs when it is long."""

import itertools
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import click
import msgspec

from app.commands.bench.measuring import (
    Report,
    Spread,
    house_of,
    in_turn,
    installed,
    met,
    ms,
    options,
    say,
)
from app.house import House
from registers.controllers import facts, operations
from registers.controllers.vocabulary import ContactKind
from registers.kernel import audit
from registers.kernel.history import How
from registers.kernel.standalone import Verdict
from registers.people.roles import Permission, console

SHORT, FULL, QUICK = 100, 100_000, 20_000
AT_ONCE = 1_000
"""How many entries an act that fills the journal leaves."""

ACTS, QUICK_ACTS = 400, 200
ROUNDS = 9
DAY = date(2026, 1, 5)

MOST_PER_LINE, MOST_GROWTH = 10.0, 1.3


@click.command("audit")
@options
def command(*, as_json: bool, quick: bool, size: int | None) -> None:
    """The whole chain verified, and one ordinary act, in a short and in a long journal."""
    report = Report("audit")
    long = max(size or (QUICK if quick else FULL), SHORT)
    with installed() as first, installed() as second:
        short, full = Journal(house_of(first)), Journal(house_of(second))
        short.fill(SHORT)
        seconds = full.fill(long)
        say(f"{long:,} entries by real acts of {AT_ONCE:,} in {seconds:.1f} s.")
        acts = in_turn(
            [short.ordinary_act(), full.ordinary_act()],
            min(size or ACTS, QUICK_ACTS if quick else ACTS),
        )
        checks = in_turn([short.verify, full.verify], ROUNDS)
        grown = [journal.memory() for journal in (short, full)]
        lost = short.lost() + full.lost()
    _tell(report, (short, full), acts, checks, grown)
    per_line = checks[1].least / full.expected * 1e6
    growth = acts[1].median / acts[0].median
    say(
        f"{per_line:.1f} µs a line (at most {MOST_PER_LINE:.0f}: "
        f"{met(kept=per_line <= MOST_PER_LINE)}); an act takes {growth:.2f} times as long "
        f"(at most {MOST_GROWTH}: {met(kept=growth <= MOST_GROWTH)}); lines lost: {lost}."
    )
    report.end(
        {
            "us_per_line": per_line,
            "act_growth": growth,
            "act_ms": acts[1].median * 1e3,
            "lines": full.expected,
            "lost": lost,
            "verify_memory_mb": grown[1],
            "acts_per_second": 1 / acts[1].median,
            "fill_per_second": long / seconds,
        },
        as_json=as_json,
    )


def _tell(
    report: Report,
    journals: "tuple[Journal, Journal]",
    acts: list[Spread],
    checks: list[Spread],
    grown: list[float],
) -> None:
    headings = ("lines", "verify, ms", "µs a line", "memory, MB", "act, median ms", "p95 ms")
    rows = [
        (
            f"{journal.expected:,}",
            ms(check.least),
            f"{check.least / journal.expected * 1e6:.1f}",
            f"{memory:.1f}",
            f"{act.median * 1e3:.2f}",
            f"{act.p95 * 1e3:.2f}",
        )
        for journal, act, check, memory in zip(journals, acts, checks, grown, strict=True)
    ]
    report.table(headings, rows)


@dataclass
class Journal:
    """The journal of one installation, and how many entries were written to it."""

    house: House
    expected: int = 0

    def fill(self, lines: int) -> float:
        """Brings it to so many entries by recording points of contact; gives the seconds."""
        begun = time.perf_counter()
        how = How(DAY, "Reprise")
        with self.house.database.acting(console()) as act:
            act.require(Permission.CHECKPOINT)
            audit.sign_checkpoint(act, self.house.home.checkpoint_key)
        self.expected += 1
        while left := lines - self.expected:
            count = min(left, AT_ONCE)
            with self.house.database.acting(console()) as act:
                for number in range(self.expected, self.expected + count):
                    operations.record_contact(act, _contact(number), how)
            self.expected += count
        return time.perf_counter() - begun

    def ordinary_act(self) -> Callable[[], None]:
        """An act as people do most: one row changed, one entry with values."""
        how = How(DAY, "Changement de numéro")
        with self.house.database.acting(console()) as act:
            head = operations.record_contact(act, _contact(0), how)
        self.expected += 1
        versions = itertools.count(1)

        def change() -> None:
            base = next(versions)
            known = msgspec.structs.replace(_contact(0), phone=f"04 00 {base:06d}")
            with self.house.database.acting(console()) as act:
                operations.change_contact(act, head.id, known, base, how)
            self.expected += 1

        return change

    def verify(self) -> Verdict:
        """Checks the whole chain.

        Raises:
            ClickException: it does not hold.
        """
        with self.house.database.engine.connect() as connection:
            verdict, _agreeing = audit.verify(connection, self.house.home.checkpoint_key.public)
        if verdict.faults:
            raise click.ClickException(f"The journal does not hold: {verdict.faults[0]}")
        return verdict

    def memory(self) -> float:
        """By how many megabytes the memory grows while it is verified, at the most."""
        tracemalloc.start()
        before, _peak = tracemalloc.get_traced_memory()
        self.verify()
        _after, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return (peak - before) / 1e6

    def lost(self) -> int:
        """How many entries were written and are not there."""
        return self.expected - self.verify().size


def _contact(number: int) -> facts.Contact:
    return facts.Contact(
        kind=ContactKind.PERSON,
        first_name="Maëlle",
        name=f"Kerbrat {number}",
        function="Déléguée à la protection des données",
        email=f"dpo{number}@commune.example",
        phone="04 00 00 00 10",
    )
