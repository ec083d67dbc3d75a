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
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registers.annexes.gaps import Gap, Incomplete
from registers.annexes.kinds import REGISTER, Kind, language_of
from registers.annexes.models import DRILLS, Annex
from registers.annexes.shapes import Snapshot
from registers.annexes.subjects import About, Asked, Subject, of_controller
from registers.annexes.workers import Promise, Task, Workers
from registers.controllers import style
from registers.kernel import audit, history, references
from registers.kernel.act import Act, Actor, Database
from registers.kernel.errors import GreffeError, Invalid, NotFound
from registers.kernel.files import digest
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.press.house_style import HouseStyle
from registers.press.identity import Identity
from registers.press.issue import Issued
from registers.press.issue import draft as press_draft
from registers.press.paper import Stamp

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
class Order:
    """What is asked for: papers of a kind, about subjects, as the registers were on a day.

    Attributes:
        kind: of which kind.
        subjects: about whom or what; those not on record on the day have none.
        on: the day whose state is shown; of a period, the last.
        since: the first day of a period, for kinds that show one.
        language: `fr` or `en`; each subject's own when left out.
    """

    kind: Kind
    subjects: Sequence[Subject]
    on: date
    since: date | None = None
    language: str = ""

    def asked(self, zone: str) -> Asked:
        """Which state of the registers that is."""
        period = self.kind.about is About.JOURNAL
        return Asked(self.on, (self.since or self.on) if period else None, zone)

    def require_possible(self, today: date, *, sealed: bool) -> None:
        """Makes sure that the days can be shown.

        Raises:
            Invalid: a period ends before it begins, or is to be sealed before it is over.
        """
        if self.kind.about is not About.JOURNAL:
            return
        if self.since is not None and self.since > self.on:
            raise Invalid(text("The first day is after the last."), "since")
        if sealed and self.on >= today:
            reason = text("An extract is sealed of days that are over: until yesterday at most.")
            raise Invalid(reason, "on")


@dataclass(frozen=True)
class Made:
    """What became of one subject's annex: it is there; new, or the same as before."""

    subject: Subject
    annex_id: uuid.UUID
    number: str
    paper_sha256: str
    new: bool
    conformance: str | None = None
    """To which level of PDF/A; of older papers it was not recorded."""

    @property
    def controller_id(self) -> uuid.UUID | None:
        """Whose it is, where it is a controller's."""
        return self.subject.controller_id


@dataclass(frozen=True)
class Refused:
    """An annex that was not made, and why: among many it does not hold up the others."""

    subject: Subject
    error: GreffeError

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing, where that is why."""
        return self.error.gaps if isinstance(self.error, Incomplete) else ()


@dataclass(frozen=True)
class _Job:
    """An annex to make: the same kind, subject, language and snapshot are the same annex."""

    kind: Kind
    subject: Subject
    since: date | None
    snapshot: Snapshot
    stored: bytes
    language: str

    @cached_property
    def sha256(self) -> str:
        return digest(self.stored)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.subject.about, self.language, self.sha256


@dataclass(frozen=True)
class _Sealing:
    """An annex that is being sealed, here when it is asked for or in another process."""

    job: _Job
    task: Task
    promise: Promise | None


@dataclass(frozen=True)
class _Sealed:
    job: _Job
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
    press: Press, kind: Kind, jobs: Sequence[_Job], workers: Workers | None
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
) -> tuple[list[_Job], list[Made], list[Refused]]:
    asked = order.asked(press.zone)
    jobs: list[_Job] = []
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
                    jobs.append(_Job(order.kind, subject, asked.since, snapshot, stored, language))
        known = _known(session, order.kind, jobs)
    new = [job for job in jobs if job.key not in known]
    return new, [known[job.key] for job in jobs if job.key in known], wrong


def _require_complete(kind: Kind, snapshot: Snapshot) -> None:
    kind.require_object(snapshot)
    gaps = kind.missing(snapshot)
    if gaps:
        raise Incomplete(gaps)


def _known(session: Session, kind: Kind, jobs: Sequence[_Job]) -> dict[Any, Made]:
    subjects = {job.subject.about: job.subject for job in jobs}
    query = sa.select(Annex).where(
        Annex.kind == kind.name,
        Annex.about.in_(subjects),
        Annex.snapshot_sha256.in_({job.sha256 for job in jobs}),
    )
    return {
        (annex.about, annex.language, annex.snapshot_sha256): _made(
            subjects[annex.about], annex, new=False
        )
        for annex in session.scalars(query)
    }


@dataclass(frozen=True)
class _Prepared:
    numbers: list[str]
    prepared_at: datetime
    checkpoint: dict[str, Any]
    style: HouseStyle

    def stamp(self, number: str, *, test: bool) -> Stamp:
        return Stamp(number, self.prepared_at, self.checkpoint, test, self.style)


def _prepare(press: Press, kind: Kind, jobs: Sequence[_Job]) -> _Prepared:
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
        _Sealed(each.job, each.task.stamp, issued(), each.task.sealed_at.astimezone(UTC))
        for each, issued in zip(papers, reversed(made), strict=True)
    ]


def _itself(issued: Issued) -> Issued:
    return issued


def _keep(press: Press, papers: Sequence[_Sealing]) -> list[Made]:
    sealed = _done(press, papers)
    try:
        return _kept(press, sealed)
    except IntegrityError:  # a second click, or somebody else: the same annexes were kept just now
        return _kept(press, sealed)


def _kept(press: Press, sealed: Sequence[_Sealed]) -> list[Made]:
    """Keeps the annexes; of those that were kept meanwhile, the ones that are there."""
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        there = _known(act.session, sealed[0].job.kind, [each.job for each in sealed])
        new = [each for each in sealed if each.job.key not in there]
        contents = [part for each in new for part in (each.job.stored, each.issued.pdf)]
        digests = act.files.put_all(act.session, contents)
        pairs = zip(digests[::2], digests[1::2], strict=True)
        superseded = _superseded(act.session, sealed)
        kept = {
            each.job.key: _record(act, press.identity, each, pair, superseded)
            for each, pair in zip(new, pairs, strict=True)
        }
    return [
        there.get(each.job.key) or _made(each.job.subject, kept[each.job.key], new=True)
        for each in sealed
    ]


def _made(subject: Subject, annex: Annex, *, new: bool) -> Made:
    return Made(subject, annex.id, annex.number, annex.paper_sha256, new, annex.conformance)


def _record(
    act: Act,
    identity: Identity,
    each: _Sealed,
    digests: tuple[str, str],
    superseded: dict[Any, uuid.UUID],
) -> Annex:
    job = each.job
    annex = Annex(
        number=each.stamp.number,
        kind=job.kind.name,
        about=job.subject.about,
        controller_id=job.subject.controller_id,
        contract_id=job.subject.contract_id,
        language=job.language,
        since=job.since,
        on_day=job.snapshot.on,
        snapshot_sha256=digests[0],
        paper_sha256=digests[1],
        size=len(each.issued.pdf),
        identity_kind=identity.kind.value,
        identity_name=identity.name,
        is_test=identity.is_test,
        level=each.issued.level,
        conformance=each.issued.conformance,
        prepared_at=each.stamp.prepared_at,
        sealed_at=each.sealed_at,
        author=act.actor.reference,
        checkpoint=int((each.stamp.checkpoint or {"size": 0})["size"]),
        supersedes_id=superseded.get(_place(job)),
    )
    act.session.add(annex)
    superseded[_place(job)] = annex.id
    act.log(
        SEALED,
        annex,
        within=job.subject.dossier,
        number=annex.number,
        kind=annex.kind,
        on=annex.on_day,
        language=annex.language,
        snapshot=annex.snapshot_sha256,
        paper=annex.paper_sha256,
    )
    return annex


def _place(job: _Job) -> tuple[Any, ...]:
    """What an annex takes the place in: of a period, only one of the same period gives way."""
    period = (job.since, job.snapshot.on) if job.since is not None else (None, None)
    return job.subject.about, job.language, *period


def _superseded(session: Session, papers: Sequence[_Sealed]) -> dict[Any, uuid.UUID]:
    """The last annexes of the same kind, in the places that these take."""
    query = (
        sa.select(Annex.id, Annex.about, Annex.language, Annex.since, Annex.on_day)
        .where(
            Annex.kind == papers[0].job.kind.name,
            Annex.about.in_({each.job.subject.about for each in papers}),
        )
        .order_by(Annex.sealed_at, Annex.number)
    )
    return {
        (row.about, row.language, row.since, row.on_day if row.since is not None else None): row.id
        for row in session.execute(query)
    }


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
