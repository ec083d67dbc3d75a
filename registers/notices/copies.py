"""Copies to former addresses: whoever was written to before sees for a while what is sent now.

Should somebody have declared an address that is not the controller's, those who held the former
one notice. A copy goes only where the whole notice is about the controllers whose address it was.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import history
from registers.kernel.act import Act
from registers.notices.models import FormerAddress

LASTS = timedelta(days=30)
"""How long a former address is told too."""


def keep(act: Act, controller_id: uuid.UUID, address: str) -> None:
    """Lets a former address of a controller get copies from now on, for 30 days.

    To be called in the act in which another one takes its place.
    """
    act.session.add(
        FormerAddress(
            controller_id=controller_id, address=address, since=act.now, until=act.now + LASTS
        )
    )


def end(act: Act, controller_id: uuid.UUID, address: str) -> None:
    """Ends the copies to an address that is a present one again."""
    act.session.execute(
        sa.update(FormerAddress)
        .where(
            FormerAddress.controller_id == controller_id,
            FormerAddress.address == address,
            FormerAddress.until > act.now,
        )
        .values(until=act.now),
        execution_options={"synchronize_session": False},
    )


def of(session: Session, controller_id: uuid.UUID, now: datetime) -> list[FormerAddress]:
    """The former addresses of a controller that still get copies."""
    query = sa.select(FormerAddress).where(
        FormerAddress.controller_id == controller_id, FormerAddress.until > now
    )
    return list(session.scalars(query.order_by(FormerAddress.until, FormerAddress.id)))


def addresses(
    session: Session, wanted: Mapping[uuid.UUID, Sequence[uuid.UUID]], now: datetime
) -> dict[uuid.UUID, list[str]]:
    """The former addresses that get a copy of each notice.

    Args:
        session: an act's.
        wanted: by notice, the controllers it tells of.
        now: when it is written.
    """
    owners = {owner for told in wanted.values() for owner in told}
    held: dict[uuid.UUID, set[str]] = {}
    for part in history.parts(owners):
        query = sa.select(FormerAddress.controller_id, FormerAddress.address).where(
            FormerAddress.controller_id.in_(part), FormerAddress.until > now
        )
        for owner, address in session.execute(query):
            held.setdefault(owner, set()).add(address)
    if not held:
        return {}
    return {
        notice: sorted(shared)
        for notice, told in wanted.items()
        if told and (shared := set.intersection(*(held.get(owner, set()) for owner in told)))
    }
