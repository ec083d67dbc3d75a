"""Announcements as screens read them."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements.cases import announcement_of, known_of
from registers.announcements.models import Announcement, Answer, Case, Change, Objection
from registers.announcements.tallies import Alike, Tally
from registers.announcements.vocabulary import (
    FIRST,
    ChangeKind,
    Phase,
    Topic,
)
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import DispatchState
from registers.subprocessors import facts as dossiers
from registers.subprocessors.models import Subprocessor


def listed(
    session: Session, search: str, phase: str, wanted: Cut, topic: str = ""
) -> Page[Announcement]:
    """A page of all announcements, the newest first."""
    query = sa.select(Announcement)
    for word in fold(search).split():
        query = query.where(contains(Announcement.search, word))
    if phase in {each.value for each in Phase}:
        query = query.where(Announcement.phase == Phase(phase))
    if topic in {each.value for each in Topic}:
        query = query.where(Announcement.topic == Topic(topic))
    page: Page[Announcement] = pages.cut(
        session, query, [Announcement.code], wanted, descending=True
    )
    return page


def one(session: Session, code: str) -> Announcement:
    """One announcement.

    Raises:
        NotFound: there is none with this number.
    """
    found = session.scalar(sa.select(Announcement).where(Announcement.code == code))
    if found is None:
        raise NotFound
    return found


def kin(session: Session, head: Announcement) -> tuple[Announcement | None, Announcement | None]:
    """The announcement that one corrects, and the one that corrects it, announced or drafted."""
    before = session.get(Announcement, head.revises_id) if head.revises_id else None
    after = (
        sa.select(Announcement)
        .where(Announcement.revises_id == head.id, Announcement.phase != Phase.WITHDRAWN)
        .order_by(Announcement.code.desc())
        .limit(1)
    )
    return before, session.scalar(after)


TIMELINE = 200


def timeline(session: Session, head: Announcement, changes: Sequence[Change]) -> list[audit.Entry]:
    """What happened to an announcement as a whole, and every objection, the newest first."""
    objections = (
        sa.select(Objection.id)
        .join(Case, Case.matter_id == Objection.matter_id)
        .where(Case.announcement_id == head.id)
        .distinct()
    )
    about = [
        audit.name_of(head),
        *(audit.name_of(each) for each in changes),
        *(f"objection:{key}" for key in session.scalars(objections)),
    ]
    return entries_about(session, about, TIMELINE)


def entries_about(session: Session, about: Collection[str], most: int) -> list[audit.Entry]:
    """The newest entries of the journal about some rows."""
    query = sa.select(audit.Entry).where(audit.Entry.about.in_(about))
    return list(session.scalars(query.order_by(audit.Entry.number.desc()).limit(most)))


class Concerning(NamedTuple):
    """An announced change of a sub-processor, and where its controllers stand."""

    announcement: Announcement
    change: Change
    tally: Tally

    @property
    def engaged(self) -> dict[date, int]:
        """For how many contracts it is engaged, by the day since when."""
        found: Counter[date] = Counter()
        for each in self.tally.alike:
            if each.known.engaged_on:
                found[each.known.engaged_on] += each.cases
        return dict(sorted(found.items()))


COMING = (ChangeKind.ADDITION, ChangeKind.REPLACEMENT)


def concerning(session: Session, subprocessor_id: uuid.UUID, day: date) -> list[Concerning]:
    """The announced changes that are about a sub-processor, the newest first."""
    query = (
        sa.select(Change, Announcement)
        .join(Announcement, Announcement.id == Change.announcement_id)
        .where(
            sa.or_(Change.subprocessor_id == subprocessor_id, Change.replaces_id == subprocessor_id)
        )
        .order_by(Announcement.code.desc(), Change.position)
    )
    found = [(row[0], row[1]) for row in session.execute(query)]
    counted = (
        sa.select(Case.change_id, Case.known, sa.func.count())
        .where(
            Case.announcement_id.in_({head.id for _, head in found}),
            Case.change_id.in_({change.id for change, _ in found}),
        )
        .group_by(Case.change_id, Case.known)
    )
    alike: dict[uuid.UUID, list[Alike]] = {}
    for change_id, stored, count in session.execute(counted):
        alike.setdefault(change_id, []).append(Alike(known_of(stored), stored, count))
    return [
        Concerning(head, change, Tally(day, alike.get(change.id, ()))) for change, head in found
    ]


def drafts_for(session: Session, code: str) -> list[Announcement]:
    """The drafts that name a sub-processor, the newest first."""
    query = sa.select(Announcement).where(Announcement.phase == Phase.DRAFT)
    heads = list(session.scalars(query.order_by(Announcement.code.desc())))
    known = history.all_latest(session, Announcement, [head.id for head in heads])
    return [
        head
        for head in heads
        if any(code in {each.code, each.replaces} for each in known[head.id].changes)
    ]


def in_objection(session: Session) -> set[uuid.UUID]:
    """The sub-processors that are announced and not engaged yet: their windows are running."""
    query = (
        sa.select(Change.subprocessor_id)
        .join(Announcement, Announcement.id == Change.announcement_id)
        .join(Subprocessor, Subprocessor.id == Change.subprocessor_id)
        .where(
            Announcement.phase == Phase.ANNOUNCED,
            Change.kind.in_(COMING),
            Subprocessor.state == dossiers.State.PROPOSED,
        )
    )
    return set(session.scalars(query))


class Running(NamedTuple):
    """An announcement that is under way, and where its cases stand."""

    head: Announcement
    tally: Tally


def running(session: Session, day: date) -> list[Running]:
    """The announcements that are under way, the newest first, in one statement."""
    query = (
        sa.select(Announcement, Case.known, sa.func.count())
        .join(Case, Case.announcement_id == Announcement.id)
        .where(Announcement.phase == Phase.ANNOUNCED)
        .group_by(Announcement.id, Case.known)
        .order_by(Announcement.code.desc())
    )
    alike: dict[Announcement, list[Alike]] = {}
    for head, stored, count in session.execute(query):
        alike.setdefault(head, []).append(Alike(known_of(stored), stored, count))
    return [Running(head, Tally(day, found)) for head, found in alike.items()]


class Unanswered(NamedTuple):
    """An objection that nobody answered yet."""

    objection: Objection
    announcement: Announcement
    name: str


def unanswered(session: Session, most: int) -> list[Unanswered]:
    """The objections under running announcements that wait for an answer, the oldest first."""
    answered = sa.select(Answer.id).where(Answer.objection_id == Objection.id)
    query = (
        sa.select(Objection, Announcement, Controller.name)
        .join(Matter, Matter.id == Objection.matter_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Announcement, Announcement.id == announcement_of(Objection.matter_id))
        .where(~answered.exists(), Announcement.phase == Phase.ANNOUNCED)
        .order_by(Objection.received_on, Objection.id)
        .limit(most)
    )
    return [Unanswered(*row) for row in session.execute(query)]


def cause_of(head: Announcement) -> sa.ColumnElement[bool]:
    """Whether a notice tells of this announcement: the first one, or one that followed."""
    name = audit.name_of(head)
    return sa.func.substr(Notice.cause, 1, len(name)) == name


def left(session: Session, head: Announcement) -> int:
    """How many of its notices may have been read already: a withdrawal tells these recipients."""
    query = (
        sa.select(sa.func.count(sa.distinct(Dispatch.notice_id)))
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(
            cause_of(head),
            Notice.kind.in_(FIRST),
            Dispatch.state.not_in([DispatchState.TO_DO, DispatchState.CANCELLED]),
        )
    )
    return session.scalar(query) or 0


class Way(NamedTuple):
    """How many messages or letters stand where, on one channel."""

    channel: Channel
    state: DispatchState
    number: int


def ways(session: Session, head: Announcement) -> list[Way]:
    """What became of the messages and letters of an announcement, channel by channel."""
    query = (
        sa.select(Dispatch.channel, Dispatch.state, sa.func.count())
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(cause_of(head))
        .group_by(Dispatch.channel, Dispatch.state)
        .order_by(Dispatch.channel, Dispatch.state)
    )
    return [Way(*row) for row in session.execute(query)]


def changes_of(session: Session, announcement_id: uuid.UUID) -> Sequence[Change]:
    """The changes of an announcement, in order."""
    query = sa.select(Change).where(Change.announcement_id == announcement_id)
    return session.scalars(query.order_by(Change.position)).all()
