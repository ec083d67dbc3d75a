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

from registers.announcements import cases, rules
from registers.announcements.engaging import AGREED
from registers.announcements.facts import Change as Intended
from registers.announcements.facts import Update
from registers.announcements.models import Announcement, Case, Change, Objection, Window
from registers.announcements.queries import changes_of
from registers.announcements.rules import Place, Standing
from registers.announcements.vocabulary import AFTER_THE_FACT, FIRST, ChangeKind, Phase, Topic
from registers.controllers.facts import Terms
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Effect
from registers.kernel import audit, calendars, history, pages
from registers.kernel.base import canonical
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.periods import Period, Step, Unit, steps
from registers.kernel.words import Text
from registers.notices import links
from registers.notices.models import Matter, Notice, PortalLink, Receipt
from registers.notices.vocabulary import Evidence, NoticeKind
from registers.portal.rules import May, may, told
from registers.subprocessors.facts import Subprocessor as Dossier
from registers.subprocessors.models import Subprocessor

MOST_LISTED = 300
"""As many contracts can be ticked one by one; of more, all are answered for, or one by its page."""
MOST_PAST = 100
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


class Counted(NamedTuple):
    """A window with its explanation."""

    window: Window
    days: tuple[Step, ...]
    """Day by day; empty where the calendar's data have changed since it was counted."""


def counted(session: Session, matter: Matter) -> Counted | None:
    """How the window of a contract was counted; None as long as none is open."""
    window = cases.last_windows(session, [matter.id]).get(matter.id)
    if window is None:
        return None
    how = window.count
    calendar = calendars.calendar(how["calendar"], how["good_friday"])
    if how["amount"] is None:  # not by days: beyond this day nobody may object any more
        return Counted(window, ())
    period = Period(how["amount"], Unit(how["unit"]))
    start = date.fromisoformat(how["from"]) if "from" in how else window.received_on
    days = tuple(steps(period, start, calendar))
    # the count that was told is frozen: it is shown as it was, or not at all
    same = days[-1].day.isoformat() == how["counted_to"]
    return Counted(window, days if same else ())


class Said(NamedTuple):
    """An objection, and what became of it."""

    row: Objection
    refusal: rules.Objection
    about: Tell | None
    late: bool


class Dossiers(NamedTuple):
    """All that was recorded of one contract told of."""

    row: Row
    receipts: list[Receipt]
    counted: Counted | None
    objections: list[Said]


def dossier(session: Session, seen: Opened, matter_id: uuid.UUID, now: datetime) -> Dossiers:
    """One contract that a link opens.

    Raises:
        NotFound: it opens none of this identifier.
    """
    (row,) = rows(session, seen, now, [matter_id])
    receipts = (
        sa.select(Receipt)
        .where(Receipt.matter_id == matter_id)
        .order_by(Receipt.recorded_at, Receipt.id)
    )
    found = counted(session, row.matter)
    tells = {each.row.id: each for each in seen.tells}
    said = [
        Said(
            each,
            refusal,
            tells[each.change_id] if each.change_id else None,
            found is not None and not refusal.in_time(found.window.closes_on),
        )
        for each, refusal in cases.objections_of(session, [matter_id]).get(matter_id, ())
    ]
    corrected = sa.select(Receipt.corrects_id).where(Receipt.matter_id == matter_id)
    gone = set(session.scalars(corrected))
    kept = [each for each in session.scalars(receipts) if each.id not in gone]
    return Dossiers(row, kept, found, said)


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
    ends: tuple[Last, ...] = ()
    """Of a receipt: the last days of the windows that hold since."""
    late: int = 0
    """For how many contracts an objection came after the last day."""


def recorded(session: Session, seen: Opened) -> list[Recorded]:
    """What was done with a link, the newest first."""
    found = [*_receipts(session, seen), *_objections(session, seen), *_agreements(session, seen)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _receipts(session: Session, seen: Opened) -> list[Recorded]:
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


def _ends(windows: Iterable[Window]) -> tuple[Last, ...]:
    days = Counter(window.closes_on for window in windows)
    return tuple(Last(*each) for each in sorted(days.items()))


def _objections(session: Session, seen: Opened) -> list[Recorded]:
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


def is_late(row: Objection, window: Window | None) -> bool:
    """Whether an objection came after the last day of the window."""
    refusal = rules.Objection(row.received_on, row.posted_on)
    return window is not None and not refusal.in_time(window.closes_on)


def _agreements(session: Session, seen: Opened) -> list[Recorded]:
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


def _within(seen: Opened) -> sa.Select[uuid.UUID]:
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


def past(session: Session, seen: Opened) -> list[Past]:
    """The notices that were sent to the controllers of a link, the newest first."""
    owners = controllers_of(seen.notice)
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
