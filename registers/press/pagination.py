"""Which piece stands where: pieces are put under one another, and go on overleaf.

The rules are those of reportlab's frames, which the reference renderer fills; the tests hold
the two against each other.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from registers.press.layout import BODY, BOTTOM, Break, Gap, Piece, Title

LEAST = 1e-6
"""What is smaller is an error of arithmetic."""


class Unsettable(Exception):
    """The fast renderer cannot set this paper; the reference renderer may."""


class Placed(NamedTuple):
    """A piece and the height of its upper edge on the page."""

    piece: Piece
    top: float


def paginated(pieces: Iterable[Piece]) -> list[list[Placed]]:
    """The pieces of each page.

    Of two spaces that meet the larger one counts; none at the head of a page.

    Raises:
        Unsettable: a piece is higher than a page and cannot be cut, or is a title.
    """
    waiting = deque(pieces)
    pages: list[list[Placed]] = []
    while waiting:
        pages.append(_filled(waiting))
    return pages or [[]]


def _filled(waiting: deque[Piece]) -> list[Placed]:
    """Takes from the pieces those that stand on the next page."""
    placed: list[Placed] = []
    left, after, fresh = BODY, 0.0, True
    while waiting:
        piece = waiting.popleft()
        before, below = piece.spaces
        space = 0.0 if fresh or before <= after else before - after
        if isinstance(piece, Break):
            if left < piece.needed:
                break
            after = 0.0
            continue
        room = left - space
        if room > 0 and piece.height <= room + LEAST:
            if not isinstance(piece, Gap):
                placed.append(Placed(piece, BOTTOM + room))
            left = room - piece.height - below
            after, fresh = below, False
            continue
        parts = piece.split(room) if room > 0 else None
        if (parts and isinstance(piece, Title)) or (fresh and not parts):
            raise Unsettable  # the rest of a title would be no heading
        if parts:
            placed.append(Placed(parts[0], BOTTOM + room))
            piece = parts[1]
        waiting.appendleft(piece)
        break
    return placed
