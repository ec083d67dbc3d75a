"""The journal: an append-only chain of entries that shows if anyone rewrote it.

Not even the administrator can, unseen. Each entry holds the hash of the one before it
(`standalone.link`). Checkpoints, signed heads of the chain, leave the machine in every sealed
annex, so that a cut tail shows too. What a person could be recognised by stands in a side table
under a key of its own; the chain holds only a keyed commitment to it, and goes on verifying
after values and key were erased.
"""

import json
import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.kernel import pages
from registers.kernel.base import Base, Keyed, Regime, canonical, insert_or_ignore
from registers.kernel.pages import Cut, Page
from registers.kernel.standalone import (
    ENTRY,
    GENESIS,
    LINKED,
    Fault,
    Verdict,
    against,
    checkpoint_body,
    follow,
    link,
)
from registers.kernel.words import Text, text

if TYPE_CHECKING:
    from registers.kernel.act import Act

AT = "%Y-%m-%dT%H:%M:%S.%fZ"
CHUNK = 1_000


class Entry(Base):
    """One line of the journal. Its texts are stored as they were hashed."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.Index("ix_entry_about_number", "about", "number"),
        sa.Index("ix_entry_within_number", "within", "number"),
        sa.Index("ix_entry_kind_number", "kind", "number"),
    )
    regime = Regime.LEDGER

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    act: Mapped[str]
    at: Mapped[str]
    actor: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str]
    within: Mapped[str | None]
    facts: Mapped[str]
    commitment: Mapped[str | None]
    previous: Mapped[str]
    hash: Mapped[str]
    values_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("entry_values.id"))

    @property
    def moment(self) -> datetime:
        """The instant of the act."""
        return read(self.at)


class EntryValues(Keyed, Base):
    """What an entry says of persons: values before and after, and the key of the commitment."""

    __tablename__ = "entry_values"
    regime = Regime.ERASABLE
    erasable = ("key", "content")

    key: Mapped[bytes | None]
    content: Mapped[str | None]


class Checkpoint(Base):
    """A signed statement: at this moment the chain had this size and this last hash."""

    __tablename__ = "checkpoint"
    regime = Regime.LEDGER

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    head: Mapped[str]
    at: Mapped[str]
    key: Mapped[str]
    signature: Mapped[str]

    def as_json(self) -> dict[str, Any]:
        """The form in which it leaves the machine."""
        return {name: getattr(self, name) for name in ("size", "head", "at", "key", "signature")}


@dataclass(frozen=True)
class Kind:
    """What an act can have done: its name in the chain, its words, the facts it must give."""

    name: str
    says: Text
    fields: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {}
"""All kinds of entries, by name."""


def kind(name: str, says: Text, *fields: str) -> Kind:
    """Declares a kind of entry."""
    if name in KINDS:
        raise ValueError(f"declared twice: {name}")
    return KINDS.setdefault(name, Kind(name, says, fields))


class Head(NamedTuple):
    """Where the chain ends."""

    size: int
    hash: str


@dataclass
class Pending:
    """An entry of an act that has not ended."""

    kind: str
    about: str
    within: str | None
    facts: str
    values: str | None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    values_id: uuid.UUID | None = None

    @property
    def commitment(self) -> str | None:
        """What the chain holds of the values."""
        return None if self.values is None else commit(self.key, self.values)


def commit(key: bytes, values: str) -> str:
    """The commitment to a text, BLAKE2b-256 with a key; without the key it tells nothing."""
    return blake2b(values.encode(), digest_size=32, key=key).hexdigest()


def name_of(row: Any) -> str:
    """How the chain names a row: its table and its identifier."""
    return row if isinstance(row, str) else f"{row.__tablename__}:{row.id}"


def pending(
    kind: Kind, about: Any, within: Any, facts: dict[str, Any], values: dict[str, Any] | None
) -> Pending:
    """An entry to be, checked against what its kind declares."""
    if set(facts) != set(kind.fields):
        raise ValueError(f"{kind.name} declares {kind.fields}, was given {tuple(facts)}")
    return Pending(
        kind=kind.name,
        about=name_of(about),
        within=None if within is None else name_of(within),
        facts=canonical(facts).decode(),
        values=None if values is None else canonical(values).decode(),
    )


def keep_values(conn: sa.Connection, entries: list[Pending]) -> None:
    """Puts the values of an act's entries beside the chain."""
    rows = []
    for entry in entries:
        if entry.values is not None:
            entry.values_id = uuid.uuid4()
            rows.append({"id": entry.values_id, "key": entry.key, "content": entry.values})
    if rows:
        conn.execute(sa.insert(EntryValues), rows)


def written(at: datetime) -> str:
    """An instant as the chain writes it; the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(AT)


def read(at: str) -> datetime:
    """The instant that `written` wrote."""
    return datetime.strptime(at, AT).replace(tzinfo=UTC)


def head(conn: sa.Connection) -> Head:
    """The end of the chain as this transaction sees it."""
    query = sa.select(Entry.number, Entry.hash).order_by(Entry.number.desc()).limit(1)
    row = conn.execute(query).first()
    return Head(*row) if row else Head(0, GENESIS)


def append(
    conn: sa.Connection, entries: list[Pending], act: uuid.UUID, now: datetime, actor: str
) -> None:
    """Links an act's entries to the chain in one INSERT: the last statement of the act."""
    number, previous = head(conn)
    rows = []
    for entry in entries:
        number += 1
        linked = (
            number,
            str(act),
            written(now),
            actor,
            entry.kind,
            entry.about,
            entry.within,
            entry.facts,
            entry.commitment,
        )
        row: dict[str, Any] = dict(zip(LINKED, linked, strict=True))
        row |= {"previous": previous, "values_id": entry.values_id}
        row["hash"] = previous = link(previous, linked)
        rows.append(row)
    conn.execute(sa.insert(Entry), rows)


def listed(session: Session, kind: str, actor: str, wanted: Cut) -> Page[Entry]:
    """A page of the journal, the newest entry first."""
    query = sa.select(Entry)
    if kind:
        query = query.where(Entry.kind == kind)
    if actor:
        query = query.where(Entry.actor == actor)
    page: Page[Entry] = pages.cut(session, query, [Entry.number], wanted, descending=True)
    return page


def latest_checkpoints(session: Session, most: int) -> list[Checkpoint]:
    """The newest checkpoints."""
    query = sa.select(Checkpoint).order_by(Checkpoint.size.desc()).limit(most)
    return list(session.scalars(query))


def within(session: Session, row: Any, most: int) -> list[Entry]:
    """The newest entries about a row, or about what belongs to its dossier."""
    name = name_of(row)
    query = (
        sa.select(Entry)
        .where(sa.or_(Entry.about == name, Entry.within == name))
        .order_by(Entry.number.desc())
        .limit(most)
    )
    return list(session.scalars(query))


_COLUMNS = [getattr(Entry, name) for name in ENTRY]


def stream(conn: sa.Connection) -> Iterator[Any]:
    """All entries in order, each in the order of `ENTRY`."""
    yield from _read(conn, sa.select(*_COLUMNS))


def _read(conn: sa.Connection, query: "sa.Select[*tuple[Any, ...]]") -> Iterator[Any]:
    """The rows of all entries in order, a part at a time; the number is one of their columns."""
    last = 0
    query = query.order_by(Entry.number).limit(CHUNK)
    while True:
        rows = conn.execute(query.where(Entry.number > last)).all()
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].number


def export(conn: sa.Connection) -> Iterator[str]:
    """The chain as lines of JSON that the stand-alone verifier reads."""
    for row in stream(conn):
        yield json.dumps(dict(zip(ENTRY, row, strict=True)), ensure_ascii=False)


def verify(
    conn: sa.Connection, own_key: str = "", outside: Iterable[dict[str, Any]] = ()
) -> tuple[Verdict, int]:
    """Checks the whole chain, the checkpoints kept here and those brought from outside.

    Args:
        conn: a reading connection.
        own_key: the public key of this installation; those of the kept checkpoints are known too
            (a restored register may have had another).
        outside: checkpoints that had left the machine, as JSON objects.

    Returns:
        The verdict, with every fault found, and the number of checkpoints that agree.
    """
    kept = [dict(row) for row in conn.execute(sa.select(*Checkpoint.__table__.c)).mappings()]
    keys = {own_key, *(checkpoint["key"] for checkpoint in kept)}
    checkpoints = [*kept, *outside]
    heads = {int(checkpoint["size"]): "" for checkpoint in checkpoints}
    broken: list[Fault] = []
    verdict = follow(_checked(conn, broken), heads, encode=canonical)
    heads[0] = GENESIS
    faults, agree = [*verdict.faults, *broken], 0
    for checkpoint in checkpoints:
        wrong = against(checkpoint, verdict.size, heads[int(checkpoint["size"])], keys)
        faults += wrong
        agree += not wrong
    return Verdict(verdict.size, verdict.head, faults), agree


def _checked(conn: sa.Connection, broken: list[Fault]) -> Iterator[Any]:
    """As `stream`; on the way each entry is held against the values beside it."""
    columns = (EntryValues.key, EntryValues.content, Entry.values_id.is_not(None))
    joined = sa.select(*_COLUMNS, *columns).join(
        EntryValues, EntryValues.id == Entry.values_id, isouter=True
    )
    place, after = ENTRY.index("commitment"), len(ENTRY)
    for row in _read(conn, joined):
        commitment = row[place]
        key, content, beside = row[after:]
        if key is not None:
            kept = commit(key, content or "") == commitment
        else:  # erased, or nothing was kept
            kept = content is None if beside else commitment is None
        if not kept:
            what = "the values kept beside it are not those it committed to"
            broken.append(Fault(row.number, what))
        yield row


class CheckpointKey:
    """The Ed25519 key of an installation, with which it signs the heads of its chain."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    @classmethod
    def from_pem(cls, pem: bytes) -> "CheckpointKey":
        """Reads an unencrypted PKCS#8 key."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("checkpoints are signed with an Ed25519 key")
        return cls(key)

    @staticmethod
    def new_pem() -> bytes:
        """A new key, as an unencrypted PKCS#8 PEM."""
        return Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def public_pem(self) -> bytes:
        """The public key, for whoever checks."""
        return self._private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, head: Head, now: datetime) -> Checkpoint:
        """States where the chain ended at this moment."""
        body: dict[str, Any] = {
            "size": head.size,
            "head": head.hash,
            "at": written(now),
            "key": self.public,
        }
        signature = self._private.sign(checkpoint_body(body)).hex()
        return Checkpoint(**body, signature=signature)


CHECKPOINT_SIGNED = kind("journal.checkpoint_signed", text("Checkpoint signed"), "size", "head")


def sign_checkpoint(act: "Act", key: CheckpointKey) -> Checkpoint:
    """Signs where the chain ended before this act, and keeps the statement.

    The act's permission was already required.
    """
    signed = key.sign(head(act.session.connection()), act.now)
    # two acts at once may sign the same end: both statements hold, one of them is kept
    act.session.execute(insert_or_ignore(act.session, Checkpoint, **signed.as_json()))
    act.log(CHECKPOINT_SIGNED, f"checkpoint:{signed.size}", size=signed.size, head=signed.head)
    return signed
