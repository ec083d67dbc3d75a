"""Where every controller stands: counted, listed, filtered.

Equal cases are equal texts (`Case.known`). So ten thousand are counted by one GROUP BY, the one
rule `rules.standing` is asked once for each distinct text, and whoever looks for a state looks for
the texts that have it.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import rules
from registers.announcements.cases import known_of
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.rules import Standing
from registers.announcements.vocabulary import (
    Outcome,
    State,
)
from registers.controllers.models import Contract, Controller
from registers.kernel import pages
from registers.kernel.identifiers import fold
from registers.kernel.pages import Compared, Cut, Page, contains
from registers.notices.models import Matter

RUNNING = (State.OPEN, State.PROVISIONAL)
"""A window is open."""
FEW = 500
"""So many rows are sooner found by what they are and then sorted than met in order of names."""
BY_NAME = [Controller.sorted, Case.id]
"""In which order controllers are listed."""


class Alike(NamedTuple):
    """All cases of which the same is known."""

    known: rules.Case
    stored: Any
    cases: int


@dataclass(frozen=True)
class Tally:
    """How many cases stand where on a day."""

    day: date
    alike: Sequence[Alike]

    @cached_property
    def standings(self) -> list[tuple[Alike, Standing]]:
        """Each distinct case with what the rule says of it."""
        return [(each, rules.standing(each.known, self.day)) for each in self.alike]

    @cached_property
    def counts(self) -> Counter[State]:
        """How many cases by state."""
        found: Counter[State] = Counter()
        for each, standing in self.standings:
            found[standing.state] += each.cases
        return found

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(each.cases for each in self.alike)

    def stored(self, *states: State) -> list[Any]:
        """What is known, as it is stored, of the cases in these states."""
        return [each.stored for each, standing in self.standings if standing.state in states]

    @property
    def last_window(self) -> date | None:
        """The last day of all windows opened so far."""
        return max(
            (each.known.closes_on for each in self.alike if each.known.closes_on), default=None
        )

    @property
    def next_window(self) -> tuple[date, int] | None:
        """The day on which the next windows close that nothing else has settled, and how many."""
        ends: Counter[date] = Counter()
        for each, standing in self.standings:
            closes_on = each.known.closes_on
            if standing.state in RUNNING and closes_on and closes_on >= self.day:
                ends[closes_on] += each.cases
        return min(ends.items(), default=None)

    @property
    def objections(self) -> bool:
        """Whether an objection waits for an answer."""
        pending = Outcome.PENDING
        return any(said.outcome is pending for each in self.alike for said in each.known.objections)

    @property
    def unconfirmed(self) -> bool:
        """Whether a receipt waits for a second person."""
        receipts = (each.known.receipt for each in self.alike)
        return any(receipt is not None and not receipt.confirmed for receipt in receipts)

    @property
    def unopened(self) -> int:
        """How many windows are still to be opened by a receipt."""
        waiting = (State.AWAITING_DISPATCH, State.AWAITING_RECEIPT)
        return sum(self.counts[state] for state in waiting)


def tally(
    session: Session,
    announcements: Collection[uuid.UUID],
    day: date,
    change_id: uuid.UUID | None = None,
) -> Tally:
    """Where the cases of announcements stand on a day, in one statement.

    Args:
        session: a reading session.
        announcements: which ones.
        day: the local day of the organisation.
        change_id: one change of them; None for all.
    """
    query = (
        sa.select(Case.known, sa.func.count())
        .where(Case.announcement_id.in_(announcements))
        .group_by(Case.known)
    )
    if change_id is not None:
        query = query.where(Case.change_id == change_id)
    rows = session.execute(query).all()
    return Tally(day, [Alike(known_of(row[0]), row[0], row[1]) for row in rows])


class Row(NamedTuple):
    """A change under a contract, in the list of an announcement."""

    case: Case
    code: str
    name: str
    reference: str
    known: rules.Case
    standing: Standing


def rows_of(
    announcement_id: uuid.UUID, expected: int | None = None
) -> "sa.Select[*tuple[Any, ...]]":
    """The cases of an announcement with their controllers and contracts, to be narrowed.

    Args:
        announcement_id: the announcement.
        expected: how many rows are there to be found, where that is known: few are looked for,
            of many the first are met on the way through the controllers.
    """
    columns = sa.select(Case, Controller.code, Controller.name, Contract.reference)
    if expected is None or expected <= FEW:
        joined = columns.join(Matter, Matter.id == Case.matter_id).join(
            Controller, Controller.id == Matter.controller_id
        )
        found: Any = Compared(Case.announcement_id) if expected is None else Case.announcement_id
    else:
        joined = columns.join(Matter, Compared(Matter.id) == Case.matter_id).join(
            Controller, Compared(Controller.id) == Matter.controller_id
        )
        found = Compared(Case.announcement_id)
    return joined.join(Contract, Contract.id == Matter.contract_id).where(found == announcement_id)


def row_of(found: Any, day: date) -> Row:
    """A row as `rows_of` found it, with where it stands."""
    case, code, name, reference = found
    known = known_of(case.known)
    return Row(case, code, name, reference, known, rules.standing(known, day))


@dataclass(frozen=True)
class Filters:
    """What the list of an announcement's controllers is narrowed to."""

    search: str = ""
    state: str = ""
    change: str = ""
    """The position of a change."""


def controllers(
    session: Session, head: Announcement, filters: Filters, counted: Tally, wanted: Cut
) -> Page[Row]:
    """A page of the controllers of an announcement, with where each stands."""
    narrowed = list(_conditions(head, filters, counted))
    expected = None
    if not filters.search and not filters.change:  # counted already
        states = [each for each in State if filters.state in {"", each.value}]
        expected = sum(counted.counts[each] for each in states)

    def total() -> int:
        if expected is not None:
            return expected
        query = sa.select(sa.func.count()).select_from(Case)
        joined = query.join(Matter, Matter.id == Case.matter_id)
        of_this = Compared(Case.announcement_id) == head.id
        return session.scalar(joined.where(of_this, *narrowed)) or 0

    query = rows_of(head.id, expected).where(*narrowed)
    found = pages.cut(session, query, BY_NAME, wanted, total=total)
    return Page([row_of(each, counted.day) for each in found.rows], *found[1:])


def all_controllers(
    session: Session, head: Announcement, filters: Filters, counted: Tally
) -> Iterable[Row]:
    """All of them, for a spreadsheet."""
    query = rows_of(head.id, 0).where(*_conditions(head, filters, counted)).order_by(*BY_NAME)
    for each in session.execute(query):
        yield row_of(each, counted.day)


def _conditions(
    head: Announcement, filters: Filters, counted: Tally
) -> Iterator[sa.ColumnElement[bool]]:
    """What narrows the cases and matters of an announcement."""
    for word in fold(filters.search).split():
        # not joined: each table is looked through once, not once for every case
        named = sa.select(Controller.id).where(contains(Controller.search, word))
        agreed = sa.select(Contract.id).where(contains(Contract.search, word))
        yield sa.or_(Matter.controller_id.in_(named), Matter.contract_id.in_(agreed))
    if filters.state in {each.value for each in State}:
        yield Case.known.in_(counted.stored(State(filters.state)))
    if filters.change.isdecimal():
        of_change = sa.select(Change.id).where(
            Change.announcement_id == head.id, Change.position == int(filters.change)
        )
        yield Case.change_id == of_change.scalar_subquery()


def matters(
    session: Session, change: Change, counted: Tally, states: Collection[State]
) -> list[uuid.UUID]:
    """The contracts under which a change stands so."""
    query = sa.select(Case.matter_id).where(
        Case.announcement_id == change.announcement_id,
        Case.change_id == change.id,
        Case.known.in_(counted.stored(*states)),
    )
    return list(session.scalars(query))


def standing_so(
    session: Session,
    change: Change,
    counted: Tally,
    states: Collection[State],
    most: int,
) -> list[Row]:
    """The first controllers, by name, under which a change stands so."""
    expected = sum(counted.counts[state] for state in states)
    query = (
        rows_of(change.announcement_id, expected)
        .where(Case.change_id == change.id, Case.known.in_(counted.stored(*states)))
        .order_by(*BY_NAME)
        .limit(most)
    )
    return [row_of(row, counted.day) for row in session.execute(query)]
