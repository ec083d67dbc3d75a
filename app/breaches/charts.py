"""Small charts as plain SVG: nothing is run, and a table beside each says the same in words."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from registers.breaches.figures import Figures

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 72, 12, 16, 34
HOUR = timedelta(hours=1)
NICE = (1, 2, 4, 6, 12, 24, 48, 72, 168, 336, 720)
"""How many hours there may be between two marks."""
MARKS = 8


class Mark(NamedTuple):
    """A place on an axis, and what stands there."""

    at: float
    says: str


class Curve(NamedTuple):
    """How many contracts were informed after how many hours."""

    line: str
    """The points of a polyline."""
    hours: list[Mark]
    limits: list[Mark]
    top: float
    bottom: float
    left: float
    right: float
    most: int


def curve(told: Figures, now: timedelta | None) -> Curve | None:
    """The curve of a breach; None while nothing can be counted.

    Args:
        told: its figures.
        now: how long ago the awareness was, or how long until the end of the breach.
    """
    if not told.contracts or now is None:
        return None
    ends = [each.after for each in told.limits] + [each.after for each in told.steps]
    long = max([*ends, HOUR]) / HOUR
    if told.informed < told.contracts:
        long = max(long, min(now / HOUR, 4 * long))
    long *= 1.04
    across = (WIDTH - LEFT - RIGHT) / long
    high = (HEIGHT - TOP - BOTTOM) / told.contracts

    def x(hours: float) -> float:
        return round(LEFT + hours * across, 1)

    def y(count: int) -> float:
        return round(HEIGHT - BOTTOM - count * high, 1)

    points, before = [(x(0), y(0))], 0
    for step in told.steps:
        here = x(step.after / HOUR)
        points += [(here, y(before)), (here, y(step.informed))]
        before = step.informed
    points.append((x(max(min(long, now / HOUR), *_hours(told))), y(before)))
    return Curve(
        " ".join(f"{across_},{up}" for across_, up in points),
        _marks(long, x),
        [Mark(x(each.after / HOUR), f"{each.after / HOUR:.0f} h") for each in told.limits],
        y(told.contracts),
        y(0),
        x(0),
        WIDTH - RIGHT,
        told.contracts,
    )


def _hours(told: Figures) -> list[float]:
    return [0.0, 0.0, *(step.after / HOUR for step in told.steps)]


def _marks(long: float, x: Callable[[float], float]) -> list[Mark]:
    step = next((each for each in NICE if long / each <= MARKS), NICE[-1])
    return [Mark(x(hours), f"{hours} h") for hours in range(0, int(long) + 1, step)]


def widths(counts: Sequence[int]) -> list[float]:
    """How wide bars are, in percent of the widest."""
    most = max(counts, default=0) or 1
    return [round(100 * each / most, 1) for each in counts]
