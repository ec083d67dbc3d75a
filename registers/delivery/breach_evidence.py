"""The proof of a breach, as an outsider checks it: for one controller, or for all.

For a controller it holds what it was told, when, how, and what proves it; nothing of another,
and nothing that was not told to it. For the authority it holds everything: all versions of what
was known, the clocks of all, our own file, the timeline.
"""

import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.orders import Press
from registers.breaches import follow_ups, owning, register, telling, timeline
from registers.breaches.models import Affected, Breach
from registers.breaches.timeline import Line
from registers.controllers.models import Contract, Controller
from registers.delivery import archive, readme
from registers.delivery.archive import Files, Tell, as_json, put, row_of
from registers.kernel import audit, history
from registers.kernel.files import Store
from registers.kernel.history import parts
from registers.kernel.words import Words, text
from registers.notices.models import Matter, Notice

HOLDS = (
    readme.Listed(
        None,
        (
            (
                "breach.json",
                text("what was known, version by version; for one controller, what it was told"),
            ),
            (
                "timeline.txt",
                text("all that happened, in order; timeline.json the same for programs"),
            ),
        ),
    ),
    readme.Listed(
        text(
            "For each controller, in a folder named by its code, a folder of each contract and "
            "notice:"
        ),
        (
            (
                "*/affected.json",
                text(
                    "by contract, the clock: since when, how many hours, when informed, when "
                    "complete"
                ),
            ),
            ("*/notice.json", text("what the notice told, and the contracts it told of")),
            ("*/notice.pdf", text("the signed notice; any reader of PDF shows its signature")),
            (
                "*/email-*.eml",
                text("the e-mail as it was sent; only the secret of its link is blanked (zeros)"),
            ),
            ("*/*_letter-*.json", text("what the post did with a letter, and its slips")),
            (
                "*/receipt-*.json",
                text("each piece of evidence of receipt, with its proof beside it"),
            ),
            ("*/entries.jsonl", text("the entries of the journal about this notice")),
        ),
    ),
)


class Proof(NamedTuple):
    """What is to be proven, to whom."""

    breach_id: uuid.UUID
    language: str
    """Of the timeline; the explanation begins in it."""
    controller_id: uuid.UUID | None = None
    """Whose evidence; None for everybody's."""


def bundle(
    press: Press,
    checkpoint: Mapping[str, Any],
    asked: Proof,
    to: BinaryIO,
    tell: Tell = archive.untold,
) -> int:
    """Writes the archive; gives how many notices it has.

    Args:
        press: the registers' database, and the key that signed the checkpoint.
        checkpoint: a signed end of the journal (`audit.sign_checkpoint`).
        asked: of which breach, for whom.
        to: where the archive is written.
        tell: is told how far it is.
    """
    count = 0
    with (
        press.database.reading() as session,
        zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as opened,
    ):
        head = session.get_one(Breach, asked.breach_id)
        title = text("Evidence of the breach {code}: {title}", code=head.code, title=head.title)
        put(opened, readme.NAME, readme.written(readme.Readme(title, HOLDS), asked.language))
        owner = asked.controller_id
        known = _everything(session, head) if owner is None else _told(session, head, owner)
        put(opened, "breach.json", as_json(known))
        lines = timeline.lines(session, head, press.zone, owner)
        put(opened, "timeline.txt", written(head, lines, Words(asked.language), press.zone))
        put(opened, "timeline.json", as_json([_plain(each) for each in lines]))
        archive.journal(session, press, checkpoint, opened)
        for name, content in _clocks(session, head, owner):
            put(opened, name, content)
        total = _count(session, head, owner)
        for told in _notices(session, head, owner):
            tell(count, total)
            count += len(told)
            for name, content in _of_notices(session, press.database.files, told):
                put(opened, name, content)
            session.expunge_all()
        tell(count, total)
    return count


def _everything(session: Session, head: Breach) -> dict[str, Any]:
    case = owning.case_of(session, head)
    return {
        **row_of(head, "search", "revision"),
        "versions": _versions(session, head),
        "own": _versions(session, case) if case else [],
        "follow_ups": [row_of(each, "revision") for each in follow_ups.of_breach(session, head)],
    }


def _versions(session: Session, head: Any) -> list[dict[str, Any]]:
    """All versions but for what we note for ourselves."""
    return [
        {**row_of(each), "facts": {**each.facts, "note": ""} if each.facts else None}
        for each in reversed(history.versions(session, head))
    ]


def _told(session: Session, head: Breach, owner: uuid.UUID) -> dict[str, Any]:
    """What one controller was told, notice by notice."""
    return {
        "code": head.code,
        "told": [
            {"notice": notice.number, "at": notice.created_at.isoformat(), **notice.told}
            for part in _notices(session, head, owner)
            for notice, _code, _owner in part
        ],
    }


def _clocks(session: Session, head: Breach, owner: uuid.UUID | None) -> Files:
    query = (
        sa.select(Affected, Controller.code, Contract.reference)
        .join(Controller, Controller.id == Affected.controller_id)
        .join(Contract, Contract.id == Affected.contract_id, isouter=True)
        .where(Affected.breach_id == head.id)
        .order_by(Controller.code, Contract.reference, Affected.id)
    )
    if owner is not None:
        query = query.where(Affected.controller_id == owner)
    for row, code, reference in session.execute(query):
        known = row_of(row)
        if owner is not None and not row.tell_late:
            del known["late_reason"]
        place = f"{archive.name_of(reference)}-{row.contract_id.hex[:8]}" if row.contract_id else ""
        folder = f"{code}/{place or 'without-contract'}"
        yield f"{folder}/affected.json", as_json({"contract": reference, **known})


TOGETHER = 200
"""How many notices are read at once: all of ten thousand would not fit into memory."""

_Told = tuple[Notice, str, uuid.UUID]


def _notices(session: Session, head: Breach, owner: uuid.UUID | None) -> Iterator[Sequence[_Told]]:
    """The notices of a breach with the controller that each one tells, some at a time."""
    query = (
        sa.select(Notice.id, Controller.code, Notice.number, Controller.id)
        .join(Matter, Matter.notice_id == Notice.id)
        .join(Controller, Controller.id == Matter.controller_id)
        .where(telling.of_breach(head))
        .distinct()
        .order_by(Controller.code, Notice.number)
    )
    if owner is not None:
        query = query.where(Controller.id == owner)
    for part in parts(session.execute(query).all(), TOGETHER):
        rows = session.scalars(sa.select(Notice).where(Notice.id.in_([row[0] for row in part])))
        found = {notice.id: notice for notice in rows}
        yield [(found[row[0]], row[1], row[3]) for row in part]


def _count(session: Session, head: Breach, owner: uuid.UUID | None) -> int:
    """How many notices there are, each with the controller that it tells."""
    query = (
        sa.select(Matter.notice_id, Matter.controller_id)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(telling.of_breach(head))
        .distinct()
    )
    if owner is not None:
        query = query.where(Matter.controller_id == owner)
    return session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def _of_notices(session: Session, store: Store, told: Sequence[_Told]) -> Files:
    """The folders of some notices, read together."""
    kept = archive.held(session, [notice for notice, _code, _owner in told])
    names: dict[str, uuid.UUID] = {}
    for notice, _code, _owner in told:
        for rows in ([notice], kept.matters[notice.id], kept.ways.get(notice.id, [])):
            names |= {audit.name_of(row): notice.id for row in rows}
    entries: dict[uuid.UUID, list[Any]] = {}
    for row in archive.entries(session, names):
        entries.setdefault(names[row.about], []).append(row)
    for notice, code, owner in told:
        for name, content in _of_notice(session, store, kept, (notice, owner)):
            yield f"{code}/{notice.number}/{name}", content
        lines = archive.as_lines(entries.get(notice.id, ()))
        yield f"{code}/{notice.number}/entries.jsonl", lines


def _of_notice(
    session: Session, store: Store, kept: archive.Held, told: tuple[Notice, uuid.UUID]
) -> Files:
    notice, owner = told
    matters = kept.matters[notice.id]
    yield "notice.json", as_json({**row_of(notice), "matters": [row_of(each) for each in matters]})
    yield from archive.sent(session, store, kept, notice, owner)
    for number, matter in enumerate(matters, 1):
        for name, content in archive.receipts(session, store, kept, matter):
            yield (f"contract-{number}-{name}" if len(matters) > 1 else name), content


def _plain(line: Line) -> dict[str, Any]:
    """A line for programs, in English."""
    return {
        "at": line.at.isoformat(),
        "until": line.until.isoformat() if line.until else None,
        "sort": line.sort.value,
        "what": str(line.says),
        "fields": [str(each) for each in line.fields],
        "details": [str(each) for each in line.details if each],
        "actor": line.actor,
        "times": line.times,
        "entries": [line.first, line.last] if line.first else [],
    }


def written(head: Breach, lines: list[Line], words: Words, zone: str) -> bytes:
    """A timeline as plain text, to be read or printed."""
    title = text("Timeline of {code}: {title}", code=head.code, title=head.title)
    return "\n".join(
        [words.say(title), "", *(_text(each, words, zone) for each in lines), ""]
    ).encode()


def _text(line: Line, words: Words, zone: str) -> str:
    when = register.plainly(line.at, zone)
    if line.until:
        when += f" – {register.plainly(line.until, zone)}"
    says = words.say(line.says)
    if line.times > 1 and line.until:
        says += f" × {line.times}"
    if line.fields:
        says += f" ({', '.join(map(words.say, line.fields))})"
    told = [when, words.say(line.sort.says), says]
    told += [words.say(each) for each in line.details if each]
    if line.first:
        entries = text("entry {number}", number=line.first)
        if line.last != line.first:
            entries = text("entries {first} to {last}", first=line.first, last=line.last)
        told.append(words.say(entries))
    return " | ".join(told)
