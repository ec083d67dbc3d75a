"""Lists page by page, by key: as quick on the last page as on the first.

The page after a row is asked by that row's sort key, not by how many rows to skip.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import InternalTraversal

from registers.kernel.errors import Invalid
from registers.kernel.words import text

SIZE = 50
R = TypeVar("R")


class Page(NamedTuple, Generic[R]):
    """A part of a list, and where its neighbours begin."""

    rows: list[R]
    total: int
    """How many rows the whole list has."""
    after: str | None
    """The cursor of the next page, None on the last."""
    before: str | None
    """The cursor of the page before, None on the first."""


class Cut(NamedTuple):
    """Which page is wanted: the first, the one after a cursor, or the one before it."""

    after: str = ""
    before: str = ""


FIRST = Cut()


def cut(
    session: Session,
    query: "sa.Select[*tuple[Any, ...]]",
    key: Sequence[Any],
    wanted: Cut = FIRST,
    *,
    size: int = SIZE,
    descending: bool = False,
    total: Callable[[], int] | None = None,
) -> Page[Any]:
    """One page of a query, in two statements; in one where the first page holds everything.

    Args:
        session: a reading session.
        query: everything but order and limit; its rows have one entity or several columns.
        key: the columns that order it, the last of them unique; all in one direction.
        wanted: which page.
        size: how many rows a page has.
        descending: whether the order is turned round.
        total: how many rows there are, where that is found sooner than by counting the query.

    Raises:
        Invalid: the cursor is none of ours.
    """
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
    back = bool(wanted.before)
    cursor = _read(wanted.before or wanted.after, key)
    upwards = descending == back
    if cursor is not None:
        row_value, at = sa.tuple_(*key), sa.tuple_(*cursor)
        query = query.where(row_value > at if upwards else row_value < at)
    order = [column.asc() if upwards else column.desc() for column in key]
    labelled = [column.label(f"key_{place}") for place, column in enumerate(key)]
    found = session.execute(query.add_columns(*labelled).order_by(*order).limit(size + 1)).all()
    more, found = len(found) > size, list(found[:size])
    everything = cursor is None and not more
    total = total or (lambda: session.scalar(counted) or 0)
    count = len(found) if everything else total()
    if back:
        found.reverse()
    width = len(key)
    cursors = [tuple(row[-width:]) for row in found]
    rows = [row[0] if len(row) == width + 1 else row[:-width] for row in found]
    has_next = more if not back else True
    has_before = (cursor is not None) if not back else more
    return Page(
        rows,
        count,
        _written(cursors[-1]) if rows and has_next else None,
        _written(cursors[0]) if rows and has_before else None,
    )


def _written(cursor: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _read(cursor: str, key: Sequence[Any]) -> list[Any] | None:
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = msgspec.json.decode(raw, type=list[Any])
        return [
            sa.literal(msgspec.convert(value, column.type.python_type, strict=False), column.type)
            for value, column in zip(values, key, strict=True)
        ]
    except (ValueError, msgspec.MsgspecError) as error:
        raise Invalid(text("This page of the list is not there any more: begin again.")) from error


def contains(column: Any, word: str) -> sa.ColumnElement[bool]:
    """Whether a folded column has a folded word somewhere in it."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    escape = "\\" if escaped != word else None  # SQLite is slower with one
    found: sa.ColumnElement[bool] = column.like(f"%{escaped}%", escape=escape)
    return found


class Compared(sa.ColumnElement[Any]):
    """A column that is compared but never looked up by: so the query begins with another table.

    SQLite keeps no statistics here and cannot know where to begin; PostgreSQL knows, and sees the
    column itself.
    """

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 SQLAlchemy's

    def __init__(self, column: Any) -> None:
        self.column = sa.inspect(column).expression
        self.type = self.column.type


@compiles(Compared)
def _as_it_is(element: Compared, compiler: Any, **named: Any) -> str:
    written: str = compiler.process(element.column, **named)
    return written


@compiles(Compared, "sqlite")
def _without_index(element: Compared, compiler: Any, **named: Any) -> str:
    return "+" + _as_it_is(element, compiler, **named)
