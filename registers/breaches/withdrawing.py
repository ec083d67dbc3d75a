"""Taking back what controllers were told in error: a notice of its own, with its reason.

Who was told stays on record, as does what they were told. A notice that has not left yet does
not leave any more, and then nothing has to be withdrawn.
"""

import uuid
from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from registers.breaches import notifying, telling
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Step
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import text
from registers.notices import operations as notices
from registers.notices.models import Notice
from registers.people.roles import Permission

WITHDRAWN = audit.kind(
    "breach.withdrawn",
    text("Notices of a breach withdrawn"),
    *("version", "notices", "stopped", "contracts"),
)


class Withdrawn(NamedTuple):
    """What became of it."""

    notices: int
    """How many notices of withdrawal were written."""
    stopped: int
    """Of how many controllers nothing had left: they are not told anything."""


def withdraw(
    act: Act,
    breach_id: uuid.UUID,
    base: int,
    reason: str,
    controllers: Collection[uuid.UUID] | None = None,
) -> Withdrawn:
    """Withdraws what controllers were told in error; they count as not affected after all.

    It is possible of closed breaches too: a suspicion that proved false is where it is needed.

    Args:
        act: the act.
        breach_id: the breach.
        base: the version of the record that its author had before the eyes.
        reason: why it was an error: recorded, and told.
        controllers: who was told in error; None: all that were told.

    Raises:
        Invalid: there is no reason, or none of them was told.
        Conflict: more was recorded meanwhile; or it is an exercise.
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    if not reason.strip():
        raise Invalid(text("Say why it was an error: the controllers are told."), "reason")
    if base != head.latest:
        raise Conflict(text("More was recorded meanwhile: look at it first."))
    if head.drill:
        raise Conflict(text("This is an exercise: no controller is told of it."))
    told = telling.told(act.session, head)
    wanted = set(told) if controllers is None else set(told) & set(controllers)
    rows = [
        row
        for row in act.session.scalars(
            sa.select(Affected)
            .where(Affected.breach_id == head.id)
            .order_by(Affected.ends_at, Affected.id)
            .with_for_update()
        )
        if row.controller_id in wanted
    ]
    if not rows:
        raise Invalid(text("There is nobody to tell."), "step")
    former = [key for owner in wanted for key in told[owner]]
    late = notices.cancel(act, former)
    for part in history.parts(former):
        for notice in act.session.scalars(sa.select(Notice).where(Notice.id.in_(part))):
            notice.withdrawn_at = act.now
    reached = {owner for owner in wanted if late & set(told[owner])}
    reachable = [row for row in rows if row.controller_id in reached]
    count = 0
    if reachable:
        count = len(notifying.write(act, head, reachable, Step.ERROR, reason.strip()))
    for row in rows:
        row.removed_at, row.removed_reason = row.removed_at or act.now, reason.strip()
    act.log(
        WITHDRAWN,
        head,
        values={"reason": reason},
        version=head.latest,
        notices=count,
        stopped=len(wanted - reached),
        contracts=len(rows),
    )
    return Withdrawn(count, len(wanted - reached))
