"""The facts in force on a day, read for many controllers or contracts at once.

The snapshots of many cost as many statements as that of one.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import facts as register
from registers.activities import queries as activities
from registers.activities.models import Measure
from registers.annexes.shapes import (
    Agreed,
    ContractSnapshot,
    Engaged,
    Person,
    Processed,
    Protecting,
    RegisterSnapshot,
)
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import (
    ONLY,
    Contact,
    Contract,
    Controller,
    Organisation,
)
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history
from registers.kernel.errors import Invalid
from registers.kernel.history import Dated, Facts
from registers.kernel.words import text
from registers.subprocessors.facts import State
from registers.subprocessors.facts import Subprocessor as SubprocessorFacts
from registers.subprocessors.models import Subprocessor


def read(stored: bytes) -> RegisterSnapshot:
    """The snapshot of a register from its stored form."""
    return msgspec.json.decode(stored, type=RegisterSnapshot)


class Common(NamedTuple):
    """What the snapshots of one day have in common."""

    organisation: parties.Organisation
    codes: dict[uuid.UUID, str]
    """Of these controllers, of all sub-processors and of all measures."""
    processed: dict[str, Processed]
    engaged: dict[str, Engaged]
    protecting: dict[str, Protecting]


def common(session: Session, day: date, owners: Collection[uuid.UUID]) -> Common:
    """What is in force on a day, whoever is concerned.

    Raises:
        Invalid: the organisation is not described.
    """
    organisation = organisation_on(session, day)
    codes = _codes(session, owners)
    processed = {
        code: _processed(code, dated)
        for code, dated in activities.activities_in_force(session, day).items()
    }
    engaged = _engaged(session, day, codes)
    return Common(organisation, codes, processed, engaged, _protecting(session, day, codes))


def registers(
    session: Session, ids: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, RegisterSnapshot]:
    """The registers of these controllers on a day; those not yet on record are absent.

    Raises:
        Invalid: the organisation is not described.
    """
    shared = common(session, day, ids)
    found = history.in_force(session, Controller, day, ids)
    if not found:
        return {}
    contracts = contracts_of(session, found, day)
    people = people_of(session, [dated.facts.contacts for dated in found.values()], day)
    snapshots = {}
    for key, dated in found.items():
        held = contracts.get(key, ())
        carried = _carried(held, shared.processed)
        snapshots[key] = RegisterSnapshot(
            on=day,
            organisation=shared.organisation,
            code=shared.codes[key],
            controller=msgspec.structs.replace(dated.facts, contacts=()),
            persons=persons(dated.facts.contacts, people),
            contracts=held,
            activities=carried,
            subprocessors=used(carried, shared.engaged),
            measures=protected(carried, shared.protecting),
        )
    return snapshots


def contracts(
    session: Session, ids: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, ContractSnapshot]:
    """These contracts on a day; those that were over, or of which nothing was known, are absent.

    One that is still to begin is there: its annexes are drawn up before it does.

    Raises:
        Invalid: the organisation is not described.
    """
    agreed = {
        key: dated
        for key, dated in history.in_force(session, Contract, day, ids).items()
        if not _over(dated.facts.ended_on, day)
    }
    owners = {dated.facts.controller for dated in agreed.values()}
    shared = common(session, day, owners)
    found = history.in_force(session, Controller, day, owners)
    links = [dated.facts.contacts for dated in found.values()]
    people = people_of(session, links, day)
    snapshots = {}
    for key, dated in agreed.items():
        known: parties.Contract = dated.facts
        if known.controller in found:
            owner: parties.Controller = found[known.controller].facts
            held = Agreed(reference=known.reference, version=dated.number, known=outward(known))
            carried = _carried((held,), shared.processed)
            snapshots[key] = ContractSnapshot(
                on=day,
                organisation=shared.organisation,
                code=shared.codes[known.controller],
                controller=msgspec.structs.replace(owner, contacts=()),
                persons=persons(owner.contacts, people),
                contract_id=key,
                contract=held,
                activities=carried,
                subprocessors=used(carried, shared.engaged),
                measures=protected(carried, shared.protecting),
            )
    return snapshots


def organisation_on(session: Session, day: date) -> parties.Organisation:
    """What the organisation was on a day.

    Raises:
        Invalid: it is not described.
    """
    known: dict[uuid.UUID, parties.Organisation] = history.known_on(
        session, Organisation, day, [ONLY]
    )
    if ONLY not in known:
        raise Invalid(text("Describe the organisation first: its name stands on every paper."))
    return known[ONLY]


def _codes(session: Session, owners: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    codes: dict[uuid.UUID, str] = {}
    for part in history.parts(owners) if owners else [()]:
        query = sa.union_all(
            _coded(Controller).where(Controller.id.in_(part)), _coded(Subprocessor), _coded(Measure)
        )
        codes |= {row.id: row.code for row in session.execute(query.order_by("sorted"))}
    return codes


def _coded(model: Any) -> sa.Select[Any]:
    return sa.select(model.id, model.code, model.sorted)


def contracts_of(
    session: Session, owners: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, tuple[Agreed, ...]]:
    """The contracts of each owner on a day, by reference; those over or to come are left out."""
    ids: set[uuid.UUID] = set()
    for part in history.parts(list(owners)):
        own = sa.select(Contract.id).where(Contract.controller_id.in_(part))
        ids |= {*session.scalars(own), *controllers.contracts_left(session, part)}
    held: dict[uuid.UUID, list[Agreed]] = {}
    for dated in history.in_force(session, Contract, day, ids).values():
        known: parties.Contract = dated.facts
        begun = known.starts_on is None or known.starts_on <= day
        if known.controller in owners and begun and not _over(known.ended_on, day):
            agreed = Agreed(reference=known.reference, version=dated.number, known=outward(known))
            held.setdefault(known.controller, []).append(agreed)
    return {
        owner: tuple(sorted(found, key=lambda agreed: agreed.reference))
        for owner, found in held.items()
    }


def _over(ended_on: date | None, day: date) -> bool:
    return ended_on is not None and ended_on < day


INTERNAL: dict[type[Facts], dict[str, Any]] = {
    parties.Contract: {
        "note": "",
        "clauses": (),
        "party_complete": None,
        "list_annexed": None,
    },
    register.Activity: {"note": "", "review_on": None},
    register.Measure: {"evidence": ""},
    SubprocessorFacts: {"note": "", "flow_down": (), "guarantees": ()},
}
"""What we note for ourselves: no paper prints it, and the data it carries must not tell it."""


def outward(known: Any) -> Any:
    """Facts as they may leave the house."""
    return msgspec.structs.replace(known, **INTERNAL[type(known)])


def _processed(code: str, dated: Dated[register.Activity]) -> Processed:
    return Processed(
        code=code,
        version=dated.number,
        since=dated.effective_from,
        taken_over=dated.taken_over,
        known=outward(dated.facts),
    )


def _engaged(session: Session, day: date, codes: dict[uuid.UUID, str]) -> dict[str, Engaged]:
    """The sub-processors engaged on a day, by code."""
    found = {}
    for key, dated in history.in_force(session, Subprocessor, day).items():
        known: SubprocessorFacts = dated.facts
        since = known.engaged_on is not None and known.engaged_on <= day
        if known.state is not State.PROPOSED and since and not _over(known.ended_on, day):
            found[codes[key]] = Engaged(code=codes[key], version=dated.number, known=outward(known))
    return found


def _protecting(session: Session, day: date, codes: dict[uuid.UUID, str]) -> dict[str, Protecting]:
    """The measures of a day, by code, in the order of their families."""
    found = {}
    known = history.in_force(session, Measure, day)
    for key, code in codes.items():
        dated = known.get(key)
        if dated and not _over(dated.facts.ended_on, day):
            found[code] = Protecting(code=code, version=dated.number, known=outward(dated.facts))
    return found


def people_of(
    session: Session, links: Iterable[tuple[parties.ContactLink, ...]], day: date
) -> dict[uuid.UUID, parties.Contact]:
    """The contacts that are named there, as they were on a day."""
    ids = {link.contact for each in links for link in each}
    return history.known_on(session, Contact, day, ids)


def persons(
    links: Iterable[parties.ContactLink], people: dict[uuid.UUID, parties.Contact]
) -> tuple[Person, ...]:
    """Points of contact, by role and name."""
    order = list(ContactRole)
    found = [
        Person(
            role=link.role,
            name=person.full_name,
            function=person.function,
            email=person.email,
            phone=person.phone,
        )
        for link in links
        for person in [people.get(link.contact)]
        if person is not None
    ]
    return tuple(sorted(found, key=lambda person: (order.index(person.role), person.name)))


def _carried(held: tuple[Agreed, ...], processed: dict[str, Processed]) -> tuple[Processed, ...]:
    codes = {service.code for agreed in held for service in agreed.known.services}
    return tuple(each for code, each in processed.items() if code in codes)


def used(carried: tuple[Processed, ...], engaged: dict[str, Engaged]) -> tuple[Engaged, ...]:
    """The sub-processors of these activities, and those that these engage in turn."""
    codes = {use.code for each in carried for use in each.known.subprocessors}
    while True:
        chain = {each.code for each in engaged.values() if each.known.engaged_by in codes} - codes
        if not chain:
            return tuple(engaged[code] for code in sorted(codes) if code in engaged)
        codes |= chain


def protected(
    carried: tuple[Processed, ...], protecting: dict[str, Protecting]
) -> tuple[Protecting, ...]:
    """The measures that protect these activities."""
    codes = {code for each in carried for code in each.known.measures}
    return tuple(each for code, each in protecting.items() if code in codes)
