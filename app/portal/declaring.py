"""Controllers declare their DPO with the link of any notice to them: here, or on paper."""

import uuid
from typing import Any

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from app.dpo import forms as declared
from app.dpo import views as papers
from app.forms import Given
from app.gate import public
from app.house import house
from app.portal import coded, visiting
from app.portal.forms import Coded, who_fields
from app.portal.visiting import ANSWERS, READS, visit
from registers.dpo import operations, queries, rules, telling
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.dpo.vocabulary import WORTH, Phase, Way
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import text
from registers.portal import letters

blueprint = Blueprint("declaring", __name__)
visiting.attach(blueprint, visiting.any_notice)


def _actor() -> str:
    return visit().actor.reference


@blueprint.get("/notice/<uuid:visit_id>/dpo")
@public(READS)
def listed(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 the visit was looked up
    """The controllers of the notice, and what each has declared."""
    session = house().session
    owners = letters.owners(session, visit().notice_id)
    for each in owners[:1]:
        letters.owner(session, visit().notice_id, each.id)  # a former address declares nothing
    return render_template(
        "portal/officers.html",
        rows=[(each, queries.of_controller(session, each.id)) for each in owners],
        own=letters.own_forms(session, _actor()),
    )


class _Back(declared.Returned, Coded):
    """A form that comes back on the portal, with a code."""

    way = RadioField(_l("How you signed it"), [Given])
    done_on = DateField(_l("Signed on"), [Optional()])


@blueprint.route("/notice/<uuid:visit_id>/dpo/<uuid:controller_id>", methods=["GET", "POST"])
@public(ANSWERS)
def declare(visit_id: uuid.UUID, controller_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """Declares the DPO of a controller: with a code here, or on a form that is made ready."""
    session, today = house().session, house().today
    owner = letters.owner(session, visit().notice_id, controller_id)
    form = declared.declaration_form(queries.prefilled(session, owner.id, today), **who_fields())
    sent = False
    if "send_code" in request.form:
        sent = coded.code_sent(form)
    elif form.validate_on_submit():
        try:
            made = _made(form, controller_id)
        except GreffeError as error:
            form.refuse(error)
        else:
            place = url_for("declaring.one", visit_id=visit().id, form_id=made.id)
            return redirect(place, 303)
    owner = letters.owner(house().session, visit().notice_id, controller_id)
    page = render_template(
        "portal/declare.html",
        form=form,
        owner=owner,
        sections=declared.sections(),
        worths=WORTH,
        address=coded.address(),
        sent=sent,
    )
    return page, 422 if form.problems() else 200


def _made(form: Any, controller_id: uuid.UUID) -> Form:
    known: Declaration = form.to_facts()
    if "paper" in request.form:
        keys = [f"portal-form:{visit().link_id}"]
        coded.check_waiting(keys)
        with house().acting(visit().actor) as act:
            made = operations.draw_on_portal(act, controller_id, known)
        coded.count(keys)
        return made
    done: list[Form] = []
    dated = msgspec.structs.replace(known, done_on=known.done_on or house().today)

    def do(act: Act) -> None:
        done.append(operations.declare(act, controller_id, dated, house().today, coded.by(form)))

    _require_who(form)
    coded.with_code(form.code.data, do)
    return done[0]


def _require_who(form: Any) -> None:
    for name in ("by_name", "by_function", "code"):
        if not (form[name].data or "").strip():
            raise Invalid(text("This entry is needed."), name)


@blueprint.route("/notice/<uuid:visit_id>/dpo/forms/<uuid:form_id>", methods=["GET", "POST"])
@public(ANSWERS)
def one(visit_id: uuid.UUID, form_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """One form of this link: the paper to sign, its return, where it stands."""
    head = letters.own_form(house().session, visit().notice_id, _actor(), form_id)
    known = Declaration.of(head.said)
    typed = _Back(way=Way.SIGNED.value, done_at=known.done_at, done_on=known.done_on)

    def do(act: Act) -> None:
        back = papers.back_of(head, typed)
        operations.come_back_on_portal(act, head.id, back, house().today, coded.by(typed))

    said = coded.Answered(done=False, sent=False)
    if head.phase is Phase.DRAWN:
        said = coded.answered(typed, do)
    if said.done:
        flash(_("Your declaration is received."), "good")
        return redirect(url_for("declaring.one", visit_id=visit().id, form_id=form_id), 303)
    session = house().session
    head = letters.own_form(session, visit().notice_id, _actor(), form_id)
    email = telling.representative_email(session, head.controller_id, house().today)
    found = papers.found_in(head)
    page = render_template(
        "portal/declaration.html",
        head=head,
        known=Declaration.of(head.said),
        form=typed,
        annex=papers.paper_of(head),
        says=rules.ways(head.way, found) if head.way else "",
        worths=WORTH,
        asked=coded.hidden(email) if head.asked_id else "",
        sections=declared.sections(),
        address=coded.address(),
        sent=said.sent,
    )
    return page, 422 if typed.problems() else 200


@blueprint.get("/notice/<uuid:visit_id>/dpo/forms/<uuid:form_id>/form.pdf")
@public(READS)
def paper(visit_id: uuid.UUID, form_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """The form to be signed, or the evidence that was sealed."""
    head = letters.own_form(house().session, visit().notice_id, _actor(), form_id)
    return papers.paper_file(head)
