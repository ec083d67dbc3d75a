"""Sub-processors as screens and papers read them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.subprocessors.facts import State
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
