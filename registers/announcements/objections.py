"""Objections: a controller's refusal, and what becomes of it. Grounds are never asked for."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from registers.announcements.cases import last_windows, objections_of, refresh
from registers.announcements.models import Answer, Case, Objection, Window
from registers.announcements.rules import Objection as Refusal
from registers.announcements.vocabulary import Outcome
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices.models import Matter
from registers.people.roles import Permission

OBJECTED = audit.kind(
    "objection.received", text("Objection received"), "received_on", "posted_on", "in_time"
)
ANSWERED = audit.kind("objection.answered", text("Objection followed up"), "outcome", "happened_on")

PORTAL = "portal"


class Said(NamedTuple):
    """An objection as it came."""

    received_on: date
    by_name: str
    by_function: str = ""
    posted_on: date | None = None
    way: str = ""
    grounds: str = ""
    content: bytes | None = None


class Against(NamedTuple):
    """What an objection is against: under which contract, and which change."""

    matter_id: uuid.UUID
    said: Said
    change_id: uuid.UUID | None = None
    """None: against all of the notice."""


def object_to(
    act: Act, matter_id: uuid.UUID, said: Said, change_id: uuid.UUID | None = None
) -> Objection:
    """Records an objection, in time or late: it is kept and marked, whatever it is.

    Args:
        act: of a contact on the portal, or of staff who enter what came another way.
        matter_id: the contract under which it is made.
        said: the objection.
        change_id: the change it is against; None for all of the notice.

    Raises:
        Invalid: a day is to come, or it came before it was posted, or nobody says who objects.
    """
    return object_to_all(act, [Against(matter_id, said, change_id)])[0]


def object_to_all(act: Act, wanted: Sequence[Against]) -> list[Objection]:
    """Records objections of one person under several contracts; see `object_to`."""
    ids = list({each.matter_id for each in wanted})
    matters: dict[uuid.UUID, Matter] = {}
    for part in history.parts(ids):
        query = sa.select(Matter).where(Matter.id.in_(part))
        matters |= {matter.id: matter for matter in act.session.scalars(query)}
    windows = last_windows(act.session, ids)
    made = [
        _object_to(act, each, matters.get(each.matter_id), windows.get(each.matter_id))
        for each in wanted
    ]
    act.session.flush()
    refresh(act, ids)
    return made


def _object_to(
    act: Act, against: Against, matter: Matter | None, window: Window | None
) -> Objection:
    said = against.said
    portal = said.way == PORTAL
    act.require(Permission.PORTAL if portal else Permission.RECEIPTS_RECORD)
    if matter is None:
        raise NotFound
    if not said.by_name.strip():
        raise Invalid(text("Say who objects."), "by_name")
    today = act.now.astimezone(ZoneInfo(matter.zone)).date()
    if said.received_on > today:
        raise Invalid(text("This day is still to come."), "received_on")
    if said.posted_on and said.posted_on > said.received_on:
        raise Invalid(text("It came before it was posted."), "posted_on")
    if against.change_id is not None:
        of_change = sa.select(Case.id).where(
            Case.matter_id == matter.id, Case.change_id == against.change_id
        )
        if act.session.scalar(of_change) is None:
            raise NotFound
    refusal = Refusal(said.received_on, said.posted_on)
    row = Objection(
        matter_id=matter.id,
        change_id=against.change_id,
        received_on=said.received_on,
        posted_on=said.posted_on,
        by_name=said.by_name.strip(),
        by_function=said.by_function.strip(),
        way=said.way,
        grounds=said.grounds,
        proof_sha256=act.files.put(act.session, said.content) if said.content else None,
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.log(
        OBJECTED,
        row,
        within=f"controller:{matter.controller_id}",
        values={"by": row.by_name, "function": row.by_function, "grounds": row.grounds},
        received_on=said.received_on,
        posted_on=said.posted_on,
        in_time=window is None or refusal.in_time(window.closes_on),
    )
    return row


def follow_up(
    act: Act,
    objection_id: uuid.UUID,
    outcome: Outcome,
    *,
    happened_on: date,
    says: str,
    content: bytes | None = None,
) -> None:
    """Records what became of an objection: answered, accommodated, withdrawn in writing, upheld.

    Only a withdrawal in writing lifts one that came in time.

    Raises:
        Invalid: nothing is said, the day is to come, or a withdrawal comes without its document.
        Conflict: it was withdrawn already.
    """
    act.require(Permission.RECEIPTS_RECORD)
    row = act.session.get(Objection, objection_id)
    if row is None:
        raise NotFound
    matter = act.session.get_one(Matter, row.matter_id)
    if outcome is Outcome.PENDING or not says.strip():
        raise Invalid(text("Say what was answered."), "says")
    if happened_on > act.now.astimezone(ZoneInfo(matter.zone)).date():
        raise Invalid(text("This day is still to come."), "happened_on")
    if happened_on < row.received_on:
        raise Invalid(text("The objection came later than that."), "happened_on")
    if outcome is Outcome.WITHDRAWN and not content:
        raise Invalid(text("A withdrawal is made in writing: attach the document."), "content")
    standing = {
        each.id: found for each, found in objections_of(act.session, [matter.id])[matter.id]
    }
    if standing[row.id].outcome is Outcome.WITHDRAWN:
        raise Conflict(text("This objection was withdrawn already."))
    stored = act.files.put(act.session, content) if content else None
    act.session.add(
        Answer(
            objection_id=row.id,
            outcome=outcome,
            happened_on=happened_on,
            says=says,
            proof_sha256=stored,
            recorded_at=act.now,
            author=act.actor.reference,
        )
    )
    act.log(
        ANSWERED,
        row,
        within=f"controller:{matter.controller_id}",
        values={"says": says},
        outcome=outcome,
        happened_on=happened_on,
    )
    act.session.flush()
    refresh(act, [matter.id])
