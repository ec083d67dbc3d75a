"""What people do with breaches: record, find who is touched, notifying.notify in phases, close.

Facts come in phases and are recorded as they are. The clocks are computed from what is known and
depend on nobody's work; only the alarms need a worker.
"""

import uuid

import sqlalchemy as sa

from registers.breaches import alarms, facts, finding, own, owning, rules
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Phase
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission

RECORDED = audit.kind("breach.recorded", text("Breach recorded"), *FIELDS)
CHANGED = audit.kind("breach.changed", text("Breach: more is known"), *FIELDS)
CLOSED = audit.kind("breach.closed", text("Breach closed"), "phase")


def record(act: Act, known: facts.Breach, *, drill: bool = False, reason: str = "") -> Breach:
    """Opens the record of a breach, or of a suspicion; three fields are enough.

    Args:
        act: the act.
        known: what is known.
        drill: whether it is an exercise.
        reason: what the history says of the first version, in the language of its author.

    Raises:
        Invalid: a time is impossible, or nothing says what happened.
    """
    act.require(Permission.BREACHES_RECORD)
    (number,) = references.take(act, "EX" if drill else "BR", act.now.date())
    head = Breach(code=number, phase=Phase.OPEN, drill=drill, recorded_at=act.now, end_reason="")
    how = How(act.now.date(), reason or str(text("First record")))
    history.record(act, head, rules.checked(known, act.now), 0, how.by(RECORDED))
    act.session.flush()
    alarms.tell_recorded(act, head)
    return head


def change(
    act: Act, breach_id: uuid.UUID, known: facts.Breach, base: int, reason: str
) -> list[str]:
    """Adds what is known since; the clocks follow. The former record stays, with the reason.

    Raises:
        Conflict: somebody recorded something meanwhile: nothing of theirs is lost.
        Invalid: see `record`.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    how = How(act.now.date(), reason)
    changed = history.record(act, head, rules.checked(known, act.now), base, how.by(CHANGED))
    if "aware" in changed:
        finding.restart(act, head)
    return changed


def close(act: Act, breach_id: uuid.UUID, phase: Phase, reason: str) -> None:
    """Closes a breach, or a suspicion that proved false; the record stays, Art. 33(5).

    Raises:
        Invalid: there is no reason, or the breach stays open.
        Conflict: it is closed, or controllers are not informed yet.
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    if phase is Phase.OPEN or not reason.strip():
        raise Invalid(text("Say how it ended."), "reason")
    query = sa.select(sa.func.count()).where(
        Affected.breach_id == breach_id,
        Affected.removed_at.is_(None),
        Affected.informed_at.is_(None),
    )
    uninformed = act.session.scalar(query) or 0
    against = rules.may_close(head.phase, uninformed if phase is Phase.CLOSED else 0)
    if against is None and phase is Phase.CLOSED:
        ours = owning.standings(act.session, [head], act.now).get(head.id)
        against = own.against_closing(ours.owed) if ours else None
    if against is not None:
        raise Conflict(against)
    head.phase, head.ended_at, head.end_reason = phase, act.now, reason
    act.log(CLOSED, head, values={"reason": reason}, phase=phase)
