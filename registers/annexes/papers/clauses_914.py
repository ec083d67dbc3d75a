"""Annexes I.A to III to the standard contractual clauses of Decision (EU) 2021/914, by field.

The organisation exports on behalf of a controller: module three, processor to processor. Its
importers are sub-processors; only transfers that rest on the clauses belong here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from registers.annexes.papers import activities, clauses, parties
from registers.annexes.papers.clauses import under
from registers.annexes.papers.telling import Teller, beside, postal, runs, stacked
from registers.annexes.shapes import ContractSnapshot, Engaged, Processed
from registers.kernel.identifiers import country_name, fold
from registers.kernel.showing import shown
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Heading, Paragraph
from registers.subprocessors.facts import Mechanism, Transfer

PARTIES = text("Annex I.A – List of parties")
DESCRIPTION = text("Annex I.B – Description of transfer")
AUTHORITY = text("Annex I.C – Competent supervisory authority")
MEASURES = text("Annex II – Technical and organisational measures")
SUBPROCESSORS = text("Annex III – List of sub-processors")

RESTING = {Mechanism.CLAUSES, Mechanism.UNKNOWN}
"""What a transfer of these annexes rests on; what is not said may be the clauses."""

NO_OBJECT = text(
    "No activity under this contract transfers data on the basis of standard contractual "
    "clauses: annexes to Decision (EU) 2021/914 would be without object."
)

AUTHORITIES: dict[str, str] = {
    "FR": "Commission nationale de l’informatique et des libertés (CNIL)",
    "BE": "Autorité de protection des données – Gegevensbeschermingsautoriteit",
    "LU": "Commission nationale pour la protection des données (CNPD)",
}
"""By the country in which the exporter is established, clause 13; others are to be looked up."""


class Exported(NamedTuple):
    """One transfer: in which activity, what is recorded of it, to which sub-processor."""

    activity: Processed
    transfer: Transfer
    importer: Engaged | None
    """None where the recipient is not on record as a sub-processor."""

    @property
    def importer_name(self) -> str:
        """Who receives the data."""
        return self.importer.known.name if self.importer else self.transfer.recipient


def transfers(snapshot: ContractSnapshot) -> list[Exported]:
    """The transfers under a contract that rest on the clauses, by activity."""
    named = {
        fold(name): each for each in snapshot.subprocessors for name in (each.code, each.known.name)
    }
    found: list[Exported] = []
    for activity in clauses.on_behalf(snapshot):
        own = [
            Exported(activity, transfer, named.get(fold(transfer.recipient)))
            for transfer in activity.known.transfers
            if transfer.mechanism in RESTING
        ]
        told = {each.importer.code for each in own if each.importer}
        found += own
        for engaged, _does in clauses.used_in(activity, snapshot):
            found += [
                Exported(activity, transfer, named.get(fold(transfer.recipient), engaged))
                for transfer in engaged.known.transfers
                if transfer.mechanism in RESTING and engaged.code not in told
            ]
    return found


def importers(snapshot: ContractSnapshot) -> dict[str, Exported]:
    """The recipients by name, each with the first transfer to it."""
    found: dict[str, Exported] = {}
    for each in transfers(snapshot):
        found.setdefault(each.importer_name, each)
    return found


def exporter(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I.A: the organisation."""
    yield Heading(words.say(text("Data exporter")), 1)
    tell = clauses.processor(snapshot, words)
    _activities(tell, [each.activity for each in transfers(snapshot)])
    tell.row(text("Role"), words.say(text("Processor (module three, processor to processor)")))
    tell.row(text("Signature and date"), words.say(BY_SIGNATURE))
    yield tell.block()


BY_SIGNATURE = text("the signature on this document and its date")


def _activities(tell: Teller, found: list[Processed]) -> None:
    names = dict.fromkeys(f"{each.code} – {each.known.name}" for each in found)
    tell.row(text("Activities relevant to the data transferred"), stacked(*names))


def data_importers(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I.A: each recipient."""
    for name, first in importers(snapshot).items():
        yield Heading(words.say(text("Data importer")), 1)
        tell = Teller(words)
        tell.asked(clauses.NAME, name)
        known = first.importer.known if first.importer else None
        tell.asked(clauses.ADDRESS, postal(known, words) if known and known.address else "")
        person = parties.ContactPerson("", "", "")
        if known:
            reached = beside(known.contact_email, known.contact_phone)
            person = parties.ContactPerson(known.contact_name, known.contact_function, reached)
        tell.asked(clauses.CONTACT, parties.answering(person, words))
        _activities(
            tell,
            [each.activity for each in transfers(snapshot) if each.importer_name == name],
        )
        tell.row(text("Role"), words.say(text("Sub-processor (module three)")))
        tell.row(text("Signature and date"), words.say(BY_IMPORTER))
        yield tell.block()


BY_IMPORTER = text("by the importer, on its own copy of these annexes")


def description(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I.B, for each transfer."""
    for each in transfers(snapshot):
        known = each.activity.known
        yield Heading(f"{each.activity.code} – {known.name}", 1)
        tell = Teller(words)
        tell.asked(text("Data importer"), each.importer_name)
        tell.row(text("Country"), country_name(each.transfer.country, words.language))
        basis = "" if each.transfer.mechanism is Mechanism.UNKNOWN else each.transfer.mechanism
        tell.asked(text("Transfer mechanism"), shown(basis, words))
        tell.row(text("Documentation of the safeguards"), each.transfer.safeguards)
        tell.asked(text("Categories of data subjects"), stacked(*known.data_subjects))
        tell.asked(text("Categories of personal data"), clauses.data(each.activity))
        tell.row(
            text("Sensitive data, restrictions and safeguards applied"),
            clauses.sensitive(each.activity, words),
        )
        tell.asked(text("Frequency of the transfer"), shown(each.transfer.frequency, words))
        tell.asked(text("Nature of the processing"), ", ".join(known.operations))
        tell.asked(
            text("Purposes of the transfer and further processing"),
            clauses.purposes(each.activity),
        )
        tell.asked(text("Retention"), _kept(each.activity, words))
        tell.asked(text("Sub-processing: subject-matter, nature and duration"), _does(each, words))
        yield tell.block()


def _kept(each: Processed, words: Words) -> str:
    return stacked(
        *(
            beside(rule.name, words.say(rule.trigger.says), activities.how_long(rule, words))
            for rule in each.known.retention
        )
    )


def _does(each: Exported, words: Words) -> str:
    if each.importer is None or not each.importer.known.processing:
        return ""
    known = each.importer.known
    lasts = runs(known.contract_starts_on, known.contract_ends_on, words)
    return beside(known.processing, lasts)


def authority(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I.C: that of the place where the exporter is established, clause 13."""
    country = snapshot.organisation.country
    place = country_name(country, words.language)
    otherwise = text(
        "the supervisory authority of the exporter’s establishment: {place}", place=place
    )
    yield Paragraph(AUTHORITIES.get(country) or words.say(otherwise))


def engaged_by_importers(snapshot: ContractSnapshot) -> list[Engaged]:
    """Those whom the importers engage in turn."""
    codes = {each.importer.code for each in transfers(snapshot) if each.importer}
    return [each for each in snapshot.subprocessors if each.known.engaged_by in codes]


def onward(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex III: the importers' own sub-processors, clause 9(a), option 1."""
    engaged = engaged_by_importers(snapshot)
    nobody = text("No sub-processor of an importer is on record.")
    yield from clauses.listed(snapshot, engaged, words, nobody)


def none(snapshot: ContractSnapshot) -> Text | None:
    """Why these annexes have no object, where they have none."""
    return None if transfers(snapshot) else NO_OBJECT


BUNDLE = (
    under(PARTIES, exporter, data_importers),
    under(DESCRIPTION, description),
    under(AUTHORITY, authority),
    under(MEASURES, clauses.measures, clauses.help_given),
    under(SUBPROCESSORS, onward),
)
