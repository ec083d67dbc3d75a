"""Making annexes of any kind, one or ten thousand: read, prepare, typeset, seal, verify, keep.

No act lasts as long as the making: snapshots are read in one transaction; numbers and a
checkpoint are taken in an act; typesetting, sealing and verifying happen in none; another act
keeps what was sealed. Should the program stop between the two, the journal says which numbers
were prepared and never sealed.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.gaps import Gap, Incomplete
from registers.annexes.kinds import REGISTER, Kind, language_of
from registers.annexes.models import Annex
from registers.annexes.shapes import Snapshot
from registers.annexes.subjects import About, Asked, Subject, of_controller
from registers.kernel import audit, history, references
from registers.kernel.act import Act, Actor, Database
from registers.kernel.errors import Damaged, GreffeError, Invalid, NotFound
from registers.kernel.files import digest
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.press.identity import Identity
from registers.press.paper import Stamp
from registers.press.reference import typeset
from registers.press.seal import seal
from registers.press.verify import verify

CHUNK = 50

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

    @property
    def sha256(self) -> str:
        return digest(self.stored)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.subject.about, self.language, self.sha256


@dataclass(frozen=True)
class _Sealed:
    job: _Job
    stamp: Stamp
    paper: bytes
    level: str
    sealed_at: datetime


def make(
    press: Press, controllers: Sequence[uuid.UUID], day: date, language: str = ""
) -> Iterator[Made]:
    """Makes the register annexes of controllers; see `make_all`."""
    subjects = [of_controller(key) for key in controllers]
    yield from make_all(press, Order(REGISTER, subjects, day, language=language))


def make_all(press: Press, order: Order, refused: list[Refused] | None = None) -> Iterator[Made]:
    """Makes annexes, a part at a time; each part is kept once made.

    Args:
        press: with what.
        order: which.
        refused: where those are told that cannot be sealed, while the others are made; without
            it the first of them ends the making.

    Raises:
        Forbidden: the actor may not seal, or not read what the kind shows.
        Incomplete: facts are missing that the law or the contract demands of the paper.
        Invalid: the organisation is not described, the identity is not valid now, the paper
            would have no object, or the days cannot be shown.
        Damaged: a sealed paper did not pass its own verification; it is not kept.
    """
    today = press.database.now().astimezone(ZoneInfo(press.zone)).date()
    order.require_possible(today, sealed=True)
    for part in history.parts(order.subjects, CHUNK):
        jobs, made, wrong = _read(press, order, part)
        if wrong and refused is None:
            raise wrong[0].error
        if refused is not None:
            refused += wrong
        yield from made
        if jobs:
            ready = _prepare(press, order.kind, jobs)
            sealed = [
                _seal(press, job, ready.stamp(number, test=press.identity.is_test))
                for number, job in zip(ready.numbers, jobs, strict=True)
            ]
            yield from _keep(press, sealed)


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
        (annex.about, annex.language, annex.snapshot_sha256): Made(
            subjects[annex.about], annex.id, annex.number, annex.paper_sha256, new=False
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


def _prepare(press: Press, kind: Kind, jobs: Sequence[_Job]) -> _Prepared:
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        act.require(kind.asks)
        press.identity.require_valid(act.now)  # before numbers are taken
        checkpoint = audit.sign_checkpoint(act, press.key).as_json()
        numbers = references.take(act, "AX", act.now.date(), len(jobs))
        act.log(PREPARED, "annex:prepared", numbers=[numbers[0], numbers[-1]])
        prepared_at = act.now.astimezone(ZoneInfo(press.zone)).replace(microsecond=0)
    return _Prepared(numbers, prepared_at, checkpoint)


def _seal(press: Press, job: _Job, stamp: Stamp) -> _Sealed:
    paper = job.kind.paper(job.snapshot, job.language)
    unsigned = typeset(paper, job.stored, stamp)
    sealed_at = press.database.now()
    there = sealed_at.astimezone(ZoneInfo(press.zone))
    sealed = seal(unsigned, press.identity, there, job.language)
    verdict = verify(sealed, [])
    if not verdict.sound:
        raise Damaged(
            text("The paper {number} did not pass its verification.", number=stamp.number)
        )
    return _Sealed(job, stamp, sealed, verdict.signatures[0].level.value, sealed_at)


def _keep(press: Press, papers: Sequence[_Sealed]) -> Iterator[Made]:
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        kept = [(each.job.subject, _record(act, press.identity, each)) for each in papers]
    for subject, annex in kept:
        yield Made(subject, annex.id, annex.number, annex.paper_sha256, new=True)


def _record(act: Act, identity: Identity, each: _Sealed) -> Annex:
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
        snapshot_sha256=act.files.put(act.session, job.stored),
        paper_sha256=act.files.put(act.session, each.paper),
        size=len(each.paper),
        identity_kind=identity.kind.value,
        identity_name=identity.name,
        is_test=identity.is_test,
        level=each.level,
        prepared_at=each.stamp.prepared_at,
        sealed_at=each.sealed_at,
        author=act.actor.reference,
        checkpoint=int((each.stamp.checkpoint or {"size": 0})["size"]),
        supersedes_id=_superseded(act.session, job),
    )
    act.session.add(annex)
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


def _superseded(session: Session, job: _Job) -> uuid.UUID | None:
    """The annex that this one takes the place of: of a period, the one of the same period."""
    same = [
        Annex.kind == job.kind.name,
        Annex.about == job.subject.about,
        Annex.language == job.language,
    ]
    if job.since is not None:
        same += [Annex.since == job.since, Annex.on_day == job.snapshot.on]
    query = sa.select(Annex.id).where(*same)
    return session.scalar(query.order_by(Annex.sealed_at.desc(), Annex.number.desc()).limit(1))


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
    if subject not in found:
        raise NotFound(text("This was not on record on that day."))
    snapshot = found[subject]
    order.kind.require_object(snapshot)
    paper = order.kind.paper(snapshot, order.language or language_of(snapshot), draft=True)
    return typeset(paper, snapshot.stored, Stamp("", now))


def draft(
    database: Database, controller_id: uuid.UUID, day: date, language: str, zone: str
) -> bytes:
    """The register of a controller as a draft; see `draft_of`."""
    order = Order(REGISTER, [of_controller(controller_id)], day, language=language)
    return draft_of(database, order, zone)
