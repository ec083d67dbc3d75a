"""What a contract instructed of purposes, and what of the present processing is outside of it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from registers.activities import queries as register
from registers.activities.facts import Activity
from registers.assistance import queries, rules
from registers.assistance.rules import Instructed, Outside
from registers.controllers.facts import Contract as Agreed
from registers.controllers.models import Contract
from registers.kernel import history


def outside(session: Session, head: Contract, day: date) -> list[Outside]:
    """The purposes outside what was instructed under a contract, as the registers are on a day.

    The contract instructs the purposes that an activity had when the contract first named it;
    of an activity that was described later, those it had first. Instructions given since add
    purposes or give them up.
    """
    named = _named(session, head)
    present = register.activities_in_force(session, day)
    held = history.in_force(session, Contract, day, [head.id]).get(head.id)
    codes = [each.code for each in held.facts.services] if held else []
    agreed: dict[str, Sequence[str]] = {}
    for since in {named[code] for code in codes if code in named}:
        then = register.activities_in_force(session, since)
        agreed |= {
            code: _purposes(then[code])
            for code in codes
            if named.get(code) == since and code in then
        }
    now = {code: _purposes(present[code]) for code in codes if code in present}
    given = [
        Instructed(
            each.row.code,
            each.row.scope,
            each.row.activities,
            each.row.purposes,
            each.standing,
        )
        for each in queries.instructions_of(session, [head.id])
    ]
    return rules.outside({**now, **agreed}, now, given)


def _purposes(dated: history.Dated[Activity]) -> list[str]:
    return [purpose.name for purpose in dated.facts.purposes]


def _named(session: Session, head: Contract) -> dict[str, date]:
    """Since when the contract has named each activity."""
    found: dict[str, date] = {}
    for version in history.versions(session, head):
        if version.facts is None:
            continue
        known = Agreed.of(version.facts)
        for service in known.services:
            since = version.effective_from
            found[service.code] = min(found.get(service.code, since), since)
    return found


def not_covered(session: Session, head: Contract, codes: Sequence[str]) -> list[str]:
    """The activities, among those an instruction names, that its contract does not."""
    known: Agreed = history.latest(session, head)
    named = {each.code for each in known.services}
    return [code for code in codes if code not in named]
