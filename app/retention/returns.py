"""Pages of the return of data under a contract: asked for at any time, given back, proven."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from app import downloads
from app.gate import needs
from app.house import house
from app.languages import short
from app.retention import forms
from app.retention.views import typed_on
from registers.controllers import queries as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.people.roles import Permission
from registers.retention import queries, returning
from registers.retention.returning import Asked, Given
from registers.retention.vocabulary import Came

blueprint = Blueprint("returns", __name__)

PLACE = "/contracts/<uuid:contract_id>/returns"


def _way(head: Contract) -> tuple[tuple[str, str], ...]:
    owner = house().session.get_one(Controller, head.controller_id)
    return (
        (_("Controllers"), url_for("controllers.listed")),
        (owner.name, url_for("controllers.one", code=owner.code)),
        (head.reference, url_for("contracts.one", contract_id=head.id)),
        (_("Return of the data"), url_for("returns.page", contract_id=head.id)),
    )


def _back(head: Contract) -> str:
    """The case from which somebody came, where it is one of the contract."""
    code = request.args.get("case", "")
    if code in {each.code for each in queries.endings_of(house().session, head.id)}:
        return url_for("retention.one", code=code)
    return url_for("returns.page", contract_id=head.id)


@blueprint.get(PLACE)
@needs(Permission.RETENTION_READ)
def page(contract_id: uuid.UUID) -> ResponseReturnValue:
    """What was asked for under a contract and given back, whether it runs or has ended."""
    session = house().session
    head = parties.contract(session, contract_id)
    return render_template(
        "retention/returns.html",
        head=head,
        known=history.latest(session, head),
        requests=returning.requests_of(session, head.id),
        returns=returning.returns_of(session, head.id),
        ended=queries.endings_of(session, head.id),
        today=house().today,
        crumbs=(*_way(head)[:-1], (_("Return of the data"), "")),
    )


@blueprint.route(f"{PLACE}/ask", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def ask(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Records that the controller asked for its data."""
    head = parties.contract(house().session, contract_id)
    form = forms.ReturnAsked(received_on=house().today, came=Came.REGISTERED_LETTER.value)

    def do(act: Act) -> None:
        asked = Asked(
            form.received_on.data,
            Came(form.came.data),
            form.reference.data or "",
            form.by_name.data or "",
            form.sees_to.data or "",
            form.file(),
        )
        returning.ask(act, head.id, asked)

    return typed_on(
        _way(head),
        form,
        do,
        title=_("The controller asks for its data"),
        done=_("The request is recorded, with the day until which the data are returned."),
        back=_back(head),
    )


@blueprint.route(f"{PLACE}/give", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def give(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Records that data were given back."""
    session = house().session
    head = parties.contract(session, contract_id)
    answered = {each.request_id for each in returning.returns_of(session, head.id)}
    requests = [
        SelectChoice(
            str(each.id), " – ".join(filter(None, (short(each.received_on), each.reference)))
        )
        for each in returning.requests_of(session, head.id)
        if each.id not in answered
    ]
    ended = bool(history.latest(session, head).ended_on)
    form = forms.GivenBack(requests, returned_on=house().today, whole=ended)

    def do(act: Act) -> None:
        given = Given(
            form.returned_on.data,
            form.format.data,
            form.to_name.data or "",
            form.file(),
            uuid.UUID(form.request.data) if form.request.data else None,
            form.whole.data,
        )
        returning.give_back(act, head.id, given)

    return typed_on(
        _way(head),
        form,
        do,
        title=_("Data returned"),
        done=_("The return is recorded."),
        back=_back(head),
        hint=_("Without a document the return is recorded, and not proven."),
    )


@blueprint.get(f"{PLACE}/proofs/<digest>")
@needs(Permission.RETENTION_READ)
def proof(contract_id: uuid.UUID, digest: str) -> ResponseReturnValue:
    """A document that is kept with a request or a return: to keep, never shown in the page."""
    session = house().session
    head = parties.contract(session, contract_id)
    if digest not in returning.return_proofs(session, head.id):
        raise NotFound
    return downloads.proof(digest, head.reference)
