"""The store: content-addressed, durable, and honest about what it reads."""

import os

import pytest
import sqlalchemy as sa

from registers.kernel import audit
from registers.kernel.errors import Damaged, NotFound
from registers.kernel.files import digest
from registers.kernel.words import text
from tests.conftest import May

STORED = audit.kind("test.stored", text("Stored"), "sha256")


def put(database, someone, content):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        name = act.files.put(act.session, content)
        act.log(STORED, f"file:{name}", sha256=name)
    return name


def test_what_is_put_is_found_by_its_digest(database, someone):
    name = put(database, someone, b"paper")
    assert name == digest(b"paper")
    assert put(database, someone, b"paper") == name
    with database.reading() as session:
        assert database.files.get(session, name) == b"paper"
        assert list(database.files.names(session)) == [name]


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "é"])
def test_what_was_not_put_is_not_found(database, name):
    with database.reading() as session, pytest.raises(NotFound):
        database.files.get(session, name)


def test_altered_bytes_are_refused(database, someone, tmp_path):
    name = put(database, someone, b"paper")
    if database.engine.dialect.name == "sqlite":
        path = tmp_path / "files" / name[:2] / name
        path.write_bytes(b"forged")
    else:
        engine = sa.create_engine(database.engine.url)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql("UPDATE stored_file SET content = 'forged'")
        engine.dispose()
    with database.reading() as session, pytest.raises(Damaged):
        database.files.get(session, name)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL has a table
def test_a_half_written_file_is_never_seen(database, someone, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put(database, someone, b"paper")
    with database.reading() as session:
        assert list(database.files.names(session)) == []
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
