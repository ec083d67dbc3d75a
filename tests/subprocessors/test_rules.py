"""What a sub-processor's dossier cannot say, and what it lacks: pure rules."""

from datetime import date

import pytest
from msgspec.structs import replace

from registers.kernel.errors import Invalid
from registers.subprocessors import rules
from registers.subprocessors.facts import Obligation, Site, State, Subprocessor, Transfer

DAY, DAY_BEFORE = date(2026, 3, 1), date(2026, 2, 28)
FULL = Subprocessor(
    name="OVH SAS",
    address="2 rue Kellermann",
    postcode="59100",
    city="Roubaix",
    contact_name="Camille Aubry",
    contact_email="dpo@ovh.example",
    flow_down=tuple(Obligation),
    processing="Hébergement",
    contract_reference="ST-1",
    contract_starts_on=DAY,
    sites=(Site(name="Gravelines", postcode="59820", city="Gravelines"),),
    no_transfer=True,
    state=State.ENGAGED,
    engaged_on=DAY,
)


def test_a_dossier_takes_its_normal_form():
    written = replace(FULL, name=" OVH SAS ", postcode=" 59100 ", contact_email="DPO@ovh.example")
    assert rules.checked(written) == FULL


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"ended_on": DAY_BEFORE}, "ended_on"),
        ({"contract_ends_on": DAY_BEFORE}, "contract_ends_on"),
        ({"engaged_on": None}, "engaged_on"),
        ({"state": State.ENDED}, "ended_on"),
        ({"transfers": (Transfer(country="US"),)}, "no_transfer"),
        ({"country": "ZZ"}, "country"),
        ({"postcode": "5910"}, "postcode"),
        ({"contact_email": "camille"}, "contact_email"),
        ({"sites": (Site(name="X", postcode="1400"),)}, "postcode"),
    ],
)
def test_what_cannot_be_is_refused(changes, field):
    with pytest.raises(Invalid) as refused:
        rules.checked(replace(FULL, **changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "known",
    [
        Subprocessor(name="Proposé"),
        replace(FULL, ended_on=DAY, contract_ends_on=DAY, state=State.ENDED),
        replace(FULL, no_transfer=None, transfers=(Transfer(country="US"),)),
        replace(FULL, country="US", postcode="NY 10001"),
        replace(FULL, sites=(Site(name="Bruxelles", postcode="1000", country="BE"),)),
    ],
)
def test_a_dossier_with_gaps_is_a_fact(known):
    assert rules.checked(known) == known


def test_a_complete_dossier_misses_nothing():
    assert FULL.missing() == []


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"address": ""}, ["address"]),
        ({"contact_name": "", "contact_email": ""}, ["contact_name", "contact_email"]),
        ({"contract_reference": ""}, ["contract_reference"]),
        ({"contract_starts_on": None}, ["contract_starts_on"]),
        ({"processing": ""}, ["processing"]),
        ({"sites": ()}, ["sites"]),
        ({"no_transfer": None}, ["transfers"]),
        ({"no_transfer": False}, ["transfers"]),
        ({"no_transfer": None, "transfers": (Transfer(country="US"),)}, []),
        ({"legal_form": "", "note": "", "contact_phone": ""}, []),
    ],
)
def test_what_the_board_wants_and_is_empty_is_missing(changes, missing):
    assert replace(FULL, **changes).missing() == missing
