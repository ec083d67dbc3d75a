"""What tests of declarations share: a form that is filled in, and who acts."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from registers.controllers import operations as parties
from registers.controllers.facts import Contact, ContactLink
from registers.controllers.models import Controller
from registers.controllers.vocabulary import ContactRole
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.kernel import history
from tests.announcements.telling import ANNOUNCER, rows
from tests.registers import commune, since

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
PAPER = b"%PDF-1.7 signed by hand"

DECLARED = Declaration(
    body="Commune de Nasbinals",
    address="1 place du Foirail",
    postcode="48260",
    city="Nasbinals",
    representative_name="Chabrol",
    representative_first_name="Odile",
    representative_quality="maire",
    civility="Madame",
    name="Astruc",
    first_name="Jeanne",
    phone="04 66 00 00 00",
    email="dpd@nasbinals.example",
    done_at="Nasbinals",
    done_on=date(2026, 11, 20),
)

MAYOR = Contact(name="Chabrol", first_name="Odile", email="maire@nasbinals.example")
OLD = Contact(name="Roche", first_name="Luc", email="luc.roche@nasbinals.example")


def controller(database, code="NASBINALS", **contacts):
    """A commune, with these contacts by role."""
    with database.acting(ANNOUNCER) as act:
        links = []
        for role, known in contacts.items():
            head = parties.record_contact(act, known, since(2025))
            act.session.flush()
            links.append(ContactLink(role=ContactRole(role), contact=head.id))
        known = commune(contacts=tuple(links))
        return parties.record_controller(act, code, known, since(2025))


def known_of(database, head, day=DAY):
    """What a controller is on a day."""
    with database.reading() as session:
        return history.known_on(session, Controller, day, [head.id])[head.id]


def form_of(database, form):
    """A form as it stands now."""
    with database.reading() as session:
        return session.get_one(Form, form.id)


def sent_to(database, model, column):
    with database.reading() as session:
        return list(session.scalars(sa.select(column).select_from(model)))


__all__ = ["rows"]
