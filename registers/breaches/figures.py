"""Figures of breaches: how soon controllers were informed, how many within their limit.

Exercises are never counted with real breaches; what is still to come is told apart from what
was missed. Pure rules first, then the one statement that reads what they need.
"""

import itertools
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Phase
from registers.kernel.words import Text, text


class Group(NamedTuple):
    """Contracts with the same clock that were informed at the same instant, or are not yet."""

    ends_at: datetime | None
    informed_at: datetime | None
    contracts: int
    complete: int


class Step(NamedTuple):
    """How many contracts were informed by then."""

    after: timedelta
    """Since the awareness."""
    informed: int


class Limit(NamedTuple):
    """When the time of some contracts ends."""

    after: timedelta
    contracts: int


class Figures(NamedTuple):
    """How a breach was told."""

    contracts: int
    informed: int
    in_time: int
    late: int
    """Informed too late, or not informed although the time is over."""
    complete: int
    first: timedelta | None
    """From the awareness to the first contract informed."""
    last: timedelta | None
    """To the last one; None while some are not informed."""
    steps: tuple[Step, ...]
    limits: tuple[Limit, ...]

    @property
    def share_in_time(self) -> float | None:
        """Of those informed or over, how many within the limit; None where there is none yet."""
        decided = self.in_time + self.late
        return self.in_time / decided if decided else None

    @property
    def share_complete(self) -> float | None:
        """Of all, how many with every channel that is demanded; None where there is none."""
        return self.complete / self.contracts if self.contracts else None


def figures(aware_at: datetime | None, groups: Iterable[Group], now: datetime) -> Figures:
    """The figures of one breach at an instant.

    Args:
        aware_at: since when the organisation is aware; None: no time is counted.
        groups: its contracts.
        now: the present instant, or when it ended.
    """
    held = list(groups)
    contracts = sum(each.contracts for each in held)
    informed = sum(each.contracts for each in held if each.informed_at)
    late = sum(each.contracts for each in held if each.ends_at and _is_late(each, now))
    in_time = sum(each.contracts for each in held if each.informed_at and not _is_late(each, now))
    steps = _steps(aware_at, held) if aware_at else ()
    return Figures(
        contracts,
        informed,
        in_time,
        late,
        sum(each.complete for each in held),
        steps[0].after if steps else None,
        steps[-1].after if steps and informed == contracts else None,
        steps,
        _limits(aware_at, held) if aware_at else (),
    )


def _is_late(each: Group, now: datetime) -> bool:
    return each.ends_at is not None and (each.informed_at or now) >= each.ends_at


def _steps(aware_at: datetime, held: Sequence[Group]) -> tuple[Step, ...]:
    found: dict[timedelta, int] = {}
    for each in held:
        if each.informed_at is not None:
            after = max(each.informed_at - aware_at, timedelta())
            found[after] = found.get(after, 0) + each.contracts
    steps, total = [], 0
    for after, count in sorted(found.items()):
        total += count
        steps.append(Step(after, total))
    return tuple(steps)


def _limits(aware_at: datetime, held: Sequence[Group]) -> tuple[Limit, ...]:
    found: dict[timedelta, int] = {}
    for each in held:
        if each.ends_at is not None:
            after = each.ends_at - aware_at
            found[after] = found.get(after, 0) + each.contracts
    return tuple(Limit(after, count) for after, count in sorted(found.items()))


def together(all_of_them: Iterable[Figures]) -> Figures:
    """The sums of several breaches; the longest times."""
    held = list(all_of_them)
    return Figures(
        sum(each.contracts for each in held),
        sum(each.informed for each in held),
        sum(each.in_time for each in held),
        sum(each.late for each in held),
        sum(each.complete for each in held),
        max((each.first for each in held if each.first is not None), default=None),
        max((each.last for each in held if each.last is not None), default=None),
        (),
        (),
    )


SPANS = (4, 12, 24, 48)
"""The hours between which contracts are counted together."""


def spans(told: Figures) -> list[tuple[Text, int]]:
    """How many contracts were informed within which time; those not informed last."""
    bounds = [timedelta(hours=each) for each in SPANS]
    counts = [0] * (len(bounds) + 1)
    before = 0
    for step in told.steps:
        place = sum(step.after > bound for bound in bounds)
        counts[place] += step.informed - before
        before = step.informed
    names = [
        text("within {hours} h", hours=SPANS[0]),
        *(
            text("{since} to {until} h", since=since, until=until)
            for since, until in itertools.pairwise(SPANS)
        ),
        text("after {hours} h", hours=SPANS[-1]),
        text("not informed yet"),
    ]
    return list(zip(names, [*counts, told.contracts - before], strict=True))


def lasted(span: timedelta) -> Text:
    """A span of time in hours and minutes."""
    minutes = int(span.total_seconds() // 60)
    return text("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def of_breaches(
    session: Session, heads: Collection[Breach], now: datetime
) -> dict[uuid.UUID, Figures]:
    """The figures of breaches, in one statement; of those that ended, as they stood then."""
    complete = sa.case((Affected.complete_at.is_not(None), 1), else_=0)
    query = (
        sa.select(
            Affected.breach_id,
            Affected.ends_at,
            Affected.informed_at,
            sa.func.count(),
            sa.func.sum(complete),
        )
        .where(Affected.breach_id.in_([head.id for head in heads]), Affected.removed_at.is_(None))
        .group_by(Affected.breach_id, Affected.ends_at, Affected.informed_at)
    )
    groups: dict[uuid.UUID, list[Group]] = {}
    for key, ends_at, informed_at, count, done in session.execute(query):
        groups.setdefault(key, []).append(Group(ends_at, informed_at, count, int(done)))
    return {
        head.id: figures(head.aware_at, groups.get(head.id, ()), min(now, head.ended_at or now))
        for head in heads
    }


def counted(session: Session, *, drills: bool) -> list[Breach]:
    """The breaches that are counted, or the exercises, the newest first.

    Suspicions that proved false are not: nobody had to be informed.
    """
    query = sa.select(Breach).where(Breach.drill.is_(drills), Breach.phase != Phase.FALSE)
    return list(session.scalars(query.order_by(Breach.recorded_at.desc(), Breach.code.desc())))
