"""What ended under the fictional contracts: a service, an intervention, one erasure stated."""

from datetime import date

import sqlalchemy as sa

from registers.activities.vocabulary import Trigger
from registers.controllers.models import Contract
from registers.kernel.act import Act
from registers.retention import erasing, opening
from registers.retention.erasing import Statement
from registers.retention.facts import Treated
from registers.retention.falling import Event
from registers.retention.models import Case
from registers.retention.vocabulary import Result, System, Treatment

CLEARED = {System.SUPPORT, System.MAILBOXES}


ENDS = (
    ("BLS-2026-1", Trigger.SERVICE_END, "P2", date(2024, 12, 15), "Module courrier"),
    ("CA-AL_CM_TT-WD", Trigger.INTERVENTION_END, "P3", date(2026, 11, 6), "TK-4711"),
    ("MTV-2024-31", Trigger.SERVICE_END, "P2", date(2024, 11, 14), "Module agenda"),
)
"""What ended under which contract: the activity, the day, which one."""


def load(act: Act) -> None:
    """Records the ends; of the last one an erasure is stated, and waits for a second person."""
    for reference, trigger, code, day, what in ENDS:
        query = sa.select(Contract).where(Contract.reference == reference)
        contract = act.session.scalars(query).one()
        event = Event(trigger, contract.controller_id, day, contract.id, (code,), what)
        last = opening.open_by_hand(act, event)
    case = act.session.scalars(sa.select(Case).where(Case.ending_id == last.id)).one()
    said = Statement(
        result=Result.ERASED,
        done_on=date(2026, 11, 10),
        method="Suppression des tickets et des pièces jointes, puis purge de la corbeille.",
        treated=tuple(
            Treated(
                system=each,
                treatment=Treatment.CLEARED if each in CLEARED else Treatment.NOTHING,
            )
            for each in System
        ),
    )
    erasing.propose(act, [case.id], said)
