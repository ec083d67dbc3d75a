"""What was told by hand, while this program or the mail was what was hit: entered afterwards.

A telephone call at night informs a controller; it is no registered letter. So each record says by
which way, when, to whom, whether the minimum was said, and what proves it. What is known only by
its day proves the day: the gauges take its end, the later instant, and the page says so.
"""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from registers.breaches import gauges
from registers.breaches.hand_records import HandWay, ToldByHand
from registers.breaches.models import Affected, Breach
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

TOLD = audit.kind(
    "breach.by_hand", text("Told by hand"), "way", "happened_on", "exact", "minimum", "contracts"
)
TAKEN_BACK = audit.kind("breach.by_hand_error", text("Record of a notice by hand was wrong"))


class Hand(NamedTuple):
    """What somebody did by hand."""

    way: HandWay
    whom: str
    happened_on: date
    at: datetime | None
    zone: str
    minimum: bool = True
    note: str = ""
    content: bytes | None = None
    """The proof."""


def checked(hand: Hand, now: datetime) -> Hand:
    """What can be recorded.

    Raises:
        Invalid: it is still to come, nobody is named, or nothing says how it is known.
    """
    if not hand.whom.strip():
        raise Invalid(text("Say who was told."), "whom")
    if hand.at is not None and hand.at > now:
        raise Invalid(text("This time is still to come."), "at")
    if hand.happened_on > now.astimezone(ZoneInfo(hand.zone)).date():
        raise Invalid(text("This day is still to come."), "on")
    if hand.content is None and not hand.note.strip():
        raise Invalid(text("Add what proves it, or say how it is known."), "note")
    return hand


def record(act: Act, breach_id: uuid.UUID, ids: Collection[uuid.UUID], hand: Hand) -> int:
    """Records that controllers were told by hand, each for its contract; moves their gauges.

    Gives how many.

    Raises:
        Invalid: see `checked`.
        NotFound: one of them is not affected by this breach.
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    hand = checked(hand, act.now)
    rows = _affected(act, head, ids)
    proof = act.files.put(act.session, hand.content) if hand.content else None
    act.session.add_all(_row(act, head, row.id, hand, proof_sha256=proof) for row in rows)
    act.session.flush()
    gauges.refresh(act, rows)
    act.log(
        TOLD,
        head,
        values={"whom": hand.whom, "note": hand.note, "contracts": [str(row.id) for row in rows]},
        way=hand.way,
        happened_on=hand.happened_on,
        exact=hand.at is not None,
        minimum=hand.minimum,
        contracts=len(rows),
    )
    return len(rows)


def _row(act: Act, head: Breach, affected_id: uuid.UUID, hand: Hand, **more: Any) -> ToldByHand:
    return ToldByHand(
        breach_id=head.id,
        affected_id=affected_id,
        way=hand.way,
        whom=hand.whom,
        happened_on=hand.happened_on,
        at=hand.at,
        zone=hand.zone,
        minimum=hand.minimum,
        note=hand.note,
        recorded_at=act.now,
        author=act.actor.reference,
        **more,
    )


def take_back(act: Act, record_id: uuid.UUID, why: str) -> None:
    """Records that a record was wrong: it stays, and counts no more.

    Raises:
        Invalid: there is no reason.
        Conflict: that was said already.
    """
    act.require(Permission.BREACHES_NOTIFY)
    wrong = act.session.get(ToldByHand, record_id)
    if wrong is None:
        raise NotFound
    if not why.strip():
        raise Invalid(text("Say why the former record was wrong."), "why")
    said = sa.select(ToldByHand.id).where(ToldByHand.corrects_id == record_id)
    if wrong.corrects_id is not None or act.session.scalar(said) is not None:
        raise Conflict(text("This record was corrected already."))
    head = act.take(Breach, wrong.breach_id)
    again = Hand(
        way=wrong.way,
        whom=wrong.whom,
        happened_on=wrong.happened_on,
        at=wrong.at,
        zone=wrong.zone,
        minimum=False,
        note=why,
    )
    act.session.add(_row(act, head, wrong.affected_id, again, corrects_id=wrong.id))
    act.session.flush()
    gauges.refresh(act, _affected(act, head, [wrong.affected_id]))
    act.log(TAKEN_BACK, head, values={"why": why, "record": str(wrong.id)})


def _affected(act: Act, head: Breach, ids: Collection[uuid.UUID]) -> list[Affected]:
    rows: list[Affected] = []
    for part in history.parts(list(ids)):
        query = sa.select(Affected).where(Affected.id.in_(part), Affected.breach_id == head.id)
        rows += act.session.scalars(query.with_for_update())
    if not rows or len(rows) != len(set(ids)):
        raise NotFound
    return rows
