"""Visits: a browser that followed a link; and the one-time codes that a visitor is sent."""

import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.vocabulary import Channel
from registers.kernel import audit, outbox
from registers.kernel.act import Act, Actor
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.notices import links
from registers.notices.models import Dispatch, Notice, PortalLink, PortalVisit
from registers.notices.vocabulary import DispatchState
from registers.people.roles import CONTACT, Permission
from registers.people.rules import digest_of, new_token

CODE = outbox.kind("portal.code")
"""Work of the outbox: send a visitor the code that was asked for."""

ASKED = audit.kind("portal.code", text("One-time code sent to the address on record"))

LASTS = timedelta(hours=4)
"""How long a visit lasts; the link opens another one."""
CODE_LASTS = timedelta(minutes=15)
TRIES = 5
DIGITS = 6

UNREACHED = (DispatchState.FAILED, DispatchState.RETURNED, DispatchState.CANCELLED)


class Visit(NamedTuple):
    """A browser that followed a link that is still alive."""

    id: uuid.UUID
    link_id: uuid.UUID
    notice_id: uuid.UUID
    expires_at: datetime
    code_until: datetime | None
    """Until when the code that was asked for last is good; None: there is none."""

    @property
    def actor(self) -> Actor:
        """The contact, as the journal names it: by its link."""
        return Actor("contact", CONTACT, self.link_id)


def begin(traces: Session, link: PortalLink, now: datetime) -> tuple[uuid.UUID, str]:
    """Begins a visit: its identifier, and the secret that only the browser keeps. In upkeep."""
    traces.execute(sa.delete(PortalVisit).where(PortalVisit.expires_at <= now))
    secret = new_token()
    visit = PortalVisit(link_id=link.id, digest=digest_of(secret), expires_at=now + LASTS)
    visit.code_tries = 0
    traces.add(visit)
    traces.flush()
    return visit.id, secret


def current(session: Session, visit_id: uuid.UUID, secret: str, now: datetime) -> Visit:
    """The visit that has this identifier and this secret.

    Raises:
        NotFound: it is over, its link is, it never was, or it is another browser's.
    """
    row = session.get(PortalVisit, visit_id)
    known = row is not None and secrets.compare_digest(row.digest, digest_of(secret))
    if row is None or not known or row.expires_at <= now:
        raise NotFound
    link = links.alive(session, row.link_id, now)
    return Visit(row.id, link.id, link.notice_id, row.expires_at, _code_until(row, now))


def _code_until(row: PortalVisit, now: datetime) -> datetime | None:
    until = row.code_at + CODE_LASTS if row.code_at else None
    return until if until and until > now and row.code_tries < TRIES else None


def address_of(session: Session, notice_id: uuid.UUID) -> str:
    """The address on record for the recipient of a notice; empty where there is none.

    That to which its e-mail left last; where none has, the recipient's own.
    """
    query = (
        sa.select(Dispatch.address)
        .where(
            Dispatch.notice_id == notice_id,
            Dispatch.channel == Channel.EMAIL,
            ~Dispatch.copy,
            Dispatch.sent_at.is_not(None),
            Dispatch.state.not_in(UNREACHED),
        )
        .order_by(Dispatch.sent_at.desc(), Dispatch.id)
        .limit(1)
    )
    return session.scalar(query) or session.get_one(Notice, notice_id).email


def ask_code(act: Act, visit: Visit) -> None:
    """Has a one-time code sent to the address on record; one that was asked for before ends.

    Raises:
        Invalid: there is no address on record.
    """
    act.require(Permission.PORTAL)
    address = address_of(act.session, visit.notice_id)
    if not address:
        raise Invalid(text("There is no e-mail address on record to which a code could be sent."))
    row = act.take(PortalVisit, visit.id)
    if row.code_at is not None:
        outbox.cancel(act, [_key(row.id, row.code_at)])
    row.code_at, row.code_tries = act.now, 0
    about = f"portal_visit:{row.id}"
    outbox.put(act, [outbox.Wanted(CODE, _key(row.id, act.now), about, act.now)])
    act.log(
        ASKED,
        f"portal_link:{row.link_id}",
        within=f"notice:{visit.notice_id}",
        values={"address": address},
    )


def _key(visit_id: uuid.UUID, asked_at: datetime) -> str:
    return f"{CODE}:{visit_id}:{asked_at.isoformat()}"


def code_of(secret: bytes, visit_id: uuid.UUID, asked_at: datetime) -> str:
    """The code of a visit that was asked for at this instant: six digits."""
    asked = int(asked_at.timestamp() * 1_000_000)
    derived = hmac.digest(secret, b"code " + visit_id.bytes + asked.to_bytes(8), "sha256")
    return f"{int.from_bytes(derived[:8]) % 10**DIGITS:0{DIGITS}}"


def count_try(traces: Session, visit_id: uuid.UUID) -> None:
    """Counts a try to give a code, before it is looked at. In upkeep."""
    traces.execute(
        sa.update(PortalVisit)
        .where(PortalVisit.id == visit_id)
        .values(code_tries=PortalVisit.code_tries + 1),
        execution_options={"synchronize_session": False},
    )


def use_code(act: Act, visit: Visit, given: str, secret: bytes) -> None:
    """Uses the code up, in the act that it is good for.

    Raises:
        Invalid: it is wrong, too late, was used, or was tried too often.
    """
    act.require(Permission.PORTAL)
    row = act.take(PortalVisit, visit.id)
    asked_at, given = row.code_at, "".join(given.split())
    if asked_at is None:
        raise Invalid(text("Ask for a code first: it is sent to the address on record."), "code")
    if act.now >= asked_at + CODE_LASTS or row.code_tries > TRIES:
        raise Invalid(text("This code is not good any more: ask for another one."), "code")
    right = code_of(secret, row.id, asked_at)
    if not secrets.compare_digest(right.encode(), given.encode()):
        raise Invalid(text("This is not the code that was sent to you last."), "code")
    row.code_at = None
