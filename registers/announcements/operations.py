"""What people do with announcements: draft, announce, remind, withdraw, announce anew."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import drafting, facts, planning, queries, rules, writing
from registers.announcements.cases import open_told, open_windows, refresh
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.planning import Plan
from registers.announcements.vocabulary import TELLS, ChangeKind, Phase, State, Topic
from registers.announcements.writing import Fact
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import How
from registers.kernel.words import text
from registers.notices.models import Matter, Notice
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission

ANNOUNCED = audit.kind(
    "announcement.announced",
    text("Change of sub-processors announced"),
    *("number", "version", "recipients", "contracts"),
)
ANNOUNCED_UPDATE = audit.kind(
    "announcement.update_announced",
    text("Update to a new version announced"),
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


INSTALLED_EARLY = audit.kind(
    "announcement.installed_early",
    text("Version installed before its day"),
    *("day", "contracts"),
)


def announce(
    act: Act,
    announcement_id: uuid.UUID,
    base: int,
    typed: int | None,
    day: date,
    *,
    fact: Fact | None = None,
) -> Announcement:
    """Tells every controller concerned, each once.

    Args:
        act: one act: afterwards each recipient has its notice, or none has.
        announcement_id: the draft.
        base: the version that was before the eyes.
        typed: the number of recipients, typed by the person who confirms.
        day: the local day of the organisation.
        fact: of an update that was installed already; it is told as what it is.

    Raises:
        Conflict: it was announced already, or the draft is newer than `base`.
        Invalid: a fact that the notice must state is missing, nobody is concerned, an update is
            planned too soon, or the number typed is not that of the recipients.
    """
    act.require(Permission.ANNOUNCE)
    if fact is not None:
        _check_fact(act, fact, day)
    head = act.take(Announcement, announcement_id)
    drafting.require_draft(head)
    if base != head.latest:
        raise Conflict(text("The draft was changed meanwhile: look at it again."))
    known = history.latest(act.session, head)
    if fact is not None and known.update is None:
        raise Invalid(text("Announce the change first: then record that it has begun."))
    plan = planning.plan(act.session, known, day)
    planning.require_complete(plan, planned=fact is None)
    if typed != len(plan.addressees):
        count = len(plan.addressees)
        raise Invalid(
            text("Type the number of recipients to confirm: {count}.", count=count), "typed"
        )
    head.phase = Phase.ANNOUNCED
    head.announced_at, head.announced_by = act.now, act.actor.reference
    changes = _changes(head, known, plan)
    act.session.add_all(changes)
    act.session.flush()
    if head.revises_id is not None:
        _supersede(act, head)
    cause = f"announcement:{head.id}"
    writing.tell(act, head, changes, plan.addressees, plan, cause=cause, fact=fact)
    act.log(
        ANNOUNCED if head.topic is Topic.SUBPROCESSORS else ANNOUNCED_UPDATE,
        head,
        number=head.code,
        version=head.latest,
        recipients=len(plan.addressees),
        contracts=len(plan.contracts),
    )
    if fact is not None:
        act.log(
            INSTALLED_EARLY,
            changes[0],
            within=head,
            values={"reason": fact.reason},
            day=fact.started_on,
            contracts=len(plan.contracts),
        )
    return head


def _check_fact(act: Act, fact: Fact, day: date) -> None:
    act.require(Permission.ENGAGE)
    if not fact.reason.strip():
        raise Invalid(text("Say why it was started: the controllers are told."), "reason")
    if fact.started_on > day:
        raise Invalid(text("This day is still to come: only facts are recorded so."), "started_on")


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
    head = drafting.draft(act, known, how)
    act.session.flush()
    plan = planning.plan(act.session, known, day)
    planning.require_complete(plan, planned=False)
    head.phase = Phase.ANNOUNCED
    head.announced_at, head.announced_by = left_at, act.actor.reference
    changes = _changes(head, known, plan)
    act.session.add_all(changes)
    act.session.flush()
    cause = f"announcement:{head.id}"
    writing.tell(act, head, changes, plan.addressees, plan, cause=cause, left_at=left_at)
    act.log(
        TAKEN_OVER,
        head,
        number=head.code,
        on=day,
        recipients=len(plan.addressees),
        contracts=len(plan.contracts),
    )
    matters = sa.select(Case.matter_id).where(Case.announcement_id == head.id)
    told_left(act, list(act.session.scalars(matters)))
    return head


def _changes(head: Announcement, known: facts.Announcement, plan: Plan) -> list[Change]:
    """The changes of a draft, with what is told of them; an update is the only one of its own."""
    if known.update is None:
        return [_change(head, place, plan) for place in range(len(plan.changes))]
    told = {
        "update": known.update,
        "sheet": known.sheet,
        "sheet_name": known.sheet_name,
        "activities": {code: plan.activities.get(code, "") for code in known.update.activities},
    }
    return [
        Change(
            announcement_id=head.id,
            position=0,
            kind=ChangeKind.UPDATE,
            subprocessor_id=None,
            planned_on=known.update.planned_on or plan.day,
            told=msgspec.json.decode(canonical(told)),
        )
    ]


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
    changes = list(queries.changes_of(act.session, head.id))
    cause = f"announcement:{head.id}:since:{act.now.isoformat()}"
    kept = {one.controller_id for each in late for one in each.told}
    late = [
        each._replace(ways=tuple(way for way in each.ways if way[2] is None or way[2] in kept))
        for each in late
    ]
    writing.tell(act, head, changes, late, plan, cause=cause)
    count = sum(len(each.told) for each in late)
    act.log(CAUGHT, head, contracts=count)
    return count


def withdraw(act: Act, announcement_id: uuid.UUID, reason: str, day: date) -> int:
    """Withdraws an announcement that was made in error; whoever was told is told that too.

    Gives how many notices of withdrawal were written.

    Raises:
        Invalid: there is no reason.
        Conflict: it is not announced, or a change of it started somewhere.
    """
    act.require(Permission.ANNOUNCE)
    head = act.take(Announcement, announcement_id)
    writing.require_announced(head)
    if not reason.strip():
        raise Invalid(text("Say why: the notices of withdrawal tell it."), "reason")
    if any(case.engaged_on for case in _distinct(act.session, head.id)):
        raise Conflict(text("It has started for a controller: what happened is not withdrawn."))
    _end(act, head, Phase.WITHDRAWN, reason)
    told = writing.take_back(act, head.id)
    count = writing.tell_again(
        act, head, told, TELLS[head.topic].withdrawal, says={"reason": reason}, day=day
    )
    act.log(WITHDRAWN, head, values={"reason": reason}, notices=count)
    return count


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
    writing.require_announced(former)
    _end(act, former, Phase.REVISED, head.code)
    writing.take_back(act, former.id)
    act.log(REVISED, former, by=head.code)


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
    writing.require_announced(head)
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
    return writing.tell_again(
        act, head, told, NoticeKind.REMINDER, says={}, day=day, contracts=contracts
    )


def told_left(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a dispatch: the contracts are told; of an update the windows open.

    Those of sub-processors await receipt.
    """
    open_told(act, matters)
    refresh(act, matters)


def told_received(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon evidence of receipt: the windows open."""
    open_windows(act, matters)
    refresh(act, matters)


def nothing_follows(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Of a notice that asks for nothing: its dispatch and receipt change no window."""
