"""Pages of contracts and of models of terms."""

import uuid

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.controllers import forms
from app.controllers.views import dossier as controller_dossier
from app.controllers.views import way
from app.dossiers import Editing
from app.gate import acting, may, needs
from app.house import house
from app.lists import addresses, cut
from registers.activities import queries as register
from registers.controllers import facts, operations, queries, rules, terms
from registers.controllers.models import Contract, Controller, TermsModel
from registers.controllers.queries import Filters
from registers.controllers.vocabulary import LETTERS, ClauseState
from registers.kernel import audit, history
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.history import How
from registers.kernel.identifiers import checked_code
from registers.people.roles import Permission
from registers.retention import queries as retention
from registers.retention.models import Ending

blueprint = Blueprint("contracts", __name__)

SHOWN_ENTRIES = 20


@blueprint.get("/contracts")
@needs(Permission.CONTROLLERS_READ)
def listed() -> ResponseReturnValue:
    """All contracts, by reference."""
    filters = Filters(
        search=request.args.get("search", ""),
        gaps=request.args.get("gaps", ""),
        ended="ended" in request.args,
    )
    page = queries.contracts(house().session, filters, cut())
    return render_template(
        "controllers/contracts.html", page=page, filters=filters, address=addresses()
    )


@blueprint.get("/contracts/terms")
@needs(Permission.CONTROLLERS_READ)
def tracker() -> ResponseReturnValue:
    """The terms that run, with their renewals and the last day to give notice."""
    session, today = house().session, house().today
    search = request.args.get("search", "")
    page = queries.running(session, search, cut())
    known = history.all_latest(session, Contract, [row[0].id for row in page.rows])
    rows = [
        (head, owner, known[head.id], terms.course(known[head.id], today))
        for head, owner in page.rows
    ]
    return render_template(
        "controllers/terms.html",
        page=page,
        rows=rows,
        search=search,
        today=today,
        reason=terms.reason,
        address=addresses(),
    )


@blueprint.route("/controllers/<code>/contracts/new", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def new(code: str) -> ResponseReturnValue:
    """Records a contract of a controller, with the terms of a model to begin with."""
    owner = queries.controller(house().session, code)
    model = request.args.get("model", operations.STANDARD)
    begun = operations.terms_of_model(house().session, model, house().today)
    known = facts.Contract(controller=owner.id, reference="", terms=begun)
    return dossiers.edit(
        Editing(
            title=_("Record a contract of %(name)s", name=owner.name),
            facts=facts.Contract,
            hints=forms.contract_hints(),
            sections=forms.contract_sections(),
            back=controller_dossier(owner),
            save=lambda act, typed, _base, how: operations.record_contract(act, typed, how),
            done=lambda head: url_for("contracts.one", contract_id=head.id),
            crumbs=(*way(owner), (_("New contract"), "")),
            begins=lambda typed: typed.starts_on or house().today,
        ),
        None,
        known,
    )


@blueprint.get("/contracts/<uuid:contract_id>")
@needs(Permission.CONTROLLERS_READ)
def one(contract_id: uuid.UUID) -> ResponseReturnValue:
    """A contract on a day: what was agreed, and what it lacks."""
    session, day = house().session, dossiers.asked_day()
    head = queries.contract(session, contract_id)
    dated = dossiers.on_day(head, day)
    known = dated.facts if dated else None
    return render_template(
        "controllers/contract.html",
        head=head,
        owner=session.get_one(Controller, known.controller if known else head.controller_id),
        dated=dated,
        known=known,
        day=day,
        findings=rules.contract_findings(known) if known else [],
        course=terms.course(known, day) if known else None,
        reason=terms.reason,
        today=house().today,
        ended=_ended(contract_id),
        activities=register.activity_names(session),
        letters=LETTERS,
        clauses={clause.code: clause for clause in known.clauses} if known else {},
        entries=audit.within(session, head, SHOWN_ENTRIES),
    )


@blueprint.route("/contracts/<uuid:contract_id>/edit", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def edit(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Adds a version to a contract."""
    head = queries.contract(house().session, contract_id)
    return dossiers.edit(
        Editing(
            title=_("Change contract %(reference)s", reference=head.reference),
            facts=facts.Contract,
            hints=forms.contract_hints(),
            sections=forms.contract_sections(),
            back=_dossier(head),
            save=lambda act, known, base, how: operations.change_contract(
                act, head.id, known, base, how
            ),
            done=lambda _changed: _dossier(head),
            crumbs=(*_way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.route("/contracts/<uuid:contract_id>/review", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def review(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Checks the contract against the eight letters of Art. 28(3)."""
    head = queries.contract(house().session, contract_id)
    known = history.latest(house().session, head)
    form = forms.Review(effective_from=house().today, base=head.latest)
    said = {clause.code: clause for clause in known.clauses}
    if form.validate_on_submit():
        clauses = tuple(
            facts.Clause(
                code=letter,
                state=ClauseState(request.form[f"state-{letter}"]),
                reference=request.form.get(f"reference-{letter}", "").strip(),
            )
            for letter in LETTERS
            if request.form.get(f"state-{letter}") in {state.value for state in ClauseState}
        )
        said = {clause.code: clause for clause in clauses}
        try:
            reviewed = msgspec.structs.replace(known, clauses=clauses)
            how = How(form.effective_from.data, form.reason.data)
            with acting() as act:
                operations.change_contract(act, head.id, reviewed, form.base.data, how)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "good")
            return redirect(_dossier(head))
    return render_template(
        "controllers/review.html",
        head=head,
        form=form,
        letters=LETTERS,
        states=ClauseState,
        said=said,
        crumbs=(*_way(head), (_("Check against Art. 28(3)"), "")),
    )


@blueprint.get("/contracts/<uuid:contract_id>/history")
@needs(Permission.CONTROLLERS_READ)
def past(contract_id: uuid.UUID) -> ResponseReturnValue:
    """All versions of a contract."""
    head = queries.contract(house().session, contract_id)
    owners = house().session.get(Controller, head.controller_id)
    named = {head.controller_id: owners.name} if owners else {}
    crumbs = (*_way(head), (_("History"), ""))
    return dossiers.show_history(head, head.reference, crumbs, named=named)


@blueprint.route("/contracts/<uuid:contract_id>/transfer", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def transfer(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Lets the contract go over to another controller."""
    head = queries.contract(house().session, contract_id)
    form = forms.Succession(effective_from=house().today)
    if form.validate_on_submit():
        try:
            to = queries.controller(house().session, form.successor.data)
            how = How(form.effective_from.data, form.reason.data)
            with acting() as act:
                operations.transfer(act, head.id, to.id, how)
        except NotFound:
            form.successor.errors = [_("There is no controller with this code.")]
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("The transfer is recorded."), "good")
            return redirect(_dossier(head))
    return render_template("controllers/transfer.html", head=head, form=form, crumbs=_way(head))


@blueprint.get("/terms")
@needs(Permission.CONTROLLERS_READ)
def models() -> ResponseReturnValue:
    """The models of terms."""
    session = house().session
    found = queries.terms_models(session)
    known = history.all_latest(session, TermsModel, [head.id for head in found])
    built_in = operations.STANDARD not in {head.code for head in found}
    return render_template(
        "controllers/models.html",
        heads=found,
        known=known,
        built_in=facts.Terms() if built_in else None,
    )


@blueprint.get("/terms/new")
@needs(Permission.CONTROLLERS_EDIT)
def new_model() -> ResponseReturnValue:
    """Leads to the form of a model under a code that was typed."""
    code = checked_code(request.args.get("code", ""))
    return redirect(url_for("contracts.model", code=code))


@blueprint.route("/terms/<code>", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def model(code: str) -> ResponseReturnValue:
    """Records or changes a model of terms; contracts keep what they were given."""
    head = next((each for each in queries.terms_models(house().session) if each.code == code), None)
    return dossiers.edit(
        Editing(
            title=_("Model of terms “%(code)s”", code=code),
            facts=facts.TermsModel,
            hints=forms.contract_hints(),
            sections={_("Model"): ("name", "terms")},
            back=url_for("contracts.models"),
            save=lambda act, known, base, how: operations.record_terms_model(
                act, code, known, base, how
            ),
            done=lambda _head: url_for("contracts.models"),
            crumbs=((_("Models of terms"), url_for("contracts.models")), (code, "")),
        ),
        head,
        facts.TermsModel(name=code),
    )


def _ended(contract_id: uuid.UUID) -> list[Ending]:
    """What ended under a contract, for whoever may read it."""
    if not may(Permission.RETENTION_READ):
        return []
    return retention.endings_of(house().session, contract_id)


def _dossier(head: Contract) -> str:
    return url_for("contracts.one", contract_id=head.id)


def _way(head: Contract) -> tuple[tuple[str, str], ...]:
    owner = house().session.get_one(Controller, head.controller_id)
    return (*way(owner), (head.reference, _dossier(head)))
