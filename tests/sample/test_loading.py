"""The fictional register holds what the contracts say, and never stands beside real data."""

from datetime import date

import pytest
import sqlalchemy as sa

from registers.activities import queries as register
from registers.activities.models import Measure
from registers.activities.rules import is_sensitive
from registers.activities.vocabulary import ARTICLE_32, ActivityRole, Family, Outcome, Trigger
from registers.controllers import operations as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel, ContactRole, EndChoice, Hosting
from registers.kernel import audit, calendars, history
from registers.kernel.errors import Conflict
from registers.kernel.periods import Unit
from registers.people import operations as people
from registers.people.roles import Role
from registers.sample import load
from registers.subprocessors.facts import SiteRole, State
from registers.subprocessors.models import Subprocessor
from tests.registers import TODAY, commune, count, entries, publisher, since

SINCE_GDPR = date(2018, 5, 25)


@pytest.fixture(scope="session")
def activities(shared_sample):
    """The activities in force today, by code."""
    with shared_sample.reading() as session:
        return {
            code: dated.facts
            for code, dated in register.activities_in_force(session, TODAY).items()
        }


def in_force(database, kind):
    with database.reading() as session:
        known = history.in_force(session, kind, TODAY)
        return {session.get_one(kind, key).code: dated for key, dated in known.items()}


def rules(known):
    return {
        (rule.trigger, rule.amount, rule.unit if rule.amount else None) for rule in known.retention
    }


def test_it_says_that_it_is_a_sample_and_its_journal_holds(shared_sample):
    with shared_sample.reading() as session:
        assert controllers.organisation(session).sample is True
        assert controllers.organisation_facts(session, TODAY).dpo_email == "dpo@ponant.example"
    with shared_sample.engine.connect() as connection:
        verdict, _ = audit.verify(connection)
    assert verdict.faults == []
    assert verdict.size > 50


def test_everything_in_it_is_taken_over_from_its_own_day_and_validated(shared_sample):
    for kind in (Controller, Measure, Subprocessor, register.Activity):
        for code, dated in in_force(shared_sample, kind).items():
            assert dated.taken_over, code
            assert dated.effective_from <= TODAY
    with shared_sample.reading() as session:
        assert all(not head.is_draft for head in session.query(register.Activity))
        assert len(register.activities_in_force(session, SINCE_GDPR)) == 8


def test_the_six_processings_are_there_and_two_are_the_publisher_s_own(activities):
    assert {code: known.role for code, known in activities.items()} == {
        "P1": ActivityRole.PROCESSOR,
        "P1-PRO": ActivityRole.CONTROLLER,
        "P2": ActivityRole.PROCESSOR,
        "P3": ActivityRole.PROCESSOR,
        "P4": ActivityRole.PROCESSOR,
        "P5": ActivityRole.PROCESSOR,
        "P6": ActivityRole.PROCESSOR,
        "REG": ActivityRole.CONTROLLER,
    }
    assert activities["P5"].no_personal_data
    assert [code for code, known in activities.items() if is_sensitive(known)] == ["P6"]


@pytest.mark.parametrize("code", ["P1", "P1-PRO", "P2", "P3", "REG"])
def test_of_the_referents_six_professional_details_are_processed(activities, code):
    (details,) = (each for each in activities[code].data if "référents" in each.name)
    assert len(details.items) == 6
    for word in ("civilité", "nom", "prénom", "électronique", "téléphone", "fonction"):
        assert any(word in item for item in details.items)
    assert "Référents identifiés (sous contrat de travail)" in activities[code].data_subjects


def test_retention_is_three_years_two_years_and_thirty_days(activities):
    assert (Trigger.RELATION_END, 3, Unit.YEARS) in rules(activities["P1-PRO"])
    assert (Trigger.SERVICE_END, 2, Unit.YEARS) in rules(activities["P2"])
    assert (Trigger.CONTRACT_END, 30, Unit.DAYS) in rules(activities["P3"])
    assert (Trigger.CONTRACT_END, 30, Unit.DAYS) in rules(activities["P4"])
    (statutory,) = activities["P6"].retention
    assert (statutory.amount, statutory.text) == (None, "Délais de prescription légale.")
    (support,) = activities["P2"].retention
    assert support.outcome is Outcome.ERASE_OR_ANONYMISE


def test_backups_live_a_day_8_15_and_93_days(activities):
    assert [(rule.amount, rule.unit) for rule in activities["P4"].backups] == [
        (24, Unit.HOURS),
        (8, Unit.DAYS),
        (15, Unit.DAYS),
        (93, Unit.DAYS),
    ]


def test_hosting_is_done_by_ovh_and_backups_are_kept_by_scaleway(shared_sample, activities):
    assert [use.code for use in activities["P4"].subprocessors] == ["OVH", "SCALEWAY"]
    known = {code: dated.facts for code, dated in in_force(shared_sample, Subprocessor).items()}
    ovh, scaleway = known["OVH"], known["SCALEWAY"]
    assert [(site.city, site.postcode, site.role) for site in ovh.sites] == [
        ("Gravelines", "59820", SiteRole.PRIMARY),
        ("Strasbourg", "67000", SiteRole.SECONDARY),
    ]
    assert [(site.name, site.city, site.postcode, site.role) for site in scaleway.sites] == [
        ("DC3", "Vitry-sur-Seine", "94081", SiteRole.BACKUP)
    ]
    for dossier in (ovh, scaleway):
        assert dossier.no_transfer is True
        assert dossier.state is State.ENGAGED
        assert {"contact_name", "contact_email", "contract_starts_on"} <= set(dossier.missing())


def test_measures_are_of_the_five_families_and_serve_all_of_article_32(shared_sample):
    measures = [dated.facts for dated in in_force(shared_sample, Measure).values()]
    assert {known.family for known in measures} == set(Family)
    assert {letter for known in measures for letter in known.articles} == set(ARTICLE_32)
    assert all(known.missing() == [] for known in measures)
    for known in measures:
        answered = {each.hosting for each in known.responsibilities}
        assert {Hosting.HOSTED, Hosting.ON_PREMISE} <= answered


def test_each_measure_protects_some_activity(shared_sample, activities):
    used = {code for known in activities.values() for code in known.measures}
    assert used == set(in_force(shared_sample, Measure))


def test_eight_controllers_live_on_their_own_calendars_and_zones(shared_sample):
    known = {code: dated.facts for code, dated in in_force(shared_sample, Controller).items()}
    assert {code: (each.calendar, each.zone) for code, each in known.items()} == {
        "CA-ANNELAC": ("FR", "Europe/Paris"),
        "EM-RHINBOURG": ("FR-67", "Europe/Paris"),
        "SAINTE-FLORE": ("FR-974", "Indian/Reunion"),
        "VILLE-MONTVAL": ("FR", "Europe/Paris"),
        "BEAUCHENE": ("BE", "Europe/Brussels"),
        "ESCH-RIVIERE": ("LU", "Europe/Luxembourg"),
        "ALTKIRCHEN": ("DE-BY", "Europe/Berlin"),
        "UNIV-CLAIRMONT": ("FR", "Europe/Paris"),
    }
    for each in known.values():
        assert calendars.is_known(each.calendar)
        roles = {link.role for link in each.contacts}
        assert roles == {ContactRole.NOTICE, ContactRole.BREACH, ContactRole.DPO}
        assert each.missing() == []


def test_contracts_differ_as_real_ones_do(shared_sample):
    with shared_sample.reading() as session:
        known = {
            dated.facts.reference: dated.facts
            for dated in history.in_force(session, Contract, TODAY).values()
        }
    assert len(known) == 9
    health = known["MTV-2025-07"].terms
    assert health.breach_channels == (Channel.EMAIL,)
    assert (health.objection_amount, health.end_choice) == (None, EndChoice.ERASE)
    agency = known["UC-ADH-2023"]
    assert {service.hosting for service in agency.services if service.hosting} == set(Hosting)
    assert agency.signed_on is None
    first = known["CA-AL_CM_TT-WD"]
    assert (first.starts_on, first.ends_on) == (date(2026, 3, 1), date(2027, 2, 28))
    standard = {terms.breach_hours for terms in (each.terms for each in known.values())}
    assert standard == {48}


def test_nobody_in_it_is_real(shared_sample):
    with shared_sample.reading() as session:
        emails = session.scalars(sa.select(controllers.Contact.email)).all()
    assert len(emails) == 24
    assert all(email.endswith(".example") for email in emails)


def test_it_is_not_loaded_twice(sample, acting):
    before = count(sample, Controller), len(entries(sample))
    with pytest.raises(Conflict):
        load(acting)
    assert (count(sample, Controller), len(entries(sample))) == before


def test_it_is_not_loaded_beside_an_organisation(database, acting):
    with acting() as act:
        parties.describe_organisation(act, publisher(), 0, since(2026))
    with pytest.raises(Conflict):
        load(acting)
    assert count(database, Controller) == 0


def test_it_is_not_loaded_beside_a_controller(database, acting):
    with acting() as act:
        parties.record_controller(act, "A", commune(), since(2026))
    with pytest.raises(Conflict):
        load(acting)
    assert count(database, Controller) == 1


def test_it_is_not_loaded_beside_an_account(database, acting):
    with acting() as act:
        people.add(act, "alix@ponant.example", "Alix", [Role.DPO], "fr")
    with pytest.raises(Conflict):
        load(acting)
    assert len(entries(database)) == 1
