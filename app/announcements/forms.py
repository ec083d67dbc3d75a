"""What is typed about announcements, beside the draft itself."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from app.facts import Hints
from app.forms import Choices, Form, Given, Line, Paragraphs
from app.house import house
from app.languages import say
from app.notices.forms import Proof
from registers.activities import queries as register
from registers.announcements.dossiers import Held
from registers.announcements.vocabulary import Outcome, Topic
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.subprocessors import queries as subprocessors
from registers.subprocessors.facts import State

SHEET = frozenset({"sheet", "sheet_name"})


def hints(topic: Topic) -> Hints:
    """The form of a draft."""
    if topic is Topic.VERSION:
        return Hints(
            long=frozenset({"summary", "note"}),
            choices={"activities": _activities},
            without=frozenset({"changes", "dpo_opinion", "decided_by", "decided_on", *SHEET}),
            notes={
                "activities": _("None ticked: all activities, and so all contracts."),
                "starts_at": _("Hours and minutes, such as 21:30."),
                "duration": _("In words: about two hours, the application being out of reach."),
                "published_on": _("From this day on runs the time in which one may object at all."),
                "planned_on": _("At least as long after the notice as each contract says."),
            },
        )
    return Hints(
        long=frozenset({"reason", "dpo_opinion", "note"}),
        without=frozenset({"update", *SHEET}),
        choices={"code": _subprocessors, "replaces": _subprocessors, "activities": _activities},
        notes={
            "activities": _("None ticked: all activities, and so all contracts."),
            "replaces": _("For a replacement only."),
        },
    )


def sections(topic: Topic) -> dict[str, tuple[str, ...]]:
    """The parts of a draft's form."""
    if topic is Topic.VERSION:
        return {
            _("What is announced"): ("title", "update"),
            _("How it may start"): ("divisible", "urgent"),
            _("Note"): ("note",),
        }
    return {
        _("What is announced"): ("title", "changes"),
        _("How it may start"): ("divisible", "urgent"),
        _("Opinion and decision"): ("decided_by", "decided_on", "dpo_opinion", "note"),
    }


def _subprocessors() -> Iterable[SelectChoice]:
    return [
        SelectChoice(each.code, f"{each.name} ({each.code})")
        for each in subprocessors.everyone(house().session)
        if each.state is not State.ENDED
    ]


def _activities() -> Iterable[SelectChoice]:
    names = register.activity_names(house().session)
    return [SelectChoice(code, f"{code} – {name}") for code, name in names.items()]


class Confirm(Form):
    """The number of recipients, typed by the person who announces."""

    base = IntegerField(widget=HiddenInput())
    typed = IntegerField(_l("Number of recipients"), [Given])


class Sheet(Form):
    """The version sheet of an update."""

    base = IntegerField(widget=HiddenInput())
    content = FileField(
        _l("Version sheet"),
        [FileRequired(_l("Choose a file."))],
        description=_l("A PDF, at most 10 MB. Whoever is told reads it with the link."),
        render_kw={"accept": ".pdf"},
    )


class Installed(Confirm):
    """An update that was installed before anybody was told."""

    started_on = DateField(_l("Installed on"), [Given])
    reason = Paragraphs(_l("Why"), [Given], description=_l("The controllers concerned are told."))


class Reasoned(Form):
    """A reason, for what cannot be undone."""

    reason = Paragraphs(_l("Reason"), [Given])
    confirmed = BooleanField(_l("I have read what happens"), [Given])


class Closed(Form):
    """Why a link is closed."""

    note = Line(_l("Why it is closed"), [Given])


class Objected(Proof):
    """An objection that came another way than by the portal."""

    change = SelectField(_l("Against"))
    received_on = DateField(_l("Received on"), [Given])
    posted_on = DateField(
        _l("Posted on"),
        [Optional()],
        description=_l("Posted in time is in time, whenever it arrives."),
    )
    way = Line(_l("How it came"), [Given], description=_l("Letter, e-mail, in person…"))
    by_name = Line(_l("Who objects"), [Given])
    by_function = Line(_l("Function"), [Optional()])
    grounds = Paragraphs(
        _l("Grounds"), [Optional()], description=_l("None are needed: they are recorded if given.")
    )

    def __init__(self, held: Iterable[Held], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.change.choices = [SelectChoice("", _("the whole notice")), *_changes(held)]


class Answered(Proof):
    """What became of an objection."""

    outcome = RadioField(_l("What becomes of it"), [InputRequired(_l("Choose one."))])
    happened_on = DateField(_l("On which day"), [Given])
    says = Paragraphs(_l("What was answered"), [Given])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        means = {
            Outcome.ANSWERED: _("answered: it goes on holding"),
            Outcome.ACCOMMODATED: _("accommodated: that alone lifts nothing"),
            Outcome.WITHDRAWN: _("withdrawn in writing: it holds no more (attach the document)"),
            Outcome.UPHELD: _("upheld: not engaged for this controller"),
        }
        self.outcome.choices = [SelectChoice(each.value, says) for each, says in means.items()]


class Agreed(Proof):
    """An agreement in writing."""

    change = SelectField(_l("To"))
    agreed_on = DateField(_l("Agreed on"), [Given])
    note = Line(_l("Who agreed, and how"), [Given])

    def __init__(self, held: Iterable[Held], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.change.choices = [SelectChoice("", _("the whole notice")), *_changes(held)]


def _changes(held: Iterable[Held]) -> list[SelectChoice]:
    return [
        SelectChoice(
            str(each.change.id),
            f"{each.change.name} – {say(each.change.kind.says)}",
        )
        for each in held
    ]


ALL, READY, CHOSEN = "all", "ready", "chosen"


class Engaged(Form):
    """For whom a sub-processor starts, and from which day."""

    whom = RadioField(_l("For whom"), [InputRequired(_l("Choose for whom."))])
    matters = Choices(_l("Chosen contracts"))
    day = DateField(_l("First day"), [Given])
    reason = Line(_l("Reason"), [Given], description=_l("Stands in the history, with your name."))

    def __init__(self, choices: list[SelectChoice], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.matters.choices = choices


class Irregular(Form):
    """What started before it might."""

    whom = RadioField(_l("For whom"), [InputRequired(_l("Choose for whom."))])
    matters = Choices(_l("Chosen contracts"))
    started_on = DateField(_l("Started on"), [Given])
    reason = Paragraphs(_l("Why"), [Given], description=_l("The controllers concerned are told."))
    confirmed = BooleanField(_l("I have read who will be told"), [Given])

    def __init__(self, choices: list[SelectChoice], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.matters.choices = choices


def chosen(form: Any, ready: Iterable[uuid.UUID]) -> list[uuid.UUID] | None:
    """The contracts for which something starts, by what was ticked; None for all of them.

    Raises:
        Invalid: none was chosen.
    """
    if form.whom.data == ALL:
        return None
    ticked = [uuid.UUID(each) for each in form.matters.data or ()]
    found = list(ready) if form.whom.data == READY else ticked
    if not found:
        raise Invalid(text("Choose at least one contract."), "whom")
    return found
