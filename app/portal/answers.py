"""Answers to a notice: receipt acknowledged, an objection, an agreement; each with its code."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate import public
from app.house import house
from app.languages import moment
from app.portal import visiting
from app.portal.forms import SOME, Answer, Objection
from app.portal.views import hidden
from app.portal.visiting import ANSWERS, seen, visit
from registers.announcements.vocabulary import AFTER_THE_FACT
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import text
from registers.people import sessions
from registers.people.rules import digest_of
from registers.portal import operations, queries, visits

blueprint = Blueprint("answers", __name__)
visiting.attach(blueprint)


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
    sent = False
    if "send_code" in request.form:
        try:
            _send_code()
            sent = True
        except GreffeError as error:
            form.refuse(error)
    elif form.validate_on_submit():
        try:
            _with_code(form.code.data, do)
        except Invalid as error:
            form.refuse(error)
        else:
            flash(done, "good")
            return redirect(url_for("portal.recorded", visit_id=visit().id), 303)
    address = visits.address_of(house().session, visit().notice_id)
    page = render_template(
        f"portal/{asked}.html",
        form=form,
        rows=form.eligible,
        address=hidden(address),
        sent=sent,
        **more,
    )
    return page, 422 if form.problems() else 200


def _send_code() -> None:
    named = digest_of(visits.address_of(house().session, visit().notice_id).lower())[:32]
    keys = [f"portal-code:{visit().link_id}", f"portal-mail:{named}"]
    _check_waiting(keys)
    with house().acting(visit().actor) as act:
        visits.ask_code(act, visit())
    _count(keys)
    visiting.look_again()


def _with_code(given: str, do: Callable[[Act], None]) -> None:
    by_link = f"portal-try:{visit().link_id}"
    keys = [by_link, f"portal-try:{request.remote_addr}"]
    _check_waiting(keys)
    with house().upkeep() as traces:
        visits.count_try(traces, visit().id)
    try:
        with house().acting(visit().actor) as act:
            visits.use_code(act, visit(), given, house().home.portal_secret)
            do(act)
    except Invalid as error:
        if error.field == "code":
            _count(keys)
            visiting.look_again()
        raise
    with house().upkeep() as traces:
        sessions.succeeded(traces, [by_link])


def _check_waiting(keys: list[str]) -> None:
    until = sessions.waiting(house().session, keys, house().now())
    if until:
        raise Invalid(
            text("Too many attempts: wait until {until}, then try again.", until=moment(until))
        )


def _count(keys: list[str]) -> None:
    with house().upkeep() as traces:
        sessions.failed(traces, keys, house().now())
