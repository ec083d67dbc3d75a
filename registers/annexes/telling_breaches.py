"""What notices of breaches say, read for many at once: from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller, and of it alone.
"""

import uuid
from collections.abc import Collection
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.letters import BreachSnapshot
from registers.annexes.noticed import Noticed, letters
from registers.annexes.subjects import Asked, Subject
from registers.breaches.facts import Breach
from registers.breaches.models import BreachVersion
from registers.breaches.vocabulary import Step


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, BreachSnapshot]:
    """What notices of breaches say; those that are not there are absent."""
    return letters(session, subjects, asked, BreachSnapshot, partial(_says, session))


def _says(session: Session, told: Noticed) -> dict[str, Any]:
    says = told.says
    return {
        "code": says["code"],
        "step": Step(says["step"]),
        "drill": says["drill"],
        "zone": told.owner.zone,
        "controller_name": told.owner.name,
        "references": told.references,
        "known": Breach.of(says["known"]),
        "before": _before(session, says),
        "persons": says["persons"],
        "records": says["records"],
        "late": says["late"],
        "reason": says.get("reason", ""),
    }


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
