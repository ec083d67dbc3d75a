"""The organisation, controllers, contacts, contracts: heads, versions, and what lists show."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registers.controllers import facts, rules, vocabulary
from registers.kernel.base import Base, Keyed, Regime, Revised, SortKey, index_on
from registers.kernel.history import Head, Version
from registers.kernel.identifiers import fold

ONLY = uuid.UUID(int=1)
"""The identifier of the one organisation."""


class Organisation(Head[facts.Organisation], Base):
    """The processor that runs this installation; exactly one row."""

    __tablename__ = "organisation"
    __table_args__ = (sa.UniqueConstraint("one"), sa.CheckConstraint("one", name="one"))
    facts_type = facts.Organisation

    one: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str]
    sample: Mapped[bool] = mapped_column(default=False)
    """Whether all data here are the fictional ones."""

    def project(self, known: facts.Organisation) -> None:
        """See `Head.project`."""
        self.name = known.name


class OrganisationVersion(Version, Base):
    """The organisation as it was from a day on."""

    __tablename__ = "organisation_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    subject: Mapped[Organisation] = relationship()


class PaperStyle(Revised, Base):
    """The look in which the organisation's papers are set at present; see `style`."""

    __tablename__ = "paper_style"
    regime = Regime.PLAIN

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("organisation.id"), primary_key=True
    )
    accent: Mapped[str]
    """`#rrggbb`, or nothing."""
    footer: Mapped[str]
    logo: Mapped[bytes]
    """A PNG, or nothing."""


class Controller(Head[facts.Controller], Base):
    """A controller, known by a code that never changes."""

    __tablename__ = "controller"
    __table_args__ = (
        index_on("postgresql", "ix_controller_sorted_id", "sorted", "id"),
        # SQLite looks through the index, in order, and never at the wide rows
        index_on("sqlite", "ix_controller_listed", "sorted", "id", "ended_on", "search"),
    )
    facts_type = facts.Controller

    code: Mapped[SortKey] = mapped_column(unique=True)
    name: Mapped[str]
    sorted: Mapped[SortKey]
    """The name as lists sort it."""
    search: Mapped[str]
    kind: Mapped[vocabulary.ControllerKind]
    public_body: Mapped[bool]
    city: Mapped[str]
    country: Mapped[str]
    calendar: Mapped[str]
    language: Mapped[str]
    ended_on: Mapped[date | None]
    findings: Mapped[int]
    missing: Mapped[int]

    def project(self, known: facts.Controller) -> None:
        """See `Head.project`."""
        self.name = known.name
        self.sorted = fold(known.name)
        self.search = fold(f"{self.code} {known.name} {known.city} {known.postcode} {known.siret}")
        self.kind = known.kind
        self.public_body = known.public_body
        self.city = known.city
        self.country = known.country
        self.calendar = known.calendar
        self.language = known.language
        self.ended_on = known.ended_on
        self.findings = len(rules.controller_findings(known))
        self.missing = len(known.missing())


class ControllerVersion(Version, Base):
    """A controller as it was from a day on."""

    __tablename__ = "controller_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"))
    subject: Mapped[Controller] = relationship()


class Contact(Head[facts.Contact], Base):
    """A point of contact."""

    __tablename__ = "contact"
    __table_args__ = (
        sa.Index("ix_contact_sorted_id", "sorted", "id"),
        index_on("sqlite", "ix_contact_search", "search", "id"),
    )
    facts_type = facts.Contact

    name: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    kind: Mapped[vocabulary.ContactKind]
    email: Mapped[str] = mapped_column(index=True)

    def project(self, known: facts.Contact) -> None:
        """See `Head.project`."""
        self.name = known.full_name
        self.sorted = fold(f"{known.name} {known.first_name} {known.firm} {known.email}")
        self.search = fold(f"{known.full_name} {known.firm} {known.email} {known.function}")
        self.kind = known.kind
        self.email = known.email


class ContactVersion(Version, Base):
    """A contact as it was from a day on."""

    __tablename__ = "contact_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contact.id"))
    subject: Mapped[Contact] = relationship()


class ControllerContact(Base):
    """Which contact serves which controller today, for lists; the facts are the controller's."""

    __tablename__ = "controller_contact"
    regime = Regime.PLAIN

    controller_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("controller.id"), primary_key=True
    )
    role: Mapped[vocabulary.ContactRole] = mapped_column(primary_key=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("contact.id"), primary_key=True, index=True
    )


class Contract(Head[facts.Contract], Base):
    """A contract of a controller."""

    __tablename__ = "contract"
    __table_args__ = (
        sa.UniqueConstraint("controller_id", "reference"),
        sa.Index("ix_contract_sorted_id", "sorted", "id"),
        index_on("sqlite", "ix_contract_search", "search", "controller_id"),
    )
    facts_type = facts.Contract

    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"))
    reference: Mapped[str]
    sorted: Mapped[SortKey]
    search: Mapped[str]
    title: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    findings: Mapped[int]
    missing: Mapped[int]

    def project(self, known: facts.Contract) -> None:
        """See `Head.project`."""
        self.controller_id = known.controller
        self.reference = known.reference
        self.sorted = fold(known.reference)
        self.search = fold(f"{known.reference} {known.title}")
        self.title = known.title
        self.starts_on = known.starts_on
        self.ends_on = known.ends_on
        self.ended_on = known.ended_on
        self.findings = len(rules.contract_findings(known))
        self.missing = len(known.missing())


class ContractVersion(Version, Base):
    """A contract as it was from a day on."""

    __tablename__ = "contract_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"))
    subject: Mapped[Contract] = relationship()


class ContractService(Base):
    """Which activities a contract covers today, for lists; the facts are the contract's."""

    __tablename__ = "contract_service"
    __table_args__ = (sa.Index("ix_contract_service_code_controller_id", "code", "controller_id"),)
    regime = Regime.PLAIN

    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("contract.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    controller_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"))


class TermsModel(Head[facts.TermsModel], Base):
    """Terms under a name."""

    __tablename__ = "terms_model"
    facts_type = facts.TermsModel

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]

    def project(self, known: facts.TermsModel) -> None:
        """See `Head.project`."""
        self.name = known.name


class TermsModelVersion(Version, Base):
    """A model of terms as it was from a day on."""

    __tablename__ = "terms_model_version"
    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("terms_model.id"))
    subject: Mapped[TermsModel] = relationship()


class Succession(Keyed, Base):
    """One controller, or one contract, taking the place of another on a day."""

    __tablename__ = "succession"
    regime = Regime.LEDGER

    kind: Mapped[rules.SuccessionKind]
    effective_on: Mapped[date]
    from_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    to_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("controller.id"), index=True)
    contract_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("contract.id"))
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    author: Mapped[str]


Organisation.version_type = OrganisationVersion
Controller.version_type = ControllerVersion
Contact.version_type = ContactVersion
Contract.version_type = ContractVersion
TermsModel.version_type = TermsModelVersion
