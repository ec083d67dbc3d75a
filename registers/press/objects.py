"""A PDF file written object by object: what is written is hashed, where it stands is noted."""

import struct
import zlib
from collections.abc import Sequence
from typing import Any

from isal import isal_zlib


def string(text: str) -> str:
    """A text string: as it is where it is ASCII, else in UTF-16."""
    if text.isascii() and text.isprintable():
        if "(" in text or ")" in text or "\\" in text:
            text = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return f"({text})"
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def packed(content: bytes) -> bytes:
    """The content, compressed swiftly."""
    compressed: bytes = isal_zlib.compress(content, 1)
    return compressed


def stream(content: bytes, entries: str = "", *, once: bool = False) -> bytes:
    """A compressed stream; what is made only `once` in a process is packed better."""
    return packed_stream(zlib.compress(content, 9) if once else packed(content), entries)


def packed_stream(compressed: bytes, entries: str = "") -> bytes:
    """A stream that is compressed already."""
    head = f"<</Filter/FlateDecode{entries}/Length {len(compressed)}>>stream\n".encode()
    return b"%b%b\nendstream" % (head, compressed)


def place(kind: int, first: int, second: int = 0) -> bytes:
    """An entry of the table of cross-references."""
    return struct.pack(">BIH", kind, first, second)


ENTRY = "/W[1 4 2]"
"""The widths of the fields of such an entry."""


class Body:
    """A file as it grows.

    Attributes:
        places: the table of cross-references so far, by the numbers of the objects.
        size: how many bytes were written.
    """

    def __init__(self, begun: bytes, places: Sequence[bytes], state: Any) -> None:
        self._parts, self.size = [begun], len(begun)
        self.places = [*places]
        self._state, self._hashed = state.copy(), 1

    def reserve(self, count: int = 1) -> int:
        """Gives numbers to objects that are written later; tells the first."""
        first = len(self.places)
        self.places += [b""] * count
        return first

    def put(self, number: int, content: bytes | str) -> None:
        """Writes an object."""
        self.places[number] = place(1, self.size)
        if isinstance(content, str):
            content = content.encode("ascii")
        self.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def begin(self, number: int) -> None:
        """Writes the beginning of an object."""
        self.places[number] = place(1, self.size)
        self.write(b"%d 0 obj\n" % number)

    def add(self, content: bytes | str) -> int:
        """Writes an object and gives its number."""
        number = self.reserve()
        self.put(number, content)
        return number

    def write(self, content: bytes) -> None:
        """Writes bytes."""
        self._parts.append(content)
        self.size += len(content)

    def state(self) -> Any:
        """The digest of everything written so far, to go on with."""
        self._state.update(b"".join(self._parts[self._hashed :]))
        self._hashed = len(self._parts)
        return self._state.copy()

    def whole(self) -> bytes:
        """Everything written."""
        return b"".join(self._parts)
