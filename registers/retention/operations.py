"""What people do with open cases: set a day, hold and release, record the controller's choice."""

import uuid
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import EndChoice
from registers.kernel import audit, history, periods
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.retention.models import (
    Case,
    Choice,
    Ending,
    Hold,
    HoldEnd,
)
from registers.retention.opening import WAITING, place_of
from registers.retention.vocabulary import CaseState

DAY_SET = audit.kind("retention.day_set", text("Day of erasure set"), "due_on")
HELD = audit.kind("retention.held", text("Erasure put on hold"), "since")
RELEASED = audit.kind("retention.released", text("Hold released"), "ended_on")
CHOSEN = audit.kind(
    "retention.chosen", text("Erasure or return: the controller chose"), "choice", "chosen_on"
)


def set_day(act: Act, case_id: uuid.UUID, day: date, reason: str) -> None:
    """Sets until when data are kept, where the contract has words and no number.

    Raises:
        Invalid: there is no reason, or the day comes before the event.
        Conflict: a number was agreed, or the case is not open.
    """
    act.require(Permission.RETENTION_EDIT)
    case = act.take(Case, case_id)
    ending = act.session.get_one(Ending, case.ending_id)
    if case.promise.rule.amount is not None:
        raise Conflict(text("The contract has a number: this day is counted, not set."))
    _require_open(case)
    _said(reason)
    if day < ending.event_on:
        raise Invalid(text("This day comes before the end itself."), "day")
    owner, agreed = parties_of(act.session, case.controller_id, ending.contract_id)
    place = place_of(owner, agreed)
    case.due_on, case.day_reason = day, reason
    case.ends_at = periods.midnight_after(day, periods.zone_named(place.zone))
    case.count = {}
    act.log(DAY_SET, ending, values={"reason": reason}, due_on=day)


def parties_of(
    session: Session, controller_id: uuid.UUID, contract_id: uuid.UUID | None
) -> tuple[parties.Controller, parties.Contract | None]:
    """Both parties' facts as they were recorded last."""
    owner = history.known_on(session, Controller, date.max, [controller_id])[controller_id]
    if contract_id is None:
        return owner, None
    return owner, history.known_on(session, Contract, date.max, [contract_id])[contract_id]


def _require_open(case: Case) -> None:
    if case.state not in WAITING:
        raise Conflict(text("This case is not open."))


def _said(reason: str, field: str = "reason") -> None:
    if not reason.strip():
        raise Invalid(text("Say why."), field)


def hold(
    act: Act, case_id: uuid.UUID, *, authority: str, reason: str, since: date, proof: bytes | None
) -> Hold:
    """Keeps data although their time may be over: for an authority, and for a reason.

    Raises:
        Invalid: the authority or the reason is missing.
        Conflict: the case is not open.
    """
    act.require(Permission.RETENTION_EDIT)
    case = act.take(Case, case_id)
    _require_open(case)
    _said(authority, "authority")
    _said(reason)
    made = Hold(
        case_id=case.id,
        authority=authority,
        reason=reason,
        since=since,
        proof_sha256=kept(act, proof),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    case.state = CaseState.HELD
    ending = act.session.get_one(Ending, case.ending_id)
    act.log(HELD, ending, values={"authority": authority, "reason": reason}, since=since)
    return made


def release(act: Act, hold_id: uuid.UUID, *, ended_on: date, reason: str) -> None:
    """Ends a hold; without another one the case is open again, with the day it had.

    Raises:
        Invalid: there is no reason, or it would end before it began.
        Conflict: it was released already.
    """
    act.require(Permission.RETENTION_EDIT)
    held = act.session.get_one(Hold, hold_id)
    case = act.take(Case, held.case_id)
    _said(reason)
    if ended_on < held.since:
        raise Invalid(text("It would end before it began."), "ended_on")
    if held not in holds_in_force(act.session, case):
        raise Conflict(text("This hold was released already."))
    act.session.add(
        HoldEnd(
            hold_id=held.id,
            ended_on=ended_on,
            reason=reason,
            recorded_at=act.now,
            author=act.actor.reference,
        )
    )
    act.session.flush()
    if case.state is CaseState.HELD and not holds_in_force(act.session, case):
        case.state = CaseState.OPEN
    ending = act.session.get_one(Ending, case.ending_id)
    act.log(RELEASED, ending, values={"reason": reason}, ended_on=ended_on)


def holds_in_force(session: Session, *cases: Case) -> list[Hold]:
    """The holds on cases that were not released."""
    query = (
        sa.select(Hold)
        .join(HoldEnd, HoldEnd.hold_id == Hold.id, isouter=True)
        .where(Hold.case_id.in_([case.id for case in cases]), HoldEnd.id.is_(None))
        .order_by(Hold.since, Hold.id)
    )
    return list(session.scalars(query))


class Said(NamedTuple):
    """Who said something, in which function, and what proves it."""

    by_name: str = ""
    by_function: str = ""
    proof: bytes | None = None


def choose(
    act: Act, ending_id: uuid.UUID, choice: EndChoice, chosen_on: date, said: Said
) -> Choice:
    """Records what the controller chose, Art. 28(3)(g); a later word takes the place of it.

    Raises:
        Invalid: the day is still to come.
    """
    act.require(Permission.RETENTION_EDIT)
    ending = act.take(Ending, ending_id)
    require_past(act, chosen_on, "chosen_on")
    made = Choice(
        ending_id=ending.id,
        choice=choice,
        chosen_on=chosen_on,
        by_name=said.by_name,
        by_function=said.by_function,
        proof_sha256=kept(act, said.proof),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    act.log(CHOSEN, ending, values={"by": said.by_name}, choice=choice, chosen_on=chosen_on)
    return made


def require_past(act: Act, day: date, field: str) -> None:
    """Refuses a day that has begun nowhere.

    Raises:
        Invalid: it is still to come.
    """
    # a day later than anywhere on earth: controllers are in many zones
    if day > act.now.date() + periods.DAY:
        raise Invalid(text("This day is still to come."), field)


def kept(act: Act, proof: bytes | None) -> str | None:
    """The digest of a document that is kept from now on; None where there is none."""
    return act.files.put(act.session, proof) if proof else None


def choice_of(session: Session, ending: Ending) -> EndChoice | None:
    """What the controller chose: its last word, else what the contract says."""
    query = (
        sa.select(Choice.choice)
        .where(Choice.ending_id == ending.id)
        .order_by(Choice.chosen_on.desc(), Choice.recorded_at.desc(), Choice.id.desc())
        .limit(1)
    )
    said = session.scalar(query)
    if said is not None or ending.contract_id is None:
        return said
    key = ending.contract_id
    known: parties.Contract = history.known_on(session, Contract, ending.event_on, [key])[key]
    return known.terms.end_choice
