"""The register as screens and papers read it."""

import uuid
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import facts
from registers.activities.models import (
    Activity,
    ActivityValidation,
    ActivityVersion,
    Measure,
)
from registers.activities.vocabulary import ActivityRole, Family
from registers.controllers.models import Contract, ContractService, Controller
from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.history import Dated
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains

VALIDATED = ActivityVersion.id.in_(sa.select(ActivityValidation.version_id))
"""Only validated versions are in force."""


class Row(NamedTuple):
    """An activity in a list."""

    head: Activity
    contracts: int


def activities(session: Session, search: str, role: str, gaps: str, wanted: Cut) -> Page[Row]:
    """A page of the register, by code."""
    query = sa.select(Activity)
    for word in fold(search).split():
        query = query.where(contains(Activity.search, word))
    if role in {each.value for each in ActivityRole}:
        query = query.where(Activity.role == ActivityRole(role))
    if gaps == "draft":
        query = query.where(Activity.validated != Activity.latest)
    elif gaps == "findings":
        query = query.where(Activity.findings > 0)
    elif gaps == "missing":
        query = query.where(Activity.missing > 0)
    page: Page[Activity] = pages.cut(session, query, [Activity.sorted, Activity.id], wanted)
    counted = (
        sa.select(ContractService.code, sa.func.count())
        .where(ContractService.code.in_([head.code for head in page.rows]))
        .group_by(ContractService.code)
    )
    used: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    return Page([Row(head, used.get(head.code, 0)) for head in page.rows], *page[1:])


def activity(session: Session, code: str) -> Activity:
    """One activity.

    Raises:
        NotFound: there is none with this code.
    """
    found = session.scalar(sa.select(Activity).where(Activity.code == code))
    if found is None:
        raise NotFound
    return found


def activity_names(session: Session) -> dict[str, str]:
    """The names of all activities by code, in order."""
    query = sa.select(Activity.code, Activity.name).order_by(Activity.sorted)
    return {row[0]: row[1] for row in session.execute(query)}


def activities_in_force(session: Session, day: date) -> dict[str, Dated[facts.Activity]]:
    """The validated activities of a day by code, in order; those that had ended are left out."""
    query = sa.select(Activity.id, Activity.code).order_by(Activity.sorted)
    codes: dict[uuid.UUID, str] = {row[0]: row[1] for row in session.execute(query)}
    known = history.in_force(session, Activity, day, None, VALIDATED)
    return {
        code: known[key]
        for key, code in codes.items()
        if key in known and not _over(known[key].facts.ended_on, day)
    }


def _over(ended_on: date | None, day: date) -> bool:
    return ended_on is not None and ended_on < day


def validations(session: Session, activity_id: uuid.UUID) -> dict[int, ActivityValidation]:
    """Who validated which versions of an activity, by number."""
    query = (
        sa.select(ActivityVersion.number, ActivityValidation)
        .join(ActivityVersion, ActivityVersion.id == ActivityValidation.version_id)
        .where(ActivityVersion.subject_id == activity_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


class CarriedOut(NamedTuple):
    """Where an activity is carried out today."""

    total: int
    """Under how many contracts."""
    shown: list[tuple[Contract, Controller]]
    """These contracts with their controllers, in order; none when they are too many to show."""


def carried_out(session: Session, code: str, most: int) -> CarriedOut:
    """The contracts under which an activity is carried out today, if there are at most so many."""
    counted = sa.select(sa.func.count()).where(ContractService.code == code)
    total = session.scalar(counted) or 0
    if not 0 < total <= most:
        return CarriedOut(total, [])
    query = (
        sa.select(Contract, Controller)
        .join(ContractService, ContractService.contract_id == Contract.id)
        .join(Controller, Controller.id == ContractService.controller_id)
        .where(ContractService.code == code)
        .order_by(Controller.sorted, Contract.sorted)
    )
    return CarriedOut(total, [(row[0], row[1]) for row in session.execute(query)])


def to_review(session: Session, day: date, most: int) -> list[Activity]:
    """Activities whose review is due by a day, the soonest first."""
    query = (
        sa.select(Activity)
        .where(Activity.ended_on.is_(None), Activity.review_on <= day)
        .order_by(Activity.review_on, Activity.sorted)
        .limit(most)
    )
    return list(session.scalars(query))


def measures(session: Session, search: str, family: str, wanted: Cut) -> Page[Measure]:
    """A page of the catalogue of measures, by family."""
    query = sa.select(Measure)
    for word in fold(search).split():
        query = query.where(contains(Measure.search, word))
    if family in {each.value for each in Family}:
        query = query.where(Measure.family == Family(family))
    page: Page[Any] = pages.cut(session, query, [Measure.sorted, Measure.id], wanted)
    return page


def measure(session: Session, code: str) -> Measure:
    """One measure.

    Raises:
        NotFound: there is none with this code.
    """
    found = session.scalar(sa.select(Measure).where(Measure.code == code))
    if found is None:
        raise NotFound
    return found


def measure_names(session: Session) -> dict[str, str]:
    """The names of all measures by code, in order."""
    query = sa.select(Measure.code, Measure.name).order_by(Measure.sorted)
    return {row[0]: row[1] for row in session.execute(query)}


class Counts(NamedTuple):
    """How many there are, for the front page."""

    activities: int
    drafts: int
    findings: int
    missing: int


def counts(session: Session) -> Counts:
    """How many activities there are, and how many wait for something."""
    query = sa.select(
        sa.func.count(),
        sa.func.count().filter(Activity.validated != Activity.latest),
        sa.func.coalesce(sa.func.sum(Activity.findings), 0),
        sa.func.coalesce(sa.func.sum(Activity.missing), 0),
    ).where(Activity.ended_on.is_(None))
    return Counts(*session.execute(query).one())
