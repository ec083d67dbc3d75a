"""Instants in forms: a day, a time, and which of two where clocks were put back."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms import SelectChoice, SelectField

from app.facts import Shape, Sort
from app.forms import Line
from app.house import house
from registers.kernel.errors import Invalid
from registers.kernel.history import Facts
from registers.kernel.instants import Instant

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
