"""Whether sealed papers still show what the registers say."""

import uuid
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.kind import Source
from registers.annexes.kinds import KINDS
from registers.annexes.models import Annex
from registers.annexes.subjects import Asked, Subject
from registers.kernel import audit

QUIET = {"session", "user", "installation", "annex", "annexes", "journal"}
"""What entries are about, by the first word of their kind, that change no register."""

MOST_KEPT = 5_000

Known = tuple[str, str, str, date, date]
_kept: OrderedDict[Known, str] = OrderedDict()
"""What papers would show, by the entry of the journal after which they were read: no register
changes without an entry, and what did not change is not read twice."""


def out_of_date(session: Session, annexes: Sequence[Annex], today: date) -> set[uuid.UUID]:
    """The annexes that no longer show what the registers say today.

    Each source is read once, for all subjects of all kinds that read it.
    """
    ageing = [annex for annex in annexes if KINDS[annex.kind].ages]
    if not ageing:
        return set()
    changed = _watch.last_change(session)
    keys = {annex.id: (changed, annex.kind, annex.about, annex.on_day, today) for annex in ageing}
    found = {key: _kept[key] for key in keys.values() if key in _kept}
    by_source: dict[Source, list[Annex]] = {}
    for annex in ageing:
        if keys[annex.id] not in found:
            by_source.setdefault(KINDS[annex.kind].source, []).append(annex)
    for source, held in by_source.items():
        present = source(session, {_subject(annex) for annex in held}, Asked(today))
        found |= {keys[annex.id]: _digest(annex, present.get(_subject(annex))) for annex in held}
    _keep(found)
    return {annex.id for annex in ageing if found[keys[annex.id]] != annex.snapshot_sha256}


def forget() -> None:
    """Forgets what papers would show, as when the program starts."""
    _kept.clear()


def _keep(found: dict[Known, str]) -> None:
    _kept.update(found)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


_NOTHING = audit.Head(0, "")


class _Seen(NamedTuple):
    """The end of a journal, and the last entry before it that tells of a change."""

    end: audit.Head
    change: str


class _Watch:
    """Finds the last change, looking only through what was added since it last looked."""

    def __init__(self) -> None:
        self._seen = _Seen(_NOTHING, "")

    def last_change(self, session: Session) -> str:
        """The hash of the last entry that tells of a change of the registers."""
        seen = self._seen
        there, later, end = _since(session, seen.end.size)
        if there != seen.end.hash:  # another journal
            seen = _Seen(_NOTHING, "")
            _, later, end = _since(session, 0)
        self._seen = seen = _Seen(end, later or seen.change)
        return seen.change


def _since(session: Session, number: int) -> tuple[str, str, audit.Head]:
    """The hash of an entry, that of the last one after it that tells of a change, the end."""
    quiet = [name for name in audit.KINDS if name.partition(".")[0] in QUIET]
    there = sa.select(audit.Entry.hash).where(audit.Entry.number == number)
    later = (
        sa.select(audit.Entry.hash)
        .where(audit.Entry.kind.not_in(quiet), audit.Entry.number > number)
        .order_by(audit.Entry.number.desc())
        .limit(1)
    )
    query = sa.select(
        there.scalar_subquery(), later.scalar_subquery(), audit.Entry.number, audit.Entry.hash
    )
    row = session.execute(query.order_by(audit.Entry.number.desc()).limit(1)).first()
    return (row[0] or "", row[1] or "", audit.Head(row[2], row[3])) if row else ("", "", _NOTHING)


_watch = _Watch()


def _subject(annex: Annex) -> Subject:
    return Subject(annex.about, annex.controller_id, annex.contract_id)


def _digest(annex: Annex, snapshot: Any) -> str:
    """What the paper would show today; nothing of what is not on record any more."""
    if snapshot is None:
        return ""
    shown = msgspec.structs.replace(KINDS[annex.kind].of(snapshot), on=annex.on_day)
    digest: str = shown.sha256
    return digest
