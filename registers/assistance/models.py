"""Instructions and what became of them; dossiers of assistance, of staff, of certificates."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.assistance import facts, rules
from registers.assistance.vocabulary import (
    AssistanceKind,
    CertificateKind,
    CommitmentKind,
    Environment,
    Scope,
    Stage,
    Step,
    Way,
)
from registers.kernel.base import Base, ErasableText, Keyed, Regime, SortKey
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold


class Instruction(Keyed, Base):
    """A documented instruction under one contract. Never changed: a new one takes its place."""

    __tablename__ = "instruction"
    regime = Regime.ERASABLE
    erasable = ("says", "by_name", "by_function")

    code: Mapped[SortKey] = mapped_column(unique=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), index=True)
    scope: Mapped[Scope]
    says: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """The instruction in the controller's own words."""
    activities: Mapped[list[str]]
    """Their codes; none: all of the contract."""
    purposes: Mapped[list[str]]
    """Those that it adds or gives up."""
    given_on: Mapped[date]
    way: Mapped[Way]
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    by_function: Mapped[str] = mapped_column(ErasableText, nullable=True)
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("instruction.id"))
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class InstructionStep(Keyed, Base):
    """What happened to an instruction, on which day, on whose word."""

    __tablename__ = "instruction_step"
    __table_args__ = (sa.UniqueConstraint("instruction_id", "number"),)
    regime = Regime.ERASABLE
    erasable = ("says", "by_name", "by_function")

    instruction_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("instruction.id"))
    number: Mapped[int]
    """In the order in which they were recorded."""
    step: Mapped[Step]
    happened_on: Mapped[date]
    provision: Mapped[str]
    """Of a contested one: what it would breach."""
    says: Mapped[str] = mapped_column(ErasableText, nullable=True)
    by_name: Mapped[str] = mapped_column(ErasableText, nullable=True)
    """Of the controller's own word: whose it is."""
    by_function: Mapped[str] = mapped_column(ErasableText, nullable=True)
    notice_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("notice.id"))
    """Of a contested one: the notice that tells the controller so."""
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Document(Keyed, Base):
    """A file that belongs to a dossier: a report, a programme, a certificate."""

    __tablename__ = "assistance_document"
    regime = Regime.ERASABLE
    erasable = ("title",)

    about: Mapped[str] = mapped_column(index=True)
    """The dossier, as the journal names it."""
    title: Mapped[str] = mapped_column(ErasableText, nullable=True)
    sha256: Mapped[str]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Assistance(Head[facts.Assistance], Base):
    """An audit or other assistance, known by its number."""

    __tablename__ = "assistance"
    facts_type = facts.Assistance

    code: Mapped[SortKey] = mapped_column(unique=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    title: Mapped[str]
    search: Mapped[str]
    kind: Mapped[AssistanceKind]
    stage: Mapped[Stage]
    asked_on: Mapped[date | None]
    planned_on: Mapped[date | None]
    held_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    unsettled: Mapped[int]
    """How many findings are not settled."""
    missing: Mapped[int]

    def project(self, known: facts.Assistance) -> None:
        """See `Head.project`."""
        self.controller_id = known.controller
        self.title = known.title
        self.search = fold(f"{self.code} {known.title} {known.asked_by} {known.auditor}")
        self.kind = known.kind
        self.stage = rules.stage(known)
        self.asked_on, self.planned_on = known.asked_on, known.planned_on
        self.held_on, self.closed_on = known.held_on, known.closed_on
        self.unsettled = sum(each.done_on is None for each in known.findings)
        self.missing = len(known.missing())


class AssistanceVersion(Version, Base):
    """What was known of assistance at some time."""

    __tablename__ = "assistance_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assistance.id"))
    subject: Mapped[Assistance] = relationship()


Assistance.version_type = AssistanceVersion


class Intervention(Head[facts.Intervention], Base):
    """An intervention, known by its number."""

    __tablename__ = "intervention"
    facts_type = facts.Intervention

    code: Mapped[SortKey] = mapped_column(unique=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    title: Mapped[str]
    search: Mapped[str]
    environment: Mapped[Environment]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When access was closed: what retention "from the end of the intervention" runs from."""
    findings: Mapped[int]
    """How many things are not as they were promised."""

    def project(self, known: facts.Intervention) -> None:
        """See `Head.project`."""
        self.controller_id = known.controller
        self.title = known.title
        named = " ".join((self.code, known.title, known.ticket, *known.operators))
        self.search = fold(named)
        self.environment = known.environment
        self.opened_at = known.opened.moment() if known.opened else None
        self.ended_at = known.closed.moment() if known.closed else None
        self.findings = len(rules.irregular(known))


class InterventionVersion(Version, Base):
    """What was known of an intervention at some time."""

    __tablename__ = "intervention_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("intervention.id"))
    subject: Mapped[Intervention] = relationship()


Intervention.version_type = InterventionVersion


class Member(Head[facts.Member], Base):
    """A person who is authorised to process data, known by a number."""

    __tablename__ = "staff_member"
    facts_type = facts.Member

    code: Mapped[SortKey] = mapped_column(unique=True)
    name: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    function: Mapped[str]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]

    def project(self, known: facts.Member) -> None:
        """See `Head.project`."""
        self.name, self.function = known.name, known.function
        self.sorted = fold(known.name)
        self.search = fold(f"{self.code} {known.name} {known.function}")
        self.joined_on, self.left_on = known.joined_on, known.left_on


class MemberVersion(Version, Base):
    """What was known of a person at some time."""

    __tablename__ = "staff_member_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff_member.id"))
    subject: Mapped[Member] = relationship()


Member.version_type = MemberVersion


class Commitment(Keyed, Base):
    """An undertaking that was signed, or a training that was followed. Never changed."""

    __tablename__ = "commitment"
    regime = Regime.ERASABLE
    erasable = ("title", "note")

    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    kind: Mapped[CommitmentKind]
    title: Mapped[str] = mapped_column(ErasableText, nullable=True)
    done_on: Mapped[date]
    months: Mapped[int | None]
    """After how many months it is due again; none: never."""
    again_on: Mapped[date | None]
    """The last day on which it still counts."""
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("commitment.id"))
    """The record in whose place it stands."""
    note: Mapped[str] = mapped_column(ErasableText, nullable=True)
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


class Certificate(Head[facts.Certificate], Base):
    """A certificate or an attestation, known by a number."""

    __tablename__ = "certificate"
    facts_type = facts.Certificate

    code: Mapped[SortKey] = mapped_column(unique=True)
    title: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    kind: Mapped[CertificateKind]
    issuer: Mapped[str]
    subprocessor: Mapped[str]
    """The code of the sub-processor that has it; empty: the organisation itself."""
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    withheld: Mapped[bool]

    def project(self, known: facts.Certificate) -> None:
        """See `Head.project`."""
        self.title, self.sorted = known.title, fold(known.title)
        self.search = fold(f"{self.code} {known.title} {known.issuer} {known.number}")
        self.kind, self.issuer, self.subprocessor = known.kind, known.issuer, known.subprocessor
        self.starts_on, self.ends_on = known.starts_on, known.ends_on
        self.withheld = known.withheld


class CertificateVersion(Version, Base):
    """A certificate as it was described at some time."""

    __tablename__ = "certificate_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("certificate.id"))
    subject: Mapped[Certificate] = relationship()


Certificate.version_type = CertificateVersion
