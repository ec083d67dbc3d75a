"""Pages of certificates of erasure: sealed, sent to the controller, followed until they arrived."""

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.annexes.places import lacking
from app.downloads import pdf
from app.gate import acting, actor, needs
from app.house import db, house
from app.notices import following
from app.pressing import press_of
from app.retention import forms
from app.retention.erasures import CERTIFICATE, page_of, subject_of
from registers.annexes import making
from registers.annexes import queries as annexes
from registers.annexes.gaps import Incomplete
from registers.annexes.orders import Order
from registers.delivery import certificates
from registers.kernel.errors import GreffeError, NotFound
from registers.notices.dossiers import Sent
from registers.notices.models import Notice
from registers.people.roles import Permission
from registers.retention import queries

blueprint = Blueprint("certifying", __name__)

PLACE = "/erasures/<code>/certificate"


@blueprint.post(PLACE)
@needs(Permission.ANNEX_SEAL)
def certify(code: str) -> ResponseReturnValue:
    """Seals the certificate as things stand today; the same facts are the same certificate."""
    found = queries.attested(house().session, code, house().today)
    order = Order(CERTIFICATE, [subject_of(found)], house().today)
    form = forms.Sealed()
    if not form.validate_on_submit():
        return page_of(found, 422)
    db.session.close()
    try:
        sealed = list(making.make_all(press_of(house(), actor()), order))
    except Incomplete as error:
        found = queries.attested(house().session, code, house().today)
        return page_of(found, 422, lacking=lacking(error.gaps))
    if not sealed:
        raise NotFound
    if sealed[0].new:
        flash(_("Sealed and verified."), "good")
    else:
        flash(_("Nothing of it has changed since: this is the annex that shows it."))
    return redirect(url_for("annexes.one", number=sealed[0].number))


@blueprint.get(f"{PLACE}/draft.pdf")
@needs(Permission.RETENTION_READ)
def draft(code: str) -> ResponseReturnValue:
    """The certificate as a draft, marked as of no effect."""
    found = queries.attested(house().session, code, house().today)
    order = Order(CERTIFICATE, [subject_of(found)], house().today)
    paper = making.draft_of(house().database, order, house().settings.zone)
    return pdf(paper, f"{code}-draft.pdf")


@blueprint.post(f"{PLACE}/send")
@needs(Permission.RETENTION_EDIT)
def send(code: str) -> ResponseReturnValue:
    """Sends a sealed certificate to the controller."""
    found = queries.attested(house().session, code, house().today)
    form = forms.Sealed()
    if not form.validate_on_submit():
        return page_of(found, 422)
    try:
        with acting() as act:
            number = request.form.get("number", "")
            certificates.send(act, found.erasure.id, number, house().today)
    except NotFound:
        raise
    except GreffeError as error:
        form.refuse(error)
        return page_of(queries.attested(house().session, code, house().today), 422, form=form)
    flash(_("The certificate is on its way to the controller."), "good")
    return redirect(url_for("erasures.one", code=code))


def _sent(code: str, dispatch_id: uuid.UUID) -> Sent:
    found = queries.attested(house().session, code, house().today)
    for each in certificates.ways(house().session, found.erasure):
        if each.row.id == dispatch_id:
            return each
    raise NotFound


def _owns(code: str) -> Callable[[Notice], bool]:
    name = certificates.cause_of(queries.attested(house().session, code, house().today).erasure.id)
    return lambda notice: notice.cause.startswith(name)


def _trail(code: str) -> tuple[tuple[str, str], ...]:
    listed = (_("Retention"), url_for("retention.listed"))
    return listed, (code, url_for("erasures.one", code=code))


@blueprint.route(f"{PLACE}/letters/<uuid:dispatch_id>", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def letter(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it."""
    return following.letter(dispatch_id, _owns(code), (code,), _trail(code))


@blueprint.get(f"{PLACE}/letters/<uuid:dispatch_id>.pdf")
@needs(Permission.RETENTION_READ)
def paper(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """The letter to print; the certificate is enclosed with it."""
    way = _sent(code, dispatch_id)
    if way.row.annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, way.row.annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.route(f"{PLACE}/dispatches/<uuid:dispatch_id>/again", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def again(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Where a notice that did not arrive goes now: the next address, the same one, or the post."""
    return following.again(dispatch_id, _owns(code), _trail(code), title=_("Next step"))


@blueprint.get(f"{PLACE}/proofs/<digest>")
@needs(Permission.RETENTION_READ)
def proof(code: str, digest: str) -> ResponseReturnValue:
    """A slip of the post: to keep, never shown in the page."""
    found = queries.attested(house().session, code, house().today)
    ways = certificates.ways(house().session, found.erasure)
    if digest not in {event.proof_sha256 for way in ways for event in way.events}:
        raise NotFound
    return downloads.proof(digest, code)
