"""The evidence pack of one controller, Art. 28(3)(h): what shows that its contracts are kept.

One archive: the annexes in force, the measures, certificates and attestations, what it
instructed and what was done for it, and the journal about it; beside them the whole journal, a
checkpoint and the stand-alone verifier, as in the evidence of announcements. Nothing of another
controller, and no note of ours; of staff only numbers, and who intervened.
"""

import hashlib
import inspect
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import queries as annexes
from registers.annexes import snapshots
from registers.annexes.kinds import kinds_about
from registers.annexes.models import Annex
from registers.annexes.orders import Press
from registers.annexes.subjects import About
from registers.assistance import duty_queries, queries
from registers.assistance.models import (
    Assistance,
    Certificate,
    Document,
    Instruction,
    Intervention,
)
from registers.controllers.models import Contract, Controller
from registers.delivery import certificates, readme
from registers.delivery.archive import as_json, name_of, put, row_of
from registers.kernel import audit, history, standalone
from registers.kernel.act import Act
from registers.kernel.audit import Entry
from registers.kernel.files import Store
from registers.kernel.history import Facts
from registers.kernel.standalone import ENTRY
from registers.kernel.words import text
from registers.notices.models import Matter, Notice
from registers.notices.proofs import sort_of
from registers.people.roles import Permission
from registers.retention import returning

HOLDS = (
    readme.Listed(
        None,
        (
            ("controller.json", text("who it is, and its contracts")),
            (
                "annexes/",
                text("the sealed annexes in force, and what each shows; notices in notices/"),
            ),
            ("erasures/", text("the certificates of erasure that were sent to it")),
            (
                "measures.json",
                text("the technical and organisational measures that protect its data"),
            ),
            (
                "certificates.json",
                text("certificates and attestations, with their documents in certificates/"),
            ),
            (
                "staff.json",
                text("how many authorised persons are bound to confidentiality and trained"),
            ),
            (
                "instructions.json",
                text("what was instructed and what became of it, with its documents"),
            ),
            ("duties.json", text("what a law obliged us to outside of it, as it was told")),
            ("assistance.json", text("audits and other assistance, with their documents")),
            ("interventions.json", text("interventions on its systems, with their documents")),
            (
                "returns.json",
                text("what it asked back and what was returned, with proofs in returns/"),
            ),
            ("entries.jsonl", text("the entries of the journal about it")),
            ("manifest.json", text("the SHA-256 of every file")),
        ),
    ),
)

ELSEWHERE = text(
    "Not in it: the requests of data subjects, the declarations of the data protection officer and "
    "the files of personal data breaches. The evidence of a breach is handed out from that breach, "
    "for one controller; the others are asked for from the organisation."
)

FOLDERS = {
    Instruction: "instructions",
    Assistance: "assistance",
    Intervention: "interventions",
    Certificate: "certificates",
}


PACKED = audit.kind("controller.packed", text("Evidence pack made"), "checkpoint")


class Packed(NamedTuple):
    """What a pack holds."""

    annexes: int
    certificates: int
    entries: int


def begin(act: Act, head: Controller, key: audit.CheckpointKey) -> dict[str, Any]:
    """Says in the journal that a pack is handed out; gives the checkpoint that it carries."""
    act.require(Permission.ASSISTANCE_READ)
    signed = audit.sign_checkpoint(act, key)
    act.log(PACKED, head, checkpoint=signed.size)
    return signed.as_json()


def pack(
    press: Press,
    checkpoint: Mapping[str, Any],
    controller_id: uuid.UUID,
    to: BinaryIO,
    day: date,
    *,
    language: str,
) -> Packed:
    """Writes the archive; the same registers and checkpoint give the same bytes.

    Args:
        press: the registers' database, and the key that signed the checkpoint.
        checkpoint: a signed end of the journal (`audit.sign_checkpoint`).
        controller_id: whose evidence.
        to: where the archive is written.
        day: the day whose state it shows.
        language: of whoever asks; its explanation begins in it.
    """
    sums: dict[str, str] = {}
    counted = {"annexes": 0, "certificates": 0, "entries": 0}
    with (
        press.database.reading() as session,
        zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in _files(session, press, checkpoint, (controller_id, day, language)):
            put(archive, name, content)
            sums[name] = hashlib.sha256(content).hexdigest()
            if name == "entries.jsonl":
                counted["entries"] = content.count(b"\n")
            for folder in ("annexes", "certificates"):
                counted[folder] += name.startswith(f"{folder}/") and name.endswith(".pdf")
        put(archive, "manifest.json", as_json(sums))
    return Packed(**counted)


def _files(
    session: Session,
    press: Press,
    checkpoint: Mapping[str, Any],
    asked: tuple[uuid.UUID, date, str],
) -> Iterator[tuple[str, bytes]]:
    controller_id, day, language = asked
    store = press.database.files
    head = session.get_one(Controller, controller_id)
    title = text(
        "Evidence for {code}: {name}, as the registers were on {day}",
        code=head.code,
        name=head.name,
        day=day,
    )
    explained = readme.Readme(title, HOLDS, [ELSEWHERE], [readme.LINES_KEPT, readme.SIGNED])
    yield readme.NAME, readme.written(explained, language)
    yield "checkpoint.json", as_json(dict(checkpoint))
    yield "checkpoint-key.pem", press.key.public_pem
    yield "verifier.py", inspect.getsource(standalone).encode()
    lines = "".join(f"{line}\n" for line in audit.export(session.connection()))
    yield "journal.jsonl", lines.encode()
    shown = snapshots.registers(session, [controller_id], day).get(controller_id)
    if shown is not None:
        told = {
            "code": shown.code,
            "controller": _outward(shown.controller),
            "contracts": [
                {"reference": each.reference, "known": _outward(each.known)}
                for each in shown.contracts
            ],
        }
        yield "controller.json", as_json(told)
        measures = [
            {"code": each.code, "version": each.version, "known": _outward(each.known)}
            for each in shown.measures
        ]
        yield "measures.json", as_json(measures)
    yield from _annexes(session, store, head, day)
    yield from _certificates(session, store, day)
    coverage = queries.coverage(queries.staff(session, day))
    yield "staff.json", as_json(coverage._asdict())
    yield from _instructions(session, store, head)
    yield "duties.json", as_json([_duty(each) for each in duty_queries.duties_of(session, head.id)])
    yield from _dossiers(session, store, Assistance, queries.assistance_of(session, head.id))
    yield from _dossiers(session, store, Intervention, queries.interventions_of(session, head.id))
    yield from _returns(session, store, head)
    yield "entries.jsonl", _entries(session, head)


def _annexes(
    session: Session, store: Store, head: Controller, day: date
) -> Iterator[tuple[str, bytes]]:
    """The sealed papers that hold: none that another one superseded, or that is out of date."""
    kinds = [each.name for each in kinds_about(About.CONTROLLER, About.CONTRACT)]
    rows = annexes.of_dossier(session, head, day, kinds)
    held = [each for each in rows if not each.superseded_by and not each.out_of_date]
    yield "annexes.json", as_json([row_of(each.annex) for each in held])
    for each in held:
        yield f"annexes/{each.annex.number}.pdf", store.get(session, each.annex.paper_sha256)
    told = (
        sa.select(Annex)
        .join(Notice, Notice.annex_id == Annex.id)
        .where(Annex.controller_id == head.id)
        .order_by(Annex.number)
    )
    for annex in session.scalars(told).unique():
        yield f"notices/{annex.number}.pdf", store.get(session, annex.paper_sha256)
    certified = (
        sa.select(Annex)
        .where(Annex.number.in_(certificates.sent_to(session, head.id)))
        .order_by(Annex.number)
    )
    for annex in session.scalars(certified):
        yield f"erasures/{annex.number}.pdf", store.get(session, annex.paper_sha256)


def _outward(known: Facts) -> dict[str, Any]:
    """Facts without what we note for ourselves."""
    return {name: value for name, value in known.stored().items() if name != "note"}


def _certificates(session: Session, store: Store, day: date) -> Iterator[tuple[str, bytes]]:
    valid = [
        each
        for each in queries.certificates(session, handed_out=True)
        if (each.starts_on or day) <= day <= (each.ends_on or day)
    ]
    yield from _dossiers(session, store, Certificate, valid)


def _dossiers(
    session: Session, store: Store, model: type[Any], heads: list[Any]
) -> Iterator[tuple[str, bytes]]:
    """Dossiers as they stand, and their documents."""
    folder = FOLDERS[model]
    known = history.all_latest(session, model, [each.id for each in heads])
    told = []
    for head in heads:
        if head.id not in known:  # erased since: its time was over
            continue
        held = queries.documents(session, head)
        names = [_document(folder, head.code, place, row) for place, row in enumerate(held, 1)]
        told.append(
            {
                "code": head.code,
                "known": _outward(known[head.id]),
                "documents": [
                    {"title": row.title, "sha256": row.sha256, "added": row.recorded_at.isoformat()}
                    for row in held
                ],
            }
        )
        for name, row in zip(names, held, strict=True):
            content = store.get(session, row.sha256)
            yield f"{name}.{sort_of(content).ending}", content
    yield f"{folder}.json", as_json(told)


def _returns(session: Session, store: Store, head: Controller) -> Iterator[tuple[str, bytes]]:
    """What it asked back under each contract and what was given back, with their proofs."""
    query = sa.select(Contract).where(Contract.controller_id == head.id).order_by(Contract.sorted)
    told = []
    for contract in session.scalars(query):
        asked = returning.requests_of(session, contract.id)
        given = returning.returns_of(session, contract.id)
        told.append(
            {
                "reference": contract.reference,
                # who of us sees to it, and who recorded it, stays here
                "requests": [row_of(row, "author", "sees_to") for row in asked],
                "returns": [row_of(row, "author") for row in given],
            }
        )
        for digest in returning.return_proofs(session, contract.id):
            content = store.get(session, digest)
            yield f"returns/{digest[:12]}.{sort_of(content).ending}", content
    yield "returns.json", as_json([each for each in told if each["requests"] or each["returns"]])


def _document(folder: str, code: str, place: int, row: Document) -> str:
    return f"{folder}/{code}-{place}-{name_of(row.title)[:40]}"


def _instructions(session: Session, store: Store, head: Controller) -> Iterator[tuple[str, bytes]]:
    query = sa.select(Contract.id).where(Contract.controller_id == head.id)
    given = queries.instructions_of(session, list(session.scalars(query)))
    mine = [each for each in given if each.row.controller_id == head.id]
    told = [
        {
            **row_of(each.row, "author"),
            "standing": each.standing.value,
            "steps": [row_of(step, "author") for step in each.steps],
        }
        for each in mine
    ]
    yield "instructions.json", as_json(told)
    for each in mine:
        for place, digest in enumerate(sorted(each.proofs()), 1):
            content = store.get(session, digest)
            name = f"instructions/{each.row.code}-{place}.{sort_of(content).ending}"
            yield name, content


def _duty(given: duty_queries.Given) -> dict[str, Any]:
    """A legal duty as its controller was told of it; what is not to be told is not read at all."""
    return {
        **row_of(given.row, "author", "ground", "search"),
        "standing": given.standing.value,
        "late": bool(given.late),
        "steps": [row_of(step, "author", "proof_sha256") for step in given.steps],
        "contracts": [
            {
                "reference": each.contract.reference,
                "informed_at": each.told.at.isoformat() if each.told.at else None,
                "informed_on": each.told.on,
            }
            for each in given.contracts
        ],
    }


def _entries(session: Session, head: Controller) -> bytes:
    """The entries about a controller's dossier, as the export writes them."""
    name = audit.name_of(head)
    contracts = sa.select(Contract.id).where(Contract.controller_id == head.id)
    notices = (
        sa.select(Matter.notice_id, Matter.id)
        .where(Matter.controller_id == head.id)
        .where(
            Matter.notice_id.not_in(
                sa.select(Matter.notice_id).where(Matter.controller_id != head.id)
            )
        )
    )
    names = {name, *(f"contract:{key}" for key in session.scalars(contracts))}
    for notice_id, matter_id in session.execute(notices):
        names |= {f"notice:{notice_id}", f"matter:{matter_id}"}
    found: dict[int, Any] = {}
    for part in history.parts(sorted(names)):
        query = sa.select(*(getattr(Entry, each) for each in ENTRY)).where(
            sa.or_(Entry.about.in_(part), Entry.within.in_(part))
        )
        for row in session.execute(query):
            found[row.number] = row
    lines = (
        json.dumps(dict(zip(ENTRY, found[number], strict=True)), ensure_ascii=False)
        for number in sorted(found)
    )
    return "".join(f"{line}\n" for line in lines).encode()
