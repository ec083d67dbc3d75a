"""Pages of letters: addresses for the mail room, and its slips coming back as a table."""

import io
import uuid

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.announcements import forms
from app.announcements.views import announced, frame, way
from app.gate import acting, actor, needs
from app.house import house
from app.languages import words
from registers.announcements import queries
from registers.kernel import sheets, uploads
from registers.kernel.errors import GreffeError, NotFound
from registers.notices import letters as mail_room
from registers.notices import post
from registers.notices.letters import Fate, Row
from registers.notices.vocabulary import BY_POST
from registers.people.roles import Permission

blueprint = Blueprint("letters", __name__)

SHOWN_ROWS = 300
TOGETHER = 200
"""How many rows are recorded in one act: others wait no longer than that."""


@blueprint.get("/announcements/<code>/letters")
@needs(Permission.ANNOUNCEMENTS_READ)
def page(code: str) -> ResponseReturnValue:
    """The letters of an announcement: how many, where they stand, the tables."""
    return _page(code, forms.Slips(formdata=None))


def _page(code: str, form: forms.Slips) -> str:
    session, head = house().session, announced(code)
    return render_template(
        "announcements/letters.html",
        **frame(head, queries.changes_of(session, head.id)),
        ways=[each for each in queries.ways(session, head) if each.channel in BY_POST],
        form=form,
        headings=mail_room.HEADINGS,
    )


@blueprint.get("/announcements/<code>/letters.csv")
@needs(Permission.ANNOUNCEMENTS_READ)
def table(code: str) -> ResponseReturnValue:
    """The addresses for the mail room, with the columns that it fills in."""
    head = announced(code)
    rows = mail_room.letters(house().session, queries.cause_of(head), words())
    content = sheets.semicolons(mail_room.headings(words().language), rows)
    return send_file(
        io.BytesIO(content),
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{head.code}-letters.csv",
    )


@blueprint.post("/announcements/<code>/letters")
@needs(Permission.RECEIPTS_RECORD)
def upload(code: str) -> ResponseReturnValue:
    """Takes the table of the mail room, and leads to what it would record."""
    announced(code)
    form = forms.Slips()
    if form.validate_on_submit():
        file = form.file.data
        try:
            content, name = file.read(), file.filename or "table"
            mail_room.plan(house().session, sheets.read(content, name), house().today)
            with house().upkeep() as traces:
                sent = uploads.keep(traces, actor().reference, name, content, house().now())
        except GreffeError as error:
            form.refuse(error)
        else:
            return redirect(url_for("letters.look", code=code, upload_id=sent))
    return _page(code, form), 422


@blueprint.get("/announcements/<code>/letters/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def look(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Shows every row's fate before anything is written."""
    head = announced(code)
    rows = _planned(upload_id)
    order = {fate: place for place, fate in enumerate((Fate.REFUSED, Fate.NEW, Fate.UNCHANGED))}
    ordered = sorted(rows, key=lambda row: (order[row.fate], row.number))
    return render_template(
        "announcements/slips.html",
        head=head,
        rows=ordered[:SHOWN_ROWS],
        more=max(0, len(ordered) - SHOWN_ROWS),
        counts={fate: mail_room.count(rows, fate) for fate in Fate},
        fates=Fate,
        upload_id=upload_id,
        crumbs=(
            *way(head),
            (_("Letters"), url_for("letters.page", code=code)),
            (_("Slips"), ""),
        ),
    )


def _planned(upload_id: uuid.UUID) -> list[Row]:
    session = house().session
    sent = uploads.kept(session, upload_id, actor().reference)
    return mail_room.plan(session, sheets.read(sent.content, sent.name), house().today)


@blueprint.post("/announcements/<code>/letters/<uuid:upload_id>")
@needs(Permission.RECEIPTS_RECORD)
def record(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Records the slips as they were shown, some at a time: what is recorded stays recorded."""
    announced(code)
    if not forms.Nothing().validate_on_submit():
        raise NotFound
    rows = [row for row in _planned(upload_id) if row.fate is Fate.NEW and row.dispatch_id]
    slips = [(row.dispatch_id, slip) for row in rows for slip in row.slips if row.dispatch_id]
    for start in range(0, len(slips), TOGETHER):
        with acting() as act:
            post.follow_posts(act, slips[start : start + TOGETHER])
    with house().upkeep() as traces:
        uploads.forget(traces, upload_id)
    flash(ngettext("%(num)s slip is recorded.", "%(num)s slips are recorded.", len(slips)), "good")
    return redirect(url_for("letters.page", code=code))
