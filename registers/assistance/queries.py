"""Instructions, assistance, interventions, staff, certificates: as screens and papers read them."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance import rules
from registers.assistance.models import (
    Assistance,
    Certificate,
    Commitment,
    Document,
    Instruction,
    InstructionStep,
    Intervention,
    Member,
)
from registers.assistance.rules import Cover, Taken, Word
from registers.assistance.vocabulary import CommitmentKind, Covered, Standing, Step
from registers.controllers.models import Contract, Controller
from registers.kernel import audit, history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Text
from registers.notices.models import Dispatch, Notice, Posted, Receipt
from registers.notices.models import Matter as ToldOf
from registers.notices.vocabulary import NoticeKind

MOST = 200


class Given(NamedTuple):
    """An instruction with what happened to it."""

    row: Instruction
    controller: Controller
    contract: Contract
    steps: tuple[InstructionStep, ...]
    replaced_by: str = ""
    """The code of the instruction that took its place."""

    @property
    def taken(self) -> list[Taken]:
        """What happened, as the rules take it."""
        return [Taken(each.step, each.happened_on) for each in self.steps]

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return rules.standing(self.taken)

    @property
    def contested(self) -> InstructionStep | None:
        """The last time that it was contested, where that was not answered."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last.step is Step.CONTESTED else None

    @property
    def oddities(self) -> list[Text]:
        """What is not as Art. 28(3) wants it."""
        return list(rules.oddities(self.row.way, self.row.proof_sha256 is not None, self.taken))

    def proofs(self) -> set[str]:
        """The digests of its documents."""
        all_ = [self.row.proof_sha256, *(each.proof_sha256 for each in self.steps)]
        return {each for each in all_ if each}


def _found() -> "sa.Select[*tuple[Any, ...]]":
    query: Any = (
        sa.select(Instruction, Controller, Contract)
        .join(Controller, Controller.id == Instruction.controller_id)
        .join(Contract, Contract.id == Instruction.contract_id)
    )
    return query  # type: ignore[no-any-return]


def _with_steps(session: Session, rows: Sequence[Any]) -> list[Given]:
    ids = [row[0].id for row in rows]
    steps: dict[uuid.UUID, list[InstructionStep]] = {}
    later: dict[uuid.UUID, str] = {}
    for part in history.parts(ids):
        query = sa.select(InstructionStep).where(InstructionStep.instruction_id.in_(part))
        ordered = query.order_by(InstructionStep.number)
        for step in session.scalars(ordered):
            steps.setdefault(step.instruction_id, []).append(step)
        replacing = sa.select(Instruction.replaces_id, Instruction.code).where(
            Instruction.replaces_id.in_(part)
        )
        later |= {row[0]: row[1] for row in session.execute(replacing) if row[0]}
    return [
        Given(row[0], row[1], row[2], tuple(steps.get(row[0].id, ())), later.get(row[0].id, ""))
        for row in rows
    ]


def instructions(session: Session, search: str, open_only: bool, wanted: Cut) -> Page[Given]:
    """A page of all instructions, the newest first.

    Args:
        session: a reading session.
        search: words of the controller, of the contract, or the number.
        open_only: only those that are neither executed nor withdrawn.
        wanted: which page.
    """
    query = _found()
    for word in fold(search).split():
        query = query.where(
            sa.or_(
                contains(Controller.search, word),
                contains(Contract.search, word),
                contains(sa.func.lower(Instruction.code), word),
            )
        )
    if open_only:
        over = sa.select(InstructionStep.instruction_id).where(
            InstructionStep.step.in_([Step.EXECUTED, Step.WITHDRAWN])
        )
        query = query.where(Instruction.id.not_in(over))
    page: Page[Any] = pages.cut(session, query, [Instruction.code], wanted, descending=True)
    return Page(_with_steps(session, page.rows), *page[1:])


def instruction(session: Session, code: str) -> Given:
    """One instruction.

    Raises:
        NotFound: there is none of this number.
    """
    row = session.execute(_found().where(Instruction.code == code)).first()
    if row is None:
        raise NotFound
    return _with_steps(session, [row])[0]


def instructions_of(session: Session, contracts: Collection[uuid.UUID]) -> list[Given]:
    """The instructions under contracts, the oldest first."""
    rows: list[Any] = []
    for part in history.parts(list(contracts)):
        rows += session.execute(_found().where(Instruction.contract_id.in_(part))).all()
    rows.sort(key=lambda row: (row[0].given_on, row[0].code))
    return _with_steps(session, rows)


class ToldSo(NamedTuple):
    """The notice of a contested instruction, its ways, and what proves its receipt."""

    notice: Notice
    ways: tuple[Dispatch, ...]
    receipts: tuple[Receipt, ...]
    posted: tuple[Posted, ...]
    """What the post did with its letters."""


def told(session: Session, given: Given) -> dict[uuid.UUID, ToldSo]:
    """What was told of a contested instruction, by the step that contests it."""
    found = {}
    for step in given.steps:
        if step.notice_id is None:
            continue
        ways = sa.select(Dispatch).where(Dispatch.notice_id == step.notice_id)
        receipts = (
            sa.select(Receipt)
            .join(ToldOf, ToldOf.id == Receipt.matter_id)
            .where(ToldOf.notice_id == step.notice_id)
            .order_by(Receipt.recorded_at)
        )
        ids = sa.select(Dispatch.id).where(Dispatch.notice_id == step.notice_id)
        posted = sa.select(Posted).where(Posted.dispatch_id.in_(ids))
        found[step.id] = ToldSo(
            session.get_one(Notice, step.notice_id),
            tuple(session.scalars(ways.order_by(Dispatch.id))),
            tuple(session.scalars(receipts)),
            tuple(session.scalars(posted.order_by(Posted.happened_on, Posted.recorded_at))),
        )
    return found


def contested() -> sa.ColumnElement[bool]:
    """Whether a notice tells that an instruction is contested."""
    return Notice.kind == NoticeKind.INSTRUCTION


def assistance(
    session: Session, search: str, kind: str, open_only: bool, wanted: Cut
) -> Page[tuple[Assistance, Controller]]:
    """A page of audits and other assistance, the newest first."""
    query: Any = sa.select(Assistance, Controller).join(
        Controller, Controller.id == Assistance.controller_id
    )
    for word in fold(search).split():
        query = query.where(
            sa.or_(contains(Assistance.search, word), contains(Controller.search, word))
        )
    if kind:
        query = query.where(Assistance.kind == kind)
    if open_only:
        query = query.where(Assistance.closed_on.is_(None))
    page: Page[Any] = pages.cut(session, query, [Assistance.code], wanted, descending=True)
    return page


def interventions(
    session: Session, search: str, state: str, wanted: Cut
) -> Page[tuple[Intervention, Controller]]:
    """A page of interventions, the newest first; `state` is open, or irregular."""
    query: Any = sa.select(Intervention, Controller).join(
        Controller, Controller.id == Intervention.controller_id
    )
    for word in fold(search).split():
        query = query.where(
            sa.or_(contains(Intervention.search, word), contains(Controller.search, word))
        )
    if state == "open":
        query = query.where(Intervention.opened_at.is_not(None), Intervention.ended_at.is_(None))
    if state == "irregular":
        query = query.where(Intervention.findings > 0)
    page: Page[Any] = pages.cut(session, query, [Intervention.code], wanted, descending=True)
    return page


def assistance_of(session: Session, controller_id: uuid.UUID) -> list[Assistance]:
    """The audits and other assistance of one controller, the newest first."""
    query = sa.select(Assistance).where(Assistance.controller_id == controller_id)
    return list(session.scalars(query.order_by(Assistance.code.desc()).limit(MOST)))


def interventions_of(session: Session, controller_id: uuid.UUID) -> list[Intervention]:
    """The interventions on one controller's systems, the newest first."""
    query = sa.select(Intervention).where(Intervention.controller_id == controller_id)
    return list(session.scalars(query.order_by(Intervention.code.desc()).limit(MOST)))


class Authorised(NamedTuple):
    """A person who is authorised to process data, and how it stands with it."""

    head: Member
    covers: tuple[Cover, ...]

    @property
    def gaps(self) -> list[Cover]:
        """What is missing, or due again."""
        return rules.gaps(self.covers)


def staff(session: Session, today: date, *, left: bool = False) -> list[Authorised]:
    """Everybody who is authorised on a day, by name; or those who are not any more."""
    query = sa.select(Member).order_by(Member.sorted, Member.id)
    over = sa.and_(Member.left_on.is_not(None), Member.left_on < today)
    heads = list(session.scalars(query.where(over if left else sa.not_(over))))
    words = _words(session, [head.id for head in heads])
    return [Authorised(head, tuple(rules.covers(words.get(head.id, []), today))) for head in heads]


def _words(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Word]]:
    found: dict[uuid.UUID, list[Word]] = {}
    for part in history.parts(ids):
        query = sa.select(Commitment).where(
            Commitment.member_id.in_(part), Commitment.id.not_in(_corrected())
        )
        for row in session.scalars(query):
            word = Word(row.kind, row.done_on, row.again_on)
            found.setdefault(row.member_id, []).append(word)
    return found


def _corrected() -> sa.Select[Any]:
    return sa.select(Commitment.corrects_id).where(Commitment.corrects_id.is_not(None))


def trainings_due(
    session: Session, today: date, until: date, most: int
) -> list[tuple[Member, Cover]]:
    """Whose training is due again up to a day, or was before; the longest due first.

    Args:
        session: a reading session.
        today: the present day: who left is not trained any more.
        until: the last day looked at.
        most: how many.
    """
    query = (
        sa.select(Member, Commitment)
        .join(Commitment, Commitment.member_id == Member.id)
        .where(
            Commitment.kind == CommitmentKind.TRAINING,
            Commitment.id.not_in(_corrected()),
            sa.or_(Member.left_on.is_(None), Member.left_on >= today),
        )
    )
    heads: dict[uuid.UUID, Member] = {}
    words: dict[uuid.UUID, list[Word]] = {}
    for head, row in session.execute(query):
        heads[head.id] = head
        words.setdefault(head.id, []).append(Word(row.kind, row.done_on, row.again_on))
    found = [
        (head, cover)
        for key, head in heads.items()
        for cover in rules.covers(words[key], today)
        if cover.kind is CommitmentKind.TRAINING and cover.again_on and cover.again_on <= until
    ]
    found.sort(key=lambda each: (each[1].again_on or date.max, each[0].sorted))
    return found[:most]


class Coverage(NamedTuple):
    """How many persons are authorised, and how many of them lack something."""

    persons: int
    undertaken: int
    """With a confidentiality undertaking that counts."""
    trained: int
    lacking: int


def coverage(found: Sequence[Authorised]) -> Coverage:
    """What is said of staff to a controller: numbers, no names."""
    good = {Covered.GOOD, Covered.SOON}
    counted = [[each.state in good for each in person.covers] for person in found]
    return Coverage(
        len(found),
        sum(each[0] for each in counted),
        sum(each[1] for each in counted),
        sum(not all(each) for each in counted),
    )


def commitments(session: Session, member_id: uuid.UUID) -> list[tuple[Commitment, bool]]:
    """The undertakings and trainings of a person, the newest first; whether each still counts."""
    corrected = set(session.scalars(_corrected()))
    query = sa.select(Commitment).where(Commitment.member_id == member_id)
    ordered = query.order_by(Commitment.done_on.desc(), Commitment.recorded_at.desc())
    return [(row, row.id not in corrected) for row in session.scalars(ordered)]


def certificates(session: Session, *, handed_out: bool = False) -> list[Certificate]:
    """All certificates, the organisation's own first; or only those that controllers get."""
    query = sa.select(Certificate).order_by(Certificate.subprocessor, Certificate.sorted)
    if handed_out:
        query = query.where(sa.not_(Certificate.withheld))
    return list(session.scalars(query))


def by_code(session: Session, model: type[Any], code: str) -> Any:
    """A dossier by its number.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(sa.select(model).where(model.code == code))
    if found is None:
        raise NotFound
    return found


def documents(session: Session, head: Any) -> list[Document]:
    """The documents of a dossier, the oldest first."""
    query = sa.select(Document).where(Document.about == audit.name_of(head))
    return list(session.scalars(query.order_by(Document.recorded_at, Document.id)))


def code_of(session: Session, instruction_id: uuid.UUID | None) -> str:
    """The number of an instruction; empty where there is none."""
    found = session.get(Instruction, instruction_id) if instruction_id else None
    return found.code if found else ""
