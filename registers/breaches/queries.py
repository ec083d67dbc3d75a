"""Breaches as screens read them: clocks by their end, who is affected, what was sent.

Everything is computed at reading, from instants on record: no worker has to have run.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import queries as register
from registers.breaches import facts, rules
from registers.breaches import telling as told_now
from registers.breaches.models import Affected, Breach
from registers.breaches.notifying import TOLD_BY
from registers.breaches.rules import Gauges
from registers.breaches.vocabulary import Phase, Step
from registers.controllers.models import (
    Contact,
    Contract,
    ContractService,
    Controller,
    ControllerContact,
)
from registers.controllers.vocabulary import Channel
from registers.kernel import history, pages
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Named, text
from registers.notices.models import Dispatch, Notice
from registers.notices.vocabulary import DispatchState, NoticeKind


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


class Reason(NamedTuple):
    """Why a contract is proposed as affected: through which activities, whether it has ended."""

    activities: tuple[str, ...]
    """Their codes."""
    ended: bool
    """An ended contract is proposed as well: nothing on record says that its data were erased."""


class Proposal(NamedTuple):
    """A contract that may be affected."""

    controller_id: uuid.UUID
    contract_id: uuid.UUID
    code: str
    name: str
    reference: str
    ended_on: date | None
    reason: Reason


def touched_activities(
    session: Session, known: facts.Breach, day: date
) -> Mapping[str, tuple[str, ...]]:
    """The activities that a breach touches, each with what leads to it; none: it is named itself.

    Besides those named, the ones that use a sub-processor or a site that was touched.
    """
    found: dict[str, tuple[str, ...]] = dict.fromkeys(known.services, ())
    processors, sites = set(known.subprocessors), {fold(each) for each in known.sites}
    if not processors and not sites:
        return found
    for code, dated in register.activities_in_force(session, day).items():
        through = [
            name
            for use in dated.facts.subprocessors
            for name in (use.code, *use.sites)
            if name in processors or fold(name) in sites
        ]
        if through and code not in found:
            found[code] = tuple(dict.fromkeys(through))
    return found


def proposed(
    session: Session, head: Breach, activities: Collection[str], day: date
) -> list[Proposal]:
    """The contracts that cover activities and are not on the list of a breach yet.

    Those that were found not to be affected are not proposed again.
    """
    there = (
        sa.select(Affected.id)
        .where(Affected.breach_id == head.id, Affected.contract_id == Contract.id)
        .exists()
    )
    query = (
        sa.select(
            Contract.id,
            Contract.controller_id,
            Contract.reference,
            Contract.ended_on,
            Controller.code,
            Controller.name,
            ContractService.code,
        )
        .join(Contract, Contract.id == ContractService.contract_id)
        .join(Controller, Controller.id == Contract.controller_id)
        .where(ContractService.code.in_(activities), ~there)
        .order_by(Controller.sorted, Contract.sorted, Contract.id, ContractService.code)
    )
    rows: dict[uuid.UUID, tuple[Any, list[str]]] = {}
    for row in session.execute(query):
        rows.setdefault(row[0], (row, []))[1].append(row[6])
    return [
        Proposal(
            row[1],
            row[0],
            row[4],
            row[5],
            row[2],
            row[3],
            Reason(tuple(codes), row[3] is not None and row[3] < day),
        )
        for row, codes in rows.values()
    ]


class Telling(NamedTuple):
    """Whom a notice of one step would go to."""

    controllers: int
    contracts: int
    channels: Counter[Channel]
    """How many controllers demand which channel."""
    without_email: int
    """How many have no address for it: they get a letter."""


def telling(session: Session, head: Breach) -> dict[Step, Telling]:
    """Whom each step would tell, in two statements."""
    told = told_now.told(session, head)
    reached = (
        sa.select(ControllerContact.controller_id)
        .join(Contact, Contact.id == ControllerContact.contact_id)
        .where(ControllerContact.role.in_(TOLD_BY), Contact.email != "")
    )
    query = sa.select(
        Affected.controller_id,
        Affected.channels,
        Affected.removed_at,
        sa.case((Affected.controller_id.in_(reached), 1), else_=0),
    ).where(Affected.breach_id == head.id)
    rows = session.execute(query).all()
    standing = [row for row in rows if row[2] is None]
    first = [row for row in standing if row[0] not in told]
    more = [row for row in standing if row[0] in told]
    error = [row for row in rows if row[0] in told]
    return {
        Step.FIRST: _telling(first),
        Step.MORE: _telling(more),
        Step.CLOSING: _telling(more),
        Step.ERROR: _telling(error),
    }


def _telling(rows: Iterable[Any]) -> Telling:
    channels: dict[uuid.UUID, set[Channel]] = {}
    unreached, contracts = set(), 0
    for controller_id, demanded, _removed, reached in rows:
        contracts += 1
        channels.setdefault(controller_id, set()).update(Channel(each) for each in demanded)
        if not reached:
            unreached.add(controller_id)
    counted = Counter(channel for found in channels.values() for channel in found)
    ordered = Counter({each: counted[each] for each in Channel if counted[each]})
    return Telling(len(channels), contracts, ordered, len(unreached))


class Sent(NamedTuple):
    """The notices of one step that were written together, and what became of them."""

    kind: NoticeKind
    written_at: datetime
    notices: int
    ways: dict[Channel, dict[DispatchState, int]]


def sent(session: Session, head: Breach) -> list[Sent]:
    """What was written about a breach, the newest first, with what became of it by channel."""
    of_this = told_now.of_breach(head)
    written = (
        sa.select(Notice.cause, Notice.kind, sa.func.min(Notice.created_at), sa.func.count())
        .where(of_this)
        .group_by(Notice.cause, Notice.kind)
    )
    counted = (
        sa.select(Notice.cause, Dispatch.channel, Dispatch.state, sa.func.count())
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(of_this)
        .group_by(Notice.cause, Dispatch.channel, Dispatch.state)
    )
    ways: dict[str, dict[Channel, dict[DispatchState, int]]] = {}
    for cause, channel, state, number in session.execute(counted):
        ways.setdefault(cause, {}).setdefault(channel, {})[state] = number
    found = [Sent(row[1], row[2], row[3], ways.get(row[0], {})) for row in session.execute(written)]
    return sorted(found, key=lambda each: each.written_at, reverse=True)


def controllers_named(
    session: Session, search: str, most: int
) -> list[tuple[Controller, list[Contract]]]:
    """The first controllers found by name or code, with all their contracts, ended ones too."""
    query = sa.select(Controller).order_by(Controller.sorted, Controller.id).limit(most)
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    heads = list(session.scalars(query))
    held: dict[uuid.UUID, list[Contract]] = {}
    agreed = sa.select(Contract).where(Contract.controller_id.in_([each.id for each in heads]))
    for each in session.scalars(agreed.order_by(Contract.sorted)):
        held.setdefault(each.controller_id, []).append(each)
    return [(head, held.get(head.id, [])) for head in heads]


def controllers_of(session: Session, head: Breach, search: str) -> list[Controller]:
    """The controllers that were thought to be affected, by name; narrowed to what is searched."""
    ids = sa.select(Affected.controller_id).where(Affected.breach_id == head.id)
    query = sa.select(Controller).where(Controller.id.in_(ids))
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    return list(session.scalars(query.order_by(Controller.sorted, Controller.id)))


def controller_of(session: Session, head: Breach, controller_id: uuid.UUID) -> Controller:
    """One of them.

    Raises:
        NotFound: it was never thought to be affected.
    """
    query = sa.select(Controller).where(
        Controller.id == controller_id,
        sa.exists().where(Affected.breach_id == head.id, Affected.controller_id == controller_id),
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def named(session: Session, ids: Collection[uuid.UUID]) -> list[Controller]:
    """Controllers in the order of their names."""
    found: list[Controller] = []
    for part in history.parts(ids):
        found += session.scalars(sa.select(Controller).where(Controller.id.in_(part)))
    return sorted(found, key=lambda each: (each.sorted, each.code))


def minimum(known: facts.Breach) -> Invalid | None:
    """Why no notice can be sent yet; None where the minimum is known."""
    try:
        rules.require_minimum(known)
    except Invalid as refused:
        return refused
    return None
