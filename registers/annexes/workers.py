"""Processes that typeset and seal beside the one that reads and keeps.

A worker gets a snapshot and gives back a file; it knows no database and writes nothing.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from types import TracebackType
from typing import Protocol, Self

from registers.annexes.kinds import KINDS
from registers.annexes.shapes import Snapshot
from registers.press.identity import Carried, Identity, carried, received
from registers.press.issue import Issued, issue
from registers.press.paper import Stamp


@dataclass(frozen=True)
class Task:
    """An annex to typeset and seal.

    Attributes:
        kind: by its name.
        snapshot: what it shows.
        language: of its own words.
        stamp: its number, its moment.
        sealed_at: an aware instant in the zone whose date is shown.
    """

    kind: str
    snapshot: Snapshot
    language: str
    stamp: Stamp
    sealed_at: datetime

    def done(self, identity: Identity) -> Issued:
        """The annex, sealed by the identity and checked."""
        paper = KINDS[self.kind].paper(self.snapshot, self.language)
        return issue(paper, self.snapshot.stored, self.stamp, identity, self.sealed_at)


class Promise(Protocol):
    """An annex that is being made."""

    def result(self) -> Issued:
        """It, when it is made; raises what its making raised."""
        ...

    def cancel(self) -> bool:
        """Takes the task back, unless a worker has begun it; says whether it was taken."""
        ...


class Workers:
    """A number of processes that seal with one identity; closed when they are left."""

    def __init__(self, identity: Identity, processes: int) -> None:
        # Spawned, not forked: a fork would share connections to the database, and locks.
        self._pool = ProcessPoolExecutor(
            processes, get_context("spawn"), initializer=_begin, initargs=(carried(identity),)
        )
        self._started = self._pool.submit(_nothing)

    @property
    def ready(self) -> bool:
        """Whether the first of them has started: that takes as long as a hundred annexes."""
        return self._started.done()

    def begin(self, task: Task) -> Promise | None:
        """Has the task done by the next process that is free; None while none is ready."""
        return self._pool.submit(_done, task) if self.ready else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


_identities: list[Identity] = []
"""In a worker: who seals."""


def _begin(identity: Carried) -> None:
    _identities[:] = [received(identity)]


def _nothing() -> None:
    """What a worker does first."""


def _done(task: Task) -> Issued:
    return task.done(_identities[0])
