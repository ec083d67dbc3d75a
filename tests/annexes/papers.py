"""What tests of papers share: who seals, and how papers are asked for and looked at."""

import re
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registers.annexes import making, queries
from registers.annexes.kinds import KINDS
from registers.annexes.orders import Order
from registers.annexes.subjects import About
from registers.kernel import audit
from registers.kernel.pages import FIRST
from registers.press import identity, trial_identity
from tests.press.reading import words
from tests.registers import TODAY

PASSPHRASE = b"essai"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TEST = trial_identity.make(PASSPHRASE, NOW)
PRESSED = identity.load(TEST.pkcs12, PASSPHRASE)
KEY = audit.CheckpointKey(Ed25519PrivateKey.generate())
YESTERDAY = TODAY - timedelta(days=1)


def order(database, name, owner, **more):
    kind = KINDS[name]
    with database.reading() as session:
        subjects = queries.subjects_of(session, kind, [owner.id], TODAY)
    period = {"on": YESTERDAY, "since": date(2026, 11, 1)} if kind.about is About.JOURNAL else {}
    return Order(kind, subjects, **{"on": TODAY, **period, **more})


def make(press, name, owner, **more):
    return list(making.make_all(press, order(press.database, name, owner, **more)))


def marks(database, owner=None):
    with database.reading() as session:
        listed = queries.listed(session, "", FIRST, TODAY).rows
        return {row.annex.kind: row.out_of_date for row in listed if not row.superseded_by}


def read(database, name):
    with database.reading() as session:
        return database.files.get(session, name)


def said_by(database, made, folder):
    """The words of a sealed paper, as another reader finds them."""
    pages = words(read(database, made.paper_sha256), folder / "paper.pdf")
    return re.sub(r"\s+", " ", " ".join(pages))
