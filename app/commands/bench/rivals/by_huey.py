"""What one would write first: a Huey task for each notice, which does everything itself.

The same papers by the same press, the same messages, to the same server; a connection, a
transaction and a carrier's message for each.
"""

import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
import uuid
from datetime import UTC
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from huey import SqliteHuey
from huey.consumer import Consumer

from app.application import create_app
from app.commands.bench.delivering import WORKERS, environment
from app.commands.bench.measuring import busy
from app.config import settings
from app.house import House, house
from app.pressing import press_of
from registers.annexes import telling
from registers.annexes.kinds import KINDS
from registers.annexes.subjects import Asked
from registers.delivery.messages import Parts, compose
from registers.notices.models import Notice
from registers.people.roles import WORKER
from registers.press.issue import issue
from registers.press.paper import Stamp

PATIENCE = 120.0


class Rate(NamedTuple):
    """How fast the plain tasks were."""

    per_second: float
    busy_ms: float


def rate(of: House, port: int, count: int) -> Rate:
    """Has so many notices of an installation delivered by plain tasks, to the same server."""
    folder = of.home.path / "plain"
    folder.mkdir()
    with sqlite3.connect(folder / "done.db") as done:
        done.execute("CREATE TABLE done (notice TEXT PRIMARY KEY)")
    huey = _huey(folder)
    deliver = huey.task(name="deliver")(_nothing)
    with of.database.reading() as session:
        ids = list(session.scalars(sa.select(Notice.id).order_by(Notice.number).limit(count)))
    for key in ids:
        deliver(str(key), port)
    before, begun = busy(), time.perf_counter()
    start = f"import sys; from {__name__} import serve; serve(sys.argv[1])"
    command = [sys.executable, "-c", start, str(folder)]
    running = [
        subprocess.Popen(command, env=environment(of.settings))  # noqa: S603 ourselves
        for _ in range(WORKERS)
    ]
    first = _wait(folder, 1)
    _wait(folder, len(ids))
    seconds = time.perf_counter() - max(first, begun)
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(30)
    return Rate((len(ids) - 1) / seconds, (busy() - before) / len(ids) * 1e3)


def _wait(folder: Path, count: int) -> float:
    """Waits until so many are done; when that was."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with sqlite3.connect(folder / "done.db", timeout=30) as done:
            if done.execute("SELECT count(*) FROM done").fetchone()[0] >= count:
                break
        time.sleep(0.02)
    return time.perf_counter()


def _huey(folder: Path) -> SqliteHuey:
    return SqliteHuey(filename=str(folder / "plain.db"), results=False)


def _nothing(notice: str, port: int) -> None:
    """Stands for the task where it is only sent."""


def serve(path: str) -> None:
    """A consumer of plain tasks, until it is told to stop."""
    folder = Path(path)
    app = create_app(settings())
    with app.app_context():
        at = house()
        huey = _huey(folder)

        def deliver(notice: str, port: int) -> None:
            _deliver(at, folder, uuid.UUID(notice), port)

        huey.task(name="deliver")(deliver)
        Consumer(huey, workers=2, worker_type="thread", max_delay=1).run()


def _deliver(at: House, folder: Path, key: uuid.UUID, port: int) -> None:
    press = press_of(at, WORKER)
    subject = telling.of_notice(key, None)
    with at.database.reading() as session:
        notice = session.get_one(Notice, key)
        snapshot = telling.notices(session, [subject], Asked(notice.created_at.date()))[subject]
    now = at.now().astimezone(ZoneInfo(press.zone)).replace(microsecond=0)
    stamp = Stamp(notice.number, now, None, press.identity.is_test)
    paper = KINDS[snapshot.kind].paper(snapshot, snapshot.language)
    issued = issue(paper, snapshot.stored, stamp, press.identity, now)
    message = compose(
        Parts(
            snapshot=snapshot,
            kind=notice.kind,
            paper=issued.pdf,
            paper_number=notice.number,
            message_id=f"<plain-{key}@ponant.example>",
            sender=at.settings.sender,
            recipient=notice.email,
            at=now.astimezone(UTC),
            link=at.settings.address,
        )
    )
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail(at.settings.sender, [notice.email], message)
    with sqlite3.connect(folder / "done.db", timeout=30) as done:
        done.execute("INSERT OR IGNORE INTO done VALUES (?)", (str(key),))
