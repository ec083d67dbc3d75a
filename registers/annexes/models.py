"""Sealed papers: what each shows, when and by whom it was sealed. Never edited, only superseded."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registers.kernel.base import Base, Keyed, Regime

DRILLS = "AE"
"""How the numbers of papers of exercises begin: they leave no gap in the real ones."""


class Annex(Keyed, Base):
    """One sealed paper. Its bytes, and those of its snapshot, are in the file store."""

    __tablename__ = "annex"
    __table_args__ = (
        sa.UniqueConstraint("kind", "about", "language", "snapshot_sha256"),
        sa.Index("ix_annex_controller_id_number", "controller_id", "number"),
        sa.Index("ix_annex_conformance_kind", "conformance", "kind"),
    )
    regime = Regime.LEDGER

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    about: Mapped[str]
    """What it is about, as the journal names it: `contract:…`, `organisation:…`."""
    controller_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("controller.id"))
    """To whose dossier it belongs; none where it is about the organisation."""
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    language: Mapped[str]
    since: Mapped[date | None]
    """The first day of the period it shows, where it shows one."""
    on_day: Mapped[date]
    """The day whose state of the registers it shows; of a period, the last."""
    snapshot_sha256: Mapped[str]
    paper_sha256: Mapped[str]
    size: Mapped[int]
    """In bytes."""
    identity_kind: Mapped[str]
    identity_name: Mapped[str]
    is_test: Mapped[bool]
    """Whether a test identity sealed it: then it is worth nothing in law."""
    level: Mapped[str]
    conformance: Mapped[str | None]
    """To which level of PDF/A, see `issue.Issued`; of older papers it was not recorded."""
    prepared_at: Mapped[datetime]
    sealed_at: Mapped[datetime]
    author: Mapped[str]
    checkpoint: Mapped[int]
    """The size of the journal that the paper carries a signed statement of."""
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("annex.id"), index=True)
