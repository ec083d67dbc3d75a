"""What erasure certificates state: what two persons attested, the chain's word, what is left."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.vocabulary import ActivityRole
from registers.annexes import snapshots
from registers.annexes.shapes import Answered, ErasedCase, ErasureSnapshot, GivenBack
from registers.annexes.subjects import Asked, Subject
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.people import queries as people
from registers.retention import erasing, operations, returning, rules
from registers.retention.models import Case, ChainWord, Ending, Erasure
from registers.retention.vocabulary import ErasureState
from registers.subprocessors.models import Subprocessor


def erasures(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, ErasureSnapshot]:
    """Erasures as they stand on a day; those that were not confirmed for good are absent."""
    wanted = {uuid.UUID(each.about.partition(":")[2]): each for each in subjects}
    query = (
        sa.select(Erasure, Ending)
        .join(Ending, Ending.id == Erasure.ending_id)
        .where(Erasure.id.in_(wanted), Erasure.state != ErasureState.REFUSED)
    )
    return {
        wanted[erasure.id]: _snapshot(session, erasure, ending, asked)
        for erasure, ending in session.execute(query).all()
    }


def _snapshot(session: Session, erasure: Erasure, ending: Ending, asked: Asked) -> ErasureSnapshot:
    query = sa.select(Case).where(Case.erasure_id == erasure.id).order_by(Case.position)
    cases = list(session.scalars(query))
    key = ending.controller_id
    owner: parties.Controller = history.known_on(session, Controller, asked.on, [key])[key]
    agreed = _agreed(session, ending, asked.on)
    treated, copies = erasing.treated_of(erasure), erasing.copies_of(erasure)
    chain = _chain(session, erasure, cases)
    silent = [each.name for each in chain if each.erased_on is None]
    names = people.names(session, {erasure.proposed_by, erasure.decided_by})
    zone = owner.zone
    hosted = any(case.hosted for case in cases)
    return ErasureSnapshot(
        on=asked.on,
        organisation=snapshots.organisation_on(session, asked.on),
        code=session.get_one(Controller, key).code,
        number=erasure.code,
        language=(agreed.terms.language if agreed else "") or owner.language,
        controller=msgspec.structs.replace(owner, contacts=()),
        reference=agreed.reference if agreed else "",
        trigger=ending.trigger,
        event_on=ending.event_on,
        what=ending.what,
        own=any(case.role is not ActivityRole.PROCESSOR for case in cases),
        cases=tuple(
            ErasedCase(promise=case.promise, due_on=case.due_on, day_reason=case.day_reason)
            for case in cases
        ),
        result=erasure.result,
        done_on=erasure.done_on,
        method=erasure.method,
        treated=treated,
        chosen=operations.choice_of(session, ending) if hosted else None,
        visa=erasure.visa,
        visa_proof=erasure.visa_sha256,
        returned=_returned(session, ending) if hosted else (),
        chain=chain,
        copies=copies,
        left=tuple(copy for copy in copies if copy.until >= asked.on),
        complete=rules.is_complete(treated, copies, silent, asked.on),
        against={
            language: tuple(says) for language, says in erasure.irregular.get("against", {}).items()
        },
        why=erasure.irregular.get("why", ""),
        stated_by=names.get(erasure.proposed_by, ""),
        stated_on=_day(erasure.proposed_at, zone),
        confirmed_by=names.get(erasure.decided_by, ""),
        confirmed_on=_day(erasure.decided_at, zone) if erasure.decided_at else None,
    )


def _agreed(session: Session, ending: Ending, day: date) -> parties.Contract | None:
    if ending.contract_id is None:
        return None
    found: parties.Contract = history.known_on(session, Contract, day, [ending.contract_id])[
        ending.contract_id
    ]
    return found


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _returned(session: Session, ending: Ending) -> tuple[GivenBack, ...]:
    return tuple(
        GivenBack(returned_on=each.returned_on, format=each.format, proof=each.proof_sha256)
        for each in returning.returns_of(session, ending.contract_id)
    )


def _chain(session: Session, erasure: Erasure, cases: Sequence[Case]) -> tuple[Answered, ...]:
    codes = erasing.chain_of(cases)
    query = sa.select(Subprocessor).where(Subprocessor.code.in_(codes))
    known = {row.code: row for row in session.scalars(query)}
    words = {
        word.subprocessor_id: word
        for word in session.scalars(sa.select(ChainWord).where(ChainWord.erasure_id == erasure.id))
    }
    return tuple(_answered(known.get(code), code, words) for code in codes)


def _answered(found: Subprocessor | None, code: str, words: dict[uuid.UUID, ChainWord]) -> Answered:
    word = words.get(found.id) if found else None
    name = found.name if found else code
    if word is None:
        return Answered(name=name)
    return Answered(name=name, erased_on=word.erased_on, says=word.says, proof=word.proof_sha256)
