"""Where emergency packs go: a folder that is kept elsewhere, as the settings say."""

import re
from pathlib import Path
from typing import NamedTuple

from flask_babel import gettext as _

from app.config import Settings
from app.home import write_whole
from app.house import house
from app.languages import moment
from registers.breaches import oncall
from registers.delivery import packs
from registers.delivery.packs import Elsewhere, Standing

KEPT = 8
"""How many packs stay in the folder: whoever finds it finds no more personal data than needed."""

NAME = re.compile(r"(dossier-urgence|emergency-pack)-\d{8}T\d{4}\.zip")


def elsewhere_of(settings: Settings) -> Elsewhere:
    """Where packs of this installation go."""
    folder = Path(settings.pack_folder).expanduser() if settings.pack_folder else None

    def put(name: str, content: bytes) -> None:
        if folder is None:
            return
        if not folder.is_dir():
            raise FileNotFoundError(2, "the folder is not there: is it mounted?")
        write_whole(folder / name, content)
        ours = [path for path in folder.iterdir() if NAME.fullmatch(path.name)]
        for old in sorted(ours, key=lambda path: path.name[-17:])[:-KEPT]:
            old.unlink(missing_ok=True)

    return Elsewhere(settings.pack_passphrase, str(folder) if folder else "", put)


class Shown(NamedTuple):
    """How the emergency pack stands, for administrators."""

    standing: Standing
    is_set: bool
    """Whether one can be made, and leaves."""
    passphrase: bool
    folder: str
    age: int | None
    """In days."""
    is_old: bool


def shown() -> Shown:
    """How it stands now."""
    session, now, settings = house().session, house().now(), house().settings
    row = session.get(oncall.OnCall, oncall.ONLY)
    by_email = row is not None and row.pack_by_email and bool(row.emails)
    found = packs.standing(session)
    age = found.age(now)
    elsewhere = elsewhere_of(settings)
    return Shown(
        found,
        elsewhere.is_set(by_email=by_email),
        bool(elsewhere.passphrase),
        elsewhere.folder,
        age.days if age is not None else None,
        found.is_old(now),
    )


def warning() -> str:
    """That no emergency pack left for too long, or that the last one failed; else nothing."""
    if not house().settings.pack_passphrase:
        return ""  # nothing is asked of the database, on any page
    found = shown()
    if not found.is_set:
        return ""
    if found.standing.failed is not None:
        at = moment(found.standing.failed.at)
        return _("The emergency pack of %(moment)s failed: look at “On call”.", moment=at)
    if found.is_old and found.standing.last is not None:
        at = moment(found.standing.last.at)
        return _("The last emergency pack is of %(moment)s: look at “On call”.", moment=at)
    return ""
