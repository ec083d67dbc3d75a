"""Whom notices about instructions and legal duties go to, and how: each controller by itself."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.base import canonical
from registers.kernel.words import Words
from registers.notices import reaching
from registers.notices.operations import Concerned, Way
from registers.notices.vocabulary import BY_POST


class Reached(NamedTuple):
    """Who is told, of which contracts, and by which ways."""

    controller_id: uuid.UUID
    owner: parties.Controller
    terms: Mapping[uuid.UUID, parties.Terms]
    """Those of each contract told of."""
    name: str
    email: str
    language: str
    ways: tuple[Way, ...]

    @property
    def concerned(self) -> list[Concerned]:
        """The contracts told of, as a notice takes them."""
        place = (self.owner.calendar, self.owner.good_friday, self.owner.zone)
        return [
            Concerned(self.controller_id, key, msgspec.json.decode(canonical(terms)), *place)
            for key, terms in self.terms.items()
        ]


def reached(
    session: Session, told: Mapping[uuid.UUID, Collection[uuid.UUID]], day: date
) -> list[Reached]:
    """Whom notices go to, and how: by e-mail at once, and by post where a contract wants that.

    By registered letter where no address is known.

    Args:
        session: a reading session, or an act's.
        told: the controllers, with the contracts of each.
        day: as they are on this day.
    """
    owners: dict[uuid.UUID, parties.Controller] = history.known_on(
        session, Controller, day, list(told)
    )
    agreed: dict[uuid.UUID, parties.Contract] = history.all_latest(
        session, Contract, [key for keys in told.values() for key in keys]
    )
    links = {link.contact for owner in owners.values() for link in owner.contacts}
    people = controllers.contact_facts(session, links, day)
    ours = controllers.organisation_facts(session, day)
    country = ours.country if ours else "FR"
    return [
        _one(key, owners[key], {each: agreed[each].terms for each in told[key]}, people, country)
        for key in told
    ]


def _one(
    key: uuid.UUID,
    owner: parties.Controller,
    terms: dict[uuid.UUID, Any],
    people: Mapping[uuid.UUID, parties.Contact],
    country: str,
) -> Reached:
    link = reaching.link_of(owner, people)
    contact = people[link.contact] if link else None
    email = reaching.email_of(contact)
    wished = next((each.language for each in terms.values() if each.language), "")
    words = Words(wished or owner.language)
    lines = "\n".join(reaching.envelope(owner, country, words))
    channels = {each for known in terms.values() for each in known.notice_channels}
    posted = [each for each in BY_POST if each in channels]
    if not email and Channel.REGISTERED_LETTER not in posted:
        posted.append(Channel.REGISTERED_LETTER)
    ways = [Way(Channel.EMAIL, email)] if email else []
    ways += [Way(channel, lines, key) for channel in posted]
    name = contact.full_name if contact else owner.name
    return Reached(key, owner, terms, name, email, words.language, tuple(ways))
