"""Sub-processors as screens and papers read them."""

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.subprocessors import facts
from registers.subprocessors.facts import Guarantee, State
from registers.subprocessors.models import Subprocessor


def listed(session: Session, search: str, state: str, wanted: Cut) -> Page[Subprocessor]:
    """A page of all sub-processors, by name."""
    query = sa.select(Subprocessor)
    for word in fold(search).split():
        query = query.where(contains(Subprocessor.search, word))
    if state in {each.value for each in State}:
        query = query.where(Subprocessor.state == State(state))
    key = [Subprocessor.sorted, Subprocessor.id]
    page: Page[Any] = pages.cut(session, query, key, wanted)
    return page


def one(session: Session, code: str) -> Subprocessor:
    """One sub-processor.

    Raises:
        NotFound: there is none with this code.
    """
    found = session.scalar(sa.select(Subprocessor).where(Subprocessor.code == code))
    if found is None:
        raise NotFound
    return found


def everyone(session: Session) -> list[Subprocessor]:
    """All sub-processors, by name."""
    return list(session.scalars(sa.select(Subprocessor).order_by(Subprocessor.sorted)))


class Expiring(NamedTuple):
    """A guarantee that ends, and whose it is."""

    head: Subprocessor
    guarantee: Guarantee


def expiring(session: Session, until: date, most: int) -> list[Expiring]:
    """The guarantees of engaged sub-processors that end up to a day, the soonest first."""
    query = sa.select(Subprocessor).where(Subprocessor.state == State.ENGAGED)
    heads = {head.id: head for head in session.scalars(query)}
    known: dict[Any, facts.Subprocessor] = history.all_latest(session, Subprocessor, list(heads))
    found = [
        Expiring(heads[key], each)
        for key, dossier in known.items()
        for each in dossier.guarantees
        if each.expires_on is not None and each.expires_on <= until
    ]
    found.sort(key=lambda each: (each.guarantee.expires_on or until, each.head.code))
    return found[:most]


class InForce(NamedTuple):
    """A sub-processor that is engaged on a day, and since when its dossier says what it says."""

    head: Subprocessor
    known: facts.Subprocessor
    changed_on: date


class Published(NamedTuple):
    """Those in force on a day, and when this list last changed."""

    rows: list[InForce]
    changed_on: date | None


def in_force(session: Session, day: date) -> Published:
    """The sub-processors that are engaged on a day, by name.

    The list last changed when one of them, or one that has left since, was last described.
    """
    dated = history.in_force(session, Subprocessor, day)
    listed = {
        key: each
        for key, each in dated.items()
        if each.facts.state is State.ENGAGED and (each.facts.ended_on or date.max) >= day
    }
    left = [each for each in dated.values() if each.facts.state is not State.PROPOSED]
    heads = session.scalars(
        sa.select(Subprocessor).where(Subprocessor.id.in_(listed)).order_by(Subprocessor.sorted)
    )
    rows = [InForce(head, listed[head.id].facts, listed[head.id].effective_from) for head in heads]
    return Published(rows, max((each.effective_from for each in left), default=None))
