"""The form by which a controller notifies its authority, filled with what its processor knows.

Its blocks and fields are those of the French authority's teleservice (legal ground: Art. 33(3);
vocabulary as in `registers.breaches.vocabulary`). The processor does not assess the risk for the
controller, nor decide whether the authority and the persons are told (EDPB guidelines 9/2022):
those fields are the controller's own, and stay empty.

Everything comes from one notice to one controller. What is not known is null, never guessed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from registers.breaches.facts import Breach
from registers.breaches.vocabulary import DataKind, Discoverer, Step
from registers.controllers.facts import Controller, Organisation
from registers.kernel.instants import Instant
from registers.kernel.words import Named, Text, Words, text

SCHEMA, VERSION = "greffe-authority-form", 1

SENSITIVE = (
    *(DataKind.ORIGIN, DataKind.OPINIONS, DataKind.BELIEFS, DataKind.UNION, DataKind.SEXUAL),
    *(DataKind.HEALTH, DataKind.BIOMETRIC, DataKind.GENETIC),
)
"""Special categories of data, Art. 9(1)."""

OWN = (
    *("meta.type", "persons.directly_identifiable", "harms", "severity"),
    *("communication.state", "communication.on", "communication.number", "communication.means"),
    *("communication.content", "communication.justification"),
    *("other_notifications.cross_border", "other_notifications.authorities"),
    *("other_notifications.security_agency", "other_notifications.complaint"),
)
"""What the controller assesses, decides or does itself: always empty."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the form."""


class Choice(Part, frozen=True, kw_only=True):
    """One value of a list of the form, and how it reads."""

    code: str
    label: str


class When(Part, frozen=True, kw_only=True):
    """An instant, with its offset where the controller is."""

    at: str
    zone: str


class Person(Part, frozen=True, kw_only=True):
    """Who answers, and how."""

    name: str
    function: str = ""
    email: str = ""
    phone: str = ""


class Prepared(Part, frozen=True, kw_only=True):
    """What shows that this is a draft, by whom, and from what."""

    says: str
    by: str
    at: str
    breach: str
    notice: str
    """The number of the notice that it was filled from."""
    step: Choice


class Declarant(Part, frozen=True, kw_only=True):
    """The controller."""

    name: str
    siren: str
    address: str
    sector: Choice
    contact: Person | None
    dpo: Person | None


class Meta(Part, frozen=True, kw_only=True):
    """What is notified, by whom."""

    type: Choice | None = None
    """Initial or complementary: only the controller knows what it notified before."""
    declarant: Declarant
    certainty: Choice


class Dates(Part, frozen=True, kw_only=True):
    """When it happened, was found and told."""

    discovered: When | None
    began: When | None
    ended: When | None
    ongoing: bool | None
    spread_over_time: bool | None
    unknown: bool
    """Whether it is not known when it happened."""
    notified_by_processor: When | None
    """The earliest instant at which a notice of ours may have arrived."""
    circumstances: str
    delay_reasons: str
    """Ours, where our notice gives them: they may be the controller's too."""


class Data(Part, frozen=True, kw_only=True):
    """The data touched."""

    categories: tuple[Choice, ...]
    sensitive: tuple[Choice, ...]
    records: int | None
    """About how many records, of this controller."""


class Persons(Part, frozen=True, kw_only=True):
    """The persons concerned."""

    categories: tuple[Choice, ...]
    number: int | None
    """About how many, of this controller."""
    directly_identifiable: bool | None = None


class Processor(Part, frozen=True, kw_only=True):
    """That a processor is involved, and which."""

    involved: bool
    name: str
    siren: str
    address: str
    contact: Person | None
    """Where more can be learnt, Art. 33(3)(b)."""
    contracts: tuple[str, ...]
    subprocessors: tuple[str, ...]


class After(Part, frozen=True, kw_only=True):
    """Measures since."""

    taken: str
    planned: str


class Communication(Part, frozen=True, kw_only=True):
    """Whether and how the persons are told, Art. 34: the controller's own."""

    state: Choice | None = None
    on: str | None = None
    number: int | None = None
    means: str | None = None
    content: str | None = None
    justification: str | None = None


class Others(Part, frozen=True, kw_only=True):
    """Whom else the controller tells: its own."""

    cross_border: bool | None = None
    authorities: tuple[str, ...] | None = None
    security_agency: bool | None = None
    complaint: bool | None = None


class Form(Part, frozen=True, kw_only=True):
    """The whole form, block by block."""

    schema: str = SCHEMA
    schema_version: int = VERSION
    draft: bool = True
    language: str
    prepared: Prepared
    left_to_controller: tuple[str, ...] = OWN
    meta: Meta
    dates: Dates
    nature: tuple[Choice, ...]
    origin: Choice | None
    cause: Choice | None
    data: Data
    persons: Persons
    processor: Processor
    measures_before: str
    consequences: str
    harms: tuple[Choice, ...] | None = None
    severity: Choice | None = None
    measures_after: After
    communication: Communication = Communication()
    other_notifications: Others = Others()

    @property
    def stored(self) -> bytes:
        """Its JSON, in the order of the form."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


class Given(NamedTuple):
    """What the form is filled from: one notice to one controller, and who the parties are."""

    number: str
    code: str
    """That of the breach."""
    step: Step
    known: Breach
    persons: int | None
    records: int | None
    late: str
    arrived_at: datetime | None
    prepared_at: datetime
    controller: Controller
    contact: Person | None
    dpo: Person | None
    organisation: Organisation
    contracts: tuple[str, ...]
    subprocessors: tuple[str, ...]
    """Those touched, by name."""
    language: str


DRAFT = text(
    "Draft prepared by the processor for its controller. It is no notification: the controller "
    "checks and completes it, assesses the risk, and files it with its authority itself."
)


def fill(given: Given) -> Form:
    """The form of one controller."""
    known, words, zone = given.known, Words(given.language), given.controller.zone
    ours, theirs = given.organisation, given.controller
    return Form(
        language=words.language,
        prepared=Prepared(
            says=words.say(DRAFT),
            by=ours.name,
            at=_when(given.prepared_at, zone).at,
            breach=given.code,
            notice=given.number,
            step=_choice(given.step, words),
        ),
        meta=Meta(
            declarant=Declarant(
                name=theirs.name,
                siren=_siren(theirs.siret),
                address=_address(theirs),
                sector=_choice(theirs.kind, words),
                contact=given.contact,
                dpo=given.dpo,
            ),
            certainty=_choice(known.certainty, words),
        ),
        dates=_dates(given, words),
        nature=_choices(known.nature, words),
        origin=_choice(known.origin, words) if known.origin else None,
        cause=_choice(known.cause, words) if known.cause else None,
        data=Data(
            categories=_choices([each for each in known.data if each not in SENSITIVE], words),
            sensitive=_choices([each for each in known.data if each in SENSITIVE], words),
            records=given.records,
        ),
        persons=Persons(categories=_choices(known.persons, words), number=given.persons),
        processor=Processor(
            involved=True,
            name=ours.name,
            siren=_siren(ours.siret),
            address=_address(ours),
            contact=_contact(known, ours),
            contracts=given.contracts,
            subprocessors=given.subprocessors,
        ),
        measures_before=known.measures_before,
        consequences=known.consequences,
        measures_after=After(taken=known.measures_taken, planned=known.measures_planned),
    )


def _dates(given: Given, words: Words) -> Dates:
    known, zone = given.known, given.controller.zone
    both = known.began is not None and known.ended is not None
    found = known.detected or known.aware
    found_by = words.say(DISCOVERED[known.discoverer]) if known.discoverer else ""
    return Dates(
        discovered=_instant(found, zone),
        began=_instant(known.began, zone),
        ended=_instant(known.ended, zone),
        ongoing=known.ongoing if known.ongoing is not None else (False if known.ended else None),
        spread_over_time=True if known.ongoing else (known.began != known.ended if both else None),
        unknown=known.began is None,
        notified_by_processor=_when(given.arrived_at, zone) if given.arrived_at else None,
        circumstances="\n".join(filter(None, (found_by, known.detected_reason))),
        delay_reasons=given.late,
    )


DISCOVERED: dict[Discoverer, Text] = {
    Discoverer.STAFF: text("Discovered by the processor’s own staff."),
    Discoverer.SUBPROCESSOR: text("Discovered by a sub-processor, which told the processor."),
    Discoverer.CONTROLLER: text("Discovered by a controller, which told the processor."),
    Discoverer.THIRD_PARTY: text("Discovered by a third party, which told the processor."),
}
"""Who found it, as the controller tells it to its authority."""


def _instant(written: Instant | None, zone: str) -> When | None:
    return _when(written.moment(), zone) if written else None


def _when(at: datetime, zone: str) -> When:
    return When(at=at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"), zone=zone)


def _choice(each: Named, words: Words) -> Choice:
    return Choice(code=each.value, label=words.say(each.says))


def _choices(found: Iterable[Named], words: Words) -> tuple[Choice, ...]:
    return tuple(_choice(each, words) for each in found)


SIREN = 9
"""A SIRET begins with so many digits of the SIREN."""


def _siren(siret: str) -> str:
    return siret[:SIREN] if len(siret) > SIREN else ""


def _address(known: Any) -> str:
    place = f"{known.postcode} {known.city}".strip()
    return ", ".join(filter(None, (*known.address.splitlines(), place, known.country)))


def _contact(known: Breach, ours: Organisation) -> Person | None:
    """Where more can be learnt: the contact point of the breach, else our DPO."""
    if known.contact:
        return Person(name=known.contact, email=known.contact_email, phone=known.contact_phone)
    if ours.dpo_name or ours.dpo_email:
        return Person(name=ours.dpo_name, email=ours.dpo_email, phone=ours.dpo_phone)
    return None


class Field(NamedTuple):
    """A field of the form as it is read: its path in the data, its name."""

    path: str
    says: Text


BLOCKS: dict[Text, tuple[Field, ...]] = {
    text("The notification"): (
        Field("meta.type", text("Initial or complementary notification")),
        Field("meta.certainty", text("Certainty")),
    ),
    text("Who notifies"): (
        Field("meta.declarant.name", text("Body")),
        Field("meta.declarant.siren", text("SIREN")),
        Field("meta.declarant.address", text("Address")),
        Field("meta.declarant.sector", text("Kind of body")),
        Field("meta.declarant.contact", text("Contact")),
        Field("meta.declarant.dpo", text("Data protection officer")),
    ),
    text("Dates"): (
        Field("dates.discovered", text("Discovered, by the processor")),
        Field("dates.began", text("Began")),
        Field("dates.ended", text("Ended")),
        Field("dates.ongoing", text("Still going on")),
        Field("dates.spread_over_time", text("Spread over time")),
        Field("dates.unknown", text("Not known when")),
        Field("dates.notified_by_processor", text("Told by the processor, at the earliest")),
        Field("dates.circumstances", text("Circumstances of the discovery")),
        Field("dates.delay_reasons", text("Reasons of a delay")),
    ),
    text("The breach"): (
        Field("nature", text("Nature")),
        Field("origin", text("Origin")),
        Field("cause", text("Cause")),
    ),
    text("The data"): (
        Field("data.categories", text("Categories of data")),
        Field("data.sensitive", text("Special categories of data (Art. 9)")),
        Field("data.records", text("Records, about")),
    ),
    text("The persons"): (
        Field("persons.categories", text("Categories of persons")),
        Field("persons.number", text("Persons, about")),
        Field("persons.directly_identifiable", text("Directly identifiable")),
    ),
    text("Processors"): (
        Field("processor.involved", text("A processor is involved")),
        Field("processor.name", text("Name")),
        Field("processor.siren", text("SIREN")),
        Field("processor.address", text("Address")),
        Field("processor.contact", text("Contact point")),
        Field("processor.contracts", text("Contracts")),
        Field("processor.subprocessors", text("Sub-processors touched")),
    ),
    text("Measures and consequences"): (
        Field("measures_before", text("Measures in place before")),
        Field("consequences", text("Likely consequences")),
        Field("harms", text("Possible harm to the persons")),
        Field("severity", text("Severity")),
        Field("measures_after.taken", text("Measures taken")),
        Field("measures_after.planned", text("Measures planned")),
    ),
    text("Information of the persons (Art. 34)"): (
        Field("communication.state", text("Told, to be told, or not told")),
        Field("communication.on", text("On which day")),
        Field("communication.number", text("How many persons")),
        Field("communication.means", text("By which means")),
        Field("communication.content", text("What they are told")),
        Field("communication.justification", text("Why they are not told (Art. 34(3))")),
    ),
    text("Other notifications"): (
        Field("other_notifications.cross_border", text("Cross-border processing")),
        Field("other_notifications.authorities", text("Other authorities of the Union")),
        Field("other_notifications.security_agency", text("Security agency (NIS 2)")),
        Field("other_notifications.complaint", text("Complaint filed")),
    ),
}
"""All fields by block, in the order of the form."""


def value_of(form: Form, path: str) -> Any:
    """What stands in a field."""
    found: Any = form
    for name in path.split("."):
        found = getattr(found, name)
    return found
