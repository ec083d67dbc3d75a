"""What happens to legal duties: recorded, told to the controllers before, begun or dropped (K10).

Art. 28(3)(a): where Union or Member State law obliges the processor to process or transfer data
outside the documented instructions, it informs the controllers of that legal requirement before
processing. The notice is written in the act that records the duty. Where that very law prohibits
it, no notice is written, and the journal, which controllers get with their evidence, says no more
than that a reserved matter was recorded.
"""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance import duty_rules as rules
from registers.assistance.dossiers import ATTACHED
from registers.assistance.duty_models import DutyContract, LegalDuty, LegalDutyStep
from registers.assistance.duty_rules import Described, Taken
from registers.assistance.models import Document
from registers.assistance.reached import Reached, reached
from registers.assistance.vocabulary import DutyStep
from registers.controllers.models import Contract
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.base import insert_many
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.identifiers import fold
from registers.kernel.words import text
from registers.notices import operations as notices
from registers.notices.models import Notice
from registers.notices.operations import Wanted
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission

SERIES, SECRET_SERIES = "LD", "LR"
"""How numbers begin. What is not to be told has a series of its own, so that the other has no gap
from which somebody could guess."""

RECORDED = audit.kind("duty.recorded", text("Legal duty recorded"), "number", "contracts")
STEPPED = audit.kind("duty.step", text("Legal duty followed up"), "step", "happened_on")
TOLD = audit.kind(
    "duty.told", text("Controller informed of a legal duty"), "number", "notice", "contracts"
)
RESERVED = audit.kind("reserved.recorded", text("Reserved matter recorded"))
"""All that the journal says of what the law prohibits telling: neither whom nor what it concerns.
The rest stands in its own tables, which are added to only; once telling is allowed the journal
says it all."""


class Said(NamedTuple):
    """A step as it is recorded."""

    on: date
    says: str = ""
    content: bytes | None = None


def record(
    act: Act,
    said: Described,
    contracts: Collection[uuid.UUID],
    today: date,
    *,
    begun_at: datetime | None = None,
) -> LegalDuty:
    """Records a legal duty; the controllers concerned are told in the same act.

    Args:
        act: the act.
        said: the duty.
        contracts: those whose data it concerns.
        today: the present day of the organisation.
        begun_at: where it has begun already, since when: a fact, however late the notice is.

    Raises:
        Forbidden: the law prohibits telling, and whoever acts may not know of such duties.
        Invalid: `duty_rules.checked`; no contract is concerned; the beginning is to come.
        NotFound: there is no such contract.
    """
    act.require(Permission.ASSISTANCE_RECORD)
    if said.prohibited:
        act.require(Permission.DUTIES_RESERVED)
    if begun_at is not None:
        said = said._replace(planned_on=None)
    rules.checked(said, today)
    found = _contracts(act.session, contracts)
    (code,) = references.take(act, SECRET_SERIES if said.prohibited else SERIES, today)
    plain = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in said._asdict().items()
    }
    named = f"{code} {said.provision} {said.authority} {said.reference}"
    row = LegalDuty(
        **plain,
        code=code,
        search=fold(named),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.session.flush()
    insert_many(
        act.session,
        DutyContract,
        [
            {"id": uuid.uuid4(), "duty_id": row.id, "controller_id": owner, "contract_id": key}
            for key, owner in found.items()
        ],
    )
    if said.prohibited:
        act.log(RESERVED, f"reserved:{row.id}")
    else:
        _log(act, row, len(found))
    if begun_at is not None:
        _begin(act, row, begun_at, Said(today))
    if not said.prohibited:
        _tell(act, row, DutyStep.TOLD, "")
    return row


def _log(act: Act, row: LegalDuty, contracts: int) -> None:
    values = {"provision": row.provision, "authority": row.authority, "data": row.data}
    act.log(RECORDED, row, values=values, number=row.code, contracts=contracts)


def _contracts(session: Session, wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The contracts with their controllers, in the order of their references."""
    if not wanted:
        raise Invalid(text("Say which contracts it concerns."), "contracts")
    found: list[Any] = []
    for part in history.parts(sorted(set(wanted))):
        query = sa.select(Contract.id, Contract.controller_id, Contract.sorted)
        found += session.execute(query.where(Contract.id.in_(part))).all()
    if len(found) != len(set(wanted)):
        raise NotFound
    return {row.id: row.controller_id for row in sorted(found, key=lambda row: (row[2], row[0]))}


def lift(act: Act, duty_id: uuid.UUID, said: Said, today: date) -> LegalDutyStep:
    """Records that nothing prohibits telling any more; the controllers are told in the same act.

    Raises:
        NotFound: there is no such duty, or whoever acts may not know of it.
        Conflict: nothing prohibits it.
        Invalid: the day is to come.
    """
    act.require(Permission.DUTIES_RESERVED)
    row = _take(act, duty_id)
    if said.on > today:
        raise Invalid(text("This day is still to come."), "on")
    _log(act, row, sum(map(len, concerned(act.session, row.id).values())))
    made = _step(act, row, DutyStep.LIFTED, said, plain=True)
    _tell(act, row, DutyStep.TOLD, "")
    return made


def plan(act: Act, duty_id: uuid.UUID, day: date, says: str, today: date) -> LegalDutyStep:
    """Plans another day; the controllers are told of it in the same act, before it.

    Raises:
        NotFound, Conflict: see `lift`; or it has begun, or is not pursued.
        Invalid: the day may not be planned; see `duty_rules.require_plannable`.
    """
    row = _take(act, duty_id)
    steps = taken(act.session, [row.id]).get(row.id, [])
    rules.require_possible(DutyStep.PLANNED, row.prohibited, steps)
    secret = rules.is_secret(row.prohibited, steps)
    rules.require_plannable(row.origin, day, today, secret=secret)
    made = _step(act, row, DutyStep.PLANNED, Said(day, says))
    if not secret:
        _tell(act, row, DutyStep.PLANNED, says)
    return made


def begin(act: Act, duty_id: uuid.UUID, at: datetime, said: Said) -> LegalDutyStep:
    """Records that it has begun, in time or too early: a fact as it is.

    Args:
        act: the act.
        duty_id: the duty.
        at: since when.
        said: what is to be said of it; its day is that instant's where the organisation is.

    Raises:
        NotFound, Conflict: see `lift`; or it has begun already.
        Invalid: it is still to come.
    """
    return _begin(act, _take(act, duty_id), at, said)


def _begin(act: Act, row: LegalDuty, at: datetime, said: Said) -> LegalDutyStep:
    if at > act.now:
        raise Invalid(text("This time is still to come."), "begun")
    return _step(act, row, DutyStep.BEGUN, said, at=at)


def drop(act: Act, duty_id: uuid.UUID, said: Said, today: date) -> LegalDutyStep:
    """Records that it is not pursued; whoever was told of it is told so.

    Raises:
        NotFound, Conflict: see `lift`; or it has begun.
        Invalid: the day is to come, or nobody says why.
    """
    row = _take(act, duty_id)
    if said.on > today:
        raise Invalid(text("This day is still to come."), "on")
    if not said.says.strip():
        raise Invalid(text("Say why."), "says")
    made = _step(act, row, DutyStep.DROPPED, said)
    if not rules.is_secret(row.prohibited, taken(act.session, [row.id])[row.id]):
        _tell(act, row, DutyStep.DROPPED, said.says)
    return made


def attach(act: Act, duty_id: uuid.UUID, title: str, content: bytes) -> Document:
    """Adds a document, for good: the demand of the authority, an opinion.

    Raises:
        NotFound: see `lift`.
        Invalid: it has no title.
    """
    row = _take(act, duty_id)
    if not title.strip():
        raise Invalid(text("This entry is needed."), "title")
    made = Document(
        about=audit.name_of(row),
        title=title.strip(),
        sha256=act.files.put(act.session, content),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    if rules.is_secret(row.prohibited, taken(act.session, [row.id]).get(row.id, [])):
        act.log(RESERVED, f"reserved:{row.id}")
    else:
        act.log(ATTACHED, row, values={"title": made.title}, sha256=made.sha256)
    return made


def _take(act: Act, duty_id: uuid.UUID) -> LegalDuty:
    """The duty, locked, if whoever acts may know of it."""
    act.require(Permission.ASSISTANCE_RECORD)
    row = act.session.get(LegalDuty, duty_id, with_for_update=True)
    if row is None:
        raise NotFound
    steps = taken(act.session, [row.id]).get(row.id, [])
    hidden = Permission.DUTIES_RESERVED not in act.actor.permissions
    if hidden and rules.is_secret(row.prohibited, steps):
        raise NotFound
    return row


def _step(
    act: Act,
    row: LegalDuty,
    step: DutyStep,
    said: Said,
    *,
    at: datetime | None = None,
    plain: bool = False,
) -> LegalDutyStep:
    before = taken(act.session, [row.id]).get(row.id, [])
    rules.require_possible(step, row.prohibited, before)
    made = LegalDutyStep(
        duty_id=row.id,
        number=len(before) + 1,
        step=step,
        happened_on=said.on,
        happened_at=at,
        says=said.says.strip(),
        proof_sha256=act.files.put(act.session, said.content) if said.content else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    if rules.is_secret(row.prohibited, before) and not plain:
        act.log(RESERVED, f"reserved:{row.id}")
    else:
        values = {"says": made.says}
        act.log(STEPPED, row, values=values, step=step, happened_on=said.on)
    act.session.flush()
    return made


def _tell(act: Act, row: LegalDuty, phase: DutyStep, says: str) -> None:
    """Writes the notices, one to each controller; each stands in the dossier of its own."""
    if phase is DutyStep.TOLD:
        _step(act, row, DutyStep.TOLD, Said(act.now.date()), plain=True)
    steps = taken(act.session, [row.id])[row.id]
    to = reached(act.session, concerned(act.session, row.id), act.now.date())
    wanted = [_wanted(row, steps, phase, says, each) for each in to]
    written = notices.write(act, wanted, row, act.now.date())
    for each, made in zip(to, written, strict=True):
        act.log(
            TOLD,
            row,
            within=f"controller:{each.controller_id}",
            number=row.code,
            notice=made.number,
            contracts=len(each.terms),
        )


def _wanted(row: LegalDuty, steps: list[Taken], phase: DutyStep, says: str, to: Reached) -> Wanted:
    begun = next((each.at for each in steps if each.step is DutyStep.BEGUN), None)
    lifted = next((each.on for each in steps if each.step is DutyStep.LIFTED), None)
    day = rules.planned(row.planned_on, steps)
    return Wanted(
        kind=NoticeKind.LEGAL_DUTY,
        cause=f"{audit.name_of(row)}:{len(steps)}",
        recipient=f"controller:{to.controller_id}",
        name=to.name,
        email=to.email,
        language=to.language,
        told={
            "duty": str(row.id),
            "code": row.code,
            "phase": phase.value,
            "kind": row.kind.value,
            "origin": row.origin.value,
            "provision": row.provision,
            "authority": row.authority,
            "reference": row.reference,
            "known_on": row.known_on.isoformat(),
            "data": row.data,
            "country": row.country,
            "recipient": row.recipient,
            "planned_on": day.isoformat() if day else None,
            "begun_at": begun.isoformat() if begun else None,
            "lifted_on": lifted.isoformat() if lifted else None,
            "says": says.strip(),
        },
        concerned=to.concerned,
        ways=to.ways,
    )


def concerned(session: Session, duty_id: uuid.UUID) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The controllers that a duty concerns, with the contracts of each."""
    query = (
        sa.select(DutyContract.controller_id, DutyContract.contract_id)
        .join(Contract, Contract.id == DutyContract.contract_id)
        .where(DutyContract.duty_id == duty_id)
        .order_by(Contract.sorted, Contract.id)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for owner, key in session.execute(query):
        found.setdefault(owner, []).append(key)
    return found


def taken(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Taken]]:
    """What happened to duties, in the order of its record."""
    found: dict[uuid.UUID, list[Taken]] = {}
    for part in history.parts(list(ids)):
        query = sa.select(
            LegalDutyStep.duty_id,
            LegalDutyStep.step,
            LegalDutyStep.happened_on,
            LegalDutyStep.happened_at,
        ).where(LegalDutyStep.duty_id.in_(part))
        for key, step, on, at in session.execute(query.order_by(LegalDutyStep.number)):
            found.setdefault(key, []).append(Taken(step, on, at))
    return found


def of_duty(row: LegalDuty) -> sa.ColumnElement[bool]:
    """Whether a notice tells of a duty."""
    name = f"{audit.name_of(row)}:"
    return sa.func.substr(Notice.cause, 1, len(name)) == name
