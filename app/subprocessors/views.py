"""Pages of sub-processors."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from app import dossiers
from app.dossiers import Editing
from app.facts import Hints
from app.forms import countries
from app.gate import may, needs
from app.house import house
from app.lists import addresses, cut
from registers.announcements import queries as announcements
from registers.announcements.vocabulary import State
from registers.kernel import audit
from registers.people.roles import Permission
from registers.subprocessors import facts, operations, queries
from registers.subprocessors.models import Subprocessor

blueprint = Blueprint("subprocessors", __name__)

SHOWN_ENTRIES = 20


def _hints() -> Hints:
    return Hints(
        long=frozenset({"address", "processing", "delimitation", "note", "safeguards"}),
        choices={
            "country": countries,
            "engaged_by": lambda: [
                SelectChoice(each.code, each.name) for each in queries.everyone(house().session)
            ],
        },
    )


def _sections() -> dict[str, tuple[str, ...]]:
    return {
        _("Identity"): (
            *("name", "legal_form", "registration"),
            *("address", "postcode", "city", "country"),
        ),
        _("Contact person"): (
            *("contact_name", "contact_function", "contact_email", "contact_phone"),
        ),
        _("What it does"): ("processing", "delimitation", "sites"),
        _("Contract"): (
            *("contract_reference", "contract_starts_on", "contract_ends_on"),
            *("flow_down", "guarantees"),
        ),
        _("Transfers to third countries"): ("no_transfer", "transfers"),
        _("Standing"): ("state", "engaged_on", "ended_on", "engaged_by", "note"),
    }


@blueprint.get("/subprocessors")
@needs(Permission.REGISTER_READ)
def listed() -> ResponseReturnValue:
    """All sub-processors, by name."""
    search, state = request.args.get("search", ""), request.args.get("state", "")
    page = queries.listed(house().session, search, state, cut())
    return render_template(
        "subprocessors/list.html",
        page=page,
        search=search,
        state=state,
        states=facts.State,
        in_objection=announcements.in_objection(house().session),
        address=addresses(),
    )


@blueprint.route("/subprocessors/new", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def new() -> ResponseReturnValue:
    """Opens the dossier of a sub-processor."""
    return dossiers.edit(
        Editing(
            title=_("Record a sub-processor"),
            facts=facts.Subprocessor,
            hints=_hints(),
            sections=_sections(),
            back=url_for("subprocessors.listed"),
            save=lambda act, known, _base, how: operations.record(
                act, request.form["code"], known, how
            ),
            done=lambda head: _dossier(head.code),
            crumbs=((_("Sub-processors"), url_for("subprocessors.listed")), (_("New"), "")),
            coded=True,
        ),
        None,
    )


@blueprint.get("/subprocessors/<code>")
@needs(Permission.REGISTER_READ)
def one(code: str) -> ResponseReturnValue:
    """A sub-processor's dossier on a day."""
    session, day = house().session, dossiers.asked_day()
    head = queries.one(session, code)
    told = announcements.concerning(session, head.id, house().today)
    reading = may(Permission.ANNOUNCEMENTS_READ)
    return render_template(
        "subprocessors/one.html",
        head=head,
        announced=told if reading else [],
        drafts=announcements.drafts_for(session, head.code) if reading else [],
        in_objection=head.id in announcements.in_objection(session),
        engaged=State.ENGAGED,
        day=day,
        dated=dossiers.on_day(head, day),
        sections=_sections(),
        names={each.code: each.name for each in queries.everyone(session)},
        entries=audit.within(session, head, SHOWN_ENTRIES),
    )


@blueprint.route("/subprocessors/<code>/edit", methods=["GET", "POST"])
@needs(Permission.REGISTER_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Adds a version to a dossier."""
    head = queries.one(house().session, code)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=head.name),
            facts=facts.Subprocessor,
            hints=_hints(),
            sections=_sections(),
            back=_dossier(code),
            save=lambda act, known, base, how: operations.change(act, head.id, known, base, how),
            done=lambda _changed: _dossier(code),
            crumbs=(*_way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.get("/subprocessors/<code>/history")
@needs(Permission.REGISTER_READ)
def past(code: str) -> ResponseReturnValue:
    """All versions of a dossier."""
    head = queries.one(house().session, code)
    return dossiers.show_history(head, head.name, (*_way(head), (_("History"), "")))


def _dossier(code: str) -> str:
    return url_for("subprocessors.one", code=code)


def _way(head: Subprocessor) -> tuple[tuple[str, str], ...]:
    return (
        (_("Sub-processors"), url_for("subprocessors.listed")),
        (head.name, _dossier(head.code)),
    )
