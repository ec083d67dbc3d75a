"""Notices to controllers as such, under no contract in particular: to whom, and by which way.

One point of contact that serves several controllers is told once, of all of them.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from registers.controllers import facts
from registers.controllers import queries as parties
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel, ContactRole
from registers.kernel import history
from registers.kernel.base import canonical
from registers.kernel.words import LANGUAGES, Words
from registers.notices import reaching
from registers.notices.operations import Concerned, Wanted, Way
from registers.notices.vocabulary import NoticeKind


class Addressee(NamedTuple):
    """Who is told, and of which controllers."""

    recipient: str
    """As a notice names it: the point of contact, or the controller where there is none."""
    name: str
    email: str
    language: str
    owners: Mapping[uuid.UUID, facts.Controller]


def addressees(
    session: Session,
    ids: Collection[uuid.UUID],
    day: date,
    roles: Sequence[ContactRole] = reaching.CHAIN,
) -> list[Addressee]:
    """Whom to write to about these controllers, each point of contact once.

    Args:
        session: a reading session, or an act's.
        ids: the controllers.
        day: as they are on this day.
        roles: who is written to, the first who has an address.
    """
    known: dict[uuid.UUID, facts.Controller] = history.known_on(session, Controller, day, ids)
    links = {link.contact for owner in known.values() for link in owner.contacts}
    people = parties.contact_facts(session, links, day)
    found: dict[tuple[str, str], Addressee] = {}
    for key, owner in known.items():
        link = reaching.link_of(owner, people, roles)
        language = owner.language if owner.language in LANGUAGES else LANGUAGES[0]
        if link is None:
            found[f"controller:{key}", language] = Addressee(
                f"controller:{key}", owner.name, "", language, {key: owner}
            )
            continue
        person, name = people[link.contact], f"contact:{link.contact}"
        there = found.get((name, language))
        owners = {**(there.owners if there else {}), key: owner}
        found[name, language] = Addressee(name, person.full_name, person.email, language, owners)
    return list(found.values())


def wanted(
    kind: NoticeKind, cause: str, to: Addressee, told: dict[str, Any], from_country: str
) -> Wanted:
    """A notice to write: by e-mail, or by registered letter where there is no address.

    Args:
        kind: what it tells.
        cause: the row it tells of; one recipient is told once of one cause.
        to: whom.
        told: what it says beside the rows it tells of.
        from_country: where letters are posted.
    """
    ways = [Way(Channel.EMAIL, to.email)] if to.email else []
    if not ways:
        words = Words(to.language)
        ways = [
            Way(
                Channel.REGISTERED_LETTER,
                "\n".join(reaching.envelope(owner, from_country, words)),
                key,
            )
            for key, owner in to.owners.items()
        ]
    return Wanted(
        kind=kind,
        cause=cause,
        recipient=f"{to.recipient}:{to.language}" if to.email else to.recipient,
        name=to.name,
        email=to.email,
        language=to.language,
        told=told,
        concerned=[
            Concerned(key, None, _TERMS, owner.calendar, owner.good_friday, owner.zone)
            for key, owner in to.owners.items()
        ],
        ways=ways,
    )


_TERMS: dict[str, Any] = msgspec.json.decode(canonical(facts.Terms()))
"""No contract is told of in particular: the terms are those that hold without one."""
