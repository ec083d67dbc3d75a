"""Work that leaves the transaction: the row, written in the act, is the truth.

Whatever carries wake-ups (a queue, a timer, nothing at all) may fail: a row that is due and not
done is offered again. A worker takes rows under a lease; when it dies, the lease runs out and
the row is taken by another. What a worker does must therefore bear being done twice, or be
recognised as begun: each kind of work sees to that.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.kernel.act import Act
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.words import Named, text

KINDS: set[str] = set()
"""Every kind of work that was declared; each has a handler in `registers.work`."""

LEASE = timedelta(minutes=5)
MOST = 25
"""How many rows a worker takes at a time."""

DELAYS = (1, 2, 5, 15, 60, 240, 720)
"""Minutes to wait after each failure that may pass; after the last one, that again."""


def kind(name: str) -> str:
    """Declares a kind of work, and gives its name."""
    if name in KINDS:
        raise ValueError(f"declared twice: {name}")
    KINDS.add(name)
    return name


class State(Named):
    """Where a piece of work stands."""

    WAITING = "waiting", text("to do")
    TAKEN = "taken", text("under way")
    DONE = "done", text("done")
    FAILED = "failed", text("given up: a person has to look")


class Outbox(Keyed, Base):
    """A piece of work to be done at some time, once."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_state_due_at", "state", "due_at"),)
    regime = Regime.UPKEEP

    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    """What makes it the same work: wanted twice, it is there once."""
    about: Mapped[str]
    """The row it is to be done for, as the journal names rows."""
    due_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(default=State.WAITING)
    holder: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class Wanted(NamedTuple):
    """Work to be put into the outbox; see `Outbox`."""

    kind: str
    key: str
    about: str
    due_at: datetime


class Taken(NamedTuple):
    """Work that a worker holds."""

    id: uuid.UUID
    kind: str
    about: str
    attempts: int
    """How often it was taken, this time included: more than once, it may have been begun."""


class Counts(NamedTuple):
    """How the outbox stands, for the pages that watch over it."""

    due: int
    taken: int
    failed: int


def put(act: Act, wanted: Iterable[Wanted]) -> None:
    """Leaves work for after the act; what is there already is not put again.

    What is due now wakes the workers once the act is committed.
    """
    wanted = list(wanted)
    if undeclared := {work.kind for work in wanted} - KINDS:
        raise ValueError(f"kinds of work that nobody declared: {', '.join(sorted(undeclared))}")
    rows = [
        {
            **work._asdict(),
            "id": uuid.uuid4(),
            "state": State.WAITING,
            "holder": "",
            "attempts": 0,
            "error": "",
        }
        for work in wanted
    ]
    if rows:
        act.session.flush()
        sqlite_here = act.session.get_bind().dialect.name == "sqlite"
        insert = sqlite.insert if sqlite_here else postgresql.insert
        statement = insert(Outbox).on_conflict_do_nothing(index_elements=["key"])
        act.session.execute(statement, rows)
    if act.wake not in act.after and any(work.due_at <= act.now for work in wanted):
        act.after.append(act.wake)


def cancel(act: Act, keys: Collection[str]) -> None:
    """Takes work back that nobody has begun."""
    act.session.execute(
        sa.delete(Outbox).where(Outbox.key.in_(keys), Outbox.state == State.WAITING)
    )


def take(
    traces: Session, kinds: Collection[str], now: datetime, holder: str, most: int = MOST
) -> list[Taken]:
    """Takes work that is due, the longest due first, under a lease. In upkeep.

    Args:
        traces: the session of an upkeep.
        kinds: what this worker can do.
        now: the present instant.
        holder: who takes it; only the holder can settle it.
        most: how many pieces.
    """
    free = sa.or_(
        Outbox.state == State.WAITING,
        sa.and_(Outbox.state == State.TAKEN, Outbox.lease_until < now),
    )
    due = (
        sa.select(Outbox.id)
        .where(Outbox.kind.in_(kinds), Outbox.due_at <= now, free)
        .order_by(Outbox.due_at, Outbox.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list(traces.scalars(due))
    if not ids:
        return []
    taken = {
        "state": State.TAKEN,
        "holder": holder,
        "lease_until": now + LEASE,
        "attempts": Outbox.attempts + 1,
    }
    _update(traces, Outbox.id.in_(ids), taken)
    columns = (Outbox.id, Outbox.kind, Outbox.about, Outbox.attempts)
    found = traces.execute(
        sa.select(*columns).where(Outbox.id.in_(ids)).order_by(Outbox.due_at, Outbox.id)
    )
    return [Taken(*row) for row in found]


def is_open(session: Session, names: Collection[str]) -> bool:
    """Whether work about one of these rows is still to be done."""
    open_ = Outbox.state.in_((State.WAITING, State.TAKEN))
    query = sa.select(Outbox.id).where(Outbox.about.in_(names), open_).limit(1)
    return session.scalar(query) is not None


def holders(session: Session) -> set[str]:
    """Who holds work."""
    query = sa.select(Outbox.holder).where(Outbox.state == State.TAKEN).distinct()
    return set(session.scalars(query))


def release(traces: Session, dead: Collection[str], now: datetime) -> None:
    """Offers at once what workers held that are known to be dead. In upkeep."""
    held = sa.and_(Outbox.state == State.TAKEN, Outbox.holder.in_(list(dead)))
    _update(traces, held, {"lease_until": now - timedelta(seconds=1)})


def keep(
    traces: Session, ids: Collection[uuid.UUID], holder: str, now: datetime
) -> list[uuid.UUID]:
    """Begins the lease anew, before what takes long; gives what is still held. In upkeep."""
    return _held(traces, ids, holder, {"lease_until": now + LEASE})


def settle(
    traces: Session, ids: Collection[uuid.UUID], holder: str, now: datetime
) -> list[uuid.UUID]:
    """Marks work as done; gives what was still held. In upkeep, or in the act that does it."""
    done = {"state": State.DONE, "done_at": now, "lease_until": None, "error": ""}
    return _held(traces, ids, holder, done)


def put_back(
    traces: Session, work: uuid.UUID, holder: str, now: datetime, error: str
) -> list[uuid.UUID]:
    """Offers work again after a failure that may pass; later each time. In upkeep."""
    attempts = traces.scalar(sa.select(Outbox.attempts).where(Outbox.id == work)) or 1
    wait = timedelta(minutes=DELAYS[min(attempts, len(DELAYS)) - 1])
    again = {"state": State.WAITING, "due_at": now + wait, "lease_until": None, "error": error}
    return _held(traces, [work], holder, again)


def give_up(traces: Session, work: uuid.UUID, holder: str, error: str) -> list[uuid.UUID]:
    """Leaves work to a person after a failure that will not pass. In upkeep."""
    return _held(
        traces, [work], holder, {"state": State.FAILED, "lease_until": None, "error": error}
    )


def held(session: Session, ids: Collection[uuid.UUID], holder: str) -> list[uuid.UUID]:
    """What of this work somebody has taken and neither settled nor given back."""
    return list(session.scalars(sa.select(Outbox.id).where(_mine(ids, holder))))


def due_kinds(session: Session, now: datetime) -> list[str]:
    """The kinds of work that is due and that nobody holds."""
    due = sa.select(Outbox.kind).where(Outbox.state == State.WAITING, Outbox.due_at <= now)
    return sorted(session.scalars(due.distinct()))


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting work is due; None where nothing is."""
    due = sa.and_(Outbox.state == State.WAITING, Outbox.due_at <= now)
    return session.scalar(sa.select(sa.func.min(Outbox.due_at)).where(due))


def counts(session: Session, now: datetime) -> Counts:
    """How the outbox stands."""
    due = sa.and_(Outbox.state == State.WAITING, Outbox.due_at <= now)
    query = sa.select(
        sa.func.count().filter(due),
        sa.func.count().filter(Outbox.state == State.TAKEN),
        sa.func.count().filter(Outbox.state == State.FAILED),
    ).where(Outbox.state != State.DONE)
    return Counts(*session.execute(query).one())


def _held(
    traces: Session, ids: Collection[uuid.UUID], holder: str, values: dict[str, Any]
) -> list[uuid.UUID]:
    mine = sa.select(Outbox.id).where(_mine(ids, holder)).with_for_update()
    held = list(traces.scalars(mine))
    if held:
        _update(traces, Outbox.id.in_(held), values)
    return held


def _mine(ids: Collection[uuid.UUID], holder: str) -> sa.ColumnElement[bool]:
    return sa.and_(Outbox.id.in_(list(ids)), Outbox.holder == holder, Outbox.state == State.TAKEN)


def _update(traces: Session, which: sa.ColumnElement[bool], values: dict[str, Any]) -> None:
    statement = sa.update(Outbox).where(which).values(values)
    traces.execute(statement, execution_options={"synchronize_session": False})
