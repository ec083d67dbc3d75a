from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from registers.activities import operations as activities
from registers.annexes.orders import Press
from registers.controllers import operations as parties
from registers.controllers.facts import Contact, ContactLink, Service
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.facts import State
from tests.annexes.contracts import ACTIVITY, MEASURES, supplier
from tests.annexes.papers import KEY, PRESSED
from tests.registers import EVERYTHING, commune, contract, publisher, since


@pytest.fixture
def press(database):
    return Press(database, EVERYTHING, PRESSED, KEY, "Europe/Paris")


@pytest.fixture
def owner(acting, clock):
    """A controller whose papers are complete, recorded some days ago."""
    clock.at -= timedelta(days=5)
    with acting() as act:
        parties.describe_organisation(act, publisher(), 0, since(2020))
        for measure in MEASURES:
            activities.record_measure(act, measure.code, measure.known, since(2020))
        for code, name in (("CLOUD", "Cloud Inc."), ("PAPIER", "Papier SA")):
            known = supplier(name, state=State.ENGAGED, engaged_on=date(2020, 1, 1))
            subprocessors.record(act, code, known, since(2020))
        act.session.flush()
        known = replace(ACTIVITY, measures=tuple(each.code for each in MEASURES))
        head = activities.record_activity(act, "P6", known, since(2020))
        act.session.flush()
        activities.validate_activity(act, head.id, 1)
        referent = Contact(
            kind=ContactKind.PERSON, first_name="Rose", name="Vidal", function="secrétaire",
            email="rose@nasbinals.example",
        )  # fmt: skip
        person = parties.record_contact(act, referent, since(2020))
        act.session.flush()
        link = ContactLink(role=ContactRole.REFERENT, contact=person.id)
        theirs = commune(contacts=(link,))
        found = parties.record_controller(act, "NASBINALS", theirs, since(2020))
        act.session.flush()
        agreed = contract(found, "C-1", services=(Service(code="P6"),))
        parties.record_contract(act, agreed, since(2020))
    clock.at += timedelta(days=5)
    return found
