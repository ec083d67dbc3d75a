"""What all forms share: labels beside errors, and a place for what an operation refuses."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    FormField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.languages import say, words
from registers.kernel import identifiers
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import Named

LONGEST_LINE, LONGEST_TEXT = 500, 20_000

Given = InputRequired(_l("This entry is needed."))


def stripped(value: Any) -> Any:
    """What was typed, without the spaces around it."""
    return value.strip() if isinstance(value, str) else value


class Line(StringField):
    """A line of text, without the spaces around it."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        limits = [*validators, Length(max=LONGEST_LINE)]
        super().__init__(label, limits, filters=[stripped], **options)


class Paragraphs(TextAreaField):
    """A longer text."""

    def __init__(self, label: Any = None, validators: Any = (), **options: Any) -> None:
        limits = [*validators, Length(max=LONGEST_TEXT)]
        options.setdefault("render_kw", {"rows": 4})
        super().__init__(label, limits, filters=[stripped], **options)


class Choices(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def members(kind: type[Named]) -> list[SelectChoice]:
    """The members of an enumeration, to choose from."""
    return [SelectChoice(each.value, say(each.says)) for each in kind]


def countries() -> list[SelectChoice]:
    """All countries, by their names in the language of the page."""
    named = identifiers.country_names(words().language)
    return [SelectChoice(code, name) for code, name in named]


class Form(FlaskForm):
    """A form that can also show what an operation refused, beside the field at fault."""

    def refuse(self, error: GreffeError) -> None:
        """Puts a refusal where it belongs: beside its field, else above the form."""
        name = error.field if isinstance(error, Invalid) else None
        if name and name in self._fields:
            field = self._fields[name]
            if isinstance(field, FormField):  # a part of several fields shows it at its first one
                field = next(iter(field.form))
            field.errors = [*field.errors, say(error.reason)]
        else:
            self.form_errors.append(say(error.reason))

    def problems(self) -> list[tuple[str, str]]:
        """Every error with the anchor of its field, for the summary above the form."""
        found = [("content", say(sentence)) for sentence in self.form_errors]
        for field in self:
            found += _problems(field)
        return found


def _problems(field: Field) -> list[tuple[str, str]]:
    entries = getattr(field, "entries", None) or getattr(field, "_fields", {}).values()
    if entries:
        return [problem for entry in entries for problem in _problems(entry)]
    named = field.label.text
    return [
        (field.id, _("%(field)s: %(error)s", field=named, error=say(error)))
        for error in field.errors
    ]


class Whole:
    """A validator that lets a form be checked by a rule of the registers."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def __call__(self, _form: Any, field: Field) -> None:
        """Applies the rule to what was typed."""
        if not field.data:
            return
        try:
            field.data = self.rule(field.data)
        except Invalid as error:
            raise ValidationError(say(error.reason)) from error
