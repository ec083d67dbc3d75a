"""`greffe bench annexes`: register annexes, made by us and by what one would use instead."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import click
import pikepdf
import sqlalchemy as sa
from msgspec.structs import replace as changed
from sqlalchemy.orm import Session

from app.commands.bench.measuring import Report, ms, options, say
from app.commands.bench.pages import installation
from app.commands.bench.rivals import RIVALS, Job, Rival
from app.house import House
from app.pressing import press_of
from registers.annexes import making, snapshots
from registers.annexes.kinds import REGISTER
from registers.annexes.shapes import RegisterSnapshot
from registers.controllers.models import Controller
from registers.kernel import audit
from registers.kernel.act import Act, Actor, Database
from registers.people.roles import console
from registers.press.identity import Identity
from registers.press.paper import Stamp
from registers.press.reference import typeset
from registers.press.seal import seal
from registers.press.verify import verify

FULL, QUICK = 100, 40
COMPARED, QUICK_COMPARED = 20, 12
"""How many of them the rivals make too: they take their time."""

T = TypeVar("T")


@click.command("annexes")
@options
def command(*, as_json: bool, quick: bool, size: int | None) -> None:
    """Sealed register annexes, against WeasyPrint with pyHanko on the same papers."""
    report = Report("annexes")
    count = size or (QUICK if quick else FULL)
    compared = min(size or COMPARED, QUICK_COMPARED if quick else COMPARED)
    with installation(count, 0) as at:
        house = at.house
        first, *ids = _controllers(house, count + 1)
        _whole(house, [first])
        whole = _whole(house, ids)
        jobs = list(_jobs(house, ids))
        identity = press_of(house, console()).identity
        ours = Ours(identity, house)
        rivals = {name: _loaded(name, house) for name in RIVALS}
        present = {name: rival for name, rival in rivals.items() if rival}
        _in_turn(ours, present, jobs[:1])
        found = _in_turn(ours, present, jobs[:compared])
        alone = _in_turn(ours, {}, jobs[compared:])[OURS] + found[OURS]
    _tell(report, whole, alone)
    _compare(report, found)
    each = found[OURS]
    ratios = {
        f"ratio_{name}": found[name].seconds / each.seconds if name in found else None
        for name in RIVALS
    }
    report.end(
        {
            **ratios,
            "per_second_per_core": alone.count / alone.seconds,
            "ratio_weasyprint_unverified": found["weasyprint"].seconds
            / (each.seconds - each.parts[VERIFY])
            if "weasyprint" in found
            else None,
            "kept_per_second": whole.count / whole.seconds,
            "annexes": whole.count,
            "ms": {
                "read": whole.read / whole.count * 1e3,
                **{name: seconds / alone.count * 1e3 for name, seconds in alone.parts.items()},
                "keep": whole.acts / whole.count * 1e3,
            },
        },
        as_json=as_json,
    )


OURS = "greffe"
TYPESET, SEAL, VERIFY = "typeset", "seal", "verify"


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
    """How long the making took, as the program does it."""

    count: int
    seconds: float
    read: float
    acts: float


def _whole(house: House, ids: Sequence[UUID]) -> Whole:
    watched = Watched(house.database)
    press = press_of(house, console())
    press = making.Press(
        cast("Database", watched), press.actor, press.identity, press.key, press.zone
    )
    begun = time.perf_counter()
    made = list(making.make(press, ids, house.today))
    return Whole(len(made), time.perf_counter() - begun, watched.read, watched.acts)


def _controllers(house: House, most: int) -> list[UUID]:
    with house.database.reading() as session:
        query = sa.select(Controller.id).order_by(Controller.code.desc()).limit(most)
        return list(session.scalars(query))


# --- the same papers, by each maker in turn -----------------------------------------------


@dataclass
class Made:
    """What one maker made, and how long its steps took together."""

    count: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    pages: int = 0
    size: int = 0
    sound: bool = True

    @property
    def seconds(self) -> float:
        """All steps together."""
        return sum(self.parts.values())

    def timed(self, step: str, work: Callable[[], T]) -> T:
        """Does a step and notes how long it took."""
        begun = time.perf_counter()
        done = work()
        self.parts[step] = self.parts.get(step, 0.0) + time.perf_counter() - begun
        return done

    def took(self, pdf: bytes) -> None:
        """Notes what came out."""
        self.count += 1
        self.size += len(pdf)
        self.sound = self.sound and verify(pdf).sound
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            self.pages += len(opened.pages)

    def __add__(self, other: "Made") -> "Made":
        parts = {
            step: self.parts.get(step, 0.0) + other.parts.get(step, 0.0)
            for step in {**self.parts, **other.parts}
        }
        return Made(
            self.count + other.count,
            parts,
            self.pages + other.pages,
            self.size + other.size,
            self.sound and other.sound,
        )


@dataclass(frozen=True)
class Ours:
    """Our own way: typeset, sealed, and verified by what did not make it."""

    identity: Identity
    house: House

    def make(self, snapshot: RegisterSnapshot, job: Job, made: Made) -> bytes:
        """One annex, its steps noted."""
        language = job.paper.language

        def pages() -> bytes:
            return typeset(REGISTER.paper(snapshot, language), snapshot.stored, job.stamp)

        unsigned = made.timed(TYPESET, pages)
        now = self.house.now().astimezone(job.stamp.prepared_at.tzinfo)
        sealed = made.timed(SEAL, lambda: seal(unsigned, self.identity, now, language))
        made.timed(VERIFY, lambda: verify(sealed))
        return sealed


def _jobs(house: House, ids: Sequence[UUID]) -> Iterator[tuple[RegisterSnapshot, Job]]:
    with house.database.reading() as session:
        found = snapshots.registers(session, ids, house.today)
        checkpoint = audit.latest_checkpoints(session, 1)[0].as_json()
    at = house.now().astimezone(ZoneInfo(house.settings.zone)).replace(microsecond=0)
    for number, snapshot in enumerate(found.values(), 1):
        # a reason to be typeset anew: nothing that was made before may be kept in a cache
        fresh = changed(snapshot, code=f"{snapshot.code}-{number}")
        paper = REGISTER.paper(fresh, "en" if snapshot.controller.language == "en" else "fr")
        stamp = Stamp(f"AX-{at.year}-{number:04d}", at, checkpoint)
        yield fresh, Job(paper, fresh.stored, stamp)


def _in_turn(
    ours: Ours, rivals: dict[str, Rival], jobs: Sequence[tuple[RegisterSnapshot, Job]]
) -> dict[str, Made]:
    found = {OURS: Made(), **{name: Made() for name in rivals}}
    for snapshot, job in jobs:
        found[OURS].took(ours.make(snapshot, job, found[OURS]))
        for name, rival in rivals.items():
            found[name].took(_by(rival, job, found[name]))
    return found


def _by(rival: Rival, job: Job, made: Made) -> bytes:
    pdf = made.timed(TYPESET, lambda: rival.typeset(job))
    return made.timed(SEAL, lambda: rival.seal(pdf))


def _loaded(name: str, house: House) -> Rival | None:
    home = house.home
    try:
        return RIVALS[name](str(home.identity_path), home.identity_passphrase)
    except (ImportError, OSError) as error:
        say(f"{name} cannot be used here ({error}): install greffe[bench]. Its ratio is left out.")
        return None


def _tell(report: Report, whole: Whole, alone: Made) -> None:
    share = {
        "read the registers": whole.read / whole.count,
        **{step: seconds / alone.count for step, seconds in alone.parts.items()},
        "number and keep": whole.acts / whole.count,
    }
    total = sum(share.values())
    report.table(
        ("an annex of ours", "ms", "share"),
        [(step, ms(seconds), f"{seconds / total:.0%}") for step, seconds in share.items()],
    )
    say(
        f"{whole.count} annexes from the database to the files: {whole.seconds:.1f} s, "
        f"{whole.count / whole.seconds:.1f} a second on one core; typeset, sealed and verified "
        f"alone: {alone.count / alone.seconds:.1f} a second."
    )


def _compare(report: Report, found: dict[str, Made]) -> None:
    ours = found[OURS]
    rows = [
        (
            name,
            made.count,
            f"{made.pages / made.count:.1f}",
            f"{made.size / made.count / 1024:.0f}",
            *(ms(made.parts.get(step, 0.0) / made.count) for step in (TYPESET, SEAL, VERIFY)),
            ms(made.seconds / made.count),
            f"{made.seconds / ours.seconds:.1f}",
            "yes" if made.sound else "NO",
        )
        for name, made in found.items()
    ]
    headings = ("made by", "annexes", "pages", "KB", "typeset ms", "seal ms", "verify ms", "all ms")
    report.table((*headings, "ratio", "sound"), rows)
    say("Rivals do not verify what they made; our verification is counted against us.")
