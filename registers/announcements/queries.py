"""Announcements as screens read them: lists, and where every controller stands.

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
from registers.announcements.models import Announcement, Answer, Case, Change, Objection
from registers.announcements.rules import Standing
from registers.announcements.vocabulary import (
    FIRST,
    ChangeKind,
    Outcome,
    Phase,
    State,
    Topic,
)
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Compared, Cut, Page, contains
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import DispatchState
from registers.subprocessors import facts as dossiers
from registers.subprocessors.models import Subprocessor


def listed(
    session: Session, search: str, phase: str, wanted: Cut, topic: str = ""
) -> Page[Announcement]:
    """A page of all announcements, the newest first."""
    query = sa.select(Announcement)
    for word in fold(search).split():
        query = query.where(contains(Announcement.search, word))
    if phase in {each.value for each in Phase}:
        query = query.where(Announcement.phase == Phase(phase))
    if topic in {each.value for each in Topic}:
        query = query.where(Announcement.topic == Topic(topic))
    page: Page[Announcement] = pages.cut(
        session, query, [Announcement.code], wanted, descending=True
    )
    return page


def one(session: Session, code: str) -> Announcement:
    """One announcement.

    Raises:
        NotFound: there is none with this number.
    """
    found = session.scalar(sa.select(Announcement).where(Announcement.code == code))
    if found is None:
        raise NotFound
    return found


def kin(session: Session, head: Announcement) -> tuple[Announcement | None, Announcement | None]:
    """The announcement that one corrects, and the one that corrects it, announced or drafted."""
    before = session.get(Announcement, head.revises_id) if head.revises_id else None
    after = (
        sa.select(Announcement)
        .where(Announcement.revises_id == head.id, Announcement.phase != Phase.WITHDRAWN)
        .order_by(Announcement.code.desc())
        .limit(1)
    )
    return before, session.scalar(after)


RUNNING = (State.OPEN, State.PROVISIONAL)
"""A window is open."""


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


FEW = 500
"""So many rows are sooner found by what they are and then sorted than met in order of names."""


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


BY_NAME = [Controller.sorted, Case.id]
"""In which order controllers are listed."""


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


TIMELINE = 200


def timeline(session: Session, head: Announcement, changes: Sequence[Change]) -> list[audit.Entry]:
    """What happened to an announcement as a whole, and every objection, the newest first."""
    objections = (
        sa.select(Objection.id)
        .join(Case, Case.matter_id == Objection.matter_id)
        .where(Case.announcement_id == head.id)
        .distinct()
    )
    about = [
        audit.name_of(head),
        *(audit.name_of(each) for each in changes),
        *(f"objection:{key}" for key in session.scalars(objections)),
    ]
    return entries_about(session, about, TIMELINE)


def entries_about(session: Session, about: Collection[str], most: int) -> list[audit.Entry]:
    """The newest entries of the journal about some rows."""
    query = sa.select(audit.Entry).where(audit.Entry.about.in_(about))
    return list(session.scalars(query.order_by(audit.Entry.number.desc()).limit(most)))


class Concerning(NamedTuple):
    """An announced change of a sub-processor, and where its controllers stand."""

    announcement: Announcement
    change: Change
    tally: Tally

    @property
    def engaged(self) -> dict[date, int]:
        """For how many contracts it is engaged, by the day since when."""
        found: Counter[date] = Counter()
        for each in self.tally.alike:
            if each.known.engaged_on:
                found[each.known.engaged_on] += each.cases
        return dict(sorted(found.items()))


COMING = (ChangeKind.ADDITION, ChangeKind.REPLACEMENT)


def concerning(session: Session, subprocessor_id: uuid.UUID, day: date) -> list[Concerning]:
    """The announced changes that are about a sub-processor, the newest first."""
    query = (
        sa.select(Change, Announcement)
        .join(Announcement, Announcement.id == Change.announcement_id)
        .where(
            sa.or_(Change.subprocessor_id == subprocessor_id, Change.replaces_id == subprocessor_id)
        )
        .order_by(Announcement.code.desc(), Change.position)
    )
    found = [(row[0], row[1]) for row in session.execute(query)]
    counted = (
        sa.select(Case.change_id, Case.known, sa.func.count())
        .where(
            Case.announcement_id.in_({head.id for _, head in found}),
            Case.change_id.in_({change.id for change, _ in found}),
        )
        .group_by(Case.change_id, Case.known)
    )
    alike: dict[uuid.UUID, list[Alike]] = {}
    for change_id, stored, count in session.execute(counted):
        alike.setdefault(change_id, []).append(Alike(known_of(stored), stored, count))
    return [
        Concerning(head, change, Tally(day, alike.get(change.id, ()))) for change, head in found
    ]


def drafts_for(session: Session, code: str) -> list[Announcement]:
    """The drafts that name a sub-processor, the newest first."""
    query = sa.select(Announcement).where(Announcement.phase == Phase.DRAFT)
    heads = list(session.scalars(query.order_by(Announcement.code.desc())))
    known = history.all_latest(session, Announcement, [head.id for head in heads])
    return [
        head
        for head in heads
        if any(code in {each.code, each.replaces} for each in known[head.id].changes)
    ]


def in_objection(session: Session) -> set[uuid.UUID]:
    """The sub-processors that are announced and not engaged yet: their windows are running."""
    query = (
        sa.select(Change.subprocessor_id)
        .join(Announcement, Announcement.id == Change.announcement_id)
        .join(Subprocessor, Subprocessor.id == Change.subprocessor_id)
        .where(
            Announcement.phase == Phase.ANNOUNCED,
            Change.kind.in_(COMING),
            Subprocessor.state == dossiers.State.PROPOSED,
        )
    )
    return set(session.scalars(query))


class Running(NamedTuple):
    """An announcement that is under way, and where its cases stand."""

    head: Announcement
    tally: Tally


def running(session: Session, day: date) -> list[Running]:
    """The announcements that are under way, the newest first, in one statement."""
    query = (
        sa.select(Announcement, Case.known, sa.func.count())
        .join(Case, Case.announcement_id == Announcement.id)
        .where(Announcement.phase == Phase.ANNOUNCED)
        .group_by(Announcement.id, Case.known)
        .order_by(Announcement.code.desc())
    )
    alike: dict[Announcement, list[Alike]] = {}
    for head, stored, count in session.execute(query):
        alike.setdefault(head, []).append(Alike(known_of(stored), stored, count))
    return [Running(head, Tally(day, found)) for head, found in alike.items()]


class Unanswered(NamedTuple):
    """An objection that nobody answered yet."""

    objection: Objection
    announcement: Announcement
    name: str


def unanswered(session: Session, most: int) -> list[Unanswered]:
    """The objections under running announcements that wait for an answer, the oldest first."""
    answered = sa.select(Answer.id).where(Answer.objection_id == Objection.id)
    announced = (
        sa.select(Case.announcement_id)
        .where(Case.matter_id == Objection.matter_id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(Objection, Announcement, Controller.name)
        .join(Matter, Matter.id == Objection.matter_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Announcement, Announcement.id == announced)
        .where(~answered.exists(), Announcement.phase == Phase.ANNOUNCED)
        .order_by(Objection.received_on, Objection.id)
        .limit(most)
    )
    return [Unanswered(*row) for row in session.execute(query)]


def cause_of(head: Announcement) -> sa.ColumnElement[bool]:
    """Whether a notice tells of this announcement: the first one, or one that followed."""
    name = audit.name_of(head)
    return sa.func.substr(Notice.cause, 1, len(name)) == name


def left(session: Session, head: Announcement) -> int:
    """How many of its notices may have been read already: a withdrawal tells these recipients."""
    query = (
        sa.select(sa.func.count(sa.distinct(Dispatch.notice_id)))
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(
            cause_of(head),
            Notice.kind.in_(FIRST),
            Dispatch.state.not_in([DispatchState.TO_DO, DispatchState.CANCELLED]),
        )
    )
    return session.scalar(query) or 0


class Way(NamedTuple):
    """How many messages or letters stand where, on one channel."""

    channel: Channel
    state: DispatchState
    number: int


def ways(session: Session, head: Announcement) -> list[Way]:
    """What became of the messages and letters of an announcement, channel by channel."""
    query = (
        sa.select(Dispatch.channel, Dispatch.state, sa.func.count())
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(cause_of(head))
        .group_by(Dispatch.channel, Dispatch.state)
        .order_by(Dispatch.channel, Dispatch.state)
    )
    return [Way(*row) for row in session.execute(query)]


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


def changes_of(session: Session, announcement_id: uuid.UUID) -> Sequence[Change]:
    """The changes of an announcement, in order."""
    query = sa.select(Change).where(Change.announcement_id == announcement_id)
    return session.scalars(query.order_by(Change.position)).all()
