"""The fictional publisher's breaches: one told in three phases and closed, one that is running.

Nothing leaves by them: what was sent is entered as having left before.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec.structs import replace

from registers.breaches import finding, notifying, operations
from registers.breaches.dossiers import of_breach
from registers.breaches.facts import Breach
from registers.breaches.finding import Touched
from registers.breaches.models import Affected
from registers.breaches.models import Breach as Head
from registers.breaches.vocabulary import (
    Cause,
    Certainty,
    DataKind,
    Discoverer,
    Nature,
    Origin,
    PersonKind,
    Phase,
    Step,
)
from registers.controllers.models import Contract, ContractService, Controller
from registers.kernel.act import Act
from registers.kernel.instants import Instant
from registers.notices import post, receipts
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.post import Slip
from registers.notices.receipts import Proof
from registers.notices.vocabulary import BY_POST, Evidence, PostalEvent

ZONE = "Europe/Paris"

PUBLISHED = Breach(
    title="Export de la plateforme hébergée accessible sans authentification",
    aware=Instant(on=date(2026, 10, 24), at="10:00", zone=ZONE),
    aware_reason="L’exploitation a constaté que l’adresse s’ouvrait depuis l’internet.",
    services=("P4",),
    certainty=Certainty.ESTABLISHED,
    detected=Instant(on=date(2026, 10, 24), at="09:40", zone=ZONE),
    detected_reason="Alerte de la supervision sur un volume de téléchargement inhabituel.",
    discoverer=Discoverer.STAFF,
    began=Instant(on=date(2026, 10, 22), at="18:05", zone=ZONE),
    ended=Instant(on=date(2026, 10, 24), at="10:20", zone=ZONE),
    ongoing=False,
    nature=(Nature.CONFIDENTIALITY,),
    origin=Origin.PUBLICATION,
    cause=Cause.INTERNAL_ACCIDENTAL,
    data=(DataKind.IDENTITY, DataKind.CONTACT),
    persons=(PersonKind.USERS,),
    description="Un export des comptes d’utilisateurs, déposé pour une opération de maintenance, "
    "est resté accessible à une adresse publique.",
    contact="Alix Morel",
    contact_email="dpo@ponant.example",
    contact_phone="04 00 00 00 12",
    measures_taken="Adresse fermée, export supprimé, journaux d’accès conservés.",
)
"""As told first: T0 and T0 + 48 h lie on both sides of the night in which clocks are put back."""

MORE = replace(
    PUBLISHED,
    consequences="Hameçonnage ciblé des agents dont l’adresse professionnelle figure dans "
    "l’export.",
    measures_before="Journalisation des accès ; dépôts temporaires réservés au réseau interne.",
    measures_planned="Contrôle automatique des dépôts temporaires.",
)
FINAL = replace(
    MORE,
    description=f"{MORE.description} Les journaux montrent deux téléchargements depuis une même "
    "adresse.",
    measures_taken=f"{MORE.measures_taken} Mots de passe renouvelés ; contrôle automatique des "
    "dépôts en service depuis le 5 novembre 2026.",
    measures_planned="",
)
TOLD_AT = datetime(2026, 10, 26, 7, 10, tzinfo=UTC)
"""08:10 in Paris: 50 minutes before the time was over."""
MORE_AT = datetime(2026, 10, 28, 15, 0, tzinfo=UTC)
FINAL_AT = datetime(2026, 11, 6, 10, 30, tzinfo=UTC)
CLOSED_AT = datetime(2026, 11, 6, 11, 0, tzinfo=UTC)
HANDED_ON = date(2026, 10, 28)
NUMBERS: Mapping[str, tuple[int, int]] = {
    "CA-ANNELAC": (140, 310),
    "EM-RHINBOURG": (620, 1480),
    "SAINTE-FLORE": (18, 41),
    "BEAUCHENE": (22, 47),
    "ESCH-RIVIERE": (35, 90),
    "ALTKIRCHEN": (27, 63),
    "UNIV-CLAIRMONT": (910, 2150),
}

STOLEN = Breach(
    title="Vol de l’ordinateur portable d’un technicien de maintenance",
    aware_reason="Le technicien a déclaré le vol et confirmé ce que le poste contenait.",
    services=("P3",),
    certainty=Certainty.ESTABLISHED,
    discoverer=Discoverer.STAFF,
    nature=(Nature.CONFIDENTIALITY,),
    origin=Origin.DEVICE,
    cause=Cause.EXTERNAL_MALICIOUS,
    data=(DataKind.ACCESS, DataKind.CONTACT),
    description="L’ordinateur portable d’un technicien a été volé dans un train. Son disque est "
    "chiffré ; une session de télémaintenance pouvait encore être ouverte.",
    contact="Alix Morel",
    contact_email="dpo@ponant.example",
    contact_phone="04 00 00 00 12",
    measures_taken="Session fermée à distance, identifiants de télémaintenance renouvelés.",
    measures_planned="Examen des journaux de télémaintenance.",
)
FIRST_FOUND, FOUND_LATER = ("CA-ANNELAC", "UNIV-CLAIRMONT"), ("VILLE-MONTVAL",)
SINCE, TOLD_SINCE, LATER_SINCE = timedelta(hours=20), timedelta(hours=6), timedelta(hours=3)
"""How long before the present the running one became known, was told, and was found to be wider."""


def load(act: Act) -> None:
    """Enters the breaches; the parties and the register are there.

    What has not happened yet is left out: the closed breach has its own dates.
    """
    if act.now > CLOSED_AT:
        _closed(act)
    _running(act)


def _closed(act: Act) -> None:
    head = operations.record(act, PUBLISHED, reason="Première inscription")
    head.recorded_at = datetime(2026, 10, 24, 8, 25, tzinfo=UTC)
    _touch(act, head, tuple(NUMBERS), "P4 – Hébergement des applications")
    _count(act, head, NUMBERS)
    notifying.notify(act, head.id, Step.FIRST, 1, TOLD_AT)
    _follow_letters(act, head, (Step.FIRST, TOLD_AT.date()), PostalEvent.DEPOSITED)
    handed = (Step.FIRST, HANDED_ON)
    _follow_letters(act, head, handed, PostalEvent.HANDED_OVER, "SAINTE-FLORE")
    _acknowledged(act, head, "SAINTE-FLORE", date(2026, 10, 26))
    operations.change(act, head.id, MORE, 1, "Analyse des journaux")
    notifying.notify(act, head.id, Step.MORE, 2, MORE_AT)
    _follow_letters(act, head, (Step.MORE, MORE_AT.date()), PostalEvent.DEPOSITED)
    operations.change(act, head.id, FINAL, 2, "Fin de l’examen")
    notifying.notify(act, head.id, Step.CLOSING, 3, FINAL_AT)
    _follow_letters(act, head, (Step.CLOSING, FINAL_AT.date()), PostalEvent.DEPOSITED)
    operations.close(act, head.id, Phase.CLOSED, "Examen terminé, mesures en place.")
    head.ended_at = CLOSED_AT


def _running(act: Act) -> None:
    known = replace(
        STOLEN,
        aware=_instant(act.now - SINCE),
        detected=_instant(act.now - SINCE - timedelta(minutes=35)),
    )
    head = operations.record(act, known, reason="Première inscription")
    head.recorded_at = act.now - SINCE + timedelta(minutes=12)
    why = "P3 – Maintenance et télémaintenance"
    _touch(act, head, FIRST_FOUND, why)
    _count(act, head, {"CA-ANNELAC": (6, 6)})
    notifying.notify(act, head.id, Step.FIRST, 1, act.now - TOLD_SINCE)
    _touch(act, head, FOUND_LATER, why, act.now - LATER_SINCE)


def _instant(moment: datetime) -> Instant:
    local = moment.astimezone(ZoneInfo(ZONE))
    return Instant(on=local.date(), at=f"{local:%H:%M}", zone=ZONE, second=bool(local.fold))


def _touch(
    act: Act, head: Head, codes: tuple[str, ...], why: str, known_at: datetime | None = None
) -> None:
    act.session.flush()
    found = [
        Touched(contract.controller_id, contract.id, why)
        for contract in act.session.scalars(
            sa.select(Contract)
            .join(Controller, Controller.id == Contract.controller_id)
            .join(ContractService, ContractService.contract_id == Contract.id)
            .where(Controller.code.in_(codes), ContractService.code == why.partition(" ")[0])
            .order_by(Contract.sorted)
        )
    ]
    finding.touch(act, head.id, found, known_at)


def _count(act: Act, head: Head, numbers: Mapping[str, tuple[int, int]]) -> None:
    act.session.flush()
    query = (
        sa.select(Affected.id, Controller.code)
        .join(Controller, Controller.id == Affected.controller_id)
        .where(Affected.breach_id == head.id, Controller.code.in_(numbers))
    )
    found = {row[0]: numbers[row[1]] for row in act.session.execute(query)}
    finding.count_persons(act, head.id, found)


def _follow_letters(
    act: Act, head: Head, told: tuple[Step, date], event: PostalEvent, leave_out: str = ""
) -> None:
    step, day = told
    query = (
        sa.select(Dispatch.id, Controller.code)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .join(Controller, Controller.id == Dispatch.controller_id)
        .where(
            of_breach(head.id),
            Notice.kind == notifying.STEPS[step],
            Dispatch.channel.in_(BY_POST),
        )
        .order_by(Controller.sorted)
    )
    slips = [
        (row[0], Slip(event, day, f"2C {head.latest} 200 {place:03} 4"))
        for place, row in enumerate(act.session.execute(query), 1)
        if row[1] != leave_out
    ]
    post.follow_posts(act, slips)


def _acknowledged(act: Act, head: Head, code: str, day: date) -> None:
    query = (
        sa.select(Matter.id)
        .join(Notice, Notice.id == Matter.notice_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .where(Notice.cause == f"breach:{head.id}:{Step.FIRST.value}", Controller.code == code)
    )
    proof = Proof(Evidence.REPLY, day, "« Bien reçu », par courriel.")
    receipts.receive(act, list(act.session.scalars(query)), proof)
