"""The papers that span subjects: from a snapshot to blocks of text in a language."""

from collections.abc import Iterator
from typing import Any

from registers.activities.facts import Activity, RetentionRule
from registers.activities.vocabulary import Sensitivity
from registers.annexes.snapshots import Agreed, Engaged, Person, Processed, RegisterSnapshot
from registers.controllers.vocabulary import ContactRole
from registers.kernel.history import Facts
from registers.kernel.identifiers import country_name
from registers.kernel.periods import length
from registers.kernel.showing import TO_COMPLETE, shown
from registers.kernel.words import Text, Words, text
from registers.press.paper import (
    Block,
    Column,
    Heading,
    KeyValues,
    Paper,
    Paragraph,
    Signatures,
    Table,
)
from registers.subprocessors.facts import Transfer

REGISTER = text("Record of categories of processing activities")
LAW = text("kept by the processor for the controller (Regulation (EU) 2016/679, art. 30(2))")
ADDRESS = ("address", "postcode", "city")


def register_paper(snapshot: RegisterSnapshot, language: str, *, draft: bool = False) -> Paper:
    """The register of one controller, Art. 30(2), with what the contract adds to it.

    Args:
        snapshot: what it shows.
        language: the language of its own words; the facts stand in theirs.
        draft: marked as of no effect on each page.
    """
    words = Words(language)
    blocks = [
        *_parties(snapshot, words),
        *_contracts(snapshot, words),
        *_activities(snapshot, words),
        *_subprocessors(snapshot, words),
        *_measures(snapshot, words),
        Heading(words.say(text("Signatures")), 1),
        Signatures(snapshot.organisation.name, snapshot.controller.name),
    ]
    return Paper(
        kind=snapshot.kind,
        title=words.say(REGISTER),
        subtitle=snapshot.controller.name,
        language="en" if words.language == "en" else "fr",
        organisation=snapshot.organisation.name,
        on=snapshot.on,
        lead=(words.say(LAW),),
        blocks=tuple(blocks),
        draft=draft,
    )


class _Teller:
    """Writes rows of labels and values, in one language; what is wanted and missing is said."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.rows: list[tuple[str, str]] = []

    def fact(self, facts: Facts, name: str, *others: str, value: str | None = None) -> None:
        """A field under its own name, maybe told together with others.

        Left out when it is empty and nobody asks for it.
        """
        written = shown(getattr(facts, name), self.words) if value is None else value
        gap = _gap(facts, self.words, name, *others)
        self.row(type(facts).name_of(name), _lines(written, gap))

    def row(self, label: Text, written: str) -> None:
        """A label and its value, where there is one."""
        if written:
            self.rows.append((self.words.say(label), written))

    def block(self) -> KeyValues:
        """All rows so far."""
        return KeyValues(tuple(self.rows))


def _missing(words: Words) -> str:
    return f"[{words.say(TO_COMPLETE)}]"


def _gap(facts: Facts, words: Words, *names: str) -> str:
    """Says that one of these fields is to be completed, when one is."""
    return "" if set(names).isdisjoint(facts.missing()) else _missing(words)


def _address(facts: Any, words: Words) -> str:
    lines = [facts.address, " ".join(filter(None, (facts.postcode, facts.city)))]
    if any(lines):
        lines.append(country_name(facts.country, words.language))
    return "\n".join(filter(None, lines))


def _parties(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Parties")), 1)
    yield Heading(words.say(text("Processor")), 2)
    ours = snapshot.organisation
    tell = _Teller(words)
    for name in ("name", "legal_form", "siret", "register"):
        tell.fact(ours, name)
    tell.fact(ours, *ADDRESS, value=_address(ours, words))
    contact = _lines(_joined(ours.email, ours.phone), _gap(ours, words, "email"))
    tell.row(text("Contact"), contact)
    representative = _qualified(ours.representative, ours.representative_quality)
    tell.fact(ours, "representative", value=representative)
    tell.fact(ours, "eu_representative")
    dpo = _lines(ours.dpo_name, _joined(ours.dpo_email, ours.dpo_phone), ours.dpo_address)
    gap = _gap(ours, words, "dpo_name", "dpo_email")
    tell.row(text("Data protection officer"), _lines(dpo, gap))
    yield tell.block()
    yield Heading(words.say(text("Controller")), 2)
    yield _controller(snapshot, words)


def _controller(snapshot: RegisterSnapshot, words: Words) -> KeyValues:
    theirs = snapshot.controller
    tell = _Teller(words)
    tell.fact(theirs, "name")
    tell.row(text("Code"), snapshot.code)
    tell.fact(theirs, "kind")
    tell.fact(theirs, "siret")
    tell.fact(theirs, *ADDRESS, value=_address(theirs, words))
    tell.fact(theirs, "phone")
    quality = theirs.representative_quality
    representative = _qualified(theirs.representative, quality)
    tell.fact(theirs, "representative", "representative_quality", value=representative)
    tell.fact(theirs, "eu_representative")
    officers = [person for person in snapshot.persons if person.role is ContactRole.DPO]
    others = [person for person in snapshot.persons if person.role is not ContactRole.DPO]
    unnamed = _missing(words) if theirs.public_body and not officers else ""
    tell.row(text("Data protection officer"), _lines(*map(_person, officers), unnamed))
    for person in others:
        tell.row(person.role.says, _person(person))
    return tell.block()


def _person(person: Person) -> str:
    named = _joined(person.name, person.function)
    reached = _joined(person.email if person.email != person.name else "", person.phone)
    return _lines(named, reached)


def _qualified(name: str, quality: str) -> str:
    return ", ".join(filter(None, (name, quality)))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def _contracts(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Contracts in force")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Reference")), 2.2),
            Column(words.say(text("Subject-matter")), 3),
            Column(words.say(text("Signed on")), 1.4),
            Column(words.say(text("Term")), 2.2),
            Column(words.say(text("Activities")), 2.6),
        ),
        rows=tuple(_contract(agreed, words) for agreed in snapshot.contracts),
        empty=words.say(text("No contract was in force on that day.")),
    )


def _contract(agreed: Agreed, words: Words) -> tuple[str, ...]:
    known = agreed.known
    missing = _missing(words)
    days = [f"{day:%d/%m/%Y}" if day else missing for day in (known.starts_on, known.ends_on)]
    services = "\n".join(
        _joined(service.code, shown(service.hosting, words)) for service in known.services
    )
    signed = f"{known.signed_on:%d/%m/%Y}" if known.signed_on else missing
    term = " – ".join(days) if known.starts_on or known.ends_on else missing
    return (agreed.reference, known.title, signed, term, services or missing)


def _activities(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Processing activities")), 1)
    if not snapshot.activities:
        yield Paragraph(words.say(text("No activity was carried out on that day.")))
    names = {each.code: each.known.name for each in snapshot.subprocessors}
    protects = {each.code: each.known.name for each in snapshot.measures}
    for each in snapshot.activities:
        yield Heading(f"{each.code} – {each.known.name}", 2)
        yield _activity(each, names, protects, words)
        if each.known.data:
            yield _data(each.known, words)
        if each.known.retention:
            yield _retention(each.known, words)
        if each.known.backups:
            yield _backups(each.known, words)


def _activity(
    each: Processed, names: dict[str, str], protects: dict[str, str], words: Words
) -> KeyValues:
    known = each.known
    tell = _Teller(words)
    tell.fact(known, "role")
    tell.fact(known, "summary")
    tell.fact(known, "operations")
    purposes = [
        purpose.name + (f" ({', '.join(purpose.parts)})" if purpose.parts else "")
        for purpose in known.purposes
    ]
    tell.fact(known, "purposes", value="\n".join(purposes))
    if known.no_personal_data:
        tell.fact(known, "no_personal_data")
    tell.fact(known, "data_subjects", value="\n".join(known.data_subjects))
    for name in ("data", "retention"):  # where they are known, they have tables of their own
        tell.fact(known, name, value="")
    inside = [recipient for recipient in known.recipients if recipient.internal]
    outside = [recipient for recipient in known.recipients if not recipient.internal]
    tell.row(text("Internal recipients"), "\n".join(_joined(r.name, r.why) for r in inside))
    tell.row(text("External recipients"), "\n".join(_joined(r.name, r.why) for r in outside))
    used = [
        _joined(names.get(use.code, use.code), use.processing, ", ".join(use.sites))
        for use in known.subprocessors
    ]
    tell.fact(known, "subprocessors", value="\n".join(used))
    tell.fact(known, "joint_controllers")
    tell.fact(known, "transfers", value=_transfers(known.no_transfer, known.transfers, words))
    measures = [protects[code] for code in known.measures if code in protects]
    tell.fact(known, "measures", value=" ; ".join(measures))
    version = text(
        "version {number}, in effect since {since}", number=each.version, since=each.since
    )
    told = [words.say(version)]
    if each.taken_over:
        told.append(words.say(text("taken over from an earlier register")))
    tell.row(text("Version"), ", ".join(told))
    return tell.block()


def _transfers(none: bool | None, transfers: tuple[Transfer, ...], words: Words) -> str:
    if none:
        return words.say(text("No transfer to a third country or an international organisation"))
    return "\n".join(
        _joined(
            country_name(transfer.country, words.language),
            transfer.recipient,
            words.say(transfer.mechanism.says),
            transfer.safeguards,
        )
        for transfer in transfers
    )


def _data(known: Activity, words: Words) -> Table:
    return Table(
        caption=words.say(text("Categories of personal data")),
        columns=(
            Column(words.say(text("Category")), 3),
            Column(words.say(text("Data")), 5),
            Column(words.say(text("Special categories, restrictions and safeguards")), 4),
        ),
        rows=tuple(
            (
                category.name,
                ", ".join(category.items),
                _lines(
                    words.say(category.sensitivity.says)
                    if category.sensitivity is not Sensitivity.NONE
                    else "",
                    category.safeguards,
                ),
            )
            for category in known.data
        ),
    )


def _retention(known: Activity, words: Words) -> Table:
    return Table(
        caption=words.say(text("Retention")),
        columns=(
            Column(words.say(text("Data concerned")), 4),
            Column(words.say(text("From")), 3),
            Column(words.say(text("How long")), 2.4),
            Column(words.say(text("Outcome")), 2.6),
        ),
        rows=tuple(
            (
                rule.name,
                words.say(rule.trigger.says),
                _how_long(rule, words),
                words.say(rule.outcome.says),
            )
            for rule in known.retention
        ),
    )


def _how_long(rule: RetentionRule, words: Words) -> str:
    number = words.say(length(rule.amount, rule.unit)) if rule.amount is not None else ""
    return _lines(number, rule.text) or _missing(words)


def _backups(known: Activity, words: Words) -> Table:
    return Table(
        caption=words.say(text("Backups: erasure is effective in a copy when it expires")),
        columns=(
            Column(words.say(text("Copy")), 3),
            Column(words.say(text("When")), 5),
            Column(words.say(text("Kept for")), 2),
        ),
        rows=tuple(
            (rule.name, rule.schedule, words.say(length(rule.amount, rule.unit)))
            for rule in known.backups
        ),
    )


def _subprocessors(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Sub-processors")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Name, address and contact person")), 4),
            Column(words.say(text("Sub-processed activities")), 4),
            Column(words.say(text("Sites")), 3),
            Column(words.say(text("Contract and transfers")), 3),
        ),
        rows=tuple(_subprocessor(each, words) for each in snapshot.subprocessors),
        empty=words.say(text("No sub-processor is used in these activities.")),
    )


def _subprocessor(each: Engaged, words: Words) -> tuple[str, ...]:
    known, missing = each.known, _missing(words)
    contact = _lines(
        _qualified(known.contact_name, known.contact_function),
        _joined(known.contact_email, known.contact_phone),
        _gap(known, words, "contact_name", "contact_email"),
    )
    person = words.say(text("Contact person: {who}", who=contact))
    address = _lines(_address(known, words), _gap(known, words, *ADDRESS))
    sites = [
        _joined(
            words.say(site.role.says),
            _qualified(site.name, f"{site.postcode} {site.city}".strip()),
            country_name(site.country, words.language) if site.country != "FR" else "",
            site.note,
        )
        for site in known.sites
    ]
    starts, ends = known.contract_starts_on, known.contract_ends_on
    dates = [f"{starts:%d/%m/%Y}" if starts else missing, f"{ends:%d/%m/%Y}" if ends else ""]
    contract = _lines(known.contract_reference or missing, " – ".join(filter(None, dates)))
    return (
        _lines(known.name, known.registration, address, person),
        _lines(known.processing or missing, known.delimitation),
        "\n".join(sites) or missing,
        _lines(contract, _transfers(known.no_transfer, known.transfers, words) or missing),
    )


def _measures(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Technical and organisational measures")), 1)
    families = dict.fromkeys(each.known.family for each in snapshot.measures)
    if not families:
        yield Paragraph(_missing(words))
    for family in families:
        yield Heading(words.say(family.says), 2)
        yield Table(
            columns=(
                Column(words.say(text("Measure")), 3),
                Column(words.say(text("Description")), 7),
                Column(words.say(text("Art. 32(1)")), 1.4),
            ),
            rows=tuple(
                (
                    each.known.name,
                    each.known.description or _missing(words),
                    ", ".join(each.known.articles) or _missing(words),
                )
                for each in snapshot.measures
                if each.known.family is family
            ),
        )
