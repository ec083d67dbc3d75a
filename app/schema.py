"""The database's schema: numbered migrations, run by the program itself.

Migrations open an engine of their own: the registers' engine only writes in acts, and on SQLite
a table is rebuilt with foreign keys off (with them on, Alembic's batch mode deletes children).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from app.shipped import folder


def upgrade(url: str | sa.URL, to: str = "head") -> None:
    """Brings the schema to a revision, by default the newest."""
    with _connection(url) as connection:
        command.upgrade(_config(connection), to)


def downgrade(url: str | sa.URL, to: str) -> None:
    """Takes the schema back to an earlier revision, `base` for none."""
    with _connection(url) as connection:
        command.downgrade(_config(connection), to)


def current(url: str | sa.URL) -> str | None:
    """The revision that a database stands at; None for an empty one."""
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """The revision this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("no migrations were shipped")
    return head


def revisions() -> list[str]:
    """All revisions, the oldest first."""
    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


@contextmanager
def _connection(url: str | sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
