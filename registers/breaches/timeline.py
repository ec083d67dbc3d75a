"""What happened around a breach, in order: facts, limits, decisions, notices, receipts, edits.

Complete: whatever is done alike for many (ten thousand messages that leave) is one line a day,
with how many, from when to when, and between which entries of the journal; nothing is cut off.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import facts, own, owning, telling
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Following, Phase, Step
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history
from registers.kernel.history import Facts
from registers.kernel.words import Named, Text, plural, text
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import Evidence, NoticeKind, PostalEvent


class Sort(Named):
    """Of what sort a line is."""

    FACT = "fact", text("Fact")
    LIMIT = "limit", text("Time limit")
    DECISION = "decision", text("Decision")
    NOTICE = "notice", text("Notice")
    RECEIPT = "receipt", text("Proof of receipt")
    EDIT = "edit", text("Entry on record")


class Line(NamedTuple):
    """Something that happened once, or many times alike on one day."""

    at: datetime
    sort: Sort
    says: Text
    details: tuple[Text | str, ...] = ()
    fields: tuple[Text, ...] = ()
    """The fields that were changed."""
    actor: str = ""
    """As the journal refers to whoever did it; empty for facts."""
    times: int = 1
    until: datetime | None = None
    """Of several, when the last one happened."""
    first: int = 0
    """The entry of the journal, of several the first; 0 for facts and limits."""
    last: int = 0


SORTS: dict[str, Sort] = {
    **dict.fromkeys(("breach.touched", "breach.untouched", "breach.closed"), Sort.DECISION),
    **dict.fromkeys(("breach.notified", "breach.withdrawn", "breach.late"), Sort.DECISION),
    **dict.fromkeys(("notice.received", "notice.confirmed", "notice.posted"), Sort.RECEIPT),
}
"""Of which sort entries are, by their kind; others by its first word."""

BY_SUBJECT: dict[str, Sort] = {
    "notice": Sort.NOTICE,
    "portal": Sort.NOTICE,
    "breach_follow_up": Sort.DECISION,
}

INTERNAL = (
    *("breach_own.", "breach_follow_up."),
    *("breach.numbered", "breach.late", "breach.known_corrected"),
)
"""What is nobody's business but ours: left out of a controller's timeline."""


def lines(
    session: Session, head: Breach, zone: str, controller_id: uuid.UUID | None = None
) -> list[Line]:
    """The whole timeline, the earliest first.

    Args:
        session: a reading session.
        head: the breach.
        zone: in whose days what is done alike for many is put together.
        controller_id: whose timeline: its own notices, each by itself, and of the rest what
            concerns everybody; None for all.
    """
    told = _about(session, head, controller_id)
    found = [*_facts(session, head, controller_id), *_limits(session, head, controller_id)]
    found += _dossier(session, head, controller_id)
    of_notices = _entries(session, list(told))
    if controller_id is None:
        found += _together(of_notices, told, ZoneInfo(zone))
    else:
        found += [_of_notice([each], told[each.about]) for each in of_notices]
    order = list(Sort)
    found.sort(key=lambda line: (line.at, line.first, order.index(line.sort)))
    return found


INSTANTS = ("began", "detected", "subprocessor_aware", "aware", "ended")
WHY = {"aware": "aware_reason", "detected": "detected_reason"}


def _facts(session: Session, head: Breach, controller_id: uuid.UUID | None) -> Iterator[Line]:
    known = history.latest(session, head)
    for name in INSTANTS:
        written = getattr(known, name)
        if written is not None:
            why = getattr(known, WHY[name]) if name in WHY and controller_id is None else ""
            details = (why,) if why else ()
            yield Line(written.moment(), Sort.FACT, facts.Breach.name_of(name), details)
    if not known.ours or controller_id is not None:
        return
    case = owning.case_of(session, head)
    ours = history.latest(session, case) if case else own.Own()
    if known.aware_at is not None:
        until = own.ends_at(known.aware_at)
        yield Line(until, Sort.LIMIT, text("Time to notify the authority, as controller"))
    if ours.notified_at is not None:
        told = tuple(filter(None, (ours.authority, ours.reference)))
        yield Line(ours.notified_at, Sort.FACT, own.Own.name_of("notified"), told)


def _limits(session: Session, head: Breach, controller_id: uuid.UUID | None) -> Iterator[Line]:
    query = (
        sa.select(Affected.ends_at, Affected.hours, sa.func.count())
        .where(
            Affected.breach_id == head.id,
            Affected.ends_at.is_not(None),
            Affected.removed_at.is_(None),
        )
        .group_by(Affected.ends_at, Affected.hours)
    )
    if controller_id is not None:
        query = query.where(Affected.controller_id == controller_id)
    for ends_at, hours, count in session.execute(query):
        says = plural(
            "Time to inform {count} contract",
            "Time to inform {count} contracts",
            count,
        )
        details = (text("{hours} h", hours=hours),)
        if ends_at is not None:
            yield Line(ends_at, Sort.LIMIT, says, details, times=count)


def _about(
    session: Session, head: Breach, controller_id: uuid.UUID | None
) -> dict[str, NoticeKind]:
    """All that entries about notices of a breach may be about, with what the notice tells."""
    wanted = sa.select(Notice.id).where(telling.of_breach(head))
    if controller_id is not None:
        own_ones = sa.select(Matter.notice_id).where(Matter.controller_id == controller_id)
        wanted = wanted.where(Notice.id.in_(own_ones))
    found: dict[str, NoticeKind] = {}
    for model, notice_id in (
        (Notice, Notice.id),
        (Matter, Matter.notice_id),
        (Dispatch, Dispatch.notice_id),
    ):
        query = sa.select(model.id, Notice.kind).where(Notice.id.in_(wanted))
        if model is not Notice:
            query = query.join(Notice, Notice.id == notice_id)
        for key, kind in session.execute(query):
            found[f"{model.__tablename__}:{key}"] = kind
    return found


class _Entry(NamedTuple):
    """An entry, and the values beside it where they were read."""

    number: int
    at: str
    actor: str
    kind: str
    about: str
    facts: str
    values: str | None = None

    @property
    def moment(self) -> datetime:
        return audit.read(self.at)

    @property
    def declared(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.facts)
        return found


_COLUMNS = tuple(getattr(audit.Entry, name) for name in _Entry._fields[:-1])


def _entries(session: Session, names: Collection[str]) -> list[_Entry]:
    found = []
    for part in history.parts(names):
        query = sa.select(*_COLUMNS).where(audit.Entry.about.in_(part))
        found += [_Entry(*row) for row in session.execute(query)]
    found.sort()
    return found


def _dossier(session: Session, head: Breach, controller_id: uuid.UUID | None) -> Iterator[Line]:
    """The entries about the breach itself, its file of our own, its lessons and measures."""
    name = audit.name_of(head)
    query = (
        sa.select(*_COLUMNS, audit.EntryValues.content)
        .join(audit.EntryValues, audit.EntryValues.id == audit.Entry.values_id, isouter=True)
        .where(
            sa.or_(audit.Entry.about == name, audit.Entry.within == name),
            sa.not_(audit.Entry.about.startswith("notice:")),
        )
        .order_by(audit.Entry.number)
    )
    for row in session.execute(query):
        entry = _Entry(*tuple(row))
        if controller_id is None:
            yield _line(entry, tuple(_details(entry)))
        elif not entry.kind.startswith(INTERNAL) and entry.kind.startswith("breach."):
            yield _line(entry, ())


def _line(entry: _Entry, details: tuple[Text | str, ...]) -> Line:
    return Line(
        entry.moment,
        _sort(entry.kind),
        _says(entry.kind),
        details,
        tuple(_fields(entry)),
        entry.actor,
        first=entry.number,
        last=entry.number,
    )


def _sort(kind: str) -> Sort:
    return SORTS.get(kind) or BY_SUBJECT.get(kind.partition(".")[0], Sort.EDIT)


def _says(kind: str) -> Text:
    found = audit.KINDS.get(kind)
    return found.says if found else text(kind)


FACTS: Mapping[str, type[Facts]] = {"breach": facts.Breach, "breach_own": own.Own}


def _fields(entry: _Entry) -> Iterator[Text]:
    described = FACTS.get(entry.about.partition(":")[0])
    declared = entry.declared
    if described is not None and declared.get("number", 0) > 1:
        yield from (described.name_of(name) for name in declared["changed"])


def _details(entry: _Entry) -> Iterator[Text | str]:
    """How many it concerned, and what stands beside the entry: the reason, what is to be done."""
    declared = entry.declared
    if "number" in declared:
        yield text("version {number}", number=declared["number"])
    if "step" in declared:
        yield Step(declared["step"]).says
    if "phase" in declared:
        yield Phase(declared["phase"]).says
    if "state" in declared:
        yield Following(declared["state"]).says
    yield from _counted(declared)
    beside = json.loads(entry.values) if entry.values else {}
    for name in ("reason", "why", "outcome"):
        said = beside.get(name)
        if said:
            yield "; ".join(said) if isinstance(said, list) else said
    if entry.about.startswith("breach_follow_up:"):
        yield from (beside.get("after", {}).get(name) or "" for name in ("lesson", "measure"))


def _counted(declared: Mapping[str, Any]) -> Iterator[Text]:
    if "contracts" in declared:
        yield plural("{count} contract", "{count} contracts", declared["contracts"])
    if "notices" in declared:
        yield plural("{count} notice", "{count} notices", declared["notices"])
    if declared.get("told") is not None:
        yield text("told in notices") if declared["told"] else text("not told in notices")


def _together(
    entries: Iterable[_Entry], told: Mapping[str, NoticeKind], zone: ZoneInfo
) -> Iterator[Line]:
    """What was done alike for many notices on one day, as one line."""
    groups: dict[tuple[Any, ...], list[_Entry]] = {}
    for each in entries:
        key = (each.kind, told[each.about], _day(each, zone), each.actor, *_alike(each))
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        yield _of_notice(group, told[group[0].about])


def _day(entry: _Entry, zone: ZoneInfo) -> date:
    return entry.moment.astimezone(zone).date()


def _alike(entry: _Entry) -> Iterator[Any]:
    declared = entry.declared
    return (
        declared.get(name)
        for name in ("channel", "event", "happened_on", "evidence", "received_on", "uncertain")
    )


def _of_notice(group: list[_Entry], told: NoticeKind) -> Line:
    one, last = group[0], group[-1]
    return Line(
        one.moment,
        _sort(one.kind),
        _says(one.kind),
        (told.says, *_of_way(one.declared), *_numbers(group)),
        (),
        one.actor,
        len(group),
        last.moment if len(group) > 1 else None,
        one.number,
        last.number,
    )


def _of_way(declared: Mapping[str, Any]) -> Iterator[Text | str]:
    if declared.get("channel"):
        yield Channel(declared["channel"]).says
    if declared.get("uncertain"):
        yield text("perhaps sent twice")
    if declared.get("event"):
        yield PostalEvent(declared["event"]).says
    if declared.get("evidence"):
        yield Evidence(declared["evidence"]).says
    for name in ("happened_on", "received_on"):
        if declared.get(name):
            yield text("on {day}", day=date.fromisoformat(declared[name]))


def _numbers(group: Sequence[_Entry]) -> Iterator[Text | str]:
    """The numbers of notices that were written: one, or from the first to the last."""
    numbers = sorted(filter(None, (each.declared.get("number") for each in group)))
    if len(numbers) > 1:
        yield text("{first} to {last}", first=numbers[0], last=numbers[-1])
    else:
        yield from numbers
