"""By whom and where a controller is reached: by e-mail, else by letter."""

import uuid
from collections.abc import Mapping, Sequence

from registers.controllers import facts
from registers.controllers.vocabulary import ContactRole
from registers.kernel.identifiers import country_name


def link_of(
    owner: facts.Controller,
    people: Mapping[uuid.UUID, facts.Contact],
    roles: Sequence[ContactRole],
) -> facts.ContactLink | None:
    """The point of contact to write to: the first of these roles that has an address."""
    reached = [link for link in owner.contacts if email_of(people.get(link.contact))]
    return next((link for role in roles for link in reached if link.role is role), None)


def email_of(contact: facts.Contact | None) -> str:
    """Its address; empty where it has none."""
    return contact.email if contact else ""


def postal(owner: facts.Controller) -> str:
    """The lines of a controller's address, for the window of an envelope."""
    place = " ".join(part for part in (owner.postcode, owner.city) if part)
    country = country_name(owner.country, "fr").upper() if owner.country != "FR" else ""
    lines = (owner.name, owner.representative_quality, *owner.address.splitlines(), place, country)
    return "\n".join(line for line in lines if line)
