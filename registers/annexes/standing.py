"""Whether sealed papers still show what the registers say."""

import uuid
from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import sources
from registers.annexes.kinds import KINDS, Source
from registers.annexes.models import Annex
from registers.annexes.subjects import Asked, Subject
from registers.kernel import audit

QUIET = {"session", "user", "installation", "annex", "annexes", "journal"}
"""What entries are about, by the first word of their kind, that change no register."""

MOST_KEPT = 64

Known = tuple[str, str, date, date]
_kept: OrderedDict[Known, str] = OrderedDict()
"""What whole registers were found to show, by the entry of the journal they were read after:
no register changes without an entry, and nobody waits twice for ten thousand controllers."""


def out_of_date(session: Session, annexes: Sequence[Annex], today: date) -> set[uuid.UUID]:
    """The annexes that no longer show what the registers say today.

    Each source is read once, for all subjects of all kinds that read it.
    """
    by_source: dict[Source, list[Annex]] = {}
    for annex in annexes:
        if KINDS[annex.kind].ages:
            by_source.setdefault(KINDS[annex.kind].source, []).append(annex)
    stale: set[uuid.UUID] = set()
    for source, held in by_source.items():
        if source is sources.whole:
            stale |= _whole(session, held, today)
        else:
            stale |= _compared(session, source, held, today)
    return stale


def _compared(
    session: Session, source: Source, annexes: Sequence[Annex], today: date
) -> set[uuid.UUID]:
    present = source(session, {_subject(annex) for annex in annexes}, Asked(today))
    stale = set()
    for annex in annexes:
        snapshot = present.get(_subject(annex))
        if snapshot is None or _digest(annex, snapshot) != annex.snapshot_sha256:
            stale.add(annex.id)
    return stale


def _whole(session: Session, annexes: Collection[Annex], today: date) -> set[uuid.UUID]:
    changed = _last_change(session)
    keys = {annex.id: (changed, annex.kind, annex.on_day, today) for annex in annexes}
    found = {key: _kept.get(key, "") for key in keys.values()}
    if not all(found.values()):
        present = sources.whole(session, {_subject(annex) for annex in annexes}, Asked(today))
        found = {keys[annex.id]: _digest(annex, present[_subject(annex)]) for annex in annexes}
        _kept.update(found)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return {annex.id for annex in annexes if found[keys[annex.id]] != annex.snapshot_sha256}


def _last_change(session: Session) -> str:
    """The hash of the last entry that tells of a change of the registers."""
    quiet = [name for name in audit.KINDS if name.partition(".")[0] in QUIET]
    query = sa.select(audit.Entry.hash).where(audit.Entry.kind.not_in(quiet))
    return session.scalar(query.order_by(audit.Entry.number.desc()).limit(1)) or ""


def _subject(annex: Annex) -> Subject:
    return Subject(annex.about, annex.controller_id, annex.contract_id)


def _digest(annex: Annex, snapshot: Any) -> str:
    shown = msgspec.structs.replace(KINDS[annex.kind].of(snapshot), on=annex.on_day)
    digest: str = shown.sha256
    return digest
