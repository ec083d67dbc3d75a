"""What was done with a link, and what else was sent to the same controllers."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import cases
from registers.announcements.engaging import AGREED
from registers.announcements.models import Announcement, Objection, Window
from registers.announcements.queries import changes_of
from registers.kernel import audit
from registers.notices.models import Matter, Notice, Receipt
from registers.notices.vocabulary import Evidence, NoticeKind
from registers.portal import queries
from registers.portal.dossiers import is_late

MOST_PAST = 100

T = TypeVar("T", Receipt, Objection)


class Recorded(NamedTuple):
    """Something that was done with a link, at one moment."""

    at: datetime
    what: str
    """`receipt`, `objection` or `agreement`."""
    name: str
    function: str
    contracts: int
    """How many it was done for."""
    days: tuple[date, ...]
    """The local days as which it counts."""
    grounds: str = ""
    document: bool = False
    ends: tuple[queries.Last, ...] = ()
    """Of a receipt: the last days of the windows that hold since."""
    late: int = 0
    """For how many contracts an objection came after the last day."""


def recorded(session: Session, seen: queries.Opened) -> list[Recorded]:
    """What was done with a link, the newest first."""
    found = [*_receipts(session, seen), *_objections(session, seen), *_agreements(session, seen)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _receipts(session: Session, seen: queries.Opened) -> list[Recorded]:
    query = sa.select(Receipt).where(
        Receipt.author == seen.actor,
        Receipt.evidence == Evidence.PORTAL,
        Receipt.matter_id.in_(_within(seen)),
    )
    return [
        Recorded(
            group.at,
            "receipt",
            group.rows[0].by_name,
            group.rows[0].by_function,
            len(group.rows),
            group.days,
            ends=group.ends,
        )
        for group in _at_once(session, session.scalars(query))
    ]


def _objections(session: Session, seen: queries.Opened) -> list[Recorded]:
    query = sa.select(Objection).where(
        Objection.author == seen.actor, Objection.matter_id.in_(seen.matters)
    )
    return [
        Recorded(
            group.at,
            "objection",
            group.rows[0].by_name,
            group.rows[0].by_function,
            len({row.matter_id for row in group.rows}),
            group.days,
            group.rows[0].grounds,
            group.rows[0].proof_sha256 is not None,
            late=len(
                {
                    row.matter_id
                    for row in group.rows
                    if is_late(row, group.windows.get(row.matter_id))
                }
            ),
        )
        for group in _at_once(session, session.scalars(query))
    ]


class _Group(NamedTuple, Generic[T]):
    """What was recorded in one act, for several contracts."""

    at: datetime
    rows: list[T]
    windows: Mapping[uuid.UUID, Window]
    """The last window of each matter that has one."""

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(sorted({row.received_on for row in self.rows}))

    @property
    def ends(self) -> tuple[queries.Last, ...]:
        """The last days of the windows that hold for them."""
        found = (self.windows[row.matter_id] for row in self.rows if row.matter_id in self.windows)
        days = Counter(window.closes_on for window in found)
        return tuple(queries.Last(*each) for each in sorted(days.items()))


def _at_once(session: Session, found: Iterable[T]) -> list[_Group[T]]:
    """What was recorded, by the instant of its act."""
    grouped: dict[datetime, list[T]] = {}
    for row in sorted(found, key=lambda row: (row.recorded_at, row.id)):
        grouped.setdefault(row.recorded_at, []).append(row)
    matters = {row.matter_id for rows in grouped.values() for row in rows}
    windows = cases.last_windows(session, matters)
    return [_Group(at, rows, windows) for at, rows in grouped.items()]


def _agreements(session: Session, seen: queries.Opened) -> list[Recorded]:
    query = (
        sa.select(audit.Entry, audit.EntryValues.content)
        .join(audit.EntryValues, audit.EntryValues.id == audit.Entry.values_id, isouter=True)
        .where(audit.Entry.kind == AGREED.name, audit.Entry.actor == seen.actor)
    )
    grouped: dict[datetime, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {}
    for entry, content in session.execute(query):
        values = msgspec.json.decode(content) if content else {}
        facts = msgspec.json.decode(entry.facts)
        grouped.setdefault(entry.moment, []).append((entry.about, facts, values))
    return [
        Recorded(
            at,
            "agreement",
            group[0][2].get("by", ""),
            group[0][2].get("function", ""),
            len({facts["matter"] for _about, facts, _values in group}),
            tuple(sorted({date.fromisoformat(facts["agreed_on"]) for _, facts, _ in group})),
        )
        for at, group in grouped.items()
    ]


def _within(seen: queries.Opened) -> sa.Select[uuid.UUID]:
    own = sa.select(Matter.id).where(Matter.notice_id == seen.notice.id)
    return sa.select(Matter.id).where(sa.or_(Matter.id.in_(seen.matters), Matter.id.in_(own)))


class Past(NamedTuple):
    """A notice to the same controllers, as far as it was about them."""

    number: str
    kind: NoticeKind
    sent_on: date
    subprocessors: tuple[str, ...]
    contracts: int
    withdrawn: bool
    present: bool
    """Whether it is the one that the link opens."""


def past(session: Session, seen: queries.Opened) -> list[Past]:
    """The notices that were sent to the controllers of a link, the newest first."""
    owners = queries.controllers_of(seen.notice)
    sent = sa.func.min(Matter.sent_on)
    query = (
        sa.select(Matter.notice_id, sent, sa.func.count(Matter.id))
        .join(Notice, Notice.id == Matter.notice_id)
        .where(
            Matter.controller_id.in_(owners),
            Matter.sent_on.is_not(None),
            Notice.cause.startswith(f"{Announcement.__tablename__}:"),
        )
        .group_by(Matter.notice_id)
        .order_by(sent.desc(), Matter.notice_id)
        .limit(MOST_PAST)
    )
    told_on = {row[0]: (row[1], row[2]) for row in session.execute(query) if row[1]}
    them = sa.select(Notice).where(Notice.id.in_(told_on))
    notices = {row.id: row for row in session.scalars(them)}
    names: dict[uuid.UUID, tuple[str, ...]] = {}
    for key in {uuid.UUID(row.told["announcement"]) for row in notices.values()}:
        names[key] = tuple(row.name for row in changes_of(session, key))
    return [
        Past(
            number=notices[key].number,
            kind=notices[key].kind,
            sent_on=day,
            subprocessors=names[uuid.UUID(notices[key].told["announcement"])],
            contracts=count,
            withdrawn=notices[key].withdrawn_at is not None,
            present=key == seen.notice.id,
        )
        for key, (day, count) in told_on.items()
    ]
