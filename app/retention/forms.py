"""What is typed about ends, holds, returns and erasures."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.forms import Choices, Form, Given, Line, Paragraphs, members
from app.house import house
from app.languages import say
from app.notices.forms import Proof
from registers.activities import queries as register
from registers.controllers.vocabulary import EndChoice
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.notices import proofs
from registers.retention import rules
from registers.retention.facts import Treated
from registers.retention.queries import Row
from registers.retention.vocabulary import Came, Result, System, Treatment

ONE = InputRequired(_l("Choose one."))


class Ended(Form):
    """Something that ended, other than a contract."""

    trigger = SelectField(_l("What ended"))
    controller = Line(_l("Code of the controller"), [Given])
    reference = Line(
        _l("Reference of the contract"),
        [Optional()],
        description=_l("Where it was rendered under one."),
    )
    activity = SelectField(_l("Activity"))
    event_on = DateField(_l("Ended on"), [Given])
    what = Line(
        _l("Which one"),
        [Optional()],
        description=_l("The number of the ticket or of the request; no name of a person."),
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.trigger.choices = [SelectChoice(each.value, say(each.says)) for each in rules.BY_HAND]
        names = register.activity_names(house().session)
        every = [SelectChoice(code, f"{code} – {name}") for code, name in names.items()]
        self.activity.choices = [SelectChoice("", _("all: the whole relationship")), *every]


class Chosen(Proof):
    """What the controller chose for the end."""

    choice = RadioField(_l("The controller chose"), [ONE])
    chosen_on = DateField(_l("On which day"), [Given])
    by_name = Line(_l("Who said so"), [Optional()])
    by_function = Line(_l("Function"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.choice.choices = members(EndChoice)


class ReturnAsked(Proof):
    """A request for return."""

    received_on = DateField(
        _l("Received on"), [Given], description=_l("The day on the acknowledgement of receipt.")
    )
    came = RadioField(
        _l("By which way"),
        [ONE],
        description=_l("The days of the contract run from a registered letter; others count too."),
    )
    reference = Line(_l("Number of the letter"), [Optional()])
    by_name = Line(_l("Who asks"), [Optional()])
    sees_to = Line(_l("Who of us sees to it"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.came.choices = members(Came)


class GivenBack(Proof):
    """Data that were given back."""

    request = SelectField(_l("Upon the request of"))
    returned_on = DateField(_l("Returned on"), [Given])
    format = Line(_l("Format"), [Given], description=_l("A common, readable one: CSV, XML…"))
    to_name = Line(_l("To whom"), [Optional()])
    whole = BooleanField(
        _l("These were all data, and none have been processed since"),
        description=_l("Then it counts for the end of the contract too."),
    )

    def __init__(self, requests: list[SelectChoice], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.request.choices = [*requests, SelectChoice("", _("none: without a request"))]


class OnHold(Proof):
    """A hold."""

    authority = Line(
        _l("For whom"), [Given], description=_l("A court, an authority, the controller itself.")
    )
    since = DateField(_l("Since"), [Given])
    reason = Paragraphs(_l("Why"), [Given])


class Released(Form):
    """The end of a hold."""

    ended_on = DateField(_l("Ends on"), [Given])
    reason = Line(_l("Why"), [Given])


class DaySet(Form):
    """The day of a promise that has words and no number."""

    day = DateField(_l("Until"), [Given])
    reason = Paragraphs(_l("Why until then"), [Given], description=_l("The text and its article."))


class Withdrawn(Form):
    """Why a case does not fall due."""

    reason = Paragraphs(_l("Why it does not fall due"), [Given])


class Decided(Form):
    """The second person's word."""

    confirmed = RadioField(_l("Your word"), [ONE])
    note = Paragraphs(_l("What you checked"), [Given])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.confirmed.choices = [
            SelectChoice("yes", _("I confirm it: I checked it myself")),
            SelectChoice("no", _("I do not confirm it: the cases are open again")),
        ]


class ChainSaid(Proof):
    """A sub-processor's confirmation."""

    erased_on = DateField(_l("Erased on"), [Given])
    says = Line(_l("What it says"), [Optional()])


class Sealed(Form):
    """A button, and the language of the certificate."""


class Stated(Form):
    """What was erased, where and how."""

    cases = Choices(_l("What was erased"))
    result = RadioField(_l("Outcome"), [ONE])
    done_on = DateField(_l("Done on"), [Given])
    method = Paragraphs(
        _l("Method"),
        [Given],
        description=_l("So that another person can check it: commands, tools, overwriting, keys."),
    )
    visa = Line(_l("Reference of the archives’ visa of elimination"), [Optional()])
    visa_proof = FileField(_l("The visa"), description=_l("A PDF, an image or an e-mail (.eml)."))
    happened = BooleanField(_l("It was done although something stood against it"))
    irregular = Paragraphs(_l("Why it was done all the same"), [Optional()])

    def __init__(self, rows: list[Row], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.result.choices = members(Result)
        self.cases.choices = [
            SelectChoice(
                str(row.case.id), f"{row.case.promise.code} – {row.case.promise.rule.name}"
            )
            for row in rows
        ]

    def why_irregular(self) -> str:
        """Why it was done all the same, where somebody says that it was.

        Raises:
            Invalid: there is no reason.
        """
        if not self.happened.data:
            return ""
        if not self.irregular.data:
            raise Invalid(text("Say why."), "irregular")
        said: str = self.irregular.data
        return said

    def file(self) -> bytes | None:
        """The visa, where it was sent.

        Raises:
            Invalid: it is no document.
        """
        sent = self.visa_proof.data
        return proofs.checked(sent.read()) if sent and sent.filename else None


def _systems() -> None:
    """Each system of the checklist has its answer and its note."""
    for system in System:
        answer = SelectField(validators=[ONE])
        setattr(Stated, f"on_{system.value}", answer)
        setattr(Stated, f"note_{system.value}", Line(validators=[Optional()]))


_systems()


def stated(rows: list[Row], **data: Any) -> Stated:
    """The form of a statement, its checklist in the language of the page."""
    form = Stated(rows, data=data or None)
    answers = [SelectChoice("", _("choose…")), *members(Treatment)]
    for system in System:
        field, note = form[f"on_{system.value}"], form[f"note_{system.value}"]
        field.choices = answers
        field.label.text = say(system.says)
        note.label.text = _("Note: %(system)s", system=say(system.says))
    return form


def treated(form: Stated) -> tuple[Treated, ...]:
    """The checklist as it was filled in."""
    return tuple(
        Treated(
            system=system,
            treatment=Treatment(form[f"on_{system.value}"].data),
            note=form[f"note_{system.value}"].data or "",
        )
        for system in System
    )
