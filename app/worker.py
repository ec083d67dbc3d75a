"""A worker: does what is due in the outbox, says that it is there, stops without leaving a mess.

It may die at any moment: the work it held is taken by another when its lease runs out.
"""

import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from itertools import count
from threading import Event, Thread
from types import FrameType

from huey import Huey
from huey.consumer import Consumer

from app import carrier, relays
from app.house import House
from app.packs import elsewhere_of
from app.pressing import press_of
from app.webhook import HttpGateway
from registers import work
from registers.kernel import heartbeat, outbox
from registers.people.roles import WORKER
from registers.work import Tools

log = logging.getLogger(__name__)

THREADS = 2
TICK = 60
"""Seconds between two looks at the outbox that nobody asked for."""
GRACE = 30
"""Seconds for what is under way to end, when a worker is told to stop."""


class Worker:
    """A worker of one installation, in a process of its own.

    Raises:
        Refused: the identity that seals cannot be read.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        # one that was started again never passes for the one before
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.tools = Tools(
            press=press_of(house, WORKER),
            mail=relays.transport_of(house.home),
            sender=house.settings.sender,
            address=house.settings.address,
            secret=house.home.portal_secret,
            holder=self.holder,
            elsewhere=elsewhere_of(house.settings),
            gateway=HttpGateway(private=house.settings.webhook_private == "on"),
        )
        self._turns = count(1)
        self._stop = Event()
        self._started_at = house.now()

    def run(self) -> None:
        """Works until a signal says to stop; what is under way is ended first."""
        with carrier.opened(self.house.settings, self.drain) as (huey, _ring):
            others = [
                Thread(target=self._every, args=(seconds, each), daemon=True)
                for seconds, each in ((heartbeat.EVERY.seconds, self.beat), (TICK, self.tick))
            ]
            for thread in others:
                thread.start()
            _Consumer(huey, self._stop).run()
            for thread in others:
                thread.join(5)

    def drain(self) -> None:
        """Does what is due."""
        mine = replace(self.tools, holder=f"{self.holder}:{next(self._turns)}")
        work.drain(mine, self._stop.is_set)

    def tick(self) -> None:
        """Looks for what has become due, then does it, whatever became of wake-ups."""
        self._free_the_dead()
        work.sweep(self.tools)
        self.drain()

    def _free_the_dead(self) -> None:
        """Offers again what workers of this machine held that were killed: no lease is awaited."""
        database = self.house.database
        with database.reading() as session:
            dead = {each for each in outbox.holders(session) if self._is_dead(each)}
        if dead:
            with database.upkeep() as traces:
                outbox.release(traces, dead, self.house.now())

    def _is_dead(self, holder: str) -> bool:
        """Whether a holder was a process of this machine and is none any more."""
        host, pid, mark = holder.split(":")[:3]
        if host != socket.gethostname():
            return False
        if int(pid) == os.getpid():
            return mark != self.holder.split(":")[2]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def beat(self) -> None:
        """Says that it is there."""
        with self.house.database.upkeep() as traces:
            now = self.house.now()
            heartbeat.beat(traces, self.holder, version("greffe"), self._started_at, now)

    def _every(self, seconds: int, task: Callable[[], None]) -> None:
        while True:
            try:
                task()
            except Exception:
                log.exception("%s", task.__name__)
            if self._stop.wait(seconds):
                return


class _Consumer(Consumer):
    """Huey's, in the main thread of a process that does nothing else; ticks are our own."""

    def __init__(self, huey: Huey, stop: Event) -> None:
        super().__init__(
            huey,
            workers=THREADS,
            worker_type="thread",
            periodic=False,
            max_delay=1,
            scheduler_interval=60,
            shutdown_timeout=GRACE,
        )
        self._stop_work = stop

    def _set_signal_handlers(self) -> None:
        # Huey's would start the process anew on SIGHUP, and break off on a second signal
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, self._told_to_stop)

    def _told_to_stop(self, signum: int, _frame: FrameType | None) -> None:
        self._stop_work.set()
        self._signum = signum


def stop_with_parent() -> None:
    """Makes this process stop when the one that started it, and holds its input, is gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, daemon=True).start()
