"""What did not arrive, and which address of the controllers to try next."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel, ContactRole
from registers.kernel import history
from registers.kernel.errors import NotFound
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.reaching import CHAIN
from registers.notices.vocabulary import DispatchState

UNDELIVERED = (DispatchState.FAILED, DispatchState.RETURNED)


class Undelivered(NamedTuple):
    """A way that led nowhere."""

    dispatch: Dispatch
    notice: Notice
    matter_id: uuid.UUID
    """One of the contracts that it was to tell, to find them by."""
    name: str
    others: int
    """How many more contracts the same notice tells."""


def undelivered(session: Session, of_cause: sa.ColumnElement[bool], most: int) -> list[Undelivered]:
    """What failed or came back, and nothing else of the same notice left since."""
    told = sa.select(Dispatch.notice_id).where(
        Dispatch.channel == Channel.EMAIL,
        ~Dispatch.copy,
        Dispatch.state.in_([DispatchState.TO_DO, DispatchState.SENT, DispatchState.UNCERTAIN]),
    )
    query = (
        sa.select(Dispatch, Notice)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(
            Dispatch.state.in_(UNDELIVERED),
            ~Dispatch.copy,
            of_cause,
            Dispatch.notice_id.not_in(told),
        )
        .order_by(Notice.number, Dispatch.id)
        .limit(most)
    )
    rows = [(row[0], row[1]) for row in session.execute(query)]
    matters = _matters(session, [notice.id for _, notice in rows])
    found = []
    for dispatch, notice in rows:
        reached = [
            each
            for each in matters.get(notice.id, ())
            if dispatch.controller_id in {None, each.controller_id}
        ]
        if reached:
            first = reached[0]
            found.append(Undelivered(dispatch, notice, first.id, first.name, len(reached) - 1))
    return found


def _matters(session: Session, notices: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    query = (
        sa.select(Matter.notice_id, Matter.id, Matter.controller_id, Controller.name)
        .join(Controller, Controller.id == Matter.controller_id)
        .where(Matter.notice_id.in_(notices))
        .order_by(Controller.sorted, Matter.id)
    )
    found: dict[uuid.UUID, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.notice_id, []).append(row)
    return found


class Address(NamedTuple):
    """An address that was not tried yet, and whose it is."""

    role: ContactRole
    email: str
    name: str


class Chain(NamedTuple):
    """How a notice may still reach its controllers: addresses in turn, at last the post."""

    dispatch: Dispatch
    notice: Notice
    addresses: tuple[Address, ...]
    letters: tuple[Controller, ...]
    """The controllers to whom no letter was written yet."""


def chain(session: Session, dispatch_id: uuid.UUID, day: date) -> Chain:
    """The addresses of a notice's controllers that were not tried yet, in the order to try them.

    Raises:
        NotFound: there is no such dispatch.
    """
    dispatch = session.get(Dispatch, dispatch_id)
    if dispatch is None:
        raise NotFound
    notice = session.get_one(Notice, dispatch.notice_id)
    ways = session.scalars(sa.select(Dispatch).where(Dispatch.notice_id == notice.id)).all()
    tried = {way.address.lower() for way in ways if way.channel is Channel.EMAIL}
    written = {way.controller_id for way in ways if way.channel is Channel.REGISTERED_LETTER}
    served = sa.select(Matter.controller_id).where(Matter.notice_id == notice.id)
    if dispatch.controller_id is not None:
        served = served.where(Matter.controller_id == dispatch.controller_id)
    query = sa.select(Controller).where(Controller.id.in_(served)).order_by(Controller.sorted)
    owners = session.scalars(query).all()
    known = history.known_on(session, Controller, day, [owner.id for owner in owners])
    links = [link for owner in owners for link in known[owner.id].contacts]
    people = controllers.contact_facts(session, {link.contact for link in links}, day)
    found: dict[str, Address] = {}
    for role in CHAIN:
        for link in links:
            person = people.get(link.contact)
            email = person.email.lower() if person and link.role is role else ""
            if person and email and email not in tried:
                found.setdefault(email, Address(role, email, person.full_name))
    left = tuple(owner for owner in owners if owner.id not in written)
    return Chain(dispatch, notice, tuple(found.values()), left)
