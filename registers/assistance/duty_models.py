"""Legal duties to process or transfer data outside the instructions, Art. 28(3)(a) (K10)."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registers.assistance.vocabulary import DutyKind, DutyStep, Origin
from registers.kernel.base import Base, ErasableText, Keyed, Regime, SortKey


class LegalDuty(Keyed, Base):
    """A legal requirement to process outside the instructions. Never changed: steps follow it."""

    __tablename__ = "legal_duty"
    regime = Regime.ERASABLE
    erasable = ("data", "recipient", "ground")

    code: Mapped[SortKey] = mapped_column(unique=True)
    search: Mapped[str]
    """The number, the law and the authority, folded."""
    kind: Mapped[DutyKind]
    origin: Mapped[Origin]
    provision: Mapped[str]
    """The law and its provision."""
    authority: Mapped[str]
    """Who demands it."""
    reference: Mapped[str]
    """How the authority numbers its demand."""
    known_on: Mapped[date]
    """The day on which we learnt of it."""
    data: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """Which data, of whom, and what is to be done with them."""
    country: Mapped[str]
    """Of a transfer the third country; empty: none, or an international organisation."""
    recipient: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """Who gets the data."""
    planned_on: Mapped[date | None]
    """The day from which it is planned; none: no day is fixed."""
    prohibited: Mapped[bool]
    """Whether that law prohibits telling the controllers."""
    ground: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """By which provision, on which important ground of public interest."""
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class DutyContract(Keyed, Base):
    """A contract whose data a legal duty concerns."""

    __tablename__ = "legal_duty_contract"
    __table_args__ = (sa.UniqueConstraint("duty_id", "contract_id"),)
    regime = Regime.LEDGER

    duty_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("legal_duty.id"))
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), index=True)


class LegalDutyStep(Keyed, Base):
    """What happened to a legal duty, when."""

    __tablename__ = "legal_duty_step"
    __table_args__ = (sa.UniqueConstraint("duty_id", "number"),)
    regime = Regime.ERASABLE
    erasable = ("says",)

    duty_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("legal_duty.id"))
    number: Mapped[int]
    """In the order in which they were recorded."""
    step: Mapped[DutyStep]
    happened_on: Mapped[date]
    """Of another day planned, that day."""
    happened_at: Mapped[datetime | None]
    """Of the beginning, its instant."""
    says: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
