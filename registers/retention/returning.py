"""Data are returned: as the controller asks, at any time, also long before the contract ends.

A request upon a registered letter is answered free of charge within the days of the contract
(004 art. 31.5: thirty from receipt, moved to the next business day). What is asked for and given
back belongs to the contract; the cases that its end opens find it there.
"""

import uuid
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.models import Contract, Controller
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.retention import rules
from registers.retention.models import Returned, ReturnRequest
from registers.retention.opening import counted, place_of
from registers.retention.operations import kept, parties_of, require_past
from registers.retention.vocabulary import Came

RETURN_ASKED = audit.kind(
    "retention.return_asked", text("Return of the data asked for"), "received_on", "due_on"
)
RETURNED = audit.kind("retention.returned", text("Data returned"), "returned_on", "proof")


class Asked(NamedTuple):
    """A controller asks for its data."""

    received_on: date
    """The day on the acknowledgement of receipt."""
    came: Came
    reference: str = ""
    by_name: str = ""
    sees_to: str = ""
    """Who of us sees to it."""
    proof: bytes | None = None


def ask(act: Act, contract_id: uuid.UUID, asked: Asked) -> ReturnRequest:
    """Records that the controller asked for its data, whether the contract runs or has ended.

    Where the contract gives no number of days, none is made up. What came otherwise than by
    registered letter is answered just the same, counted from the day it came.

    Raises:
        Invalid: the day is still to come.
        NotFound: there is no such contract.
    """
    act.require(Permission.RETENTION_EDIT)
    contract = act.take(Contract, contract_id)
    require_past(act, asked.received_on, "received_on")
    owner, agreed = parties_of(act.session, contract.controller_id, contract.id)
    place = place_of(owner, agreed)
    days = agreed.terms.return_days if agreed else None
    found = rules.return_due(days, asked.received_on, place) if days is not None else None
    due_on = found.due if found else None
    made = ReturnRequest(
        contract_id=contract.id,
        registered=asked.came in rules.REGISTERED,
        came=asked.came,
        received_on=asked.received_on,
        reference=asked.reference.strip(),
        by_name=asked.by_name.strip(),
        sees_to=asked.sees_to.strip(),
        due_on=due_on,
        ends_at=found.ends_at if found else None,
        count=counted(found, place) if found else {},
        proof_sha256=kept(act, asked.proof),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    act.log(
        RETURN_ASKED,
        contract,
        values={"by": made.by_name, "reference": made.reference, "sees_to": made.sees_to},
        received_on=asked.received_on,
        due_on=due_on,
    )
    return made


class Given(NamedTuple):
    """Data that were given back."""

    returned_on: date
    format: str
    to_name: str = ""
    proof: bytes | None = None
    request_id: uuid.UUID | None = None
    """The request that it answers."""
    whole: bool = True
    """Whether nothing was processed after it: then it counts for the end of the contract too."""


def give_back(act: Act, contract_id: uuid.UUID, given: Given) -> Returned:
    """Records that data were given back, in which format, to whom; with a proof it is proven.

    Raises:
        Invalid: the format is missing, the day is still to come, or the request is another
            contract's.
        NotFound: there is no such contract.
    """
    act.require(Permission.RETENTION_EDIT)
    contract = act.take(Contract, contract_id)
    require_past(act, given.returned_on, "returned_on")
    if not given.format.strip():
        raise Invalid(text("Say in which format: it must be a common, readable one."), "format")
    if given.request_id is not None:
        asked = act.session.get(ReturnRequest, given.request_id)
        if asked is None or asked.contract_id != contract.id:
            raise Invalid(text("This request belongs to another contract."), "request")
        if given.returned_on < asked.received_on:
            raise Invalid(text("The request came later than that."), "returned_on")
    made = Returned(
        contract_id=contract.id,
        request_id=given.request_id,
        returned_on=given.returned_on,
        format=given.format,
        to_name=given.to_name,
        whole=given.whole,
        proof_sha256=kept(act, given.proof),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(made)
    act.log(
        RETURNED,
        contract,
        values={"to": given.to_name, "format": given.format},
        returned_on=given.returned_on,
        proof=made.proof_sha256,
    )
    return made


def returns_of(session: Session, contract_id: uuid.UUID | None) -> list[Returned]:
    """What was given back under a contract, the last at the end."""
    if contract_id is None:
        return []
    query = sa.select(Returned).where(Returned.contract_id == contract_id)
    return list(session.scalars(query.order_by(Returned.returned_on, Returned.recorded_at)))


def is_returned(session: Session, contract_id: uuid.UUID | None, event_on: date) -> bool:
    """Whether something proves that the data of a contract were given back at its end.

    What was given back before, while the contract ran on, holds nothing of what came after it.
    """
    return any(
        rules.is_at_the_end(each.returned_on, event_on, whole=each.whole)
        for each in returns_of(session, contract_id)
        if each.proof_sha256
    )


def requests_of(session: Session, contract_id: uuid.UUID | None) -> list[ReturnRequest]:
    """The requests for return under a contract, the last first."""
    if contract_id is None:
        return []
    query = sa.select(ReturnRequest).where(ReturnRequest.contract_id == contract_id)
    return list(session.scalars(query.order_by(ReturnRequest.received_on.desc())))


def return_proofs(session: Session, contract_id: uuid.UUID) -> list[str]:
    """The digests of the documents of what was asked for and given back under a contract."""
    asked = [each.proof_sha256 for each in requests_of(session, contract_id)]
    given = [each.proof_sha256 for each in returns_of(session, contract_id)]
    return sorted({digest for digest in (*asked, *given) if digest})


def unanswered(session: Session, most: int) -> list[tuple[ReturnRequest, Contract, Controller]]:
    """Requests for return to which nothing was given back, the one due first at the top."""
    query = (
        sa.select(ReturnRequest, Contract, Controller)
        .join(Contract, Contract.id == ReturnRequest.contract_id)
        .join(Controller, Controller.id == Contract.controller_id)
        .where(unanswered_ones())
        .order_by(ReturnRequest.due_on, ReturnRequest.id)
        .limit(most)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def unanswered_ones() -> sa.ColumnElement[bool]:
    """Which requests for return nothing was given back upon."""
    answered = sa.select(Returned.request_id).where(Returned.request_id.is_not(None))
    return ReturnRequest.id.not_in(answered)
