"""The reference renderer: a paper typeset with reportlab's Platypus, as an archival PDF."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Spacer

from registers.kernel.base import canonical
from registers.kernel.words import Text, Words, text
from registers.press import archive
from registers.press.colophon import CHECKPOINT, SNAPSHOT, colophon, moment
from registers.press.layout import (
    BODY,
    BOTTOM,
    GREY,
    HAIR,
    INK,
    LEFT,
    MEASURE,
    NAVY,
    NONE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RED,
    RIGHT,
    TINT,
    Boxes,
    Grid,
    Lines,
    Look,
    Pages,
    Piece,
    Row,
    Spaces,
    Style,
    Title,
    Track,
    clipped,
    draw_lines,
    longest_words,
    shares,
)
from registers.press.paper import (
    CONTROLLER_FIELD,
    PROCESSOR_FIELD,
    Block,
    Heading,
    Items,
    KeyValues,
    Paper,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from registers.press.typography import Face, font, printable, setting, suited, wrap

BODY_STYLE = Style(Face.REGULAR, 9.5, 13.2)
NOTE = Style(Face.OBLIQUE, 8, 10.8, GREY)
LEAD = Style(Face.REGULAR, 9.5, 13.2)
DATED = Style(Face.REGULAR, 8.5, 12, GREY)
TITLE = Style(Face.BOLD, 20, 24.5, NAVY)
SUBTITLE = Style(Face.REGULAR, 12, 16, GREY)
HEADINGS = {
    1: Style(Face.BOLD, 13, 17, NAVY),
    2: Style(Face.BOLD, 10.5, 14, NAVY),
    3: Style(Face.BOLD, 9.5, 13, INK),
}
CAPTION = Style(Face.BOLD, 8.5, 11.5, INK)
LABEL = Style(Face.REGULAR, 8.5, 12, GREY)
VALUE = Style(Face.REGULAR, 9, 12)
CELL = Style(Face.REGULAR, 8, 10.4)
HEAD = Style(Face.BOLD, 7.6, 10.4, NAVY)
FURNITURE = Style(Face.REGULAR, 7.5, 10, GREY)
ISSUER = Style(Face.BOLD, 10, 13, NAVY)
MARK = Style(Face.BOLD, 8, 10, RED)

CELLS = Look(pad_x=4, pad_y=3.4, leading=CELL.leading, head=HEAD)
FACTS = Look(pad_x=0, pad_y=2.6, leading=VALUE.leading, gap=8)
WARNING = Look(pad_x=9, pad_y=6, leading=BODY_STYLE.leading, fill=TINT, bar=RED, closed=False)

LABELS = 0.29
"""The part of the measure that labels have."""


def typeset(paper: Paper, attachment: bytes, stamp: Stamp) -> bytes:
    """The paper as PDF/A-3b, with its snapshot embedded and its signature fields empty.

    The same three arguments give the same bytes, in any process of the same version.

    Args:
        paper: what stands on it.
        attachment: the snapshot it was made from, JSON.
        stamp: its number, when it was prepared, where the journal stood.
    """
    closing = colophon(paper, stamp, hashlib.sha256(attachment).hexdigest())
    pages = io.BytesIO()
    with setting:
        sheet = Sheet(pages, paper, stamp)
        _Document(sheet).build([*_opening(paper, stamp), *_story((*paper.blocks, *closing))])
    return archive.archival(
        pages.getvalue(), paper, stamp, _attached(paper, attachment, stamp), sheet.places
    )


def _attached(paper: Paper, attachment: bytes, stamp: Stamp) -> list[archive.Attached]:
    say = Words(paper.language).say
    files = [archive.Attached(SNAPSHOT, attachment, say(text("The data typeset here")))]
    if stamp.checkpoint:
        says = say(text("A signed end of the journal"))
        files.append(archive.Attached(CHECKPOINT, canonical(stamp.checkpoint), says))
    return files


# --- pages --------------------------------------------------------------------------------


class Sheet(Pages):
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
        self.paper, self.stamp, self.words = paper, stamp, Words(paper.language)
        self.places, self.titles = {}, 0

    def furnish(self) -> None:
        """Draws the head of the page; its foot is filled in when the pages are counted."""
        page = self.getPageNumber()
        if self.paper.draft:
            self._mark(text("DRAFT – of no effect"), across=True)
        elif self.stamp.test:
            self._mark(text("TEST SEAL – without legal value"), across=False)
        if page == 1:
            self._masthead()
        else:
            self._head()
        self.doForm(f"foot-{page}")

    def _masthead(self) -> None:
        top = PAGE_HEIGHT - 15 * mm
        number = clipped(self.stamp.number, ISSUER, MEASURE / 3)
        issuer = clipped(self.paper.organisation, ISSUER, MEASURE * 0.6)
        draw_lines(self, [issuer], ISSUER, (LEFT, top))
        draw_lines(self, [number], ISSUER, (LEFT + MEASURE, top), "right")
        self._rule(top - 18, NAVY, 1.4)

    def _head(self) -> None:
        top = PAGE_HEIGHT - 14 * mm
        issuer = clipped(self.paper.organisation, FURNITURE, MEASURE / 2)
        draw_lines(self, [issuer], FURNITURE, (LEFT, top))
        number = clipped(self.stamp.number, FURNITURE, MEASURE / 3)
        draw_lines(self, [number], FURNITURE, (LEFT + MEASURE, top), "right")
        self._rule(top - 14, HAIR, 0.5)

    def _mark(self, said: Text, *, across: bool) -> None:
        says = self.words.say(said)
        draw_lines(self, [says], MARK, (LEFT, BOTTOM - 7 * mm - 13))
        if not across:
            return
        self.saveState()
        self.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
        self.rotate(52)
        self.setFont(Face.BOLD.value, 56)
        self.setFillColorRGB(0.955, 0.9, 0.9)
        self.drawCentredString(0, -20, says)
        self.restoreState()

    def _foot(self, page: int, pages: int) -> None:
        top = BOTTOM - 7 * mm
        self._rule(top, HAIR, 0.5)
        counted = self.words.say(text("page {page} of {pages}", page=page, pages=pages))
        title = clipped(self.paper.title, FURNITURE, MEASURE * 0.75)
        draw_lines(self, [title], FURNITURE, (LEFT, top - 3))
        draw_lines(self, [counted], FURNITURE, (LEFT + MEASURE, top - 3), "right")

    def _rule(self, y: float, colour: Any, thickness: float) -> None:
        self.setStrokeColor(colour)
        self.setLineWidth(thickness)
        self.line(LEFT, y, PAGE_WIDTH - RIGHT, y)

    def save(self) -> None:
        """Writes the foot of every page, now that it is known how many there are."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self.beginForm(f"foot-{page}")
            self._foot(page, pages)
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


# --- from blocks to pieces ----------------------------------------------------------------


def _opening(paper: Paper, stamp: Stamp) -> Iterator[Flowable]:
    words = Words(paper.language)
    yield Spacer(1, 9 * mm)
    yield Title(paper.title, TITLE, 0, Spaces(after=3))
    if paper.subtitle:
        yield _lines(paper.subtitle, SUBTITLE)
    yield Spacer(1, 3 * mm)
    for line in paper.lead:
        yield _lines(line, LEAD)
    at = moment(stamp.prepared_at, paper.language)
    dated = [text("Prepared on {moment}", moment=at)]
    if paper.on:
        dated.insert(0, text("State of the registers on {day}", day=paper.on))
    yield Spacer(1, 1.5 * mm)
    for said in dated:
        yield _lines(words.say(said), DATED)
    yield Spacer(1, 3 * mm)


def _story(blocks: Iterable[Block]) -> Iterator[Flowable]:
    """The pieces in order, each group preceded by a break where it would not begin well."""
    kept: list[Piece] = []
    deepest = 0
    for block in blocks:
        if isinstance(block, Heading):
            deepest = min(block.level, deepest + 1)
            kept.append(_heading(block, deepest))
            continue
        for group in _pieces(block):
            kept += group
            yield from _together(kept)
            kept = []
    yield from _together(kept)


def _together(pieces: list[Piece]) -> Iterator[Flowable]:
    if len(pieces) > 1:
        *before, last = pieces
        spaces = sum(piece.getSpaceBefore() + piece.getSpaceAfter() for piece in pieces)
        needed = sum(piece.height for piece in before) + spaces + last.least
        yield CondPageBreak(min(needed, BODY))
    yield from pieces


def _heading(block: Heading, level: int) -> Piece:
    before = {1: 16, 2: 12, 3: 9}[block.level]
    return Title(block.text, HEADINGS[block.level], level, Spaces(before, 4))


def _pieces(block: Block) -> Iterator[list[Piece]]:
    """Groups of pieces; in each, none but the last may end a page."""
    match block:
        case Paragraph():
            yield [_paragraph(block)]
        case KeyValues():
            yield [_facts(block)]
        case Table():
            caption = [_lines(block.caption, CAPTION, Spaces(8, 3))] if block.caption else []
            empty = (
                [_lines(block.empty, NOTE, Spaces(0, 8))] if block.empty and not block.rows else []
            )
            yield [*caption, _table(block), *empty]
        case Items():
            for at, item in enumerate(block.items, 1):
                mark = f"{at}." if block.numbered else "•"
                yield [_item(item, mark)]
        case Signatures():
            yield [_places(block)]


def _lines(said: str, style: Style, spaces: Spaces = NONE) -> Lines:
    style = style._replace(face=suited(style.face, printable(said)))
    return Lines(wrap(said, style.face, style.size, MEASURE), style, spaces)


def _item(said: str, mark: str) -> Lines:
    indent = 16
    lines = wrap(said, BODY_STYLE.face, BODY_STYLE.size, MEASURE - indent)
    return Lines(lines, BODY_STYLE, Spaces(2, 2), indent, mark)


def _paragraph(block: Paragraph) -> Piece:
    if block.style == "warning":
        measure = MEASURE - 2 * WARNING.pad_x
        lines = wrap(block.text, BODY_STYLE.face, BODY_STYLE.size, measure)
        track = Track(MEASURE, BODY_STYLE)
        return Grid([track], [Row.of([lines], WARNING)], WARNING, spaces=Spaces(5, 7))
    return _lines(block.text, NOTE if block.style == "note" else BODY_STYLE, Spaces(2, 5))


def _facts(block: KeyValues) -> Grid:
    tracks = [Track(LABELS * MEASURE, LABEL), Track((1 - LABELS) * MEASURE, VALUE)]
    rows = [_row(row, tracks, FACTS) for row in block.rows]
    return Grid(tracks, rows, FACTS, spaces=Spaces(3, 10))


def _table(block: Table) -> Grid:
    headers = [column.header for column in block.columns]
    cells = list(zip(*block.rows, strict=True)) if block.rows else [() for _ in headers]
    needs = [
        max(longest_words([header], HEAD, CELLS.pad_x), longest_words(texts, CELL, CELLS.pad_x))
        for header, texts in zip(headers, cells, strict=True)
    ]
    widths = shares([column.width for column in block.columns], needs, MEASURE, least=24)
    tracks = [
        Track(given, CELL, column.align)
        for given, column in zip(widths, block.columns, strict=True)
    ]
    heads = [track._replace(style=HEAD) for track in tracks]
    head = _row(headers, heads, CELLS, heading=True)
    rows = [_row(row, tracks, CELLS) for row in block.rows]
    return Grid(tracks, rows, CELLS, head, Spaces(2, 8))


def _row(texts: Iterable[str], tracks: list[Track], look: Look, *, heading: bool = False) -> Row:
    cells = (
        wrap(cell, track.style.face, track.style.size, track.width - 2 * look.pad_x - look.gap)
        for cell, track in zip(texts, tracks, strict=True)
    )
    return Row.of(cells, look, heading=heading)


def _places(block: Signatures) -> Boxes:
    fields = [(PROCESSOR_FIELD, block.left), (CONTROLLER_FIELD, block.right)]
    return Boxes([(name, label) for name, label in fields if label], Spaces(10, 6))
