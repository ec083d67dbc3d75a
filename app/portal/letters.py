"""Notices to controllers as such, read with their links: about officers, about requests."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from app.downloads import pdf
from app.forms import Line
from app.gate import public
from app.house import house
from app.languages import say
from app.portal import coded, visiting
from app.portal.forms import Coded
from app.portal.visiting import ANSWERS, READS, visit
from app.requests import forms as requesting
from registers.annexes import queries as annexes
from registers.dpo import operations as declarations
from registers.dpo.facts import Declaration
from registers.dpo.vocabulary import Phase
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.notices.vocabulary import NoticeKind
from registers.portal import letters
from registers.portal.letters import Letter
from registers.requests import following, rules
from registers.requests import queries as asked
from registers.requests.following import Happened
from registers.requests.vocabulary import Right, What

blueprint = Blueprint("portal_letters", __name__)
visiting.attach(blueprint, letters.opened)


class Told(requesting.Told, Coded):
    """What a controller tells of a request, with a code."""


class Word(Coded):
    """The representative's word on a declaration."""

    reason = Line(_l("If you do not know of it: what you wish to tell us"))


def _letter() -> Letter:
    found: Letter = visiting.seen()
    return found


@blueprint.get("/notice/<uuid:visit_id>/letter")
@public(READS)
def read(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 the visit was looked up
    """What it says, and what can be done with it."""
    found, session = _letter(), house().session
    notice = found.notice
    form = letters.asked_form(session, notice) if notice.kind is NoticeKind.DPO_CONFIRM else None
    concern = asked.of_notice(session, notice.id) if notice.kind is NoticeKind.REQUEST else None
    return render_template(
        "portal/letter.html",
        owners=letters.owners(session, notice.id),
        form=form,
        known=Declaration.of(form.said) if form else None,
        request_=concern[0] if concern else None,
        concern=concern[1] if concern else None,
        text_=asked.texts(session, [notice.id]).get(notice.id, ""),
        rights=[each.says for each in Right if each.value in notice.told.get("rights", ())],
        caveat=rules.CAVEAT,
        done_on=date.fromisoformat(notice.told["done_on"])
        if notice.kind is NoticeKind.ERASURE
        else None,
        kind=notice.kind.value,
        may_declare=notice.kind not in letters.NOT_THEIRS,
        own=letters.own_forms(session, found.actor),
    )


@blueprint.get("/notice/<uuid:visit_id>/letter.pdf")
@public(READS)
def paper(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed letter, byte for byte."""
    annex_id = _letter().notice.annex_id
    if annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.get("/notice/<uuid:visit_id>/certificate.pdf")
@public(READS)
def certificate(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed certificate of erasure, byte for byte."""
    session = house().session
    number, digest = annexes.paper(session, letters.certificate_of(_letter().notice))
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.route("/notice/<uuid:visit_id>/confirm", methods=["GET", "POST"])
@public(ANSWERS)
def confirm(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The representative confirms a declaration, or does not know of it."""
    found = _letter()
    head = letters.asked_form(house().session, found.notice)
    typed = Word()
    refused = "refuse" in request.form

    def do(act: Act) -> None:
        by = coded.by(typed)
        if refused:
            reason = typed.reason.data or _("does not know of it")
            declarations.refuse_on_portal(act, head.id, found.notice.id, by, reason)
        else:
            declarations.confirm_on_portal(act, head.id, found.notice.id, by, house().today)

    said = coded.answered(typed, do)
    if said.done:
        return _thanks(_("Recorded: nothing changes.") if refused else _("Confirmed. Thank you."))
    head = letters.asked_form(house().session, _letter().notice)
    return _page("confirm", typed, said, head=head, known=Declaration.of(head.said), Phase=Phase)


def _thanks(said: str) -> ResponseReturnValue:
    flash(said, "good")
    return redirect(url_for("portal_letters.read", visit_id=visit().id), 303)


def _page(template: str, typed: Coded, said: coded.Answered, **more: object) -> ResponseReturnValue:
    page = render_template(
        f"portal/{template}.html", form=typed, address=coded.address(), sent=said.sent, **more
    )
    return page, 422 if typed.problems() else 200


@blueprint.route("/notice/<uuid:visit_id>/request", methods=["GET", "POST"])
@public(ANSWERS)
def told(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The controller tells what became of a request: extended, answered, refused, not its own."""
    notice = _letter().notice
    head, concern = asked.of_notice(house().session, notice.id)
    typed = Told(on=house().today)
    typed.what.choices = [
        SelectChoice(each.value, say(each.says))
        for each in (What.ANSWERED, What.EXTENDED, What.REFUSED, What.NOT_OURS)
        if each is not What.EXTENDED or concern.extended_on is None
    ]

    def do(act: Act) -> None:
        who = f"{typed.by_name.data}, {typed.by_function.data}"
        note = typed.note.data or ""
        what = What(typed.what.data)
        said = f"{note} ({who})" if note.strip() else "" if what is not What.ANSWERED else who
        happened = Happened(what, typed.on.data, said)
        following.told_by_controller(act, notice.id, happened, house().today)

    answer = coded.answered(typed, do)
    if answer.done:
        return _thanks(_("Recorded. Thank you."))
    head, concern = asked.of_notice(house().session, _letter().notice.id)
    return _page("request", typed, answer, head=head, concern=concern, today=house().today)
