"""Announcements, their changes, and each change under each contract: windows and objections."""

import uuid
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.announcements import facts
from registers.announcements.vocabulary import ChangeKind, Outcome, Phase, Topic
from registers.controllers.vocabulary import Effect
from registers.kernel.base import Base, ErasableText, Keyed, Regime, SortKey
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold


class Announcement(Head[facts.Announcement], Base):
    """An announcement; once announced it is not changed any more, but announced anew."""

    __tablename__ = "announcement"
    facts_type = facts.Announcement

    code: Mapped[SortKey] = mapped_column(unique=True)
    """Its number."""
    title: Mapped[str]
    search: Mapped[str]
    topic: Mapped[Topic] = mapped_column(default=Topic.SUBPROCESSORS)
    phase: Mapped[Phase] = mapped_column(default=Phase.DRAFT)
    missing: Mapped[int]
    planned_on: Mapped[date | None]
    """The first day on which one of its changes is planned."""
    announced_at: Mapped[datetime | None]
    announced_by: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    revises_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("announcement.id"))
    """The one that it corrects; that one and its windows are kept."""

    def project(self, known: facts.Announcement) -> None:
        """See `Head.project`."""
        self.title = known.title
        self.search = fold(f"{self.code} {known.title}")
        self.missing = len(known.missing())
        self.topic = known.topic
        days = [each.planned_on for each in known.intended if each.planned_on]
        self.planned_on = min(days, default=None)


class AnnouncementVersion(Version, Base):
    """An announcement as it was drafted from a day on."""

    __tablename__ = "announcement_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("announcement.id"))
    subject: Mapped[Announcement] = relationship()


Announcement.version_type = AnnouncementVersion


class Change(Keyed, Base):
    """One change as it was announced, with what was then known of the sub-processor.

    An update is about no sub-processor: its product and version stand in what is told.
    """

    __tablename__ = "announced_change"
    __table_args__ = (sa.UniqueConstraint("announcement_id", "position"),)
    regime = Regime.LEDGER

    announcement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("announcement.id"))
    position: Mapped[int]
    kind: Mapped[ChangeKind]
    subprocessor_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("subprocessor.id"), index=True
    )
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("subprocessor.id"))
    planned_on: Mapped[date]
    told: Mapped[dict[str, Any]]
    """The intended change and the dossier, or the update with its sheet, as the notices tell
    them."""

    @property
    def update(self) -> facts.Update | None:
        """The update that it is; None of a change of sub-processors."""
        if self.kind is not ChangeKind.UPDATE:
            return None
        return msgspec.convert(self.told["update"], facts.Update)

    @property
    def name(self) -> str:
        """What it is about: the sub-processor, or the product with its version."""
        if self.update is not None:
            return self.update.name
        named: str = self.told["dossier"]["name"]
        return named


class Case(Keyed, Base):
    """One change under one contract: all that decides whether it may start there."""

    __tablename__ = "announced_case"
    __table_args__ = (
        sa.UniqueConstraint("change_id", "matter_id"),
        sa.Index("ix_announced_case_announcement_id_known", "announcement_id", "known"),
    )
    regime = Regime.PLAIN

    announcement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("announcement.id"))
    change_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("announced_change.id"))
    matter_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matter.id"), index=True)
    effect: Mapped[Effect]
    known: Mapped[dict[str, Any]]
    """What `rules.standing` decides by, canonical: equal cases are equal texts, and are counted
    together."""
    told_on: Mapped[date | None]
    """The last day that the controller was told: later only."""


class Window(Keyed, Base):
    """A window as it was counted; frozen. A later one takes its place.

    That of a change of sub-processors is counted from a receipt, that of an update back from its
    day, as soon as its notice has left.
    """

    __tablename__ = "objection_window"
    __table_args__ = (sa.Index("ix_objection_window_matter_id", "matter_id"),)
    regime = Regime.LEDGER

    matter_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matter.id"))
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("receipt.id"))
    """The evidence that opened it; none where it needs none."""
    opened_at: Mapped[datetime]
    received_on: Mapped[date]
    """The local day of receipt; where none is needed, that on which the notice left."""
    closes_on: Mapped[date]
    free_on: Mapped[date]
    ends_at: Mapped[datetime]
    """The first instant that is too late, where the controller is."""
    count: Mapped[dict[str, Any]]
    """The calendar, the library's version, the days passed over, the rule in words."""


class Objection(Keyed, Base):
    """A controller's refusal, grounds optional. What became of it stands in its answers."""

    __tablename__ = "objection"
    regime = Regime.ERASABLE
    erasable = ("by_name", "by_function", "grounds")

    matter_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matter.id"), index=True)
    change_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("announced_change.id"))
    """Against one change; none: against all of the notice."""
    received_on: Mapped[date]
    posted_on: Mapped[date | None]
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    by_function: Mapped[str] = mapped_column(ErasableText, nullable=True)
    way: Mapped[str]
    """How it came: `portal`, or what was typed."""
    grounds: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Answer(Keyed, Base):
    """What became of an objection: an answer, and what it changes."""

    __tablename__ = "objection_answer"
    regime = Regime.ERASABLE
    erasable = ("says",)

    objection_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("objection.id"), index=True)
    outcome: Mapped[Outcome]
    happened_on: Mapped[date]
    says: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
