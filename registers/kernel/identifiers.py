"""Identifiers that have a right form: addresses, registration numbers, postcodes, countries."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

import pycountry
from babel import Locale
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as french_siren
from stdnum.fr import siret as french_siret

from registers.kernel.errors import Invalid
from registers.kernel.words import text

POSTCODES = {
    "AT": r"\d{4}",
    "BE": r"\d{4}",
    "BG": r"\d{4}",
    "CY": r"\d{4}",
    "CZ": r"\d{3} ?\d{2}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "EE": r"\d{5}",
    "ES": r"\d{5}",
    "FI": r"\d{5}",
    "FR": r"\d{5}",
    "GR": r"\d{3} ?\d{2}",
    "HR": r"\d{5}",
    "HU": r"\d{4}",
    "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
    "IT": r"\d{5}",
    "LU": r"(L-)?\d{4}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}(-\d{3})?",
    "RO": r"\d{6}",
    "SE": r"\d{3} ?\d{2}",
    "SI": r"\d{4}",
    "SK": r"\d{3} ?\d{2}",
    "LT": r"(LT-)?\d{5}",
    "LV": r"(LV-)?\d{4}",
    "MT": r"[A-Z]{3} ?\d{4}",
    "NO": r"\d{4}",
    "IS": r"\d{3}",
    "LI": r"\d{4}",
}
"""The forms of the EEA's postcodes; elsewhere anything is taken."""


@lru_cache(maxsize=10_000)
def fold(written: str) -> str:
    """A text as search and sorting see it: without accents, case and double spaces."""
    if written.isascii():
        return " ".join(written.lower().split())
    lower = written.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", lower)
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(kept.casefold().replace("’", "'").split())


_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}"
)


def _is_plain(lower: str) -> bool:
    """Whether an address is of the plainest form, which needs no library; most are."""
    name, _at, domain = lower.partition("@")
    return (
        _PLAIN_ADDRESS.fullmatch(lower) is not None
        and len(lower) <= 254  # noqa: PLR2004 RFC 5321
        and max(len(name), *map(len, domain.split("."))) < 64  # noqa: PLR2004 RFC 1035, 5321
        and domain.rpartition(".")[2] not in SPECIAL_USE_DOMAIN_NAMES
    )


@lru_cache(maxsize=50_000)
def checked_email(written: str) -> str:
    """An e-mail address in its normal form.

    Raises:
        Invalid: it cannot be one.
    """
    if _is_plain(lower := written.strip().lower()):
        return lower
    try:
        found = validate_email(written.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid(
            text("“{written}” is not an e-mail address.", written=written), "email"
        ) from error
    return found.normalized.lower()


@lru_cache(maxsize=50_000)
def checked_siret(written: str) -> str:
    """A SIRET (14 digits) or a SIREN (9 digits), without spaces, its check digits verified.

    Raises:
        Invalid: it is neither.
    """
    try:
        compact = french_siret.compact(written)
        if len(compact) == 9:  # noqa: PLR2004 a SIREN
            return str(french_siren.validate(compact))
        return str(french_siret.validate(compact))
    except ValidationError as error:
        raise Invalid(
            text("“{written}” is neither a SIRET nor a SIREN.", written=written), "siret"
        ) from error


def checked_postcode(written: str, country: str) -> str:
    """A postcode of a country.

    Raises:
        Invalid: postcodes there look otherwise.
    """
    compact = " ".join(written.upper().split())
    form = POSTCODES.get(country)
    if form and not re.fullmatch(form, compact):
        raise Invalid(
            text(
                "“{written}” is not a postcode of the country {country}.",
                written=written,
                country=country,
            ),
            "postcode",
        )
    return compact


@lru_cache(maxsize=1_000)
def checked_country(written: str) -> str:
    """The two letters of a country (ISO 3166-1), from them or from its name.

    Raises:
        Invalid: there is no such country.
    """
    folded = fold(written)
    found = _countries().get(folded)
    if found is None:
        raise Invalid(text("“{written}” is not a country.", written=written), "country")
    return found


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    known: Any = pycountry.countries
    found: dict[str, str] = {}
    for country in known:
        for name in (country.alpha_2, country.alpha_3, country.name):
            found.setdefault(fold(name), country.alpha_2)
    for language in ("fr", "en"):
        for code, name in Locale(language).territories.items():
            if fold(code) in found:
                found.setdefault(fold(name), code)
    return found


@lru_cache(maxsize=8)
def country_names(language: str) -> list[tuple[str, str]]:
    """All countries with their names in a language, those of the EEA first."""
    known: Any = pycountry.countries
    named = [(country.alpha_2, country_name(country.alpha_2, language)) for country in known]
    return sorted(named, key=lambda each: (each[0] not in POSTCODES, fold(each[1])))


def country_name(code: str, language: str) -> str:
    """The name of a country in a language."""
    return str(Locale(language).territories.get(code, code))


def checked_code(code: str) -> str:
    """A code that people can quote: letters, digits, dots, dashes.

    Raises:
        Invalid: it has something else in it, or nothing.
    """
    code = code.strip()
    if not 1 <= len(code) <= 60 or not all(each.isalnum() or each in "-_." for each in code):  # noqa: PLR2004
        raise Invalid(text("A code has 1 to 60 letters, digits, dots and dashes."), "code")
    return code
