"""What a register annex shows: the facts in force on a day, for one controller.

A snapshot is complete: the paper is made from it alone, and its canonical JSON is embedded in
the paper. The snapshots of many controllers cost as many statements as that of one.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import facts as register
from registers.activities import queries as activities
from registers.activities.models import Measure
from registers.controllers import facts as parties
from registers.controllers.models import (
    ONLY,
    Contact,
    Contract,
    Controller,
    Organisation,
    Succession,
)
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history
from registers.kernel.base import canonical
from registers.kernel.errors import Invalid
from registers.kernel.files import digest
from registers.kernel.history import Dated
from registers.kernel.words import text
from registers.subprocessors.facts import State
from registers.subprocessors.facts import Subprocessor as SubprocessorFacts
from registers.subprocessors.models import Subprocessor


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a snapshot."""


class Person(_Part, frozen=True, kw_only=True):
    """A point of contact, for one role."""

    role: ContactRole
    name: str
    function: str = ""
    email: str = ""
    phone: str = ""


class Agreed(_Part, frozen=True, kw_only=True):
    """A contract in force."""

    reference: str
    version: int
    known: parties.Contract


class Processed(_Part, frozen=True, kw_only=True):
    """An activity carried out under these contracts."""

    code: str
    version: int
    since: date
    taken_over: bool
    known: register.Activity


class Engaged(_Part, frozen=True, kw_only=True):
    """A sub-processor used in these activities."""

    code: str
    version: int
    known: SubprocessorFacts


class Protecting(_Part, frozen=True, kw_only=True):
    """A measure that protects these activities."""

    code: str
    version: int
    known: register.Measure


class RegisterSnapshot(_Part, frozen=True, kw_only=True):
    """The register of one controller on a day, Art. 30(2)."""

    schema: str = "greffe-snapshot"
    schema_version: int = 1
    kind: str = "register"
    on: date
    organisation: parties.Organisation
    code: str
    controller: parties.Controller
    persons: tuple[Person, ...]
    contracts: tuple[Agreed, ...]
    activities: tuple[Processed, ...]
    subprocessors: tuple[Engaged, ...]
    measures: tuple[Protecting, ...]

    @property
    def stored(self) -> bytes:
        """Its canonical JSON: what is hashed, kept and embedded."""
        return canonical(self)

    @property
    def sha256(self) -> str:
        """The digest by which the same snapshot is recognised."""
        return digest(self.stored)


def read(stored: bytes) -> RegisterSnapshot:
    """A snapshot from its stored form."""
    return msgspec.json.decode(stored, type=RegisterSnapshot)


def registers(
    session: Session, ids: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, RegisterSnapshot]:
    """The snapshots of these controllers on a day; those not yet on record are absent.

    Raises:
        Invalid: the organisation is not described.
    """
    organisation = _organisation(session, day)
    found = history.in_force(session, Controller, day, ids)
    if not found:
        return {}
    codes = _codes(session, found)
    contracts = _contracts(session, found, day)
    processed = {
        code: _processed(code, dated)
        for code, dated in activities.activities_in_force(session, day).items()
    }
    engaged = _engaged(session, day, codes)
    protecting = _protecting(session, day, codes)
    people = _people(session, found, day)
    snapshots = {}
    for key, dated in found.items():
        held = contracts.get(key, ())
        carried = _carried(held, processed)
        snapshots[key] = RegisterSnapshot(
            on=day,
            organisation=organisation,
            code=codes[key],
            controller=msgspec.structs.replace(dated.facts, contacts=()),
            persons=_persons(dated.facts, people),
            contracts=held,
            activities=carried,
            subprocessors=_used(carried, engaged),
            measures=_protected(carried, protecting),
        )
    return snapshots


def _organisation(session: Session, day: date) -> parties.Organisation:
    known: dict[uuid.UUID, parties.Organisation] = history.known_on(
        session, Organisation, day, [ONLY]
    )
    if ONLY not in known:
        raise Invalid(text("Describe the organisation first: its name stands on every paper."))
    return known[ONLY]


def _codes(session: Session, controllers: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The codes of these controllers, of all sub-processors and of all measures, in order."""
    codes: dict[uuid.UUID, str] = {}
    for part in history.parts(list(controllers)):
        query = sa.union_all(
            _coded(Controller).where(Controller.id.in_(part)), _coded(Subprocessor), _coded(Measure)
        )
        codes |= {row.id: row.code for row in session.execute(query.order_by("sorted"))}
    return codes


def _coded(model: Any) -> sa.Select[Any]:
    return sa.select(model.id, model.code, model.sorted)


def _contracts(
    session: Session, owners: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, tuple[Agreed, ...]]:
    """The contracts of each owner on a day, by reference; those over or to come are left out."""
    ids: set[uuid.UUID] = set()
    for part in history.parts(list(owners)):
        own = sa.select(Contract.id).where(Contract.controller_id.in_(part))
        moved = sa.select(Succession.contract_id).where(
            Succession.from_id.in_(part), Succession.contract_id.is_not(None)
        )
        ids |= set(session.scalars(own.union(moved)))
    held: dict[uuid.UUID, list[Agreed]] = {}
    for dated in history.in_force(session, Contract, day, ids).values():
        known: parties.Contract = dated.facts
        begun = known.starts_on is None or known.starts_on <= day
        over = known.ended_on is not None and known.ended_on < day
        if known.controller in owners and begun and not over:
            agreed = Agreed(reference=known.reference, version=dated.number, known=known)
            held.setdefault(known.controller, []).append(agreed)
    return {
        owner: tuple(sorted(found, key=lambda agreed: agreed.reference))
        for owner, found in held.items()
    }


def _processed(code: str, dated: Dated[register.Activity]) -> Processed:
    return Processed(
        code=code,
        version=dated.number,
        since=dated.effective_from,
        taken_over=dated.taken_over,
        known=dated.facts,
    )


def _engaged(session: Session, day: date, codes: dict[uuid.UUID, str]) -> dict[str, Engaged]:
    """The sub-processors engaged on a day, by code."""
    found = {}
    for key, dated in history.in_force(session, Subprocessor, day).items():
        known: SubprocessorFacts = dated.facts
        since = known.engaged_on is not None and known.engaged_on <= day
        over = known.ended_on is not None and known.ended_on < day
        if known.state is not State.PROPOSED and since and not over:
            found[codes[key]] = Engaged(code=codes[key], version=dated.number, known=known)
    return found


def _protecting(session: Session, day: date, codes: dict[uuid.UUID, str]) -> dict[str, Protecting]:
    """The measures of a day, by code, in the order of their families."""
    found = {}
    known = history.in_force(session, Measure, day)
    for key, code in codes.items():
        dated = known.get(key)
        if dated and not (dated.facts.ended_on and dated.facts.ended_on < day):
            found[code] = Protecting(code=code, version=dated.number, known=dated.facts)
    return found


def _people(
    session: Session, controllers: dict[uuid.UUID, Dated[parties.Controller]], day: date
) -> dict[uuid.UUID, parties.Contact]:
    ids = {link.contact for dated in controllers.values() for link in dated.facts.contacts}
    return history.known_on(session, Contact, day, ids)


def _persons(
    known: parties.Controller, people: dict[uuid.UUID, parties.Contact]
) -> tuple[Person, ...]:
    order = list(ContactRole)
    found = [
        Person(
            role=link.role,
            name=person.full_name,
            function=person.function,
            email=person.email,
            phone=person.phone,
        )
        for link in known.contacts
        for person in [people.get(link.contact)]
        if person is not None
    ]
    return tuple(sorted(found, key=lambda person: (order.index(person.role), person.name)))


def _carried(held: tuple[Agreed, ...], processed: dict[str, Processed]) -> tuple[Processed, ...]:
    codes = {service.code for agreed in held for service in agreed.known.services}
    return tuple(each for code, each in processed.items() if code in codes)


def _used(carried: tuple[Processed, ...], engaged: dict[str, Engaged]) -> tuple[Engaged, ...]:
    """The sub-processors of these activities, and those that these engage in turn."""
    codes = {use.code for each in carried for use in each.known.subprocessors}
    while True:
        chain = {each.code for each in engaged.values() if each.known.engaged_by in codes} - codes
        if not chain:
            return tuple(engaged[code] for code in sorted(codes) if code in engaged)
        codes |= chain


def _protected(
    carried: tuple[Processed, ...], protecting: dict[str, Protecting]
) -> tuple[Protecting, ...]:
    codes = {code for each in carried for code in each.known.measures}
    return tuple(each for code, each in protecting.items() if code in codes)
