"""What tests of retention share: contracts that end, cases, statements of erasure."""

from datetime import date

import sqlalchemy as sa
from msgspec.structs import replace

from registers.controllers import operations as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import history
from registers.kernel.history import How
from registers.people.roles import permissions
from registers.retention import erasing
from registers.retention.erasing import Statement
from registers.retention.facts import Treated
from registers.retention.models import Case, Ending
from registers.retention.vocabulary import Result, System, Treatment
from tests.announcements.telling import somebody
from tests.registers import TODAY

ALIX, BERENICE = somebody("Alix"), somebody("Bérénice")
PDF = b"%PDF-1.7\n%%EOF"

CHECKED = tuple(
    Treated(
        system=each,
        treatment=Treatment.CLEARED if each is System.APPLICATION else Treatment.NOTHING,
    )
    for each in System
)


def head_of(database, model, **named):
    with database.reading() as session:
        return session.scalars(sa.select(model).filter_by(**named)).one()


def rows(database, model, *where):
    with database.reading() as session:
        return list(session.scalars(sa.select(model).where(*where)))


def end_contract(database, reference, ended_on, actor=ALIX, **more):
    """Records that a contract ended, through the operation that people use."""
    head = head_of(database, Contract, reference=reference)
    with database.acting(actor) as act:
        known = history.latest(act.session, act.session.get(Contract, head.id))
        known = replace(known, ended_on=ended_on, **more)
        parties.change_contract(act, head.id, known, head.latest, How(TODAY, "Fin du contrat"))
    return head


def cases(database, reference=""):
    """The cases by activity and name of the rule; of one contract, or all."""
    with database.reading() as session:
        query = sa.select(Case).join(Ending, Ending.id == Case.ending_id)
        if reference:
            query = query.join(Contract, Contract.id == Ending.contract_id)
            query = query.where(Contract.reference == reference)
        return {
            (case.promise.code, case.promise.rule.name): case
            for case in session.scalars(query.order_by(Case.position))
        }


def of_activity(found, code):
    """The only case of an activity."""
    (case,) = (case for (activity, _name), case in found.items() if activity == code)
    return case


def statement(**more):
    """What somebody states to have erased."""
    said = Statement(
        result=Result.ERASED,
        done_on=date(2026, 11, 20),
        method="Suppression logique puis effacement du volume chiffré",
        treated=CHECKED,
    )
    return replace(said, **more)


def stated(database, *found, actor=ALIX, **more):
    with database.acting(actor) as act:
        return erasing.propose(act, [case.id for case in found], statement(**more))


def confirmed(database, erasure, actor=BERENICE, note="Contrôle de la base et du volume"):
    with database.acting(actor) as act:
        erasing.confirm(act, erasure.id, note)


def controller(database, code):
    return head_of(database, Controller, code=code)


def replace_permissions(role):
    """Somebody who has this role only."""
    return type(ALIX)("user", permissions([role]), ALIX.id, "x")


def release_contacts(database, code):
    """Lets nobody serve a controller any more: there is no address to write to."""
    head = controller(database, code)
    with database.acting(ALIX) as act:
        known = history.latest(act.session, act.session.get(Controller, head.id))
        for link in known.contacts:
            parties.release_contact(act, head.id, link, How(date(2026, 11, 1), "Parti"))
