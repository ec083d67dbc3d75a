"""What a link opens: one notice, the contracts told of in it, and what became of them.

Everything here goes from a link to its contracts, never the other way: what is not reached from
the link does not exist for whoever holds it.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from registers.announcements import rules
from registers.announcements.facts import Change as Intended
from registers.announcements.facts import Update
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.queries import changes_of
from registers.announcements.rules import Place, Standing
from registers.announcements.vocabulary import AFTER_THE_FACT, FIRST, ChangeKind, Phase, Topic
from registers.controllers.facts import Terms
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Effect
from registers.kernel import history, pages
from registers.kernel.base import canonical
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Text
from registers.notices import links
from registers.notices.models import Matter, Notice, PortalLink, Receipt
from registers.portal.rules import May, may, told
from registers.subprocessors.facts import Subprocessor as Dossier
from registers.subprocessors.models import Subprocessor

MOST_LISTED = 300
"""As many contracts can be ticked one by one; of more, all are answered for, or one by its page."""
SHOWN_CONTROLLERS = 3


class Tell(NamedTuple):
    """One change, as the notice tells it: of sub-processors, or an update."""

    row: Change
    name: str
    """What it is about: the sub-processor, or the product with its version."""
    intended: Intended | Update
    dossier: Dossier | None
    """None of an update."""
    replaces: str
    """The name of the sub-processor whose place it takes."""


class Opened(NamedTuple):
    """What a link opens."""

    link: PortalLink
    notice: Notice
    about: Notice
    """The notice that told of the changes: another one, where this one reminds of it, withdraws
    it, or tells what became of it."""
    announcement: Announcement
    tells: tuple[Tell, ...]
    urgent: bool
    """Whether early agreements are asked for."""
    zone: str
    """The time zone of its readers: that of the first controller, where they have several."""

    @property
    def topic(self) -> Topic:
        """What the notice is about."""
        return self.announcement.topic

    @property
    def written_on(self) -> date:
        """The day on which the notice was written, where its readers are."""
        return self.notice.created_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def started_on(self) -> date | None:
        """Since when something was at work, where the notice tells that it began too soon."""
        told_day = self.notice.told.get("started_on")
        return date.fromisoformat(told_day) if told_day else None

    @property
    def actor(self) -> str:
        """How the journal names whoever acts with this link."""
        return f"contact:{self.link.id}"

    @property
    def matters(self) -> sa.Select[uuid.UUID]:
        """The contracts told of, as the notice that told of the changes has them."""
        return matters_of(self.notice)


def opened(session: Session, link_id: uuid.UUID, now: datetime) -> Opened:
    """What a link opens.

    Raises:
        NotFound: it opens nothing any more.
    """
    link = links.alive(session, link_id, now)
    notice = session.get_one(Notice, link.notice_id)
    key = uuid.UUID(notice.told["announcement"])
    announcement = session.get_one(Announcement, key)
    about = session.scalar(
        sa.select(Notice)
        .join(Matter, Matter.notice_id == Notice.id)
        .where(Matter.id.in_(matters_of(notice)), Notice.recipient == notice.recipient)
        .order_by(Notice.created_at)
        .limit(1)
    )
    told_of = tuple(_tell(row) for row in changes_of(session, key))
    urgent = history.latest(session, announcement).urgent
    zones = sa.select(sa.func.min(Matter.zone)).where(Matter.notice_id == notice.id)
    zone = session.scalar(zones) or "UTC"
    return Opened(link, notice, about or notice, announcement, told_of, urgent, zone)


def _tell(row: Change) -> Tell:
    if row.update is not None:
        return Tell(row, row.name, row.update, None, "")
    return Tell(
        row,
        row.name,
        msgspec.convert(row.told["change"], Intended),
        Dossier.of(row.told["dossier"]),
        row.told["replaces"],
    )


def matters_of(notice: Notice) -> sa.Select[uuid.UUID]:
    """The matters of a notice that told of changes.

    A notice that reminds of another one, or tells what became of it, has matters of its own: it
    leads to those of the other one, of the same contracts, where receipt and objections are kept.
    """
    if notice.kind in FIRST:
        return sa.select(Matter.id).where(Matter.notice_id == notice.id)
    own = aliased(Matter)
    return (
        sa.select(Matter.id)
        .join(Case, Case.matter_id == Matter.id)
        .join(
            own,
            sa.and_(
                own.contract_id == Matter.contract_id, own.controller_id == Matter.controller_id
            ),
        )
        .where(
            own.notice_id == notice.id,
            Case.announcement_id == uuid.UUID(notice.told["announcement"]),
        )
        .distinct()
    )


def controllers_of(notice: Notice) -> sa.Select[uuid.UUID]:
    """The controllers that a notice is addressed to."""
    return sa.select(Matter.controller_id).where(Matter.notice_id == notice.id)


class Stand(NamedTuple):
    """One change under one contract."""

    tell: Tell
    case: rules.Case
    standing: Standing
    says: Text
    may: May


class Row(NamedTuple):
    """One contract told of, with each change under it."""

    matter: Matter
    controller: Controller
    contract: Contract
    stands: tuple[Stand, ...]
    today: date
    """The present day where the controller is."""

    @property
    def may(self) -> May:
        """What the contact may do about any of the changes."""
        return _any(stand.may for stand in self.stands)


def _any(each: Iterable[May]) -> May:
    found = list(each)
    return May(
        acknowledge=any(one.acknowledge for one in found),
        object=any(one.object for one in found),
        agree=any(one.agree for one in found),
    )


def rows(
    session: Session, seen: Opened, now: datetime, ids: Collection[uuid.UUID] | None = None
) -> list[Row]:
    """The contracts that a link opens, by the names of their controllers.

    Args:
        session: a reading session, or an act's.
        seen: what the link opens.
        now: the present instant.
        ids: which of its matters; None for all.

    Raises:
        NotFound: one of them is none of its matters.
    """
    query = _listed(seen)
    if ids is None:
        return _rows(session, seen, now, session.execute(query).all())
    found: list[Any] = []
    for part in history.parts(list(set(ids))):
        found += session.execute(query.where(Matter.id.in_(part))).all()
    if len(found) != len(set(ids)):
        raise NotFound
    return _rows(session, seen, now, found)


def page(session: Session, seen: Opened, now: datetime, search: str, wanted: Cut) -> Page[Row]:
    """A page of the contracts that a link opens."""
    query = _listed(seen).order_by(None)
    for word in fold(search).split():
        query = query.where(
            sa.or_(contains(Controller.search, word), contains(Contract.search, word))
        )
    cut: Page[Any] = pages.cut(session, query, [Controller.sorted, Matter.id], wanted)
    return Page(_rows(session, seen, now, cut.rows), *cut[1:])


def _listed(seen: Opened) -> "sa.Select[*tuple[Any, ...]]":
    return (
        sa.select(Matter, Controller, Contract)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .where(Matter.id.in_(seen.matters))
        .order_by(Controller.sorted, Matter.id)
    )


def _rows(session: Session, seen: Opened, now: datetime, found: Sequence[Any]) -> list[Row]:
    tells = {each.row.id: each for each in seen.tells}
    stands: dict[uuid.UUID, list[Stand]] = {}
    days = {row[0].id: today(row[0], now) for row in found}
    for part in history.parts(list(days)):
        query = (
            sa.select(Case.matter_id, Case.change_id, Case.known)
            .join(Change, Change.id == Case.change_id)
            .where(Case.matter_id.in_(part))
            .order_by(Change.position)
        )
        for matter_id, change_id, known in session.execute(query):
            case = msgspec.convert(known, rules.Case)
            day = days[matter_id]
            standing, says = told(case, day)
            allowed = may(case, day, urgent=seen.urgent)
            stand = Stand(tells[change_id], case, standing, says, allowed)
            stands.setdefault(matter_id, []).append(stand)
    return [
        Row(matter, controller, contract, tuple(stands.get(matter.id, ())), days[matter.id])
        for matter, controller, contract in found
    ]


def today(matter: Matter, now: datetime) -> date:
    """The present day where the controller is."""
    return now.astimezone(ZoneInfo(matter.zone)).date()


class Last(NamedTuple):
    """The last day of a window, and how many contracts it is that of."""

    ends: date
    contracts: int


class Count(NamedTuple):
    """How many contracts stand alike."""

    standing: Standing
    says: Text
    contracts: int


class Overview(NamedTuple):
    """How the contracts of a link stand together, for its first page."""

    contracts: int
    names: tuple[str, ...]
    """Of the first few controllers."""
    controllers: int
    standing: dict[uuid.UUID, list[Count]]
    """By change, the most frequent first."""
    may: May
    effects: dict[uuid.UUID, Counter[Effect]]
    """By change, what it needs under how many contracts."""


def overview(session: Session, seen: Opened, now: datetime) -> Overview:
    """How the contracts of a link stand together."""
    query = (
        sa.select(Case.change_id, Case.known, Matter.zone, sa.func.count())
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.matter_id.in_(seen.matters))
        .group_by(Case.change_id, Case.known, Matter.zone)
    )
    standing: dict[uuid.UUID, dict[bytes, Count]] = {}
    effects: dict[uuid.UUID, Counter[Effect]] = {}
    every = []
    for change_id, known, zone, count in session.execute(query):
        case = msgspec.convert(known, rules.Case)
        day = now.astimezone(ZoneInfo(zone)).date()
        found, says = told(case, day)
        every.append(may(case, day, urgent=seen.urgent))
        effects.setdefault(change_id, Counter())[case.effect] += count
        alike = standing.setdefault(change_id, {})
        key = canonical([says.source, found.state, found.day, says.parameters])
        before = alike.get(key)
        alike[key] = Count(found, says, count + (before.contracts if before else 0))
    allowed = _any(every)
    if seen.notice.kind in AFTER_THE_FACT:
        allowed = allowed._replace(acknowledge=bool(unacknowledged(session, seen.notice)))
    owners = (
        sa.select(Controller.name)
        .where(Controller.id.in_(controllers_of(seen.notice)))
        .order_by(Controller.sorted, Controller.id)
    )
    counted = sa.select(sa.func.count(), sa.func.count(Matter.controller_id.distinct()))
    contracts, controllers = session.execute(counted.where(Matter.id.in_(seen.matters))).one()
    return Overview(
        contracts=contracts,
        names=tuple(session.scalars(owners.limit(SHOWN_CONTROLLERS))),
        controllers=controllers,
        standing={
            key: sorted(each.values(), key=lambda count: -count.contracts)
            for key, each in standing.items()
        },
        may=allowed,
        effects=effects,
    )


def if_acknowledged(session: Session, seen: Opened, now: datetime) -> list[Last]:
    """The last days of the windows of contracts still to be acknowledged, were it today."""
    query = (
        sa.select(Matter.terms, Matter.calendar, Matter.good_friday, Matter.zone, Case.known)
        .join(Case, Case.matter_id == Matter.id)
        .join(Change, Change.id == Case.change_id)
        .where(
            Matter.id.in_(seen.matters),
            Case.effect == Effect.WINDOW,
            Change.kind != ChangeKind.UPDATE,
        )
        .add_columns(sa.func.count(Matter.id.distinct()))
        .group_by(Matter.terms, Matter.calendar, Matter.good_friday, Matter.zone, Case.known)
    )
    found: Counter[date] = Counter()
    for stored, calendar, good_friday, zone, known, count in session.execute(query):
        day = now.astimezone(ZoneInfo(zone)).date()
        case = msgspec.convert(known, rules.Case)
        if may(case, day).acknowledge:
            ends: Any = rules.window(Terms.of(stored), Place(calendar, zone, good_friday), day).due
            found[max(ends, case.closes_on or ends)] += count
    return [Last(*each) for each in sorted(found.items())]


def not_engaged(
    session: Session, contracts: Collection[uuid.UUID], day: date
) -> dict[uuid.UUID, set[str]]:
    """By contract, the codes of sub-processors that were announced but are not engaged under it.

    They may be at work for others.
    """
    held: dict[uuid.UUID, dict[str, bool]] = {}
    for part in history.parts(list(contracts)):
        query = (
            sa.select(Matter.contract_id, Subprocessor.code, Case.known)
            .join(Case, Case.matter_id == Matter.id)
            .join(Change, Change.id == Case.change_id)
            .join(Subprocessor, Subprocessor.id == Change.subprocessor_id)
            .where(
                Matter.contract_id.in_(part),
                Change.kind.in_((ChangeKind.ADDITION, ChangeKind.REPLACEMENT)),
            )
        )
        for contract_id, code, known in session.execute(query):
            since = msgspec.convert(known, rules.Case).engaged_on
            begun = since is not None and since <= day
            codes = held.setdefault(contract_id, {})
            codes[code] = codes.get(code, False) or begun
    return {
        key: {code for code, begun in codes.items() if not begun} for key, codes in held.items()
    }


def is_over(seen: Opened) -> bool:
    """Whether the announcement was withdrawn, or replaced by another."""
    return seen.announcement.phase in {Phase.WITHDRAWN, Phase.REVISED}


def unacknowledged(session: Session, notice: Notice) -> list[Matter]:
    """The matters of a notice itself of whose receipt nothing is recorded."""
    received = sa.select(Receipt.matter_id).where(Receipt.matter_id == Matter.id)
    query = sa.select(Matter).where(Matter.notice_id == notice.id, ~received.exists())
    return list(session.scalars(query.order_by(Matter.id)))
