"""Every fact can be typed somewhere: no field of a version is out of reach of the browser."""

import pytest

from app.activities import forms as activities
from app.announcements import forms as announcements
from app.assistance import forms as assistance
from app.breaches import forms as breaches
from app.controllers import forms as controllers
from app.dpo import forms as declared
from app.requests import forms as requests
from app.subprocessors import views as subprocessors
from registers.activities import facts as activity_facts
from registers.announcements import facts as announcement_facts
from registers.announcements.vocabulary import Topic
from registers.assistance import facts as assistance_facts
from registers.breaches import facts as breach_facts
from registers.controllers import facts as controller_facts
from registers.dpo import facts as declared_facts
from registers.kernel.history import metas
from registers.requests import facts as request_facts
from registers.subprocessors import facts as subprocessor_facts

ELSEWHERE = {
    controller_facts.Controller: {"contacts", "succeeded_by"},
    controller_facts.Contract: {"controller", "clauses"},
    assistance_facts.Assistance: {"controller"},
    assistance_facts.Intervention: {"controller"},
}
"""Facts with a page of their own: points of contact, successions and transfers, the review; where
a dossier is opened in that of its controller."""

FORMS = {
    activity_facts.Activity: (activities.activity_hints, activities.activity_sections),
    activity_facts.Measure: (activities.measure_hints, activities.measure_sections),
    controller_facts.Organisation: (
        controllers.organisation_hints,
        controllers.organisation_sections,
    ),
    controller_facts.Controller: (controllers.controller_hints, controllers.controller_sections),
    controller_facts.Contact: (controllers.contact_hints, controllers.contact_sections),
    controller_facts.Contract: (controllers.contract_hints, controllers.contract_sections),
    assistance_facts.Assistance: (assistance.assistance_hints, assistance.assistance_sections),
    assistance_facts.Intervention: (
        assistance.intervention_hints,
        assistance.intervention_sections,
    ),
    assistance_facts.Member: (assistance.member_hints, assistance.member_sections),
    assistance_facts.Certificate: (
        assistance.certificate_hints,
        assistance.certificate_sections,
    ),
    breach_facts.Breach: (breaches.hints, breaches.sections),
    declared_facts.Declaration: (declared.hints, declared.sections),
    request_facts.Request: (requests.hints, requests.sections),
    subprocessor_facts.Subprocessor: (
        subprocessors._hints,
        subprocessors._sections,
    ),
}


def test_an_announcement_has_a_form_for_each_topic_and_no_fact_is_in_none(shared_site):
    shown, left_out = set(), set(metas(announcement_facts.Announcement))
    with shared_site.app.test_request_context(), shared_site.app.app_context():
        for topic in Topic:
            here = [name for part in announcements.sections(topic).values() for name in part]
            without = announcements.hints(topic).without
            assert len(here) == len(set(here))
            assert set(here) | without == set(metas(announcement_facts.Announcement))
            assert not set(here) & without
            shown |= set(here)
            left_out &= without
    assert left_out == announcements.SHEET  # it has a page of its own
    assert shown | left_out == set(metas(announcement_facts.Announcement))


@pytest.mark.parametrize("facts", FORMS, ids=lambda kind: kind.__name__)
def test_every_fact_stands_in_a_section_of_its_form(facts, shared_site):
    hints, sections = FORMS[facts]
    with shared_site.app.test_request_context(), shared_site.app.app_context():
        shown = [name for part in sections().values() for name in part]
        without = hints().without
    elsewhere = ELSEWHERE.get(facts, set())
    assert len(shown) == len(set(shown))
    assert without == elsewhere
    assert set(shown) == set(metas(facts)) - elsewhere
