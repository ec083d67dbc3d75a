"""Lessons drawn from breaches, and the measures that follow: by whom, until when, with what end."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches.models import Breach, FollowUp
from registers.breaches.vocabulary import Following
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import text
from registers.people.roles import Permission

RECORDED = audit.kind("breach_follow_up.recorded", text("Lesson or measure recorded"))
CHANGED = audit.kind("breach_follow_up.changed", text("Lesson or measure changed"), "changed")
ENDED = audit.kind("breach_follow_up.ended", text("Measure ended"), "state", "ended_on")
REOPENED = audit.kind("breach_follow_up.reopened", text("Measure taken up again"))


class Drawn(NamedTuple):
    """A lesson, and the measure that follows from it, where one does."""

    lesson: str
    measure: str = ""
    owner: str = ""
    due_on: date | None = None

    def checked(self) -> "Drawn":
        """The same in normal form.

        Raises:
            Invalid: it says nothing; or a measure has no owner, or no day.
        """
        lesson, measure, owner = (each.strip() for each in self[:3])
        if not lesson and not measure:
            raise Invalid(text("Say what was learnt, or what is to be done."), "lesson")
        if measure and not owner:
            raise Invalid(text("Say who sees to it."), "owner")
        if measure and self.due_on is None:
            raise Invalid(text("Say until when."), "due_on")
        if not measure and (owner or self.due_on):
            raise Invalid(text("Say what is to be done."), "measure")
        return Drawn(lesson, measure, owner, self.due_on)


def draw(act: Act, breach_id: uuid.UUID, drawn: Drawn) -> FollowUp:
    """Records a lesson or a measure, while the breach is open or long after.

    Raises:
        Invalid: see `Drawn.checked`.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    row = FollowUp(
        breach_id=head.id,
        **drawn.checked()._asdict(),
        state=Following.OPEN,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.log(RECORDED, row, within=head, values={"after": _plain(row)})
    return row


def change(act: Act, follow_up_id: uuid.UUID, drawn: Drawn, base: int) -> list[str]:
    """Words it otherwise, or gives it to another owner or day. Gives what changed.

    Raises:
        Conflict: somebody changed it meanwhile, or it has ended.
        Invalid: see `Drawn.checked`.
    """
    row = _taken(act, follow_up_id, base)
    _require(row, Following.OPEN)
    before = _plain(row)
    for name, value in drawn.checked()._asdict().items():
        setattr(row, name, value)
    after = _plain(row)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        values = {
            side: {name: said[name] for name in changed}
            for side, said in (("before", before), ("after", after))
        }
        act.log(CHANGED, row, within=f"breach:{row.breach_id}", values=values, changed=changed)
    return changed


class Ended(NamedTuple):
    """How a measure ended: on which day, with what outcome."""

    state: Following
    on: date
    outcome: str = ""


def end(act: Act, follow_up_id: uuid.UUID, ended: Ended, base: int, today: date) -> None:
    """Records that a measure is done, or given up with its reason.

    Raises:
        Conflict: somebody changed it meanwhile, it has ended, or there is nothing to do.
        Invalid: the day is to come, or a reason is missing.
    """
    state, on, outcome = ended
    row = _taken(act, follow_up_id, base)
    _require(row, Following.OPEN)
    if not row.measure:
        raise Conflict(text("This lesson asks for no measure."))
    if state is Following.OPEN:
        raise Invalid(text("Say whether it is done or given up."), "state")
    if on > today:
        raise Invalid(text("This day is still to come."), "ended_on")
    if state is Following.DROPPED and not outcome.strip():
        raise Invalid(text("Say why it is given up."), "outcome")
    row.state, row.ended_at, row.ended_on, row.outcome = state, act.now, on, outcome.strip()
    act.log(
        ENDED,
        row,
        within=f"breach:{row.breach_id}",
        values={"outcome": outcome},
        state=state,
        ended_on=on,
    )


def reopen(act: Act, follow_up_id: uuid.UUID, why: str, base: int) -> None:
    """Takes a measure up again that was thought to be done; the journal keeps that it was.

    Raises:
        Conflict: somebody changed it meanwhile, or it has not ended.
        Invalid: there is no reason.
    """
    row = _taken(act, follow_up_id, base)
    if row.state is Following.OPEN:
        raise Conflict(text("This measure has not ended."))
    if not why.strip():
        raise Invalid(text("Say why."), "outcome")
    former = {"ended_on": row.ended_on, "outcome": row.outcome, "state": row.state}
    row.state, row.ended_at, row.ended_on, row.outcome = Following.OPEN, None, None, ""
    act.log(REOPENED, row, within=f"breach:{row.breach_id}", values={"why": why, "before": former})


def _taken(act: Act, follow_up_id: uuid.UUID, base: int) -> FollowUp:
    act.require(Permission.BREACHES_RECORD)
    row = act.take(FollowUp, follow_up_id)
    if row.revision != base:
        raise Conflict(text("Somebody changed this measure meanwhile: look at it first."))
    return row


def _require(row: FollowUp, state: Following) -> None:
    if row.state is not state:
        raise Conflict(text("This measure has ended already."))


def _plain(row: FollowUp) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Drawn._fields}


def of_breach(session: Session, head: Breach) -> list[FollowUp]:
    """The lessons and measures of a breach: what is to do first, by its day."""
    query = sa.select(FollowUp).where(FollowUp.breach_id == head.id)
    rows = list(session.scalars(query))
    rows.sort(key=lambda row: (row.state is not Following.OPEN, *_order(row)))
    return rows


def _order(row: FollowUp) -> tuple[Any, ...]:
    return row.due_on is None, row.due_on or date.max, row.recorded_at, row.id


def one(session: Session, head: Breach, follow_up_id: uuid.UUID) -> FollowUp | None:
    """One lesson or measure of a breach, where it is one of it."""
    row = session.get(FollowUp, follow_up_id)
    return row if row is not None and row.breach_id == head.id else None


def due(session: Session, until: date, most: int) -> list[tuple[FollowUp, Breach]]:
    """The measures that are to be done until a day, those overdue first."""
    query = (
        sa.select(FollowUp, Breach)
        .join(Breach, Breach.id == FollowUp.breach_id)
        .where(FollowUp.state == Following.OPEN, FollowUp.measure != "", FollowUp.due_on <= until)
        .order_by(FollowUp.due_on, FollowUp.recorded_at, FollowUp.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def of_breaches(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[FollowUp]]:
    """The lessons and measures of several breaches, in the order in which they were recorded."""
    query = (
        sa.select(FollowUp)
        .where(FollowUp.breach_id.in_(ids))
        .order_by(FollowUp.recorded_at, FollowUp.id)
    )
    found: dict[uuid.UUID, list[FollowUp]] = {}
    for row in session.scalars(query):
        found.setdefault(row.breach_id, []).append(row)
    return found
