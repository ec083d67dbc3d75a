"""Letters of notices of a breach: for the mail room, and its slips coming back."""

from flask import Blueprint
from flask_babel import gettext as _

from app.breaches.views import frame, way
from app.house import house
from app.notices import mail_room
from app.notices.mail_room import Room
from registers.breaches import queries
from registers.breaches.dossiers import of_breach
from registers.people.roles import Permission

blueprint = Blueprint("breach_letters", __name__)


def _room(code: str) -> Room:
    head = queries.one(house().session, code)
    return Room(
        head.code,
        of_breach(head.id),
        "breaches/letters.html",
        frame(head),
        way(head),
        _("No letter was written about this breach yet."),
    )


mail_room.pages(blueprint, "/breaches/<code>/letters", Permission.BREACHES_READ, _room)
