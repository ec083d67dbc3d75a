"""Pages of the organisation's own file of a breach: it is itself controller of data touched."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.breaches import forms
from app.breaches.views import frame, way
from app.dossiers import Editing
from app.gate import needs
from app.house import house
from app.languages import moment
from registers.breaches import own, owning, queries
from registers.kernel import history
from registers.kernel.errors import NotFound
from registers.people.roles import Permission

blueprint = Blueprint("owning", __name__)

PLACE = "/breaches/<code>/own"
INSTANTS = ("notified",)


@blueprint.get(PLACE)
@needs(Permission.BREACHES_READ)
def one(code: str) -> ResponseReturnValue:
    """Our own time, what is still to be done, what was recorded."""
    session = house().session
    head = queries.one(session, code)
    case, around = owning.case_of(session, head), frame(head)
    if around["own_case"] is None and case is None:
        return render_template("breaches/own.html", **around, known=None, case=None)
    known = history.latest(session, case) if case else own.Own()
    notified = known.notified
    return render_template(
        "breaches/own.html",
        **around,
        known=known,
        case=case,
        sections=forms.own_sections(),
        own={"notified": moment(notified.moment(), notified.zone) if notified else ""},
    )


@blueprint.route(f"{PLACE}/edit", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def edit(code: str) -> ResponseReturnValue:
    """Records what was assessed, told to the authority and to the persons."""
    session = house().session
    head = queries.one(session, code)
    case = owning.case_of(session, head)
    before = history.latest(session, case) if case else own.Own()
    place = url_for("owning.one", code=code)

    def save(act: Any, known: own.Own, base: int, how: history.How) -> list[str]:
        forms.require_asked(known, before, INSTANTS)
        return owning.record(act, head.id, known, base, how)

    return dossiers.edit(
        Editing(
            title=_("Our own file of %(code)s, as controller", code=code),
            facts=own.Own,
            hints=forms.own_hints(),
            sections=forms.own_sections(),
            back=place,
            save=save,
            done=lambda _changed: place,
            crumbs=(*way(head), (_("Our own data"), place), (_("Change"), "")),
            dated=False,
        ),
        case,
        before,
    )


@blueprint.get(f"{PLACE}/history")
@needs(Permission.BREACHES_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of our own file."""
    session = house().session
    head = queries.one(session, code)
    case = owning.case_of(session, head)
    if case is None:
        raise NotFound
    crumbs = (*way(head), (_("Our own data"), url_for("owning.one", code=code)))
    return dossiers.show_history(case, head.code, (*crumbs, (_("History"), "")))
