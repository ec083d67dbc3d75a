"""Bringing controllers in from a table: sent, looked at row by row, then imported."""

import uuid

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.controllers import forms
from app.forms import Form
from app.gate import acting, actor, needs
from app.house import house
from registers.activities import queries as register
from registers.controllers import columns, importing, operations
from registers.controllers.importing import Fate, Plan, Request
from registers.kernel import sheets, uploads
from registers.kernel.errors import GreffeError, NotFound
from registers.people.roles import Permission

blueprint = Blueprint("importing", __name__)

SHOWN_ROWS = 300


@blueprint.route("/import/controllers", methods=["GET", "POST"])
@needs(Permission.EXCHANGE)
def upload() -> ResponseReturnValue:
    """Takes a table and leads to what it would do."""
    form = forms.Upload()
    if form.validate_on_submit():
        file = form.file.data
        try:
            content, name = file.read(), file.filename or "table"
            sheets.read(content, name)
            with house().upkeep() as traces:
                sent = uploads.keep(traces, actor().reference, name, content, house().now())
        except GreffeError as error:
            form.refuse(error)
        else:
            model = form.model.data
            return redirect(url_for("importing.look", upload_id=sent, model=model))
    return render_template("controllers/import.html", form=form, headings=columns.HEADINGS)


@blueprint.get("/import/controllers/<uuid:upload_id>")
@needs(Permission.EXCHANGE)
def look(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Shows every row's fate before anything is written."""
    form = forms.Confirm(
        upload=str(upload_id), model=request.args.get("model"), reason=_("Import from a table")
    )
    try:
        planned = importing.plan(house().session, _request(upload_id, form))
    except NotFound:
        raise
    except GreffeError as error:
        form.refuse(error)
        return render_template("controllers/import_refused.html", form=form), 422
    return _shown(planned, form)


@blueprint.post("/import/controllers/<uuid:upload_id>")
@needs(Permission.EXCHANGE)
def confirm(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Imports the table as it was shown, in one act."""
    form = forms.Confirm()
    if not form.validate_on_submit():
        return _shown(importing.plan(house().session, _request(upload_id, form)), form)
    asked = _request(upload_id, form)
    with acting() as act:
        done = importing.import_all(act, asked)
    with house().upkeep() as traces:
        uploads.forget(traces, upload_id)
    new, changed, unchanged = (
        done.count(fate) for fate in (Fate.NEW, Fate.CHANGED, Fate.UNCHANGED)
    )
    flash(
        _(
            "Imported: %(new)s new, %(changed)s changed, %(unchanged)s unchanged rows.",
            new=new,
            changed=changed,
            unchanged=unchanged,
        ),
        "good",
    )
    return redirect(url_for("controllers.listed"))


@blueprint.get("/import/controllers/example.csv")
@needs(Permission.EXCHANGE)
def example() -> ResponseReturnValue:
    """A table with all headings and one fictional row, to begin from."""
    row = {
        "code": "VILLE-EXEMPLE",
        "name": "Commune d’Exemple",
        "kind": "commune",
        "postcode": "74100",
        "city": "Exemple",
        "notice_email": "dpo@ville.example",
        "breach_email": "astreinte@ville.example",
        "contract_reference": "C-2026-001",
        "contract_start": "2026-03-01",
        "contract_end": "2027-02-28",
        "breach_channels": "email registered_letter",
        "notice_period": "2 months",
    }
    lines = [";".join(columns.HEADINGS), ";".join(row.get(name, "") for name in columns.HEADINGS)]
    content = "\ufeff" + "\r\n".join(lines) + "\r\n"
    return Response(
        content,
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=controllers.csv"},
    )


def _request(upload_id: uuid.UUID, form: forms.Confirm) -> Request:
    session, today = house().session, house().today
    sent = uploads.kept(session, upload_id, actor().reference)
    return Request(
        sheet=sheets.read(sent.content, sent.name),
        terms=operations.terms_of_model(session, form.model.data or operations.STANDARD, today),
        activities=frozenset(register.activity_names(session)),
        today=today,
        reason=form.reason.data or "",
    )


def _shown(planned: Plan, form: Form) -> ResponseReturnValue:
    order = {fate: place for place, fate in enumerate((Fate.REFUSED, Fate.CHANGED, Fate.NEW))}
    rows = sorted(planned.rows, key=lambda row: (order.get(row.fate, 9), row.number))
    return render_template(
        "controllers/import_plan.html",
        form=form,
        rows=rows[:SHOWN_ROWS],
        more=max(0, len(rows) - SHOWN_ROWS),
        counts={fate: planned.count(fate) for fate in Fate},
        fates=Fate,
    )
