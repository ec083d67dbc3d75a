"""What people do with requests of data subjects: take in, acknowledge, pass on, complete.

The processor does not answer (Commission decision (EU) 2021/915, clause 8(a)): it confirms receipt
in writing and passes the request on by e-mail at once (contract 001 § 7.5.5). Both are queued in
the very act that records it.
"""

import uuid
from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from registers.kernel import audit, history, outbox, references
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.requests import facts, passing, rules
from registers.requests.models import Request
from registers.requests.vocabulary import Phase, Way

ACKNOWLEDGE = outbox.kind("request.acknowledge")
"""Work of the outbox: confirm the receipt of a request to the data subject by e-mail."""

RECORDED = audit.kind("request.recorded", text("Request of a data subject recorded"), *FIELDS)
CHANGED = audit.kind("request.changed", text("Request of a data subject: more is known"), *FIELDS)


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
        passing.hand_on(act, head, known, concerned, today)
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
