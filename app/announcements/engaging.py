"""Pages on which a sub-processor starts: who may, who holds it, and what started too early."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app import dossiers
from app.announcements import forms
from app.announcements.views import TONES, announced, way
from app.gate import acting, needs
from app.house import house
from app.languages import say
from registers.announcements import engaging, facts, queries, tallies
from registers.announcements.engaging import Held
from registers.announcements.models import Announcement, Change
from registers.announcements.tallies import Row, Tally
from registers.announcements.vocabulary import State, Topic
from registers.kernel import history
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.history import How
from registers.people.roles import Permission

blueprint = Blueprint("engaging", __name__)

SHOWN = 200
STARTED = (State.ENGAGED, State.IRREGULAR)
OUT = (*STARTED, State.CONTRACT_ENDED)


class Situation(NamedTuple):
    """A change on a day: who may start, and who holds it."""

    head: Announcement
    change: Change
    known: facts.Announcement
    counted: Tally
    ready: Sequence[Row]
    """The first that may start, by name."""
    holders: Sequence[Row]
    """The first that hold it."""

    @property
    def name(self) -> str:
        """That of the sub-processor, or of the version."""
        return self.change.name

    @property
    def may_start(self) -> int:
        """How many may start."""
        return self.counted.counts[State.MAY_START]

    @property
    def held(self) -> int:
        """How many hold it."""
        out = self.may_start + sum(self.counted.counts[state] for state in OUT)
        return self.counted.total - out


def _situation(code: str, position: int, day: date) -> Situation:
    session, head = house().session, announced(code)
    changes = queries.changes_of(session, head.id)
    change = next((each for each in changes if each.position == position), None)
    if change is None:
        raise NotFound
    counted = tallies.tally(session, [head.id], day, change.id)
    holding = [state for state in State if state not in {State.MAY_START, *OUT}]
    return Situation(
        head,
        change,
        history.latest(session, head),
        counted,
        tallies.standing_so(session, change, counted, [State.MAY_START], SHOWN),
        tallies.standing_so(session, change, counted, holding, SHOWN),
    )


@blueprint.route("/announcements/<code>/changes/<int:position>/engage", methods=["GET", "POST"])
@needs(Permission.ENGAGE)
def engage(code: str, position: int) -> ResponseReturnValue:
    """Lets a sub-processor start: for all, for those that nothing holds, or for some of them."""
    day = dossiers.asked_day()
    found = _situation(code, position, day)
    form = _engage_form(found, day)
    holders: Sequence[Any] = ()
    if form.validate_on_submit():
        day = form.day.data
        found = _situation(code, position, day)
        try:
            states = [State.MAY_START]
            ready = tallies.matters(house().session, found.change, found.counted, states)
            chosen = forms.chosen(form, ready)
            how = How(day, form.reason.data)
            with acting() as act:
                count = engaging.engage(act, found.change.id, chosen, day, how)
        except Held as error:
            form.refuse(error)
            holders = error.holders
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_engaged(count, found.head), "good")
            return redirect(url_for("announcements.one", code=code))
        found = _situation(code, position, day)
    page = render_template(
        "announcements/engage.html",
        found=found,
        head=found.head,
        form=form,
        day=day,
        holders=holders,
        shown=SHOWN,
        tones=TONES,
        crumbs=(*way(found.head), (_title(found), "")),
    )
    return page, 422 if form.problems() else 200


def _engaged(count: int, head: Announcement) -> str:
    if head.topic is Topic.VERSION:
        return ngettext(
            "Installed for %(num)s contract.", "Installed for %(num)s contracts.", count
        )
    return ngettext("Engaged for %(num)s contract.", "Engaged for %(num)s contracts.", count)


def _title(found: Situation) -> str:
    return _("Install") if found.head.topic is Topic.VERSION else _("Engage")


def _engage_form(found: Situation, day: date) -> forms.Engaged:
    form = forms.Engaged(_boxes(found.ready, found.head.topic), day=day)
    everybody = SelectChoice(forms.ALL, _("all contracts told of"))
    choices = [everybody]
    if found.known.divisible and found.may_start:
        ready = ngettext(
            "the %(num)s contract that nothing holds",
            "the %(num)s contracts that nothing holds",
            found.may_start,
        )
        choices = [
            SelectChoice(forms.READY, ready),
            everybody,
            SelectChoice(forms.CHOSEN, _("only those ticked below")),
        ]
    form.whom.choices = choices
    form.whom.data = form.whom.data or choices[0].value
    if request.method == "POST":  # whoever was ticked may stand beyond those shown
        form.matters.choices = [
            *form.matters.choices,
            *(SelectChoice(each, each) for each in form.matters.data or ()),
        ]
    return form


def _boxes(rows: Sequence[Row], topic: Topic) -> list[SelectChoice]:
    return [
        SelectChoice(
            str(row.case.matter_id),
            f"{row.name} – {row.reference} – {say(row.standing.state.named(topic))}",
        )
        for row in rows
    ]


@blueprint.route("/announcements/<code>/changes/<int:position>/irregular", methods=["GET", "POST"])
@needs(Permission.ENGAGE)
def irregular(code: str, position: int) -> ResponseReturnValue:
    """Records that a sub-processor started before it might, and tells the controllers."""
    today = house().today
    found = _situation(code, position, today)
    form = _irregular_form(found)
    if form.validate_on_submit():
        try:
            chosen = forms.chosen(form, ())
            with acting() as act:
                told = engaging.record_irregular(
                    act,
                    found.change.id,
                    chosen,
                    started_on=form.started_on.data,
                    reason=form.reason.data,
                    day=today,
                )
        except GreffeError as error:
            form.refuse(error)
            found = _situation(code, position, today)
        else:
            flash(_told(told), "good")
            return redirect(url_for("announcements.one", code=code))
    page = render_template(
        "announcements/irregular.html",
        found=found,
        head=found.head,
        form=form,
        shown=SHOWN,
        crumbs=(*way(found.head), (_irregular(found), "")),
    )
    return page, 422 if form.problems() else 200


def _irregular(found: Situation) -> str:
    version = found.head.topic is Topic.VERSION
    return _("Installed too early") if version else _("Irregular engagement")


def _told(count: int) -> str:
    return ngettext(
        "Recorded: %(num)s recipient is told.", "Recorded: %(num)s recipients are told.", count
    )


def _irregular_form(found: Situation) -> forms.Irregular:
    form = forms.Irregular(_boxes([*found.holders, *found.ready], found.head.topic))
    form.whom.choices = [
        SelectChoice(forms.ALL, _("all contracts told of that it has not started for yet")),
        SelectChoice(forms.CHOSEN, _("only those ticked below")),
    ]
    form.whom.data = form.whom.data or forms.CHOSEN
    return form
