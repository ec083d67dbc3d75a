"""What was told by hand, while this program or the mail was what was hit: entered afterwards.

A telephone call at night informs a controller; it is no registered letter. So each record says by
which way, when, to whom, whether the minimum was said, and what proves it. What is known only by
its day proves the day: the gauges take its end, the later instant, and the page says so.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.breaches.models import Affected, Breach
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import Named, text
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import BY_POST
from registers.notices.vocabulary import DispatchState, NoticeKind
from registers.people.roles import Permission

TOLD = audit.kind(
    "breach.by_hand", text("Told by hand"), "way", "happened_on", "exact", "minimum", "contracts"
)
TAKEN_BACK = audit.kind("breach.by_hand_error", text("Record of a notice by hand was wrong"))


class HandWay(Named):
    """How somebody was told."""

    TELEPHONE = "telephone", text("Telephone")
    EMAIL = "email", text("E-mail from another system")
    REGISTERED = "registered", text("Registered letter, deposited")
    ELECTRONIC = "electronic", text("Electronic registered letter, deposited")
    IN_PERSON = "in_person", text("In person")


CHANNELS = {
    HandWay.EMAIL: Channel.EMAIL,
    HandWay.REGISTERED: Channel.REGISTERED_LETTER,
    HandWay.ELECTRONIC: Channel.ELECTRONIC_REGISTERED,
}
"""Which channel of a contract is taken so; a call or a visit takes none, however useful."""


class ToldByHand(Keyed, Base):
    """That a controller was told for a contract without this program."""

    __tablename__ = "breach_by_hand"
    regime = Regime.LEDGER

    breach_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach.id"), index=True)
    affected_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("breach_affected.id"), index=True)
    way: Mapped[HandWay]
    whom: Mapped[str]
    happened_on: Mapped[date]
    """The local day in `zone`."""
    at: Mapped[datetime | None]
    """The instant; None: only the day is proven."""
    zone: Mapped[str]
    minimum: Mapped[bool]
    """Whether what happened to the data was said, so that the controller is informed."""
    note: Mapped[str]
    proof_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("breach_by_hand.id"), unique=True
    )
    """The record that was wrong: neither counts any more, and `note` says why."""

    @property
    def counts_from(self) -> datetime:
        """The instant that the gauges take."""
        return self.at or min(end_of(self.happened_on, self.zone), self.recorded_at)


def end_of(day: date, zone: str) -> datetime:
    """The instant at which a local day is over."""
    after = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return after.astimezone(UTC)


class Hand(NamedTuple):
    """What somebody did by hand."""

    way: HandWay
    whom: str
    happened_on: date
    at: datetime | None
    zone: str
    minimum: bool = True
    note: str = ""
    content: bytes | None = None
    """The proof."""


def checked(hand: Hand, now: datetime) -> Hand:
    """What can be recorded.

    Raises:
        Invalid: it is still to come, nobody is named, or nothing says how it is known.
    """
    if not hand.whom.strip():
        raise Invalid(text("Say who was told."), "whom")
    if hand.at is not None and hand.at > now:
        raise Invalid(text("This time is still to come."), "at")
    if hand.happened_on > now.astimezone(ZoneInfo(hand.zone)).date():
        raise Invalid(text("This day is still to come."), "on")
    if hand.content is None and not hand.note.strip():
        raise Invalid(text("Add what proves it, or say how it is known."), "note")
    return hand


def record(act: Act, breach_id: uuid.UUID, ids: Collection[uuid.UUID], hand: Hand) -> int:
    """Records that controllers were told by hand, each for its contract; moves their gauges.

    Gives how many.

    Raises:
        Invalid: see `checked`.
        NotFound: one of them is not affected by this breach.
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    hand = checked(hand, act.now)
    rows = _affected(act, head, ids)
    proof = act.files.put(act.session, hand.content) if hand.content else None
    act.session.add_all(
        ToldByHand(
            breach_id=head.id,
            affected_id=row.id,
            way=hand.way,
            whom=hand.whom,
            happened_on=hand.happened_on,
            at=hand.at,
            zone=hand.zone,
            minimum=hand.minimum,
            note=hand.note,
            proof_sha256=proof,
            recorded_at=act.now,
            author=act.actor.reference,
        )
        for row in rows
    )
    act.session.flush()
    _gauge(act, head, rows)
    act.log(
        TOLD,
        head,
        values={"whom": hand.whom, "note": hand.note, "contracts": [str(row.id) for row in rows]},
        way=hand.way,
        happened_on=hand.happened_on,
        exact=hand.at is not None,
        minimum=hand.minimum,
        contracts=len(rows),
    )
    return len(rows)


def take_back(act: Act, record_id: uuid.UUID, why: str) -> None:
    """Records that a record was wrong: it stays, and counts no more.

    Raises:
        Invalid: there is no reason.
        Conflict: that was said already.
    """
    act.require(Permission.BREACHES_NOTIFY)
    wrong = act.session.get(ToldByHand, record_id)
    if wrong is None:
        raise NotFound
    if not why.strip():
        raise Invalid(text("Say why the former record was wrong."), "why")
    said = sa.select(ToldByHand.id).where(ToldByHand.corrects_id == record_id)
    if wrong.corrects_id is not None or act.session.scalar(said) is not None:
        raise Conflict(text("This record was corrected already."))
    head = act.take(Breach, wrong.breach_id)
    act.session.add(
        ToldByHand(
            breach_id=head.id,
            affected_id=wrong.affected_id,
            way=wrong.way,
            whom=wrong.whom,
            happened_on=wrong.happened_on,
            at=wrong.at,
            zone=wrong.zone,
            minimum=False,
            note=why,
            recorded_at=act.now,
            author=act.actor.reference,
            corrects_id=wrong.id,
        )
    )
    act.session.flush()
    _gauge(act, head, _affected(act, head, [wrong.affected_id]))
    act.log(TAKEN_BACK, head, values={"why": why, "record": str(wrong.id)})


def _affected(act: Act, head: Breach, ids: Collection[uuid.UUID]) -> list[Affected]:
    rows: list[Affected] = []
    for part in history.parts(list(ids)):
        query = sa.select(Affected).where(Affected.id.in_(part), Affected.breach_id == head.id)
        rows += act.session.scalars(query.with_for_update())
    if not rows or len(rows) != len(set(ids)):
        raise NotFound
    return rows


class Taken(NamedTuple):
    """That something left, or was said."""

    channel: Channel | None
    at: datetime
    informs: bool


class Gauges(NamedTuple):
    """How far the duty towards one contract is done."""

    informed_at: datetime | None
    complete_at: datetime | None


def gauges(taken: Sequence[Taken], demanded: Collection[Channel]) -> Gauges:
    """Informed by the first that had the minimum; complete once every channel was taken.

    A controller that was never informed is never complete.
    """
    informed = min((each.at for each in taken if each.informs), default=None)
    first = {
        channel: min((each.at for each in taken if each.channel is channel), default=None)
        for channel in set(demanded) - {Channel.PORTAL}
    }
    whole = [at for at in first.values() if at is not None]
    if informed is None or len(whole) < len(first):
        return Gauges(informed, None)
    return Gauges(informed, max([*whole, informed]))


def _gauge(act: Act, head: Breach, rows: Sequence[Affected]) -> None:
    ids = [row.id for row in rows]
    by_hand = counting(act.session, ids)
    notices = _dispatched(act.session, head, {row.controller_id for row in rows})
    for row in rows:
        taken = [
            Taken(CHANNELS.get(each.way), each.counts_from, each.minimum)
            for each in by_hand.get(row.id, ())
        ]
        taken += notices.get((row.controller_id, row.contract_id), ())
        found = gauges(taken, {Channel(each) for each in row.channels})
        row.informed_at, row.complete_at = found
    act.session.flush()


def counting(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[ToldByHand]]:
    """What was told by hand and still counts, by affected contract, the first record first."""
    found: dict[uuid.UUID, list[ToldByHand]] = {}
    for row in all_of(session, ids):
        if row.corrects_id is None and not row.wrong:
            found.setdefault(row.row.affected_id, []).append(row.row)
    return found


class Shown(NamedTuple):
    """A record, and whether another one says that it was wrong."""

    row: ToldByHand
    wrong: str
    """Why; empty where it counts."""

    @property
    def corrects_id(self) -> uuid.UUID | None:
        """The record that this one is a correction of."""
        return self.row.corrects_id


def all_of(session: Session, ids: Collection[uuid.UUID]) -> list[Shown]:
    """All records about some affected contracts, the first one first."""
    rows: list[ToldByHand] = []
    for part in history.parts(list(ids)):
        query = sa.select(ToldByHand).where(ToldByHand.affected_id.in_(part))
        rows += session.scalars(query.order_by(ToldByHand.recorded_at, ToldByHand.id))
    wrong = {row.corrects_id: row.note for row in rows if row.corrects_id}
    return [Shown(row, wrong.get(row.id, "")) for row in rows]


def _dispatched(
    session: Session, head: Breach, owners: Collection[uuid.UUID]
) -> dict[tuple[uuid.UUID, uuid.UUID | None], list[Taken]]:
    """What left of the first notices, by controller and contract; it may have come back since."""
    found: dict[tuple[uuid.UUID, uuid.UUID | None], list[Taken]] = {}
    for part in history.parts(list(owners)):
        query = (
            sa.select(Matter, Dispatch)
            .join(Notice, Notice.id == Matter.notice_id)
            .join(Dispatch, Dispatch.notice_id == Notice.id)
            .where(
                Notice.cause.startswith(f"{audit.name_of(head)}:"),
                Notice.kind == NoticeKind.BREACH,
                Matter.controller_id.in_(part),
                Dispatch.state != DispatchState.CANCELLED,
            )
        )
        for matter, way in session.execute(query):
            if way.channel in BY_POST and way.controller_id != matter.controller_id:
                continue
            key = (matter.controller_id, matter.contract_id)
            if way.sent_at is not None:
                left = Taken(way.channel, way.sent_at, informs=True)
                found.setdefault(key, []).append(left)
    return found


def channels(session: Session, affected_id: uuid.UUID) -> set[Channel]:
    """The channels that were taken by hand for a contract."""
    told = counting(session, [affected_id]).get(affected_id, [])
    return {CHANNELS[each.way] for each in told if each.way in CHANNELS}


def proofs_of(session: Session, head: Breach) -> set[str]:
    """The digests of what proves what was told by hand of a breach."""
    query = sa.select(ToldByHand.proof_sha256).where(ToldByHand.breach_id == head.id)
    return {digest for digest in session.scalars(query) if digest}
