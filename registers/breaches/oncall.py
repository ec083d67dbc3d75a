"""Who is told when a breach waits: addresses on call, a gateway that wakes them, those of drills.

No fact of the register: kept as it is at present; the journal has who changed it and when.
"""

import base64
import hmac
import secrets
import uuid
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.breaches import gateway
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.base import Base, Regime, Revised
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.identifiers import checked_email
from registers.kernel.words import LANGUAGES, text
from registers.people.roles import Permission

CHANGED = audit.kind(
    "oncall.changed", text("On-call settings changed"), "addresses", "webhook", "drill_addresses"
)

ONLY = uuid.UUID(int=1)
MOST_ADDRESSES = 50


class OnCall(Revised, Base):
    """Who is on call at present; one row, or none where nobody said."""

    __tablename__ = "on_call"
    regime = Regime.PLAIN

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    emails: Mapped[list[str]]
    webhook: Mapped[str]
    """The address of the gateway, encrypted: it often holds a token."""
    webhook_key: Mapped[str]
    """From which, with a key of the installation, the secret of its signatures follows."""
    drill_emails: Mapped[list[str]]
    language: Mapped[str]
    pack_by_email: Mapped[bool]


class Plan(NamedTuple):
    """Who is told, as somebody set it."""

    emails: tuple[str, ...] = ()
    webhook: str = ""
    """The gateway's address; empty: none."""
    drill_emails: tuple[str, ...] = ()
    """Who receives everything of exercises, and nobody else does."""
    language: str = LANGUAGES[0]
    """The language of alarms."""
    pack_by_email: bool = False
    """Whether the emergency pack goes to the addresses on call."""


class Reach(NamedTuple):
    """Whom alarms reach at present."""

    emails: tuple[str, ...] = ()
    gateway: bool = False
    drill_emails: tuple[str, ...] = ()

    def anybody(self, *, drill: bool) -> bool:
        """Whether an alarm of a breach, or of an exercise, reaches anybody."""
        return bool(self.drill_emails) if drill else bool(self.emails) or self.gateway


def reach(session: Session) -> Reach:
    """Whom alarms reach now; asked without any key."""
    row = session.get(OnCall, ONLY)
    if row is None:
        return Reach()
    return Reach(tuple(row.emails), bool(row.webhook), tuple(row.drill_emails))


class Chosen(NamedTuple):
    """What is set, and how often it was changed; 0 where nobody did."""

    plan: Plan
    revision: int
    signs_with: str
    """The secret of the gateway's signatures; empty where there is none."""
    unreadable: bool
    """Whether a gateway is set whose address another installation's key encrypted."""


def chosen(session: Session, secret: bytes) -> Chosen:
    """What is set now.

    Args:
        session: a reading session, or an act's.
        secret: the key of the installation.
    """
    row = session.get(OnCall, ONLY)
    if row is None:
        return Chosen(Plan(), 0, "", unreadable=False)
    unreadable, webhook = False, ""
    if row.webhook:
        try:
            webhook = _vault(secret).decrypt(row.webhook).decode()
        except InvalidToken:
            unreadable = True
    plan = Plan(
        tuple(row.emails), webhook, tuple(row.drill_emails), row.language, row.pack_by_email
    )
    signs = _derived(secret, f"webhook signature {row.webhook_key}").hex() if webhook else ""
    return Chosen(plan, row.revision, signs, unreadable)


def _vault(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, "webhook address")))


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, f"greffe {purpose}".encode(), sha256).digest()


def checked(wished: Plan, *, private: bool) -> Plan:
    """Settings in normal form.

    Args:
        wished: what was typed.
        private: whether gateways in private networks are allowed.

    Raises:
        Invalid: an address is none; says beside which field.
    """
    return wished._replace(
        emails=_addresses(wished.emails, "emails"),
        webhook=gateway.checked(wished.webhook, private=private),
        drill_emails=_addresses(wished.drill_emails, "drill_emails"),
        language=wished.language if wished.language in LANGUAGES else LANGUAGES[0],
    )


def _addresses(written: Sequence[str], field: str) -> tuple[str, ...]:
    given = [each.strip() for each in written if each.strip()]
    if len(given) > MOST_ADDRESSES:
        raise Invalid(text("At most {most} addresses.", most=MOST_ADDRESSES), field)
    try:
        return tuple(dict.fromkeys(map(checked_email, given)))
    except Invalid as error:
        raise Invalid(error.reason, field) from error


def choose(
    act: Act,
    wished: Plan,
    base: int,
    *,
    secret: bytes,
    private: bool = False,
    new_key: bool = False,
) -> bool:
    """Sets who is told from now on; tells whether anything changed.

    Args:
        act: what it is done in.
        wished: the settings.
        base: the revision that was before the eyes.
        secret: the key of the installation.
        private: whether gateways in private networks are allowed.
        new_key: whether the gateway's signatures get another secret.

    Raises:
        Invalid: an address is none.
        Conflict: it was changed meanwhile.
    """
    act.require(Permission.ON_CALL)
    plan, before = checked(wished, private=private), chosen(act.session, secret)
    if before.revision != base:
        raise Conflict(text("Somebody else changed this in the meantime."))
    if plan == before.plan and not new_key and before.revision and not before.unreadable:
        return False
    if before.revision:
        row = act.take(OnCall, ONLY)
    else:
        row = OnCall(id=ONLY, webhook="", webhook_key=secrets.token_hex(16))
        act.session.add(row)
    row.emails, row.drill_emails = list(plan.emails), list(plan.drill_emails)
    row.language, row.pack_by_email = plan.language, plan.pack_by_email
    if plan.webhook != before.plan.webhook or before.unreadable:
        sealed = _vault(secret).encrypt(plan.webhook.encode()).decode() if plan.webhook else ""
        row.webhook = sealed
    if new_key:
        row.webhook_key = secrets.token_hex(16)
    act.log(
        CHANGED,
        "on_call",
        values={"before": _told(before.plan), "after": _told(plan)},
        addresses=len(plan.emails),
        webhook=gateway.host_of(plan.webhook),
        drill_addresses=len(plan.drill_emails),
    )
    return True


def _told(plan: Plan) -> dict[str, object]:
    """The settings as the journal keeps them: of the gateway, its host."""
    return {**plan._asdict(), "webhook": gateway.host_of(plan.webhook)}
