"""Flask-Login over sessions kept in the database.

The browser's cookie, signed, holds a random token; the row behind it says whose it is, and can
be ended. So a cookie that was copied before signing out opens nothing after.
"""

from datetime import timedelta

from flask import Flask, request, session
from flask_login import LoginManager, UserMixin, login_user

from app.house import house
from registers.people import sessions
from registers.people.sessions import Account

NOTED_EVERY = timedelta(minutes=1)
"""A session's last use is noted at most this often: reading a page should not write."""
UNATTENDED = "Greffe-Unattended"
"""The header of what a page asks for by itself: clocks that go on are nobody's presence."""


class SignedIn(UserMixin):
    """Whom Flask-Login knows: an account and the token that opened its session."""

    def __init__(self, account: Account, token: str) -> None:
        self.account = account
        self.token = token

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


def attach(app: Flask) -> None:
    """Looks up whose session a request comes with."""
    secure = app.extensions["greffe"].settings.address.startswith("https://")
    app.config["SESSION_COOKIE_NAME"] = "__Host-greffe" if secure else "greffe"
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    login = LoginManager(app)
    login.session_protection = None  # addresses change on trains; the token is enough

    @login.user_loader
    def _load(token: str) -> SignedIn | None:
        found = sessions.current(house().session, token, house().now())
        if found is None:
            return None
        account, seen_at = found
        unused = house().now() - seen_at > NOTED_EVERY and UNATTENDED not in request.headers
        if unused and account.session_id:
            with house().upkeep() as traces:
                sessions.seen(traces, account.session_id, house().now())
        return SignedIn(account, token)


def remember(token: str) -> None:
    """Gives the browser a session that was just opened, in a cookie that keeps nothing else."""
    found = sessions.current(house().session, token, house().now())
    if found is None:
        raise RuntimeError("a session that was just opened is not there")
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    login_user(SignedIn(found[0], token))
