"""What all papers share: facts told in rows, gaps that are said, addresses, persons."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from registers.annexes.shapes import Person
from registers.kernel.history import Facts
from registers.kernel.identifiers import country_name
from registers.kernel.showing import TO_COMPLETE, shown
from registers.kernel.words import Text, Words, text
from registers.press.paper import KeyValues
from registers.subprocessors.facts import Transfer

ADDRESS = ("address", "postcode", "city")


class Addressed(Protocol):
    """Whoever has a postal address."""

    @property
    def address(self) -> str:
        """Street and number."""

    @property
    def postcode(self) -> str:
        """The postcode."""

    @property
    def city(self) -> str:
        """The place."""

    @property
    def country(self) -> str:
        """The code of the country."""


class Teller:
    """Writes rows of labels and values, in one language; what is wanted and missing is said."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.rows: list[tuple[str, str]] = []

    def fact(self, facts: Facts, name: str, *others: str, value: str | None = None) -> None:
        """A field under its own name, maybe told together with others.

        Left out when it is empty and nobody asks for it.
        """
        written = shown(getattr(facts, name), self.words) if value is None else value
        gap = lacking(facts, self.words, name, *others)
        self.row(type(facts).name_of(name), stacked(written, gap))

    def row(self, label: Text, written: str) -> None:
        """A label and its value, where there is one."""
        if written:
            self.rows.append((self.words.say(label), written))

    def asked(self, label: Text, written: str) -> None:
        """What the form of the paper asks for: where it is empty, that is said."""
        self.row(label, written or mark(self.words))

    def block(self) -> KeyValues:
        """All rows so far."""
        return KeyValues(tuple(self.rows))


def mark(words: Words) -> str:
    """What stands where a fact is to be completed."""
    return f"[{words.say(TO_COMPLETE)}]"


def lacking(facts: Facts, words: Words, *names: str) -> str:
    """Says that one of these fields is to be completed, when one is."""
    return "" if set(names).isdisjoint(facts.missing()) else mark(words)


def postal(known: Addressed, words: Words) -> str:
    """An address in lines, its country last."""
    written = [known.address, " ".join(filter(None, (known.postcode, known.city)))]
    if any(written):
        written.append(country_name(known.country, words.language))
    return stacked(*written)


def personal(person: Person) -> str:
    """A point of contact: who it is, how it is reached."""
    named = beside(person.name, person.function)
    return stacked(named, beside(person.email if person.is_named else "", person.phone))


def qualified(name: str, quality: str) -> str:
    """A name with what its bearer is."""
    return ", ".join(filter(None, (name, quality)))


def beside(*parts: str) -> str:
    """Parts on one line."""
    return " · ".join(filter(None, parts))


def stacked(*parts: str) -> str:
    """Parts under each other."""
    return "\n".join(filter(None, parts))


def term(starts: date | None, ends: date | None, words: Words) -> str:
    """From a day to a day; a missing one is said, two are one gap."""
    if starts is None and ends is None:
        return mark(words)
    return " – ".join(f"{day:%d/%m/%Y}" if day else mark(words) for day in (starts, ends))


def runs(starts: date | None, ends: date | None, words: Words) -> str:
    """How long something runs that need not have an end."""
    if starts is None or ends is not None:
        return mark(words) if starts is None else term(starts, ends, words)
    return words.say(text("since {day}, without a term", day=f"{starts:%d/%m/%Y}"))


def transferred(none: bool | None, transfers: Sequence[Transfer], words: Words) -> str:
    """What is answered about transfers; empty where nothing is."""
    if none:
        return words.say(text("No transfer to a third country or an international organisation"))
    return "\n".join(
        beside(
            country_name(transfer.country, words.language),
            transfer.recipient,
            words.say(transfer.mechanism.says),
            transfer.safeguards,
        )
        for transfer in transfers
    )
