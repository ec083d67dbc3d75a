"""Papers sealed by an earlier version keep their subject; newer ones are never lost unseen."""

import uuid

import pytest
import sqlalchemy as sa

from app import schema
from tests.databases import KINDS
from tests.kernel.test_schema import fill

OWNER, PAPER = uuid.UUID(int=2**100 + 9), uuid.UUID(int=10)


@pytest.fixture(params=KINDS)
def earlier(request, databases):
    with databases.fresh(request.param, migrated=False) as url:
        schema.upgrade(url, "0007")
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            fill(connection)
            add(connection, "controller", id=OWNER, code="Y")
            add(connection, "annex", id=PAPER, number="AX-1", controller_id=OWNER)
        schema.upgrade(url, "0008")
        yield engine
        engine.dispose()


def table_of(connection, name):
    return sa.Table(name, sa.MetaData(), autoload_with=connection)


def add(connection, name, **different):
    """Another row, as the one that is there but for some columns."""
    table = table_of(connection, name)
    row = connection.execute(sa.select(table)).mappings().first()
    connection.execute(table.insert().values({**row, **kept_as(connection, different)}))


def kept_as(connection, values):
    """Identifiers as the database keeps them."""
    sqlite = connection.dialect.name == "sqlite"
    return {
        name: value.hex if sqlite and isinstance(value, uuid.UUID) else value
        for name, value in values.items()
    }


def test_a_paper_of_an_earlier_version_is_about_its_controller(earlier):
    with earlier.connect() as connection:
        table = table_of(connection, "annex")
        row = connection.execute(sa.select(table).where(table.c.number == "AX-1")).mappings().one()
    assert row["about"] == f"controller:{OWNER}"
    assert (row["contract_id"], row["since"]) == (None, None)


def test_the_way_back_is_refused_when_a_paper_would_be_lost(earlier):
    url = earlier.url.render_as_string(hide_password=False)
    with earlier.begin() as connection:
        about = {"about": "organisation:1", "controller_id": None}
        add(connection, "annex", id=uuid.UUID(int=11), number="AX-2", **about)
    with pytest.raises(RuntimeError, match="cannot hold"):
        schema.downgrade(url, "0007")
    with earlier.connect() as connection:
        count = sa.select(sa.func.count()).select_from(table_of(connection, "annex"))
        assert connection.scalar(count) == 3


def test_of_an_earlier_paper_the_standard_was_not_recorded(earlier):
    url = earlier.url.render_as_string(hide_password=False)
    schema.upgrade(url, "0009")
    with earlier.connect() as connection:
        table = table_of(connection, "annex")
        assert set(connection.scalars(sa.select(table.c.conformance))) == {None}
    schema.downgrade(url, "0008")
    with earlier.connect() as connection:
        assert "conformance" not in table_of(connection, "annex").c
