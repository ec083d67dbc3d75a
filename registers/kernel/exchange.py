"""The register's facts as documented JSON: out of one installation, into an empty other.

Each subject says which of its tables are facts; everything about versions is done here. Ids,
numbers, dates and authors are kept, so that exporting again gives the same.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.base import Base
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import Facts, Head
from registers.kernel.words import text

SCHEMA = "greffe-register"
SCHEMA_VERSION = 1

BROUGHT_IN = audit.kind("register.brought_in", text("Register brought in"), "subjects")


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One version in an export."""

    id: uuid.UUID
    number: int
    effective_from: date
    recorded_at: datetime
    author: str
    reason: str
    taken_over: bool
    facts: dict[str, Any] | None


class Subject(msgspec.Struct, forbid_unknown_fields=True):
    """One subject in an export: its identity and its versions, the oldest first."""

    id: uuid.UUID
    versions: list[Item]
    identity: dict[str, Any] = {}


@dataclass(frozen=True)
class Versioned:
    """A kind of subject that is exported with all its versions.

    `identity` names the columns of the head that are facts of their own (a code, say); `after`
    brings up to date what lists show, once all its versions are in.
    """

    key: str
    heads: type[Head[Any]]
    identity: tuple[str, ...] = ()
    after: Callable[[Act, Any, Any], None] | None = None


@dataclass(frozen=True)
class Plain:
    """A table that is exported row by row."""

    key: str
    table: type[Base]


def export(session: Session, kinds: Iterable[Versioned | Plain]) -> dict[str, Any]:
    """All facts, as JSON values, in a stable order."""
    found: dict[str, Any] = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION}
    for kind in kinds:
        if isinstance(kind, Plain):
            found[kind.key] = _rows(session, kind.table)
        else:
            found[kind.key] = _subjects(session, kind)
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


def _rows(session: Session, table: type[Base]) -> list[dict[str, Any]]:
    columns = table.__table__.c
    order = [column for column in columns if column.primary_key]
    rows = session.execute(sa.select(*columns).order_by(*order)).mappings()
    return [dict(row) for row in rows]


def _subjects(session: Session, kind: Versioned) -> list[Subject]:
    heads, versions = kind.heads, kind.heads.version_type
    by_subject: dict[uuid.UUID, list[Item]] = {}
    query = sa.select(versions).order_by(versions.subject_id, versions.number)
    for row in session.scalars(query):
        item = Item(
            row.id,
            row.number,
            row.effective_from,
            row.recorded_at,
            row.author,
            row.reason,
            row.taken_over,
            row.facts,
        )
        by_subject.setdefault(row.subject_id, []).append(item)
    return [
        Subject(
            head.id,
            by_subject.get(head.id, []),
            {name: getattr(head, name) for name in kind.identity},
        )
        for head in session.scalars(sa.select(heads).order_by(heads.id))
    ]


def bring_in(act: Act, kinds: Iterable[Versioned | Plain], register: dict[str, Any]) -> int:
    """Fills an empty installation with exported facts; gives the number of subjects.

    The act's permission was already required.

    Raises:
        Invalid: it is no export, or one that this program does not know.
        Conflict: the installation holds facts already.
    """
    if (register.get("schema"), register.get("schema_version")) != (SCHEMA, SCHEMA_VERSION):
        raise Invalid(text("This is no register that this program exported."), "file")
    kinds = list(kinds)
    unknown = set(register) - {kind.key for kind in kinds} - {"schema", "schema_version"}
    if unknown:
        raise Invalid(text("Unknown parts: {parts}.", parts=", ".join(sorted(unknown))), "file")
    _must_be_empty(act.session, kinds)
    count = 0
    for kind in kinds:
        rows = register.get(kind.key, [])
        try:
            if isinstance(kind, Plain):
                _bring_rows(act, kind, rows)
            else:
                _bring_subjects(act, kind, rows)
        except msgspec.ValidationError as error:
            says = text(
                "The part {part} is not as expected: {error}", part=kind.key, error=str(error)
            )
            raise Invalid(says, "file") from error
        except sa.exc.IntegrityError as error:
            says = text(
                "The part {part} names what is not there, or one thing twice.", part=kind.key
            )
            raise Invalid(says, "file") from error
        count += len(rows)
    act.log(BROUGHT_IN, "register:all", subjects=count)
    return count


def _must_be_empty(session: Session, kinds: Iterable[Versioned | Plain]) -> None:
    for kind in kinds:
        table = kind.table if isinstance(kind, Plain) else kind.heads
        if session.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)):
            raise Conflict(text("There are facts here already: only an empty register is filled."))


def _bring_rows(act: Act, kind: Plain, rows: list[Any]) -> None:
    table = kind.table.__table__
    read = [
        {
            column.name: msgspec.convert(row.get(column.name), _type_of(column), strict=False)
            for column in table.c
        }
        for row in msgspec.convert(rows, list[dict[str, Any]])
    ]
    if read:
        act.session.flush()
        act.session.execute(sa.insert(kind.table), read)


def _type_of(column: Any) -> Any:
    kind = column.type.python_type
    return kind | None if column.nullable else kind


def _bring_subjects(act: Act, kind: Versioned, rows: list[Any]) -> None:
    model: Any = kind.heads
    heads = []
    for subject in msgspec.convert(rows, list[Subject]):
        if not subject.versions:
            raise msgspec.ValidationError(f"{subject.id} has no version")
        latest = max(subject.versions, key=lambda item: item.number)
        identity = {
            name: msgspec.convert(
                subject.identity.get(name), _type_of(model.__table__.c[name]), strict=False
            )
            for name in kind.identity
        }
        head = model(id=subject.id, **identity)
        head.latest, head.effective_from = latest.number, latest.effective_from
        last = max(subject.versions, key=lambda item: (item.effective_from, item.number))
        facts: Facts = model.facts_type.of(last.facts)
        head.project(facts)
        act.session.add(head)
        act.session.add_all(
            model.version_type(subject=head, **msgspec.structs.asdict(item))
            for item in subject.versions
        )
        heads.append((head, facts))
    act.session.flush()
    if kind.after:
        for head, facts in heads:
            kind.after(act, head, facts)
        act.session.flush()
