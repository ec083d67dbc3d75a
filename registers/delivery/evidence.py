"""The proof of an announcement, as an outsider checks it: for one controller, or for all.

One archive: for each contract what was sent, what proves its receipt, how the window was counted,
what was objected; beside them the whole journal, a checkpoint and the stand-alone verifier. The
journal holds no values that describe persons; the folders of other controllers are left out.
"""

import uuid
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.orders import Press
from registers.announcements.models import (
    Announcement,
    Answer,
    Case,
    Change,
    Objection,
    Window,
)
from registers.controllers.models import Contract, Controller
from registers.delivery import archive, readme
from registers.delivery.archive import Tell, as_json, put, row_of
from registers.kernel.files import Store
from registers.kernel.words import text
from registers.notices.models import Dispatch, Matter, Notice

HOLDS = (
    readme.Listed(
        text("For each contract, in a folder named by controller and contract:"),
        (
            ("matter.json", text("the terms, the calendar, when the notice left")),
            (
                "notice.pdf",
                text("the signed notice, or letter.pdf; any reader of PDF shows its signature"),
            ),
            (
                "message.eml",
                text("the e-mail as it was sent; only the secret of its link is blanked (zeros)"),
            ),
            (
                "receipt-*.json",
                text("each piece of evidence of receipt, with its proof beside it"),
            ),
            (
                "window-*.json",
                text("each count of the window: the calendar, the days passed over, the rule"),
            ),
            (
                "objection-*.json",
                text("each objection with its answers, and their documents beside it"),
            ),
            ("letter-*.json", text("what the post did with a letter, and its slips")),
            ("entries.jsonl", text("the entries of the journal about this contract")),
        ),
    ),
)

SHEET = text(
    "Of an update to a new version, version-sheet.pdf is the sheet that was told of; its SHA-256 "
    "stands in announcement.json and in each signed notice."
)


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
    *,
    language: str,
    tell: Tell = archive.untold,
) -> int:
    """Writes the archive; gives how many contracts it has.

    Args:
        press: the registers' database, and the key that signed the checkpoint.
        checkpoint: a signed end of the journal (`audit.sign_checkpoint`).
        announcement_id: what was announced.
        to: where the archive is written.
        controller_id: whose evidence; None for everybody's.
        language: of whoever asks; its explanation begins in it.
        tell: is told how far it is.
    """
    with (
        press.database.reading() as session,
        zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as opened,
    ):
        head = session.get_one(Announcement, announcement_id)
        title = text(
            "Evidence of the announcement {code}: {title}", code=head.code, title=head.title
        )
        explained = readme.Readme(title, HOLDS, [SHEET])
        put(opened, readme.NAME, readme.written(explained, language))
        put(opened, "announcement.json", as_json(_announcement(session, head)))
        for name, content in _sheets(session, press.database.files, head):
            put(opened, name, content)
        archive.journal(session, press, checkpoint, opened)
        places = list(_places(session, announcement_id, controller_id))
        for done, place in enumerate(places):
            tell(done, len(places))
            for name, content in _evidence(session, press.database.files, place):
                put(opened, f"{place.folder}/{name}", content)
        tell(len(places), len(places))
    return len(places)


def _announcement(session: Session, head: Announcement) -> dict[str, Any]:
    query = sa.select(Change).where(Change.announcement_id == head.id).order_by(Change.position)
    changes = [row_of(each) for each in session.scalars(query)]
    return {**row_of(head, "search", "revision"), "changes": changes}


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
        yield _Place(matter, notice, f"{code}/{archive.name_of(reference)}-{notice.number}")


def _evidence(session: Session, store: Store, place: _Place) -> Iterator[tuple[str, bytes]]:
    matter = place.matter
    yield "matter.json", as_json({**row_of(matter), "notice": row_of(place.notice)})
    kept = archive.held(session, [place.notice])
    yield from archive.sent(session, store, kept, place.notice, matter.controller_id)
    yield from archive.receipts(session, store, kept, matter)
    windows = sa.select(Window).where(Window.matter_id == matter.id).order_by(Window.opened_at)
    for number, window in enumerate(session.scalars(windows), 1):
        yield f"window-{number}.json", as_json(row_of(window))
    yield from _objections(session, store, matter)
    yield "entries.jsonl", _entries(session, place)


def _objections(session: Session, store: Store, matter: Matter) -> Iterator[tuple[str, bytes]]:
    query = (
        sa.select(Objection).where(Objection.matter_id == matter.id).order_by(Objection.recorded_at)
    )
    objections = list(session.scalars(query))
    for number, objection in enumerate(objections, 1):
        asked = sa.select(Answer).where(Answer.objection_id == objection.id)
        answers = list(session.scalars(asked.order_by(Answer.recorded_at)))
        told = {**row_of(objection), "answers": [row_of(each) for each in answers]}
        yield f"objection-{number}.json", as_json(told)
        yield from archive.proofs(session, store, f"objection-{number}-answer", answers)
    yield from archive.proofs(session, store, "objection", objections)


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
    return archive.as_lines(archive.entries(session, names))
