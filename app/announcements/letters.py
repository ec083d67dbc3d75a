"""Pages of letters: addresses for the mail room, and its slips coming back as a table."""

import uuid

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.announcements.views import announced, frame, way
from app.gate import needs
from app.house import house
from app.notices import mail_room
from app.notices.forms import Slips
from registers.announcements import queries
from registers.people.roles import Permission

blueprint = Blueprint("letters", __name__)


@blueprint.get("/announcements/<code>/letters")
@needs(Permission.ANNOUNCEMENTS_READ)
def page(code: str) -> ResponseReturnValue:
    """The letters of an announcement: how many, where they stand, the tables."""
    return _page(code, Slips(formdata=None))


def _page(code: str, form: Slips) -> str:
    head = announced(code)
    return render_template(
        "announcements/letters.html",
        **frame(head, queries.changes_of(house().session, head.id)),
        **mail_room.state(queries.cause_of(head)),
        form=form,
        table=url_for("letters.table", code=code),
        print=url_for("announcement_papers.to_print", code=code),
        no_letter=_("No contract of this announcement asks for a letter."),
    )


@blueprint.get("/announcements/<code>/letters.csv")
@needs(Permission.ANNOUNCEMENTS_READ)
def table(code: str) -> ResponseReturnValue:
    """The addresses for the mail room, with the columns that it fills in."""
    head = announced(code)
    return mail_room.table(queries.cause_of(head), head.code)


@blueprint.post("/announcements/<code>/letters")
@needs(Permission.RECEIPTS_RECORD)
def upload(code: str) -> ResponseReturnValue:
    """Takes the table of the mail room, and leads to what it would record."""
    announced(code)
    form = Slips()
    sent = mail_room.take(form) if form.validate_on_submit() else None
    if sent is None:
        return _page(code, form), 422
    return redirect(url_for("letters.look", code=code, upload_id=sent))


@blueprint.get("/announcements/<code>/letters/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def look(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Shows every row's fate before anything is written."""
    head = announced(code)
    back = url_for("letters.page", code=code)
    return render_template(
        "notices/slips.html",
        **mail_room.fates(upload_id),
        head=head,
        back=back,
        crumbs=(*way(head), (_("Letters"), back), (_("Slips"), "")),
    )


@blueprint.post("/announcements/<code>/letters/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def record(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Records the slips as they were shown, some at a time: what is recorded stays recorded."""
    announced(code)
    mail_room.record(upload_id)
    return redirect(url_for("letters.page", code=code))
