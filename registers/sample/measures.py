"""The measures of the fictional publisher: the five families of the contract's security annex."""

from registers.activities.facts import Measure, Responsibility
from registers.activities.vocabulary import Answerer, Family
from registers.controllers.vocabulary import Hosting

HOSTED = Responsibility(hosting=Hosting.HOSTED, answerer=Answerer.ORGANISATION)
BY_SITE = Responsibility(hosting=Hosting.HOSTED, answerer=Answerer.SUBPROCESSOR)
ON_PREMISE = Responsibility(hosting=Hosting.ON_PREMISE, answerer=Answerer.CONTROLLER)
TELESERVICE = Responsibility(hosting=Hosting.TELESERVICE, answerer=Answerer.ORGANISATION)
EVERYWHERE = tuple(Responsibility(hosting=mode, answerer=Answerer.ORGANISATION) for mode in Hosting)


def _measure(
    name: str,
    description: str,
    family: Family,
    serves: str,
    answers: tuple[Responsibility, ...] = (HOSTED, ON_PREMISE),
) -> Measure:
    letters, *headings = serves.split()
    return Measure(
        name=name,
        description=description,
        family=family,
        articles=tuple(letters),
        headings=tuple(headings),
        responsibilities=answers,
    )


MEASURES: dict[str, Measure] = {
    "PHY-ACCES": _measure(
        "Contrôle des accès physiques",
        "Clôtures, badges RFID nominatifs, sas unipersonnel, vidéosurveillance, visiteurs "
        "accompagnés et inscrits, équipes présentes 24 h/24 et 7 j/7.",
        Family.PHYSICAL,
        "b 8",
        (BY_SITE, ON_PREMISE),
    ),
    "PHY-ENERGIE": _measure(
        "Continuité électrique",
        "Double adduction électrique, onduleurs, protection contre les surtensions, groupes "
        "électrogènes d’une autonomie de 48 heures.",
        Family.PHYSICAL,
        "bc 2 8",
        (BY_SITE, ON_PREMISE),
    ),
    "PHY-INCENDIE": _measure(
        "Protection contre l’incendie et les dégâts des eaux",
        "Détection et extinction automatiques selon les règles APSAD R4 et N4, détection de "
        "fuites, salles hors zone inondable.",
        Family.PHYSICAL,
        "b 8",
        (BY_SITE, ON_PREMISE),
    ),
    "PHY-RESEAU": _measure(
        "Adductions réseau redondantes",
        "Deux arrivées réseau par des chemins distincts et protection contre les dénis de "
        "service distribués.",
        Family.PHYSICAL,
        "b 2",
        (BY_SITE, ON_PREMISE),
    ),
    "ORG-RESPONSABILITES": _measure(
        "Responsabilités et habilitations",
        "Responsable de la sécurité désigné, habilitations attribuées selon le besoin d’en "
        "connaître, revues chaque semestre et retirées au départ.",
        Family.ORGANISATIONAL,
        "b 5 11",
    ),
    "ORG-CONFIDENTIALITE": _measure(
        "Engagements de confidentialité et sensibilisation",
        "Engagement individuel signé par chaque membre du personnel depuis le 25 mai 2018 ; "
        "sensibilisation à l’arrivée, puis chaque année.",
        Family.ORGANISATIONAL,
        "b 11 16",
    ),
    "ORG-INCIDENTS": _measure(
        "Gestion des incidents et de crise",
        "Procédure de qualification, d’escalade et de notification des violations ; cellule de "
        "crise et astreinte.",
        Family.ORGANISATIONAL,
        "bc 3 11",
    ),
    "ORG-CONTINUITE": _measure(
        "Plans de continuité et politique de sécurité",
        "Plan de continuité d’activité, plan de secours informatique et politique de sécurité "
        "des systèmes d’information, éprouvés une fois par an.",
        Family.ORGANISATIONAL,
        "cd 3 4",
    ),
    "ORG-ASSISTANCE": _measure(
        "Assistance au responsable de traitement",
        "Les demandes des personnes concernées sont transmises par courriel dès leur réception ; "
        "les violations sont notifiées avec les éléments utiles à leur déclaration ; les "
        "informations nécessaires aux analyses d’impact sont fournies sur demande.",
        Family.ORGANISATIONAL,
        "b 18",
        EVERYWHERE,
    ),
    "ORG-CHAINE": _measure(
        "Assistance par les sous-traitants ultérieurs",
        "Les mêmes obligations leur sont imposées par contrat : transmission immédiate des "
        "demandes et des violations à l’éditeur, qui les relaie au responsable de traitement.",
        Family.ORGANISATIONAL,
        "b 19",
        EVERYWHERE,
    ),
    "LOG-DURCISSEMENT": _measure(
        "Durcissement et correctifs",
        "Configurations durcies, correctifs de sécurité appliqués selon leur gravité, services "
        "inutiles désactivés, antivirus à jour.",
        Family.LOGICAL,
        "b 10",
        (HOSTED, ON_PREMISE, TELESERVICE),
    ),
    "LOG-CLOISONNEMENT": _measure(
        "Cloisonnement des réseaux",
        "VLAN par environnement, zone démilitarisée, pare-feu et filtrage par liste blanche.",
        Family.LOGICAL,
        "b 2 6",
    ),
    "LOG-AUTHENTIFICATION": _measure(
        "Authentification et mots de passe",
        "Comptes nominatifs, second facteur pour l’administration, mots de passe d’au moins "
        "douze caractères, identifiants de serveur propres à chaque opérateur.",
        Family.LOGICAL,
        "b 5",
        (HOSTED, ON_PREMISE, TELESERVICE),
    ),
    "LOG-SAUVEGARDES": _measure(
        "Sauvegardes chiffrées et externalisées",
        "Sauvegardes BURP chiffrées, conservées hors du site d’hébergement, restaurations "
        "vérifiées chaque trimestre.",
        Family.LOGICAL,
        "ac 1 3 7",
        (HOSTED, ON_PREMISE, TELESERVICE),
    ),
    "FLUX-CHIFFREMENT": _measure(
        "Chiffrement et authentification des flux",
        "TLS pour tous les échanges, certificats clients pour les échanges entre machines, SSH "
        "pour l’administration.",
        Family.FLOWS,
        "ab 1 6",
        (HOSTED, ON_PREMISE, TELESERVICE),
    ),
    "CTL-SUPERVISION": _measure(
        "Supervision et détection d’intrusion",
        "Supervision continue (TICK, Sensu), détection d’intrusion automatique et revues "
        "manuelles ; chaque anomalie est communiquée.",
        Family.CONTROL,
        "bd 4 9",
    ),
    "CTL-TESTS": _measure(
        "Tests d’intrusion et de vulnérabilité",
        "Tests automatiques chaque semaine et manuels chaque année, suivis d’un plan d’action.",
        Family.CONTROL,
        "d 4 12",
    ),
}
