"""The content-addressed store: what was put is found again by its SHA-256, or not at all.

On SQLite a folder beside the database; on PostgreSQL a table, so that several machines share
it. Every read hashes again what it read.
"""

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.kernel.base import Base, Regime
from registers.kernel.errors import Conflict, Damaged, NotFound
from registers.kernel.words import text

TOGETHER = 16
"""How many files are written at once."""

DIGEST = re.compile(r"[0-9a-f]{64}")


def digest(content: bytes) -> str:
    """The name of a content: its SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def checked(name: str, content: bytes | None) -> bytes:
    """The content, if it is what its name says.

    Raises:
        NotFound: there is none.
        Damaged: the stored bytes have another digest.
    """
    if content is None:
        raise NotFound(text("The file {name} is not in the store.", name=name[:12]))
    if digest(content) != name:
        raise Damaged(text("The stored file {name} was altered: do not use it.", name=name[:12]))
    return content


class StoredFile(Base):
    """One content of the store on PostgreSQL; on SQLite the table stays empty."""

    __tablename__ = "stored_file"
    regime = Regime.ERASABLE
    erasable = ("content",)

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[bytes | None]


class ErasedFile(Base):
    """A content whose time was over: its digest stays, wherever it was named."""

    __tablename__ = "erased_file"
    regime = Regime.LEDGER

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    erased_at: Mapped[datetime]


class Store(Protocol):
    """Where the bytes of papers and proofs are kept."""

    def put(self, session: Session, content: bytes) -> str:
        """Keeps the content durably and gives its digest; twice the same is once. In an act."""
        ...

    def put_all(self, session: Session, contents: Sequence[bytes]) -> list[str]:
        """Keeps many contents, sooner than one after the other; their digests, in order."""
        ...

    def get(self, session: Session, name: str) -> bytes:
        """The content of this digest, hashed again while read."""
        ...

    def names(self, session: Session) -> Iterator[str]:
        """The digests of all that is kept."""
        ...

    def forget(self, session: Session, names: Collection[str]) -> Callable[[], None]:
        """Erases contents for good, in an act that may erase; their digests stay.

        Gives what is left to be done once the act is committed, and does no harm if done twice.
        """
        ...


class FolderStore:
    """A folder of files named by their digest, in 256 subfolders.

    A file is written under a temporary name, synchronised, then renamed: after a power cut it
    is there whole or not at all. One whose act was rolled back stays and harms nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, session: Session, content: bytes) -> str:  # noqa: ARG002 as the other store
        """See `Store.put`."""
        name = digest(content)
        if self._write(name, content):
            _sync_folder(self._path(name).parent)
        return name

    def put_all(self, session: Session, contents: Sequence[bytes]) -> list[str]:  # noqa: ARG002
        """See `Store.put`.

        Disks synchronise many files at once about as fast as one: so several wait together.
        """
        names = list(map(digest, contents))
        new = dict(zip(names, contents, strict=True))
        with ThreadPoolExecutor(TOGETHER) as threads:
            written = list(threads.map(self._write, new, new.values()))
            folders = {
                self._path(name).parent for name, fresh in zip(new, written, strict=True) if fresh
            }
            list(threads.map(_sync_folder, sorted(folders)))
        return names

    def _write(self, name: str, content: bytes) -> bool:
        """Writes the file, unless it is there; its folder is not synchronised yet."""
        path = self._path(name)
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            unfinished = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                unfinished.replace(path)
            except OSError:
                unfinished.unlink()
                raise
        return True

    def get(self, session: Session, name: str) -> bytes:  # noqa: ARG002 as the other store
        """See `Store.get`."""
        path = self._path(name)
        return checked(name, path.read_bytes() if path.is_file() else None)

    def names(self, session: Session) -> Iterator[str]:  # noqa: ARG002 as the other store
        """See `Store.names`."""
        for path in sorted(self.folder.glob("??/*")):
            if DIGEST.fullmatch(path.name):
                yield path.name

    def forget(self, session: Session, names: Collection[str]) -> Callable[[], None]:  # noqa: ARG002
        """See `Store.forget`: files go only once nothing can bring their rows back."""

        def unlink() -> None:
            for name in names:
                self._path(name).unlink(missing_ok=True)

        return unlink

    def _path(self, name: str) -> Path:
        if not DIGEST.fullmatch(name):
            raise NotFound
        return self.folder / name[:2] / name


class TableStore:
    """A table of contents, shared by every machine that reaches the database."""

    def put(self, session: Session, content: bytes) -> str:
        """See `Store.put`."""
        name = digest(content)
        found = session.get(StoredFile, name)
        if found is None:
            session.add(StoredFile(sha256=name, content=content))
            session.flush()
        elif found.content is None:
            raise Conflict(text("This very file was erased when its time was over."))
        return name

    def put_all(self, session: Session, contents: Sequence[bytes]) -> list[str]:
        """See `Store.put`."""
        return [self.put(session, content) for content in contents]

    def get(self, session: Session, name: str) -> bytes:
        """See `Store.get`."""
        query = sa.select(StoredFile.content).where(StoredFile.sha256 == name)
        return checked(name, session.scalar(query))

    def names(self, session: Session) -> Iterator[str]:
        """See `Store.names`."""
        query = sa.select(StoredFile.sha256).where(StoredFile.content.is_not(None))
        yield from session.scalars(query.order_by(StoredFile.sha256))

    def forget(self, session: Session, names: Collection[str]) -> Callable[[], None]:
        """See `Store.forget`."""
        session.execute(
            sa.update(StoredFile).where(StoredFile.sha256.in_(names)).values(content=None),
            execution_options={"synchronize_session": False},
        )
        return lambda: None


def _sync_folder(folder: Path) -> None:
    handle: Any = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
