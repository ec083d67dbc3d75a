"""Sub-processors: heads, versions, and what lists show."""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.kernel.base import Base, SortKey
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold
from registers.subprocessors import facts


class Subprocessor(Head[facts.Subprocessor], Base):
    """A sub-processor, known by a code that never changes."""

    __tablename__ = "subprocessor"
    __table_args__ = (sa.Index("ix_subprocessor_sorted_id", "sorted", "id"),)
    facts_type = facts.Subprocessor

    code: Mapped[SortKey] = mapped_column(unique=True)
    name: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    country: Mapped[str]
    state: Mapped[facts.State]
    engaged_on: Mapped[date | None]
    missing: Mapped[int]

    def project(self, known: facts.Subprocessor) -> None:
        """See `Head.project`."""
        self.name = known.name
        self.sorted = fold(known.name)
        sites = " ".join(f"{site.name} {site.city}" for site in known.sites)
        self.search = fold(f"{self.code} {known.name} {known.city} {known.registration} {sites}")
        self.country = known.country
        self.state = known.state
        self.engaged_on = known.engaged_on
        self.missing = len(known.missing())


class SubprocessorVersion(Version, Base):
    """A sub-processor as it was from a day on."""

    __tablename__ = "subprocessor_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("subprocessor.id"))
    subject: Mapped[Subprocessor] = relationship()


Subprocessor.version_type = SubprocessorVersion
