"""Workers as they run: real processes, woken over a file or Redis, killed and told to stop."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import supervisor
from app.supervisor import Supervisor
from registers.kernel import audit, clock
from registers.kernel.heartbeat import WorkerSeen
from registers.kernel.outbox import Outbox, State, Wanted, put
from registers.kernel.words import text
from registers.people.roles import Permission
from tests.catalogues import ROOT
from tests.labour import QUICK, SLOW
from tests.mail_servers import free_port
from tests.site import site

PUT = audit.kind("test.worker_put", text("Put"))


def wait_for(condition, seconds=20):
    """What the condition gives, as soon as it is true of something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)
    return found


class Works:
    """An installation, and processes that serve it."""

    def __init__(self, made):
        self.site = made
        settings = made.house.settings
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "PYTHONWARNINGS": "error",
            "PYTHONPATH": str(ROOT),
            "GREFFE_HOME": str(settings.home),
            "GREFFE_DATABASE_URL": settings.database_url,
            "GREFFE_REDIS_URL": settings.redis_url,
        }

    @contextmanager
    def process(self, *command, **environment):
        """A process of the installation; killed at the end if it still runs."""
        with subprocess.Popen(
            [sys.executable, *command],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as started:
            try:
                yield started
            except AssertionError:
                started.kill()
                print(started.communicate()[0])  # noqa: T201 pytest shows it with the failure
                raise
            finally:
                started.kill()

    def worker(self):
        return self.process("-m", "tests.labour")

    def put(self, kind, number):
        with self.site.act() as act:
            act.require(Permission.REGISTER_EDIT)
            put(act, [Wanted(kind, f"{kind}:{n}", f"x:{n}", act.now) for n in range(number)])
            act.log(PUT, "test:put")

    def states(self):
        with self.site.reading() as session:
            query = sa.select(Outbox.state, sa.func.count()).group_by(Outbox.state)
            return dict(session.execute(query).all())

    def holders(self):
        """The processes that did the work."""
        with self.site.reading() as session:
            return {
                holder.rpartition(":")[0] for holder in session.scalars(sa.select(Outbox.holder))
            }

    def seen(self):
        """The process numbers of workers that were seen."""
        with self.site.reading() as session:
            return {
                int(name.split(":")[1]) for name in session.scalars(sa.select(WorkerSeen.holder))
            }


@contextmanager
def works(url, folder, **settings):
    with site(url, folder, clock.now, **settings) as made:
        yield Works(made)


@pytest.fixture
def here(database_url, tmp_path):
    """An installation whose carrier is a file."""
    with works(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def small(databases, tmp_path):
    """An installation on SQLite, for what does not concern the database."""
    with databases.fresh("sqlite") as url, works(url, tmp_path) as made:
        yield made


def stop(process):
    """Tells it to stop; what it printed."""
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0, printed
    assert "Traceback" not in printed, printed
    return printed


def test_a_worker_is_woken_by_an_act_and_stops_cleanly(here):
    with here.worker() as process:
        wait_for(here.seen)
        time.sleep(0.5)  # the first look at the outbox, which nobody asked for, is over
        here.put(QUICK, 30)
        wait_for(lambda: here.states() == {State.DONE: 30}, 10)
        printed = stop(process)
    assert "nothing leaves" in printed
    assert ("60 s" in printed) == (not here.site.house.settings.sqlite)


def test_told_to_stop_it_ends_what_is_under_way_and_begins_nothing(here):
    here.put(SLOW, 200)
    with here.worker() as process:
        wait_for(lambda: State.TAKEN in here.states())
        process.send_signal(signal.SIGTERM)
        stop(process)  # a second signal breaks nothing off
    states = here.states()
    assert set(states) == {State.DONE, State.WAITING}
    assert states[State.DONE] % 25 == 0


def test_workers_on_several_machines_share_the_work_over_redis(databases, tmp_path, redis):
    with (
        databases.fresh("postgresql") as url,
        works(url, tmp_path, redis_url=redis) as here,
        here.worker() as first,
        here.worker() as second,
    ):
        wait_for(lambda: len(here.seen()) == 2)
        time.sleep(0.5)
        here.put(QUICK, 400)
        wait_for(lambda: here.states() == {State.DONE: 400}, 15)
        assert len(here.holders()) == 2
        assert "60 s" not in stop(first)
        stop(second)


def test_without_its_carrier_work_is_late_but_done(databases, tmp_path, caplog):
    gone = f"redis://127.0.0.1:{free_port()}/0"
    with databases.fresh("sqlite") as url, works(url, tmp_path, redis_url=gone) as here:
        here.put(QUICK, 3)
        assert "waking the workers" in caplog.text
        with here.worker() as process:
            wait_for(lambda: here.states() == {State.DONE: 3})
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
            assert process.returncode == 0


@contextmanager
def serving(here, **environment):
    """A server with its worker."""
    port = str(free_port())
    with here.process("-m", "app", "serve", GREFFE_PORT=port, **environment) as process:

        def ready():
            with (
                suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as page,
            ):
                return json.load(page)

        wait_for(ready)
        yield process, ready


def gone(pid):
    """Whether a process has ended; one that nobody waits for is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_worker_that_dies_is_replaced_and_the_pages_stay(small):
    with serving(small) as (process, ready):
        (first,) = wait_for(small.seen)
        os.kill(first, signal.SIGKILL)
        assert ready()["ready"]
        (second,) = wait_for(lambda: small.seen() - {first})
        assert ready()["worker_seen_at"]
        printed = stop(process)
        assert "the worker ended (-9)" in printed
        assert gone(second)


def test_a_worker_does_not_outlive_its_server(databases, tmp_path):
    with (
        databases.fresh("postgresql") as url,
        works(url, tmp_path) as here,
        serving(here) as (process, _ready),
    ):
        (worker,) = wait_for(here.seen)
        process.kill()
        process.wait()
        wait_for(lambda: gone(worker), 10)


def test_pages_can_be_served_alone(small):
    with serving(small, GREFFE_WORKER="off") as (process, ready):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert children.read_text() == ""
        assert ready()["worker_seen_at"] is None
        stop(process)


def test_a_child_that_cannot_run_is_tried_again_and_leaving_waits_for_nothing(caplog):
    with caplog.at_level(logging.WARNING):
        began = time.monotonic()
        with Supervisor([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ)):
            wait_for(lambda: "started again in 2 s" in caplog.text)
        with Supervisor(["/nonexistent/program"], {}):
            wait_for(lambda: "No such file" in caplog.text)
    assert "the worker ended (3); it is started again in 1 s" in caplog.text
    assert time.monotonic() - began < 10


def test_a_child_that_does_not_leave_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor, "GRACE", 0.3)
    begun = tmp_path / "begun"
    deaf = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    with Supervisor([sys.executable, "-c", deaf, str(begun)], dict(os.environ)) as watched:
        wait_for(begun.exists)
    assert watched._child.returncode == -signal.SIGKILL
