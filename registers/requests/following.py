"""What happens to a request once it was taken in, up to its end."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from registers.activities.ends import Ended
from registers.activities.vocabulary import Trigger
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import proofs
from registers.people.roles import Permission
from registers.requests import rules
from registers.requests.models import Concern, Request, Step
from registers.requests.vocabulary import Phase, Way, What

ACKNOWLEDGED = audit.kind(
    "request.acknowledged",
    text("Receipt of a request confirmed to the data subject"),
    *("way", "message"),
)
FOLLOWED = audit.kind("request.followed", text("Request followed up"), "what", "happened_on")
MISDIRECTED = audit.kind("request.misdirected", text("Request was addressed to the wrong body"))
CLOSED = audit.kind("request.closed", text("Request closed"))
OF_ONE = frozenset({*rules.ENDS, What.EXTENDED})
"""What a controller does, each for itself."""


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
