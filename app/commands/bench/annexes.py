"""`greffe bench annexes`: register annexes, made by us and by what one would use instead."""

import gc
import io
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import click
import pikepdf
import sqlalchemy as sa
from msgspec.structs import replace as changed
from sqlalchemy.orm import Session

from app.commands.bench.measuring import Report, busy, ms, options, peak, say
from app.commands.bench.pages import installation
from app.commands.bench.rivals import RIVALS, Job, Rival
from app.commands.bench.signers import P_256, PASSPHRASE, RSA_2048, RSA_3072, Signer, signer
from app.house import House
from app.pressing import press_of
from registers.annexes import making, snapshots
from registers.annexes.kinds import REGISTER
from registers.annexes.orders import Press
from registers.annexes.workers import Workers
from registers.controllers.models import Controller
from registers.kernel import audit
from registers.kernel.act import Act, Actor, Database
from registers.people.roles import console
from registers.press.identity import Identity
from registers.press.issue import issue
from registers.press.paper import (
    Block,
    Heading,
    Items,
    KeyValues,
    Paper,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from registers.press.verify import verify


class Plan(NamedTuple):
    """How much is made.

    Attributes:
        whole: how many annexes from the database to the files, and by how many processes.
        alone: how many are typeset and sealed alone.
        compared: how many the rivals make too: they take their time.
    """

    whole: tuple[tuple[int, int], ...]
    alone: int
    compared: int


THOUSAND = 1_000
FULL = Plan(((1, 1), (100, 1), (100, 2), (THOUSAND, 1), (THOUSAND, 2), (10 * THOUSAND, 2)), 200, 20)
QUICK = Plan(((1, 1), (100, 1), (THOUSAND, 2)), 100, 10)

T = TypeVar("T")


@click.command("annexes")
@options
def command(*, as_json: bool, quick: bool, size: int | None) -> None:
    """Sealed register annexes, against WeasyPrint and reportlab with pyHanko on the same papers."""
    report = Report("annexes")
    plan = Plan(((size, 1), (size, 2)), size, size) if size else QUICK if quick else FULL
    most = max(count for count, _processes in plan.whole)
    with installation(most, 0) as at, TemporaryDirectory() as folder:
        house = at.house
        ids = _controllers(house, most)
        runs = [
            _whole(house, ids[:count], processes, later)
            for later, (count, processes) in enumerate(plan.whole)
        ]
        jobs = list(_jobs(house, ids[: plan.alone]))
        rates = _rates(jobs)
        found = _compared(jobs, plan.compared, Path(folder))
    _tell_whole(report, runs)
    _tell_rates(report, rates)
    _tell_compared(report, found)
    report.end(_result(runs, rates, found), as_json=as_json)


# --- the whole way, from the database to the files ----------------------------------------


@dataclass
class Watched:
    """A database that notes how long it is read, and how long acts take."""

    database: Database
    read: float = 0.0
    acts: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See `Database.reading`."""
        begun = time.perf_counter()
        with self.database.reading() as session:
            yield session
        self.read += time.perf_counter() - begun

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[Act]:
        """See `Database.acting`."""
        begun = time.perf_counter()
        with self.database.acting(actor) as act:
            yield act
        self.acts += time.perf_counter() - begun


@dataclass(frozen=True)
class Whole:
    """How long the making took, as the program does it.

    Attributes:
        count: how many annexes.
        processes: how many processes worked.
        seconds: all together, the start of other processes included.
        read, acts: of these, reading the registers; numbering and keeping.
        peak: the memory of this process until then, in MiB.
        worker: that of the largest other process.
    """

    count: int
    processes: int
    seconds: float
    read: float
    acts: float
    peak: float
    worker: float


def _whole(house: House, ids: Sequence[UUID], processes: int, later: int) -> Whole:
    """Each run shows another day, so that no annex is there already."""
    watched = Watched(house.database)
    ours = press_of(house, console())
    identity = signer(RSA_3072).identity
    press = Press(cast("Database", watched), ours.actor, identity, ours.key, ours.zone)
    day: date = house.today + timedelta(days=later)
    gc.collect()
    begun = time.perf_counter()
    with _workers(identity, processes) as workers:
        made = [each for each in making.make(press, ids, day, workers=workers) if each.new]
    seconds = time.perf_counter() - begun
    memory, worker = peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN)
    return Whole(len(made), processes, seconds, watched.read, watched.acts, memory, worker)


def _workers(identity: Identity, processes: int) -> AbstractContextManager[Workers | None]:
    return Workers(identity, processes - 1) if processes > 1 else nullcontext()


def _controllers(house: House, most: int) -> list[UUID]:
    with house.database.reading() as session:
        query = sa.select(Controller.id).order_by(Controller.code.desc()).limit(most)
        return list(session.scalars(query))


# --- papers alone: typeset, sealed and checked --------------------------------------------


class Work(NamedTuple):
    """A paper to make, as it comes, and with no text that any other paper has."""

    job: Job
    unlike: Job


def _jobs(house: House, ids: Sequence[UUID]) -> Iterator[Work]:
    with house.database.reading() as session:
        found = snapshots.registers(session, ids, house.today)
        checkpoint = audit.latest_checkpoints(session, 1)[0].as_json()
    at = house.now().astimezone(ZoneInfo(house.settings.zone)).replace(microsecond=0)
    for number, snapshot in enumerate(found.values(), 1):
        own = changed(snapshot, code=f"{snapshot.code}-{number}")
        paper = REGISTER.paper(own, "en" if snapshot.controller.language == "en" else "fr")
        stamp = Stamp(f"AX-{at.year}-{number:04d}", at, checkpoint)
        yield Work(Job(paper, own.stored, stamp), Job(unlike(paper, number), own.stored, stamp))


def unlike(paper: Paper, number: int) -> Paper:
    """The paper with a word of its own in every text: nothing was met before."""
    return changed(paper, blocks=tuple(_unlike(block, f" n{number}") for block in paper.blocks))


def _unlike(block: Block, word: str) -> Block:
    match block:
        case Heading() | Paragraph():
            return changed(block, text=block.text + word)
        case KeyValues():
            rows = tuple((label, value + word) for label, value in block.rows)
            return changed(block, rows=rows)
        case Table():
            cells = tuple(tuple(cell + word for cell in row) for row in block.rows)
            return changed(block, rows=cells, caption=block.caption and block.caption + word)
        case Items():
            return changed(block, items=tuple(item + word for item in block.items))
        case Signatures():
            return block


class Rate(NamedTuple):
    """How fast papers are made alone, with a kind of key."""

    kind: str
    unlike: bool
    per_second: float
    raw: float

    @property
    def share(self) -> float:
        """Of the rate of signatures with nothing around them."""
        return self.per_second / self.raw


def _rates(work: Sequence[Work]) -> list[Rate]:
    found = []
    for kind, own in ((RSA_3072, True), (RSA_3072, False), (RSA_2048, True), (P_256, True)):
        by = signer(kind)
        jobs = [each.unlike if own else each.job for each in work]
        _issued(jobs[0], by)
        gc.collect()
        half = len(jobs) // 2
        raw = [by.raw_rate(0.2)]
        seconds = 0.0
        for part in (jobs[:half], jobs[half:]):  # a raw rate before, between and after
            begun = busy()
            for job in part:
                _issued(job, by)
            seconds += busy() - begun
            raw.append(by.raw_rate(0.2))
        found.append(Rate(kind, own, len(jobs) / seconds, sum(raw) / len(raw)))
    return found


def _issued(job: Job, by: Signer) -> bytes:
    return issue(job.paper, job.snapshot, job.stamp, by.identity, job.stamp.prepared_at).pdf


# --- the same papers, by each maker in turn -----------------------------------------------

OURS, UNLIKE = "greffe", "greffe, texts unlike"
MAKE, SEAL = "make", "seal"


@dataclass
class Made:
    """What one maker made, and how long its steps kept a processor busy together."""

    count: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    pages: int = 0
    size: int = 0
    sound: bool = True

    @property
    def each(self) -> float:
        """Seconds for one, all steps together."""
        return sum(self.parts.values()) / self.count

    def timed(self, step: str, work: Callable[[], T]) -> T:
        """Does a step and notes how long it took."""
        begun = busy()
        done = work()
        self.parts[step] = self.parts.get(step, 0.0) + busy() - begun
        return done

    def took(self, pdf: bytes) -> None:
        """Notes what came out."""
        self.count += 1
        self.size += len(pdf)
        self.sound = self.sound and verify(pdf).sound
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            self.pages += len(opened.pages)


def _compared(work: Sequence[Work], compared: int, folder: Path) -> dict[str, Made]:
    """All makers seal with RSA-2048; ours checks what it made besides.

    In turn: some papers by us, as in a bulk run, then the first of them by each rival.
    """
    by = signer(RSA_2048)
    path = by.put(folder)
    loaded = {name: _loaded(name, path) for name in RIVALS}
    rivals = {name: rival for name, rival in loaded.items() if rival}
    for rival in rivals.values():
        _by(rival, work[0].job, Made())
    found = {OURS: Made(), UNLIKE: Made(), **{name: Made() for name in rivals}}
    share = max(1, len(work) // compared)
    for at in range(0, len(work), share):
        part = work[at : at + share]
        for name, jobs in (
            (OURS, [one.job for one in part]),
            (UNLIKE, [_renamed(one.unlike) for one in part]),
        ):
            made = [found[name].timed(MAKE, partial(_issued, job, by)) for job in jobs]
            for pdf in made:
                found[name].took(pdf)
        for name, rival in rivals.items():
            found[name].took(_by(rival, part[0].job, found[name]))
    return found


def _renamed(job: Job) -> Job:
    """The rates were measured with these papers: they get yet another word."""
    return Job(unlike(job.paper, 0), job.snapshot, job.stamp)


def _by(rival: Rival, job: Job, made: Made) -> bytes:
    pdf = made.timed(MAKE, lambda: rival.typeset(job))
    return made.timed(SEAL, lambda: rival.seal(pdf))


def _loaded(name: str, path: str) -> Rival | None:
    try:
        return RIVALS[name](path, PASSPHRASE)
    except (ImportError, OSError) as error:
        say(f"{name} cannot be used here ({error}). Its ratio is left out.")
        return None


# --- what is told -------------------------------------------------------------------------


def _tell_whole(report: Report, runs: Sequence[Whole]) -> None:
    report.table(
        (
            "from the database to the files, RSA-3072",
            "processes",
            "s",
            "a second",
            "read ms",
            "number, keep ms",
            "MiB",
            "worker MiB",
        ),
        [
            (
                f"{run.count} annexes",
                run.processes,
                f"{run.seconds:.2f}",
                f"{run.count / run.seconds:.0f}",
                ms(run.read / run.count),
                ms(run.acts / run.count),
                f"{run.peak:.0f}",
                f"{run.worker:.0f}" if run.processes > 1 else "",
            )
            for run in runs
        ],
    )
    say("Milliseconds are for each annex; with two processes they pass beside the sealing.")


def _tell_rates(report: Report, rates: Sequence[Rate]) -> None:
    report.table(
        ("typeset, sealed, checked: a core's time", "a second", "ms", "raw signatures", "share"),
        [
            (
                f"{rate.kind}, {'every text unlike' if rate.unlike else 'as they come'}",
                f"{rate.per_second:.0f}",
                ms(1 / rate.per_second),
                f"{rate.raw:.0f}",
                f"{rate.share:.1%}",
            )
            for rate in rates
        ],
    )


def _tell_compared(report: Report, found: dict[str, Made]) -> None:
    ours = found[OURS].each
    headings = ("made by, RSA-2048", "annexes", "pages", "KB", "make ms", "seal ms", "all ms")
    report.table(
        (*headings, "ratio", "sound"),
        [
            (
                name,
                made.count,
                f"{made.pages / made.count:.1f}",
                f"{made.size / made.count / 1024:.0f}",
                *(ms(made.parts.get(step, 0.0) / made.count) for step in (MAKE, SEAL)),
                ms(made.each),
                f"{made.each / ours:.1f}",
                "yes" if made.sound else "NO",
            )
            for name, made in found.items()
        ],
    )
    say("Ours are PDF/A-3a and PDF/UA-1, and checked; the others neither tagged nor verified.")


def _result(runs: Sequence[Whole], rates: Sequence[Rate], found: dict[str, Made]) -> dict[str, Any]:
    best, largest = rates[0], runs[-1]
    thousand = [run for run in runs if run.count == THOUSAND]
    alone = next(run for run in reversed(runs) if run.processes == 1)

    def ratio(name: str, ours: str) -> float | None:
        return found[name].each / found[ours].each if name in found else None

    return {
        **{f"ratio_{name}": ratio(name, OURS) for name in RIVALS},
        "ratio_reportlab_pyhanko": ratio("platypus", OURS),
        **{f"ratio_{name}_unlike": ratio(name, UNLIKE) for name in RIVALS},
        "per_second_per_core": best.per_second,
        "share_of_raw_signing": best.share,
        "rates": [rate._asdict() for rate in rates],
        "thousand_s": min((run.seconds for run in thousand), default=None),
        "kept_per_second": largest.count / largest.seconds,
        "peak_mib": max(run.peak for run in runs),
        "annexes": largest.count,
        "runs": [asdict(run) for run in runs],
        "ms": {
            "read": alone.read / alone.count * 1e3,
            "issue": 1e3 / best.per_second,
            "keep": alone.acts / alone.count * 1e3,
        },
    }
