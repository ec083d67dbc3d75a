"""Pages of the own stores: what is over its time, the second person's word, requests of access."""

import io
import json
import uuid

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.dossiers import Editing
from app.facts import Hints
from app.gate import acting, needs
from app.house import house
from app.languages import say, short, words
from app.stores import forms
from registers.kernel import sheets
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.periods import add_months
from registers.kernel.words import Text, text
from registers.people import queries as people
from registers.people.roles import Permission
from registers.retention import facts
from registers.retention.models import OwnErasure
from registers.retention.vocabulary import OwnStore
from registers.stores import answering, erasing, finding, limits, places, requesters, telling
from registers.stores.answering import Person

blueprint = Blueprint("stores", __name__)

SHOWN = 50


@blueprint.get("/stores")
@needs(Permission.OWN_STORES)
def listed() -> ResponseReturnValue:
    """The own stores with their limits, what is over its time, and what was decided."""
    session, today, zone = house().session, house().today, house().settings.zone
    known = limits.limits(session)
    rows = erasing.rounds(session, SHOWN)
    return render_template(
        "stores/list.html",
        known=known,
        head=limits.head(session),
        stores=[(store, limits.until(known, store, today)) for store in OwnStore],
        due={each.store: each.found for each in erasing.due(session, today, zone, house().now())},
        requests_before=add_months(today, -known.request_months),
        requests_over=len(requesters.over(session, today, zone)),
        rows=rows,
        names=people.names(session, {row.decided_by for row in rows}),
        form=forms.Asked(),
    )


@blueprint.route("/stores/limits", methods=["GET", "POST"])
@needs(Permission.OWN_STORES)
def edit() -> ResponseReturnValue:
    """Sets how long the own stores are kept."""
    return dossiers.edit(
        Editing(
            title=_("Limits of the own stores"),
            facts=facts.OwnLimits,
            hints=Hints(),
            sections={_("Kept for"): tuple(facts.OwnLimits.__struct_fields__)},
            back=url_for("stores.listed"),
            save=limits.set_limits,
            done=lambda _changed: url_for("stores.listed"),
            crumbs=((_("Own stores"), url_for("stores.listed")), (_("Limits"), "")),
            dated=False,
        ),
        limits.head(house().session),
        facts.OwnLimits(),
    )


@blueprint.route("/stores/rounds/<uuid:erasure_id>", methods=["GET", "POST"])
@needs(Permission.OWN_STORES)
def decide(erasure_id: uuid.UUID) -> ResponseReturnValue:
    """A person's word on what the worker proposed to erase."""
    row = house().session.get(OwnErasure, erasure_id)
    if row is None:
        raise NotFound
    form = forms.Decided()
    if form.validate_on_submit():
        yes = form.confirmed.data == "yes"
        try:
            with acting() as act:
                erasing.decide(act, erasure_id, confirmed=yes, reason=form.reason.data or "")
        except GreffeError as error:
            form.refuse(error)
            row = house().session.get_one(OwnErasure, erasure_id)
        else:
            flash(_("Your word is recorded. The background work does it now."), "good")
            return redirect(url_for("stores.listed"))
    page = render_template("stores/decide.html", row=row, form=form)
    return page, 422 if form.problems() else 200


@blueprint.route("/stores/person", methods=["GET", "POST"])
@needs(Permission.OWN_STORES)
def person() -> ResponseReturnValue:
    """Everything held of somebody, Art. 15. Asked in the body: no address stands in any log."""
    session, zone = house().session, house().settings.zone
    form = forms.Asked()
    asked = None
    if searched := form.validate_on_submit():
        asked = _asked(form.email.data or "", form.name.data or "")
    found = answering.everything(session, asked) if asked else []
    page = render_template(
        "stores/person.html",
        asked=asked,
        searched=searched,
        found=found,
        most=finding.MOST,
        not_searched=finding.NOT_SEARCHED,
        stores=sorted({say(each) for each in _stores()}),
        label=lambda said: telling.label(said, words()),
        value=lambda said: telling.value(said, words(), zone),
        when=lambda at: telling.when(at, words(), zone),
        form=form,
    )
    return page, 422 if form.problems() else 200


def _stores() -> list[Text]:
    more = [text("Account"), text("Session"), text("Link to the portal"), text("Journal")]
    return [*places.VERSIONS.values(), *(each.store for each in places.ROWS.values()), *more]


def _asked(email: str, name: str) -> Person | None:
    try:
        return answering.person(house().session, email, name)
    except NotFound:
        return None


@blueprint.post("/stores/person.<form>")
@needs(Permission.OWN_STORES)
def give_out(form: str) -> ResponseReturnValue:
    """The same as a sheet or as JSON; the journal says that it was given out."""
    session, zone = house().session, house().settings.zone
    asked = answering.person(session, request.form.get("email", ""), request.form.get("name", ""))
    found = answering.everything(session, asked)
    if form == "json":
        plain = telling.plain(found, words())
        content = json.dumps(plain, ensure_ascii=False, indent=1).encode()
        sort = "application/json"
    elif form == "xlsx":
        headings = [_("Store"), _("When"), _("What")]
        rows = (
            (
                say(each.store),
                telling.when(each.at, words(), zone),
                telling.line(each, words(), zone),
            )
            for each in found
        )
        content = sheets.xlsx(headings, rows)
        sort = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        raise NotFound
    with acting() as act:
        answering.answered(act, asked, len(found))
    name = f"{short(house().today).replace('/', '-')}.{form}"
    return send_file(io.BytesIO(content), sort, as_attachment=True, download_name=name)
