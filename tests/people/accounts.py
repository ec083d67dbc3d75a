"""Accounts for tests, with a password that was hashed once."""

from datetime import timedelta

import pyotp
import sqlalchemy as sa
from cryptography.fernet import Fernet

from registers.people import operations, sessions
from registers.people.models import User, UserSession
from registers.people.roles import VISITOR, Permission, Role

PASSWORD = "une phrase assez longue"
HASH = sessions.hashed(PASSWORD)
VAULT = Fernet(Fernet.generate_key())
BROWSER = {"address": "127.0.0.1", "browser": "Firefox"}


def add(acting, *roles, email="alix@ponant.example", name="Alix Morel"):
    """An account whose person has chosen a password."""
    with acting() as act:
        user = operations.add(act, email, name, list(roles or [Role.DPO]), "fr")
        token = operations.invite(act, user.id)
    with acting(VISITOR) as act:
        operations.choose_password(act, token, PASSWORD, HASH)
    return row(acting, user.id)


def row(acting, user_id):
    """An account as it is now."""
    with acting() as act:
        act.require(Permission.USERS_MANAGE)
        user = act.session.get(User, user_id)
        act.session.expunge(user)
    return user


def actor(user):
    """The person of an account, as an actor."""
    return sessions.account_of(user).actor


def sign_in(acting, user):
    """A session's token."""
    with acting(VISITOR) as act:
        return sessions.sign_in(act, user.id, **BROWSER)


def live(database, user):
    """How many sessions of an account have not been ended."""
    query = sa.select(sa.func.count()).where(
        UserSession.user_id == user.id, UserSession.ended_at.is_(None)
    )
    with database.reading() as session:
        return session.scalar(query)


def set_factor(acting, user, clock):
    """Turns the second factor on; gives its secret and the recovery codes."""
    secret = operations.new_secret()
    with acting(actor(user)) as act:
        codes = operations.set_second_factor(act, secret, code(secret, clock), VAULT)
    clock.forward(seconds=30)  # the code just used is good for nothing more
    return secret, codes


def code(secret, clock, ahead=0):
    """What the application shows, or will show so many steps later."""
    return pyotp.TOTP(secret).at(clock.at + timedelta(seconds=30 * ahead))
