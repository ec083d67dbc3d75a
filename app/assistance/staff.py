"""Pages of undertakings and trainings of one authorised person."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.assistance import forms
from app.gate import acting, needs
from app.house import house
from registers.assistance import commitments as operations
from registers.assistance import queries, rules
from registers.assistance.commitments import Said
from registers.assistance.models import Commitment, Member
from registers.assistance.vocabulary import CommitmentKind
from registers.kernel.errors import GreffeError, NotFound
from registers.people.roles import Permission

blueprint = Blueprint("commitments", __name__)


@blueprint.route("/staff/<code>/commitments/new", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def new(code: str) -> ResponseReturnValue:
    """Records an undertaking or a training."""
    form = forms.Committed(data={"months": rules.MONTHS[CommitmentKind.TRAINING]})
    return _typed(code, form, _("Record an undertaking or a training"), None)


@blueprint.route("/staff/<code>/commitments/<uuid:commitment_id>/correct", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def correct(code: str, commitment_id: uuid.UUID) -> ResponseReturnValue:
    """Records what stands in place of a wrong record, which stays."""
    former = _one(code, commitment_id)
    form = forms.Recommitted(
        data={
            "kind": former.kind.value,
            "title": former.title,
            "done_on": former.done_on,
            "months": former.months,
        }
    )
    return _typed(code, form, _("Correct a record"), commitment_id)


def _typed(
    code: str, form: forms.Committed, title: str, corrects: uuid.UUID | None
) -> ResponseReturnValue:
    head = queries.by_code(house().session, Member, code)
    place = url_for("staff.one", code=code)
    if form.validate_on_submit():
        try:
            said = Said(
                CommitmentKind(form.kind.data),
                form.title.data,
                form.done_on.data,
                form.months.data,
                form.note.data or "",
                form.file(),
            )
            with acting() as act:
                operations.commit(act, head.id, said, corrects)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("It is recorded."), "good")
            return redirect(place)
    page = render_template(
        "assistance/form.html",
        form=form,
        title=title,
        about=(head.code, head.name),
        back=place,
        crumbs=(
            (_("Authorised persons"), url_for("staff.listed")),
            (head.code, place),
            (title, ""),
        ),
    )
    return page, 422 if form.problems() else 200


def _one(code: str, commitment_id: uuid.UUID) -> Commitment:
    head = queries.by_code(house().session, Member, code)
    for row, _counts in queries.commitments(house().session, head.id):
        if row.id == commitment_id:
            return row
    raise NotFound


@blueprint.get("/staff/<code>/commitments/<uuid:commitment_id>/document")
@needs(Permission.ASSISTANCE_READ)
def document(code: str, commitment_id: uuid.UUID) -> ResponseReturnValue:
    """The undertaking or the attendance sheet, byte for byte."""
    row = _one(code, commitment_id)
    if row.proof_sha256 is None:
        raise NotFound
    return downloads.proof(row.proof_sha256, code)
