"""Legal duties as screens and packs read them: those who may not know of one do not see it."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance import duties
from registers.assistance import duty_rules as rules
from registers.assistance.duty_models import DutyContract, LegalDuty, LegalDutyStep
from registers.assistance.duty_rules import Described, Informed, Taken
from registers.assistance.vocabulary import DutyStanding, DutyStep
from registers.controllers.models import Contract, ContractService, Controller
from registers.kernel import history, pages
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Text, text
from registers.notices import dossiers
from registers.notices.dossiers import Proven
from registers.notices.models import Dispatch, Matter, Notice, Posted


class Concerned(NamedTuple):
    """A contract concerned, and when its controller was informed."""

    contract: Contract
    controller: Controller
    told: Informed

    def is_late(self, given: "Given") -> bool:
        """Whether it began before this controller was informed."""
        return bool(rules.late(given.row.prohibited, given.taken, [self.told]))


class Given(NamedTuple):
    """A legal duty with what happened to it."""

    row: LegalDuty
    steps: tuple[LegalDutyStep, ...]
    contracts: tuple[Concerned, ...]

    @property
    def taken(self) -> list[Taken]:
        """What happened, as the rules take it."""
        return [Taken(each.step, each.happened_on, each.happened_at) for each in self.steps]

    @property
    def standing(self) -> DutyStanding:
        """Where it stands."""
        return rules.standing(self.row.prohibited, self.taken)

    @property
    def secret(self) -> bool:
        """Whether nobody is to be told."""
        return rules.is_secret(self.row.prohibited, self.taken)

    @property
    def planned_on(self) -> date | None:
        """The day planned last."""
        return rules.planned(self.row.planned_on, self.taken)

    @property
    def begun(self) -> LegalDutyStep | None:
        """That it has begun."""
        return next((each for each in self.steps if each.step is DutyStep.BEGUN), None)

    @property
    def late(self) -> int:
        """For how many contracts it began too early."""
        told = [each.told for each in self.contracts]
        return rules.late(self.row.prohibited, self.taken, told)

    @property
    def informed(self) -> int:
        """Of how many contracts the controllers are informed."""
        return sum(each.told.on is not None for each in self.contracts)

    def oddities(self, today: date) -> list[Text]:
        """What is not as Art. 28(3)(a) wants it."""
        described = Described(**{name: getattr(self.row, name) for name in Described._fields})
        told = [each.told for each in self.contracts]
        return list(rules.oddities(described, self.taken, told, today))

    def of(self, controller_id: uuid.UUID) -> "Given":
        """The part of it that concerns one controller."""
        mine = (each for each in self.contracts if each.controller.id == controller_id)
        return self._replace(contracts=tuple(mine))

    def proofs(self) -> set[str]:
        """The digests of its documents."""
        return {each.proof_sha256 for each in self.steps if each.proof_sha256}


def _visible(secret: bool) -> sa.ColumnElement[bool]:
    """Which duties may be seen: those of which the law prohibits telling only by whoever may."""
    if secret:
        return sa.true()
    lifted = sa.select(LegalDutyStep.duty_id).where(LegalDutyStep.step == DutyStep.LIFTED)
    return sa.or_(sa.not_(LegalDuty.prohibited), LegalDuty.id.in_(lifted))


def duties_listed(
    session: Session, search: str, open_only: bool, wanted: Cut, *, secret: bool
) -> Page[Given]:
    """A page of legal duties, the newest first.

    Args:
        session: a reading session.
        search: words of a controller, of the law, of the authority, or the number.
        open_only: only those that have neither begun nor been dropped.
        wanted: which page.
        secret: whether also those of which the law prohibits telling.
    """
    query = sa.select(LegalDuty).where(_visible(secret))
    for word in fold(search).split():
        theirs = (
            sa.select(DutyContract.duty_id)
            .join(Controller, Controller.id == DutyContract.controller_id)
            .where(contains(Controller.search, word))
        )
        query = query.where(sa.or_(LegalDuty.id.in_(theirs), contains(LegalDuty.search, word)))
    if open_only:
        over = sa.select(LegalDutyStep.duty_id).where(
            LegalDutyStep.step.in_([DutyStep.BEGUN, DutyStep.DROPPED])
        )
        query = query.where(LegalDuty.id.not_in(over))
    page: Page[Any] = pages.cut(
        session, query, [LegalDuty.recorded_at, LegalDuty.code], wanted, descending=True
    )
    return Page(_whole(session, page.rows), *page[1:])


def duty(session: Session, code: str, *, secret: bool) -> Given:
    """One legal duty.

    Raises:
        NotFound: there is none of this number, or it is not to be known.
    """
    row = session.scalar(sa.select(LegalDuty).where(LegalDuty.code == code, _visible(secret)))
    if row is None:
        raise NotFound
    return _whole(session, [row])[0]


def duties_of(session: Session, controller_id: uuid.UUID, *, secret: bool = False) -> list[Given]:
    """The legal duties that concern one controller, the newest first; nothing of another one."""
    mine = sa.select(DutyContract.duty_id).where(DutyContract.controller_id == controller_id)
    query = sa.select(LegalDuty).where(LegalDuty.id.in_(mine), _visible(secret))
    rows = session.scalars(query.order_by(LegalDuty.recorded_at.desc(), LegalDuty.code.desc()))
    return [each.of(controller_id) for each in _whole(session, list(rows))]


def waiting(session: Session, until: date, most: int, *, secret: bool) -> list[Given]:
    """The duties planned up to a day that have not begun, the soonest first."""
    over = sa.select(LegalDutyStep.duty_id).where(
        LegalDutyStep.step.in_([DutyStep.BEGUN, DutyStep.DROPPED])
    )
    moved = sa.select(LegalDutyStep.duty_id).where(LegalDutyStep.step == DutyStep.PLANNED)
    query = sa.select(LegalDuty).where(
        LegalDuty.id.not_in(over),
        _visible(secret),
        sa.or_(LegalDuty.planned_on.is_not(None), LegalDuty.id.in_(moved)),
    )
    found = _whole(session, list(session.scalars(query)))
    due = [each for each in found if each.planned_on and each.planned_on <= until]
    return sorted(due, key=lambda each: (each.planned_on, each.row.code))[:most]


def _whole(session: Session, rows: Sequence[LegalDuty]) -> list[Given]:
    ids = [row.id for row in rows]
    steps: dict[uuid.UUID, list[LegalDutyStep]] = {}
    contracts: dict[uuid.UUID, list[Concerned]] = {}
    for part in history.parts(ids):
        query = sa.select(LegalDutyStep).where(LegalDutyStep.duty_id.in_(part))
        for step in session.scalars(query.order_by(LegalDutyStep.number)):
            steps.setdefault(step.duty_id, []).append(step)
        held = (
            sa.select(DutyContract.duty_id, Contract, Controller)
            .join(Contract, Contract.id == DutyContract.contract_id)
            .join(Controller, Controller.id == DutyContract.controller_id)
            .where(DutyContract.duty_id.in_(part))
            .order_by(Controller.sorted, Contract.sorted, Contract.id)
        )
        for key, contract, owner in session.execute(held):
            contracts.setdefault(key, []).append(Concerned(contract, owner, NOT_YET))
    found = []
    for row in rows:
        told = informed(session, row)
        mine = (
            each._replace(told=told.get(each.contract.id, NOT_YET))
            for each in contracts.get(row.id, ())
        )
        found.append(Given(row, tuple(steps.get(row.id, ())), tuple(mine)))
    return found


def concerning(
    session: Session, codes: Sequence[str], activities: Collection[str], day: date
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The contracts that a duty concerns, by controller, in the order of the lists.

    Args:
        session: a reading session.
        codes: those of the controllers; none: all whose contracts name one of the activities.
        activities: the activities; none: whatever the contracts of these controllers name.
        day: contracts that had ended before it count only where a controller has no other.

    Raises:
        Invalid: neither is named, a code is unknown, or a controller has no such contract.
    """
    if not codes and not activities:
        raise Invalid(text("Name controllers, or tick activities."), "controllers")
    query = (
        sa.select(Contract.id, Contract.controller_id, Contract.ended_on, Controller.code)
        .join(Controller, Controller.id == Contract.controller_id)
        .order_by(Controller.sorted, Contract.sorted, Contract.id)
    )
    if activities:
        named = sa.select(ContractService.contract_id).where(ContractService.code.in_(activities))
        query = query.where(Contract.id.in_(named))
    wanted = {code.upper(): code for code in codes}
    rows: list[Any] = []
    for part in history.parts(sorted(wanted)) if wanted else [None]:
        narrowed = query if part is None else query.where(sa.func.upper(Controller.code).in_(part))
        rows += session.execute(narrowed).all()
    lacking = set(wanted) - {row.code.upper() for row in rows}
    if lacking:
        which = ", ".join(sorted(wanted[each] for each in lacking))
        raise Invalid(
            text("No controller with such a contract: {which}.", which=which), "controllers"
        )
    running: dict[uuid.UUID, list[uuid.UUID]] = {}
    over: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in rows:
        ended = row.ended_on is not None and row.ended_on < day
        (over if ended else running).setdefault(row.controller_id, []).append(row.id)
    order = dict.fromkeys(row.controller_id for row in rows)
    found = {key: running.get(key) or (over[key] if codes else []) for key in order}
    if not any(found.values()):
        raise Invalid(text("No contract names one of these activities."), "activities")
    return {key: ids for key, ids in found.items() if ids}


def slips(session: Session, row: LegalDuty) -> set[str]:
    """The digests of the slips of its letters."""
    query = (
        sa.select(Posted.proof_sha256)
        .join(Dispatch, Dispatch.id == Posted.dispatch_id)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(duties.of_duty(row), Posted.proof_sha256.is_not(None))
    )
    return {each for each in session.scalars(query) if each}


NOT_YET = Informed(None, None, "UTC")


def informed(session: Session, row: LegalDuty) -> dict[uuid.UUID | None, Informed]:
    """When the controller of each contract was informed of a duty, by its first notice that left.

    What is told later (another day, not pursued) does not make the first one later.
    """
    query = (
        sa.select(Matter.contract_id, Matter.informed_at, Matter.sent_on, Matter.zone)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(duties.of_duty(row))
    )
    found: dict[uuid.UUID | None, Informed] = {}
    for key, at, on, zone in session.execute(query):
        before = found.get(key, Informed(None, None, zone))
        first = min(filter(None, (before.at, at)), default=None)
        day = min(filter(None, (before.on, on)), default=None)
        found[key] = Informed(first, day, zone)
    return found


class Notified(NamedTuple):
    """A notice of a duty to one controller: its ways, and what proves its receipt."""

    notice: Notice
    controller: Controller
    ways: tuple[Dispatch, ...]
    receipts: tuple[Proven, ...]


def notified(session: Session, row: LegalDuty, most: int) -> list[Notified]:
    """The notices of a duty, in the order in which they were written."""
    query = (
        sa.select(Notice, Controller)
        .join(Matter, Matter.notice_id == Notice.id)
        .join(Controller, Controller.id == Matter.controller_id)
        .where(duties.of_duty(row))
        .distinct()
        .order_by(Notice.created_at, Notice.number)
        .limit(most)
    )
    ids = sa.select(Notice.id).where(duties.of_duty(row))
    read = [(found[0], found[1]) for found in session.execute(query)]
    ways: dict[uuid.UUID, list[Dispatch]] = {}
    for way in session.scalars(
        sa.select(Dispatch).where(Dispatch.notice_id.in_(ids)).order_by(Dispatch.id)
    ):
        ways.setdefault(way.notice_id, []).append(way)
    matters: dict[uuid.UUID, list[uuid.UUID]] = {}
    for key, matter in session.execute(
        sa.select(Matter.notice_id, Matter.id).where(Matter.notice_id.in_(ids))
    ):
        matters.setdefault(key, []).append(matter)
    proven = dossiers.proven(session, [key for keys in matters.values() for key in keys])
    return [
        Notified(
            notice,
            owner,
            tuple(ways.get(notice.id, ())),
            tuple(each for key in matters[notice.id][:1] for each in proven.get(key, ())),
        )
        for notice, owner in read
    ]
