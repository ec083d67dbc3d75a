"""Instants in forms: a day, a time, and which of two where clocks were put back."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from app.facts import Shape, Sort
from app.forms import Form, Line
from app.house import house
from registers.kernel.errors import Invalid
from registers.kernel.history import Facts
from registers.kernel.instants import Instant
from registers.kernel.words import text

TIME = {"type": "time"}


class ClockTime(Sort):
    """A time of day, for which a telephone shows its clock."""

    def field(self, _shape: Shape, label: str, source: str) -> Any:
        """See `Sort.field`."""
        return Line(label, description=source, render_kw=TIME)

    def value(self, _shape: Shape, typed: Any) -> Any:
        """See `Sort.value`."""
        return typed.data or ""


class Zone(ClockTime):
    """A time zone: the organisation's, unless somebody says another one."""

    def field(self, _shape: Shape, label: str, source: str) -> Any:
        """See `Sort.field`."""
        return Line(label, description=source, default=house().settings.zone)


class Passage(Sort):
    """Which time is meant, where clocks that were put back showed it twice."""

    def field(self, _shape: Shape, _label: str, source: str) -> Any:
        """See `Sort.field`."""
        return SelectField(
            _("If clocks were put back"), choices=passages(_("not concerned")), description=source
        )

    def datum(self, _shape: Shape, value: Any) -> Any:
        """See `Sort.datum`."""
        return SECOND if value else ""

    def value(self, _shape: Shape, typed: Any) -> Any:
        """See `Sort.value`."""
        return typed.data == SECOND


SECOND = "second"


def passages(blank: str) -> list[SelectChoice]:
    """The two times that clocks showed the same, to choose from."""
    return [
        SelectChoice("", blank),
        SelectChoice("first", _("the first time, before they were put back")),
        SelectChoice(SECOND, _("the second time, after they were put back")),
    ]


def unasked(written: Instant) -> Invalid | None:
    """Why a local time does not say which instant is meant, where clocks showed it twice."""
    try:
        written.moment()
    except Invalid:
        return None  # it never was: whoever records it says so
    try:
        written.moment(asked=False)
    except Invalid as doubtful:
        return doubtful
    return None


def require_asked(known: Facts, before: Facts | None, names: Iterable[str]) -> None:
    """Makes sure that somebody said which of two instants is meant, for all that was typed anew.

    Args:
        known: the facts as typed.
        before: the facts the form began with; None for new ones.
        names: the fields that are instants.

    Raises:
        Invalid: nobody did.
    """
    for name in names:
        written = getattr(known, name)
        if written is None or written == getattr(before, name, None):
            continue
        doubtful = unasked(written)
        if doubtful is not None and not request.form.get(f"{name}-second"):
            raise Invalid(doubtful.reason, name)


SORTS: dict[str, Sort] = {"at": ClockTime(), "zone": Zone(), "second": Passage()}
"""The fields of an instant, wherever it stands in facts."""


class Moment(Form):
    """A form with a day and a time on the clocks of the organisation."""

    on = DateField(_l("Day"), [Optional()])
    at = Line(_l("Time"), [Optional()], render_kw=TIME)
    second = SelectField(_l("Clocks showed this time twice: which one?"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.second.choices = passages(_("choose"))

    @property
    def doubtful(self) -> bool:
        """Whether it has to be asked which of two instants is meant."""
        return bool(self.second.data or self.second.errors)

    def instant(self) -> Instant | None:
        """What was typed; None where nothing was.

        Raises:
            Invalid: it is no time, or does not say which of two is meant; says beside which field.
        """
        if self.on.data is None and not self.at.data:
            return None
        if self.on.data is None or not self.at.data:
            raise Invalid(
                text("Give both the day and the time, or neither."),
                "on" if self.on.data is None else "at",
            )
        zone, second = house().settings.zone, self.second.data == SECOND
        written = Instant(on=self.on.data, at=self.at.data, zone=zone, second=second)
        doubtful = unasked(written)
        if doubtful is not None and not self.second.data:
            raise Invalid(doubtful.reason, "second")
        try:
            moment = written.moment()
        except Invalid as error:
            raise Invalid(error.reason, "at") from error
        if moment > house().now():
            raise Invalid(text("This time is still to come."), "at")
        return written


def now_typed() -> dict[str, Any]:
    """The present time as it would be typed."""
    local = house().now().astimezone(ZoneInfo(house().settings.zone))
    written = Instant(
        on=local.date(), at=f"{local:%H:%M}", zone=house().settings.zone, second=bool(local.fold)
    )
    passage = (SECOND if local.fold else "first") if unasked(written) else ""
    return {"on": written.on, "at": written.at, "second": passage}
