"""Pages of a breach as a whole: the board, the first record, the dossier, its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.breaches import forms
from app.dossiers import Editing
from app.gate import acting, needs
from app.house import house
from app.instants import now_typed
from app.languages import moment
from app.lists import addresses, cut
from registers.activities import queries as register
from registers.breaches import alarms, drills, facts, operations, owning, proposing, queries, rules
from registers.breaches import timeline as events
from registers.breaches.models import Breach
from registers.breaches.timeline import Sort
from registers.breaches.vocabulary import ARTICLE_33, Phase
from registers.kernel import history
from registers.kernel.errors import GreffeError
from registers.kernel.instants import Instant
from registers.kernel.words import Text
from registers.people import queries as people
from registers.people.roles import Permission
from registers.subprocessors import queries as subprocessors

blueprint = Blueprint("breaches", __name__)

URGENT, SOON = timedelta(hours=4), timedelta(hours=12)

Ticking = Callable[[datetime], tuple[str, Text]]


def ticking(now: datetime) -> Ticking:
    """Says of the end of a clock how urgent it is at this instant, and the time left."""

    def tick(ends_at: datetime) -> tuple[str, Text]:
        left = ends_at - now
        tone = "bad" if left <= URGENT else "warn" if left <= SOON else "accent"
        return tone, rules.remaining(left)

    return tick


def board(now: datetime) -> list[tuple[Breach, queries.Tally]]:
    """The open breaches with their clocks: whose time ends first, first; exercises last."""
    session = house().session
    heads = queries.running(session)
    found = queries.clocks(session, [head.id for head in heads])
    rows = [(head, queries.tally(found.get(head.id, []), now)) for head in heads]
    rows.sort(
        key=lambda row: (
            row[0].drill,
            row[1].next_end is None,
            row[1].next_end,
            row[0].recorded_at,
        )
    )
    return rows


@blueprint.get("/breaches")
@needs(Permission.BREACHES_READ)
def listed() -> ResponseReturnValue:
    """The open breaches with the time left, most urgent first; below them those that ended."""
    now, search = house().now(), request.args.get("search", "")
    rows = board(now)
    return render_template(
        "breaches/board.html",
        rows=rows,
        own_cases=owning.standings(house().session, [head for head, _tally in rows], now),
        unfired=alarms.unfired(house().session, [head for head, _tally in rows], now),
        now=now,
        tick=ticking(now),
        page=queries.ended(house().session, search, cut()),
        search=search,
        address=addresses(),
    )


@blueprint.route("/breaches/new", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def new() -> ResponseReturnValue:
    """The first record, short enough for a telephone at three in the morning."""
    return _first_record(drill=False)


@blueprint.route("/breaches/exercise", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def exercise() -> ResponseReturnValue:
    """The same for an exercise: a page of its own, so that nobody takes one for the other."""
    g.exercise = True
    return _first_record(drill=True)


def _first_record(*, drill: bool) -> ResponseReturnValue:
    form = forms.Alert(data=now_typed() if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            known = facts.Breach(
                title=form.title.data,
                aware=form.instant(),
                services=tuple(form.services.data or ()),
            )
            with acting() as act:
                head = operations.record(act, known, drill=drill, reason=_("First record"))
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Recorded. Now find the controllers that are affected."), "good")
            return redirect(url_for("breaches.one", code=head.code))
    page = render_template("breaches/new.html", form=form, drill=drill)
    return page, 422 if form.problems() else 200


@blueprint.get("/breaches/<code>")
@needs(Permission.BREACHES_READ)
def one(code: str) -> ResponseReturnValue:
    """The dossier: clocks, what is still missing of Art. 33(3), all that is known."""
    session = house().session
    head = queries.one(session, code)
    known = history.latest(session, head)
    around = frame(head)
    return render_template(
        "breaches/one.html",
        **around,
        known=known,
        lacking=rules.lacking(known, around["counted"].numbers),
        letters=ARTICLE_33,
        field_name=field_name,
        proposals=_proposals(head, known),
        sections=forms.sections(),
        names=names(),
        own={name: _local(getattr(known, name)) for name in forms.INSTANTS},
        measured=drills.measured(session, head) if head.drill else [],
        lasting=rules.lasting,
    )


def field_name(name: str) -> Text | str:
    """What a field, or the numbers of each controller, are called."""
    return _("Numbers of persons and records") if name == "numbers" else facts.Breach.name_of(name)


def _local(written: Instant | None) -> str:
    return moment(written.moment(), written.zone) if written else ""


def _proposals(head: Breach, known: facts.Breach) -> int:
    """How many contracts are proposed as affected and wait for somebody's word."""
    if head.phase is not Phase.OPEN:
        return 0
    session, today = house().session, house().today
    touched = proposing.touched_activities(session, known, today)
    return sum(
        not each.reason.ended for each in proposing.proposed(session, head, list(touched), today)
    )


def names() -> dict[str, str]:
    """What the codes in a dossier stand for."""
    session = house().session
    return {
        **{code: f"{code} – {name}" for code, name in register.activity_names(session).items()},
        **{each.code: each.name for each in subprocessors.everyone(session)},
    }


@blueprint.route("/breaches/<code>/edit", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def edit(code: str) -> ResponseReturnValue:
    """Adds what is known since."""
    head = queries.one(house().session, code)
    before = history.latest(house().session, head)
    place = url_for("breaches.one", code=code)

    def save(act: Any, known: facts.Breach, base: int, how: history.How) -> list[str]:
        forms.require_asked(known, before)
        return operations.change(act, head.id, known, base, how.reason)

    return dossiers.edit(
        Editing(
            title=_("What is known of %(code)s", code=code),
            facts=facts.Breach,
            hints=forms.hints(),
            sections=forms.sections(),
            back=place,
            save=save,
            done=lambda _changed: place,
            crumbs=(*way(head), (_("Change"), "")),
            dated=False,
        ),
        head,
    )


@blueprint.get("/breaches/<code>/history")
@needs(Permission.BREACHES_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of what was known."""
    head = queries.one(house().session, code)
    return dossiers.show_history(head, head.code, (*way(head), (_("History"), "")), named=names())


@blueprint.get("/breaches/<code>/timeline")
@needs(Permission.BREACHES_READ)
def timeline(code: str) -> ResponseReturnValue:
    """All that happened, the earliest first or the newest; to be read or printed."""
    session = house().session
    head = queries.one(session, code)
    lines = events.lines(session, head, house().settings.zone)
    newest = request.args.get("order") == "newest"
    return render_template(
        "breaches/timeline.html",
        **frame(head),
        lines=lines[::-1] if newest else lines,
        newest=newest,
        names=people.names(session, {each.actor for each in lines}),
        tones=TONES,
    )


TONES = {
    Sort.FACT: "accent",
    Sort.LIMIT: "warn",
    Sort.DECISION: "bad",
    Sort.NOTICE: "good",
    Sort.RECEIPT: "good",
    Sort.EDIT: "plain",
}


@blueprint.route("/breaches/<code>/close", methods=["GET", "POST"])
@needs(Permission.BREACHES_NOTIFY)
def close(code: str) -> ResponseReturnValue:
    """Closes a breach, or a suspicion that proved false."""
    head = queries.one(house().session, code)
    form = forms.Ending()
    if form.validate_on_submit():
        try:
            with acting() as act:
                operations.close(act, head.id, Phase(form.phase.data), form.reason.data)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
        else:
            flash(_("Closed. The record stays (Art. 33(5))."), "good")
            return redirect(url_for("breaches.one", code=code))
    page = render_template("breaches/close.html", **frame(head, _("Close")), form=form)
    return page, 422 if form.problems() else 200


def frame(head: Breach, here: str = "") -> dict[str, Any]:
    """What stands around every page of one breach: its head, its parts, its clocks."""
    now = house().now()
    groups = queries.clocks(house().session, [head.id]).get(head.id, [])
    crumbs = (*way(head), (here, "")) if here else ((way(head)[0]), (head.code, ""))
    return {
        "head": head,
        "crumbs": crumbs,
        "open": head.phase is Phase.OPEN,
        "counted": queries.tally(groups, now),
        "own_case": owning.standings(house().session, [head], now).get(head.id),
        "unfired": alarms.unfired(house().session, [head], now)
        if head.phase is Phase.OPEN
        else None,
        "now": now,
        "tick": ticking(now),
    }


def way(head: Breach) -> tuple[tuple[str, str], ...]:
    """The way to a breach; each of its pages says so where it is an exercise."""
    g.exercise = head.drill
    return (
        (_("Breaches"), url_for("breaches.listed")),
        (head.code, url_for("breaches.one", code=head.code)),
    )
