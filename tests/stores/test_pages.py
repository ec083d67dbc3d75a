"""Pages of the own stores: limits, a person's word, and everything held of somebody."""

import json
import re

import pytest

from registers.kernel import sheets
from registers.people.roles import WORKER, Role
from registers.retention.models import OwnErasure
from registers.stores import erasing
from tests.registers import entries
from tests.retention.ended import rows
from tests.stores.test_operations import retired


@pytest.fixture(autouse=True)
def fresh():
    erasing._looked.clear()


def test_a_person_says_whether_it_goes(sample_site, clock):
    database = sample_site.house.database
    retired(database, clock)
    erasing.look(database, WORKER, "Europe/Paris")
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.get("/stores").text
    assert "to decide" in page
    (row,) = rows(database, OwnErasure)
    place = f"/stores/rounds/{row.id}"
    assert "Say why it is kept longer" in dpo.send(place, confirmed="no").text
    assert dpo.send(place, confirmed="yes").status_code == 302
    assert "under way" in dpo.get("/stores").text
    erasing.look(database, WORKER, "Europe/Paris")
    assert "erased" in dpo.get("/stores").text
    assert "meanwhile" in dpo.send(place, confirmed="yes").text
    assert dpo.get(f"/stores/rounds/{row.id.hex[::-1]}").status_code == 404


def test_limits_are_set_on_a_page(sample_site):
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.get("/stores/limits").text
    fields = dict(re.findall(r'name="(\w+)"[^>]*value="(\d+)"', page))
    fields |= {"proof_years": "10", "request_months": "6", "reason": "Prescription décennale"}
    fields["effective_from"] = "2026-11-22"
    response = dpo.send("/stores/limits", **fields)
    assert response.status_code == 302, re.findall(
        r"(?s)<(?:p class=.wrong|li).*?</", response.text
    )[:20]
    page = dpo.get("/stores/limits").text
    assert re.search(r'name="proof_years"[^>]*value="10"', page)
    assert "what was closed before Friday, 22 May 2026" in dpo.get("/stores").text


def test_whoever_asks_gets_everything_as_a_sheet_or_as_json(sample_site):
    dpo = sample_site.signed_in(Role.DPO)
    email = "notifications@annelac-agglo.example"
    place = f"/stores/person?email={email}"
    page = dpo.get(place).text
    assert "records are held of this person" in page
    assert "Serves a controller" in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    data = {"csrf_token": token, "email": email}
    found = json.loads(dpo.post("/stores/person.json", data=data).data)
    assert {"store", "at", "what"} == set(found[0])
    sheet = sheets.read(dpo.post("/stores/person.xlsx", data=data).data, "x.xlsx")
    assert len(sheet.rows) == len(found) + 1  # giving it out stands in the journal too
    assert dpo.post("/stores/person.exe", data=data).status_code == 404
    assert len(entries(sample_site.house.database, "own.answered")) == 2
    assert "Nobody is on record" in dpo.get("/stores/person?email=x@y.example").text


def test_staff_find_their_own_too(sample_site):
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.get(f"/stores/person?email={sample_site.account(Role.DPO)}").text
    assert "Account" in page
    assert "Session" in page
    assert sample_site.signed_in(Role.LEGAL).get("/stores").status_code == 403
