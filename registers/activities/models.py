"""Activities and measures: heads, versions, validations, and what lists show."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.activities import facts, rules, vocabulary
from registers.kernel.base import Base, Keyed, Regime, SortKey
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold


class Activity(Head[facts.Activity], Base):
    """An activity of processing, known by a code that never changes."""

    __tablename__ = "activity"
    __table_args__ = (sa.Index("ix_activity_sorted_id", "sorted", "id"),)
    facts_type = facts.Activity

    code: Mapped[SortKey] = mapped_column(unique=True)
    name: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    role: Mapped[vocabulary.ActivityRole]
    sensitive: Mapped[bool]
    review_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    findings: Mapped[int]
    missing: Mapped[int]
    validated: Mapped[int] = mapped_column()
    """The number of the version validated last; 0 for none."""

    def project(self, known: facts.Activity) -> None:
        """See `Head.project`."""
        self.validated = self.validated or 0
        self.name = known.name
        self.sorted = fold(f"{self.code} {known.name}")
        purposes = " ".join(purpose.name for purpose in known.purposes)
        data = " ".join(category.name for category in known.data)
        self.search = fold(f"{self.code} {known.name} {known.summary} {purposes} {data}")
        self.role = known.role
        self.sensitive = rules.is_sensitive(known)
        self.review_on = known.review_on
        self.ended_on = known.ended_on
        self.findings = len(rules.findings(known))
        self.missing = len(known.missing())

    @property
    def is_draft(self) -> bool:
        """Whether its latest version waits for the DPO."""
        return self.validated != self.latest


class ActivityVersion(Version, Base):
    """An activity as it was from a day on, once validated."""

    __tablename__ = "activity_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("activity.id"))
    subject: Mapped[Activity] = relationship()


class ActivityValidation(Keyed, Base):
    """The DPO's word that a version of an activity is right."""

    __tablename__ = "activity_validation"
    regime = Regime.LEDGER

    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("activity_version.id"), unique=True)
    validated_at: Mapped[datetime]
    author: Mapped[str]


class Measure(Head[facts.Measure], Base):
    """A security measure, known by a code that never changes."""

    __tablename__ = "measure"
    __table_args__ = (sa.Index("ix_measure_sorted_id", "sorted", "id"),)
    facts_type = facts.Measure

    code: Mapped[SortKey] = mapped_column(unique=True)
    name: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    family: Mapped[vocabulary.Family]
    ended_on: Mapped[date | None]
    missing: Mapped[int]

    def project(self, known: facts.Measure) -> None:
        """See `Head.project`."""
        self.name = known.name
        order = list(vocabulary.Family).index(known.family)
        self.sorted = fold(f"{order} {known.name}")
        self.search = fold(f"{self.code} {known.name} {known.description}")
        self.family = known.family
        self.ended_on = known.ended_on
        self.missing = len(known.missing())


class MeasureVersion(Version, Base):
    """A measure as it was from a day on."""

    __tablename__ = "measure_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("measure.id"))
    subject: Mapped[Measure] = relationship()


Activity.version_type = ActivityVersion
Measure.version_type = MeasureVersion
