"""Mail: to a server over SMTP, or into a folder where there is none.

What matters is what is known after a failure. Until the line with a single dot is sent, nothing
was handed over. Once it is sent and no answer comes, the server may have the message.
"""

import hashlib
import re
import select
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path

from app.config import MAILBOX, Settings
from app.home import write_whole
from registers.notices import transport
from registers.notices.transport import Later, Send, Unreachable, Unsure, is_fictional

PORTS = {"starttls": 587, "tls": 465, "none": 25}
PIECE = 256 * 1024
LINE_ENDS = re.compile(rb"\r\n|\r|\n")
TOO_LARGE = 552
PERMANENT, TEMPORARY = range(500, 600), range(400, 500)
CLOSING = 421
ENOUGH = 2
"""After how many broken connections in a row a server is left alone for the session."""


def server_of(settings: Settings, name: str) -> "SmtpServer":
    """One of the mail servers that are set; see `Settings.relay`."""
    found = settings.relay(name)
    return SmtpServer(
        found.host,
        found.port or PORTS[found.security],
        found.security,
        found.user,
        found.password,
        ehlo_name(settings),
    )


def ehlo_name(settings: Settings) -> str:
    """How this installation introduces itself to a mail server."""
    name = settings.hostname
    if ":" in name:
        return f"[IPv6:{name}]"
    return f"[{name}]" if re.fullmatch(r"[\d.]+", name) else name


@dataclass(frozen=True)
class Folder:
    """Instead of a server: one file a message, named by its Message-ID.

    Nothing leaves: only what is for nobody, at an address kept for trials, counts as sent.
    """

    path: Path

    def send(self, message: bytes, sender: str, recipient: str) -> None:  # noqa: ARG002 the port's
        """Writes the message; written twice, it is one file.

        Raises:
            Later: the file could not be written, or the message is for somebody: it is tried
                again until a server is set.
        """
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
            write_whole(self.path / f"{file_name(message)}.eml", message)
        except OSError as error:
            raise Later(f"{self.path}: {error.strerror or error}") from error
        if not is_fictional(recipient):
            raise Later("No mail server is set: the message lies in a folder, nothing has left.")

    @contextmanager
    def session(self) -> Iterator[Send]:
        """There is no connection to share."""
        yield self.send


def file_name(message: bytes) -> str:
    """A name for a message that is the same whenever the message is the same."""
    found = BytesHeaderParser(policy=compat32).parsebytes(message)["Message-ID"]
    known = str(found or "").strip().strip("<>")
    plain = re.sub(r"[^A-Za-z0-9@_-]+", ".", known).strip(".")[:150]
    if plain and plain == known:
        return plain
    digest = hashlib.sha256(known.encode() or message).hexdigest()[:16]
    return f"{plain}.{digest}".lstrip(".")


@dataclass(frozen=True)
class SmtpServer:
    """A mail server that takes messages from here.

    Args:
        host: its name, which its certificate must bear.
        port: where it listens.
        security: `starttls`, `tls` or `none`.
        user: whom it knows, with a password; empty where it asks for nobody.
        password: theirs.
        name: how we introduce ourselves.
        patience: seconds to wait for each answer.
        last_patience: seconds to wait for the answer to the whole message: servers look into it
            first, and giving up too soon makes a duplicate.
        context: how certificates are verified.
    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = "localhost"
    patience: float = 30
    last_patience: float = 120
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @property
    def where(self) -> str:
        """Which server it is."""
        return f"{self.host}:{self.port}"

    def send(self, message: bytes, sender: str, recipient: str) -> str | None:
        """Hands over one message, over a connection of its own; see `Send`."""
        with self.session() as send:
            return send(message, sender, recipient)

    @contextmanager
    def session(self) -> Iterator[Send]:
        """Hands over many over one connection; see `Transport.session`."""
        talk = _Talk(self)
        try:
            yield talk.send
        finally:
            talk.leave()

    def connected(self) -> smtplib.SMTP:
        """A connection that is ready to take messages.

        Raises:
            Later: there is none to be had.
        """
        try:
            if self.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, self.name, timeout=self.patience, context=self.context
                )
            else:
                server = smtplib.SMTP(self.host, self.port, self.name, timeout=self.patience)
        except UnicodeError as error:
            raise Unreachable(f"{self.host} is not the name of a host") from error
        except OSError as error:  # smtplib's own errors too
            raise self._unreachable(error) from error
        try:
            server.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                server.starttls(context=self.context)
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
        except OSError as error:
            server.close()
            raise self._unreachable(error) from error
        return server

    def _unreachable(self, error: OSError) -> Unreachable:
        if isinstance(error, smtplib.SMTPResponseException):
            return Unreachable(f"{self.where}: {_words(error.smtp_error)}", error.smtp_code)
        return Unreachable(f"{self.where}: {error.strerror or error}")


class _Talk:
    """What is said to one server, over one connection, or a new one where it closed the last."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self._line: smtplib.SMTP | None = None
        self._broken = 0

    def send(self, message: bytes, sender: str, recipient: str) -> str:
        """Hands over one message; see `Send`."""
        for address in (sender, recipient):
            if not MAILBOX.fullmatch(address):
                raise transport.Refused(f"<{address}> is not an address that mail can carry")
        if self._broken >= ENOUGH:
            raise Unreachable(f"{self.server.where} did not answer before")
        try:
            line = self._open()
            self._hand_over(line, _stuffed(message), sender, recipient)
        except _Broken as broken:
            self._broken += 1
            self._hang_up()
            raise broken.meaning from broken
        except (Later, transport.Refused) as answer:
            self._broken = 0
            self._begin_anew(answer.code)
            raise
        self._broken = 0
        return self.server.where

    def leave(self) -> None:
        """Ends the connection politely."""
        if self._line is not None:
            _leave(self._line)
            self._line = None

    def _open(self) -> smtplib.SMTP:
        if self._line is not None and _heard(self._line):
            self._hang_up()  # it has enough of us, as servers have after some messages
        if self._line is None:
            try:
                self._line = self.server.connected()
            except Later as error:
                raise _Broken(error) from error
        return self._line

    def _hand_over(self, line: smtplib.SMTP, content: bytes, sender: str, recipient: str) -> None:
        try:
            code, said = line.mail(sender, _options(line, content))
            # what it has against the sender concerns our configuration, not this message
            _expect(code, said, permanent=code == TOO_LARGE)
            _expect(*line.rcpt(recipient))
            _expect(*line.docmd("DATA"), wanted=354)
            for start in range(0, len(content), PIECE):
                line.send(content[start : start + PIECE])
            if _heard(line):
                code, said = line.getreply()
                self._hang_up()  # whatever we said now, it would be read as part of the message
                _expect(code, said, wanted=0)
            line.send(b".\r\n")
        except OSError as error:
            before = Unreachable(f"before all was sent: {error.strerror or error}")
            raise _Broken(before) from error
        try:
            if line.sock is not None:
                line.sock.settimeout(self.server.last_patience)
            code, said = line.getreply()
            if line.sock is not None:
                line.sock.settimeout(self.server.patience)
        except OSError as error:
            raise _Broken(Unsure(f"all was sent, then: {error.strerror or error}")) from error
        if code // 100 not in {2, 4, 5}:
            raise _Broken(Unsure(f"all was sent, then: {_words(said)}"))
        _expect(code, said)

    def _begin_anew(self, code: int) -> None:
        """After a message that was not taken."""
        try:
            if self._line is not None and (code == CLOSING or self._line.rset()[0] != 250):  # noqa: PLR2004 RFC 5321
                self._hang_up()
        except OSError:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


class _Broken(Exception):
    """The connection can serve no more; says what that means for the message under way."""

    def __init__(self, meaning: Later | Unsure) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning


def _expect(code: int, said: bytes, *, wanted: int = 2, permanent: bool = True) -> None:
    """Nothing where the server agrees.

    Raises:
        Refused, Later: it does not.
    """
    if code == wanted or code // 100 == wanted:
        return
    if permanent and code in PERMANENT:
        raise transport.Refused(_words(said), code)
    if code in PERMANENT or code in TEMPORARY:
        raise Later(_words(said), code)
    raise _Broken(Unreachable(f"not the answer of a mail server: {code} {_words(said)}"))


def _options(line: smtplib.SMTP, content: bytes) -> list[str]:
    options = []
    if line.has_extn("size"):
        options.append(f"SIZE={len(content)}")
    if line.has_extn("8bitmime") and not content.isascii():
        options.append("BODY=8BITMIME")
    return options


def _stuffed(message: bytes) -> bytes:
    """The message as it goes over the line, all but the last dot: nothing in it ends it early."""
    content = LINE_ENDS.sub(b"\r\n", message)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content)


def _heard(line: smtplib.SMTP) -> bool:
    """Whether the server said something unasked, or closed."""
    sock, file = line.sock, line.file
    if sock is None or file is None:
        return True
    patience = sock.gettimeout()
    sock.settimeout(0)
    try:
        waiting = file.peek(1)
    except ssl.SSLWantReadError:  # what came, if anything, was of TLS itself
        return False
    except OSError:
        return True
    finally:
        sock.settimeout(patience)
    poll = select.poll()  # nothing is either the end or nothing yet
    poll.register(sock, select.POLLIN)
    return bool(waiting) or isinstance(sock, ssl.SSLSocket) or bool(poll.poll(0))


def _leave(line: smtplib.SMTP) -> None:
    with suppress(OSError):
        line.quit()
    line.close()


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
