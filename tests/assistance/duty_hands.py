"""What tests of legal duties share: one to record, by whom, and how it goes on."""

import uuid
from datetime import date

from registers.assistance import duties
from registers.assistance.duties import Said
from registers.assistance.duty_rules import Described
from registers.assistance.vocabulary import DutyKind, Origin
from registers.kernel.act import Actor
from registers.people.roles import MAY, Role
from tests.assistance.hands import contract_of

DPO = Actor("user", MAY[Role.DPO], uuid.uuid5(uuid.NAMESPACE_DNS, "Alix"), "Alix")
LEGAL = Actor("user", MAY[Role.LEGAL], uuid.uuid5(uuid.NAMESPACE_DNS, "Basile"), "Basile")
TODAY = date(2026, 11, 22)
TRANSFER = Described(
    kind=DutyKind.TRANSFER,
    origin=Origin.MEMBER_STATE,
    provision="Code fictif des transmissions, art. L. 12-3",
    authority="Agence nationale fictive",
    reference="ANF-2026-77",
    data="Journaux de connexion des agents, transmis à l’homologue suisse.",
    known_on=date(2026, 11, 20),
    country="CH",
    recipient="Office fédéral fictif",
    planned_on=date(2026, 12, 1),
)
SECRET = TRANSFER._replace(
    kind=DutyKind.DISCLOSURE,
    country="",
    prohibited=True,
    ground="Art. L. 98-7 du code fictif : secret de l’enquête.",
)


def recorded(database, said=TRANSFER, codes=("BEAUCHENE",), who=DPO, **more):
    ids = [contract_of(database, code).id for code in codes]
    with database.acting(who) as act:
        return duties.record(act, said, ids, TODAY, **more)


def begun(database, row, at, who=DPO):
    with database.acting(who) as act:
        return duties.begin(act, row.id, at, Said(at.date(), "Transmis."))


def lifted(database, row, on=TODAY, who=DPO):
    with database.acting(who) as act:
        return duties.lift(act, row.id, Said(on, "Fin de l’enquête"), TODAY)
