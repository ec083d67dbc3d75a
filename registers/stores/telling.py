"""How what is held of a person is told: in words for people, as plain values for machines."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_date, format_datetime

from registers.kernel import showing
from registers.kernel.base import canonical
from registers.kernel.identifiers import country_name
from registers.kernel.words import LANGUAGES, Text, Words
from registers.stores.finding import Found, Said

WHEN = {"fr": "d MMMM yyyy 'à' HH:mm", "en": "d MMMM yyyy, HH:mm"}


def when(at: date | datetime | None, words: Words, zone: str) -> str:
    """A day, or an instant on the clocks of a zone."""
    locale = "en_GB" if words.language == "en" else words.language
    if isinstance(at, datetime):
        there = at.astimezone(ZoneInfo(zone))
        return format_datetime(there, WHEN[words.language], locale=locale)
    return format_date(at, "long", locale=locale) if at else ""


def label(said: Said, words: Words) -> str:
    """What a thing is called."""
    return words.say(said.label)


def value(said: Said, words: Words, zone: str) -> str:
    """What a thing is, in words."""
    return _told(said.key.rpartition(".")[2], said.value, words, zone)


def _told(key: str, held: Any, words: Words, zone: str) -> str:  # noqa: PLR0911 one a sort
    if isinstance(held, date):
        return when(held, words, zone)
    if isinstance(held, list | tuple):
        return "; ".join(_told(key, each, words, zone) for each in held)
    if isinstance(held, dict):
        told = (_told(name, each, words, zone) for name, each in held.items())
        return ", ".join(filter(None, told))
    if showing.is_part(held):
        return _joined(
            ", ",
            (
                (words.say(name), _told("", inner, words, zone))
                for name, inner in showing.parts(held)
            ),
            words,
        )
    if key == "country":
        return country_name(held, words.language)
    if key == "language" and held in LANGUAGES:
        return str(Locale(words.language).languages[held])
    return showing.shown(held, words)


def _joined(between: str, told: Iterable[tuple[str, str]], words: Words) -> str:
    """Names with their values; those that say nothing are left out."""
    colon = "\u00a0: " if words.language == "fr" else ": "
    return between.join(f"{name}{colon}{value}" for name, value in told if value)


def line(found: Found, words: Words, zone: str) -> str:
    """All of it in one line, for a sheet."""
    told = ((label(each, words), value(each, words, zone)) for each in found.what)
    return _joined("; ", told, words)


def plain(found: Iterable[Found], words: Words) -> list[dict[str, Any]]:
    """For machines: the keys and values as they are kept."""
    return [
        {
            "store": words.say(each.store),
            "at": each.at.isoformat() if each.at else "",
            "what": _nested(each.what, words),
        }
        for each in found
    ]


def _nested(what: Iterable[Said], words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, _label, held in what:
        *way, last = key.split(".")
        there = found
        for part in way:
            there = there.setdefault(part, {})
        there[last] = msgspec.json.decode(canonical(_bare(held, words)))
    return found


def _bare(held: Any, words: Words) -> Any:
    return words.say(held) if isinstance(held, Text) else held
