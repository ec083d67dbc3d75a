"""Pages on which controllers are told of a breach, in phases, and what became of it."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app.breaches import forms
from app.breaches.views import field_name, frame
from app.gate import acting, may, needs
from app.house import house
from registers.breaches import facts, finding, notifying, oncall, queries, recipients, rules
from registers.breaches.queries import Row
from registers.breaches.recipients import Telling
from registers.breaches.vocabulary import ARTICLE_33, Step
from registers.kernel import history
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import text
from registers.notices.vocabulary import DispatchState
from registers.people.roles import Permission

blueprint = Blueprint("notifying", __name__)

SHOWN_LATE = 200
LEFT = (DispatchState.SENT, DispatchState.UNCERTAIN, DispatchState.DELIVERED)
WENT_WRONG = (DispatchState.FAILED, DispatchState.RETURNED)


@blueprint.get("/breaches/<code>/notices")
@needs(Permission.BREACHES_READ)
def progress(code: str) -> ResponseReturnValue:
    """What was written in which phase, and what became of it on each channel."""
    session = house().session
    head = queries.one(session, code)
    sent = recipients.sent(session, head)
    waiting = sum(
        counted.get(DispatchState.TO_DO, 0) for each in sent for counted in each.ways.values()
    )
    return render_template(
        "breaches/notices.html",
        **frame(head),
        sent=sent,
        waiting=waiting,
        parts=(
            (_("sent"), "good", LEFT),
            (_("to do"), "plain", (DispatchState.TO_DO,)),
            (_("failed"), "bad", WENT_WRONG),
            (_("not sent any more"), "plain", (DispatchState.CANCELLED,)),
        ),
    )


@blueprint.route("/breaches/<code>/notify", methods=["GET", "POST"])
@needs(Permission.BREACHES_NOTIFY)
def notify(code: str) -> ResponseReturnValue:
    """The last look before controllers are told: which phase, what is missing, to how many."""
    session = house().session
    head = queries.one(session, code)
    step = _step(recipients.telling(session, head))
    if step is Step.ERROR:
        return redirect(url_for("withdrawing.withdraw", code=code))
    form = forms.Notify(base=head.latest)
    if form.validate_on_submit():
        try:
            with acting() as act:
                written = notifying.notify(act, head.id, step, form.base.data)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_written(written), "good")
            return redirect(url_for("notifying.progress", code=code))
    session = house().session
    head = queries.one(session, code)
    form.base.data, form.base.raw_data = head.latest, None
    known: facts.Breach = history.latest(session, head)
    around = frame(head, _("Notify"))
    page = render_template(
        "breaches/notify.html",
        **around,
        form=form,
        step=step,
        telling=recipients.telling(session, head),
        known=known,
        minimum=queries.minimum(known),
        lacking=rules.lacking(known, around["counted"].numbers),
        letters=ARTICLE_33,
        field_name=field_name,
        drilled=oncall.reach(session).drill_emails if head.drill else (),
    )
    return page, 422 if form.problems() else 200


def _step(telling: dict[Step, Telling]) -> Step:
    """Which notice is meant: the one asked for, else the first where somebody waits for it."""
    asked = next((each for each in Step if each.value == request.args.get("step")), None)
    if asked is not None:
        return asked
    return Step.FIRST if telling[Step.FIRST].controllers else Step.MORE


def _written(count: int) -> str:
    return ngettext(
        "%(num)s notice is written and leaves now.",
        "%(num)s notices are written and leave now, one after the other.",
        count,
    )


@blueprint.route("/breaches/<code>/late", methods=["GET", "POST"])
@needs(Permission.LATENESS_EXPLAIN)
def lateness(code: str) -> ResponseReturnValue:
    """Why controllers were informed late, and whether their notices say it."""
    head = queries.one(house().session, code)
    rows = queries.late_ones(house().session, head, house().now())
    form = _lateness_form(rows)
    if form.validate_on_submit():
        try:
            ids = _whom(form, rows)
            tell = form.tell.data if form.tell else None
            with acting() as act:
                finding.explain_lateness(act, ids, form.reason.data, tell=tell)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("The reason is recorded."), "good")
            return redirect(url_for("breaches.one", code=code))
    page = render_template(
        "breaches/late.html",
        **frame(queries.one(house().session, code), _("Late notices")),
        form=form,
        rows=rows,
        shown=SHOWN_LATE,
    )
    return page, 422 if form.problems() else 200


def _lateness_form(rows: Sequence[Row]) -> Any:
    form = forms.Lateness()
    if not may(Permission.LATENESS_TELL):
        del form.tell
    open_ones = sum(not row.affected.late_reason for row in rows)
    form.whom.choices = [
        SelectChoice(
            forms.UNEXPLAINED,
            ngettext(
                "the %(num)s late contract without a reason",
                "the %(num)s late contracts without a reason",
                open_ones,
            ),
        ),
        SelectChoice(
            forms.ALL,
            ngettext("the %(num)s late contract", "all %(num)s late contracts", len(rows)),
        ),
        SelectChoice(forms.CHOSEN, _("only those ticked below")),
    ]
    form.whom.data = form.whom.data or (forms.UNEXPLAINED if open_ones else forms.ALL)
    form.contracts.choices = [
        SelectChoice(str(row.affected.id), " – ".join(filter(None, (row.name, row.reference))))
        for row in rows[:SHOWN_LATE]
    ]
    return form


def _whom(form: Any, rows: Sequence[Row]) -> list[uuid.UUID]:
    ticked = set(form.contracts.data or ())
    wanted = {
        forms.ALL: lambda _row: True,
        forms.UNEXPLAINED: lambda row: not row.affected.late_reason,
        forms.CHOSEN: lambda row: str(row.affected.id) in ticked,
    }[form.whom.data]
    found = [row.affected.id for row in rows if wanted(row)]
    if not found:
        raise Invalid(text("Choose at least one contract."), "whom")
    return found
