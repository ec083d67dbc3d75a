"""Accounts, sessions, and the traces that keep guessing slow."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registers.kernel.base import Base, Keyed, Regime, Revised
from registers.people.roles import Role


class User(Keyed, Revised, Base):
    """Somebody of the organisation who signs in."""

    __tablename__ = "user_account"
    regime = Regime.PLAIN

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    """Argon2id; None until the person has chosen a password."""
    roles: Mapped[list[str]]
    language: Mapped[str]
    totp: Mapped[bytes | None]
    """The secret of the second factor, encrypted; None when there is none."""
    totp_used: Mapped[int | None]
    """The time step of the last accepted code: none is accepted twice."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def held_roles(self) -> list[Role]:
        """The roles, as members of the enumeration."""
        return [Role(name) for name in self.roles]


class RecoveryCode(Keyed, Base):
    """A code that stands in once for a lost second factor; only its digest is kept."""

    __tablename__ = "recovery_code"
    regime = Regime.PLAIN

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    digest: Mapped[str]
    used_at: Mapped[datetime | None]


class UserSession(Keyed, Base):
    """A browser in which somebody has signed in; its cookie holds a token, we its digest."""

    __tablename__ = "user_session"
    regime = Regime.UPKEEP

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    browser: Mapped[str]


class OneTimeToken(Base):
    """A link that works once: the first account, an invitation, the sample data's door."""

    __tablename__ = "one_time_token"
    regime = Regime.UPKEEP

    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]


class Throttle(Base):
    """Failed attempts under one key (an account, an address), and until when to wait."""

    __tablename__ = "throttle"
    regime = Regime.UPKEEP

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    wait_until: Mapped[datetime | None]
