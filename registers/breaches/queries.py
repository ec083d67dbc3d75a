"""Breaches as screens read them: clocks by their end, who is affected, how far they are told.

Everything is computed at reading, from instants on record: no worker has to have run.
"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import facts, rules
from registers.breaches.models import Affected, Breach
from registers.breaches.rules import Gauges
from registers.breaches.vocabulary import Phase
from registers.controllers.models import (
    Contract,
    Controller,
)
from registers.kernel import pages
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Named, text


def one(session: Session, code: str) -> Breach:
    """One breach.

    Raises:
        NotFound: there is none with this number.
    """
    found = session.scalar(sa.select(Breach).where(Breach.code == code))
    if found is None:
        raise NotFound
    return found


def running(session: Session) -> list[Breach]:
    """The breaches whose record is open, the newest first."""
    query = sa.select(Breach).where(Breach.phase == Phase.OPEN)
    return list(session.scalars(query.order_by(Breach.code.desc())))


def ended(session: Session, search: str, wanted: Cut) -> Page[Breach]:
    """A page of those that were closed, or proved to be none, the newest first."""
    query = sa.select(Breach).where(Breach.phase != Phase.OPEN)
    for word in fold(search).split():
        query = query.where(contains(Breach.search, word))
    page: Page[Breach] = pages.cut(session, query, [Breach.code], wanted, descending=True)
    return page


class Clocks(NamedTuple):
    """All clocks of a breach that end at the same instant."""

    ends_at: datetime | None
    """None while it is not known since when we are aware: no clock runs yet."""
    contracts: int
    informed: int
    complete: int
    informed_late: int
    numbered: int
    """For how many the numbers of persons and of records are known."""

    @property
    def waiting(self) -> int:
        """How many are not informed."""
        return self.contracts - self.informed

    def late(self, now: datetime) -> int:
        """How many were informed too late, or are not informed although the time is over."""
        over = self.ends_at is not None and now >= self.ends_at
        return self.informed_late + (self.waiting if over else 0)


def clocks(session: Session, breaches: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Clocks]]:
    """The clocks of breaches by their end, the first end first, in one statement."""
    if not breaches:
        return {}
    late = sa.and_(Affected.informed_at.is_not(None), Affected.informed_at >= Affected.ends_at)
    numbered = sa.and_(Affected.persons.is_not(None), Affected.records.is_not(None))
    query = (
        sa.select(
            Affected.breach_id,
            Affected.ends_at,
            sa.func.count(),
            sa.func.count(Affected.informed_at),
            sa.func.count(Affected.complete_at),
            sa.func.sum(sa.case((late, 1), else_=0)),
            sa.func.sum(sa.case((numbered, 1), else_=0)),
        )
        .where(Affected.breach_id.in_(breaches), Affected.removed_at.is_(None))
        .group_by(Affected.breach_id, Affected.ends_at)
    )
    found: dict[uuid.UUID, list[Clocks]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(Clocks(row[1], *(int(each) for each in row[2:])))
    for each in found.values():
        each.sort(key=lambda group: (group.ends_at is None, group.ends_at))
    return found


class Tally(NamedTuple):
    """How far a breach is told: its contracts, informed, complete, late."""

    groups: list[Clocks]
    contracts: int
    informed: int
    complete: int
    late: int
    numbered: int

    @property
    def next_end(self) -> datetime | None:
        """When the first of those that are not informed is too late."""
        return next((each.ends_at for each in self.groups if each.waiting and each.ends_at), None)

    @property
    def numbers(self) -> bool:
        """Whether the numbers are known of every contract."""
        return self.contracts > 0 and self.numbered == self.contracts


def tally(groups: list[Clocks], now: datetime) -> Tally:
    """What the clocks of one breach say together at this instant."""
    return Tally(
        groups,
        sum(each.contracts for each in groups),
        sum(each.informed for each in groups),
        sum(each.complete for each in groups),
        sum(each.late(now) for each in groups),
        sum(each.numbered for each in groups),
    )


class State(Named):
    """Which of the affected contracts are looked for."""

    WAITING = "waiting", text("not informed yet")
    LATE = "late", text("late")
    INFORMED = "informed", text("informed")
    INCOMPLETE = "incomplete", text("formalities to complete")
    UNNUMBERED = "unnumbered", text("without numbers")
    REMOVED = "removed", text("not affected after all")


@dataclass(frozen=True)
class Filters:
    """What the list of affected contracts is narrowed to."""

    search: str = ""
    state: str = ""


class Row(NamedTuple):
    """A contract touched by a breach, or a controller without one, in the list."""

    affected: Affected
    code: str
    name: str
    reference: str | None

    def late(self, now: datetime) -> bool:
        """Whether it was informed too late, or is not although the time is over."""
        gauges = Gauges(self.affected.informed_at, self.affected.complete_at)
        return self.affected.ends_at is not None and gauges.late(self.affected.ends_at, now)


NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def affected(
    session: Session, head: Breach, filters: Filters, now: datetime, wanted: Cut
) -> Page[Row]:
    """A page of the contracts touched by a breach, those whose time ends first at the top."""
    query = _rows().where(Affected.breach_id == head.id, *_conditions(filters, now))
    first_end = sa.func.coalesce(
        Affected.ends_at, sa.literal(NEVER, Affected.ends_at.type), type_=Affected.ends_at.type
    )
    page = pages.cut(session, query, [first_end, Controller.sorted, Affected.id], wanted)
    return Page([Row(*row) for row in page.rows], *page[1:])


def _rows() -> "sa.Select[*tuple[Any, ...]]":
    query: Any = (
        sa.select(Affected, Controller.code, Controller.name, Contract.reference)
        .join(Controller, Controller.id == Affected.controller_id)
        .outerjoin(Contract, Contract.id == Affected.contract_id)
    )
    return query  # type: ignore[no-any-return]


def _conditions(filters: Filters, now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    for word in fold(filters.search).split():
        named = sa.select(Controller.id).where(contains(Controller.search, word))
        agreed = sa.select(Contract.id).where(contains(Contract.search, word))
        yield sa.or_(Affected.controller_id.in_(named), Affected.contract_id.in_(agreed))
    if filters.state == State.REMOVED.value:
        yield Affected.removed_at.is_not(None)
        return
    yield Affected.removed_at.is_(None)
    wanted = {
        State.WAITING: Affected.informed_at.is_(None),
        State.LATE: late(now),
        State.INFORMED: Affected.informed_at.is_not(None),
        State.INCOMPLETE: Affected.complete_at.is_(None),
        State.UNNUMBERED: sa.or_(Affected.persons.is_(None), Affected.records.is_(None)),
    }
    for state, condition in wanted.items():
        if filters.state == state.value:
            yield condition


def late(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a contract was informed too late, or is not although its time is over."""
    return sa.func.coalesce(
        Affected.informed_at, sa.literal(now, Affected.informed_at.type)
    ) >= sa.func.coalesce(Affected.ends_at, sa.literal(NEVER, Affected.ends_at.type))


def by_ids(session: Session, head: Breach, ids: Collection[uuid.UUID]) -> list[Row]:
    """Some of the contracts touched by a breach, by the name of their controller.

    Raises:
        NotFound: one of them is not among them.
    """
    query = _rows().where(Affected.breach_id == head.id, Affected.id.in_(ids))
    found = [Row(*row) for row in session.execute(query.order_by(Controller.sorted, Affected.id))]
    if len(found) != len(set(ids)) or not found:
        raise NotFound
    return found


def late_ones(session: Session, head: Breach, now: datetime) -> list[Row]:
    """All contracts of a breach that were informed too late, or are not although it is time."""
    query = _rows().where(Affected.breach_id == head.id, Affected.removed_at.is_(None), late(now))
    return [Row(*row) for row in session.execute(query.order_by(Controller.sorted, Affected.id))]


def minimum(known: facts.Breach) -> Invalid | None:
    """Why no notice can be sent yet; None where the minimum is known."""
    try:
        rules.require_minimum(known)
    except Invalid as refused:
        return refused
    return None
