"""Territories and their public holidays, for counting business days.

The data are those of the `holidays` library, save where it departs from the law: each departure
stands in this module with its source. A calendar may leave Good Friday out where it depends on
the commune, and may add the closures of an organisation.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache, partial
from importlib.metadata import version
from typing import Any
from zoneinfo import available_timezones

import holidays
import pycountry
from babel import Locale
from dateutil.easter import easter

from registers.kernel.errors import Invalid
from registers.kernel.words import Text, Words, text

SOURCE = f"holidays {version('holidays')}, greffe 1"
"""What the data come from; frozen with every deadline that was told to somebody."""

FIRST_YEAR, LAST_YEAR = 1990, 2150
"""Outside these years no calendar is vouched for."""

FRANCE = text("Labour Code, art. L3133-1")
ALSACE = text("Labour Code, art. L3134-13")
OVERSEAS = text("Labour Code, art. L3422-2")
LOCAL_LAW = text("public holidays of the territory")

ABOLITION: dict[str, tuple[int, int]] = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 28),
}
"""Overseas, the day that commemorates the abolition of slavery (L3422-2; the customary days
that the library adds are not in the Labour Code). Saint-Martin: see `_french`."""

ALSACE_MOSELLE = ("57", "67", "68")
ALIASES = {"FR-6AE": "FR-67", "FR-GF": "FR-973", "FR-BL": "FR-977", "FR-MF": "FR-978"}
FRENCH = ("57", "67", "68", "971", "972", "973", "974", "975", "976", "977", "978")

ABROAD = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "GR", "HR", "HU", "IE", "IT"),
    *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"),
)
"""The other countries of the European Union and of the European Economic Area."""

ZONES: dict[str, str] = {
    "FR-971": "America/Guadeloupe",
    "FR-972": "America/Martinique",
    "FR-973": "America/Cayenne",
    "FR-974": "Indian/Reunion",
    "FR-975": "America/Miquelon",
    "FR-976": "Indian/Mayotte",
    "FR-977": "America/St_Barthelemy",
    "FR-978": "America/Marigot",
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "BG": "Europe/Sofia",
    "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn",
    "ES": "Europe/Madrid",
    "ES-CN": "Atlantic/Canary",
    "FI": "Europe/Helsinki",
    "GR": "Europe/Athens",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IS": "Atlantic/Reykjavik",
    "IT": "Europe/Rome",
    "LI": "Europe/Vaduz",
    "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg",
    "LV": "Europe/Riga",
    "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "PT-20": "Atlantic/Azores",
    "PT-30": "Atlantic/Madeira",
    "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm",
    "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
}


FRENCH_NAMES = {
    "": text("metropolitan France"),
    "57": text("Moselle"),
    "67": text("Bas-Rhin"),
    "68": text("Haut-Rhin"),
    "971": text("Guadeloupe"),
    "972": text("Martinique"),
    "973": text("French Guiana"),
    "974": text("Réunion"),
    "975": text("Saint-Pierre-et-Miquelon"),
    "976": text("Mayotte"),
    "977": text("Saint-Barthélemy"),
    "978": text("Saint-Martin"),
}


LOCAL_NAMES = {
    "BE-Flemish": "Vlaamse Gemeenschap",
    "BE-French": "Communauté française",
    "BE-German": "Deutschsprachige Gemeinschaft",
    "IT-AO": "Valle d'Aosta",
    "NO-21": "Svalbard",
    "NO-22": "Jan Mayen",
    "NO-31": "Østfold",
    "NO-32": "Akershus",
    "NO-33": "Buskerud",
    "NO-39": "Vestfold",
    "NO-40": "Telemark",
    "NO-55": "Troms",
    "NO-56": "Finnmark",
}
"""Regions that ISO 3166-2 as packaged does not name, not yet, or with an English remark."""


class Calendar:
    """The business days of a territory.

    Args:
        code: a country or one of its regions: `FR`, `FR-67`, `DE-BY`.
        good_friday: whether Good Friday is a holiday in Alsace-Moselle, where that depends on
            the commune (L3134-13: where there is a Protestant church, or a mixed one).
        closures: further days on which this organisation does not work.
    """

    def __init__(
        self, code: str, *, good_friday: bool = True, closures: frozenset[date] = frozenset()
    ) -> None:
        self.code = code
        self.good_friday = good_friday
        self.closures = closures
        self.holidays: dict[date, str] = dict.fromkeys(sorted(closures), "") | _holidays(
            ALIASES.get(code, code), good_friday
        )
        ordinals = sorted(day.toordinal() for day in self.holidays)
        first = date(FIRST_YEAR, 1, 1).toordinal()
        last = date(LAST_YEAR, 12, 31).toordinal()
        free = set(ordinals)
        self._span = (first, last)
        # by number of working weekdays, Monday first: 5 jours ouvrés, 6 jours ouvrables
        self._counted = {
            weekdays: [
                day
                for day in range(first, last + 1)
                if (day - 1) % 7 < weekdays and day not in free
            ]
            for weekdays in (5, 6)
        }
        self._skipped = {
            weekdays: [day for day in ordinals if (day - 1) % 7 < weekdays] for weekdays in (5, 6)
        }

    def named(self) -> Callable[[str], str]:
        """The territory's name, for a text: a function of the language."""
        return partial(name_of, self.code)

    @property
    def depends_on_commune(self) -> bool:
        """Whether Good Friday is a holiday here in some communes only."""
        return ALIASES.get(self.code, self.code).removeprefix("FR-") in ALSACE_MOSELLE

    def is_business_day(self, day: date) -> bool:
        """Monday to Friday, and no holiday."""
        return day.weekday() < 5 and day not in self.holidays  # noqa: PLR2004 Saturday

    def next_business_day(self, day: date) -> date:
        """The day itself when it is a business day, else the first one after it."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def count(self, start: date, amount: int, weekdays: int = 5) -> tuple[date, list[date]]:
        """The last of so many counted days after the start, or before it for a negative amount.

        Args:
            start: the day of the event, itself not counted.
            amount: how many days; 0 gives the start.
            weekdays: 5 to count Monday to Friday, 6 to count Saturdays too.

        Returns:
            The day, and the holidays passed over on days otherwise counted.

        Raises:
            Invalid: it leads out of the years that are vouched for.
        """
        counted, holidays_on = self._counted[weekdays], self._skipped[weekdays]
        origin = start.toordinal()
        if not self._span[0] <= origin <= self._span[1]:
            raise _too_far()
        if amount == 0:
            return start, []
        if amount > 0:
            place = bisect_right(counted, origin) + amount - 1
        else:
            place = bisect_left(counted, origin) + amount
        if not 0 <= place < len(counted):
            raise _too_far()
        due = counted[place]
        low, high = (origin + 1, due) if amount > 0 else (due, origin - 1)
        passed = holidays_on[bisect_left(holidays_on, low) : bisect_right(holidays_on, high)]
        return date.fromordinal(due), [date.fromordinal(day) for day in passed]


def _too_far() -> Invalid:
    return Invalid(
        text(
            "This leads out of the years {first} to {last}, for which the calendars hold.",
            first=str(FIRST_YEAR),
            last=str(LAST_YEAR),
        )
    )


@lru_cache(maxsize=512)
def calendar(
    code: str, good_friday: bool = True, closures: frozenset[date] = frozenset()
) -> Calendar:
    """The calendar of a territory.

    Raises:
        Invalid: no such territory is known, or it lies outside the EEA.
    """
    if not code:
        raise Invalid(text("Choose the territory whose public holidays count."), "calendar")
    if not is_known(code):
        raise Invalid(
            text(
                "Unknown calendar {code}: give a country of the EEA or one of its regions, "
                "such as FR, FR-67, BE or DE-BY.",
                code=code,
            ),
            "calendar",
        )
    return Calendar(code, good_friday=good_friday, closures=closures)


@lru_cache(maxsize=1024)
def is_known(code: str) -> bool:
    """Whether there is a calendar of this code."""
    country, _, region = code.partition("-")
    if country == "FR":
        return code in ALIASES or not region or region in FRENCH
    if country not in ABROAD:
        return False
    return not region or region in _regions(country)


@lru_cache(maxsize=1)
def codes() -> list[str]:
    """Every calendar, France and its territories first; without the aliases."""
    french = ["FR", *(f"FR-{region}" for region in FRENCH)]
    abroad = [
        code
        for country in ABROAD
        for code in (country, *(f"{country}-{region}" for region in sorted(_regions(country))))
    ]
    return french + abroad


@lru_cache(maxsize=2048)
def name_of(code: str, language: str) -> str:
    """The name of a territory in a language; a region abroad is followed by its country."""
    country, _, region = ALIASES.get(code, code).partition("-")
    if country == "FR" or not region:
        return own_name(code, language)
    return f"{own_name(code, language)} ({country_name(code, language)})"


@lru_cache(maxsize=2048)
def own_name(code: str, language: str) -> str:
    """The name of a territory alone: of regions abroad in their own language."""
    country, _, region = ALIASES.get(code, code).partition("-")
    if country == "FR":
        return Words(language).say(FRENCH_NAMES[region])
    if not region:
        return country_name(code, language)
    known: Any = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]
    return LOCAL_NAMES.get(code) or (str(known.name) if known else region)


def country_name(code: str, language: str) -> str:
    """The name of the country in which a territory lies."""
    return str(Locale.parse(language).territories[code.partition("-")[0]])


def zone_of(code: str) -> str:
    """The time zone of a territory, when nothing else is said."""
    code = ALIASES.get(code, code)
    country = code.partition("-")[0]
    return ZONES.get(code) or ZONES.get(country) or "Europe/Paris"


def of_place(country: str, postcode: str) -> str:
    """The territory of a place, as far as its country and postcode tell; else France."""
    if country != "FR":
        return country if country in ABROAD else "FR"
    for region in (postcode[:3], postcode[:2]):
        if region in FRENCH:
            return f"FR-{region}"
    return "FR"


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def source_of(code: str) -> Text:
    """The law that a territory's holidays stand in, as far as this module vouches for it."""
    country, _, region = ALIASES.get(code, code).partition("-")
    if country != "FR":
        return LOCAL_LAW
    if region in ALSACE_MOSELLE:
        return ALSACE
    return OVERSEAS if region in ABOLITION else FRANCE


def _regions(country: str) -> Iterable[str]:
    regions: tuple[str, ...] = getattr(holidays, country).subdivisions
    return [region for region in regions if " " not in region]


def _holidays(code: str, good_friday: bool) -> dict[date, str]:
    country, _, region = code.partition("-")
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    if country == "FR":
        found = dict(holidays.country_holidays("FR", years=years, language="fr"))
        departs: Callable[..., dict[date, str]] = _french
    else:
        found = dict(holidays.country_holidays(country, subdiv=region or None, years=years))
        departs = _dutch if country == "NL" else _none
    named = {day: name.replace("'", "’") for day, name in found.items()}
    return named | departs(region, years, good_friday)


def _none(_region: str, _years: range, _good_friday: bool) -> dict[date, str]:
    return {}


def _french(region: str, years: range, good_friday: bool) -> dict[date, str]:
    days: dict[date, str] = {}
    for year in years:
        if region in ALSACE_MOSELLE:
            days[date(year, 12, 26)] = "Saint-Étienne"
            if good_friday:
                days[easter(year) - timedelta(days=2)] = "Vendredi saint"
        if region in ABOLITION:
            month, day = ABOLITION[region]
            # Saint-Martin kept 27 May (decree 2012-553) until the circular of 4 May 2018; the
            # Code still bears the slip "28 March"
            if region == "978" and year < 2018:  # noqa: PLR2004
                day = 27
            days[date(year, month, day)] = "Abolition de l’esclavage"
    return days


def _dutch(_region: str, years: range, _good_friday: bool) -> dict[date, str]:
    # Algemene termijnenwet, art. 3(1): 5 May every year; the library has it every fifth
    return {date(year, 5, 5): "Bevrijdingsdag" for year in years}
