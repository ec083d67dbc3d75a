"""Which contracts a breach touches: their clocks, alarms, numbers, and why some were told late."""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import drills, rules
from registers.breaches.models import Affected, Alarm, Breach
from registers.breaches.rules import Clock
from registers.breaches.vocabulary import Phase
from registers.controllers import facts as parties
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import insert_many
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

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
LATE = audit.kind("breach.late", text("Reason of a late notice"), "told")


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
    require_open(head)
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


USUAL = parties.Terms()


class _Told(msgspec.Struct, frozen=True):
    """What the terms of a contract say of breaches."""

    breach_hours: int | None = USUAL.breach_hours
    breach_channels: tuple[Channel, ...] = USUAL.breach_channels


class _Agreed(msgspec.Struct, frozen=True):
    """As much of a contract as its clock needs: of ten thousand the rest is not looked at."""

    terms: _Told = _Told()


def _terms(session: Session, found: Sequence[Touched]) -> dict[uuid.UUID | None, _Told]:
    """What the contracts found say; without one the limit is kept all the same, by e-mail."""
    ids = {each.contract_id for each in found if each.contract_id}
    known: dict[uuid.UUID, _Agreed] = history.all_latest(session, Contract, ids, _Agreed)
    without = _Told(rules.HOURS, (Channel.EMAIL,))
    return {None: without, **{key: agreed.terms for key, agreed in known.items()}}


def _demands(
    head: Breach, found: Sequence[Touched], known_at: datetime | None, session: Session
) -> Iterator[tuple[Touched, dict[str, Any]]]:
    """What the terms of each contract demand; alike terms, which most are, are worked out once."""
    terms = _terms(session, found)
    known: dict[_Told, dict[str, Any]] = {}
    for each in found:
        agreed = terms[each.contract_id]
        if agreed not in known:
            hours, channels = rules.strictest([agreed])
            if head.drill:
                channels = drills.CHANNELS
            running = rules.clock(head.aware_at, known_at, hours) if head.aware_at else None
            known[agreed] = {
                "hours": hours,
                "channels": [channel.value for channel in channels],
                "known_at": known_at,
                "starts_at": running.starts_at if running else None,
                "ends_at": running.ends_at if running else None,
            }
        yield each, known[agreed]


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


def restart(act: Act, head: Breach) -> None:
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


def require_open(head: Breach) -> None:
    """Makes sure that a breach is not closed.

    Raises:
        Conflict: it is.
    """
    if head.phase is not Phase.OPEN:
        raise Conflict(text("This breach is closed."))
