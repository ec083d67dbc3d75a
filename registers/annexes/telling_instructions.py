"""What notices of contested instructions say, from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller of one contract.
"""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import InstructionSnapshot
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.annexes.telling_breaches import _key, _letters, _owners
from registers.assistance.vocabulary import Scope
from registers.notices.models import Notice


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, InstructionSnapshot]:
    """What notices of contested instructions say; those that are not there are absent."""
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
        done = says["executed_on"]
        reached = dict.fromkeys(filter(None, (owner.known.name, notice.name, notice.email)))
        found[subject] = InstructionSnapshot(
            kind=f"notice_{notice.kind.value}",
            on=asked.on,
            organisation=ours,
            number=notice.number,
            code=says["code"],
            language=notice.language,
            name=owner.known.name,
            lines=tuple(letter.address.split("\n")) if letter else tuple(reached),
            references=tuple(owner.references),
            says=says["says"],
            scope=Scope(says["scope"]),
            given_on=date.fromisoformat(says["given_on"]),
            by=says["by"],
            provision=says["provision"],
            why=says["why"],
            executed_on=date.fromisoformat(done) if done else None,
        )
    return found
