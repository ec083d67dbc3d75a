"""The parties as papers show them, and who answers for each."""

from collections.abc import Sequence
from typing import NamedTuple

from registers.annexes.papers.telling import (
    ADDRESS,
    Teller,
    beside,
    lacking,
    mark,
    personal,
    postal,
    qualified,
    stacked,
)
from registers.annexes.shapes import Person
from registers.controllers.facts import Controller, Organisation
from registers.controllers.vocabulary import ContactRole
from registers.kernel.words import Text, Words, text
from registers.press.paper import KeyValues

DPO = text("Data protection officer")

CONTACT_PERSONS = (
    *(ContactRole.REFERENT, ContactRole.REPRESENTATIVE, ContactRole.NOTICE),
    *(ContactRole.BREACH, ContactRole.DPO),
)
"""Who is a controller's contact person: the first of these that has a name."""


class ContactPerson(NamedTuple):
    """Who answers for a party: name, position, how to be reached."""

    name: str
    position: Text | str
    reached: str


def of_organisation(known: Organisation) -> ContactPerson:
    """The organisation's contact person: its DPO, else its representative."""
    if known.dpo_name:
        reached = beside(known.dpo_email or known.email, known.dpo_phone or known.phone)
        return ContactPerson(known.dpo_name, DPO, reached)
    reached = beside(known.email, known.phone)
    return ContactPerson(known.representative, known.representative_quality, reached)


def of_controller(persons: Sequence[Person]) -> ContactPerson:
    """A controller's contact person; nameless where only mailboxes are on record."""
    ranked = sorted(persons, key=lambda each: CONTACT_PERSONS.index(each.role))
    for each in ranked:
        if each.is_named:
            position = each.function or (DPO if each.role is ContactRole.DPO else "")
            return ContactPerson(each.name, position, beside(each.email, each.phone))
    return ContactPerson("", "", "")


def answering(contact: ContactPerson, words: Words) -> str:
    """Name, position and contact details; what is missing of them is said once."""
    position = words.say(contact.position)
    gap = "" if contact.name and position and contact.reached else mark(words)
    return stacked(qualified(contact.name, position), contact.reached, gap)


def officer_of_organisation(known: Organisation) -> str:
    """The organisation's DPO."""
    reached = beside(known.dpo_email, known.dpo_phone)
    return stacked(known.dpo_name, reached, known.dpo_address)


def officers(persons: Sequence[Person], known: Controller, words: Words) -> str:
    """A controller's DPO; a public body must have one (Art. 37(1)(a))."""
    found = [personal(each) for each in persons if each.role is ContactRole.DPO]
    return stacked(*found, mark(words) if known.public_body and not found else "")


def organisation(ours: Organisation, words: Words) -> KeyValues:
    """The processor, with all that Art. 30(2)(a) asks."""
    tell = Teller(words)
    for name in ("name", "legal_form", "siret", "register"):
        tell.fact(ours, name)
    tell.fact(ours, *ADDRESS, value=postal(ours, words))
    contact = stacked(beside(ours.email, ours.phone), lacking(ours, words, "email"))
    tell.row(text("Contact"), contact)
    representative = qualified(ours.representative, ours.representative_quality)
    tell.fact(ours, "representative", value=representative)
    tell.fact(ours, "eu_representative")
    gap = lacking(ours, words, "dpo_name", "dpo_email")
    tell.row(DPO, stacked(officer_of_organisation(ours), gap))
    return tell.block()


def controller(theirs: Controller, code: str, persons: Sequence[Person], words: Words) -> KeyValues:
    """A controller with its points of contact."""
    tell = Teller(words)
    tell.fact(theirs, "name")
    tell.row(text("Code"), code)
    tell.fact(theirs, "kind")
    tell.fact(theirs, "siret")
    tell.fact(theirs, *ADDRESS, value=postal(theirs, words))
    tell.fact(theirs, "phone")
    representative = qualified(theirs.representative, theirs.representative_quality)
    tell.fact(theirs, "representative", "representative_quality", value=representative)
    tell.fact(theirs, "eu_representative")
    tell.row(DPO, officers(persons, theirs, words))
    for person in persons:
        if person.role is not ContactRole.DPO:
            tell.row(person.role.says, personal(person))
    return tell.block()
