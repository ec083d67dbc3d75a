"""What is looked for every minute: contracts signed since an announcement, contracts that ended.

Both go by what the registers say, not by what happened since the last look: a look that was
missed is made up for by the next.
"""

import uuid
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements.cases import refresh
from registers.announcements.models import Announcement, Case
from registers.announcements.operations import catch_up
from registers.announcements.vocabulary import Phase
from registers.controllers.models import Contract
from registers.kernel import audit
from registers.kernel.act import Actor, Database
from registers.kernel.words import text
from registers.notices.models import Matter
from registers.people.roles import Permission

ENDED = audit.kind("announcement.contracts_ended", text("Contracts ended"), "contracts")

_seen: WeakKeyDictionary[Database, int] = WeakKeyDictionary()
"""Up to which entry of the journal this process has looked at contracts: planning for ten
thousand controllers takes a second, and nothing changes without an entry."""


def look(database: Database, actor: Actor, zone: str) -> None:
    """Tells contracts that came since, and takes note of those that ended."""
    with database.reading() as session:
        last = _last_change(session)
        if _seen.get(database) == last:
            return
        under_way = list(
            session.scalars(sa.select(Announcement.id).where(Announcement.phase == Phase.ANNOUNCED))
        )
        ended = _ended(session)
    for key in under_way:
        with database.acting(actor) as act:
            catch_up(act, key, act.now.astimezone(ZoneInfo(zone)).date())
    if ended:
        with database.acting(actor) as act:
            act.require(Permission.ANNOUNCE)
            refresh(act, ended)
            act.log(ENDED, "announcement:contracts", contracts=len(ended))
    _seen[database] = last


def _last_change(session: Session) -> int:
    kinds = ("contract.", "controller.")
    about = sa.or_(*(audit.Entry.kind.startswith(kind) for kind in kinds))
    found = session.scalar(sa.select(sa.func.max(audit.Entry.number)).where(about))
    return found or 0


def _ended(session: Session) -> list[uuid.UUID]:
    """The matters under way whose contract ended without their cases knowing."""
    unaware = sa.type_coerce(Case.known, sa.Text).contains('"contract_ended_on":null')
    query = (
        sa.select(Matter.id)
        .join(Case, Case.matter_id == Matter.id)
        .join(Contract, Contract.id == Matter.contract_id)
        .join(Announcement, Announcement.id == Case.announcement_id)
        .where(Announcement.phase == Phase.ANNOUNCED, Contract.ended_on.is_not(None), unaware)
        .distinct()
    )
    return list(session.scalars(query))
