"""What the post says of letters: handed in, presented, handed over, returned."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from registers.controllers.vocabulary import Channel
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.notices import operations as notices
from registers.notices import receipts
from registers.notices.models import (
    Dispatch,
    Matter,
    Notice,
    Posted,
)
from registers.notices.receipts import Proof
from registers.notices.vocabulary import (
    BY_POST,
    DispatchState,
    Evidence,
    NoticeKind,
    PostalEvent,
)
from registers.people.roles import Permission

POSTED = audit.kind("notice.posted", text("Letter followed up"), "event", "happened_on")
PRESENT = timedelta(days=1)


class Slip(NamedTuple):
    """What the post says of a letter."""

    event: PostalEvent
    happened_on: date
    number: str = ""
    note: str = ""
    content: bytes | None = None
    qualified: bool = False
    """Of an electronic registered letter: whether the service is a qualified one."""


AFTER = {
    PostalEvent.DEPOSITED: DispatchState.SENT,
    PostalEvent.PRESENTED: None,
    PostalEvent.HANDED_OVER: DispatchState.DELIVERED,
    PostalEvent.REFUSED: DispatchState.RETURNED,
    PostalEvent.UNCLAIMED: DispatchState.RETURNED,
    PostalEvent.UNKNOWN: DispatchState.RETURNED,
    PostalEvent.RETURNED: DispatchState.RETURNED,
}
"""Where a letter stands after each event; None: where it stood."""


def follow_post(act: Act, dispatch_id: uuid.UUID, slip: Slip) -> None:
    """Records what happened to a letter; a hand-over proves the receipt of its contracts.

    Raises:
        Invalid: the channel is none of the post, or the day is to come.
    """
    follow_posts(act, [(dispatch_id, slip)])


def follow_posts(act: Act, slips: Sequence[tuple[uuid.UUID, Slip]]) -> None:
    """As `follow_post`, of many letters: what follows elsewhere is done once for all of them."""
    act.require(Permission.RECEIPTS_RECORD)
    left: dict[NoticeKind, list[uuid.UUID]] = {}
    for dispatch_id, slip in slips:
        row = act.take(Dispatch, dispatch_id)
        _record_slip(act, row, slip)
        if slip.event is PostalEvent.DEPOSITED:
            row.sent_at = row.sent_at or act.now
            told = notices.told_by(act, row, act.now, slip.happened_on)
            left.setdefault(notices.kind_of(act, row.notice_id), []).extend(told)
    act.session.flush()
    for kind, matters in left.items():
        if matters:
            act.follow("sent", kind, matters)
    received: list[tuple[Matter, Notice]] = []
    for dispatch_id, slip in slips:
        if slip.event is PostalEvent.HANDED_OVER:
            row = act.session.get_one(Dispatch, dispatch_id)
            query = sa.select(Matter.id).where(
                Matter.notice_id == row.notice_id, Matter.controller_id == row.controller_id
            )
            found = receipts.matters_of(act, list(act.session.scalars(query)))
            proof = Proof(_evidence(row, slip), slip.happened_on, slip.note, content=slip.content)
            receipts.record(act, found, proof, None)
            received += found
    act.session.flush()
    receipts.follow_received(act, received)


def _record_slip(act: Act, row: Dispatch, slip: Slip) -> None:
    if row.channel not in BY_POST:
        raise Invalid(text("This does not travel by post."))
    if slip.happened_on > (act.now + PRESENT).date():
        raise Invalid(text("This day is still to come."), "happened_on")
    stored = act.files.put(act.session, slip.content) if slip.content else None
    act.session.add(
        Posted(
            dispatch_id=row.id,
            event=slip.event,
            happened_on=slip.happened_on,
            number=slip.number,
            note=slip.note,
            proof_sha256=stored,
            recorded_at=act.now,
            author=act.actor.reference,
        )
    )
    row.number = slip.number or row.number
    row.state = AFTER[slip.event] or row.state
    row.said = slip.note
    act.log(
        POSTED,
        row,
        within=f"controller:{row.controller_id}",
        values={"number": slip.number, "note": slip.note},
        event=slip.event,
        happened_on=slip.happened_on,
    )


def _evidence(row: Dispatch, slip: Slip) -> Evidence:
    if row.channel is Channel.REGISTERED_LETTER:
        return Evidence.HAND_OVER
    return Evidence.QUALIFIED if slip.qualified else Evidence.ELECTRONIC
