"""One portable copy of an installation: tables, files, chain and checkpoint, for both databases.

A ZIP of `manifest.json`, one `tables/NAME.jsonl` for each table, and `files/…` by digest. It is
made from the schema as it stands, older than the program or not, and restored by first bringing
an empty database to that schema. So it is also the way from SQLite to PostgreSQL, and back.
"""

import base64
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from registers.kernel import audit
from registers.kernel.base import Base, Moment, Regime
from registers.kernel.errors import Conflict, Damaged, Invalid
from registers.kernel.files import Store, StoredFile, checked
from registers.kernel.words import text

FORMAT = "greffe-backup"
FORMAT_VERSION = 1
UNREADABLE = (
    *(OSError, KeyError, zipfile.BadZipFile, zlib.error, msgspec.DecodeError),
    RuntimeError,  # it is encrypted, or packed in a way that is not known here
)
"""What reading a file raises that is no backup."""
LEFT_OUT = {"alembic_version", StoredFile.__tablename__}
BATCH = 1_000

KINDS: dict[str, Any] = {
    "uuid": sa.Uuid(),
    "instant": Moment(),
    "day": sa.Date(),
    "bytes": sa.LargeBinary(),
    "truth": sa.Boolean(),
    "number": sa.BigInteger(),
    "text": sa.Text(),
}
"""The kinds of columns, and the type that reads and writes each on both databases."""


class Manifest(msgspec.Struct):
    """What a backup says of itself."""

    made_at: datetime
    revision: str
    """The schema its tables are of."""
    tables: dict[str, dict[str, str]]
    """By table, its columns and their kinds; parents before children."""
    digests: dict[str, str]
    """The SHA-256 of each part but the files, whose names are their digests."""
    rows: dict[str, int]
    files: int
    checkpoint: dict[str, Any]
    format: str = FORMAT
    version: int = FORMAT_VERSION


def write(
    path: Path,
    url: sa.URL,
    store: Store,
    *,
    key: audit.CheckpointKey,
    now: datetime,
    secrets: bytes | None = None,
) -> Manifest:
    """Makes a backup, all of one moment, while others go on working.

    Args:
        path: the file to write; it appears only when it is whole.
        url: the database.
        store: its files.
        key: signs the checkpoint that goes with it.
        now: the moment.
        secrets: what else to keep, encrypted already.
    """
    engine = _reading_engine(url)
    unfinished = path.with_name(f".{path.name}")
    try:
        with engine.connect() as connection, zipfile.ZipFile(unfinished, "w") as archive:
            unfinished.chmod(0o600)
            tables = _tables(connection)
            manifest = Manifest(
                made_at=now,
                revision=connection.exec_driver_sql(
                    "SELECT version_num FROM alembic_version"
                ).scalar_one(),
                tables={table.name: _kinds(table) for table in tables},
                digests={},
                rows={},
                files=0,
                checkpoint=key.sign(audit.head(connection), now).as_json(),
            )
            for table in tables:
                _write_table(archive, connection, table, manifest)
            with Session(connection) as session:
                for name in store.names(session):
                    archive.writestr(f"files/{name}", store.get(session, name))
                    manifest.files += 1
            if secrets is not None:
                _write_part(archive, manifest, "secrets", [secrets])
            archive.writestr("manifest.json", msgspec.json.encode(manifest))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
        engine.dispose()
    return manifest


def open_manifest(path: Path) -> Manifest:
    """What a file says of itself.

    Raises:
        Invalid: it is no backup, or one of a version this program does not know.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = msgspec.json.decode(archive.read("manifest.json"), type=Manifest)
    except UNREADABLE as error:
        raise Invalid(text("{path} is not a backup of Greffe.", path=path.name)) from error
    if (manifest.format, manifest.version) != (FORMAT, FORMAT_VERSION):
        raise Invalid(text("This backup is of a version that this program does not know."))
    return manifest


class Kept(NamedTuple):
    """A backup in a folder."""

    path: Path
    made_at: datetime
    ours: bool
    """Whether this installation made it: its checkpoint is signed with the same key."""


def kept_in(folder: Path, key: str) -> list[Kept]:
    """The backups in a folder, the oldest first; each is known by what it says of itself.

    Whatever else is there is left out, whatever its name: links, folders, files of others.

    Args:
        folder: where to look; not in the folders within it.
        key: the public key of this installation's checkpoints, in hexadecimal.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            manifest = open_manifest(path)
        except Invalid:
            continue
        ours = manifest.checkpoint.get("key") == key
        found.append(Kept(path, manifest.made_at, ours))
    return sorted(found, key=lambda each: (each.made_at, each.path.name))


def secrets_of(path: Path) -> bytes | None:
    """The encrypted secrets that a backup holds, if any."""
    manifest = open_manifest(path)
    if "secrets" not in manifest.digests:
        return None
    with zipfile.ZipFile(path) as archive:
        return archive.read("secrets")


def restore(path: Path, url: sa.URL, store: Store, upgrade: Callable[[str], None]) -> Manifest:
    """Fills an empty database and its file store from a backup, then checks the chain.

    Args:
        path: the backup.
        url: the database, empty but for its schema at most.
        store: where its files go.
        upgrade: brings the database's schema to a revision.

    Raises:
        Conflict: the database is not empty.
        Damaged: the backup is not what its manifest says, or its chain does not hold.
    """
    manifest = open_manifest(path)
    upgrade(manifest.revision)
    engine = sa.create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection, zipfile.ZipFile(path) as archive:
            for name, kinds in manifest.tables.items():
                if connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name))).first():
                    raise Conflict(text("Only an empty installation can be restored into."))
                _read_table(archive, connection, manifest, name, kinds)
            with Session(connection) as session:
                for name in archive.namelist():
                    if name.startswith("files/"):
                        digest = name.removeprefix("files/")
                        store.put(session, checked(digest, archive.read(name)))
            verdict, agree = audit.verify(
                connection, manifest.checkpoint["key"], [manifest.checkpoint]
            )
            if verdict.faults or not agree:
                raise Damaged(
                    text("The journal in this backup does not hold: nothing was restored.")
                )
    finally:
        engine.dispose()
    return manifest


def _reading_engine(url: sa.URL) -> sa.Engine:
    """An engine of its own, whose one transaction sees one moment."""
    engine = sa.create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")

    @sa.event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=1")
        connection.exec_driver_sql("BEGIN")

    return engine


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables as they stand, parents first, without technical traces."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    known = Base.metadata.tables
    return [
        table
        for table in metadata.sorted_tables
        if table.name not in LEFT_OUT
        and (table.name not in known or known[table.name].info["regime"] is not Regime.UPKEEP)
    ]


def _kinds(table: sa.Table) -> dict[str, str]:
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(type_: sa.types.TypeEngine[Any]) -> str:
    if isinstance(type_, sa.CHAR) and type_.length == 32:  # noqa: PLR2004 a UUID on SQLite
        return "uuid"
    for base, kind in (
        (sa.Uuid, "uuid"),
        (sa.DateTime, "instant"),
        (sa.Date, "day"),
        (sa.LargeBinary, "bytes"),
        (sa.Boolean, "truth"),
        (sa.Integer, "number"),
        (sa.String, "text"),
    ):
        if isinstance(type_, base):
            return kind
    raise TypeError(f"no backup of a column of type {type_!r}")


def _light(name: str, kinds: dict[str, str]) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, KINDS[kind]) for column, kind in kinds.items()))


def _write_table(
    archive: zipfile.ZipFile, connection: sa.Connection, table: sa.Table, manifest: Manifest
) -> None:
    light = _light(table.name, manifest.tables[table.name])
    query = sa.select(light).order_by(*(light.c[column.name] for column in table.primary_key))
    rows = connection.execution_options(yield_per=BATCH).execute(query)
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for row in rows:
            count += 1
            yield msgspec.json.encode([_plain(value) for value in row]) + b"\n"

    _write_part(archive, manifest, f"tables/{table.name}.jsonl", lines())
    manifest.rows[table.name] = count


def _write_part(archive: zipfile.ZipFile, manifest: Manifest, name: str, pieces: Any) -> None:
    digest = hashlib.sha256()
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as part:
        for piece in pieces:
            digest.update(piece)
            part.write(piece)
    manifest.digests[name] = digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": base64.b64decode,
}


def _read_table(
    archive: zipfile.ZipFile,
    connection: sa.Connection,
    manifest: Manifest,
    name: str,
    kinds: dict[str, str],
) -> None:
    insert = sa.insert(_light(name, kinds))
    readers = [_READ.get(kind) for kind in kinds.values()]
    part, digest, batch = f"tables/{name}.jsonl", hashlib.sha256(), list[dict[str, Any]]()
    with archive.open(part) as lines:
        for line in lines:
            digest.update(line)
            values = [
                value if value is None or read is None else read(value)
                for read, value in zip(readers, msgspec.json.decode(line), strict=True)
            ]
            batch.append(dict(zip(kinds, values, strict=True)))
            if len(batch) == BATCH:
                connection.execute(insert, batch)
                batch.clear()
    if batch:
        connection.execute(insert, batch)
    if digest.hexdigest() != manifest.digests[part]:
        raise Damaged(text("The part {part} of this backup was altered.", part=part))
