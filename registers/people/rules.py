"""How people prove who they are: pure rules."""

import hashlib
import secrets
from datetime import datetime, timedelta

import pyotp

from registers.kernel.errors import Invalid
from registers.kernel.words import text

SHORTEST_PASSWORD = 12
IDLE = timedelta(hours=2)
"""How long a session lives without being used."""
LONGEST = timedelta(hours=12)
"""How long a session lives at most."""
INVITATION = timedelta(days=3)
FREE_ATTEMPTS = 5
FORGOTTEN_AFTER = timedelta(hours=1)
"""Failed attempts count together until this long after the last one."""
LONGEST_WAIT = timedelta(minutes=30)
RECOVERY_CODES = 8


def checked_password(password: str, email: str, name: str) -> str:
    """A password long enough that is not made from who the person is.

    Raises:
        Invalid: says what is wrong with it.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            text("Choose a password of at least {count} characters.", count=SHORTEST_PASSWORD),
            "password",
        )
    folded = password.casefold()
    about = [email.partition("@")[0], *name.split()]
    if any(len(part) > 3 and part.casefold() in folded for part in about):  # noqa: PLR2004
        raise Invalid(text("The password must not contain your name or address."), "password")
    if len(set(folded)) < 5:  # noqa: PLR2004
        raise Invalid(text("Choose a password that is harder to guess."), "password")
    return password


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: nothing at first, then twice as long."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    doubled = 2 ** min(failures - FREE_ATTEMPTS, 10)
    return min(timedelta(seconds=30 * doubled), LONGEST_WAIT)


def is_live(
    opened_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime
) -> bool:
    """Whether a session still holds."""
    return ended_at is None and now - seen_at < IDLE and now - opened_at < LONGEST


def accepted_step(secret: str, code: str, last: int | None, now: datetime) -> int | None:
    """The time step of a right TOTP code that was not used before, else None.

    One step (30 seconds) of drift either way is forgiven. Without a secret no code is right.
    """
    if not secret:
        return None
    totp, given = pyotp.TOTP(secret), code.strip().replace(" ", "").encode()
    step = int(now.timestamp()) // 30
    for candidate in (step, step - 1, step + 1):
        right = secrets.compare_digest(totp.at(candidate * 30).encode(), given)
        if right and (last is None or candidate > last):
            return candidate
    return None


def new_token() -> str:
    """A random token that nobody can guess."""
    return secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """A code that is easy to copy by hand: four groups of four, 80 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
