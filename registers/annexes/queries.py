"""Sealed papers as screens show them."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from registers.annexes import snapshots
from registers.annexes.models import Annex
from registers.controllers.models import Controller
from registers.kernel import pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains


class Row(NamedTuple):
    """An annex in a list: whose it is, which one superseded it, whether the register moved on."""

    annex: Annex
    controller: Controller
    superseded_by: str
    out_of_date: bool


def listed(session: Session, search: str, wanted: Cut, today: date) -> Page[Row]:
    """A page of all annexes, the newest first."""
    query = sa.select(Annex, Controller).join(Controller, Controller.id == Annex.controller_id)
    for word in fold(search).split():
        query = query.where(
            sa.or_(contains(Controller.search, word), contains(sa.func.lower(Annex.number), word))
        )
    key = [Annex.sealed_at, Annex.number]
    page: Page[Any] = pages.cut(session, query, key, wanted, descending=True)
    return Page(_rows(session, page.rows, today), *page[1:])


def of_controller(session: Session, controller: Controller, today: date) -> list[Row]:
    """The annexes of one controller, the newest first."""
    query = (
        sa.select(Annex)
        .where(Annex.controller_id == controller.id)
        .order_by(Annex.sealed_at.desc(), Annex.number.desc())
    )
    return _rows(session, [(annex, controller) for annex in session.scalars(query)], today)


def one(session: Session, number: str, today: date) -> Row:
    """One annex.

    Raises:
        NotFound: there is none of this number.
    """
    query = (
        sa.select(Annex, Controller)
        .join(Controller, Controller.id == Annex.controller_id)
        .where(Annex.number == number)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound
    return _rows(session, [found], today)[0]


def _rows(session: Session, found: Sequence[Any], today: date) -> list[Row]:
    successors = _successors(session, [annex.id for annex, _controller in found])
    current = [annex for annex, _controller in found if annex.id not in successors]
    stale = _out_of_date(session, current, today)
    return [
        Row(annex, controller, successors.get(annex.id, ""), annex.id in stale)
        for annex, controller in found
    ]


def _successors(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    later = aliased(Annex)
    query = sa.select(later.supersedes_id, later.number).where(later.supersedes_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}


def _out_of_date(session: Session, annexes: Sequence[Annex], today: date) -> set[uuid.UUID]:
    """The annexes that no longer show what the registers say today."""
    if not annexes:
        return set()
    present = snapshots.registers(session, {annex.controller_id for annex in annexes}, today)
    return {
        annex.id
        for annex in annexes
        for snapshot in [present.get(annex.controller_id)]
        if snapshot is None
        or msgspec.structs.replace(snapshot, on=annex.on_day).sha256 != annex.snapshot_sha256
    }
