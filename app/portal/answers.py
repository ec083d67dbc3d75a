"""Answers to a notice: receipt acknowledged, an objection, an agreement; each with its code."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate import public
from app.house import house
from app.portal import coded, visiting
from app.portal.forms import SOME, Answer, Objection
from app.portal.visiting import ANSWERS, seen, visit
from registers.announcements.vocabulary import AFTER_THE_FACT
from registers.kernel.act import Act
from registers.portal import operations, queries

blueprint = Blueprint("answers", __name__)
visiting.attach(blueprint, visiting.announced)


@blueprint.route("/notice/<uuid:visit_id>/acknowledge", methods=["GET", "POST"])
@public(ANSWERS)
def acknowledge(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 it was looked up
    """Acknowledges receipt: what windows are counted from."""
    form = _form(Answer, "acknowledge")

    def do(act: Act) -> None:
        operations.acknowledge(act, visit().link_id, form.chosen(), form.by)

    session, now = house().session, house().now()
    return _page(
        form,
        do,
        "acknowledge",
        _("The receipt is acknowledged."),
        preview=queries.if_acknowledged(session, seen(), now),
        own=len(_own()),
    )


@blueprint.route("/notice/<uuid:visit_id>/object", methods=["GET", "POST"])
@public(ANSWERS)
def object_to(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """Objects to a change, in time or late."""
    form = _form(Objection, "object")

    def do(act: Act) -> None:
        operations.object_to(
            act,
            visit().link_id,
            form.chosen(),
            form.by,
            changes=form.chosen_changes(),
            grounds=form.grounds.data or "",
            content=form.content,
        )

    return _page(form, do, "object", _("Your objection is recorded."))


@blueprint.route("/notice/<uuid:visit_id>/agree", methods=["GET", "POST"])
@public(ANSWERS)
def agree(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """Agrees explicitly, where nothing begins without it."""
    form = _form(Answer, "agree")

    def do(act: Act) -> None:
        operations.agree(
            act, visit().link_id, form.chosen(), form.by, changes=form.chosen_changes()
        )

    return _page(form, do, "agree", _("Your agreement is recorded."))


def _form(kind: type[Answer], asked: str) -> Any:
    found = queries.rows(house().session, seen(), house().now())
    rows = [row for row in found if getattr(row.may, asked)]
    named = request.args.get("contract", "")
    known = any(str(row.matter.id) == named for row in rows)
    first = {"which": SOME, "matters": [named]} if known else {}
    return kind(seen(), rows, asked, data=first)


def _own() -> list[Any]:
    """The matters of a notice of what became of a change, whose own receipt is acknowledged."""
    if seen().notice.kind not in AFTER_THE_FACT:
        return []
    return queries.unacknowledged(house().session, seen().notice)


def _page(
    form: Any, do: Callable[[Act], None], asked: str, done: str, **more: Any
) -> ResponseReturnValue:
    """Shows the form; has a code sent, or does what is asked with the code that is given."""
    found = coded.answered(form, do)
    if found.done:
        flash(done, "good")
        return redirect(url_for("portal.recorded", visit_id=visit().id), 303)
    page = render_template(
        f"portal/{asked}.html",
        form=form,
        rows=form.eligible,
        address=coded.address(),
        sent=found.sent,
        **more,
    )
    return page, 422 if form.problems() else 200
