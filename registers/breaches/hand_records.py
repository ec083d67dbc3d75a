"""Records of what was told by hand: who, when, by which way, and what proves it."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.breaches.models import Breach
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.periods import midnight_after
from registers.kernel.words import Named, text


class HandWay(Named):
    """How somebody was told."""

    TELEPHONE = "telephone", text("Telephone")
    EMAIL = "email", text("E-mail from another system")
    REGISTERED = "registered", text("Registered letter, deposited")
    ELECTRONIC = "electronic", text("Electronic registered letter, deposited")
    IN_PERSON = "in_person", text("In person")


CHANNELS = {
    HandWay.EMAIL: Channel.EMAIL,
    HandWay.REGISTERED: Channel.REGISTERED_LETTER,
    HandWay.ELECTRONIC: Channel.ELECTRONIC_REGISTERED,
}
"""Which channel of a contract is taken so; a call or a visit takes none, however useful."""


class ToldByHand(Keyed, Base):
    """That a controller was told for a contract without this program."""

    __tablename__ = "breach_by_hand"
    regime = Regime.LEDGER

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"), index=True)
    affected_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach_affected.id"), index=True)
    way: Mapped[HandWay]
    whom: Mapped[str]
    happened_on: Mapped[date]
    """The local day in `zone`."""
    at: Mapped[datetime | None]
    """The instant; None: only the day is proven."""
    zone: Mapped[str]
    minimum: Mapped[bool]
    """Whether what happened to the data was said, so that the controller is informed."""
    note: Mapped[str]
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("breach_by_hand.id"), unique=True
    )
    """The record that was wrong: neither counts any more, and `note` says why."""

    @property
    def counts_from(self) -> datetime:
        """The instant that the gauges take."""
        if self.at is not None:
            return self.at
        return min(midnight_after(self.happened_on, ZoneInfo(self.zone)), self.recorded_at)


class Shown(NamedTuple):
    """A record, and whether another one says that it was wrong."""

    row: ToldByHand
    wrong: str
    """Why; empty where it counts."""

    @property
    def corrects_id(self) -> uuid.UUID | None:
        """The record that this one is a correction of."""
        return self.row.corrects_id


def all_of(session: Session, ids: Collection[uuid.UUID]) -> list[Shown]:
    """All records about some affected contracts, the first one first."""
    rows: list[ToldByHand] = []
    for part in history.parts(list(ids)):
        query = sa.select(ToldByHand).where(ToldByHand.affected_id.in_(part))
        rows += session.scalars(query.order_by(ToldByHand.recorded_at, ToldByHand.id))
    wrong = {row.corrects_id: row.note for row in rows if row.corrects_id}
    return [Shown(row, wrong.get(row.id, "")) for row in rows]


def counting(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[ToldByHand]]:
    """What was told by hand and still counts, by affected contract, the first record first."""
    found: dict[uuid.UUID, list[ToldByHand]] = {}
    for row in all_of(session, ids):
        if row.corrects_id is None and not row.wrong:
            found.setdefault(row.row.affected_id, []).append(row.row)
    return found


def proofs_of(session: Session, head: Breach) -> set[str]:
    """The digests of what proves what was told by hand of a breach."""
    query = sa.select(ToldByHand.proof_sha256).where(ToldByHand.breach_id == head.id)
    return {digest for digest in session.scalars(query) if digest}
