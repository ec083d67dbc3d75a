"""The journal on screen: read, verified, signed, taken away."""

import json

import pytest

from registers.people.roles import Role


@pytest.fixture
def auditor(sample_site):
    return sample_site.signed_in(Role.AUDITOR)


def test_entries_are_told_in_words_and_filtered(auditor):
    page = auditor.get("/journal?kind=controller.recorded").text
    assert page.count("Controller recorded (version 1)") == 8
    assert "the command line" in page
    assert '<a href="/controllers/CA-ANNELAC">CA-ANNELAC – Communauté' in page
    entry = auditor.get("/journal/1").text
    assert "Organisation described" in entry
    assert "Éditions Logicielles du Ponant" in entry  # the values kept beside it
    assert auditor.get("/journal/999999").status_code == 404


def test_the_journal_is_verified_on_demand(auditor):
    assert "The journal holds" in auditor.send("/journal/verify", "/journal").text


def test_a_checkpoint_is_signed_and_taken_away(sample_site, auditor):
    assert auditor.send("/journal/checkpoint", "/journal").status_code == 403
    dpo = sample_site.signed_in(Role.DPO)
    assert dpo.send("/journal/checkpoint", "/journal").status_code == 302
    page = dpo.get("/journal").text
    address = page.partition('href="/journal/checkpoints/')[2].partition('"')[0]
    checkpoint = json.loads(dpo.get(f"/journal/checkpoints/{address}").text)
    assert set(checkpoint) == {"size", "head", "at", "key", "signature"}


def test_the_export_is_one_entry_a_line(auditor):
    lines = auditor.get("/journal/export.jsonl").text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, len(lines) + 1))
