"""What ended, the retention cases it opened, holds, returns, erasures, and the chain's word."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.activities.vocabulary import ActivityRole, Trigger
from registers.controllers.vocabulary import EndChoice
from registers.kernel.base import Base, ErasableText, Keyed, Regime, SortKey
from registers.kernel.history import Head, Version
from registers.retention import facts
from registers.retention.vocabulary import Came, CaseState, ErasureState, OwnStore, Result


class Ending(Keyed, Base):
    """Something ended: a contract, a service, a relationship, an intervention, a request."""

    __tablename__ = "ending"
    __table_args__ = (
        sa.Index("ix_ending_contract_id_trigger", "contract_id", "trigger"),
        sa.Index("ix_ending_about", "about"),
    )
    regime = Regime.PLAIN

    code: Mapped[SortKey] = mapped_column(unique=True)
    trigger: Mapped[Trigger]
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    activity: Mapped[str]
    """The code of the activity, where only one is concerned."""
    event_on: Mapped[date]
    what: Mapped[str]
    """Which one: the number of a ticket or of a request, never a person's name."""
    about: Mapped[str] = mapped_column(server_default="")
    """The row that ended, as the journal names it; empty: no register knows it."""
    opened_at: Mapped[datetime]
    author: Mapped[str]


class Case(Keyed, Base):
    """A promise to erase, falling due: one rule of one activity, from one event."""

    __tablename__ = "retention_case"
    __table_args__ = (
        sa.UniqueConstraint("ending_id", "position"),
        sa.Index("ix_retention_case_state_due_on", "state", "due_on"),
    )
    regime = Regime.PLAIN

    ending_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ending.id"))
    position: Mapped[int]
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    role: Mapped[ActivityRole]
    promised: Mapped[dict[str, Any]]
    """The rule as it was in force: a `facts.Promise`."""
    due_on: Mapped[date | None]
    """The last day on which the data may be there; None: no number was agreed, nor a day set."""
    ends_at: Mapped[datetime | None]
    count: Mapped[dict[str, Any]]
    """How the day was counted: calendar and zone."""
    day_reason: Mapped[str] = mapped_column(default="")
    """Why a person set the day, where the contract has words for it."""
    hosted: Mapped[bool]
    """Whether these are the controller's data on the organisation's systems."""
    public_body: Mapped[bool]
    state: Mapped[CaseState] = mapped_column(default=CaseState.OPEN)
    erasure_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("erasure.id"), index=True)
    done_on: Mapped[date | None]
    closed_reason: Mapped[str] = mapped_column(default="")

    @property
    def promise(self) -> facts.Promise:
        """The rule as it was in force when the case was opened."""
        return facts.Promise.of(self.promised)


class Hold(Keyed, Base):
    """Data that must be kept although their time is over: for whom, and why."""

    __tablename__ = "retention_hold"
    regime = Regime.LEDGER

    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("retention_case.id"), index=True)
    authority: Mapped[str]
    reason: Mapped[str]
    since: Mapped[date]
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class HoldEnd(Keyed, Base):
    """The end of a hold."""

    __tablename__ = "retention_hold_end"
    regime = Regime.LEDGER

    hold_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("retention_hold.id"), unique=True)
    ended_on: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Choice(Keyed, Base):
    """What the controller chose for the end, Art. 28(3)(g); the last one counts."""

    __tablename__ = "end_choice"
    regime = Regime.ERASABLE
    erasable = ("by_name", "by_function")

    ending_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ending.id"), index=True)
    choice: Mapped[EndChoice]
    chosen_on: Mapped[date]
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    by_function: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class ReturnRequest(Keyed, Base):
    """A controller's request for its data, with the day until which they are given back."""

    __tablename__ = "return_request"
    regime = Regime.ERASABLE
    erasable = ("by_name", "sees_to")

    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), index=True)
    registered: Mapped[bool]
    """Whether it came by registered letter, as the clause asks."""
    came: Mapped[Came | None]
    """By which way; None: recorded before that was asked."""
    received_on: Mapped[date]
    reference: Mapped[str]
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    sees_to: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """Who of us sees to it."""
    due_on: Mapped[date | None]
    """None: the contract gives no number."""
    ends_at: Mapped[datetime | None]
    count: Mapped[dict[str, Any]]
    """The calendar, the library's version, the rule in words."""
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Returned(Keyed, Base):
    """Data given back: when, in which format, to whom."""

    __tablename__ = "returned"
    regime = Regime.ERASABLE
    erasable = ("to_name",)

    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), index=True)
    request_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("return_request.id"))
    returned_on: Mapped[date]
    format: Mapped[str]
    to_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    whole: Mapped[bool] = mapped_column(server_default=sa.true())
    """Whether nothing was processed after it: then it counts for the end of the contract too."""
    proof_sha256: Mapped[str | None]
    """None: it was given back, and nothing proves it."""
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Erasure(Keyed, Base):
    """Data destroyed, as one person states and another confirms."""

    __tablename__ = "erasure"
    regime = Regime.PLAIN

    code: Mapped[SortKey] = mapped_column(unique=True)
    ending_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ending.id"), index=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"))
    state: Mapped[ErasureState] = mapped_column(default=ErasureState.PROPOSED)
    result: Mapped[Result]
    done_on: Mapped[date]
    method: Mapped[str]
    treated: Mapped[dict[str, Any]]
    """The checklist: `{"systems": […]}`."""
    copies: Mapped[dict[str, Any]]
    """The copies in backups after it: `{"copies": […]}`."""
    visa: Mapped[str]
    visa_sha256: Mapped[str | None]
    irregular: Mapped[dict[str, Any]]
    """What stood against it when it was done, and why it was done all the same; empty: nothing."""
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    told_at: Mapped[datetime | None]
    """When the controller was first sent a certificate of it."""
    note: Mapped[str] = mapped_column(default="")
    """What the second person checked, or why it was not confirmed."""


class ChainWord(Keyed, Base):
    """A sub-processor's own confirmation that it holds nothing any more."""

    __tablename__ = "chain_confirmation"
    __table_args__ = (sa.UniqueConstraint("erasure_id", "subprocessor_id"),)
    regime = Regime.LEDGER

    erasure_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("erasure.id"))
    subprocessor_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("subprocessor.id"))
    erased_on: Mapped[date]
    says: Mapped[str]
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class OwnLimits(Head[facts.OwnLimits], Base):
    """The limits of this installation's own stores; at most one row."""

    __tablename__ = "own_limits"
    facts_type = facts.OwnLimits

    def project(self, known: facts.OwnLimits) -> None:
        """See `Head.project`: no list shows them."""


class OwnLimitsVersion(Version, Base):
    """The limits as they were from a day on."""

    __tablename__ = "own_limits_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("own_limits.id"))
    subject: Mapped[OwnLimits] = relationship()


OwnLimits.version_type = OwnLimitsVersion


class OwnErasure(Keyed, Base):
    """A round of erasure in one of the own stores: found by the worker, confirmed by a person."""

    __tablename__ = "own_erasure"
    regime = Regime.PLAIN

    store: Mapped[OwnStore]
    until: Mapped[date]
    """What ended before this day is over its time."""
    found: Mapped[int]
    """How many subjects were over their time when it was proposed."""
    state: Mapped[ErasureState]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    erased: Mapped[int | None]
