"""Notices read for many at once, from what was frozen when they were written.

A subject is a whole notice, or a letter of it.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import Letter
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.notices.models import Dispatch, Matter, Notice

Shape = TypeVar("Shape", bound=Letter)


class Noticed(NamedTuple):
    """A notice, to whom it goes, and of whom it tells."""

    notice: Notice
    posted: bool
    """Whether it goes by post."""
    lines: tuple[str, ...]
    owners: tuple[parties.Controller, ...]
    references: tuple[str, ...]
    """Of the contracts that it tells of."""

    @property
    def owner(self) -> parties.Controller:
        """The controller that it tells of; the first one, of several."""
        return self.owners[0]

    @property
    def says(self) -> dict[str, Any]:
        """What was frozen of it."""
        return self.notice.told


def letters(
    session: Session,
    subjects: Collection[Subject],
    asked: Asked,
    shape: type[Shape],
    says: Callable[[Noticed], Mapping[str, Any]],
) -> dict[Subject, Shape]:
    """What notices say; those that are not there are absent.

    Args:
        session: a reading session.
        subjects: the notices, or letters of them.
        asked: of which day.
        shape: what they are made of.
        says: what it says beside who writes to whom; under `name`, whose name it gives.
    """
    ours = snapshots.organisation_on(session, asked.on)
    return {
        subject: shape(
            kind=f"notice_{found.notice.kind.value}",
            on=asked.on,
            organisation=ours,
            number=found.notice.number,
            language=found.notice.language,
            lines=found.lines,
            **{"name": found.owner.name, **says(found)},
        )
        for subject, found in _read(session, subjects).items()
    }


def _read(session: Session, subjects: Collection[Subject]) -> dict[Subject, Noticed]:
    keys = {subject: _key(subject) for subject in subjects}
    letter_ids = [key for table, key in keys.values() if table != NOTICE]
    query = sa.select(Dispatch).where(Dispatch.id.in_(letter_ids))
    posted = {row.id: row for row in session.scalars(query)} if letter_ids else {}
    ids = {key for table, key in keys.values() if table == NOTICE}
    ids |= {letter.notice_id for letter in posted.values()}
    notices = {row.id: row for row in session.scalars(sa.select(Notice).where(Notice.id.in_(ids)))}
    told = _told(session, notices)
    found = {}
    for subject, (table, key) in keys.items():
        letter = posted.get(key) if table != NOTICE else None
        notice = notices.get(letter.notice_id if letter else key)
        if notice is None or notice.id not in told:
            continue
        owners, references = told[notice.id]
        whom = tuple(owners.values())
        if letter is not None and letter.controller_id:
            whom = (owners[letter.controller_id],)
        lines = tuple(letter.address.split("\n")) if letter else _reached(notice, whom)
        found[subject] = Noticed(notice, letter is not None, lines, whom, tuple(references))
    return found


def _key(subject: Subject) -> tuple[str, uuid.UUID]:
    table, _, key = subject.about.partition(":")
    return table, uuid.UUID(key)


def _reached(notice: Notice, whom: tuple[parties.Controller, ...]) -> tuple[str, ...]:
    alone = whom[0].name if len(whom) == 1 else ""
    return tuple(dict.fromkeys(filter(None, (alone, notice.name, notice.email))))


def _told(
    session: Session, notices: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[dict[uuid.UUID, parties.Controller], list[str]]]:
    """By notice, the controllers that it tells of, by name, and the references of its contracts."""
    query = (
        sa.select(Matter.notice_id, Matter.controller_id, Contract.reference, Notice.created_at)
        .join(Notice, Notice.id == Matter.notice_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .outerjoin(Contract, Contract.id == Matter.contract_id)
        .where(Matter.notice_id.in_(notices))
        .order_by(Controller.sorted, Controller.id, Contract.sorted, Matter.id)
    )
    rows = session.execute(query).all()
    if not rows:
        return {}
    day = max(row[3] for row in rows).date()
    known = history.known_on(session, Controller, day, {row[1] for row in rows})
    found: dict[uuid.UUID, tuple[dict[uuid.UUID, parties.Controller], list[str]]] = {}
    for notice_id, owner, reference, _at in rows:
        owners, references = found.setdefault(notice_id, ({}, []))
        owners[owner] = known[owner]
        if reference:
            references.append(reference)
    return found
