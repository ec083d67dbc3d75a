"""An announcement to many, delivered by real worker processes to a real mail server on loopback.

The processes can be killed on the way; what counts is what the registers and the server say
afterwards. The bench and the tests run the same.
"""

import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from flask import Flask

from app.commands.bench import fictional
from app.commands.bench.measuring import busy, house_of, installed
from app.config import PREFIX, Settings
from app.house import House, db
from registers.activities import queries as register
from registers.announcements import drafting, planning
from registers.announcements import operations as announcing
from registers.announcements.facts import Announcement, Change
from registers.announcements.models import Case, Window
from registers.announcements.vocabulary import ChangeKind
from registers.controllers import importing
from registers.controllers import operations as parties
from registers.controllers.importing import Request
from registers.controllers.vocabulary import Channel
from registers.kernel import audit
from registers.kernel.heartbeat import WorkerSeen
from registers.kernel.history import How
from registers.kernel.outbox import Outbox, State
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import DispatchState
from registers.people.roles import console
from registers.sample.announcing import PROPOSED
from registers.sample.loading import load_register
from registers.sample.parties import PARTIES
from registers.subprocessors import operations as subprocessors

WORKERS = 2
CODE = "BOREALE"
PATIENCE = 600.0
"""Seconds after which a run is given up."""


class Sink:
    """A mail server that takes everything, and remembers which messages."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.digests: dict[str, set[str]] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 its name in aiosmtpd
        """Takes a message over."""
        name = str(BytesHeaderParser().parsebytes(envelope.content)["Message-ID"]).strip()
        self.taken[name] += 1
        self.digests.setdefault(name, set()).add(hashlib.sha256(envelope.content).hexdigest())
        return "250 OK"


@contextmanager
def listening() -> Iterator[tuple[Sink, int]]:
    """A sink, and the port at which it listens."""
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, data_size_limit=10**8)
    controller.start()
    try:
        yield sink, port
    finally:
        controller.stop()


class Told(NamedTuple):
    """What was to be told, and what it took to record it."""

    notices: int
    commit_s: float
    """Seconds that the act took that wrote the notices."""
    begun: float
    """When the first act began, on the clock of `time.perf_counter`."""


class Delivered(NamedTuple):
    """What became of what was told."""

    notices: int
    lost: int
    """Messages that the registers or the server miss."""
    duplicate_effects: int
    """Legal effects that came about twice: a message recorded as sent twice, two cases, two
    windows, two papers for one contract."""
    unmarked: int
    """Messages that the server has twice without a mark, or not byte for byte the same."""
    uncertain: int
    commit_s: float
    """Seconds that the act took that wrote the notices."""
    sent_s: float
    """Seconds from there to the last message at the server."""
    total_s: float
    """Seconds from the beginning of the first act to the last message at the server."""
    busy_s: float
    """Seconds of processor time of the workers."""
    kills: int


@contextmanager
def prepared(controllers: int, sink_port: int, **settings: Any) -> Iterator[Flask]:
    """An installation with so many controllers, that sends to a sink on loopback."""
    mail = {
        "smtp_host": "127.0.0.1",
        "smtp_port": sink_port,
        "smtp_security": "none",
        "smtp_from": "notifications@ponant.example",
    }
    with installed(**mail, **settings) as app:
        house = house_of(app)
        load_register(lambda: house.database.acting(console()))
        sheet = fictional.sheet(max(controllers - len(PARTIES), 1))
        with app.app_context():
            asked = Request(
                sheet=sheet,
                terms=parties.terms_of_model(house.session, parties.STANDARD, house.today),
                activities=frozenset(register.activity_names(house.session)),
                today=house.today,
                reason="Reprise",
            )
            db.session.close()
        with house.database.acting(console()) as act:
            importing.import_all(act, asked)
        yield app


def announce(house: House) -> Told:
    """Announces a new sub-processor to everybody."""
    today = house.now().date()
    how = How(today, "Essai")
    planned_on = today.replace(year=today.year + 1, day=1)
    change = Change(code=CODE, kind=ChangeKind.ADDITION, planned_on=planned_on)
    known = Announcement(title="Essai", changes=(change,), decided_by="Direction", decided_on=today)
    with house.database.acting(console()) as act:
        subprocessors.record(act, CODE, PROPOSED[CODE], how)
        act.session.flush()
        head = drafting.draft(act, known, how)
    with house.database.reading() as session:
        count = len(planning.plan(session, known, today).addressees)
    begun = time.perf_counter()
    with house.database.acting(console()) as act:
        announcing.announce(act, head.id, 1, count, today)
    return Told(count, time.perf_counter() - begun, begun)


def run(
    app: Flask,
    sink: Sink,
    kills: int = 0,
    *,
    workers: int = WORKERS,
    patience: float = PATIENCE,
    tell: Callable[[House], Told] = announce,
) -> Delivered:
    """Tells, has it delivered while workers are killed, and looks what became of it.

    The workers are there before, as they are in an installation.
    """
    house = house_of(app)
    with _working(house, workers) as running:
        before = _busy(running)
        told = tell(house)
        begun = time.perf_counter()
        steps = kills * [told.notices // (kills + 1)]
        done = _deliver(house, sink, running, steps, patience)
        ended = time.perf_counter()
        used = _busy(running) - before
    return Delivered(
        notices=told.notices,
        commit_s=told.commit_s,
        sent_s=ended - begun,
        total_s=ended - told.begun,
        busy_s=used,
        kills=done,
        **_looked_at(house, sink),
    )


def finish(house: House, sink: Sink) -> dict[str, int]:
    """Has what is left delivered by one worker; gives what the registers say then."""
    with _working(house, 1) as running:
        _deliver(house, sink, running, [], PATIENCE)
    return _looked_at(house, sink)


@contextmanager
def _working(house: House, workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers that are there; told to stop in the end."""
    running = [_worker(house.settings) for _ in range(workers)]
    try:
        _wait_for(house, workers)
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(60)


def _wait_for(house: House, workers: int) -> None:
    """Waits until so many workers said that they are there."""
    until = time.monotonic() + 60
    query = sa.select(sa.func.count()).select_from(WorkerSeen)
    while time.monotonic() < until:
        with house.database.reading() as session:
            if (session.scalar(query) or 0) >= workers:
                return
        time.sleep(0.05)
    raise TimeoutError("the workers did not start")


def _busy(running: Sequence[subprocess.Popen[bytes]]) -> float:
    """The seconds of processor time that these workers, and those killed before them, had."""
    return busy() - time.process_time() + sum(map(_of_process, running))


def _of_process(process: subprocess.Popen[bytes]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _deliver(
    house: House,
    sink: Sink,
    running: list[subprocess.Popen[bytes]],
    steps: Sequence[int],
    patience: float,
) -> int:
    """Waits until nothing is left to do; after each step of messages one worker is killed."""
    chance = random.Random(len(steps))  # noqa: S311 which one is killed is no secret
    killed, until = 0, time.monotonic() + patience
    while _left(house) and time.monotonic() < until:
        if killed < len(steps) and sink.taken.total() >= sum(steps[: killed + 1]):
            place = chance.randrange(len(running))
            running[place].kill()
            running[place].wait()
            running[place] = _worker(house.settings)
            killed += 1
        time.sleep(0.02)
    return killed


def _worker(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app", "worker"], env=environment(settings))


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a process has these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {
        PREFIX + name.upper(): str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if value and value != getattr(_PLAIN, name)
    }
    return {**kept, **given}


_PLAIN = Settings(home=Path())


def _left(house: House) -> bool:
    """Whether there is work that nobody has done yet."""
    open_ = (State.WAITING, State.TAKEN)
    with house.database.reading() as session:
        return (
            session.scalar(sa.select(Outbox.id).where(Outbox.state.in_(open_)).limit(1)) is not None
        )


def _looked_at(house: House, sink: Sink) -> dict[str, int]:
    """What the registers and the server say in the end."""
    sent = {DispatchState.SENT, DispatchState.UNCERTAIN}
    with house.database.reading() as session:

        def count(query: Any) -> int:
            return session.scalar(query) or 0

        ways = session.execute(
            sa.select(Dispatch.id, Dispatch.state).where(Dispatch.channel == Channel.EMAIL)
        ).all()
        notices = count(sa.select(sa.func.count()).select_from(Notice))
        recorded = count(sa.select(sa.func.count()).where(audit.Entry.kind == "notice.sent"))
        effects = [
            recorded - sum(state in sent for _, state in ways),
            count(sa.select(sa.func.count()).select_from(Case))
            - count(sa.select(sa.func.count(sa.distinct(Case.matter_id)))),
            count(sa.select(sa.func.count()).select_from(Matter))
            - count(sa.select(sa.func.count(sa.distinct(Matter.contract_id)))),
            count(sa.select(sa.func.count()).select_from(Window)),
        ]
    names = {str(key): state for key, state in ways}
    arrived = {name[1:].partition("@")[0]: times for name, times in sink.taken.items()}
    lost = sum(state not in sent or name not in arrived for name, state in names.items())
    twice = {name for name, times in arrived.items() if times > 1}
    marked = {name for name, state in names.items() if state is DispatchState.UNCERTAIN}
    unlike = sum(len(each) > 1 for each in sink.digests.values())
    return {
        "lost": lost + (notices - len(ways) if len(ways) < notices else 0),
        "duplicate_effects": sum(effects),
        "unmarked": len(twice - marked) + unlike,
        "uncertain": len(marked),
    }
