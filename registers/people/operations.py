"""What people do with accounts: set up, add, invite, change, protect.

Passwords come hashed (`sessions.hashed`): Argon2 takes a tenth of a second, during which an act
would keep everybody else from writing.
"""

import uuid
from datetime import datetime

import pyotp
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.identifiers import checked_email
from registers.kernel.words import LANGUAGES, text
from registers.people import rules
from registers.people.models import OneTimeToken, RecoveryCode, User
from registers.people.roles import Permission, Role
from registers.people.sessions import PASSWORD, SETUP, end_sessions, issue_token, redeem

SET_UP = audit.kind("installation.set_up", text("Installation set up"))
ADDED = audit.kind("user.added", text("Account added"), "roles")
CHANGED = audit.kind("user.changed", text("Account changed"), "roles", "disabled")
INVITED = audit.kind("user.invited", text("Invitation issued"))
PASSWORD_CHOSEN = audit.kind("user.password_chosen", text("Password chosen"))
SECOND_FACTOR_SET = audit.kind("user.second_factor_set", text("Second factor set"))
SECOND_FACTOR_REMOVED = audit.kind("user.second_factor_removed", text("Second factor removed"))


def anybody(session: Session) -> bool:
    """Whether there is an account at all."""
    return session.scalar(sa.select(User.id).limit(1)) is not None


def set_up(
    act: Act, token: str, email: str, name: str, *, password_hash: str, language: str
) -> User:
    """Makes the first account, administrator and DPO, with the token printed at the first start.

    Raises:
        Conflict: there is an account already.
        Invalid: the token is not the one that was printed.
    """
    act.require(Permission.SET_UP)
    if anybody(act.session):
        raise Conflict(text("This installation has been set up already."))
    try:
        redeem(act, token.strip(), SETUP)
    except NotFound as error:
        says = text("This is not the token that was printed last: start the server again for one.")
        raise Invalid(says, "token") from error
    user = _new(act, email, name, [Role.ADMIN, Role.DPO], language)
    user.password_hash = password_hash
    act.log(SET_UP, user)
    return user


def add(act: Act, email: str, name: str, roles: list[Role], language: str) -> User:
    """Adds an account; the person chooses a password through an invitation.

    Raises:
        Invalid: the address is none, is taken, or no role was given.
    """
    act.require(Permission.USERS_MANAGE)
    return _new(act, email, name, roles, language)


def _new(act: Act, email: str, name: str, roles: list[Role], language: str) -> User:
    email = checked_email(email)
    if act.session.scalar(sa.select(User.id).where(User.email == email)):
        raise Invalid(text("There is an account with this address already."), "email")
    user = User(
        email=email,
        name=_checked_name(name),
        roles=_checked_roles(roles),
        language=language if language in LANGUAGES else LANGUAGES[0],
        created_at=act.now,
    )
    act.session.add(user)
    act.session.flush()
    act.log(ADDED, user, roles=user.roles, values={"email": email, "name": user.name})
    return user


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Invalid(text("Give a name."), "name")
    return name.strip()


def _checked_roles(roles: list[Role]) -> list[str]:
    if not roles:
        raise Invalid(text("Choose at least one role."), "roles")
    return sorted({role.value for role in roles})


def change(
    act: Act, user_id: uuid.UUID, revision: int, name: str, roles: list[Role], *, disabled: bool
) -> User:
    """Changes an account; one that is disabled is signed out everywhere.

    Raises:
        Conflict: it was changed meanwhile, or it is the last administrator.
    """
    act.require(Permission.USERS_MANAGE)
    # one such change at a time: two administrators could otherwise disable each other
    act.session.execute(sa.select(User.id).order_by(User.id).with_for_update())
    user = act.take(User, user_id)
    if user.revision != revision:
        raise Conflict(text("Somebody else changed this account in the meantime."))
    before = {"name": user.name, "roles": user.roles}
    user.name = _checked_name(name)
    user.roles = _checked_roles(roles)
    if disabled != (user.disabled_at is not None):
        user.disabled_at = act.now if disabled else None
    act.session.flush()
    if not _administrators(act.session):
        raise Conflict(text("This is the last administrator: appoint another one first."))
    if disabled:
        end_sessions(act, user.id)
    after = {"name": user.name, "roles": user.roles}
    act.log(
        CHANGED,
        user,
        roles=user.roles,
        disabled=disabled,
        values={"before": before, "after": after},
    )
    return user


def _administrators(session: Session) -> bool:
    query = sa.select(User.roles).where(User.disabled_at.is_(None))
    return any(Role.ADMIN.value in roles for roles in session.scalars(query))


def invite(act: Act, user_id: uuid.UUID) -> str:
    """A link's secret with which the person chooses a (new) password; handed over by hand."""
    act.require(Permission.USERS_MANAGE)
    user = act.take(User, user_id)
    token = issue_token(act.session, PASSWORD, act.now, rules.INVITATION, user.id)
    act.log(INVITED, user)
    return token


def choose_password(act: Act, token: str, password: str, password_hash: str) -> User:
    """Sets the password of the account an invitation was for; ends its sessions.

    Raises:
        NotFound: the invitation was used or has expired.
        Invalid: the password is too easy to guess.
    """
    act.require(Permission.SIGN_IN)
    invitation = redeem(act, token, PASSWORD)
    user = act.take(User, invitation.user_id)
    _set_password(act, user, password, password_hash)
    return user


def change_password(act: Act, password: str, password_hash: str) -> User:
    """Sets one's own password; ends all one's sessions, the present one too."""
    act.require(Permission.OWN_ACCOUNT)
    user = act.take(User, act.actor.id)
    _set_password(act, user, password, password_hash)
    return user


def _set_password(act: Act, user: User, password: str, password_hash: str) -> None:
    rules.checked_password(password, user.email, user.name)
    user.password_hash = password_hash
    end_sessions(act, user.id)
    act.log(PASSWORD_CHOSEN, user)


def invited(session: Session, token: str, now: datetime) -> User | None:
    """Whom an invitation is for, while it holds."""
    found = session.get(OneTimeToken, rules.digest_of(token))
    if found is None or found.purpose != PASSWORD or found.expires_at < now:
        return None
    return session.get(User, found.user_id)


def new_secret() -> str:
    """A TOTP secret, in base 32."""
    return pyotp.random_base32()


def set_second_factor(act: Act, secret: str, code: str, vault: Fernet) -> list[str]:
    """Turns the second factor on, once its first code is right; gives the recovery codes.

    Raises:
        Invalid: the code does not come from this secret.
    """
    act.require(Permission.OWN_ACCOUNT)
    user = act.take(User, act.actor.id)
    step = rules.accepted_step(secret, code, None, act.now)
    if step is None:
        raise Invalid(text("The code is not the one your application shows now."), "code")
    user.totp, user.totp_used = vault.encrypt(secret.encode()), step
    codes = [rules.new_recovery_code() for _ in range(rules.RECOVERY_CODES)]
    _forget_recovery_codes(act, user)
    act.session.add_all(
        RecoveryCode(user_id=user.id, digest=rules.digest_of(each)) for each in codes
    )
    act.log(SECOND_FACTOR_SET, user)
    return codes


def remove_second_factor(act: Act, user_id: uuid.UUID) -> None:
    """Turns it off: for oneself, or by an administrator for somebody who lost the device."""
    own = user_id == act.actor.id
    act.require(Permission.OWN_ACCOUNT if own else Permission.USERS_MANAGE)
    user = act.take(User, user_id)
    user.totp = user.totp_used = None
    _forget_recovery_codes(act, user)
    act.log(SECOND_FACTOR_REMOVED, user)


def _forget_recovery_codes(act: Act, user: User) -> None:
    act.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
