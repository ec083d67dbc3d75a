"""What ended opens its cases: in the act that records the end, by a sweep, or by a person's word.

The rules are those in force on the day of the event, see `falling`.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.ends import Ended
from registers.activities.vocabulary import Trigger
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller, Succession
from registers.controllers.rules import SuccessionKind
from registers.kernel import audit, calendars, history, references
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.periods import Deadline
from registers.kernel.words import LANGUAGES, Words, text
from registers.people.roles import Permission
from registers.retention import rules
from registers.retention.falling import Event, Wanted, contract_of, wanted_by
from registers.retention.models import Case, Ending
from registers.retention.rules import Place
from registers.retention.vocabulary import CaseState

OPENED = audit.kind(
    "retention.opened", text("Retention cases opened"), "trigger", "event_on", "cases"
)
MOVED = audit.kind("retention.moved", text("End corrected: days counted anew"), "event_on", "cases")
WITHDRAWN = audit.kind("retention.withdrawn", text("Retention cases withdrawn"), "cases")

WAITING = (CaseState.OPEN, CaseState.HELD)


def place_of(controller: parties.Controller, contract: parties.Contract | None = None) -> Place:
    """Whose calendar and zone count: the contract's own, else the controller's."""
    terms = contract.terms if contract else parties.Terms()
    calendar = calendars.calendar(terms.calendar or controller.calendar, controller.good_friday)
    return Place(calendar, terms.zone or controller.zone)


def counted(found: Deadline, place: Place) -> dict[str, Any]:
    """How a day was counted, as it is kept: nobody has to count it again to follow it."""
    return {
        "calendar": place.calendar.code,
        "zone": place.zone,
        "data": calendars.SOURCE,
        "skipped": [day.isoformat() for day in found.skipped],
        "rule": {
            language: [Words(language).say(each) for each in found.rule] for language in LANGUAGES
        },
    }


def open_by_hand(act: Act, event: Event) -> Ending:
    """Records that a service, an intervention, a request or a relationship ended.

    Raises:
        Invalid: this does not end by hand, what it is about is missing, or no rule falls due.
        Conflict: a register knows it, and its cases are open already.
        NotFound: there is no such controller, or the contract is not its own.
    """
    act.require(Permission.RETENTION_OPEN)
    if event.trigger not in rules.BY_HAND:
        raise Invalid(text("The end of a contract is recorded in the contract."), "trigger")
    if event.trigger is not Trigger.RELATION_END and not event.activities:
        raise Invalid(text("Say which activity it belongs to."), "activity")
    contract = act.session.get(Contract, event.contract_id) if event.contract_id else None
    if event.contract_id and (contract is None or contract.controller_id != event.controller_id):
        raise NotFound
    if act.session.get(Controller, event.controller_id) is None:
        raise NotFound
    _require_unknown(act.session, event)
    wanted = wanted_by(act.session, event)
    if not wanted:
        raise Invalid(
            text("No rule of the register falls due by this: record the rule first."), "trigger"
        )
    return _open(act, event, wanted)


def _require_unknown(session: Session, event: Event) -> None:
    query = sa.select(Ending.code).where(
        Ending.trigger == event.trigger,
        Ending.controller_id == event.controller_id,
        Ending.what == event.what.strip(),
        Ending.about != "",
    )
    code = session.scalar(query.limit(1)) if event.what.strip() else None
    if code is not None:
        raise Conflict(text("Its end is on record: the cases are in {code}.", code=code))


def something_ended(act: Act, ended: Ended) -> None:
    """Follows upon an intervention or a request whose end was recorded, corrected or taken back.

    Where no rule falls due by it, nothing is opened.
    """
    whose = sa.and_(Ending.about == ended.about, Ending.controller_id == ended.controller_id)
    ending = _ending(act.session, whose, ended.trigger)
    if ended.on is None:
        if ending is not None:
            _take_back(act, ending)
        return
    event = Event.of(ended, ended.on)
    if ending is not None:
        _move(act, ending, event, last=False)
        return
    wanted = wanted_by(act.session, event)
    if wanted:
        _open(act, event, wanted)


def contract_ended(act: Act, head: Contract) -> None:
    """Follows upon a contract whose end was recorded, corrected or taken back."""
    act.session.flush()
    known: parties.Contract = history.known_on(act.session, Contract, date.max, [head.id])[head.id]
    ending = _ending(act.session, Ending.contract_id == head.id, Trigger.CONTRACT_END)
    if known.ended_on is None:
        if ending is not None:
            _take_back(act, ending)
        return
    last = not _goes_on(act.session, known.controller, known.ended_on, head.id)
    event = Event(Trigger.CONTRACT_END, known.controller, known.ended_on, head.id)
    _opened_or_moved(act, event, ending, last=last)


def controller_ended(act: Act, head: Controller) -> None:
    """Follows upon the end of a controller: the relationship ends, unless it was succeeded."""
    act.session.flush()
    known: parties.Controller = history.known_on(act.session, Controller, date.max, [head.id])[
        head.id
    ]
    whose = sa.and_(Ending.controller_id == head.id, Ending.contract_id.is_(None))
    ending = _ending(act.session, whose, Trigger.RELATION_END)
    if known.ended_on is None or known.succeeded_by:
        if ending is not None:
            _take_back(act, ending)
        return
    event = Event(Trigger.RELATION_END, head.id, known.ended_on)
    _opened_or_moved(act, event, ending, last=True)


def catch_up(act: Act, contracts: Collection[uuid.UUID], controllers: Collection[uuid.UUID]) -> int:
    """Opens what ended before this was looked for, or was brought in; gives how many there were.

    The act's permission: `RETENTION_OPEN`.
    """
    act.require(Permission.RETENTION_OPEN)
    for contract_id in contracts:
        contract_ended(act, act.take(Contract, contract_id))
    for controller_id in controllers:
        controller_ended(act, act.take(Controller, controller_id))
    return len(contracts) + len(controllers)


def unopened(session: Session, most: int) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Contracts and controllers that ended without their cases: the first of each."""
    of_contract = sa.select(Ending.contract_id).where(
        Ending.trigger == Trigger.CONTRACT_END, Ending.contract_id.is_not(None)
    )
    contracts = (
        sa.select(Contract.id)
        .where(Contract.ended_on.is_not(None), Contract.id.not_in(of_contract))
        .order_by(Contract.id)
        .limit(most)
    )
    of_controller = sa.select(Ending.controller_id).where(
        Ending.trigger == Trigger.RELATION_END, Ending.contract_id.is_(None)
    )
    merged = sa.select(Succession.from_id).where(Succession.kind == SuccessionKind.MERGED)
    controllers = (
        sa.select(Controller)
        .where(
            Controller.ended_on.is_not(None),
            Controller.id.not_in(of_controller),
            Controller.id.not_in(merged),
        )
        .order_by(Controller.id)
        .limit(most)
    )
    rows = list(session.scalars(controllers))
    known = history.all_latest(session, Controller, [row.id for row in rows])
    gone = [row.id for row in rows if not known[row.id].succeeded_by]
    return list(session.scalars(contracts)), gone


def _ending(session: Session, whose: sa.ColumnElement[bool], trigger: Trigger) -> Ending | None:
    query = sa.select(Ending).where(whose, Ending.trigger == trigger).with_for_update()
    return session.scalar(query.order_by(Ending.code.desc()).limit(1))


def _goes_on(
    session: Session, controller_id: uuid.UUID, day: date, without: uuid.UUID | None
) -> bool:
    """Whether the controller has another contract that is in force after a day."""
    query = sa.select(Contract.id).where(
        Contract.controller_id == controller_id,
        sa.or_(Contract.ended_on.is_(None), Contract.ended_on > day),
    )
    if without is not None:
        query = query.where(Contract.id != without)
    return session.scalar(query.limit(1)) is not None


def _opened_or_moved(act: Act, event: Event, ending: Ending | None, *, last: bool) -> None:
    if ending is None:
        _open(act, event, wanted_by(act.session, event, last=last))
    elif ending.event_on != event.event_on or _all_withdrawn(act.session, ending):
        _move(act, ending, event, last=last)


def _open(act: Act, event: Event, wanted: Sequence[Wanted]) -> Ending:
    (code,) = references.take(act, "RT", act.now.date())
    ending = Ending(
        code=code,
        trigger=event.trigger,
        controller_id=event.controller_id,
        contract_id=event.contract_id,
        activity=event.activity,
        event_on=event.event_on,
        what=event.what,
        about=event.about,
        opened_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(ending)
    act.session.flush()
    _add(act, ending, wanted, 0)
    _log(act, OPENED, ending, trigger=event.trigger, event_on=event.event_on, cases=len(wanted))
    return ending


def _log(act: Act, kind: audit.Kind, ending: Ending, **said: Any) -> None:
    within = f"{Controller.__tablename__}:{ending.controller_id}"
    if ending.contract_id is not None:
        within = f"{Contract.__tablename__}:{ending.contract_id}"
    act.log(kind, ending, within=within, **said)


def _add(act: Act, ending: Ending, wanted: Sequence[Wanted], after: int) -> None:
    owner, place = _owner(act.session, ending)
    for position, each in enumerate(wanted, after + 1):
        found = rules.due(each.rule, ending.event_on, place)
        act.session.add(
            Case(
                ending_id=ending.id,
                position=position,
                controller_id=ending.controller_id,
                role=each.promise.role,
                promised=msgspec.json.decode(canonical(each.promise)),
                due_on=found.due if found else None,
                ends_at=found.ends_at if found else None,
                count=counted(found, place) if found else {},
                hosted=rules.is_hosted(each.promise.hosting),
                public_body=owner.public_body,
                state=CaseState.OPEN,
                day_reason="",
                closed_reason="",
            )
        )
    act.session.flush()


def _owner(session: Session, ending: Ending) -> tuple[parties.Controller, Place]:
    key = ending.controller_id
    owner: parties.Controller = history.known_on(session, Controller, ending.event_on, [key])[key]
    contract = contract_of(
        session,
        Event(ending.trigger, key, ending.event_on, ending.contract_id),
    )
    return owner, place_of(owner, contract)


def cases_of(session: Session, ending: Ending) -> list[Case]:
    """The cases of an ending, in order; locked in an act."""
    query = sa.select(Case).where(Case.ending_id == ending.id).order_by(Case.position)
    return list(session.scalars(query.with_for_update()))


def _all_withdrawn(session: Session, ending: Ending) -> bool:
    return all(case.state is CaseState.WITHDRAWN for case in cases_of(session, ending))


def _move(act: Act, ending: Ending, event: Event, *, last: bool) -> None:
    """The end was on another day: what is not done yet is counted anew, from the rules of that day.

    What was done, or waits for the second person, stays as it is.
    """
    before = cases_of(act.session, ending)
    kept = [case for case in before if case.state not in {*WAITING, CaseState.WITHDRAWN}]
    held = {(case.promise.code, case.promise.rule.name): case for case in before}
    ending.event_on, ending.contract_id = event.event_on, event.contract_id
    ending.activity = event.activity
    owner, place = _owner(act.session, ending)
    fresh = []
    for each in wanted_by(act.session, event, last=last):
        case = held.pop((each.promise.code, each.rule.name), None)
        if case is None:
            fresh.append(each)
        elif case not in kept:
            found = rules.due(each.rule, event.event_on, place)
            case.promised = msgspec.json.decode(canonical(each.promise))
            case.role, case.public_body = each.promise.role, owner.public_body
            case.hosted = rules.is_hosted(each.promise.hosting)
            if found or not case.day_reason:  # a day that a person set stays, with its reason
                case.due_on = found.due if found else None
                case.ends_at = found.ends_at if found else None
                case.count = counted(found, place) if found else {}
            if case.state is CaseState.WITHDRAWN:
                case.state, case.closed_reason = CaseState.OPEN, ""
    for case in held.values():
        if case.state in WAITING:
            case.state = CaseState.WITHDRAWN
            case.closed_reason = str(text("The end was corrected: the rule does not apply."))
    _add(act, ending, fresh, max((case.position for case in before), default=0))
    cases = len(before) + len(fresh)
    _log(act, MOVED, ending, event_on=event.event_on, cases=cases)


def _take_back(act: Act, ending: Ending) -> None:
    """It did not end after all: what is not done yet is withdrawn."""
    left = [case for case in cases_of(act.session, ending) if case.state in WAITING]
    for case in left:
        case.state = CaseState.WITHDRAWN
        case.closed_reason = str(text("The end was taken back."))
    if left:
        _log(act, WITHDRAWN, ending, cases=len(left))


def withdraw(act: Act, case_id: uuid.UUID, reason: str) -> None:
    """Withdraws a case that does not fall due: a new contract carries the relationship on, say.

    Raises:
        Invalid: there is no reason.
        Conflict: it is done, or waits for the second person.
    """
    act.require(Permission.RETENTION_EDIT)
    case = act.take(Case, case_id)
    if not reason.strip():
        raise Invalid(text("Say why."), "reason")
    if case.state not in WAITING:
        raise Conflict(text("This case is not open."))
    case.state, case.closed_reason = CaseState.WITHDRAWN, reason
    ending = act.session.get_one(Ending, case.ending_id)
    act.log(WITHDRAWN, ending, values={"reason": reason}, cases=1)
