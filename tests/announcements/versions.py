"""What tests of updates share: a draft that can be announced, and the first notices."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from msgspec.structs import replace

from registers.announcements import drafting, facts, operations
from registers.controllers.models import Controller
from registers.kernel.history import How
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import Result, record_results
from registers.notices.vocabulary import NoticeKind
from tests.announcements.telling import ANNOUNCER, plan, rows

TOLD_ON, PLANNED_ON = date(2026, 11, 3), date(2026, 11, 18)
LAST_DAY = date(2026, 11, 11)
AT = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SHEET = b"%PDF-1.7 fiche de version\n%%EOF"

UPDATE = facts.Update(
    product="Portail des démarches",
    version="7.2",
    activities=("P1", "P2"),
    published_on=date(2026, 10, 12),
    planned_on=PLANNED_ON,
    starts_at="21:30",
    duration="Deux heures, l’application étant indisponible.",
    summary="Nouveau module de rendez-vous ; les données déjà enregistrées sont conservées.",
)
INTENDED = facts.Announcement(title="Portail des démarches 7.2", update=UPDATE)


def drafted(database, clock, at=AT, **more):
    """The draft of an update with its version sheet."""
    clock.at = at
    how = How(at.date(), "Projet")
    with database.acting(ANNOUNCER) as act:
        head = drafting.draft(act, replace(INTENDED, update=replace(UPDATE, **more)), how)
    with database.acting(ANNOUNCER) as act:
        drafting.attach(act, head.id, 1, how, name="fiche-7.2.pdf", content=SHEET)
    return head


def announced(database, clock, at=AT, **more):
    """An update that was announced on 3 November 2026 for the 18th, or otherwise."""
    head = drafted(database, clock, at, **more)
    known = replace(INTENDED, update=replace(UPDATE, **more), sheet="x", sheet_name="x")
    count = len(plan(database, known, at.date()).addressees)
    with database.acting(ANNOUNCER) as act:
        return operations.announce(act, head.id, 2, count, at.date())


def left(database):
    """All messages leave."""
    with database.acting(ANNOUNCER) as act:
        ways = rows(database, Dispatch)
        record_results(act, [Result(way.id, True, "250 OK") for way in ways])


def matters(database, kind=NoticeKind.UPDATE):
    """The matters of the notices of a kind by the code of their controller."""
    with database.reading() as session:
        query = (
            sa.select(Controller.code, Matter)
            .join(Matter, Matter.controller_id == Controller.id)
            .join(Notice, Notice.id == Matter.notice_id)
            .where(Notice.kind == kind)
        )
        return {row[0]: row[1] for row in session.execute(query)}
