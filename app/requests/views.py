"""Pages of requests: the list, the intake, a dossier, what is done with it."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers, downloads
from app.dossiers import Editing
from app.downloads import pdf
from app.gate import acting, actor, may, needs
from app.house import house
from app.lists import addresses, cut
from app.pressing import press_of
from app.requests import forms
from registers.controllers import queries as controllers
from registers.kernel import audit
from registers.kernel.errors import Conflict, GreffeError, NotFound
from registers.kernel.words import text
from registers.people import queries as people
from registers.people.roles import Permission
from registers.requests import erasing, facts, following, operations, passing, queries, rules
from registers.requests.following import Happened
from registers.requests.models import Concern, Request
from registers.requests.vocabulary import Phase, Right, What
from registers.retention import queries as retention
from registers.stores import limits, requesters

blueprint = Blueprint("requests", __name__)

SHOWN_ENTRIES = 20


@blueprint.get("/requests")
@needs(Permission.REQUESTS_READ)
def listed() -> ResponseReturnValue:
    """All requests, the newest first."""
    search, only = request.args.get("search", ""), request.args.get("only", "open")
    return render_template(
        "requests/list.html",
        page=queries.listed(house().session, search, only, cut()),
        search=search,
        only=only,
        today=house().today,
        address=addresses(),
        Right=Right,
    )


@blueprint.get("/controllers/<code>/requests")
@needs(Permission.REQUESTS_READ)
def of_controller(code: str) -> ResponseReturnValue:
    """The requests that were passed on to a controller."""
    owner = controllers.controller(house().session, code)
    return render_template(
        "requests/of_controller.html",
        owner=owner,
        rows=queries.of_controller(house().session, owner.id),
        today=house().today,
        Right=Right,
        crumbs=(
            (_("Controllers"), url_for("controllers.listed")),
            (owner.name, url_for("controllers.one", code=code)),
            (_("Requests"), ""),
        ),
    )


@blueprint.route("/requests/new", methods=["GET", "POST"])
@needs(Permission.REQUESTS_RECORD)
def new() -> ResponseReturnValue:
    """Takes a request in: it is acknowledged and passed on at once."""
    form = forms.Intake(received_on=house().today, controllers=request.args.get("controller"))
    if form.validate_on_submit():
        try:
            concerned = forms.named_in(form.controllers.data or "")
            with acting() as act:
                head = operations.record(
                    act,
                    form.known(),
                    concerned,
                    today=house().today,
                    repeats=form.repeats.data or "",
                    reason=_("First record"),
                )
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_recorded(head), "good")
            return redirect(url_for("requests.one", code=head.code))
    page = render_template("requests/new.html", form=form)
    return page, 422 if form.problems() else 200


def _recorded(head: Request) -> str:
    if head.phase is Phase.FORWARDED:
        return _("Recorded: it is passed on to the controller now.")
    return _("Recorded. Now find the controller that it concerns.")


@blueprint.get("/requests/<code>")
@needs(Permission.REQUESTS_READ)
def one(code: str) -> ResponseReturnValue:
    """A request: what is asked for, until when, what was done."""
    session = house().session
    head = queries.one(session, code)
    steps = queries.steps(session, head)
    former = queries.by_id(session, head.repeats_id) if head.repeats_id else None
    return render_template(
        "requests/one.html",
        **frame(head),
        known=queries.known(session, head),
        concerns=queries.concerns(session, [head.id]).get(head.id, []),
        steps=steps,
        former=former,
        rule=_rule,
        caveat=rules.CAVEAT,
        names=people.names(session, {each.author for each in steps}),
        sections=forms.sections(),
        opened=retention.cases_about(session, audit.name_of(head))
        if may(Permission.RETENTION_READ)
        else [],
        severally=True,
        kept_until=requesters.kept_until(
            limits.limits(session), head.closed_at, house().settings.zone
        )
        if head.closed_at
        else None,
        entries=audit.within(session, head, SHOWN_ENTRIES),
    )


def _rule(concern: Concern) -> tuple[Any, ...]:
    """How the time of a controller was counted, as it was frozen."""
    return rules.explained(concern.extension if concern.extended_on else concern.month)


def frame(head: Request, here: str = "") -> dict[str, Any]:
    """What stands around every page of one request."""
    place = url_for("requests.one", code=head.code) if here else ""
    crumbs = [(_("Requests"), url_for("requests.listed")), (head.code, place)]
    return {
        "head": head,
        "rights": [each.says for each in Right if each.value in head.rights],
        "crumbs": (*crumbs, (here, "")) if here else tuple(crumbs),
        "today": house().today,
        "open": head.closed_at is None,
    }


@blueprint.route("/requests/<code>/edit", methods=["GET", "POST"])
@needs(Permission.REQUESTS_RECORD)
def edit(code: str) -> ResponseReturnValue:
    """Corrects or completes what is known."""
    head = _living(code)
    place = url_for("requests.one", code=code)
    return dossiers.edit(
        Editing(
            title=_("What is known of %(code)s", code=code),
            facts=facts.Request,
            hints=forms.hints(),
            sections=forms.sections(),
            back=place,
            save=lambda act, known, base, how: operations.change(act, head.id, known, base, how),
            done=lambda _changed: place,
            crumbs=((_("Requests"), url_for("requests.listed")), (code, place), (_("Change"), "")),
            dated=False,
        ),
        head,
    )


def _living(code: str) -> Request:
    head = queries.one(house().session, code)
    if head.erased_at is not None:
        raise Conflict(text("The data of the person are erased."))
    return head


@blueprint.route("/requests/<code>/pass-on", methods=["GET", "POST"])
@needs(Permission.REQUESTS_RECORD)
def pass_on(code: str) -> ResponseReturnValue:
    """Passes a request on to the controllers that it concerns."""
    head, form = _living(code), forms.PassOn()
    if form.validate_on_submit():
        try:
            concerned = forms.named_in(form.controllers.data)
            with acting() as act:
                passing.pass_on(act, head.id, concerned, house().today)
        except GreffeError as error:
            form.refuse(error)
            head = _living(code)
        else:
            flash(_("It is passed on to the controller now."), "good")
            return redirect(url_for("requests.one", code=code))
    return _form_page("pass_on", head, form, _("Pass on"))


@blueprint.route("/requests/<code>/follow", methods=["GET", "POST"])
@needs(Permission.REQUESTS_RECORD)
def follow(code: str) -> ResponseReturnValue:
    """Records what happened: help given, extended, answered."""
    session = house().session
    head = _living(code)
    owners = queries.concerns(session, [head.id]).get(head.id, [])
    form = forms.Happened(owners, on=house().today, what=request.args.get("what"))
    if form.validate_on_submit():
        try:
            _follow(head, form)
        except GreffeError as error:
            form.refuse(error)
            head = _living(code)
        else:
            flash(_("Recorded."), "good")
            return redirect(url_for("requests.one", code=code))
    return _form_page("follow", head, form, _("What happened"))


def _follow(head: Request, form: forms.Happened) -> None:
    content = form.content.data.read() if form.content.data else None
    what = What(form.what.data)
    chosen = form.chosen()
    if not chosen and "concerns" in form and len(form.concerns.choices) == 1:
        chosen = [uuid.UUID(form.concerns.choices[0].value)]
    happened = Happened(what, form.on.data, form.note.data or "", content or None)
    with acting() as act:
        following.follow_up(act, head.id, happened, house().today, chosen)


@blueprint.route("/requests/<code>/close", methods=["GET", "POST"])
@needs(Permission.REQUESTS_RECORD)
def close(code: str) -> ResponseReturnValue:
    """Closes a request; one that no controller has was addressed to the wrong body."""
    head, form = _living(code), forms.End()
    if form.validate_on_submit():
        try:
            with acting() as act:
                if head.phase is Phase.UNASSIGNED:
                    following.misdirect(act, head.id, form.reason.data)
                else:
                    following.close(act, head.id, form.reason.data, house().today)
        except GreffeError as error:
            form.refuse(error)
            head = _living(code)
        else:
            flash(_("Closed."), "good")
            return redirect(url_for("requests.one", code=code))
    return _form_page("close", head, form, _("Close"))


def _form_page(template: str, head: Request, form: Any, here: str) -> ResponseReturnValue:
    page = render_template(f"requests/{template}.html", **frame(head, here), form=form)
    return page, 422 if form.problems() else 200


@blueprint.post("/requests/<code>/erase")
@needs(Permission.REQUESTS_ERASE)
def erase(code: str) -> ResponseReturnValue:
    """Erases what describes the person, before its time is over."""
    head = queries.one(house().session, code)
    with acting() as act:
        erasing.erase(act, head.id)
    flash(_("Erased: that there was a request, and what became of it, stays."), "good")
    return redirect(url_for("requests.one", code=code))


@blueprint.get("/requests/<code>/documents/<uuid:step_id>")
@needs(Permission.REQUESTS_READ)
def document(code: str, step_id: uuid.UUID) -> ResponseReturnValue:
    """A document, only ever handed out as a file to keep."""
    head = queries.one(house().session, code)
    content = queries.document(house().session, head, step_id)
    return downloads.document(content, f"{code}")


@blueprint.get("/requests/<code>/acknowledgement.pdf")
@needs(Permission.REQUESTS_RECORD)
def acknowledgement(code: str) -> ResponseReturnValue:
    """The confirmation of receipt as a letter: made when it is asked for, and not kept."""
    from registers.delivery.acknowledging import letter  # noqa: PLC0415 it makes a paper

    session = house().session
    head = queries.one(session, code)
    known = queries.known(session, head)
    if known is None or not known.address.strip():
        raise NotFound(text("No postal address is known."))
    press = press_of(house(), actor())
    now = house().now().astimezone(ZoneInfo(house().settings.zone))
    content = letter(session, press.identity, head, known, now)
    return pdf(content, f"{code}-acknowledgement.pdf", attachment=True)
