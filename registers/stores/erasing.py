"""Erasing in the own stores: found by the worker, confirmed by a person, done by the worker.

Rows of proof stay, with their days and digests; names, addresses, texts and files go. The keys of
the journal's side table go with its values, and the chain of hashes still verifies.
"""

import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements.models import Answer, Objection
from registers.assistance.duty_models import LegalDuty, LegalDutyStep
from registers.assistance.models import (
    Commitment,
    Document,
    Instruction,
    InstructionStep,
    Member,
    MemberVersion,
)
from registers.controllers.models import Contact, ContactVersion, Contract
from registers.kernel import audit, history
from registers.kernel.act import Act, Actor, Database
from registers.kernel.audit import Entry, EntryValues
from registers.kernel.base import insert_or_ignore
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.files import ErasedFile
from registers.kernel.identifiers import fold
from registers.kernel.words import text
from registers.notices.models import Confirmation, Dispatch, Notice, Posted, Receipt
from registers.notices.vocabulary import NoticeKind
from registers.people.models import RecoveryCode, User
from registers.people.roles import Permission
from registers.retention.models import (
    Case,
    Choice,
    Ending,
    OwnErasure,
    Returned,
    ReturnRequest,
)
from registers.retention.vocabulary import CaseState, ErasureState, OwnStore
from registers.stores import limits
from registers.stores.rows import (
    ASSISTED,
    CONTRACT_ERASED,
    OfContract,
    OfMember,
    Rows,
    is_done,
    no_longer_needed,
)

log = logging.getLogger(__name__)

PROPOSED = audit.kind(
    "own.proposed", text("Erasure in an own store proposed"), "store", "until", "found"
)
CONFIRMED = audit.kind("own.confirmed", text("Erasure in an own store confirmed"), "store")
REFUSED = audit.kind("own.refused", text("Erasure in an own store refused"), "store")
ERASED = audit.kind("own.erased", text("Erased in an own store"), "store", "erased", "files")

AGAIN = timedelta(days=30)
"""After that long something that was refused is proposed again."""

EVERY = timedelta(hours=1)
"""How often a worker looks for what is over its time."""

_looked: WeakKeyDictionary[Database, Any] = WeakKeyDictionary()


def look(database: Database, actor: Actor, zone: str) -> None:
    """Does what was confirmed, and proposes what is over its time; the worker's sweep."""
    with database.reading() as session:
        query = sa.select(OwnErasure.id).where(
            OwnErasure.state == ErasureState.CONFIRMED, OwnErasure.done_at.is_(None)
        )
        confirmed = list(session.scalars(query))
    for key in confirmed:
        with database.acting(actor) as act:
            carry_out(act, key, zone)
    now, before = database.now(), _looked.get(database)
    if before is not None and now - before < EVERY:
        return
    _looked[database] = now
    with database.reading() as session:
        wanted = due(session, now.astimezone(ZoneInfo(zone)).date(), zone, now)
    if wanted:
        with database.acting(actor) as act:
            propose(act, wanted)


class Wanted(NamedTuple):
    """A store, the day before which everything is over its time, and how much that is."""

    store: OwnStore
    until: date
    found: int


def due(session: Session, today: date, zone: str, now: Any) -> list[Wanted]:
    """What is over its time in stores for which nothing waits to be decided or done."""
    known = limits.limits(session)
    waiting = sa.select(OwnErasure.store).where(
        sa.or_(
            OwnErasure.state == ErasureState.PROPOSED,
            sa.and_(OwnErasure.state == ErasureState.CONFIRMED, OwnErasure.done_at.is_(None)),
            sa.and_(OwnErasure.state == ErasureState.REFUSED, OwnErasure.decided_at > now - AGAIN),
        )
    )
    busy = set(session.scalars(waiting))
    found = []
    for store in OwnStore:
        if store not in busy:
            day = limits.until(known, store, today)
            over = _over(session, store, day, zone)
            if over:
                found.append(Wanted(store, day, over if isinstance(over, int) else len(over)))
    return found


def _over(session: Session, store: OwnStore, day: date, zone: str) -> list[uuid.UUID] | int:
    over = limits.over(session, store, day, zone)
    if store is OwnStore.PROOFS and not isinstance(over, int):
        return [key for key in over if not is_done(session, key) and not _held(session, key)]
    return over


def _held(session: Session, contract_id: uuid.UUID) -> bool:
    """Whether something of a contract is on hold, or still to be erased: its proofs are needed."""
    query = (
        sa.select(Case.id)
        .join(Ending, Ending.id == Case.ending_id)
        .where(
            Ending.contract_id == contract_id,
            Case.state.in_((CaseState.HELD, CaseState.OPEN, CaseState.PROPOSED)),
        )
    )
    return session.scalar(query.limit(1)) is not None


def propose(act: Act, wanted: Iterable[Wanted]) -> None:
    """Proposes erasures; a person confirms them. The worker's."""
    act.require(Permission.OWN_STORES)
    for store, day, found in wanted:
        row = OwnErasure(
            store=store,
            until=day,
            found=found,
            state=ErasureState.PROPOSED,
            proposed_at=act.now,
            decided_by="",
            reason="",
        )
        act.session.add(row)
        act.log(PROPOSED, row, store=store, until=day, found=found)


def decide(act: Act, erasure_id: uuid.UUID, *, confirmed: bool, reason: str) -> None:
    """A person's word on what the worker proposed.

    Raises:
        Conflict: it was decided meanwhile.
        Invalid: it is refused without a reason.
    """
    act.require(Permission.OWN_STORES)
    row = act.take(OwnErasure, erasure_id)
    if row.state is not ErasureState.PROPOSED:
        raise Conflict(text("Somebody decided on this meanwhile."))
    if not confirmed and not reason.strip():
        raise Invalid(text("Say why it is kept longer."), "reason")
    row.state = ErasureState.CONFIRMED if confirmed else ErasureState.REFUSED
    row.decided_at, row.decided_by, row.reason = act.now, act.actor.reference, reason
    kind = CONFIRMED if confirmed else REFUSED
    act.log(kind, row, values={"reason": reason}, store=row.store)


def carry_out(act: Act, erasure_id: uuid.UUID, zone: str) -> int:
    """Erases what was confirmed; gives how many subjects. What came since waits for its own turn.

    Raises:
        Conflict: nobody confirmed it, or it is done.
    """
    act.allow_erasing(Permission.OWN_STORES)
    row = act.take(OwnErasure, erasure_id)
    if row.state is not ErasureState.CONFIRMED or row.done_at is not None:
        raise Conflict(text("Nobody confirmed this, or it is done already."))
    over = _over(act.session, row.store, row.until, zone)
    files: set[str] = set()
    if isinstance(over, int):
        _drop_traces(act, row.until, zone)
        erased = over
    else:
        for key in over:
            files |= ERASERS[row.store](act, key)
        erased = len(over)
    row.done_at, row.erased = act.now, erased
    act.log(ERASED, row, store=row.store, erased=erased, files=len(files))
    return erased


def _drop_traces(act: Act, day: date, zone: str) -> None:
    moment = limits.midnight(day, zone)
    for trace in limits.traces():
        act.session.execute(
            sa.delete(trace.model).where(trace.left_at < moment, *trace.only),
            execution_options={"synchronize_session": False},
        )


def _empty(act: Act, model: Any, ids: Collection[Any], *columns: str, by: Any = None) -> None:
    """Empties columns of rows of evidence."""
    _set(act, model, ids, dict.fromkeys(columns), by)


def _set(
    act: Act, model: Any, ids: Collection[Any], values: dict[str, Any], by: Any = None
) -> None:
    key = model.id if by is None else by
    for part in history.parts(list(ids)):
        act.session.execute(
            sa.update(model).where(key.in_(part)).values(**values),
            execution_options={"synchronize_session": False},
        )


def _forget_values(act: Act, names: Iterable[str]) -> None:
    """Erases what the journal keeps beside its entries about these rows, and the keys to it."""
    for part in history.parts(list(names)):
        beside = sa.select(Entry.values_id).where(
            Entry.about.in_(part), Entry.values_id.is_not(None)
        )
        act.session.execute(
            sa.update(EntryValues).where(EntryValues.id.in_(beside)).values(key=None, content=None),
            execution_options={"synchronize_session": False},
        )


def _contact(act: Act, key: uuid.UUID) -> set[str]:
    head = act.take(Contact, key)
    _empty(act, ContactVersion, [key], "facts", by=ContactVersion.subject_id)
    head.name, head.sorted, head.search, head.email = NOBODY, "", "", ""
    _forget_values(act, [audit.name_of(head)])
    return set()


NOBODY = "–"
"""What stands where a name was."""


def _account(act: Act, key: uuid.UUID) -> set[str]:
    user = act.take(User, key)
    user.name, user.email = NOBODY, f"{user.id}@{limits.ERASED}"
    user.password_hash = user.totp = user.totp_used = None
    act.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == key))
    _forget_values(act, [audit.name_of(user)])
    return set()


def _contract(act: Act, key: uuid.UUID) -> set[str]:
    """Erases all proofs of one contract that no other contract needs."""
    rows = OfContract(act.session, key)
    _empty(act, Receipt, rows.ids(Receipt), "by_name", "by_function", "note")
    _empty(act, Confirmation, rows.ids(Confirmation), "note")
    _empty(act, Posted, rows.ids(Posted), "note")
    _empty(act, Objection, rows.ids(Objection), "by_name", "by_function", "grounds")
    _empty(act, Answer, rows.ids(Answer), "says")
    _empty(act, Choice, rows.ids(Choice), "by_name", "by_function")
    _empty(act, ReturnRequest, rows.ids(ReturnRequest), "by_name", "sees_to")
    _empty(act, Returned, rows.ids(Returned), "to_name")
    _empty(act, Instruction, rows.ids(Instruction), *Instruction.erasable)
    _empty(act, InstructionStep, rows.ids(InstructionStep), *InstructionStep.erasable)
    _empty(act, LegalDuty, rows.ids(LegalDuty), *LegalDuty.erasable)
    _empty(act, LegalDutyStep, rows.ids(LegalDutyStep), *LegalDutyStep.erasable)
    _assisted(act, rows)
    _set(act, Notice, rows.ids(Notice), {"name": NOBODY, "email": ""})
    for notice in rows.found[Notice]:
        notice.told = _untold(notice.told) if notice.kind in TOLD_OF_PERSONS else notice.told
    for dispatch in rows.found[Dispatch]:  # one by one: channel and address are unique together
        dispatch.address, dispatch.said = f"{NOBODY} {dispatch.id}", ""
    files = _forget_rows(act, rows)
    contract = act.session.get_one(Contract, key)
    act.log(CONTRACT_ERASED, contract, files=len(files))
    return files


def _forget_rows(act: Act, rows: Rows) -> set[str]:
    """Erases what stands beside the journal about rows, and the documents that only they name."""
    _forget_values(act, rows.names())
    files = no_longer_needed(act.session, rows)
    for name in sorted(files):
        gone = insert_or_ignore(act.session, ErasedFile, sha256=name, erased_at=act.now)
        act.session.execute(gone)
    if files:
        act.after.append(act.files.forget(act.session, sorted(files)))
    return files


TOLD_OF_PERSONS = frozenset({NoticeKind.INSTRUCTION, NoticeKind.LEGAL_DUTY})
"""Notices that quote what somebody said."""


def _untold(told: dict[str, Any]) -> dict[str, Any]:
    """What a notice told, without words and names of persons."""
    words = ("says", "by", "why", "data", "recipient")
    return {name: "" if name in words else value for name, value in told.items()}


def _assisted(act: Act, rows: Rows) -> None:
    """Audits and interventions: that there was one stays, with its days."""
    for head_type, version_type in ASSISTED:
        ids = rows.ids(head_type)
        _empty(act, version_type, ids, "facts", by=version_type.subject_id)
        for head in rows.found[head_type]:
            head.title, head.search = NOBODY, fold(head.code)
    _empty(act, Document, rows.ids(Document), "title")


def _member(act: Act, key: uuid.UUID) -> set[str]:
    """Erases who somebody was; that a person undertook or was trained stays, with its days."""
    head = act.take(Member, key)
    rows = OfMember(act.session, head)
    _empty(act, MemberVersion, [key], "facts", by=MemberVersion.subject_id)
    _empty(act, Commitment, rows.ids(Commitment), *Commitment.erasable)
    _empty(act, Document, rows.ids(Document), "title")
    head.name, head.function, head.sorted, head.search = NOBODY, "", "", fold(head.code)
    return _forget_rows(act, rows)


Eraser = Callable[[Act, uuid.UUID], set[str]]

ERASERS: dict[OwnStore, Eraser] = {
    OwnStore.CONTACTS: _contact,
    OwnStore.PROOFS: _contract,
    OwnStore.STAFF: _member,
    OwnStore.ACCOUNTS: _account,
}
"""How one subject of a store is erased; gives the digests of documents that went with it."""


def rounds(session: Session, most: int) -> Sequence[OwnErasure]:
    """The rounds of erasure, those to decide first, then the newest."""
    first = sa.case((OwnErasure.state == ErasureState.PROPOSED, 0), else_=1)
    query = sa.select(OwnErasure).order_by(first, OwnErasure.proposed_at.desc(), OwnErasure.store)
    return list(session.scalars(query.limit(most)))
