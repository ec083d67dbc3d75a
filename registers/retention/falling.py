"""Which rules of the register fall due by an event: those in force on its day.

A case keeps the rule as it was then: what was promised does not change with the register.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import queries as register
from registers.activities.ends import Ended
from registers.activities.facts import Activity, RetentionRule
from registers.activities.vocabulary import Trigger
from registers.controllers import facts as parties
from registers.controllers.models import Contract
from registers.kernel import history
from registers.retention import facts, rules


class Event(NamedTuple):
    """Something that ended."""

    trigger: Trigger
    controller_id: uuid.UUID
    event_on: date
    contract_id: uuid.UUID | None = None
    activities: tuple[str, ...] = ()
    """Their codes, where only these are concerned."""
    what: str = ""
    about: str = ""
    """The row that ended, as the journal names it, where a register knows it."""

    @classmethod
    def of(cls, ended: Ended, on: date) -> Self:
        """What a register says ended, on its day."""
        return cls(
            *(ended.trigger, ended.controller_id, on, ended.contract_id),
            *(ended.activities, ended.what, ended.about),
        )

    @property
    def activity(self) -> str:
        """The code of the activity, where it is only one."""
        return self.activities[0] if len(self.activities) == 1 else ""


class Wanted(NamedTuple):
    """A rule that falls due, and where the software ran."""

    promise: facts.Promise

    @property
    def rule(self) -> RetentionRule:
        """The rule."""
        return self.promise.rule


def wanted_by(session: Session, event: Event, *, last: bool = False) -> list[Wanted]:
    """The rules that fall due by an event.

    Args:
        session: a reading session, or an act's.
        event: what ended.
        last: whether the relationship with the controller ends with it.
    """
    services = _services(session, event)
    triggers = rules.opens(event.trigger, last=last)
    known = register.activities_in_force(session, event.event_on)
    if event.trigger is Trigger.REQUEST_END and not event.activities:
        # requests of data subjects are handled in an activity of our own: no contract names it
        services |= {code for code, dated in known.items() if rules.is_own(dated.facts)}
    for code, dated in _described_since(session, services - known.keys()).items():
        known.setdefault(code, dated)
    hosting = _hosting(session, event)
    return [
        Wanted(
            facts.Promise(
                code=code,
                name=dated.facts.name,
                version=dated.number,
                role=dated.facts.role,
                rule=rule,
                backups=dated.facts.backups,
                subprocessors=tuple(use.code for use in dated.facts.subprocessors),
                hosting=hosting.get(code),
            )
        )
        for code, dated in known.items()
        for rule in rules.promised(dated.facts, code, services, triggers)
    ]


def _described_since(
    session: Session, codes: Collection[str]
) -> dict[str, history.Dated[Activity]]:
    """Activities that were described only after the event: the first that was said counts."""
    if not codes:
        return {}
    latest = register.activities_in_force(session, date.max)
    return {code: latest[code] for code in codes if code in latest}


def contract_of(session: Session, event: Event) -> parties.Contract | None:
    """The contract under which something ended, as it was on that day."""
    if event.contract_id is None:
        return None
    found: parties.Contract = history.known_on(
        session, Contract, event.event_on, [event.contract_id]
    )[event.contract_id]
    return found


def _services(session: Session, event: Event) -> set[str]:
    if event.activities:
        return set(event.activities)
    contract = contract_of(session, event)
    if contract is not None:
        return {service.code for service in contract.services}
    heads = session.scalars(
        sa.select(Contract.id).where(Contract.controller_id == event.controller_id)
    ).all()
    agreed = history.all_latest(session, Contract, heads)
    return {service.code for known in agreed.values() for service in known.services}


def _hosting(session: Session, event: Event) -> dict[str, Any]:
    contract = contract_of(session, event)
    return {each.code: each.hosting for each in contract.services} if contract else {}
