"""Pages of declarations: of all controllers, of one, of one form."""

import uuid
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import dossiers, downloads
from app.config import Refused
from app.downloads import pdf
from app.dpo import forms
from app.gate import acting, needs
from app.house import house
from app.languages import say
from app.lists import addresses, cut
from registers.annexes import queries as annexes
from registers.annexes.models import Annex
from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.dpo import operations, queries, returning, rules, telling
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.dpo.operations import Back
from registers.dpo.rules import Found
from registers.dpo.vocabulary import WORTH, Phase, Way
from registers.kernel import audit
from registers.kernel.errors import GreffeError, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import copies
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("dpo", __name__)

SHOWN, SHOWN_ENTRIES = 50, 20


@blueprint.get("/dpo")
@needs(Permission.CONTROLLERS_READ)
def listed() -> ResponseReturnValue:
    """Our own DPO, forms under way, controllers that have declared nothing."""
    session, today = house().session, house().today
    search = request.args.get("search", "")
    return render_template(
        "dpo/list.html",
        ours=controllers.organisation_facts(session, today),
        untold=telling.untold(session, today),
        served=len(telling.served(session, today)),
        forms=queries.open_forms(session, SHOWN),
        page=queries.without(session, search, cut(), today),
        total=queries.count_without(session, today),
        search=search,
        address=addresses(),
        form=forms.Plain(),
    )


@blueprint.post("/dpo/remind")
@needs(Permission.CONTROLLERS_EDIT)
def remind() -> ResponseReturnValue:
    """Asks controllers to declare: those chosen, or all that a search found."""
    session, today = house().session, house().today
    search = request.form.get("search", "")
    chosen = queries.all_without(session, search, today)
    if not request.form.get("all"):
        ticked = set(request.form.getlist("controllers"))
        chosen = [key for key in chosen if str(key) in ticked]
    if "confirmed" not in request.form:
        flash(_("Nothing was sent: say first that you have read what is sent."), "bad")
        return redirect(url_for("dpo.listed", search=search or None))
    try:
        with acting() as act:
            written = telling.remind(act, chosen, today)
    except GreffeError as error:
        flash(say(error.reason), "bad")
    else:
        flash(_leaves(written), "good")
    return redirect(url_for("dpo.listed", search=search or None))


@blueprint.post("/dpo/broadcast")
@needs(Permission.ORGANISATION_EDIT)
def broadcast() -> ResponseReturnValue:
    """Tells all controllers that our own DPO has changed."""
    try:
        with acting() as act:
            written = telling.broadcast(act, house().today)
    except GreffeError as error:
        flash(say(error.reason), "bad")
    else:
        flash(_leaves(written), "good")
    return redirect(url_for("dpo.listed"))


def _leaves(written: int) -> str:
    return ngettext(
        "%(num)s notice is written and leaves now.",
        "%(num)s notices are written and leave now, one after the other.",
        written,
    )


@blueprint.get("/controllers/<code>/dpo")
@needs(Permission.CONTROLLERS_READ)
def of_controller(code: str) -> ResponseReturnValue:
    """Who the DPO of a controller is on a day, as declared; its forms; who gets copies."""
    session, day = house().session, dossiers.asked_day()
    owner = controllers.controller(session, code)
    head = queries.of_controller(session, owner.id)
    dated = dossiers.on_day(head, day) if head else None
    found = queries.forms_of(session, owner.id)
    return render_template(
        "dpo/of_controller.html",
        owner=owner,
        head=head,
        dated=dated,
        known=dated.facts if dated else None,
        day=day,
        record=operations.on_record(session, owner.id, day),
        forms=found,
        says=_says,
        copies=copies.of(session, owner.id, house().now()),
        sections=forms.sections(),
        crumbs=_way(owner),
        entries=audit.within(session, owner, SHOWN_ENTRIES),
    )


def _says(form: Form) -> Any:
    return rules.ways(form.way, found_in(form)) if form.way else ""


def found_in(form: Form) -> Found | None:
    """What was found in the file that came back, where it was signed electronically."""
    return Found(**{**form.found, "faults": tuple(form.found["faults"])}) if form.found else None


def _way(owner: Controller, *further: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    place = url_for("dpo.of_controller", code=owner.code) if further else ""
    return (
        (_("Controllers"), url_for("controllers.listed")),
        (owner.name, url_for("controllers.one", code=owner.code)),
        (_("DPO"), place),
        *further,
    )


@blueprint.get("/controllers/<code>/dpo/history")
@needs(Permission.CONTROLLERS_READ)
def past(code: str) -> ResponseReturnValue:
    """All declarations of a controller."""
    owner = controllers.controller(house().session, code)
    head = queries.of_controller(house().session, owner.id)
    if head is None:
        raise NotFound
    return dossiers.show_history(head, owner.name, _way(owner, (_("History"), "")))


@blueprint.route("/controllers/<code>/dpo/new", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def new(code: str) -> ResponseReturnValue:
    """Fills in the form: to be signed, or as a paper that came signed."""
    session, today = house().session, house().today
    owner = controllers.controller(session, code)
    begin = queries.prefilled(session, owner.id, today)
    asked = {"how": forms.how_field(), "content": forms.scan_field()}
    form = forms.declaration_form(begin, **asked)
    if form.validate_on_submit():
        try:
            made = _made(owner.id, form)
        except GreffeError as error:
            form.refuse(error)
        else:
            return redirect(url_for("dpo.one", number=made.number))
    page = render_template(
        "dpo/new.html",
        owner=owner,
        form=form,
        sections=forms.sections(),
        crumbs=_way(owner, (_("Declaration"), "")),
    )
    return page, 422 if form.problems() else 200


def _made(controller_id: uuid.UUID, form: Any) -> Form:
    known = form.to_facts()
    if form.how.data == forms.PAPER:
        content = form.content.data.read() if form.content.data else None
        with acting() as act:
            return operations.enter(act, controller_id, known, content, house().today)
    with acting() as act:
        return operations.draw(act, controller_id, known)


@blueprint.get("/dpo/<number>")
@needs(Permission.CONTROLLERS_READ)
def one(number: str) -> ResponseReturnValue:
    """One form: what it declares, where it stands, what its return is worth."""
    form, owner = _form(number)
    return _page(form, owner)


def _form(number: str) -> tuple[Form, Controller]:
    session = house().session
    form = queries.form(session, number)
    return form, session.get_one(Controller, form.controller_id)


def _page(head: Form, owner: Controller, template: str = "one", **more: Any) -> str:
    session, today = house().session, house().today
    waits = head.phase in {Phase.DRAWN, Phase.RETURNED}
    return render_template(
        f"dpo/{template}.html",
        head=head,
        owner=owner,
        known=Declaration.of(head.said),
        found=found_in(head),
        says=_says(head),
        worth=WORTH[head.way] if head.way else None,
        worths=WORTH,
        news=operations.news_of(session, head, today) if waits else None,
        representative=telling.representative_email(session, owner.id, today),
        annex=paper_of(head),
        sections=forms.sections(),
        names=people.names(
            session, {each for each in (head.author, head.returned_by, head.settled_by) if each}
        ),
        plain=forms.Plain(),
        instant=datetime.fromisoformat,
        crumbs=_way(owner, (head.number, "")),
        **more,
    )


def paper_of(form: Form) -> Annex | None:
    """The sealed paper of a form: to be signed, or the evidence of the portal's act."""
    return annexes.last_about(house().session, f"{Form.__tablename__}:{form.id}")


@blueprint.get("/dpo/<number>/form.pdf")
@needs(Permission.CONTROLLERS_READ)
def paper(number: str) -> ResponseReturnValue:
    """The sealed paper of a form, byte for byte."""
    form, _owner = _form(number)
    return paper_file(form)


def paper_file(form: Form) -> ResponseReturnValue:
    """The sealed paper of a form as a file.

    Raises:
        NotFound: it is not made yet.
    """
    annex = paper_of(form)
    if annex is None:
        raise NotFound(text("The form is not ready yet: the worker typesets and seals it."))
    content = house().database.files.get(house().session, annex.paper_sha256)
    return pdf(content, f"{form.number}.pdf", attachment=True)


@blueprint.get("/dpo/<number>/returned")
@needs(Permission.CONTROLLERS_READ)
def file(number: str) -> ResponseReturnValue:
    """The file that came back, as it came."""
    form, _owner = _form(number)
    if form.content_sha256 is None:
        raise NotFound
    content = house().database.files.get(house().session, form.content_sha256)
    return downloads.document(content, f"{form.number}-returned")


@blueprint.route("/dpo/<number>/return", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def come_back(number: str) -> ResponseReturnValue:
    """Records that the form came back signed."""
    form, owner = _form(number)
    known = Declaration.of(form.said)
    typed = forms.Returned(way=Way.SCANNED.value, done_at=known.done_at, done_on=known.done_on)
    if typed.validate_on_submit():
        try:
            back = back_of(form, typed)
            with acting() as act:
                operations.come_back(act, form.id, back, house().today)
        except GreffeError as error:
            typed.refuse(error)
            form, owner = _form(number)
        else:
            flash(_("Its return is recorded."), "good")
            return redirect(url_for("dpo.one", number=number))
    page = _page(form, owner, "return", form=typed)
    return page, 422 if typed.problems() else 200


def back_of(form: Form, typed: forms.Returned) -> Back:
    """What came back; a file said to be signed electronically is looked into first.

    Raises:
        Invalid: there is no file, or the form was not made yet.
    """
    content, found = typed.file(), None
    if typed.way.data == Way.SIGNED.value:
        annex = paper_of(form)
        if not content:
            raise Invalid(text("Attach the signed form."), "content")
        if annex is None:
            raise Invalid(text("The form is not ready yet: the worker typesets and seals it."))
        produced = house().database.files.get(house().session, annex.paper_sha256)
        found = returning.examine(content, produced, trusted(), house().now())
    return Back(content, typed.done_at.data or "", typed.done_on.data, found)


def trusted() -> list[bytes]:
    """The certificates of authorities that are relied on, where some are set."""
    path = house().settings.trust
    return [_authorities(path)] if path else []


@lru_cache(maxsize=4)
def _authorities(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise Refused(f"GREFFE_TRUST: {path} cannot be read ({error.strerror}).") from error


@blueprint.route("/dpo/<number>/confirm", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def confirm(number: str) -> ResponseReturnValue:
    """Records a call-back: the declaration takes effect."""
    form, owner = _form(number)
    typed = forms.CallBack()
    if typed.validate_on_submit():
        try:
            with acting() as act:
                operations.call_back(act, form.id, typed.note.data, house().today)
        except GreffeError as error:
            typed.refuse(error)
            form, owner = _form(number)
        else:
            flash(_("Confirmed: the declaration takes effect."), "good")
            return redirect(url_for("dpo.one", number=number))
    page = _page(form, owner, "confirm", form=typed)
    return page, 422 if typed.problems() else 200


@blueprint.route("/dpo/<number>/refuse", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def refuse(number: str) -> ResponseReturnValue:
    """Records that the controller did not confirm."""
    form, owner = _form(number)
    typed = forms.Reason()
    if typed.validate_on_submit():
        try:
            with acting() as act:
                operations.refuse(act, form.id, typed.reason.data)
        except GreffeError as error:
            typed.refuse(error)
            form, owner = _form(number)
        else:
            flash(_("Recorded: nothing changes."))
            return redirect(url_for("dpo.one", number=number))
    page = _page(form, owner, "refuse", form=typed)
    return page, 422 if typed.problems() else 200


@blueprint.post("/dpo/<number>/cancel")
@needs(Permission.CONTROLLERS_EDIT)
def cancel(number: str) -> ResponseReturnValue:
    """Gives up a form that did not come back."""
    form, _owner = _form(number)
    with acting() as act:
        operations.cancel(act, form.id)
    flash(_("Cancelled."))
    return redirect(url_for("dpo.one", number=number))
