"""What cannot be, and what a record or a contract lacks: pure rules."""

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from registers.controllers import facts, rules
from registers.controllers.facts import Clause, Contact, ContactLink, Contract, Service, Span, Terms
from registers.controllers.vocabulary import (
    LETTERS,
    Authorisation,
    ClauseState,
    ContactKind,
    ContactRole,
    EndChoice,
    ObjectionEffect,
    Renewal,
)
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.sample.parties import PARTIES
from tests.registers import commune, publisher

SIREN, SIRET = "732829320", "73282932000074"


def refused_field(check, known):
    with pytest.raises(Invalid) as refused:
        check(known)
    return refused.value.field


@pytest.mark.parametrize(
    ("country", "postcode", "kept"),
    [
        ("FR", "48260", "48260"),
        ("FR", " 48260 ", "48260"),
        ("BE", "1400", "1400"),
        ("LU", "l-4002", "L-4002"),
        ("LU", "4002", "4002"),
        ("DE", "83001", "83001"),
        ("NL", "1012 ab", "1012 AB"),
        ("PL", "00-950", "00-950"),
        ("IE", "D02 X285", "D02 X285"),
        ("JP", "100-0001", "100-0001"),
        ("FR", "", ""),
    ],
)
def test_a_postcode_of_the_country_is_kept(country, postcode, kept):
    known = rules.checked_controller(commune(country=country, postcode=postcode))
    assert known.postcode == kept


@pytest.mark.parametrize(
    ("country", "postcode"),
    [("FR", "4826"), ("FR", "1400 0"), ("BE", "48260"), ("DE", "L-4002"), ("PL", "00950")],
)
def test_a_postcode_of_another_country_is_refused(country, postcode):
    assert (
        refused_field(rules.checked_controller, commune(country=country, postcode=postcode))
        == "postcode"
    )
    assert (
        refused_field(rules.checked_organisation, publisher(country=country, postcode=postcode))
        == "postcode"
    )


@pytest.mark.parametrize("written", [SIREN, SIRET, "732 829 320", "732 829 320 00074", ""])
def test_a_registration_number_is_kept_without_its_spaces(written):
    known = rules.checked_controller(commune(siret=written))
    assert known.siret == written.replace(" ", "")


@given(st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_in_a_siret_is_found(place, added):
    wrong = list(SIRET)
    wrong[place] = str((int(wrong[place]) + added) % 10)
    assert refused_field(rules.checked_controller, commune(siret="".join(wrong))) == "siret"


@pytest.mark.parametrize("written", ["7328293200007", "73282932", "7328293200007A", "abc"])
def test_what_is_no_registration_number_is_refused(written):
    assert refused_field(rules.checked_controller, commune(siret=written)) == "siret"
    assert refused_field(rules.checked_organisation, publisher(siret=written)) == "siret"


def test_only_bodies_in_france_have_a_siret():
    known = commune(country="BE", postcode="1400", siret=SIRET, calendar="BE")
    assert refused_field(rules.checked_controller, known) == "siret"


@pytest.mark.parametrize("known", [commune(name=" "), commune(calendar="FR-99")])
def test_a_controller_needs_a_name_and_a_calendar(known):
    assert refused_field(rules.checked_controller, known) in {"name", "calendar"}


@pytest.mark.parametrize(
    "known", [commune(zone="Europe/Nasbinals"), commune(language="de"), commune(country="ZZ")]
)
def test_what_a_controller_cannot_have_is_refused(known):
    with pytest.raises(Invalid):
        rules.checked_controller(known)


def test_addresses_take_one_form():
    known = rules.checked_organisation(
        publisher(name=" Ponant ", email="Contact@Ponant.example", dpo_email="")
    )
    assert (known.name, known.email, known.dpo_email) == ("Ponant", "contact@ponant.example", "")


@pytest.mark.parametrize("field", ["email", "dpo_email"])
@pytest.mark.parametrize("written", ["ponant.example", "a@b@c.example", "a b@ponant.example", "@"])
def test_what_is_no_address_is_refused_where_it_stands(field, written):
    assert refused_field(rules.checked_organisation, publisher(**{field: written})) == field


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (Contact(), "name"),
        (Contact(email="dpo@ponant.example"), "name"),
        (Contact(kind=ContactKind.MAILBOX), "email"),
        (Contact(kind=ContactKind.SERVICE, name="DSI"), "email"),
        (Contact(name="Morel", email="morel"), "email"),
        (Contact(name="Morel", postcode="123"), "postcode"),
    ],
)
def test_a_person_has_a_name_and_anything_else_an_address(known, field):
    assert refused_field(rules.checked_contact, known) == field


def test_a_shared_mailbox_needs_no_name():
    known = rules.checked_contact(Contact(kind=ContactKind.MAILBOX, email="DPO@ponant.example"))
    assert known.full_name == "dpo@ponant.example"


NOBODY = uuid.UUID(int=7)
FULL = Contract(
    controller=NOBODY,
    reference="C-1",
    signed_on=date(2025, 12, 1),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    services=(Service(code="P1"),),
    party_complete=True,
    list_annexed=True,
    clauses=tuple(Clause(code=letter, state=ClauseState.PRESENT) for letter in LETTERS),
    terms=Terms(end_choice=EndChoice.ERASE),
)


def with_terms(**terms):
    return replace(FULL, terms=replace(FULL.terms, **terms))


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (replace(FULL, reference=" "), "reference"),
        (replace(FULL, ends_on=date(2025, 12, 31)), "ends_on"),
        (replace(FULL, ended_on=date(2025, 12, 31)), "ended_on"),
        (replace(FULL, services=(Service(code="P1"), Service(code="P1"))), "services"),
        (with_terms(objection_amount=-1), "objection_amount"),
        (with_terms(breach_hours=10_001), "breach_hours"),
        (with_terms(renewals=-1), "renewals"),
        (with_terms(return_days=-30), "return_days"),
        (with_terms(objection_unit=Unit.HOURS), "objection_unit"),
        (with_terms(objection_unit=Unit.BUSINESS_HOURS), "objection_unit"),
        (with_terms(calendar="FR-99"), "calendar"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(known, field):
    assert refused_field(rules.checked_contract, known) == field


def test_a_contract_of_one_day_and_one_that_never_began_are_facts():
    rules.checked_contract(replace(FULL, ends_on=FULL.starts_on, ended_on=FULL.starts_on))
    rules.checked_contract(replace(FULL, starts_on=None))


def codes(findings):
    return [finding.code for finding in findings]


def test_a_complete_contract_lacks_nothing():
    assert codes(rules.contract_findings(FULL)) == []


LACKING = [
    ("contract.party_blank", replace(FULL, party_complete=False)),
    ("contract.no_signature_date", replace(FULL, signed_on=None)),
    ("contract.no_duration", replace(FULL, starts_on=None)),
    ("contract.no_duration", replace(with_terms(initial_months=None), ends_on=None)),
    ("contract.no_activity", replace(FULL, services=())),
    ("contract.not_reviewed", replace(FULL, clauses=())),
    ("contract.no_list", replace(FULL, list_annexed=False)),
    ("terms.no_window", with_terms(objection_amount=None)),
    ("terms.short_window", with_terms(objection_amount=29)),
    ("terms.no_effect", with_terms(objection_effect=None)),
    ("terms.no_breach_hours", with_terms(breach_hours=None)),
    ("terms.no_breach_channel", with_terms(breach_channels=())),
    ("terms.no_end_choice", with_terms(end_choice=None)),
    ("terms.renewal_contradictory", with_terms(renewal=Renewal.CONTRADICTORY)),
    ("terms.no_authorisation", with_terms(authorisation=None)),
]


@pytest.mark.parametrize(("code", "known"), LACKING)
def test_what_a_contract_lacks_is_found_and_nothing_else(code, known):
    assert codes(rules.contract_findings(known)) == [code]
    (finding,) = rules.contract_findings(known)
    assert finding.source
    assert str(finding.says) != str(finding.advice)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("state", [ClauseState.PARTIAL, ClauseState.ABSENT, None])
def test_each_letter_of_article_28_is_found_when_it_is_not_wholly_there(letter, state):
    others = [clause for clause in FULL.clauses if clause.code != letter]
    own = [Clause(code=letter, state=state)] if state else []
    (finding,) = rules.contract_findings(replace(FULL, clauses=(*others, *own)))
    assert finding.code == f"contract.letter_{letter}"
    assert finding.source == f"Art. 28(3)({letter})"
    assert ("in part" in str(finding.says)) is (state is ClauseState.PARTIAL)


@pytest.mark.parametrize(
    "known",
    [
        replace(FULL, party_complete=None),  # nobody has looked yet
        replace(FULL, list_annexed=None),
        replace(FULL, ends_on=None),  # the terms say how long
        with_terms(renewal=None),
        with_terms(objection_effect=ObjectionEffect.TALKS),
    ],
)
def test_what_is_merely_not_known_yet_is_no_finding(known):
    assert codes(rules.contract_findings(known)) == []


@pytest.mark.parametrize(
    ("amount", "unit", "shorter"),
    [
        (30, Unit.BUSINESS_DAYS, False),
        (60, Unit.BUSINESS_DAYS, False),
        (0, Unit.BUSINESS_DAYS, True),
        (36, Unit.JOURS_OUVRABLES, False),
        (35, Unit.JOURS_OUVRABLES, True),
        (42, Unit.DAYS, False),
        (30, Unit.DAYS, True),
        (1, Unit.MONTHS, True),
        (2, Unit.MONTHS, False),
        (1, Unit.YEARS, False),
    ],
)
def test_a_window_is_compared_with_thirty_business_days_whatever_its_unit(amount, unit, shorter):
    found = codes(rules.contract_findings(with_terms(objection_amount=amount, objection_unit=unit)))
    assert found == ["terms.short_window"] * shorter


def test_under_specific_authorisation_the_annexed_list_is_the_authorisation():
    known = replace(
        FULL,
        list_annexed=False,
        terms=replace(FULL.terms, authorisation=Authorisation.SPECIFIC),
    )
    (finding,) = rules.contract_findings(known)
    assert "Specific authorisation is given by this list" in str(finding.advice)


def test_contract_001_lacks_what_is_known_of_it():
    (party,) = (each for each in PARTIES if each.code == "CA-ANNELAC")
    known = facts.Contract(controller=NOBODY, **party.contracts[0])
    assert sorted(codes(rules.contract_findings(rules.checked_contract(known)))) == [
        "contract.letter_d",
        "contract.letter_g",
        "contract.no_list",
        "contract.party_blank",
        "terms.no_end_choice",
        "terms.renewal_contradictory",
    ]


def test_notice_is_counted_back_from_the_end_and_from_the_anniversary():
    known = replace(FULL, starts_on=date(2026, 3, 1), ends_on=date(2027, 2, 28))
    assert rules.notice_dates(known) == (date(2026, 12, 28), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("end", "notice", "safe", "late"),
    [
        (date(2028, 2, 29), Span(2, Unit.MONTHS), date(2027, 12, 29), date(2028, 1, 1)),
        (date(2026, 12, 31), Span(3, Unit.MONTHS), date(2026, 9, 30), date(2026, 10, 1)),
        (date(2026, 12, 31), Span(60, Unit.DAYS), date(2026, 11, 1), date(2026, 11, 2)),
    ],
)
def test_notice_dates_fall_on_whatever_day_they_fall(end, notice, safe, late):
    known = replace(with_terms(notice=notice), ends_on=end)
    assert rules.notice_dates(known) == (safe, late)


@pytest.mark.parametrize("known", [replace(FULL, ends_on=None), with_terms(notice=None)])
def test_without_a_term_or_a_notice_there_is_no_date(known):
    assert rules.notice_dates(known) is None


def links(*roles):
    return tuple(ContactLink(role=role, contact=NOBODY) for role in roles)


NOTICE, BREACH, DPO = ContactRole.NOTICE, ContactRole.BREACH, ContactRole.DPO


@pytest.mark.parametrize(
    ("roles", "public", "found"),
    [
        ((NOTICE, BREACH, DPO), True, []),
        ((BREACH, DPO), True, ["controller.no_notice_address"]),
        ((NOTICE, DPO), True, ["controller.no_breach_address"]),
        ((NOTICE, BREACH), True, ["controller.no_dpo"]),
        ((NOTICE, BREACH), False, []),
        (
            (),
            True,
            ["controller.no_notice_address", "controller.no_breach_address", "controller.no_dpo"],
        ),
    ],
)
def test_a_controller_lacks_whom_nobody_named(roles, public, found):
    known = commune(contacts=links(*roles), public_body=public)
    assert codes(rules.controller_findings(known)) == found


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (commune(), []),
        (commune(address="", city=""), ["address", "city"]),
        (commune(representative=""), ["representative"]),
        (publisher(), []),
        (publisher(dpo_name="", email=""), ["email", "dpo_name"]),
        (FULL, []),
        (replace(FULL, services=(), ends_on=None), ["ends_on", "services"]),
    ],
)
def test_wanted_facts_that_are_empty_are_missing(known, missing):
    assert known.missing() == missing
