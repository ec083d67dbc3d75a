"""The public list of sub-processors in force, and its feed: no account, no staff navigation."""

from datetime import UTC, datetime, time

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.gate import public
from app.house import house
from registers.kernel.errors import NotFound
from registers.subprocessors import queries
from registers.subprocessors.queries import Published

blueprint = Blueprint("published", __name__)

WHY = "controllers and the persons concerned may know who processes data; can be switched off"


@blueprint.get("/public/subprocessors")
@public(WHY)
def page() -> ResponseReturnValue:
    """The sub-processors in force today, and when this list last changed."""
    return render_template("subprocessors/public.html", listed=_listed(house().session))


@blueprint.get("/public/subprocessors.atom")
@public(WHY)
def feed() -> ResponseReturnValue:
    """The same as an Atom feed, for whoever wants to be told of changes."""
    listed = _listed(house().session)
    written = render_template(
        "subprocessors/feed.xml",
        listed=listed,
        address=house().settings.address,
        at=lambda day: datetime.combine(day, time(), UTC).isoformat(),
        today=house().today,
    )
    return Response(written, mimetype="application/atom+xml")


def _listed(session: Session) -> Published:
    if house().settings.public_list == "off":
        raise NotFound
    return queries.in_force(session, house().today)
