"""What notices of contested instructions say, from what was frozen when they were written.

A subject is a whole notice or a letter of it; both tell one controller of one contract.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registers.annexes.letters import InstructionSnapshot
from registers.annexes.noticed import Noticed, letters
from registers.annexes.subjects import Asked, Subject
from registers.assistance.vocabulary import Scope


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, InstructionSnapshot]:
    """What notices of contested instructions say; those that are not there are absent."""
    return letters(session, subjects, asked, InstructionSnapshot, _says)


def _says(told: Noticed) -> dict[str, Any]:
    says = told.says
    done = says["executed_on"]
    return {
        "code": says["code"],
        "references": told.references,
        "says": says["says"],
        "scope": Scope(says["scope"]),
        "given_on": date.fromisoformat(says["given_on"]),
        "by": says["by"],
        "provision": says["provision"],
        "why": says["why"],
        "executed_on": date.fromisoformat(done) if done else None,
    }
