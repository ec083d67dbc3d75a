"""Pages of announcements as a whole: drafted, looked at, announced, withdrawn."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import dossiers
from app.announcements import forms
from app.dossiers import Editing
from app.gate import acting, may, needs
from app.house import house
from app.lists import addresses, cut
from registers.activities import queries as register
from registers.announcements import chasing, drafting, facts, operations, planning, queries, tallies
from registers.announcements.models import Announcement, Change
from registers.announcements.planning import Addressee, Lacking
from registers.announcements.tallies import Filters
from registers.announcements.vocabulary import Phase, State, Topic
from registers.kernel import history
from registers.kernel.errors import Conflict, GreffeError
from registers.kernel.words import text
from registers.people import queries as people
from registers.people.roles import Permission
from registers.subprocessors import queries as subprocessors

blueprint = Blueprint("announcements", __name__)

SHOWN_RECIPIENTS = 50


@blueprint.get("/announcements")
@needs(Permission.ANNOUNCEMENTS_READ)
def listed() -> ResponseReturnValue:
    """All announcements, the newest first."""
    search, phase, topic = (request.args.get(name, "") for name in ("search", "phase", "topic"))
    return render_template(
        "announcements/list.html",
        page=queries.listed(house().session, search, phase, cut(), topic),
        topic=topic,
        topics=Topic,
        search=search,
        phase=phase,
        phases=Phase,
        address=addresses(),
    )


@blueprint.route("/announcements/new", methods=["GET", "POST"])
@needs(Permission.ANNOUNCEMENTS_EDIT)
def new() -> ResponseReturnValue:
    """Drafts an announcement: from nothing, of a sub-processor, or in place of another one."""
    code = request.args.get("revises", "")
    former = queries.one(house().session, code) if code else None
    asked = Topic.VERSION if request.args.get("topic") == "version" else Topic.SUBPROCESSORS
    topic = former.topic if former else asked
    title = _("Announce an update") if topic is Topic.VERSION else _("Draft an announcement")
    return dossiers.edit(
        Editing(
            title=_("Announce %(code)s anew", code=code) if code else title,
            facts=facts.Announcement,
            hints=forms.hints(topic),
            sections=forms.sections(topic),
            back=_place(former) if former else url_for("announcements.listed"),
            save=lambda act, known, _base, how: drafting.draft(
                act, drafting.about(known, topic), how, former.id if former else None
            ),
            done=lambda head: url_for("announcements.preview", code=head.code),
            crumbs=((_("Announcements"), url_for("announcements.listed")), (_("New"), "")),
            dated=False,
        ),
        None,
        _begun(former),
    )


def _begun(former: Announcement | None) -> facts.Announcement | None:
    """What a new draft begins with: a former announcement, or one sub-processor."""
    session = house().session
    if former is not None:
        if former.phase is not Phase.ANNOUNCED:
            raise Conflict(text("This announcement is not under way."))
        return history.latest(session, former)
    code = request.args.get("subprocessor", "")
    if not code:
        return None
    named = subprocessors.one(session, code)
    known = history.latest(session, named)
    change = facts.Change(code=code, planned_on=known.contract_starts_on)
    return facts.Announcement(title=_("Engagement of %(name)s", name=named.name), changes=(change,))


@blueprint.route("/announcements/<code>/edit", methods=["GET", "POST"])
@needs(Permission.ANNOUNCEMENTS_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Changes a draft."""
    head = _draft(code)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=head.code),
            facts=facts.Announcement,
            hints=forms.hints(head.topic),
            sections=forms.sections(head.topic),
            back=_place(head),
            save=lambda act, known, base, how: drafting.change(act, head.id, known, base, how),
            done=lambda _changed: url_for("announcements.preview", code=code),
            crumbs=(*way(head), (_("Change"), "")),
            dated=False,
        ),
        head,
    )


def _draft(code: str) -> Announcement:
    head = queries.one(house().session, code)
    if head.phase is not Phase.DRAFT:
        raise Conflict(
            text("It was announced already, and is not changed any more: announce it anew.")
        )
    return head


@blueprint.get("/announcements/<code>/history")
@needs(Permission.ANNOUNCEMENTS_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of a draft, up to the one that was announced."""
    head = queries.one(house().session, code)
    return dossiers.show_history(head, head.code, (*way(head), (_("History"), "")), named=_names())


@blueprint.get("/announcements/<code>/preview")
@needs(Permission.ANNOUNCEMENTS_READ)
def preview(code: str) -> ResponseReturnValue:
    """What announcing a draft today would do: to whom, how, from when on."""
    session, head = house().session, _draft(code)
    known = history.latest(session, head)
    plan = planning.plan(session, known, house().today)
    at = max(1, request.args.get("page", 1, type=int))
    first = (at - 1) * SHOWN_RECIPIENTS
    return render_template(
        "announcements/preview.html",
        head=head,
        known=known,
        plan=plan,
        names=_names(),
        sections=forms.sections(head.topic),
        too_soon=plan.too_soon,
        lacking=[(each, _completed_at(head, each)) for each in plan.lacking],
        weak=[(each, *lack) for each in plan.addressees for lack in each.lacks],
        shown=plan.addressees[first : first + SHOWN_RECIPIENTS],
        pages=(at, -(-len(plan.addressees) // SHOWN_RECIPIENTS)),
        languages=sorted({each.language for each in plan.addressees}),
        effects=_effects,
        channels=lambda each: Counter(channel for channel, _address, _owner in each.ways),
        address=addresses(),
    )


def _names() -> dict[str, str]:
    """What the codes of a draft stand for."""
    session = house().session
    return {
        **{code: f"{code} – {name}" for code, name in register.activity_names(session).items()},
        **{each.code: each.name for each in subprocessors.everyone(session)},
    }


def _completed_at(head: Announcement, lack: Lacking) -> str:
    """Where what is lacking is completed, by whoever may."""
    if not lack.code:
        return (
            url_for("versions.attach" if lack.sheet else "announcements.edit", code=head.code)
            if may(Permission.ANNOUNCEMENTS_EDIT)
            else ""
        )
    editing = may(Permission.REGISTER_EDIT)
    return url_for(f"subprocessors.{'edit' if editing else 'one'}", code=lack.code)


def _effects(recipient: Addressee) -> list[Any]:
    """What the contracts of a recipient need at most, each once."""
    found = {effect: None for told in recipient.told for effect in told.effects if effect}
    return list(found)


@blueprint.route("/announcements/<code>/announce", methods=["GET", "POST"])
@needs(Permission.ANNOUNCE)
def announce(code: str) -> ResponseReturnValue:
    """The last look before every controller is told; confirmed by the number of recipients."""
    session, head = house().session, _draft(code)
    form = forms.Confirm(base=head.latest)
    if form.validate_on_submit():
        try:
            with acting() as act:
                operations.announce(act, head.id, form.base.data, form.typed.data, house().today)
        except GreffeError as error:
            form.refuse(error)
            session, head = house().session, queries.one(house().session, code)
            if head.phase is not Phase.DRAFT:
                flash(_("It was announced already: nobody is told twice."))
                return redirect(_place(head))
        else:
            flash(_("Announced: the notices leave one after the other."), "good")
            return redirect(_place(head))
    known = history.latest(session, head)
    plan = planning.plan(session, known, house().today)
    if not form.problems() and (plan.lacking or plan.too_soon or not plan.addressees):
        return redirect(url_for("announcements.preview", code=code))  # it says what is missing
    status = 422 if form.problems() else 200
    return (
        render_template(
            "announcements/announce.html",
            head=head,
            known=known,
            plan=plan,
            form=form,
            revised=session.get(Announcement, head.revises_id) if head.revises_id else None,
        ),
        status,
    )


@blueprint.get("/announcements/<code>")
@needs(Permission.ANNOUNCEMENTS_READ)
def one(code: str) -> ResponseReturnValue:
    """Where every controller of an announcement stands."""
    session, today = house().session, house().today
    head = queries.one(session, code)
    if head.phase is Phase.DRAFT:
        return redirect(url_for("announcements.preview", code=code))
    filters = Filters(
        **{name: request.args.get(name, "") for name in ("search", "state", "change")}
    )
    changes = queries.changes_of(session, head.id)
    counted = tallies.tally(session, [head.id], today)
    before, after = queries.kin(session, head)
    return render_template(
        "announcements/one.html",
        **frame(head, changes),
        known=history.latest(session, head),
        counted=counted,
        bar=bar(counted),
        page=tallies.controllers(session, head, filters, counted, cut()),
        filters=filters,
        states=[each for each in State if counted.counts[each]],
        by_change={each.id: each for each in changes},
        before=before,
        after=after,
        author=people.names(session, [head.announced_by]).get(head.announced_by),
        names=_names(),
        iso=date.fromisoformat,
        address=addresses(),
    )


@blueprint.get("/announcements/<code>/timeline")
@needs(Permission.ANNOUNCEMENTS_READ)
def timeline(code: str) -> ResponseReturnValue:
    """What happened, the newest first."""
    session = house().session
    head = announced(code)
    changes = queries.changes_of(session, head.id)
    entries = queries.timeline(session, head, changes)
    names = people.names(session, {each.actor for each in entries})
    return render_template(
        "announcements/timeline.html", **frame(head, changes), entries=entries, names=names
    )


GROUPS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("done", (State.ENGAGED, State.MAY_START)),
    ("open", (State.OPEN, State.PROVISIONAL, State.WAITING)),
    ("held", (State.HELD, State.REFUSED, State.IRREGULAR)),
    ("waiting", (State.AWAITING_RECEIPT, State.AWAITING_AGREEMENT, State.AWAITING_DISPATCH)),
    ("over", (State.CONTRACT_ENDED, State.OVER)),
)
"""The parts of a progress bar, the best first."""

TONES = {state: tone for tone, states in GROUPS for state in states}


def bar(counted: tallies.Tally) -> list[tuple[str, float, float]]:
    """A progress bar: tone, beginning and width of each part, in hundredths of the whole."""
    parts, at = [], 0.0
    for tone, states in GROUPS:
        share = 100 * sum(counted.counts[state] for state in states) / max(1, counted.total)
        if share:
            parts.append((tone, round(at, 3), round(share, 3)))
        at += share
    return parts


@blueprint.route("/announcements/<code>/withdraw", methods=["GET", "POST"])
@needs(Permission.ANNOUNCE)
def withdraw(code: str) -> ResponseReturnValue:
    """Withdraws an announcement that was made in error."""
    head = announced(code)
    form = forms.Reasoned()
    if form.validate_on_submit():
        try:
            with acting() as act:
                told = operations.withdraw(act, head.id, form.reason.data, house().today)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(
                ngettext(
                    "Withdrawn: %(num)s recipient is told.",
                    "Withdrawn: %(num)s recipients are told.",
                    told,
                ),
                "good",
            )
            return redirect(url_for("announcements.one", code=code))
    head = announced(code)
    page = render_template(
        "announcements/withdraw.html",
        head=head,
        form=form,
        crumbs=(*way(head), (_("Withdraw"), "")),
        left=queries.left(house().session, head),
    )
    return page, 422 if form.problems() else 200


def announced(code: str) -> Announcement:
    """An announcement that was made.

    Raises:
        Conflict: it is a draft.
        NotFound: there is none.
    """
    head = queries.one(house().session, code)
    if head.phase is Phase.DRAFT:
        raise Conflict(text("This is still a draft: nobody was told."))
    return head


def frame(head: Announcement, changes: Sequence[Change]) -> dict[str, Any]:
    """What stands around every page of one announcement: its head, its parts, where one is."""
    return {
        "head": head,
        "changes": changes,
        "crumbs": ((_("Announcements"), url_for("announcements.listed")), (head.code, "")),
        "running": head.phase is Phase.ANNOUNCED,
        "tones": TONES,
        "why": chasing.Why,
    }


def _place(head: Announcement) -> str:
    return url_for("announcements.one", code=head.code)


def way(head: Announcement) -> tuple[tuple[str, str], ...]:
    """The way to an announcement."""
    return ((_("Announcements"), url_for("announcements.listed")), (head.code, _place(head)))
