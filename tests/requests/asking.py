"""What tests of requests share."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from registers.controllers.models import Controller
from registers.requests import operations
from registers.requests.facts import Request
from registers.requests.vocabulary import Channel, Right
from tests.announcements.telling import ANNOUNCER

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)

ASKED = Request(
    rights=(Right.ACCESS, Right.ERASURE),
    channel=Channel.LETTER,
    received_on=date(2026, 11, 20),
    name="Marguerite Vidal",
    email="m.vidal@courrier.example",
    address="Marguerite Vidal\n3 rue Haute\n48000 Mende",
    words="Je souhaite savoir quelles données vous avez sur moi.\nEt leur effacement.",
)


def controllers_of(database, *codes):
    """The identifiers of controllers, by code."""
    with database.reading() as session:
        query = sa.select(Controller.code, Controller.id).order_by(Controller.code)
        found = dict(session.execute(query).all())
    return [found[code] for code in codes] if codes else list(found.values())


def recorded(database, known=ASKED, concerned=(), **more):
    """A request that was taken in."""
    with database.acting(ANNOUNCER) as act:
        return operations.record(act, known, concerned, today=DAY, **more)
