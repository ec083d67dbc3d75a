"""When workers were last seen: no duty hangs on a process that may have died unnoticed."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.kernel import outbox
from registers.kernel.base import Base, Regime, insert_or_ignore

EVERY = timedelta(seconds=20)
"""How often a worker is seen."""
MISSED = timedelta(minutes=3)
"""After how long without any worker people are told, where work is due."""
KEPT = timedelta(days=1)
"""How long a worker that is gone is remembered, unless it was the last one."""


class WorkerSeen(Base):
    """A worker process, and when it was last seen."""

    __tablename__ = "worker_seen"
    regime = Regime.UPKEEP

    holder: Mapped[str] = mapped_column(primary_key=True)
    """The name under which it takes work."""
    version: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Absence(NamedTuple):
    """Work is due and nobody does it."""

    waiting: int
    """How many pieces of work are due."""
    seen_at: datetime | None
    """When a worker was last seen; None where none ever was."""
    due_at: datetime
    """Since when the oldest of this work is due."""


def beat(traces: Session, holder: str, version: str, started_at: datetime, now: datetime) -> None:
    """Notes that a worker is there, and forgets those long gone. In upkeep."""
    row = {"version": version, "started_at": started_at, "seen_at": now}
    traces.execute(insert_or_ignore(traces, WorkerSeen, holder=holder, **row))
    mine = WorkerSeen.holder == holder
    traces.execute(sa.update(WorkerSeen).where(mine).values(seen_at=now))
    gone = sa.and_(WorkerSeen.seen_at < now - KEPT, ~mine)
    traces.execute(sa.delete(WorkerSeen).where(gone))


def last_seen(session: Session) -> datetime | None:
    """When any worker was last seen."""
    return session.scalar(sa.select(sa.func.max(WorkerSeen.seen_at)))


def absence(session: Session, now: datetime) -> Absence | None:
    """Whether work has been due for a while and no worker was seen meanwhile."""
    oldest = outbox.oldest_due(session, now)
    if oldest is None or now - oldest <= MISSED:
        return None
    seen_at = last_seen(session)
    if seen_at is not None and now - seen_at <= MISSED:
        return None
    return Absence(outbox.counts(session, now).due, seen_at, oldest)
