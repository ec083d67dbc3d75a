"""Erasing with four eyes: one person states what was done where, another confirms it.

An erasure is a fact: what stood against it is recorded with it and shows on the certificate.
Only a plan is refused. The chain answers for itself, each sub-processor with its own word.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.vocabulary import ActivityRole
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import audit, history, periods, references
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import LANGUAGES, Text, Words, text
from registers.people.roles import Permission
from registers.retention import rules
from registers.retention.facts import Copy, Treated
from registers.retention.models import Case, ChainWord, Ending, Erasure
from registers.retention.opening import WAITING, place_of
from registers.retention.operations import choice_of, holds_in_force
from registers.retention.returning import is_returned
from registers.retention.rules import Place, Plan
from registers.retention.vocabulary import CaseState, ErasureState, Result
from registers.subprocessors.models import Subprocessor

PROPOSED = audit.kind(
    "erasure.proposed", text("Erasure stated by one person"), "number", "done_on", "cases"
)
CONFIRMED = audit.kind("erasure.confirmed", text("Erasure confirmed by another person"), "number")
REFUSED = audit.kind("erasure.refused", text("Erasure not confirmed"), "number")
CHAIN = audit.kind(
    "erasure.chain",
    text("Erasure confirmed by a sub-processor"),
    *("number", "subprocessor", "erased_on", "proof"),
)


class Barred(Invalid):
    """Data may not be erased yet; says all that stands against it."""

    def __init__(self, reasons: Sequence[Text]) -> None:
        super().__init__(reasons[0])
        self.reasons = tuple(reasons)


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody states to have done."""

    result: Result
    done_on: date
    method: str
    treated: tuple[Treated, ...]
    visa: str = ""
    visa_proof: bytes | None = None
    irregular: str = ""
    """Why it was done although something stood against it; empty: nothing did."""


def propose(act: Act, cases: Collection[uuid.UUID], said: Statement) -> Erasure:
    """States that the data of some cases of one ending were erased; another person confirms it.

    Raises:
        Barred: something stands against it, and it is not recorded as having happened all the
            same.
        Invalid: the checklist or the method is missing, the day is still to come, the cases are
            not of one ending, or mix what is done for the controller with what the organisation
            does for itself.
        Conflict: a case is not open.
    """
    act.require(Permission.RETENTION_EDIT)
    rows = [act.take(Case, key) for key in cases]
    ending = _one_ending(act.session, rows)
    _require_possible(act, ending, rows, said)
    treated = rules.checked_list(said.treated)
    plan = plan_of(act.session, ending, rows, said.visa)
    reasons = rules.against(plan)
    if reasons and not said.irregular.strip():
        raise Barred(reasons)
    place = place_on(act.session, ending)
    backups = [each for case in rows for each in case.promise.backups]
    left = rules.copies(backups, said.done_on, place)
    visa_sha256 = act.files.put(act.session, said.visa_proof) if said.visa_proof else None
    (code,) = references.take(act, "EF", act.now.date())
    erasure = Erasure(
        code=code,
        ending_id=ending.id,
        controller_id=ending.controller_id,
        state=ErasureState.PROPOSED,
        result=said.result,
        done_on=said.done_on,
        method=said.method,
        treated=_plain({"systems": treated}),
        copies=_plain({"copies": left}),
        visa=said.visa,
        visa_sha256=visa_sha256,
        irregular=_irregular(reasons, said.irregular),
        proposed_at=act.now,
        proposed_by=act.actor.reference,
        decided_by="",
        note="",
    )
    act.session.add(erasure)
    act.session.flush()
    for case in rows:
        case.state, case.erasure_id = CaseState.PROPOSED, erasure.id
    values = {"method": said.method, "irregular": said.irregular}
    act.log(
        PROPOSED,
        erasure,
        within=_dossier(ending),
        values=values,
        number=code,
        done_on=said.done_on,
        cases=len(rows),
    )
    return erasure


def _plain(value: Any) -> Any:
    return msgspec.json.decode(canonical(value))


def _dossier(ending: Ending) -> str:
    if ending.contract_id is None:
        return f"{Controller.__tablename__}:{ending.controller_id}"
    return f"{Contract.__tablename__}:{ending.contract_id}"


def _one_ending(session: Session, rows: Sequence[Case]) -> Ending:
    if not rows:
        raise Invalid(text("Choose what was erased."), "cases")
    if len({case.ending_id for case in rows}) > 1:
        raise Invalid(text("Choose cases of one end only."), "cases")
    return session.get_one(Ending, rows[0].ending_id)


def _require_possible(act: Act, ending: Ending, rows: Sequence[Case], said: Statement) -> None:
    if any(case.state not in WAITING for case in rows):
        raise Conflict(text("One of these is done already, or waits for the second person."))
    if len({case.role is ActivityRole.PROCESSOR for case in rows}) > 1:
        reason = text(
            "State apart what is erased for the controller and what the organisation keeps for "
            "its own purposes: the certificate goes to the controller."
        )
        raise Invalid(reason, "cases")
    if not said.method.strip():
        raise Invalid(text("Say how it was done."), "method")
    place = place_on(act.session, ending)
    today = act.now.astimezone(periods.zone_named(place.zone)).date()
    if said.done_on > today:
        raise Invalid(text("This day is still to come."), "done_on")


def place_on(session: Session, ending: Ending) -> Place:
    """Whose zone counts for what ended."""
    key = ending.controller_id
    owner: parties.Controller = history.known_on(session, Controller, ending.event_on, [key])[key]
    if ending.contract_id is None:
        return place_of(owner)
    agreed = history.known_on(session, Contract, ending.event_on, [ending.contract_id])
    return place_of(owner, agreed[ending.contract_id])


def plan_of(session: Session, ending: Ending, rows: Sequence[Case], visa: str = "") -> Plan:
    """What bears on whether the data of these cases may be erased."""
    return Plan(
        hosted=any(case.hosted for case in rows),
        public_body=any(case.public_body for case in rows),
        choice=choice_of(session, ending),
        returned=is_returned(session, ending.contract_id, ending.event_on),
        visa=visa.strip(),
        held=[each.authority for each in holds_in_force(session, *rows)],
    )


def _irregular(reasons: Sequence[Text], why: str) -> dict[str, Any]:
    if not reasons:
        return {}
    says = {language: [Words(language).say(each) for each in reasons] for language in LANGUAGES}
    return {"against": says, "why": why}


def confirm(act: Act, erasure_id: uuid.UUID, note: str) -> None:
    """The second person's word: it was checked, and the cases are done.

    Raises:
        Conflict: whoever stated it may not confirm it, or somebody decided meanwhile.
        Invalid: it is not said what was checked.
    """
    erasure = _decided(act, erasure_id, ErasureState.CONFIRMED, note)
    for case in _cases(act, erasure):
        case.state, case.done_on = CaseState.DONE, erasure.done_on
    _log(act, CONFIRMED, erasure, note)


def refuse(act: Act, erasure_id: uuid.UUID, note: str) -> None:
    """The second person does not confirm it: the cases are open again, the statement stays.

    Raises:
        Conflict, Invalid: see `confirm`.
    """
    erasure = _decided(act, erasure_id, ErasureState.REFUSED, note)
    for case in _cases(act, erasure):
        held = holds_in_force(act.session, case)
        case.state = CaseState.HELD if held else CaseState.OPEN
        case.erasure_id = None
    _log(act, REFUSED, erasure, note)


def _decided(act: Act, erasure_id: uuid.UUID, state: ErasureState, note: str) -> Erasure:
    act.require(Permission.ERASURE_CONFIRM)
    erasure = act.take(Erasure, erasure_id)
    if erasure.state is not ErasureState.PROPOSED:
        raise Conflict(text("Somebody decided on this meanwhile."))
    if erasure.proposed_by == act.actor.reference:
        raise Conflict(text("Another person confirms it than the one who stated it."))
    if not note.strip():
        raise Invalid(text("Say what you checked."), "note")
    erasure.state, erasure.note = state, note
    erasure.decided_at, erasure.decided_by = act.now, act.actor.reference
    return erasure


def _cases(act: Act, erasure: Erasure) -> list[Case]:
    query = sa.select(Case).where(Case.erasure_id == erasure.id).with_for_update()
    return list(act.session.scalars(query))


def _log(act: Act, kind: audit.Kind, erasure: Erasure, note: str) -> None:
    ending = act.session.get_one(Ending, erasure.ending_id)
    values = {"note": note}
    act.log(kind, erasure, within=_dossier(ending), values=values, number=erasure.code)


def confirm_chain(
    act: Act,
    erasure_id: uuid.UUID,
    code: str,
    *,
    erased_on: date,
    says: str,
    proof: bytes | None,
) -> ChainWord:
    """Records a sub-processor's own confirmation that it holds nothing any more.

    Raises:
        Invalid: the day is still to come, or it is not said how it is known.
        Conflict: it confirmed already, or the erasure was not confirmed by a second person.
        NotFound: no such sub-processor was engaged in what was erased.
    """
    act.require(Permission.RETENTION_EDIT)
    erasure = act.take(Erasure, erasure_id)
    if erasure.state is ErasureState.REFUSED:
        raise Conflict(text("This erasure was not confirmed."))
    if code not in chain_of(_cases(act, erasure)):
        raise NotFound
    found = act.session.scalar(sa.select(Subprocessor).where(Subprocessor.code == code))
    if found is None:
        raise NotFound
    if erased_on > act.now.date():
        raise Invalid(text("This day is still to come."), "erased_on")
    if not says.strip() and not proof:
        raise Invalid(text("Say how it is known, or keep the document."), "says")
    there = sa.select(ChainWord.id).where(
        ChainWord.erasure_id == erasure.id, ChainWord.subprocessor_id == found.id
    )
    if act.session.scalar(there):
        raise Conflict(text("This sub-processor has confirmed already."))
    word = ChainWord(
        erasure_id=erasure.id,
        subprocessor_id=found.id,
        erased_on=erased_on,
        says=says,
        proof_sha256=act.files.put(act.session, proof) if proof else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(word)
    ending = act.session.get_one(Ending, erasure.ending_id)
    act.log(
        CHAIN,
        erasure,
        within=_dossier(ending),
        values={"says": says},
        number=erasure.code,
        subprocessor=code,
        erased_on=erased_on,
        proof=word.proof_sha256,
    )
    return word


def chain_of(cases: Collection[Case]) -> list[str]:
    """The sub-processors that had copies of what was erased, each once."""
    return list(dict.fromkeys(code for case in cases for code in case.promise.subprocessors))


def treated_of(erasure: Erasure) -> tuple[Treated, ...]:
    """The checklist of an erasure."""
    return tuple(Treated.of(each) for each in erasure.treated["systems"])


def copies_of(erasure: Erasure) -> tuple[Copy, ...]:
    """The copies in backups after an erasure."""
    return tuple(Copy.of(each) for each in erasure.copies["copies"])
