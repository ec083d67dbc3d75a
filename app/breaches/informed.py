"""Pages of one controller under a breach: what it was told, what proves it, what staff record."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.breaches.views import frame, way
from app.downloads import pdf
from app.forms import Form
from app.gate import acting, actor, needs
from app.house import house
from app.languages import words
from app.notices import following, forms
from registers.annexes import queries as annexes
from registers.annexes.papers.authority_form import moment
from registers.breaches import dossiers, queries
from registers.breaches.dossiers import Dossier, Told
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.notices import receipts
from registers.notices.vocabulary import BY_POST
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("informed", __name__)

PLACE = "/breaches/<code>/told/<controller>"
SHOWN_ENTRIES = 30


@blueprint.get(PLACE)
@needs(Permission.BREACHES_READ)
def one(code: str, controller: str) -> ResponseReturnValue:
    """What one controller was told of a breach, when it arrived, and what proves it."""
    session, found = house().session, _dossier(code, controller)
    entries = dossiers.entries(session, found, SHOWN_ENTRIES)
    proven = [each for told in found.told for each in told.receipts]
    authors = {each.row.author for each in proven}
    authors |= {each.confirmation.author for each in proven if each.confirmation}
    zone = found.zone
    return render_template(
        "breaches/informed.html",
        **frame(found.head, found.controller.name),
        found=found,
        names=people.names(session, {*authors, *(each.actor for each in entries)}),
        entries=entries,
        by_post=BY_POST,
        own=actor().reference,
        at=_at(found),
        several=len(found.rows) > 1,
        contract_of=lambda key: getattr(found.contract_of(key), "reference", ""),
        zoned=lambda at: moment(at, zone, words()) if at else "",
    )


def _dossier(code: str, controller: str) -> Dossier:
    session = house().session
    return dossiers.dossier(session, queries.one(session, code), controller, house().today)


def _at(found: Dossier) -> Callable[..., str]:
    """Builds the addresses of what is recorded of a controller."""

    def at(what: str, **ids: Any) -> str:
        code, controller = found.head.code, found.controller.code
        return url_for(f"informed.{what}", code=code, controller=controller, **ids)

    return at


def _trail(found: Dossier) -> tuple[tuple[str, str], ...]:
    return *way(found.head), (found.controller.name, _at(found)("one"))


def _typed(
    found: Dossier,
    form: Form,
    record: Callable[[Act], Any],
    says: tuple[str, str],
    **more: Any,
) -> ResponseReturnValue:
    """Shows a form about one controller and records what was typed; keeps it whatever happens."""
    title, done = says
    place = _at(found)("one")
    if form.validate_on_submit():
        try:
            with acting() as act:
                record(act)
        except GreffeError as error:
            form.refuse(error)
            found = _dossier(found.head.code, found.controller.code)
        else:
            flash(done, "good")
            return redirect(place)
    page = render_template(
        "notices/form.html",
        at=_at(found),
        window=False,
        form=form,
        title=title,
        back=place,
        crumbs=(*_trail(found), (title, "")),
        **more,
    )
    return page, 422 if form.problems() else 200


def _about(found: Dossier, number: str) -> tuple[str, ...]:
    return found.controller.name, found.head.code, number


@blueprint.get(f"{PLACE}/notices/<uuid:notice_id>.pdf")
@needs(Permission.BREACHES_READ)
def paper(code: str, controller: str, notice_id: uuid.UUID) -> ResponseReturnValue:
    """The sealed notice, byte for byte."""
    annex_id = _dossier(code, controller).notice(notice_id).notice.annex_id
    if annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.route(f"{PLACE}/notices/<uuid:notice_id>/receipts/new", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def receive(code: str, controller: str, notice_id: uuid.UUID) -> ResponseReturnValue:
    """Records evidence that a notice was received, for all its contracts of this controller."""
    found, form = _dossier(code, controller), forms.Received(window=False)
    told: Told = found.notice(notice_id)
    return _typed(
        found,
        form,
        lambda act: receipts.receive(act, [each.id for each in told.matters], form.proof()),
        (_("Record a receipt"), _("The receipt is recorded.")),
        about=_about(found, told.notice.number),
        explained=True,
    )


@blueprint.route(f"{PLACE}/receipts/<uuid:receipt_id>/correct", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def correct(code: str, controller: str, receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Records evidence in place of what was recorded before."""
    found = _dossier(code, controller)
    told, former = found.receipt(receipt_id)
    form = forms.correction(former.row, window=False)
    return _typed(
        found,
        form,
        lambda act: receipts.correct(act, receipt_id, form.proof()),
        (_("Correct a receipt"), _("The correction is recorded; the former record stays.")),
        about=_about(found, told.notice.number),
        explained=True,
    )


@blueprint.route(f"{PLACE}/receipts/<uuid:receipt_id>/confirm", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def confirm(code: str, controller: str, receipt_id: uuid.UUID) -> ResponseReturnValue:
    """The second person's word on a receipt."""
    found, form = _dossier(code, controller), forms.Seconded()
    told, proven = found.receipt(receipt_id)
    return _typed(
        found,
        form,
        lambda act: receipts.confirm(act, receipt_id, form.note.data),
        (_("Confirm a receipt"), _("The receipt is confirmed.")),
        about=_about(found, told.notice.number),
        proven=proven,
    )


@blueprint.route(f"{PLACE}/letters/<uuid:dispatch_id>", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def letter(code: str, controller: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it."""
    found = _dossier(code, controller)
    mine = following.only(found.way(dispatch_id).notice)
    about = (found.controller.name, code)
    return following.letter(dispatch_id, mine, about, _trail(found))


@blueprint.route(f"{PLACE}/dispatches/<uuid:dispatch_id>/again", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def again(code: str, controller: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Where a notice that did not arrive goes now: the next address, the same one, or the post."""
    found = _dossier(code, controller)
    mine = following.only(found.way(dispatch_id).notice)
    return following.again(dispatch_id, mine, _trail(found), title=_("Next step"))


@blueprint.get(f"{PLACE}/proofs/<digest>")
@needs(Permission.BREACHES_READ)
def proof(code: str, controller: str, digest: str) -> ResponseReturnValue:
    """A file that proves something of this controller, byte for byte."""
    found = _dossier(code, controller)
    if digest not in set(found.proofs()):
        raise NotFound
    return downloads.proof(digest, f"{code}-{controller}")
