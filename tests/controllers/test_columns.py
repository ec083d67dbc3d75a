"""What a cell of a table can say: pure readers."""

from datetime import date

import pytest

from registers.controllers import columns
from registers.controllers.facts import Span
from registers.controllers.vocabulary import (
    Authorisation,
    Channel,
    ControllerKind,
    EndChoice,
    ObjectionEffect,
    Renewal,
)
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.kernel.words import LANGUAGES, Words

KINDS = (Authorisation, Channel, ControllerKind, EndChoice, ObjectionEffect, Renewal)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_choice_is_understood_by_its_value_and_by_its_words(kind):
    for each in kind:
        for written in (
            each.value,
            each.value.upper(),
            *(Words(la).say(each.says) for la in LANGUAGES),
        ):
            assert columns.member(kind, written) is each


@pytest.mark.parametrize(
    ("written", "channels"),
    [
        ("email", (Channel.EMAIL,)),
        ("courriel + LRAR", (Channel.EMAIL, Channel.REGISTERED_LETTER)),
        ("email registered_letter", (Channel.EMAIL, Channel.REGISTERED_LETTER)),
        ("mail;lre,portail/mail", (Channel.EMAIL, Channel.ELECTRONIC_REGISTERED, Channel.PORTAL)),
        *(
            (" + ".join(Words(language).say(each.says) for each in Channel), tuple(Channel))
            for language in LANGUAGES
        ),
    ],
)
def test_several_channels_stand_in_one_cell(written, channels):
    assert columns.channels(written) == channels


@pytest.mark.parametrize("written", ["fax", "email + pigeon", "registered", "lettre"])
def test_an_unknown_channel_is_refused(written):
    with pytest.raises(Invalid, match="not understood"):
        columns.channels(written)


@pytest.mark.parametrize(
    "written", ["2026-03-01", "01/03/2026", "01.03.2026", "01-03-2026", "01/03/26", "1/3/2026"]
)
def test_a_date_is_understood_as_written_in_europe(written):
    assert columns.day(written) == date(2026, 3, 1)


@pytest.mark.parametrize("written", ["2026", "31/02/2026", "03/15/2026", "demain", "45000"])
def test_what_is_no_date_is_refused(written):
    with pytest.raises(Invalid, match="01/03/2026"):
        columns.day(written)


@pytest.mark.parametrize("unit", columns.UNITS)
def test_a_unit_is_understood_in_both_languages(unit):
    for written in (
        unit.value,
        *columns.UNITS[unit],
        *(Words(la).say(unit.says) for la in LANGUAGES),
    ):
        assert columns.unit(written) is unit


def test_working_days_are_never_mistaken_for_another_kind():
    assert columns.unit("jours ouvrés") is Unit.BUSINESS_DAYS
    assert columns.unit("jours ouvrables") is Unit.JOURS_OUVRABLES
    assert columns.unit("JOURS") is Unit.DAYS
    for written in ("jours travaillés", "heures", "hours", "semaines", ""):
        with pytest.raises(Invalid):
            columns.unit(written)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("2 months", Span(2, Unit.MONTHS)),
        ("2 mois", Span(2, Unit.MONTHS)),
        ("3", Span(3, Unit.MONTHS)),
        ("60jours", Span(60, Unit.DAYS)),
        ("1 an", Span(1, Unit.YEARS)),
    ],
)
def test_a_notice_is_a_number_and_a_unit(written, span):
    assert columns.span(written) == span


@pytest.mark.parametrize("written", ["deux mois", "mois", "-2 mois", "2 lunes", "2,5 mois"])
def test_what_is_no_notice_is_refused(written):
    with pytest.raises(Invalid):
        columns.span(written)


@pytest.mark.parametrize("written", ["-1", "1.5", "trente", "1e3", "100000", "²"])
def test_what_is_no_whole_number_is_refused(written):
    with pytest.raises(Invalid):
        columns.whole(written)


def test_numbers_codes_and_languages_are_read():
    assert (columns.whole("0"), columns.whole("30")) == (0, 30)
    assert columns.codes(" P1;P2, P1\tP-3 ") == ("P1", "P2", "P-3")
    assert [columns.language(each) for each in ("FR", "Français", "English", "anglais")] == [
        *("fr", "fr", "en", "en"),
    ]
    with pytest.raises(Invalid):
        columns.language("de")


def test_every_heading_means_one_column():
    seen = {}
    for column, headings in columns.HEADINGS.items():
        for heading in headings:
            assert columns.named(f" {heading.upper()} ") == column
            assert seen.setdefault(heading, column) == column
    assert set(columns.READERS) <= set(columns.HEADINGS)
    assert columns.named("couleur") is None
