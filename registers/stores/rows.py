"""Which rows and documents belong to what is over its time, and to nothing else."""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.models import Annex
from registers.announcements.models import Answer, Objection
from registers.assistance.duty_models import DutyContract, LegalDuty, LegalDutyStep
from registers.assistance.models import (
    Assistance,
    AssistanceVersion,
    Commitment,
    Document,
    Instruction,
    InstructionStep,
    Intervention,
    InterventionVersion,
    Member,
)
from registers.controllers.models import Contract
from registers.kernel import audit, history
from registers.kernel.audit import Entry
from registers.kernel.base import Base
from registers.kernel.words import text
from registers.notices.models import Confirmation, Dispatch, Matter, Notice, Posted, Receipt
from registers.retention.models import (
    Case,
    ChainWord,
    Choice,
    Ending,
    Erasure,
    Hold,
    Returned,
    ReturnRequest,
)

CONTRACT_ERASED = audit.kind(
    "own.contract_erased", text("Proofs of a contract erased: digests stay"), "files"
)


ASSISTED: tuple[tuple[type[Any], type[Any]], ...] = (
    (Assistance, AssistanceVersion),
    (Intervention, InterventionVersion),
)


def is_done(session: Session, contract_id: uuid.UUID) -> bool:
    """Whether the proofs of a contract were erased already, as the journal says."""
    query = sa.select(Entry.number).where(
        Entry.kind == CONTRACT_ERASED.name, Entry.about == f"{Contract.__tablename__}:{contract_id}"
    )
    return session.scalar(query.limit(1)) is not None


class Rows:
    """Rows whose time is over, by table."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.found: dict[type[Base], list[Any]] = {}

    def _take(self, model: type[Any], where: sa.ColumnElement[bool]) -> list[Any]:
        self.found[model] = list(self.session.scalars(sa.select(model).where(where)))
        return self.found[model]

    def ids(self, model: type[Any]) -> list[uuid.UUID]:
        """The identifiers of the rows of a table."""
        return [row.id for row in self.found[model]]

    def names(self) -> list[str]:
        """All rows, as the journal names them."""
        return [audit.name_of(row) for rows in self.found.values() for row in rows]

    def files(self) -> set[str]:
        """The digests of all documents that these rows name."""
        return {
            getattr(row, column)
            for model, rows in self.found.items()
            for column in digests(model)
            for row in rows
        } - {None}


class OfMember(Rows):
    """The rows about one authorised person."""

    def __init__(self, session: Session, head: Member) -> None:
        super().__init__(session)
        self._take(Member, Member.id == head.id)
        self._take(Commitment, Commitment.member_id == head.id)
        self._take(Document, Document.about == audit.name_of(head))


class OfContract(Rows):
    """The rows of proof that belong to one contract, and to no other whose time is not over."""

    def __init__(self, session: Session, contract_id: uuid.UUID) -> None:
        super().__init__(session)
        matters = self._take(Matter, Matter.contract_id == contract_id)
        told = {row.notice_id for row in matters}
        shared = sa.select(Matter.notice_id).where(
            Matter.notice_id.in_(told),
            sa.or_(Matter.contract_id.is_(None), Matter.contract_id != contract_id),
        )
        kept = set(session.scalars(shared)) - _over_with(session, told, contract_id)
        notices = self._take(Notice, Notice.id.in_(told - kept))
        ids = [row.id for row in matters]
        receipts = self._take(Receipt, Receipt.matter_id.in_(ids))
        self._take(Confirmation, Confirmation.receipt_id.in_([row.id for row in receipts]))
        objections = self._take(Objection, Objection.matter_id.in_(ids))
        self._take(Answer, Answer.objection_id.in_([row.id for row in objections]))
        ways = self._take(Dispatch, Dispatch.notice_id.in_([row.id for row in notices]))
        self._take(Posted, Posted.dispatch_id.in_([row.id for row in ways]))
        endings = self._take(Ending, Ending.contract_id == contract_id)
        ends = [row.id for row in endings]
        self._take(Choice, Choice.ending_id.in_(ends))
        self._take(ReturnRequest, ReturnRequest.contract_id == contract_id)
        self._take(Returned, Returned.contract_id == contract_id)
        erasures = self._take(Erasure, Erasure.ending_id.in_(ends))
        self._take(ChainWord, ChainWord.erasure_id.in_([row.id for row in erasures]))
        cases = self._take(Case, Case.ending_id.in_(ends))
        self._take(Hold, Hold.case_id.in_([row.id for row in cases]))
        subjects = [audit.name_of(row) for row in (*notices, *ways)]
        about = sa.or_(Annex.contract_id == contract_id, Annex.about.in_(subjects))
        self._take(Annex, about)
        self._instructed(contract_id)

    def _instructed(self, contract_id: uuid.UUID) -> None:
        """What was instructed, what a law obliged to, what was audited and worked on."""
        session = self.session
        given = self._take(Instruction, Instruction.contract_id == contract_id)
        self._take(InstructionStep, InstructionStep.instruction_id.in_([row.id for row in given]))
        mine = sa.select(DutyContract.duty_id).where(DutyContract.contract_id == contract_id)
        query = sa.select(DutyContract.duty_id, DutyContract.contract_id).where(
            DutyContract.duty_id.in_(mine), DutyContract.contract_id != contract_id
        )
        kept = {duty for duty, other in session.execute(query) if not is_done(session, other)}
        ids = set(session.scalars(mine)) - kept
        duties = self._take(LegalDuty, LegalDuty.id.in_(ids))
        self._take(LegalDutyStep, LegalDutyStep.duty_id.in_(ids))
        heads = [audit.name_of(row) for row in duties]
        for head_type, _version in ASSISTED:
            there = _under(session, head_type, contract_id)
            found = self._take(head_type, head_type.id.in_(there))
            heads += [audit.name_of(row) for row in found]
        self._take(Document, Document.about.in_(heads))


def _under(session: Session, head_type: type[Any], contract_id: uuid.UUID) -> list[uuid.UUID]:
    """Audits or interventions under a contract; without one, with the last of the controller."""
    owner = session.scalar(sa.select(Contract.controller_id).where(Contract.id == contract_id))
    query = sa.select(head_type.id).where(head_type.controller_id == owner)
    known = history.all_latest(session, head_type, list(session.scalars(query)))
    others = sa.select(Contract.id).where(
        Contract.controller_id == owner, Contract.id != contract_id
    )
    last = all(is_done(session, other) for other in session.scalars(others))
    return [
        key
        for key, facts in known.items()
        if facts.contract == str(contract_id) or (last and not facts.contract)
    ]


def _over_with(
    session: Session, notices: Collection[uuid.UUID], contract_id: uuid.UUID
) -> set[uuid.UUID]:
    """The notices of which every other contract told of had its proofs erased before."""
    query = sa.select(Matter.notice_id, Matter.contract_id).where(Matter.notice_id.in_(notices))
    others: dict[uuid.UUID, set[uuid.UUID | None]] = {}
    for notice_id, other in session.execute(query):
        if other != contract_id:
            others.setdefault(notice_id, set()).add(other)
    return {
        notice_id
        for notice_id, keys in others.items()
        if all(key is not None and is_done(session, key) for key in keys)
    }


def digests(model: type[Any]) -> list[str]:
    """The columns of a table that name documents of the store by their digest."""
    return [
        column.name
        for column in model.__table__.columns
        if column.name.endswith("sha256") and not column.primary_key
    ]


def no_longer_needed(session: Session, rows: Rows) -> set[str]:
    """The documents that nothing else names: the same slip may prove several contracts."""
    left = rows.files()
    for mapper in Base.registry.mappers:
        model = mapper.class_
        for column in digests(model):
            for part in history.parts(sorted(left)):
                held = getattr(model, column)
                query = sa.select(held).where(held.in_(part))
                mine = rows.found.get(model)
                if mine:
                    query = query.where(model.id.not_in([row.id for row in mine]))
                left -= set(session.scalars(query))
    return left
