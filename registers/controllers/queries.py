"""The records of parties as screens and papers read them."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import facts
from registers.controllers.models import (
    ONLY,
    Contact,
    Contract,
    ContractService,
    Controller,
    ControllerContact,
    Organisation,
    Succession,
    TermsModel,
)
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.history import Dated
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains


@dataclass(frozen=True)
class Filters:
    """What a list of controllers or contracts is narrowed to."""

    search: str = ""
    kind: str = ""
    calendar: str = ""
    activity: str = ""
    gaps: str = ""
    """`findings`, `missing` or nothing."""
    ended: bool = False
    order: str = "name"
    """`name`, `code` or `recent`."""


ORDERS: dict[str, tuple[list[Any], bool]] = {
    "name": ([Controller.sorted, Controller.id], False),
    "code": ([Controller.code], False),
    "recent": ([Controller.effective_from, Controller.id], True),
}


RARE = 200
"""A word in at most so many places is rare: the controllers are then known by their ids."""


class Row(NamedTuple):
    """A controller in a list."""

    head: Controller
    contracts: int
    findings: int


def organisation(session: Session) -> Organisation | None:
    """The organisation, once it was described."""
    return session.get(Organisation, ONLY)


def organisation_facts(session: Session, day: date) -> facts.Organisation | None:
    """What the organisation was on a day; its first description for days before that."""
    return history.known_on(session, Organisation, day, [ONLY]).get(ONLY)


def controllers(session: Session, filters: Filters, wanted: Cut) -> Page[Row]:
    """A page of the list of controllers."""
    query = sa.select(Controller)
    for word in fold(filters.search).split():
        query = query.where(_mentions(session, word))
    if filters.kind:
        query = query.where(Controller.kind == filters.kind)
    if filters.calendar:
        query = query.where(Controller.calendar == filters.calendar)
    if filters.activity:
        covered = sa.select(ContractService.controller_id).where(
            ContractService.code == filters.activity
        )
        query = query.where(Controller.id.in_(covered))
    if filters.gaps == "findings":
        lacking = sa.exists().where(Contract.controller_id == Controller.id, Contract.findings > 0)
        query = query.where(sa.or_(Controller.findings > 0, lacking))
    elif filters.gaps == "missing":
        query = query.where(Controller.missing > 0)
    if not filters.ended:
        query = query.where(Controller.ended_on.is_(None))
    key, descending = ORDERS.get(filters.order, ORDERS["name"])
    page: Page[Controller] = pages.cut(session, query, key, wanted, descending=descending)
    return Page(_with_contracts(session, page.rows), *page[1:])


def _mentions(session: Session, word: str) -> sa.ColumnElement[bool]:
    """Whether a controller, one of its contracts or one of its contacts has a folded word."""
    by_itself = contains(Controller.search, word)
    by_contract = sa.select(Contract.controller_id).where(contains(Contract.search, word))
    # not a join: SQLite would look up the contact of every link instead of searching contacts
    found = sa.select(Contact.id).where(contains(Contact.search, word))
    by_contact = sa.select(ControllerContact.controller_id).where(
        ControllerContact.contact_id.in_(found)
    )
    # a rare word is looked for once; a common one is soon met on the way through the list
    where = sa.union_all(sa.select(Controller.id).where(by_itself), by_contract, by_contact)
    ids = session.scalars(where.limit(RARE + 1)).all()
    if len(ids) <= RARE:
        return Controller.id.in_(set(ids))
    return sa.or_(by_itself, Controller.id.in_(by_contract), Controller.id.in_(by_contact))


def _with_contracts(session: Session, heads: list[Controller]) -> list[Row]:
    query = (
        sa.select(Contract.controller_id, sa.func.count(), sa.func.sum(Contract.findings))
        .where(Contract.controller_id.in_([head.id for head in heads]))
        .group_by(Contract.controller_id)
    )
    counted = {row[0]: (row[1], int(row[2])) for row in session.execute(query)}
    return [
        Row(head, contracts, head.findings + lacking)
        for head in heads
        for contracts, lacking in [counted.get(head.id, (0, 0))]
    ]


def controller(session: Session, code: str) -> Controller:
    """One controller.

    Raises:
        NotFound: there is none with this code.
    """
    found = session.scalar(sa.select(Controller).where(Controller.code == code))
    if found is None:
        raise NotFound
    return found


class Held(NamedTuple):
    """A contract with its facts on a day."""

    head: Contract
    dated: Dated[facts.Contract]

    @property
    def known(self) -> facts.Contract:
        """The facts."""
        return self.dated.facts


def contracts_of(session: Session, controller_id: uuid.UUID, day: date) -> list[Held]:
    """The contracts that are a controller's on a day, the newest first."""
    query = sa.select(Contract).where(Contract.controller_id == controller_id)
    heads = list(session.scalars(query))
    former = sa.select(Succession.contract_id).where(Succession.from_id == controller_id)
    heads += [
        head
        for head in session.scalars(sa.select(Contract).where(Contract.id.in_(former)))
        if head.controller_id != controller_id
    ]
    known = history.in_force(session, Contract, day, [head.id for head in heads])
    held = [Held(head, known[head.id]) for head in heads if head.id in known]
    held = [each for each in held if each.known.controller == controller_id]
    return sorted(held, key=lambda each: each.known.starts_on or date.min, reverse=True)


def contracts_left(session: Session, owners: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The contracts that were once these controllers' and went to somebody else."""
    query = sa.select(Succession.contract_id).where(
        Succession.from_id.in_(owners), Succession.contract_id.is_not(None)
    )
    return {key for key in session.scalars(query) if key is not None}


def contract(session: Session, contract_id: uuid.UUID) -> Contract:
    """One contract.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Contract, contract_id)
    if found is None:
        raise NotFound
    return found


def contracts(session: Session, filters: Filters, wanted: Cut) -> Page[Any]:
    """A page of all contracts with their controllers, by reference."""
    query = sa.select(Contract, Controller).join(
        Controller, Controller.id == Contract.controller_id
    )
    for word in fold(filters.search).split():
        query = query.where(
            sa.or_(contains(Contract.search, word), contains(Controller.search, word))
        )
    if filters.gaps == "findings":
        query = query.where(Contract.findings > 0)
    if not filters.ended:
        query = query.where(Contract.ended_on.is_(None))
    page: Page[Any] = pages.cut(session, query, [Contract.sorted, Contract.id], wanted)
    return page


def ending_before(session: Session, day: date, most: int) -> list[tuple[Contract, Controller]]:
    """Contracts whose term ends up to a day and that have not ended, the soonest first."""
    soonest = (
        sa.select(Contract.id)
        .where(Contract.ended_on.is_(None), Contract.ends_on <= day)
        .order_by(Contract.ends_on, Contract.id)
        .limit(most)
    )
    query = (
        sa.select(Contract, Controller)
        .join(Controller, Controller.id == Contract.controller_id)
        .where(Contract.id.in_(soonest))
        .order_by(Contract.ends_on, Contract.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def running(session: Session, search: str, wanted: Cut) -> Page[Any]:
    """A page of the contracts that have not ended, those whose recorded term ends first on top."""
    query = (
        sa.select(Contract, Controller)
        .join(Controller, Controller.id == Contract.controller_id)
        .where(Contract.ended_on.is_(None))
    )
    for word in fold(search).split():
        query = query.where(
            sa.or_(contains(Contract.search, word), contains(Controller.search, word))
        )
    never = sa.literal(date(9999, 1, 1), sa.Date())
    ends = sa.func.coalesce(Contract.ends_on, never, type_=sa.Date())
    page: Page[Any] = pages.cut(session, query, [ends, Contract.sorted, Contract.id], wanted)
    return page


def contacts(session: Session, search: str, wanted: Cut) -> Page[Any]:
    """A page of all points of contact, each with how many controllers it serves."""
    served = (
        sa.select(sa.func.count(sa.distinct(ControllerContact.controller_id)))
        .where(ControllerContact.contact_id == Contact.id)
        .scalar_subquery()
    )
    query = sa.select(Contact, served)
    for word in fold(search).split():
        query = query.where(contains(Contact.search, word))
    page: Page[Any] = pages.cut(session, query, [Contact.sorted, Contact.id], wanted)
    return page


def contact(session: Session, contact_id: uuid.UUID) -> Contact:
    """One point of contact.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Contact, contact_id)
    if found is None:
        raise NotFound
    return found


def served_by(
    session: Session, contact_id: uuid.UUID, most: int
) -> list[tuple[Controller, ContactRole]]:
    """The controllers that a contact serves, and for what."""
    query = (
        sa.select(Controller, ControllerContact.role)
        .join(ControllerContact, ControllerContact.controller_id == Controller.id)
        .where(ControllerContact.contact_id == contact_id)
        .order_by(Controller.sorted, ControllerContact.role)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def contact_facts(
    session: Session, ids: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, facts.Contact]:
    """What contacts were on a day; the first version for days before it.

    Of one that was erased since nothing is known.
    """
    return {**dict.fromkeys(ids, facts.Contact()), **history.known_on(session, Contact, day, ids)}


def contact_by_email(session: Session, email: str) -> Contact | None:
    """The contact that has an address, the oldest of several."""
    query = sa.select(Contact).where(Contact.email == email.lower()).order_by(Contact.id).limit(1)
    return session.scalar(query)


def successions_of(session: Session, controller_id: uuid.UUID) -> list[Succession]:
    """What a controller succeeded, and what succeeded it."""
    query = (
        sa.select(Succession)
        .where(sa.or_(Succession.from_id == controller_id, Succession.to_id == controller_id))
        .order_by(Succession.effective_on.desc(), Succession.id)
    )
    return list(session.scalars(query))


def terms_models(session: Session) -> list[TermsModel]:
    """The models of terms that were recorded."""
    return list(session.scalars(sa.select(TermsModel).order_by(TermsModel.code)))


class Counts(NamedTuple):
    """How many there are, for the front page."""

    controllers: int
    contracts: int
    with_findings: int
    missing: int


def counts(session: Session) -> Counts:
    """How many controllers and contracts there are, and how many lack something."""
    bodies = (
        sa.select(
            sa.func.count().label("controllers"),
            sa.func.coalesce(sa.func.sum(Controller.missing), 0).label("missing"),
        )
        .where(Controller.ended_on.is_(None))
        .subquery()
    )
    agreed = (
        sa.select(
            sa.func.count().label("contracts"),
            sa.func.count().filter(Contract.findings > 0).label("lacking"),
        )
        .where(Contract.ended_on.is_(None))
        .subquery()
    )
    both = sa.select(
        bodies.c.controllers, agreed.c.contracts, agreed.c.lacking, bodies.c.missing
    ).join_from(bodies, agreed, sa.true())
    return Counts(*session.execute(both).one())
