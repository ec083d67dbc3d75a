"""What a controller reads and does with the link of a notice of a breach."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.downloads import pdf
from app.gate import public
from app.house import house
from app.languages import words
from app.portal import coded, visiting
from app.portal.forms import Signed
from app.portal.visiting import ANSWERS, READS, visit
from registers.annexes import queries as annexes
from registers.annexes.papers.authority_form import moment
from registers.breaches import authority_form, rules
from registers.breaches.rules import Clock
from registers.breaches.vocabulary import ARTICLE_33
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.kernel.words import Text
from registers.portal import breaches
from registers.portal.breaches import Opened

blueprint = Blueprint("told", __name__)
visiting.attach(blueprint, breaches.opened)

HOME = "/notice/<uuid:visit_id>/breach"


def seen() -> Opened:
    """What the visit opens."""
    found: Opened = visiting.seen()
    return found


def zoned(at: datetime | None) -> str:
    """An instant on the controller's own clocks, with their zone and its offset from UTC."""
    return moment(at, seen().zone, words()) if at else ""


def remaining(clock: Clock) -> Text:
    """The time left of a clock."""
    return rules.remaining(clock.left(house().now()))


def _shared() -> dict[str, Any]:
    return {
        "remaining": remaining,
        "zoned": zoned,
        "letters": ARTICLE_33,
        "address": coded.address(),
        "own": seen().own,
        "unacknowledged": seen().unacknowledged,
    }


@blueprint.get(HOME)
@public(READS)
def one(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 the visit was looked up
    """What is known at present, the controller's own time, all notices, what can be done."""
    return render_template("portal/breach.html", **_shared(), each=seen().latest)


@blueprint.get(f"{HOME}/notices/<uuid:notice_id>")
@public(READS)
def notice(visit_id: uuid.UUID, notice_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """One of the notices, as it was written."""
    each = seen().one(notice_id)
    return render_template("portal/breach_notice.html", **_shared(), each=each)


@blueprint.get(f"{HOME}/notices/<uuid:notice_id>/paper.pdf")
@public(READS)
def paper(visit_id: uuid.UUID, notice_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """The sealed notice, byte for byte."""
    annex_id = seen().one(notice_id).notice.annex_id
    if annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.route(f"{HOME}/acknowledge", methods=["GET", "POST"])
@public(ANSWERS)
def acknowledge(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """Acknowledges receipt of the notices that can be read here."""
    form = Signed()

    def do(act: Act) -> None:
        breaches.acknowledge(act, visit().link_id, form.by)

    found = coded.answered(form, do)
    if found.done:
        flash(_("The receipt is acknowledged."), "good")
        return redirect(url_for("told.recorded", visit_id=visit().id), 303)
    page = render_template(
        "portal/breach_acknowledge.html", **_shared(), form=form, sent=found.sent
    )
    return page, 422 if form.problems() else 200


@blueprint.get(f"{HOME}/recorded")
@public(READS)
def recorded(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """What was acknowledged, and what follows."""
    return render_template(
        "portal/breach_recorded.html", **_shared(), entries=breaches.acknowledged(seen())
    )


@blueprint.get(f"{HOME}/authority-form.pdf")
@public(READS)
def form_pdf(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The authority's form, pre-filled, as a draft to print."""
    session, now = house().session, house().now()
    filled = breaches.form(session, seen(), now, words().language)
    content = breaches.form_pdf(session, filled, seen(), now)
    return pdf(content, _named("pdf"), attachment=True)


@blueprint.get(f"{HOME}/authority-form.json")
@public(READS)
def form_json(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The same as data, in the structure of the authority's form."""
    filled = breaches.form(house().session, seen(), house().now(), words().language)
    return downloads.saved(filled.stored, "application/json", _named("json"))


def _named(ending: str) -> str:
    return f"{seen().head.code}-{authority_form.SCHEMA.removeprefix('greffe-')}.{ending}"
