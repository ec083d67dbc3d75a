"""Reads of requests, for pages and for what leaves."""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.models import Controller
from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Words, text
from registers.notices.models import Notice
from registers.requests import facts, rules
from registers.requests.models import Concern, Request, Step
from registers.requests.vocabulary import Phase

ERASED = text("The data of the person were erased.")


class Row(NamedTuple):
    """A request in a list, with the controllers it concerns."""

    head: Request
    concerns: list[tuple[Concern, Controller]]

    @property
    def next_due(self) -> date | None:
        """The last day that comes first, of the controllers that have not answered."""
        waiting = [concern.until for concern, _ in self.concerns if concern.outcome is None]
        return min(waiting, default=None)


def one(session: Session, code: str) -> Request:
    """One request.

    Raises:
        NotFound: there is none of this number.
    """
    found = session.scalar(sa.select(Request).where(Request.code == code))
    if found is None:
        raise NotFound
    return found


def by_id(session: Session, request_id: uuid.UUID) -> Request:
    """One request, by its identifier.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Request, request_id)
    if found is None:
        raise NotFound
    return found


def listed(session: Session, search: str, only: str, wanted: Cut) -> Page[Row]:
    """A page of requests, the newest first.

    Args:
        session: a reading session.
        search: parts of numbers, or of the names of controllers: never of the person's.
        only: `open`, `closed` or nothing.
        wanted: which page.
    """
    query = sa.select(Request)
    if only == "open":
        query = query.where(Request.closed_at.is_(None))
    elif only == "closed":
        query = query.where(Request.closed_at.is_not(None))
    for word in fold(search).split():
        mine = (
            sa.select(Concern.request_id)
            .join(Controller, Controller.id == Concern.controller_id)
            .where(contains(Controller.search, word))
        )
        number = Request.code.like(f"%{word.upper()}%")
        query = query.where(sa.or_(number, Request.id.in_(mine)))
    page: Page[Request] = pages.cut(session, query, [Request.code], wanted, descending=True)
    return Page(_rows(session, page.rows), *page[1:])


def of_controller(session: Session, controller_id: uuid.UUID) -> list[Row]:
    """The requests that were passed on to a controller, the newest first."""
    query = (
        sa.select(Request)
        .join(Concern, Concern.request_id == Request.id)
        .where(Concern.controller_id == controller_id)
        .order_by(Request.code.desc())
    )
    return _rows(session, list(session.scalars(query)))


def _rows(session: Session, heads: list[Request]) -> list[Row]:
    found = concerns(session, [head.id for head in heads])
    return [Row(head, found.get(head.id, [])) for head in heads]


def concerns(
    session: Session, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[Concern, Controller]]]:
    """The controllers that requests concern, by request."""
    query = (
        sa.select(Concern, Controller)
        .join(Controller, Controller.id == Concern.controller_id)
        .where(Concern.request_id.in_(list(ids)))
        .order_by(Controller.sorted, Controller.id)
    )
    made: dict[uuid.UUID, list[tuple[Concern, Controller]]] = {}
    for concern, owner in session.execute(query):
        made.setdefault(concern.request_id, []).append((concern, owner))
    return made


def known(session: Session, head: Request) -> facts.Request | None:
    """What is known of a request; None once the person's data were erased."""
    if head.erased_at is not None:
        return None
    return history.latest(session, head)


def steps(session: Session, head: Request) -> list[Step]:
    """What happened to a request, the newest first."""
    query = sa.select(Step).where(Step.request_id == head.id)
    return list(session.scalars(query.order_by(Step.recorded_at.desc(), Step.id)))


def document(session: Session, head: Request, step_id: uuid.UUID) -> bytes:
    """The document of a step.

    Raises:
        NotFound: the step is none of this request, or has none any more.
    """
    step = session.get(Step, step_id)
    if step is None or step.request_id != head.id or step.content is None:
        raise NotFound
    return step.content


def texts(session: Session, notices: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What data subjects asked for, by the notice that passes it on, in its language.

    Of one whose data were erased it says that.
    """
    query = (
        sa.select(Concern.notice_id, Request, Notice.language)
        .join(Request, Request.id == Concern.request_id)
        .join(Notice, Notice.id == Concern.notice_id)
        .where(Concern.notice_id.in_(list(notices)))
    )
    found = {}
    for notice_id, head, language in session.execute(query).all():
        words = Words(language)
        what = known(session, head)
        found[notice_id] = rules.shown_text(what, words) if what is not None else words.say(ERASED)
    return found


def of_notice(session: Session, notice_id: uuid.UUID) -> tuple[Request, Concern]:
    """The request that a notice passes on, and what became of it there.

    Raises:
        NotFound: it passes none on.
    """
    query = (
        sa.select(Request, Concern)
        .join(Concern, Concern.request_id == Request.id)
        .where(Concern.notice_id == notice_id)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def to_erase(session: Session, before: datetime, most: int | None = None) -> list[Request]:
    """The requests that were closed before an instant and still say who the person is."""
    query = (
        sa.select(Request)
        .where(Request.closed_at < before, Request.erased_at.is_(None))
        .order_by(Request.closed_at, Request.code)
        .limit(most)
    )
    return list(session.scalars(query))


class Due(NamedTuple):
    """A controller's time that ends, or a request without a controller."""

    head: Request
    owner: Controller | None
    until: date | None


def waiting(session: Session, until: date, most: int) -> list[Due]:
    """What falls due: requests without a controller, then times that end, the soonest first."""
    last = sa.case((Concern.extended_on.is_(None), Concern.due), else_=Concern.extended_due)
    free = Request.phase == Phase.UNASSIGNED
    query = (
        sa.select(Request, Controller, last)
        .join(Concern, Concern.request_id == Request.id, isouter=True)
        .join(Controller, Controller.id == Concern.controller_id, isouter=True)
        .where(
            Request.closed_at.is_(None),
            sa.or_(free, sa.and_(Concern.outcome.is_(None), last <= until)),
        )
        .order_by(sa.case((free, 0), else_=1), last, Request.code)
        .limit(most)
    )
    return [Due(row[0], row[1], row[2]) for row in session.execute(query)]
