"""What a contact fills in: for which contracts, in whose name, with which code."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectChoice, ValidationError

from app.forms import Choices, Form, Given, Line, Paragraphs
from app.languages import say
from registers.kernel.errors import Invalid, NotFound
from registers.portal import documents
from registers.portal.operations import By
from registers.portal.queries import MOST_LISTED, Opened, Row

ALL, SOME = "all", "some"
CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": "12",
    "spellcheck": "false",
}


class Coded(Form):
    """Who acts, and the code that shows that it reads the address on record."""

    by_name = Line(_l("Your first name and name"), [Given], render_kw={"autocomplete": "name"})
    by_function = Line(
        _l("Your function"),
        [Given],
        description=_l("In which you answer for the controllers: mayor, head of service, DPO…"),
        render_kw={"autocomplete": "organization-title"},
    )
    code = Line(
        _l("One-time code"),
        [Given],
        description=_l("Six digits, in the message that was sent to you."),
        render_kw=CODE,
    )


def who_fields() -> dict[str, Any]:
    """The same fields, to be asked beside facts; what is missing is said when they are needed."""
    return {
        "by_name": Line(_("Your first name and name"), render_kw={"autocomplete": "name"}),
        "by_function": Line(
            _("Your function"),
            description=_("In which you answer for the controllers: mayor, head of service, DPO…"),
            render_kw={"autocomplete": "organization-title"},
        ),
        "code": Line(
            _("One-time code"),
            description=_("Six digits, in the message that was sent to you."),
            render_kw=CODE,
        ),
    }


class Signed(Coded):
    """Who answers, with the code."""

    @property
    def by(self) -> By:
        """Who answers."""
        return By(self.by_name.data, self.by_function.data)


class Answer(Signed):
    """What every answer about a change asks for."""

    which = RadioField(_l("For which contracts"), default=ALL)
    matters = Choices(_l("The contracts chosen"), validate_choice=False)
    changes = Choices(_l("Which changes"), validate_choice=False)

    def __init__(self, opened: Opened, rows: list[Row], asked: str, **more: Any) -> None:
        """Asks only what there is to choose.

        Args:
            opened: what the link opens.
            rows: the contracts for which it can be answered.
            asked: `acknowledge`, `object` or `agree`.
            more: values to begin with.
        """
        super().__init__(**more)
        self.eligible = rows
        tells = [
            tell
            for tell in opened.tells
            if any(
                stand.tell is tell and getattr(stand.may, asked)
                for row in rows
                for stand in row.stands
            )
        ]
        self.which.choices = [
            SelectChoice(ALL, _("for all %(count)s contracts", count=len(rows))),
            SelectChoice(SOME, _("only for those chosen here")),
        ]
        self.matters.choices = [
            SelectChoice(str(row.matter.id), f"{row.controller.name} – {row.contract.reference}")
            for row in rows[:MOST_LISTED]
        ]
        self.changes.choices = [
            SelectChoice(str(tell.row.id), f"{say(tell.row.kind.says)} – {tell.name}")
            for tell in tells
        ]
        if len(rows) < 2:  # noqa: PLR2004 nothing to choose
            del self.which, self.matters
        if len(tells) < 2 or asked == "acknowledge":  # noqa: PLR2004 the same
            del self.changes

    def chosen(self) -> list[uuid.UUID] | None:
        """The contracts answered for; None for all."""
        if "which" not in self._fields:
            return None
        return _keys(self.matters.data) if self.which.data == SOME else None

    def chosen_changes(self) -> list[uuid.UUID] | None:
        """The changes answered to; None for all."""
        return _keys(self.changes.data) if "changes" in self._fields else None


class Documented(Form):
    """A document may be attached."""

    document = FileField(
        _l("A document, if you wish to attach one"),
        description=_l("PDF, JPEG or PNG, 10 MB at most. Choose it once you have the code."),
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )

    content: bytes | None = None
    """The document that was attached, once it was looked at."""

    def validate_document(self, field: FileField) -> None:
        """Looks at what was attached: its content says what it is, not its name."""
        given = field.data.read() if field.data else b""
        try:
            self.content = documents.checked(given) if given else None
        except Invalid as error:
            raise ValidationError(say(error.reason)) from error


class Objection(Answer, Documented):
    """An objection may say why; it need not."""

    grounds = Paragraphs(
        _l("Grounds, if you wish to give them"),
        description=_l("You need not give any."),
    )


def _keys(given: list[str] | None) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(each) for each in given or ()]
    except ValueError as error:
        raise NotFound from error
