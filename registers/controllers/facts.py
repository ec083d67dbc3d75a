"""What is known of the parties and of what they agreed: the facts that versions hold.

A field may be empty: a missing fact stays missing and is counted, never invented. `wanted`
names the law or clause that asks for it.
"""

import uuid
from datetime import date
from typing import Annotated

import msgspec

from registers.controllers.vocabulary import (
    Authorisation,
    BreachText,
    Channel,
    ClauseState,
    ContactKind,
    ContactRole,
    ControllerKind,
    Effect,
    EndChoice,
    Hosting,
    ObjectionEffect,
    Renewal,
)
from registers.kernel.history import Facts, titled
from registers.kernel.periods import Unit


class Postal(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an address, shared by whoever has one."""

    address: Annotated[str, titled("Address", wanted="Art. 30(2)(a)")] = ""
    postcode: Annotated[str, titled("Postcode", wanted="Art. 30(2)(a)")] = ""
    city: Annotated[str, titled("City", wanted="Art. 30(2)(a)")] = ""
    country: Annotated[str, titled("Country")] = "FR"


class Organisation(Postal, Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The processor itself, as it stands on every paper."""

    name: Annotated[str, titled("Name", wanted="Art. 30(2)(a)")]
    legal_form: Annotated[str, titled("Legal form")] = ""
    siret: Annotated[str, titled("SIRET")] = ""
    register: Annotated[str, titled("Trade register")] = ""
    phone: Annotated[str, titled("Telephone")] = ""
    email: Annotated[str, titled("E-mail", wanted="Art. 30(2)(a)")] = ""
    representative: Annotated[str, titled("Legal representative")] = ""
    representative_quality: Annotated[str, titled("Quality of the representative")] = ""
    eu_representative: Annotated[str, titled("Representative in the Union", "Art. 27")] = ""
    dpo_name: Annotated[str, titled("DPO: name or department", wanted="Art. 30(2)(a)")] = ""
    dpo_email: Annotated[str, titled("DPO: e-mail", wanted="Art. 30(2)(a)")] = ""
    dpo_phone: Annotated[str, titled("DPO: telephone")] = ""
    dpo_address: Annotated[str, titled("DPO: address")] = ""
    calendar: Annotated[str, titled("Public holidays of")] = "FR"
    postal_margin: Annotated[int, titled("Business days left for the post before engaging")] = 0


class ContactLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which contact serves a controller, and for what."""

    role: Annotated[ContactRole, titled("For what")]
    contact: Annotated[uuid.UUID, titled("Point of contact")]


class Controller(Postal, Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer on whose behalf data are processed."""

    name: Annotated[str, titled("Name", wanted="Art. 30(2)(a)")]
    kind: Annotated[ControllerKind, titled("Kind")] = ControllerKind.OTHER
    public_body: Annotated[bool, titled("Public body", "Art. 37(1)(a)")] = False
    siret: Annotated[str, titled("SIRET")] = ""
    phone: Annotated[str, titled("Telephone")] = ""
    representative: Annotated[str, titled("Representative", wanted="Art. 28(3)")] = ""
    representative_quality: Annotated[
        str, titled("Quality of the representative", wanted="Art. 28(3)")
    ] = ""
    eu_representative: Annotated[str, titled("Representative in the Union", "Art. 27")] = ""
    calendar: Annotated[str, titled("Public holidays of")] = "FR"
    good_friday: Annotated[bool, titled("Good Friday is a holiday in the commune")] = True
    zone: Annotated[str, titled("Time zone")] = "Europe/Paris"
    language: Annotated[str, titled("Language")] = "fr"
    contacts: Annotated[tuple[ContactLink, ...], titled("Points of contact")] = ()
    acts_for: Annotated[tuple[str, ...], titled("Is itself processor for")] = ()
    coordinates: Annotated[tuple[str, ...], titled("Coordinates the group of")] = ()
    succeeded_by: Annotated[str, titled("Succeeded by")] = ""
    ended_on: Annotated[date | None, titled("Ended on")] = None


class Contact(Postal, Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person or a shared mailbox of one or several controllers."""

    kind: Annotated[ContactKind, titled("Kind")] = ContactKind.PERSON
    civility: Annotated[str, titled("Civility")] = ""
    name: Annotated[str, titled("Name")] = ""
    first_name: Annotated[str, titled("First name")] = ""
    function: Annotated[str, titled("Function")] = ""
    firm: Annotated[str, titled("Firm")] = ""
    email: Annotated[str, titled("E-mail")] = ""
    phone: Annotated[str, titled("Telephone")] = ""

    @property
    def full_name(self) -> str:
        """What stands for it on papers: the person's name, else the department or the mailbox."""
        named = " ".join(part for part in (self.civility, self.first_name, self.name) if part)
        return named or self.firm or self.email


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of time in a contract: 2 months, 60 days."""

    amount: Annotated[int, titled("How long")]
    unit: Annotated[Unit, titled("Counted in")]


class Terms(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of one contract. None: the contract does not say; that is a finding.

    The defaults are those of the contracts this product was made for.
    """

    objection_amount: Annotated[int | None, titled("Objection window", "Art. 28(2)")] = 30
    objection_unit: Annotated[Unit, titled("Objection window, counted in")] = Unit.BUSINESS_DAYS
    objection_effect: Annotated[ObjectionEffect | None, titled("Effect of an objection")] = (
        ObjectionEffect.VETO
    )
    authorisation: Annotated[
        Authorisation | None, titled("Authorisation of sub-processors", "Art. 28(2)")
    ] = Authorisation.GENERAL
    specific_activities: Annotated[
        tuple[str, ...], titled("Activities under specific authorisation")
    ] = ()
    relocation_effect: Annotated[Effect, titled("Another site of a sub-processor needs")] = (
        Effect.WINDOW
    )
    removal_effect: Annotated[Effect, titled("The leaving of a sub-processor needs")] = (
        Effect.INFORMATION
    )
    notice_channels: Annotated[
        tuple[Channel, ...], titled("Notices of sub-processors: channels", "Art. 28(2)")
    ] = (Channel.EMAIL,)
    breach_hours: Annotated[int | None, titled("Breach: hours to notify", "Art. 33(2)")] = 48
    breach_channels: Annotated[tuple[Channel, ...], titled("Breach: channels")] = (
        Channel.EMAIL,
        Channel.REGISTERED_LETTER,
    )
    breach_text: Annotated[BreachText, titled("Breach: full text")] = BreachText.ATTACHED
    update_notice: Annotated[Span | None, titled("New version: notice before its day")] = Span(
        15, Unit.DAYS
    )
    update_objection: Annotated[
        Span | None, titled("New version: last day to object, before its day")
    ] = Span(7, Unit.DAYS)
    update_bound: Annotated[
        Span | None, titled("New version: an objection holds at most, from its publication")
    ] = Span(1, Unit.YEARS)
    renewal: Annotated[Renewal | None, titled("Renewal")] = Renewal.TACIT
    initial_months: Annotated[int | None, titled("Initial term, in months")] = 12
    renewals: Annotated[int | None, titled("Renewals at most")] = 2
    notice: Annotated[Span | None, titled("Notice before the end")] = Span(2, Unit.MONTHS)
    end_choice: Annotated[EndChoice | None, titled("End of contract", "Art. 28(3)(g)")] = None
    return_days: Annotated[int | None, titled("Days to return the data")] = 30
    language: Annotated[str, titled("Language, where not the controller's")] = ""
    calendar: Annotated[str, titled("Public holidays, where not the controller's")] = ""
    zone: Annotated[str, titled("Time zone, where not the controller's")] = ""


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An activity carried out under a contract, and where it runs."""

    code: Annotated[str, titled("Activity")]
    hosting: Annotated[Hosting | None, titled("Where it runs")] = None


class Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a contract says what one letter of Art. 28(3) asks, and where."""

    code: Annotated[str, titled("Letter")]
    state: Annotated[ClauseState, titled("State")]
    reference: Annotated[str, titled("Where in the contract")] = ""


class Contract(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agreement under which data are processed, as it is in force."""

    controller: Annotated[uuid.UUID, titled("Controller")]
    reference: Annotated[str, titled("Reference")]
    title: Annotated[str, titled("Title")] = ""
    signed_on: Annotated[date | None, titled("Signed on", "Art. 28(9)")] = None
    starts_on: Annotated[date | None, titled("Starts on", wanted="Art. 28(3)")] = None
    ends_on: Annotated[date | None, titled("Term ends on", wanted="Art. 28(3)")] = None
    ended_on: Annotated[date | None, titled("Ended on")] = None
    end_reason: Annotated[str, titled("Why it ended")] = ""
    services: Annotated[tuple[Service, ...], titled("Activities", wanted="Art. 28(3)")] = ()
    party_complete: Annotated[
        bool | None, titled("The controller's block is filled in", "Art. 28(3)")
    ] = None
    list_annexed: Annotated[
        bool | None, titled("A list of sub-processors is annexed", "EDPB Opinion 22/2024")
    ] = None
    clauses: Annotated[tuple[Clause, ...], titled("Checked against Art. 28(3)")] = ()
    terms: Annotated[Terms, titled("Terms")] = Terms()
    note: Annotated[str, titled("Note")] = ""


class TermsModel(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms under a name, which contracts take as their defaults."""

    name: Annotated[str, titled("Name")]
    terms: Annotated[Terms, titled("Terms")] = Terms()
