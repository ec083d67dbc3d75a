"""Pages of what falls due and of what ended: the list, the dossier, choice and return."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.forms import Form
from app.gate import acting, may, needs
from app.house import house
from app.lists import addresses, cut
from app.retention import forms
from registers.activities.vocabulary import Trigger
from registers.controllers import queries as parties
from registers.controllers.vocabulary import EndChoice
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.people import queries as people
from registers.people.roles import Permission
from registers.retention import opening, operations, queries, returning
from registers.retention.falling import Event
from registers.retention.models import Ending
from registers.retention.operations import Said
from registers.retention.queries import Dossier, Filters, Show

blueprint = Blueprint("retention", __name__)

SHOWN_ENTRIES = 20
SHOWN_MORE = 50
SOON = timedelta(days=30)


@blueprint.get("/retention")
@needs(Permission.RETENTION_READ)
def listed() -> ResponseReturnValue:
    """The cases, those whose day comes first at the top."""
    show = request.args.get("show", Show.UNDONE.value)
    filters = Filters(request.args.get("search", ""), show)
    today = house().today
    return render_template(
        "retention/list.html",
        page=queries.cases(house().session, filters, today, cut()),
        filters=filters,
        shows=Show,
        returns=returning.unanswered(house().session, SHOWN_MORE),
        uncertified=queries.to_certify(house().session, SHOWN_MORE),
        today=today,
        soon=today + SOON,
        address=addresses(),
    )


@blueprint.route("/retention/new", methods=["GET", "POST"])
@needs(Permission.RETENTION_OPEN)
def new() -> ResponseReturnValue:
    """Records that a service, an intervention, a request or a relationship ended."""
    form = forms.Ended(controller=request.args.get("controller", ""))
    if form.validate_on_submit():
        try:
            event = _event(form)
            with acting() as act:
                ending = opening.open_by_hand(act, event)
        except NotFound:
            form.controller.errors = [_("There is no such controller, or no such contract.")]
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Recorded, with the cases that fall due."), "good")
            return redirect(url_for("retention.one", code=ending.code))
    page = render_template("retention/new.html", form=form)
    return page, 422 if form.problems() else 200


def _event(form: forms.Ended) -> Event:
    session = house().session
    owner = parties.controller(session, form.controller.data)
    contract_id = None
    if form.reference.data:
        held = parties.contracts_of(session, owner.id, form.event_on.data)
        named = [each.head.id for each in held if each.head.reference == form.reference.data]
        if not named:
            raise NotFound
        contract_id = named[0]
    return Event(
        Trigger(form.trigger.data),
        owner.id,
        form.event_on.data,
        contract_id,
        (form.activity.data,) if form.activity.data else (),
        form.what.data or "",
    )


@blueprint.get("/retention/<code>")
@needs(Permission.RETENTION_READ)
def one(code: str) -> ResponseReturnValue:
    """What ended: its cases, the controller's choice, the return, erasures and their proofs."""
    session = house().session
    found = queries.dossier(session, code)
    authors = {each.proposed_by for each in found.erasures}
    return render_template(
        "retention/one.html",
        **frame(found),
        today=house().today,
        names=people.names(session, authors),
        entries=audit.within(session, found.ending, SHOWN_ENTRIES),
    )


SOURCES = {
    Trigger.INTERVENTION_END: ("interventions.one", Permission.INTERVENTIONS_READ),
    Trigger.REQUEST_END: ("requests.one", Permission.REQUESTS_READ),
}
"""The pages of what a register knows ended, and who may look at them."""


def frame(found: Dossier) -> dict[str, Any]:
    """What stands around every page of one ending."""
    head, source = found.ending, ""
    if head.about:
        page, permission = SOURCES[head.trigger]
        source = url_for(page, code=head.what) if may(permission) else ""
    return {"found": found, "head": head, "owner": found.owner, "source": source}


def way(head: Ending) -> tuple[tuple[str, str], ...]:
    """The way to what ended."""
    return (
        (_("Retention"), url_for("retention.listed")),
        (head.code, url_for("retention.one", code=head.code)),
    )


def typed(
    head: Ending,
    form: Form,
    do: Callable[[Act], Any],
    *,
    title: str,
    done: str,
    back: str = "",
    **more: Any,
) -> ResponseReturnValue:
    """Shows a short form about what ended, and does what it says."""
    back = back or url_for("retention.one", code=head.code)
    return typed_on(way(head), form, do, title=title, done=done, back=back, **more)


def typed_on(
    trail: tuple[tuple[str, str], ...],
    form: Form,
    do: Callable[[Act], Any],
    *,
    title: str,
    done: str,
    back: str,
    **more: Any,
) -> ResponseReturnValue:
    """Shows a short form at the end of a way, and does what it says."""
    if form.validate_on_submit():
        try:
            with acting() as act:
                do(act)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(done, "good")
            return redirect(back)
    page = render_template(
        "retention/typed.html",
        form=form,
        title=title,
        back=back,
        crumbs=(*trail, (title, "")),
        **more,
    )
    return page, 422 if form.problems() else 200


@blueprint.route("/retention/<code>/choice", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def choose(code: str) -> ResponseReturnValue:
    """Records whether the controller chose erasure or return."""
    head, form = queries.ending(house().session, code), forms.Chosen(chosen_on=house().today)

    def do(act: Act) -> None:
        said = Said(form.by_name.data or "", form.by_function.data or "", form.file())
        choice = EndChoice(form.choice.data)
        operations.choose(act, head.id, choice, form.chosen_on.data, said)

    return typed(
        head,
        form,
        do,
        title=_("Erasure or return: the controller’s choice"),
        done=_("The choice is recorded."),
    )


@blueprint.get("/retention/<code>/proofs/<digest>")
@needs(Permission.RETENTION_READ)
def proof(code: str, digest: str) -> ResponseReturnValue:
    """A document that is kept as a proof: to keep, never shown in the page."""
    found = queries.dossier(house().session, code)
    kept = queries.proofs_of(house().session, found)
    if digest not in kept:
        raise NotFound
    return downloads.proof(digest, code)
