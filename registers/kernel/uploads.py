"""Files that wait to be confirmed: kept for a day, for whoever sent them."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.errors import NotFound
from registers.kernel.words import text

KEPT = timedelta(days=1)


class Upload(Keyed, Base):
    """A file that was looked at and not used yet."""

    __tablename__ = "upload"
    regime = Regime.UPKEEP

    owner: Mapped[str]
    name: Mapped[str]
    content: Mapped[bytes]
    sent_at: Mapped[datetime]


def keep(session: Session, owner: str, name: str, content: bytes, now: datetime) -> uuid.UUID:
    """Keeps a file, and forgets those that nobody came back for. In upkeep."""
    session.execute(sa.delete(Upload).where(Upload.sent_at < now - KEPT))
    kept = Upload(owner=owner, name=name, content=content, sent_at=now)
    session.add(kept)
    session.flush()
    return kept.id


def kept(session: Session, upload_id: uuid.UUID, owner: str) -> Upload:
    """A file that this person sent.

    Raises:
        NotFound: it was forgotten, or is somebody else's.
    """
    found = session.get(Upload, upload_id)
    if found is None or found.owner != owner:
        raise NotFound(text("This file was kept for a day and is gone: send it again."))
    return found


def forget(session: Session, upload_id: uuid.UUID) -> None:
    """Forgets a file that was used. In upkeep."""
    session.execute(sa.delete(Upload).where(Upload.id == upload_id))
