"""Pieces of a page: lines of text, grids of cells, places for signatures.

Each piece is broken into lines when it is made, knows its height, and can be cut where a page
ends: a row taller than what a page can spare is cut between its lines. Measures are in points.
Pieces never change once made, so that papers may share them. How they are drawn, a renderer
knows.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, Literal, NamedTuple, Self

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from registers.press.typography import (
    Face,
    Measured,
    font,
    measured,
    one_line,
    suited,
    visual,
    width,
    wrap,
)

PAGE_WIDTH, PAGE_HEIGHT = A4
LEFT = RIGHT = 20 * mm
TOP, BOTTOM = 25 * mm, 23 * mm
MEASURE = PAGE_WIDTH - LEFT - RIGHT
BODY = PAGE_HEIGHT - TOP - BOTTOM
"""The height that a page has for its pieces."""

ACCENT, INK, GREY = HexColor("#17365d"), HexColor("#1b2230"), HexColor("#57616f")
"""The first is that of titles and rules: renderers set in its place the one of the house."""

HAIR, TINT, RED = HexColor("#c5ccd6"), HexColor("#edf1f6"), HexColor("#9c2226")
WHITE = HexColor("#ffffff")

Align = Literal["left", "right"]

TALL = 0.4 * BODY
"""A row taller than this is cut at the end of a page instead of leaving the rest empty."""

FEWEST = 3
"""Lines of a tall row that must fit before the end of a page."""

BAR = 2.2
"""The width of the bar beside a warning."""

MARK_GAP = 5.0
"""Between the mark of a point and its text."""


class Style(NamedTuple):
    """How a line is set."""

    face: Face
    size: float
    leading: float
    colour: Color = INK

    @property
    def rise(self) -> float:
        """From the foot of a line to its baseline."""
        return (self.leading - self.size) / 2 + 0.21 * self.size


FOOTER = Style(Face.REGULAR, 7, 9, GREY)


def draw_lines(
    canvas: Canvas,
    lines: Sequence[str],
    style: Style,
    corner: tuple[float, float],
    align: Align = "left",
) -> None:
    """Sets lines under each other, from a top left corner or, flush right, a top right one."""
    x, top = corner
    canvas.setFillColor(style.colour)
    for at, line in enumerate(lines, 1):
        face = suited(style.face, line)
        canvas.setFont(font(face).fontName, style.size)
        start = x if align == "left" else x - width(line.rstrip(" "), face, style.size)
        canvas.drawString(start, top - at * style.leading + style.rise, visual(line))


def clipped(text: str, style: Style, measure: float) -> str:
    """One line of the text, with an ellipsis where it is too long for the measure."""
    whole = one_line(text)
    if measured(whole, style.face).wide * style.size / 1000 <= measure:
        return whole
    room = measure - width("…", style.face, style.size)
    return wrap(whole, style.face, style.size, room)[0].rstrip() + "…"


class Place(NamedTuple):
    """Where a signature field stands: its page, counted from 1, and its corners."""

    page: int
    rectangle: tuple[float, float, float, float]


class Spaces(NamedTuple):
    """What is left free above and below a piece, but at the ends of a page."""

    before: float = 0
    after: float = 0


NONE = Spaces()


class Piece:
    """What stands between two breaks of the page.

    Attributes:
        goes_on: whether it is the rest of a piece that began on the page before.
        drawn: what a renderer remembers of it, for the next paper that shares it.
    """

    drawn: Any = None

    def __init__(self, height: float, spaces: Spaces, *, goes_on: bool = False) -> None:
        self.height, self.spaces, self.goes_on = height, spaces, goes_on

    @property
    def least(self) -> float:
        """The height it needs to begin on a page."""
        return self.height

    def split(self, height: float) -> "tuple[Piece, Piece] | None":  # noqa: ARG002 some cannot
        """What of it fits the height, and the rest; None where nothing should stand alone."""
        return None

    def draw(self, canvas: Canvas) -> None:
        """Draws it with reportlab, from its foot at the origin."""


class Gap(Piece):
    """Free space, kept at the ends of a page too."""

    def __init__(self, height: float) -> None:
        super().__init__(height, NONE)


class Break(Piece):
    """A new page where less than this height is left."""

    def __init__(self, needed: float) -> None:
        super().__init__(0, NONE)
        self.needed = needed


class Lines(Piece):
    """A text set in lines; a mark (bullet, number) stands before the first of them."""

    def __init__(
        self,
        lines: Sequence[str],
        style: Style,
        spaces: Spaces = NONE,
        indent: float = 0,
        mark: str = "",
        *,
        goes_on: bool = False,
    ) -> None:
        super().__init__(len(lines) * style.leading, spaces, goes_on=goes_on)
        self.lines, self.style, self.indent, self.mark = lines, style, indent, mark

    @property
    def least(self) -> float:
        """Two lines, or all where cutting would leave one alone."""
        return (2 if len(self.lines) > 3 else len(self.lines)) * self.style.leading  # noqa: PLR2004

    def split(self, height: float) -> tuple[Piece, Piece] | None:
        """Cuts between lines, leaving at least two on either side."""
        fit = min(int(height / self.style.leading), len(self.lines) - 2)
        if fit < 2:  # noqa: PLR2004
            return None
        above, below = Spaces(before=self.spaces.before), Spaces(after=self.spaces.after)
        return self._part(self.lines[:fit], above), self._part(self.lines[fit:], below, rest=True)

    def _part(self, lines: Sequence[str], spaces: Spaces, *, rest: bool = False) -> "Lines":
        mark = "" if rest else self.mark
        goes_on = rest or self.goes_on
        return Lines(lines, self.style, spaces, self.indent, mark, goes_on=goes_on)

    def draw(self, canvas: Canvas) -> None:
        """Sets the lines."""
        if self.mark:
            before = (self.indent - MARK_GAP, self.height)
            draw_lines(canvas, [self.mark], self.style, before, "right")
        draw_lines(canvas, self.lines, self.style, (self.indent, self.height))


class Logo(Piece):
    """The logo of the house, on the left; `alternative` stands for whoever does not see it."""

    WIDEST, HIGHEST = 60 * mm, 18 * mm

    def __init__(self, png: bytes, size: tuple[int, int], alternative: str, spaces: Spaces) -> None:
        scale = min(self.WIDEST / size[0], self.HIGHEST / size[1])
        self.png, self.alternative = png, alternative
        self.width = size[0] * scale
        super().__init__(size[1] * scale, spaces)

    def draw(self, canvas: Canvas) -> None:
        """Draws it."""
        canvas.drawImage(ImageReader(BytesIO(self.png)), 0, 0, self.width, self.height)


class Caption(Lines):
    """The line above a table that names it."""


class Item(Lines):
    """A point of a list; `opens` the list, or goes on with the one before."""

    def __init__(
        self, lines: Sequence[str], style: Style, indent: float, mark: str, *, opens: bool
    ) -> None:
        super().__init__(lines, style, Spaces(2, 2), indent, mark)
        self.opens = opens

    def _part(self, lines: Sequence[str], spaces: Spaces, *, rest: bool = False) -> "Item":
        part = Item(
            lines, self.style, self.indent, "" if rest else self.mark, opens=self.opens and not rest
        )
        part.spaces, part.goes_on = spaces, rest or self.goes_on
        return part


class Title(Lines):
    """Lines that also stand in the outline, at a level counted from 0."""

    def __init__(self, text: str, style: Style, level: int, spaces: Spaces = NONE) -> None:
        super().__init__(wrap(text, style.face, style.size, MEASURE), style, spaces)
        self.entry, self.level = one_line(text), level

    def split(self, height: float) -> tuple[Piece, Piece] | None:
        """A title is cut only where a whole page cannot hold it."""
        return super().split(height) if self.height > BODY else None


class Part(NamedTuple):
    """Lines at a place of their own: so far from the left edge, and from the top."""

    lines: Sequence[str]
    style: Style
    x: float
    down: float


class Arranged(Piece):
    """Texts that stand where they must, not one under the other; told in reading order."""

    def __init__(self, parts: Sequence[Part], least: float = 0, spaces: Spaces = NONE) -> None:
        feet = [part.down + len(part.lines) * part.style.leading for part in parts]
        super().__init__(max([least, *feet]), spaces)
        self.parts = parts

    def draw(self, canvas: Canvas) -> None:
        """Sets each text at its place."""
        for part in self.parts:
            draw_lines(canvas, part.lines, part.style, (part.x, self.height - part.down))


class Track(NamedTuple):
    """One column of a grid."""

    width: float
    style: Style
    align: Align = "left"


class Look(NamedTuple):
    """What a grid looks like around its texts."""

    pad_x: float
    pad_y: float
    leading: float
    gap: float = 0
    head: Style | None = None
    fill: Color | None = None
    bar: Color | None = None
    closed: bool = True


class Row(NamedTuple):
    """The lines of each cell. A row that goes on from the page before has no line above it."""

    cells: tuple[tuple[str, ...], ...]
    leading: float
    height: float
    goes_on: bool = False
    heading: bool = False

    @classmethod
    def of(cls, cells: Iterable[tuple[str, ...]], look: Look, *, heading: bool = False) -> Self:
        """A row as high as its longest cell."""
        kept = cells if isinstance(cells, tuple) else tuple(cells)
        leading = look.head.leading if heading and look.head else look.leading
        height = max(map(len, kept)) * leading + 2 * look.pad_y
        return cls(kept, leading, height, heading=heading)

    def cut(self, lines: int) -> tuple[Self, Self]:
        """The first lines of each cell, and the others."""
        begun = tuple(cell[:lines] for cell in self.cells)
        left = tuple(cell[lines:] for cell in self.cells)
        low, high = lines * self.leading, (max(map(len, left)) * self.leading)
        around = self.height - max(map(len, self.cells)) * self.leading
        return (
            self._replace(cells=begun, height=low + around),
            self._replace(cells=left, height=high + around, goes_on=True),
        )


class Grid(Piece):
    """Rows of cells; its heading is repeated on each page unless it is a tall one itself."""

    def __init__(
        self,
        tracks: Sequence[Track],
        rows: Sequence[Row],
        look: Look,
        head: Row | None = None,
        spaces: Spaces = NONE,
        *,
        goes_on: bool = False,
    ) -> None:
        self.tracks, self.look, self.head, self.rows = tracks, look, head, rows
        if head and head.height > TALL:
            self.head, self.rows = None, [head, *rows]
        self.head_height = self.head.height if self.head else 0.0
        height = self.head_height + sum(row.height for row in self.rows)
        super().__init__(height, spaces, goes_on=goes_on)

    @property
    def least(self) -> float:
        """The heading and the first row, or what may be cut of it."""
        if not self.rows:
            return self.height
        first = self.rows[0].height
        few = FEWEST * self.look.leading + 2 * self.look.pad_y
        return self.head_height + (few if first > TALL else first)

    def split(self, height: float) -> tuple[Piece, Piece] | None:
        """Cuts between rows, and inside a tall one."""
        room, fit = height - self.head_height, 0
        while fit < len(self.rows) and self.rows[fit].height <= room:
            room -= self.rows[fit].height
            fit += 1
        first, rest = list(self.rows[:fit]), list(self.rows[fit:])
        if rest and rest[0].height > TALL:
            lines = int((room - 2 * self.look.pad_y) / rest[0].leading)
            if lines >= FEWEST:
                begun, left = rest[0].cut(lines)
                first, rest = [*first, begun], [left, *rest[1:]]
        if not first or not rest:
            return None
        above, below = Spaces(before=self.spaces.before), Spaces(after=self.spaces.after)
        return (
            Grid(self.tracks, first, self.look, self.head, above, goes_on=self.goes_on),
            Grid(self.tracks, rest, self.look, self.head, below, goes_on=True),
        )

    def draw(self, canvas: Canvas) -> None:
        """Sets the cells row by row, each from left to right."""
        top = self.height
        if self.look.fill:
            canvas.setFillColor(self.look.fill)
            canvas.rect(0, 0, MEASURE, self.height, stroke=0, fill=1)
        if self.look.bar:
            canvas.setFillColor(self.look.bar)
            canvas.rect(0, 0, BAR, self.height, stroke=0, fill=1)
        for at, row in enumerate([*([self.head] if self.head else []), *self.rows]):
            self._draw_row(canvas, row, top, ruled=bool(at) and not row.goes_on)
            top -= row.height
        if self.look.closed:
            _rule(canvas, 0, self.foot)

    @property
    def foot(self) -> "Rule":
        """The rule under it."""
        return TABLE_FOOT if self.head else FACTS_FOOT

    def _draw_row(self, canvas: Canvas, row: Row, top: float, *, ruled: bool) -> None:
        look, x = self.look, 0.0
        if row.heading:
            canvas.setFillColor(TINT)
            canvas.rect(0, top - row.height, MEASURE, row.height, stroke=0, fill=1)
            _rule(canvas, top, HEAD_RULE)
        elif ruled:
            _rule(canvas, top, ROW_RULE)
        for track, lines in zip(self.tracks, row.cells, strict=True):
            style = look.head if row.heading and look.head else track.style
            edge = x + look.pad_x if track.align == "left" else x + track.width - look.pad_x
            draw_lines(canvas, lines, style, (edge, top - look.pad_y), track.align)
            x += track.width


class Rule(NamedTuple):
    """A line across."""

    colour: Color
    thickness: float


HEAD_RULE, ROW_RULE = Rule(ACCENT, 0.8), Rule(HAIR, 0.4)
TABLE_FOOT, FACTS_FOOT = Rule(ACCENT, 0.5), Rule(HAIR, 0.5)
FRAME = Rule(HAIR, 0.6)


def _rule(canvas: Canvas, y: float, rule: Rule) -> None:
    canvas.setStrokeColor(rule.colour)
    canvas.setLineWidth(rule.thickness)
    canvas.line(0, y, MEASURE, y)


def shares(
    wanted: Sequence[float], longest: Sequence[float], total: float, least: float
) -> list[float]:
    """Divides a width among columns: as wanted, but so that long words stay whole if they can.

    Args:
        wanted: relative widths.
        longest: what each column needs for its longest word.
        total: the width to divide.
        least: what no column falls below.
    """
    most = 0.3 * total
    needs = [min(max(need, least), most) for need in longest]
    given = [total * part / sum(wanted) for part in wanted]
    lack = [max(0.0, need - part) for need, part in zip(needs, given, strict=True)]
    spare = [max(0.0, part - need) for need, part in zip(needs, given, strict=True)]
    moved = min(sum(lack), sum(spare))
    if moved:
        given = [
            part + moved * (own / sum(lack)) - moved * (over / sum(spare))
            for part, own, over in zip(given, lack, spare, strict=True)
        ]
    return given if min(given) >= least else [total / len(wanted)] * len(wanted)


def needed(texts: Iterable[Measured], style: Style, pad: float) -> float:
    """The width a column needs so that none of these texts is broken inside a word."""
    widest = max([text.longest for text in texts], default=0.0)
    return widest * style.size / 1000 + 2 * pad + 0.01


FIELD_WIDTH, FIELD_HEIGHT = 81 * mm, 22 * mm
"""The size of a visible signature."""


class Boxes(Piece):
    """The places of the signatures, side by side under the names of the parties."""

    STYLE = Style(Face.BOLD, 8.5, 11, ACCENT)
    MOST = 8
    """Lines of a label: the names of a party, not a text."""

    def __init__(self, fields: Sequence[tuple[str, str]], spaces: Spaces = NONE) -> None:
        self.fields = [(name, self._label(label)) for name, label in fields]
        self.labels = max(len(lines) for _, lines in self.fields) * self.STYLE.leading
        super().__init__(self.labels + 4 + FIELD_HEIGHT, spaces)

    def _label(self, label: str) -> tuple[str, ...]:
        lines = wrap(label, self.STYLE.face, self.STYLE.size, FIELD_WIDTH - 4)
        if len(lines) <= self.MOST:
            return lines
        rest = clipped(" ".join(lines[self.MOST - 1 :]), self.STYLE, FIELD_WIDTH - 4)
        return (*lines[: self.MOST - 1], rest)

    def left_of(self, at: int) -> float:
        """Where the place of a field begins."""
        return at * (MEASURE - FIELD_WIDTH)

    def draw(self, canvas: Canvas) -> None:
        """Draws the labels and frames."""
        for at, (_, lines) in enumerate(self.fields):
            x = self.left_of(at)
            draw_lines(canvas, lines, self.STYLE, (x, self.height))
            canvas.setStrokeColor(FRAME.colour)
            canvas.setLineWidth(FRAME.thickness)
            canvas.rect(x, 0, FIELD_WIDTH, FIELD_HEIGHT, stroke=1, fill=0)
