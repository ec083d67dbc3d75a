"""Configuration: environment variables `GREFFE_*`, each also as `GREFFE_*_FILE`, nothing else.

A setting that is unknown or unsafe is refused with a sentence that says what to do.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import msgspec
import sqlalchemy as sa

from registers.kernel.words import LANGUAGES

PREFIX = "GREFFE_"
MAILBOX = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9.:\[\]-]+")
"""An address as mail servers take it: no spaces, no brackets around it, ASCII."""


class Refused(Exception):
    """The configuration cannot be used; the sentence says why and what to do."""


class Relay(NamedTuple):
    """A mail server as it is set."""

    name: str
    """How its variables begin."""
    host: str
    port: int
    security: str
    user: str
    password: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. Names are those of the variables, without the prefix."""

    home: Path
    """The data folder: database, files, secrets, signing identity."""
    database_url: str = ""
    """`postgresql://…`; left out, an SQLite file in the data folder."""
    host: str = "127.0.0.1"
    port: int = 8090
    threads: int = 8
    public_url: str = ""
    """The address people use, when it is not http://host:port; https:// behind a proxy."""
    proxies: int = 0
    """How many trusted proxies stand in front, each adding X-Forwarded-For."""
    language: str = "fr"
    zone: str = "Europe/Paris"
    master_key: str = ""
    """Protects sessions and second factors; left out, made and kept in the data folder."""
    checkpoint_key: str = ""
    """PEM of the Ed25519 key that signs checkpoints; left out, as above."""
    identity: str = ""
    """Path of the PKCS#12 file that seals annexes; left out, a test identity is made."""
    identity_passphrase: str = ""
    identity_kind: str = "seal"
    """`seal` (of the legal person) or `signature` (of a named person)."""
    identity_quality: str = ""
    """For a signature: in which quality the person signs."""
    identity_delegation: str = ""
    """For a signature: the act that delegates the power to sign."""
    trust: str = ""
    """Path of a PEM file: authorities that are relied on in documents that controllers sign; left
    out, who certified is told and not judged."""
    public_list: str = "on"
    """Whether everybody may read the list of sub-processors in force: `on` or `off`."""
    backup_passphrase: str = ""
    """With it a backup also holds the secrets, encrypted."""
    smtp_host: str = ""
    """The mail server; left out, messages are written to a folder."""
    smtp_port: int = 0
    """Left out, the usual one: 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    smtp_security: str = "starttls"
    """`starttls`, `tls` (from the first byte), or `none` to a server on this machine."""
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""
    """The address that mail comes from, and to which reports of failure return."""
    smtp2_host: str = ""
    """A second mail server, which takes over while the first does not answer."""
    smtp2_port: int = 0
    smtp2_security: str = "starttls"
    smtp2_user: str = ""
    smtp2_password: str = ""
    pack_passphrase: str = ""
    """Encrypts the emergency pack; to be kept elsewhere, on paper."""
    pack_folder: str = ""
    """A folder that is not on this machine, where the emergency pack is put every week."""
    webhook_private: str = "off"
    """`on`: the gateway of alarms may lie in a private network, or on this machine."""
    worker: str = "on"
    """`off` serves pages alone: `greffe worker` then runs elsewhere."""
    redis_url: str = ""
    """`redis://…`: carries wake-ups between machines; left out, a file in the data folder."""

    @property
    def sqlite(self) -> bool:
        """Whether the registers are kept in the embedded database."""
        return not self.database_url

    @property
    def url(self) -> sa.URL:
        """The database's address, absolute."""
        if self.sqlite:
            return sa.URL.create("sqlite", database=str(self.home.absolute() / "greffe.db"))
        return sa.make_url(self.database_url).set(drivername="postgresql+psycopg")

    @property
    def address(self) -> str:
        """Where people reach it, without a slash at the end."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{shown}:{self.port}"

    @property
    def hostname(self) -> str:
        """The name or number of the machine in that address."""
        return urlsplit(self.address).hostname or self.host

    def relay(self, name: str) -> Relay:
        """One of the mail servers: `smtp`, or `smtp2`, which takes over."""
        parts = ("host", "port", "security", "user", "password")
        return Relay(name, *(getattr(self, f"{name}_{part}") for part in parts))

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        here = "localhost" if is_loopback(self.hostname) else self.hostname
        return self.smtp_from or f"no-reply@{here}"


def default_home() -> Path:
    """Where data are kept when nothing is said."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "greffe"


def sample_home() -> Path:
    """Where the fictional data are kept: never beside real ones."""
    return default_home().with_name("greffe-sample")


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the configuration.

    Raises:
        Refused: a variable is unknown, unreadable or unsafe.
    """
    environ = os.environ if environ is None else environ
    given: dict[str, str] = {}
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or not value:
            continue
        field, content = name.removeprefix(PREFIX).lower(), value
        if field.endswith("_file"):
            field, content = field.removesuffix("_file"), _content(name, value)
        if field not in Settings.__struct_fields__:
            raise Refused(f"{name} is not a setting of Greffe: check its spelling in the README.")
        if field in given:
            raise Refused(f"{PREFIX}{field.upper()} is given twice, also as a file: keep one.")
        given[field] = content
    given.setdefault("home", str(default_home()))
    try:
        found = msgspec.convert(given, Settings, strict=False, dec_hook=_decoded)
    except msgspec.ValidationError as error:
        said, _at, field = str(error).partition(" - at `$.")
        name = PREFIX + field.rstrip("`").upper()
        raise Refused(f"{name} has the wrong form: {said[:1].lower()}{said[1:]}.") from error
    return _checked(found)


def _decoded(kind: type, value: object) -> object:
    return Path(str(value)).expanduser() if kind is Path else value


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise Refused(f"{name}: {path} cannot be read ({error.strerror}).") from error


def _checked(found: Settings) -> Settings:
    for wrong, sentence in (
        (found.language not in LANGUAGES, "GREFFE_LANGUAGE is fr or en."),
        (
            found.zone not in available_timezones(),
            "GREFFE_ZONE is the name of a time zone, such as Europe/Paris.",
        ),
        (not 1 <= found.port <= 65535, "GREFFE_PORT lies between 1 and 65535."),  # noqa: PLR2004
        (not 1 <= found.threads <= 64, "GREFFE_THREADS lies between 1 and 64."),  # noqa: PLR2004
        (found.proxies < 0, "GREFFE_PROXIES is a number of proxies, 0 for none."),
        (
            found.identity_kind not in {"seal", "signature"},
            "GREFFE_IDENTITY_KIND is seal (the legal person) or signature (a named person).",
        ),
        (
            found.identity_kind == "signature" and not found.identity_quality,
            "A signature is made in a quality: give GREFFE_IDENTITY_QUALITY.",
        ),
        (
            found.identity_kind == "signature" and not found.identity,
            "A signature needs the person's own identity: give GREFFE_IDENTITY.",
        ),
        (found.public_list not in {"on", "off"}, "GREFFE_PUBLIC_LIST is on or off."),
        (found.webhook_private not in {"on", "off"}, "GREFFE_WEBHOOK_PRIVATE is on or off."),
        (
            bool(found.master_key) and len(found.master_key) < 32,  # noqa: PLR2004
            "GREFFE_MASTER_KEY must have at least 32 characters.",
        ),
        (
            bool(found.backup_passphrase) and len(found.backup_passphrase) < 12,  # noqa: PLR2004
            "GREFFE_BACKUP_PASSPHRASE must have at least 12 characters.",
        ),
    ):
        if wrong:
            raise Refused(sentence)
    _check_database(found)
    _check_pack(found)
    _check_exposure(found)
    _check_mail(found)
    _check_work(found)
    return found


def _check_database(found: Settings) -> None:
    if found.sqlite:
        return
    try:
        url = sa.make_url(found.database_url)
    except sa.exc.ArgumentError as error:
        raise Refused("GREFFE_DATABASE_URL is not an address of a database.") from error
    if url.get_backend_name() != "postgresql":
        raise Refused(
            "GREFFE_DATABASE_URL must begin with postgresql:// ; leave it out for SQLite."
        )


def _check_pack(found: Settings) -> None:
    if found.pack_passphrase and len(found.pack_passphrase) < 20:  # noqa: PLR2004
        raise Refused("GREFFE_PACK_PASSPHRASE must have at least 20 characters.")
    if not found.pack_folder:
        return
    if not found.pack_passphrase:
        raise Refused("The emergency pack is encrypted: give GREFFE_PACK_PASSPHRASE.")
    folder = Path(found.pack_folder).expanduser().absolute()
    if folder.is_relative_to(found.home.absolute()):
        raise Refused(
            "GREFFE_PACK_FOLDER lies in the data folder and would be lost with it: name a folder "
            "of another machine."
        )


def _check_exposure(found: Settings) -> None:
    if found.public_url:
        parts = urlsplit(found.public_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise Refused("GREFFE_PUBLIC_URL is an address such as https://greffe.example.")
    local = is_loopback(found.hostname)
    if not local and not found.address.startswith("https://"):
        raise Refused(
            "Passwords would cross the network unprotected: put a proxy with TLS in front and "
            "set GREFFE_PUBLIC_URL to its https:// address, or keep GREFFE_HOST at 127.0.0.1."
        )


def _check_mail(found: Settings) -> None:
    if found.smtp_from and not MAILBOX.fullmatch(found.smtp_from):
        raise Refused("GREFFE_SMTP_FROM is an address such as notices@company.example.")
    for relay in (found.relay("smtp"), found.relay("smtp2")):
        _check_relay(relay)
    if found.smtp2_host and not found.smtp_host:
        raise Refused("GREFFE_SMTP2_HOST takes over from another server: give GREFFE_SMTP_HOST.")
    if found.smtp_host and not found.smtp_from:
        raise Refused("Mail comes from somebody: give GREFFE_SMTP_FROM, an address of yours.")


def _check_relay(found: Relay) -> None:
    name = f"{PREFIX}{found.name.upper()}"
    if found.security not in {"starttls", "tls", "none"}:
        raise Refused(f"{name}_SECURITY is starttls, tls or none.")
    if not 0 <= found.port <= 65535:  # noqa: PLR2004
        raise Refused(f"{name}_PORT lies between 1 and 65535.")
    if bool(found.user) != bool(found.password):
        raise Refused(f"{name}_USER and {name}_PASSWORD are given together or not at all.")
    if not (found.user + found.password).isascii():
        raise Refused(f"{name}_USER and {name}_PASSWORD are written in ASCII.")
    if found.host and found.security == "none" and not is_loopback(found.host):
        raise Refused(
            f"Notices would cross the network unprotected: {name}_SECURITY may be none only "
            f"where {name}_HOST is this machine. Use starttls or tls."
        )


def _check_work(found: Settings) -> None:
    if found.worker not in {"on", "off"}:
        raise Refused("GREFFE_WORKER is on or off.")
    if found.redis_url and urlsplit(found.redis_url).scheme not in {"redis", "rediss", "unix"}:
        raise Refused("GREFFE_REDIS_URL is an address such as redis://redis.example:6379/0.")


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
