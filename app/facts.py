"""Forms made from facts: a field of a version is described once, and its form follows.

Every list can grow without JavaScript: a button sends the form back with one more row, and
nothing typed is lost. A row without its first field is no row.
"""

import enum
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import wtforms
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import NumberRange, Optional

from app.forms import Choices, Form, Given, Line, Paragraphs, Whole, members
from app.languages import say, words
from registers.kernel import identifiers, law
from registers.kernel.errors import Invalid
from registers.kernel.history import Facts, metas
from registers.kernel.words import text

LARGEST = 1_000_000
RULES = {"email": identifiers.checked_email, "siret": identifiers.checked_siret}
"""What a field must be by its name: told beside it together with all that is wrong elsewhere."""

Options = Iterable[SelectChoice]


@dataclass(frozen=True)
class Hints:
    """What the types cannot say of the fields."""

    long: frozenset[str] = frozenset()
    """Those that hold several sentences."""
    choices: Mapping[str, Callable[[], Options]] = field(default_factory=dict)
    """Those whose values are codes of something else: the codes and names to choose from."""
    without: frozenset[str] = frozenset()
    """Those that are edited elsewhere."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What is said beside some of them."""
    sorts: "Mapping[str, Sort]" = field(default_factory=dict)
    """Those that are of a sort of their own, wherever they stand."""


class Shape(NamedTuple):
    """A field of facts as its type describes it."""

    name: str
    kind: Any
    """The type, without its None."""
    optional: bool
    """Whether it may be None."""
    hints: Hints

    @property
    def item(self) -> Any:
        """What a tuple holds; None for other types."""
        return get_args(self.kind)[0] if get_origin(self.kind) is tuple else None

    def is_a(self, *bases: type) -> bool:
        """Whether the type is a class derived from one of these."""
        return isinstance(self.kind, type) and issubclass(self.kind, bases)


class Row(wtforms.Form):
    """One item of a list, or one part of the facts."""


REASON = _l("Reason")
IN_HISTORY = _l("Stands in the history, with your name.")


class FactsForm(Form):
    """A form over facts; `base` is the version its author started from."""

    base = IntegerField(widget=wtforms.widgets.HiddenInput(), default=0)
    effective_from = DateField(
        _l("Takes effect on"), [Given], description=_l("From this day on the register says so.")
    )
    reason = Line(REASON, [Given], description=IN_HISTORY)

    facts_type: type[Facts]
    hints: Hints

    def to_facts(self, before: Facts | None = None, **more: Any) -> Any:
        """The facts as typed; what is edited elsewhere is as before.

        Raises:
            Invalid: they do not have the form of facts.
        """
        kept = before.stored() if before is not None else {}
        return self.facts_type.of({**kept, **_values(self, self.facts_type, self.hints), **more})

    def validate(self, extra_validators: Any = None) -> bool:
        """Also holds the postcode against its country."""
        right = super().validate(extra_validators)
        names = {"postcode", "country"} & set(self._fields)
        if len(names) == 2 and self.postcode.data:  # noqa: PLR2004 both
            try:
                identifiers.checked_postcode(self.postcode.data, self.country.data or "")
            except Invalid as error:
                self.refuse(error)
                return False
        return right

    @property
    def grows(self) -> bool:
        """Whether a list was asked for one more row: then nothing is to be saved yet."""
        return bool(request.form.get("more"))

    def grow(self) -> None:
        """Adds a row to the list that asked for one."""
        found: Any = self
        for name in request.form.get("more", "").split("-"):
            inner = getattr(found, "form", found)
            found = getattr(inner, "_fields", {}).get(name)
        if isinstance(found, FieldList):
            found.append_entry()


def form_for(
    facts: type[Facts],
    hints: Hints,
    known: Facts | None,
    *,
    base: int,
    today: date | None,
    asked: Mapping[str, Any] = types.MappingProxyType({}),
) -> FactsForm:
    """A form of facts, with those known in it, or with what the browser sent.

    Args:
        facts: which facts.
        hints: what their types do not say.
        known: the facts to begin with; None for new ones.
        base: the version they are of.
        today: from when the change takes effect unless another day is given; None for none.
        asked: further fields of the form, which are no facts.
    """
    members = {"facts_type": facts, "hints": hints, **asked, **dict(_fields(facts, hints))}
    kind = type(f"{facts.__name__}Form", (FactsForm,), members)
    data = _data(known, hints) if known is not None else _defaults(facts, hints)
    form = kind(data={**data, "base": base, "effective_from": today})
    if not request.form:
        for each in form:
            if isinstance(each, FieldList) and not each.entries:
                each.append_entry()
    return form


def _shapes(kind: type[msgspec.Struct], hints: Hints) -> list[Shape]:
    found = []
    named = metas(kind)
    for name, hint in get_type_hints(kind).items():
        if name in named and name not in hints.without:
            inner, optional = hint, False
            if get_origin(hint) in {Union, types.UnionType}:
                (inner,) = (each for each in get_args(hint) if each is not types.NoneType)
                optional = True
            found.append(Shape(name, inner, optional, hints))
    return found


def _fields(kind: type[msgspec.Struct], hints: Hints) -> Iterable[tuple[str, Any]]:
    needed = {each.name for each in msgspec.structs.fields(kind) if each.required}
    for shape in _shapes(kind, hints):
        meta = metas(kind)[shape.name]
        label = say(text(meta.title or shape.name))
        cited = law.cite(meta.description or "", words().language)
        source = " – ".join(filter(None, (hints.notes.get(shape.name), cited)))
        field = _sort_of(shape).field(shape, label, source)
        rules = [Whole(rule) for ending, rule in RULES.items() if shape.name.endswith(ending)]
        if issubclass(kind, Facts) and shape.name in needed and shape.is_a(str):
            rules.append(Given)
        if rules:
            field.kwargs["validators"] = [*field.kwargs.get("validators", ()), *rules]
        yield shape.name, field


def _data(value: msgspec.Struct, hints: Hints) -> dict[str, Any]:
    return {
        shape.name: _sort_of(shape).datum(shape, getattr(value, shape.name))
        for shape in _shapes(type(value), hints)
    }


def _defaults(kind: type[msgspec.Struct], hints: Hints) -> dict[str, Any]:
    """What new facts begin with, as their own type declares it."""
    defaults = {each.name: each.default for each in msgspec.structs.fields(kind)}
    return {
        shape.name: _sort_of(shape).datum(shape, defaults[shape.name])
        for shape in _shapes(kind, hints)
        if defaults[shape.name] is not msgspec.NODEFAULT
    }


def _values(form: Any, kind: type[msgspec.Struct], hints: Hints) -> dict[str, Any]:
    return {
        shape.name: _sort_of(shape).value(shape, form[shape.name]) for shape in _shapes(kind, hints)
    }


class Sort:
    """A sort of field: which shapes it fits, its field, and the way of a value there and back."""

    def fits(self, shape: Shape) -> bool:
        """Whether a field of facts is edited so."""
        raise NotImplementedError

    def field(self, shape: Shape, label: str, source: str) -> Any:
        """The field of the form."""
        raise NotImplementedError

    def datum(self, _shape: Shape, value: Any) -> Any:
        """A value as the field takes it."""
        return value

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        """What the field says, as a JSON value."""
        return typed.data


class _ChosenMany(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.name in shape.hints.choices and shape.item is not None

    def field(self, shape: Shape, label: str, source: str) -> Any:
        options = list(shape.hints.choices[shape.name]())
        return Choices(label, choices=options, description=source)

    def datum(self, _shape: Shape, value: Any) -> Any:
        return list(value)

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data or []


class _Chosen(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.name in shape.hints.choices

    def field(self, shape: Shape, label: str, source: str) -> Any:
        options = [SelectChoice("", _("choose")), *shape.hints.choices[shape.name]()]
        return SelectField(label, choices=options, description=source)

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data or ""


class _Lines(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.item is str

    def field(self, shape: Shape, label: str, source: str) -> Any:  # noqa: ARG002
        hint = " – ".join(filter(None, (_("One entry a line"), source)))
        return Paragraphs(label, description=hint)

    def datum(self, _shape: Shape, value: Any) -> Any:
        return "\n".join(value)

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return [line.strip() for line in (typed.data or "").splitlines() if line.strip()]


class _Members(Sort):
    def fits(self, shape: Shape) -> bool:
        return isinstance(shape.item, type) and issubclass(shape.item, enum.Enum)

    def field(self, shape: Shape, label: str, source: str) -> Any:
        return Choices(label, choices=members(shape.item), description=source)

    def datum(self, _shape: Shape, value: Any) -> Any:
        return [each.value for each in value]

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data or []


class _Rows(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.item is not None

    def field(self, shape: Shape, label: str, source: str) -> Any:
        return FieldList(FormField(_row(shape.item, shape.hints)), label, description=source)

    def datum(self, shape: Shape, value: Any) -> Any:
        return [_data(each, shape.hints) for each in value]

    def value(self, shape: Shape, typed: Any) -> Any:
        rows = [_values(entry.form, shape.item, shape.hints) for entry in typed.entries]
        return [row for row in rows if _says_something(row)]


class _Part(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(msgspec.Struct)

    def field(self, shape: Shape, label: str, source: str) -> Any:
        return FormField(_row(shape.kind, shape.hints), label, description=source)

    def datum(self, shape: Shape, value: Any) -> Any:
        return _data(value, shape.hints) if value is not None else {}

    def value(self, shape: Shape, typed: Any) -> Any:
        values = _values(typed.form, shape.kind, shape.hints)
        return values if not shape.optional or _says_something(values) else None


class _Member(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(enum.Enum)

    def field(self, shape: Shape, label: str, source: str) -> Any:
        blank = [SelectChoice("", _("not said"))] if shape.optional else []
        return SelectField(label, choices=[*blank, *members(shape.kind)], description=source)

    def datum(self, _shape: Shape, value: Any) -> Any:
        return "" if value is None else value.value

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data or None


class _Answer(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(bool) and shape.optional

    def field(self, shape: Shape, label: str, source: str) -> Any:  # noqa: ARG002
        answers = [
            SelectChoice("", _("not said")),
            SelectChoice("yes", _("Yes")),
            SelectChoice("no", _("No")),
        ]
        return SelectField(label, choices=answers, description=source)

    def datum(self, _shape: Shape, value: Any) -> Any:
        return {True: "yes", False: "no", None: ""}[value]

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return {"yes": True, "no": False}.get(typed.data)


class _Truth(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(bool)

    def field(self, shape: Shape, label: str, source: str) -> Any:  # noqa: ARG002
        return BooleanField(label, description=source)


class _Number(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(int)

    def field(self, shape: Shape, label: str, source: str) -> Any:  # noqa: ARG002
        return IntegerField(label, [Optional(), NumberRange(0, LARGEST)], description=source)

    def value(self, shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data if shape.optional or typed.data is not None else 0


class _Day(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(date)

    def field(self, shape: Shape, label: str, source: str) -> Any:  # noqa: ARG002
        return DateField(label, [Optional()], description=source)

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data.isoformat() if typed.data else None


class _Words(Sort):
    def fits(self, shape: Shape) -> bool:
        return shape.is_a(str)

    def field(self, shape: Shape, label: str, source: str) -> Any:
        kind = Paragraphs if shape.name in shape.hints.long else Line
        return kind(label, description=source)

    def value(self, _shape: Shape, typed: wtforms.Field) -> Any:
        return typed.data or ""


SORTS: tuple[Sort, ...] = (
    *(_ChosenMany(), _Chosen(), _Lines(), _Members(), _Rows(), _Part(), _Member()),
    *(_Answer(), _Truth(), _Number(), _Day(), _Words()),
)
"""All sorts of fields; the first that fits is taken."""


def _sort_of(shape: Shape) -> Sort:
    if shape.name in shape.hints.sorts:
        return shape.hints.sorts[shape.name]
    return next(sort for sort in SORTS if sort.fits(shape))


def _row(kind: type[msgspec.Struct], hints: Hints) -> type[Row]:
    return type(f"{kind.__name__}Row", (Row,), dict(_fields(kind, hints)))


def _says_something(row: dict[str, Any]) -> bool:
    return next(iter(row.values())) not in (None, "", [])
