"""Pages on which numbers of persons and records come from a table: sent, looked at, recorded."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import downloads
from app.breaches import forms
from app.breaches.views import frame
from app.gate import acting, actor, needs
from app.house import house
from registers.breaches import counting, queries
from registers.breaches.counting import Fate, Row
from registers.breaches.models import Breach
from registers.kernel import sheets, uploads
from registers.kernel.errors import GreffeError, NotFound
from registers.people.roles import Permission

blueprint = Blueprint("counting", __name__)

PLACE = "/breaches/<code>/affected/numbers"
SHOWN_ROWS = 300


@blueprint.get(f"{PLACE}.xlsx")
@needs(Permission.BREACHES_READ)
def table(code: str) -> ResponseReturnValue:
    """The affected contracts with the numbers on record, to be filled in and sent back."""
    session = house().session
    head = queries.one(session, code)
    headings = ["code", "contract", _("name"), "persons", "records"]
    content = sheets.xlsx(headings, counting.table(session, head))
    return downloads.saved(content, downloads.XLSX, f"{code}-numbers.xlsx")


@blueprint.route(f"{PLACE}/import", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def upload(code: str) -> ResponseReturnValue:
    """Takes a table and leads to what it would record."""
    head = queries.one(house().session, code)
    form = forms.Table()
    if form.validate_on_submit():
        file = form.file.data
        try:
            content, name = file.read(), file.filename or "table"
            counting.plan(house().session, head, sheets.read(content, name))
            with house().upkeep() as traces:
                sent = uploads.keep(traces, actor().reference, name, content, house().now())
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
        else:
            return redirect(url_for("counting.look", code=code, upload_id=sent))
    page = render_template(
        "breaches/numbers.html",
        **frame(head, _("Numbers from a table")),
        form=form,
        headings=counting.HEADINGS,
    )
    return page, 422 if form.problems() else 200


@blueprint.get(f"{PLACE}/import/<uuid:upload_id>")
@needs(Permission.BREACHES_RECORD)
def look(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Shows every row's fate before anything is written."""
    head = queries.one(house().session, code)
    rows = counting.plan(house().session, head, _sheet(upload_id))
    order = {fate: place for place, fate in enumerate((Fate.REFUSED, Fate.CHANGED, Fate.NEW))}
    ordered = sorted(rows, key=lambda row: (order.get(row.fate, len(order)), row.number))
    return render_template(
        "breaches/numbers_plan.html",
        **frame(head, _("Numbers from a table")),
        rows=ordered[:SHOWN_ROWS],
        more=max(0, len(ordered) - SHOWN_ROWS),
        counts={fate: _count(rows, fate) for fate in Fate},
        fates=Fate,
    )


def _sheet(upload_id: uuid.UUID) -> sheets.Sheet:
    sent = uploads.kept(house().session, upload_id, actor().reference)
    return sheets.read(sent.content, sent.name)


def _count(rows: list[Row], fate: Fate) -> int:
    return sum(row.fate is fate for row in rows)


@blueprint.post(f"{PLACE}/import/<uuid:upload_id>")
@needs(Permission.BREACHES_RECORD)
def confirm(code: str, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Records the numbers as they were shown, in one act."""
    if not forms.Nothing().validate_on_submit():
        raise NotFound
    head, sheet = queries.one(house().session, code), _sheet(upload_id)
    with acting() as act:
        rows = counting.record(act, act.take(Breach, head.id), sheet)
    with house().upkeep() as traces:
        uploads.forget(traces, upload_id)
    done = _count(rows, Fate.NEW) + _count(rows, Fate.CHANGED)
    flash(
        ngettext(
            "Numbers of %(num)s contract recorded.", "Numbers of %(num)s contracts recorded.", done
        ),
        "good",
    )
    return redirect(url_for("affected.listed", code=code))
