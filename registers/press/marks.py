"""The marks on pages: content streams, each mark either a part of the text or of its setting.

Pieces become operators in reading order. What stands for itself is a marked content with a
number, unique on its page, by which the structure tree (see `structure`) refers to it; rules,
fills, heads and feet are artifacts. Here nothing is known of files and objects.
"""

from collections.abc import Iterable, Sequence
from math import cos, radians, sin
from typing import NamedTuple

from registers.press import furniture
from registers.press.furniture import Furniture, Line
from registers.press.glyphs import SPECIAL, Subset, letters, name
from registers.press.layout import (
    FIELD_HEIGHT,
    FIELD_WIDTH,
    FRAME,
    LEFT,
    MARK_GAP,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Arranged,
    Boxes,
    Caption,
    Grid,
    Item,
    Lines,
    Logo,
    Place,
    Row,
    Style,
    Title,
)
from registers.press.objects import string
from registers.press.pagination import Placed, Unsettable
from registers.press.palette import Palette, face_of, palette, rule_at
from registers.press.paper import Paper, Stamp
from registers.press.typography import Face, width

LOGO = "Logo"
"""The name of the logo among the resources of a page."""

Mark = tuple[str | int, ...]
"""What the structure tree needs to know of a piece: its kind, its page, its first number, …"""


class Entry(NamedTuple):
    """An entry of the outline, and where on which page it leads."""

    title: str
    level: int
    page: int
    y: float


class Marks:
    """The pages of a paper as operators, and what was noted while they were made.

    Args:
        mixed: whether characters outside the main subset are looked for. Without it a page
            that has some cannot be encoded.
        accent: the colour of the house, where it has one of its own.

    Attributes:
        pages: the operators of each page.
        shape: a mark for each piece, in order.
        outline: the titles.
        places: where the signature fields stand.
        used: the subsets of typefaces that are needed.
    """

    def __init__(self, *, mixed: bool, accent: str = "") -> None:
        self.palette = palette(accent)
        self.pages: list[str] = []
        self.shape: list[Mark] = []
        self.outline: list[Entry] = []
        self.places: dict[str, Place] = {}
        self.used: set[Subset] = set()
        self._mixed = mixed
        self._parts: list[str] = []
        self._style: Style | None = None
        self._number = 0

    def page(self, placed: Iterable[Placed], setting: str) -> None:
        """Sets a page; `setting` are the operators of its head and foot."""
        self._parts, self._style, self._number = [setting], None, 0
        for piece, top in placed:
            match piece:
                case Grid():
                    self._grid(piece, top)
                case Lines():
                    self._lines(piece, top)
                case Logo():
                    self._logo(piece, top)
                case Arranged():
                    self._arranged(piece, top)
                case Boxes():
                    self._boxes(piece, top)
        self.pages.append("".join(self._parts))

    # --- texts ----------------------------------------------------------------------------

    def _lines(self, piece: Lines, top: float) -> None:
        page, number = len(self.pages), self._number
        kind = "P"
        match piece:
            case Title():
                kind = f"H{piece.level + 1}"
                self.outline.append(Entry(piece.entry, piece.level, page, top + 6))
            case Caption():
                kind = "Caption"
            case Item():
                kind = "LI" if piece.opens else "LI+"
                if piece.mark:
                    x = LEFT + piece.indent - MARK_GAP - width(piece.mark, *piece.style[:2])
                    self._text("Lbl", (piece.mark,), piece.style, x, top)
        tag = "LBody" if isinstance(piece, Item) else kind
        self._text(tag, piece.lines, piece.style, LEFT + piece.indent, top)
        self.shape.append(("+" if piece.goes_on else kind, page, number))

    def _text(self, tag: str, lines: Sequence[str], style: Style, x: float, top: float) -> None:
        setting = "" if style is self._style else self.palette.style(style)
        self._style = style
        self._parts.append(
            f"/{tag}<</MCID {self._number}>>BDC\nBT {setting}"
            f"1 0 0 1 {x:.2f} {top + style.rise:.2f} Tm{self.shown(lines, style)} ET\nEMC\n"
        )
        self._number += 1

    def shown(self, lines: Sequence[str], style: Style) -> str:
        """Shows each line below the one before, in the style that is set."""
        return _mixed(lines, style, self.used) if self._mixed else _plain(lines)

    def _arranged(self, piece: Arranged, top: float) -> None:
        page, number = len(self.pages), self._number
        for part in piece.parts:
            self._text("P", part.lines, part.style, LEFT + part.x, top - part.down)
        self.shape.append(("Arranged", page, number, len(piece.parts)))

    def _logo(self, logo: Logo, top: float) -> None:
        page, number, low = len(self.pages), self._number, top - logo.height
        self._parts.append(
            f"/Figure<</MCID {number}>>BDC\nq {logo.width:.2f} 0 0 {logo.height:.2f} "
            f"{LEFT:.2f} {low:.2f} cm /{LOGO} Do Q\nEMC\n"
        )
        self._number += 1
        box = f"{LEFT:.2f} {low:.2f} {LEFT + logo.width:.2f} {top:.2f}"
        told = f"/Alt{string(logo.alternative)}/A<</O/Layout/Placement/Block/BBox[{box}]>>"
        self.shape.append((f"Figure{told}", page, number))

    # --- grids ----------------------------------------------------------------------------

    def _grid(self, grid: Grid, top: float) -> None:
        known = grid.drawn
        if known is None or (known.mixed, known.palette) != (self._mixed, self.palette):
            known = grid.drawn = _Drawing(grid, self.palette, mixed=self._mixed).drawn()
        page, number = len(self.pages), self._number
        self._number += known.marks
        self.used |= known.used
        operators = known.operators % tuple(range(number, self._number))
        self._parts.append(f"q 1 0 0 1 {LEFT:.2f} {top:.2f} cm\n{operators}Q\n")
        self._style = None
        self.shape.append((known.kind, page, number, *known.size))

    # --- places of signatures -------------------------------------------------------------

    def _boxes(self, boxes: Boxes, top: float) -> None:
        page, number, low = len(self.pages), self._number, top - boxes.height
        frames = self.palette.stroke(FRAME)
        for at, (field, lines) in enumerate(boxes.fields):
            x = LEFT + boxes.left_of(at)
            frames += f"{x:.2f} {low:.2f} {FIELD_WIDTH:.2f} {FIELD_HEIGHT:.2f} re S\n"
            self._text("P", lines, boxes.STYLE, x, top)
            corners = (x, low, x + FIELD_WIDTH, low + FIELD_HEIGHT)
            self.places[field] = Place(page + 1, corners)
        self._parts.append(f"/Artifact BMC\nq {frames}Q\nEMC\n")
        self.shape.append(("Boxes", page, number, len(boxes.fields)))

    def block(self, lines: Sequence[str], style: Style, x: float, top: float) -> str:
        """The operators of the visible block of a field."""
        return (
            f"BT {self.palette.style(style)}1 0 0 1 {x:.2f} {top + style.rise:.2f} Tm"
            f"{self.shown(lines, style)} ET\n"
        )

    # --- what stands on every page --------------------------------------------------------

    def around(self, paper: Paper, stamp: Stamp, pages: int) -> list[str]:
        """The operators of the head and foot of each page."""
        said = furniture.mark(paper, stamp)
        marked = "".join(
            self._furnished(Furniture(list(furniture.marks(said, stamp)), FRAME, 0), "Bottom")
        )
        if paper.draft:
            marked += self._across(said)
        first, other = (
            self._furnished(furniture.head(paper, stamp, first=first), "Top")
            for first in (True, False)
        )
        return [
            marked
            + (other if page > 1 else first)
            + self._furnished(furniture.foot(paper, stamp, page, pages), "Bottom")
            for page in range(1, pages + 1)
        ]

    def _furnished(self, furniture: Furniture, edge: str) -> str:
        if not furniture.lines:
            return ""
        subtype = "Header" if edge == "Top" else "Footer"
        lines = "".join(map(self._line, furniture.lines))
        stroke = self.palette.stroke(furniture.rule)
        rule = f"{stroke}{rule_at(furniture.at, LEFT)}S\n" if furniture.at else ""
        return (
            f"/Artifact<</Type/Pagination/Subtype/{subtype}/Attached[/{edge}]>>BDC\n"
            f"q BT {lines}ET\n{rule}Q\nEMC\n"
        )

    def _line(self, line: Line) -> str:
        (x, top), style = line.corner, line.style
        if line.align == "right":
            x -= width(line.text, style.face, style.size)
        return (
            f"{self.palette.style(style)}1 0 0 1 {x:.2f} {top + style.rise:.2f} Tm"
            f"{self.shown((line.text,), style)}\n"
        )

    def _across(self, said: str) -> str:
        turn = radians(furniture.ACROSS_ANGLE)
        half = width(said, Face.BOLD, furniture.ACROSS_SIZE) / 2
        x = PAGE_WIDTH / 2 - half * cos(turn) + 20 * sin(turn)
        y = PAGE_HEIGHT / 2 - half * sin(turn) - 20 * cos(turn)
        style = Style(Face.BOLD, furniture.ACROSS_SIZE, 0)
        red, green, blue = furniture.ACROSS_COLOUR
        return (
            "/Artifact<</Type/Pagination/Subtype/Watermark>>BDC\n"
            f"q BT {face_of(style)}{red:g} {green:g} {blue:g} rg "
            f"{cos(turn):.5f} {sin(turn):.5f} {-sin(turn):.5f} {cos(turn):.5f} {x:.2f} {y:.2f} Tm"
            f"{self.shown((said,), style)} ET Q\nEMC\n"
        )


def _plain(lines: Sequence[str]) -> str:
    """Shows lines of the main subset."""
    text = "\n".join(lines)
    if "(" in text or ")" in text or "\\" in text:
        text = text.translate(_ESCAPED)
    return f"({text})'" if len(lines) == 1 else "(" + text.replace("\n", ")'(") + ")'"


def _mixed(lines: Sequence[str], style: Style, used: set[Subset]) -> str:
    """Shows lines of any subset, and notes which."""
    return "".join([_mixed_line(line, style, used) for line in lines])


def _mixed_line(line: str, style: Style, used: set[Subset]) -> str:
    known = letters()
    if known.main.issuperset(line):
        return f"({line.translate(_ESCAPED)})'"
    parts, now = ["T*"], 0
    for subset, run in _runs(line, known.others, known.main):
        if subset != now:
            used.add((style.face, subset))
            parts.append(f"/{name((style.face, subset))} {style.size:g} Tf")
            now = subset
        parts.append(f"({run.translate(_ESCAPED)})Tj")
    if now:
        parts.append(f"/{name((style.face, 0))} {style.size:g} Tf")
    return "\n".join(["", *parts, ""])


# --- grids --------------------------------------------------------------------------------


class _Drawn(NamedTuple):
    """A grid as operators, from its upper left corner; the same wherever it stands.

    Attributes:
        operators: with %d for the number of each marked content.
        marks: how many these are.
        used: the subsets of typefaces that are needed.
        kind, size: what the structure tree needs to know.
        mixed: see `Marks`.
        palette: the colours it is drawn in.
    """

    operators: str
    marks: int
    used: frozenset[Subset]
    kind: str
    size: tuple[int, ...]
    mixed: bool
    palette: Palette


class _Drawing:
    """A grid being drawn."""

    def __init__(self, grid: Grid, palette: Palette, *, mixed: bool) -> None:
        self.grid, self.palette, self.mixed = grid, palette, mixed
        self.parts: list[str] = []
        self.style: Style | None = None
        self.marks = 0
        self.used: set[Subset] = set()

    def drawn(self) -> _Drawn:
        """All of it: fills and rules, then the cells row by row."""
        grid, parts, at, heads = self.grid, self.parts, -self.grid.look.pad_y, 0
        columns = _columns(grid)
        parts.append(f"/Artifact BMC\nq {self.palette.graphics(grid)}Q\nEMC\n")
        if grid.head and grid.goes_on:
            parts.append("/Artifact<</Type/Pagination>>BDC\nBT ")
            self._row(columns, grid.head, at, "")
            parts.append("ET\nEMC\nBT ")
        elif grid.head:
            parts.append("BT ")
            self._row(columns, grid.head, at, "TH")
            heads = len(columns)
        else:
            parts.append("BT ")
        at -= grid.head_height
        tag = "TD" if grid.look.closed else "P"
        for row in grid.rows:
            self._row(columns, row, at, "TH" if row.heading else tag)
            at -= row.height
        parts.append("ET\n")
        kind, size = self._shape(heads, len(columns))
        used = frozenset(self.used)
        drawn = "".join(parts)
        return _Drawn(drawn, self.marks, used, kind, size, self.mixed, self.palette)

    def _shape(self, heads: int, columns: int) -> tuple[str, tuple[int, ...]]:
        grid = self.grid
        if not grid.look.closed:
            return ("+" if grid.goes_on else "P"), ()
        begins = 2 * (bool(grid.rows) and grid.rows[0].goes_on)
        headed = 4 * any(row.heading for row in grid.rows)
        kind = "Table" if grid.look.head else "Facts"
        return kind, (grid.goes_on + begins + headed, heads, len(grid.rows), columns)

    def _row(self, columns: Sequence["_Column"], row: Row, top: float, tag: str) -> None:
        parts, known, y, mixed = self.parts, self.style, "", self.mixed
        begun, ended = (f"/{tag}<</MCID %d>>BDC\n", "\nEMC\n") if tag else ("", "\n")
        if tag:
            self.marks += len(columns)
        for (at, style, head, edge), lines in zip(columns, row.cells, strict=True):
            if not lines or lines == _EMPTY:
                parts.append(begun + ended)
                continue
            own, setting = head if row.heading else style, ""
            if own is not known:
                setting, known, y = self.palette.style(own), own, ""
            if at:
                y = y or f"{top + own.rise:.2f}"
                shown = _mixed(lines, own, self.used) if mixed else _plain(lines)
                shown = f"{at}{y} Tm {shown}"
            else:
                shown = self._flush_right(lines, own, edge, top)
            if "%" in shown:
                shown = shown.replace("%", "%%")
            parts.append(f"{begun}{setting}{shown}{ended}")
        self.style = known

    def _flush_right(self, lines: Sequence[str], style: Style, edge: float, top: float) -> str:
        shown = ""
        for at, line in enumerate(lines):
            x = edge - width(line.rstrip(" "), style.face, style.size)
            y = top + style.rise - at * style.leading
            said = _mixed((line,), style, self.used) if self.mixed else _plain((line,))
            shown += f"1 0 0 1 {x:.2f} {y:.2f} Tm {said}\n"
        return shown


_Column = tuple[str, Style, Style, float]
"""Where a column begins, as operands; its styles below and in the heading; its right edge.

Where a column is flush right, its lines begin anywhere.
"""


def _columns(grid: Grid) -> list[_Column]:
    columns, x, look = [], 0.0, grid.look
    for track in grid.tracks:
        at = f"1 0 0 1 {x + look.pad_x:.2f} " if track.align == "left" else ""
        edge = x + track.width - look.pad_x
        columns.append((at, track.style, look.head or track.style, edge))
        x += track.width
    return columns


def _runs(
    line: str, others: dict[str, tuple[int, str]], main: frozenset[str]
) -> list[tuple[int, str]]:
    """The parts of a line that are in one subset, each as it is written.

    Raises:
        Unsettable: a character is in none.
    """
    runs: list[tuple[int, str]] = []
    for character in line:
        if character in main:
            subset, written = 0, character
        elif character in others:
            subset, written = others[character]
        else:
            raise Unsettable
        if runs and runs[-1][0] == subset:
            runs[-1] = subset, runs[-1][1] + written
        else:
            runs.append((subset, written))
    return runs


_EMPTY = ("",)
_ESCAPED = {ord(each): f"\\{each}" for each in SPECIAL}
