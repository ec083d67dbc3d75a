"""What stands around every page: the organisation's name, the sections one may open."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, request, url_for
from flask_babel import gettext as _

from app.gate import may
from app.house import house
from registers.people.roles import Permission


@dataclass(frozen=True)
class Section:
    """One entry of the menu."""

    name: str
    endpoint: str
    permission: Permission

    @property
    def address(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether the present page belongs to it."""
        return request.blueprint == self.endpoint.partition(".")[0] and (
            request.endpoint == self.endpoint or request.path.startswith(self.address)
        )


def sections() -> Iterator[tuple[str, list[Section]]]:
    """All sections by group."""
    yield (
        _("Tools"),
        [Section(_("Time limits"), "calculator.page", Permission.CALCULATE)],
    )
    yield (
        _("Administration"),
        [Section(_("Accounts"), "people.users", Permission.USERS_MANAGE)],
    )


def menu() -> list[tuple[str, list[Section]]]:
    """The sections that whoever is signed in may open."""
    allowed = (
        (group, [section for section in found if may(section.permission)])
        for group, found in sections()
    )
    return [(group, found) for group, found in allowed if found]


def organisation_name() -> str:
    """The name that stands on pages: the organisation's, never the product's."""
    return _("Register")


def sample_data() -> bool:
    """Whether these are the fictional data."""
    return False


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def attach(app: Flask) -> None:
    """Makes it known to templates."""
    static = Path(app.static_folder or "")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 86_400

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=_fingerprint(static / name))

    app.jinja_env.globals.update(
        asset=asset,
        menu=menu,
        organisation_name=organisation_name,
        sample_data=sample_data,
        own_zone=lambda: house().settings.zone,
    )
