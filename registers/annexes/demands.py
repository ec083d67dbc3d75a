"""Which facts a kind of paper cannot do without, by the law or the contract.

Drafts show the gaps; these are why a paper is not sealed. A register is a fact as it is and
stays sealable with its gaps; an annex that both parties sign binds them to what it states.
"""

from collections.abc import Iterator
from typing import Any

from registers.activities.facts import Activity
from registers.activities.vocabulary import Family, Sensitivity
from registers.annexes.gaps import Gap, Place, Where, wanting
from registers.annexes.papers import clauses, clauses_914, parties
from registers.annexes.shapes import (
    ActivitySnapshot,
    ContractSnapshot,
    Engaged,
    ErasureSnapshot,
    Processed,
    Snapshot,
)
from registers.controllers.facts import Controller, Organisation
from registers.kernel.words import text
from registers.subprocessors.facts import Mechanism

OURS = Place(Where.ORGANISATION)
CONTACT_NAME = text("Name of the contact person")
CONTACT_DETAILS = text("E-mail or telephone of the contact person")


def issuer(snapshot: Snapshot) -> Iterator[Gap]:
    """Whoever issues a paper has a name."""
    if not snapshot.organisation.name.strip():
        yield Gap(Organisation.name_of("name"), text("Organisation"), OURS)


def customer(snapshot: Any) -> Iterator[Gap]:
    """Whom the register is about has a name, Art. 30(2)(a)."""
    if not snapshot.controller.name.strip():
        place = Place(Where.CONTROLLER, snapshot.code)
        yield Gap(Controller.name_of("name"), snapshot.code, place)


def organisation(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """The organisation as a party: name, address, contact person with contact details."""
    ours = snapshot.organisation
    yield from wanting(ours, ours.name, OURS, ("name", "address", "city"))
    contact = parties.of_organisation(ours)
    if not contact.name:
        yield Gap(CONTACT_NAME, ours.name, OURS)
    if not contact.reached:
        yield Gap(CONTACT_DETAILS, ours.name, OURS)


def controller(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """The controller as a party: the same."""
    theirs, name = snapshot.controller, snapshot.controller.name
    place = Place(Where.CONTROLLER, snapshot.code)
    yield from wanting(theirs, name, place, ("name", "address", "city"))
    contact = parties.of_controller(snapshot.persons)
    people = Place(Where.CONTACTS, snapshot.code)
    if not contact.name:
        yield Gap(CONTACT_NAME, name, people)
    elif not contact.reached:
        yield Gap(CONTACT_DETAILS, name, people)


def signature(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """When a contract that runs was signed; one to come is dated by the signatures on it."""
    if clauses.has_begun(snapshot):
        yield from _of_contract(snapshot, "signed_on")


def _of_contract(snapshot: ContractSnapshot, *fields: str) -> Iterator[Gap]:
    agreed = snapshot.contract
    place = Place(Where.CONTRACT, str(snapshot.contract_id))
    yield from wanting(agreed.known, agreed.reference, place, fields)


def processing(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """Annex II: every field of every activity that the contract names, Art. 28(3)."""
    yield from _of_contract(snapshot, "starts_on", "ends_on", "services")
    described = {each.code for each in snapshot.activities}
    for service in snapshot.contract.known.services:
        if service.code not in described:
            place = Place(Where.ACTIVITY, service.code)
            yield Gap(text("Validated description of the activity"), service.code, place)
    for each in clauses.on_behalf(snapshot):
        yield from wanting(each.known, _named(each), Place(Where.ACTIVITY, each.code), ("summary",))
        yield from _of_activity(each)
        for engaged, _does in clauses.used_in(each, snapshot):
            yield from _of_subprocessor(engaged, "processing", "contract_starts_on")


def _of_activity(each: Processed) -> Iterator[Gap]:
    known, place = each.known, Place(Where.ACTIVITY, each.code)
    fields = ("operations", "purposes", "data_subjects", "data")
    asked = fields[:1] if known.no_personal_data else fields
    yield from wanting(known, _named(each), place, asked)
    yield from _safeguards(each)


def _named(each: Processed) -> str:
    return f"{each.code} – {each.known.name}"


def _safeguards(each: Processed) -> Iterator[Gap]:
    unsafe = [
        category.name
        for category in each.known.data
        if category.sensitivity is not Sensitivity.NONE and not category.safeguards
    ]
    for name in unsafe:
        field = text("Restrictions and safeguards for sensitive data: {name}", name=name)
        yield Gap(field, _named(each), Place(Where.ACTIVITY, each.code))


def _of_subprocessor(each: Engaged, *fields: str) -> Iterator[Gap]:
    place = Place(Where.SUBPROCESSOR, each.code)
    yield from wanting(each.known, each.known.name, place, fields)


def measures(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """Annex III: measures, concretely; those for sensitive data; and help, clause 8(d)."""
    activities = text("Activities of the contract")
    if not snapshot.measures:
        first = next(iter(clauses.on_behalf(snapshot)), None)
        place = Place(Where.ACTIVITY, first.code) if first else Place(Where.MEASURES)
        yield Gap(Activity.name_of("measures"), activities, place)
    for each in snapshot.measures:
        place = Place(Where.MEASURE, each.code)
        yield from wanting(each.known, each.known.name, place, ("description",))
    for activity in clauses.on_behalf(snapshot):
        yield from _safeguards(activity)
    tagged = {heading for each in snapshot.measures for heading in each.known.headings}
    if clauses.HELP not in tagged:
        field = text("A measure of assistance to the controller (heading 18)")
        yield Gap(field, activities, Place(Where.MEASURES))
    if snapshot.subprocessors and clauses.HELP_OF_OTHERS not in tagged:
        field = text("A measure of assistance by sub-processors (heading 19)")
        yield Gap(field, activities, Place(Where.MEASURES))


def subprocessors(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """Annex IV: identity, contact person, processing; delimited where there are several."""
    for each in snapshot.subprocessors:
        several = len(snapshot.subprocessors) > 1
        fields = ("address", "city", "contact_name", "processing")
        yield from _of_subprocessor(each, *fields, *(["delimitation"] if several else []))
        yield from _reached(each)


def _reached(each: Engaged) -> Iterator[Gap]:
    if not each.known.contact_email and not each.known.contact_phone:
        yield Gap(CONTACT_DETAILS, each.known.name, Place(Where.SUBPROCESSOR, each.code))


def exports(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """Decision (EU) 2021/914, annex I: the importers, and what is transferred how often."""
    for each in clauses_914.transfers(snapshot):
        activity = each.activity
        name, place = _named(activity), Place(Where.ACTIVITY, activity.code)
        if each.importer is None:
            importer = text("Recipient of the transfer, recorded as a sub-processor")
            yield Gap(importer, each.importer_name or name, place)
        else:
            asked = ("address", "city", "contact_name", "processing", "contract_starts_on")
            yield from _of_subprocessor(each.importer, *asked)
            yield from _reached(each.importer)
            if each.transfer not in activity.known.transfers:
                name, place = each.importer_name, Place(Where.SUBPROCESSOR, each.importer.code)
        if each.transfer.mechanism is Mechanism.UNKNOWN:
            yield Gap(text("Transfer mechanism"), name, place)
        if each.transfer.frequency is None:
            yield Gap(text("Frequency of the transfer"), name, place)
        yield from _of_activity(activity)
        retention = Place(Where.ACTIVITY, activity.code)
        yield from wanting(activity.known, _named(activity), retention, ("retention",))


def onward(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """Decision (EU) 2021/914, annex III: those whom the importers engage."""
    engaged = clauses_914.engaged_by_importers(snapshot)
    for each in engaged:
        delimited = ["delimitation"] if len(engaged) > 1 else []
        fields = ("address", "city", "contact_name", "processing")
        yield from _of_subprocessor(each, *fields, *delimited)
        yield from _reached(each)


def families(snapshot: ContractSnapshot) -> Iterator[Gap]:
    """The contract's security annex has five families, none of them empty (001 §7.5.8)."""
    held = {each.known.family for each in snapshot.measures}
    for family in Family:
        if family not in held:
            field = text("A measure of the family “{family}”", family=family.says)
            yield Gap(field, text("Activities of the contract"), Place(Where.MEASURES))
    for each in snapshot.measures:
        place = Place(Where.MEASURE, each.code)
        yield from wanting(each.known, each.known.name, place, ("description",))


def assessable(snapshot: ActivitySnapshot) -> Iterator[Gap]:
    """Art. 35(7): what a description of processing and its measures cannot do without."""
    each = snapshot.activity
    place = Place(Where.ACTIVITY, each.code)
    wanted = ("summary", "operations", "purposes", "data_subjects", "data", "measures")
    missing = set(each.known.missing())
    for name in wanted:
        if name in missing:
            yield Gap(Activity.name_of(name), f"{each.code} – {each.known.name}", place)


def attested(snapshot: ErasureSnapshot) -> Iterator[Gap]:
    """A certificate is given on the word of two persons."""
    if snapshot.confirmed_on is None:
        place = Place(Where.ERASURE, snapshot.number)
        yield Gap(text("Confirmation by a second person"), snapshot.number, place)
