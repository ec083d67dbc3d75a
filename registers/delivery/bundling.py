"""Making the archives that were asked for: the worker's part of `bundles`."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from registers.annexes.orders import Press
from registers.delivery import breach_evidence, evidence
from registers.delivery.archive import Tell
from registers.delivery.breach_evidence import Proof
from registers.delivery.bundles import ANNOUNCEMENT, BREACH, MADE, PART, Bundle, BundlePart
from registers.kernel import audit, outbox
from registers.kernel.outbox import Taken
from registers.people.roles import Permission

if TYPE_CHECKING:
    from registers.work import Tools

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
RENEWED = timedelta(seconds=5)
"""How often a worker says how far it is, and holds on to its work."""


def _announcement(
    press: Press, checkpoint: Mapping[str, Any], row: Bundle, to: BinaryIO, tell: Tell
) -> None:
    evidence.bundle(press, checkpoint, row.key, to, language=row.language, tell=tell)


def _breach(
    press: Press, checkpoint: Mapping[str, Any], row: Bundle, to: BinaryIO, tell: Tell
) -> None:
    breach_evidence.bundle(press, checkpoint, Proof(row.key, row.language), to, tell)


Write = Callable[[Press, Mapping[str, Any], Bundle, BinaryIO, Tell], None]

KINDS: dict[str, Write] = {ANNOUNCEMENT: _announcement, BREACH: _breach}
"""How archives of each kind are written."""


def make(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`.

    One at a time: notices that wait meanwhile come first. What a worker that died had begun is
    made anew from the start.
    """
    first, *others = work
    database = tools.press.database
    with database.upkeep() as traces:
        for each in others:
            outbox.put_back(traces, each.id, tools.holder, database.now(), "")
    key = uuid.UUID(first.about.partition(":")[2])
    with database.reading() as session:
        row = session.get(Bundle, key)
    if row is None or row.made_at is not None:
        _settle(tools, first)
        return
    try:
        _make(tools, row, first)
    except Exception as error:
        log.exception("archive of %s", row.about)
        said = f"{type(error).__name__}: {error}"
        with database.upkeep() as traces:
            if first.attempts < MOST_ATTEMPTS:
                outbox.put_back(traces, first.id, tools.holder, database.now(), said)
            else:
                outbox.give_up(traces, first.id, tools.holder, said)
                _set(traces, key, error=said)


def _settle(tools: "Tools", work: Taken) -> None:
    with tools.press.database.upkeep() as traces:
        outbox.settle(traces, [work.id], tools.holder, tools.press.database.now())


def _set(traces: Any, key: uuid.UUID, **values: Any) -> None:
    traces.execute(sa.update(Bundle).where(Bundle.id == key).values(**values))


def _make(tools: "Tools", row: Bundle, work: Taken) -> None:
    press, database = tools.press, tools.press.database
    with database.acting(press.actor) as act:
        act.require(Permission.EVIDENCE_MAKE)
        checkpoint = audit.sign_checkpoint(act, press.key).as_json()
    told: datetime | None = None

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = database.now()
        if told is None or done == total or now - told >= RENEWED:
            told = now
            with database.upkeep() as traces:
                outbox.keep(traces, [work.id], tools.holder, now)
                _set(traces, row.id, done=done, total=total)

    with cast("BinaryIO", TemporaryFile()) as to:
        KINDS[row.kind](press, checkpoint, row, to, tell)
        size = to.tell()
        to.seek(0)
        digest = _keep(tools, row, to, work)
    with database.acting(press.actor) as act:
        act.require(Permission.EVIDENCE_MAKE)
        _set(act.session, row.id, made_at=act.now, size=size, sha256=digest, error="")
        outbox.settle(act.session, [work.id], tools.holder, act.now)
        act.log(MADE, row.about, bundle=row.id, sha256=digest, checkpoint=checkpoint["size"])


def _keep(tools: "Tools", row: Bundle, content: BinaryIO, work: Taken) -> str:
    """Keeps an archive piece by piece; gives its digest."""
    database, found = tools.press.database, hashlib.sha256()
    with database.upkeep() as traces:
        traces.execute(sa.delete(BundlePart).where(BundlePart.bundle_id == row.id))
    number = 0
    while part := content.read(PART):
        found.update(part)
        with database.upkeep() as traces:
            outbox.keep(traces, [work.id], tools.holder, database.now())
            traces.add(BundlePart(bundle_id=row.id, number=number, content=part))
        number += 1
    return found.hexdigest()
