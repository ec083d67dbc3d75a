"""Faces, and how a text becomes lines: which characters can be shown, where lines may break.

Widths are in points; a width at size 1 is written `em`. Nothing here knows pages.
"""

import enum
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Face(enum.Enum):
    """The typefaces of all papers, by the name of their file."""

    REGULAR = "DejaVuSansCondensed"
    BOLD = "DejaVuSansCondensed-Bold"
    OBLIQUE = "DejaVuSansCondensed-Oblique"


setting = Lock()
"""Held while pages are drawn: reportlab reads a typeface with one cursor for all documents."""


@cache
def font(face: Face) -> TTFont:
    """The face, read once in a process and known to reportlab by its name."""
    read = TTFont(face.value, str(FONTS / f"{face.value}.ttf"), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(read)
    return read


@cache
def _shown_by(face: Face) -> frozenset[str]:
    return frozenset(map(chr, font(face).face.charToGlyph))


def suited(face: Face, text: str) -> Face:
    """The face, or the regular one where the face lacks letters that the regular one has."""
    return face if _shown_by(face).issuperset(text) else Face.REGULAR


# --- characters ---------------------------------------------------------------------------

_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\t\x1f \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]+")
_PLAIN = re.compile("[ !-~\xa0-\xac\xae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u202f\u20ac]*")
"""The letters of the Union's Latin alphabets and their punctuation: nothing to do."""


def printable(text: str) -> str:
    """The text as it can be printed, lines separated by line feeds.

    Accents are composed. Control and invisible format characters (which can make a text read
    differently from what it is) are dropped; what no face has becomes U+FFFD.
    """
    if _PLAIN.fullmatch(text):
        return _SPACES.sub(" ", text)
    composed = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    spaced = _SPACES.sub(" ", composed)
    return "".join(map(_printed, spaced))


def one_line(text: str) -> str:
    """The text as it can be printed on one line: for titles, outlines and metadata."""
    return " ".join(printable(text).split())


def unshown(text: str) -> int:
    """How many characters no face has; each is printed as U+FFFD."""
    return printable(text).count(REPLACEMENT) - text.count(REPLACEMENT)


@lru_cache(maxsize=20_000)
def _printed(character: str) -> str:
    if character == "\n":
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Cf"} or _is_variation_selector(character):
        return ""
    shown = character in _shown_by(Face.REGULAR) and character in _shown_by(Face.BOLD)
    # Beyond U+FFFF reportlab writes a wrong ToUnicode: what is copied would be another text.
    shown = shown and character <= "\uffff"
    return character if shown and category not in {"Co", "Cn", "Cs"} else REPLACEMENT


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


# --- lines --------------------------------------------------------------------------------

_BREAKABLE = re.compile(r"(?<=[^\W\d_][-‐/])(?=[^\W\d_])")
"""After a hyphen or a slash between letters: sous-traitant, et/ou; not 22/11/2026."""

_WELCOME = frozenset("/-_.?&=@:;,%#+\\|‐–—")
"""After which a word too long for its line is rather broken (addresses, digests)."""


def em(text: str, face: Face) -> float:
    """The width of a text at size 1."""
    return _em(text, face) if len(text) <= WORD else _em.__wrapped__(text, face)


WORD = 40
"""Only texts up to this length are remembered, so that the memory is bounded."""


@lru_cache(maxsize=50_000)
def _em(text: str, face: Face) -> float:
    return float(font(face).stringWidth(text, 1))


def width(text: str, face: Face, size: float) -> float:
    """The width of a printable text on one line, in points."""
    return em(text, face) * size


def wrap(text: str, face: Face, size: float, measure: float) -> tuple[str, ...]:
    """The lines of a text, none wider than the measure (one character always fits).

    No hyphen is added: what is extracted from the paper is what was written.
    """
    clean, room = printable(text), measure / size
    if "\n" not in clean and em(clean, face) <= room:
        return (clean.strip(" "),)
    return tuple(line for paragraph in clean.split("\n") for line in _filled(paragraph, face, room))


def _filled(paragraph: str, face: Face, measure: float) -> Iterator[str]:
    space, line, used = em(" ", face), "", 0.0
    for piece, spaced in _pieces(paragraph, face, measure):
        wide = em(piece, face)
        gap = space if spaced and line else 0.0
        if line and used + gap + wide > measure:
            yield line
            line, used, gap = "", 0.0, 0.0
        line += (" " if gap else "") + piece
        used += gap + wide
    yield line


def _pieces(paragraph: str, face: Face, measure: float) -> Iterator[tuple[str, bool]]:
    """What may not be broken, each with whether a space stands before it."""
    for word in filter(None, paragraph.split(" ")):
        spaced = True
        for part in _BREAKABLE.split(word):
            fits = em(part, face) <= measure
            for piece in (part,) if fits else _broken(part, face, measure):
                yield piece, spaced
                spaced = False


def _broken(word: str, face: Face, measure: float) -> Iterator[str]:
    """A word wider than a line, in pieces that are not; accents stay with their letters."""
    piece, used, welcome = "", 0.0, 0
    for cluster in clusters(word):
        wide = em(cluster, face)
        if piece and used + wide > measure:
            cut = welcome if welcome > len(piece) // 2 else len(piece)
            yield piece[:cut]
            piece, welcome = piece[cut:], 0
            used = em(piece, face)
        piece += cluster
        used += wide
        if cluster in _WELCOME:
            welcome = len(piece)
    yield piece


def clusters(text: str) -> list[str]:
    """Letters, each with the marks that combine with it."""
    found: list[str] = []
    for character in text:
        if found and unicodedata.category(character) in {"Mn", "Me"}:
            found[-1] += character
        else:
            found.append(character)
    return found


def longest_word(text: str, face: Face) -> float:
    """The width at size 1 of the widest part that is not broken if it need not be."""
    parts = (part for word in printable(text).split() for part in _BREAKABLE.split(word))
    return max((em(part, face) for part in parts), default=0.0)


# --- right-to-left ------------------------------------------------------------------------

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_OPENING = {"(": ")", "[": "]", "{": "}", "«": "»"}
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def visual(line: str) -> str:
    """A line of a left-to-right paragraph in the order in which it is drawn.

    The parts of the Unicode bidirectional algorithm that names and addresses need: strong
    letters, numbers, neutral characters between them, mirrored brackets. Arabic letters are
    not joined.
    """
    if not _RIGHT_TO_LEFT.search(line):
        return line
    parts = clusters(line)
    levels = _levels([unicodedata.bidirectional(part[0]) for part in parts])
    _pair_brackets(parts, levels)
    for level in (2, 1):
        parts, levels = _reversed_runs(parts, levels, level)
    return "".join(parts)


def _levels(kinds: list[str]) -> list[int]:
    levels, strong = [], "L"
    for kind in kinds:
        if kind in {"L", "R", "AL"}:
            strong = kind
        number = kind in {"EN", "AN"} and strong != "L"
        levels.append(2 if number else 1 if kind in {"R", "AL"} else 0 if kind == "L" else -1)
    for at, level in enumerate(levels):
        if level < 0:
            before = levels[at - 1] if at else 0
            after = next((later for later in levels[at:] if later >= 0), 0)
            levels[at] = 1 if before and after else 0
    return levels


def _pair_brackets(parts: list[str], levels: list[int]) -> None:
    """A closing bracket goes where its opening one went."""
    opened: list[int] = []
    for at, part in enumerate(parts):
        if part in _OPENING:
            opened.append(at)
        elif opened and part == _OPENING[parts[opened[-1]]]:
            levels[at] = min(levels[opened.pop()], 1)


def _reversed_runs(parts: list[str], levels: list[int], level: int) -> tuple[list[str], list[int]]:
    at = 0
    while at < len(parts):
        end = at
        while end < len(parts) and levels[end] >= level:
            end += 1
        if end > at:
            run = parts[at:end][::-1]
            turned = levels[at:end][::-1]
            if level == 1:
                run = [
                    part.translate(_MIRRORED) if own == 1 else part
                    for part, own in zip(run, turned, strict=True)
                ]
            parts[at:end], levels[at:end] = run, turned
        at = max(end, at + 1)
    return parts, levels
