"""What tests of instructions and assistance share: who acts, contracts, what was said."""

from datetime import date

import sqlalchemy as sa

from registers.assistance import instructions
from registers.assistance.instructions import Said, Word
from registers.assistance.models import Instruction
from registers.assistance.vocabulary import Scope, Way
from registers.controllers.models import Contract, Controller
from tests.announcements.telling import rows, somebody

LAWYER = somebody("Bérénice")
TODAY = date(2026, 11, 22)
GIVEN = Said(
    says="Transmettre chaque mois la liste des agents absents au prestataire de paie.",
    scope=Scope.OPERATION,
    given_on=date(2026, 11, 20),
    by_name="Odile Chabrol",
    by_function="maire",
    way=Way.LETTER,
)
PROVISION = "Art. 5(1)(b) et 9 du RGPD"
WHY = "La liste révèle des données de santé, pour une finalité que le contrat ne connaît pas."


def controller_of(database, code):
    (found,) = rows(database, Controller, Controller.code == code)
    return found


def contract_of(database, code):
    """A contract of a controller that has not ended."""
    found = rows(
        database,
        Contract,
        Contract.controller_id == controller_of(database, code).id,
        Contract.ended_on.is_(None),
    )
    return min(found, key=lambda each: each.reference)


def given(database, code="BEAUCHENE", said=GIVEN, **more):
    """An instruction under a contract of a controller."""
    with database.acting(LAWYER) as act:
        return instructions.give(act, contract_of(database, code).id, said, **more)


def contested(database, row):
    with database.acting(LAWYER) as act:
        return instructions.contest(act, row.id, PROVISION, WHY)


def accepted(database, row, on=TODAY):
    with database.acting(LAWYER) as act:
        return instructions.accept(act, row.id, Word(on))


def executed(database, row, on=TODAY):
    with database.acting(LAWYER) as act:
        return instructions.execute(act, row.id, Word(on, "Fait."))


def instruction(database, code):
    with database.reading() as session:
        return session.scalar(sa.select(Instruction).where(Instruction.code == code))
