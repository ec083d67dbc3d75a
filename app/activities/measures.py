"""Pages of security measures."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.activities import forms
from app.dossiers import Editing
from app.gate import needs
from app.house import house
from app.languages import say
from app.lists import addresses, cut
from registers.activities import facts, operations, queries
from registers.activities.models import Measure
from registers.activities.vocabulary import HEADINGS, Family
from registers.people.roles import Permission

blueprint = Blueprint("measures", __name__)


@blueprint.get("/measures")
@needs(Permission.REGISTER_READ)
def listed() -> ResponseReturnValue:
    """The catalogue of measures, by family."""
    search, family = request.args.get("search", ""), request.args.get("family", "")
    page = queries.measures(house().session, search, family, cut())
    return render_template(
        "activities/measures.html",
        page=page,
        search=search,
        family=family,
        families=Family,
        address=addresses(),
    )


@blueprint.route("/measures/new", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def new() -> ResponseReturnValue:
    """Records a measure."""
    return dossiers.edit(
        Editing(
            title=_("Record a measure"),
            facts=facts.Measure,
            hints=forms.measure_hints(),
            sections=forms.measure_sections(),
            back=url_for("measures.listed"),
            save=lambda act, known, _base, how: operations.record_measure(
                act, request.form["code"], known, how
            ),
            done=lambda head: _dossier(head.code),
            crumbs=((_("Measures"), url_for("measures.listed")), (_("New"), "")),
            coded=True,
        ),
        None,
    )


@blueprint.get("/measures/<code>")
@needs(Permission.REGISTER_READ)
def one(code: str) -> ResponseReturnValue:
    """A measure on a day."""
    day = dossiers.asked_day()
    head = queries.measure(house().session, code)
    return render_template(
        "activities/measure.html",
        head=head,
        day=day,
        dated=dossiers.on_day(head, day),
        headings={number: f"{number}. {say(title)}" for number, title in HEADINGS.items()},
        sections=forms.measure_sections(),
    )


@blueprint.route("/measures/<code>/edit", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Adds a version to a measure."""
    head = queries.measure(house().session, code)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=head.name),
            facts=facts.Measure,
            hints=forms.measure_hints(),
            sections=forms.measure_sections(),
            back=_dossier(code),
            save=lambda act, known, base, how: operations.change_measure(
                act, head.id, known, base, how
            ),
            done=lambda _changed: _dossier(code),
            crumbs=(*_way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.get("/measures/<code>/history")
@needs(Permission.REGISTER_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of a measure."""
    head = queries.measure(house().session, code)
    return dossiers.show_history(head, head.name, (*_way(head), (_("History"), "")))


def _dossier(code: str) -> str:
    return url_for("measures.one", code=code)


def _way(head: Measure) -> tuple[tuple[str, str], ...]:
    return ((_("Measures"), url_for("measures.listed")), (head.name, _dossier(head.code)))
