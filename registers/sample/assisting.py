"""What was instructed to the fictional publisher, what it gave, who is bound and certified."""

import uuid
from datetime import date

import sqlalchemy as sa

from registers.assistance import commitments, dossiers, instructions
from registers.assistance.commitments import Said as Undertaken
from registers.assistance.facts import Assistance, Certificate, Finding, Intervention, Member
from registers.assistance.instructions import Said, Word
from registers.assistance.vocabulary import (
    AssistanceKind,
    CertificateKind,
    CommitmentKind,
    ConsentWay,
    Environment,
    Scope,
    Way,
)
from registers.controllers.models import Contract, Controller
from registers.kernel.act import Act
from registers.kernel.instants import Instant

INSTRUCTING, AUDITING = "VILLE-MONTVAL", "UNIV-CLAIRMONT"
WHY = "Premier relevé"

EXECUTED = Said(
    says="Restreindre l’accès aux dossiers du centre communal d’action sociale aux seuls agents "
    "de ce service, à compter du 1er juin 2026.",
    scope=Scope.SECURITY,
    given_on=date(2026, 5, 18),
    by_name="Hélène Castagné",
    by_function="directrice générale des services",
    way=Way.LETTER,
)
OPEN = Said(
    says="Transmettre chaque mois à notre assureur la liste nominative des agents absents, avec "
    "le motif de l’absence.",
    scope=Scope.PURPOSE,
    purposes=["Suivi des absences par l’assureur"],
    given_on=date(2026, 11, 16),
    by_name="Hélène Castagné",
    by_function="directrice générale des services",
    way=Way.EMAIL,
)

PERSONS: tuple[tuple[Member, date | None, date | None], ...] = (
    (
        Member(name="Maël Riou", function="Technicien support", joined_on=date(2021, 9, 1)),
        date(2021, 9, 1),
        date(2026, 2, 12),
    ),
    (
        Member(name="Inès Baudry", function="Développeuse", joined_on=date(2019, 3, 4)),
        date(2019, 3, 4),
        date(2024, 6, 20),
    ),
    (
        Member(
            name="Tom Le Bihan",
            function="Consultant en déploiement",
            joined_on=date(2026, 9, 14),
            external=True,
        ),
        None,
        None,
    ),
)
"""With the days of the undertaking and of the last training."""

CERTIFICATES = (
    Certificate(
        title="ISO/IEC 27001:2022 – hébergement des applications",
        kind=CertificateKind.STANDARD,
        number="FICTIF-27001-118",
        issuer="Organisme certificateur fictif",
        subprocessor="OVH",
        starts_on=date(2025, 4, 1),
        ends_on=date(2028, 3, 31),
    ),
    Certificate(
        title="Test d’intrusion de l’application en ligne",
        kind=CertificateKind.REPORT,
        issuer="Cabinet Sécurité Fictive",
        starts_on=date(2026, 3, 9),
        withheld=True,
    ),
)


def load(act: Act) -> None:
    """Enters it; the parties and the register are there."""
    owner, contract = _contract(act, INSTRUCTING)
    done = instructions.give(act, contract, EXECUTED)
    instructions.accept(act, done.id, Word(date(2026, 5, 20)))
    word = Word(date(2026, 5, 28), "Profils restreints, contrôle par échantillon.")
    instructions.execute(act, done.id, word)
    instructions.give(act, contract, OPEN)
    dossiers.record(act, dossiers.INTERVENTIONS, _intervention(owner), WHY)
    other, _ = _contract(act, AUDITING)
    dossiers.record(act, dossiers.ASSISTANCE, _audit(other), WHY)
    for known, undertaken, trained in PERSONS:
        head = dossiers.record(act, dossiers.STAFF, known, WHY)
        if undertaken:
            said = Undertaken(
                CommitmentKind.CONFIDENTIALITY, "Engagement de confidentialité", undertaken
            )
            commitments.commit(act, head.id, said)
        if trained:
            said = Undertaken(CommitmentKind.TRAINING, "RGPD : les bases", trained, 24)
            commitments.commit(act, head.id, said)
    for certificate in CERTIFICATES:
        dossiers.record(act, dossiers.CERTIFICATES, certificate, WHY)


def _contract(act: Act, code: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A controller, and the first of its contracts."""
    query = (
        sa.select(Controller.id, Contract.id)
        .join(Contract, Contract.controller_id == Controller.id)
        .where(Controller.code == code, Contract.ended_on.is_(None))
        .order_by(Contract.sorted)
    )
    row = act.session.execute(query).first()
    if row is None:
        raise LookupError(code)
    return row[0], row[1]


def _intervention(owner: uuid.UUID) -> Intervention:
    return Intervention(
        controller=owner,
        title="Import de la paie bloqué",
        ticket="T-2026-1187",
        environment=Environment.WORKSTATION,
        operators=("Maël Riou",),
        consent_by="Hélène Castagné",
        consent_at=Instant(on=date(2026, 10, 6), at="09:40"),
        consent_way=ConsentWay.ON_SCREEN,
        opened=Instant(on=date(2026, 10, 6), at="09:42"),
        means="Prise en main à distance, session affichée à l’agent",
        seen="La file d’import et le journal d’erreurs du mois.",
        kept=False,
        closed=Instant(on=date(2026, 10, 6), at="10:15"),
        restored=True,
        report="Fichier relancé après correction du séparateur ; rien n’a été copié.",
        reported_on=date(2026, 10, 6),
    )


def _audit(owner: uuid.UUID) -> Assistance:
    return Assistance(
        controller=owner,
        kind=AssistanceKind.AUDIT,
        title="Audit des mesures de sécurité de l’hébergement",
        asked_on=date(2026, 6, 8),
        asked_by="Étienne Vasseur, président",
        planned_on=date(2026, 9, 22),
        auditor="Cabinet Audit Fictif",
        mandated=True,
        auditor_bound=True,
        held_on=date(2026, 9, 22),
        participants=("Alix Morel", "Étienne Vasseur"),
        reported_on=date(2026, 10, 14),
        findings=(
            Finding(
                says="Comptes d’anciens prestataires encore actifs.",
                measure="Revue trimestrielle des comptes.",
                due_on=date(2026, 12, 31),
            ),
            Finding(
                says="Journal d’accès non signé.",
                measure="Scellement quotidien.",
                due_on=date(2026, 11, 15),
                done_on=date(2026, 11, 3),
            ),
        ),
    )
