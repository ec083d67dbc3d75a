"""What tests of ends share: interventions that end, requests that are answered, rules for both."""

from datetime import date

import sqlalchemy as sa
from msgspec.structs import replace

from registers.activities import operations as activities
from registers.activities.facts import RetentionRule
from registers.activities.models import Activity
from registers.activities.vocabulary import Trigger
from registers.assistance import dossiers
from registers.assistance.facts import Intervention
from registers.controllers.models import Contract
from registers.kernel import history
from registers.kernel.instants import Instant
from registers.kernel.periods import Unit
from registers.requests import following
from registers.requests.following import Happened
from registers.requests.models import Concern
from registers.requests.vocabulary import What
from tests.registers import since
from tests.requests.asking import DAY, recorded
from tests.retention.ended import ALIX, controller, head_of

CONTRACT = "CA-AL_CM_TT-WD"
DUMPS = RetentionRule(
    name="Extractions", trigger=Trigger.INTERVENTION_END, amount=15, unit=Unit.DAYS
)
LETTERS = RetentionRule(name="Courriers", trigger=Trigger.REQUEST_END, amount=6, unit=Unit.MONTHS)


def ruled(database, code, rule):
    """An activity with one more rule."""
    head = head_of(database, Activity, code=code)
    with database.acting(ALIX) as act:
        known = history.latest(act.session, act.session.get(Activity, head.id))
        known = replace(known, retention=(*known.retention, rule))
        activities.change_activity(act, head.id, known, head.latest, since(2026, 11, 10))
        activities.validate_activity(act, head.id, head.latest + 1)


def closed(on=date(2026, 11, 20), **more):
    """An intervention of which access was closed."""
    return Intervention(
        **{
            "title": "Import bloqué",
            "opened": Instant(on=date(2026, 11, 19), at="09:00"),
            "closed": Instant(on=on, at="11:00"),
            **more,
        }
    )


def intervened(database, known=None, **more):
    """An intervention under a contract, through the operation that people use."""
    contract = head_of(database, Contract, reference=CONTRACT)
    facts = {"controller": contract.controller_id, "contract": str(contract.id), **more}
    with database.acting(ALIX) as act:
        return dossiers.record(act, dossiers.INTERVENTIONS, closed(**facts), "Ticket"), facts


def changed(database, head, base, **facts):
    with database.acting(ALIX) as act:
        dossiers.change(
            act, dossiers.INTERVENTIONS, head.id, closed(**facts), base, reason="Correction"
        )


def answered(sample, *codes):
    """A request that all its controllers answered."""
    head = recorded(sample, concerned=[controller(sample, code).id for code in codes])
    with sample.acting(ALIX) as act:
        concerns = [row.id for row in act.session.scalars(sa.select(Concern)).all()]
        happened = Happened(What.ANSWERED, DAY)
        following.follow_up(act, head.id, happened, DAY, concerns)
    return head
