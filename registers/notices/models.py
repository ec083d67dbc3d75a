"""Notices, the contracts they are about, their ways to the recipient, and what proves receipt."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registers.controllers.vocabulary import Channel
from registers.kernel.base import Base, ErasableText, Keyed, Regime
from registers.notices.vocabulary import DispatchState, Evidence, NoticeKind, PostalEvent


class Notice(Keyed, Base):
    """One message to one recipient, whatever number of controllers it serves."""

    __tablename__ = "notice"
    __table_args__ = (sa.UniqueConstraint("cause", "recipient"),)
    regime = Regime.PLAIN

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[NoticeKind]
    cause: Mapped[str]
    """The row that it tells of, as the journal names it, and which telling of it: one recipient
    is told once."""
    recipient: Mapped[str]
    """The row of the point of contact, or of the controller where there is none."""
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    told: Mapped[dict[str, Any]] = mapped_column()
    """What this notice says beside the rows it tells of: frozen when it was written."""
    created_at: Mapped[datetime]
    author: Mapped[str]
    annex_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("annex.id"))
    """The sealed paper; none until it was typeset."""
    withdrawn_at: Mapped[datetime | None]


class Matter(Keyed, Base):
    """One contract told of in a notice: it has its own receipt, window and objections."""

    __tablename__ = "matter"
    __table_args__ = (sa.UniqueConstraint("notice_id", "contract_id"),)
    regime = Regime.PLAIN

    notice_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("notice.id"))
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"), index=True)
    """None: there is no contract, but data are held."""
    terms: Mapped[dict[str, Any]]
    """Those of the contract on the day of the notice."""
    calendar: Mapped[str]
    good_friday: Mapped[bool]
    zone: Mapped[str]
    sent_on: Mapped[date | None]
    """The local day on which it first left us, on any channel."""
    informed_at: Mapped[datetime | None]
    """The instant of that."""


class Receipt(Keyed, Base):
    """Evidence that a controller received a notice. Never changed; another one may correct it."""

    __tablename__ = "receipt"
    regime = Regime.ERASABLE
    erasable = ("by_name", "by_function", "note")

    matter_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matter.id"), index=True)
    evidence: Mapped[Evidence]
    received_on: Mapped[date]
    """The local day of the controller."""
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """Who received it, where that is known."""
    by_function: Mapped[str] = mapped_column(ErasableText, nullable=True)
    note: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """How it is known; of a decision, the clause and the reason."""
    proof_sha256: Mapped[str | None]
    two_persons: Mapped[bool]
    """Whether it counts in full only once another person confirmed it."""
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("receipt.id"))


class Confirmation(Keyed, Base):
    """The second person's word on a receipt."""

    __tablename__ = "confirmation"
    regime = Regime.ERASABLE
    erasable = ("note",)

    receipt_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("receipt.id"), unique=True)
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    note: Mapped[str] = mapped_column(ErasableText, nullable=True)


class Dispatch(Keyed, Base):
    """A notice on its way on one channel: letters to each controller, messages to one address."""

    __tablename__ = "dispatch"
    __table_args__ = (
        sa.UniqueConstraint("notice_id", "channel", "controller_id", "address"),
        sa.Index("ix_dispatch_state_channel", "state", "channel"),
    )
    regime = Regime.PLAIN

    notice_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("notice.id"))
    controller_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("controller.id"))
    channel: Mapped[Channel]
    address: Mapped[str]
    """Of a message the address, of a letter the lines of the window."""
    state: Mapped[DispatchState] = mapped_column(default=DispatchState.TO_DO)
    sent_at: Mapped[datetime | None]
    said: Mapped[str] = mapped_column(default="")
    """What the server or the post answered last."""
    number: Mapped[str] = mapped_column(default="")
    """That of the deposit."""
    annex_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("annex.id"))
    """Of a letter the paper to print; of a message the one attached."""
    message_sha256: Mapped[str | None]
    """The e-mail as it is sent, each time the same; its link stands there as a blank."""
    copy: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Sent to a former address for information: it informs nobody, and gets no code."""


class FormerAddress(Keyed, Base):
    """An address that another one was declared in place of: it gets copies for a while."""

    __tablename__ = "former_address"
    __table_args__ = (sa.Index("ix_former_address_controller_id_until", "controller_id", "until"),)
    regime = Regime.PLAIN

    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"))
    address: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]


class Posted(Keyed, Base):
    """Something that happened to a letter, on a day, with its proof."""

    __tablename__ = "posted"
    regime = Regime.ERASABLE
    erasable = ("note",)

    dispatch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("dispatch.id"), index=True)
    event: Mapped[PostalEvent]
    happened_on: Mapped[date]
    number: Mapped[str]
    note: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Sending(Base):
    """A message that a worker began to send: found again, it may have arrived already."""

    __tablename__ = "sending"
    regime = Regime.UPKEEP

    dispatch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("dispatch.id"), primary_key=True)
    begun_at: Mapped[datetime]


class PortalLink(Keyed, Base):
    """A link that opens one notice, and nothing else. Only a digest of its secret is kept."""

    __tablename__ = "portal_link"
    regime = Regime.PLAIN

    notice_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("notice.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PortalVisit(Keyed, Base):
    """A browser that followed a link: the secret leaves the address bar at once."""

    __tablename__ = "portal_visit"
    regime = Regime.UPKEEP

    link_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("portal_link.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    code_at: Mapped[datetime | None]
    """When the one-time code was asked for that still holds; the code itself is kept nowhere."""
    code_tries: Mapped[int] = mapped_column(default=0)
