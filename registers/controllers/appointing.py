"""Who serves a controller from a day on, as the controller itself declared it.

The declaration is another subject's; the point of contact it names is kept here, as all others.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import facts, rules
from registers.controllers.models import Contact, Controller, ControllerContact
from registers.controllers.operations import (
    CONTACT_CHANGED,
    CONTACT_RECORDED,
    CONTROLLER_CHANGED,
    show_contacts,
)
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.history import How

Serving = Mapping[ContactRole, facts.Contact | None]
"""Who alone serves a controller in each of these roles; None: nobody."""


def serving(
    session: Session, controller_id: uuid.UUID, role: ContactRole, day: date
) -> list[facts.Contact]:
    """Who serves a controller in a role on a day."""
    known = history.known_on(session, Controller, day, [controller_id])[controller_id]
    ids = [link.contact for link in known.contacts if link.role is role]
    people = history.known_on(session, Contact, day, ids)
    return [people[key] for key in ids if key in people]


def appoint(act: Act, controller_id: uuid.UUID, wanted: Serving, how: How) -> list[str]:
    """Lets these contacts, and nobody else, serve a controller in these roles from a day on.

    A contact on record that is the same in every field is taken; one that serves this controller
    alone under the same address gets a new version; otherwise a new contact is recorded, since
    what one controller declares must not change what another one sees.

    Args:
        act: its permission was required by whoever records the declaration.
        controller_id: the controller.
        wanted: who serves in which role.
        how: from when, and why.

    Returns:
        The names of the changed fields of the controller.

    Raises:
        Invalid: a contact has neither a name nor an address.
    """
    head = act.take(Controller, controller_id)
    chosen = {
        role: _on_record(act, head, rules.checked_contact(known), how) if known else None
        for role, known in wanted.items()
    }
    act.session.flush()

    def linked(known: facts.Controller) -> facts.Controller:
        kept = [link for link in known.contacts if link.role not in chosen]
        added = [facts.ContactLink(role=role, contact=key) for role, key in chosen.items() if key]
        return rules.checked_controller(msgspec.structs.replace(known, contacts=(*kept, *added)))

    changed = history.revise(act, head, linked, how.by(CONTROLLER_CHANGED))
    if changed:
        act.session.flush()
        last: Any = history.known_on(act.session, Controller, date.max, [head.id])
        show_contacts(act, head, last[head.id].contacts)
    return changed


def _on_record(act: Act, head: Controller, known: facts.Contact, how: How) -> uuid.UUID:
    same = sa.select(Contact).where(Contact.email == known.email, Contact.name == known.full_name)
    for contact in act.session.scalars(same.order_by(Contact.id)) if known.email else ():
        if history.latest(act.session, contact) == known:
            return contact.id
    own = _own(act, head, known)
    if own is not None:
        said = how.by(CONTACT_CHANGED)
        history.record(act, own, known, own.latest, said)
        return own.id
    new = Contact()
    history.record(act, new, known, 0, how.by(CONTACT_RECORDED))
    act.session.flush()
    return new.id


def _own(act: Act, head: Controller, known: facts.Contact) -> Contact | None:
    """A contact with this address that serves this controller and no other."""
    if not known.email:
        return None
    others = sa.select(ControllerContact.contact_id).where(
        ControllerContact.controller_id != head.id
    )
    query = (
        sa.select(Contact.id)
        .join(ControllerContact, ControllerContact.contact_id == Contact.id)
        .where(
            ControllerContact.controller_id == head.id,
            Contact.email == known.email,
            Contact.id.not_in(others),
        )
        .order_by(Contact.id)
        .limit(1)
    )
    key = act.session.scalar(query)
    return act.take(Contact, key) if key else None
