"""What every archive of proof is made of: the journal and its verifier, notices with their proofs.

The same evidence gives the same bytes; an outsider checks it with Python alone.
"""

import inspect
import json
import uuid
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.making import Press
from registers.annexes.models import Annex
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

CHECKING = """\
To check without us, with Python and nothing else:
  python3 verifier.py journal.jsonl --checkpoint checkpoint.json --key checkpoint-key.pem
  Each line of an entries.jsonl must be in journal.jsonl, letter for letter.
  The SHA-256 of each document is in the file that names it.
"""


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


def sent(session: Session, store: Store, notice: Notice, owner: uuid.UUID) -> Files:
    """A notice as it was sent: its paper, the messages and letters that concern a controller."""
    if notice.annex_id is not None:
        annex = session.get_one(Annex, notice.annex_id)
        yield "notice.pdf", store.get(session, annex.paper_sha256)
    own = sa.or_(Dispatch.controller_id.is_(None), Dispatch.controller_id == owner)
    query = sa.select(Dispatch).where(Dispatch.notice_id == notice.id, own).order_by(Dispatch.id)
    for number, way in enumerate(session.scalars(query), 1):
        events = sa.select(Posted).where(Posted.dispatch_id == way.id).order_by(Posted.recorded_at)
        posted = list(session.scalars(events))
        name = f"{way.channel.value}-{number}"
        yield f"{name}.json", as_json({**row_of(way), "posted": [row_of(each) for each in posted]})
        if way.message_sha256:
            yield f"{name}.eml", store.get(session, way.message_sha256)
        if way.annex_id and way.annex_id != notice.annex_id:
            letter = session.get_one(Annex, way.annex_id)
            yield f"{name}.pdf", store.get(session, letter.paper_sha256)
        yield from proofs(session, store, f"{name}-slip", posted)


def receipts(session: Session, store: Store, matter: Matter) -> Files:
    """What proves that a contract was told, each piece with its document."""
    query = sa.select(Receipt).where(Receipt.matter_id == matter.id).order_by(Receipt.recorded_at)
    found = list(session.scalars(query))
    for number, receipt in enumerate(found, 1):
        word = session.scalar(sa.select(Confirmation).where(Confirmation.receipt_id == receipt.id))
        told = {**row_of(receipt), "confirmed": row_of(word) if word else None}
        yield f"receipt-{number}.json", as_json(told)
    yield from proofs(session, store, "receipt", found)


def proofs(session: Session, store: Store, name: str, rows: Sequence[Any]) -> Files:
    """The documents that rows name, each under a number."""
    for number, row in enumerate(rows, 1):
        if row.proof_sha256:
            content = store.get(session, row.proof_sha256)
            yield f"{name}-{number}.{sort_of(content).ending}", content


def entries(session: Session, names: Collection[str]) -> bytes:
    """The entries of the journal about these rows, in order, as the export writes them."""
    found: list[Any] = []
    for part in parts(sorted(names)):
        query = sa.select(*(getattr(Entry, name) for name in ENTRY)).where(Entry.about.in_(part))
        found += session.execute(query).all()
    found.sort(key=lambda row: row.number)
    lines = (json.dumps(dict(zip(ENTRY, row, strict=True)), ensure_ascii=False) for row in found)
    return "".join(f"{line}\n" for line in lines).encode()
