"""What notices say, read for many at once: from what was frozen when they were written.

A subject is a whole notice, as it is attached to a message, or one letter of it, which tells one
controller of its own contracts only.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots, telling_versions
from registers.annexes.letters import NoticeSnapshot, ToldChange, ToldContract, VersionSnapshot
from registers.annexes.subjects import Asked, Subject
from registers.announcements import rules
from registers.announcements.cases import known_of
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.planning import Plan, Told
from registers.announcements.rules import Place
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Effect
from registers.kernel import history
from registers.kernel.periods import Unit
from registers.notices.models import Dispatch, Matter, Notice
from registers.subprocessors.facts import Subprocessor

NOTICE, LETTER = Notice.__tablename__, Dispatch.__tablename__


def of_notice(notice_id: uuid.UUID, controller_id: uuid.UUID | None) -> Subject:
    """A whole notice; in the dossier of its controller where it has only one."""
    return Subject(f"{NOTICE}:{notice_id}", controller_id)


def of_letter(dispatch_id: uuid.UUID, controller_id: uuid.UUID | None) -> Subject:
    """One letter of a notice."""
    return Subject(f"{LETTER}:{dispatch_id}", controller_id)


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, NoticeSnapshot]:
    """What notices and their letters say; those that are not there are absent."""
    wanted = {subject: _key(subject) for subject in subjects}
    letters = _letters(session, [key for table, key in wanted.values() if table == LETTER])
    ids = {key for table, key in wanted.values() if table == NOTICE}
    told = _told(session, ids | {letter.notice_id for letter in letters.values()})
    ours = snapshots.organisation_on(session, asked.on)
    found = {}
    for subject, (table, key) in wanted.items():
        letter = letters.get(key)
        notice_id = letter.notice_id if letter else key
        if notice_id in told and (table == NOTICE or letter is not None):
            found[subject] = _snapshot(told[notice_id], letter, ours, asked.on)
    return found


def _key(subject: Subject) -> tuple[str, uuid.UUID]:
    table, _, key = subject.about.partition(":")
    return table, uuid.UUID(key)


def _letters(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Dispatch]:
    query = sa.select(Dispatch).where(Dispatch.id.in_(ids))
    return {row.id: row for row in session.scalars(query)} if ids else {}


class _Row(NamedTuple):
    """A contract told of, with the controller that it is told to."""

    matter: Matter
    code: str
    known: parties.Controller
    reference: str


class _Told(NamedTuple):
    notice: Notice
    announcement: str
    rows: list[_Row]
    changes: list[Change]
    known: Mapping[tuple[uuid.UUID, uuid.UUID | None], rules.Case]
    """What is known by the change and the contract."""


def _told(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Told]:
    found: dict[uuid.UUID, _Told] = {}
    rows = _rows(session, ids)
    contracts = {
        row.matter.contract_id
        for each in rows.values()
        for row in each
        if row.matter.contract_id is not None
    }
    heads: dict[uuid.UUID, tuple[str, list[Change], dict[Any, rules.Case]]] = {}
    for notice in session.scalars(sa.select(Notice).where(Notice.id.in_(ids))):
        key = uuid.UUID(notice.told["announcement"])
        if key not in heads:
            heads[key] = _announced(session, key, contracts)
        code, changes, known = heads[key]
        found[notice.id] = _Told(notice, code, rows.get(notice.id, []), changes, known)
    return found


def _announced(
    session: Session, key: uuid.UUID, contracts: Collection[uuid.UUID]
) -> tuple[str, list[Change], dict[tuple[uuid.UUID, uuid.UUID | None], rules.Case]]:
    code = session.get_one(Announcement, key).code
    query = sa.select(Change).where(Change.announcement_id == key).order_by(Change.position)
    known = (
        sa.select(Case.change_id, Matter.contract_id, Case.known)
        .join(Matter, Matter.id == Case.matter_id)
        .where(Case.announcement_id == key, Matter.contract_id.in_(contracts))
    )
    return (
        code,
        list(session.scalars(query)),
        {(row[0], row[1]): known_of(row[2]) for row in session.execute(known)},
    )


def _rows(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[_Row]]:
    query = (
        sa.select(Matter, Controller.code, Contract.reference, Notice.created_at)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(Matter.notice_id.in_(ids))
        .order_by(Controller.sorted, Contract.sorted, Matter.id)
    )
    read = session.execute(query).all()
    day = max((row[3].date() for row in read), default=date.max)
    known = history.known_on(session, Controller, day, {row[0].controller_id for row in read})
    found: dict[uuid.UUID, list[_Row]] = {}
    for matter, code, reference, _created in read:
        row = _Row(matter, code, known[matter.controller_id], reference)
        found.setdefault(matter.notice_id, []).append(row)
    return found


def _snapshot(
    told: _Told, letter: Dispatch | None, ours: parties.Organisation, day: date
) -> NoticeSnapshot:
    notice, says = told.notice, told.notice.told
    rows = [
        row
        for row in told.rows
        if letter is None or row.matter.controller_id == letter.controller_id
    ]
    only = says.get("change")
    changes = [each for each in told.changes if only is None or str(each.id) == only]
    told_of = [(row, _contract(row, told, changes)) for row in rows]
    common: dict[str, Any] = {
        "kind": f"notice_{notice.kind.value}",
        "on": day,
        "organisation": ours,
        "number": notice.number,
        "announcement": told.announcement,
        "language": notice.language,
        "name": notice.name if letter is None else rows[0].known.name,
        "lines": _lines(notice, rows) if letter is None else tuple(letter.address.split("\n")),
        "former": says.get("former", ""),
        "reason": says.get("reason", ""),
        "started_on": date.fromisoformat(says["started_on"]) if "started_on" in says else None,
    }
    update = next((each for each in changes if each.update is not None), None)
    if update is None:
        contracts = tuple(each for _, each in told_of)
        return NoticeSnapshot(changes=tuple(map(_change, changes)), contracts=contracts, **common)
    return VersionSnapshot(
        changes=(),
        contracts=tuple(
            telling_versions.contract(
                each,
                row.matter,
                notice,
                update,
                told.known.get((update.id, row.matter.contract_id)),
            )
            for row, each in told_of
        ),
        update=telling_versions.update(update),
        **common,
    )


def _lines(notice: Notice, rows: list[_Row]) -> tuple[str, ...]:
    names = list(dict.fromkeys(row.known.name for row in rows))
    shown = names[:1] if len(names) == 1 else []
    return tuple(dict.fromkeys(filter(None, (*shown, notice.name, notice.email))))


def _change(made: Change) -> ToldChange:
    known = made.told["change"]
    return ToldChange(
        kind=made.kind,
        planned_on=made.planned_on,
        known=Subprocessor.of(made.told["dossier"]),
        replaces=made.told["replaces"],
        activities=made.told["activities"],
        reason=known["reason"],
    )


def _contract(row: _Row, told: _Told, changes: list[Change]) -> ToldContract:
    matter, terms = row.matter, parties.Terms.of(row.matter.terms)
    cases = (told.known.get((each.id, matter.contract_id)) for each in changes)
    effects = tuple(case.effect if case else None for case in cases)
    place = Place(matter.calendar, matter.zone, matter.good_friday)
    ends = None
    of_update = any(each.update is not None for each in changes)
    if Effect.WINDOW in effects and terms.objection_amount is not None and not of_update:
        written_on = told.notice.created_at.astimezone(ZoneInfo(matter.zone)).date()
        ends = _ends(terms.objection_amount, terms.objection_unit, place, written_on)
    return ToldContract(
        code=row.code,
        name=row.known.name,
        reference=row.reference,
        effects=effects,
        terms=terms,
        calendar=matter.calendar,
        good_friday=matter.good_friday,
        ends=ends,
    )


@lru_cache(maxsize=4096)
def _ends(amount: int, unit: Unit, place: Place, received_on: date) -> date:
    terms = parties.Terms(objection_amount=amount, objection_unit=unit)
    return rules.window(terms, place, received_on).due


def planned(plan: Plan) -> tuple[ToldChange, ...]:
    """The changes of a draft, as its notices would tell them."""
    return tuple(
        ToldChange(
            kind=each.kind,
            planned_on=each.planned_on or plan.day,
            known=plan.dossiers[each.code][1],
            replaces=plan.dossiers[each.replaces][1].name if each.replaces in plan.dossiers else "",
            activities={code: plan.activities.get(code, "") for code in each.activities},
            reason=each.reason,
        )
        for each in plan.changes
        if each.code in plan.dossiers
    )


def planned_contracts(told: Sequence[Told]) -> tuple[ToldContract, ...]:
    """The contracts of one recipient of a draft."""
    return tuple(
        ToldContract(
            code=each.code,
            name=each.name,
            reference=each.reference,
            effects=each.effects,
            terms=each.terms,
            calendar=each.place.calendar,
            good_friday=each.place.good_friday,
            ends=each.window_ends,
        )
        for each in told
    )
