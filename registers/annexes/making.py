"""Making annexes of any kind, one or ten thousand: read, prepare, typeset, seal, verify, keep.

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

from sqlalchemy.exc import IntegrityError

from registers.annexes import keeping
from registers.annexes.gaps import Incomplete
from registers.annexes.keeping import Job, Sealed
from registers.annexes.kind import Kind, language_of
from registers.annexes.kinds import REGISTER
from registers.annexes.models import DRILLS
from registers.annexes.orders import Made, Order, Press, Refused
from registers.annexes.subjects import Subject, of_controller
from registers.annexes.workers import Promise, Task, Workers
from registers.controllers import style
from registers.kernel import audit, history, references
from registers.kernel.act import Act, Database
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.press.house_style import HouseStyle
from registers.press.issue import Issued
from registers.press.issue import draft as press_draft
from registers.press.paper import Stamp

CHUNK = 50

AHEAD = 2
"""How many parts may be under way beside the one that is kept, where workers seal."""

PREPARED = audit.kind("annexes.prepared", text("Annexes prepared"), "numbers")


@dataclass(frozen=True)
class _Sealing:
    """An annex that is being sealed, here when it is asked for or in another process."""

    job: Job
    task: Task
    promise: Promise | None


def make(
    press: Press,
    controllers: Sequence[uuid.UUID],
    day: date,
    language: str = "",
    workers: Workers | None = None,
) -> Iterator[Made]:
    """Makes the register annexes of controllers; see `make_all`."""
    subjects = [of_controller(key) for key in controllers]
    order = Order(REGISTER, subjects, day, language=language)
    yield from make_all(press, order, workers=workers)


def make_all(
    press: Press,
    order: Order,
    refused: list[Refused] | None = None,
    workers: Workers | None = None,
) -> Iterator[Made]:
    """Makes annexes, a part at a time; each part is kept once made.

    Args:
        press: with what.
        order: which.
        refused: where those are told that cannot be sealed, while the others are made; without
            it the first of them ends the making.
        workers: processes that typeset and seal, of the same identity; while they do, the next
            parts are read and the last ones kept. Without them all is done here, in turn.

    Raises:
        Forbidden: the actor may not seal, or not read what the kind shows.
        Incomplete: facts are missing that the law or the contract demands of the paper.
        Invalid: the organisation is not described, the identity is not valid now, the paper
            would have no object, or the days cannot be shown.
        Damaged: a sealed paper did not pass its own verification; it is not kept.
    """
    today = press.database.now().astimezone(ZoneInfo(press.zone)).date()
    order.require_possible(today, sealed=True)
    under_way: deque[list[_Sealing]] = deque()
    for part in history.parts(order.subjects, CHUNK):
        jobs, made, wrong = _read(press, order, part)
        if wrong and refused is None:
            raise wrong[0].error
        if refused is not None:
            refused += wrong
        yield from made
        if jobs:
            under_way.append(_begin(press, order.kind, jobs, workers))
        if len(under_way) > (AHEAD if workers else 0):
            yield from _keep(press, under_way.popleft())
    while under_way:
        yield from _keep(press, under_way.popleft())


def _begin(
    press: Press, kind: Kind, jobs: Sequence[Job], workers: Workers | None
) -> list[_Sealing]:
    """Gives numbers to the annexes and has them sealed."""
    ready, begun = _prepare(press, kind, jobs), []
    for number, job in zip(ready.numbers, jobs, strict=True):
        stamp = ready.stamp(number, test=press.identity.is_test)
        sealed_at = press.database.now().astimezone(ZoneInfo(press.zone))
        task = Task(kind.name, job.snapshot, job.language, stamp, sealed_at)
        begun.append(_Sealing(job, task, workers.begin(task) if workers else None))
    return begun


def _read(
    press: Press, order: Order, subjects: Collection[Subject]
) -> tuple[list[Job], list[Made], list[Refused]]:
    asked = order.asked(press.zone)
    jobs: list[Job] = []
    wrong: list[Refused] = []
    with press.database.reading() as session:
        found = order.kind.snapshots(session, subjects, asked)
        for subject in subjects:
            if subject in found:
                snapshot = found[subject]
                try:
                    _require_complete(order.kind, snapshot)
                except Invalid as error:
                    wrong.append(Refused(subject, error))
                else:
                    language = order.language or language_of(snapshot)
                    stored = snapshot.stored
                    jobs.append(Job(order.kind, subject, asked.since, snapshot, stored, language))
        known = keeping.known(session, order.kind, jobs)
    new = [job for job in jobs if job.key not in known]
    return new, [known[job.key] for job in jobs if job.key in known], wrong


def _require_complete(kind: Kind, snapshot: Any) -> None:
    kind.require_object(snapshot)
    gaps = kind.missing(snapshot)
    if gaps:
        raise Incomplete(gaps)


@dataclass(frozen=True)
class _Prepared:
    numbers: list[str]
    prepared_at: datetime
    checkpoint: dict[str, Any]
    style: HouseStyle

    def stamp(self, number: str, *, test: bool) -> Stamp:
        return Stamp(number, self.prepared_at, self.checkpoint, test, self.style)


def _prepare(press: Press, kind: Kind, jobs: Sequence[Job]) -> _Prepared:
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        act.require(kind.asks)
        press.identity.require_valid(act.now)  # before numbers are taken
        checkpoint = audit.sign_checkpoint(act, press.key).as_json()
        numbers = _numbers(act, [kind.is_drill(job.snapshot) for job in jobs])
        act.log(PREPARED, "annex:prepared", numbers=[numbers[0], numbers[-1]])
        prepared_at = act.now.astimezone(ZoneInfo(press.zone)).replace(microsecond=0)
        look = style.chosen(act.session).style
    return _Prepared(numbers, prepared_at, checkpoint, look)


def _numbers(act: Act, drills: Sequence[bool]) -> list[str]:
    """The numbers of papers in their order; those of exercises have a series of their own."""
    series = {
        drill: iter(references.take(act, prefix, act.now.date(), drills.count(drill)))
        for drill, prefix in ((False, "AX"), (True, DRILLS))
        if drill in drills
    }
    return [next(series[drill]) for drill in drills]


def _done(press: Press, papers: Sequence[_Sealing]) -> list[Sealed]:
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
        Sealed(each.job, each.task.stamp, issued(), each.task.sealed_at.astimezone(UTC))
        for each, issued in zip(papers, reversed(made), strict=True)
    ]


def _itself(issued: Issued) -> Issued:
    return issued


def _keep(press: Press, papers: Sequence[_Sealing]) -> list[Made]:
    sealed = _done(press, papers)
    try:
        return keeping.keep(press, sealed)
    except IntegrityError:  # a second click, or somebody else: the same annexes were kept just now
        return keeping.keep(press, sealed)


def draft_of(database: Database, order: Order, zone: str) -> bytes:
    """The paper of one subject as a draft: marked on each page, without a seal, not kept.

    Args:
        database: where the registers are.
        order: which paper, of one subject.
        zone: in which its time is written.

    Raises:
        NotFound: the subject was not on record on that day.
        Invalid: the organisation is not described, or the paper would have no object.
    """
    now = database.now().astimezone(ZoneInfo(zone))
    order.require_possible(now.date(), sealed=False)
    (subject,) = order.subjects
    with database.reading() as session:
        found = order.kind.snapshots(session, [subject], order.asked(zone))
        look = style.chosen(session).style
    if subject not in found:
        raise NotFound(text("This was not on record on that day."))
    snapshot = found[subject]
    order.kind.require_object(snapshot)
    paper = order.kind.paper(snapshot, order.language or language_of(snapshot), draft=True)
    return press_draft(paper, snapshot.stored, Stamp("", now, style=look)).pdf
