"""The act: one person, one moment, one transaction. The only way to write, with `upkeep`.

An act refuses to commit when no permission was granted in it, when one was refused in it, or
when rows changed without an entry in the journal. Outside an act the database itself refuses
to write: every other transaction is read-only (`query_only` on SQLite, READ ONLY on
PostgreSQL). See docs/decisions.md for the shape and its traps.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from registers.kernel import audit, clock
from registers.kernel.base import Regime, regime_of
from registers.kernel.errors import Conflict, Forbidden, NotFound
from registers.kernel.files import Store
from registers.kernel.words import text

log = logging.getLogger(__name__)

T = TypeVar("T")

Follows = Mapping[tuple[str, Any], Callable[..., None]]
"""What follows in another subject, in the same act: by what happened, and to which kind."""

PRAGMAS = (
    "journal_mode=WAL",
    "busy_timeout=30000",
    "foreign_keys=ON",
    "synchronous=FULL",
    "cache_size=-32000",
)
CHAIN_LOCK = 0x47524546  # "GREF": the advisory lock of PostgreSQL under which the chain grows
WRITES = re.compile(
    r"\b(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|CREATE|DROP|ALTER|COPY)\b", re.IGNORECASE
)


class ActError(Exception):
    """The program broke the rules of acts. A fault of the code, never of its user."""


class WroteOutsideAct(ActError):
    """A row was to be written by a connection that carries no act."""


class RegimeBroken(ActError):
    """A row was to be written in a way its table's regime forbids."""


class ActWithinAct(ActError):
    """An act was begun inside another: on SQLite it would wait for itself."""


class Unguarded(ActError):
    """An act ended without a permission granted, or although one was refused in it."""


class Unaudited(ActError):
    """An act changed rows and left no entry, or was committed other than by ending."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, or one of those without (visitor, console, worker, contact).

    `permissions` are members of the one enumeration of permissions (`registers.people`).
    """

    kind: str
    permissions: frozenset[Enum]
    id: UUID | None = None
    name: str = ""

    @property
    def reference(self) -> str:
        """How the journal names the actor: never by a personal name."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


@dataclass
class Act:
    """What one actor does at one moment, inside one transaction."""

    actor: Actor
    now: datetime
    files: Store
    upkeep: bool = False
    follows: Follows = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)
    entries: list[audit.Pending] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    """What to do once the act is committed; a failure there is logged and loses nothing."""
    wake: Callable[[], None] = lambda: None
    """Tells the workers that there is work; see `Database.wake`."""
    session: Session = field(init=False)
    _tables: set[str] = field(default_factory=set)
    _guarded: bool = False
    _refused: str = ""
    _erasing: bool = False
    _locked: bool = False
    settled: bool = False

    def require(self, permission: Enum) -> None:
        """Grants the act, or refuses it for good.

        Raises:
            Forbidden: the actor lacks the permission. The act cannot be committed any more,
                even if the refusal is swallowed.
        """
        if permission not in self.actor.permissions:
            self._refused = str(permission.value)
            raise Forbidden
        self._guarded = True

    def allow_erasing(self, permission: Enum) -> None:
        """As `require`, and lets this act empty the columns that are declared erasable."""
        self.require(permission)
        self._erasing = True

    def take(self, model: type[T], key: UUID | str | int | None) -> T:
        """Loads a row in order to change it, locked until the act ends.

        Raises:
            NotFound: there is none.
        """
        self._locked = True
        row = self.session.get(model, key, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound
        return row

    def follow(self, happened: str, kind: Any, *things: Any) -> None:
        """Does what follows in another subject; `registers.work` says what."""
        self.follows[happened, kind](self, *things)

    def log(
        self,
        kind: audit.Kind,
        about: Any,
        /,
        *,
        within: Any = None,
        values: dict[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        """Says what the act did; written to the chain when it ends.

        Args:
            kind: what was done.
            about: the row it was done to.
            within: the dossier it belongs to, when that is another row.
            values: what a person could recognise (values before and after); kept beside the
                chain, where it can be erased. The chain holds a commitment to it.
            facts: the fields the kind declares; identifiers and names of fields only.
        """
        pending = audit.pending(kind, about, within, facts, values)
        self.entries.append(pending)

    def wrote(self, table: sa.Table, verb: str) -> None:
        """Told by the engine before each statement that writes."""
        name = str(getattr(table, "name", table))
        regime = regime_of(table)
        broken = None
        if self.upkeep and regime is not Regime.UPKEEP:
            broken = "upkeep writes only tables marked for it"
        elif regime is Regime.LEDGER and verb != "insert":
            broken = "a ledger is only added to"
        elif regime is Regime.ERASABLE and verb == "delete":
            broken = "evidence is never deleted"
        elif regime is Regime.ERASABLE and verb == "update" and not self._erasing:
            broken = "only an act that may erase can empty it"
        if broken:
            self._refused = f"{verb} {name}"
            raise RegimeBroken(f"{verb} {name}: {broken}")
        if regime is not Regime.UPKEEP:
            self._tables.add(name)

    def wrote_text(self, sql: str) -> None:
        """Told by the engine before SQL written by hand that writes: never inside an act."""
        self._refused = "SQL written by hand"
        raise RegimeBroken(f"SQL written by hand cannot be watched: {sql[:60]}")

    def settle(self, conn: sa.Connection) -> bool:
        """The last step before the commit: the checks, then the chain.

        Returns whether there is anything to commit: an act without entries is rolled back.

        Raises:
            Unguarded, Unaudited: the act may not be committed.
        """
        self.session.flush()
        if self._refused:
            raise Unguarded(f"refused: {self._refused}")
        if not self.upkeep:
            if not self._guarded:
                raise Unguarded("no permission was asked for")
            if not self.entries:
                if self._tables or _driver_wrote(conn, locked=self._locked):
                    raise Unaudited(", ".join(sorted(self._tables)) or "written by the driver")
                return False
            audit.keep_values(conn, self.entries)
            if conn.dialect.name == "postgresql":
                conn.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))
            audit.append(conn, self.entries, self.id, self.now, self.actor.reference)
        self.settled = True
        return True


class _ActSession(Session):
    """A session that its act commits, and nobody else."""

    def commit(self) -> None:
        raise Unaudited("an act is committed by ending it")


class Database:
    """The registers' database: reads by default, writes only in acts and in upkeep.

    Args:
        engine: Flask-SQLAlchemy's, or any other; it must not have connected yet.
        files: where the bytes of papers are kept.
        now: the clock; tests set it.
        follows: what follows upon what, across subjects.
        wake: tells whoever carries work that some is due; nothing depends on it.
    """

    _current: ClassVar[ContextVar[bool]] = ContextVar("acting", default=False)

    def __init__(
        self,
        engine: sa.Engine,
        files: Store,
        now: Callable[[], datetime] = clock.now,
        follows: Follows | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.files = files
        self.now = now
        self.follows = follows or {}
        self._wake = wake
        _prepare(engine)

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[Act]:
        """One act of this actor: `with database.acting(actor) as act: …`.

        Raises:
            Conflict: somebody else changed the same row meanwhile; nothing was written.
        """
        act = Act(actor, self.now(), self.files, follows=self.follows, wake=self.wake)
        with self._transaction(act):
            yield act
        for follow in act.after:
            try:
                follow()
            except Exception:
                log.exception("after act %s", act.id)

    def wake(self) -> None:
        """Tells whoever carries work that some is due; a failure is logged and loses nothing."""
        try:
            self._wake()
        except Exception:
            log.exception("waking the workers")

    @contextmanager
    def upkeep(self) -> Iterator[Session]:
        """The only other way to write: traces of use, in tables marked for it, without entry."""
        nobody = Actor("upkeep", frozenset())
        with self._transaction(Act(nobody, self.now(), self.files, upkeep=True)) as act:
            yield act.session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only view of the registers, the same from first to last statement."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _transaction(self, act: Act) -> Iterator[Act]:
        if self._current.get():
            raise ActWithinAct
        token = self._current.set(True)
        try:
            with self.engine.connect() as plain:
                conn = plain.execution_options(act=act)
                with (
                    conn.begin() as transaction,
                    _ActSession(
                        bind=conn, expire_on_commit=False, join_transaction_mode="rollback_only"
                    ) as act.session,
                ):
                    yield act
                    if not act.settle(conn):
                        transaction.rollback()
        except StaleDataError as error:
            raise Conflict(text("Somebody else changed this in the meantime.")) from error
        finally:
            self._current.reset(token)


def _prepare(engine: sa.Engine) -> None:
    """Makes every transaction of the engine read-only unless its connection carries an act."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", _watch)
    event.listen(engine, "commit", _commit)


def _act_of(conn: sa.Connection) -> Act | None:
    act: Act | None = conn.get_execution_options().get("act")
    return act


def _connect_sqlite(dbapi: Any, _record: Any) -> None:
    dbapi.isolation_level = None  # pysqlite sends no BEGIN of its own
    for pragma in PRAGMAS:
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: sa.Connection) -> None:
    act = _act_of(conn)
    conn.exec_driver_sql(f"PRAGMA query_only={int(act is None)}")
    conn.exec_driver_sql("BEGIN" if act is None else "BEGIN IMMEDIATE")
    conn.info["changes_at_begin"] = _changes(conn)


def _begin_postgresql(conn: sa.Connection) -> None:
    if _act_of(conn) is None:
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _watch(
    conn: sa.Connection, _cursor: Any, sql: str, _values: Any, context: Any, _many: bool
) -> None:
    act = _act_of(conn)
    for table, verb in _written(sql, context):
        if act is None:
            raise WroteOutsideAct(sql[:60])
        if table is None:
            act.wrote_text(sql)
        else:
            act.wrote(table, verb)


def _commit(conn: sa.Connection) -> None:
    act = _act_of(conn)
    if act is not None and not act.settled:
        conn.connection.rollback()  # SQLAlchemy takes a failed commit for an ended transaction
        raise Unaudited("an act is committed by ending it")


def _written(sql: str, context: Any) -> Iterator[tuple[sa.Table | None, str]]:
    """The tables that a statement is about to write; None when its text hides which."""
    compiled = context.compiled if context else None
    if compiled is None or isinstance(compiled.statement, sa.TextClause):
        if WRITES.search(sql):
            yield None, ""
        return
    statements = [compiled.statement, *(cte.element for cte in compiled.ctes or ())]
    for statement in statements:
        if statement.is_dml:
            yield statement.table, statement.__visit_name__


def _changes(conn: sa.Connection) -> int:
    """How many rows this SQLite connection has changed, by whatever way of writing."""
    driver: Any = conn.connection.driver_connection
    changed: int = driver.total_changes
    return changed


def _driver_wrote(conn: sa.Connection, *, locked: bool) -> bool:
    """Whether this transaction wrote something that the watch did not see."""
    if conn.dialect.name == "sqlite":
        at_begin: int = conn.info["changes_at_begin"]
        return _changes(conn) != at_begin
    if locked:  # a row lock is given a transaction identifier too; what was written is rolled back
        return False
    written: str | None = conn.scalar(
        sa.select(sa.cast(sa.func.pg_current_xact_id_if_assigned(), sa.Text))
    )
    return written is not None
