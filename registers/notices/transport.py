"""The port of mail: what the registers ask of whoever carries messages, and how it may fail.

Three failures, because three different things must follow: what is refused for good waits for a
person; what was not handed over is tried again; what may have arrived is never taken for either.
"""

from contextlib import AbstractContextManager
from typing import Protocol

RESERVED = (".example", ".test", ".invalid", ".localhost")


def is_fictional(address: str) -> bool:
    """Whether nobody is at an address: its domain is kept for trials (RFC 2606)."""
    return address.lower().endswith(RESERVED)


class Undelivered(Exception):
    """A message whose arrival at the next server is not certain.

    Attributes:
        said: what was answered or what happened, in the server's or the system's words.
        code: the server's three digits; 0 where no server answered.
    """

    def __init__(self, said: str, code: int = 0) -> None:
        super().__init__(f"{code} {said}" if code else said)
        self.said = said
        self.code = code


class Refused(Undelivered):
    """The server will never take it, or no server could: the address is impossible. Permanent."""


class Later(Undelivered):
    """Nothing was handed over, and it may pass: the same message can be sent again."""


class Unreachable(Later):
    """No server took the message over, whatever message it was: another server may."""


class Unsure(Undelivered):
    """All was sent, no answer came: the server may have it. Sent again, it may arrive twice."""


class Send(Protocol):
    """Hands one message over; returning means that the next server answers for it.

    Raises:
        Refused, Later, Unsure: see there.
    """

    def __call__(self, message: bytes, sender: str, recipient: str) -> str | None:
        """Sends a whole message, headers included, as it is, to one recipient.

        Gives the server that took it, in a few words, where there is one.

        Args:
            message: with its Message-ID, which says that it is the same message.
            sender: the address to which a server reports that it could not deliver.
            recipient: the address it is for, whatever its headers say.
        """


class Transport(Protocol):
    """Carries messages. One of the three edges that tests may replace."""

    def send(self, message: bytes, sender: str, recipient: str) -> str | None:
        """Hands over one message; see `Send`."""

    def session(self) -> AbstractContextManager[Send]:
        """Hands over many, over one connection where there is one: `with … as send:`.

        Entering and leaving never fails; each message fails or succeeds by itself. A server that
        does not answer is not asked again in the same session: the other messages are `Later`.
        """
