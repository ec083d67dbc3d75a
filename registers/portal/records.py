"""What was done with a link, and what else was sent to the same controllers."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

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
    grouped: dict[datetime, list[Receipt]] = {}
    for row in session.scalars(query.order_by(Receipt.recorded_at, Receipt.id)):
        grouped.setdefault(row.recorded_at, []).append(row)
    windows = cases.last_windows(
        session, {row.matter_id for rows in grouped.values() for row in rows}
    )
    return [
        Recorded(
            at,
            "receipt",
            group[0].by_name,
            group[0].by_function,
            len(group),
            tuple(sorted({row.received_on for row in group})),
            ends=_ends(windows[row.matter_id] for row in group if row.matter_id in windows),
        )
        for at, group in grouped.items()
    ]


def _ends(windows: Iterable[Window]) -> tuple[queries.Last, ...]:
    days = Counter(window.closes_on for window in windows)
    return tuple(queries.Last(*each) for each in sorted(days.items()))


def _objections(session: Session, seen: queries.Opened) -> list[Recorded]:
    query = sa.select(Objection).where(
        Objection.author == seen.actor, Objection.matter_id.in_(seen.matters)
    )
    grouped: dict[datetime, list[Objection]] = {}
    for row in session.scalars(query):
        grouped.setdefault(row.recorded_at, []).append(row)
    windows = cases.last_windows(
        session, {row.matter_id for rows in grouped.values() for row in rows}
    )
    return [
        Recorded(
            at,
            "objection",
            group[0].by_name,
            group[0].by_function,
            len({row.matter_id for row in group}),
            tuple(sorted({row.received_on for row in group})),
            group[0].grounds,
            group[0].proof_sha256 is not None,
            late=len({row.matter_id for row in group if is_late(row, windows.get(row.matter_id))}),
        )
        for at, group in grouped.items()
    ]


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
