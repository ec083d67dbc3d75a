"""Pages of what only updates have: their version sheet, and what was installed untold."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.announcements import forms
from app.announcements.views import way
from app.downloads import pdf
from app.gate import acting, needs
from app.house import house
from registers.announcements import drafting, facts, operations, planning, queries
from registers.announcements.models import Announcement
from registers.announcements.vocabulary import Phase
from registers.announcements.writing import Fact
from registers.kernel import history
from registers.kernel.errors import Conflict, GreffeError, NotFound
from registers.kernel.history import How
from registers.kernel.words import text
from registers.people.roles import Permission

blueprint = Blueprint("versions", __name__)


def _known(code: str) -> tuple[Announcement, facts.Announcement]:
    """An update, drafted or announced.

    Raises:
        NotFound: there is none of this number, or it is about sub-processors.
    """
    head = queries.one(house().session, code)
    known: facts.Announcement = history.latest(house().session, head)
    if known.update is None:
        raise NotFound
    return head, known


def _draft(code: str) -> tuple[Announcement, facts.Announcement]:
    head, known = _known(code)
    if head.phase is not Phase.DRAFT:
        raise Conflict(
            text("It was announced already, and is not changed any more: announce it anew.")
        )
    return head, known


@blueprint.get("/announcements/<code>/version-sheet.pdf")
@needs(Permission.ANNOUNCEMENTS_READ)
def sheet(code: str) -> ResponseReturnValue:
    """The version sheet, byte for byte."""
    _head, known = _known(code)
    if not known.sheet:
        raise NotFound
    content = house().database.files.get(house().session, known.sheet)
    return pdf(content, f"{code}-version-sheet.pdf", attachment=True)


@blueprint.route("/announcements/<code>/version-sheet", methods=["GET", "POST"])
@needs(Permission.ANNOUNCEMENTS_EDIT)
def attach(code: str) -> ResponseReturnValue:
    """Attaches the version sheet to a draft."""
    head, known = _draft(code)
    form = forms.Sheet(base=head.latest)
    if form.validate_on_submit():
        sent = form.content.data
        try:
            with acting() as act:
                drafting.attach(
                    act,
                    head.id,
                    form.base.data,
                    How(house().today, _("Version sheet attached")),
                    name=sent.filename,
                    content=sent.read(),
                )
        except GreffeError as error:
            form.refuse(error)
            head, known = _draft(code)
        else:
            flash(_("The version sheet is attached."), "good")
            return redirect(url_for("announcements.preview", code=code))
    return _page("sheet", form, head, known, _("Version sheet"))


@blueprint.route("/announcements/<code>/installed", methods=["GET", "POST"])
@needs(Permission.ANNOUNCE)
def installed(code: str) -> ResponseReturnValue:
    """Records an update that was installed before anybody was told, and tells them."""
    head, known = _draft(code)
    form = forms.Installed(base=head.latest)
    if form.validate_on_submit():
        fact = Fact(form.started_on.data, form.reason.data)
        try:
            with acting() as act:
                operations.announce(
                    act, head.id, form.base.data, form.typed.data, house().today, fact=fact
                )
        except GreffeError as error:
            form.refuse(error)
            head, known = _draft(code)
        else:
            flash(_("Recorded: the notices leave one after the other."), "good")
            return redirect(url_for("announcements.one", code=code))
    plan = planning.plan(house().session, known, house().today)
    return _page("installed", form, head, known, _("Installed too early"), plan=plan)


def _page(
    name: str, form: Any, head: Announcement, known: facts.Announcement, title: str, **more: Any
) -> ResponseReturnValue:
    page = render_template(
        f"announcements/{name}.html",
        head=head,
        known=known,
        form=form,
        crumbs=(*way(head), (title, "")),
        **more,
    )
    return page, 422 if form.problems() else 200
