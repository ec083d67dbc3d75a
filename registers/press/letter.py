"""The head of a letter: its sender, the window of its envelope, its references and its date.

The sheet is folded in three and goes into an envelope of 110 x 220 mm (DL) whose window of
35 x 100 mm is 20 mm from the right and from the lower edge: the French one. In it the sheet,
99 mm high and 210 mm wide, moves by 11 and 10 mm. So the window may show what is between 90 and
200 mm from the left edge of the sheet and 44 and 90 mm from its upper one, and always shows what
is between 100 and 190, and 55 and 79 mm. NF Z 10-011 gives an address six lines, seven abroad.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reportlab.lib.units import mm

from registers.kernel.words import Text, Words, text
from registers.press.colophon import day_of
from registers.press.layout import GREY, INK, LEFT, TOP, Arranged, Part, Piece, Spaces, Style
from registers.press.paper import Letter, Stamp
from registers.press.typography import Face, wrap


class Area(NamedTuple):
    """A rectangle on the sheet, measured from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


WINDOW = Area(90 * mm, 44 * mm, 200 * mm, 90 * mm)
"""What the window may show: nothing but the address stands there."""

ADDRESS = Area(105 * mm, 55 * mm, 190 * mm, 79 * mm)
"""What it always shows, 5 mm of it left free before the address."""

SIZES = (9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)
LEADING = 1.19
"""Six lines of the largest size, seven of 8 points, ten of the smallest fill the address."""

LAST = 2
"""The last lines of an address, which are kept whatever its length: without them nothing comes."""

NAME = Style(Face.BOLD, 10, 13)
SENDER = Style(Face.REGULAR, 8.5, 11.5, GREY)
MOST_NAME, MOST_SENDER = 3, 12
"""The lines for which there is room beside the window."""

SAID = Style(Face.REGULAR, 9, 12.5)
BELOW = 4 * mm
"""What is free between the window and the references."""


def letter_head(letter: Letter, stamp: Stamp, language: str, above: float = 0) -> Iterator[Piece]:
    """All that stands above the subject of a letter, but the logo.

    Args:
        letter: from whom, to whom.
        stamp: its number, its day.
        language: of its own words.
        above: the height that is taken at the head of the first page.
    """
    name, *others = filter(str.strip, letter.sender)
    beside = WINDOW.left - LEFT
    named = _cut(_wrapped([name], NAME, beside), MOST_NAME)
    reached = _cut(_wrapped(others, SENDER, beside), MOST_SENDER)
    lines, style = address(letter.recipient)
    parts = [Part(named, NAME, 0, 0)]
    if reached:
        parts.append(Part(reached, SENDER, 0, len(named) * NAME.leading + 2))
    begins = TOP + above
    parts.append(Part(lines, style, ADDRESS.left - LEFT, ADDRESS.top - begins))
    yield Arranged(parts, least=WINDOW.bottom + BELOW - begins)
    yield _references(letter, stamp, language)


def address(recipient: Sequence[str]) -> tuple[list[str], Style]:
    """The lines of an address and their style, so that they fit the window.

    A long one is set smaller; of one that no size fits, lines before the last ones are left out.
    """
    width, height = ADDRESS.right - ADDRESS.left, ADDRESS.bottom - ADDRESS.top
    for size in SIZES:
        style = Style(Face.REGULAR, size, size * LEADING, INK)
        lines = _wrapped(recipient, style, width)
        if len(lines) * style.leading <= height:
            return lines, style
    most = int(height / style.leading)
    return [*lines[: most - LAST - 1], "…", *lines[-LAST:]], style


def _references(letter: Letter, stamp: Stamp, language: str) -> Piece:
    """Whose references these are on the left; place and day below the address."""
    words = Words(language)
    ours = " · ".join(filter(None, (stamp.number, letter.ours)))
    told: list[Text] = []
    if letter.yours:
        told.append(text("Your reference: {reference}", reference=letter.yours))
    if ours:
        told.append(text("Our reference: {reference}", reference=ours))
    day = day_of(stamp.prepared_at, language)
    dated = text("{place}, {day}", place=letter.place, day=day)
    if not letter.place:
        dated = text("Date: {date}", date=day)
    right = ADDRESS.left - LEFT
    parts = [Part(_wrapped([words.say(dated)], SAID, ADDRESS.right - ADDRESS.left), SAID, right, 0)]
    if told:
        left = _wrapped(map(words.say, told), SAID, right - 5 * mm)
        parts.insert(0, Part(left, SAID, 0, 0))
    return Arranged(parts, spaces=Spaces(after=8 * mm))


def _wrapped(said: Iterable[str], style: Style, measure: float) -> list[str]:
    """The lines of texts, without empty ones."""
    lines = [line for each in said for line in wrap(each, style.face, style.size, measure)]
    return [line for line in lines if line.strip()]


def _cut(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[: most - 1], "…"]
