"""What all benches share: a house of their own, repetitions, tables, the last line of JSON.

Nothing here fails because something is slow: a bench says what it found.
"""

import gc
import math
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

import click
import msgspec
from flask import Flask

from app import schema
from app.application import create_app
from app.commands.opening import settle
from app.config import Settings
from app.home import Home
from app.house import House, db
from registers.kernel import clock

Command = TypeVar("Command", bound=Callable[..., Any])
Work = Callable[[], object]

NOISY = 1.5
"""A 95th percentile that is so many times the median tells more of the machine than of us."""


def options(command: Command) -> Command:
    """The options of every bench; `--size` is for tests, which time nothing."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object."),
        click.option("--quick", is_flag=True, help="Smaller: ends within a minute."),
        click.option("--size", type=click.IntRange(min=1), hidden=True),
    ):
        command = option(command)
    return command


@contextmanager
def installed(**more: Any) -> Iterator[Flask]:
    """An application on an empty installation of its own, gone afterwards.

    Neither settings nor data folder of whoever calls are looked at.

    Args:
        more: settings beside the data folder.
    """
    with TemporaryDirectory(prefix="greffe-bench-") as folder:
        settings = Settings(home=Path(folder), **more)
        Home(settings).prepare(clock.now())
        schema.upgrade(settings.url)
        app = create_app(settings)
        settle()
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


def house_of(app: Flask) -> House:
    """The installation of an application, where several are open at once."""
    house: House = app.extensions["greffe"]
    return house


class Spread(NamedTuple):
    """How long the repetitions of one thing took, in seconds."""

    least: float
    median: float
    p95: float
    busy: float
    """The median processor time: without what the machine did for others."""

    @property
    def noisy(self) -> bool:
        """Whether the slowest repetitions say little of what was measured."""
        return self.p95 > NOISY * self.median


def spread(taken: Sequence[tuple[float, float]]) -> Spread:
    """What the repetitions tell together: of each the seconds, and those of the processor."""
    ordered = sorted(seconds for seconds, _busy in taken)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    busy = statistics.median(busy for _seconds, busy in taken)
    return Spread(ordered[0], statistics.median(ordered), p95, busy)


def timed(work: Work) -> float:
    """The seconds that one run took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def busy() -> float:
    """The seconds that this process, and those it waited for, had a processor.

    For work that waits for nothing: the same while the machine does other things beside.
    """
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def peak(who: int) -> float:
    """The most memory that was in use at once, in MiB.

    Args:
        who: `resource.RUSAGE_SELF`, or `RUSAGE_CHILDREN` for the largest process waited for.
    """
    found = resource.getrusage(who).ru_maxrss
    return found / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def in_turn(works: Sequence[Work], rounds: int) -> list[Spread]:
    """The spread of each, run in turn: what else the machine does then touches all alike."""
    gc.collect()
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, taken, strict=True):
            busy = time.process_time()
            seconds = timed(work)
            found.append((seconds, time.process_time() - busy))
    return [spread(found) for found in taken]


class Report:
    """What a bench says: sentences and tables for people, then one line for programs."""

    def __init__(self, title: str) -> None:
        self._began = time.perf_counter(), time.process_time()
        load = os.getloadavg()[0]
        say(f"greffe bench {title}")
        say(
            f"Python {platform.python_version()}, {os.cpu_count()} cores; "
            f"load before: {load:.1f} (what else runs makes every figure worse)"
        )

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table; the first column is a name, the others are figures."""
        cells = [[str(cell) for cell in row] for row in (headings, *rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        say()
        for row in cells:
            first, *others = (
                cell.rjust(width) if at else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            say("  ".join((first, *others)).rstrip())
        say()

    def end(self, result: dict[str, Any], *, as_json: bool) -> None:
        """The last words: how quiet the machine was, and the figures."""
        wall, busy = self._began
        wall, busy = time.perf_counter() - wall, time.process_time() - busy
        say(f"Took {wall:.0f} s, of which this process had a core for {busy:.0f} s.")
        if as_json:
            say(msgspec.json.encode(_rounded(result)).decode())


def say(line: str = "") -> None:
    """One line, at once: some benches take minutes."""
    click.echo(line)


def ms(seconds: float) -> str:
    """Milliseconds, as precisely as they mean something."""
    return f"{seconds * 1e3:.1f}"


def met(*, kept: bool) -> str:
    """Whether a target is met."""
    return "met" if kept else "MISSED"


def _rounded(value: Any) -> Any:
    """The same figures with no more digits than a measurement has."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return value
