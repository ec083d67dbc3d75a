"""Pages of the own stores: limits, a person's word, and everything held of somebody."""

import json
import re

import pytest

from registers.kernel import sheets
from registers.people.roles import WORKER, Role
from registers.retention.models import OwnErasure
from registers.stores import erasing
from tests.assistance.test_operations import UNDERTAKEN, committed, member
from tests.registers import entries
from tests.requests.asking import controllers_of, recorded
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
    page = dpo.send("/stores/person", email=email).text
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
    assert "Nobody is on record" in dpo.send("/stores/person", email="x@y.example").text


def test_staff_find_their_own_too(sample_site):
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.send("/stores/person", email=sample_site.account(Role.DPO)).text
    assert "Account" in page
    assert "Session" in page
    assert sample_site.signed_in(Role.LEGAL).get("/stores").status_code == 403


def test_a_data_subject_finds_the_request_and_where_it_went(sample_site):
    database = sample_site.house.database
    (owner,) = controllers_of(database, "CA-ANNELAC")
    head = recorded(database, concerned=(owner,))
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.send("/stores/person", email="M.Vidal@courrier.example").text
    for said in (head.code, "3 rue Haute", "quelles données vous avez", "Request passed on"):
        assert said in page
    assert "m.vidal" not in str(dpo.get("/stores/person").text)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    data = {"csrf_token": token, "name": "marguerite VIDAL"}
    found = json.loads(dpo.post("/stores/person.json", data=data).data)
    (mine,) = [each for each in found if each["store"] == "Request of a data subject"]
    assert mine["what"]["email"] == "m.vidal@courrier.example"
    assert mine["what"]["rights"] == ["access", "erasure"]


def test_authorised_persons_are_found_by_name_with_their_undertakings(sample_site):
    database = sample_site.house.database
    head = member(database, "Élise Béranger")
    committed(database, head, UNDERTAKEN)
    dpo = sample_site.signed_in(Role.DPO)
    page = dpo.send("/stores/person", name="élise béranger").text
    for said in ("Authorised person", "Authorised since", "5 January 2026", "Undertaking or train"):
        assert said in page
    assert "Nobody is on record" in dpo.send("/stores/person", name="lise béranger").text
    assert "at least four letters" in dpo.send("/stores/person", name="éli").text
    assert "Give an address or a name" in dpo.send("/stores/person").text


def test_the_answer_speaks_the_language_of_its_reader(sample_site):
    dpo = sample_site.signed_in(Role.DPO)
    dpo.get("/language/fr")
    page = dpo.send("/stores/person", email="basile.fontanel@annelac-agglo.example").text
    for raw in ("contact.recorded", "first_name", ">FR<", "2026-", "&#34;after&#34;"):
        assert raw not in page.partition("<tbody>")[2].partition("</tbody>")[0], raw
    for said in ("Prénom", "France", "Ce qui n’est pas recherché"):
        assert said in page
