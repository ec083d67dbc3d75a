"""Loads the fictional register, through the same operations as people use."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import msgspec
import sqlalchemy as sa

from registers.activities import operations as activities
from registers.activities.models import Activity, Measure
from registers.breaches import oncall
from registers.breaches.oncall import Plan
from registers.controllers import facts
from registers.controllers import operations as parties
from registers.controllers.models import Contact, Controller, Organisation
from registers.kernel.act import Act
from registers.kernel.errors import Conflict
from registers.kernel.history import How
from registers.kernel.words import text
from registers.people.models import User
from registers.sample import announcing, assisting, breaching, ending
from registers.sample.measures import MEASURES
from registers.sample.parties import ORGANISATION, PARTIES, Party
from registers.sample.register import ACTIVITIES, SINCE, SUBPROCESSORS
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.models import Subprocessor

ON_CALL = Plan(emails=("astreinte@ponant.example",), drill_emails=("exercice@ponant.example",))

WHY = "Reprise d’un registre antérieur"


Acting = Callable[[], AbstractContextManager[Act]]


def load(acting: Acting, staff: Callable[[Act], Acting] | None = None) -> None:
    """Fills an empty installation with the fictional register, its announcements, breaches, ends.

    Args:
        acting: begins an act of somebody who may do everything.
        staff: adds an account of the fictional staff in that act, and gives how its acts begin:
            all that is recorded stands under its name.

    Raises:
        Conflict: there are data already; sample data never stand beside real ones.
    """
    if staff is None:
        load_register(acting)
    else:
        with acting() as act:
            _must_be_empty(act)
            acting = staff(act)
        _fill(acting)
    with acting() as act:
        announcing.load(act, How(SINCE, WHY, taken_over=True))
        assisting.load(act)
    with acting() as act:
        ending.load(act)
    with acting() as act:
        breaching.load(act)
    with acting() as act:  # after the breaches: nobody is called about what a sample records
        oncall.choose(act, ON_CALL, 0, secret=b"")


def load_register(acting: Acting) -> None:
    """Fills an empty installation with the fictional register.

    Args:
        acting: begins an act of somebody who may do everything.

    Raises:
        Conflict: there are data already; sample data never stand beside real ones.
    """
    _fill(acting, _must_be_empty)


def _fill(acting: Acting, first: Callable[[Act], None] = lambda _act: None) -> None:
    with acting() as act:
        first(act)
        how = How(SINCE, WHY, taken_over=True)
        organisation = parties.describe_organisation(act, ORGANISATION, 0, how)
        organisation.sample = True
        act.session.flush()
        for code, measure in MEASURES.items():
            activities.record_measure(act, code, measure, how)
        for code, dossier in SUBPROCESSORS.items():
            since = How(dossier.engaged_on or SINCE, WHY, taken_over=True)
            subprocessors.record(act, code, dossier, since)
        act.session.flush()
        for code, activity in ACTIVITIES.items():
            head = activities.record_activity(act, code, activity, how)
            act.session.flush()
            activities.validate_activity(act, head.id, 1)
    with acting() as act:
        for party in PARTIES:
            _record(act, party)


def _must_be_empty(act: Act) -> None:
    for model in (User, Organisation, Controller, Contact, Activity, Measure, Subprocessor):
        if act.session.scalar(sa.select(sa.literal(1)).select_from(model).limit(1)):
            raise Conflict(
                text("Sample data are only loaded into an installation that holds nothing.")
            )


def _record(act: Act, party: Party) -> None:
    starts = [values["starts_on"] for values in party.contracts]
    how = How(min(day for day in starts if isinstance(day, date)), WHY, taken_over=True)
    links = []
    for role, contact in party.contacts.items():
        head = parties.record_contact(act, contact, how)
        links.append(facts.ContactLink(role=role, contact=head.id))
    act.session.flush()
    known = msgspec.structs.replace(party.known, contacts=tuple(links))
    controller = parties.record_controller(act, party.code, known, how)
    for values in party.contracts:
        agreed = facts.Contract(controller=controller.id, **values)  # type: ignore[arg-type]
        since = How(agreed.starts_on or SINCE, WHY, taken_over=True)
        parties.record_contract(act, agreed, since)
