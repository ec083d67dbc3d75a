"""What the letters say that certificates of erasure go with, from what was frozen with them.

A subject is a whole notice or a letter of it; both tell one controller.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registers.annexes.letters import CertificateSnapshot
from registers.annexes.noticed import Noticed, letters
from registers.annexes.subjects import Asked, Subject
from registers.retention.vocabulary import Result


def notices(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, CertificateSnapshot]:
    """What these notices say; those that are not there are absent."""
    return letters(session, subjects, asked, CertificateSnapshot, _says)


def _says(told: Noticed) -> dict[str, Any]:
    says = told.says
    return {
        "code": says["code"],
        "references": told.references,
        "posted": told.posted,
        "certificate": says["certificate"],
        "sha256": says["sha256"],
        "result": Result(says["result"]),
        "done_on": date.fromisoformat(says["done_on"]),
        "complete": says["complete"],
    }
