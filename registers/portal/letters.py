"""Notices to controllers as such, as their links open them: about officers, requests, erasures.

They have no windows and no objections; what is done with them belongs to the subjects they tell of.
"""

import uuid
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.models import Controller
from registers.dpo.models import Form
from registers.dpo.vocabulary import Phase
from registers.kernel.errors import NotFound
from registers.notices import links
from registers.notices.models import Matter, Notice, PortalLink
from registers.notices.vocabulary import NoticeKind

KINDS = frozenset(
    {
        NoticeKind.DPO_AWAITED,
        NoticeKind.DPO_CONFIRM,
        NoticeKind.DPO_FORMER,
        NoticeKind.OUR_DPO,
        NoticeKind.REQUEST,
        NoticeKind.ERASURE,
    }
)
"""The notices that are read here."""

NOT_THEIRS = frozenset({NoticeKind.DPO_FORMER})
"""Notices to an address that is the controller's no more: nothing is declared with their links."""


class Letter(NamedTuple):
    """What a link opens."""

    link: PortalLink
    notice: Notice
    zone: str
    """The time zone of its readers: that of the first controller, where they have several."""

    @property
    def written_on(self) -> date:
        """The day on which the notice was written, where its readers are."""
        return self.notice.created_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def actor(self) -> str:
        """How the journal names whoever acts with this link."""
        return f"contact:{self.link.id}"


def opened(session: Session, link_id: uuid.UUID, now: datetime) -> Letter:
    """What the link of such a notice opens.

    Raises:
        NotFound: it opens nothing any more, or a notice of another kind.
    """
    link = links.alive(session, link_id, now)
    notice = session.get_one(Notice, link.notice_id)
    if notice.kind not in KINDS:
        raise NotFound
    zones = sa.select(sa.func.min(Matter.zone)).where(Matter.notice_id == notice.id)
    return Letter(link, notice, session.scalar(zones) or "UTC")


def owners(session: Session, notice_id: uuid.UUID) -> list[Controller]:
    """The controllers of which a notice tells, by name."""
    told = sa.select(Matter.controller_id).where(Matter.notice_id == notice_id)
    query = sa.select(Controller).where(Controller.id.in_(told))
    return list(session.scalars(query.order_by(Controller.sorted, Controller.id)))


def owner(session: Session, notice_id: uuid.UUID, controller_id: uuid.UUID) -> Controller:
    """One of them, by its identifier.

    Raises:
        NotFound: the notice tells of none with it, or its link is good for reading only.
    """
    kind = session.scalar(sa.select(Notice.kind).where(Notice.id == notice_id))
    found = next((each for each in owners(session, notice_id) if each.id == controller_id), None)
    if found is None or kind in NOT_THEIRS:
        raise NotFound
    return found


def own_form(session: Session, notice_id: uuid.UUID, actor: str, form_id: uuid.UUID) -> Form:
    """A form that was filled in with this link.

    Raises:
        NotFound: there is none, or another link filled it in.
    """
    form = session.get(Form, form_id)
    if form is None or form.author != actor:
        raise NotFound
    owner(session, notice_id, form.controller_id)
    return form


def own_forms(session: Session, actor: str) -> list[Form]:
    """The forms that were filled in with a link, the newest first."""
    query = sa.select(Form).where(Form.author == actor, Form.phase != Phase.CANCELLED)
    return list(session.scalars(query.order_by(Form.number.desc())))


def certificate_of(notice: Notice) -> uuid.UUID:
    """The certificate that a notice carries, by the identifier of the paper.

    Raises:
        NotFound: it carries none.
    """
    if notice.kind is not NoticeKind.ERASURE:
        raise NotFound
    return uuid.UUID(notice.told["annex"])


def asked_form(session: Session, notice: Notice) -> Form:
    """The form that a notice asks the representative to confirm.

    Raises:
        NotFound: it asks for no such thing.
    """
    if notice.kind is not NoticeKind.DPO_CONFIRM:
        raise NotFound
    return session.get_one(Form, uuid.UUID(notice.told["form"]))
