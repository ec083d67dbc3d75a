"""The data of requesters: kept for the time that was set after a request is closed, then erased.

The worker does it without anybody's word: that the limit was set is the word. The other own stores
hold proofs, of which a person decides.
"""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from registers.kernel.act import Actor, Database
from registers.kernel.periods import add_months
from registers.requests import erasing, queries
from registers.retention.facts import OwnLimits
from registers.stores import limits

MOST = 25
"""So many are erased in one go; the next one follows a minute later."""


def kept_until(known: OwnLimits, closed_at: datetime, zone: str) -> date:
    """The last day on which the data of a requester are kept, as the limit stands.

    Args:
        known: the limits that hold now.
        closed_at: when the request was closed.
        zone: where the organisation is.
    """
    return add_months(closed_at.astimezone(ZoneInfo(zone)).date(), known.request_months)


def over(session: Session, today: date, zone: str, most: int | None = None) -> list[uuid.UUID]:
    """The requests whose time is over on a day."""
    before = add_months(today, -limits.limits(session).request_months)
    moment = limits.midnight(before, zone)
    return [head.id for head in queries.to_erase(session, moment, most)]


def sweep(database: Database, actor: Actor, zone: str) -> None:
    """Erases what describes the person from requests whose time is over."""
    today = database.now().astimezone(ZoneInfo(zone)).date()
    with database.reading() as session:
        due = over(session, today, zone, MOST)
    for key in due:
        with database.acting(actor) as act:
            erasing.erase(act, key)
