"""Backups of this installation: files on the operator's disk, which have their limit too.

What was erased in the registers is still in them. `greffe backup` deletes what is beyond the limit
in the folder to which it writes: only files that say of themselves that this installation made
them. Copies that were taken elsewhere are for whoever took them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from registers.kernel import audit, backup
from registers.kernel.act import Act
from registers.kernel.backup import Kept
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.retention.facts import OwnLimits

DELETED = audit.kind(
    "own.backups_deleted", text("Backups beyond their limit deleted"), "until", "files"
)


def kept_until(made_at: datetime, known: OwnLimits, zone: str) -> date:
    """The last day on which a backup is kept; never rolled.

    Args:
        made_at: when it was made.
        known: the limits that hold now.
        zone: where the organisation is.
    """
    return made_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=known.backup_days)


class Over(NamedTuple):
    """Backups whose time is over."""

    ours: list[Kept]
    others: list[Kept]
    """Made with another key: before a restore, or by another installation. They stay."""


def over(folders: Iterable[Path], key: str, known: OwnLimits, today: date, zone: str) -> Over:
    """The backups in some folders whose time is over, the oldest first.

    Args:
        folders: where to look.
        key: the public key of this installation's checkpoints.
        known: the limits that hold now.
        today: the present day where the organisation is.
        zone: where that is.
    """
    found = [
        each
        for folder in dict.fromkeys(each.resolve() for each in folders)
        if folder.is_dir()
        for each in backup.kept_in(folder, key)
        if kept_until(each.made_at, known, zone) < today
    ]
    return Over([each for each in found if each.ours], [each for each in found if not each.ours])


def deleted(act: Act, gone: Sequence[Kept], until: date) -> None:
    """Says in the journal that backups were deleted; by name they are not told there.

    Args:
        act: of the console.
        gone: those that are deleted already.
        until: the last day of which backups were deleted.
    """
    act.require(Permission.OWN_STORES)
    act.log(DELETED, "own_store:backups", until=until, files=len(gone))
