"""Faces, and how a text becomes lines: which characters can be shown, where lines may break.

Widths are in points; a width at size 1 is written `em`. Nothing here knows pages.
"""

import enum
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import accumulate
from math import inf
from operator import add
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Face(enum.Enum):
    """The typefaces of all papers, by the name of their file."""

    REGULAR = "DejaVuSansCondensed"
    BOLD = "DejaVuSansCondensed-Bold"
    OBLIQUE = "DejaVuSansCondensed-Oblique"

    __hash__ = object.__hash__
    """By identity, which a face has for itself: it is a part of many keys."""


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
_PLAIN = re.compile("[\n -~\xa0-\xac\xae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u202f\u20ac]*")
"""The letters of the Union's Latin alphabets and their punctuation: nothing to do."""


def printable(text: str) -> str:
    """The text as it can be printed, lines separated by line feeds.

    Accents are composed. Control and invisible format characters (which can make a text read
    differently from what it is) are dropped; what no face has becomes U+FFFD.
    """
    if _PLAIN.fullmatch(text):
        return _SPACES.sub(" ", text) if "  " in text else text
    composed = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    printed = "".join(map(_printed, _SPACES.sub(" ", composed)))
    return _SPACES.sub(" ", printed)  # what was dropped may have stood between two


def one_line(text: str) -> str:
    """The text as it can be printed on one line: for titles, outlines and metadata."""
    return " ".join(printable(text).split())


def unshown(text: str) -> int:
    """How many characters no face has; each is printed as U+FFFD."""
    if _PLAIN.fullmatch(text):
        return 0
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

_JOINT = "\0"
"""Stands at the end of a part that no space follows; no text that can be printed has it."""

_CLOSING = frozenset(":;?!»")
"""What French sets after a space, and no line may begin with; nor may one end with «."""

_WELCOME = frozenset("/-_.?&=@:;,%#+\\|‐–—")
"""After which a word too long for its line is rather broken (addresses, digests)."""

MOST_WORDS, LONGEST_WORD = 60_000, 40
"""How many widths of words are remembered, and up to which length: the memory is bounded."""


class _Advances(dict[str, float]):
    """The widths of characters, of a thousand to the size; exact, as they stand in the face."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.face = font(face).face

    def __missing__(self, character: str) -> float:
        found = float(self.face.charWidths.get(ord(character), self.face.defaultWidth))
        self[character] = found
        return found


class _Widths(dict[str, float]):
    """The widths of words, of a thousand to the size."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self.of = _Advances(face).__getitem__

    def __missing__(self, word: str) -> float:
        found = sum(map(self.of, word))
        if len(word) <= LONGEST_WORD:
            if len(self) > MOST_WORDS:
                self.clear()
            self[word] = found
        return found


@cache
def _widths(face: Face) -> _Widths:
    return _Widths(face)


def em(text: str, face: Face) -> float:
    """The width of a text at size 1."""
    return _widths(face)[text] / 1000


def width(text: str, face: Face, size: float) -> float:
    """The width of a printable text on one line, in points."""
    return _widths(face)[text] * size / 1000


class Measured(NamedTuple):
    """A text with the widths of its words, of a thousand to the size.

    Attributes:
        whole: the text; all of it, where it is one line.
        wide: its width on one line; infinite where the author wrote several.
        longest: the width of its widest part that need not be broken.
        face: in which it is set.
        words, widths: its words, and the parts of those that may be broken, if it is one line.
        parts: the lines of the author, where there are several.
    """

    whole: str
    wide: float
    longest: float
    face: Face
    words: list[str]
    widths: list[float]
    parts: "tuple[Measured, ...]" = ()

    def within(self, room: float) -> tuple[str, ...]:
        """Its lines, none wider than the room (one character always fits).

        No hyphen is added: what is extracted from the paper is what was written. A line that
        was broken at a space keeps it at its end, beyond its width, so that words stay apart.
        """
        if self.wide <= room:
            return (self.whole,)
        if self.parts:
            return tuple([line for part in self.parts for line in part.within(room)])
        return _filled(self, room)


@lru_cache(maxsize=1_000)
def measured(text: str, face: Face) -> Measured:
    """A text, measured once for every width that it may have to fit."""
    clean = printable(text)
    if "\n" not in clean:
        return _measured_line(clean, face)
    parts = tuple([_measured_line(line, face) for line in clean.split("\n")])
    return Measured(clean, inf, max([part.longest for part in parts]), face, [], [], parts)


def _measured_line(line: str, face: Face) -> Measured:
    line, known = line.strip(" "), _widths(face)
    words = bare = line.split(" ")
    if "-" in line or "/" in line or "‐" in line:
        words = _BREAKABLE.sub(f"{_JOINT} ", line).split(" ")
        bare = [word.rstrip(_JOINT) for word in words]
    widths = list(map(known.__getitem__, bare))
    wide = sum(widths) + known[" "] * line.count(" ")
    return Measured(line, wide, max(widths), face, words, widths)


def wrap(text: str, face: Face, size: float, measure: float) -> tuple[str, ...]:
    """The lines of a text, none wider than the measure; see `Measured.within`."""
    return measured(text, face).within(measure * 1000 / size)


def _filled(line: Measured, room: float) -> tuple[str, ...]:
    words, widths, space = line.words, line.widths, _widths(line.face)[" "]
    if line.longest > room:
        words = list(_shorter(line, room))
        widths = [em(word.rstrip(_JOINT), line.face) * 1000 for word in words]
    begins = ends = list(accumulate(map(space.__add__, widths)))
    if parted := len(words) > line.whole.count(" ") + 1:
        spaces = [0.0 if word[-1:] == _JOINT else space for word in words]
        begins = list(accumulate(map(add, widths, spaces)))
        ends = [begin + space - after for begin, after in zip(begins, spaces, strict=True)]
    lines, at, begin, room = [], 0, 0.0, room + space  # as if a space followed each part
    while at < len(words):
        end = max(bisect_right(ends, begin + room, at), at + 1)
        if at + 1 < end < len(words) and (words[end][:1] in _CLOSING or words[end - 1] == "«"):
            end -= 1
        lines.append(" ".join(words[at:end]) + " ")
        at, begin = end, begins[end - 1]
    if parted:
        lines = [said.replace(_JOINT + " ", "") for said in lines]
    lines[-1] = lines[-1].rstrip(" ")
    return tuple(lines)


def _shorter(line: Measured, room: float) -> Iterator[str]:
    """The words; those that are wider than the room in pieces that are not."""
    for word, wide in zip(line.words, line.widths, strict=True):
        if wide > room:
            bare = word.rstrip(_JOINT)
            *first, last = _broken(bare, line.face, room)
            yield from [piece + _JOINT for piece in first]
            yield last + word[len(bare) :]
        else:
            yield word


def _broken(word: str, face: Face, room: float) -> Iterator[str]:
    """A word wider than a line, in pieces that are not; accents stay with their letters."""
    parts = list(word) if word.isascii() else clusters(word)
    ends = list(accumulate(map(_widths(face).__getitem__, parts)))
    at, begin = 0, 0.0
    while at < len(parts):
        end = max(bisect_right(ends, begin + room, at), at + 1)
        if end < len(parts):
            half = at + (end - at) // 2
            welcome = [cut for cut in range(half + 1, end + 1) if parts[cut - 1] in _WELCOME]
            end = welcome[-1] if welcome else end
        yield "".join(parts[at:end])
        at, begin = end, ends[end - 1]


def clusters(text: str) -> list[str]:
    """Letters, each with the marks that combine with it."""
    found: list[str] = []
    for character in text:
        if found and unicodedata.category(character) in {"Mn", "Me"}:
            found[-1] += character
        else:
            found.append(character)
    return found


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
