"""Links to notices: each opens one notice for whoever holds it, and nothing else.

The secret of a link follows from the link's identifier and the installation's own secret, so that
a message can be composed anew, the very same; the database keeps a digest, from which it does not
follow. A link is no proof of who follows it: see `registers.portal` for the one-time codes.
"""

import base64
import hmac
import uuid
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.kernel.words import text
from registers.notices.models import Matter, PortalLink
from registers.people.roles import Permission
from registers.people.rules import digest_of

ISSUED = audit.kind("portal.link", text("Link to a notice issued"))
PROLONGED = audit.kind("portal.prolonged", text("Link to a notice prolonged"))
REVOKED = audit.kind("portal.revoked", text("Link to a notice revoked"))

GRACE = timedelta(days=15)
"""How long a link outlives the last day of the windows of its notice."""


def token_of(secret: bytes, link_id: uuid.UUID) -> str:
    """The secret of a link, as it stands in its address: 43 characters."""
    derived = hmac.digest(secret, b"link " + link_id.bytes, "sha256")
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def issue(
    act: Act, notices: Collection[uuid.UUID], secret: bytes, until: datetime
) -> dict[uuid.UUID, str]:
    """The secrets of the links of these notices: the same ones, however often they are asked for.

    Args:
        act: the act that composes the messages.
        notices: the notices to be opened.
        secret: the installation's own, for links and nothing else.
        until: when they expire, at the earliest.
    """
    act.require(Permission.NOTICES_SEND)
    found: dict[uuid.UUID, str] = {}
    for part in history.parts(list(notices)):
        query = sa.select(PortalLink).where(PortalLink.notice_id.in_(part), *_live(act.now))
        for link in act.session.scalars(query):
            token = token_of(secret, link.id)
            # after a restore without its secrets the old links open, but nobody can write them
            if hmac.compare_digest(digest_of(token), link.digest):
                found[link.notice_id] = token
                if link.expires_at < until:
                    link.expires_at = until
                    act.log(PROLONGED, link, within=f"notice:{link.notice_id}")
    for notice_id in set(notices) - set(found):
        link = PortalLink(notice_id=notice_id, issued_at=act.now, expires_at=until)
        found[notice_id] = token_of(secret, link.id)
        link.digest = digest_of(found[notice_id])
        act.session.add(link)
        act.log(ISSUED, link, within=f"notice:{notice_id}")
    act.session.flush()
    return found


def opened(session: Session, token: str, now: datetime) -> PortalLink:
    """The link that has this secret.

    Raises:
        NotFound: there is none, it has expired, or it was revoked: all look the same.
    """
    query = sa.select(PortalLink).where(PortalLink.digest == digest_of(token), *_live(now))
    return _one(session.scalar(query))


def alive(session: Session, link_id: uuid.UUID, now: datetime) -> PortalLink:
    """A link that still opens its notice.

    Raises:
        NotFound: it does not; see `opened`.
    """
    query = sa.select(PortalLink).where(PortalLink.id == link_id, *_live(now))
    return _one(session.scalar(query))


def revoke(act: Act, link_id: uuid.UUID, reason: str = "") -> None:
    """Closes a link at once, for whoever follows it or has followed it.

    `issue` gives the notice another one.
    """
    act.require(Permission.RECEIPTS_RECORD)
    link = act.take(PortalLink, link_id)
    if link.revoked_at is None:
        link.revoked_at = act.now
        values = {"reason": reason} if reason else None
        act.log(REVOKED, link, within=f"notice:{link.notice_id}", values=values)


def keep_until(act: Act, matters: Collection[uuid.UUID], day: date) -> None:
    """Lets the links of these contracts' notices live until their window's last day, and longer.

    Never shortens one. To be called in the act that counts the window.

    Args:
        act: the act.
        matters: the contracts told of.
        day: the last day of the window, wherever on Earth the controller is.
    """
    until = datetime.combine(day + GRACE + timedelta(days=1), time(12), UTC)
    for part in history.parts(list(matters)):
        of_notice = sa.select(Matter.notice_id).where(Matter.id.in_(part))
        act.session.execute(
            sa.update(PortalLink)
            .where(
                PortalLink.notice_id.in_(of_notice),
                PortalLink.revoked_at.is_(None),
                PortalLink.expires_at < until,
            )
            .values(expires_at=until),
            execution_options={"synchronize_session": False},
        )


def _live(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return PortalLink.revoked_at.is_(None), PortalLink.expires_at > now


def _one(link: PortalLink | None) -> PortalLink:
    if link is None:
        raise NotFound
    return link
