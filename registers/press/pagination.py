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


class _Filling:
    """A page being filled."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []
        self.at, self.fresh, self.after = BOTTOM + BODY, True, 0.0

    def room(self, before: float) -> float:
        """What is left under the space above the next piece."""
        return self.at - BOTTOM - self.space(before)

    def space(self, before: float) -> float:
        """Of two spaces that meet the larger one counts; none at the head of a page."""
        return 0.0 if self.fresh else max(before - self.after, 0.0)

    def put(self, piece: Piece) -> bool:
        """Puts the piece where it fits; says whether it did."""
        before, after = piece.spaces
        room = self.room(before)
        if room <= 0 or piece.height > room + LEAST:
            return False
        top = self.at - self.space(before)
        if not isinstance(piece, Gap):
            self.placed.append(Placed(piece, top))
        self.at = top - piece.height - after
        self.fresh, self.after = False, after
        return True


def paginated(pieces: Iterable[Piece]) -> list[list[Placed]]:
    """The pieces of each page.

    Raises:
        Unsettable: a piece is higher than a page and cannot be cut, or is a title.
    """
    waiting, page, pages = deque(pieces), _Filling(), []
    while waiting:
        piece = waiting.popleft()
        if isinstance(piece, Break):
            page.after = 0.0
            fits = page.room(0) >= piece.needed
        else:
            fits = page.put(piece)
        if fits:
            continue
        room = page.room(piece.spaces.before)
        parts = piece.split(room) if room > 0 else None
        if parts and isinstance(piece, Title):
            raise Unsettable  # its rest would be no heading
        if parts:
            page.put(parts[0])
            waiting.appendleft(parts[1])
        elif page.fresh:
            raise Unsettable
        else:
            waiting.appendleft(piece)
        pages.append(page.placed)
        page = _Filling()
    return [*pages, page.placed]
