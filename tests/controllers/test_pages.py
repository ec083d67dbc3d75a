"""Dossiers of controllers as people use them: no JavaScript, nothing lost, errors beside fields."""

import io
import re

import pytest

from registers.people.roles import Role

CONTROLLER = {
    "code": "VILLE-NEUVE",
    "name": "Ville Neuve",
    "kind": "commune",
    "public_body": "y",
    "country": "FR",
    "postcode": "31000",
    "city": "Villeneuve",
    "calendar": "FR",
    "good_friday": "y",
    "zone": "Europe/Paris",
    "language": "fr",
    "effective_from": "2026-11-01",
    "reason": "First record",
    "base": "0",
}


@pytest.fixture
def dpo(sample_site):
    return sample_site.signed_in(Role.DPO)


def form_of(client, address):
    """The fields of a form as a browser would send them back."""
    text = client.get(address).text
    fields = {}
    for tag in re.findall(r"<input[^>]*>", text.partition("<main")[2]):
        name = re.search(r'name="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or "checked" in tag):
            value = re.search(r'value="([^"]*)"', tag)
            fields[name[1]] = value[1] if value else ""
    for name, body in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.DOTALL
    ):
        fields[name] = body.strip("\r\n")
    for name, body in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', body) or re.search(
            r'value="([^"]*)"', body
        )
        fields[name] = chosen[1] if chosen else ""
    fields.pop("", None)
    return fields


def test_a_controller_is_recorded_and_read_on_another_day(dpo):
    response = dpo.send("/controllers/new", **CONTROLLER)
    assert response.headers["Location"] == "/controllers/VILLE-NEUVE"
    page = dpo.get("/controllers/VILLE-NEUVE").text
    assert "Villeneuve" in page
    assert "Nobody is named who receives breach notices." in page
    assert "not on record on that day" in dpo.get("/controllers/VILLE-NEUVE?on=2026-10-31").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("postcode", "ABC", "is not a postcode"),
        ("siret", "12345678901234", "neither a SIRET nor a SIREN"),
        ("name", " ", "This entry is needed."),
        ("code", "CA-ANNELAC", "taken already"),
        ("code", "with space", "A code has"),
        ("zone", "Europe/Paname", "Unknown time zone"),
        ("reason", "", "This entry is needed."),
        ("effective_from", "soon", "Not a valid date"),
        ("calendar", "XX", "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_lost(dpo, field, value, sentence):
    response = dpo.send("/controllers/new", **CONTROLLER | {field: value})
    assert response.status_code == 422
    beside = re.search(rf'id="{field}-wrong">([^<]*)<', response.text)
    assert beside, response.text
    assert sentence in beside[1]
    assert 'value="Villeneuve"' in response.text


def test_all_that_is_wrong_is_told_at_once(dpo):
    wrong = {"name": "", "siret": "123", "postcode": "7500", "reason": ""}
    text = dpo.send("/controllers/new", **CONTROLLER | wrong).text
    assert [field for field in wrong if f'id="{field}-wrong"' not in text] == []


def test_a_correction_of_the_past_says_until_when_it_holds(dpo):
    address = "/controllers/CA-ANNELAC/edit"
    begun = form_of(dpo, address)
    sent = begun | {"city": "Ailleurs", "reason": "first", "effective_from": "2026-06-01"}
    assert dpo.post(address, data=sent).status_code == 302
    again = form_of(dpo, address) | {"phone": "04 50 00 00 00", "effective_from": "2026-04-01"}
    page = dpo.post(address, data=again | {"reason": "corrected"}, follow_redirects=True).text
    assert "from 01/04/2026 to 01/06/2026 only" in page
    assert form_of(dpo, address)["phone"] == begun["phone"]  # an edit begins with the present


def test_a_contract_holds_from_its_start_when_no_day_is_given(dpo):
    address = "/controllers/VILLE-MONTVAL/contracts/new"
    given = {"reference": "MTV-2026-7", "starts_on": "2026-06-01", "effective_from": ""}
    response = dpo.post(address, data=form_of(dpo, address) | given)
    assert response.status_code == 302, response.text
    assert "Version 1, in effect since 01/06/2026" in dpo.get(response.headers["Location"]).text


def test_a_stale_edit_shows_both_and_loses_nothing(sample_site, dpo):
    address = "/controllers/CA-ANNELAC/edit"
    mine = form_of(dpo, address) | {"city": "Ma ville", "reason": "mine"}
    other = sample_site.signed_in(Role.LEGAL)
    theirs = form_of(other, address) | {"phone": "04 50 00 00 00", "reason": "theirs"}
    assert other.post(address, data=theirs).status_code == 302
    response = dpo.post(address, data=mine)
    assert response.status_code == 409
    assert "Not saved: somebody else changed this meanwhile" in response.text
    assert "<ins>04 50 00 00 00</ins>" in response.text
    assert "<ins>Ma ville</ins>" in response.text
    assert 'value="Ma ville"' in response.text
    again = dict(re.findall(r'name="(base)"[^>]*value="(\d+)"', response.text))
    assert again == {"base": "2"}
    assert dpo.post(address, data=mine | again).status_code == 302
    history = dpo.get("/controllers/CA-ANNELAC/history").text
    assert "theirs" in history
    assert "mine" in history


def test_saving_without_a_change_adds_no_version(dpo):
    address = "/controllers/CA-ANNELAC/edit"
    sent = form_of(dpo, address) | {"reason": "nothing", "effective_from": "2026-03-01"}
    response = dpo.post(address, data=sent, follow_redirects=True)
    assert "Nothing was changed." in response.text


def test_a_point_of_contact_is_named_and_serves_many(dpo):
    given = {"role": "referent", "email": "notifications@rhinbourg.example", "kind": "mailbox"}
    said = {"effective_from": "2026-11-22", "reason": "told by mail"}
    address = "/controllers/CA-ANNELAC/contacts/new"
    assert dpo.send(address, **given, **said).status_code == 302
    page = dpo.get("/controllers/CA-ANNELAC").text
    contact = re.search(r'href="(/contacts/[^"]+)">notifications@rhinbourg', page)[1]
    served = dpo.get(contact).text
    assert "Eurométropole de Rhinbourg" in served
    assert "Annelac" in served
    form = re.search(r'name="contact" value="([^"]+)"', page.partition("Referent")[2])
    dpo.send(
        "/controllers/CA-ANNELAC/contacts/remove",
        "/controllers/CA-ANNELAC",
        role="referent",
        contact=form[1],
    )
    assert "notifications@rhinbourg" not in dpo.get("/controllers/CA-ANNELAC").text


def test_a_contract_is_recorded_with_its_terms_and_checked_letter_by_letter(dpo):
    address = "/controllers/VILLE-MONTVAL/contracts/new"
    sent = form_of(dpo, address) | {
        "reference": "MTV-2026-99",
        "starts_on": "2026-12-01",
        "services-0-code": "P4",
        "services-0-hosting": "hosted",
        "terms-breach_hours": "24",
        "terms-notice-amount": "3",
        "terms-notice-unit": "months",
        "effective_from": "2026-11-22",
        "reason": "signed",
    }
    response = dpo.post(address, data=sent)
    assert response.status_code == 302, response.text
    contract = response.headers["Location"]
    page = dpo.get(contract).text
    assert "24" in page
    assert "Not yet checked against the eight points" in page
    said = {"effective_from": "2026-11-22", "reason": "read", "base": "1"}
    letters = {f"state-{letter}": "present" for letter in "abcdefgh"} | {"state-g": "absent"}
    assert dpo.send(f"{contract}/review", **letters, **said).status_code == 302
    page = dpo.get(contract).text
    assert "Missing: erasure or return at the end" in page
    assert "Not yet checked" not in page


def test_a_term_of_no_activity_is_told_where_it_is(dpo):
    address = "/controllers/VILLE-MONTVAL/contracts/new"
    sent = form_of(dpo, address) | {"reference": "", "effective_from": "2026-11-22", "reason": "x"}
    response = dpo.post(address, data=sent)
    assert response.status_code == 422
    assert 'id="reference-wrong"' in response.text


def test_a_contract_goes_over_to_another_controller(dpo):
    page = dpo.get("/controllers/VILLE-MONTVAL").text
    contract = re.search(r'href="(/contracts/[^"]+)">MTV-2024-31', page)[1]
    said = {"effective_from": "2026-12-01", "reason": "new competence", "successor": "CA-ANNELAC"}
    response = dpo.send(f"{contract}/transfer", **said)
    assert response.status_code == 200  # not confirmed
    assert dpo.send(f"{contract}/transfer", **said, confirmed="y").status_code == 302
    assert "MTV-2024-31" in dpo.get("/controllers/VILLE-MONTVAL?on=2026-11-30").text
    assert ">MTV-2024-31</a>" not in dpo.get("/controllers/VILLE-MONTVAL?on=2026-12-01").text
    assert "MTV-2024-31" in dpo.get("/controllers/CA-ANNELAC?on=2026-12-01").text
    assert (
        "no controller with this code"
        in dpo.send(f"{contract}/transfer", **said | {"successor": "NOBODY"}, confirmed="y").text
    )


def test_a_table_is_looked_at_and_then_imported(sample_site, dpo):
    table = "code;nom;cp\nCA-ANNELAC;Agglomération;74105\nA-9;Neuf;31000\nA-10;Dix;XX\n".encode()
    page = dpo.get("/import/controllers").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    sent = {"csrf_token": token, "model": "standard", "file": (io.BytesIO(table), "table.csv")}
    look = dpo.post("/import/controllers", data=sent).headers["Location"]
    plan = dpo.get(look).text
    assert "<del>Communauté d’agglomération Annelac–Les Voiries</del>" in plan
    assert "is not a postcode" in plan
    assert sample_site.signed_in(Role.LEGAL).get(look).status_code == 404  # somebody else's file
    assert "Neuf" not in dpo.get("/controllers").text
    address = look.partition("?")[0]
    upload = address.rpartition("/")[2]
    fields = {"upload": upload, "model": "standard", "reason": "new list"}
    response = dpo.send(address, look, **fields)
    assert response.status_code == 302, response.text
    assert "1 new, 1 changed, 0 unchanged" in dpo.get("/controllers").text
    assert dpo.get(look).status_code == 404  # used


def test_a_table_that_is_none_is_refused_with_its_reason(dpo):
    page = dpo.get("/import/controllers").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    for content, sentence in ((b"\x00\x01", "no CSV, XLSX or ODS"), (b"", "is empty")):
        sent = {"csrf_token": token, "model": "standard", "file": (io.BytesIO(content), "t.csv")}
        assert sentence in dpo.post("/import/controllers", data=sent).text
    sent = {
        "csrf_token": token,
        "model": "standard",
        "file": (io.BytesIO(b"code;colour\nA;red\n"), "t"),
    }
    look = dpo.post("/import/controllers", data=sent).headers["Location"]
    response = dpo.get(look)
    assert response.status_code == 422
    assert "These columns are unknown: colour." in response.text


def test_lists_lead_to_the_next_page_and_back(sample_site, dpo):
    lines = [f"N-{number:03d};Commune {number:03d};31000" for number in range(120)]
    table = ("code;nom;cp\n" + "\n".join(lines)).encode()
    page = dpo.get("/import/controllers").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    sent = {"csrf_token": token, "model": "standard", "file": (io.BytesIO(table), "t.csv")}
    look = dpo.post("/import/controllers", data=sent).headers["Location"]
    address = look.partition("?")[0]
    dpo.send(address, look, upload=address.rpartition("/")[2], model="standard", reason="x")
    found, address = [], "/controllers?search=commune+31000&order=code"
    while address:
        text = dpo.get(address).text
        found += re.findall(r'<td data-label="Code" class="nowrap">(N-\d+)</td>', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == [f"N-{number:03d}" for number in range(120)]
    before = re.search(r'rel="prev" href="([^"]+)"', text)[1].replace("&amp;", "&")
    shown = re.findall(r"nowrap\">(N-\d+)</td>", dpo.get(before).text)
    assert shown == [f"N-{number:03d}" for number in range(50, 100)]
