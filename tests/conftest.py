import os
import subprocess
from enum import Enum

import pytest
from hypothesis import HealthCheck, settings

from registers.kernel.act import Actor
from registers.sample import load
from registers.sample.loading import load_register
from tests.databases import KINDS, Clock, Databases, opened
from tests.mail_servers import free_port
from tests.registers import EVERYTHING
from tests.site import site
from tests.tools import need

# how long something takes never makes a test fail
settings.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")


def pytest_xdist_auto_num_workers(config):
    """One more than there are processors: browsers, databases and commands make tests wait."""
    return (os.cpu_count() or 1) + 1


def pytest_make_parametrize_id(val, argname):
    """The name of its parameter, for what is too long to name a test."""
    return argname if isinstance(val, str | bytes) and len(val) > 80 else None


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


FILLED = {"sample_url": load, "register_url": load_register}
"""What a database begins with, by the fixture by which a test asks for it."""


@pytest.fixture(params=KINDS)
def database_url(request, databases):
    asked = next((fill for name, fill in FILLED.items() if name in request.fixturenames), None)
    with databases.fresh(request.param, asked) as url:
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
def sample_url(database_url):
    """The address of a database with the fictional data."""
    return database_url


@pytest.fixture
def register_url(database_url):
    """The address of a database with the fictional register, before anything was announced."""
    return database_url


@pytest.fixture
def sample(sample_url, database):
    """The registers with the fictional data, for a test that changes them."""
    return database


@pytest.fixture(scope="session", params=KINDS)
def shared_sample(request, databases, tmp_path_factory):
    """The registers with the fictional data, for tests that only read them."""
    with databases.fresh(request.param, load) as url:
        with opened(url, tmp_path_factory.mktemp("files"), Clock()) as database:
            yield database


@pytest.fixture(scope="session", params=KINDS)
def shared_site(request, databases, tmp_path_factory):
    """The fictional register, for tests that only read it."""
    with databases.fresh(request.param, load) as url:
        with site(url, tmp_path_factory.mktemp("site"), Clock()) as made:
            yield made


@pytest.fixture
def sample_site(sample_url, tmp_path, clock):
    """The fictional register, for a test that changes it."""
    with site(sample_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def empty_site(database_url, tmp_path, clock):
    """An installation in which nobody has an account yet."""
    with site(database_url, tmp_path, clock) as made:
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
