"""The proof of an announcement, as an outsider checks it: for one controller, or for all.

One archive: for each contract what was sent, what proves its receipt, how the window was counted,
what was objected; beside them the whole journal, a checkpoint and the stand-alone verifier. The
journal holds no values that describe persons; the folders of other controllers are left out.
"""

import inspect
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.making import Press
from registers.annexes.models import Annex
from registers.announcements.models import (
    Announcement,
    Answer,
    Case,
    Change,
    Objection,
    Window,
)
from registers.controllers.models import Contract, Controller
from registers.kernel import audit, standalone
from registers.kernel.audit import Entry
from registers.kernel.base import Base
from registers.kernel.files import Store
from registers.kernel.identifiers import fold
from registers.kernel.standalone import ENTRY
from registers.notices.models import Confirmation, Dispatch, Matter, Notice, Posted, Receipt
from registers.notices.proofs import sort_of

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of files in the archive: the same evidence gives the same bytes."""

HOW = """\
Evidence of the announcement {code}: {title}

For each contract, in a folder named by controller and contract:
  matter.json       the terms, the calendar, when the notice left
  notice.pdf        the signed notice, or letter.pdf; any reader of PDF shows its signature
  message.eml       the e-mail as it was sent; only the secret of its link is blanked (zeros)
  receipt-*.json    each piece of evidence of receipt, with its proof beside it
  window-*.json     each count of the window: the calendar, the days passed over, the rule
  objection-*.json  each objection with its answers, and their documents beside it
  letter-*.json     what the post did with a letter, and its slips
  entries.jsonl     the entries of the journal about this contract

Of an update to a new version, version-sheet.pdf is the sheet that was told of; its SHA-256
stands in announcement.json and in each signed notice.

To check without us, with Python and nothing else:
  python3 verifier.py journal.jsonl --checkpoint checkpoint.json --key checkpoint-key.pem
  Each line of an entries.jsonl must be in journal.jsonl, letter for letter.
  The SHA-256 of each document is in the file that names it.
"""


class _Place(NamedTuple):
    """A contract told of, and where its evidence stands in the archive."""

    matter: Matter
    notice: Notice
    folder: str


def bundle(
    press: Press,
    checkpoint: Mapping[str, Any],
    announcement_id: uuid.UUID,
    to: BinaryIO,
    controller_id: uuid.UUID | None = None,
) -> int:
    """Writes the archive; gives how many contracts it has.

    Args:
        press: the registers' database, and the key that signed the checkpoint.
        checkpoint: a signed end of the journal (`audit.sign_checkpoint`).
        announcement_id: what was announced.
        to: where the archive is written.
        controller_id: whose evidence; None for everybody's.
    """
    with (
        press.database.reading() as session,
        zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        head = session.get_one(Announcement, announcement_id)
        _put(archive, "README.txt", HOW.format(code=head.code, title=head.title).encode())
        _put(archive, "announcement.json", _json(_announcement(session, head)))
        for name, content in _sheets(session, press.database.files, head):
            _put(archive, name, content)
        _put(archive, "checkpoint.json", _json(dict(checkpoint)))
        _put(archive, "checkpoint-key.pem", press.key.public_pem)
        _put(archive, "verifier.py", inspect.getsource(standalone).encode())
        lines = "".join(f"{line}\n" for line in audit.export(session.connection()))
        _put(archive, "journal.jsonl", lines.encode())
        places = list(_places(session, announcement_id, controller_id))
        for place in places:
            for name, content in _evidence(session, press.database.files, place):
                _put(archive, f"{place.folder}/{name}", content)
    return len(places)


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def _row(row: Base, *without: str) -> dict[str, Any]:
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


def _announcement(session: Session, head: Announcement) -> dict[str, Any]:
    query = sa.select(Change).where(Change.announcement_id == head.id).order_by(Change.position)
    changes = [_row(each) for each in session.scalars(query)]
    return {**_row(head, "search", "revision"), "changes": changes}


def _sheets(session: Session, store: Store, head: Announcement) -> Iterator[tuple[str, bytes]]:
    """The version sheet of an update, as it was told of."""
    query = sa.select(Change).where(Change.announcement_id == head.id)
    for change in session.scalars(query):
        if change.told.get("sheet"):
            yield "version-sheet.pdf", store.get(session, change.told["sheet"])


def _places(
    session: Session, announcement_id: uuid.UUID, controller_id: uuid.UUID | None
) -> Iterator[_Place]:
    of_announcement = sa.select(Case.matter_id).where(Case.announcement_id == announcement_id)
    query = (
        sa.select(Matter, Notice, Controller.code, Contract.reference)
        .join(Notice, Notice.id == Matter.notice_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .where(Matter.id.in_(of_announcement))
        .order_by(Controller.code, Contract.reference, Notice.number)
    )
    if controller_id is not None:
        query = query.where(Matter.controller_id == controller_id)
    for matter, notice, code, reference in session.execute(query):
        yield _Place(matter, notice, f"{code}/{_name(reference)}-{notice.number}")


def _name(written: str) -> str:
    """A name that every file system bears."""
    plain = "".join(each if each.isalnum() else "-" for each in fold(written))
    return plain.strip("-") or "contract"


def _evidence(session: Session, store: Store, place: _Place) -> Iterator[tuple[str, bytes]]:
    matter = place.matter
    yield "matter.json", _json({**_row(matter), "notice": _row(place.notice)})
    yield from _sent(session, store, place)
    yield from _receipts(session, store, matter)
    windows = sa.select(Window).where(Window.matter_id == matter.id).order_by(Window.opened_at)
    for number, window in enumerate(session.scalars(windows), 1):
        yield f"window-{number}.json", _json(_row(window))
    yield from _objections(session, store, matter)
    yield "entries.jsonl", _entries(session, place)


def _sent(session: Session, store: Store, place: _Place) -> Iterator[tuple[str, bytes]]:
    notice = place.notice
    if notice.annex_id is not None:
        annex = session.get_one(Annex, notice.annex_id)
        yield "notice.pdf", store.get(session, annex.paper_sha256)
    own = sa.or_(
        Dispatch.controller_id.is_(None), Dispatch.controller_id == place.matter.controller_id
    )
    query = sa.select(Dispatch).where(Dispatch.notice_id == notice.id, own).order_by(Dispatch.id)
    for number, way in enumerate(session.scalars(query), 1):
        events = sa.select(Posted).where(Posted.dispatch_id == way.id).order_by(Posted.recorded_at)
        posted = list(session.scalars(events))
        name = f"{way.channel.value}-{number}"
        yield f"{name}.json", _json({**_row(way), "posted": [_row(each) for each in posted]})
        if way.message_sha256:
            yield f"{name}.eml", store.get(session, way.message_sha256)
        if way.annex_id and way.annex_id != notice.annex_id:
            letter = session.get_one(Annex, way.annex_id)
            yield f"{name}.pdf", store.get(session, letter.paper_sha256)
        yield from _proofs(session, store, f"{name}-slip", posted)


def _receipts(session: Session, store: Store, matter: Matter) -> Iterator[tuple[str, bytes]]:
    query = sa.select(Receipt).where(Receipt.matter_id == matter.id).order_by(Receipt.recorded_at)
    receipts = list(session.scalars(query))
    for number, receipt in enumerate(receipts, 1):
        word = session.scalar(sa.select(Confirmation).where(Confirmation.receipt_id == receipt.id))
        told = {**_row(receipt), "confirmed": _row(word) if word else None}
        yield f"receipt-{number}.json", _json(told)
    yield from _proofs(session, store, "receipt", receipts)


def _objections(session: Session, store: Store, matter: Matter) -> Iterator[tuple[str, bytes]]:
    query = (
        sa.select(Objection).where(Objection.matter_id == matter.id).order_by(Objection.recorded_at)
    )
    objections = list(session.scalars(query))
    for number, objection in enumerate(objections, 1):
        asked = sa.select(Answer).where(Answer.objection_id == objection.id)
        answers = list(session.scalars(asked.order_by(Answer.recorded_at)))
        told = {**_row(objection), "answers": [_row(each) for each in answers]}
        yield f"objection-{number}.json", _json(told)
        yield from _proofs(session, store, f"objection-{number}-answer", answers)
    yield from _proofs(session, store, "objection", objections)


def _proofs(
    session: Session, store: Store, name: str, rows: Sequence[Any]
) -> Iterator[tuple[str, bytes]]:
    for number, row in enumerate(rows, 1):
        if row.proof_sha256:
            content = store.get(session, row.proof_sha256)
            yield f"{name}-{number}.{sort_of(content).ending}", content


def _entries(session: Session, place: _Place) -> bytes:
    """The entries about a contract told of, its notice and its ways, as the export writes them."""
    notice, matter = place.notice, place.matter
    ways = sa.select(Dispatch.id).where(Dispatch.notice_id == notice.id)
    objections = sa.select(Objection.id).where(Objection.matter_id == matter.id)
    windows = sa.select(Window.id).where(Window.matter_id == matter.id)
    cases = sa.select(Case.id).where(Case.matter_id == matter.id)
    names = {f"notice:{notice.id}", f"matter:{matter.id}"}
    for table, query in (
        (Dispatch.__tablename__, ways),
        (Objection.__tablename__, objections),
        (Window.__tablename__, windows),
        (Case.__tablename__, cases),
    ):
        names |= {f"{table}:{key}" for key in session.scalars(query)}
    query = (
        sa.select(*(getattr(Entry, name) for name in ENTRY))
        .where(Entry.about.in_(names))
        .order_by(Entry.number)
    )
    lines = (
        json.dumps(dict(zip(ENTRY, row, strict=True)), ensure_ascii=False)
        for row in session.execute(query)
    )
    return "".join(f"{line}\n" for line in lines).encode()
