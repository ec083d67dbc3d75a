"""The fictional publisher, its eight controllers on different calendars, and their contracts."""

from dataclasses import dataclass
from datetime import date

from registers.controllers.facts import (
    Clause,
    Contact,
    Controller,
    Organisation,
    Service,
    Terms,
)
from registers.controllers.vocabulary import (
    Channel,
    ClauseState,
    ContactKind,
    ContactRole,
    ControllerKind,
    EndChoice,
    Hosting,
    Renewal,
)
from registers.kernel.identifiers import fold

ORGANISATION = Organisation(
    name="Éditions Logicielles du Ponant",
    legal_form="Société coopérative (SCOP) à responsabilité limitée",
    siret="99900010200015",
    register="RCS Montpellier 999 000 102",
    address="140 rue des Télégraphistes",
    postcode="34170",
    city="Castelnau-le-Lez",
    phone="04 00 00 00 10",
    email="contact@ponant.example",
    representative="Maëlle Kerbrat",
    representative_quality="présidente-directrice générale",
    dpo_name="Alix Morel",
    dpo_email="dpo@ponant.example",
    dpo_phone="04 00 00 00 12",
    dpo_address="140 rue des Télégraphistes, 34170 Castelnau-le-Lez",
)


@dataclass(frozen=True)
class Party:
    """A controller with its contacts by role, and its contracts without their owner."""

    code: str
    known: Controller
    contacts: dict[ContactRole, Contact]
    contracts: tuple[dict[str, object], ...]


def _mailbox(email: str, name: str = "", function: str = "") -> Contact:
    kind = ContactKind.PERSON if name else ContactKind.MAILBOX
    first, _, last = name.partition(" ")
    return Contact(kind=kind, email=email, first_name=first, name=last, function=function)


def _contacts(domain: str, dpo: str) -> dict[ContactRole, Contact]:
    return {
        ContactRole.NOTICE: _mailbox(f"notifications@{domain}"),
        ContactRole.BREACH: _mailbox(f"astreinte@{domain}"),
        ContactRole.DPO: _mailbox(
            f"{fold(dpo).replace(' ', '.')}@{domain}", dpo, "Délégué(e) à la protection des données"
        ),
    }


def _contract(
    reference: str, title: str, term: tuple[date, date], services: str, **more: object
) -> dict[str, object]:
    start, end = term
    return {
        "reference": reference,
        "title": title,
        "signed_on": start,
        "starts_on": start,
        "ends_on": end,
        "services": tuple(
            Service(code=code, hosting=Hosting(hosting) if hosting else None)
            for code, _, hosting in (each.partition(":") for each in services.split())
        ),
        "clauses": REVIEWED,
        "party_complete": True,
        "list_annexed": True,
        "terms": Terms(end_choice=EndChoice.RETURN_THEN_ERASE),
        **more,
    }


REVIEWED = tuple(
    Clause(code=letter, state=ClauseState.PRESENT, reference=reference)
    for letter, reference in zip(
        "abcdefgh",
        ("§ 7.5.1", "§ 7.5.2-3", "§ 7.5.8", "§ 7.6", "§ 7.5.5", "§ 7.5.6-7", "§ 7.5.9", "§ 7.9"),
        strict=True,
    )
)
AS_CONTRACT_001 = tuple(
    Clause(code=clause.code, state=ClauseState.PARTIAL, reference=clause.reference)
    if clause.code in {"d", "g"}
    else clause
    for clause in REVIEWED
)
PUBLISHER = "Maintenance, support et hébergement"

PARTIES: tuple[Party, ...] = (
    Party(
        "CA-ANNELAC",
        Controller(
            name="Communauté d’agglomération Annelac–Les Voiries",
            kind=ControllerKind.INTERCOMMUNAL,
            public_body=True,
            siret="99900011000018",
            address="11 avenue des Tilleuls, BP 225",
            postcode="74105",
            city="Annelac Cedex",
            representative="Solange Perrier",
            representative_quality="présidente",
            coordinates=("VILLE-MONTVAL",),
        ),
        _contacts("annelac-agglo.example", "Basile Fontanel"),
        (
            _contract(
                "CA-AL_CM_TT-WD",
                PUBLISHER,
                (date(2026, 3, 1), date(2027, 2, 28)),
                "P1 P2 P3:on_premise P4:hosted P5",
                clauses=AS_CONTRACT_001,
                party_complete=False,
                list_annexed=False,
                terms=Terms(
                    renewal=Renewal.CONTRADICTORY,
                    notice_channels=(Channel.EMAIL, Channel.REGISTERED_LETTER),
                ),
                note="La décision parle de reconduction tacite et de reconduction expresse.",
            ),
        ),
    ),
    Party(
        "EM-RHINBOURG",
        Controller(
            name="Eurométropole de Rhinbourg",
            kind=ControllerKind.INTERCOMMUNAL,
            public_body=True,
            siret="99900012800010",
            address="1 parc de l’Étoile",
            postcode="67000",
            city="Rhinbourg",
            representative="Odile Schaeffer",
            representative_quality="présidente",
            calendar="FR-67",
        ),
        _contacts("rhinbourg.example", "Théo Klein"),
        (
            _contract(
                "EMR-2025-114",
                PUBLISHER,
                (date(2025, 1, 1), date(2026, 12, 31)),
                "P1 P2 P4:hosted P5",
            ),
        ),
    ),
    Party(
        "SAINTE-FLORE",
        Controller(
            name="Commune de Sainte-Flore",
            kind=ControllerKind.COMMUNE,
            public_body=True,
            siret="99900013600013",
            address="2 rue de la Ravine",
            postcode="97412",
            city="Sainte-Flore",
            representative="Jean-Noël Hoareau",
            representative_quality="maire",
            calendar="FR-974",
            zone="Indian/Reunion",
        ),
        _contacts("sainte-flore.example", "Inès Payet"),
        (
            _contract(
                "SF-2026-02",
                PUBLISHER,
                (date(2026, 2, 1), date(2027, 1, 31)),
                "P1 P2 P4:hosted P5",
            ),
        ),
    ),
    Party(
        "VILLE-MONTVAL",
        Controller(
            name="Ville de Montval",
            kind=ControllerKind.COMMUNE,
            public_body=True,
            siret="99900014400017",
            address="Place de la Mairie",
            postcode="74100",
            city="Montval",
            representative="Hervé Bontemps",
            representative_quality="maire",
        ),
        _contacts("montval.example", "Lucie Arnaud"),
        (
            _contract(
                "MTV-2024-31",
                PUBLISHER,
                (date(2024, 9, 1), date(2027, 8, 31)),
                "P1 P2 P3:on_premise",
            ),
            _contract(
                "MTV-2025-07",
                "Accompagnement à la reprise du travail",
                (date(2025, 4, 1), date(2027, 3, 31)),
                "P6",
                terms=Terms(
                    breach_channels=(Channel.EMAIL,),
                    end_choice=EndChoice.ERASE,
                    objection_amount=None,
                    objection_effect=None,
                ),
                clauses=(),
            ),
        ),
    ),
    Party(
        "BEAUCHENE",
        Controller(
            name="Commune de Beauchêne-lez-Senne",
            kind=ControllerKind.COMMUNE,
            public_body=True,
            address="Grand-Place 1",
            postcode="1400",
            city="Beauchêne",
            country="BE",
            representative="Marie-Claire Dubois",
            representative_quality="bourgmestre",
            calendar="BE",
            zone="Europe/Brussels",
        ),
        _contacts("beauchene.example", "Koen Peeters"),
        (
            _contract(
                "BLS-2026-1",
                PUBLISHER,
                (date(2026, 1, 1), date(2027, 12, 31)),
                "P1 P2 P4:hosted P5",
            ),
        ),
    ),
    Party(
        "ESCH-RIVIERE",
        Controller(
            name="Ville d’Esch-la-Rivière",
            kind=ControllerKind.COMMUNE,
            public_body=True,
            address="Place de l’Hôtel-de-Ville",
            postcode="L-4002",
            city="Esch-la-Rivière",
            country="LU",
            representative="Paul Weber",
            representative_quality="bourgmestre",
            calendar="LU",
            zone="Europe/Luxembourg",
        ),
        _contacts("esch-riviere.example", "Anne Thill"),
        (
            _contract(
                "ELR-2026-09",
                PUBLISHER,
                (date(2026, 5, 1), date(2027, 4, 30)),
                "P1 P2 P4:hosted P5",
            ),
        ),
    ),
    Party(
        "ALTKIRCHEN",
        Controller(
            name="Stadt Altkirchen an der Lohe",
            kind=ControllerKind.COMMUNE,
            public_body=True,
            address="Marktplatz 3",
            postcode="83001",
            city="Altkirchen",
            country="DE",
            representative="Johanna Huber",
            representative_quality="Erste Bürgermeisterin",
            calendar="DE-BY",
            zone="Europe/Berlin",
            language="en",
        ),
        _contacts("altkirchen.example", "Florian Maier"),
        (
            _contract(
                "ALT-2026-3",
                "Maintenance, support and hosting",
                (date(2026, 4, 1), date(2028, 3, 31)),
                "P1 P2 P4:hosted P5",
            ),
        ),
    ),
    Party(
        "UNIV-CLAIRMONT",
        Controller(
            name="Université de Clairmont",
            kind=ControllerKind.UNIVERSITY,
            public_body=True,
            siret="99900015100012",
            address="34 avenue de l’Observatoire",
            postcode="63000",
            city="Clairmont",
            representative="Étienne Vasseur",
            representative_quality="président",
        ),
        _contacts("univ-clairmont.example", "Nour Belkacem"),
        (
            _contract(
                "UC-ADH-2023",
                "Convention d’adhésion : mode classique, mode hébergé et téléservices",
                (date(2023, 1, 1), date(2026, 12, 31)),
                "P1 P2:on_premise P3:teleservice P4:hosted P5",
                signed_on=None,
            ),
        ),
    ),
)
