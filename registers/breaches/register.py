"""The register of breaches, Art. 33(5): facts, effects, remedial action; as it was on a day.

Suspicions that proved false stand in it with their reason; exercises never do. What depends on
the present hour (time left) is no part of it, so that the same facts give the same register.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.queries import activity_names
from registers.breaches import follow_ups
from registers.breaches.facts import Breach as Known
from registers.breaches.models import Affected, Breach, FollowUp, OwnCase
from registers.breaches.own import Own
from registers.breaches.vocabulary import Following, Phase
from registers.kernel import history
from registers.kernel.history import parts
from registers.kernel.instants import Instant
from registers.kernel.sheets import Cell
from registers.kernel.showing import shown
from registers.kernel.words import Text, Words, text
from registers.subprocessors import queries as subprocessors

ZONE = "Europe/Paris"
"""Of instants of a breach of which nobody said where its clocks are."""


class Informed(msgspec.Struct, frozen=True, kw_only=True):
    """How far the controllers were informed."""

    controllers: int = 0
    contracts: int = 0
    informed: int = 0
    late: int = 0
    """Informed after the end of their time."""
    complete: int = 0
    """With every channel that their contract demands."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    persons: int | None = None
    records: int | None = None
    """Sums of what is known of all of them."""
    removed: int = 0
    """Thought to be affected, and not affected after all."""
    late_reasons: tuple[str, ...] = ()


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson, the measure that follows, and where it stands."""

    lesson: str
    measure: str
    owner: str
    due_on: date | None
    state: Following
    ended_on: date | None = None
    outcome: str = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A breach, or a suspicion, as the register lists it."""

    code: str
    phase: Phase
    recorded_at: datetime
    ended_at: datetime | None
    end_reason: str
    version: int
    known: Known
    services: tuple[str, ...] = ()
    """The activities touched, by code and name."""
    subprocessors: tuple[str, ...] = ()
    """The sub-processors touched, by name."""
    informed: Informed
    own: Own | None = None
    follow_ups: tuple[Followed, ...] = ()

    @property
    def zone(self) -> str:
        """On whose clocks its instants are written."""
        return self.known.aware.zone if self.known.aware else ZONE


def listed(session: Session, on: date, zone: str) -> tuple[Listed, ...]:
    """All breaches recorded by the end of a day in a zone, in the order of their numbers."""
    end = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    heads = list(
        session.scalars(
            sa.select(Breach)
            .where(Breach.drill.is_(False), Breach.recorded_at < end)
            .order_by(Breach.code)
        )
    )
    ids = [head.id for head in heads]
    known = history.in_force(session, Breach, on, ids)
    told = _informed(session, ids, end)
    ours = _own(session, ids, on)
    drawn = follow_ups.of_breaches(session, ids)
    activities = activity_names(session)
    engaged = {each.code: each.name for each in subprocessors.everyone(session)}
    return tuple(
        _listed(
            head,
            known[head.id],
            end,
            services=tuple(
                " – ".join(filter(None, (code, activities.get(code))))
                for code in known[head.id].facts.services
            ),
            subprocessors=tuple(
                engaged.get(code, code) for code in known[head.id].facts.subprocessors
            ),
            informed=told.get(head.id, Informed()),
            own=ours.get(head.id),
            follow_ups=tuple(
                _followed(each, end) for each in drawn.get(head.id, ()) if each.recorded_at < end
            ),
        )
        for head in heads
        if head.id in known
    )


def _listed(head: Breach, dated: history.Dated[Known], end: datetime, **more: Any) -> Listed:
    over = head.ended_at is not None and head.ended_at < end
    return Listed(
        code=head.code,
        phase=head.phase if over else Phase.OPEN,
        recorded_at=head.recorded_at,
        ended_at=head.ended_at if over else None,
        end_reason=head.end_reason if over else "",
        version=dated.number,
        known=msgspec.structs.replace(dated.facts, note=""),
        **more,
    )


def _followed(row: FollowUp, end: datetime) -> Followed:
    over = row.ended_at is not None and row.ended_at < end
    return Followed(
        lesson=row.lesson,
        measure=row.measure,
        owner=row.owner,
        due_on=row.due_on,
        state=row.state if over else Following.OPEN,
        ended_on=row.ended_on if over else None,
        outcome=row.outcome if over else "",
    )


def _own(session: Session, ids: Collection[uuid.UUID], on: date) -> dict[uuid.UUID, Own]:
    cases: dict[uuid.UUID, uuid.UUID] = {}
    for part in parts(ids):
        query = sa.select(OwnCase.id, OwnCase.breach_id).where(OwnCase.breach_id.in_(part))
        cases |= {row[0]: row[1] for row in session.execute(query)}
    known = history.in_force(session, OwnCase, on, list(cases))
    return {cases[key]: dated.facts for key, dated in known.items()}


def _informed(
    session: Session, ids: Collection[uuid.UUID], end: datetime
) -> dict[uuid.UUID, Informed]:
    found: dict[uuid.UUID, Informed] = {}
    before = sa.literal(end, Affected.informed_at.type)
    stands = sa.or_(Affected.removed_at.is_(None), Affected.removed_at >= before)
    done = Affected.informed_at < before
    late = sa.and_(done, Affected.informed_at >= Affected.ends_at)
    for part in parts(ids):
        query = (
            sa.select(
                Affected.breach_id,
                sa.func.count(sa.distinct(Affected.controller_id)).filter(stands),
                sa.func.count().filter(stands),
                sa.func.count().filter(stands, done),
                sa.func.count().filter(stands, late),
                sa.func.count().filter(stands, Affected.complete_at < before),
                sa.func.min(Affected.informed_at).filter(done),
                sa.func.max(Affected.informed_at).filter(done),
                sa.func.sum(Affected.persons).filter(stands),
                sa.func.sum(Affected.records).filter(stands),
                sa.func.count().filter(~stands),
            )
            .where(
                Affected.breach_id.in_(part),
                sa.or_(Affected.starts_at.is_(None), Affected.starts_at < before),
            )
            .group_by(Affected.breach_id)
        )
        reasons = _late_reasons(session, part)
        for key, *row in session.execute(query):
            numbers = dict(zip(_COUNTED, row, strict=True))
            for name in ("persons", "records"):
                numbers[name] = None if numbers[name] is None else int(numbers[name])
            found[key] = Informed(**numbers, late_reasons=reasons.get(key, ()))
    return found


_COUNTED = (
    *("controllers", "contracts", "informed", "late", "complete"),
    *("first_at", "last_at", "persons", "records", "removed"),
)


def _late_reasons(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    query = (
        sa.select(Affected.breach_id, Affected.late_reason)
        .where(
            Affected.breach_id.in_(ids),
            Affected.late_reason != "",
            Affected.removed_at.is_(None),
        )
        .distinct()
        .order_by(Affected.late_reason)
    )
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for key, reason in session.execute(query):
        found[key] = (*found.get(key, ()), reason)
    return found


def plainly(at: datetime | None, zone: str) -> str:
    """An instant as tables sort it, with its offset: `2026-10-24 10:00 (UTC+02:00)`."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def _of(written: Instant | None) -> str:
    return plainly(written.moment(), written.zone) if written else ""


HEADINGS: tuple[Text, ...] = (
    *(text("Number"), text("What happened"), text("State"), text("Recorded on")),
    *(text("Ended"), text("Reason")),
    *(text("Certainty"), text("Aware since"), text("Detected"), text("Discovered by")),
    *(text("The sub-processor was aware since"), text("Began"), text("Breach ended")),
    *(text("Activities touched"), text("Sub-processors touched"), text("Sites touched")),
    *(text("Nature"), text("Origin"), text("Cause"), text("Categories of data")),
    *(text("Categories of persons"), text("Persons, about"), text("Records, about")),
    *(text("Facts"), text("Effects"), text("Measures in place before")),
    *(text("Measures taken"), text("Measures planned")),
    *(text("Controllers affected"), text("Contracts affected"), text("Contracts informed")),
    *(text("Informed late"), text("Formalities complete"), text("First informed")),
    *(text("Last informed"), text("Reasons of lateness"), text("Not affected after all")),
    *(text("Own data: risk"), text("Own data: authority notified"), text("Own data: number")),
    *(text("Own data: reasons of lateness"), text("Own data: persons informed")),
    text("Lessons and measures"),
)
"""The columns of the spreadsheet."""


def rows(found: Iterable[Listed], words: Words) -> Iterable[list[Cell]]:
    """The register as rows under `HEADINGS`."""

    def named(value: object) -> str:
        return shown(value, words)

    for each in found:
        known, told, own = each.known, each.informed, each.own or Own()
        yield [
            *(each.code, known.title, named(each.phase), plainly(each.recorded_at, each.zone)),
            *(plainly(each.ended_at, each.zone), each.end_reason),
            *(named(known.certainty), _of(known.aware), _of(known.detected)),
            *(named(known.discoverer), _of(known.subprocessor_aware), _of(known.began)),
            _of(known.ended) or (words.say(text("still going on")) if known.ongoing else ""),
            *(", ".join(each.services), ", ".join(each.subprocessors), ", ".join(known.sites)),
            *(named(known.nature), named(known.origin), named(known.cause), named(known.data)),
            *(named(known.persons), told.persons, told.records),
            *(known.description, known.consequences, known.measures_before),
            *(known.measures_taken, known.measures_planned),
            *(told.controllers, told.contracts, told.informed, told.late, told.complete),
            *(plainly(told.first_at, each.zone), plainly(told.last_at, each.zone)),
            *("\n".join(told.late_reasons), told.removed),
            *(named(own.risk), _of(own.notified), own.reference, own.late_reason),
            *(named(own.telling), "\n".join(followed(row, words) for row in each.follow_ups)),
        ]


def followed(row: Followed, words: Words) -> str:
    """A lesson with its measure in one line."""
    told = [row.lesson]
    if row.measure:
        until = text(
            "{measure} ({owner}, until {day}: {state})",
            measure=row.measure,
            owner=row.owner,
            day=f"{row.due_on:%d/%m/%Y}" if row.due_on else "–",
            state=row.state.says,
        )
        told.append(words.say(until))
    told.append(row.outcome)
    return " – ".join(filter(None, told))
