"""What an annex prints, as effective-dated versions that are only ever added.

A subject (a controller, an activity, a measure…) is a **head**, its present identity, and its
**versions**: complete facts, numbered, each with the day it takes effect, the moment it was
recorded, its author and the reason. On a given day the version in force is the one that took
effect last; of two that take effect the same day, the one recorded later. So a correction of
the past covers the days until the next version, and any past day can be read again.
"""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar, get_type_hints

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.base import Keyed, Regime, Revised, canonical
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.identifiers import checked_code
from registers.kernel.words import Named, Text, text

F = TypeVar("F", bound="Facts")
H = TypeVar("H", bound="Head[Any]")

FIELDS = ("number", "effective_from", "changed")
"""What every kind of entry about a new version says."""

NAMING = ("id", "code", "name", "email", "role")
"""The fields by which two items of a list are recognised as the same one; else the first one."""

IN_CHUNK = 500


def titled(title: str, source: str = "", wanted: str = "") -> Any:
    """Names a field of facts as its readers know it.

    Args:
        title: its name, to be translated.
        source: the article or clause it comes from.
        wanted: the article or clause that asks for it: while empty, it is to be completed.
    """
    extra = {"wanted": wanted} if wanted else None
    return msgspec.Meta(title=title, description=source or wanted, extra=extra)


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The complete facts of one version. Subclasses annotate each field with `titled`."""

    @classmethod
    def name_of(cls, field: str) -> Text:
        """The name of a field for its readers."""
        meta = metas(cls).get(field)
        return text(meta.title or field) if meta else text(field)

    @classmethod
    def of(cls, value: Any) -> Self:
        """The facts from their stored form.

        Raises:
            Invalid: the value is not of this form; says where.
        """
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as error:
            raise Invalid(text("Not in the expected form: {error}", error=str(error))) from error

    @classmethod
    def read(cls, stored: str) -> Self:
        """The facts from the text in which a version is kept; many are read so at once.

        Raises:
            Invalid: see `of`.
        """
        try:
            return msgspec.json.decode(stored, type=cls)
        except msgspec.ValidationError as error:
            raise Invalid(text("Not in the expected form: {error}", error=str(error))) from error

    def missing(self) -> list[str]:
        """The names of the fields that are wanted and empty."""
        return [name for name in _wanted(type(self)) if getattr(self, name) in EMPTY]

    def stored(self) -> dict[str, Any]:
        """The facts as JSON values."""
        plain: dict[str, Any] = msgspec.json.decode(canonical(self))
        return plain


EMPTY: tuple[Any, ...] = ("", None, ())
"""What a field holds when nothing is known."""


@cache
def metas(facts: type[msgspec.Struct]) -> dict[str, msgspec.Meta]:
    """What `titled` said of each field."""
    return {
        name: meta
        for name, hint in get_type_hints(facts, include_extras=True).items()
        for meta in getattr(hint, "__metadata__", ())
        if isinstance(meta, msgspec.Meta)
    }


@cache
def _wanted(facts: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields that the law or a clause asks for."""
    return tuple(name for name, meta in metas(facts).items() if (meta.extra or {}).get("wanted"))


class Version(Keyed):
    """A mixin: one version. Its table adds `subject_id`, and `subject` as a relationship."""

    regime: ClassVar[Regime] = Regime.ERASABLE
    erasable: ClassVar[tuple[str, ...]] = ("facts",)

    number: Mapped[int]
    effective_from: Mapped[date]
    recorded_at: Mapped[datetime]
    author: Mapped[str]
    reason: Mapped[str]
    taken_over: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any] | None]

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 SQLAlchemy's shape
        return (sa.UniqueConstraint("subject_id", "number"),)


class Head(Keyed, Revised, Generic[F]):
    """A mixin: the present identity of a subject, and what lists show of its latest version."""

    regime: ClassVar[Regime] = Regime.PLAIN
    facts_type: ClassVar[type[Facts]]
    version_type: ClassVar[type[Any]]

    latest: Mapped[int] = mapped_column(default=0)
    """The number of the version recorded last."""
    effective_from: Mapped[date]
    """From when the version recorded last takes effect."""

    def project(self, facts: F) -> None:
        """Copies into the head what lists sort, search and filter by."""
        raise NotImplementedError  # each subject's head says which


class Dated(NamedTuple, Generic[F]):
    """Facts with the version they stand in."""

    facts: F
    number: int
    effective_from: date
    recorded_at: datetime
    version_id: uuid.UUID
    author: str
    reason: str
    taken_over: bool


class Change(NamedTuple):
    """One difference between two versions: where, and what stood and stands there."""

    field: Text
    item: tuple[Text | str, ...]
    """Which item of a list, or which part of a field; empty for a plain field."""
    before: Any
    after: Any


class Recording(NamedTuple):
    """How a version is recorded, and by which kind of entry, within which dossier."""

    how: "How"
    kind: audit.Kind
    within: Any = None


class How(NamedTuple):
    """From which day a version takes effect, and why it is recorded.

    `taken_over` marks what comes from an earlier register with its original dates: not proven
    by this installation.
    """

    effective_from: date
    reason: str
    taken_over: bool = False

    def by(self, kind: audit.Kind, within: Any = None) -> Recording:
        """The same, under a kind of entry."""
        return Recording(self, kind, within)


def begin(act: Act, heads: type[H], code: str) -> H:
    """A new subject under a code that will never change; its first version is still to come.

    Raises:
        Invalid: the code cannot be one, or is taken.
    """
    model: Any = heads
    code = checked_code(code)
    if act.session.scalar(sa.select(model.id).where(model.code == code)):
        raise Invalid(text("The code {code} is taken already.", code=code), "code")
    new: H = model(code=code)
    return new


def record(act: Act, head: Head[F], facts: F, base: int, said: Recording) -> list[str]:
    """Adds a version to a subject and says so in the journal.

    Args:
        act: the act in which it is done; its permission was already required.
        head: the subject, taken by the act; new ones have `latest` 0.
        facts: the complete new facts.
        base: the number of the version the author had before the eyes.
        said: from when, why, under which kind of entry.

    Returns:
        The names of the changed fields; empty when nothing differs, and then nothing is written.

    Raises:
        Conflict: the subject has a newer version than `base`.
    """
    if head.latest and base != head.latest:
        raise Conflict(
            text(
                "You started from version {base}; version {latest} was recorded meanwhile.",
                base=base,
                latest=head.latest,
            )
        )
    after = facts.stored()
    before = _stored(act.session, head) if head.latest else {}
    if head.latest:
        there = in_force(act.session, type(head), said.how.effective_from, [head.id])
        if head.id in there and there[head.id].facts.stored() == after:
            return []  # the day's version says so already
    return _add(act, head, facts, before, said)


def _add(act: Act, head: Head[F], facts: F, before: dict[str, Any], said: Recording) -> list[str]:
    after = facts.stored()
    changed = [name for name in after if after[name] != before.get(name)]
    if not head.latest or not later_days(act.session, head, said.how.effective_from):
        head.project(facts)  # lists show what takes effect last, not a correction of the past
    head.latest = (head.latest or 0) + 1
    head.effective_from = said.how.effective_from
    act.session.add(head)
    act.session.add(
        head.version_type(
            subject=head,
            number=head.latest,
            effective_from=said.how.effective_from,
            recorded_at=act.now,
            author=act.actor.reference,
            reason=said.how.reason,
            taken_over=said.how.taken_over,
            facts=after,
        )
    )
    act.log(
        said.kind,
        head,
        within=said.within,
        values={
            "before": {name: before.get(name) for name in changed},
            "after": {name: after[name] for name in changed},
            "reason": said.how.reason,
        },
        number=head.latest,
        effective_from=said.how.effective_from,
        changed=changed,
    )
    return changed


def revise(act: Act, head: Head[F], alter: Callable[[F], F], said: Recording) -> list[str]:
    """Alters what is known from a day on, and what was recorded to take effect after that day.

    Where only one thing changes (an owner, a contact), whatever else is known of each day stays.

    Args:
        act: the act in which it is done; its permission was already required.
        head: the subject, taken by the act; it has versions.
        alter: gives the altered facts.
        said: from when, why, under which kind of entry.

    Returns:
        The names of the changed fields.
    """
    first = said.how.effective_from
    changed: dict[str, None] = {}
    for day in (first, *later_days(act.session, head, first)):
        known = known_on(act.session, type(head), day, [head.id])[head.id]
        altered = alter(known)
        if altered != known:
            recording = said._replace(how=said.how._replace(effective_from=day))
            changed |= dict.fromkeys(_add(act, head, altered, known.stored(), recording))
    return list(changed)


def later_days(session: Session, head: Head[Any], day: date) -> list[date]:
    """The days after this one from which versions of a subject take effect, in order."""
    kind = head.version_type
    query = sa.select(kind.effective_from).where(
        kind.subject_id == head.id, kind.effective_from > day
    )
    return list(session.scalars(query.distinct().order_by(kind.effective_from)))


def latest(session: Session, head: Head[F]) -> F:
    """The facts recorded last, whether they take effect already or not."""
    known: F = head.facts_type.of(_stored(session, head))  # type: ignore[assignment]
    return known


def all_latest(
    session: Session,
    heads: type[H],
    ids: Collection[uuid.UUID],
    shape: type[msgspec.Struct] | None = None,
) -> dict[uuid.UUID, Any]:
    """The facts recorded last of many subjects, by subject; those that were erased are absent.

    Args:
        session: reads them.
        heads: the kind of subject.
        ids: which subjects.
        shape: those fields of the facts that are wanted, where the others need not be read.
    """
    kind = heads.version_type
    found = {}
    for part in parts(ids):
        query = (
            sa.select(kind.subject_id, _text_of(kind))
            .join(heads, sa.and_(heads.id == kind.subject_id, heads.latest == kind.number))
            .where(heads.id.in_(part))
        )
        for subject_id, stored in session.execute(query):
            if stored is not None:
                found[subject_id] = (
                    msgspec.json.decode(stored, type=shape)
                    if shape
                    else heads.facts_type.read(stored)
                )
    return found


def is_erased(session: Session, head: Head[Any]) -> bool:
    """Whether nothing is known of a subject any more but that it was there."""
    kind = head.version_type
    query = sa.select(kind.id).where(kind.subject_id == head.id, kind.facts.is_not(None))
    return session.scalar(query.limit(1)) is None


def _text_of(kind: type[Version]) -> sa.ColumnElement[str]:
    """The facts of versions as the text that is stored: read into their form without a detour."""
    return sa.type_coerce(kind.facts, sa.Text).label("facts")


def _stored(session: Session, head: Head[F]) -> dict[str, Any]:
    kind = head.version_type
    query = sa.select(kind.facts).where(kind.subject_id == head.id, kind.number == head.latest)
    return session.scalar(query) or {}


def versions(session: Session, head: Head[F]) -> list[Any]:
    """All versions of a subject, the newest first."""
    kind = head.version_type
    query = sa.select(kind).where(kind.subject_id == head.id).order_by(kind.number.desc())
    return list(session.scalars(query))


def in_force(
    session: Session,
    heads: type[H],
    day: date,
    ids: Collection[uuid.UUID] | None = None,
    *conditions: sa.ColumnElement[bool],
) -> dict[uuid.UUID, Dated[Any]]:
    """The facts in force on a day, by subject; subjects not yet or no longer known are absent.

    Args:
        session: a reading session, or an act's.
        heads: the kind of subject.
        day: any day, past or to come.
        ids: which subjects; None for all.
        conditions: on the versions that count (only validated ones, say).
    """
    kind = heads.version_type
    last = (kind.effective_from.desc(), kind.number.desc())
    return _ranked(session, heads, ids, last, kind.effective_from <= day, *conditions)


def known_on(
    session: Session, heads: type[H], day: date, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Any]:
    """The facts of a day by subject; on days before its first version a subject has that one."""
    found = in_force(session, heads, day, ids)
    absent = [key for key in ids if key not in found]
    if absent:
        kind = heads.version_type
        first = (kind.effective_from.asc(), kind.number.desc())
        found |= _ranked(session, heads, absent, first)
    return {key: dated.facts for key, dated in found.items()}


def _ranked(
    session: Session,
    heads: type[H],
    ids: Collection[uuid.UUID] | None,
    order: Sequence[sa.ColumnElement[Any]],
    *conditions: sa.ColumnElement[bool],
) -> dict[uuid.UUID, Dated[Any]]:
    """The first version of each subject in an order."""
    kind = heads.version_type
    rank = sa.func.row_number().over(partition_by=kind.subject_id, order_by=order).label("rank")
    columns = [_text_of(kind), *(getattr(kind, name) for name in _DATED)]
    found: dict[uuid.UUID, Dated[Any]] = {}
    for part in [None] if ids is None else parts(ids):
        inner = sa.select(kind.subject_id, *columns, rank).where(
            kind.facts.is_not(None), *conditions
        )
        if part is not None:
            inner = inner.where(kind.subject_id.in_(part))
        ranked = inner.subquery()
        for row in session.execute(sa.select(ranked).where(ranked.c.rank == 1)):
            found[row.subject_id] = Dated(heads.facts_type.read(row.facts), *(row[2:-1]))
    return found


_DATED = (
    "number",
    "effective_from",
    "recorded_at",
    "id",
    "author",
    "reason",
    "taken_over",
)


def parts(values: Collection[Any], size: int = IN_CHUNK) -> Iterator[Sequence[Any]]:
    """Many values in parts that one statement can hold."""
    ordered = list(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def compare(before: Facts | None, after: Facts) -> list[Change]:
    """What differs between two versions, field by field, items of lists one by one."""
    return [
        Change(type(after).name_of(name), *difference)
        for name in after.__struct_fields__
        for difference in _differences(getattr(before, name, None), getattr(after, name))
    ]


def _differences(was: Any, new: Any) -> Iterator[tuple[tuple[Text | str, ...], Any, Any]]:
    if was == new or (was is None and new in EMPTY):
        return
    if isinstance(new, msgspec.Struct) and isinstance(was, msgspec.Struct | None):
        for name, meta in metas(type(new)).items():
            for item, old, now in _differences(getattr(was, name, None), getattr(new, name)):
                yield (text(meta.title or name), *item), old, now
    elif isinstance(new, tuple) and isinstance(was, tuple | None):
        mine, theirs = _named(was or ()), _named(new)
        for key in dict.fromkeys([*mine, *theirs]):
            if mine.get(key) != theirs.get(key):
                yield (key[0],), mine.get(key), theirs.get(key)
    else:
        yield (), was, new


def _named(items: tuple[Any, ...]) -> dict[tuple[Text | str, int], Any]:
    """The items of a list under the names by which they are recognised, counted where alike."""
    named: dict[tuple[Text | str, int], Any] = {}
    for item in items:
        found = item
        if not isinstance(item, Named):
            naming = (*NAMING, *(metas(type(item)) if isinstance(item, msgspec.Struct) else ()))
            found = next((getattr(item, key) for key in naming if getattr(item, key, None)), item)
        name: Text | str = found.says if isinstance(found, Named) else str(found)
        named[name, sum(known == name for known, _ in named)] = item
    return named
