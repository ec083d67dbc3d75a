"""The two gauges of each affected contract: informed, and formalities complete.

Both are worked out anew from the evidence whenever a notice leaves or is received, or something
told by hand is recorded, and never typed. Evidence of which only the day is known counts
prudently: as the end of that day.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import hand_records
from registers.breaches.hand_records import CHANNELS
from registers.breaches.models import Affected
from registers.breaches.rules import Gauges
from registers.controllers import queries as controllers
from registers.controllers.vocabulary import Channel
from registers.kernel import calendars, history
from registers.kernel.act import Act
from registers.kernel.periods import midnight_after
from registers.notices import dossiers
from registers.notices.models import Dispatch, Matter, Notice, Posted
from registers.notices.vocabulary import BY_POST, DispatchState, Evidence, NoticeKind, PostalEvent

INFORMING = (NoticeKind.BREACH, NoticeKind.BREACH_MORE, NoticeKind.BREACH_CLOSING)
"""Notices with all that is known of Art. 33(3): whichever leaves first informs."""

LEFT = frozenset({DispatchState.SENT, DispatchState.UNCERTAIN, DispatchState.DELIVERED})


class Way(NamedTuple):
    """A channel that was taken, and when at the latest."""

    channel: Channel | None
    """None: a call or a visit, which takes no channel of a contract, however useful."""
    at: datetime
    informs: bool = True
    """Whether the minimum was said."""


def gauges(
    demanded: Iterable[Channel], ways: Sequence[Way], received: Iterable[datetime]
) -> Gauges:
    """Both gauges of a contract.

    Args:
        demanded: the channels of its terms.
        ways: those that were taken, each time.
        received: the instants by which a receipt is proven: whoever received it is informed.
    """
    informed_at = min([*(way.at for way in ways if way.informs), *received], default=None)
    first: dict[Channel, datetime] = {}
    for way in ways:
        if way.channel is not None:
            first[way.channel] = min(way.at, first.get(way.channel, way.at))
    # what stands on the portal is there with the notice itself
    asked = set(demanded) - {Channel.PORTAL}
    if informed_at is None or not asked <= set(first):
        return Gauges(informed_at, None)
    return Gauges(informed_at, max([*(first[each] for each in asked), informed_at]))


def end_of(day: date, zone: str, recorded_at: datetime) -> datetime:
    """The end of a day of which no hour is known; at the latest when it was recorded."""
    return min(midnight_after(day, ZoneInfo(zone)), recorded_at)


def told_left(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a dispatch: the gauges move."""
    _refresh(act, matters)


def told_received(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a receipt: who received a notice is informed, however it came."""
    _refresh(act, matters)


Key = tuple[uuid.UUID, uuid.UUID, uuid.UUID | None]
"""A breach, a controller, and its contract where there is one."""


def _refresh(act: Act, matters: Collection[uuid.UUID]) -> None:
    for part in history.parts(list(matters)):
        touched = _keys(act.session, part)
        query = sa.select(Affected).where(
            Affected.breach_id.in_({key[0] for key in touched}),
            Affected.controller_id.in_({key[1] for key in touched}),
        )
        rows = act.session.scalars(query.with_for_update())
        refresh(act, [row for row in rows if _key(row) in touched])


def refresh(act: Act, rows: Sequence[Affected]) -> None:
    """Works the gauges of these contracts out anew, from everything that shows they were told."""
    found = _known(act, {_key(row) for row in rows})
    by_hand = hand_records.counting(act.session, [row.id for row in rows])
    for row in rows:
        ways, received = found[_key(row)]
        ways += [
            Way(CHANNELS.get(each.way), each.counts_from, each.minimum)
            for each in by_hand.get(row.id, ())
        ]
        asked = [Channel(each) for each in row.channels]
        row.informed_at, row.complete_at = gauges(asked, ways, received)
    act.session.flush()


def _key(row: Affected) -> Key:
    return row.breach_id, row.controller_id, row.contract_id


def _keys(session: Session, matters: Collection[uuid.UUID]) -> set[Key]:
    query = (
        sa.select(Notice.told, Matter.controller_id, Matter.contract_id)
        .join(Matter, Matter.notice_id == Notice.id)
        .where(Matter.id.in_(matters))
    )
    return {(uuid.UUID(row[0]["breach"]), row[1], row[2]) for row in session.execute(query)}


def _known(act: Act, touched: set[Key]) -> dict[Key, tuple[list[Way], list[datetime]]]:
    """What shows that contracts were told: the ways taken, the receipts."""
    session = act.session
    found: dict[Key, tuple[list[Way], list[datetime]]] = {key: ([], []) for key in touched}
    query = (
        sa.select(Matter, Notice.told)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(
            Matter.controller_id.in_({key[1] for key in touched}),
            Notice.kind.in_(INFORMING),
            Notice.withdrawn_at.is_(None),
        )
    )
    keys = {
        row[0].id: (row[0], (uuid.UUID(row[1]["breach"]), row[0].controller_id, row[0].contract_id))
        for row in session.execute(query)
    }
    mine = {matter.id: (matter, key) for matter, key in keys.values() if key in found}
    receipts = dossiers.proven(session, list(mine))
    ways = _ways(session, {matter.notice_id for matter, _ in mine.values()}, _own_zone(act))
    for matter, key in mine.values():
        found[key][0].extend(
            way
            for owner, way in ways.get(matter.notice_id, ())
            if owner is None or owner == matter.controller_id
        )
        found[key][1].extend(
            each.row.recorded_at
            if each.row.evidence is Evidence.PORTAL
            else end_of(each.row.received_on, matter.zone, each.row.recorded_at)
            for each in receipts.get(matter.id, ())
            if each.holds
        )
    return found


def _own_zone(act: Act) -> str:
    """Where letters are posted."""
    ours = controllers.organisation_facts(act.session, act.now.date())
    return calendars.zone_of(ours.calendar if ours else "FR")


def _ways(
    session: Session, notices: Collection[uuid.UUID], zone: str
) -> Mapping[uuid.UUID, list[tuple[uuid.UUID | None, Way]]]:
    """The ways that were taken, by notice, each with the controller that it is the letter of."""
    rows = list(session.scalars(sa.select(Dispatch).where(Dispatch.notice_id.in_(notices))))
    letters = [row.id for row in rows if row.channel in BY_POST]
    events = dossiers.events(session, letters) if letters else {}
    found: dict[uuid.UUID, list[tuple[uuid.UUID | None, Way]]] = {}
    for row in rows:
        way = _way(row, events.get(row.id, ()), zone)
        if way is not None:
            found.setdefault(row.notice_id, []).append((row.controller_id, way))
    return found


def _way(row: Dispatch, events: Sequence[Posted], zone: str) -> Way | None:
    """A way as it was taken: a letter once its deposit is proven, whatever became of it then."""
    deposits = [each for each in events if each.event is PostalEvent.DEPOSITED]
    if deposits:
        ends = (end_of(each.happened_on, zone, each.recorded_at) for each in deposits)
        return Way(row.channel, min(ends))
    if row.state in LEFT and row.sent_at is not None:
        return Way(row.channel, row.sent_at)
    return None
