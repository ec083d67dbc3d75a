"""Which notices of a breach were written to whom, and which of them still stand."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches.models import Breach
from registers.breaches.vocabulary import Step
from registers.kernel import audit
from registers.notices.models import Matter, Notice
from registers.notices.vocabulary import NoticeKind


def cause_of(head: Breach, step: Step) -> str:
    """What the notices of a step tell of, as `Notice.cause` begins."""
    return f"{audit.name_of(head)}:{step.value}"


def of_breach(head: Breach) -> sa.ColumnElement[bool]:
    """Whether a notice tells of a breach."""
    name = f"{audit.name_of(head)}:"
    return sa.func.substr(Notice.cause, 1, len(name)) == name


def told(session: Session, head: Breach) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The controllers that were told, with the notices that were not withdrawn since."""
    query = (
        sa.select(Matter.controller_id, Notice.id)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(
            of_breach(head), Notice.withdrawn_at.is_(None), Notice.kind != NoticeKind.BREACH_ERROR
        )
        .order_by(Notice.created_at, Notice.number)
    )
    found: dict[uuid.UUID, dict[uuid.UUID, None]] = {}
    for owner, notice_id in session.execute(query):
        found.setdefault(owner, {})[notice_id] = None
    return {owner: list(notices) for owner, notices in found.items()}
