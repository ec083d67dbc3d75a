"""Pages of controllers and of the organisation."""

import uuid
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.controllers import forms
from app.dossiers import Editing
from app.gate import acting, needs
from app.house import house
from app.lists import addresses, cut
from registers.activities import queries as register
from registers.controllers import facts, operations, queries, rules, style
from registers.controllers.models import Controller, Organisation
from registers.controllers.queries import Filters
from registers.controllers.vocabulary import ContactKind, ContactRole, ControllerKind
from registers.dpo import telling
from registers.kernel import audit, calendars
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.history import How
from registers.people.roles import Permission
from registers.press.house_style import DEFAULT_ACCENT

blueprint = Blueprint("controllers", __name__)

SHOWN_ENTRIES = 20


@blueprint.get("/controllers")
@needs(Permission.CONTROLLERS_READ)
def listed() -> ResponseReturnValue:
    """All controllers, searched, filtered, page by page."""
    names = [name for name in asdict(Filters()) if name not in {"ended", "order"}]
    given = {name: request.args.get(name, "") for name in names}
    filters = Filters(
        **given, ended="ended" in request.args, order=request.args.get("order", "name")
    )
    return render_template(
        "controllers/list.html",
        page=queries.controllers(house().session, filters, cut()),
        filters=filters,
        kinds=ControllerKind,
        activities=register.activity_names(house().session),
        address=addresses(),
        filtered=any(given.values()),
    )


@blueprint.route("/controllers/new", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def new() -> ResponseReturnValue:
    """Records a controller."""
    return dossiers.edit(
        Editing(
            title=_("Record a controller"),
            facts=facts.Controller,
            hints=forms.controller_hints(),
            sections=forms.controller_sections(),
            back=url_for("controllers.listed"),
            save=lambda act, known, _base, how: operations.record_controller(
                act, request.form["code"], known, how
            ),
            done=lambda head: url_for("controllers.one", code=head.code),
            crumbs=((_("Controllers"), url_for("controllers.listed")), (_("New"), "")),
            coded=True,
        ),
        None,
    )


@blueprint.get("/controllers/<code>")
@needs(Permission.CONTROLLERS_READ)
def one(code: str) -> ResponseReturnValue:
    """A controller's dossier on a day: who it is, what it agreed, what is lacking."""
    session, day = house().session, dossiers.asked_day()
    head = queries.controller(session, code)
    dated = dossiers.on_day(head, day)
    known = dated.facts if dated else None
    contracts = queries.contracts_of(session, head.id, day)
    ids = {link.contact for link in known.contacts} if known else set()
    return render_template(
        "controllers/one.html",
        head=head,
        dated=dated,
        known=known,
        day=day,
        contracts=contracts,
        contacts=queries.contact_facts(session, ids, day),
        findings=rules.controller_findings(known) if known else [],
        contract_findings={held.head.id: rules.contract_findings(held.known) for held in contracts},
        notice_dates={held.head.id: rules.notice_dates(held.known) for held in contracts},
        activities=register.activity_names(session),
        successions=queries.successions_of(session, head.id),
        entries=audit.within(session, head, SHOWN_ENTRIES),
        sections=forms.controller_sections(),
        depends_on_commune=calendars.calendar(head.calendar).depends_on_commune,
    )


@blueprint.route("/controllers/<code>/edit", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Adds a version to a controller."""
    head = queries.controller(house().session, code)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=head.name),
            facts=facts.Controller,
            hints=forms.controller_hints(),
            sections=forms.controller_sections(),
            back=dossier(head),
            save=lambda act, known, base, how: operations.change_controller(
                act, head.id, known, base, how
            ),
            done=lambda _changed: dossier(head),
            crumbs=(*way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.get("/controllers/<code>/history")
@needs(Permission.CONTROLLERS_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of a controller."""
    head = queries.controller(house().session, code)
    return dossiers.show_history(head, head.name, (*way(head), (_("History"), "")))


@blueprint.route("/controllers/<code>/contacts/new", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def new_link(code: str) -> ResponseReturnValue:
    """Names a point of contact for a controller: one on record, or a new one."""
    head = queries.controller(house().session, code)
    form = forms.Link(effective_from=house().today, role=request.args.get("role"))
    if form.validate_on_submit():
        try:
            _link(head, form)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("The point of contact is named."), "good")
            return redirect(dossier(head))
    return render_template("controllers/link.html", head=head, form=form, crumbs=way(head))


def _link(head: Controller, form: forms.Link) -> None:
    how = How(form.effective_from.data, form.reason.data)
    with acting() as act:
        on_record = queries.contact_by_email(act.session, form.email.data or "")
        if on_record is None:
            described = facts.Contact(
                kind=ContactKind(form.kind.data),
                name=form.name.data or "",
                function=form.function.data or "",
                email=form.email.data or "",
                phone=form.phone.data or "",
            )
            on_record = operations.record_contact(act, described, how)
            act.session.flush()
        link = facts.ContactLink(role=ContactRole(form.role.data), contact=on_record.id)
        operations.name_contact(act, head.id, link, how)


@blueprint.post("/controllers/<code>/contacts/remove")
@needs(Permission.CONTROLLERS_EDIT)
def remove_link(code: str) -> ResponseReturnValue:
    """Takes a role from a point of contact, from today on; the history keeps it."""
    head = queries.controller(house().session, code)
    try:
        gone = facts.ContactLink(
            role=ContactRole(request.form["role"]), contact=uuid.UUID(request.form["contact"])
        )
    except (KeyError, ValueError) as error:
        raise NotFound from error
    with acting() as act:
        how = How(house().today, _("Point of contact removed"))
        operations.release_contact(act, head.id, gone, how)
    flash(_("Removed from today on."))
    return redirect(dossier(head))


@blueprint.route("/controllers/<code>/succession", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def succession(code: str) -> ResponseReturnValue:
    """Lets another controller take this one's place, with all its contracts."""
    head = queries.controller(house().session, code)
    form = forms.Succession(effective_from=house().today)
    if form.validate_on_submit():
        try:
            successor = queries.controller(house().session, form.successor.data)
            how = How(form.effective_from.data, form.reason.data)
            with acting() as act:
                operations.merge(act, [head.id], successor.id, how)
        except NotFound:
            form.successor.errors = [_("There is no controller with this code.")]
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("The succession is recorded."), "good")
            return redirect(dossier(successor))
    return render_template("controllers/succession.html", head=head, form=form, crumbs=way(head))


@blueprint.get("/organisation")
@needs(Permission.REGISTER_READ)
def organisation() -> ResponseReturnValue:
    """The organisation as it stands on every paper."""
    session, day = house().session, dossiers.asked_day()
    return render_template(
        "controllers/organisation.html",
        head=queries.organisation(session),
        known=queries.organisation_facts(session, day),
        sections=forms.organisation_sections(),
        day=day,
        look=style.chosen(session).style,
        default_accent=DEFAULT_ACCENT,
        untold=telling.untold(session, house().today),
    )


@blueprint.route("/organisation/edit", methods=["GET", "POST"])
@needs(Permission.ORGANISATION_EDIT)
def edit_organisation() -> ResponseReturnValue:
    """Describes the organisation, or describes it anew."""
    return dossiers.edit(
        Editing(
            title=_("Describe the organisation"),
            facts=facts.Organisation,
            hints=forms.organisation_hints(),
            sections=forms.organisation_sections(),
            back=url_for("controllers.organisation"),
            save=operations.describe_organisation,
            done=lambda _head: url_for("controllers.organisation"),
            crumbs=((_("Organisation"), url_for("controllers.organisation")), (_("Change"), "")),
        ),
        queries.organisation(house().session),
    )


@blueprint.get("/organisation/history")
@needs(Permission.REGISTER_READ)
def organisation_past() -> ResponseReturnValue:
    """All versions of the organisation's description."""
    head = queries.organisation(house().session)
    if not isinstance(head, Organisation):
        raise NotFound
    crumbs = ((_("Organisation"), url_for("controllers.organisation")), (_("History"), ""))
    return dossiers.show_history(head, head.name, crumbs)


def dossier(head: Controller) -> str:
    """Where a controller's dossier is."""
    return url_for("controllers.one", code=head.code)


def way(head: Controller) -> tuple[tuple[str, str], ...]:
    """The way to a controller's dossier."""
    return ((_("Controllers"), url_for("controllers.listed")), (head.name, dossier(head)))
