"""Undertakings and trainings of the persons who are authorised to process data (K08, K11)."""

import uuid
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from registers.assistance import rules
from registers.assistance.models import Commitment, Member
from registers.assistance.vocabulary import CommitmentKind
from registers.kernel import audit, periods
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

COMMITTED = audit.kind(
    "staff_member.committed",
    text("Undertaking or training recorded"),
    "kind",
    "done_on",
    "corrects",
)

LONGEST = 120
"""Months after which it is due again, at most."""


class Said(NamedTuple):
    """An undertaking or a training as it is recorded."""

    kind: CommitmentKind
    title: str
    done_on: date
    months: int | None = None
    note: str = ""
    content: bytes | None = None


def commit(
    act: Act, member_id: uuid.UUID, said: Said, corrects: uuid.UUID | None = None
) -> Commitment:
    """Records an undertaking or a training, or what stands in place of a wrong record.

    It is due again after its months: the same day of the month, else the last one.

    Raises:
        Invalid: the day is to come, it says not what it is, the months cannot be, or a correction
            has no reason.
        Conflict: that record was corrected already.
        NotFound: there is no such person, or no such record of it.
    """
    act.require(Permission.ASSISTANCE_RECORD)
    member = act.take(Member, member_id)
    if said.done_on > rules.last_day(act.now):
        raise Invalid(text("This day is still to come."), "done_on")
    if not said.title.strip():
        raise Invalid(text("This entry is needed."), "title")
    if said.months is not None and not 0 < said.months <= LONGEST:
        raise Invalid(text("Between 1 and {most} months.", most=LONGEST), "months")
    if corrects is not None:
        _require_correctable(act, member, corrects, said)
    row = Commitment(
        member_id=member.id,
        kind=said.kind,
        title=said.title.strip(),
        done_on=said.done_on,
        months=said.months,
        again_on=periods.add_months(said.done_on, said.months) if said.months else None,
        corrects_id=corrects,
        note=said.note,
        proof_sha256=act.files.put(act.session, said.content) if said.content else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.log(
        COMMITTED,
        member,
        values={"title": row.title, "note": row.note},
        kind=row.kind,
        done_on=row.done_on,
        corrects=corrects,
    )
    return row


def _require_correctable(act: Act, member: Member, corrects: uuid.UUID, said: Said) -> None:
    former = act.session.get(Commitment, corrects)
    if former is None or former.member_id != member.id:
        raise NotFound
    if act.session.scalar(sa.select(Commitment.id).where(Commitment.corrects_id == corrects)):
        raise Conflict(text("This record was corrected already."))
    if not said.note.strip():
        raise Invalid(text("Say why the former record was wrong."), "note")
