"""The port to a gateway that wakes people: a service that sends short messages or makes calls.

An e-mail wakes nobody. What is posted holds no personal data and nothing of what happened: it
crosses the systems of others. The address is an administrator's, so it is kept from leading
back into our own network.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.notices.transport import Refused

LONGEST_ADDRESS = 1_000
LONGEST_ANSWER = 500
"""How much of what a gateway answers is kept."""

SIGNATURE, DELIVERY = "Greffe-Signature", "Greffe-Delivery"
"""The headers: who posted it and when; which alarm it is, the same whenever it is tried again."""


class Answer(NamedTuple):
    """What a gateway that took an alarm answered."""

    status: int
    said: str


class Gateway(Protocol):
    """Posts alarms. One of the edges that tests may replace."""

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts once, and follows nowhere.

        Raises:
            Refused: it will never be taken, or the address is one that must not be reached.
            Later: nobody answered, or it may be taken later.
        """


class Nowhere:
    """Where no gateway can be reached from: commands and tests that need none."""

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002 the port's
        """Refuses everything."""
        raise Refused("no gateway can be reached from here")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.casefold() in {"localhost", "localhost."}:
        return True
    found = _number(host)
    return found is not None and found.is_loopback


def may_reach(number: str, *, private: bool) -> bool:
    """Whether an address on the network may be connected to.

    Args:
        number: the address that is connected to, as the name was resolved.
        private: whether the configuration allows the organisation's own networks.
    """
    found = _number(number)
    if found is None or found.is_multicast or found.is_unspecified:
        return False
    if private:
        return True
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None and not inner.is_global:
            return False
    return found.is_global


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def checked(written: str, *, private: bool) -> str:
    """The address of a gateway, as it is kept.

    Plain http is taken only to this machine, and only where the configuration allows the
    organisation's own networks: for trials.

    Raises:
        Invalid: it is none, is not encrypted, or leads into a network that is not allowed.
    """
    wished = written.strip()
    if not wished:
        return ""
    try:
        parts = urlsplit(wished)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = wished.isascii() and wished.isprintable() and " " not in wished and "\\" not in wished
    if not host or not plain or parts.fragment or len(wished) > LONGEST_ADDRESS:
        raise Invalid(
            text("This is no address of a gateway, such as https://sms.example/alarms."), "webhook"
        )
    if parts.username is not None or parts.password is not None:
        raise Invalid(text("Leave the user name out of the address."), "webhook")
    if parts.scheme != "https" and not (parts.scheme == "http" and private and is_loopback(host)):
        raise Invalid(text("The address begins with https://."), "webhook")
    inside = is_loopback(host) or _number(host) is not None
    if inside and not may_reach(
        "127.0.0.1" if host.startswith("localhost") else host, private=private
    ):
        raise Invalid(
            text(
                "This address lies in a private network: GREFFE_WEBHOOK_PRIVATE=on allows it, "
                "where that is meant."
            ),
            "webhook",
        )
    return wished


def host_of(address: str) -> str:
    """What of the address may be shown and kept in the journal: the rest may hold a secret."""
    return urlsplit(address).hostname or ""


def signature(secret: str, at: datetime, body: bytes) -> str:
    """Proves to the gateway who posted, and when: `t=SECONDS,v1=HEX`.

    The hexadecimal value is the HMAC-SHA-256, under the secret, of the seconds, a dot, the body.
    """
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"
