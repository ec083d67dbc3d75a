"""The forms of activities and measures: their sections, and what types cannot say."""

from collections.abc import Iterable

from flask_babel import gettext as _
from wtforms import IntegerField, SelectChoice
from wtforms.widgets import HiddenInput

from app.facts import Hints
from app.forms import Form, countries
from app.house import house
from app.languages import say
from registers.activities import queries
from registers.activities.vocabulary import ARTICLE_32, HEADINGS
from registers.subprocessors import queries as subprocessors


def _measures() -> Iterable[SelectChoice]:
    named = queries.measure_names(house().session)
    return [SelectChoice(code, name) for code, name in named.items()]


def _subprocessors() -> Iterable[SelectChoice]:
    return [SelectChoice(each.code, each.name) for each in subprocessors.everyone(house().session)]


def _articles() -> Iterable[SelectChoice]:
    return [SelectChoice(letter, f"{letter}) {say(asks)}") for letter, asks in ARTICLE_32.items()]


def _headings() -> Iterable[SelectChoice]:
    return [SelectChoice(number, f"{number}. {say(title)}") for number, title in HEADINGS.items()]


def activity_hints() -> Hints:
    """The form of an activity."""
    return Hints(
        long=frozenset({"summary", "note", "safeguards", "joint_controllers"}),
        choices={"measures": _measures, "code": _subprocessors, "country": countries},
    )


def measure_hints() -> Hints:
    """The form of a measure."""
    return Hints(
        long=frozenset({"description", "evidence"}),
        choices={"articles": _articles, "headings": _headings},
    )


def activity_sections() -> dict[str, tuple[str, ...]]:
    """The parts of an activity."""
    return {
        _("Processing"): ("name", "role", "summary", "operations", "purposes"),
        _("Persons and data"): ("no_personal_data", "data_subjects", "data"),
        _("Recipients and sub-processors"): ("recipients", "subprocessors", "joint_controllers"),
        _("Transfers to third countries"): ("no_transfer", "transfers"),
        _("Retention"): ("retention", "backups"),
        _("Security"): ("measures",),
        _("Follow-up"): ("review_on", "ended_on", "note"),
    }


def measure_sections() -> dict[str, tuple[str, ...]]:
    """The parts of a measure."""
    return {
        _("Measure"): ("name", "family", "description", "evidence"),
        _("What it serves"): ("articles", "headings"),
        _("Who answers for it"): ("responsibilities",),
        _("End"): ("ended_on",),
    }


class Validate(Form):
    """The DPO's word on a version."""

    number = IntegerField(widget=HiddenInput())
