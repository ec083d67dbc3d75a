"""Delivery by real processes that are killed, to a real server on loopback: none lost, none twice.

The same as `greffe bench notices`, whose figures are asserted here on both databases.
"""

import resource
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from app.commands.bench import delivering
from app.commands.bench.measuring import house_of
from registers.kernel.outbox import Outbox, State
from tests.tools import need

NOTICES, KILLS = 300, 5


@pytest.fixture
def place(request, databases):
    """Settings of each database: SQLite with a file as carrier, PostgreSQL with Redis."""
    if request.param == "sqlite":
        yield {}
        return
    need("redis-server")
    redis = request.getfixturevalue("redis")
    with databases.fresh("postgresql") as url:
        plain = sa.make_url(url).set(drivername="postgresql")
        yield {
            "database_url": plain.render_as_string(hide_password=False),
            "redis_url": redis,
        }


@pytest.mark.parametrize("place", ["sqlite", "postgresql with redis"], indirect=True)
def test_workers_killed_five_times_lose_and_repeat_nothing(place):
    with (
        delivering.listening() as (sink, port),
        delivering.prepared(NOTICES, port, **place) as app,
    ):
        found = delivering.run(app, sink, KILLS)
    assert found.kills == KILLS
    assert (found.lost, found.duplicate_effects, found.unmarked) == (0, 0, 0)
    assert found.notices >= NOTICES - 1
    assert len(sink.taken) == found.notices


def test_a_full_disk_loses_nothing():
    with delivering.listening() as (sink, port), delivering.prepared(40, port) as app:
        house = house_of(app)
        delivering.announce(house)
        largest = max(path.stat().st_size for path in house.home.path.glob("greffe.db*"))

        def fill_the_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 40_000, largest + 40_000))

        command = [sys.executable, "-m", "app", "worker"]
        environment = delivering.environment(house.settings)
        starved = subprocess.Popen(
            command,
            env=environment,
            preexec_fn=fill_the_disk,  # noqa: PLW1509 nothing else runs in this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(8)
        starved.kill()
        starved.wait()
        with house.database.reading() as session:
            states = set(session.scalars(sa.select(Outbox.state)))
        assert states & {State.WAITING, State.TAKEN}
        with house.database.upkeep() as traces:  # nobody waits here for the delay after a failure
            traces.execute(sa.update(Outbox).values(due_at=house.now()))
        found = delivering.finish(house, sink)
    assert (found["lost"], found["duplicate_effects"], found["unmarked"]) == (0, 0, 0)
