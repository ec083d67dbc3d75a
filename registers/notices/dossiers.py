"""What is on record of notices: the ways they took, what the post did, what proves receipt."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.notices.models import Confirmation, Dispatch, Notice, Posted, Receipt
from registers.notices.vocabulary import Grade, grade


class Proven(NamedTuple):
    """A piece of evidence as it was recorded."""

    row: Receipt
    grade: Grade
    confirmation: Confirmation | None
    corrected: bool
    """Whether another record took its place."""

    @property
    def awaits(self) -> bool:
        """Whether a second person still has to confirm it."""
        return self.row.two_persons and self.confirmation is None and not self.corrected

    @property
    def holds(self) -> bool:
        """Whether it proves the receipt, and was not corrected since."""
        return self.grade is Grade.STRONG and not self.corrected


def proven(session: Session, matters: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Proven]]:
    """The evidence of receipt of these contracts told of, in the order in which it was recorded."""
    rows: list[tuple[Receipt, Confirmation | None]] = []
    for part in history.parts(list(matters)):
        query = (
            sa.select(Receipt, Confirmation)
            .outerjoin(Confirmation, Confirmation.receipt_id == Receipt.id)
            .where(Receipt.matter_id.in_(part))
            .order_by(Receipt.recorded_at, Receipt.id)
        )
        rows += [(row[0], row[1]) for row in session.execute(query)]
    corrected = {row.corrects_id for row, _ in rows}
    found: dict[uuid.UUID, list[Proven]] = {}
    for row, confirmation in rows:
        worth = grade(row.evidence)
        if worth is Grade.STRONG and row.two_persons and confirmation is None:
            worth = Grade.WEAK
        each = Proven(row, worth, confirmation, row.id in corrected)
        found.setdefault(row.matter_id, []).append(each)
    return found


class Sent(NamedTuple):
    """A way that a notice took, with what the post said of it."""

    row: Dispatch
    notice: Notice
    events: Sequence[Posted]


def sent(
    session: Session, of_notice: sa.ColumnElement[bool], controller_id: uuid.UUID
) -> Iterator[Sent]:
    """The ways to one controller of some notices, in the order in which these were written.

    Args:
        session: a reading session.
        of_notice: which notices.
        controller_id: the controller; messages that serve several are its own too.
    """
    query = (
        sa.select(Dispatch, Notice)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(
            of_notice,
            sa.or_(Dispatch.controller_id.is_(None), Dispatch.controller_id == controller_id),
        )
        .order_by(Notice.created_at, Notice.number, Dispatch.channel, Dispatch.id)
    )
    rows = [(row[0], row[1]) for row in session.execute(query)]
    posted = events(session, [row.id for row, _ in rows])
    for row, notice in rows:
        yield Sent(row, notice, posted.get(row.id, ()))


class Carried(NamedTuple):
    """How a paper travels: as which notice, on which channel, where to."""

    number: str
    channel: Channel
    address: str


def carried(session: Session, annexes: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Carried]]:
    """Of papers that are notices, how each travels: an e-mail and a letter are papers apart."""
    found: dict[uuid.UUID, list[Carried]] = {}
    for part in history.parts(annexes):
        query = (
            sa.select(Dispatch.annex_id, Notice.number, Dispatch.channel, Dispatch.address)
            .join(Notice, Notice.id == Dispatch.notice_id)
            .where(Dispatch.annex_id.in_(part))
            .order_by(Notice.number, Dispatch.channel, Dispatch.address)
        )
        for key, number, channel, address in session.execute(query):
            if key is not None:
                found.setdefault(key, []).append(Carried(number, channel, address))
    return found


def events(session: Session, dispatches: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Posted]]:
    """What the post did with letters, in the order of the days."""
    found: dict[uuid.UUID, list[Posted]] = {}
    for part in history.parts(list(dispatches)):
        query = sa.select(Posted).where(Posted.dispatch_id.in_(part))
        ordered = query.order_by(Posted.happened_on, Posted.recorded_at, Posted.id)
        for event in session.scalars(ordered):
            found.setdefault(event.dispatch_id, []).append(event)
    return found
