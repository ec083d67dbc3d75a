"""One contract that a link opens: how its window was counted, and what was recorded of it."""

import uuid
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import cases, rules
from registers.announcements.models import Objection, Window
from registers.kernel import calendars
from registers.kernel.periods import Period, Step, Unit, steps
from registers.notices.models import Matter, Receipt
from registers.portal import queries


class Counted(NamedTuple):
    """A window with its explanation."""

    window: Window
    days: tuple[Step, ...]
    """Day by day; empty where the calendar's data have changed since it was counted."""


def counted(session: Session, matter: Matter) -> Counted | None:
    """How the window of a contract was counted; None as long as none is open."""
    window = cases.last_windows(session, [matter.id]).get(matter.id)
    if window is None:
        return None
    how = window.count
    calendar = calendars.calendar(how["calendar"], how["good_friday"])
    if how["amount"] is None:  # not by days: beyond this day nobody may object any more
        return Counted(window, ())
    period = Period(how["amount"], Unit(how["unit"]))
    start = date.fromisoformat(how["from"]) if "from" in how else window.received_on
    days = tuple(steps(period, start, calendar))
    # the count that was told is frozen: it is shown as it was, or not at all
    same = days[-1].day.isoformat() == how["counted_to"]
    return Counted(window, days if same else ())


class Said(NamedTuple):
    """An objection, and what became of it."""

    row: Objection
    refusal: rules.Objection
    about: queries.Tell | None
    late: bool


class Dossiers(NamedTuple):
    """All that was recorded of one contract told of."""

    row: queries.Row
    receipts: list[Receipt]
    counted: Counted | None
    objections: list[Said]


def dossier(
    session: Session, seen: queries.Opened, matter_id: uuid.UUID, now: datetime
) -> Dossiers:
    """One contract that a link opens.

    Raises:
        NotFound: it opens none of this identifier.
    """
    (row,) = queries.rows(session, seen, now, [matter_id])
    receipts = (
        sa.select(Receipt)
        .where(Receipt.matter_id == matter_id)
        .order_by(Receipt.recorded_at, Receipt.id)
    )
    found = counted(session, row.matter)
    tells = {each.row.id: each for each in seen.tells}
    said = [
        Said(
            each,
            refusal,
            tells[each.change_id] if each.change_id else None,
            found is not None and not refusal.in_time(found.window.closes_on),
        )
        for each, refusal in cases.objections_of(session, [matter_id]).get(matter_id, ())
    ]
    corrected = sa.select(Receipt.corrects_id).where(Receipt.matter_id == matter_id)
    gone = set(session.scalars(corrected))
    kept = [each for each in session.scalars(receipts) if each.id not in gone]
    return Dossiers(row, kept, found, said)


def is_late(row: Objection, window: Window | None) -> bool:
    """Whether an objection came after the last day of the window."""
    refusal = rules.Objection(row.received_on, row.posted_on)
    return window is not None and not refusal.in_time(window.closes_on)
