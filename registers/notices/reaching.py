"""By whom and where a controller is reached: by e-mail, else by letter."""

import uuid
from collections.abc import Mapping, Sequence

from registers.controllers import facts
from registers.controllers.vocabulary import ContactRole
from registers.kernel.identifiers import country_name
from registers.kernel.words import Words, text

CHAIN = (ContactRole.NOTICE, ContactRole.DPO, ContactRole.REPRESENTATIVE)
"""Who is written to in turn, the first who has an address; after them the post."""


def link_of(
    owner: facts.Controller,
    people: Mapping[uuid.UUID, facts.Contact],
    roles: Sequence[ContactRole] = CHAIN,
) -> facts.ContactLink | None:
    """The point of contact to write to: the first of these roles that has an address."""
    reached = [link for link in owner.contacts if email_of(people.get(link.contact))]
    return next((link for role in roles for link in reached if link.role is role), None)


def email_of(contact: facts.Contact | None) -> str:
    """Its address; empty where it has none."""
    return contact.email if contact else ""


def envelope(owner: facts.Controller, from_country: str, words: Words) -> tuple[str, ...]:
    """The lines of an envelope: the place in capitals; the country last, if it is another.

    Args:
        owner: the controller it goes to.
        from_country: where it is posted.
        words: the language of the letter.
    """
    lines = [owner.name]
    if owner.representative:
        who = ", ".join(filter(None, (owner.representative, owner.representative_quality)))
        lines.append(words.say(text("For the attention of: {who}", who=who)))
    lines += owner.address.splitlines()
    lines.append(f"{owner.postcode} {owner.city}".strip().upper())
    if owner.country != from_country:
        lines.append(country_name(owner.country, words.language).upper())
    return tuple(filter(None, lines))
