"""The regimes of tables, as triggers of the database itself.

For migrations: a table made or rebuilt there is protected there. (SQLite drops a table's
triggers when Alembic's batch mode rebuilds it; a test holds the triggers against the regimes.)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from registers.kernel.base import Regime, regime_of

SAYS = "evidence is added to, never changed: {table}"


def names(table: sa.Table, dialect: str) -> set[str]:
    """The triggers that a table of its regime must have."""
    if regime_of(table) not in {Regime.LEDGER, Regime.ERASABLE}:
        return set()
    verbs = ["update", "delete"] + ["truncate"] * (dialect == "postgresql")
    return {f"{table.name}_no_{verb}" for verb in verbs}


def protect(connection: sa.Connection, tables: Mapping[str, Sequence[str]]) -> None:
    """Forbids changing the rows of these tables, but for emptying what is erasable.

    Args:
        connection: the migration's.
        tables: by name, the columns that an act of erasure may set to NULL; none for a ledger.
    """
    for table, erasable in tables.items():
        columns = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        for statement in _statements(connection.dialect.name, table, columns, erasable):
            connection.exec_driver_sql(statement)


def unprotect(connection: sa.Connection, tables: Iterable[str]) -> None:
    """Removes what is left of the protection once the tables themselves are gone."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.exec_driver_sql(f"DROP FUNCTION {table}_refuse()")


def lift(connection: sa.Connection, tables: Iterable[str]) -> None:
    """Takes the protection off tables that stay: it is to be given anew for their new columns."""
    for table in tables:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP FUNCTION {table}_refuse() CASCADE")
        else:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")


def _statements(
    dialect: str, table: str, columns: Sequence[str], erasable: Sequence[str]
) -> Iterator[str]:
    fixed = [name for name in columns if name not in erasable]
    says = SAYS.format(table=table)
    if dialect == "sqlite":
        same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in fixed)
        emptied = [f'(NEW."{name}" IS NULL OR NEW."{name}" IS OLD."{name}")' for name in erasable]
        allowed = " AND ".join([same, *emptied]) if erasable else "0"
        for verb, condition in (("update", f"WHEN NOT ({allowed})"), ("delete", "")):
            yield (
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        return
    same = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in fixed)
    filled = [
        f'(NEW."{name}" IS NOT NULL AND NEW."{name}" IS DISTINCT FROM OLD."{name}")'
        for name in erasable
    ]
    forbidden = " OR ".join([same, *filled]) if erasable else "TRUE"
    yield (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{says}'; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({forbidden}) EXECUTE FUNCTION {table}_refuse()"
    )
    for verb, each in (("delete", "ROW"), ("truncate", "STATEMENT")):
        yield (
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_refuse()"
        )
