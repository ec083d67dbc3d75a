"""Real mail servers on loopback: one that does as it is told, one that follows a script."""

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Answers:
    """What a server does with messages: keeps those it takes, first gives the answers it has."""

    def __init__(self):
        self.taken = []
        self.rcpt = {}
        self.data = []
        self.connections = 0

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802 its name in aiosmtpd
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if self.rcpt.get(address):
            return self.rcpt[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if self.data:
            return self.data.pop(0)
        self.taken.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


@contextmanager
def mail_server(*, certificate=None, implicit=False, password=None, port=None):
    """A server and its port; with a certificate it offers STARTTLS, or speaks TLS at once."""
    answers = Answers()
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)

    def check(_server, _session, _envelope, _mechanism, given):
        return AuthResult(success=given.password == password.encode(), handled=False)

    class Server(Controller):
        def factory(self):
            return SMTP(
                self.handler,
                tls_context=None if implicit else context,
                require_starttls=bool(context) and not implicit,
                authenticator=check if password else None,
                auth_require_tls=False,
                data_size_limit=1_000_000,
                hostname="localhost",
            )

    controller = Server(
        answers,
        hostname="127.0.0.1",
        port=port or free_port(),
        ssl_context=context if implicit else None,
    )
    controller.start()
    try:
        yield answers, controller.port
    finally:
        controller.stop()


class Script:
    """A server that says good day, then plays a part until it falls silent or closes.

    `acts` are played one a connection, the last for all that follow.
    """

    def __init__(self, *acts):
        self.acts = list(acts)
        self.received = []
        self.released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
            with connection, connection.makefile("rwb") as file:
                with suppress(OSError):
                    act(self, file)

    def close(self):
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def scripted(*acts):
    """A server that plays these acts."""
    script = Script(*acts)
    try:
        yield script
    finally:
        script.close()


def say(file, line):
    file.write(line.encode() + b"\r\n")
    file.flush()


def politely(file, until=b"DATA"):
    """Answers everything with a yes, up to the command at which the act begins."""
    say(file, "220 ready")
    while line := file.readline():
        if line.upper().startswith(until):
            return
        say(file, "250 yes")
    raise ConnectionError


def close_before_the_dot(script, file):
    politely(file)
    say(file, "354 go on")
    file.read(2000)


def close_after_the_dot(script, file):
    politely(file)
    say(file, "354 go on")
    script.received.append(read_to_dot(file))


def hang_after_the_dot(script, file):
    close_after_the_dot(script, file)
    script.released.wait(20)


def hang_at_data(script, file):
    politely(file)
    script.released.wait(20)


def hang_at_once(script, file):
    script.released.wait(20)


def refuse_before_the_dot(script, file):
    politely(file)
    say(file, "354 go on")
    file.read(2000)
    say(file, "552 too large")
    while file.read1(65536):
        pass


def babble_after_the_dot(script, file):
    close_after_the_dot(script, file)
    say(file, "yes of course")


def take_one_then_close(script, file):
    politely(file)
    say(file, "354 go on")
    script.received.append(read_to_dot(file))
    say(file, "250 OK")


def read_to_dot(file):
    content = b""
    while (line := file.readline()) not in {b".\r\n", b""}:
        content += line
    return content


def certificate_of(folder):
    """A certificate authority of our own, and what it issued to localhost."""
    folder.mkdir()
    authority, key, chain = (folder / name for name in ("ca.pem", "key.pem", "chain.pem"))

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    new += ("-days", "30")
    openssl(
        *(*new, "-keyout", folder / "ca.key", "-out", authority, "-subj", "/CN=Autorite"),
        *("-addext", "keyUsage=critical,keyCertSign"),
    )
    openssl(
        *(*new, "-keyout", key, "-out", chain, "-subj", "/CN=localhost"),
        *("-CA", authority, "-CAkey", folder / "ca.key"),
        *("-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"),
    )
    return authority, (chain, key)


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
