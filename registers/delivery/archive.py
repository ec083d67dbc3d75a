"""What every archive of proof is made of: the journal and its verifier, notices with their proofs.

The same evidence gives the same bytes; an outsider checks it with Python alone.
"""

import inspect
import json
import uuid
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.models import Annex
from registers.annexes.orders import Press
from registers.kernel import audit, standalone
from registers.kernel.audit import Entry
from registers.kernel.base import Base
from registers.kernel.files import Store
from registers.kernel.history import parts
from registers.kernel.identifiers import fold
from registers.kernel.standalone import ENTRY
from registers.notices.models import Confirmation, Dispatch, Matter, Notice, Posted, Receipt
from registers.notices.proofs import sort_of

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of files in an archive: the same evidence gives the same bytes."""

Files = Iterator[tuple[str, bytes]]

Tell = Callable[[int, int], None]
"""Told how many of how many are in an archive."""


def untold(_done: int, _total: int) -> None:
    """For archives that nobody waits for."""


def journal(
    session: Session, press: Press, checkpoint: Mapping[str, Any], archive: zipfile.ZipFile
) -> None:
    """Puts the whole journal into an archive, a signed end of it, and what checks them."""
    put(archive, "checkpoint.json", as_json(dict(checkpoint)))
    put(archive, "checkpoint-key.pem", press.key.public_pem)
    put(archive, "verifier.py", inspect.getsource(standalone).encode())
    lines = "".join(f"{line}\n" for line in audit.export(session.connection()))
    put(archive, "journal.jsonl", lines.encode())


def put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Puts a file into an archive, without the hour at which it was."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def as_json(value: Any) -> bytes:
    """A value as people and programs read it."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def row_of(row: Base, *without: str) -> dict[str, Any]:
    """A row as it is kept."""
    return {
        column.name: _plain(getattr(row, column.name))
        for column in row.__table__.columns
        if column.name not in without
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return getattr(value, "value", value)


def name_of(written: str) -> str:
    """A name that every file system bears."""
    plain = "".join(each if each.isalnum() else "-" for each in fold(written))
    return plain.strip("-") or "contract"


@dataclass
class Held:
    """What was kept of some notices, read together: by whose it is."""

    matters: dict[uuid.UUID, list[Matter]]
    ways: dict[uuid.UUID, list[Dispatch]]
    posted: dict[uuid.UUID, list[Posted]]
    receipts: dict[uuid.UUID, list[Receipt]]
    words: dict[uuid.UUID, Confirmation]
    papers: dict[uuid.UUID, str]
    """Of annexes, the digests of their papers."""


def held(session: Session, notices: Collection[Notice]) -> Held:
    """Reads what was kept of notices, in as many statements for many as for one."""
    ids = [notice.id for notice in notices]
    matters = _rows(session, Matter, Matter.notice_id, ids, Matter.id)
    ways = _rows(session, Dispatch, Dispatch.notice_id, ids, Dispatch.id)
    way_ids = [way.id for found in ways.values() for way in found]
    matter_ids = [matter.id for found in matters.values() for matter in found]
    found = _rows(session, Receipt, Receipt.matter_id, matter_ids, Receipt.recorded_at)
    receipt_ids = [receipt.id for each in found.values() for receipt in each]
    words = _rows(session, Confirmation, Confirmation.receipt_id, receipt_ids, Confirmation.id)
    annexes = {notice.annex_id for notice in notices} | {
        way.annex_id for each in ways.values() for way in each
    }
    papers: dict[uuid.UUID, str] = {}
    for part in parts([key for key in annexes if key is not None]):
        query = sa.select(Annex.id, Annex.paper_sha256).where(Annex.id.in_(part))
        papers |= {row[0]: row[1] for row in session.execute(query)}
    return Held(
        matters,
        ways,
        _rows(session, Posted, Posted.dispatch_id, way_ids, Posted.recorded_at),
        found,
        {key: each[0] for key, each in words.items()},
        papers,
    )


def _rows(
    session: Session, model: Any, by: Any, ids: Sequence[uuid.UUID], order: Any
) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {}
    for part in parts(ids):
        for row in session.scalars(sa.select(model).where(by.in_(part)).order_by(order)):
            found.setdefault(getattr(row, by.key), []).append(row)
    return found


def sent(session: Session, store: Store, kept: Held, notice: Notice, owner: uuid.UUID) -> Files:
    """A notice as it was sent: its paper, the messages and letters that concern a controller."""
    if notice.annex_id is not None:
        yield "notice.pdf", store.get(session, kept.papers[notice.annex_id])
    ways = [each for each in kept.ways.get(notice.id, ()) if each.controller_id in {None, owner}]
    for number, way in enumerate(ways, 1):
        posted = kept.posted.get(way.id, [])
        name = f"{way.channel.value}-{number}"
        yield f"{name}.json", as_json({**row_of(way), "posted": [row_of(each) for each in posted]})
        if way.message_sha256:
            yield f"{name}.eml", store.get(session, way.message_sha256)
        if way.annex_id and way.annex_id != notice.annex_id:
            yield f"{name}.pdf", store.get(session, kept.papers[way.annex_id])
        yield from proofs(session, store, f"{name}-slip", posted)


def receipts(session: Session, store: Store, kept: Held, matter: Matter) -> Files:
    """What proves that a contract was told, each piece with its document."""
    found = kept.receipts.get(matter.id, [])
    for number, receipt in enumerate(found, 1):
        word = kept.words.get(receipt.id)
        told = {**row_of(receipt), "confirmed": row_of(word) if word else None}
        yield f"receipt-{number}.json", as_json(told)
    yield from proofs(session, store, "receipt", found)


def proofs(session: Session, store: Store, name: str, rows: Sequence[Any]) -> Files:
    """The documents that rows name, each under a number."""
    for number, row in enumerate(rows, 1):
        if row.proof_sha256:
            content = store.get(session, row.proof_sha256)
            yield f"{name}-{number}.{sort_of(content).ending}", content


def entries(session: Session, names: Collection[str]) -> list[Any]:
    """The entries of the journal about these rows, in order."""
    found: list[Any] = []
    for part in parts(sorted(names)):
        query = sa.select(*(getattr(Entry, name) for name in ENTRY)).where(Entry.about.in_(part))
        found += session.execute(query).all()
    found.sort(key=lambda row: row.number)
    return found


def as_lines(found: Iterable[Any]) -> bytes:
    """Entries as the export writes them."""
    lines = (json.dumps(dict(zip(ENTRY, row, strict=True)), ensure_ascii=False) for row in found)
    return "".join(f"{line}\n" for line in lines).encode()
