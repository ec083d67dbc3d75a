"""Models equal migrations on both databases; every migration goes up, down and up with data."""

import uuid
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app import schema
from registers import work  # noqa: F401 knows all models
from registers.kernel import triggers
from registers.kernel.base import Base, Regime
from tests.databases import KINDS


def test_the_models_are_what_the_migrations_make(database_url):
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        here = connection.dialect.name

        def is_here(item, _name, _kind, _reflected, _other):
            return item.info.get("dialect", here) == here

        opts = {"compare_type": True, "include_object": is_here}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_there_is_one_head_and_the_numbers_follow_each_other():
    assert schema.revisions() == [
        f"{number:04d}" for number in range(1, len(schema.revisions()) + 1)
    ]
    assert schema.newest() == schema.revisions()[-1]


def test_every_table_declares_its_regime():
    undeclared = [
        name for name, table in Base.metadata.tables.items() if "regime" not in table.info
    ]
    assert undeclared == []
    for table in Base.metadata.tables.values():
        erasable = table.info["erasable"]
        assert bool(erasable) == (table.info["regime"] is Regime.ERASABLE)
        assert all(table.c[name].nullable for name in erasable)


def triggers_in(connection):
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.exec_driver_sql(query).scalars())


def test_the_triggers_are_what_the_regimes_say(database_url):
    engine = sa.create_engine(database_url)
    expected = set()
    for table in Base.metadata.tables.values():
        expected |= triggers.names(table, engine.dialect.name)
    with engine.connect() as connection:
        assert triggers_in(connection) == expected
    engine.dispose()


def fill(connection):
    """Puts one row into each table that has none, parents first."""
    tables = sa.MetaData()
    tables.reflect(connection)
    made = {}
    for table in tables.sorted_tables:
        if table.name == "alembic_version":
            continue
        found = connection.execute(sa.select(table)).first()
        if found is None:
            row = {column.name: value(column, made) for column in table.columns}
            connection.execute(table.insert().values(row))
            found = connection.execute(sa.select(table)).one()
        made[table.name] = dict(found._mapping)


def value(column, made):
    for key in column.foreign_keys:
        parent = key.column
        return made[parent.table.name][parent.name] if parent.table is not column.table else None
    return {
        bool: True,
        int: 1,
        str: "x",
        bytes: b"x",
        date: date(2026, 1, 1),
        datetime: datetime(2026, 1, 1, tzinfo=None if column.table.info else UTC),
        uuid.UUID: uuid.UUID(int=1),
    }[column.type.python_type]


def contents(connection):
    tables = sa.MetaData()
    tables.reflect(connection)
    return {
        name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        for name, table in tables.tables.items()
        if name != "alembic_version"
    }


def only(columns_of, tables):
    """These tables with the columns that others have; rows keep their order."""
    return {
        name: [
            {column: row[column] for column in known}
            for row, known in zip(tables[name], rows, strict=True)
        ]
        for name, rows in columns_of.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_migration_goes_up_down_and_up_again_with_data(databases, kind):
    revisions = ["base", *schema.revisions()]
    with databases.fresh(kind, migrated=False) as url:
        engine = sa.create_engine(url)
        for before, revision in pairwise(revisions):
            with engine.begin() as connection:
                kept, protected = contents(connection), triggers_in(connection)
            schema.upgrade(url, revision)
            with engine.begin() as connection:
                fill(connection)
            schema.downgrade(url, before)
            with engine.connect() as connection:
                assert contents(connection) == kept
                assert triggers_in(connection) == protected
            schema.upgrade(url, revision)
            with engine.begin() as connection:
                fill(connection)
                now = contents(connection)
                assert only(kept, now) == kept
        engine.dispose()
