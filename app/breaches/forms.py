"""What is typed about breaches."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from app import instants
from app.facts import Hints
from app.forms import Choices, Form, Given, Line, Paragraphs
from app.house import house
from app.instants import SORTS, Moment
from registers.activities import queries as register
from registers.breaches.vocabulary import Following, Phase
from registers.kernel.errors import Invalid
from registers.kernel.instants import Instant
from registers.kernel.words import text
from registers.subprocessors import queries as subprocessors

INSTANTS = ("aware", "detected", "subprocessor_aware", "began", "ended")
"""The facts of a breach that are local times."""


def require_asked(known: Any, before: Any, names: Iterable[str] = INSTANTS) -> None:
    """Makes sure that somebody said which of two instants is meant, for all that was typed anew.

    Raises:
        Invalid: nobody did.
    """
    instants.require_asked(known, before, names)


def hints() -> Hints:
    """The form of what is known of a breach."""
    return Hints(
        long=frozenset(
            {
                "aware_reason",
                "detected_reason",
                "description",
                "consequences",
                "measures_before",
                "measures_taken",
                "measures_planned",
                "note",
            }
        ),
        choices={"services": activities, "subprocessors": _subprocessors},
        notes={
            "sites": _("As they are named in the dossiers of sub-processors."),
            "aware_reason": _("A correction of the time keeps the former one in the history."),
            "persons": _("Their numbers are typed for each controller, on its list."),
            "ours": _("Its own 72 hours run from the same instant (Art. 33(1))."),
        },
        sorts=SORTS,
    )


def sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form."""
    return {
        _("What happened"): ("title", "certainty", "description", "nature", "origin", "cause"),
        _("Since when"): (
            *("aware", "aware_reason", "detected", "detected_reason", "discoverer"),
            *("subprocessor_aware", "began", "ended", "ongoing"),
        ),
        _("What is touched"): (*("services", "subprocessors", "sites", "data", "persons", "ours"),),
        _("What controllers are told besides"): (
            *("contact", "contact_email", "contact_phone", "consequences"),
            *("measures_before", "measures_taken", "measures_planned"),
        ),
        _("For us"): ("note",),
    }


def activities() -> Iterable[SelectChoice]:
    """The activities that may be touched."""
    names = register.activity_names(house().session)
    return [SelectChoice(code, f"{code} – {name}") for code, name in names.items()]


def _subprocessors() -> Iterable[SelectChoice]:
    return [
        SelectChoice(each.code, f"{each.name} ({each.code})")
        for each in subprocessors.everyone(house().session)
    ]


def own_hints() -> Hints:
    """The form of our own file as controller."""
    return Hints(
        long=frozenset({"risk_reason", "late_reason", "told_how", "exemption_reason", "what"}),
        notes={
            "risk": _("Unlikely: the authority is not told, and the reason is kept (Art. 33(5))."),
            "late_reason": _("Needed when the authority was told after the end of the time."),
            "telling": _("A high risk: the persons are told without undue delay."),
            "exemption": _("Only where a high risk does not have to be told."),
        },
        sorts=SORTS,
    )


def own_sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form."""
    return {
        _("Assessment of the risk (Art. 33(1))"): (
            *("risk", "severity", "persons", "records", "risk_reason"),
        ),
        _("Notification to the authority (Art. 33)"): (
            *("authority", "reference", "notified", "late_reason", "completed"),
        ),
        _("Information of the persons (Art. 34)"): (
            *("telling", "told_on", "told_number", "told_how"),
            *("exemption", "exemption_reason"),
        ),
    }


class Alert(Moment):
    """The first record: three answers are enough."""

    title = Line(_l("What happened?"), [Given])
    services = Choices(_l("Which activities are touched?"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.services.choices = list(activities())


class Proposed(Moment):
    """Which of the proposed contracts are affected, and since when that is known."""

    groups = Choices(_l("Whole groups"))
    contracts = Choices(_l("Single contracts"))


class ByHand(Moment):
    """A controller that nothing on record led to."""

    whom = RadioField(_l("Controller and contract"), [InputRequired(_l("Choose one."))])
    why = Line(_l("Why it is affected"), [Given])


class KnownSince(Moment):
    """Since when it is known that contracts are affected, and why that was recorded wrongly."""

    reason = Paragraphs(_l("Why the former record was wrong"), [Given])


class Unaffected(Form):
    """Why contracts are not affected after all."""

    why = Paragraphs(_l("Why they are not affected"), [Given])


class Notify(Form):
    """The last look before controllers are told."""

    base = IntegerField(widget=HiddenInput())
    confirmed = BooleanField(_l("I have read what is sent, and to how many"), [Given])


UNEXPLAINED, ALL, CHOSEN = "unexplained", "all", "chosen"


class Lateness(Form):
    """Why controllers were informed late."""

    whom = RadioField(_l("For whom"), [InputRequired(_l("Choose for whom."))])
    contracts = Choices(_l("Chosen contracts"))
    reason = Paragraphs(_l("Why"), [Given])
    tell = BooleanField(
        _l("Tell it in the notice"),
        description=_l("Art. 33(1) asks controllers for reasons of a delay: yours may be theirs."),
    )


class Withdrawal(Form):
    """Why controllers were told in error, and which of them."""

    base = IntegerField(widget=HiddenInput())
    whom = RadioField(_l("Who was told in error?"), [InputRequired(_l("Choose for whom."))])
    controllers = Choices(_l("Chosen controllers"))
    reason = Paragraphs(
        _l("Why it was an error"), [Given], description=_l("The controllers are told this.")
    )
    confirmed = BooleanField(_l("I have read what is sent, and to how many"), [Given])


class Ending(Form):
    """How a breach ended."""

    phase = RadioField(_l("How it ended"), [InputRequired(_l("Choose one."))])
    reason = Paragraphs(_l("Reason"), [Given])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.phase.choices = [
            SelectChoice(Phase.CLOSED.value, _("closed: everything is done")),
            SelectChoice(Phase.FALSE.value, _("it proved to be no breach")),
        ]


class Table(Form):
    """A table of numbers."""

    file = FileField(
        _l("Table"),
        [FileRequired(_l("Choose a file."))],
        description=_l("CSV, XLSX or ODS, with a row of headings; at most 32 MB."),
    )


class Nothing(Form):
    """A button: nothing but its token."""


class Lesson(Form):
    """What was learnt, and what is to be done."""

    base = IntegerField(widget=HiddenInput(), default=0)
    lesson = Paragraphs(_l("What was learnt"))
    measure = Paragraphs(_l("Measure to be taken"), description=_l("Empty: the lesson is enough."))
    owner = Line(_l("Who sees to it"), description=_l("A person or a function."))
    due_on = DateField(_l("Until"), [Optional()])


class MeasureEnd(Form):
    """How a measure ended."""

    base = IntegerField(widget=HiddenInput(), default=0)
    state = RadioField(_l("How it ended"), [InputRequired(_l("Choose one."))])
    ended_on = DateField(_l("On"), [Given])
    outcome = Paragraphs(_l("What was done, or why it is given up"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.state.choices = [
            SelectChoice(Following.DONE.value, _("it is done")),
            SelectChoice(Following.DROPPED.value, _("it is given up")),
        ]


class TakenUp(Form):
    """Why a measure that had ended is taken up again."""

    base = IntegerField(widget=HiddenInput(), default=0)
    outcome = Paragraphs(_l("Why it is taken up again"), [Given])


def moment_of(written: Instant | None) -> datetime | None:
    """The instant of a typed time."""
    return written.moment() if written else None


def ids_of(values: Iterable[str]) -> list[uuid.UUID]:
    """The identifiers that a form sent.

    Raises:
        Invalid: one of them is none.
    """
    try:
        return [uuid.UUID(each) for each in values]
    except ValueError as error:
        raise Invalid(text("The request could not be understood.")) from error
