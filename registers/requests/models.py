"""Requests, the controllers they concern with their time limits, and what happened."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.kernel.base import Base, Keyed, Regime, SortKey
from registers.kernel.history import Head, Version
from registers.requests import facts
from registers.requests.vocabulary import Channel, Phase, Way, What


class Request(Head[facts.Request], Base):
    """A request, known by its number; nothing here says who the person is."""

    __tablename__ = "subject_request"
    __table_args__ = (sa.Index("ix_subject_request_phase_received_on", "phase", "received_on"),)
    facts_type = facts.Request

    code: Mapped[SortKey] = mapped_column(unique=True)
    phase: Mapped[Phase] = mapped_column(default=Phase.UNASSIGNED)
    rights: Mapped[list[str]]
    channel: Mapped[Channel]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    repeats_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("subject_request.id"))
    acknowledge_by: Mapped[Way]
    acknowledged_at: Mapped[datetime | None]
    """When the acknowledgement left us."""
    closed_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    erase_after: Mapped[date | None]
    """What earlier versions counted when it was closed. Not read any more: the limits of the own
    stores say how long the data of the person are kept."""
    erased_at: Mapped[datetime | None]

    def project(self, known: facts.Request) -> None:
        """See `Head.project`."""
        self.rights = [each.value for each in known.rights]
        self.channel = known.channel
        self.received_on = known.received_on


class RequestVersion(Version, Base):
    """What was known of a request at some time; emptied when the person's data are erased."""

    __tablename__ = "subject_request_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("subject_request.id"))
    subject: Mapped[Request] = relationship()


Request.version_type = RequestVersion


class Concern(Keyed, Base):
    """A controller to which a request was passed on: its month, and what became of it."""

    __tablename__ = "request_concern"
    __table_args__ = (sa.UniqueConstraint("request_id", "controller_id"),)
    regime = Regime.PLAIN

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("subject_request.id"))
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    notice_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("notice.id"), index=True)
    passed_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    """When the message left us, as the first proof of the passing on."""
    due: Mapped[date]
    month: Mapped[dict[str, Any]]
    """How the month was counted; see `periods.Frozen`."""
    extended_due: Mapped[date]
    extension: Mapped[dict[str, Any]]
    extended_on: Mapped[date | None]
    """The day on which the controller told the person of an extension."""
    outcome: Mapped[What | None]
    ended_on: Mapped[date | None]

    @property
    def until(self) -> date:
        """The last day as things stand."""
        return self.extended_due if self.extended_on else self.due


class Step(Keyed, Base):
    """Something that happened to a request; its note and its document may describe the person."""

    __tablename__ = "request_step"
    regime = Regime.ERASABLE
    erasable: ClassVar[tuple[str, ...]] = ("note", "content")

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("subject_request.id"), index=True)
    concern_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("request_concern.id"))
    what: Mapped[What]
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    note: Mapped[str | None]
    content: Mapped[bytes | None]
    """A document: kept here and not in the store of files, so that it can be erased."""
