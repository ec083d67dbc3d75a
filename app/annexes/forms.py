"""What is asked for when an annex is sealed."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from app.forms import Form, Given, Line
from app.languages import say
from registers.annexes.kind import Kind
from registers.annexes.kinds import KINDS, kinds_about
from registers.annexes.subjects import ORGANISATION, About, Subject, of_contract, of_controller
from registers.controllers.models import Controller
from registers.controllers.queries import Held

LANGUAGES = (SelectChoice("fr", "Français"), SelectChoice("en", "English"))
OWN = SelectChoice("", _l("the controller's own"))


class Order(Form):
    """Which paper, the day whose state is shown, and the language."""

    paper = SelectField(_l("Paper"))
    on = DateField(_l("The registers as they were on"), [Given])
    language = SelectField(_l("Language"), choices=[OWN, *LANGUAGES])

    def __init__(self, controller: Controller, contracts: Iterable[Held], **named: Any) -> None:
        super().__init__(**named)
        self._controller = controller
        self.paper.choices = list(_papers(contracts))

    def wanted(self) -> tuple[Kind, Subject]:
        """The kind, and about whom or what."""
        name, _, contract = self.paper.data.partition(":")
        key = self._controller.id
        return KINDS[name], of_contract(uuid.UUID(contract), key) if contract else of_controller(
            key
        )


def _papers(contracts: Iterable[Held]) -> Iterator[SelectChoice]:
    """The papers of a controller; then those of each contract, under its reference."""
    for kind in kinds_about(About.CONTROLLER):
        yield SelectChoice(kind.name, say(kind.title))
    for held in contracts:
        for kind in kinds_about(About.CONTRACT):
            value = f"{kind.name}:{held.head.id}"
            yield SelectChoice(value, say(kind.title), optgroup=held.head.reference)


class DayOrder(Form):
    """A paper of which nothing is to choose but the day and the language."""

    on = DateField(_l("The registers as they were on"), [Given])
    language = SelectField(_l("Language"), choices=LANGUAGES)


class WholeOrder(Form):
    """A register of the organisation: which, the day and the language."""

    paper = SelectField(_l("Paper"))
    on = DateField(_l("The registers as they were on"), [Given])
    language = SelectField(_l("Language"), choices=LANGUAGES)

    def __init__(self, readable: Collection[str], **named: Any) -> None:
        super().__init__(**named)
        self.paper.choices = [
            SelectChoice(kind.name, say(kind.title))
            for kind in kinds_about(About.ORGANISATION)
            if kind.name in readable
        ]

    def wanted(self) -> tuple[Kind, Subject]:
        """The kind, and about what."""
        return KINDS[self.paper.data], ORGANISATION


class ExtractOrder(Form):
    """Some days of the journal, and maybe one dossier."""

    since = DateField(_l("First day"), [Given])
    on = DateField(_l("Last day"), [Given], description=_l("Days that are over can be sealed."))
    code = Line(
        _l("Code of a controller"),
        [Optional()],
        description=_l("Its dossier alone; all dossiers when left empty."),
    )
    language = SelectField(_l("Language"), choices=LANGUAGES)
