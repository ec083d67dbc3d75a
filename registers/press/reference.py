"""The reference renderer: a paper typeset with reportlab's Platypus, as an archival PDF.

It is slow and sets any text. The fast one (see `fast`) is held against it, and leaves to it
what it cannot set.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Spacer

from registers.press import archive
from registers.press.furniture import (
    ACROSS_ANGLE,
    ACROSS_COLOUR,
    ACROSS_SIZE,
    Furniture,
    Line,
    foot,
    head,
    mark,
    marks,
)
from registers.press.layout import (
    ACCENT,
    BODY,
    BOTTOM,
    FIELD_HEIGHT,
    FIELD_WIDTH,
    LEFT,
    MEASURE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    Boxes,
    Break,
    Gap,
    Piece,
    Place,
    Title,
    draw_lines,
)
from registers.press.paper import Paper, Stamp
from registers.press.story import story
from registers.press.typography import Face, font, setting


def typeset(paper: Paper, attachment: bytes, stamp: Stamp) -> bytes:
    """The paper as PDF/A-3b, with its snapshot embedded and its signature fields empty.

    The same three arguments give the same bytes, in any process of the same version.

    Args:
        paper: what stands on it.
        attachment: the snapshot it was made from, JSON.
        stamp: its number, when it was prepared, where the journal stood.
    """
    pages = io.BytesIO()
    with setting:
        sheet = Sheet(pages, paper, stamp)
        pieces = story(paper, stamp, hashlib.sha256(attachment).hexdigest())
        _Document(sheet).build([*_flowables(pieces)])
    attached = archive.attached(paper, attachment, stamp)
    return archive.archival(pages.getvalue(), paper, stamp, attached, sheet.places)


# --- pages --------------------------------------------------------------------------------


class Sheet(Canvas):
    """The pages of one paper, with what stands on every page."""

    def __init__(self, to: io.BytesIO, paper: Paper, stamp: Stamp) -> None:
        first = font(Face.REGULAR)
        for face in Face:
            font(face)
        super().__init__(
            to,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=first.fontName,  # type: ignore[arg-type]  # the stubs say a number
        )
        self.paper, self.stamp = paper, stamp
        self.places: dict[str, Place] = {}
        self.titles = 0

    def setFillColor(self, aColor: Any, alpha: Any = None) -> None:  # noqa: N802, N803 theirs
        """Fills with the colour of the house where the common one is asked for."""
        super().setFillColor(self._of_house(aColor), alpha)

    def setStrokeColor(self, aColor: Any, alpha: Any = None) -> None:  # noqa: N802, N803 theirs
        """Draws with the colour of the house where the common one is asked for."""
        super().setStrokeColor(self._of_house(aColor), alpha)

    def _of_house(self, colour: Any) -> Any:
        return self.stamp.style.colour if colour is ACCENT else colour

    def furnish(self) -> None:
        """Draws the head of the page; its foot is filled in when the pages are counted."""
        page = self.getPageNumber()
        said = mark(self.paper, self.stamp)
        self._draw(marks(said, self.stamp))
        if self.paper.draft:
            self._mark_across(said)
        self._furnish(head(self.paper, self.stamp, first=page == 1))
        self.doForm(f"foot-{page}")

    def _draw(self, lines: Iterable[Line]) -> None:
        for line in lines:
            draw_lines(self, [line.text], line.style, line.corner, line.align)

    def _furnish(self, furniture: Furniture) -> None:
        self._draw(furniture.lines)
        if not furniture.at:
            return
        self.setStrokeColor(furniture.rule.colour)
        self.setLineWidth(furniture.rule.thickness)
        self.line(LEFT, furniture.at, PAGE_WIDTH - RIGHT, furniture.at)

    def _mark_across(self, said: str) -> None:
        self.saveState()
        self.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
        self.rotate(ACROSS_ANGLE)
        self.setFont(Face.BOLD.value, ACROSS_SIZE)
        self.setFillColorRGB(*ACROSS_COLOUR)
        self.drawCentredString(0, -20, said)
        self.restoreState()

    def save(self) -> None:
        """Writes the foot of every page, now that it is known how many there are."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self.beginForm(f"foot-{page}")
            self._furnish(foot(self.paper, self.stamp, page, pages))
            self.endForm()
        super().save()


class _Document(BaseDocTemplate):
    """Fills the pages of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(io.BytesIO(), pagesize=(PAGE_WIDTH, PAGE_HEIGHT))
        self.sheet = sheet
        frame = Frame(LEFT, BOTTOM, MEASURE, BODY, 0, 0, 0, 0)
        template = PageTemplate("page", [frame], onPage=lambda *_: sheet.furnish())
        self.addPageTemplates(template)

    def _makeCanvas(self, **_: Any) -> Sheet:  # noqa: N802 reportlab's name
        return self.sheet


# --- pieces, as Platypus asks for them ----------------------------------------------------


def _flowables(pieces: Iterable[Piece]) -> Iterator[Flowable]:
    for piece in pieces:
        match piece:
            case Gap():
                yield Spacer(1, piece.height)
            case Break():
                yield CondPageBreak(piece.needed)
            case _:
                yield _Flowing(piece)


class _Flowing(Flowable):
    """A piece that flows from page to page."""

    canv: Sheet

    def __init__(self, piece: Piece) -> None:
        super().__init__()
        self.piece = piece
        self.width, self.height = MEASURE, piece.height
        self.spaceBefore, self.spaceAfter = piece.spaces

    def wrap(self, _available: float, _height: float) -> tuple[float, float]:
        """Its size: known since it was made."""
        return self.width, self.height

    def split(self, _available: float, height: float) -> list[Flowable]:
        """See `Piece.split`."""
        return [_Flowing(part) for part in self.piece.split(height) or ()]

    def draw(self) -> None:
        """Draws it, and tells the sheet what stands where."""
        match self.piece:
            case Title():
                self._enter(self.piece)
            case Boxes():
                self._tell_places(self.piece)
        self.piece.draw(self.canv)

    def _enter(self, title: Title) -> None:
        self.canv.titles += 1
        key = f"title-{self.canv.titles}"
        x, y = self.canv.absolutePosition(0, self.height)
        self.canv.bookmarkPage(key, fit="XYZ", left=x, top=y + 6)
        self.canv.addOutlineEntry(title.entry, key, title.level)

    def _tell_places(self, boxes: Boxes) -> None:
        for at, (name, _) in enumerate(boxes.fields):
            left, low = self.canv.absolutePosition(boxes.left_of(at), 0)
            corners = (left, low, left + FIELD_WIDTH, low + FIELD_HEIGHT)
            self.canv.places[name] = Place(self.canv.getPageNumber(), corners)
