"""What tests of announcements share: a draft that can be announced, and the first notices."""

import uuid
from datetime import UTC, date, datetime

import sqlalchemy as sa
from msgspec.structs import replace

from registers.announcements import drafting, facts, operations, planning
from registers.announcements.vocabulary import ChangeKind
from registers.controllers.models import Controller
from registers.kernel.act import Actor
from registers.kernel.history import How
from registers.notices.models import Matter, Notice
from registers.people.roles import Permission
from registers.subprocessors import operations as dossiers
from registers.subprocessors.facts import Subprocessor

ANNOUNCED_ON = date(2026, 3, 30)
AT = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
DRAFT = How(ANNOUNCED_ON, "Projet")

NEWCOMER = Subprocessor(
    name="Messagerie Boréale SAS",
    address="4 quai des Brumes",
    postcode="29200",
    city="Brest",
    contact_name="Service clients",
    contact_email="contact@boreale.example",
    processing="Envoi des courriels de notification des applications.",
    contract_reference="MB-2026-7",
    contract_starts_on=date(2026, 6, 1),
    no_transfer=True,
)

INTENDED = facts.Announcement(
    title="Envoi des courriels par Messagerie Boréale",
    changes=(
        facts.Change(
            code="BOREALE",
            kind=ChangeKind.ADDITION,
            planned_on=date(2026, 6, 1),
            reason="Meilleure délivrabilité.",
        ),
    ),
    dpo_opinion="Favorable.",
    decided_by="Maëlle Kerbrat",
    decided_on=date(2026, 3, 27),
)


def somebody(name: str) -> Actor:
    """A person with an account who may do everything."""
    return Actor("user", frozenset(Permission), uuid.uuid5(uuid.NAMESPACE_DNS, name), name)


ANNOUNCER, COLLEAGUE = somebody("Alix"), somebody("Bérénice")


def drafted(database, clock, known=INTENDED, newcomer=NEWCOMER, at=AT):
    """A draft in the fictional register, at the end of March 2026 or at another moment."""
    clock.at = at
    with database.acting(ANNOUNCER) as act:
        dossiers.record(act, "BOREALE", newcomer, DRAFT)
        return drafting.draft(act, known, DRAFT)


def announced(database, clock, at=AT, **more):
    """An announcement that was made on 30 March 2026, or at another moment."""
    known = replace(INTENDED, **more)
    head = drafted(database, clock, known, at=at)
    count = len(plan(database, known, at.date()).addressees)
    with database.acting(ANNOUNCER) as act:
        return operations.announce(act, head.id, 1, count, at.date())


def plan(database, known=INTENDED, day=ANNOUNCED_ON):
    """What announcing would do."""
    with database.reading() as session:
        return planning.plan(session, known, day)


def rows(database, model, *where):
    """The rows of a table."""
    with database.reading() as session:
        return list(session.scalars(sa.select(model).where(*where)))


def matters(database):
    """The matters of the first notices by the code of their controller."""
    with database.reading() as session:
        query = (
            sa.select(Controller.code, Matter)
            .join(Matter, Matter.controller_id == Controller.id)
            .join(Notice, Notice.id == Matter.notice_id)
            .where(Notice.kind == "subprocessors")
        )
        return {row[0]: row[1] for row in session.execute(query)}
