"""The visible block of a signature: three lines on a field, drawn beforehand as a page."""

import hashlib
import io
from collections.abc import Sequence
from functools import lru_cache

import pikepdf
from pikepdf import Name, Pdf
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from registers.kernel.words import Words, text
from registers.press.layout import FIELD_HEIGHT, FIELD_WIDTH, GREY, INK, Style, draw_lines
from registers.press.typography import Face, font, setting, wrap

PAD = 6.0
LEADING = 1.32
SIZES = (8.5, 8.0, 7.5, 7.0, 6.8, 6.0, 5.5, 5.0)
LEGIBLE = 6.8
"""Below this size lines are rather broken."""
LETTERS = "ABCDEFGHIJKLMNOP"


@lru_cache(maxsize=8)
def unsigned(language: str) -> bytes:
    """The block of a field that nobody signed yet, for a pen or a signature: a one-page PDF."""
    return _drawn(unsigned_lines(language), GREY, spaced=True)


def unsigned_lines(language: str) -> tuple[str, ...]:
    """What stands in a field that nobody signed yet."""
    lines = [text("Signed by:"), text("Date:"), text("Quality:")]
    return tuple(map(Words(language).say, lines))


@lru_cache(maxsize=64)
def signed(lines: tuple[str, ...]) -> bytes:
    """The block of a signed field: a one-page PDF of the field's size.

    The same identity signs many papers of a day with the same lines, so they are kept.
    """
    return _drawn(lines, INK)


def _drawn(said: Sequence[str], colour: Color, *, spaced: bool = False) -> bytes:
    lines, style, top = set_lines(said, colour, spaced=spaced)
    with setting:
        page = io.BytesIO()
        face = font(Face.REGULAR)
        canvas = Canvas(
            page,
            pagesize=(FIELD_WIDTH, FIELD_HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=face.fontName,  # type: ignore[arg-type]  # the stubs say a number
        )
        draw_lines(canvas, lines, style, (PAD, top))
        canvas.showPage()
        canvas.save()
    return _own_fonts(page.getvalue(), "\n".join(said))


def set_lines(
    said: Sequence[str], colour: Color, *, spaced: bool = False
) -> tuple[list[str], Style, float]:
    """The lines of a block, their style, and where they begin above the foot of the field."""
    lines, size = _fitted(said)
    leading = (FIELD_HEIGHT - PAD) / len(lines) if spaced else size * LEADING
    spare = FIELD_HEIGHT - len(lines) * leading
    return lines, Style(Face.REGULAR, size, leading, colour), FIELD_HEIGHT - spare / 2


def _fitted(said: Sequence[str]) -> tuple[list[str], float]:
    """The lines and their size: each on one line if that leaves them legible, else broken."""
    measure = FIELD_WIDTH - 2 * PAD
    for size in SIZES:
        lines = [line for each in said for line in wrap(each, Face.REGULAR, size, measure)]
        whole = len(lines) == len(said) or size < LEGIBLE
        if whole and len(lines) * size * LEADING <= FIELD_HEIGHT - PAD:
            return lines, size
    most = int((FIELD_HEIGHT - PAD) / (SIZES[-1] * LEADING))
    return [*lines[: most - 1], "…"], SIZES[-1]


def _own_fonts(page: bytes, of: str) -> bytes:
    """Names the subset by its content: in one file two subsets may not bear one name."""
    with Pdf.open(io.BytesIO(page)) as pdf:
        for typeface in pdf.pages[0].Resources.Font.as_dict().values():
            subset, _, name = str(typeface.BaseFont).partition("+")
            digest = hashlib.sha256(f"{subset} {of}".encode()).digest()
            tag = "".join(LETTERS[byte % 16] for byte in digest[:6])
            typeface.BaseFont = typeface.FontDescriptor.FontName = Name(f"/{tag}+{name}")
        written = io.BytesIO()
        pdf.save(
            written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    return written.getvalue()
