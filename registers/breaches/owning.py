"""Recording what the organisation did about a breach as controller itself, Art. 33(1) and 34."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import own
from registers.breaches.models import Breach, OwnCase
from registers.breaches.own import Owed, Own
from registers.breaches.vocabulary import Phase
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission

RECORDED = audit.kind("breach_own.recorded", text("Our own file of a breach begun"), *FIELDS)
CHANGED = audit.kind("breach_own.changed", text("Our own file of a breach changed"), *FIELDS)


def record(act: Act, breach_id: uuid.UUID, known: Own, base: int, how: How) -> list[str]:
    """Records what was assessed, told and decided; the former record stays. Gives what changed.

    It is recorded of closed breaches too: the authority may answer years later.

    Raises:
        Conflict: somebody recorded something meanwhile; or no data of our own are concerned.
        Invalid: see `own.checked`.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    if not history.latest(act.session, head).ours:
        raise Conflict(
            text("This breach concerns no data of which the organisation is itself controller.")
        )
    checked = own.checked(known, act.now, how.effective_from)
    case = case_of(act.session, head)
    if case is None:
        if base:
            raise Conflict(text("There is no file of our own yet."))
        case = OwnCase(breach_id=head.id)
        return history.record(act, case, checked, 0, how.by(RECORDED, head))
    return history.record(act, act.take(OwnCase, case.id), checked, base, how.by(CHANGED, head))


def case_of(session: Session, head: Breach) -> OwnCase | None:
    """The organisation's own file of a breach, where there is one."""
    return session.scalar(sa.select(OwnCase).where(OwnCase.breach_id == head.id))


class Standing(NamedTuple):
    """Where the organisation's own duties stand, of one breach."""

    known: Own
    ends_at: datetime | None
    """When telling the authority becomes too late; None while it is not known since when."""
    owed: list[Owed]
    late: bool

    @property
    def waits(self) -> bool:
        """Whether its time still runs: the authority may have to be told."""
        return Owed.NOTIFY in self.owed


def standings(
    session: Session, heads: Collection[Breach], now: datetime
) -> dict[uuid.UUID, Standing]:
    """Where our own duties stand, for those breaches that concern data of our own."""
    ids = {head.id: head for head in heads}
    concerned = {
        key for key, known in history.all_latest(session, Breach, list(ids)).items() if known.ours
    }
    if not concerned:
        return {}
    query = sa.select(OwnCase.id, OwnCase.breach_id).where(OwnCase.breach_id.in_(concerned))
    cases = {row[0]: row[1] for row in session.execute(query)}
    known: dict[uuid.UUID, Own] = {
        cases[key]: each for key, each in history.all_latest(session, OwnCase, list(cases)).items()
    }
    return {
        key: standing(known.get(key, Own()), ids[key].aware_at, _until(ids[key], now))
        for key in concerned
    }


def _until(head: Breach, now: datetime) -> datetime:
    """Once proved to be no breach, nothing becomes late any more."""
    return head.ended_at or now if head.phase is Phase.FALSE else now


def standing(known: Own, aware_at: datetime | None, now: datetime) -> Standing:
    """Where our own duties stand, from what was recorded."""
    return Standing(
        known,
        own.ends_at(aware_at) if aware_at else None,
        own.owed(known, aware_at, now),
        own.is_late(known, aware_at, now),
    )
