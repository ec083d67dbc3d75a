"""The activities and sub-processors of the fictional publisher (legal ground truth, F3)."""

from datetime import date

from registers.activities.facts import (
    Activity,
    BackupRule,
    DataCategory,
    Purpose,
    Recipient,
    RetentionRule,
    Use,
)
from registers.activities.vocabulary import (
    ActivityRole,
    DataGroup,
    Outcome,
    Sensitivity,
    Trigger,
)
from registers.kernel.periods import Unit
from registers.sample.measures import MEASURES
from registers.subprocessors.facts import (
    Guarantee,
    Obligation,
    Site,
    SiteRole,
    State,
    Subprocessor,
)

SINCE = date(2018, 5, 25)
REVIEW = date(2027, 1, 15)

SUBPROCESSORS: dict[str, Subprocessor] = {
    "OVH": Subprocessor(
        name="OVH SAS",
        registration="RCS Lille Métropole 424 761 419",
        address="2 rue Kellermann",
        postcode="59100",
        city="Roubaix",
        processing="Hébergement de l’infrastructure (IaaS) des applications.",
        delimitation="L’hébergeur fournit les serveurs et les locaux ; l’administration des "
        "systèmes et des applications reste à l’éditeur.",
        sites=(
            Site(
                name="Gravelines",
                role=SiteRole.PRIMARY,
                postcode="59820",
                city="Gravelines",
                note="Site audité par le SIAF.",
            ),
            Site(
                name="Strasbourg",
                role=SiteRole.SECONDARY,
                postcode="67000",
                city="Strasbourg",
                note="Site audité par le SIAF.",
            ),
        ),
        no_transfer=True,
        state=State.ENGAGED,
        engaged_on=SINCE,
    ),
    "SCALEWAY": Subprocessor(
        name="Scaleway SAS",
        registration="RCS Paris 433 115 904",
        address="8 rue de la Ville-l’Évêque",
        postcode="75008",
        city="Paris",
        processing="Conservation des sauvegardes chiffrées, hors du site d’hébergement.",
        delimitation="Les sauvegardes sont chiffrées avant leur envoi ; l’éditeur seul détient "
        "les clés.",
        sites=(
            Site(
                name="DC3",
                role=SiteRole.BACKUP,
                postcode="94081",
                city="Vitry-sur-Seine",
            ),
        ),
        no_transfer=True,
        state=State.ENGAGED,
        engaged_on=SINCE,
    ),
    "REPRISE": Subprocessor(
        name="Reprise & Accompagnement (fictif)",
        address="12 rue des Ateliers",
        postcode="44120",
        city="Vertou",
        contact_name="Camille Aubry",
        contact_function="Responsable de la protection des données",
        contact_email="dpo@reprise.example",
        processing="Entretiens d’accompagnement à la reprise du travail.",
        contract_reference="ST-2024-07",
        contract_starts_on=date(2024, 7, 1),
        flow_down=tuple(Obligation),
        guarantees=(
            Guarantee(
                name="Attestation d’audit de sécurité",
                reference="ATT-2025-118",
                checked_on=date(2025, 12, 3),
                expires_on=date(2026, 12, 31),
            ),
        ),
        sites=(Site(name="Vertou", role=SiteRole.OFFICE, postcode="44120", city="Vertou"),),
        no_transfer=True,
        state=State.ENGAGED,
        engaged_on=date(2024, 7, 1),
    ),
}

SIX_FIELDS = DataCategory(
    name="Coordonnées professionnelles des référents",
    group=DataGroup.WORKING_LIFE,
    items=(
        "civilité",
        "nom",
        "prénom",
        "adresse électronique professionnelle",
        "téléphone fixe, mobile et télécopie professionnels",
        "fonction et service",
    ),
)
REFERENTS = "Référents identifiés (sous contrat de travail)"
HOSTING = (
    Use(
        code="OVH",
        processing="Hébergement des applications",
        sites=("Gravelines", "Strasbourg"),
    ),
    Use(code="SCALEWAY", processing="Sauvegardes chiffrées externalisées", sites=("DC3",)),
)
TWO_YEARS = RetentionRule(
    name="Données de support, toutes copies et sous-traitants compris",
    trigger=Trigger.SERVICE_END,
    amount=2,
    unit=Unit.YEARS,
    outcome=Outcome.ERASE_OR_ANONYMISE,
)
THIRTY_DAYS = RetentionRule(
    name="Identifiants et mots de passe de télémaintenance",
    trigger=Trigger.CONTRACT_END,
    amount=30,
    unit=Unit.DAYS,
)
OPERATORS = RetentionRule(
    name="Identifiants propres à chaque opérateur sur les serveurs du responsable de traitement",
    trigger=Trigger.CONTRACT_END,
    amount=30,
    unit=Unit.DAYS,
)
BACKUPS = (
    BackupRule(
        name="Incrémentale",
        schedule="du lundi au vendredi à 12 h 30 et 18 h 30",
        amount=24,
        unit=Unit.HOURS,
    ),
    BackupRule(name="Différentielle", schedule="du lundi au vendredi à 23 h", amount=8),
    BackupRule(name="Complète hebdomadaire", schedule="le samedi à 23 h", amount=15),
    BackupRule(name="Complète mensuelle", schedule="le 1er du mois", amount=93),
)
ORGANISATIONAL = tuple(code for code in MEASURES if code.startswith("ORG-"))
TECHNICAL = tuple(code for code in MEASURES if code.startswith(("LOG-", "FLUX-", "CTL-")))

ACTIVITIES: dict[str, Activity] = {
    "P1": Activity(
        name="Relation contractuelle",
        summary="Gestion de la relation avec les référents désignés par le responsable de "
        "traitement.",
        operations=("enregistrement", "consultation", "mise à jour", "facturation", "effacement"),
        purposes=(
            Purpose(name="Facturation", parts=("émission des factures", "suivi des paiements")),
            Purpose(name="Relation commerciale", parts=("suivi du contrat", "renouvellement")),
        ),
        data_subjects=(REFERENTS,),
        data=(SIX_FIELDS,),
        recipients=(
            Recipient(name="Service commercial", internal=True),
            Recipient(name="Service de facturation", internal=True),
        ),
        no_transfer=True,
        retention=(
            RetentionRule(
                name="Données des référents",
                trigger=Trigger.CONTRACT_END,
                text="Pendant le contrat, puis selon l’activité de prospection (P1-PRO).",
            ),
        ),
        measures=(*ORGANISATIONAL, "LOG-AUTHENTIFICATION", "FLUX-CHIFFREMENT"),
        review_on=REVIEW,
    ),
    "P1-PRO": Activity(
        name="Prospection commerciale",
        role=ActivityRole.CONTROLLER,
        summary="Information des anciens référents sur les produits, pour le compte de l’éditeur "
        "lui-même.",
        operations=("conservation", "envoi de messages", "gestion des oppositions"),
        purposes=(Purpose(name="Prospection commerciale"),),
        data_subjects=(REFERENTS,),
        data=(SIX_FIELDS,),
        recipients=(Recipient(name="Service commercial", internal=True),),
        no_transfer=True,
        retention=(
            RetentionRule(
                name="Données des référents",
                trigger=Trigger.RELATION_END,
                amount=3,
                unit=Unit.YEARS,
                text="Durée maximale.",
            ),
        ),
        measures=(*ORGANISATIONAL, "LOG-AUTHENTIFICATION", "FLUX-CHIFFREMENT"),
        review_on=REVIEW,
    ),
    "P2": Activity(
        name="Support",
        summary="Assistance aux utilisateurs des applications.",
        operations=("enregistrement des demandes", "réponse", "information des référents"),
        purposes=(
            Purpose(
                name="Support",
                parts=(
                    "annonces de maintenance et d’interruption",
                    "information sur les produits",
                    "réponse aux demandes",
                ),
            ),
        ),
        data_subjects=(REFERENTS,),
        data=(SIX_FIELDS,),
        recipients=(Recipient(name="Équipe de support", internal=True),),
        no_transfer=True,
        retention=(TWO_YEARS,),
        measures=(*ORGANISATIONAL, *TECHNICAL),
        review_on=REVIEW,
    ),
    "P3": Activity(
        name="Maintenance et télémaintenance",
        summary="Interventions à distance sur les systèmes du responsable de traitement, chacune "
        "déclenchée par un ticket, tracée et précédée d’un accord exprès.",
        operations=("prise de main à distance", "diagnostic", "correction", "compte rendu"),
        purposes=(Purpose(name="Maintenance des applications"),),
        data_subjects=(REFERENTS, "Agents utilisateurs"),
        data=(
            SIX_FIELDS,
            DataCategory(
                name="Identifiants de télémaintenance",
                group=DataGroup.CREDENTIALS,
                items=("identifiants", "mots de passe"),
                safeguards="Propres à chaque opérateur ; ceux des postes ne sont jamais conservés.",
            ),
        ),
        recipients=(Recipient(name="Équipe de maintenance", internal=True),),
        no_transfer=True,
        retention=(
            THIRTY_DAYS,
            OPERATORS,
            RetentionRule(
                name="Données consultées pendant une intervention",
                trigger=Trigger.INTERVENTION_END,
                text="Jamais conservées, sauf autorisation expresse du responsable de traitement.",
            ),
        ),
        measures=(*ORGANISATIONAL, *TECHNICAL),
        review_on=REVIEW,
    ),
    "P4": Activity(
        name="Hébergement des applications",
        summary="Hébergement de la plateforme de télétransmission des actes et des flux "
        "comptables.",
        operations=("hébergement", "sauvegarde", "restauration", "synchronisation d’annuaire"),
        purposes=(Purpose(name="Mise à disposition des applications hébergées"),),
        data_subjects=("Agents utilisateurs", "Tiers saisis dans les applications"),
        data=(
            DataCategory(
                name="Utilisateurs",
                group=DataGroup.WORKING_LIFE,
                items=(
                    "nom",
                    "prénom",
                    "adresse électronique professionnelle",
                    "téléphone professionnel",
                    "fonction",
                    "données synchronisées de l’annuaire",
                ),
            ),
            DataCategory(
                name="Tiers",
                items=(
                    "nom",
                    "prénom",
                    "adresse électronique professionnelle",
                    "adresse postale",
                ),
            ),
        ),
        recipients=(Recipient(name="Équipe d’exploitation", internal=True),),
        subprocessors=HOSTING,
        no_transfer=True,
        retention=(
            RetentionRule(
                name="Données hébergées",
                trigger=Trigger.CONTRACT_END,
                amount=30,
                unit=Unit.DAYS,
                text="Après restitution ou sur instruction ; visa d’élimination des archives "
                "publiques réservé.",
            ),
        ),
        backups=BACKUPS,
        measures=tuple(MEASURES),
        review_on=REVIEW,
    ),
    "P5": Activity(
        name="Supervision",
        summary="Surveillance technique des plateformes.",
        operations=("collecte de mesures techniques", "alerte"),
        no_personal_data=True,
        no_transfer=True,
        measures=("CTL-SUPERVISION", "CTL-TESTS"),
        review_on=REVIEW,
    ),
    "P6": Activity(
        name="Accompagnement à la reprise du travail",
        summary="Accompagnement de salariés en arrêt de travail, à la demande de l’employeur.",
        operations=("prise de contact", "entretiens", "orientation"),
        purposes=(Purpose(name="Préparer la reprise du travail"),),
        data_subjects=("Bénéficiaires de l’accompagnement",),
        data=(
            DataCategory(
                name="Identité et employeur",
                items=("nom", "prénom", "coordonnées", "employeur", "dates d’arrêt"),
            ),
            DataCategory(
                name="Données de santé",
                group=DataGroup.PERSONAL_LIFE,
                items=("restrictions et aménagements évoqués en entretien",),
                sensitivity=Sensitivity.HEALTH,
                safeguards="Accès réservé aux accompagnants ; consentement recueilli par "
                "l’employeur avant la transmission.",
            ),
        ),
        recipients=(Recipient(name="Accompagnants", internal=True),),
        subprocessors=(Use(code="REPRISE", processing="Entretiens", sites=("Vertou",)),),
        no_transfer=True,
        retention=(
            RetentionRule(
                name="Dossier d’accompagnement",
                trigger=Trigger.SERVICE_END,
                text="Délais de prescription légale.",
            ),
        ),
        measures=(*ORGANISATIONAL, "LOG-AUTHENTIFICATION", "FLUX-CHIFFREMENT"),
        review_on=date(2026, 12, 1),
    ),
    "REG": Activity(
        name="Tenue du registre, notifications et preuves",
        role=ActivityRole.CONTROLLER,
        summary="Tenue du présent registre par l’éditeur : points de contact, informations "
        "préalables, notifications, preuves de réception, comptes du personnel.",
        operations=(
            "enregistrement",
            "envoi de messages",
            "conservation des preuves",
            "effacement",
        ),
        purposes=(
            Purpose(
                name="Respect et preuve des obligations de sous-traitant",
                parts=("art. 28, 30 et 33 du RGPD", "preuve en cas de litige"),
            ),
        ),
        data_subjects=(REFERENTS, "Délégués à la protection des données", "Personnel de l’éditeur"),
        data=(
            SIX_FIELDS,
            DataCategory(
                name="Preuves",
                group=DataGroup.WORKING_LIFE,
                items=("nom et fonction de qui reçoit ou s’oppose", "bordereaux", "messages"),
            ),
            DataCategory(
                name="Traces techniques",
                group=DataGroup.CONNECTION,
                items=("sessions", "adresses IP", "navigateur"),
            ),
        ),
        recipients=(
            Recipient(name="Délégué à la protection des données", internal=True),
            Recipient(name="Service juridique", internal=True),
        ),
        no_transfer=True,
        retention=(
            RetentionRule(
                name="Messages, preuves de réception, objections, documents",
                trigger=Trigger.CONTRACT_END,
                amount=5,
                unit=Unit.YEARS,
                text="Prescription (C. civ., art. 2224) ; puis seules les empreintes demeurent.",
            ),
            RetentionRule(
                name="Points de contact qui n’exercent plus aucune fonction",
                trigger=Trigger.SERVICE_END,
                amount=3,
                unit=Unit.YEARS,
            ),
            RetentionRule(
                name="Traces techniques",
                trigger=Trigger.COLLECTION,
                amount=12,
                unit=Unit.MONTHS,
            ),
        ),
        measures=(*ORGANISATIONAL, "LOG-AUTHENTIFICATION", "FLUX-CHIFFREMENT"),
        review_on=REVIEW,
    ),
}
