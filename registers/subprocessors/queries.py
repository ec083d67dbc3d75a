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
    return sorted(found, key=lambda each: (each.guarantee.expires_on or until, each.head.code))[
        :most
    ]
