"""How the papers of one house look: its logo, its colour, what stands at the foot of its pages.

What is in here stands on every paper or on none: it is checked before it is kept, so that no
paper becomes illegible, inaccessible or large by it.
"""

import hashlib
import io
import re
import struct
from typing import NamedTuple

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.colors import Color, HexColor

from registers.kernel.base import canonical
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.press.glyphs import settable
from registers.press.layout import ACCENT, FOOTER, MEASURE, TINT, WHITE
from registers.press.typography import one_line, unshown, wrap


class HouseStyle(msgspec.Struct, frozen=True):
    """The look of a house; what is empty is as it comes. See `checked` and `picture`.

    Attributes:
        accent: the colour of titles and rules, `#rrggbb`.
        footer: what stands at the foot of each page, beside its title and number.
        logo: a PNG that `picture` made; it stands on the first page.
    """

    accent: str = ""
    footer: str = ""
    logo: bytes = b""

    @property
    def digest(self) -> str:
        """The SHA-256 by which a paper says in which look it was set."""
        return hashlib.sha256(canonical(self)).hexdigest()

    @property
    def colour(self) -> Color:
        """The colour of titles and rules."""
        return HexColor(self.accent) if self.accent else ACCENT


DEFAULT = HouseStyle()
"""Papers as they come."""

DEFAULT_ACCENT = f"#{ACCENT.hexval()[2:]}"

LEAST_CONTRAST = 4.5
"""Of text and its ground: WCAG 2.1, success criterion 1.4.3."""

FOOTER_LINES = 2


def checked(style: HouseStyle) -> HouseStyle:
    """The look in normal form.

    Raises:
        Invalid: the colour is none or hard to read, the text does not fit or cannot be set.
    """
    return msgspec.structs.replace(
        style, accent=_checked_accent(style.accent), footer=_checked_footer(style.footer)
    )


def _checked_accent(said: str) -> str:
    said = said.strip().lower()
    if said in {"", DEFAULT_ACCENT}:
        return ""
    if not re.fullmatch("#[0-9a-f]{6}", said):
        raise Invalid(text("Write a colour as #17365d: red, green, blue."), "accent")
    found = min(contrast(HexColor(said), ground) for ground in (WHITE, TINT))
    if found < LEAST_CONTRAST:
        reason = text(
            "The contrast of {colour} is {found} : 1; titles are legible from {least} : 1 on. "
            "Choose a darker colour.",
            colour=said,
            found=_decimal(found),
            least=_decimal(LEAST_CONTRAST),
        )
        raise Invalid(reason, "accent")
    return said


def _decimal(number: float) -> object:
    written = f"{int(number * 10) / 10:.1f}"  # never rounded up to what is asked for
    return lambda language: written.replace(".", ",") if language == "fr" else written


def contrast(colour: Color, ground: Color) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.1 reckons it."""
    low, high = sorted(map(_luminance, (colour, ground)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in colour.rgb()
    ]
    return sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), parts))


def _checked_footer(said: str) -> str:
    lines = [one_line(line) for line in said.splitlines()]
    clean = "\n".join(filter(None, lines))
    if unshown(said) or not settable(clean):
        reason = text(
            "The press has no letters for some of these characters; on papers that everybody "
            "can have read aloud they cannot stand."
        )
        raise Invalid(reason, "footer")
    if len(footer_lines(clean)) > FOOTER_LINES:
        reason = text(
            "There is room for {count} lines at the foot of a page; this is longer.",
            count=FOOTER_LINES,
        )
        raise Invalid(reason, "footer")
    return clean


def footer_lines(said: str) -> tuple[str, ...]:
    """The lines of the text at the foot of pages."""
    return wrap(said, FOOTER.face, FOOTER.size, MEASURE) if said else ()


# --- the logo -----------------------------------------------------------------------------

LARGEST_FILE = 5_000_000
MOST_PIXELS = 40_000_000
"""What is looked at; a small file may unfold to a picture that fills the memory."""

WIDEST, HIGHEST = 1_000, 300
"""Pixels that are kept: 400 to an inch, in the largest size in which a logo is printed."""

LARGEST_KEPT = 48_000
"""Bytes of the picture that is kept: every paper carries it."""


def picture(content: bytes) -> bytes:
    """The picture of a PNG or JPEG as papers carry it: a small PNG of plain colours on white.

    Whatever else the file holds (place, camera, layers, another file behind it) is left out.

    Raises:
        Invalid: it is neither, damaged, or too large.
    """
    if len(content) > LARGEST_FILE:
        raise Invalid(text("The file is larger than 5 MB."), "logo")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(text("The picture has more than 40 million pixels."), "logo")
            drawn = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        raise Invalid(text("This is no PNG or JPEG that can be read."), "logo") from error
    on_white = Image.new("RGBA", drawn.size, "white")
    on_white.alpha_composite(drawn)
    plain = on_white.convert("RGB")
    plain.thumbnail((WIDEST, HIGHEST))
    while len(kept := _as_png(plain)) > LARGEST_KEPT:
        plain = plain.resize((max(1, plain.width * 4 // 5), max(1, plain.height * 4 // 5)))
    return kept


def _as_png(drawn: Image.Image) -> bytes:
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()


class Pixels(NamedTuple):
    """The content of a PNG that `picture` made: its size, its lines as PNG packs them."""

    width: int
    height: int
    packed: bytes


def pixels(png: bytes) -> Pixels:
    """What a PDF needs of such a PNG: it packs pictures in the same way."""
    at, packed, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        content = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack_from(">II", content)
        elif kind == b"IDAT":
            packed += content
        at += length + 12
    return Pixels(*size, packed)
