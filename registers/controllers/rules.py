"""What can be wrong with a record, and what a contract lacks: pure rules.

What is impossible (a postcode of another country) is refused. What is merely lacking in a
contract in force is a **finding**: the contract is a fact and is kept as it is.
"""

from datetime import date, datetime
from typing import NamedTuple

import msgspec

from registers.controllers.facts import (
    Contact,
    Contract,
    Controller,
    Organisation,
    Span,
    Terms,
)
from registers.controllers.vocabulary import (
    LETTERS,
    Authorisation,
    ClauseState,
    ContactKind,
    ContactRole,
    Renewal,
)
from registers.kernel import calendars, identifiers, periods
from registers.kernel.errors import Invalid
from registers.kernel.periods import Period, Unit
from registers.kernel.words import LANGUAGES, Named, Text, text

MODEL_WINDOW = 30
"""Business days: the window that the model contract gives (001 §7.6)."""


class SuccessionKind(Named):
    """How one thing took the place of another."""

    MERGED = "merged", text("Merged into")
    RENUMBERED = "renumbered", text("Registration number changed")
    TRANSFERRED = "transferred", text("Contract transferred to")


class Finding(NamedTuple):
    """What is lacking or odd: in words, with where the law asks it and what to do."""

    code: str
    says: Text
    advice: Text
    source: str


def checked_organisation(known: Organisation) -> Organisation:
    """The organisation in normal form.

    Raises:
        Invalid: an identifier is impossible; names the field.
    """
    return msgspec.structs.replace(
        known,
        name=_given(known.name, "name"),
        postcode=_postcode(known.postcode, known.country),
        siret=identifiers.checked_siret(known.siret) if known.siret else "",
        email=_email(known.email, "email"),
        dpo_email=_email(known.dpo_email, "dpo_email"),
    )


def checked_controller(known: Controller) -> Controller:
    """A controller in normal form.

    Raises:
        Invalid: an identifier is impossible; names the field.
    """
    calendars.calendar(known.calendar)
    periods.zone_named(known.zone)
    if known.language not in LANGUAGES:
        raise Invalid(text("There are no papers in this language yet."), "language")
    return msgspec.structs.replace(
        known,
        name=_given(known.name, "name"),
        postcode=_postcode(known.postcode, known.country),
        siret=_siret(known.siret, known.country),
    )


def checked_contact(known: Contact) -> Contact:
    """A contact in normal form.

    Raises:
        Invalid: it has neither a name nor an address, or an impossible address.
    """
    if known.kind is ContactKind.PERSON and not known.name:
        raise Invalid(text("Give the person's name, or choose a shared mailbox."), "name")
    if known.kind is not ContactKind.PERSON and not known.email:
        raise Invalid(text("Give the address at which it can be reached."), "email")
    return msgspec.structs.replace(
        known,
        postcode=_postcode(known.postcode, known.country),
        email=_email(known.email, "email"),
    )


def checked_contract(known: Contract) -> Contract:
    """A contract in normal form.

    Raises:
        Invalid: its dates contradict each other, or a term cannot be.
    """
    _given(known.reference, "reference")
    if known.starts_on and known.ends_on and known.ends_on < known.starts_on:
        raise Invalid(text("The term ends before it begins."), "ends_on")
    if known.starts_on and known.ended_on and known.ended_on < known.starts_on:
        raise Invalid(text("The contract ended before it began."), "ended_on")
    codes = [service.code for service in known.services]
    if len(codes) != len(set(codes)):
        raise Invalid(text("An activity is named twice."), "services")
    checked_terms(known.terms)
    return known


def checked_terms(terms: Terms) -> Terms:
    """Terms that can be counted.

    Raises:
        Invalid: a number is negative, or a unit or territory is unknown.
    """
    for field in ("objection_amount", "breach_hours", "initial_months", "renewals", "return_days"):
        amount = getattr(terms, field)
        if amount is not None and not 0 <= amount <= 10_000:  # noqa: PLR2004
            raise Invalid(text("Give a number from 0 to 10,000."), field)
    if terms.objection_unit in {Unit.HOURS, Unit.BUSINESS_HOURS}:
        raise Invalid(text("An objection window is counted in days or months."), "objection_unit")
    for field in ("update_notice", "update_objection", "update_bound"):
        span: Span | None = getattr(terms, field)
        if span is not None and not 1 <= span.amount <= 10_000:  # noqa: PLR2004
            raise Invalid(text("Give a number from 1 to 10,000."), field)
        if span is not None and span.unit in {Unit.HOURS, Unit.BUSINESS_HOURS}:
            raise Invalid(text("The limits of an update are counted in days or months."), field)
    if terms.calendar:
        calendars.calendar(terms.calendar)
    if terms.zone:
        periods.zone_named(terms.zone)
    return terms


def _given(written: str, field: str) -> str:
    if not written.strip():
        raise Invalid(text("This entry is needed."), field)
    return written.strip()


def _email(written: str, field: str) -> str:
    if not written:
        return ""
    try:
        return identifiers.checked_email(written)
    except Invalid as error:
        raise Invalid(error.reason, field) from error


def _postcode(written: str, country: str) -> str:
    identifiers.checked_country(country)
    return identifiers.checked_postcode(written, country) if written else ""


def _siret(written: str, country: str) -> str:
    if not written:
        return ""
    if country != "FR":
        raise Invalid(text("Only bodies in France have a SIRET."), "siret")
    return identifiers.checked_siret(written)


def controller_findings(known: Controller) -> list[Finding]:
    """What a controller's record lacks."""
    roles = {link.role for link in known.contacts}
    found = []
    if ContactRole.NOTICE not in roles:
        found.append(
            Finding(
                "controller.no_notice_address",
                text("Nobody is named who receives notices."),
                text("Ask for an address for notices about sub-processors."),
                "Art. 28(2)",
            )
        )
    if ContactRole.BREACH not in roles:
        found.append(
            Finding(
                "controller.no_breach_address",
                text("Nobody is named who receives breach notices."),
                text("Ask for an address that is read at any hour."),
                "Art. 33(2)",
            )
        )
    if known.public_body and ContactRole.DPO not in roles:
        found.append(
            Finding(
                "controller.no_dpo",
                text("A public body without a declared DPO."),
                text(
                    "Ask the controller who its DPO is, and name that person among its points "
                    "of contact."
                ),
                "Art. 37(1)(a)",
            )
        )
    return found


def contract_findings(known: Contract) -> list[Finding]:
    """What a contract lacks against Art. 28(3) and the model's terms."""
    return [*_parties(known), *_clauses(known), *_terms(known.terms), *_subprocessors(known)]


def _parties(known: Contract) -> list[Finding]:
    found = []
    if known.party_complete is False:
        found.append(
            Finding(
                "contract.party_blank",
                text("The controller's block is blank in the signed contract."),
                text("Have it filled in by an amendment: name, address, representative."),
                "Art. 28(3)",
            )
        )
    if known.signed_on is None:
        found.append(
            Finding(
                "contract.no_signature_date",
                text("The date of signature is not known."),
                text("Look it up in the signed copy: the contract must be in writing."),
                "Art. 28(9)",
            )
        )
    if known.starts_on is None or (known.ends_on is None and known.terms.initial_months is None):
        found.append(
            Finding(
                "contract.no_duration",
                text("The duration of the processing is not said."),
                text("Record when it begins and how long it lasts."),
                "Art. 28(3)",
            )
        )
    if not known.services:
        found.append(
            Finding(
                "contract.no_activity",
                text("No activity of the register is linked to it."),
                text("Choose what is processed under it: subject-matter, nature, purpose, data."),
                "Art. 28(3)",
            )
        )
    return found


def _clauses(known: Contract) -> list[Finding]:
    if not known.clauses:
        return [
            Finding(
                "contract.not_reviewed",
                text("Not yet checked against the eight points of Art. 28(3)."),
                text("Read the contract and say of each letter whether and where it stands."),
                "Art. 28(3)",
            )
        ]
    states = {clause.code: clause.state for clause in known.clauses}
    found = []
    for letter, asks in LETTERS.items():
        state = states.get(letter)
        if state is ClauseState.PRESENT:
            continue
        says = text("Missing: {asks}.", asks=asks)
        if state is ClauseState.PARTIAL:
            says = text("Only in part: {asks}.", asks=asks)
        advice = text("Propose an amendment, or the Commission's clauses (EU) 2021/915.")
        found.append(Finding(f"contract.letter_{letter}", says, advice, f"Art. 28(3)({letter})"))
    return found


def _terms(terms: Terms) -> list[Finding]:
    found = []
    if terms.objection_amount is None:
        found.append(
            Finding(
                "terms.no_window",
                text("No time limit to object to a sub-processor."),
                text("Agree on one; until then no window can lapse."),
                "Art. 28(2)",
            )
        )
    elif _is_shorter(terms.objection_amount, terms.objection_unit):
        found.append(
            Finding(
                "terms.short_window",
                text("The time limit to object is shorter than the model's 30 business days."),
                text("It is kept as agreed; consider the model's when the contract is renewed."),
                "Art. 28(2)",
            )
        )
    if terms.objection_effect is None:
        found.append(
            Finding(
                "terms.no_effect",
                text("It is not said what an objection brings about."),
                text("Agree on it: veto, talks or termination."),
                "Art. 28(2)",
            )
        )
    if terms.breach_hours is None:
        found.append(
            Finding(
                "terms.no_breach_hours",
                text("No number of hours to notify a breach: “without undue delay” remains."),
                text("48 hours are kept meanwhile; agree on a number."),
                "Art. 33(2)",
            )
        )
    if not terms.breach_channels:
        found.append(
            Finding(
                "terms.no_breach_channel",
                text("It is not said how a breach is notified."),
                text("E-mail is used meanwhile; agree on the channels."),
                "Art. 33(2)",
            )
        )
    if terms.end_choice is None:
        found.append(
            Finding(
                "terms.no_end_choice",
                text("No choice between erasure and return at the end."),
                text("Ask the controller to choose; it may do so until the end."),
                "Art. 28(3)(g)",
            )
        )
    if terms.renewal is Renewal.CONTRADICTORY:
        found.append(
            Finding(
                "terms.renewal_contradictory",
                text("The documents say both tacit and express renewal."),
                text("The earlier notice date is kept; have it cleared up in writing."),
                "Art. 28(3)",
            )
        )
    return found


def _is_shorter(amount: int, unit: Unit) -> bool:
    in_business_days = {
        Unit.BUSINESS_DAYS: float(amount),
        Unit.JOURS_OUVRABLES: amount * 5 / 6,
        Unit.DAYS: amount * 5 / 7,
        Unit.MONTHS: amount * 21,
        Unit.YEARS: amount * 250,
    }
    return in_business_days[unit] < MODEL_WINDOW


def _subprocessors(known: Contract) -> list[Finding]:
    found = []
    if known.terms.authorisation is None:
        found.append(
            Finding(
                "terms.no_authorisation",
                text("It is not said how sub-processors are authorised."),
                text("Agree on general or specific authorisation, in writing."),
                "Art. 28(2)",
            )
        )
    if known.list_annexed is False:
        specific = known.terms.authorisation in {Authorisation.SPECIFIC, Authorisation.MIXED}
        advice = text("Annex the list of those in force and keep it up to date.")
        if specific:
            advice = text("Specific authorisation is given by this list: annex it.")
        found.append(
            Finding(
                "contract.no_list",
                text("No list of sub-processors is annexed."),
                advice,
                "EDPB Opinion 22/2024",
            )
        )
    return found


class NoticeDate(NamedTuple):
    """The last day to give notice before the end of a term, in two readings."""

    safe: date
    """Counted from the last day of the term."""
    late: date
    """Counted from the day after it (the anniversary)."""


def notice_dates(known: Contract) -> NoticeDate | None:
    """Until when notice can be given before the present term ends; None when it is not said.

    Contracts speak of the end of the term or of its anniversary: the earlier reading is safe.
    """
    return notice_before(known, known.ends_on) if known.ends_on else None


def notice_before(known: Contract, end: date) -> NoticeDate | None:
    """Until when notice can be given before a term ends on a day; None when it is not said."""
    notice = known.terms.notice
    if notice is None:
        return None
    return NoticeDate(_back(end, notice), _back(end + periods.DAY, notice))


def _back(day: date, span: Span) -> date:
    period = Period(-span.amount, span.unit)
    due = periods.deadline(period, day, calendars.calendar("FR"), "Europe/Paris").due
    return due.date() if isinstance(due, datetime) else due
