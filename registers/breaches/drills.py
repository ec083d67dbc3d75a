"""Exercises: everything happens as in earnest, to the addresses of exercises and to nobody else.

Their numbers are in series of their own, so that the real ones show no gap; what is counted,
exported or put into a register leaves out whatever has `Breach.drill`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import facts, oncall, rules
from registers.breaches.models import Affected, Breach, BreachVersion
from registers.controllers.vocabulary import Channel
from registers.kernel import audit
from registers.kernel.errors import Invalid
from registers.kernel.words import Text, text
from registers.notices.operations import Wanted, Way

NOTICES = "NX"
"""How the numbers of their notices begin."""

CHANNELS = (Channel.EMAIL,)
"""No letter leaves in an exercise, whatever a contract demands."""

RECIPIENT = "drill:"
"""How their notices name the recipient: portals and dossiers of controllers leave them out."""


def instead(session: Session, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The notices of an exercise: each goes to one of its addresses, in turn.

    Nothing of a controller's point of contact is left in them.

    Raises:
        Invalid: there is no such address.
    """
    addresses = oncall.reach(session).drill_emails
    if not addresses:
        raise Invalid(
            text("No address for exercises is set: an administrator does it under “On call”."),
            "step",
        )
    return [
        each._replace(
            recipient=f"{RECIPIENT}{each.recipient}",
            name="",
            email=address,
            ways=[Way(Channel.EMAIL, address)],
        )
        for each, address in zip(wanted, cycle(addresses), strict=False)
    ]


class Measured(NamedTuple):
    """How long the team took for something, from the moment at which it was aware."""

    says: Text
    at: datetime | None
    """None: not done yet."""
    after: timedelta | None
    """Negative where it was done before."""


def measured(session: Session, head: Breach) -> list[Measured]:
    """How the team did: recorded, found out whom, notified, completed, closed."""
    start = head.aware_at or head.recorded_at
    query = sa.select(
        sa.func.count(),
        sa.func.count(Affected.informed_at),
        sa.func.count(Affected.complete_at),
        sa.func.min(Affected.informed_at, type_=Affected.informed_at.type),
        sa.func.max(Affected.informed_at, type_=Affected.informed_at.type),
        sa.func.max(Affected.complete_at, type_=Affected.complete_at.type),
    ).where(Affected.breach_id == head.id, Affected.removed_at.is_(None))
    number, informed, complete, first, last, completed = session.execute(query).one()
    steps: list[tuple[Text, datetime | None]] = [
        (text("Breach recorded"), head.recorded_at),
        (text("First affected controllers found"), _first(session, head, "breach.touched")),
        (text("First notices written"), _first(session, head, "breach.notified")),
        (text("First controller informed"), first),
        (text("All informed"), last if number and informed == number else None),
        (text("Formalities complete for all"), completed if complete == number else None),
        (text("Everything of Art. 33(3) known"), _complete_content(session, head)),
        (text("Record closed"), head.ended_at),
    ]
    return [Measured(says, at, at - start if at else None) for says, at in steps]


def _first(session: Session, head: Breach, kind: str) -> datetime | None:
    query = (
        sa.select(audit.Entry)
        .where(audit.Entry.about == audit.name_of(head), audit.Entry.kind == kind)
        .order_by(audit.Entry.number)
        .limit(1)
    )
    entry = session.scalar(query)
    return entry.moment if entry else None


def _complete_content(session: Session, head: Breach) -> datetime | None:
    """When the record first said all that Art. 33(3) asks of it; numbers stand elsewhere."""
    query = sa.select(BreachVersion).where(BreachVersion.subject_id == head.id)
    for version in session.scalars(query.order_by(BreachVersion.number)):
        if version.facts and not rules.lacking(facts.Breach.of(version.facts), numbers=True):
            return version.recorded_at
    return None
