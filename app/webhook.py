"""Posts alarms to a gateway: over TLS, to the address that was checked, and nowhere else.

The name is resolved once, every number it leads to is judged, and the connection goes to one of
these very numbers: a name that is answered otherwise a moment later leads nowhere else.
Redirects are answers, not ways.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from registers.breaches.gateway import LONGEST_ANSWER, Answer, checked, is_loopback, may_reach
from registers.kernel.errors import Invalid
from registers.notices.transport import Later, Refused

PASSING = {408, 425, 429}
UNREADABLE = re.compile(r"[^\x20-\x7e\xa0-\uffff]+")


@dataclass(frozen=True)
class HttpGateway:
    """A gateway on the network.

    Args:
        private: whether it may lie in a private network or on this machine.
        patience: seconds to wait for the connection, and for each part of the answer.
        context: how certificates are verified.
    """

    private: bool = False
    patience: float = 10
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """See `Gateway.post`."""
        try:
            parts = urlsplit(checked(address, private=self.private))
        except Invalid as error:
            raise Refused(str(error.reason)) from error
        host, tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        line = self._line(host, port, tls=tls)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            line.request("POST", path, body, {**headers, "User-Agent": "greffe"})
            with line.getresponse() as found:
                said = found.read1(LONGEST_ANSWER * 4).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise Later(f"{host}: {error or type(error).__name__}") from error
        finally:
            line.close()
        words = UNREADABLE.sub(" ", said).strip()[:LONGEST_ANSWER]
        return _judged(found.status, words)

    def _line(self, host: str, port: int, *, tls: bool) -> http.client.HTTPConnection:
        numbers = self._numbers(host, port)
        if tls:
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self.patience, context=self.context
            )
        else:
            line = http.client.HTTPConnection(host, port, timeout=self.patience)

        def connect(*_where: object, **_how: object) -> socket.socket:
            for number in numbers[:-1]:
                try:
                    return socket.create_connection((number, port), self.patience)
                except OSError:
                    continue
            return socket.create_connection((numbers[-1], port), self.patience)

        line._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001 the name is not resolved twice
        return line

    def _numbers(self, host: str, port: int) -> list[str]:
        """The numbers that a name leads to: all of them allowed, or none is used."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Later(f"{host} is not found") from error
        numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
        wrong = [each for each in numbers if not may_reach(each, private=self.private)]
        if wrong or (is_loopback(host) and not self.private):
            raise Refused(f"{host} lies in a private network: GREFFE_WEBHOOK_PRIVATE allows that")
        return numbers


def _judged(status: int, said: str) -> Answer:
    if status // 100 == 2:  # noqa: PLR2004 the class of success
        return Answer(status, said)
    told = f"{status} {said}".strip()
    if status // 100 == 5 or status in PASSING:  # noqa: PLR2004 the class of their errors
        raise Later(told)
    raise Refused(told)
