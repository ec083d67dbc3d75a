from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
import sqlalchemy as sa

from registers.kernel.act import Actor, Database
from registers.kernel.files import FolderStore, TableStore
from tests.databases import KINDS, Databases


class Clock:
    """The time, as the test sets it: one of the three edges that may be faked."""

    def __init__(self):
        self.at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self):
        return self.at

    def forward(self, **amount):
        self.at += timedelta(**amount)


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database_url(request, databases):
    with databases.fresh(request.param) as url:
        yield url


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(database_url, clock, tmp_path):
    engine = sa.create_engine(database_url)
    sqlite = engine.dialect.name == "sqlite"
    yield Database(engine, FolderStore(tmp_path / "files") if sqlite else TableStore(), clock)
    engine.dispose()


class May(Enum):
    WRITE = "write"
    ERASE = "erase"
    OTHER = "other"


@pytest.fixture
def someone():
    """An actor who may write and erase, and nothing else."""
    return Actor("console", frozenset({May.WRITE, May.ERASE}))
