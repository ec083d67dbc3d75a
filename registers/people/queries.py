"""Accounts as screens show them."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel.errors import NotFound
from registers.people import rules
from registers.people.models import RecoveryCode, User, UserSession


def users(session: Session) -> list[User]:
    """All accounts, by name."""
    return list(
        session.scalars(sa.select(User).order_by(User.disabled_at.is_(None).desc(), User.name))
    )


def user(session: Session, user_id: uuid.UUID) -> User:
    """One account.

    Raises:
        NotFound: there is none.
    """
    found = session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def sessions_of(session: Session, user_id: uuid.UUID, now: datetime) -> list[UserSession]:
    """The live sessions of an account, the one used last first."""
    query = (
        sa.select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.seen_at.desc())
    )
    return [
        held
        for held in session.scalars(query)
        if rules.is_live(held.opened_at, held.seen_at, held.ended_at, now)
    ]


def unused_recovery_codes(session: Session, user_id: uuid.UUID) -> int:
    """How many recovery codes are left."""
    query = sa.select(sa.func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(query) or 0


def names(session: Session, references: Collection[str]) -> dict[str, str]:
    """The names of actors, by how the journal refers to them."""
    ids = [uuid.UUID(each[5:]) for each in references if each.startswith("user:")]
    if not ids:
        return {}
    query = sa.select(User.id, User.name).where(User.id.in_(ids))
    return {f"user:{row.id}": row.name for row in session.execute(query)}
