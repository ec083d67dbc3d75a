"""What stands on every page around its pieces: whose paper it is, its number, which page."""

from collections.abc import Iterator
from typing import NamedTuple

from reportlab.lib.units import mm

from registers.kernel.words import Text, Words, text
from registers.press.house_style import footer_lines
from registers.press.layout import (
    ACCENT,
    BOTTOM,
    FOOTER,
    HAIR,
    LEFT,
    MEASURE,
    PAGE_HEIGHT,
    Align,
    Rule,
    Style,
    clipped,
)
from registers.press.paper import Paper, Stamp
from registers.press.story import FURNITURE, ISSUER, MARK

FIRST_RULE, OTHER_RULE = Rule(ACCENT, 1.4), Rule(HAIR, 0.5)
FIRST_TOP, OTHER_TOP = PAGE_HEIGHT - 15 * mm, PAGE_HEIGHT - 14 * mm
FOOT = BOTTOM - 7 * mm
RAISED = FOOTER.leading
"""By so much the foot begins higher where the house has something to say in it."""

DRAFT = text("DRAFT – of no effect")
TEST = text("TEST SEAL – without legal value")

ACROSS_SIZE, ACROSS_ANGLE, ACROSS_COLOUR = 56.0, 52.0, (0.955, 0.9, 0.9)
"""The mark of a draft, under the text."""


class Line(NamedTuple):
    """A line of text and the corner it hangs from."""

    text: str
    style: Style
    corner: tuple[float, float]
    align: Align = "left"


class Furniture(NamedTuple):
    """What stands at the head or foot of a page, and the height of its rule; 0 without one."""

    lines: list[Line]
    rule: Rule
    at: float


def mark(paper: Paper, stamp: Stamp) -> str:
    """What every page says of a paper that has no effect; empty on others."""
    said: Text | None = DRAFT if paper.draft else TEST if stamp.test else None
    return Words(paper.language).say(said) if said else ""


def marks(said: str, stamp: Stamp) -> Iterator[Line]:
    """The small mark at the foot of a page, where there is one."""
    if said:
        yield Line(said, MARK, (LEFT, _foot(stamp) - 13))


def head(paper: Paper, stamp: Stamp, *, first: bool) -> Furniture:
    """The head of the first page, or that of the others; a letter begins without one."""
    if first and paper.letter:
        return Furniture([], OTHER_RULE, 0)
    style, top = (ISSUER, FIRST_TOP) if first else (FURNITURE, OTHER_TOP)
    issuer = clipped(paper.organisation, style, MEASURE * (0.6 if first else 0.5))
    number = clipped(stamp.number, style, MEASURE / 3)
    return Furniture(
        _ends(issuer, number, style, top),
        FIRST_RULE if first else OTHER_RULE,
        top - (18 if first else 14),
    )


def foot(paper: Paper, stamp: Stamp, page: int, pages: int) -> Furniture:
    """The foot of a page; below it, what the house has to say."""
    at = _foot(stamp)
    counted = Words(paper.language).say(text("page {page} of {pages}", page=page, pages=pages))
    title = clipped(paper.title, FURNITURE, MEASURE * 0.75)
    below = at - (23 if mark(paper, stamp) else 13)
    said = [
        Line(line.rstrip(" "), FOOTER, (LEFT, below - number * FOOTER.leading))
        for number, line in enumerate(footer_lines(stamp.style.footer))
    ]
    return Furniture([*_ends(title, counted, FURNITURE, at - 3), *said], OTHER_RULE, at)


def _foot(stamp: Stamp) -> float:
    return FOOT + RAISED if stamp.style.footer else FOOT


def _ends(left: str, right: str, style: Style, top: float) -> list[Line]:
    return [
        Line(left, style, (LEFT, top)),
        Line(right, style, (LEFT + MEASURE, top), "right"),
    ]
