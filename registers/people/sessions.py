"""Sessions: who is signed in where, one-time links, and slow guessing."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from registers.kernel import audit
from registers.kernel.act import Act, Actor
from registers.kernel.base import insert_or_ignore
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.people import rules
from registers.people.models import OneTimeToken, RecoveryCode, Throttle, User, UserSession
from registers.people.roles import Permission, Role, permissions

SIGNED_IN = audit.kind("session.opened", text("Signed in"))
SIGNED_OUT = audit.kind("session.ended", text("Session ended"), "sessions")
RECOVERY_CODE_USED = audit.kind("user.recovery_code_used", text("Recovery code used"))

_hasher = PasswordHasher()

SETUP, PASSWORD, DOOR = "setup", "password", "door"
"""What a one-time token is good for: the first account, choosing a password, signing in to the
sample data."""


def hashed(password: str) -> str:
    """The Argon2id hash of a password; takes time on purpose, so never inside an act."""
    return _hasher.hash(password)


def issue_token(
    session: Session,
    purpose: str,
    now: datetime,
    lasts: timedelta,
    user_id: uuid.UUID | None = None,
) -> str:
    """A link's secret, good once until it expires; only its digest is kept. In upkeep or an act."""
    token = rules.new_token()
    digest = rules.digest_of(token)
    session.add(
        OneTimeToken(digest=digest, purpose=purpose, user_id=user_id, expires_at=now + lasts)
    )
    session.flush()
    return token


def redeem(act: Act, token: str, purpose: str) -> OneTimeToken:
    """Uses a one-time token up.

    Raises:
        NotFound: it was used, has expired, or is good for something else.
    """
    found = act.session.get(OneTimeToken, rules.digest_of(token), with_for_update=True)
    if found is None or found.purpose != purpose or found.expires_at < act.now:
        raise NotFound(text("This link has been used or has expired: ask for a new one."))
    act.session.delete(found)
    act.session.flush()
    return found


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in, or about to be: a value, not a row."""

    id: uuid.UUID
    name: str
    email: str
    language: str
    roles: tuple[Role, ...]
    session_id: uuid.UUID | None = None
    second_factor: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow together."""
        return permissions(list(self.roles))

    @property
    def actor(self) -> Actor:
        """The same person as the journal knows them."""
        return Actor("user", self.permissions, self.id, self.name)


def account_of(user: User, session_id: uuid.UUID | None = None) -> Account:
    """The value of a row."""
    return Account(
        user.id,
        user.name,
        user.email,
        user.language,
        tuple(user.held_roles),
        session_id,
        user.totp is not None,
    )


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(rules.new_token())


def authenticated(session: Session, email: str, password: str) -> Account | None:
    """Whose address and password these are; takes as long when they are nobody's."""
    query = sa.select(User).where(User.email == email.strip().lower())
    user = session.scalar(query)
    known = user is not None and user.password_hash is not None and user.disabled_at is None
    kept = user.password_hash if user and known else None
    try:
        _hasher.verify(kept or _hash_of_nobody(), password)
    except Argon2Error:
        return None
    return account_of(user) if user and known else None


def sign_in(act: Act, user_id: uuid.UUID, address: str, browser: str) -> str:
    """Opens a session and gives its token, which only the browser keeps."""
    act.require(Permission.SIGN_IN)
    return _open_session(act, act.take(User, user_id), address, browser)


def sign_in_with_code(
    act: Act, user_id: uuid.UUID, code: str, *, vault: Fernet, address: str, browser: str
) -> str:
    """Opens a session after the second factor: a TOTP code or an unused recovery code.

    Raises:
        Invalid: the code is wrong or was used.
    """
    act.require(Permission.SIGN_IN)
    user = act.take(User, user_id)
    secret = secret_of(user, vault)
    step = rules.accepted_step(secret, code, user.totp_used, act.now) if secret else None
    if step is not None:
        user.totp_used = step
    else:
        _use_recovery_code(act, user, code)
    return _open_session(act, user, address, browser)


def secret_of(user: User, vault: Fernet) -> str:
    """The secret of somebody's second factor.

    Empty when there is none, or when it was encrypted with another key than the vault's: a
    backup was restored without its secrets. Recovery codes work then, and nothing else.
    """
    try:
        return vault.decrypt(user.totp).decode() if user.totp else ""
    except InvalidToken:
        return ""


def _use_recovery_code(act: Act, user: User, code: str) -> None:
    digest = rules.digest_of(code.strip().lower())
    query = sa.select(RecoveryCode).where(
        RecoveryCode.user_id == user.id,
        RecoveryCode.digest == digest,
        RecoveryCode.used_at.is_(None),
    )
    found = act.session.scalar(query)
    if found is None:
        raise Invalid(text("This code is wrong or was used already."), "code")
    found.used_at = act.now
    act.log(RECOVERY_CODE_USED, user)


def enter_by_door(act: Act, token: str, address: str, browser: str) -> str:
    """Opens a session with the one-time link that the sample data's start printed."""
    act.require(Permission.SIGN_IN)
    door = redeem(act, token, DOOR)
    return _open_session(act, act.take(User, door.user_id), address, browser)


def _open_session(act: Act, user: User, address: str, browser: str) -> str:
    if user.disabled_at is not None:
        raise Invalid(text("This account is disabled."))
    token = rules.new_token()
    act.session.add(
        UserSession(
            user_id=user.id,
            digest=rules.digest_of(token),
            opened_at=act.now,
            seen_at=act.now,
            address=address,
            browser=browser[:200],
        )
    )
    act.log(SIGNED_IN, user)
    return token


def current(session: Session, token: str, now: datetime) -> tuple[Account, datetime] | None:
    """Whose live session a token opens, and when it was seen last."""
    query = (
        sa.select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.digest == rules.digest_of(token), User.disabled_at.is_(None))
    )
    row = session.execute(query).first()
    if row is None:
        return None
    held, user = row
    if not rules.is_live(held.opened_at, held.seen_at, held.ended_at, now):
        return None
    return account_of(user, held.id), held.seen_at


def seen(session: Session, session_id: uuid.UUID, now: datetime) -> None:
    """Notes that a session is in use. In upkeep."""
    session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def sign_out(act: Act, session_id: uuid.UUID) -> None:
    """Ends one of one's own sessions."""
    act.require(Permission.OWN_ACCOUNT)
    held = act.session.get(UserSession, session_id)
    if held is None or held.user_id != act.actor.id:
        raise NotFound
    end_sessions(act, held.user_id, only=held.id)
    act.log(SIGNED_OUT, act.session.get(User, held.user_id), sessions=1)


def sign_out_elsewhere(act: Act, present: uuid.UUID) -> None:
    """Ends all of one's own sessions but the present one."""
    act.require(Permission.OWN_ACCOUNT)
    user = act.take(User, act.actor.id)
    ended = end_sessions(act, user.id, spared=present)
    act.log(SIGNED_OUT, user, sessions=ended)


def end_sessions(
    act: Act, user_id: uuid.UUID, *, only: uuid.UUID | None = None, spared: uuid.UUID | None = None
) -> int:
    """Ends an account's live sessions, all but the spared one; gives how many."""
    which = [UserSession.user_id == user_id, UserSession.ended_at.is_(None)]
    if only:
        which.append(UserSession.id == only)
    if spared:
        which.append(UserSession.id != spared)
    live = list(act.session.scalars(sa.select(UserSession).where(*which)))
    for held in live:
        held.ended_at = act.now
    return len(live)


def waiting(session: Session, keys: list[str], now: datetime) -> datetime | None:
    """Until when attempts under any of these keys have to wait."""
    query = sa.select(sa.func.max(Throttle.wait_until)).where(
        Throttle.key.in_(keys), Throttle.wait_until > now
    )
    until: datetime | None = session.scalar(query)
    return until


def failed(session: Session, keys: list[str], now: datetime) -> None:
    """Counts a failed attempt under these keys. In upkeep."""
    for key in keys:
        session.execute(
            insert_or_ignore(session, Throttle, key=key, failures=0, last_at=now, wait_until=None)
        )
        trace = session.get_one(Throttle, key, with_for_update=True, populate_existing=True)
        forgotten = now - trace.last_at > rules.FORGOTTEN_AFTER
        trace.failures = 1 if forgotten else trace.failures + 1
        trace.last_at = now
        wait = rules.wait_after(trace.failures)
        trace.wait_until = now + wait if wait else None
    session.flush()


def succeeded(session: Session, keys: list[str]) -> None:
    """Forgets the failed attempts under these keys. In upkeep."""
    session.execute(sa.delete(Throttle).where(Throttle.key.in_(keys)))
