"""Which way mail takes: a folder, one server, or two of which the second takes over.

The second one stands in while the first does not answer, and only then: what a server answered
about a message is its answer, and what may have arrived is not sent by another way, where it
would arrive twice.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from app.config import Refused
from app.home import Home
from app.mail import CLOSING, Folder, SmtpServer, server_of
from registers.notices.transport import Later, Send, Transport, Unreachable

log = logging.getLogger(__name__)

REST = 600.0
"""Seconds after which a server that did not answer is tried first again."""

NAMES = ("smtp", "smtp2")


def transport_of(home: Home) -> Transport:
    """How mail leaves this installation."""
    settings = home.settings
    if not settings.smtp_host:
        return Folder(home.outgoing)
    servers = _servers(home)
    return Relays(servers) if len(servers) > 1 else servers[0]


def _servers(home: Home) -> list[SmtpServer]:
    settings = home.settings
    return [server_of(settings, name) for name in NAMES if settings.relay(name).host]


def said_of(home: Home) -> str:
    """Where mail goes, in a few words for the console."""
    settings = home.settings
    if not settings.smtp_host:
        return f"written to {home.outgoing}, nothing leaves"
    told = []
    for each in _servers(home):
        who = f" as {each.user}" if each.user else ""
        told.append(f"{each.where} ({each.security}){who}")
    return f"{', else '.join(told)}, from {settings.sender}"


def check(home: Home) -> None:
    """Goes to each mail server as if to send, and leaves again.

    Raises:
        Refused: one of them cannot be used; the sentence says why.
    """
    for server in _servers(home) if home.settings.smtp_host else []:
        try:
            server.connected().quit()
        except (Later, OSError) as error:
            raise Refused(f"The mail server cannot be used: {error}.") from error


@dataclass
class Relays:
    """Mail servers in their order: the first that answers takes a message.

    Threads share one; that two of them find out at once that a server is silent does no harm.

    Args:
        servers: the first is the usual one.
        rest: seconds for which one that did not answer is asked last.
        clock: seconds that only grow.
    """

    servers: Sequence[SmtpServer]
    rest: float = REST
    clock: Callable[[], float] = time.monotonic
    _until: dict[SmtpServer, float] = field(default_factory=dict, repr=False)

    def send(self, message: bytes, sender: str, recipient: str) -> str | None:
        """Hands over one message; see `Send`."""
        with self.session() as send:
            return send(message, sender, recipient)

    @contextmanager
    def session(self) -> Iterator[Send]:
        """Hands over many, over one connection to each server that is needed."""
        with ExitStack() as stack:
            lines: dict[SmtpServer, Send] = {}

            def send(message: bytes, sender: str, recipient: str) -> str | None:
                silent: list[str] = []
                for server in self._order():
                    if server not in lines:
                        lines[server] = stack.enter_context(server.session())
                    try:
                        taken = lines[server](message, sender, recipient)
                    except Later as error:
                        if not isinstance(error, Unreachable) and error.code != CLOSING:
                            raise
                        self._silent(server, error)
                        silent.append(str(error))
                    else:
                        self._until.pop(server, None)
                        return taken
                raise Unreachable("; ".join(silent))

            yield send

    def _order(self) -> list[SmtpServer]:
        now = self.clock()
        return sorted(self.servers, key=lambda each: self._until.get(each, now) > now)

    def _silent(self, server: SmtpServer, error: Later) -> None:
        now = self.clock()
        if self._until.get(server, now) <= now:
            log.warning("mail server left alone for %d s: %s", self.rest, error)
        self._until[server] = now + self.rest
