"""What the fictional publisher announced: one change in mid-course, one still a draft."""

import uuid
from datetime import UTC, date, datetime

import sqlalchemy as sa

from registers.announcements import drafting, objections, operations
from registers.announcements.facts import Announcement, Change
from registers.announcements.models import Case
from registers.announcements.vocabulary import ChangeKind
from registers.controllers.models import Controller
from registers.kernel.act import Act
from registers.kernel.history import How
from registers.notices import receipts
from registers.notices.models import Matter
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.facts import Site, SiteRole, Subprocessor

TOLD_AT = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
TOLD_ON = date(2026, 3, 30)
RECEIVED_ON = date(2026, 4, 1)

PROPOSED: dict[str, Subprocessor] = {
    "BOREALE": Subprocessor(
        name="Messagerie Boréale SAS (fictif)",
        legal_form="SAS",
        address="4 quai des Brumes",
        postcode="29200",
        city="Brest",
        contact_name="Yann Le Goff",
        contact_function="Responsable de la conformité",
        contact_email="conformite@boreale.example",
        contact_phone="02 00 00 00 40",
        processing="Envoi des courriels de notification émis par les applications.",
        delimitation="Le prestataire achemine les messages ; leur contenu et leurs destinataires "
        "restent déterminés par l’éditeur.",
        contract_reference="MB-2026-07",
        contract_starts_on=date(2026, 6, 1),
        contract_ends_on=date(2028, 5, 31),
        sites=(
            Site(name="Brest", role=SiteRole.PRIMARY, postcode="29200", city="Brest"),
            Site(name="Quimper", role=SiteRole.BACKUP, postcode="29000", city="Quimper"),
        ),
        no_transfer=True,
    ),
}

UNDER_WAY = Announcement(
    title="Envoi des courriels par Messagerie Boréale",
    changes=(
        Change(
            code="BOREALE",
            kind=ChangeKind.ADDITION,
            activities=("P1", "P2"),
            planned_on=date(2026, 6, 1),
            reason="Meilleure délivrabilité des notifications ; aucune donnée nouvelle n’est "
            "collectée.",
        ),
    ),
    dpo_opinion="Favorable, sous réserve de la suppression des journaux d’envoi après 30 jours.",
    decided_by="Maëlle Kerbrat, présidente-directrice générale",
    decided_on=date(2026, 3, 27),
)

DRAFT = Announcement(
    title="Transfert des sauvegardes vers un autre centre de données",
    changes=(
        Change(
            code="SCALEWAY",
            kind=ChangeKind.RELOCATION,
            activities=("P4",),
            reason="Le centre DC3 ferme ; les sauvegardes chiffrées seraient conservées à Lyon.",
        ),
    ),
    divisible=False,
)

UNPROVEN, BY_REPLY, OBJECTING = "SAINTE-FLORE", "VILLE-MONTVAL", "UNIV-CLAIRMONT"


def load(act: Act, how: How) -> None:
    """Enters what was announced; the parties and the register are there."""
    for code, dossier in PROPOSED.items():
        subprocessors.record(act, code, dossier, How(TOLD_ON, how.reason, taken_over=True))
    act.session.flush()
    since = How(TOLD_ON, how.reason, taken_over=True)
    made = operations.take_over(act, UNDER_WAY, since, TOLD_AT, TOLD_ON)
    matters = _matters(act, made.id)
    for code, matter in matters.items():
        proof = Proof(Evidence.SIGNED, RECEIVED_ON, "Accusé de réception signé, retourné scanné.")
        if code == BY_REPLY:
            proof = Proof(Evidence.REPLY, RECEIVED_ON, "« Bien reçu », par courriel.")
        if code != UNPROVEN:
            receipts.receive(act, [matter], proof)
    objections.object_to(
        act,
        matters[OBJECTING],
        objections.Said(
            date(2026, 5, 12),
            "Étienne Vasseur",
            "président",
            posted_on=date(2026, 5, 11),
            way="courrier",
            grounds="L’université demande que ses messages restent hébergés par ses soins.",
        ),
    )
    drafting.draft(act, DRAFT, How(act.now.date(), "Projet"))


def _matters(act: Act, announcement_id: uuid.UUID) -> dict[str, uuid.UUID]:
    query = (
        sa.select(Controller.code, Matter.id)
        .join(Matter, Matter.controller_id == Controller.id)
        .join(Case, Case.matter_id == Matter.id)
        .where(Case.announcement_id == announcement_id)
    )
    return {row[0]: row[1] for row in act.session.execute(query)}
