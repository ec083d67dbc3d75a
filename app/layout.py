"""What stands around every page: the organisation's name, the sections one may open."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, g, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_login import current_user

from app import packs
from app.gate import may
from app.house import house
from app.journal.words import entry_words
from app.readiness import absence
from registers.controllers import queries
from registers.controllers.models import Organisation
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
        if self.address == "/":
            return request.path == "/"
        return request.path == self.address or request.path.startswith(f"{self.address}/")


def sections() -> Iterator[tuple[str, list[Section]]]:
    """All sections by group."""
    yield "", [Section(_("Today"), "today.page", Permission.OWN_ACCOUNT)]
    yield (
        _("Registers"),
        [
            Section(_("Register of processing"), "activities.listed", Permission.REGISTER_READ),
            Section(_("Security measures"), "measures.listed", Permission.REGISTER_READ),
            Section(_("Controllers"), "controllers.listed", Permission.CONTROLLERS_READ),
            Section(_("Contracts"), "contracts.listed", Permission.CONTROLLERS_READ),
            Section(_("Points of contact"), "contacts.listed", Permission.CONTROLLERS_READ),
            Section(_("Sub-processors"), "subprocessors.listed", Permission.REGISTER_READ),
            Section(_("Announcements"), "announcements.listed", Permission.ANNOUNCEMENTS_READ),
            Section(_("Breaches"), "breaches.listed", Permission.BREACHES_READ),
            Section(_("DPO"), "dpo.listed", Permission.CONTROLLERS_READ),
            Section(_("Requests"), "requests.listed", Permission.REQUESTS_READ),
            Section(_("Retention"), "retention.listed", Permission.RETENTION_READ),
            Section(_("Annexes"), "ordering.listed", Permission.ANNEX_READ),
        ],
    )
    yield (
        _("Instructions and assistance"),
        [
            Section(_("Instructions"), "instructions.listed", Permission.ASSISTANCE_READ),
            Section(_("Legal duties"), "duties.listed", Permission.ASSISTANCE_READ),
            Section(_("Audits and assistance"), "audits.listed", Permission.ASSISTANCE_READ),
            Section(_("Interventions"), "interventions.listed", Permission.INTERVENTIONS_READ),
            Section(_("Authorised persons"), "staff.listed", Permission.ASSISTANCE_READ),
            Section(_("Certificates"), "certificates.listed", Permission.ASSISTANCE_READ),
        ],
    )
    yield (
        _("Tools"),
        [
            Section(_("Time limits"), "calculator.page", Permission.CALCULATE),
            Section(_("Models of terms"), "contracts.models", Permission.CONTROLLERS_READ),
            Section(_("Import"), "importing.upload", Permission.EXCHANGE),
        ],
    )
    yield (
        _("Administration"),
        [
            Section(_("Organisation"), "controllers.organisation", Permission.REGISTER_READ),
            Section(_("On call"), "oncall.page", Permission.ON_CALL),
            Section(_("Own stores"), "stores.listed", Permission.OWN_STORES),
            Section(_("Journal"), "journal.listed", Permission.JOURNAL_READ),
            Section(_("Accounts"), "people.users", Permission.USERS_MANAGE),
        ],
    )


def menu() -> list[tuple[str, list[Section]]]:
    """The sections that whoever is signed in may open."""
    allowed = (
        (group, [section for section in found if may(section.permission)])
        for group, found in sections()
    )
    return [(group, found) for group, found in allowed if found]


def described() -> Organisation | None:
    """The organisation's row, asked for once a request."""
    if "organisation" not in g:
        g.organisation = queries.organisation(house().session)
    return g.organisation


def organisation_name() -> str:
    """The name that stands on pages: the organisation's, never the product's."""
    found = described()
    return found.name if found else _("Register of processing")


def sample_data() -> bool:
    """Whether these are the fictional data."""
    found = described()
    return found is not None and found.sample


def bars() -> Iterator[str]:
    """What whoever reads a page must know of this installation before believing it."""
    if g.get("exercise"):
        yield _(
            "EXERCISE: nothing of this happened. Everything goes to the addresses of exercises, "
            "nothing to a controller."
        )
    if sample_data():
        yield _(
            "Sample data: fictional persons, a test seal, nothing of it is worth anything in law."
        )
    if current_user.is_authenticated:
        if not house().settings.smtp_host:
            yield _(
                "No mail server is set: messages are written to a folder of the server, "
                "nothing leaves."
            )
        if waiting := absence():
            yield waiting
        if may(Permission.ON_CALL) and (told := packs.warning()):
            yield told


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def attach(app: Flask) -> None:
    """Makes it known to templates."""
    static = Path(app.static_folder or "")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 86_400

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=_fingerprint(static / name))

    app.jinja_env.filters["entry_words"] = entry_words
    app.jinja_env.filters["decimal"] = lambda number, unit: format_decimal(round(number / unit, 1))
    app.jinja_env.globals.update(
        asset=asset,
        bars=lambda: list(bars()),
        menu=menu,
        organisation_described=described,
        organisation_name=organisation_name,
        sample_data=sample_data,
        own_zone=lambda: house().settings.zone,
        house_today=lambda: house().today,
    )
