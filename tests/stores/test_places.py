"""Nothing that may name a person is left out of an answer without being said."""

import sqlalchemy as sa

import registers.work  # noqa: F401 all tables are known then
from registers.kernel.base import Canonical, ErasableText
from registers.kernel.history import Head, Version
from registers.stores import places

TEXTS = (sa.Text, Canonical, ErasableText)


def texts(model):
    return {
        column.name
        for column in model.__table__.columns
        if isinstance(column.type, TEXTS) and not column.name.endswith("sha256")
    }


def test_every_text_is_searched_or_said_to_name_nobody():
    unknown = {}
    for table, model in places.models().items():
        if table in places.ASIDE:
            continue
        known = set(places.CODES) | places.NOBODY.get(table, frozenset())
        if table in places.ROWS:
            known |= set(places.ROWS[table].columns)
        if issubclass(model, Version):
            assert table in places.VERSIONS
            known |= set(places.WRITTEN)
        if issubclass(model, Head):
            known |= texts(model)  # lists show of its versions what its versions say
        if left := texts(model) - known:
            unknown[table] = left
    assert unknown == {}


def test_every_place_is_there_and_has_its_words():
    known = places.models()
    for table, place in places.ROWS.items():
        assert set(place.columns) <= set(known[table].__table__.columns.keys()), table
        assert set(place.columns) <= set(places.LABELS), table
    assert set(places.VERSIONS) <= set(known)
