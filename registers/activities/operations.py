"""What people do to the register: record, change, validate."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import facts, rules
from registers.activities.models import Activity, ActivityValidation, ActivityVersion, Measure
from registers.activities.queries import VALIDATED
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.subprocessors.models import Subprocessor

ACTIVITY_RECORDED = audit.kind("activity.recorded", text("Activity recorded"), *FIELDS)
ACTIVITY_CHANGED = audit.kind("activity.changed", text("Activity changed"), *FIELDS)
ACTIVITY_VALIDATED = audit.kind("activity.validated", text("Activity validated"), "number")
ACTIVITY_ABANDONED = audit.kind("activity.abandoned", text("Draft abandoned"), *FIELDS)
MEASURE_RECORDED = audit.kind("measure.recorded", text("Measure recorded"), *FIELDS)
MEASURE_CHANGED = audit.kind("measure.changed", text("Measure changed"), *FIELDS)


def record_activity(act: Act, code: str, known: facts.Activity, how: How) -> Activity:
    """Opens an activity, as a draft.

    Raises:
        Invalid: the code is taken or empty, or the facts cannot be.
    """
    act.require(Permission.REGISTER_EDIT)
    head = history.begin(act, Activity, code)
    known = _checked(act.session, known)
    history.record(act, head, known, 0, how.by(ACTIVITY_RECORDED))
    return head


def change_activity(
    act: Act, activity_id: uuid.UUID, known: facts.Activity, base: int, how: How
) -> list[str]:
    """Adds a version to an activity, as a draft; gives the names of what changed.

    Raises:
        Invalid, Conflict, NotFound: see `record_activity`, and `history.record`.
    """
    act.require(Permission.REGISTER_EDIT)
    head = act.take(Activity, activity_id)
    known = _checked(act.session, known)
    return history.record(act, head, known, base, how.by(ACTIVITY_CHANGED))


def _checked(session: Session, known: facts.Activity) -> facts.Activity:
    known = rules.checked_activity(known)
    named: tuple[tuple[Any, set[str], str], ...] = (
        (Measure.code, set(known.measures), "measures"),
        (Subprocessor.code, {use.code for use in known.subprocessors}, "subprocessors"),
    )
    for column, codes, field in named:
        unknown = codes - set(session.scalars(sa.select(column).where(column.in_(codes))))
        if unknown:
            raise Invalid(text("Not on record: {codes}.", codes=", ".join(sorted(unknown))), field)
    return known


def validate_activity(act: Act, activity_id: uuid.UUID, number: int) -> None:
    """The DPO's word that the latest version is right: from its day on it is in force.

    Raises:
        Conflict: it is not the latest version, or was validated already.
    """
    act.require(Permission.REGISTER_VALIDATE)
    head = act.take(Activity, activity_id)
    if number != head.latest:
        raise Conflict(text("A newer version was recorded: read that one first."))
    if head.validated == number:
        raise Conflict(text("This version was validated already."))
    query = sa.select(ActivityVersion.id).where(
        ActivityVersion.subject_id == head.id, ActivityVersion.number == number
    )
    act.session.add(
        ActivityValidation(
            version_id=act.session.scalars(query).one(),
            validated_at=act.now,
            author=act.actor.reference,
        )
    )
    head.validated = number
    act.log(ACTIVITY_VALIDATED, head, number=number)


def abandon_draft(act: Act, activity_id: uuid.UUID, number: int, reason: str) -> None:
    """Lets a draft go: from its day on the facts are again those that were validated before.

    Raises:
        Conflict: it is not the latest version, no draft, or nothing was validated before it.
    """
    act.require(Permission.REGISTER_VALIDATE)
    head = act.take(Activity, activity_id)
    day = head.effective_from
    before = history.in_force(act.session, Activity, day, [head.id], VALIDATED).get(head.id)
    if number != head.latest or not head.is_draft or before is None:
        raise Conflict(text("This draft cannot be abandoned."))
    how = How(day, reason).by(ACTIVITY_ABANDONED)
    history.record(act, head, before.facts, head.latest, how)
    act.session.flush()
    validate_activity(act, activity_id, head.latest)


def record_measure(act: Act, code: str, known: facts.Measure, how: How) -> Measure:
    """Records a security measure.

    Raises:
        Invalid: the code is taken or empty, or the facts cannot be.
    """
    act.require(Permission.REGISTER_EDIT)
    head = history.begin(act, Measure, code)
    known = rules.checked_measure(known)
    history.record(act, head, known, 0, how.by(MEASURE_RECORDED))
    return head


def change_measure(
    act: Act, measure_id: uuid.UUID, known: facts.Measure, base: int, how: How
) -> list[str]:
    """Adds a version to a measure; all activities it protects see it.

    Raises:
        Invalid, Conflict, NotFound: see `record_measure`, and `history.record`.
    """
    act.require(Permission.REGISTER_EDIT)
    head = act.take(Measure, measure_id)
    known = rules.checked_measure(known)
    return history.record(act, head, known, base, how.by(MEASURE_CHANGED))
