"""Texts that people read, kept apart from the language they are read in.

Rules, errors and papers speak in `Text`: an English source sentence and its parameters. The
edge that knows the reader's language turns it into words with `Words`.
"""

import enum
import gettext
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Self

import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")
"""The languages of screens and papers; the first is the default."""

CATALOGUE = Path(__file__).parent.parent / "translations"
DOMAIN = "registers"


class Text(msgspec.Struct, frozen=True):
    """One sentence to be said: its English source, and what stands in its gaps.

    `others` and `count` are given where the sentence has a plural.
    """

    source: str
    parameters: dict[str, Any] = {}
    others: str | None = None
    count: int = 1

    def __str__(self) -> str:
        """The English words, for logs and for whoever prints an error without a language."""
        return Words("en").say(self)

    def __hash__(self) -> int:
        return hash((self.source, self.others, self.count))


def text(source: str, /, **parameters: Any) -> Text:
    """A text to be said later; `{name}` in the source is filled from the parameters."""
    return Text(source, parameters)


def plural(source: str, others: str, /, count: int, **parameters: Any) -> Text:
    """A text that counts; `{count}` may stand in it."""
    return Text(source, {"count": count, **parameters}, others, count)


class Named(enum.Enum):
    """An enumeration whose members are pairs: the value that is stored, its words for people."""

    says: Text

    def __new__(cls, value: str, says: Text = Text("")) -> Self:  # noqa: B008 a frozen value
        """A member known by its value alone."""
        member = object.__new__(cls)
        member._value_ = value
        member.says = says
        return member


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUE, [language], fallback=language == "en")


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._catalogue = _catalogue(self.language)

    def say(self, said: Text | str) -> str:
        """The text in this language; plain strings are somebody's own words and stay as they are.

        Parameters that are texts themselves are said in the same language; dates are written
        with their weekday; functions are asked for the words of the language.
        """
        if isinstance(said, str):
            return said
        if said.others is None:
            words = self._catalogue.gettext(said.source)
        else:
            words = self._catalogue.ngettext(said.source, said.others, said.count)
        if not said.parameters:
            return words
        given = {name: self._inner(value) for name, value in said.parameters.items()}
        if said.others is not None and "count" in given:
            given["count"] = self.number(said.count)
        return words.format(**given)

    def sentences(self, said: Iterable[Text | str]) -> str:
        """Several texts as one paragraph."""
        return " ".join(self.say(each) for each in said)

    def day(self, day: date) -> str:
        """A date with its weekday, as people of this language write it."""
        return _day(day, self.language)

    def number(self, count: int) -> str:
        """A count, its thousands set apart as people of this language write it."""
        return format_decimal(count, locale=_locale(self.language))

    def hour(self, at: datetime) -> str:
        """The hour and minute of an instant in its own zone."""
        return hour_of(at, self.language)

    def _inner(self, value: Any) -> Any:
        if isinstance(value, str | int):
            return value
        if isinstance(value, Text):
            return self.say(value)
        if callable(value):
            return value(self.language)
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.day(value)
        return value


@lru_cache(maxsize=20_000)
def _day(day: date, language: str) -> str:
    written = format_date(day, "full", locale=_locale(language))
    return written.replace(" 1 ", " 1er ") if language == "fr" else written


def hour_of(at: datetime, language: str) -> str:
    """The hour and minute of an instant in its own zone: `2 h 55` in French, `02:55` in English."""
    return (
        f"{at.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{at:%M}"
        if language == "fr"
        else f"{at:%H:%M}"
    )


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else language
