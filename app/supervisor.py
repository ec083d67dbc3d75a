"""A child process that is started again whenever it ends, until its parent leaves."""

import logging
import subprocess
from collections.abc import Mapping, Sequence
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

LONGEST_WAIT = 30
WELL = 60
"""Seconds after which a child counts as having started well."""
GRACE = 40
"""Seconds for a child to end by itself; longer than a worker gives its work."""


class Supervisor:
    """Keeps one child process running: `with Supervisor(…):`.

    The child learns from the end of its input that its parent is gone, however it went. One that
    ends early is started again after 1, 2, 4 … 30 seconds.

    Args:
        command: the program and its arguments.
        environment: its whole environment.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command = command
        self.environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._leaving = Event()
        self._starting = Lock()
        self._thread = Thread(target=self._keep_running, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._leaving.set()
        with self._starting:
            child = self._child
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
        self._thread.join()

    def _keep_running(self) -> None:
        wait = 1
        while not self._leaving.is_set():
            began = monotonic()
            ended = self._run()
            if self._leaving.is_set():
                return
            if monotonic() - began > WELL:
                wait = 1
            log.warning("the worker ended (%s); it is started again in %d s", ended, wait)
            self._leaving.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _run(self) -> int | str:
        """Starts the child and waits for its end; gives its exit status, or why it has none."""
        try:
            with self._starting:
                if self._leaving.is_set():
                    return 0
                # a session of its own: ^C in a terminal is for the parent, which then tells it
                self._child = subprocess.Popen(  # noqa: S603 our own program
                    self.command,
                    env=self.environment,
                    stdin=subprocess.PIPE,
                    start_new_session=True,
                )
        except OSError as error:
            return str(error)
        status = self._child.wait()
        if self._child.stdin is not None:
            self._child.stdin.close()
        return status
