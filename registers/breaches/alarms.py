"""Alarms: when people on call are told that contracts are not informed yet, and that it was done.

The same alarms fire whatever the severity. They need a worker, so whoever looks at the board is
told when there is none: `unfired` asks only what is on record.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import calls, oncall
from registers.breaches.calls import Alarmed, Occasion
from registers.breaches.models import Affected, Alarm, Breach
from registers.breaches.vocabulary import Phase, Threshold
from registers.kernel import audit, heartbeat
from registers.kernel.act import Act, Actor, Database
from registers.kernel.errors import Conflict
from registers.kernel.words import text
from registers.people.roles import Permission

FIRED = audit.kind("breach.alarm", text("Alarm"), "occasion", "waiting", "calls")
TESTED = audit.kind("oncall.tested", text("Test alarm sent"), "calls")

_ORDER = list(Threshold)


class Due(NamedTuple):
    """An alarm that is due and was not fired."""

    alarm: Alarm
    breach: Breach
    waiting: int
    """How many contracts are not informed by then."""


def due(session: Session, now: datetime) -> list[Due]:
    """The alarms that are due, with how many contracts are not informed by then."""
    waiting = (
        sa.select(sa.func.count())
        .where(
            Affected.breach_id == Alarm.breach_id,
            Affected.ends_at == Alarm.ends_at,
            Affected.informed_at.is_(None),
            Affected.removed_at.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        sa.select(Alarm, Breach, waiting)
        .join(Breach, Breach.id == Alarm.breach_id)
        .where(Alarm.due_at <= now, Alarm.fired_at.is_(None), Breach.phase == Phase.OPEN)
        .order_by(Alarm.due_at, Alarm.id)
    )
    return [Due(row[0], row[1], row[2]) for row in session.execute(query)]


def fire(database: Database, actor: Actor) -> None:
    """Fires what is due, once however many workers look: for a sweep.

    An alarm of which no contract waits any more is marked, and nobody is told. One that would
    reach nobody stays due, so that it shows on the board, and fires once somebody is on call.
    Of several about the same clocks that became due while no worker ran, only the last is told.
    """
    with database.reading() as session:
        found = due(session, database.now())
        reach = oncall.reach(session)
    if any(not each.waiting or reach.anybody(drill=each.breach.drill) for each in found):
        with database.acting(actor) as act:
            _fire(act)


def _fire(act: Act) -> None:
    act.require(Permission.ALARM)
    reach = oncall.reach(act.session)
    found = due(act.session, act.now)
    last = {
        (each.breach.id, each.alarm.ends_at): each.alarm.id
        for each in sorted(found, key=lambda each: _ORDER.index(each.alarm.threshold))
    }
    for each in found:
        if each.waiting and not reach.anybody(drill=each.breach.drill):
            continue
        alarm = act.take(Alarm, each.alarm.id)
        if alarm.fired_at is not None:  # another worker was sooner
            continue
        alarm.fired_at = act.now
        occasion, told = Occasion(alarm.threshold.value), 0
        if each.waiting and last[each.breach.id, alarm.ends_at] == alarm.id:
            says = (occasion, each.breach.id, each.breach.code, each.breach.drill)
            told = calls.place(act, reach, Alarmed(*says, each.waiting, alarm.ends_at))
        act.log(FIRED, each.breach, occasion=occasion, waiting=each.waiting, calls=told)


def tell_recorded(act: Act, head: Breach) -> None:
    """Tells people on call at once that a breach was recorded, whoever did and at whatever hour."""
    reach = oncall.reach(act.session)
    if not reach.anybody(drill=head.drill):
        return
    told = calls.place(act, reach, Alarmed(Occasion.RECORDED, head.id, head.code, head.drill))
    act.log(FIRED, head, occasion=Occasion.RECORDED, waiting=0, calls=told)


def try_out(act: Act) -> int:
    """Sends a test alarm to everybody on call; gives to how many.

    Raises:
        Conflict: nobody is on call.
    """
    act.require(Permission.ON_CALL)
    reach = oncall.reach(act.session)
    if not reach.anybody(drill=False):
        raise Conflict(text("Nobody is on call: give an address or a gateway first."))
    told = calls.place(act, reach, Alarmed(Occasion.TEST))
    act.log(TESTED, "on_call", calls=told)
    return told


class Unfired(NamedTuple):
    """Why whoever looks at the board must not count on alarms."""

    due_at: datetime | None
    """Since when the oldest alarm is due that was not fired; None: none is."""
    worker_seen_at: datetime | None
    """When a worker was last seen; None: none ever was."""
    no_worker: bool
    unreached: bool
    """Whether alarms would reach nobody: nobody is on call."""
    drills_unreached: bool
    """The same of exercises: no address for them is set."""
    undelivered: tuple[calls.Shown, ...]

    @property
    def all_well(self) -> bool:
        """Whether there is nothing to say."""
        wrong = self.due_at or self.no_worker or self.unreached or self.drills_unreached
        return not wrong and not self.undelivered


def unfired(session: Session, breaches: Collection[Breach], now: datetime) -> Unfired | None:
    """Whether the alarms of open breaches can be counted on; None where there is no such breach.

    Asked at reading, of what is on record: right with every worker dead.
    """
    if not breaches:
        return None
    ids: set[uuid.UUID] = {each.id for each in breaches}
    late = [
        each.alarm.due_at
        for each in due(session, now)
        if each.waiting and each.breach.id in ids and now - each.alarm.due_at > heartbeat.MISSED
    ]
    seen = heartbeat.last_seen(session)
    reach = oncall.reach(session)
    return Unfired(
        due_at=min(late, default=None),
        worker_seen_at=seen,
        no_worker=seen is None or now - seen > heartbeat.MISSED,
        unreached=not reach.anybody(drill=False) and any(not each.drill for each in breaches),
        drills_unreached=not reach.anybody(drill=True) and any(each.drill for each in breaches),
        undelivered=tuple(calls.undelivered(session, ids, now, heartbeat.MISSED)),
    )
