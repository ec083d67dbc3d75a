"""What notices of legal duties say, from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller of its own contracts.
"""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import DutySnapshot
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.annexes.telling_breaches import _key, _letters, _owners
from registers.assistance.vocabulary import DutyKind, DutyStep, Origin
from registers.notices.models import Notice


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, DutySnapshot]:
    """What notices of legal duties say; those that are not there are absent."""
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
        if notice is None or notice.id not in owners:
            continue
        owner, says = owners[notice.id], notice.told
        reached = dict.fromkeys(filter(None, (owner.known.name, notice.name, notice.email)))
        found[subject] = DutySnapshot(
            kind=f"notice_{notice.kind.value}",
            on=asked.on,
            organisation=ours,
            number=notice.number,
            code=says["code"],
            language=notice.language,
            name=owner.known.name,
            zone=owner.known.zone,
            lines=tuple(letter.address.split("\n")) if letter else tuple(reached),
            references=tuple(owner.references),
            phase=DutyStep(says["phase"]),
            sort=DutyKind(says["kind"]),
            origin=Origin(says["origin"]),
            provision=says["provision"],
            authority=says["authority"],
            reference=says["reference"],
            known_on=date.fromisoformat(says["known_on"]),
            data=says["data"],
            country=says["country"],
            recipient=says["recipient"],
            planned_on=date.fromisoformat(says["planned_on"]) if says["planned_on"] else None,
            begun_at=datetime.fromisoformat(says["begun_at"]) if says["begun_at"] else None,
            lifted_on=date.fromisoformat(says["lifted_on"]) if says["lifted_on"] else None,
            says=says["says"],
        )
    return found
