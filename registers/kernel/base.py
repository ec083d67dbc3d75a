"""What all tables share: keys, instants, canonical JSON, and the regime each lives under."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm import registry as Registry  # noqa: N812 it is a class
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_canonical = msgspec.json.Encoder(order="sorted")


def index_on(dialect: str, name: str, *columns: str) -> sa.Index:
    """An index that only one database has."""
    return sa.Index(name, *columns, info={"dialect": dialect}).ddl_if(dialect=dialect)


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8.

    For what we hash and sign (strings, whole numbers, booleans, null, lists, objects with
    ASCII keys) it equals RFC 8785; dates and UUIDs become their ISO and hexadecimal strings.
    """
    return _canonical.encode(value)


SortKey = Annotated[
    str, mapped_column(sa.Text().with_variant(sa.Text(collation="C"), "postgresql"))
]
"""A text by which lists are ordered: alike on both databases, by code points."""


class Regime(enum.Enum):
    """What may ever happen to a row, in any act; triggers, guard, export and restore follow it."""

    LEDGER = "ledger"
    """Inserted, then never changed nor deleted."""
    ERASABLE = "erasable"
    """As a ledger, but declared columns may be emptied, only in an act that may erase."""
    UPKEEP = "upkeep"
    """Technical traces (sessions, throttling): also written outside acts, without an entry."""
    PLAIN = "plain"
    """The present state; what it was before stands in versions and in the journal."""


class Moment(TypeDecorator[datetime]):
    """An instant. Aware in Python and UTC in the database, on both databases alike."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuses a naive time: nobody could say which instant it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 the decorator's shape
        """Gives back an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Canonical(TypeDecorator[Any]):
    """A JSON value kept as its canonical text, so that equal values are equal strings."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 the decorator's shape
        """Writes the canonical form; None stays NULL."""
        return None if value is None else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        """Reads it back as plain Python values."""
        return None if value is None else msgspec.json.decode(value)


class ErasableText(TypeDecorator[str]):
    """A text that can be erased: NULL in the database then, and read as no text at all."""

    impl = sa.Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str:  # noqa: ARG002
        """Reads what was erased as an empty text."""
        return value or ""


class Base(DeclarativeBase):
    """Every table of Greffe. A table declares its `regime`, and what of it can be erased."""

    registry = Registry(
        metadata=sa.MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: Moment(),
            date: sa.Date(),
            uuid.UUID: sa.Uuid(),
            str: sa.Text(),
            bytes: sa.LargeBinary(),
            dict[str, Any]: Canonical(),
            list[str]: Canonical(),
            enum.Enum: sa.Enum(
                enum.Enum,
                native_enum=False,
                length=40,
                values_callable=lambda members: [member.value for member in members],
            ),
        },
    )

    regime: ClassVar[Regime]
    erasable: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        table = cls.__dict__.get("__table__")
        if isinstance(table, sa.Table):
            table.info["regime"] = cls.regime
            table.info["erasable"] = cls.erasable


class Keyed:
    """A row known by a random identifier that never changes and says nothing."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


@sa.event.listens_for(Keyed, "init", propagate=True)
def _key(_row: Keyed, _positional: Any, named: dict[str, Any]) -> None:
    # at construction, not at the flush: entries and foreign keys name the row before
    named.setdefault("id", uuid.uuid4())


class Revised:
    """A present state that people edit: two edits from the same state cannot both be kept."""

    revision: Mapped[int]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 SQLAlchemy's shape
        return {"version_id_col": cls.revision}


def regime_of(table: sa.Table) -> Regime:
    """The regime a table declared; writing to a table without one raises KeyError."""
    regime: Regime = table.info["regime"]
    return regime


def insert_many(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds many rows of the same columns in one statement, past the ORM, which looks at each."""
    if rows:
        session.execute(sa.insert(cast("sa.Table", model.__table__)), rows)


def insert_or_ignore(session: Session, model: type[Base], **values: Any) -> sa.Insert:
    """An INSERT that does nothing where the row exists: two acts may both try."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(model).values(**values).on_conflict_do_nothing()
