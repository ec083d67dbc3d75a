"""Sealed papers as screens show them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from registers.annexes import standing
from registers.annexes.kind import Kind
from registers.annexes.kinds import KINDS
from registers.annexes.models import DRILLS, Annex
from registers.annexes.subjects import (
    ORGANISATION,
    About,
    Subject,
    of_contract,
    of_controller,
)
from registers.controllers import queries as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.press.issue import PLAIN


class Row(NamedTuple):
    """An annex in a list: whose it is, which one superseded it, whether the register moved on."""

    annex: Annex
    controller: Controller | None
    contract: Contract | None
    superseded_by: str
    out_of_date: bool

    @property
    def is_untagged(self) -> bool:
        """Whether it is archival, but without the structure by which it would be read aloud."""
        return self.annex.conformance == PLAIN

    @property
    def kind(self) -> Kind:
        """Of which kind it is."""
        return KINDS[self.annex.kind]


def _found() -> "sa.Select[*tuple[Any, ...]]":
    return (
        sa.select(Annex, Controller, Contract)
        .join(Controller, Controller.id == Annex.controller_id, isouter=True)
        .join(Contract, Contract.id == Annex.contract_id, isouter=True)
    )


def untagged(session: Session, kinds: Collection[str] | None = None) -> int:
    """How many annexes are archival but cannot be read aloud part by part: PDF/A-3b only."""
    query = sa.select(sa.func.count()).where(Annex.conformance == PLAIN)
    if kinds is not None:
        query = query.where(Annex.kind.in_(kinds))
    return session.scalar(query) or 0


def listed(
    session: Session,
    search: str,
    wanted: Cut,
    today: date,
    kinds: Collection[str] | None = None,
    *,
    only_untagged: bool = False,
) -> Page[Row]:
    """A page of all annexes but those of exercises, the newest first.

    Args:
        session: a reading session.
        search: words of the controller or the number.
        wanted: which page.
        today: the day with which the papers are compared.
        kinds: those that may be read; all when left out.
        only_untagged: only those that are PDF/A-3b.
    """
    query = _found().where(~Annex.number.startswith(f"{DRILLS}-"))
    if only_untagged:
        query = query.where(Annex.conformance == PLAIN)
    if kinds is not None:
        query = query.where(Annex.kind.in_(kinds))
    for word in fold(search).split():
        query = query.where(
            sa.or_(
                contains(Controller.search, word),
                contains(Contract.search, word),
                contains(sa.func.lower(Annex.number), word),
            )
        )
    key = [Annex.sealed_at, Annex.number]
    page: Page[Any] = pages.cut(session, query, key, wanted, descending=True)
    return Page(_rows(session, page.rows, today), *page[1:])


def of_dossier(
    session: Session, controller: Controller, today: date, kinds: Collection[str] | None = None
) -> list[Row]:
    """The annexes of one controller and of its contracts, the newest first."""
    query = _found().where(Annex.controller_id == controller.id)
    if kinds is not None:
        query = query.where(Annex.kind.in_(kinds))
    query = query.order_by(Annex.sealed_at.desc(), Annex.number.desc())
    return _rows(session, session.execute(query).all(), today)


def one(session: Session, number: str, today: date, kinds: Collection[str] | None = None) -> Row:
    """One annex.

    Raises:
        NotFound: there is none of this number, or it may not be read.
    """
    found = session.execute(_found().where(Annex.number == number)).first()
    if found is None or (kinds is not None and found[0].kind not in kinds):
        raise NotFound
    return _rows(session, [found], today)[0]


def last_about(session: Session, about: str) -> Annex | None:
    """The paper about something that was sealed last; None where there is none yet."""
    query = sa.select(Annex).where(Annex.about == about)
    return session.scalar(query.order_by(Annex.sealed_at.desc(), Annex.number.desc()).limit(1))


def paper(session: Session, annex_id: uuid.UUID) -> tuple[str, str]:
    """The number of an annex, and the digest of its paper."""
    annex = session.get_one(Annex, annex_id)
    return annex.number, annex.paper_sha256


def subjects_of(
    session: Session, kind: Kind, controller_ids: Sequence[uuid.UUID] | None, day: date
) -> list[Subject]:
    """About whom or what papers of a kind can be made.

    Args:
        session: a reading session.
        kind: of which kind.
        controller_ids: of whose dossiers; None for all, in the order of their codes.
        day: on which day; contracts that were over by then are left out.
    """
    if kind.about is About.ORGANISATION:
        return [ORGANISATION]
    if controller_ids is None:
        if kind.about is About.JOURNAL:
            return [ORGANISATION]
        query = sa.select(Controller.id).order_by(Controller.code)
        controller_ids = list(session.scalars(query))
    if kind.about is not About.CONTRACT:
        return [of_controller(key) for key in controller_ids]
    return [
        of_contract(contract_id, owner)
        for part in history.parts(controller_ids)
        for contract_id, owner in _contracts(session, part, day)
    ]


def _contracts(
    session: Session, owners: Sequence[uuid.UUID], day: date
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The contracts that are somebody's on a day, in the order of the owners."""
    heads = session.scalars(sa.select(Contract.id).where(Contract.controller_id.in_(owners)))
    ids = {*heads, *parties.contracts_left(session, owners)}
    rank = {owner: place for place, owner in enumerate(owners)}
    held = [
        (rank[known.controller], known.reference, key)
        for key, dated in history.in_force(session, Contract, day, ids).items()
        for known in [dated.facts]
        if known.controller in rank and not (known.ended_on and known.ended_on < day)
    ]
    return [(key, owners[place]) for place, _reference, key in sorted(held)]


def _rows(session: Session, found: Sequence[Any], today: date) -> list[Row]:
    successors = _successors(session, [row[0].id for row in found])
    current = [row[0] for row in found if row[0].id not in successors]
    stale = standing.out_of_date(session, current, today)
    return [
        Row(annex, controller, contract, successors.get(annex.id, ""), annex.id in stale)
        for annex, controller, contract in found
    ]


def _successors(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    later = aliased(Annex)
    query = sa.select(later.supersedes_id, later.number).where(later.supersedes_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}


def about(session: Session, subject: str, today: date) -> list[Row]:
    """The annexes about one thing, as the journal names it, the newest first."""
    query = _found().where(Annex.about == subject)
    query = query.order_by(Annex.sealed_at.desc(), Annex.number.desc())
    return _rows(session, session.execute(query).all(), today)
