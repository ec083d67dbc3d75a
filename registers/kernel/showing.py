"""How a value of facts is written for people: one place for screens and papers."""

from collections.abc import Sequence
from datetime import date
from functools import singledispatch
from typing import Any

import msgspec

from registers.kernel.history import EMPTY, Facts, metas
from registers.kernel.periods import Unit, length
from registers.kernel.words import Named, Text, Words, text

YES, NO = text("Yes"), text("No")
TO_COMPLETE = text("to be completed")


@singledispatch
def shown(value: Any, words: Words) -> str:  # noqa: ARG001 the others use it
    """A simple value in words; empty for what is not known."""
    return str(value)


@shown.register
def _(_value: None, _words: Words) -> str:
    return ""


@shown.register
def _(value: bool, words: Words) -> str:
    return words.say(YES if value else NO)


@shown.register
def _(value: int, words: Words) -> str:
    return words.number(value)


@shown.register
def _(value: Named, words: Words) -> str:
    return words.say(value.says)


@shown.register
def _(value: Text, words: Words) -> str:
    return words.say(value)


@shown.register
def _(value: date, words: Words) -> str:
    return words.day(value)


@shown.register(tuple)
@shown.register(list)
def _(value: Sequence[Any], words: Words) -> str:
    return ", ".join(shown(each, words) for each in value)


def is_part(value: Any) -> bool:
    """Whether a value has parts of its own, with names."""
    return isinstance(value, msgspec.Struct) and not isinstance(value, Text)


def parts(value: msgspec.Struct) -> list[tuple[Text, Any]]:
    """The named parts of a value that hold something; an amount goes with its unit."""
    kind = type(value)
    unit = getattr(value, "unit", None)
    found = []
    for name, meta in metas(kind).items():
        held = getattr(value, name)
        if name == "amount" and held is not None and isinstance(unit, Unit):
            held = length(held, unit)
        elif held in EMPTY or name == "unit" or getattr(held, "name", "") == "NONE":
            continue
        found.append((text(meta.title or name), held))
    return found


def field_names(facts: type[Facts]) -> list[str]:
    """The fields of facts in their order, those that have a name for people."""
    known = metas(facts)
    return [name for name in facts.__struct_fields__ if name in known]
