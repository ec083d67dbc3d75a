"""What people do with breaches: record, find who is touched, notify in phases, close.

Facts come in phases and are recorded as they are. The clocks are computed from what is known and
depend on nobody's work; only the alarms need a worker.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import alarms, drills, facts, gauges, own, owning, rules, telling
from registers.breaches.models import Affected, Alarm, Breach
from registers.breaches.rules import Clock
from registers.breaches.vocabulary import Phase, Step
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel, ContactRole
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.base import canonical, insert_many
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.history import FIELDS, How
from registers.kernel.words import Words, text
from registers.notices import operations as notices
from registers.notices import reaching
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import Concerned, Wanted, Way, Written
from registers.notices.vocabulary import BY_POST, DispatchState, NoticeKind
from registers.people.roles import Permission

RECORDED = audit.kind("breach.recorded", text("Breach recorded"), *FIELDS)
CHANGED = audit.kind("breach.changed", text("Breach: more is known"), *FIELDS)
TOUCHED = audit.kind(
    "breach.touched", text("Controllers found to be affected"), "contracts", "digest"
)
UNTOUCHED = audit.kind(
    "breach.untouched", text("Controllers found not to be affected"), "contracts"
)
CORRECTED = audit.kind(
    "breach.known_corrected",
    text("Since when controllers are known to be affected, corrected"),
    "contracts",
)
NUMBERED = audit.kind("breach.numbered", text("Numbers of persons and records"), "contracts")
NOTIFIED = audit.kind(
    "breach.notified", text("Notices of a breach written"), "step", "version", "notices"
)
CLOSED = audit.kind("breach.closed", text("Breach closed"), "phase")
LATE = audit.kind("breach.late", text("Reason of a late notice"), "told")

TOLD_BY = (
    ContactRole.BREACH,
    ContactRole.NOTICE,
    ContactRole.DPO,
    ContactRole.REPRESENTATIVE,
)
"""Who is written to about a breach, the first there is."""

STEPS: dict[Step, NoticeKind] = {
    Step.FIRST: NoticeKind.BREACH,
    Step.MORE: NoticeKind.BREACH_MORE,
    Step.CLOSING: NoticeKind.BREACH_CLOSING,
    Step.ERROR: NoticeKind.BREACH_ERROR,
}


def record(act: Act, known: facts.Breach, *, drill: bool = False, reason: str = "") -> Breach:
    """Opens the record of a breach, or of a suspicion; three fields are enough.

    Args:
        act: the act.
        known: what is known.
        drill: whether it is an exercise.
        reason: what the history says of the first version, in the language of its author.

    Raises:
        Invalid: a time is impossible, or nothing says what happened.
    """
    act.require(Permission.BREACHES_RECORD)
    (number,) = references.take(act, "EX" if drill else "BR", act.now.date())
    head = Breach(code=number, phase=Phase.OPEN, drill=drill, recorded_at=act.now, end_reason="")
    how = How(act.now.date(), reason or str(text("First record")))
    history.record(act, head, rules.checked(known, act.now), 0, how.by(RECORDED))
    act.session.flush()
    alarms.tell_recorded(act, head)
    return head


def change(
    act: Act, breach_id: uuid.UUID, known: facts.Breach, base: int, reason: str
) -> list[str]:
    """Adds what is known since; the clocks follow. The former record stays, with the reason.

    Raises:
        Conflict: somebody recorded something meanwhile: nothing of theirs is lost.
        Invalid: see `record`.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    how = How(act.now.date(), reason)
    changed = history.record(act, head, rules.checked(known, act.now), base, how.by(CHANGED))
    if "aware" in changed:
        _restart(act, head)
    return changed


class Touched(NamedTuple):
    """A contract that may be affected, or a controller without one, and why."""

    controller_id: uuid.UUID
    contract_id: uuid.UUID | None
    why: str


def touch(
    act: Act,
    breach_id: uuid.UUID,
    found: Sequence[Touched],
    known_at: datetime | None = None,
) -> int:
    """Records which contracts are affected; a clock starts for each. Gives how many are new.

    Args:
        act: one act, for one or ten thousand.
        breach_id: the breach.
        found: the contracts; those that are there already stay as they are.
        known_at: when it became known that they are affected, where that was after the awareness.

    Raises:
        Invalid: that time is still to come.
        Conflict: the breach is closed.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    _require_open(head)
    if known_at is not None and known_at > act.now:
        raise Invalid(text("This time is still to come."), "known_at")
    there = {
        (row[0], row[1])
        for row in act.session.execute(
            sa.select(Affected.controller_id, Affected.contract_id).where(
                Affected.breach_id == breach_id, Affected.removed_at.is_(None)
            )
        )
    }
    new = [each for each in found if (each.controller_id, each.contract_id) not in there]
    if not new:
        return 0
    rows = [_affected(head, *each) for each in _demands(head, new, known_at, act.session)]
    former = {
        (row.controller_id, row.contract_id): row
        for row in act.session.scalars(
            sa.select(Affected).where(
                Affected.breach_id == breach_id, Affected.removed_at.is_not(None)
            )
        )
    }
    again = [(former.get((row["controller_id"], row["contract_id"])), row) for row in rows]
    for stood, row in again:
        if stood is not None:  # affected after all: the journal keeps that it was thought not to be
            for name, value in {**row, "id": stood.id, "removed_at": None}.items():
                setattr(stood, name, value)
    insert_many(act.session, Affected, [row for stood, row in again if stood is None])
    _set_alarms(act, head, rows)
    names = sorted(f"{each.controller_id}:{each.contract_id}" for each in new)
    act.log(
        TOUCHED,
        head,
        values={"why": sorted({each.why for each in new})},
        contracts=len(new),
        digest=hashlib.sha256("\n".join(names).encode()).hexdigest(),
    )
    return len(new)


def _terms(session: Session, found: Sequence[Touched]) -> dict[uuid.UUID | None, parties.Terms]:
    """What the contracts found say; without one the limit is kept all the same, by e-mail."""
    ids = {each.contract_id for each in found if each.contract_id}
    known: dict[uuid.UUID, parties.Contract] = history.all_latest(session, Contract, ids)
    without = parties.Terms(breach_hours=rules.HOURS, breach_channels=(Channel.EMAIL,))
    return {None: without, **{key: agreed.terms for key, agreed in known.items()}}


def _demands(
    head: Breach, found: Sequence[Touched], known_at: datetime | None, session: Session
) -> Iterator[tuple[Touched, dict[str, Any]]]:
    """What the terms of each contract demand; alike terms, which most are, are worked out once."""
    terms = _terms(session, found)
    known: dict[Any, dict[str, Any]] = {}
    for each in found:
        agreed = terms[each.contract_id]
        alike = (agreed.breach_hours, agreed.breach_channels)
        if alike not in known:
            hours, channels = rules.strictest([agreed])
            if head.drill:
                channels = drills.CHANNELS
            running = rules.clock(head.aware_at, known_at, hours) if head.aware_at else None
            known[alike] = {
                "hours": hours,
                "channels": [channel.value for channel in channels],
                "known_at": known_at,
                "starts_at": running.starts_at if running else None,
                "ends_at": running.ends_at if running else None,
            }
        yield each, known[alike]


def _affected(head: Breach, each: Touched, demands: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "breach_id": head.id,
        "controller_id": each.controller_id,
        "contract_id": each.contract_id,
        "why": each.why,
        **demands,
        "informed_at": None,
        "complete_at": None,
        "late_reason": "",
        "tell_late": False,
        "removed_reason": "",
    }


def _set_alarms(act: Act, head: Breach, rows: Sequence[Mapping[str, Any]]) -> None:
    """One alarm for each distinct end and threshold, however many clocks end then."""
    clocks = {(row["starts_at"], row["ends_at"]) for row in rows if row["ends_at"]}
    query = sa.select(Alarm.ends_at, Alarm.threshold).where(Alarm.breach_id == head.id)
    there = {(row[0], row[1]) for row in act.session.execute(query)}
    wanted = [
        {
            "id": uuid.uuid4(),
            "breach_id": head.id,
            "ends_at": ends_at,
            "threshold": threshold,
            "due_at": due_at,
        }
        for starts_at, ends_at in sorted(clocks)
        for threshold, due_at in rules.alarms(Clock(starts_at, ends_at)).items()
        if (ends_at, threshold) not in there
    ]
    insert_many(act.session, Alarm, wanted)


def _restart(act: Act, head: Breach) -> None:
    """The clocks after a correction of the awareness: in as many statements as there are kinds."""
    if head.aware_at is None:
        return
    query = (
        sa.select(Affected.known_at, Affected.hours)
        .where(Affected.breach_id == head.id, Affected.removed_at.is_(None))
        .distinct()
    )
    rows = []
    for known_at, hours in act.session.execute(query).all():
        running = rules.clock(head.aware_at, known_at, hours)
        same = Affected.known_at.is_(None) if known_at is None else Affected.known_at == known_at
        act.session.execute(
            sa.update(Affected)
            .where(Affected.breach_id == head.id, Affected.hours == hours, same)
            .values(starts_at=running.starts_at, ends_at=running.ends_at),
            execution_options={"synchronize_session": False},
        )
        rows.append({"starts_at": running.starts_at, "ends_at": running.ends_at})
    _set_alarms(act, head, rows)


def untouch(act: Act, ids: Collection[uuid.UUID], why: str) -> None:
    """Records that contracts are not affected after all; that they were thought so stays.

    Raises:
        Invalid: there is no reason.
        Conflict: one of them was informed already: withdraw the notice instead.
    """
    act.require(Permission.BREACHES_RECORD)
    if not why.strip():
        raise Invalid(text("Say why they are not affected."), "why")
    rows = _rows(act, ids)
    if any(row.informed_at for row in rows):
        raise Conflict(text("A controller was informed already: withdraw its notice."))
    for row in rows:
        row.removed_at, row.removed_reason = act.now, why
    act.log(UNTOUCHED, f"breach:{rows[0].breach_id}", values={"why": why}, contracts=len(rows))


def correct_known(
    act: Act,
    breach_id: uuid.UUID,
    ids: Collection[uuid.UUID],
    known_at: datetime | None,
    reason: str,
) -> None:
    """Corrects since when it is known that controllers are affected; their clocks follow.

    The journal keeps the former instants, with the reason. It is corrected of informed ones and
    of closed breaches too: it decides whether they were informed in time.

    Args:
        act: the act.
        breach_id: the breach.
        ids: which of its affected contracts.
        known_at: since when; None: with the breach itself.
        reason: why the former record was wrong.

    Raises:
        Invalid: there is no reason, or the time is still to come.
    """
    act.require(Permission.BREACHES_RECORD)
    head = act.take(Breach, breach_id)
    if not reason.strip():
        raise Invalid(text("Say why the former record was wrong."), "reason")
    if known_at is not None and known_at > act.now:
        raise Invalid(text("This time is still to come."), "at")
    rows, former = _rows(act, ids), {}
    for row in rows:
        if row.breach_id != breach_id:
            raise NotFound
        former[str(row.id)] = row.known_at
        row.known_at = known_at
        if head.aware_at is not None:
            row.starts_at, row.ends_at = rules.clock(head.aware_at, known_at, row.hours)
    clocks = [{"starts_at": row.starts_at, "ends_at": row.ends_at} for row in rows]
    _set_alarms(act, head, clocks)
    values = {"before": former, "after": known_at, "reason": reason}
    act.log(CORRECTED, head, values=values, contracts=len(rows))


def _rows(act: Act, ids: Collection[uuid.UUID]) -> list[Affected]:
    rows: list[Affected] = []
    for part in history.parts(list(ids)):
        query = sa.select(Affected).where(Affected.id.in_(part)).with_for_update()
        rows += act.session.scalars(query)
    if not rows or len(rows) != len(set(ids)):
        raise NotFound
    return rows


def count_persons(
    act: Act, breach_id: uuid.UUID, numbers: Mapping[uuid.UUID, tuple[int | None, int | None]]
) -> None:
    """Records the approximate numbers of persons and records of each controller, Art. 33(3)(a).

    Raises:
        Invalid: a number is below zero.
    """
    act.require(Permission.BREACHES_RECORD)
    rows, former = _rows(act, list(numbers)), {}
    for row in rows:
        if row.breach_id != breach_id:
            raise NotFound
        persons, records = numbers[row.id]
        if min(persons or 0, records or 0) < 0:
            raise Invalid(text("A number is not below zero."), "persons")
        former[str(row.id)] = (row.persons, row.records)
        row.persons, row.records = persons, records
    after = {str(row.id): (row.persons, row.records) for row in rows}
    values = {"before": former, "after": after}
    act.log(NUMBERED, f"breach:{breach_id}", values=values, contracts=len(rows))


def explain_lateness(
    act: Act, ids: Collection[uuid.UUID], reason: str, *, tell: bool | None = None
) -> None:
    """Records why controllers were informed late; legal staff decide whether their notices say it.

    Args:
        act: the act; whoever decides what is told needs a permission of its own.
        ids: which of the affected contracts.
        reason: why.
        tell: whether notices carry it; None: as it was decided, at first not.

    Raises:
        Invalid: there is no reason.
    """
    act.require(Permission.LATENESS_EXPLAIN)
    if tell is not None:
        act.require(Permission.LATENESS_TELL)
    if not reason.strip():
        raise Invalid(text("Say why."), "reason")
    rows = _rows(act, ids)
    for row in rows:
        row.late_reason = reason
        if tell is not None:
            row.tell_late = tell
    act.log(LATE, f"breach:{rows[0].breach_id}", values={"reason": reason}, told=tell)


def notify(
    act: Act, breach_id: uuid.UUID, step: Step, base: int, left_at: datetime | None = None
) -> int:
    """Writes the notices of one phase to every controller affected; gives how many.

    Each controller has a notice of its own: no notice shows another's numbers. Several contracts
    of one controller are told together, on all channels that any of them demands. Those of an
    exercise go to the addresses of exercises, in place of every controller's.

    Args:
        act: the act.
        breach_id: the breach.
        step: which phase.
        base: the version that whoever notifies has read.
        left_at: of e-mails that had left before this installation kept them, when that was: they
            are recorded, and nothing leaves. Letters stand as still to be deposited: each left on
            the day of its slip.

    Raises:
        Conflict: the breach is closed, or more is known since `base`; or it is too early for a
            further notice, as nobody had a first one.
        Invalid: the minimum is not known yet, or nobody is affected; or they left in the future;
            or nobody plays an exercise; or it is a withdrawal, which has its own reason
            (`withdrawing`).
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    _require_open(head)
    if step is Step.ERROR:
        raise Invalid(text("Say why it was an error: the controllers are told."), "reason")
    if base != head.latest:
        raise Conflict(text("More was recorded meanwhile: look at it first."))
    if left_at is not None and left_at > act.now:
        raise Invalid(text("This time is still to come."), "left_at")
    rules.require_minimum(history.latest(act.session, head))
    rows = _to_tell(act.session, head, step)
    if not rows:
        raise Invalid(text("There is nobody to tell."), "step")
    written = write(act, head, rows, step, left_at=left_at)
    act.log(NOTIFIED, head, step=step, version=head.latest, notices=len(written))
    if left_at is not None:
        _had_left(act, written)
    return len(written)


def write(
    act: Act,
    head: Breach,
    rows: Sequence[Affected],
    step: Step,
    reason: str = "",
    *,
    left_at: datetime | None = None,
) -> list[Written]:
    """Writes the notices of a step to the controllers of these rows.

    Args:
        act: the act.
        head: the breach.
        rows: of whom it tells.
        step: which notice it is.
        reason: of a withdrawal.
        left_at: of notices that had left before this installation kept them, when that was.
    """
    known = history.latest(act.session, head)
    wanted = _wanted(act, head, known, rows, (step, reason))
    if head.drill:
        wanted = drills.instead(act.session, wanted)
    series = drills.NOTICES if head.drill else notices.SERIES
    day = act.now.date()
    return notices.write(act, wanted, head, day, left_at=left_at, series=series)


def _had_left(act: Act, written: Sequence[Written]) -> None:
    for part in history.parts([each.id for each in written]):
        act.session.execute(
            sa.update(Dispatch)
            .where(Dispatch.notice_id.in_(part), Dispatch.channel.in_(BY_POST))
            .values(state=DispatchState.TO_DO, sent_at=None)
        )
    gauges.told_left(act, [key for each in written for key in each.matters])


def _to_tell(session: Session, head: Breach, step: Step) -> list[Affected]:
    query = sa.select(Affected).where(Affected.breach_id == head.id, Affected.removed_at.is_(None))
    told = telling.told(session, head)
    first = step is Step.FIRST
    rows = session.scalars(query.order_by(Affected.ends_at, Affected.id))
    return [row for row in rows if (row.controller_id in told) is not first]


def _wanted(
    act: Act,
    head: Breach,
    known: facts.Breach,
    rows: Sequence[Affected],
    saying: tuple[Step, str],
) -> list[Wanted]:
    day, (step, reason) = act.now.date(), saying
    by_owner: dict[uuid.UUID, list[Affected]] = {}
    for row in rows:
        by_owner.setdefault(row.controller_id, []).append(row)
    owners: dict[uuid.UUID, parties.Controller] = history.known_on(
        act.session, Controller, day, list(by_owner)
    )
    ids = {link.contact for owner in owners.values() for link in owner.contacts}
    people = controllers.contact_facts(act.session, ids, day)
    terms = history.all_latest(
        act.session, Contract, {row.contract_id for row in rows if row.contract_id}
    )
    ours = controllers.organisation_facts(act.session, day)
    said = _Saying(
        head,
        step,
        reason,
        told=msgspec.json.decode(canonical(msgspec.structs.replace(known, note=""))),
        now=act.now,
        from_country=ours.country if ours else "FR",
        people=people,
        terms=terms,
    )
    before = _told_before(act.session, head)
    return [_notice(said, owners[key], held, before.get(key)) for key, held in by_owner.items()]


def _told_before(session: Session, head: Breach) -> dict[uuid.UUID, int]:
    """From which version the last notice to each controller was written."""
    query = (
        sa.select(Matter.controller_id, Notice.told)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(telling.of_breach(head))
        .order_by(Notice.created_at, Notice.number)
    )
    return {row[0]: int(row[1]["version"]) for row in session.execute(query)}


class _Saying(NamedTuple):
    """What all notices of one phase have in common."""

    head: Breach
    step: Step
    reason: str
    """Of a withdrawal, why the former notices were an error."""
    told: dict[str, Any]
    now: datetime
    from_country: str
    people: Mapping[uuid.UUID, parties.Contact]
    terms: Mapping[uuid.UUID, parties.Contract]


def _notice(
    said: _Saying, owner: parties.Controller, rows: Sequence[Affected], before: int | None
) -> Wanted:
    head, step, people, terms = said.head, said.step, said.people, said.terms
    again = step is not Step.FIRST or before is not None  # told once more after a withdrawal
    link = reaching.link_of(owner, people, TOLD_BY)
    contact = people[link.contact] if link else None
    email = reaching.email_of(contact)
    channels = {Channel(each) for row in rows for each in row.channels}
    ways = [Way(Channel.EMAIL, email)] if email else []
    agreed = [terms[row.contract_id].terms for row in rows if row.contract_id]
    wished = next((each.language for each in agreed if each.language), "")
    words = Words(wished or owner.language)
    posted = [each for each in BY_POST if each in channels]
    if not email and Channel.REGISTERED_LETTER not in posted:
        posted.append(Channel.REGISTERED_LETTER)
    for channel in posted:
        lines = reaching.envelope(owner, said.from_country, words)
        ways.append(Way(channel, "\n".join(lines), rows[0].controller_id))
    return Wanted(
        kind=STEPS[step],
        cause=telling.cause_of(head, step) + (f":{said.now.isoformat()}" if again else ""),
        recipient=f"controller:{rows[0].controller_id}",
        name=contact.full_name if contact else owner.name,
        email=email,
        language=words.language,
        told={
            "breach": str(head.id),
            "code": head.code,
            "version": head.latest,
            "before": before if step is not Step.FIRST else None,
            "step": step.value,
            "drill": head.drill,
            "known": said.told,
            "persons": _sum(row.persons for row in rows),
            "records": _sum(row.records for row in rows),
            "late": next((row.late_reason for row in rows if row.tell_late), ""),
            "reason": said.reason,
        },
        concerned=[
            Concerned(
                row.controller_id,
                row.contract_id,
                _terms_of(row, terms),
                owner.calendar,
                owner.good_friday,
                owner.zone,
            )
            for row in rows
        ],
        ways=ways,
    )


def _terms_of(row: Affected, terms: Mapping[uuid.UUID, parties.Contract]) -> dict[str, Any]:
    agreed = terms[row.contract_id].terms if row.contract_id else parties.Terms()
    plain: dict[str, Any] = msgspec.json.decode(canonical(agreed))
    return plain


def _sum(numbers: Any) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None


def close(act: Act, breach_id: uuid.UUID, phase: Phase, reason: str) -> None:
    """Closes a breach, or a suspicion that proved false; the record stays, Art. 33(5).

    Raises:
        Invalid: there is no reason, or the breach stays open.
        Conflict: it is closed, or controllers are not informed yet.
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    if phase is Phase.OPEN or not reason.strip():
        raise Invalid(text("Say how it ended."), "reason")
    query = sa.select(sa.func.count()).where(
        Affected.breach_id == breach_id,
        Affected.removed_at.is_(None),
        Affected.informed_at.is_(None),
    )
    uninformed = act.session.scalar(query) or 0
    against = rules.may_close(head.phase, uninformed if phase is Phase.CLOSED else 0)
    if against is None and phase is Phase.CLOSED:
        ours = owning.standings(act.session, [head], act.now).get(head.id)
        against = own.against_closing(ours.owed) if ours else None
    if against is not None:
        raise Conflict(against)
    head.phase, head.ended_at, head.end_reason = phase, act.now, reason
    act.log(CLOSED, head, values={"reason": reason}, phase=phase)


def _require_open(head: Breach) -> None:
    if head.phase is not Phase.OPEN:
        raise Conflict(text("This breach is closed."))
