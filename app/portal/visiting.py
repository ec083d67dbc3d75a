"""The visit in whose name a page of the portal is asked for.

The secret of a link leaves the address bar at once. What stands there from then on is the visit,
which opens nothing without the cookie that goes to its pages only: so two notices in one browser
do not mix, and an address that was copied is worth nothing.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import refresh
from flask_wtf.csrf import CSRFError, validate_csrf
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from app.house import house
from registers.controllers import queries as parties
from registers.controllers.facts import Organisation
from registers.kernel.errors import NotFound
from registers.notices.models import Notice, PortalLink
from registers.notices.vocabulary import NoticeKind
from registers.portal import breaches, instructing, letters, queries, visits
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
    onward: Any = redirect(home(visit_id, _kind(link.notice_id)), 303)
    onward.set_cookie(
        cookie(),
        secret,
        max_age=visits.LASTS,
        path=url_for("portal.notice", visit_id=visit_id),
        secure=_secure(),
        httponly=True,
        samesite="Lax",  # whoever comes from a mail must arrive
    )
    return onward


def home(visit_id: uuid.UUID, kind: NoticeKind | None) -> str:
    """The first page of a visit, by what its notice tells."""
    endpoint = HOMES.get(kind, "portal.notice") if kind else "portal.notice"
    return url_for(endpoint, visit_id=visit_id)


HOMES: dict[NoticeKind, str] = {
    **dict.fromkeys(breaches.KINDS, "told.one"),
    **dict.fromkeys(letters.KINDS, "portal_letters.read"),
    NoticeKind.INSTRUCTION: "instructing.one",
    NoticeKind.LEGAL_DUTY: "instructing.duty",
}
"""The first pages of notices that tell of other things than announcements."""


def _kind(notice_id: uuid.UUID) -> NoticeKind | None:
    found = house().session.get(Notice, notice_id)
    return found.kind if found else None


def visit() -> Visit:
    """The visit of the present request."""
    found: Visit = g.visit
    return found


def seen() -> Any:
    """What it opens: of an announcement, of a breach, of instructions, of a letter."""
    return g.opened


Opens = Callable[
    [Session, uuid.UUID, datetime], Opened | breaches.Opened | instructing.Opened | Letter
]
"""What a link opens; refuses notices of another kind."""


def announced(session: Session, link_id: uuid.UUID, now: datetime) -> Opened:
    """What the link of a notice about sub-processors opens.

    Raises:
        NotFound: it is the link of another notice.
    """
    if _kind(visit().notice_id) in HOMES:
        raise NotFound
    return queries.opened(session, link_id, now)


def any_notice(
    session: Session, link_id: uuid.UUID, now: datetime
) -> Opened | breaches.Opened | Letter:
    """What the link of any notice opens, for pages that are about the controller itself."""
    kind = _kind(visit().notice_id)
    if kind in breaches.KINDS:
        return breaches.opened(session, link_id, now)
    if kind in letters.KINDS:
        return letters.opened(session, link_id, now)
    return queries.opened(session, link_id, now)


def look_again() -> None:
    """Reads the visit anew, after it asked for a code."""
    key = request.cookies.get(cookie(), "")
    g.visit = visits.current(house().session, visit().id, key, house().now())


def organisation() -> Organisation | None:
    """Who sent the notice, as it is today."""
    return parties.organisation_facts(house().session, house().today)


def attach(blueprint: Blueprint, opens: Opens) -> None:
    """Lets the pages of a blueprint be reached by visits only, and hardens their answers."""

    @blueprint.before_request
    def _enter() -> None:
        visit_id: uuid.UUID | None = (request.view_args or {}).get("visit_id")
        if visit_id is not None:
            _visited(visit_id, opens)
        if request.method == "POST":
            _own_form()

    @blueprint.after_request
    def _harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @blueprint.context_processor
    def _shared() -> dict[str, Any]:
        return {
            "visit": g.get("visit"),
            "home": g.get("home"),
            "seen": g.get("opened"),
            "ours": organisation(),
        }


def _visited(visit_id: uuid.UUID, opens: Opens) -> None:
    session, now = house().session, house().now()
    g.visit = visits.current(session, visit_id, request.cookies.get(cookie(), ""), now)
    g.home = home(visit_id, _kind(g.visit.notice_id))
    g.opened = opens(session, g.visit.link_id, now)
    g.notice_language = g.opened.notice.language
    refresh()


def _own_form() -> None:
    """As CSRFProtect does, but for the Referer, which these pages tell nobody."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(error.args[0]) from error
