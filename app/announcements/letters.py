"""Pages of letters: addresses for the mail room, and its slips coming back as a table."""

from flask import Blueprint
from flask_babel import gettext as _

from app.announcements.views import announced, frame, way
from app.house import house
from app.notices import mail_room
from app.notices.mail_room import Room
from registers.announcements import queries
from registers.people.roles import Permission

blueprint = Blueprint("letters", __name__)


def _room(code: str) -> Room:
    head = announced(code)
    return Room(
        head.code,
        queries.cause_of(head),
        "announcements/letters.html",
        frame(head, queries.changes_of(house().session, head.id)),
        way(head),
        _("No contract of this announcement asks for a letter."),
    )


mail_room.pages(blueprint, "/announcements/<code>/letters", Permission.ANNOUNCEMENTS_READ, _room)
