"""Pages of one contract of an announcement: what is known, and what staff record of it."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.announcements import forms
from app.announcements.views import TONES, announced, way
from app.forms import Form
from app.gate import acting, actor, needs
from app.house import house
from app.languages import words
from app.notices import following
from app.notices import forms as notice_forms
from registers.announcements import dossiers, engaging, objections, queries
from registers.announcements.dossiers import Dossier
from registers.announcements.objections import Said
from registers.announcements.vocabulary import Outcome
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.notices import links, receipts
from registers.notices.vocabulary import BY_POST
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("matters", __name__)

PLACE = "/announcements/<code>/contracts/<uuid:matter_id>"
SHOWN_ENTRIES = 30


@blueprint.get(PLACE)
@needs(Permission.ANNOUNCEMENTS_READ)
def one(code: str, matter_id: uuid.UUID) -> ResponseReturnValue:
    """Where one contract stands under an announcement, and all that shows it."""
    session, found = house().session, _dossier(code, matter_id)
    entries = queries.entries_about(session, dossiers.names_of(found), SHOWN_ENTRIES)
    authors = {each.row.author for each in found.receipts}
    authors |= {each.row.author for each in found.objections}
    authors |= {each.confirmation.author for each in found.receipts if each.confirmation}
    authors |= {answer.author for each in found.objections for answer in each.answers}
    authors |= {each.author for held in found.held for each in held.agreements}
    return render_template(
        "announcements/contract.html",
        found=found,
        head=found.announcement,
        crumbs=(*way(found.announcement), (found.controller.name, "")),
        tones=TONES,
        names=people.names(session, {*authors, *(each.actor for each in entries)}),
        entries=entries,
        by_post=BY_POST,
        own=actor().reference,
        at=_at(found),
        rule=lambda window: window.count["rule"].get(words().language, ()),
        iso=date.fromisoformat,
    )


def _dossier(code: str, matter_id: uuid.UUID) -> Dossier:
    return dossiers.dossier(house().session, announced(code), matter_id, house().today)


Record = Callable[[Act], Any]


def _typed(
    found: Dossier, form: Form, record: Record, title: str, done: str, **more: Any
) -> ResponseReturnValue:
    """Shows a form about one contract and records what was typed; keeps it whatever happens."""
    if form.validate_on_submit():
        try:
            with acting() as act:
                record(act)
        except GreffeError as error:
            form.refuse(error)
            found = _dossier(found.announcement.code, found.matter.id)
        else:
            flash(done, "good")
            return redirect(_place(found))
    page = render_template(
        "notices/form.html",
        about=(found.controller.name, found.contract.reference, found.notice.number),
        at=_at(found),
        window=True,
        form=form,
        title=title,
        back=_place(found),
        crumbs=(*_trail(found), (title, "")),
        **more,
    )
    return page, 422 if form.problems() else 200


def _at(found: Dossier) -> Callable[..., str]:
    """Builds the addresses of what is recorded of a contract."""

    def at(what: str, **ids: Any) -> str:
        if what == "again":
            return url_for("following.again", code=found.announcement.code, **ids)
        code, matter_id = found.announcement.code, found.matter.id
        return url_for(f"matters.{what}", code=code, matter_id=matter_id, **ids)

    return at


def _trail(found: Dossier) -> tuple[tuple[str, str], ...]:
    return *way(found.announcement), (found.controller.name, _place(found))


def _place(found: Dossier) -> str:
    return url_for("matters.one", code=found.announcement.code, matter_id=found.matter.id)


@blueprint.route(f"{PLACE}/receipts/new", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def receive(code: str, matter_id: uuid.UUID) -> ResponseReturnValue:
    """Records evidence of receipt."""
    found, form = _dossier(code, matter_id), notice_forms.Received(window=True)
    return _typed(
        found,
        form,
        lambda act: receipts.receive(act, [matter_id], form.proof()),
        _("Record a receipt"),
        _("The receipt is recorded."),
        explained=True,
    )


@blueprint.route(f"{PLACE}/receipts/<uuid:receipt_id>/correct", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def correct(code: str, matter_id: uuid.UUID, receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Records evidence in place of what was recorded before."""
    found = _dossier(code, matter_id)
    former = next((each.row for each in found.receipts if each.row.id == receipt_id), None)
    if former is None:
        raise NotFound
    form = notice_forms.correction(former, window=True)
    return _typed(
        found,
        form,
        lambda act: receipts.correct(act, receipt_id, form.proof()),
        _("Correct a receipt"),
        _("The correction is recorded; the former record stays."),
        explained=True,
        told=found.window,
    )


@blueprint.route(f"{PLACE}/receipts/<uuid:receipt_id>/confirm", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def confirm(code: str, matter_id: uuid.UUID, receipt_id: uuid.UUID) -> ResponseReturnValue:
    """The second person's word on a receipt."""
    found, form = _dossier(code, matter_id), notice_forms.Seconded()
    proven = next((each for each in found.receipts if each.row.id == receipt_id), None)
    if proven is None:
        raise NotFound
    return _typed(
        found,
        form,
        lambda act: receipts.confirm(act, receipt_id, form.note.data),
        _("Confirm a receipt"),
        _("The receipt is confirmed."),
        proven=proven,
    )


@blueprint.route(f"{PLACE}/letters/<uuid:dispatch_id>", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def letter(code: str, matter_id: uuid.UUID, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it."""
    found = _dossier(code, matter_id)
    way_taken = next((each for each in found.sent if each.row.id == dispatch_id), None)
    if way_taken is None:
        raise NotFound
    about = (found.controller.name, found.contract.reference)
    return following.letter(dispatch_id, following.only(way_taken.notice), about, _trail(found))


@blueprint.route(f"{PLACE}/objections/new", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def objected(code: str, matter_id: uuid.UUID) -> ResponseReturnValue:
    """Records an objection that came another way than by the portal."""
    found = _dossier(code, matter_id)
    form = forms.Objected(found.held)

    def record(act: Act) -> None:
        said = Said(
            form.received_on.data,
            form.by_name.data,
            form.by_function.data or "",
            form.posted_on.data,
            form.way.data,
            form.grounds.data or "",
            form.file(),
        )
        objections.object_to(act, matter_id, said, _change(form))

    return _typed(found, form, record, _("Record an objection"), _("The objection is recorded."))


def _change(form: Any) -> uuid.UUID | None:
    return uuid.UUID(form.change.data) if form.change.data else None


@blueprint.route(f"{PLACE}/objections/<uuid:objection_id>/answer", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def answer(code: str, matter_id: uuid.UUID, objection_id: uuid.UUID) -> ResponseReturnValue:
    """Records what became of an objection."""
    found, form = _dossier(code, matter_id), forms.Answered()
    refused = next((each for each in found.objections if each.row.id == objection_id), None)
    if refused is None:
        raise NotFound

    def record(act: Act) -> None:
        objections.follow_up(
            act,
            objection_id,
            Outcome(form.outcome.data),
            happened_on=form.happened_on.data,
            says=form.says.data,
            content=form.file(),
        )

    return _typed(
        found, form, record, _("Follow an objection up"), _("It is recorded."), refused=refused
    )


@blueprint.route(f"{PLACE}/agreement", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def agree(code: str, matter_id: uuid.UUID) -> ResponseReturnValue:
    """Records that the controller agreed in writing."""
    found = _dossier(code, matter_id)
    form = forms.Agreed(found.held)

    def record(act: Act) -> None:
        engaging.agree(
            act,
            matter_id,
            _change(form),
            agreed_on=form.agreed_on.data,
            note=form.note.data,
            content=form.file(),
        )

    return _typed(found, form, record, _("Record an agreement"), _("The agreement is recorded."))


@blueprint.route(f"{PLACE}/links/<uuid:link_id>/close", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def close_link(code: str, matter_id: uuid.UUID, link_id: uuid.UUID) -> ResponseReturnValue:
    """Closes a link that fell into other hands."""
    found, form = _dossier(code, matter_id), forms.Closed()
    if all(link.id != link_id or link.revoked_at for link in found.links):
        raise NotFound
    return _typed(
        found,
        form,
        lambda act: links.revoke(act, link_id, form.note.data),
        _("Close a link"),
        _("The link is closed; a message that is sent again brings another one."),
        closing=True,
    )


@blueprint.get(f"{PLACE}/proofs/<digest>")
@needs(Permission.ANNOUNCEMENTS_READ)
def proof(code: str, matter_id: uuid.UUID, digest: str) -> ResponseReturnValue:
    """A file that proves something of this contract, byte for byte."""
    found = _dossier(code, matter_id)
    if digest not in set(found.proofs()):
        raise NotFound
    return downloads.proof(digest, f"{found.announcement.code}-{found.controller.code}")
