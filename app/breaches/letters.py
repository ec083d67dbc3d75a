"""Letters of notices of a breach: for the mail room, and its slips coming back."""

import uuid

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.breaches.views import frame, way
from app.gate import needs
from app.house import house
from app.notices import mail_room
from app.notices.forms import Slips
from registers.breaches import queries
from registers.breaches.dossiers import of_breach
from registers.people.roles import Permission

blueprint = Blueprint("breach_letters", __name__)

PLACE = "/breaches/<code>/letters"


@blueprint.get(PLACE)
@needs(Permission.BREACHES_READ)
def page(code: str) -> ResponseReturnValue:
    """The letters of a breach: how many, where they stand, the tables."""
    return _page(code, Slips(formdata=None))


def _page(code: str, form: Slips) -> str:
    head = queries.one(house().session, code)
    return render_template(
        "breaches/letters.html",
        **frame(head),
        **mail_room.state(of_breach(head.id)),
        form=form,
        table=url_for("breach_letters.table", code=code),
        print=url_for("breach_letters.to_print", code=code),
        no_letter=_("No letter was written about this breach yet."),
    )


@blueprint.get(f"{PLACE}.csv")
@needs(Permission.BREACHES_READ)
def table(code: str) -> ResponseReturnValue:
    """The addresses for the mail room, with the columns that it fills in."""
    head = queries.one(house().session, code)
    return mail_room.table(of_breach(head.id), head.code)


@blueprint.get(f"{PLACE}.pdf")
@needs(Permission.BREACHES_READ)
def to_print(code: str) -> ResponseReturnValue:
    """The registered letters that are still to be deposited, for the printer."""
    head = queries.one(house().session, code)
    return mail_room.to_print(of_breach(head.id), head.code)


@blueprint.post(PLACE)
@needs(Permission.RECEIPTS_RECORD)
def upload(code: str) -> ResponseReturnValue:
    """Takes the table of the mail room, and leads to what it would record."""
    queries.one(house().session, code)
    form = Slips()
    sent = mail_room.take(form) if form.validate_on_submit() else None
    if sent is None:
        return _page(code, form), 422
    return redirect(url_for("breach_letters.look", code=code, upload_id=sent))


@blueprint.get(f"{PLACE}/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def look(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Shows every row's fate before anything is written."""
    head = queries.one(house().session, code)
    back = url_for("breach_letters.page", code=code)
    return render_template(
        "notices/slips.html",
        **mail_room.fates(upload_id),
        head=head,
        back=back,
        crumbs=(*way(head), (_("Letters"), back), (_("Slips"), "")),
    )


@blueprint.post(f"{PLACE}/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def record(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Records the slips as they were shown, some at a time: what is recorded stays recorded."""
    queries.one(house().session, code)
    mail_room.record(upload_id)
    return redirect(url_for("breach_letters.page", code=code))
