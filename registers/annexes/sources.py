"""Where kinds of papers read: one snapshot of each subject, for many subjects at once."""

import uuid
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.models import Activity
from registers.annexes import snapshots
from registers.annexes.shapes import (
    ActivitySnapshot,
    BreachRegisterSnapshot,
    ContractSnapshot,
    ExtractSnapshot,
    Recorded,
    RegisterSnapshot,
    Served,
    WholeSnapshot,
)
from registers.annexes.subjects import ORGANISATION, Asked, Subject
from registers.breaches import register
from registers.controllers.models import Controller
from registers.kernel import audit, history
from registers.kernel.errors import Damaged, Invalid
from registers.kernel.history import Dated
from registers.kernel.identifiers import fold
from registers.kernel.standalone import ENTRY, LINKED, link
from registers.kernel.words import text

MOST_ENTRIES = 2_000
"""Of more entries nobody wants a paper: the export of the journal holds them all."""


def registers(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, RegisterSnapshot]:
    """The registers of controllers."""
    ids = [each.controller_id for each in subjects if each.controller_id]
    found = snapshots.registers(session, ids, asked.on)
    return {each: found[each.controller_id] for each in subjects if each.controller_id in found}


def contracts(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, ContractSnapshot]:
    """Contracts with their parties."""
    ids = [each.contract_id for each in subjects if each.contract_id]
    found = snapshots.contracts(session, ids, asked.on)
    return {each: found[each.contract_id] for each in subjects if each.contract_id in found}


def whole(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, WholeSnapshot]:
    """The whole register of the organisation: all that is in force, all who are acted for."""
    if ORGANISATION not in subjects:
        return {}
    day = asked.on
    found: dict[uuid.UUID, Dated[Any]] = {
        key: dated
        for key, dated in history.in_force(session, Controller, day).items()
        if dated.facts.ended_on is None or dated.facts.ended_on >= day
    }
    shared = snapshots.common(session, day, found)
    held = snapshots.contracts_of(session, found, day)
    people = snapshots.people_of(session, [each.facts.contacts for each in found.values()], day)
    served = [
        Served(
            code=code,
            known=msgspec.structs.replace(found[key].facts, contacts=()),
            persons=snapshots.persons(found[key].facts.contacts, people),
            contracts=held.get(key, ()),
        )
        for key, code in shared.codes.items()
        if key in found
    ]
    served.sort(key=lambda each: (fold(each.known.name), each.code))
    snapshot = WholeSnapshot(
        on=day,
        organisation=shared.organisation,
        controllers=tuple(served),
        activities=tuple(shared.processed.values()),
        subprocessors=tuple(shared.engaged[code] for code in sorted(shared.engaged)),
        measures=tuple(shared.protecting.values()),
    )
    return {ORGANISATION: snapshot}


def activities(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, ActivitySnapshot]:
    """Activities with the sub-processors used in them and the measures that protect them."""
    keys = {each: uuid.UUID(each.about.partition(":")[2]) for each in subjects}
    query = sa.select(Activity.id, Activity.code).where(Activity.id.in_(keys.values()))
    codes: dict[uuid.UUID, str] = {row[0]: row[1] for row in session.execute(query)}
    shared = snapshots.common(session, asked.on, ())
    found = {}
    for subject, key in keys.items():
        carried = shared.processed.get(codes.get(key, ""))
        if carried is not None:
            found[subject] = ActivitySnapshot(
                on=asked.on,
                organisation=shared.organisation,
                name=f"{carried.code} – {carried.known.name}",
                activity=carried,
                subprocessors=snapshots.used((carried,), shared.engaged),
                measures=snapshots.protected((carried,), shared.protecting),
            )
    return found


def breaches(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, BreachRegisterSnapshot]:
    """The register of breaches of the organisation."""
    if ORGANISATION not in subjects:
        return {}
    snapshot = BreachRegisterSnapshot(
        on=asked.on,
        organisation=snapshots.organisation_on(session, asked.on),
        breaches=register.listed(session, asked.on, asked.zone),
    )
    return {ORGANISATION: snapshot}


def extracts(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, ExtractSnapshot]:
    """What the journal says of the days asked for.

    Raises:
        Invalid: these are too many entries for a paper.
        Damaged: an entry is not what was recorded.
    """
    return {each: _extract(session, each, asked) for each in subjects}


def _extract(session: Session, subject: Subject, asked: Asked) -> ExtractSnapshot:
    since = asked.since or asked.on
    zone = ZoneInfo(asked.zone)
    begins = datetime.combine(since, time(), zone)
    ends = datetime.combine(asked.on + timedelta(days=1), time(), zone)
    query = sa.select(*(getattr(audit.Entry, name) for name in ENTRY)).where(
        audit.Entry.at >= audit.written(begins), audit.Entry.at < audit.written(ends)
    )
    code = name = ""
    if subject.controller_id is not None:
        key = subject.controller_id
        code = session.get_one(Controller, key).code
        name = history.known_on(session, Controller, asked.on, [key])[key].name
        query = query.where(
            sa.or_(audit.Entry.about == subject.about, audit.Entry.within == subject.about)
        )
    query = query.order_by(audit.Entry.number).limit(MOST_ENTRIES + 1)
    rows = session.execute(query).mappings().all()
    if len(rows) > MOST_ENTRIES:
        reason = text(
            "These days have more than {most} entries: choose fewer days or one dossier, or "
            "export the whole journal.",
            most=MOST_ENTRIES,
        )
        raise Invalid(reason, "since")
    entries = tuple(Recorded(**row) for row in rows)
    for entry in entries:
        linked = [getattr(entry, field) for field in LINKED]
        if link(entry.previous, linked) != entry.hash:
            reason = text("Entry {number} is not what was recorded.", number=entry.number)
            raise Damaged(reason)
    return ExtractSnapshot(
        on=asked.on,
        organisation=snapshots.organisation_on(session, asked.on),
        since=since,
        zone=asked.zone,
        code=code,
        name=name,
        entries=entries,
    )
