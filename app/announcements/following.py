"""Pages that follow an announcement up: who is to be chased, what did not arrive, a spreadsheet."""

import io
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app.announcements import forms
from app.announcements.views import announced, frame, way
from app.gate import acting, needs
from app.house import house
from app.languages import say
from app.lists import addresses, cut
from registers.announcements import chasing, operations, queries
from registers.announcements.chasing import Chase, Why
from registers.announcements.models import Announcement
from registers.announcements.queries import Filters
from registers.announcements.vocabulary import Phase
from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import history, sheets
from registers.kernel.errors import NotFound
from registers.kernel.words import Words
from registers.notices import fallbacks
from registers.notices import operations as notices
from registers.notices.fallbacks import Chain
from registers.notices.operations import Way
from registers.notices.reaching import envelope
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
    counted = queries.tally(session, [head.id], house().today)
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
    if not forms.Nothing().validate_on_submit():
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
    counted = queries.tally(session, [head.id], house().today)
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
    counted = queries.tally(session, [head.id], house().today)
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
        for row in queries.all_controllers(session, head, filters, counted)
    )
    return send_file(
        io.BytesIO(sheets.xlsx(_headings(), rows)),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"{head.code}-{house().today}.xlsx",
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
    found = fallbacks.chain(house().session, dispatch_id, house().today)
    if not found.notice.cause.startswith(f"announcement:{head.id}"):
        raise NotFound
    form = forms.Again()
    form.address.choices = _choices(found)
    if form.address.choices and form.address.data is None:
        form.address.data = form.address.choices[0].value
    if form.validate_on_submit():
        chosen = form.address.data
        with acting() as act:
            if chosen == POST:
                notices.write_letters(act, found.notice.id, _letters(found, house().today))
            else:
                notices.send_again(act, dispatch_id, chosen)
        flash(
            _("A letter is to be sent: see the letters of this announcement.")
            if chosen == POST
            else _("It leaves again, to %(address)s.", address=chosen),
            "good",
        )
        return redirect(url_for("following.chase", code=code))
    chased = (_("To chase"), url_for("following.chase", code=code))
    page = render_template(
        "announcements/again.html",
        head=head,
        found=found,
        form=form,
        crumbs=(*way(head), chased, (found.notice.number, "")),
    )
    return page, 422 if form.problems() else 200


def _choices(found: Chain) -> list[SelectChoice]:
    """The addresses in the order to try them; what was tried last stands at the end."""
    dispatch = found.dispatch
    choices = [
        SelectChoice(each.email, f"{say(each.role.says)} – {each.name} – {each.email}")
        for each in found.addresses
    ]
    if dispatch.channel is not Channel.EMAIL:
        choices = []
    if found.letters:
        label = ngettext(
            "by registered letter to %(num)s controller",
            "by registered letter to %(num)s controllers",
            len(found.letters),
        )
        choices.append(SelectChoice(POST, label))
    if dispatch.channel is Channel.EMAIL:
        once_more = _("the same address once more – %(address)s", address=dispatch.address)
        choices.append(SelectChoice(dispatch.address, once_more))
    return choices


def _letters(found: Chain, day: date) -> list[Way]:
    """A letter to each controller of a notice, with the address of the day."""
    words = Words(found.notice.language)
    with house().database.reading() as session:
        ours = controllers.organisation_facts(session, day)
        known = history.known_on(session, Controller, day, [each.id for each in found.letters])
    return [
        Way(Channel.REGISTERED_LETTER, "\n".join(lines), each.id)
        for each in found.letters
        for lines in [envelope(known[each.id], ours.country if ours else "FR", words)]
    ]
