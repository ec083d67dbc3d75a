"""What a paper cannot do without and does not have, each fact with where to complete it."""

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from registers.kernel.errors import Invalid
from registers.kernel.history import EMPTY, Facts
from registers.kernel.words import Text, plural


class Where(enum.Enum):
    """In which dossier a fact is completed."""

    ORGANISATION = "organisation"
    CONTROLLER = "controller"
    CONTACTS = "contacts"
    """The points of contact of a controller."""
    CONTRACT = "contract"
    ACTIVITY = "activity"
    SUBPROCESSOR = "subprocessor"
    MEASURE = "measure"
    ERASURE = "erasure"
    MEASURES = "measures"
    """The catalogue of measures, where one is wanting altogether."""


class Place(NamedTuple):
    """Where to complete a fact: which sort of dossier, and its code (of a contract, its id)."""

    where: Where
    key: str = ""


class Gap(NamedTuple):
    """One fact that is missing: its name, of whom or what it is, where to complete it."""

    field: Text
    of: Text | str
    place: Place


class Incomplete(Invalid):
    """A paper is not sealed: the law or the contract demands facts of it that are missing."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__(
            plural(
                "This paper cannot be sealed: one fact that it must state is missing.",
                "This paper cannot be sealed: {count} facts that it must state are missing.",
                len(gaps),
            )
        )
        self.gaps = tuple(gaps)

    def __str__(self) -> str:
        """The sentence, and each fact, for whoever prints an error without a language."""
        told = (f"{gap.of}: {gap.field}" for gap in self.gaps)
        return " ".join([str(self.reason), "; ".join(told)])


def wanting(known: Facts, of: Text | str, place: Place, fields: Iterable[str]) -> Iterator[Gap]:
    """The fields among these that are empty."""
    for name in fields:
        if getattr(known, name) in EMPTY:
            yield Gap(type(known).name_of(name), of, place)
