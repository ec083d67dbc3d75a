"""From blocks to pieces: which style each has, what stands together, where a page may end.

All renderers set these pieces, so that their papers look alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from reportlab.lib.units import mm

from registers.kernel.words import Words, text
from registers.press.colophon import colophon, moment
from registers.press.house_style import pixels
from registers.press.layout import (
    ACCENT,
    BODY,
    GREY,
    INK,
    MEASURE,
    NONE,
    RED,
    TINT,
    Boxes,
    Break,
    Caption,
    Gap,
    Grid,
    Item,
    Lines,
    Logo,
    Look,
    Piece,
    Row,
    Spaces,
    Style,
    Title,
    Track,
    needed,
    shares,
)
from registers.press.letter import letter_head
from registers.press.paper import (
    CONTROLLER_FIELD,
    PROCESSOR_FIELD,
    Block,
    Heading,
    Items,
    KeyValues,
    Letter,
    Paper,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from registers.press.typography import Face, Measured, measured, one_line, printable, suited, wrap

BODY_STYLE = Style(Face.REGULAR, 9.5, 13.2)
NOTE = Style(Face.OBLIQUE, 8, 10.8, GREY)
LEAD = Style(Face.REGULAR, 9.5, 13.2)
DATED = Style(Face.REGULAR, 8.5, 12, GREY)
TITLE = Style(Face.BOLD, 20, 24.5, ACCENT)
SUBJECT = Style(Face.BOLD, 10.5, 14, INK)
SUBTITLE = Style(Face.REGULAR, 12, 16, GREY)
HEADINGS = {
    1: Style(Face.BOLD, 13, 17, ACCENT),
    2: Style(Face.BOLD, 10.5, 14, ACCENT),
    3: Style(Face.BOLD, 9.5, 13, INK),
}
CAPTION = Style(Face.BOLD, 8.5, 11.5, INK)
LABEL = Style(Face.REGULAR, 8.5, 12, GREY)
VALUE = Style(Face.REGULAR, 9, 12)
CELL = Style(Face.REGULAR, 8, 10.4)
HEAD = Style(Face.BOLD, 7.6, 10.4, ACCENT)
FURNITURE = Style(Face.REGULAR, 7.5, 10, GREY)
ISSUER = Style(Face.BOLD, 10, 13, ACCENT)
MARK = Style(Face.BOLD, 8, 10, RED)

CELLS = Look(pad_x=4, pad_y=3.4, leading=CELL.leading, head=HEAD)
FACTS = Look(pad_x=0, pad_y=2.6, leading=VALUE.leading, gap=8)
WARNING = Look(pad_x=9, pad_y=6, leading=BODY_STYLE.leading, fill=TINT, bar=RED, closed=False)

REMEMBERED, LOW = 200, 2 * BODY
"""How many blocks are remembered, and up to which height: the memory is bounded."""

LABELS = 0.29
"""The part of the measure that labels have."""


def story(paper: Paper, stamp: Stamp, digest: str) -> Iterator[Piece]:
    """All pieces of a paper in order: its opening, its blocks, how it can be checked.

    Args:
        paper: what stands on it.
        stamp: its number, its moment.
        digest: the SHA-256 of the embedded snapshot, in hexadecimal.
    """
    checking = list(_flowing(colophon(paper, stamp, digest)))
    logo = _logo(paper, stamp)
    yield from logo
    if paper.letter:
        above = sum(piece.height + piece.spaces.after for piece in logo)
        yield from _letter_opening(paper, paper.letter, stamp, above)
        yield from _flowing(paper.blocks)
        yield Break(BODY - 1)
    else:
        yield from _opening(paper, stamp)
        yield from _flowing(paper.blocks)
        yield Break(min(_needed(checking), BODY - 1))
    yield from checking


def _logo(paper: Paper, stamp: Stamp) -> list[Piece]:
    """The logo of the house, where it has one."""
    png = stamp.style.logo
    if not png:
        return []
    return [Logo(png, pixels(png)[:2], one_line(paper.organisation), Spaces(after=3 * mm))]


def _letter_opening(paper: Paper, letter: Letter, stamp: Stamp, above: float) -> Iterator[Piece]:
    yield from letter_head(letter, stamp, paper.language, above)
    subject = Words(paper.language).say(text("Subject: {subject}", subject=paper.title))
    yield Title(subject, SUBJECT, 0, Spaces(after=2))
    for line in paper.lead:
        yield _lines(line, DATED)
    yield Gap(5 * mm)


def _opening(paper: Paper, stamp: Stamp) -> Iterator[Piece]:
    words = Words(paper.language)
    yield Gap(9 * mm)
    yield Title(paper.title, TITLE, 0, Spaces(after=3))
    if paper.subtitle:
        yield _lines(paper.subtitle, SUBTITLE)
    yield Gap(3 * mm)
    for line in paper.lead:
        yield _lines(line, LEAD)
    at = moment(stamp.prepared_at, paper.language)
    dated = [text("Prepared on {moment}", moment=at)]
    if paper.on:
        dated.insert(0, text("State of the registers on {day}", day=paper.on))
    yield Gap(1.5 * mm)
    for said in dated:
        yield _lines(words.say(said), DATED)
    yield Gap(3 * mm)


def _flowing(blocks: Iterable[Block]) -> Iterator[Piece]:
    """The pieces in order, each group preceded by a break where it would not begin well.

    The place of the signatures, unless it has a title of its own, is kept with what it signs.
    """
    waiting: list[Group] = []
    for group in _groups(blocks):
        if len(group) == 1 and isinstance(group[0], Boxes):
            yield from _signed(waiting, group)
            waiting = []
            continue
        waiting.append(group)
        if len(waiting) > SIGNED_LINES:
            yield from _together(waiting.pop(0))
    for group in waiting:
        yield from _together(group)


def _groups(blocks: Iterable[Block]) -> Iterator["Group"]:
    """What stands together: titles with the beginning of what they announce."""
    kept: list[Piece] = []
    deepest = 0
    for block in blocks:
        if isinstance(block, Heading):
            deepest = min(block.level, deepest + 1)
            kept.append(_heading(block, deepest))
            continue
        for group in _pieces(block):
            yield [*kept, *group]
            kept = []
    if kept:
        yield kept


SIGNED_LINES, SIGNED_HEIGHT = 3, BODY / 4
"""How much of what is signed stands on the page of its signatures: the closing formula and two
lines before it; what cannot be cut into lines only if it is not higher than this."""


def _signed(before: "list[Group]", place: "Group") -> Iterator[Piece]:
    """The place of the signatures, and what stands before it: the last lines of that with it."""
    kept, lines = place, 0
    before = list(before)
    while before and lines < SIGNED_LINES:
        *titles, last = before[-1]
        wanted = max(SIGNED_LINES - lines, 2)
        if isinstance(last, Lines) and not isinstance(last, Title):
            parts = last.split((len(last.lines) - wanted + 0.5) * last.style.leading)
            if parts:
                before[-1], kept = [*titles, parts[0]], [parts[1], *kept]
                break
            lines += len(last.lines)
        elif last.height > SIGNED_HEIGHT:
            break
        else:
            lines = SIGNED_LINES
        kept = [*before.pop(), *kept]
    for group in before:
        yield from _together(group)
    if len(kept) > 1:
        yield Break(min(_stacked(kept), BODY))
    yield from kept


def _stacked(pieces: Sequence[Piece]) -> float:
    """The height of pieces set after a break: of two spaces that meet the larger one counts."""
    between = [max(above.spaces.after, below.spaces.before) for above, below in pairwise(pieces)]
    return pieces[0].spaces.before + sum([piece.height for piece in pieces]) + sum(between)


def _together(pieces: list[Piece]) -> Iterator[Piece]:
    if len(pieces) > 1:
        last = pieces[-1]
        yield Break(min(_needed(pieces) - last.height + last.least, BODY))
    yield from pieces


def _needed(pieces: Sequence[Piece]) -> float:
    """The height of all pieces, one under the other."""
    return sum([piece.height + piece.spaces.before + piece.spaces.after for piece in pieces])


@lru_cache(maxsize=REMEMBERED)
def _heading(block: Heading, level: int) -> Piece:
    before = {1: 16, 2: 12, 3: 9}[block.level]
    return Title(block.text, HEADINGS[block.level], level, Spaces(before, 4))


Group = list[Piece]
"""Pieces of which none but the last may end a page."""


def _pieces(block: Block) -> tuple[Group, ...]:
    """The groups of a block; papers of one organisation have many blocks in common."""
    known = remembered.get(block)
    if known is None:
        known = tuple(_made(block))
        if sum([piece.height for group in known for piece in group]) <= LOW:
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            remembered[block] = known
    return known


remembered: dict[Block, tuple[Group, ...]] = {}
"""The pieces of short blocks that were met; pieces never change."""


def _made(block: Block) -> Iterator[Group]:
    match block:
        case Paragraph():
            yield [_paragraph(block)]
        case KeyValues():
            if block.rows:
                yield [_facts(block)]
        case Table():
            caption = [_caption(block.caption)] if block.caption else []
            empty = (
                [_lines(block.empty, NOTE, Spaces(0, 8))] if block.empty and not block.rows else []
            )
            yield [*caption, _table(block), *empty]
        case Items():
            for at, item in enumerate(block.items, 1):
                mark = f"{at}." if block.numbered else "•"
                yield [_item(item, mark, opens=at == 1)]
        case Signatures():
            yield [_places(block)]


def _lines(said: str, style: Style, spaces: Spaces = NONE) -> Lines:
    face = suited(style.face, printable(said))
    if face is not style.face:
        style = style._replace(face=face)
    return Lines(wrap(said, style.face, style.size, MEASURE), style, spaces)


def _caption(said: str) -> Caption:
    lines = _lines(said, CAPTION, Spaces(8, 3))
    return Caption(lines.lines, lines.style, lines.spaces)


def _item(said: str, mark: str, *, opens: bool) -> Item:
    indent = 16
    lines = wrap(said, BODY_STYLE.face, BODY_STYLE.size, MEASURE - indent)
    return Item(lines, BODY_STYLE, indent, mark, opens=opens)


def _paragraph(block: Paragraph) -> Piece:
    if block.style == "warning":
        measure = MEASURE - 2 * WARNING.pad_x
        lines = wrap(block.text, BODY_STYLE.face, BODY_STYLE.size, measure)
        track = Track(MEASURE, BODY_STYLE)
        return Grid([track], [Row.of([lines], WARNING)], WARNING, spaces=Spaces(5, 7))
    return _lines(block.text, NOTE if block.style == "note" else BODY_STYLE, Spaces(2, 5))


def _facts(block: KeyValues) -> Grid:
    tracks = [Track(LABELS * MEASURE, LABEL), Track((1 - LABELS) * MEASURE, VALUE)]
    texts = [
        [measured(label, LABEL.face), measured(value, VALUE.face)] for label, value in block.rows
    ]
    return Grid(tracks, _rows(texts, tracks, FACTS), FACTS, spaces=Spaces(3, 10))


def _table(block: Table) -> Grid:
    headers = [measured(column.header, HEAD.face) for column in block.columns]
    texts = [[measured(cell, CELL.face) for cell in row] for row in block.rows]
    columns = zip(*texts, strict=True) if texts else [()] * len(headers)
    needs = [
        max(needed([header], HEAD, CELLS.pad_x), needed(column, CELL, CELLS.pad_x))
        for header, column in zip(headers, columns, strict=True)
    ]
    widths = shares([column.width for column in block.columns], needs, MEASURE, least=24)
    tracks = [
        Track(given, CELL, column.align)
        for given, column in zip(widths, block.columns, strict=True)
    ]
    heads = [track._replace(style=HEAD) for track in tracks]
    (head,) = _rows([headers], heads, CELLS, heading=True)
    return Grid(tracks, _rows(texts, tracks, CELLS), CELLS, head, Spaces(2, 8))


def _rows(
    texts: Iterable[list[Measured]], tracks: list[Track], look: Look, *, heading: bool = False
) -> list[Row]:
    around = 2 * look.pad_x + look.gap
    rooms = [(track.width - around) * 1000 / track.style.size for track in tracks]
    return [
        Row.of(
            tuple([cell.within(room) for cell, room in zip(row, rooms, strict=True)]),
            look,
            heading=heading,
        )
        for row in texts
    ]


def _places(block: Signatures) -> Boxes:
    fields = [(PROCESSOR_FIELD, block.left), (CONTROLLER_FIELD, block.right)]
    return Boxes([(name, label) for name, label in fields if label], Spaces(10, 6))
