"""Pages that follow an announcement up: who is to be chased, what did not arrive, a spreadsheet."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import downloads
from app.announcements.views import announced, frame, way
from app.gate import acting, needs
from app.house import house
from app.languages import say
from app.lists import addresses, cut
from app.notices import following as notice_pages
from app.notices import forms as notice_forms
from registers.announcements import chasing, operations, queries, tallies
from registers.announcements.chasing import Chase, Why
from registers.announcements.models import Announcement
from registers.announcements.tallies import Filters
from registers.announcements.vocabulary import Phase
from registers.kernel import audit, sheets
from registers.notices import fallbacks
from registers.people.roles import Permission

blueprint = Blueprint("following", __name__)

SHOWN_UNDELIVERED = 100
POST = "post"


@blueprint.get("/announcements/<code>/chase")
@needs(Permission.ANNOUNCEMENTS_READ)
def chase(code: str) -> ResponseReturnValue:
    """Whom to chase: receipts not proven, windows that close, objections unanswered, mail back."""
    session = house().session
    head = announced(code)
    wanted = _why(request.args.get("why", ""))
    counted = tallies.tally(session, [head.id], house().today)
    found = chasing.to_chase(session, [head], counted)
    running = head.phase is Phase.ANNOUNCED
    return render_template(
        "announcements/chase.html",
        **frame(head, queries.changes_of(session, head.id)),
        chase=found,
        wanted=wanted,
        page=chasing.rows(session, head, found, wanted, cut()) if running else None,
        reminded=chasing.reminded(session, head),
        undelivered=fallbacks.undelivered(session, queries.cause_of(head), SHOWN_UNDELIVERED),
        ways=queries.ways(session, head),
        closing=chasing.closing,
        address=addresses(),
    )


def _why(written: str) -> Why | None:
    return next((each for each in Why if each.value == written), None)


@blueprint.post("/announcements/<code>/remind")
@needs(Permission.ANNOUNCE)
def remind(code: str) -> ResponseReturnValue:
    """Reminds those whose receipt has not been proven for five business days."""
    head = announced(code)
    back = redirect(url_for("following.chase", code=code))
    if not notice_forms.Nothing().validate_on_submit():
        return back
    late, count = _late(head), 0
    if late:
        with acting() as act:
            count = operations.remind(act, head.id, house().today, late)
    flash(
        ngettext("%(num)s reminder is written.", "%(num)s reminders are written.", count),
        "good" if count else "",
    )
    return back


def _late(head: Announcement) -> set[Any]:
    session = house().session
    counted = tallies.tally(session, [head.id], house().today)
    found: Chase = chasing.to_chase(session, [head], counted)
    return chasing.matters(session, head, found, Why.RECEIPT)


@blueprint.get("/announcements/<code>/controllers.xlsx")
@needs(Permission.ANNOUNCEMENTS_READ)
def export(code: str) -> ResponseReturnValue:
    """The list as it is narrowed, as a spreadsheet."""
    session = house().session
    head = announced(code)
    filters = Filters(
        **{name: request.args.get(name, "") for name in ("search", "state", "change")}
    )
    counted = tallies.tally(session, [head.id], house().today)
    named = {each.id: each.name for each in queries.changes_of(session, head.id)}
    rows = (
        [
            row.name,
            row.code,
            row.reference,
            named[row.case.change_id],
            say(row.standing.state.named(head.topic)),
            say(row.standing.says),
            row.known.sent_on,
            row.known.receipt.received_on if row.known.receipt else None,
            say(row.known.receipt.grade.says) if row.known.receipt else "",
            row.known.closes_on,
            row.known.free_on,
            row.known.engaged_on,
        ]
        for row in tallies.all_controllers(session, head, filters, counted)
    )
    return downloads.saved(
        sheets.xlsx(_headings(), rows),
        downloads.XLSX,
        f"{head.code}-{house().today}.xlsx",
    )


def _headings() -> list[str]:
    return [
        _("Controller"),
        _("Code"),
        _("Contract"),
        _("Sub-processor"),
        _("State"),
        _("Why"),
        _("Sent on"),
        _("Received on"),
        _("Evidence"),
        _("Last day of the window"),
        _("May start from"),
        _("Engaged on"),
    ]


@blueprint.route(
    "/announcements/<code>/dispatches/<uuid:dispatch_id>/again", methods=["GET", "POST"]
)
@needs(Permission.RECEIPTS_RECORD)
def again(code: str, dispatch_id: Any) -> ResponseReturnValue:
    """Where a notice that did not arrive goes now: the next address, the same one, or the post."""
    head = announced(code)
    trail = (*way(head), (_("To chase"), url_for("following.chase", code=code)))
    name = audit.name_of(head)
    return notice_pages.again(dispatch_id, lambda notice: notice.cause.startswith(name), trail)
