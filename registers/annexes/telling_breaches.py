"""What notices of breaches say, read for many at once: from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller, and of it alone.
"""

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import BreachSnapshot
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.breaches.facts import Breach
from registers.breaches.models import BreachVersion
from registers.breaches.vocabulary import Step
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.notices.models import Dispatch, Matter, Notice


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, BreachSnapshot]:
    """What notices of breaches say; those that are not there are absent."""
    wanted = {subject: _key(subject) for subject in subjects}
    letters = _letters(session, [key for table, key in wanted.values() if table != NOTICE])
    ids = {key for table, key in wanted.values() if table == NOTICE}
    ids |= {letter.notice_id for letter in letters.values()}
    told = {row.id: row for row in session.scalars(sa.select(Notice).where(Notice.id.in_(ids)))}
    owners = _owners(session, ids)
    ours = snapshots.organisation_on(session, asked.on)
    found = {}
    for subject, (_table, key) in wanted.items():
        letter = letters.get(key)
        notice = told.get(letter.notice_id if letter else key)
        if notice is not None and notice.id in owners:
            lines = tuple(letter.address.split("\n")) if letter else ()
            found[subject] = _snapshot(session, notice, lines, owners[notice.id], (ours, asked))
    return found


def _key(subject: Subject) -> tuple[str, uuid.UUID]:
    table, _, key = subject.about.partition(":")
    return table, uuid.UUID(key)


def _letters(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Dispatch]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(sa.select(Dispatch).where(Dispatch.id.in_(ids)))}


class _Owner:
    """The controller that a notice tells, and its contracts."""

    def __init__(self, known: parties.Controller) -> None:
        self.known = known
        self.references: list[str] = []


def _owners(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Owner]:
    query = (
        sa.select(Matter.notice_id, Matter.controller_id, Contract.reference, Notice.created_at)
        .join(Notice, Notice.id == Matter.notice_id)
        .join(Contract, Contract.id == Matter.contract_id, isouter=True)
        .where(Matter.notice_id.in_(ids))
        .order_by(Contract.sorted, Matter.id)
    )
    rows = session.execute(query).all()
    if not rows:
        return {}
    day = max(row[3] for row in rows).date()
    known = history.known_on(session, Controller, day, {row[1] for row in rows})
    found: dict[uuid.UUID, _Owner] = {}
    for notice_id, owner, reference, _at in rows:
        each = found.setdefault(notice_id, _Owner(known[owner]))
        if reference:
            each.references.append(reference)
    return found


def _snapshot(
    session: Session,
    notice: Notice,
    lines: tuple[str, ...],
    owner: _Owner,
    made: tuple[parties.Organisation, Asked],
) -> BreachSnapshot:
    ours, asked = made
    says: dict[str, Any] = notice.told
    reached = dict.fromkeys(filter(None, (owner.known.name, notice.name, notice.email)))
    return BreachSnapshot(
        kind=f"notice_{notice.kind.value}",
        on=asked.on,
        organisation=ours,
        number=notice.number,
        code=says["code"],
        step=Step(says["step"]),
        drill=says["drill"],
        language=notice.language,
        zone=owner.known.zone,
        name=owner.known.name,
        lines=lines or tuple(reached),
        controller_name=owner.known.name,
        references=tuple(owner.references),
        known=Breach.of(says["known"]),
        before=_before(session, says),
        persons=says["persons"],
        records=says["records"],
        late=says["late"],
        reason=says.get("reason", ""),
    )


def _before(session: Session, says: dict[str, Any]) -> Breach | None:
    """What the notice before this one was written from."""
    if says["before"] is None:
        return None
    query = sa.select(BreachVersion.facts).where(
        BreachVersion.subject_id == uuid.UUID(says["breach"]),
        BreachVersion.number == says["before"],
    )
    stored = session.scalar(query)
    return Breach.of({**stored, "note": ""}) if stored else None
