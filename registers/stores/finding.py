"""Looking for a person through all stores, by addresses and names."""

import re
import uuid
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel.history import Facts, Head, metas
from registers.kernel.words import Text, text
from registers.stores import places

MOST = 5_000
"""So many rows of one store are given out; the page says so."""

OWN = frozenset({"contact", "staff_member", "subject_request", "declaration"})
"""Dossiers of persons: whoever such a dossier is about is told all of it."""

DAYS = (
    *("received_on", "happened_on", "chosen_on", "returned_on", "done_on", "effective_from"),
    *("recorded_at", "created_at", "asked_at", "sent_at", "at", "noticed_at"),
)
"""Columns that say when something was, in the order in which they are asked."""


class Said(NamedTuple):
    """One thing that is held: the key of machines, what people call it, and what it is."""

    key: str
    label: Text | str
    value: Any


class Found(NamedTuple):
    """Something that is held of a person: where, since when, and what."""

    store: Text
    at: date | datetime | None
    what: tuple[Said, ...]


class Wanted:
    """The addresses and names that are looked for, wherever they stand as whole words."""

    def __init__(self, words: Collection[str]) -> None:
        self.words = sorted({each.casefold() for each in words if each.strip()})
        inner = "|".join(re.escape(each) for each in self.words) or r"(?!)"
        self._pattern = re.compile(rf"(?<![\w.+-])(?:{inner})(?![\w-])(?!\.\w)")

    def among(self, columns: Collection[Any]) -> sa.ColumnElement[bool]:
        """A condition that holds for all rows that name the person, and for some others.

        SQLite knows no capitals but those of ASCII: the longest part that has no other letters is
        looked for, and `stands_in` decides.
        """
        parts = [
            max(re.findall(r"[ -!#-\[\]-~]+", each), key=len, default="") for each in self.words
        ]
        return sa.or_(
            sa.false(),
            *(
                sa.func.lower(sa.type_coerce(column, sa.Text)).contains(part, autoescape=True)
                for column in columns
                for part in parts
            ),
        )

    def stands_in(self, value: Any) -> bool:
        """Whether a value, or something in it, names the person."""
        if isinstance(value, str):
            return self._pattern.search(value.casefold()) is not None
        if isinstance(value, msgspec.Struct):
            return any(self.stands_in(getattr(value, name)) for name in value.__struct_fields__)
        if isinstance(value, dict):
            return any(self.stands_in(each) for each in value.values())
        if isinstance(value, list | tuple):
            return any(map(self.stands_in, value))
        return False


def dossiers(
    session: Session, wanted: Wanted, own: Collection[str] = ()
) -> Iterator[tuple[Text, Any, Any, Facts]]:
    """The versions of dossiers in which the person stands: the store, the head, version, facts.

    Args:
        session: where it is looked for.
        wanted: who.
        own: the dossiers of the person, as the journal names them: all their versions.
    """
    known = places.models()
    for table, store in places.VERSIONS.items():
        model = known[table]
        head_type = model.subject.property.mapper.class_
        name = head_type.__tablename__
        keys = _keys(own, name)
        columns = [getattr(model, each) for each in places.WRITTEN]
        query = (
            sa.select(model)
            .where(sa.or_(wanted.among(columns), model.subject_id.in_(keys)))
            .order_by(model.subject_id, model.number)
            .limit(MOST)
        )
        for version in session.scalars(query):
            if version.facts is None:
                continue
            mine = version.subject_id in keys
            if mine or any(wanted.stands_in(getattr(version, each)) for each in places.WRITTEN):
                yield store, version.subject, version, head_type.facts_type.of(version.facts)


def in_dossiers(session: Session, wanted: Wanted, own: Collection[str]) -> Iterator[Found]:
    """What versions say of the person: all of an own dossier, of others where the person stands."""
    for store, head, version, known in dossiers(session, wanted, own):
        mine = f"{head.__tablename__}:{head.id}" in own
        said = [*_named(head), *of_facts(known, None if mine else wanted)]
        if version.reason and (mine or wanted.stands_in(version.reason)):
            said.append(Said("reason", places.LABELS["reason"], version.reason))
        yield Found(store, version.effective_from, tuple(said))


def of_facts(known: Facts, wanted: Wanted | None) -> Iterator[Said]:
    """The fields of facts that hold something; if somebody is wanted, those that say who."""
    for name in metas(type(known)):
        value = getattr(known, name)
        if wanted is not None:
            if not wanted.stands_in(value):
                continue
            if isinstance(value, tuple):  # the other items of a list are of others
                value = tuple(each for each in value if wanted.stands_in(each))
        if value not in ("", None, ()):
            yield Said(name, known.name_of(name), value)


def in_rows(session: Session, wanted: Wanted, belonging: Collection[str]) -> Iterator[Found]:
    """Single rows that name the person, or that belong to a dossier of the person."""
    known = places.models()
    for table, place in places.ROWS.items():
        model = known[table]
        columns = [getattr(model, each) for each in place.columns]
        parents = _parents(model, belonging)
        query = sa.select(model).where(sa.or_(wanted.among(columns), *parents)).limit(MOST)
        theirs = set(session.scalars(sa.select(model).where(sa.or_(*parents)))) if parents else ()
        for row in session.scalars(query):
            mine = row in theirs
            found = [(each, getattr(row, each)) for each in place.columns]
            if not mine and not any(wanted.stands_in(value) for _name, value in found):
                continue
            said = [
                *(_named(row) or _named(_over(session, row))),
                *_kind(row),
                *(Said(name, places.LABELS[name], value) for name, value in found if value),
            ]
            yield Found(place.store, _day(row), tuple(said))


def _over(session: Session, row: Any) -> Any:
    """The dossier to which a row belongs, if it is known by a number."""
    known = places.models()
    for column in row.__table__.columns:
        for key in column.foreign_keys:
            value = getattr(row, column.name)
            if value is not None and key.column.table is not row.__table__:
                found = session.get(known[key.column.table.name], value)
                if _named(found):
                    return found
    return None


def _parents(model: type[Any], belonging: Collection[str]) -> list[sa.ColumnElement[bool]]:
    """The conditions under which a row is one of these, or belongs to one of these dossiers."""
    found: list[sa.ColumnElement[bool]] = []
    own = _keys(belonging, model.__tablename__)
    if own and not issubclass(model, Head):  # of a dossier its versions say all
        found.append(model.id.in_(own))
    for column in model.__table__.columns:
        theirs = [_keys(belonging, key.column.table.name) for key in column.foreign_keys]
        found += [column.in_(ids) for ids in theirs if ids]
    if "about" in model.__table__.columns:
        found.append(model.about.in_(list(belonging)))
    return found


def _keys(names: Collection[str], table: str) -> list[uuid.UUID]:
    """The identifiers among names of the journal that are of one table."""
    start = f"{table}:"
    return [uuid.UUID(each.removeprefix(start)) for each in names if each.startswith(start)]


def _named(row: Any) -> list[Said]:
    """By which number a row or a dossier is known."""
    for name in ("code", "number", "reference"):
        value = getattr(row, name, None)
        if isinstance(value, str) and value:
            return [Said(name, places.LABELS["number"], value)]
    return []


def _kind(row: Any) -> list[Said]:
    """What a row says it is."""
    return [
        Said(name, places.LABELS[name], getattr(row, name))
        for name in ("kind", "what", "step", "state")
        if hasattr(getattr(row, name, None), "says")
    ]


def _day(row: Any) -> date | datetime | None:
    found = (getattr(row, name, None) for name in DAYS)
    return next((each for each in found if isinstance(each, date)), None)


NOT_SEARCHED: tuple[Text, ...] = (
    text("The contents of papers, messages and documents that were uploaded, in the file store."),
    text("Backups: they hold what the register held on their day, until their own time is over."),
    text(
        "What stands outside of this installation: mailboxes, mail servers, logs of the web "
        "server, the contacts’ own copies."
    ),
    text("Whoever is named under another spelling, by initials or by a function only."),
)
"""What an answer does not cover; whoever answers looks there too."""
