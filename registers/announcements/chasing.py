"""What has to be chased under an announcement: receipts, windows that close, objections.

Days are business days of each controller's own calendar.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import rules
from registers.announcements.cases import known_of
from registers.announcements.models import Announcement, Case
from registers.announcements.tallies import BY_NAME, RUNNING, Row, Tally, row_of, rows_of
from registers.announcements.vocabulary import Outcome, State
from registers.kernel import calendars, pages
from registers.kernel.pages import Cut, Page
from registers.kernel.words import Named, text
from registers.notices.models import Matter, Notice
from registers.notices.vocabulary import NoticeKind

PATIENCE = 5
"""Business days after which a receipt, or the answer to an objection, is asked for."""

STEPS = (1, 5, 10)
"""Business days before a window closes at which it is looked at again."""

AT_LEAST = timedelta(days=PATIENCE)
"""Fewer days than this can hold no five business days anywhere."""
AT_MOST = timedelta(days=31)
"""No ten business days take longer, whatever the holidays."""

UNPROVEN = (State.AWAITING_RECEIPT, State.PROVISIONAL)


class Why(Named):
    """Why a controller stands on the list to chase."""

    RECEIPT = "receipt", text("Receipt not proven for 5 business days")
    CLOSING = "closing", text("Window closes within 10 business days")
    OBJECTION = "objection", text("Objection unanswered for 5 business days")


class Place(NamedTuple):
    """Whose business days count."""

    calendar: str
    good_friday: bool

    @property
    def days(self) -> calendars.Calendar:
        """The calendar itself."""
        return calendars.calendar(self.calendar, self.good_friday)


def impatient(since: date, place: Place, today: date) -> bool:
    """Whether more than five business days went by since a day."""
    return place.days.count(since, PATIENCE)[0] < today


def closing(closes_on: date, place: Place, today: date) -> int | None:
    """Within how many business days a window closes: 1, 5 or 10; None when later, or over."""
    if closes_on < today:
        return None
    near = (step for step in STEPS if closes_on <= place.days.count(today, step)[0])
    return next(near, None)


def reasons(known: rules.Case, place: Place, today: date) -> dict[Why, date]:
    """Why a case is to be chased, each with the day that it is about."""
    state = rules.standing(known, today).state
    found: dict[Why, date] = {}
    if state in UNPROVEN and known.sent_on and impatient(known.sent_on, place, today):
        found[Why.RECEIPT] = known.sent_on
    if state in RUNNING and known.closes_on and closing(known.closes_on, place, today):
        found[Why.CLOSING] = known.closes_on
    for each in known.objections:
        pending = each.outcome is Outcome.PENDING and state is State.HELD
        if pending and impatient(each.received_on, place, today):
            found.setdefault(Why.OBJECTION, each.received_on)
    return found


@dataclass(frozen=True)
class Chase:
    """What is to be chased of an announcement: the cases that are alike, and why."""

    today: date
    groups: Sequence[tuple[Place, Any, int, dict[Why, date]]]

    @property
    def counts(self) -> Counter[Why]:
        """How many cases for which reason."""
        found: Counter[Why] = Counter()
        for _place, _stored, count, why in self.groups:
            for each in why:
                found[each] += count
        return found

    def total(self, why: Why | None) -> int:
        """How many cases there are to chase, for a reason or for any."""
        return sum(
            count for _, _, count, found in self.groups if found and (why is None or why in found)
        )

    def narrowed(self, why: Why | None) -> sa.ColumnElement[bool]:
        """The condition on cases and matters that are to be chased, for a reason or for any."""
        texts: dict[Place, list[Any]] = {}
        for place, stored, _count, found in self.groups:
            if found and (why is None or why in found):
                texts.setdefault(place, []).append(stored)
        return sa.or_(
            sa.false(),
            *(
                sa.and_(
                    Matter.calendar == place.calendar,
                    Matter.good_friday == place.good_friday,
                    Case.known.in_(stored),
                )
                for place, stored in texts.items()
            ),
        )


def to_chase(session: Session, heads: Sequence[Announcement], counted: Tally) -> Chase:
    """What is to be chased of announcements; counted with `tally` of the same ones."""
    today = counted.day
    candidates = [
        each.stored for each, found in counted.standings if _may_be(each.known, found.state, today)
    ]
    if not candidates:
        return Chase(today, ())
    query = (
        sa.select(Case.known, Matter.calendar, Matter.good_friday, sa.func.count())
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.announcement_id.in_([head.id for head in heads]), Case.known.in_(candidates))
        .group_by(Case.known, Matter.calendar, Matter.good_friday)
    )
    return Chase(today, list(_groups(session.execute(query), today)))


def _groups(rows: Iterable[Any], today: date) -> Iterator[tuple[Place, Any, int, dict[Why, date]]]:
    for stored, calendar, good_friday, count in rows:
        place = Place(calendar, good_friday)
        why = reasons(known_of(stored), place, today)
        if why:
            yield place, stored, count, why


def _may_be(known: rules.Case, state: State, today: date) -> bool:
    """Whether some calendar could make a case one to chase: most are passed over so."""
    unproven = state in UNPROVEN and known.sent_on is not None
    near = state in RUNNING and known.closes_on is not None
    return (
        (unproven and known.sent_on is not None and known.sent_on + AT_LEAST <= today)
        or (near and known.closes_on is not None and today <= known.closes_on <= today + AT_MOST)
        or (state is State.HELD)
    )


class Chased(NamedTuple):
    """A row of the list to chase."""

    row: Row
    why: dict[Why, date]
    place: Place


def rows(
    session: Session, head: Announcement, chase: Chase, why: Why | None, wanted: Cut
) -> Page[Chased]:
    """A page of the controllers to chase, by name."""
    query = rows_of(head.id, chase.total(why)).add_columns(Matter.calendar, Matter.good_friday)
    query = query.where(chase.narrowed(why))
    page = pages.cut(session, query, BY_NAME, wanted, total=lambda: chase.total(why))
    found = []
    for row in page.rows:
        place = Place(*row[-2:])
        each = row_of(row[:-2], chase.today)
        found.append(Chased(each, reasons(each.known, place, chase.today), place))
    return Page(found, *page[1:])


def matters(session: Session, head: Announcement, chase: Chase, why: Why) -> set[uuid.UUID]:
    """The matters to chase for a reason."""
    query = (
        sa.select(Case.matter_id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.announcement_id == head.id, chase.narrowed(why))
    )
    return set(session.scalars(query))


class Reminded(NamedTuple):
    """How often an announcement was reminded of, and when last."""

    notices: int
    last: Any


def reminded(session: Session, head: Announcement) -> Reminded:
    """The reminders that were written so far."""
    prefix = f"announcement:{head.id}:"
    query = sa.select(sa.func.count(), sa.func.max(Notice.created_at)).where(
        Notice.kind == NoticeKind.REMINDER,
        sa.func.substr(Notice.cause, 1, len(prefix)) == prefix,
    )
    count, last = session.execute(query).one()
    return Reminded(count, last)
