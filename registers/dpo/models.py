"""Declarations in effect, and the forms by which they were made."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.dpo import facts
from registers.dpo.vocabulary import Confirmation, Phase, Way
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.history import Head, Version


class Declaration(Head[facts.Declaration], Base):
    """Who the DPO of a controller is, as it declared: one for each controller."""

    __tablename__ = "declaration"
    facts_type = facts.Declaration

    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), unique=True)
    none: Mapped[bool]
    name: Mapped[str]
    email: Mapped[str]

    def project(self, known: facts.Declaration) -> None:
        """See `Head.project`."""
        self.none = known.none
        self.name = known.officer_name
        self.email = known.email


class DeclarationVersion(Version, Base):
    """A declaration as it was in effect from a day on."""

    __tablename__ = "declaration_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("declaration.id"))
    subject: Mapped[Declaration] = relationship()


Declaration.version_type = DeclarationVersion


class Form(Keyed, Base):
    """The form of one declaration, from its first word until it takes effect."""

    __tablename__ = "declaration_form"
    __table_args__ = (sa.Index("ix_declaration_form_phase", "phase", "number"),)
    regime = Regime.PLAIN

    number: Mapped[str] = mapped_column(unique=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    phase: Mapped[Phase]
    said: Mapped[dict[str, Any]]
    """What is declared; see `facts.Declaration`."""
    language: Mapped[str]
    made_at: Mapped[datetime]
    author: Mapped[str]
    """Who filled it in: staff, or a contact by the link it held."""
    way: Mapped[Way | None]
    """How it came back; none as long as it did not."""
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[str] = mapped_column(default="")
    by_name: Mapped[str] = mapped_column(default="")
    """Of a declaration on the portal: who made it, as they say themselves."""
    by_function: Mapped[str] = mapped_column(default="")
    code_to: Mapped[str] = mapped_column(default="")
    """Of a declaration on the portal: the address that the one-time code went to."""
    content_sha256: Mapped[str | None]
    """The file that came back."""
    found: Mapped[dict[str, Any] | None] = mapped_column()
    """What was found in it, where it was signed electronically; see `rules.Found`."""
    asked_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("notice.id"))
    """The notice that asks the representative to confirm."""
    confirmation: Mapped[Confirmation | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    """Of a call-back: whom, at which number, what was said; of a refusal, the reason."""
    effective_from: Mapped[date | None]
