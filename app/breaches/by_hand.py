"""Pages of what was told by hand: entered with its true instants and proofs."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired, Optional

from app import downloads
from app.breaches import forms
from app.breaches.views import frame
from app.forms import Form, Given, Line, Paragraphs, members
from app.gate import acting, needs
from app.house import house
from app.instants import Moment
from app.notices.forms import Proof
from registers.breaches import by_hand, hand_records, queries
from registers.breaches.by_hand import Hand
from registers.breaches.hand_records import HandWay, ToldByHand
from registers.kernel.errors import GreffeError, Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

blueprint = Blueprint("by_hand", __name__)

PLACE = "/breaches/<code>/by-hand"


class Told(Proof, Moment):
    """What somebody did without this program."""

    way = RadioField(_l("How"), [InputRequired(_l("Choose one."))])
    whom = Line(_l("Who was told"), [Given], description=_l("Name and function."))
    minimum = BooleanField(
        _l("What happened to the data was said"),
        description=_l("Only then the controller counts as informed."),
    )
    note = Paragraphs(
        _l("How it is known"), [Optional()], description=_l("Needed where no document proves it.")
    )

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.way.choices = members(HandWay)

    def hand(self) -> Hand:
        """What was typed.

        Raises:
            Invalid: it cannot be so.
        """
        if self.on.data is None:
            raise Invalid(text("This entry is needed."), "on")
        moment = None
        if self.at.data:
            written = self.instant()
            moment = written.moment() if written else None
        return Hand(
            HandWay(self.way.data),
            self.whom.data,
            self.on.data,
            moment,
            house().settings.zone,
            self.minimum.data,
            self.note.data or "",
            self.file(),
        )


class Wrong(Form):
    """Why a record was wrong."""

    why = Paragraphs(_l("Why the record was wrong"), [Given])


@blueprint.post(PLACE)
@needs(Permission.BREACHES_NOTIFY)
def tell(code: str) -> ResponseReturnValue:
    """Records that controllers were told by hand, once the rest is filled in."""
    head = queries.one(house().session, code)
    ids = forms.ids_of(request.form.getlist("affected"))
    if not ids:
        flash(_("Tick the contracts whose controllers were told."), "warn")
        return redirect(url_for("affected.listed", code=code))
    rows = queries.by_ids(house().session, head, ids)
    begun = "whom" in request.form
    form = Told() if begun else Told(formdata=None, data={"minimum": True})
    if begun and form.validate_on_submit():
        try:
            hand = form.hand()
            with acting() as act:
                told = by_hand.record(act, head.id, ids, hand)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
            rows = queries.by_ids(house().session, head, ids)
        else:
            said = ngettext(
                "Recorded for %(num)s contract: its clock follows.",
                "Recorded for %(num)s contracts: their clocks follow.",
                told,
            )
            flash(said, "good")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/by_hand.html", **frame(head, _("Told by hand")), form=form, rows=rows
    )
    return page, 422 if form.problems() else 200


@blueprint.route(f"{PLACE}/<uuid:record_id>/wrong", methods=["GET", "POST"])
@needs(Permission.BREACHES_NOTIFY)
def wrong(code: str, record_id: uuid.UUID) -> ResponseReturnValue:
    """Says that a record was wrong; it stays, with the reason."""
    head = queries.one(house().session, code)
    found = house().session.get(ToldByHand, record_id)
    if found is None or found.breach_id != head.id:
        raise NotFound
    form = Wrong()
    if form.validate_on_submit():
        try:
            with acting() as act:
                by_hand.take_back(act, record_id, form.why.data)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
        else:
            flash(_("Recorded: it counts no more, and the reason stays."), "good")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/by_hand_wrong.html",
        **frame(head, _("Told by hand")),
        form=form,
        told=found,
    )
    return page, 422 if form.problems() else 200


@blueprint.get(f"{PLACE}/proofs/<digest>")
@needs(Permission.BREACHES_READ)
def proof(code: str, digest: str) -> ResponseReturnValue:
    """What proves it, as a file to keep."""
    session = house().session
    head = queries.one(session, code)
    if digest not in hand_records.proofs_of(session, head):
        raise NotFound
    return downloads.proof(digest, f"{head.code}")
