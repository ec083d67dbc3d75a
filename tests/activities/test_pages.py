"""The register as a DPO keeps it: typed without JavaScript, validated, read on any day."""

import pytest

from app.activities import forms
from app.facts import form_for
from app.house import house
from registers.activities.facts import Activity, Measure
from registers.people.roles import Role
from tests.controllers.test_pages import form_of


@pytest.fixture
def dpo(sample_site):
    return sample_site.signed_in(Role.DPO)


def test_an_edit_is_a_draft_until_the_dpo_validates_it(dpo):
    sent = form_of(dpo, "/activities/P2/edit") | {
        "data_subjects": "Référents\nAgents",
        "effective_from": "2026-11-22",
        "reason": "agents too",
    }
    response = dpo.post("/activities/P2/edit", data=sent)
    assert response.headers["Location"] == "/activities/P2?draft=1"
    draft = dpo.get("/activities/P2?draft=1").text
    assert "Version 2 is a draft" in draft
    assert "Agents" in draft.partition('class="sheet"')[2]
    in_force = dpo.get("/activities/P2?on=2026-11-22").text
    assert "<li>Agents</li>" not in in_force.partition('class="sheet"')[2]
    dpo.send("/activities/P2/validate", "/activities/P2", number="2")
    assert "<li>Agents</li>" in dpo.get("/activities/P2").text
    assert "<li>Agents</li>" not in dpo.get("/activities/P2?on=2026-11-21").text
    history = dpo.get("/activities/P2/history").text
    assert "agents too" in history
    assert "<ins>Agents</ins>" in history


def test_legal_staff_read_but_do_not_edit(sample_site):
    legal = sample_site.signed_in(Role.LEGAL)
    page = legal.get("/activities/P2").text
    assert "/activities/P2/edit" not in page
    assert legal.get("/activities/P2/edit").status_code == 403


def test_a_list_grows_by_a_button_and_keeps_what_was_typed(dpo):
    sent = form_of(dpo, "/activities/P4/edit")
    response = dpo.post("/activities/P4/edit", data=sent | {"name": "Typed", "more": "retention"})
    assert response.status_code == 200
    assert 'value="Typed"' in response.text
    assert 'name="retention-1-name"' in response.text
    assert "Saved" not in response.text


def test_a_row_without_its_first_field_is_no_row(dpo):
    sent = form_of(dpo, "/activities/P4/edit") | {
        "backups-1-name": "",
        "effective_from": "2026-11-22",
        "reason": "no differential copies",
    }
    assert dpo.post("/activities/P4/edit", data=sent).status_code == 302
    draft = dpo.get("/activities/P4?draft=1").text.partition('class="sheet"')[2]
    assert "Différentielle" not in draft
    assert "Complète mensuelle" in draft


def test_contradictions_are_told(dpo):
    sent = form_of(dpo, "/activities/P4/edit") | {
        "transfers-0-country": "US",
        "effective_from": "2026-11-22",
        "reason": "x",
    }
    response = dpo.post("/activities/P4/edit", data=sent)
    assert response.status_code == 422
    assert "Either there is no transfer, or there are these." in response.text


@pytest.mark.parametrize(
    ("facts", "hints", "sections"),
    [
        (Activity, forms.activity_hints, forms.activity_sections),
        (Measure, forms.measure_hints, forms.measure_sections),
    ],
)
def test_every_fact_can_be_typed(shared_site, facts, hints, sections):
    with shared_site.app.test_request_context():
        shown = {name for fields in sections().values() for name in fields}
        form = form_for(facts, hints(), None, base=0, today=house().today)
        assert shown == set(facts.__struct_fields__)
        assert shown <= set(form._fields)


def test_a_new_activity_begins_empty_and_says_what_is_missing(dpo):
    sent = form_of(dpo, "/activities/new") | {
        "code": "P9",
        "name": "Essai",
        "effective_from": "2026-11-22",
        "reason": "new",
    }
    assert dpo.post("/activities/new", data=sent).status_code == 302
    page = dpo.get("/activities/P9").text
    lacking = page.count('<span class="mark warn">to be completed</span>')
    assert lacking >= 8
    assert f"{lacking} to complete" in dpo.get("/activities?search=essai").text


def test_a_dossier_says_how_long_data_and_copies_are_kept(shared_site):
    page = shared_site.signed_in(Role.AUDITOR).get("/activities/P4").text
    for said in ("30 days", "24 hours", "93 days"):
        assert said in page
