"""Archives that take long to make: asked for on a page, made by a worker, kept for a week.

What is in one belongs to its kind; how it is asked for, made, kept and dropped is here, once.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from registers.kernel import audit, outbox
from registers.kernel.act import Act, Database
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.errors import NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

MAKE = outbox.kind("bundle.make")
"""Work of the outbox: make an archive."""

ASKED = audit.kind("bundle.asked", text("Archive of evidence asked for"), "bundle")
MADE = audit.kind("bundle.made", text("Archive of evidence made"), "bundle", "sha256", "checkpoint")

KEPT = timedelta(days=7)
"""How long an archive is kept once it is made; it can be made again."""
PART = 4 * 1024 * 1024
"""The size of the pieces in which it is kept: no row and no memory holds all of it."""

ANNOUNCEMENT, BREACH = "announcement", "breach"
"""The kinds of archives: the evidence of all controllers; see `bundling.KINDS`."""


class Bundle(Keyed, Base):
    """An archive that was asked for: how far it is, or what it is."""

    __tablename__ = "bundle"
    regime = Regime.UPKEEP

    kind: Mapped[str]
    about: Mapped[str] = mapped_column(index=True)
    """The row whose evidence it is, as the journal names it."""
    name: Mapped[str]
    """That of the file, without its ending."""
    language: Mapped[str]
    author: Mapped[str]
    asked_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Of how many notices; 0 as long as nobody counted."""
    made_at: Mapped[datetime | None]
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    sha256: Mapped[str | None]
    error: Mapped[str] = mapped_column(default="")
    """Why it was given up."""

    @property
    def key(self) -> uuid.UUID:
        """The row whose evidence it is."""
        return uuid.UUID(self.about.partition(":")[2])

    @property
    def until(self) -> datetime | None:
        """Until when it is kept."""
        return self.made_at + KEPT if self.made_at else None


class BundlePart(Base):
    """A piece of an archive."""

    __tablename__ = "bundle_part"
    regime = Regime.UPKEEP

    bundle_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("bundle.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


def ask(act: Act, kind: str, permission: Permission, row: Base, language: str) -> uuid.UUID:
    """Has an archive made after the act; while one of the same is under way, that one.

    Args:
        act: the act.
        kind: of which kind.
        permission: of whoever asks.
        row: whose evidence it is; it has a code.
        language: of what is written in it.
    """
    act.require(permission)
    about = audit.name_of(row)
    waiting = sa.select(Bundle.id).where(
        Bundle.kind == kind, Bundle.about == about, Bundle.made_at.is_(None), Bundle.error == ""
    )
    there = act.session.scalar(waiting.order_by(Bundle.asked_at.desc()).limit(1))
    if there is not None:
        return there
    made = Bundle(
        kind=kind,
        about=about,
        name=str(getattr(row, "code", kind)),
        language=language,
        author=act.actor.reference,
        asked_at=act.now,
    )
    act.session.add(made)
    act.session.flush()
    name = f"bundle:{made.id}"
    outbox.put(act, [outbox.Wanted(MAKE, name, name, act.now)])
    act.log(ASKED, row, bundle=made.id)
    return made.id


def of(session: Session, kind: str, row: Base) -> list[Bundle]:
    """The archives of a row, the newest first."""
    query = sa.select(Bundle).where(Bundle.kind == kind, Bundle.about == audit.name_of(row))
    return list(session.scalars(query.order_by(Bundle.asked_at.desc(), Bundle.id)))


def one(session: Session, kind: str, row: Base, bundle_id: uuid.UUID) -> Bundle:
    """One of them.

    Raises:
        NotFound: there is none, any more.
    """
    found = session.get(Bundle, bundle_id)
    if found is None or found.kind != kind or found.about != audit.name_of(row):
        raise NotFound(text("This archive is not kept any more: have it made again."))
    return found


def content(database: Database, bundle_id: uuid.UUID) -> Iterator[bytes]:
    """An archive, piece by piece, each read by itself: none is held while it is sent."""
    number = 0
    while True:
        with database.reading() as session:
            part = session.get(BundlePart, (bundle_id, number))
            found = part.content if part is not None else None
        if found is None:
            return
        yield found
        number += 1


def drop(database: Database) -> None:
    """Drops the archives whose time is over: for a sweep."""
    before = database.now() - KEPT
    over = sa.select(Bundle.id).where(sa.func.coalesce(Bundle.made_at, Bundle.asked_at) < before)
    with database.reading() as session:
        ids = list(session.scalars(over))
    for key in ids:
        with database.upkeep() as traces:
            traces.execute(sa.delete(BundlePart).where(BundlePart.bundle_id == key))
            traces.execute(sa.delete(Bundle).where(Bundle.id == key))
