"""The columns of an import: their headings in French and English, and what a cell can say."""

import enum
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from registers.controllers.facts import Span
from registers.controllers.vocabulary import (
    Authorisation,
    Channel,
    ControllerKind,
    EndChoice,
    ObjectionEffect,
    Renewal,
)
from registers.kernel import calendars, identifiers, periods
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import fold
from registers.kernel.periods import Unit
from registers.kernel.words import LANGUAGES, Named, Words, text

NOTHING = {"", "-", "–"}
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y")

HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("code", "identifiant"),
    "name": ("name", "nom", "raison sociale", "dénomination"),
    "kind": ("kind", "nature", "type"),
    "siret": ("siret", "siren"),
    "address": ("address", "adresse"),
    "postcode": ("postcode", "code postal", "cp"),
    "city": ("city", "ville", "commune"),
    "country": ("country", "pays"),
    "calendar": ("calendar", "calendrier", "territoire"),
    "zone": ("zone", "fuseau", "fuseau horaire"),
    "language": ("language", "langue"),
    "phone": ("phone", "téléphone", "tel"),
    "representative": ("representative", "représentant"),
    "representative_quality": (
        "representative_quality",
        "qualité du représentant",
        "qualité",
    ),
    "notice_email": ("notice_email", "courriel des notifications", "courriel notifications"),
    "breach_email": ("breach_email", "courriel des violations", "courriel violations"),
    "dpo_name": ("dpo_name", "nom du dpo", "dpo"),
    "dpo_email": ("dpo_email", "courriel du dpo"),
    "contract_reference": ("contract_reference", "référence du contrat", "contrat"),
    "contract_start": ("contract_start", "début du contrat", "date de début"),
    "contract_end": ("contract_end", "fin du contrat", "date de fin", "échéance"),
    "activities": ("activities", "activités", "traitements"),
    "objection_amount": ("objection_amount", "délai d’objection"),
    "objection_unit": ("objection_unit", "unité du délai d’objection", "unité d’objection"),
    "objection_effect": ("objection_effect", "effet de l’objection", "effet d’objection"),
    "authorisation": ("authorisation", "authorization", "autorisation"),
    "breach_hours": ("breach_hours", "heures de notification", "délai de notification"),
    "breach_channels": ("breach_channels", "canaux de notification", "canaux"),
    "update_notice": ("update_notice", "préavis de mise à jour"),
    "update_objection": ("update_objection", "opposition à une mise à jour"),
    "update_bound": ("update_bound", "limite de l’opposition à une mise à jour"),
    "renewal": ("renewal", "reconduction", "renouvellement"),
    "notice_period": ("notice_period", "préavis"),
    "end_choice": ("end_choice", "sort des données", "fin de contrat"),
}
"""Every column, by its name in the documentation, with the headings that mean it."""

_BY_HEADING = {
    fold(heading).replace("_", " "): column
    for column, headings in HEADINGS.items()
    for heading in headings
}

UNITS = {
    Unit.BUSINESS_DAYS: ("business days", "jours ouvrés", "jour ouvré", "jo"),
    Unit.JOURS_OUVRABLES: ("jours ouvrables", "jour ouvrable", "days from Monday to Saturday"),
    Unit.DAYS: ("days", "day", "jours", "jour", "jours calendaires", "calendar days"),
    Unit.MONTHS: ("months", "month", "mois"),
    Unit.YEARS: ("years", "year", "ans", "an", "années"),
}
ALSO: dict[type[Named], dict[str, Named]] = {
    ControllerKind: {
        "agglomeration": ControllerKind.INTERCOMMUNAL,
        "epci": ControllerKind.INTERCOMMUNAL,
        "intercommunalite": ControllerKind.INTERCOMMUNAL,
        "entreprise": ControllerKind.COMPANY,
        "societe": ControllerKind.COMPANY,
        "etablissement": ControllerKind.ESTABLISHMENT,
        "etat": ControllerKind.STATE,
        "mairie": ControllerKind.COMMUNE,
    },
    ObjectionEffect: {
        "opposition": ObjectionEffect.VETO,
        "refus": ObjectionEffect.VETO,
        "discussion": ObjectionEffect.TALKS,
        "concertation": ObjectionEffect.TALKS,
        "resiliation": ObjectionEffect.TERMINATION,
    },
    Authorisation: {
        "generale": Authorisation.GENERAL,
        "specifique": Authorisation.SPECIFIC,
        "mixte": Authorisation.MIXED,
    },
    Channel: {
        "courriel": Channel.EMAIL,
        "mail": Channel.EMAIL,
        "e-mail": Channel.EMAIL,
        "lrar": Channel.REGISTERED_LETTER,
        "recommande": Channel.REGISTERED_LETTER,
        "lre": Channel.ELECTRONIC_REGISTERED,
        "portail": Channel.PORTAL,
    },
    Renewal: {
        "tacite": Renewal.TACIT,
        "expresse": Renewal.EXPRESS,
        "aucune": Renewal.NONE,
        "non": Renewal.NONE,
        "contradictoire": Renewal.CONTRADICTORY,
    },
    EndChoice: {
        "effacement": EndChoice.ERASE,
        "destruction": EndChoice.ERASE,
        "suppression": EndChoice.ERASE,
        "restitution": EndChoice.RETURN,
        "restitution puis effacement": EndChoice.RETURN_THEN_ERASE,
    },
}
"""What else a cell may say for a member, folded, beside its value and its words."""


def named(heading: str) -> str | None:
    """The column that a heading means."""
    return _BY_HEADING.get(fold(heading).replace("_", " "))


def _refused(written: str, expected: str) -> Invalid:
    return Invalid(
        text(
            "“{written}” is not understood; expected {expected}.",
            written=written,
            expected=expected,
        )
    )


def member(kind: type[Named], written: str) -> Named:
    """The member of an enumeration that a cell names, by value, French or English words."""
    found = _members(kind).get(fold(written).replace("_", " "))
    if found is None:
        raise _refused(written, ", ".join(str(each.value) for each in kind))
    return found


def _members(kind: type[Named]) -> Mapping[str, Named]:
    if kind not in _KNOWN:
        _KNOWN[kind] = dict(ALSO.get(kind, {}))
        for each in kind:
            for name in (each.value, *(Words(language).say(each.says) for language in LANGUAGES)):
                _KNOWN[kind].setdefault(fold(name).replace("_", " "), each)
    return _KNOWN[kind]


_KNOWN: dict[type[enum.Enum], dict[str, Named]] = {}


def day(written: str) -> date:
    """A date, in the ISO form or as written in Europe."""
    for form in DATES:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    raise _refused(written, "2026-03-01 / 01/03/2026")


def whole(written: str) -> int:
    """A whole number, 0 or more."""
    if not re.fullmatch(r"\d{1,5}", written):
        raise _refused(written, "30")
    return int(written)


def unit(written: str) -> Unit:
    """A unit of time."""
    folded = fold(written).replace("_", " ")
    for each, names in UNITS.items():
        if folded in {each.value.replace("_", " "), *map(fold, names)}:
            return each
    raise _refused(written, ", ".join(each.value for each in UNITS))


def span(written: str) -> Span:
    """An amount of time: `2 months`, `2 mois`, `60 jours`; months when no unit is given."""
    found = re.fullmatch(r"(\d{1,4})\s*(.*)", written.strip())
    if not found:
        raise _refused(written, "2 months")
    return Span(int(found[1]), unit(found[2]) if found[2] else Unit.MONTHS)


def channels(written: str) -> tuple[Channel, ...]:
    """Channels, separated by commas, semicolons, plus signs or slashes, or by spaces alone."""
    parts: list[str] = []
    for part in re.split(r"[,;+/|]+", written):
        named = fold(part).replace("_", " ") in _members(Channel)
        parts += [part] if named else part.split()
    return tuple(dict.fromkeys(member(Channel, part) for part in parts))  # type: ignore[misc]


def codes(written: str) -> tuple[str, ...]:
    """Codes separated by spaces, commas or semicolons."""
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,;]+", written) if part))


def language(written: str) -> str:
    """A language of papers."""
    found = {"fr": "fr", "francais": "fr", "french": "fr", "en": "en", "english": "en"}
    code = found.get(fold(written)) or {"anglais": "en"}.get(fold(written))
    if code not in LANGUAGES:
        raise _refused(written, ", ".join(LANGUAGES))
    return code


def known_calendar(written: str) -> str:
    """A territory."""
    return calendars.calendar(written.strip()).code


def known_zone(written: str) -> str:
    """A time zone."""
    return periods.zone_named(written.strip()).key


READERS: dict[str, Callable[[str], Any]] = {
    "kind": partial(member, ControllerKind),
    "siret": identifiers.checked_siret,
    "country": identifiers.checked_country,
    "calendar": known_calendar,
    "zone": known_zone,
    "language": language,
    "notice_email": identifiers.checked_email,
    "breach_email": identifiers.checked_email,
    "dpo_email": identifiers.checked_email,
    "contract_start": day,
    "contract_end": day,
    "activities": codes,
    "objection_amount": whole,
    "objection_unit": unit,
    "objection_effect": partial(member, ObjectionEffect),
    "authorisation": partial(member, Authorisation),
    "breach_hours": whole,
    "breach_channels": channels,
    "update_notice": span,
    "update_objection": span,
    "update_bound": span,
    "renewal": partial(member, Renewal),
    "notice_period": span,
    "end_choice": partial(member, EndChoice),
}
"""How a cell of a column is read; columns not named here hold plain texts."""
