"""What notices of legal duties say, from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller of its own contracts.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registers.annexes.letters import DutySnapshot
from registers.annexes.noticed import Noticed, letters
from registers.annexes.subjects import Asked, Subject
from registers.assistance.vocabulary import DutyKind, DutyStep, Origin


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, DutySnapshot]:
    """What notices of legal duties say; those that are not there are absent."""
    return letters(session, subjects, asked, DutySnapshot, _says)


def _says(told: Noticed) -> dict[str, Any]:
    says = told.says
    return {
        "code": says["code"],
        "zone": told.owner.zone,
        "references": told.references,
        "phase": DutyStep(says["phase"]),
        "sort": DutyKind(says["kind"]),
        "origin": Origin(says["origin"]),
        "provision": says["provision"],
        "authority": says["authority"],
        "reference": says["reference"],
        "known_on": date.fromisoformat(says["known_on"]),
        "data": says["data"],
        "country": says["country"],
        "recipient": says["recipient"],
        "planned_on": date.fromisoformat(says["planned_on"]) if says["planned_on"] else None,
        "begun_at": datetime.fromisoformat(says["begun_at"]) if says["begun_at"] else None,
        "lifted_on": date.fromisoformat(says["lifted_on"]) if says["lifted_on"] else None,
        "says": says["says"],
    }
