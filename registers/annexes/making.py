"""Making annexes, one or ten thousand: read, prepare, typeset, seal, verify, keep.

No act lasts as long as the making: snapshots are read in one transaction; numbers and a
checkpoint are taken in an act; typesetting, sealing and verifying happen in none; another act
keeps what was sealed. Should the program stop between the two, the journal says which numbers
were prepared and never sealed.
"""

import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.documents import register_paper
from registers.annexes.models import Annex
from registers.annexes.snapshots import RegisterSnapshot
from registers.annexes.workers import Promise, Task, Workers
from registers.kernel import audit, history, references
from registers.kernel.act import Act, Actor, Database
from registers.kernel.errors import NotFound
from registers.kernel.files import digest
from registers.kernel.words import LANGUAGES, text
from registers.people.roles import Permission
from registers.press.identity import Identity
from registers.press.issue import Issued
from registers.press.issue import draft as press_draft
from registers.press.paper import Stamp

REGISTER = "register"
CHUNK = 50

AHEAD = 2
"""How many parts may be under way beside the one that is kept, where workers seal."""

PREPARED = audit.kind("annexes.prepared", text("Annexes prepared"), "numbers")
SEALED = audit.kind(
    "annex.sealed",
    text("Annex sealed"),
    *("number", "kind", "on", "language", "snapshot", "paper"),
)


@dataclass(frozen=True)
class Press:
    """What annexes are made with."""

    database: Database
    actor: Actor
    """Who asks."""
    identity: Identity
    """Who seals or signs."""
    key: audit.CheckpointKey
    """Signs the checkpoints that the papers carry."""
    zone: str
    """In which their times are written."""


@dataclass(frozen=True)
class Made:
    """What became of one controller's annex: it is there; new, or the same as before."""

    controller_id: uuid.UUID
    annex_id: uuid.UUID
    number: str
    paper_sha256: str
    new: bool


@dataclass(frozen=True)
class _Order:
    """An annex to make: the same kind, controller, language and snapshot are the same annex."""

    controller_id: uuid.UUID
    snapshot: RegisterSnapshot
    stored: bytes
    language: str

    @property
    def sha256(self) -> str:
        return digest(self.stored)


@dataclass(frozen=True)
class _Sealing:
    """An annex that is being sealed, here when it is asked for or in another process."""

    order: _Order
    task: Task
    promise: Promise | None


@dataclass(frozen=True)
class _Sealed:
    order: _Order
    stamp: Stamp
    issued: Issued
    sealed_at: datetime


def make(
    press: Press,
    controllers: Sequence[uuid.UUID],
    day: date,
    language: str = "",
    workers: Workers | None = None,
) -> Iterator[Made]:
    """Makes the register annexes of controllers, a part at a time; each part is kept once made.

    Args:
        press: with what.
        controllers: whose; those not on record on the day have none.
        day: the state of the registers it shows.
        language: `fr` or `en`; each controller's own when left out.
        workers: processes that typeset and seal, of the same identity; while they do, the next
            parts are read and the last ones kept. Without them all is done here, in turn.

    Raises:
        Forbidden: the actor may not seal.
        Invalid: the organisation is not described, or the identity is not valid now.
        Damaged: a sealed paper did not pass its own verification; it is not kept.
    """
    under_way: deque[list[_Sealing]] = deque()
    for part in history.parts(controllers, CHUNK):
        orders, made = _read(press.database, part, day, language)
        yield from made
        if orders:
            under_way.append(_begin(press, orders, workers))
        if len(under_way) > (AHEAD if workers else 0):
            yield from _keep(press, under_way.popleft())
    while under_way:
        yield from _keep(press, under_way.popleft())


def _begin(press: Press, orders: Sequence[_Order], workers: Workers | None) -> list[_Sealing]:
    """Gives numbers to the annexes and has them sealed."""
    ready, begun = _prepare(press, orders), []
    for number, order in zip(ready.numbers, orders, strict=True):
        stamp = ready.stamp(number, test=press.identity.is_test)
        sealed_at = press.database.now().astimezone(ZoneInfo(press.zone))
        task = Task(order.snapshot, order.language, stamp, sealed_at)
        begun.append(_Sealing(order, task, workers.begin(task) if workers else None))
    return begun


def _read(
    database: Database, controllers: Collection[uuid.UUID], day: date, language: str
) -> tuple[list[_Order], list[Made]]:
    with database.reading() as session:
        found = snapshots.registers(session, controllers, day)
        orders = [
            _Order(key, found[key], found[key].stored, language or _own_language(found[key]))
            for key in controllers
            if key in found
        ]
        known = _known(session, orders)
    new = [order for order in orders if _key(order) not in known]
    return new, [known[_key(order)] for order in orders if _key(order) in known]


def _own_language(snapshot: RegisterSnapshot) -> str:
    wished = snapshot.controller.language
    return wished if wished in LANGUAGES else LANGUAGES[0]


def _key(order: _Order) -> tuple[uuid.UUID, str, str]:
    return order.controller_id, order.language, order.sha256


def _known(session: Session, orders: Sequence[_Order]) -> dict[Any, Made]:
    query = sa.select(Annex).where(
        Annex.kind == REGISTER,
        Annex.controller_id.in_([order.controller_id for order in orders]),
        Annex.snapshot_sha256.in_({order.sha256 for order in orders}),
    )
    return {
        (annex.controller_id, annex.language, annex.snapshot_sha256): Made(
            annex.controller_id, annex.id, annex.number, annex.paper_sha256, new=False
        )
        for annex in session.scalars(query)
    }


@dataclass(frozen=True)
class _Prepared:
    numbers: list[str]
    prepared_at: datetime
    checkpoint: dict[str, Any]

    def stamp(self, number: str, *, test: bool) -> Stamp:
        return Stamp(number, self.prepared_at, self.checkpoint, test)


def _prepare(press: Press, orders: Sequence[_Order]) -> _Prepared:
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        press.identity.require_valid(act.now)  # before numbers are taken
        checkpoint = audit.sign_checkpoint(act, press.key).as_json()
        numbers = references.take(act, "AX", act.now.date(), len(orders))
        act.log(PREPARED, "annex:prepared", numbers=[numbers[0], numbers[-1]])
        prepared_at = act.now.astimezone(ZoneInfo(press.zone)).replace(microsecond=0)
    return _Prepared(numbers, prepared_at, checkpoint)


def _done(press: Press, papers: Sequence[_Sealing]) -> list[_Sealed]:
    """The papers once they are sealed.

    What no other process has begun is done here, the last first: so nobody waits for anybody
    while there is work, were it for a process that is just starting.
    """
    made: list[Callable[[], Issued]] = []
    for each in reversed(papers):
        if each.promise is None or each.promise.cancel():
            issued = each.task.done(press.identity)
            made.append(partial(_itself, issued))
        else:
            made.append(each.promise.result)
    return [
        _Sealed(each.order, each.task.stamp, issued(), each.task.sealed_at.astimezone(UTC))
        for each, issued in zip(papers, reversed(made), strict=True)
    ]


def _itself(issued: Issued) -> Issued:
    return issued


def _keep(press: Press, papers: Sequence[_Sealing]) -> Iterator[Made]:
    sealed = _done(press, papers)
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        contents = [part for each in sealed for part in (each.order.stored, each.issued.pdf)]
        digests = act.files.put_all(act.session, contents)
        pairs = zip(digests[::2], digests[1::2], strict=True)
        superseded = _superseded(act.session, sealed)
        kept = [
            _record(act, press.identity, each, pair, superseded)
            for each, pair in zip(sealed, pairs, strict=True)
        ]
    for annex in kept:
        yield Made(annex.controller_id, annex.id, annex.number, annex.paper_sha256, new=True)


def _record(
    act: Act,
    identity: Identity,
    each: _Sealed,
    digests: tuple[str, str],
    superseded: dict[Any, uuid.UUID],
) -> Annex:
    order = each.order
    annex = Annex(
        number=each.stamp.number,
        kind=REGISTER,
        controller_id=order.controller_id,
        language=order.language,
        on_day=order.snapshot.on,
        snapshot_sha256=digests[0],
        paper_sha256=digests[1],
        size=len(each.issued.pdf),
        identity_kind=identity.kind.value,
        identity_name=identity.name,
        is_test=identity.is_test,
        level=each.issued.level,
        prepared_at=each.stamp.prepared_at,
        sealed_at=each.sealed_at,
        author=act.actor.reference,
        checkpoint=int((each.stamp.checkpoint or {"size": 0})["size"]),
        supersedes_id=superseded.get((order.controller_id, order.language)),
    )
    act.session.add(annex)
    superseded[order.controller_id, order.language] = annex.id
    act.log(
        SEALED,
        annex,
        within=f"controller:{order.controller_id}",
        number=annex.number,
        kind=annex.kind,
        on=annex.on_day,
        language=annex.language,
        snapshot=annex.snapshot_sha256,
        paper=annex.paper_sha256,
    )
    return annex


def _superseded(session: Session, papers: Sequence[_Sealed]) -> dict[Any, uuid.UUID]:
    """The annexes that these take the place of: the last of the same kind and language."""
    query = (
        sa.select(Annex.id, Annex.controller_id, Annex.language)
        .where(
            Annex.kind == REGISTER,
            Annex.controller_id.in_([each.order.controller_id for each in papers]),
        )
        .order_by(Annex.sealed_at, Annex.number)
    )
    return {(row.controller_id, row.language): row.id for row in session.execute(query)}


def draft(
    database: Database, controller_id: uuid.UUID, day: date, language: str, zone: str
) -> bytes:
    """The same paper as a draft: marked on each page, without a place for a seal, not kept.

    Args:
        database: where the registers are.
        controller_id: whose.
        day: the state of the registers it shows.
        language: `fr` or `en`; the controller's own when empty.
        zone: in which its time is written.

    Raises:
        NotFound: the controller was not on record on that day.
        Invalid: the organisation is not described.
    """
    with database.reading() as session:
        snapshot = snapshots.registers(session, [controller_id], day).get(controller_id)
    if snapshot is None:
        raise NotFound(text("This controller was not on record on that day."))
    paper = register_paper(snapshot, language or _own_language(snapshot), draft=True)
    stamp = Stamp("", database.now().astimezone(ZoneInfo(zone)))
    return press_draft(paper, snapshot.stored, stamp).pdf
