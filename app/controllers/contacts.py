"""Pages of points of contact."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.controllers import forms
from app.dossiers import Editing
from app.gate import needs
from app.house import house
from app.lists import addresses, cut
from registers.controllers import facts, operations, queries
from registers.controllers.models import Contact
from registers.people.roles import Permission

blueprint = Blueprint("contacts", __name__)

SHOWN_SERVED = 200


@blueprint.get("/contacts")
@needs(Permission.CONTROLLERS_READ)
def listed() -> ResponseReturnValue:
    """All points of contact, by name."""
    search = request.args.get("search", "")
    page = queries.contacts(house().session, search, cut())
    return render_template(
        "controllers/contacts.html", page=page, search=search, address=addresses()
    )


@blueprint.route("/contacts/new", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def new() -> ResponseReturnValue:
    """Records a point of contact."""
    return dossiers.edit(
        Editing(
            title=_("Record a point of contact"),
            facts=facts.Contact,
            hints=forms.contact_hints(),
            sections=forms.contact_sections(),
            back=url_for("contacts.listed"),
            save=lambda act, known, _base, how: operations.record_contact(act, known, how),
            done=lambda head: url_for("contacts.one", contact_id=head.id),
            crumbs=((_("Points of contact"), url_for("contacts.listed")), (_("New"), "")),
        ),
        None,
    )


@blueprint.get("/contacts/<uuid:contact_id>")
@needs(Permission.CONTROLLERS_READ)
def one(contact_id: uuid.UUID) -> ResponseReturnValue:
    """A point of contact on a day, and whom it serves."""
    session, day = house().session, dossiers.asked_day()
    head = queries.contact(session, contact_id)
    return render_template(
        "controllers/contact.html",
        head=head,
        dated=dossiers.on_day(head, day),
        day=day,
        served=queries.served_by(session, head.id, SHOWN_SERVED),
        most=SHOWN_SERVED,
        sections=forms.contact_sections(),
    )


@blueprint.route("/contacts/<uuid:contact_id>/edit", methods=["GET", "POST"])
@needs(Permission.CONTROLLERS_EDIT)
def edit(contact_id: uuid.UUID) -> ResponseReturnValue:
    """Adds a version to a point of contact, for all whom it serves."""
    head = queries.contact(house().session, contact_id)
    return dossiers.edit(
        Editing(
            title=_("Change %(name)s", name=head.name),
            facts=facts.Contact,
            hints=forms.contact_hints(),
            sections=forms.contact_sections(),
            back=_dossier(head),
            save=lambda act, known, base, how: operations.change_contact(
                act, head.id, known, base, how
            ),
            done=lambda _changed: _dossier(head),
            crumbs=(*_way(head), (_("Change"), "")),
        ),
        head,
    )


@blueprint.get("/contacts/<uuid:contact_id>/history")
@needs(Permission.CONTROLLERS_READ)
def past(contact_id: uuid.UUID) -> ResponseReturnValue:
    """All versions of a point of contact."""
    head = queries.contact(house().session, contact_id)
    return dossiers.show_history(head, head.name, (*_way(head), (_("History"), "")))


def _dossier(head: Contact) -> str:
    return url_for("contacts.one", contact_id=head.id)


def _way(head: Contact) -> tuple[tuple[str, str], ...]:
    return ((_("Points of contact"), url_for("contacts.listed")), (head.name, _dossier(head)))
