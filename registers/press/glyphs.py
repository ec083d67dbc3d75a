"""The letters that the fast renderer can set, in subsets of typefaces made once in a process.

A subset has one byte for each of its characters. The main one has ASCII where ASCII is, so
that a page can be written as one string, operators and texts alike, and encoded at once.
"""

import codecs
import unicodedata
from functools import cache
from typing import NamedTuple

from registers.press.objects import stream
from registers.press.typography import Face, font, printable, setting

NOTHING = "\ufffe"
"""Stands at the codes of a subset that have no character."""

VOID = NOTHING + "\0\n"
"""What stands in the main subset and is no character of its typeface."""

SPECIAL = frozenset("()\\")
"""What means something inside a string of PDF."""

_PUNCTUATION = "–—‘’‚“”„†‡•…‰‹›€\u202f\u2011‐ŒœŸ\N{REPLACEMENT CHARACTER}→←≤≥≠−✓✔✗№™ŠšŽžŁłﬁﬂ"
_RANGES = (
    *((0x100, 0x180), (0x218, 0x21C), (0x386, 0x3CF)),  # the Union's other Latin, and Greek
    *((0x400, 0x460), (0x490, 0x500), (0x2190, 0x2194), (0x2200, 0x2270)),  # Cyrillic, symbols
    *((0x180, 0x250), (0x1E00, 0x1F00), (0x500, 0x530)),
)
"""What has one letter a glyph and is read from the left; in the order in which it is likely."""


def _shown(characters: str) -> str:
    """Those that every face has, once each."""
    held = [font(face).face.charToGlyph for face in Face]
    return "".join(
        each
        for each in dict.fromkeys(characters)
        if printable(each) == each
        and not unicodedata.combining(each)
        and all(ord(each) in face for face in held)
    )


@cache
def subsets() -> tuple[str, ...]:
    """The tables of the subsets: 256 characters each, by their codes."""
    ascii_ = "".join(map(chr, range(0x20, 0x7F)))
    latin = "".join(map(chr, range(0xA0, 0x100)))
    others = "".join(chr(code) for first, end in _RANGES for code in range(first, end))
    wanted = _shown(latin + _PUNCTUATION + others)
    upper, rest = wanted[:128], wanted[128:]
    low = f"\0{NOTHING * 9}\n{NOTHING * 21}"  # a zero first: only then Python encodes fast
    tables = [low + ascii_ + NOTHING + upper]
    # A character of another subset is written as the one that has its code in the main one.
    codes = [code for code in range(0x21, 0x100) if code != 0x7F and chr(code) not in SPECIAL]  # noqa: PLR2004 delete
    for at in range(0, len(rest), len(codes)):
        table = [NOTHING] * 256
        for code, character in zip(codes, rest[at:], strict=False):
            table[code] = character
        tables.append("".join(table))
    return tuple(tables)


class Letters(NamedTuple):
    """How characters become bytes.

    Attributes:
        main: those of the main subset.
        others: of all others, the subset and the character that stands for it on the page.
        codes: encodes a page.
    """

    main: frozenset[str]
    others: dict[str, tuple[int, str]]
    codes: dict[int, int]

    def encode(self, page: str) -> bytes:
        """A page as bytes.

        Raises:
            UnicodeEncodeError: it has characters that are not in the main subset.
        """
        return codecs.charmap_encode(page, "strict", self.codes)[0]


@cache
def letters() -> Letters:
    """The characters of all subsets."""
    main, *others = subsets()
    return Letters(
        frozenset(main) - set(VOID),
        {
            character: (number, main[code])
            for number, table in enumerate(others, 1)
            for code, character in enumerate(table)
            if character != NOTHING
        },
        codecs.charmap_build(main),  # type: ignore[arg-type]  # an opaque map
    )


def settable(text: str) -> bool:
    """Whether the fast renderer has all characters of a text that can be printed."""
    known = letters()
    return known.main.union(known.others).issuperset(text.replace("\n", ""))


Subset = tuple[Face, int]

MAIN: tuple[Subset, ...] = tuple((face, 0) for face in Face)


def name(subset: Subset) -> str:
    """Its name among the resources of a page."""
    face, number = subset
    return f"{face.name[0]}{number}"


@cache
def program(subset: Subset) -> tuple[bytes, ...]:
    """Four objects: the font, its descriptor, its glyphs, its characters.

    In each, the number of the first of them stands as %d, those of the others as %d too, in
    this order: the font names descriptor and characters, the descriptor the glyphs.
    """
    face, number = subset
    table = subsets()[number]
    known = font(face).face
    with setting:
        glyphs = known.makeSubset([0 if each in VOID else ord(each) for each in table])
    tag = f"GREF{'ABCDEF'[list(Face).index(face)]}{'ABCDEFGHIJKLMNOP'[number]}+{face.value}"
    widths = " ".join(
        "0" if each in VOID else f"{known.charWidths[ord(each)]:.3f}".rstrip("0").rstrip(".")
        for each in table
    )
    box = " ".join(f"{edge:.0f}" for edge in known.bbox)
    return (
        (
            f"<</Type/Font/Subtype/TrueType/BaseFont/{tag}/FirstChar 0/LastChar 255"
            f"/Widths[{widths}]/FontDescriptor %d 0 R/ToUnicode %d 0 R>>"
        ).encode(),
        (
            f"<</Type/FontDescriptor/FontName/{tag}/Flags 4/FontBBox[{box}]"
            f"/ItalicAngle {known.italicAngle:g}/Ascent {known.ascent:.0f}"
            f"/Descent {known.descent:.0f}/CapHeight {known.capHeight:.0f}"
            f"/StemV {known.stemV:.0f}/FontFile2 %d 0 R>>"
        ).encode(),
        stream(glyphs, f"/Length1 {len(glyphs)}", once=True),
        stream(_to_unicode(tag, table), once=True),
    )


def _to_unicode(tag: str, table: str) -> bytes:
    pairs = [
        f"<{code:02X}> <{ord(character):04X}>"
        for code, character in enumerate(table)
        if character not in VOID
    ]
    parts = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]  # as many as one may hold
    maps = "\n".join(f"{len(part)} beginbfchar\n{chr(10).join(part)}\nendbfchar" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        f"/CMapName /{tag} def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{maps}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()
