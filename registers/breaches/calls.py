"""Calls: one alarm on its way to one address on call, or to the gateway, with what was answered."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.breaches.oncall import Reach
from registers.kernel import audit, outbox
from registers.kernel.act import Act
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.words import Named, text
from registers.people.roles import Permission

CALL = outbox.kind("breach.call")
"""Work of the outbox: tell one address of an alarm."""

ANSWERED = audit.kind(
    "breach.called", text("Alarm delivered"), "occasion", "way", "answer", "attempts"
)
FAILED = audit.kind(
    "breach.call_failed", text("Alarm could not be delivered"), "occasion", "way", "attempts"
)


class Occasion(Named):
    """Why people on call are told."""

    RECORDED = "recorded", text("a breach was recorded")
    HALF = "half", text("half of the time has passed")
    TWELVE = "twelve", text("12 hours are left")
    FOUR = "four", text("4 hours are left")
    ONE = "one", text("1 hour is left")
    OVER = "over", text("the time is over")
    TEST = "test", text("test: nothing happened")


class CallWay(Named):
    """How people on call are told."""

    EMAIL = "email", text("E-mail")
    WEBHOOK = "webhook", text("Gateway")


class CallState(Named):
    """Where a call stands."""

    TO_DO = "to_do", text("to do")
    DONE = "done", text("alarm delivered")
    FAILED = "failed", text("failed")


class AlarmCall(Keyed, Base):
    """An alarm on its way to one address: what it says is frozen, but for the time left."""

    __tablename__ = "alarm_call"
    __table_args__ = (sa.Index("ix_alarm_call_created_at", "created_at"),)
    regime = Regime.PLAIN

    breach_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("breach.id"), index=True)
    """None: a test."""
    occasion: Mapped[Occasion]
    way: Mapped[CallWay]
    address: Mapped[str]
    """Of an e-mail the address; empty of the gateway, whose address holds a secret."""
    code: Mapped[str]
    drill: Mapped[bool]
    waiting: Mapped[int]
    """How many contracts were not informed when the alarm fired."""
    ends_at: Mapped[datetime | None]
    """When the time of these is over; None where no clock runs yet."""
    created_at: Mapped[datetime]
    state: Mapped[CallState] = mapped_column(default=CallState.TO_DO)
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    """What the gateway or the mail server answered last."""


class Alarmed(NamedTuple):
    """What an alarm says, to whomever."""

    occasion: Occasion
    breach_id: uuid.UUID | None = None
    code: str = ""
    drill: bool = False
    waiting: int = 0
    ends_at: datetime | None = None


def place(act: Act, reach: Reach, alarmed: Alarmed) -> int:
    """Tells everybody on call after the act; of an exercise only the addresses of exercises.

    Gives how many are told.
    """
    ways = [(CallWay.EMAIL, each) for each in reach.emails]
    ways += [(CallWay.WEBHOOK, "")] * reach.gateway
    if alarmed.drill:
        ways = [(CallWay.EMAIL, each) for each in reach.drill_emails]
    rows = [
        AlarmCall(
            **alarmed._asdict(), way=way, address=address, created_at=act.now, answer="", attempts=0
        )
        for way, address in ways
    ]
    act.session.add_all(rows)
    names = [audit.name_of(row) for row in rows]
    outbox.put(act, [outbox.Wanted(CALL, f"{name}:call", name, act.now) for name in names])
    return len(rows)


class Ended(NamedTuple):
    """What became of a call in the end."""

    call_id: uuid.UUID
    delivered: bool
    answer: str
    attempts: int


def record(act: Act, ended: Sequence[Ended]) -> None:
    """Keeps what became of calls."""
    act.require(Permission.ALARM)
    for each in ended:
        row = act.take(AlarmCall, each.call_id)
        row.state = CallState.DONE if each.delivered else CallState.FAILED
        row.answer, row.attempts, row.ended_at = each.answer, each.attempts, act.now
        about = f"breach:{row.breach_id}" if row.breach_id else row
        said = {"occasion": row.occasion, "way": row.way, "attempts": each.attempts}
        values = {"address": row.address, "answer": each.answer}
        if each.delivered:
            act.log(ANSWERED, about, values=values, answer=each.answer[:3], **said)
        else:
            act.log(FAILED, about, values=values, **said)


class Shown(NamedTuple):
    """A call with how it stands now: while it is tried, the outbox knows how often and why."""

    call: AlarmCall
    attempts: int
    answer: str


def latest(
    session: Session, most: int, breaches: Collection[uuid.UUID] | None = None
) -> list[Shown]:
    """The last calls, the newest first; of some breaches where these are given."""
    query = sa.select(AlarmCall).order_by(AlarmCall.created_at.desc(), AlarmCall.id).limit(most)
    if breaches is not None:
        query = query.where(AlarmCall.breach_id.in_(breaches))
    return _shown(session, list(session.scalars(query)))


def _shown(session: Session, rows: Sequence[AlarmCall]) -> list[Shown]:
    names = [audit.name_of(row) for row in rows if row.state is CallState.TO_DO]
    query = sa.select(outbox.Outbox.about, outbox.Outbox.attempts, outbox.Outbox.error)
    found = {
        row[0]: (row[1], row[2])
        for row in (session.execute(query.where(outbox.Outbox.about.in_(names))) if names else ())
    }
    return [Shown(row, *found.get(audit.name_of(row), (row.attempts, row.answer))) for row in rows]


def undelivered(
    session: Session, breaches: Collection[uuid.UUID], now: datetime, patience: timedelta
) -> list[Shown]:
    """Calls about these breaches that failed, or have been tried for longer than that."""
    waits = sa.and_(AlarmCall.state == CallState.TO_DO, AlarmCall.created_at < now - patience)
    query = (
        sa.select(AlarmCall)
        .where(
            AlarmCall.breach_id.in_(breaches), sa.or_(AlarmCall.state == CallState.FAILED, waits)
        )
        .order_by(AlarmCall.created_at, AlarmCall.id)
    )
    return _shown(session, list(session.scalars(query)))
