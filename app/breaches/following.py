"""Pages of lessons drawn from a breach, and of the measures that follow."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.breaches import forms
from app.breaches.views import frame
from app.gate import acting, needs
from app.house import house
from registers.breaches import follow_ups, queries
from registers.breaches.follow_ups import Drawn, Ended
from registers.breaches.models import FollowUp
from registers.breaches.vocabulary import Following
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.people.roles import Permission

blueprint = Blueprint("follow_ups", __name__)

PLACE = "/breaches/<code>/follow-up"


@blueprint.get(PLACE)
@needs(Permission.BREACHES_READ)
def listed(code: str) -> ResponseReturnValue:
    """What was learnt, what is to be done by whom until when, what was done."""
    session = house().session
    head = queries.one(session, code)
    return render_template(
        "breaches/follow_ups.html",
        **frame(head),
        rows=follow_ups.of_breach(session, head),
        today=house().today,
        states=Following,
    )


@blueprint.route(f"{PLACE}/new", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def new(code: str) -> ResponseReturnValue:
    """Records a lesson or a measure."""
    form = forms.Lesson()
    head = queries.one(house().session, code)

    def record(act: Act) -> None:
        follow_ups.draw(act, head.id, _drawn(form))

    return _edited(code, form, record, _("A lesson, or a measure that follows"))


@blueprint.route(f"{PLACE}/<uuid:follow_up_id>", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def edit(code: str, follow_up_id: uuid.UUID) -> ResponseReturnValue:
    """Words it otherwise, or gives it to another owner or day."""
    row = _one(code, follow_up_id)
    form = forms.Lesson(
        data={
            **{name: getattr(row, name) for name in Drawn._fields},
            "base": row.revision,
        }
    )

    def change(act: Act) -> None:
        follow_ups.change(act, follow_up_id, _drawn(form), form.base.data)

    return _edited(code, form, change, _("Change the measure"))


@blueprint.route(f"{PLACE}/<uuid:follow_up_id>/end", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def end(code: str, follow_up_id: uuid.UUID) -> ResponseReturnValue:
    """Records that it is done, or given up; or takes it up again."""
    row = _one(code, follow_up_id)
    if row.state is not Following.OPEN:
        again = forms.TakenUp(base=row.revision)

        def reopen(act: Act) -> None:
            follow_ups.reopen(act, follow_up_id, again.outcome.data, again.base.data)

        return _edited(code, again, reopen, _("Take the measure up again"), row)
    form = forms.MeasureEnd(
        data={"base": row.revision, "ended_on": house().today, "state": Following.DONE.value}
    )

    def finish(act: Act) -> None:
        ended = Ended(Following(form.state.data), form.ended_on.data, form.outcome.data or "")
        follow_ups.end(act, follow_up_id, ended, form.base.data, house().today)

    return _edited(code, form, finish, _("The measure has ended"), row)


def _drawn(form: forms.Lesson) -> Drawn:
    said = (form.lesson.data or "", form.measure.data or "", form.owner.data or "")
    return Drawn(*said, form.due_on.data)


def _one(code: str, follow_up_id: uuid.UUID) -> FollowUp:
    session = house().session
    row = follow_ups.one(session, queries.one(session, code), follow_up_id)
    if row is None:
        raise NotFound
    return row


def _edited(
    code: str, form: Any, save: Callable[[Act], None], title: str, row: FollowUp | None = None
) -> ResponseReturnValue:
    told = row.measure if row else ""
    if form.validate_on_submit():
        try:
            with acting() as act:
                save(act)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("follow_ups.listed", code=code))
    page = render_template(
        "breaches/follow_up.html",
        **frame(queries.one(house().session, code), title),
        form=form,
        title=title,
        told=told,
        fields=[each for each in form if each.name not in {"base", "csrf_token"}],
    )
    return page, 422 if form.problems() else 200
