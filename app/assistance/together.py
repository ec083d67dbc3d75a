"""What is instructed and given under one controller, on one page; where a new record begins."""

from typing import Any, NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.assistance.shelves import way
from app.gate import may, needs
from app.house import house
from registers.activities import queries as register
from registers.assistance import duty_queries, purposes, queries
from registers.assistance.queries import Given
from registers.assistance.rules import Outside
from registers.breaches.recipients import controllers_named
from registers.controllers import queries as parties
from registers.controllers.models import Contract
from registers.kernel.errors import NotFound
from registers.people.roles import Permission

blueprint = Blueprint("assisting", __name__)

MOST = 30
WHAT = ("instructions", "audits", "interventions")


class Under(NamedTuple):
    """A contract with its instructions, and the purposes outside of them."""

    head: Contract
    given: list[Given]
    outside: list[Outside]


def under(head: Contract) -> Under:
    """What was instructed under a contract."""
    session = house().session
    return Under(
        head,
        queries.instructions_of(session, [head.id]),
        purposes.outside(session, head, house().today),
    )


@blueprint.app_context_processor
def _known() -> dict[str, Any]:
    """Lets the dossier of a contract show what was instructed under it."""
    return {"instructed_under": under}


@blueprint.get("/controllers/<code>/assistance")
@needs(Permission.ASSISTANCE_READ)
def one(code: str) -> ResponseReturnValue:
    """A controller: instructions by contract, audits, interventions, the evidence pack."""
    session = house().session
    head = parties.controller(session, code)
    held = parties.contracts_of(session, head.id, house().today)
    authorised = queries.staff(session, house().today)
    return render_template(
        "assistance/together.html",
        head=head,
        contracts=[under(each.head) for each in held],
        assistance=queries.assistance_of(session, head.id),
        interventions=queries.interventions_of(session, head.id),
        duties=duty_queries.duties_of(session, head.id, secret=may(Permission.DUTIES_RESERVED)),
        coverage=queries.coverage(authorised),
        certificates=queries.certificates(session, handed_out=True),
        activities=register.activity_names(session),
        today=house().today,
        crumbs=(*way(head)[:-1], (way(head)[-1][0], "")),
    )


@blueprint.get("/assistance/begin/<what>")
@needs(Permission.CONTROLLERS_READ)
def begin(what: str) -> ResponseReturnValue:
    """For whom something is recorded: the controllers found by name, with their contracts."""
    if what not in WHAT:
        raise NotFound
    search = request.args.get("search", "")
    found = controllers_named(house().session, search, MOST) if search.strip() else []
    return render_template("assistance/begin.html", what=what, search=search, found=found)
