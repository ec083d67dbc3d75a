"""What proves that a notice was received, and who says so.

What follows there upon a receipt happens in the same act (`Act.follow`).
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.words import text
from registers.notices.models import (
    Confirmation,
    Matter,
    Notice,
    Receipt,
)
from registers.notices.vocabulary import (
    Evidence,
    Grade,
    NoticeKind,
    grade,
)
from registers.people.roles import Permission

RECEIVED = audit.kind(
    "notice.received", text("Receipt recorded"), "evidence", "received_on", "corrects"
)
CONFIRMED = audit.kind("notice.confirmed", text("Receipt confirmed by a second person"))


class Proof(NamedTuple):
    """What shows that a notice was received, and how that is known."""

    evidence: Evidence
    received_on: date
    note: str = ""
    by_name: str = ""
    by_function: str = ""
    content: bytes | None = None
    """The slip, the answer, the scan."""


def receive(act: Act, matters: Collection[uuid.UUID], proof: Proof) -> list[Receipt]:
    """Records that controllers received a notice, each for its contract.

    Whoever announced does not record receipt alone, and a decision is taken by two: until
    another person confirms it, such evidence is weak.

    Raises:
        Invalid: the day is to come, or before the notice was written; or a note is missing.
        NotFound: a matter does not exist.
    """
    _may_receive(act, proof.evidence)
    found = matters_of(act, matters)
    return _receive(act, found, proof, None)


def correct(act: Act, receipt_id: uuid.UUID, proof: Proof) -> Receipt:
    """Records evidence in place of what was recorded before, which stays, with the reason.

    Raises:
        Invalid: there is no reason, or see `receive`.
        Conflict: it was corrected already.
    """
    _may_receive(act, proof.evidence)
    former = act.session.get(Receipt, receipt_id)
    if former is None:
        raise NotFound
    if not proof.note.strip():
        raise Invalid(text("Say why the former record was wrong."), "note")
    if act.session.scalar(sa.select(Receipt.id).where(Receipt.corrects_id == receipt_id)):
        raise Conflict(text("This record was corrected already."))
    return _receive(act, matters_of(act, [former.matter_id]), proof, former.id)[0]


def _may_receive(act: Act, evidence: Evidence) -> None:
    act.require(Permission.PORTAL if evidence is Evidence.PORTAL else Permission.RECEIPTS_RECORD)


def matters_of(act: Act, ids: Collection[uuid.UUID]) -> list[tuple[Matter, Notice]]:
    """The contracts told of, each with its notice.

    Raises:
        NotFound: one of them does not exist.
    """
    found: list[tuple[Matter, Notice]] = []
    for part in history.parts(list(ids)):
        query = sa.select(Matter, Notice).join(Notice, Notice.id == Matter.notice_id)
        found += [(row[0], row[1]) for row in act.session.execute(query.where(Matter.id.in_(part)))]
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _receive(
    act: Act, found: list[tuple[Matter, Notice]], proof: Proof, corrects: uuid.UUID | None
) -> list[Receipt]:
    made = record(act, found, proof, corrects)
    act.session.flush()
    follow_received(act, found)
    return made


def record(
    act: Act, found: list[tuple[Matter, Notice]], proof: Proof, corrects: uuid.UUID | None
) -> list[Receipt]:
    """Records a receipt for each contract; what follows is left to `follow_received`."""
    if proof.evidence is Evidence.DECISION and not proof.note.strip():
        raise Invalid(text("A decision cites the clause and gives its reason."), "note")
    stored = act.files.put(act.session, proof.content) if proof.content else None
    made = []
    for matter, notice in found:
        zone = ZoneInfo(matter.zone)
        if proof.received_on > act.now.astimezone(zone).date():
            raise Invalid(text("This day is still to come."), "received_on")
        if proof.received_on < notice.created_at.astimezone(zone).date():
            raise Invalid(text("The notice was written later than that."), "received_on")
        row = Receipt(
            matter_id=matter.id,
            evidence=proof.evidence,
            received_on=proof.received_on,
            recorded_at=act.now,
            author=act.actor.reference,
            by_name=proof.by_name,
            by_function=proof.by_function,
            note=proof.note,
            proof_sha256=stored,
            two_persons=_two_persons(act, proof.evidence, notice),
            corrects_id=corrects,
        )
        made.append(row)
        act.session.add(row)
        act.log(
            RECEIVED,
            f"matter:{matter.id}",
            within=f"controller:{matter.controller_id}",
            values={"by": proof.by_name, "function": proof.by_function, "note": proof.note},
            evidence=proof.evidence,
            received_on=proof.received_on,
            corrects=corrects,
        )
    return made


def _two_persons(act: Act, evidence: Evidence, notice: Notice) -> bool:
    if evidence is Evidence.DECISION:
        return True
    alone = act.actor.reference == notice.author and act.actor.id is not None
    return alone and evidence is not Evidence.PORTAL and grade(evidence) is Grade.STRONG


def follow_received(act: Act, found: Iterable[tuple[Matter, Notice]]) -> None:
    """Lets what tells of these contracts do what follows upon a receipt."""
    by_kind: dict[NoticeKind, list[uuid.UUID]] = {}
    for matter, notice in found:
        by_kind.setdefault(notice.kind, []).append(matter.id)
    for kind, ids in by_kind.items():
        act.follow("received", kind, ids)


def confirm(act: Act, receipt_id: uuid.UUID, note: str) -> None:
    """The second person's word on a receipt.

    Raises:
        Forbidden: it is the person who recorded it.
        Conflict: it was confirmed already, or nothing has to be.
    """
    act.require(Permission.RECEIPTS_RECORD)
    row = act.session.get(Receipt, receipt_id)
    if row is None:
        raise NotFound
    if row.author == act.actor.reference:
        raise Forbidden(text("Another person than the one who recorded it confirms it."))
    there = sa.select(Confirmation.id).where(Confirmation.receipt_id == receipt_id)
    if not row.two_persons or act.session.scalar(there):
        raise Conflict(text("There is nothing to confirm any more."))
    act.session.add(
        Confirmation(receipt_id=row.id, recorded_at=act.now, author=act.actor.reference, note=note)
    )
    found = matters_of(act, [row.matter_id])
    act.log(
        CONFIRMED,
        f"matter:{row.matter_id}",
        within=f"controller:{found[0][0].controller_id}",
        values={"note": note},
    )
    act.session.flush()
    follow_received(act, found)
