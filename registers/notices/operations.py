"""What happens to notices: they are written, leave, arrive; and what proves it.

A notice belongs to another subject, which tells what it says; what follows there upon a dispatch
or a receipt happens in the same act (`Act.follow`).
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history, outbox, references
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.words import text
from registers.notices.models import (
    Confirmation,
    Dispatch,
    Matter,
    Notice,
    Posted,
    Receipt,
)
from registers.notices.vocabulary import (
    DispatchState,
    Evidence,
    Grade,
    NoticeKind,
    PostalEvent,
    grade,
)
from registers.people.roles import Permission

PREPARE = outbox.kind("notice.prepare")
"""Work of the outbox: typeset, seal and write a notice."""
SEND = outbox.kind("notice.send")
"""Work of the outbox: send a dispatch by e-mail."""

WRITTEN = audit.kind("notice.written", text("Notice written"), "number", "kind", "contracts")
SENT = audit.kind("notice.sent", text("Notice sent"), "channel", "uncertain", "message")
FAILED = audit.kind("notice.failed", text("Notice could not be sent"), "channel")
RECEIVED = audit.kind(
    "notice.received", text("Receipt recorded"), "evidence", "received_on", "corrects"
)
CONFIRMED = audit.kind("notice.confirmed", text("Receipt confirmed by a second person"))
POSTED = audit.kind("notice.posted", text("Letter followed up"), "event", "happened_on")
CANCELLED = audit.kind("notice.cancelled", text("Notice not sent any more"))
AGAIN = audit.kind("notice.again", text("Notice sent again"), "channel")

BY_POST = (Channel.REGISTERED_LETTER, Channel.ELECTRONIC_REGISTERED)

PRESENT = timedelta(days=1)


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
    left_at: datetime | None = None,
    *,
    series: str = "NT",
) -> list[Written]:
    """Writes notices, one or ten thousand; they leave after the act.

    Args:
        act: its permission was required by whoever tells something.
        wanted: what to write.
        within: the dossier to which the journal counts them.
        day: in whose year they are numbered.
        left_at: of notices that had left before this installation kept them, when that was:
            they are recorded, and nothing leaves.
        series: how their numbers begin; those of exercises leave no gap in the real ones.
    """
    numbers = references.take(act, series, day, len(wanted))
    done: list[Written] = []
    notices: list[dict[str, Any]] = []
    matters: list[dict[str, Any]] = []
    ways: list[dict[str, Any]] = []
    work: list[outbox.Wanted] = []
    for number, each in zip(numbers, wanted, strict=True):
        written = Written(uuid.uuid4(), number, [uuid.uuid4() for _ in each.concerned])
        done.append(written)
        notices.append(_notice(act, each, written, left_at or act.now))
        matters += [
            {"id": key, "notice_id": written.id, **about._asdict(), **_sent(about, left_at)}
            for key, about in zip(written.matters, each.concerned, strict=True)
        ]
        stands = {"state": DispatchState.SENT, "sent_at": left_at} if left_at else _TO_DO
        ways += [
            {
                "id": uuid.uuid4(),
                "notice_id": written.id,
                "said": "",
                "number": "",
                **way._asdict(),
                **stands,
            }
            for way in each.ways
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
        if rows:
            act.session.execute(sa.insert(model), rows)
    outbox.put(act, work)
    return done


_TO_DO: dict[str, Any] = {"state": DispatchState.TO_DO}


def _sent(about: Concerned, left_at: datetime | None) -> dict[str, Any]:
    if left_at is None:
        return {}
    on = left_at.astimezone(ZoneInfo(about.zone)).date()
    return {"sent_on": on, "informed_at": left_at}


def _notice(act: Act, each: Wanted, written: Written, at: datetime) -> dict[str, Any]:
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
        "author": act.actor.reference,
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
    told = _told_by(act, row, at, day)
    if told:
        act.session.flush()
        act.follow("sent", kind_of(act, row.notice_id), told)


def _told_by(act: Act, row: Dispatch, at: datetime, day: date | None) -> list[uuid.UUID]:
    """The contracts of a dispatch are told: at an instant, or on a day that a slip proves."""
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


class Proof(NamedTuple):
    """What shows that a notice was received, and how that is known."""

    evidence: Evidence
    received_on: date
    note: str = ""
    by_name: str = ""
    by_function: str = ""
    content: bytes | None = None
    """The slip, the answer, the scan."""


def receive(act: Act, matters: Collection[uuid.UUID], proof: Proof) -> list[Receipt]:
    """Records that controllers received a notice, each for its contract.

    Whoever announced does not record receipt alone, and a decision is taken by two: until
    another person confirms it, such evidence is weak.

    Raises:
        Invalid: the day is to come, or before the notice was written; or a note is missing.
        NotFound: a matter does not exist.
    """
    _may_receive(act, proof.evidence)
    found = _matters(act, matters)
    return _receive(act, found, proof, None)


def correct(act: Act, receipt_id: uuid.UUID, proof: Proof) -> Receipt:
    """Records evidence in place of what was recorded before, which stays, with the reason.

    Raises:
        Invalid: there is no reason, or see `receive`.
        Conflict: it was corrected already.
    """
    _may_receive(act, proof.evidence)
    former = act.session.get(Receipt, receipt_id)
    if former is None:
        raise NotFound
    if not proof.note.strip():
        raise Invalid(text("Say why the former record was wrong."), "note")
    if act.session.scalar(sa.select(Receipt.id).where(Receipt.corrects_id == receipt_id)):
        raise Conflict(text("This record was corrected already."))
    return _receive(act, _matters(act, [former.matter_id]), proof, former.id)[0]


def _may_receive(act: Act, evidence: Evidence) -> None:
    act.require(Permission.PORTAL if evidence is Evidence.PORTAL else Permission.RECEIPTS_RECORD)


def _matters(act: Act, ids: Collection[uuid.UUID]) -> list[tuple[Matter, Notice]]:
    found: list[tuple[Matter, Notice]] = []
    for part in history.parts(list(ids)):
        query = sa.select(Matter, Notice).join(Notice, Notice.id == Matter.notice_id)
        found += [(row[0], row[1]) for row in act.session.execute(query.where(Matter.id.in_(part)))]
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _receive(
    act: Act, found: list[tuple[Matter, Notice]], proof: Proof, corrects: uuid.UUID | None
) -> list[Receipt]:
    made = _record_receipts(act, found, proof, corrects)
    act.session.flush()
    _follow_received(act, found)
    return made


def _record_receipts(
    act: Act, found: list[tuple[Matter, Notice]], proof: Proof, corrects: uuid.UUID | None
) -> list[Receipt]:
    if proof.evidence is Evidence.DECISION and not proof.note.strip():
        raise Invalid(text("A decision cites the clause and gives its reason."), "note")
    stored = act.files.put(act.session, proof.content) if proof.content else None
    made = []
    for matter, notice in found:
        zone = ZoneInfo(matter.zone)
        if proof.received_on > act.now.astimezone(zone).date():
            raise Invalid(text("This day is still to come."), "received_on")
        if proof.received_on < notice.created_at.astimezone(zone).date():
            raise Invalid(text("The notice was written later than that."), "received_on")
        row = Receipt(
            matter_id=matter.id,
            evidence=proof.evidence,
            received_on=proof.received_on,
            recorded_at=act.now,
            author=act.actor.reference,
            by_name=proof.by_name,
            by_function=proof.by_function,
            note=proof.note,
            proof_sha256=stored,
            two_persons=_two_persons(act, proof.evidence, notice),
            corrects_id=corrects,
        )
        made.append(row)
        act.session.add(row)
        act.log(
            RECEIVED,
            f"matter:{matter.id}",
            within=f"controller:{matter.controller_id}",
            values={"by": proof.by_name, "function": proof.by_function, "note": proof.note},
            evidence=proof.evidence,
            received_on=proof.received_on,
            corrects=corrects,
        )
    return made


def _two_persons(act: Act, evidence: Evidence, notice: Notice) -> bool:
    if evidence is Evidence.DECISION:
        return True
    alone = act.actor.reference == notice.author and act.actor.id is not None
    return alone and evidence is not Evidence.PORTAL and grade(evidence) is Grade.STRONG


def _follow_received(act: Act, found: Iterable[tuple[Matter, Notice]]) -> None:
    by_kind: dict[NoticeKind, list[uuid.UUID]] = {}
    for matter, notice in found:
        by_kind.setdefault(notice.kind, []).append(matter.id)
    for kind, ids in by_kind.items():
        act.follow("received", kind, ids)


def confirm(act: Act, receipt_id: uuid.UUID, note: str) -> None:
    """The second person's word on a receipt.

    Raises:
        Forbidden: it is the person who recorded it.
        Conflict: it was confirmed already, or nothing has to be.
    """
    act.require(Permission.RECEIPTS_RECORD)
    row = act.session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound
    if row.author == act.actor.reference:
        raise Forbidden(text("Another person than the one who recorded it confirms it."))
    there = sa.select(Confirmation.id).where(Confirmation.receipt_id == receipt_id)
    if not row.two_persons or act.session.scalar(there):
        raise Conflict(text("There is nothing to confirm any more."))
    act.session.add(
        Confirmation(receipt_id=row.id, recorded_at=act.now, author=act.actor.reference, note=note)
    )
    found = _matters(act, [row.matter_id])
    act.log(
        CONFIRMED,
        f"matter:{row.matter_id}",
        within=f"controller:{found[0][0].controller_id}",
        values={"note": note},
    )
    act.session.flush()
    _follow_received(act, found)


class Slip(NamedTuple):
    """What the post says of a letter."""

    event: PostalEvent
    happened_on: date
    number: str = ""
    note: str = ""
    content: bytes | None = None
    qualified: bool = False
    """Of an electronic registered letter: whether the service is a qualified one."""


AFTER = {
    PostalEvent.DEPOSITED: DispatchState.SENT,
    PostalEvent.PRESENTED: None,
    PostalEvent.HANDED_OVER: DispatchState.DELIVERED,
    PostalEvent.REFUSED: DispatchState.RETURNED,
    PostalEvent.UNCLAIMED: DispatchState.RETURNED,
    PostalEvent.UNKNOWN: DispatchState.RETURNED,
    PostalEvent.RETURNED: DispatchState.RETURNED,
}
"""Where a letter stands after each event; None: where it stood."""


def follow_post(act: Act, dispatch_id: uuid.UUID, slip: Slip) -> None:
    """Records what happened to a letter; a hand-over proves the receipt of its contracts.

    Raises:
        Invalid: the channel is none of the post, or the day is to come.
    """
    follow_posts(act, [(dispatch_id, slip)])


def follow_posts(act: Act, slips: Sequence[tuple[uuid.UUID, Slip]]) -> None:
    """As `follow_post`, of many letters: what follows elsewhere is done once for all of them."""
    act.require(Permission.RECEIPTS_RECORD)
    left: dict[NoticeKind, list[uuid.UUID]] = {}
    for dispatch_id, slip in slips:
        row = act.take(Dispatch, dispatch_id)
        _record_slip(act, row, slip)
        if slip.event is PostalEvent.DEPOSITED:
            row.sent_at = row.sent_at or act.now
            told = _told_by(act, row, act.now, slip.happened_on)
            left.setdefault(kind_of(act, row.notice_id), []).extend(told)
    act.session.flush()
    for kind, matters in left.items():
        if matters:
            act.follow("sent", kind, matters)
    received: list[tuple[Matter, Notice]] = []
    for dispatch_id, slip in slips:
        if slip.event is PostalEvent.HANDED_OVER:
            row = act.session.get_one(Dispatch, dispatch_id)
            query = sa.select(Matter.id).where(
                Matter.notice_id == row.notice_id, Matter.controller_id == row.controller_id
            )
            found = _matters(act, list(act.session.scalars(query)))
            proof = Proof(_evidence(row, slip), slip.happened_on, slip.note, content=slip.content)
            _record_receipts(act, found, proof, None)
            received += found
    act.session.flush()
    _follow_received(act, received)


def _record_slip(act: Act, row: Dispatch, slip: Slip) -> None:
    if row.channel not in BY_POST:
        raise Invalid(text("This does not travel by post."))
    if slip.happened_on > (act.now + PRESENT).date():
        raise Invalid(text("This day is still to come."), "happened_on")
    stored = act.files.put(act.session, slip.content) if slip.content else None
    act.session.add(
        Posted(
            dispatch_id=row.id,
            event=slip.event,
            happened_on=slip.happened_on,
            number=slip.number,
            note=slip.note,
            proof_sha256=stored,
            recorded_at=act.now,
            author=act.actor.reference,
        )
    )
    row.number = slip.number or row.number
    row.state = AFTER[slip.event] or row.state
    row.said = slip.note
    act.log(
        POSTED,
        row,
        within=f"controller:{row.controller_id}",
        values={"number": slip.number, "note": slip.note},
        event=slip.event,
        happened_on=slip.happened_on,
    )


def _evidence(row: Dispatch, slip: Slip) -> Evidence:
    if row.channel is Channel.REGISTERED_LETTER:
        return Evidence.HAND_OVER
    return Evidence.QUALIFIED if slip.qualified else Evidence.ELECTRONIC


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
    query = sa.select(Dispatch).where(Dispatch.notice_id == notice_id).order_by(Dispatch.id)
    return [
        Way(row.channel, row.address, row.controller_id)
        for row in session.scalars(query)
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
    """What is to be done for a message that shall leave: be written first, or just sent."""
    at = act.now.isoformat()
    name = f"dispatch:{row.id}"
    if row.message_sha256:
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
