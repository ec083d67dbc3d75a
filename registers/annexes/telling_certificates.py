"""What the letters say that certificates of erasure go with, from what was frozen with them.

A subject is a whole notice or a letter of it; both tell one controller.
"""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import CertificateSnapshot
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.annexes.telling_breaches import _key, _letters, _owners
from registers.notices.models import Notice
from registers.retention.vocabulary import Result


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, CertificateSnapshot]:
    """What these notices say; those that are not there are absent."""
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
        found[subject] = CertificateSnapshot(
            on=asked.on,
            organisation=ours,
            number=notice.number,
            code=says["code"],
            language=notice.language,
            name=owner.known.name,
            lines=tuple(letter.address.split("\n")) if letter else tuple(reached),
            references=tuple(owner.references),
            posted=letter is not None,
            certificate=says["certificate"],
            sha256=says["sha256"],
            result=Result(says["result"]),
            done_on=date.fromisoformat(says["done_on"]),
            complete=says["complete"],
        )
    return found
