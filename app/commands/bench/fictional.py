"""A sheet of fictional controllers with their contracts, as an organisation would import it.

The same count gives the same sheet. Whatever depends on how many there are is kept alike: a
shared DPO serves as many controllers among a hundred as among ten thousand.
"""

import random
from datetime import date, timedelta
from typing import NamedTuple

from registers.kernel.identifiers import fold
from registers.kernel.sheets import Sheet

FIRST_NAMES = (
    *("Adèle", "Aïcha", "Anaël", "Benoît", "Céline", "Chloé", "Damien", "Élodie", "Fabrice"),
    *("Françoise", "Gaëlle", "Hélène", "Inès", "Jérôme", "Karim", "Léa", "Loïc", "Maëva"),
    *("Mathieu", "Noémie", "Océane", "Pascal", "Raphaël", "Rémi", "Sébastien", "Thérèse", "Zoé"),
)
LAST_NAMES = (
    *("Aubry", "Bénard", "Berthelot", "Boyer", "Carré", "Chauvin", "Corre", "Delmas", "Évrard"),
    *("Fabre", "Garnier", "Guérin", "Hamon", "Jacquet", "Kerbrat", "Lefèvre", "Le Goff", "Marçais"),
    *(
        "Moreau",
        "N’Guyen",
        "Ollivier",
        "Payet",
        "Périer",
        "Quéméneur",
        "Roussel",
        "Séguin",
        "Vidal",
    ),
)
BEGINNINGS = (
    *("Aigue", "Beau", "Belle", "Bois", "Bourg", "Champ", "Château", "Clair", "Combe", "Croix"),
    *("Fontaine", "Font", "Grand", "Haute", "Mont", "Neuf", "Pierre", "Plan", "Pont", "Roche"),
    *("Saint-Aubin", "Saint-Éloi", "Sainte-Flore", "Saint-Maur", "Val", "Vieille", "Ville"),
)
ENDINGS = (
    *("bel", "bourg", "brune", "clos", "court", "fort", "franche", "joie", "lieu", "mare"),
    *("mont", "noire", "pré", "rive", "rouge", "sec", "sel", "val", "verte", "vigne"),
)
RIVERS = (
    "Aubette",
    "Cisse",
    "Douvre",
    "Eaunette",
    "Lergue",
    "Mauldre",
    "Orbiel",
    "Sévenne",
    "Vaure",
)
STREETS = ("rue de la Mairie", "place de l’Église", "avenue des Tilleuls", "rue du Lavoir")
PLACES = (
    *(("FR", "34"), ("FR", "29"), ("FR", "59"), ("FR", "74"), ("FR", "33"), ("FR", "44")),
    *(("FR", "67"), ("FR", "57"), ("FR", "974"), ("FR", "971"), ("BE", "1"), ("LU", "L-4")),
)
"""Countries and the beginnings of their postcodes; calendars follow from them."""

LENGTHS = {"FR": 5, "BE": 4, "LU": 6}
BODIES = (
    ("commune", "Commune de {}", "maire", 70),
    ("intercommunal", "Communauté de communes de {}", "président", 12),
    ("company", "Société des eaux de {}", "directrice générale", 6),
    ("establishment", "Syndicat mixte de {}", "présidente", 5),
    ("hospital", "Centre hospitalier de {}", "directeur", 4),
    ("university", "Université de {}", "présidente", 3),
)
SERVICES = ("P1 P2", "P1 P2 P4", "P1 P2 P3", "P1 P2 P4 P5", "P1 P2 P3 P4 P5", "P6")
TERMS = (
    ("30", "jours ouvrés", "48", "courriel + lrar", 82),
    ("30", "jours", "48", "courriel", 8),
    ("20", "jours ouvrés", "24", "courriel", 6),
    ("", "", "48", "courriel", 4),
)
HEADINGS = (
    *("code", "nom", "nature", "siret", "adresse", "code postal", "ville", "pays"),
    *("représentant", "qualité du représentant", "courriel notifications"),
    *("courriel violations", "dpo", "courriel du dpo", "contrat", "date de début", "date de fin"),
    *("activités", "délai d'objection", "unité d'objection", "délai de notification"),
    *("canaux", "reconduction", "préavis", "sort des données"),
)
SHARED_BY = 20
"""How many controllers a shared DPO serves."""

SECOND, THIRD = 0.14, 0.03
"""The shares of controllers with a second and with a third contract."""


class Place(NamedTuple):
    """A fictional town."""

    name: str
    country: str
    postcode: str


def sheet(controllers: int) -> Sheet:
    """A sheet of so many controllers; some have two or three rows, one for each contract."""
    rows: list[list[str]] = []
    for number in range(1, controllers + 1):
        chance = random.Random(number)  # noqa: S311 no secret
        body = _body(chance, number)
        extra = chance.random()
        count = 1 + (extra < SECOND) + (extra < THIRD)
        rows += ([*body, *_contract(chance, number, which)] for which in range(1, count + 1))
    return Sheet(list(HEADINGS), list(enumerate(rows, 2)))


def code(number: int) -> str:
    """The code of a controller, by its place in the sheet."""
    return f"CT-{number:05d}"


def reference(number: int, which: int = 1) -> str:
    """The reference of one of its contracts."""
    return f"DPA-{number:05d}-{which}"


def _body(chance: random.Random, number: int) -> list[str]:
    place = _place(chance)
    weights = [body[3] for body in BODIES]
    nature, name, quality, _weight = chance.choices(BODIES, weights)[0]
    domain = f"{_plain(place.name)}-{number}.example"
    officer = _person(chance)
    shared = chance.random() < 0.5  # noqa: PLR2004 half of them
    if shared:
        group = number // SHARED_BY
        officer = _person(random.Random(f"officer {group}"))  # noqa: S311 no secret
    at = f"mutualisation-{number // SHARED_BY}.example" if shared else domain
    return [
        code(number),
        name.format(place.name),
        nature,
        _siret(chance) if place.country == "FR" else "",
        f"{chance.randint(1, 90)} {chance.choice(STREETS)}",
        place.postcode,
        place.name,
        place.country,
        _person(chance),
        quality,
        f"notifications@{domain}",
        f"astreinte@{domain}",
        officer,
        f"{_plain(officer)}@{at}",
    ]


def _contract(chance: random.Random, number: int, which: int) -> list[str]:
    start = date(2021, 1, 1) + timedelta(days=chance.randint(0, 2000))
    end = start.replace(year=start.year + chance.choice((1, 3, 4)), day=1)
    amount, unit, hours, channels, _weight = chance.choices(TERMS, [each[4] for each in TERMS])[0]
    return [
        reference(number, which),
        start.isoformat(),
        f"{end:%d/%m/%Y}",
        chance.choice(SERVICES),
        amount,
        unit,
        hours,
        channels,
        chance.choice(("tacite", "expresse")),
        "3 mois",
        chance.choice(("effacement", "restitution puis effacement")),
    ]


def _place(chance: random.Random) -> Place:
    name = chance.choice(BEGINNINGS) + chance.choice(ENDINGS)
    if chance.random() < 0.4:  # noqa: PLR2004 four in ten
        name += f"-sur-{chance.choice(RIVERS)}"
    country, begins = chance.choice(PLACES)
    missing = LENGTHS[country] - len(begins)
    return Place(name, country, begins + f"{chance.randrange(10**missing):0{missing}d}")


def _person(chance: random.Random) -> str:
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def _plain(name: str) -> str:
    kept = (each if each.isalnum() else "-" for each in fold(name))
    return "".join(kept).strip("-")


def _siret(chance: random.Random) -> str:
    """Fourteen digits of the right form that begin as none of the real ones does."""
    siren = f"999{chance.randrange(10**5):05d}"
    begins = f"{siren}{_check_digit(siren)}0001"
    return begins + _check_digit(begins)


def _check_digit(digits: str) -> str:
    doubled = (int(each) * (2 - at % 2) for at, each in enumerate(reversed(digits)))
    return str(-sum(each - 9 * (each > 9) for each in doubled) % 10)  # noqa: PLR2004 Luhn
