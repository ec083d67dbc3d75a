"""What tests of delivery share: a worker's tools, and the edge at which mail leaves."""

from contextlib import contextmanager

from registers import work
from registers.annexes.orders import Press
from registers.people.roles import WORKER
from tests.annexes.papers import KEY, PRESSED

ADDRESS = "https://registre.ponant.example"
SENDER = "notifications@ponant.example"


class Post:
    """Takes messages over as a server does; a test says which it refuses, and how."""

    def __init__(self, fails=None):
        self.fails = fails or (lambda _recipient, _times: None)
        self.taken = []
        self.tried = {}

    def send(self, message, sender, recipient):
        self.tried[recipient] = self.tried.get(recipient, 0) + 1
        error = self.fails(recipient, self.tried[recipient])
        if error is not None:
            raise error
        self.taken.append((recipient, sender, message))

    @contextmanager
    def session(self):
        yield self.send


def tools(database, mail, holder="worker-1"):
    press = Press(database, WORKER, PRESSED, KEY, "Europe/Paris")
    return work.Tools(
        press=press, mail=mail, sender=SENDER, address=ADDRESS, secret=b"s" * 32, holder=holder
    )


def drained(database, mail, holder="worker-1"):
    return work.drain(tools(database, mail, holder), lambda: False)
