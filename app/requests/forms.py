"""What is typed about requests."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from app.facts import Hints
from app.forms import Choices, Form, Given, Line, Paragraphs, members
from app.house import house
from app.languages import say
from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.controllers.queries import Filters
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.pages import FIRST
from registers.kernel.words import LANGUAGES, text
from registers.requests.facts import Request
from registers.requests.vocabulary import Channel, Right, What

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}
MOST_NAMED = 5

CONCERNED = _l("Controllers concerned")
CONCERNED_HINT = _l(
    "A code or a name on each line. Left empty, the controller is still to be found: the request "
    "waits for it."
)


class Intake(Form):
    """A request as it comes in: as short as it can be."""

    rights = Choices(Request.name_of("rights").source)
    channel = SelectField()
    received_on = DateField(validators=[Given])
    name = Line()
    email = Line()
    address = Paragraphs(render_kw={"rows": 3})
    words = Paragraphs(render_kw={"rows": 6})
    language = SelectField()
    controllers = Paragraphs(CONCERNED, description=CONCERNED_HINT, render_kw={"rows": 3})
    repeats = Line(
        _l("Repeats the request"),
        description=_l("Its number, where the same person asked the same before."),
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for name in Request.__struct_fields__:
            if name in self._fields:
                self[name].label.text = say(Request.name_of(name))
        self.rights.choices = members(Right)
        self.rights.flags.required = True  # the rule says what is wrong without one
        self.channel.choices = members(Channel)
        self.language.choices = [SelectChoice(each, LANGUAGE_NAMES[each]) for each in LANGUAGES]
        self.address.description = _("Only where it is needed to answer by letter.")
        self.words.description = _("As the person wrote it, or said it.")

    def known(self) -> Request:
        """The request as typed."""
        return Request(
            rights=tuple(Right(each) for each in self.rights.data or ()),
            channel=Channel(self.channel.data),
            received_on=self.received_on.data,
            name=self.name.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
            words=self.words.data or "",
            language=self.language.data,
        )


def hints() -> Hints:
    """The form of what is known of a request."""
    return Hints(
        long=frozenset({"address", "words", "note"}),
        choices={
            "language": lambda: [SelectChoice(each, LANGUAGE_NAMES[each]) for each in LANGUAGES]
        },
    )


def sections() -> dict[str, tuple[str, ...]]:
    """The parts of a request."""
    return {
        _("The request"): ("rights", "channel", "received_on", "words"),
        _("The data subject"): ("name", "email", "address", "language"),
        _("For us"): ("note",),
    }


def named_in(written: str) -> list[uuid.UUID]:
    """The controllers that are named, a code or a name on each line.

    Raises:
        Invalid: a line names none, or several.
    """
    return [_named(line) for line in (each.strip() for each in written.splitlines()) if line]


def _named(line: str) -> uuid.UUID:
    session = house().session
    try:
        return controllers.controller(session, line.upper()).id
    except NotFound:
        pass
    found: list[Controller] = [
        row.head for row in controllers.controllers(session, Filters(search=line), FIRST).rows
    ]
    same = [head for head in found if head.name.casefold() == line.casefold()] or found
    if len(same) == 1:
        return same[0].id
    if not same:
        raise Invalid(text("There is no controller named “{name}”.", name=line), "controllers")
    some = ", ".join(f"{head.code} ({head.name})" for head in same[:MOST_NAMED])
    reason = text("“{name}” may be several: give the code of one of {some}.", name=line, some=some)
    raise Invalid(reason, "controllers")


class PassOn(Form):
    """To whom a request is passed on."""

    controllers = Paragraphs(
        CONCERNED, [Given], description=_l("A code or a name on each line."), render_kw={"rows": 3}
    )


class Happened(Form):
    """Something that happened to a request."""

    what = SelectField(_l("What happened"))
    concerns = Choices(_l("For which controllers"), validate_choice=False)
    on = DateField(_l("On the day"), [Given])
    note = Paragraphs(
        _l("In a sentence"), description=_l("Erased with the data of the person, later.")
    )
    content = FileField(
        _l("Document"),
        description=_l("PDF, JPEG or PNG, 10 MB at most. Erased with the data of the person."),
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png,.eml"},
        id="document",
    )

    def __init__(self, owners: list[tuple[Any, Controller]], **more: Any) -> None:
        super().__init__(**more)
        self.what.choices = [
            each
            for each in members(What)
            if owners or What(each.value) in {What.ACKNOWLEDGED, What.IDENTITY, What.NOTE}
        ]
        self.concerns.choices = [
            SelectChoice(str(concern.id), owner.name) for concern, owner in owners
        ]
        if not owners:
            del self.concerns

    def chosen(self) -> list[uuid.UUID]:
        """The controllers for which it happened; the only one where there is one alone."""
        if "concerns" not in self._fields:
            return []
        try:
            return [uuid.UUID(each) for each in self.concerns.data or ()]
        except ValueError as error:
            raise NotFound from error


class End(Form):
    """How a request ended."""

    reason = Paragraphs(_l("How it ended"), [Given], render_kw={"rows": 3})


class Told(Form):
    """What a controller tells of a request, on the portal."""

    what = SelectField(_l("What became of it"))
    on = DateField(_l("On the day"), [Given])
    note = Paragraphs(
        _l("In a sentence"),
        [Optional()],
        description=_l("Needed for an extension, a refusal, or if you are not concerned: why."),
    )
