"""What tests of breaches on the portal share: a breach told to everybody, with numbers of each."""

from datetime import date

import sqlalchemy as sa

from registers.breaches import finding, notifying, operations
from registers.breaches.facts import Breach
from registers.breaches.finding import Touched
from registers.breaches.models import Affected
from registers.breaches.vocabulary import (
    Cause,
    Certainty,
    DataKind,
    Discoverer,
    Nature,
    Origin,
    PersonKind,
    Step,
)
from registers.controllers.models import Contract, Controller
from registers.kernel.instants import Instant
from registers.kernel.words import Words
from tests.announcements.telling import rows, somebody

RESPONDER = somebody("Nadia")
KNOWN = Breach(
    title="Accès non autorisé à un serveur",
    aware=Instant(on=date(2026, 11, 22), at="09:00"),
    services=("P4",),
    certainty=Certainty.ESTABLISHED,
    detected=Instant(on=date(2026, 11, 22), at="08:40"),
    detected_reason="Alerte de la supervision.",
    discoverer=Discoverer.STAFF,
    subprocessors=("OVH",),
    began=Instant(on=date(2026, 11, 21), at="22:15"),
    ongoing=False,
    nature=(Nature.CONFIDENTIALITY,),
    origin=Origin.ATTACK,
    cause=Cause.EXTERNAL_MALICIOUS,
    data=(DataKind.IDENTITY, DataKind.HEALTH),
    persons=(PersonKind.EMPLOYEES,),
    description="Un compte de maintenance a été utilisé par un tiers.",
    contact="Alix Morel",
    contact_email="dpo@ponant.example",
    consequences="Hameçonnage ciblé.",
    measures_before="Journalisation des accès.",
    measures_taken="Compte désactivé.",
    measures_planned="Rotation des secrets.",
    note="Ne pas divulguer : soupçon sur le prestataire X.",
)
FIRST, OTHER = "CA-ANNELAC", "SAINTE-FLORE"


def everybody(database):
    with database.reading() as session:
        query = sa.select(Contract.controller_id, Contract.id).order_by(Contract.sorted)
        return [Touched(row[0], row[1], "P4") for row in session.execute(query)]


def number(place):
    """The persons and the records of the controller at a place: no two numbers look alike."""
    return 70_001 + 1_013 * place, 90_007 + 1_019 * place


def breached(database, known=KNOWN, found=None):
    """A breach, everybody affected with numbers of its own, nobody told yet."""
    with database.acting(RESPONDER) as act:
        head = operations.record(act, known)
    with database.acting(RESPONDER) as act:
        finding.touch(act, head.id, found or everybody(database))
    count(database, head)
    return head


def count(database, head):
    found = sorted(
        rows(database, Affected, Affected.breach_id == head.id),
        key=lambda row: str(row.contract_id),
    )
    with database.acting(RESPONDER) as act:
        numbers = {row.id: number(place) for place, row in enumerate(found)}
        finding.count_persons(act, head.id, numbers)


def notify(database, head, step=Step.FIRST, base=1):
    with database.acting(RESPONDER) as act:
        return notifying.notify(act, head.id, step, base)


def learn(database, head, known, base=1):
    with database.acting(RESPONDER) as act:
        operations.change(act, head.id, known, base, "Analyse")


def own_numbers(database, code):
    """All persons and all records of one controller."""
    (owner,) = rows(database, Controller, Controller.code == code)
    own = rows(database, Affected, Affected.controller_id == owner.id)
    return sum(row.persons for row in own), sum(row.records for row in own)


def others_numbers(database, code):
    """Every number of everybody else, as it would be written."""
    (owner,) = rows(database, Controller, Controller.code == code)
    others = rows(database, Affected, Affected.controller_id != owner.id)
    found = {number for row in others for number in (row.persons, row.records)}
    ways = (str, Words("en").number, Words("fr").number)
    return {written(number) for number in found for written in ways}
