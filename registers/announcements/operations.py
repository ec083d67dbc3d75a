"""What people do with announcements: draft, announce, withdraw, announce anew, engage.

The one rule `rules.standing` says what may start; here plans that may not are refused, and facts
that happened are recorded as they are.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import facts, planning, rules
from registers.announcements.cases import open_windows, refresh
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.objections import PORTAL
from registers.announcements.planning import Addressee, Plan
from registers.announcements.vocabulary import ChangeKind, Phase, State
from registers.controllers.models import Controller
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.history import FIELDS, How
from registers.kernel.words import Text, plural, text
from registers.notices import operations as notices
from registers.notices.models import Matter, Notice
from registers.notices.operations import Concerned, Wanted, Way
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission
from registers.subprocessors import facts as dossiers
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.models import Subprocessor

DRAFTED = audit.kind("announcement.drafted", text("Announcement drafted"), *FIELDS)
CHANGED = audit.kind("announcement.changed", text("Draft of an announcement changed"), *FIELDS)
ANNOUNCED = audit.kind(
    "announcement.announced",
    text("Change of sub-processors announced"),
    *("number", "version", "recipients", "contracts"),
)
TAKEN_OVER = audit.kind(
    "announcement.taken_over",
    text("Announcement made before taken over"),
    *("number", "on", "recipients", "contracts"),
)
CAUGHT = audit.kind("announcement.caught", text("Contract signed since was told"), "contracts")
WITHDRAWN = audit.kind("announcement.withdrawn", text("Announcement withdrawn"), "notices")
REVISED = audit.kind("announcement.revised", text("Announced anew"), "by")
ENGAGED = audit.kind("announcement.engaged", text("Sub-processor engaged"), "day", "contracts")
IRREGULAR = audit.kind(
    "announcement.irregular", text("Irregular engagement recorded"), "day", "contracts"
)
AGREED = audit.kind(
    "announcement.agreed", text("Explicit agreement recorded"), "agreed_on", "matter", "way"
)

NAMED_HOLDERS = 5


def draft(
    act: Act, known: facts.Announcement, how: How, revises: uuid.UUID | None = None
) -> Announcement:
    """Begins an announcement; nobody is told before it is announced.

    Raises:
        Invalid: the facts cannot be.
    """
    act.require(Permission.ANNOUNCEMENTS_EDIT)
    (number,) = references.take(act, "AN", act.now.date())
    head = Announcement(code=number, phase=Phase.DRAFT, announced_by="", end_reason="")
    head.revises_id = revises
    history.record(act, head, checked(known), 0, how.by(DRAFTED))
    return head


def change(
    act: Act, announcement_id: uuid.UUID, known: facts.Announcement, base: int, how: How
) -> list[str]:
    """Changes a draft.

    Raises:
        Conflict: it was announced meanwhile, or see `history.record`.
    """
    act.require(Permission.ANNOUNCEMENTS_EDIT)
    head = act.take(Announcement, announcement_id)
    _require_draft(head)
    return history.record(act, head, checked(known), base, how.by(CHANGED))


def checked(known: facts.Announcement) -> facts.Announcement:
    """A draft in normal form.

    Raises:
        Invalid: it has no title, or names a sub-processor twice or in place of itself.
    """
    if not known.title.strip():
        raise Invalid(text("This entry is needed."), "title")
    seen = set()
    for each in known.changes:
        if each.kind is ChangeKind.REPLACEMENT and not each.replaces:
            raise Invalid(text("Say which sub-processor it takes the place of."), "changes")
        if each.replaces == each.code:
            raise Invalid(text("A sub-processor cannot take its own place."), "changes")
        if (each.code, each.kind) in seen:
            raise Invalid(text("The same change is there twice."), "changes")
        seen.add((each.code, each.kind))
    return known


def _require_draft(head: Announcement) -> None:
    if head.phase is not Phase.DRAFT:
        raise Conflict(
            text("It was announced already, and is not changed any more: announce it anew.")
        )


def announce(
    act: Act, announcement_id: uuid.UUID, base: int, typed: int | None, day: date
) -> Announcement:
    """Tells every controller concerned, each once.

    Args:
        act: one act: afterwards each recipient has its notice, or none has.
        announcement_id: the draft.
        base: the version that was before the eyes.
        typed: the number of recipients, typed by the person who confirms.
        day: the local day of the organisation.

    Raises:
        Conflict: it was announced already, or the draft is newer than `base`.
        Invalid: a fact that the notice must state is missing, nobody is concerned, or the
            number typed is not that of the recipients.
    """
    act.require(Permission.ANNOUNCE)
    head = act.take(Announcement, announcement_id)
    _require_draft(head)
    if base != head.latest:
        raise Conflict(text("The draft was changed meanwhile: look at it again."))
    known = history.latest(act.session, head)
    plan = planning.plan(act.session, known, day)
    planning.require_complete(plan)
    if typed != len(plan.addressees):
        count = len(plan.addressees)
        raise Invalid(
            text("Type the number of recipients to confirm: {count}.", count=count), "typed"
        )
    head.phase = Phase.ANNOUNCED
    head.announced_at, head.announced_by = act.now, act.actor.reference
    changes = [_change(head, place, plan) for place in range(len(plan.changes))]
    act.session.add_all(changes)
    act.session.flush()
    if head.revises_id is not None:
        _supersede(act, head)
    _tell(act, head, changes, plan.addressees, plan, cause=f"announcement:{head.id}")
    act.log(
        ANNOUNCED,
        head,
        number=head.code,
        version=head.latest,
        recipients=len(plan.addressees),
        contracts=len(plan.contracts),
    )
    return head


def take_over(
    act: Act, known: facts.Announcement, how: How, left_at: datetime, day: date
) -> Announcement:
    """Enters an announcement that was made before this installation kept it, with its own dates.

    Nothing leaves; receipts and objections are then entered as they came.

    Args:
        act: the act.
        known: what was announced.
        how: for the version.
        left_at: when the notices had left.
        day: the local day of that.

    Raises:
        Invalid: it is still to come, or see `announce`.
    """
    act.require(Permission.ANNOUNCE)
    if left_at > act.now:
        raise Invalid(text("This day is still to come: only facts are recorded so."), "left_at")
    head = draft(act, known, how)
    act.session.flush()
    plan = planning.plan(act.session, known, day)
    planning.require_complete(plan)
    head.phase = Phase.ANNOUNCED
    head.announced_at, head.announced_by = left_at, act.actor.reference
    changes = [_change(head, place, plan) for place in range(len(plan.changes))]
    act.session.add_all(changes)
    act.session.flush()
    cause = f"announcement:{head.id}"
    _tell(act, head, changes, plan.addressees, plan, cause=cause, left_at=left_at)
    act.log(
        TAKEN_OVER,
        head,
        number=head.code,
        on=day,
        recipients=len(plan.addressees),
        contracts=len(plan.contracts),
    )
    matters = sa.select(Case.matter_id).where(Case.announcement_id == head.id)
    refresh(act, list(act.session.scalars(matters)))
    return head


def _change(head: Announcement, position: int, plan: Plan) -> Change:
    known = plan.changes[position]
    one, dossier = plan.dossiers[known.code]
    other = plan.dossiers.get(known.replaces)
    told = {
        "change": known,
        "dossier": msgspec.structs.replace(dossier, note=""),
        "replaces": other[1].name if other else "",
        "activities": {code: plan.activities.get(code, "") for code in known.activities},
    }
    return Change(
        announcement_id=head.id,
        position=position,
        kind=known.kind,
        subprocessor_id=one.id,
        replaces_id=other[0].id if other else None,
        planned_on=known.planned_on or plan.day,
        told=msgspec.json.decode(canonical(told)),
    )


def _tell(
    act: Act,
    head: Announcement,
    changes: Sequence[Change],
    addressees: Sequence[Addressee],
    plan: Plan,
    *,
    cause: str,
    left_at: datetime | None = None,
) -> None:
    """Writes the notices of an announcement, and opens a case for each change and contract."""
    wanted = [
        Wanted(
            kind=NoticeKind.SUBPROCESSORS,
            cause=cause,
            recipient=each.key,
            name=each.name,
            email=each.email,
            language=each.language,
            told={"announcement": str(head.id)},
            concerned=[
                Concerned(
                    told.controller_id,
                    told.contract_id,
                    msgspec.json.decode(canonical(told.terms)),
                    told.place.calendar,
                    told.place.good_friday,
                    told.place.zone,
                )
                for told in each.told
            ],
            ways=[Way(channel, address, owner) for channel, address, owner in each.ways],
        )
        for each in addressees
    ]
    written = notices.write(act, wanted, head, plan.day, left_at)
    rows = [
        {
            "id": uuid.uuid4(),
            "announcement_id": head.id,
            "change_id": made.id,
            "matter_id": matter,
            "effect": effect,
            "known": rules.Case(effect=effect, planned_on=made.planned_on),
        }
        for each, notice in zip(addressees, written, strict=True)
        for told, matter in zip(each.told, notice.matters, strict=True)
        for made, effect in zip(changes, told.effects, strict=True)
        if effect is not None
    ]
    act.session.execute(sa.insert(Case), rows)


def catch_up(act: Act, announcement_id: uuid.UUID, day: date) -> int:
    """Tells contracts that were signed or came to cover an activity after the announcement.

    Once a change has started, the list annexed to a new contract names the sub-processor.
    Gives how many contracts were told.
    """
    act.require(Permission.ANNOUNCE)
    head = act.take(Announcement, announcement_id)
    begun = head.planned_on is not None and head.planned_on <= day
    begun = begun and any(case.engaged_on for case in _distinct(act.session, head.id))
    if head.phase is not Phase.ANNOUNCED or begun:
        return 0
    told = (
        sa.select(Matter.contract_id)
        .join(Case, Case.matter_id == Matter.id)
        .where(Case.announcement_id == head.id)
    )
    known = set(act.session.scalars(told))
    plan = planning.plan(act.session, history.latest(act.session, head), day)
    late = [
        each._replace(told=tuple(one for one in each.told if one.contract_id not in known))
        for each in plan.addressees
    ]
    late = [each for each in late if each.told]
    if not late:
        return 0
    changes = list(changes_of(act.session, head.id))
    cause = f"announcement:{head.id}:since:{act.now.isoformat()}"
    kept = {one.controller_id for each in late for one in each.told}
    late = [
        each._replace(ways=tuple(way for way in each.ways if way[2] is None or way[2] in kept))
        for each in late
    ]
    _tell(act, head, changes, late, plan, cause=cause)
    count = sum(len(each.told) for each in late)
    act.log(CAUGHT, head, contracts=count)
    return count


def changes_of(session: Session, announcement_id: uuid.UUID) -> Sequence[Change]:
    """The changes of an announcement, in order."""
    query = sa.select(Change).where(Change.announcement_id == announcement_id)
    return session.scalars(query.order_by(Change.position)).all()


def withdraw(act: Act, announcement_id: uuid.UUID, reason: str, day: date) -> int:
    """Withdraws an announcement that was made in error; whoever was told is told that too.

    Gives how many notices of withdrawal were written.

    Raises:
        Invalid: there is no reason.
        Conflict: it is not announced, or a change of it started somewhere.
    """
    act.require(Permission.ANNOUNCE)
    head = act.take(Announcement, announcement_id)
    _require_announced(head)
    if not reason.strip():
        raise Invalid(text("Say why: the notices of withdrawal tell it."), "reason")
    if any(case.engaged_on for case in _distinct(act.session, head.id)):
        raise Conflict(text("It has started for a controller: what happened is not withdrawn."))
    _end(act, head, Phase.WITHDRAWN, reason)
    told = _take_back(act, head.id)
    count = _tell_again(act, head, told, NoticeKind.WITHDRAWAL, says={"reason": reason}, day=day)
    act.log(WITHDRAWN, head, values={"reason": reason}, notices=count)
    return count


def _require_announced(head: Announcement) -> None:
    if head.phase is not Phase.ANNOUNCED:
        raise Conflict(text("This announcement is not under way."))


def _distinct(session: Session, announcement_id: uuid.UUID) -> list[rules.Case]:
    query = sa.select(Case.known).where(Case.announcement_id == announcement_id).distinct()
    return [msgspec.convert(known, rules.Case) for known in session.scalars(query)]


def _end(act: Act, head: Announcement, phase: Phase, reason: str) -> None:
    head.phase, head.ended_at, head.end_reason = phase, act.now, reason
    act.session.flush()
    query = sa.select(Case.matter_id).where(Case.announcement_id == head.id).distinct()
    refresh(act, list(act.session.scalars(query)))


def _supersede(act: Act, head: Announcement) -> None:
    former = act.take(Announcement, head.revises_id)
    _require_announced(former)
    _end(act, former, Phase.REVISED, head.code)
    _take_back(act, former.id)
    act.log(REVISED, former, by=head.code)


def _take_back(act: Act, announcement_id: uuid.UUID) -> list[Notice]:
    """Stops what has not left; gives the notices that somebody may have read."""
    query = (
        sa.select(Matter.notice_id)
        .join(Case, Case.matter_id == Matter.id)
        .where(Case.announcement_id == announcement_id)
        .distinct()
    )
    ids = list(act.session.scalars(query))
    late = notices.cancel(act, ids)
    found: list[Notice] = []
    for part in history.parts(ids):
        rows = act.session.scalars(sa.select(Notice).where(Notice.id.in_(part)))
        for notice in rows:
            notice.withdrawn_at = act.now
            if notice.id in late:
                found.append(notice)
    return found


def _tell_again(
    act: Act,
    head: Announcement,
    told: Sequence[Notice],
    kind: NoticeKind,
    *,
    says: dict[str, Any],
    day: date,
    contracts: Collection[uuid.UUID] | None = None,
) -> int:
    """Writes to those who were told of an announcement, about the same contracts, as before."""
    wanted = []
    for notice in told:
        query = sa.select(Matter).where(Matter.notice_id == notice.id)
        matters = [
            each
            for each in act.session.scalars(query)
            if contracts is None or each.contract_id in contracts
        ]
        if not matters:
            continue
        owners = {each.controller_id for each in matters}
        wanted.append(
            Wanted(
                kind=kind,
                cause=f"announcement:{head.id}:{kind.value}:{act.now.isoformat()}",
                recipient=notice.recipient,
                name=notice.name,
                email=notice.email,
                language=notice.language,
                told={"announcement": str(head.id), "former": notice.number, **says},
                concerned=[
                    Concerned(
                        each.controller_id,
                        each.contract_id,
                        each.terms,
                        each.calendar,
                        each.good_friday,
                        each.zone,
                    )
                    for each in matters
                ],
                ways=notices.ways_of(act.session, notice.id, owners),
            )
        )
    if wanted:
        notices.write(act, wanted, head, day)
    return len(wanted)


def remind(
    act: Act, announcement_id: uuid.UUID, day: date, matters: Collection[uuid.UUID] | None = None
) -> int:
    """Reminds those whose receipt is not proven; gives how many notices were written.

    Args:
        act: the act.
        announcement_id: the announcement.
        day: the local day of the organisation.
        matters: only these contracts; None for all.

    Raises:
        Conflict: the announcement is not under way.
    """
    act.require(Permission.ANNOUNCE)
    head = act.take(Announcement, announcement_id)
    _require_announced(head)
    query = (
        sa.select(Case.known, Case.matter_id, Matter.notice_id, Matter.contract_id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.announcement_id == head.id)
    )
    wanted = None if matters is None else set(matters)
    waiting: dict[uuid.UUID, set[uuid.UUID]] = {}
    for known, matter_id, notice_id, contract_id in act.session.execute(query):
        if wanted is not None and matter_id not in wanted:
            continue
        state = rules.standing(msgspec.convert(known, rules.Case), day).state
        if state in {State.AWAITING_RECEIPT, State.PROVISIONAL}:
            waiting.setdefault(notice_id, set()).add(contract_id)
    told: list[Notice] = []
    for part in history.parts(list(waiting)):
        told += act.session.scalars(sa.select(Notice).where(Notice.id.in_(part)))
    told = [notice for notice in told if notice.kind is NoticeKind.SUBPROCESSORS]
    contracts = {key for ids in waiting.values() for key in ids}
    return _tell_again(act, head, told, NoticeKind.REMINDER, says={}, day=day, contracts=contracts)


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
    _require_announced(head)
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
    act.log(ENGAGED, made, within=head, day=day, contracts=count)
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
        IRREGULAR,
        made,
        within=head,
        values={"reason": reason},
        day=started_on,
        contracts=len(irregular),
    )
    _follow_dossier(act, made, started_on, How(started_on, reason))
    told, contracts = _told_of(act.session, irregular)
    says = {"change": str(made.id), "reason": reason, "started_on": started_on.isoformat()}
    return _tell_again(
        act, head, told, NoticeKind.ENGAGEMENT, says=says, day=day, contracts=contracts
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


def told_left(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a dispatch: the contracts are told, and await receipt."""
    refresh(act, matters)


def told_received(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon evidence of receipt: the windows open."""
    open_windows(act, matters)
    refresh(act, matters)


def nothing_follows(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Of a notice that asks for nothing: its dispatch and receipt change no window."""
