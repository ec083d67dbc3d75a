"""What happens to notices: they are written, leave, arrive; and what proves it.

A notice belongs to another subject, which tells what it says; what follows there upon a dispatch
or a receipt happens in the same act (`Act.follow`).
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history, outbox, references
from registers.kernel.act import Act
from registers.kernel.base import insert_many
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import copies
from registers.notices.models import (
    Dispatch,
    Matter,
    Notice,
    PortalLink,
)
from registers.notices.vocabulary import (
    DispatchState,
    NoticeKind,
)
from registers.people.roles import Permission

SERIES = "NT"
"""How the numbers of notices begin."""

PREPARE = outbox.kind("notice.prepare")
"""Work of the outbox: typeset, seal and write a notice."""
SEND = outbox.kind("notice.send")
"""Work of the outbox: send a dispatch by e-mail."""

WRITTEN = audit.kind("notice.written", text("Notice written"), "number", "kind", "contracts")
TYPESET = audit.kind("notice.prepared", text("Notice typeset and sealed"), "papers", "messages")
SENT = audit.kind("notice.sent", text("Notice sent"), "channel", "uncertain", "message")
FAILED = audit.kind("notice.failed", text("Notice could not be sent"), "channel")
CANCELLED = audit.kind("notice.cancelled", text("Notice not sent any more"))
AGAIN = audit.kind("notice.again", text("Notice sent again"), "channel")


class Concerned(NamedTuple):
    """A contract to tell of."""

    controller_id: uuid.UUID
    contract_id: uuid.UUID | None
    terms: dict[str, Any]
    calendar: str
    good_friday: bool
    zone: str


class Way(NamedTuple):
    """A channel to take: an address; for letters a controller's."""

    channel: Channel
    address: str
    controller_id: uuid.UUID | None = None


class Wanted(NamedTuple):
    """A notice to write."""

    kind: NoticeKind
    cause: str
    recipient: str
    name: str
    email: str
    language: str
    told: dict[str, Any]
    concerned: Sequence[Concerned]
    ways: Sequence[Way]


class Written(NamedTuple):
    """A notice that was written, with its matters in the order of the contracts."""

    id: uuid.UUID
    number: str
    matters: list[uuid.UUID]


def write(
    act: Act,
    wanted: Sequence[Wanted],
    within: Any,
    day: date,
    *,
    left_at: datetime | None = None,
    author: str = "",
    series: str = SERIES,
) -> list[Written]:
    """Writes notices, one or ten thousand; they leave after the act.

    Args:
        act: its permission was required by whoever tells something.
        wanted: what to write.
        within: the dossier to which the journal counts them.
        day: in whose year they are numbered.
        left_at: of notices that had left before this installation kept them, when that was:
            they are recorded, and nothing leaves.
        author: on whose word they are written, where that is not whoever acts.
        series: how their numbers begin; those of exercises leave no gap in the real ones.
    """
    numbers = references.take(act, series, day, len(wanted))
    done: list[Written] = []
    notices: list[dict[str, Any]] = []
    matters: list[dict[str, Any]] = []
    ways: list[dict[str, Any]] = []
    work: list[outbox.Wanted] = []
    for number, each in zip(numbers, wanted, strict=True):
        done.append(Written(uuid.uuid4(), number, [uuid.uuid4() for _ in each.concerned]))
    former = _copies(act, wanted, done) if left_at is None else {}
    for written, each in zip(done, wanted, strict=True):
        number = written.number
        notices.append(_notice(each, written, left_at or act.now, author or act.actor.reference))
        matters += [
            {"id": key, "notice_id": written.id, **about._asdict(), **_sent(about, left_at)}
            for key, about in zip(written.matters, each.concerned, strict=True)
        ]
        stands = {"state": DispatchState.SENT, "sent_at": left_at} if left_at else _TO_DO
        also = former.get(written.id, [])
        ways += [
            {
                "id": uuid.uuid4(),
                "notice_id": written.id,
                "said": "",
                "number": "",
                "copy": at >= len(each.ways),
                **way._asdict(),
                **stands,
            }
            for at, way in enumerate([*each.ways, *also])
        ]
        name = f"notice:{written.id}"
        if left_at is None:
            work.append(outbox.Wanted(PREPARE, f"{name}:prepare", name, act.now))
        act.log(
            WRITTEN,
            name,
            within=within,
            number=number,
            kind=each.kind,
            contracts=len(each.concerned),
        )
    for model, rows in ((Notice, notices), (Matter, matters), (Dispatch, ways)):
        insert_many(act.session, model, rows)
    outbox.put(act, work)
    return done


_TO_DO: dict[str, Any] = {"state": DispatchState.TO_DO}


def _copies(
    act: Act, wanted: Sequence[Wanted], written: Sequence[Written]
) -> dict[uuid.UUID, list[Way]]:
    """The copies to former addresses, for information only; by notice."""
    told = {
        done.id: [about.controller_id for about in each.concerned]
        for done, each in zip(written, wanted, strict=True)
        if each.kind is not NoticeKind.DPO_FORMER
    }
    there = {
        done.id: {way.address.lower() for way in each.ways}
        for done, each in zip(written, wanted, strict=True)
    }
    return {
        key: [Way(Channel.EMAIL, address) for address in addresses if address not in there[key]]
        for key, addresses in copies.addresses(act.session, told, act.now).items()
    }


def _sent(about: Concerned, left_at: datetime | None) -> dict[str, Any]:
    if left_at is None:
        return {}
    on = left_at.astimezone(ZoneInfo(about.zone)).date()
    return {"sent_on": on, "informed_at": left_at}


def _notice(each: Wanted, written: Written, at: datetime, author: str) -> dict[str, Any]:
    return {
        "id": written.id,
        "number": written.number,
        "kind": each.kind,
        "cause": each.cause,
        "recipient": each.recipient,
        "name": each.name,
        "email": each.email,
        "language": each.language,
        "told": each.told,
        "created_at": at,
        "author": author,
    }


class Result(NamedTuple):
    """What became of an attempt to send."""

    dispatch_id: uuid.UUID
    sent: bool
    said: str
    """What the server answered."""
    uncertain: bool = False
    """Whether it may have been sent before."""
    message: str = ""
    """The digest of the message."""


def record_results(act: Act, results: Sequence[Result]) -> None:
    """Keeps what became of messages; the contracts they tell of count as informed from now on."""
    act.require(Permission.NOTICES_SEND)
    for result in results:
        row = act.take(Dispatch, result.dispatch_id)
        row.said = result.said
        if not result.sent:
            row.state = DispatchState.FAILED
            act.log(FAILED, row, within=f"notice:{row.notice_id}", channel=row.channel)
            continue
        row.state = DispatchState.UNCERTAIN if result.uncertain else DispatchState.SENT
        row.sent_at = act.now
        act.log(
            SENT,
            row,
            within=f"notice:{row.notice_id}",
            channel=row.channel,
            uncertain=result.uncertain,
            message=result.message,
        )
        _left(act, row, act.now, None)


def _left(act: Act, row: Dispatch, at: datetime, day: date | None) -> None:
    """A dispatch left, and what follows."""
    told = told_by(act, row, at, day)
    if told:
        act.session.flush()
        act.follow("sent", kind_of(act, row.notice_id), told)


def told_by(act: Act, row: Dispatch, at: datetime, day: date | None) -> list[uuid.UUID]:
    """The contracts of a dispatch are told: at an instant, or on a day that a slip proves.

    A copy to a former address tells nobody.
    """
    if row.copy:
        return []
    query = sa.select(Matter).where(Matter.notice_id == row.notice_id)
    if row.controller_id is not None:
        query = query.where(Matter.controller_id == row.controller_id)
    told = []
    for matter in act.session.scalars(query):
        told.append(matter.id)
        on = day or at.astimezone(ZoneInfo(matter.zone)).date()
        if matter.sent_on is None or on < matter.sent_on:
            matter.sent_on = on
        if day is None and (matter.informed_at is None or at < matter.informed_at):
            matter.informed_at = at
    return told


def kind_of(act: Act, notice_id: uuid.UUID) -> NoticeKind:
    """What a notice tells."""
    kind = act.session.scalar(sa.select(Notice.kind).where(Notice.id == notice_id))
    if kind is None:
        raise NotFound
    return kind


def cancel(act: Act, notices: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Takes notices back of which nothing has left yet; gives those that are too late."""
    late: set[uuid.UUID] = set()
    for part in history.parts(list(notices)):
        query = sa.select(Dispatch).where(Dispatch.notice_id.in_(part)).with_for_update()
        for row in act.session.scalars(query):
            if row.state is DispatchState.TO_DO:
                row.state = DispatchState.CANCELLED
                act.log(CANCELLED, row, within=f"notice:{row.notice_id}")
            elif row.state is not DispatchState.CANCELLED:
                late.add(row.notice_id)
    act.session.flush()
    return late


def ways_of(session: Session, notice_id: uuid.UUID, owners: Collection[uuid.UUID]) -> list[Way]:
    """The ways a notice took that reach these controllers."""
    query = sa.select(Dispatch).where(Dispatch.notice_id == notice_id, ~Dispatch.copy)
    return [
        Way(row.channel, row.address, row.controller_id)
        for row in session.scalars(query.order_by(Dispatch.id))
        if row.controller_id is None or row.controller_id in owners
    ]


def send_again(act: Act, dispatch_id: uuid.UUID, address: str = "") -> Dispatch:
    """Sends a message once more: to the same address, or to another one of the controller.

    The new way stands beside the old one; nothing that was recorded of it is lost.

    Raises:
        Invalid: it is no e-mail.
        Conflict: it is under way.
    """
    act.require(Permission.RECEIPTS_RECORD)
    row = act.take(Dispatch, dispatch_id)
    if row.channel is not Channel.EMAIL:
        raise Invalid(text("Only e-mail is sent from here."))
    if row.state is DispatchState.CANCELLED or _is_under_way(act, row):
        raise Conflict(text("This message is still to leave, or was cancelled."))
    again = row
    if address and address != row.address:
        again = Dispatch(
            notice_id=row.notice_id,
            controller_id=row.controller_id,
            channel=Channel.EMAIL,
            address=address,
            copy=row.copy,
        )
        act.session.add(again)
    again.state = DispatchState.TO_DO
    act.log(AGAIN, again, within=f"notice:{row.notice_id}", channel=again.channel)
    act.session.flush()
    outbox.put(act, [_next(act, again)])
    return again


def _is_under_way(act: Act, row: Dispatch) -> bool:
    """Whether workers will see to it: after a restore they know nothing of it."""
    if row.state is not DispatchState.TO_DO:
        return False
    names = (f"dispatch:{row.id}", f"notice:{row.notice_id}")
    return outbox.is_open(act.session, names)


def _next(act: Act, row: Dispatch) -> outbox.Wanted:
    """What is to be done for a message that shall leave: be given a link first, or just sent."""
    at = act.now.isoformat()
    name = f"dispatch:{row.id}"
    open_ = sa.select(PortalLink.id).where(
        PortalLink.notice_id == row.notice_id, PortalLink.revoked_at.is_(None)
    )
    if row.message_sha256 and act.session.scalar(open_.limit(1)):
        return outbox.Wanted(SEND, f"{name}:{at}", name, act.now)
    return outbox.Wanted(PREPARE, f"{name}:prepare:{at}", f"notice:{row.notice_id}", act.now)


def write_letters(act: Act, notice_id: uuid.UUID, letters: Collection[Way]) -> int:
    """Lets a notice also go by registered letter, where no message reached anybody.

    Gives how many letters were added; those that were written already are left as they are.

    Raises:
        NotFound: there is no such notice.
    """
    act.require(Permission.RECEIPTS_RECORD)
    if act.session.get(Notice, notice_id) is None:
        raise NotFound
    written = set(
        act.session.scalars(
            sa.select(Dispatch.controller_id).where(
                Dispatch.notice_id == notice_id, Dispatch.channel == Channel.REGISTERED_LETTER
            )
        )
    )
    added = [way for way in letters if way.controller_id not in written]
    for way in added:
        row = Dispatch(notice_id=notice_id, **way._asdict(), state=DispatchState.TO_DO)
        act.session.add(row)
        act.log(AGAIN, row, within=f"notice:{notice_id}", channel=way.channel)
    act.session.flush()
    if added:
        name, at = f"notice:{notice_id}", act.now.isoformat()
        outbox.put(act, [outbox.Wanted(PREPARE, f"{name}:prepare:{at}", name, act.now)])
    return len(added)
