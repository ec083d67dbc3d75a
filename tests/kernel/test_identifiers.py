"""Identifiers that have a right form, and texts as search and sorting see them."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from registers.kernel import identifiers
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import (
    POSTCODES,
    checked_code,
    checked_country,
    checked_email,
    checked_postcode,
    checked_siret,
    country_name,
    country_names,
    fold,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Œuvre", "oeuvre"),
        ("œuvre", "oeuvre"),
        ("ÆTHER Æ", "aether ae"),
        ("  Été   à\tla\nplage ", "ete a la plage"),
        ("L’Haÿ-les-Roses", "l'hay-les-roses"),
        ("STRASSE Straße", "strasse strasse"),
        ("Ðakovo İstanbul", "ðakovo istanbul"),
        ("ﬁn № ½", "fin no 1⁄2"),
        ("", ""),
    ],
)
def test_folded_texts_have_neither_accents_nor_case(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_a_folded_text_stays_as_it_is(written):
    assert fold(fold(written)) == fold(written)


@given(st.text(st.characters(codec="latin-1")))
def test_whoever_types_in_capitals_finds_the_same(written):
    assert fold(written.upper()) == fold(written)


@given(st.from_regex(identifiers._PLAIN_ADDRESS, fullmatch=True))
@example("a@b.local")
@example("a@xn--bcher-kva.example")
@example("a@ab--c.example")
@example("a" * 64 + "@b.example")
@example("a@" + "b" * 64 + ".example")
def test_a_plain_address_is_what_the_library_says(written):
    try:
        found = validate_email(written, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        assert not identifiers._is_plain(written)
    else:
        assert checked_email(written) == found.normalized.lower()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" DPO@Mairie.Example ", "dpo@mairie.example"),
        ("dpo+registre@mairie.example", "dpo+registre@mairie.example"),
        ("o'hara@mairie.example", "o'hara@mairie.example"),
        ("contact@bücher.example", "contact@bücher.example"),
    ],
)
def test_an_address_takes_its_normal_form(written, kept):
    assert checked_email(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "dpo", "@mairie.fr", "dpo@", "dpo@mairie", "a b@mairie.fr", "a@b@mairie.fr",
     "dpo@mairie..fr", "dpo@mairie.fr, x@mairie.fr", "dpo@mairie.fr\nBcc: x@mairie.fr"],
)  # fmt: skip
def test_what_is_no_address_is_refused(written):
    with pytest.raises(Invalid) as refused:
        checked_email(written)
    assert refused.value.field == "email"


def test_a_registration_number_has_its_check_digits():
    assert checked_siret("732 829 320") == "732829320"
    assert checked_siret("732 829 320 00074") == "73282932000074"
    for wrong in ("732829321", "73282932000075", "", "73282932A00074", "１２３４５６７８９"):
        with pytest.raises(Invalid) as refused:
            checked_siret(wrong)
        assert refused.value.field == "siret"


def test_postcodes_have_the_form_of_their_country_in_the_whole_area():
    samples = {
        "AT": "1010", "BE": "1400", "BG": "1000", "CY": "1010", "CZ": "110 00", "DE": "10115",
        "DK": "1050", "EE": "10111", "ES": "28001", "FI": "00100", "FR": "75001", "GR": "105 57",
        "HR": "10000", "HU": "1011", "IE": "D02 X285", "IS": "101", "IT": "00118", "LI": "9490",
        "LT": "LT-01100", "LU": "L-1009", "LV": "LV-1050", "MT": "VLT 1117", "NL": "1012 AB",
        "NO": "0150", "PL": "00-001", "PT": "1000-001", "RO": "010011", "SE": "111 20",
        "SI": "1000", "SK": "811 01",
    }  # fmt: skip
    assert set(samples) == set(POSTCODES)
    for country, written in samples.items():
        assert checked_postcode(f" {written.lower()} ", country) == written
        with pytest.raises(Invalid):
            checked_postcode(f"{written}9999", country)
        with pytest.raises(Invalid):
            checked_postcode("", country)
    assert checked_postcode("anything  at all", "US") == "ANYTHING AT ALL"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("FR", "FR"),
        ("fra", "FR"),
        ("France", "FR"),
        (" belgique ", "BE"),
        ("Belgium", "BE"),
        ("ALLEMAGNE", "DE"),
        ("Germany", "DE"),
        ("grece", "GR"),
        ("États-Unis", "US"),
        ("Cote d’Ivoire", "CI"),
        ("gf", "GF"),
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_names(written, code):
    assert checked_country(written) == code


@pytest.mark.parametrize("written", ["", "ZZ", "Europe", "UE", "Alsace"])
def test_what_is_no_country_is_refused(written):
    with pytest.raises(Invalid) as refused:
        checked_country(written)
    assert refused.value.field == "country"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_countries_are_offered_once_each_those_of_the_area_first(language):
    offered = [code for code, _name in country_names(language)]
    assert len(offered) == len(set(offered)) > 240
    assert set(offered[: len(POSTCODES)]) == set(POSTCODES)
    names = [fold(name) for _code, name in country_names(language)]
    assert names[: len(POSTCODES)] == sorted(names[: len(POSTCODES)])
    assert [checked_country(name) for _code, name in country_names(language)] == offered
    assert country_name("DE", language) == {"fr": "Allemagne", "en": "Germany"}[language]


@given(st.text())
def test_a_code_can_stand_in_an_address_of_a_page(written):
    try:
        code = checked_code(written)
    except Invalid:
        return
    assert 1 <= len(code) <= 60
    assert not set(code) & set("/?#%& \t\n\"'<>\\")
    assert checked_code(code) == code
    assert identifiers.fold(code)
