"""What starts: sub-processors are engaged, controllers agree, irregular starts are recorded.

The one rule `rules.standing` says what may start; here plans that may not are refused, and facts
that happened are recorded as they are.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import rules, writing
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.objections import PORTAL
from registers.announcements.operations import INSTALLED_EARLY
from registers.announcements.vocabulary import TELLS, ChangeKind, State, Topic
from registers.controllers.models import Controller
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.history import How
from registers.kernel.words import Text, plural, text
from registers.notices.models import Matter, Notice
from registers.people.roles import Permission
from registers.subprocessors import facts as dossiers
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.models import Subprocessor

ENGAGED = audit.kind("announcement.engaged", text("Sub-processor engaged"), "day", "contracts")
IRREGULAR = audit.kind(
    "announcement.irregular", text("Irregular engagement recorded"), "day", "contracts"
)
INSTALLED = audit.kind("announcement.installed", text("Version installed"), "day", "contracts")
AGREED = audit.kind(
    "announcement.agreed", text("Explicit agreement recorded"), "agreed_on", "matter", "way"
)

NAMED_HOLDERS = 5


def agree(
    act: Act,
    matter_id: uuid.UUID,
    change_id: uuid.UUID | None,
    *,
    agreed_on: date,
    note: str = "",
    by_name: str = "",
    by_function: str = "",
    way: str = "",
    content: bytes | None = None,
) -> None:
    """Records that a controller agreed in writing, to a change that needs it or before its time.

    Args:
        act: of a contact on the portal, or of staff who enter what came another way.
        matter_id: the contract told of.
        change_id: the change; None for all of the notice.
        agreed_on: the local day of the controller.
        note: by whom and how.
        by_name: who agreed, where that is known apart.
        by_function: in what function.
        way: how it came: `portal`, or nothing.
        content: the document, where there is one.

    Raises:
        Invalid: the day is to come, or nothing says who agreed.
        NotFound: the contract was not told of this change.
    """
    portal = way == PORTAL
    act.require(Permission.PORTAL if portal else Permission.RECEIPTS_RECORD)
    if portal and not by_name.strip():
        raise Invalid(text("Say who agrees."), "by_name")
    if not portal and not note.strip():
        raise Invalid(text("Say who agreed, and how."), "note")
    matter = act.session.get(Matter, matter_id)
    if matter is None:
        raise NotFound
    if agreed_on > act.now.astimezone(ZoneInfo(matter.zone)).date():
        raise Invalid(text("This day is still to come."), "agreed_on")
    stored = act.files.put(act.session, content) if content else None
    for row in _cases(act, [matter_id], change_id):
        _know(row, agreed_on=agreed_on)
        act.log(
            AGREED,
            row,
            within=f"announcement:{row.announcement_id}",
            values={"by": by_name, "function": by_function, "note": note, "proof": stored},
            agreed_on=agreed_on,
            matter=matter_id,
            way=way,
        )
    act.session.flush()


def _cases(
    act: Act, matters: Collection[uuid.UUID] | None, change_id: uuid.UUID | None
) -> list[Case]:
    rows: list[Case] = []
    for part in history.parts(list(matters)) if matters is not None else [None]:
        query = sa.select(Case).with_for_update()
        if part is not None:
            query = query.where(Case.matter_id.in_(part))
        if change_id is not None:
            query = query.where(Case.change_id == change_id)
        rows += act.session.scalars(query)
    if not rows:
        raise NotFound
    return rows


def _know(row: Case, **more: Any) -> rules.Case:
    known = msgspec.structs.replace(msgspec.convert(row.known, rules.Case), **more)
    row.known = msgspec.json.decode(canonical(known))
    return known


class Held(Invalid):
    """An engagement that may not happen, and who holds it."""

    def __init__(self, reason: Text, holders: Sequence[tuple[str, Text]]) -> None:
        super().__init__(reason, "matters")
        self.holders = holders


def engage(
    act: Act,
    change_id: uuid.UUID,
    matters: Collection[uuid.UUID] | None,
    day: date,
    how: How,
) -> int:
    """Engages a sub-processor: for these contracts, or for all of the announcement.

    Args:
        act: the act.
        change_id: the announced change.
        matters: the contracts told of; None for all.
        day: the first day, on which the change may start for each of them.
        how: for the version of the dossier that says so.

    Raises:
        Held: for one of them it may not start on that day; names who holds it.
        Conflict: the announcement is over.
        Invalid: an indivisible change starts for all or not at all.
    """
    act.require(Permission.ENGAGE)
    made = act.session.get(Change, change_id)
    if made is None:
        raise NotFound
    head = act.take(Announcement, made.announcement_id)
    writing.require_announced(head)
    every = _cases(act, None, change_id)
    chosen = _chosen(every, matters)
    known = [(row, msgspec.convert(row.known, rules.Case)) for row in chosen]
    ready = [(row, case) for row, case in known if case.engaged_on is None]
    divisible = history.latest(act.session, head).divisible
    if not divisible and matters is not None and len(chosen) != len(every):
        raise Invalid(text("This change can only start for all controllers at once."), "matters")
    stands = [(row, rules.standing(case, day)) for row, case in ready]
    over = {State.CONTRACT_ENDED}
    held = [
        (row, found) for row, found in stands if not found.may_start and found.state not in over
    ]
    if held:
        raise _held(act.session, held)
    if not ready:
        raise Conflict(text("It is engaged for all of them already."))
    count = 0
    for row, found in stands:
        if found.may_start:
            _know(row, engaged_on=day)
            count += 1
    done = ENGAGED if head.topic is Topic.SUBPROCESSORS else INSTALLED
    act.log(done, made, within=head, day=day, contracts=count)
    _follow_dossier(act, made, day, how)
    return count


def _chosen(every: list[Case], matters: Collection[uuid.UUID] | None) -> list[Case]:
    if matters is None:
        return every
    wanted = set(matters)
    return [row for row in every if row.matter_id in wanted]


def _held(session: Session, held: Sequence[tuple[Case, rules.Standing]]) -> Held:
    ids = [row.matter_id for row, _ in held]
    names: dict[uuid.UUID, str] = {}
    for part in history.parts(ids):
        query = (
            sa.select(Matter.id, Controller.name)
            .join(Controller, Controller.id == Matter.controller_id)
            .where(Matter.id.in_(part))
        )
        names |= {row[0]: row[1] for row in session.execute(query)}
    holders = [(names[row.matter_id], found.says) for row, found in held]
    named = " ; ".join(sorted({name for name, _ in holders})[:NAMED_HOLDERS])
    reason = plural(
        "It may not start: {count} contract holds it ({named}{more}).",
        "It may not start: {count} contracts hold it ({named}{more}).",
        len(holders),
        named=named,
        more=" …" if len({name for name, _ in holders}) > NAMED_HOLDERS else "",
    )
    return Held(reason, holders)


def _follow_dossier(act: Act, made: Change, day: date, how: How) -> None:
    """The dossiers say it too: one is engaged, one has ended."""
    if made.subprocessor_id is None:
        return
    if made.kind in {ChangeKind.ADDITION, ChangeKind.REPLACEMENT}:
        _restate(act, made.subprocessor_id, dossiers.State.ENGAGED, day, how)
    if made.kind is ChangeKind.REMOVAL:
        _restate(act, made.subprocessor_id, dossiers.State.ENDED, day, how)


def _restate(
    act: Act, subprocessor_id: uuid.UUID, state: dossiers.State, day: date, how: How
) -> None:
    head = act.session.get_one(Subprocessor, subprocessor_id)
    known = history.latest(act.session, head)
    if known.state is state:
        return
    ends = {"ended_on": day} if state is dossiers.State.ENDED else {"engaged_on": day}
    altered = msgspec.structs.replace(known, state=state, **ends)
    since = How(day, how.reason)
    subprocessors.change(act, head.id, altered, head.latest, since)


def record_irregular(
    act: Act,
    change_id: uuid.UUID,
    matters: Collection[uuid.UUID] | None,
    *,
    started_on: date,
    reason: str,
    day: date,
) -> int:
    """Records that a change started before it might, and tells the controllers concerned.

    A fact, not a plan: it is never refused for being irregular.

    Raises:
        Invalid: there is no reason, or the day is to come.
    """
    act.require(Permission.ENGAGE)
    if not reason.strip():
        raise Invalid(text("Say why it was started: the controllers are told."), "reason")
    if started_on > day:
        raise Invalid(text("This day is still to come: only facts are recorded so."), "started_on")
    made = act.session.get(Change, change_id)
    if made is None:
        raise NotFound
    head = act.take(Announcement, made.announcement_id)
    every = _cases(act, None, change_id)
    chosen = _chosen(every, matters)
    irregular: set[uuid.UUID] = set()
    for row in chosen:
        known = msgspec.convert(row.known, rules.Case)
        if known.engaged_on is None:
            known = _know(row, engaged_on=started_on)
            if rules.standing(known, day).state is State.IRREGULAR:
                irregular.add(row.matter_id)
    act.session.flush()
    act.log(
        IRREGULAR if head.topic is Topic.SUBPROCESSORS else INSTALLED_EARLY,
        made,
        within=head,
        values={"reason": reason},
        day=started_on,
        contracts=len(irregular),
    )
    _follow_dossier(act, made, started_on, How(started_on, reason))
    told, contracts = _told_of(act.session, irregular)
    says = {"change": str(made.id), **writing.Fact(started_on, reason).told}
    return writing.tell_again(
        act, head, told, TELLS[head.topic].early, says=says, day=day, contracts=contracts
    )


def _told_of(
    session: Session, matters: Collection[uuid.UUID]
) -> tuple[list[Notice], set[uuid.UUID]]:
    found: dict[uuid.UUID, Notice] = {}
    contracts: set[uuid.UUID] = set()
    for part in history.parts(list(matters)):
        query = sa.select(Notice, Matter.contract_id).join(Matter, Matter.notice_id == Notice.id)
        for notice, contract_id in session.execute(query.where(Matter.id.in_(part))):
            found[notice.id] = notice
            if contract_id is not None:
                contracts.add(contract_id)
    return list(found.values()), contracts
