"""The door of the press: a paper in, a file out, by the renderer that can set it.

The fast renderer makes PDF/A-3a and PDF/UA-1. Where it cannot set a text (letters that are
joined or read from the right, letters that few typefaces have) the paper goes to the reference
renderer and pyHanko's signature by itself, and is PDF/A-3b; what was issued says which.
Nothing leaves unchecked.
"""

from datetime import datetime
from typing import Literal

import msgspec

from registers.kernel.errors import Damaged, Invalid
from registers.kernel.words import text
from registers.press import fast, own, reference
from registers.press.fast import Signing
from registers.press.identity import Identity
from registers.press.pagination import Unsettable
from registers.press.paper import Paper, Signatures, Stamp
from registers.press.seal import NO_PLACE, seal
from registers.press.verify import verify

Conformance = Literal["PDF/A-3a", "PDF/A-3b"]
ACCESSIBLE: Conformance = "PDF/A-3a"
"""Also PDF/UA-1: made by the fast renderer."""
PLAIN: Conformance = "PDF/A-3b"
"""Without tags: made by the reference renderer."""

BASIC = "B-B"


class Issued(msgspec.Struct, frozen=True):
    """A file as it may leave.

    Attributes:
        pdf: its bytes.
        conformance: to what; also tells which renderer made it.
        level: of PAdES; empty on a draft, which nobody signs.
    """

    pdf: bytes
    conformance: Conformance
    level: str


def issue(
    paper: Paper,
    snapshot: bytes,
    stamp: Stamp,
    identity: Identity,
    now: datetime,
    *,
    reason: str = "",
    place: str = "",
) -> Issued:
    """The paper, typeset, sealed or signed, and checked.

    Args:
        paper: what stands on it; it has a place for signatures and is no draft.
        snapshot: what it was made from, JSON; embedded.
        stamp: its number, when it was prepared, where the journal stood.
        identity: who seals or signs.
        now: an aware instant; its own zone decides the date that is shown.
        reason: why it is sealed, for the reader's signature panel.
        place: where it is done.

    Raises:
        Invalid: the identity is not valid now, or the paper has no place for a seal.
        Damaged: what was made did not pass its check; this is a fault of ours.
    """
    identity.require_valid(now)
    if paper.draft or not any(isinstance(block, Signatures) for block in paper.blocks):
        raise Invalid(NO_PLACE)
    try:
        pdf = fast.typeset(paper, snapshot, stamp, Signing(identity, now, reason, place))
    except Unsettable:
        unsigned = reference.typeset(paper, snapshot, stamp)
        pdf = seal(unsigned, identity, now, paper.language, reason=reason, place=place)
        _require_sound(pdf, stamp)
        return Issued(pdf, PLAIN, BASIC)
    try:
        own.check(pdf, identity, snapshot)
    except own.Flaw as flaw:
        raise _damaged(stamp) from flaw
    _require_first_sound(pdf, stamp, identity)
    return Issued(pdf, ACCESSIBLE, BASIC)


def draft(paper: Paper, snapshot: bytes, stamp: Stamp) -> Issued:
    """The paper, typeset and not signed.

    Args:
        paper: what stands on it; a draft.
        snapshot: what it was made from, JSON; embedded.
        stamp: when it was prepared.
    """
    try:
        return Issued(fast.typeset(paper, snapshot, stamp), ACCESSIBLE, "")
    except Unsettable:
        return Issued(reference.typeset(paper, snapshot, stamp), PLAIN, "")


# --- checks -------------------------------------------------------------------------------

_proven: set[str] = set()
"""The identities whose first paper in this process passed the whole verification."""

MOST_PROVEN = 64


def _require_first_sound(pdf: bytes, stamp: Stamp, identity: Identity) -> None:
    """What all papers of an identity share is verified once, by what did not make it.

    The quick check finds whether a paper is as it was meant; only pyHanko can say whether that
    is what others expect. So it looks at the first paper that a process makes for an identity.
    """
    if identity.fingerprint in _proven:
        return
    _require_sound(pdf, stamp)
    if len(_proven) >= MOST_PROVEN:
        _proven.clear()
    _proven.add(identity.fingerprint)


def _require_sound(pdf: bytes, stamp: Stamp) -> None:
    if not verify(pdf).sound:
        raise _damaged(stamp)


def _damaged(stamp: Stamp) -> Damaged:
    return Damaged(text("The paper {number} did not pass its verification.", number=stamp.number))
