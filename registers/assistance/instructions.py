"""What happens to instructions: they are given, accepted or contested, answered, executed.

A contested instruction is told to the controller in the same act, Art. 28(3) last subparagraph:
the processor immediately informs the controller if, in its opinion, an instruction infringes
the law (K10).
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance import rules
from registers.assistance.models import Instruction, InstructionStep
from registers.assistance.reached import reached
from registers.assistance.rules import Taken
from registers.assistance.vocabulary import Scope, Standing, Step, Way
from registers.controllers.models import Contract, Controller
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.errors import Forbidden, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import operations as notices
from registers.notices.operations import Wanted
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission

GIVEN = audit.kind(
    "instruction.given", text("Instruction received"), "number", "scope", "given_on", "way"
)
STEPPED = audit.kind("instruction.step", text("Instruction followed up"), "step", "happened_on")

BY_CONTROLLER = frozenset({Step.MAINTAINED, Step.WITHDRAWN})
"""Steps that are the controller's own word."""


class Said(NamedTuple):
    """An instruction as it came."""

    says: str
    scope: Scope
    given_on: date
    by_name: str
    by_function: str = ""
    way: Way = Way.PORTAL
    activities: Collection[str] = ()
    purposes: Collection[str] = ()
    content: bytes | None = None


def give(
    act: Act, contract_id: uuid.UUID, said: Said, replaces: uuid.UUID | None = None
) -> Instruction:
    """Records an instruction under a contract, whatever it asks for.

    Args:
        act: of a contact on the portal, or of staff who enter what came another way.
        contract_id: the contract.
        said: the instruction.
        replaces: an instruction of the same contract that it takes the place of, which is
            withdrawn by it.

    Raises:
        NotFound: there is no such contract, or no such instruction.
        Invalid: the instruction that it replaces is another contract's, it says nothing, nobody
            gave it, its day is to come, or it names no purpose although it is about one.
    """
    _require(act, Permission.PORTAL if said.way is Way.PORTAL else Permission.ASSISTANCE_RECORD)
    agreed = act.session.get(Contract, contract_id)
    if agreed is None:
        raise NotFound
    _check(said, _today(act, agreed.controller_id))
    if replaces is not None:
        former = act.session.get(Instruction, replaces)
        if former is None:
            raise NotFound
        if former.contract_id != contract_id:
            raise Invalid(text("That one was given under another contract."), "replaces")
    (number,) = references.take(act, "IN", act.now.date())
    row = Instruction(
        code=number,
        controller_id=agreed.controller_id,
        contract_id=contract_id,
        scope=said.scope,
        says=said.says.strip(),
        activities=sorted(set(said.activities)),
        purposes=list(dict.fromkeys(each.strip() for each in said.purposes if each.strip())),
        given_on=said.given_on,
        way=said.way,
        by_name=said.by_name.strip(),
        by_function=said.by_function.strip(),
        replaces_id=replaces,
        proof_sha256=act.files.put(act.session, said.content) if said.content else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.log(
        GIVEN,
        row,
        within=f"controller:{row.controller_id}",
        values={"says": row.says, "by": row.by_name},
        number=number,
        scope=row.scope,
        given_on=row.given_on,
        way=row.way,
    )
    act.session.flush()
    if replaces is not None:
        before = taken(act.session, [replaces]).get(replaces, [])
        if rules.standing(before) is not Standing.WITHDRAWN:
            word = Word(said.given_on, "", row.by_name, row.by_function)
            answer(act, replaces, Step.WITHDRAWN, word)
    return row


def _check(said: Said, today: date) -> None:
    if not said.says.strip():
        raise Invalid(text("Say what is instructed."), "says")
    if not said.by_name.strip():
        raise Invalid(text("Say who gave it."), "by_name")
    if said.given_on > today:
        raise Invalid(text("This day is still to come."), "given_on")
    about = said.scope in {Scope.PURPOSE, Scope.STOP}
    if about and not any(each.strip() for each in said.purposes):
        raise Invalid(text("Name the purposes that it adds or gives up."), "purposes")


def _require(act: Act, permission: Permission) -> None:
    if permission is Permission.PORTAL and act.actor.kind != "contact":
        raise Forbidden
    act.require(permission)


def _today(act: Act, controller_id: uuid.UUID) -> date:
    known = history.known_on(act.session, Controller, act.now.date(), [controller_id])
    return act.now.astimezone(ZoneInfo(known[controller_id].zone)).date()


class Word(NamedTuple):
    """What is said of an instruction: on which day, what, by whom where it is the controller."""

    on: date
    says: str = ""
    by_name: str = ""
    by_function: str = ""
    content: bytes | None = None


def accept(act: Act, instruction_id: uuid.UUID, word: Word) -> InstructionStep:
    """Records that an instruction is accepted; data may be processed by it.

    Raises:
        Conflict: it was withdrawn, executed, or accepted already; `rules.require_possible`.
        Invalid: the day is to come, or before it was given.
    """
    act.require(Permission.ASSISTANCE_RECORD)
    return _step(act, instruction_id, Step.ACCEPTED, word)


def execute(act: Act, instruction_id: uuid.UUID, word: Word) -> InstructionStep:
    """Records that an instruction was executed, lawfully or not.

    Raises:
        Conflict, Invalid: see `accept`.
    """
    act.require(Permission.ASSISTANCE_RECORD)
    return _step(act, instruction_id, Step.EXECUTED, word)


def answer(act: Act, instruction_id: uuid.UUID, step: Step, word: Word) -> InstructionStep:
    """Records the controller's own word: it maintains its instruction, or withdraws it.

    Args:
        act: of a contact on the portal, or of staff.
        instruction_id: the instruction.
        step: maintained or withdrawn.
        word: what was said, by whom.

    Raises:
        Conflict, Invalid: see `accept`; or nobody says whose word it is.
    """
    portal = act.actor.kind == "contact"
    act.require(Permission.PORTAL if portal else Permission.ASSISTANCE_RECORD)
    if step not in BY_CONTROLLER:
        raise Invalid(text("Choose an answer."), "step")
    if not word.by_name.strip():
        raise Invalid(text("Say who gave it."), "by_name")
    return _step(act, instruction_id, step, word)


def contest(
    act: Act, instruction_id: uuid.UUID, provision: str, says: str, content: bytes | None = None
) -> InstructionStep:
    """Contests an instruction, and writes the notice of it to the controller in the same act.

    Args:
        act: the act.
        instruction_id: the instruction, whether it was accepted or executed meanwhile or not.
        provision: what it would breach: an article of the GDPR, of Union or Member State law.
        says: why.
        content: an opinion, where there is one.

    Raises:
        Conflict: it was withdrawn, or is contested already.
        Invalid: no provision is named, or no reason.
    """
    act.require(Permission.ASSISTANCE_RECORD)
    if not provision.strip():
        raise Invalid(text("Name the provision that it would breach."), "provision")
    if not says.strip():
        raise Invalid(text("Say why."), "says")
    row = act.session.get(Instruction, instruction_id)
    if row is None:
        raise NotFound
    on = _today(act, row.controller_id)
    word = Word(on, says.strip(), content=content)
    return _step(act, instruction_id, Step.CONTESTED, word, provision.strip())


def _step(
    act: Act, instruction_id: uuid.UUID, step: Step, word: Word, provision: str = ""
) -> InstructionStep:
    row = act.session.get(Instruction, instruction_id, with_for_update=True)
    if row is None:
        raise NotFound
    if word.on > _today(act, row.controller_id):
        raise Invalid(text("This day is still to come."), "on")
    if word.on < row.given_on:
        raise Invalid(text("It was given later than that."), "on")
    before = taken(act.session, [row.id]).get(row.id, [])
    rules.require_possible(step, before)
    made = InstructionStep(
        instruction_id=row.id,
        number=len(before) + 1,
        step=step,
        happened_on=word.on,
        provision=provision,
        says=word.says.strip(),
        by_name=word.by_name.strip(),
        by_function=word.by_function.strip(),
        proof_sha256=act.files.put(act.session, word.content) if word.content else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    if step is Step.CONTESTED:
        (written,) = notices.write(act, [_wanted(act, row, made)], row, act.now.date())
        made.notice_id = written.id
    act.session.add(made)
    act.log(
        STEPPED,
        row,
        within=f"controller:{row.controller_id}",
        values={"provision": provision, "says": made.says, "by": made.by_name},
        step=step,
        happened_on=word.on,
    )
    act.session.flush()
    return made


def taken(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Taken]]:
    """What happened to instructions, in the order of its record."""
    found: dict[uuid.UUID, list[Taken]] = {}
    for part in history.parts(list(ids)):
        query = sa.select(
            InstructionStep.instruction_id, InstructionStep.step, InstructionStep.happened_on
        ).where(InstructionStep.instruction_id.in_(part))
        ordered = query.order_by(InstructionStep.number)
        for key, step, on in session.execute(ordered):
            found.setdefault(key, []).append(Taken(step, on))
    return found


def _wanted(act: Act, row: Instruction, made: InstructionStep) -> Wanted:
    """The notice to write."""
    (to,) = reached(act.session, {row.controller_id: [row.contract_id]}, act.now.date())
    steps = taken(act.session, [row.id]).get(row.id, [])
    executed = next((each.on for each in steps if each.step is Step.EXECUTED), None)
    return Wanted(
        kind=NoticeKind.INSTRUCTION,
        cause=f"instruction:{row.id}:{made.id}",
        recipient=f"controller:{row.controller_id}",
        name=to.name,
        email=to.email,
        language=to.language,
        told={
            "instruction": str(row.id),
            "code": row.code,
            "says": row.says,
            "scope": row.scope.value,
            "given_on": row.given_on.isoformat(),
            "by": ", ".join(filter(None, (row.by_name, row.by_function))),
            "provision": made.provision,
            "why": made.says,
            "executed_on": executed.isoformat() if executed else None,
        },
        concerned=to.concerned,
        ways=to.ways,
    )
