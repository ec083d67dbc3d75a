"""Contracts that a breach may affect, with what leads to each."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import queries as register
from registers.breaches import facts
from registers.breaches.models import Affected, Breach
from registers.controllers.models import (
    Contract,
    ContractService,
    Controller,
)
from registers.kernel.identifiers import fold


class Reason(NamedTuple):
    """Why a contract is proposed as affected: through which activities, whether it has ended."""

    activities: tuple[str, ...]
    """Their codes."""
    ended: bool
    """An ended contract is proposed as well: nothing on record says that its data were erased."""


class Proposal(NamedTuple):
    """A contract that may be affected."""

    controller_id: uuid.UUID
    contract_id: uuid.UUID
    code: str
    name: str
    reference: str
    ended_on: date | None
    reason: Reason


def touched_activities(
    session: Session, known: facts.Breach, day: date
) -> Mapping[str, tuple[str, ...]]:
    """The activities that a breach touches, each with what leads to it; none: it is named itself.

    Besides those named, the ones that use a sub-processor or a site that was touched.
    """
    found: dict[str, tuple[str, ...]] = dict.fromkeys(known.services, ())
    processors, sites = set(known.subprocessors), {fold(each) for each in known.sites}
    if not processors and not sites:
        return found
    for code, dated in register.activities_in_force(session, day).items():
        through = [
            name
            for use in dated.facts.subprocessors
            for name in (use.code, *use.sites)
            if name in processors or fold(name) in sites
        ]
        if through and code not in found:
            found[code] = tuple(dict.fromkeys(through))
    return found


def proposed(
    session: Session, head: Breach, activities: Collection[str], day: date
) -> list[Proposal]:
    """The contracts that cover activities and are not on the list of a breach yet.

    Those that were found not to be affected are not proposed again.
    """
    there = (
        sa.select(Affected.id)
        .where(Affected.breach_id == head.id, Affected.contract_id == Contract.id)
        .exists()
    )
    query = (
        sa.select(
            Contract.id,
            Contract.controller_id,
            Contract.reference,
            Contract.ended_on,
            Controller.code,
            Controller.name,
            ContractService.code,
        )
        .join(Contract, Contract.id == ContractService.contract_id)
        .join(Controller, Controller.id == Contract.controller_id)
        .where(ContractService.code.in_(activities), ~there)
        .order_by(Controller.sorted, Contract.sorted, Contract.id, ContractService.code)
    )
    rows: dict[uuid.UUID, tuple[Any, list[str]]] = {}
    for row in session.execute(query):
        rows.setdefault(row[0], (row, []))[1].append(row[6])
    return [
        Proposal(
            row[1],
            row[0],
            row[4],
            row[5],
            row[2],
            row[3],
            Reason(tuple(codes), row[3] is not None and row[3] < day),
        )
        for row, codes in rows.values()
    ]
