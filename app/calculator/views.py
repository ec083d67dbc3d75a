"""The calculator: the same count as everywhere, shown day by day."""

from datetime import date, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.calculator.forms import Question
from app.gate import needs
from app.house import house
from registers.kernel import calendars, periods
from registers.kernel.errors import GreffeError
from registers.kernel.periods import Deadline, Period, Roll, Step, Unit
from registers.people.roles import Permission

blueprint = Blueprint("calculator", __name__)

SHOWN_STEPS = 400


@blueprint.get("/time-limits")
@needs(Permission.CALCULATE)
def page() -> ResponseReturnValue:
    """Counts what is asked in the address; shows an example when nothing is."""
    asked = dict(_EXAMPLE, start=house().today.isoformat())
    if request.args:
        asked = {name: value for name, value in asked.items() if name != "good_friday"}
    form = Question(MultiDict({**asked, **request.args.to_dict()}))
    found: Deadline | None = None
    steps: list[Step] = []
    if form.validate():
        try:
            found, steps = _answer(form)
        except GreffeError as error:
            form.refuse(error)
    zone = form.zone.data or calendars.zone_of(form.calendar.data) if found else ""
    return render_template("calculator/page.html", form=form, found=found, steps=steps, zone=zone)


_EXAMPLE = {
    "amount": "30",
    "unit": Unit.BUSINESS_DAYS.value,
    "calendar": "FR",
    "good_friday": "y",
    "roll": Roll.NONE.value,
    "fold": "",
}


def _answer(form: Question) -> tuple[Deadline, list[Step]]:
    unit = Unit(form.unit.data)
    opening = tuple(
        (opens, closes)
        for opens, _dash, closes in (
            window.partition("-") for window in (form.opening.data or "").replace(",", " ").split()
        )
    )
    period = Period(form.amount.data, unit, Roll(form.roll.data), opening)
    calendar = calendars.calendar(form.calendar.data, form.good_friday.data)
    zone = form.zone.data or calendars.zone_of(form.calendar.data)
    found = periods.deadline(period, _start(form, unit, zone), calendar, zone)
    if unit in {Unit.DAYS, Unit.BUSINESS_DAYS, Unit.JOURS_OUVRABLES}:
        shown = abs(period.amount) <= SHOWN_STEPS
        return found, list(periods.steps(period, form.start.data, calendar)) if shown else []
    return found, []


def _start(form: Question, unit: Unit, zone: str) -> date | datetime:
    if unit not in {Unit.HOURS, Unit.BUSINESS_HOURS}:
        return form.start.data
    wall = datetime.combine(form.start.data, form.at.data or datetime.min.time())
    if unit is Unit.BUSINESS_HOURS:
        return wall
    return periods.instant(wall, zone, int(form.fold.data) if form.fold.data else None)
