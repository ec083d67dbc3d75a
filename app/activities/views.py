"""Pages of the register of processing."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.activities import forms
from app.dossiers import Editing
from app.gate import acting, needs
from app.house import house
from app.lists import addresses, cut
from registers.activities import facts, operations, queries, rules
from registers.activities.models import Activity
from registers.activities.vocabulary import ActivityRole
from registers.kernel import audit, history
from registers.people.roles import Permission
from registers.subprocessors import queries as subprocessors

blueprint = Blueprint("activities", __name__)

SHOWN_ENTRIES = 20
SHOWN_CONTRACTS = 100


@blueprint.get("/activities")
@needs(Permission.REGISTER_READ)
def listed() -> ResponseReturnValue:
    """The register: all activities, by code."""
    given = {name: request.args.get(name, "") for name in ("search", "role", "gaps")}
    page = queries.activities(house().session, **given, wanted=cut())
    return render_template(
        "activities/list.html", page=page, given=given, roles=ActivityRole, address=addresses()
    )


@blueprint.route("/activities/new", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def new() -> ResponseReturnValue:
    """Opens an activity, as a draft."""
    return dossiers.edit(
        Editing(
            title=_("Record an activity"),
            facts=facts.Activity,
            hints=forms.activity_hints(),
            sections=forms.activity_sections(),
            back=url_for("activities.listed"),
            save=lambda act, known, _base, how: operations.record_activity(
                act, request.form["code"], known, how
            ),
            done=lambda head: _dossier(head.code),
            crumbs=((_("Register"), url_for("activities.listed")), (_("New"), "")),
            coded=True,
        ),
        None,
    )


@blueprint.get("/activities/<code>")
@needs(Permission.REGISTER_READ)
def one(code: str) -> ResponseReturnValue:
    """An activity as it is in force on a day, or its draft."""
    session, day = house().session, dossiers.asked_day()
    head = queries.activity(session, code)
    in_force = history.in_force(session, Activity, day, [head.id], queries.VALIDATED)
    dated = in_force.get(head.id)
    shows_draft = "draft" in request.args or (dated is None and "on" not in request.args)
    known = history.latest(session, head) if shows_draft else (dated.facts if dated else None)
    names = queries.measure_names(session)
    names |= {each.code: each.name for each in subprocessors.everyone(session)}
    return render_template(
        "activities/one.html",
        head=head,
        day=day,
        dated=dated,
        known=known,
        shows_draft=shows_draft and head.is_draft,
        changes=_changes(head, dated) if head.is_draft else [],
        findings=rules.findings(known) if known else [],
        carried_out=queries.carried_out(session, head.code, SHOWN_CONTRACTS),
        entries=audit.within(session, head, SHOWN_ENTRIES),
        sections=forms.activity_sections(),
        names=names,
        validate=forms.Validate(number=head.latest),
    )


def _changes(head: Activity, dated: history.Dated[facts.Activity] | None) -> list[history.Change]:
    before = dated.facts if dated else None
    return history.compare(before, history.latest(house().session, head))


@blueprint.route("/activities/<code>/edit", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Adds a version to an activity, as a draft."""
    head = queries.activity(house().session, code)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=f"{head.code} – {head.name}"),
            facts=facts.Activity,
            hints=forms.activity_hints(),
            sections=forms.activity_sections(),
            back=_dossier(code),
            save=lambda act, known, base, how: operations.change_activity(
                act, head.id, known, base, how
            ),
            done=lambda _changed: url_for("activities.one", code=code, draft=1),
            crumbs=(*_way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.post("/activities/<code>/validate")
@needs(Permission.REGISTER_VALIDATE)
def validate(code: str) -> ResponseReturnValue:
    """The DPO's word that the draft is right."""
    head = queries.activity(house().session, code)
    form = forms.Validate()
    if form.validate_on_submit():
        with acting() as act:
            operations.validate_activity(act, head.id, form.number.data)
        flash(_validated(head), "good")
    return redirect(_dossier(code))


def _validated(head: Activity) -> str:
    day, today = head.effective_from, house().today
    in_force = history.in_force(house().session, Activity, today, [head.id], queries.VALIDATED)
    if day > today:
        return _("Validated: it takes effect on %(day)s.", day=f"{day:%d/%m/%Y}")
    if in_force[head.id].number == head.latest:
        return _("Validated: it is in force from %(day)s.", day=f"{day:%d/%m/%Y}")
    return _(
        "Validated: it holds from %(day)s to the next version; another one is in force today.",
        day=f"{day:%d/%m/%Y}",
    )


@blueprint.post("/activities/<code>/abandon")
@needs(Permission.REGISTER_VALIDATE)
def abandon(code: str) -> ResponseReturnValue:
    """Lets a draft go; the history keeps it."""
    head = queries.activity(house().session, code)
    form = forms.Validate()
    if form.validate_on_submit():
        with acting() as act:
            operations.abandon_draft(act, head.id, form.number.data, _("Draft abandoned"))
        flash(_("The draft is abandoned; the history keeps it."))
    return redirect(_dossier(code))


@blueprint.get("/activities/<code>/history")
@needs(Permission.REGISTER_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of an activity, and which were validated."""
    head = queries.activity(house().session, code)
    validations = queries.validations(house().session, head.id)
    return dossiers.show_history(
        head,
        f"{head.code} – {head.name}",
        (*_way(head), (_("History"), "")),
        validations=validations,
        named=queries.measure_names(house().session),
    )


def _dossier(code: str) -> str:
    return url_for("activities.one", code=code)


def _way(head: Activity) -> tuple[tuple[str, str], ...]:
    return ((_("Register"), url_for("activities.listed")), (head.code, _dossier(head.code)))
