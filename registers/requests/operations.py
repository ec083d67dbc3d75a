"""What people do with requests of data subjects: take in, acknowledge, pass on, follow, close.

The processor does not answer (Commission decision (EU) 2021/915, clause 8(a)): it confirms receipt
in writing and passes the request on by e-mail at once (contract 001 § 7.5.5). Both are queued in
the very act that records it.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from registers.activities.ends import Ended
from registers.activities.vocabulary import Trigger
from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.kernel import audit, history, outbox, references
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.notices import addressing, proofs
from registers.notices import operations as notices
from registers.notices.models import Matter
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission
from registers.requests import facts, rules
from registers.requests.models import Concern, Request, RequestVersion, Step
from registers.requests.vocabulary import Phase, Way, What

ACKNOWLEDGE = outbox.kind("request.acknowledge")
"""Work of the outbox: confirm the receipt of a request to the data subject by e-mail."""

RECORDED = audit.kind("request.recorded", text("Request of a data subject recorded"), *FIELDS)
CHANGED = audit.kind("request.changed", text("Request of a data subject: more is known"), *FIELDS)
PASSED_ON = audit.kind(
    "request.passed_on", text("Request passed on to the controller"), "notice", "due"
)
ACKNOWLEDGED = audit.kind(
    "request.acknowledged",
    text("Receipt of a request confirmed to the data subject"),
    *("way", "message"),
)
FOLLOWED = audit.kind("request.followed", text("Request followed up"), "what", "happened_on")
MISDIRECTED = audit.kind("request.misdirected", text("Request was addressed to the wrong body"))
CLOSED = audit.kind("request.closed", text("Request closed"))
ERASED = audit.kind(
    "request.erased", text("Data of the person erased from a request"), "versions", "steps"
)


def record(
    act: Act,
    known: facts.Request,
    concerned: Collection[uuid.UUID] = (),
    *,
    today: date,
    repeats: str = "",
    reason: str = "",
) -> Request:
    """Takes a request in; in the same act it is acknowledged and passed on.

    Args:
        act: of staff.
        known: what is known.
        concerned: the controllers; none where they are still to be found.
        today: the present day where the organisation is.
        repeats: the number of the request that this one repeats.
        reason: what the history says of the first version, in the language of its author.

    Raises:
        Invalid: see `rules.checked`; or the one it repeats is not on record.
    """
    act.require(Permission.REQUESTS_RECORD)
    known = rules.checked(known, today)
    former = _repeated(act, repeats)
    (number,) = references.take(act, "DR", today)
    head = Request(
        code=number,
        phase=Phase.UNASSIGNED,
        recorded_at=act.now,
        repeats_id=former.id if former else None,
        acknowledge_by=rules.acknowledged_by(known),
        end_reason="",
    )
    how = How(today, reason or str(text("First record")))
    history.record(act, head, known, 0, how.by(RECORDED))
    act.session.flush()
    if head.acknowledge_by is Way.EMAIL:
        about = f"{Request.__tablename__}:{head.id}"
        outbox.put(act, [outbox.Wanted(ACKNOWLEDGE, f"{ACKNOWLEDGE}:{head.id}", about, act.now)])
    if concerned:
        _pass_on(act, head, known, concerned, today)
    return head


def _repeated(act: Act, code: str) -> Request | None:
    if not code.strip():
        return None
    found = act.session.scalar(sa.select(Request).where(Request.code == code.strip().upper()))
    if found is None:
        raise Invalid(text("There is no request {code}.", code=code), "repeats")
    return found


def change(act: Act, request_id: uuid.UUID, known: facts.Request, base: int, how: How) -> list[str]:
    """Corrects or completes what is known. What was passed on already is not sent again.

    Raises:
        Conflict: somebody recorded something meanwhile, or the person's data are erased.
        Invalid: see `rules.checked`.
    """
    act.require(Permission.REQUESTS_RECORD)
    head = act.take(Request, request_id)
    if head.erased_at is not None:
        raise Conflict(text("The data of the person are erased."))
    known = rules.checked(known, how.effective_from)
    return history.record(act, head, known, base, how.by(CHANGED))


def pass_on(
    act: Act, request_id: uuid.UUID, concerned: Collection[uuid.UUID], today: date
) -> list[Concern]:
    """Passes a request on to the controllers it concerns, once they are known.

    Raises:
        Invalid: nobody was chosen.
        Conflict: it is closed, or all of them have it already.
    """
    act.require(Permission.REQUESTS_RECORD)
    head = act.take(Request, request_id)
    against = rules.may_forward(head.phase)
    if against is not None:
        raise Conflict(against)
    if not concerned:
        raise Invalid(text("Choose at least one controller."), "controllers")
    known = history.latest(act.session, head)
    made = _pass_on(act, head, known, concerned, today)
    if not made:
        raise Conflict(text("They have it already."))
    return made


def _pass_on(
    act: Act,
    head: Request,
    known: facts.Request,
    concerned: Collection[uuid.UUID],
    today: date,
) -> list[Concern]:
    query = sa.select(Concern.controller_id).where(Concern.request_id == head.id)
    there = set(act.session.scalars(query))
    new = [key for key in dict.fromkeys(concerned) if key not in there]
    owners: dict[uuid.UUID, Any] = history.known_on(act.session, Controller, today, new)
    if set(new) - set(owners):
        raise NotFound
    former = act.session.get(Request, head.repeats_id) if head.repeats_id else None
    ours = controllers.organisation_facts(act.session, today)
    made = []
    for key in new:
        owner = owners[key]
        limits = rules.limits(
            known.received_on, owner.calendar, owner.zone, good_friday=owner.good_friday
        )
        # each controller is told by itself: a shared contact must not see whom else it concerns
        (to,) = addressing.addressees(act.session, [key], today)
        told = {
            "request": str(head.id),
            "code": head.code,
            "rights": [each.value for each in known.rights],
            "channel": known.channel.value,
            "received_on": known.received_on.isoformat(),
            "due": _day(limits.month.due),
            "extended": _day(limits.extended.due),
            "repeats": former.code if former else "",
        }
        cause = f"{Request.__tablename__}:{head.id}:{key}"
        country = ours.country if ours else "FR"
        wanted = addressing.wanted(NoticeKind.REQUEST, cause, to, told, country)
        (written,) = notices.write(act, [wanted], f"controller:{key}", today)
        row = Concern(
            request_id=head.id,
            controller_id=key,
            notice_id=written.id,
            passed_at=act.now,
            due=limits.month.due,
            month=_plain(limits.month),
            extended_due=limits.extended.due,
            extension=_plain(limits.extended),
        )
        act.session.add(row)
        act.log(PASSED_ON, head, within=f"controller:{key}", notice=written.number, due=row.due)
        made.append(row)
    if made:
        head.phase = Phase.FORWARDED
    act.session.flush()
    return made


def _day(due: Any) -> str:
    written: str = due.isoformat()
    return written


def _plain(frozen: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(canonical(frozen))
    return plain


def told_left(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a dispatch: the controller was told."""
    for part in history.parts(list(matters)):
        query = (
            sa.select(Concern, Matter.informed_at)
            .join(Matter, Matter.notice_id == Concern.notice_id)
            .where(Matter.id.in_(part))
        )
        for row, at in act.session.execute(query).all():
            row.left_at = row.left_at or at or act.now
    act.session.flush()


def acknowledged(act: Act, request_id: uuid.UUID, message: str) -> None:
    """Records that the confirmation of receipt left by e-mail.

    Args:
        act: of the worker.
        request_id: the request.
        message: the SHA-256 of the message, which itself is not kept: it says who the person is.
    """
    act.require(Permission.NOTICES_SEND)
    head = act.take(Request, request_id)
    head.acknowledged_at = head.acknowledged_at or act.now
    act.log(ACKNOWLEDGED, head, way=Way.EMAIL, message=message)


class Happened(NamedTuple):
    """Something that happened to a request, on a day, with a note and maybe a document."""

    what: What
    on: date
    note: str = ""
    content: bytes | None = None


def follow_up(
    act: Act,
    request_id: uuid.UUID,
    happened: Happened,
    today: date,
    concerns: Collection[uuid.UUID] = (),
) -> None:
    """Records what happened: identity checked, help given, extended, answered, refused.

    Args:
        act: of staff.
        request_id: the request.
        happened: what, when.
        today: the present day where the organisation is.
        concerns: for which controllers; what only one of them can do needs at least one.

    Raises:
        Invalid: the day is to come or before the receipt, the note is missing, or no controller
            is named.
        Conflict: the request is closed, or a controller told already what became of it.
    """
    act.require(Permission.REQUESTS_RECORD)
    _follow_up(act, request_id, happened, today, concerns)


def told_by_controller(act: Act, notice_id: uuid.UUID, happened: Happened, today: date) -> None:
    """Records the controller's own word, given by the link of its notice.

    The caller made sure that the link of the act is one of this notice.

    Raises:
        Invalid, Conflict, NotFound: see `follow_up`.
    """
    act.require(Permission.PORTAL)
    row = act.session.scalar(sa.select(Concern).where(Concern.notice_id == notice_id))
    if row is None or happened.what not in {*rules.ENDS, What.EXTENDED}:
        raise NotFound
    _follow_up(act, row.request_id, happened, today, [row.id])


OF_ONE = frozenset({*rules.ENDS, What.EXTENDED})
"""What a controller does, each for itself."""


def _follow_up(
    act: Act,
    request_id: uuid.UUID,
    happened: Happened,
    today: date,
    concerns: Collection[uuid.UUID],
) -> None:
    head = act.take(Request, request_id)
    if head.phase is Phase.CLOSED:
        raise Conflict(text("This request is closed."))
    if happened.on > today:
        raise Invalid(text("This day is still to come."), "on")
    if happened.on < head.received_on:
        raise Invalid(text("The request came later than that."), "on")
    if happened.what is not What.ANSWERED and not happened.note.strip():
        raise Invalid(text("Say in a sentence what was done."), "note")
    content = proofs.checked(happened.content) if happened.content else None
    rows = _concerns(act, head, happened, concerns)
    for row in rows:
        _apply(row, happened)
    if happened.what is What.ACKNOWLEDGED:
        head.acknowledged_at = head.acknowledged_at or act.now
        act.log(ACKNOWLEDGED, head, way=Way.LETTER, message=None)
    for about in rows or (None,):
        act.session.add(
            Step(
                request_id=head.id,
                concern_id=about.id if about else None,
                what=happened.what,
                happened_on=happened.on,
                recorded_at=act.now,
                author=act.actor.reference,
                note=happened.note,
                content=content,
            )
        )
        act.log(
            FOLLOWED,
            head,
            within=f"controller:{about.controller_id}" if about else None,
            what=happened.what,
            happened_on=happened.on,
        )
    act.session.flush()


def _concerns(
    act: Act, head: Request, happened: Happened, ids: Collection[uuid.UUID]
) -> Sequence[Concern]:
    if happened.what not in {*OF_ONE, What.ASSISTED, What.IDENTITY}:
        return ()
    query = sa.select(Concern).where(Concern.request_id == head.id, Concern.id.in_(list(ids)))
    rows = act.session.scalars(query.with_for_update()).all()
    if len(rows) != len(set(ids)):
        raise NotFound
    if happened.what in OF_ONE and not rows:
        raise Invalid(text("Choose at least one controller."), "concerns")
    return rows


def _apply(row: Concern, happened: Happened) -> None:
    if happened.what in OF_ONE and row.outcome is not None:
        raise Conflict(text("It was told already what became of it."))
    if happened.what is What.EXTENDED:
        if row.extended_on is not None:
            raise Conflict(text("It was extended already: once is all there is."))
        if happened.on > row.due:
            raise Invalid(
                text(
                    "The person is told of an extension within the first month (Art. 12(3)): that "
                    "was until {due}.",
                    due=row.due,
                ),
                "on",
            )
        row.extended_on = happened.on
    elif happened.what in rules.ENDS:
        row.outcome, row.ended_on = happened.what, happened.on


def misdirect(act: Act, request_id: uuid.UUID, reason: str) -> None:
    """Closes a request that concerns no controller for whom we act; the person is to be told whom.

    Raises:
        Invalid: there is no reason.
        Conflict: it was passed on, or is closed.
    """
    act.require(Permission.REQUESTS_RECORD)
    head = act.take(Request, request_id)
    if head.phase is not Phase.UNASSIGNED:
        raise Conflict(text("It was passed on already, or is closed."))
    if not reason.strip():
        raise Invalid(text("Say to whom the person was sent on, and why."), "reason")
    head.phase = Phase.MISDIRECTED
    _end(act, head, reason)
    act.log(MISDIRECTED, head, values={"reason": reason})


def close(act: Act, request_id: uuid.UUID, reason: str, today: date) -> None:
    """Closes a request; from then on the time runs in which the person's data are kept.

    The retention cases of the controllers that it concerned open in the same act.

    Raises:
        Conflict: it is closed already, or a controller has not told what became of it.
        Invalid: there is no reason.
    """
    act.require(Permission.REQUESTS_RECORD)
    head = act.take(Request, request_id)
    query = sa.select(sa.func.count()).where(
        Concern.request_id == head.id, Concern.outcome.is_(None)
    )
    against = rules.may_close(head.phase, act.session.scalar(query) or 0)
    if against is not None:
        raise Conflict(against)
    if not reason.strip():
        raise Invalid(text("Say how it ended."), "reason")
    head.phase = Phase.CLOSED
    _end(act, head, reason)
    owners = sa.select(Concern.controller_id).where(Concern.request_id == head.id)
    for key in act.session.scalars(owners.order_by(Concern.controller_id)).all():
        ended = Ended(Trigger.REQUEST_END, audit.name_of(head), head.code, key, today)
        act.follow("ended", Trigger.REQUEST_END, ended)


def _end(act: Act, head: Request, reason: str) -> None:
    head.closed_at, head.end_reason = act.now, reason
    act.log(CLOSED, head, values={"reason": reason})


def erase(act: Act, request_id: uuid.UUID) -> None:
    """Erases what describes the person; that there was a request, and what became of it, stays.

    The values that the journal keeps beside the chain go too; the chain itself verifies as before.

    Raises:
        Conflict: it is not closed, or was erased already.
    """
    act.allow_erasing(Permission.REQUESTS_ERASE)
    head = act.take(Request, request_id)
    if head.closed_at is None:
        raise Conflict(text("This request is not closed yet."))
    if head.erased_at is not None:
        raise Conflict(text("The data of the person are erased."))
    counts = []
    for model, key, emptied in (
        (RequestVersion, RequestVersion.subject_id, {"facts": None}),
        (Step, Step.request_id, {"note": None, "content": None}),
    ):
        result: Any = act.session.execute(
            sa.update(model).where(key == head.id).values(**emptied),
            execution_options={"synchronize_session": False},
        )
        counts.append(result.rowcount)
    _erase_values(act, head)
    head.erased_at, head.end_reason = act.now, ""
    act.log(ERASED, head, versions=counts[0], steps=counts[1])


def _erase_values(act: Act, head: Request) -> None:
    """Empties what the journal keeps beside its entries about a request."""
    about = f"{Request.__tablename__}:{head.id}"
    kept = sa.select(audit.Entry.values_id).where(
        audit.Entry.about == about, audit.Entry.values_id.is_not(None)
    )
    act.session.execute(
        sa.update(audit.EntryValues)
        .where(audit.EntryValues.id.in_(kept))
        .values(key=None, content=None),
        execution_options={"synchronize_session": False},
    )
