"""What a controller does with its personal link about instructions and legal duties.

It reads, gives and answers instructions, and reads what the law obliges us to outside of them.

Any link of a notice leads here: to the contracts of the controllers that the notice tells, and
to nobody else's (K28: the controller documents each instruction in writing).
"""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance import duty_queries, instructions, queries
from registers.assistance.duty_queries import Given as Duty
from registers.assistance.instructions import Said, Word
from registers.assistance.models import Instruction, InstructionStep
from registers.assistance.queries import Given
from registers.assistance.vocabulary import Scope, Step, Way
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, NotFound
from registers.kernel.words import text
from registers.notices import dossiers, links, receipts
from registers.notices.models import Matter, Notice, PortalLink
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence, NoticeKind
from registers.people.roles import Permission
from registers.portal.operations import By
from registers.portal.queries import controllers_of


class Opened(NamedTuple):
    """What a link opens about instructions."""

    link: PortalLink
    notice: Notice
    """The one that the link was sent with, whatever it tells."""
    contracts: tuple[tuple[Contract, Controller], ...]
    """Those that have not ended, of the controllers that the notice tells."""
    given: tuple[Given, ...]
    """The instructions under contracts of these controllers, the newest first."""
    duties: tuple[Duty, ...]
    """What the law obliges us to outside of them, as far as these controllers were told."""
    zone: str

    @property
    def duty(self) -> Duty | None:
        """The legal duty that the notice tells of, where it does."""
        if self.notice.kind is not NoticeKind.LEGAL_DUTY:
            return None
        key = uuid.UUID(self.notice.told["duty"])
        return next((each for each in self.duties if each.row.id == key), None)

    @property
    def contested(self) -> Given | None:
        """The instruction that the notice contests, where it does."""
        if self.notice.kind is not NoticeKind.INSTRUCTION:
            return None
        key = uuid.UUID(self.notice.told["instruction"])
        return next((each for each in self.given if each.row.id == key), None)

    def one(self, instruction_id: uuid.UUID) -> Given:
        """One of the instructions.

        Raises:
            NotFound: the link opens none of this identifier.
        """
        found = next((each for each in self.given if each.row.id == instruction_id), None)
        if found is None:
            raise NotFound
        return found

    def today(self, now: datetime) -> date:
        """The present day where its readers are."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def written_on(self) -> date:
        """The day on which the notice was written, where its readers are."""
        return self.today(self.notice.created_at)


def opened(session: Session, link_id: uuid.UUID, now: datetime) -> Opened:
    """What a link opens about instructions.

    Raises:
        NotFound: it opens nothing any more.
    """
    link = links.alive(session, link_id, now)
    notice = session.get_one(Notice, link.notice_id)
    owners = list(session.scalars(controllers_of(notice)))
    rows: list[tuple[Contract, Controller]] = []
    for part in history.parts(sorted(set(owners))):
        query = (
            sa.select(Contract, Controller)
            .join(Controller, Controller.id == Contract.controller_id)
            .where(Contract.controller_id.in_(part))
            .order_by(Controller.sorted, Contract.sorted, Contract.id)
        )
        rows += [(row[0], row[1]) for row in session.execute(query)]
    given = queries.instructions_of(session, [contract.id for contract, _ in rows])
    mine = [each for each in reversed(given) if each.row.controller_id in set(owners)]
    zones = sa.select(sa.func.min(Matter.zone)).where(Matter.notice_id == notice.id)
    return Opened(
        link,
        notice,
        tuple((contract, owner) for contract, owner in rows if contract.ended_on is None),
        tuple(mine),
        tuple(
            each
            for owner in dict.fromkeys(controller.id for _contract, controller in rows)
            for each in duty_queries.duties_of(session, owner)
            if owner in set(owners)
        ),
        session.scalar(zones) or "UTC",
    )


def _opened(act: Act, link_id: uuid.UUID, by: By) -> Opened:
    act.require(Permission.PORTAL)
    if act.actor.id != link_id:
        raise NotFound
    by.require()
    return opened(act.session, link_id, act.now)


def give(
    act: Act,
    link_id: uuid.UUID,
    contract_id: uuid.UUID,
    by: By,
    *,
    scope: Scope,
    says: str,
    purposes: Collection[str] = (),
    replaces: uuid.UUID | None = None,
    content: bytes | None = None,
) -> Instruction:
    """Records an instruction that a controller gives, today where it is.

    Args:
        act: of the contact who holds the link, after the code was used.
        link_id: the link.
        contract_id: the contract under which it is given.
        by: who gives it.
        scope: what it is about.
        says: the instruction.
        purposes: those that it adds or gives up.
        replaces: the instruction of the same contract that it takes the place of.
        content: a document, where there is one; see `registers.portal.documents`.

    Raises:
        NotFound: the link is over, or the contract or the former instruction is none of its own.
        Invalid: nobody says who gives it, or what.
    """
    seen = _opened(act, link_id, by)
    if contract_id not in {contract.id for contract, _ in seen.contracts}:
        raise NotFound
    if replaces is not None:
        seen.one(replaces)
    said = Said(
        says=says,
        scope=scope,
        given_on=seen.today(act.now),
        by_name=by.name,
        by_function=by.function,
        way=Way.PORTAL,
        purposes=purposes,
        content=content,
    )
    made = instructions.give(act, contract_id, said, replaces)
    if replaces is not None:
        _received(act, seen.one(replaces), by, seen.today(act.now))
    return made


def answer(
    act: Act, link_id: uuid.UUID, instruction_id: uuid.UUID, step: Step, by: By, *, says: str = ""
) -> InstructionStep:
    """Records that a controller maintains its instruction or withdraws it.

    Whoever answers that an instruction is contested has received the notice of it: that is
    recorded too.

    Raises:
        NotFound: the link is over, or the instruction is none of its own.
        Conflict: nothing of it is contested, or it was withdrawn.
        Invalid: nobody says who answers, or what.
    """
    seen = _opened(act, link_id, by)
    found = seen.one(instruction_id)
    today = seen.today(act.now)
    made = instructions.answer(act, instruction_id, step, Word(today, says, by.name, by.function))
    _received(act, found, by, today)
    return made


def acknowledge(act: Act, link_id: uuid.UUID, by: By) -> None:
    """Records that the notice of a legal duty was received.

    Raises:
        NotFound: the link is over, or its notice tells of no legal duty.
        Conflict: its receipt is proven already.
        Invalid: nobody says who acknowledges.
    """
    seen = _opened(act, link_id, by)
    if seen.duty is None:
        raise NotFound
    if not _prove(act, [seen.notice.id], by, seen.today(act.now)):
        raise Conflict(text("No acknowledgement of receipt is awaited any more."))


def is_proven(session: Session, notice_id: uuid.UUID) -> bool:
    """Whether the receipt of a notice is proven for all its contracts."""
    return not _unproven(session, [notice_id])


def _received(act: Act, found: Given, by: By, today: date) -> None:
    """The receipt of notices that contest an instruction, where it is not proven yet."""
    _prove(act, [each.notice_id for each in found.steps if each.notice_id], by, today)


def _unproven(session: Session, notices: Collection[uuid.UUID]) -> list[uuid.UUID]:
    ids = list(session.scalars(sa.select(Matter.id).where(Matter.notice_id.in_(notices))))
    proven = dossiers.proven(session, ids)
    return [key for key in ids if not any(each.holds for each in proven.get(key, []))]


def _prove(act: Act, notices: Collection[uuid.UUID], by: By, today: date) -> bool:
    """Records the receipt of these notices where it is not proven yet; whether anything was."""
    wanted = _unproven(act.session, notices)
    if wanted:
        proof = Proof(Evidence.PORTAL, today, by_name=by.name, by_function=by.function)
        receipts.receive(act, wanted, proof)
    return bool(wanted)
