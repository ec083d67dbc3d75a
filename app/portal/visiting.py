"""The visit in whose name a page of the portal is asked for.

The secret of a link leaves the address bar at once. What stands there from then on is the visit,
which opens nothing without the cookie that goes to its pages only: so two notices in one browser
do not mix, and an address that was copied is worth nothing.
"""

import uuid
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from app.house import house
from registers.controllers import queries as parties
from registers.controllers.facts import Organisation
from registers.kernel.errors import NotFound
from registers.notices.models import PortalLink
from registers.portal import letters, queries, visits
from registers.portal.letters import Letter
from registers.portal.queries import Opened
from registers.portal.visits import Visit

READS = "whoever holds the link of a notice may read it: the visit's cookie shows that"
ANSWERS = "whoever holds the link may answer, with a code sent to the address on record"

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def cookie() -> str:
    """The name of the cookie of a visit."""
    return "__Secure-notice" if _secure() else "notice"


def _secure() -> bool:
    return house().settings.address.startswith("https://")


def begin(link: PortalLink) -> Response:
    """Begins a visit, and leads on to an address that holds no secret."""
    with house().upkeep() as traces:
        visit_id, secret = visits.begin(traces, link, house().now())
    page = url_for("portal.notice", visit_id=visit_id)
    onward: Any = redirect(page, 303)
    onward.set_cookie(
        cookie(),
        secret,
        max_age=visits.LASTS,
        path=page,
        secure=_secure(),
        httponly=True,
        samesite="Lax",  # whoever comes from a mail must arrive
    )
    return onward


def visit() -> Visit:
    """The visit of the present request."""
    found: Visit = g.visit
    return found


def seen() -> Opened:
    """What it opens."""
    found: Opened | None = g.get("opened")
    if found is None:
        raise NotFound
    return found


def letter() -> Letter | None:
    """The notice of the present request, where it is one to controllers as such."""
    found: Letter | None = g.get("letter")
    return found


def look_again() -> None:
    """Reads the visit anew, after it asked for a code."""
    key = request.cookies.get(cookie(), "")
    g.visit = visits.current(house().session, visit().id, key, house().now())


def organisation() -> Organisation | None:
    """Who sent the notice, as it is today."""
    return parties.organisation_facts(house().session, house().today)


def attach(blueprint: Blueprint) -> None:
    """Lets the pages of a blueprint be reached by visits only, and hardens their answers."""

    @blueprint.before_request
    def _enter() -> ResponseReturnValue | None:
        visit_id: uuid.UUID | None = (request.view_args or {}).get("visit_id")
        if visit_id is not None:
            _visited(visit_id)
        if letter() is not None and request.endpoint == "portal.notice":
            return redirect(url_for("portal_letters.read", visit_id=visit_id), 303)
        if request.method == "POST":
            _own_form()
        return None

    @blueprint.after_request
    def _harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @blueprint.context_processor
    def _shared() -> dict[str, Any]:
        seen = g.get("opened") or g.get("letter")
        return {"visit": g.get("visit"), "seen": seen, "ours": organisation()}


def _visited(visit_id: uuid.UUID) -> None:
    session, now = house().session, house().now()
    g.visit = visits.current(session, visit_id, request.cookies.get(cookie(), ""), now)
    g.letter = letters.opened(session, g.visit.link_id, now)
    g.opened = None if g.letter else queries.opened(session, g.visit.link_id, now)
    g.notice_language = (g.letter or g.opened).notice.language
    refresh()


def _own_form() -> None:
    """As CSRFProtect does, but for the Referer, which these pages tell nobody."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(error.args[0]) from error
