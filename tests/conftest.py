import subprocess
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from hypothesis import HealthCheck, settings

from registers.kernel.act import Actor
from registers.sample import load
from tests.databases import KINDS, Databases, opened
from tests.mail_servers import free_port
from tests.registers import EVERYTHING
from tests.site import site
from tests.tools import need

# how long something takes never makes a test fail
settings.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")


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
    with opened(database_url, tmp_path / "files", clock) as made:
        yield made


class May(Enum):
    WRITE = "write"
    ERASE = "erase"
    OTHER = "other"


@pytest.fixture
def someone():
    """An actor who may write and erase, and nothing else."""
    return Actor("console", frozenset({May.WRITE, May.ERASE}))


@pytest.fixture
def acting(database):
    """Begins acts: of somebody who may do everything, or of another actor."""

    def begin(actor=EVERYTHING):
        return database.acting(actor)

    return begin


@pytest.fixture
def sample(database, acting):
    """The registers with the fictional data, for a test that changes them."""
    load(acting)
    return database


@pytest.fixture(scope="session", params=KINDS)
def shared_sample(request, databases, tmp_path_factory):
    """The registers with the fictional data, for tests that only read them."""
    with databases.fresh(request.param) as url:
        with opened(url, tmp_path_factory.mktemp("files"), Clock()) as database:
            load(lambda: database.acting(EVERYTHING))
            yield database


@pytest.fixture(scope="session", params=KINDS)
def shared_site(request, databases, tmp_path_factory):
    """The fictional register, for tests that only read it."""
    with databases.fresh(request.param) as url:
        with site(url, tmp_path_factory.mktemp("site"), Clock(), sample=True) as made:
            yield made


@pytest.fixture
def sample_site(database_url, tmp_path, clock):
    """The fictional register, for a test that changes it."""
    with site(database_url, tmp_path, clock, sample=True) as made:
        yield made


@pytest.fixture
def empty_site(database_url, tmp_path, clock):
    """An installation in which nobody has an account yet."""
    with site(database_url, tmp_path, clock, sample=False) as made:
        yield made


@pytest.fixture
def redis(tmp_path):
    """The address of a Redis server."""
    need("redis-server")
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    with subprocess.Popen(
        ["redis-server", *options, "--dir", tmp_path], stdout=subprocess.DEVNULL
    ) as server:
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()
