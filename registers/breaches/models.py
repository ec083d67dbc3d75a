"""Breaches, the contracts they touch with their clocks, the alarms, and what comes afterwards."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.breaches import facts, own
from registers.breaches.vocabulary import Following, Phase, Threshold
from registers.kernel.base import Base, Keyed, Regime, Revised, SortKey
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold


class Breach(Head[facts.Breach], Base):
    """A breach, known by its number."""

    __tablename__ = "breach"
    facts_type = facts.Breach

    code: Mapped[SortKey] = mapped_column(unique=True)
    title: Mapped[str]
    search: Mapped[str]
    phase: Mapped[Phase] = mapped_column(default=Phase.OPEN)
    drill: Mapped[bool] = mapped_column(default=False)
    """An exercise: never told to a controller, left out of exports and figures."""
    aware_at: Mapped[datetime | None]
    missing: Mapped[int]
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")

    def project(self, known: facts.Breach) -> None:
        """See `Head.project`."""
        self.title = known.title
        self.search = fold(f"{self.code} {known.title}")
        self.aware_at = known.aware_at
        self.missing = len(known.missing())


class BreachVersion(Version, Base):
    """What was known of a breach at some time."""

    __tablename__ = "breach_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"))
    subject: Mapped[Breach] = relationship()


Breach.version_type = BreachVersion


class Affected(Keyed, Base):
    """A contract touched by a breach, or a controller without one, with its clock."""

    __tablename__ = "breach_affected"
    __table_args__ = (
        sa.UniqueConstraint("breach_id", "controller_id", "contract_id"),
        sa.Index("ix_breach_affected_breach_id_ends_at", "breach_id", "ends_at"),
    )
    regime = Regime.PLAIN

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"))
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    """None: no contract, but data are held."""
    why: Mapped[str]
    hours: Mapped[int]
    channels: Mapped[list[str]]
    known_at: Mapped[datetime | None]
    """When it became known that this controller is affected, where that was later."""
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    persons: Mapped[int | None]
    records: Mapped[int | None]
    """Approximate numbers, this controller's own."""
    informed_at: Mapped[datetime | None]
    complete_at: Mapped[datetime | None]
    late_reason: Mapped[str] = mapped_column(default="")
    tell_late: Mapped[bool] = mapped_column(default=False)
    """Whether the notice carries the reason: legal staff decide."""
    removed_at: Mapped[datetime | None]
    removed_reason: Mapped[str] = mapped_column(default="")


class Alarm(Keyed, Base):
    """One alarm for all clocks of a breach that end at the same instant."""

    __tablename__ = "breach_alarm"
    __table_args__ = (
        sa.UniqueConstraint("breach_id", "ends_at", "threshold"),
        sa.Index("ix_breach_alarm_due_at", "due_at"),
    )
    regime = Regime.PLAIN

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"))
    ends_at: Mapped[datetime]
    threshold: Mapped[Threshold]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class OwnCase(Head[own.Own], Base):
    """What the organisation did about a breach as controller itself, Art. 33(1) and 34."""

    __tablename__ = "breach_own"
    facts_type = own.Own

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"), unique=True)

    def project(self, known: own.Own) -> None:
        """See `Head.project`: no list asks for it."""


class OwnCaseVersion(Version, Base):
    """What was recorded of that at some time."""

    __tablename__ = "breach_own_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach_own.id"))
    subject: Mapped[OwnCase] = relationship()


OwnCase.version_type = OwnCaseVersion


class FollowUp(Keyed, Revised, Base):
    """A lesson drawn from a breach, and the measure that follows from it."""

    __tablename__ = "breach_follow_up"
    __table_args__ = (sa.Index("ix_breach_follow_up_state_due_on", "state", "due_on"),)
    regime = Regime.PLAIN

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"), index=True)
    lesson: Mapped[str]
    measure: Mapped[str]
    """Empty: the lesson asks for none."""
    owner: Mapped[str]
    """Who sees to it: a person or a function, with an account or without."""
    due_on: Mapped[date | None]
    state: Mapped[Following]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    ended_at: Mapped[datetime | None]
    """When it was recorded as done or given up."""
    ended_on: Mapped[date | None]
    """The day on which it was."""
    outcome: Mapped[str] = mapped_column(default="")
    """What was done, or why it was given up."""
