"""Lists page by page: every row once, in order, there and back, whatever is added meanwhile."""

import base64
import itertools
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from registers.activities import operations
from registers.activities.facts import Measure as Facts
from registers.activities.models import Measure
from registers.kernel import pages
from registers.kernel.errors import Invalid
from registers.kernel.pages import FIRST, Compared, Cut, contains, cut
from tests.registers import since

KEY = [Measure.name, Measure.id]
NUMBERS = itertools.count()


def add(acting, *names):
    with acting() as act:
        for name in names:
            operations.record_measure(act, f"M-{next(NUMBERS)}", Facts(name=name), since(2026))


def page(database, wanted=FIRST, size=3, query=None, **more):
    with database.reading() as session:
        return cut(
            session, sa.select(Measure) if query is None else query, KEY, wanted, size=size, **more
        )


def names(found):
    return [row.name for row in found.rows]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from("abcde"), max_size=9), st.integers(1, 4), st.booleans())
def test_every_row_stands_once_there_and_back(database, acting, some, size, descending):
    prefix = f"{next(NUMBERS):05d}"
    if some:
        add(acting, *(f"{prefix} {name}" for name in some))
    query = sa.select(Measure).where(Measure.name.startswith(prefix))
    onward = [page(database, FIRST, size, query, descending=descending)]
    while onward[-1].after:
        onward.append(
            page(database, Cut(after=onward[-1].after), size, query, descending=descending)
        )
    found = [row for each in onward for row in each.rows]
    assert [(row.name, row.id) for row in found] == sorted(
        ((row.name, row.id) for row in found), reverse=descending
    )
    assert sorted(row.name for row in found) == sorted(f"{prefix} {name}" for name in some)
    assert {each.total for each in onward} == {len(some)}
    back = [onward[-1]]
    while back[0].before:
        back.insert(
            0, page(database, Cut(before=back[0].before), size, query, descending=descending)
        )
    assert [[row.id for row in each.rows] for each in back] == [
        [row.id for row in each.rows] for each in onward
    ]


def test_a_row_added_meanwhile_moves_no_other(database, acting):
    add(acting, *"bdfhj")
    first = page(database)
    add(acting, "a", "e", "i")
    second = page(database, Cut(after=first.after))
    assert (names(first), names(second)) == (["b", "d", "f"], ["h", "i", "j"])
    assert second.after is None
    back = page(database, Cut(before=second.before))
    assert names(back) == ["d", "e", "f"]
    assert names(page(database, Cut(before=back.before))) == ["a", "b"]


def test_the_page_is_there_although_its_row_is_not(database, acting):
    add(acting, *"abcdef")
    first = page(database)
    query = sa.select(Measure).where(Measure.name != "c")
    assert names(page(database, Cut(after=first.after), query=query)) == ["d", "e", "f"]


def test_an_empty_list_is_one_empty_page(database):
    assert page(database) == ([], 0, None, None)


def test_several_columns_come_as_rows(database, acting):
    add(acting, *"abcd")
    query = sa.select(Measure, sa.func.length(Measure.name))
    found = page(database, query=query)
    assert [(row[0].name, row[1]) for row in found.rows] == [("a", 1), ("b", 1), ("c", 1)]
    last = page(database, Cut(after=found.after), query=query)
    assert [row[0].name for row in last.rows] == ["d"]


def test_a_key_may_hold_days_and_instants(database, acting):
    with acting() as act:
        for number in range(4):
            how = since(2026, 1 + number // 2)
            operations.record_measure(act, f"M-{number}", Facts(name="x"), how)
    version = Measure.version_type
    query = sa.select(version)
    key = [version.recorded_at, version.effective_from, version.id]
    seen, wanted = [], FIRST
    with database.reading() as session:
        while wanted:
            found = cut(session, query, key, wanted, size=1, descending=True)
            seen += [row.effective_from for row in found.rows]
            wanted = Cut(after=found.after) if found.after else None
    assert seen == [date(2026, 2, 1)] * 2 + [date(2026, 1, 1)] * 2


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "é",
        "====",
        cursor("{}"),
        cursor("[]"),
        cursor('["a"]'),
        cursor('["a", "not an id"]'),
        cursor('["a", 1, 2]'),
        cursor("not json"),
    ],
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_that_is_none_of_ours_is_refused(database, bad, way):
    with pytest.raises(Invalid, match="begin again"):
        page(database, Cut(**{way: bad}))


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("50%", ["50% off"]),
        ("%", ["50% off"]),
        ("a_b", ["a_b"]),
        ("_", ["a_b"]),
        ("\\", ["c\\d"]),
        ("\\%", []),
        ("'", ["it's"]),
        ("", ["50% off", "a_b", "axb", "c\\d", "it's"]),
    ],
)
def test_signs_of_a_pattern_are_searched_as_they_are(database, acting, word, found):
    add(acting, "50% off", "a_b", "axb", "c\\d", "it's")
    query = sa.select(Measure).where(contains(Measure.name, word))
    assert names(page(database, query=query, size=9)) == found


@pytest.mark.parametrize("size", [3, pages.SIZE])
def test_a_page_costs_two_statements_at_most(database, acting, size):
    add(acting, *"abcdefgh")
    counted = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *_sent: counted.append(1))
    with database.reading() as session:
        session.connection()
        counted.clear()
        assert cut(session, sa.select(Measure), KEY, size=size).total == 8
    assert len(counted) <= 2


def test_a_compared_column_keeps_sqlite_from_its_index_and_is_itself_elsewhere():
    query = sa.select(Measure.id).where(Compared(Measure.name) == "x")
    assert "WHERE +measure.name = " in str(query.compile(dialect=sqlite.dialect()))
    assert "WHERE measure.name = " in str(query.compile(dialect=postgresql.dialect()))
