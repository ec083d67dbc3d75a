"""Pages of retention: from the end of a contract to its certificate, by two persons."""

import io
import re
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from registers.annexes.models import Annex
from registers.controllers.models import Contract
from registers.people.roles import Role
from registers.retention.models import Case
from registers.retention.vocabulary import System
from tests.portal.hands import AT, Visitor, link_in, linked_on
from tests.portal.hands import sent as mailed
from tests.requests.asking import recorded
from tests.retention.closing import LETTERS, answered, intervened, ruled
from tests.retention.ended import PDF, controller, end_contract, head_of, release_contacts, rows
from tests.site import site


@pytest.fixture
def here(register_url, tmp_path, clock):
    with site(register_url, tmp_path, clock) as made:
        end_contract(made.house.database, "CA-AL_CM_TT-WD", date(2026, 10, 31))
        yield made


CHECKLIST = {f"on_{each.value}": "nothing" for each in System} | {"on_application": "cleared"}
STATED = {
    "result": "erased",
    "done_on": "2026-11-20",
    "method": "Effacement du volume chiffré",
    **CHECKLIST,
}


def case_of(here, code):
    found = [row for row in rows(here.house.database, Case) if row.promise.code == code]
    return found[0]


def sent(client, address, **fields):
    response = client.send(address, **fields)
    assert response.status_code == 302, re.sub(r"<[^>]+>", " ", response.text)[-3000:]
    return response.headers["Location"]


def test_the_list_shows_what_falls_due_soonest_first(here):
    client = here.signed_in(Role.LEGAL)
    page = client.get("/retention").text
    days = re.findall(r"<strong>(\w+, \d+ \w+ \d{4})</strong>", page)
    assert days[0] == "Monday, 30 November 2026"
    assert days[-1] == "Wednesday, 31 October 2029"
    assert "backups last longer" in page
    assert "the organisation is controller" in page
    assert "no day" in page
    assert "No case is found so" in client.get("/retention?search=nobody").text
    for show in ("late", "undated", "held", "proposed", "own", "done", "withdrawn"):
        assert client.get(f"/retention?show={show}").status_code == 200


def test_the_dossier_says_how_days_were_counted_and_what_backups_hold(here):
    page = here.signed_in(Role.AUDITOR).get("/retention/RT-2026-0001").text
    assert "Never extended" in page
    assert "copies would remain in backups until Wednesday, 3 March 2027" in page
    assert "Even erasing at once would not keep the promise" in page
    assert "not chosen yet" in page
    assert "State an erasure" not in page  # an auditor changes nothing


def test_from_the_end_to_the_certificate(here):
    legal, dpo = here.signed_in(Role.LEGAL), here.signed_in(Role.DPO)
    place = "/retention/RT-2026-0001"
    case = case_of(here, "P4")
    response = legal.send(f"{place}/erase", cases=str(case.id), **STATED)
    assert response.status_code == 422
    assert "has not chosen between erasure and return" in response.text
    document = (io.BytesIO(PDF), "choix.pdf")
    sent(legal, f"{place}/choice", choice="erase", chosen_on="2026-11-03",
         by_name="Solange Perrier", content=document)  # fmt: skip
    response = legal.send(f"{place}/erase", cases=str(case.id), **STATED)
    assert "visa of elimination" in response.text
    assert "Effacement du volume chiffré" in response.text  # nothing typed is lost
    there = sent(legal, f"{place}/erase", cases=str(case.id), visa="AD74-118", **STATED)
    assert there == "/erasures/EF-2026-0001"
    assert "You stated it" in legal.get(there).text
    response = legal.send(f"{there}/decide", confirmed="yes", note="Vu")
    assert "Another person" in response.text
    sent(dpo, f"{there}/decide", confirmed="yes", note="Volume contrôlé")
    sent(dpo, f"{there}/chain/OVH", erased_on="2026-11-21", says="Attestation")
    page = dpo.get(there).text
    assert "Copies remain" in page
    assert page.count("not confirmed yet") == 1
    draft = dpo.get(f"{there}/certificate/draft.pdf")
    assert draft.data.startswith(b"%PDF")
    sealed = sent_post(dpo, f"{there}/certificate", there)
    page = dpo.get(sealed).text
    assert "Erasure certificate" in page
    page = dpo.get(there).text
    assert "Seal the certificate" not in page
    assert "The controller does not have the certificate" in page
    assert "Certificates to send" in dpo.get("/retention").text
    assert "certificate to send" in dpo.get("/").text
    here.clock.at = datetime(2027, 2, 22, 9, tzinfo=UTC)
    dpo, legal = here.signed_in(Role.DPO), here.signed_in(Role.LEGAL)
    assert "out of date" not in page
    sent(legal, f"{there}/chain/SCALEWAY", erased_on="2026-11-21", says="Attestation")
    page = dpo.get(there).text
    assert "No copy is left" in page
    assert "Seal the certificate" in page


def test_the_controller_reads_its_certificate_with_its_link(here):
    database = here.house.database
    here.clock.at = AT
    legal, dpo = here.signed_in(Role.LEGAL), here.signed_in(Role.DPO)
    case = case_of(here, "P2")
    there = sent(legal, "/retention/RT-2026-0001/erase", cases=str(case.id), **STATED)
    sent(dpo, f"{there}/decide", confirmed="yes", note="Contrôlé")
    assert "Seal the certificate, then send it" in dpo.get(there).text
    sent_post(dpo, f"{there}/certificate", there)
    number = re.search(r'name="number" value="([^"]+)"', dpo.get(there).text)[1]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', dpo.get(there).text)[1]
    data = {"csrf_token": token, "number": number}
    assert dpo.post(f"{there}/certificate/send", data=data).status_code == 302
    again = dpo.post(f"{there}/certificate/send", data=data)
    assert "was sent already" in again.text
    ((_recipient, message),) = mailed(here)
    page = dpo.get(there).text
    assert "does not have the certificate" not in page
    assert "sent" in page
    assert "Certificates to send" not in dpo.get("/retention").text
    visitor = Visitor(here, link_in(message).removeprefix("/n/"))
    assert visitor.led_to.endswith("/letter")
    page = visitor.read("/letter")
    assert number in page
    with database.reading() as session:
        digest = session.scalar(sa.select(Annex.paper_sha256).where(Annex.number == number))
        content = database.files.get(session, digest)
    assert visitor.get("/certificate.pdf").data == content
    assert visitor.get("/letter.pdf").data.startswith(b"%PDF")
    # the link of another notice leads to no certificate
    recorded(database, concerned=[controller(database, "BEAUCHENE").id])
    mailed(here)
    stranger = Visitor(here, linked_on(here, "BEAUCHENE", "request"))
    assert stranger.get("/certificate.pdf").status_code == 404


def test_without_an_address_the_letter_is_printed_and_followed(here):
    database = here.house.database
    here.clock.at = AT
    release_contacts(database, "CA-ANNELAC")
    legal, dpo = here.signed_in(Role.LEGAL), here.signed_in(Role.DPO)
    case = case_of(here, "P2")
    there = sent(legal, "/retention/RT-2026-0001/erase", cases=str(case.id), **STATED)
    sent(dpo, f"{there}/decide", confirmed="yes", note="Contrôlé")
    sent_post(dpo, f"{there}/certificate", there)
    page = dpo.get(there).text
    assert "it goes by registered letter, with the certificate enclosed" in page
    number = re.search(r'name="number" value="([^"]+)"', page)[1]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    dpo.post(f"{there}/certificate/send", data={"csrf_token": token, "number": number})
    assert mailed(here) == []
    page = dpo.get(there).text
    assert f"enclose the certificate {number}" in page
    paper = re.search(r'href="([^"]+/certificate/letters/[^"]+[.]pdf)"', page)[1]
    assert dpo.get(paper).data.startswith(b"%PDF")
    slip = paper.removesuffix(".pdf")
    sent(
        dpo, slip, event="deposited", happened_on="2026-11-23", number="1A 222",
        content=(io.BytesIO(PDF), "depot.pdf"),
    )  # fmt: skip
    page = dpo.get(there).text
    assert "1A 222" in page
    document = re.search(r'href="([^"]+/certificate/proofs/[0-9a-f]+)"', page)[1]
    assert dpo.get(document).data == PDF
    assert dpo.get(document[:-4] + "0000").status_code == 404
    sent(dpo, slip, event="returned", happened_on="2026-11-23")
    again = re.search(r'href="([^"]+/again)"', dpo.get(there).text)[1]
    assert dpo.get(again).status_code == 200


def sent_post(client, address, page):
    response = client.send(page, page)  # reads the page for its token
    del response
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)[1]
    response = client.post(address, data={"csrf_token": token})
    assert response.status_code == 302, response.text[-2000:]
    return response.headers["Location"]


def test_what_happened_is_recorded_as_irregular(here):
    legal, case = here.signed_in(Role.LEGAL), case_of(here, "P4")
    place = "/retention/RT-2026-0001/erase"
    response = legal.send(place, cases=str(case.id), happened="y", **STATED)
    assert "Say why" in response.text
    there = sent(
        legal, place, cases=str(case.id), happened="y", irregular="Supprimé par erreur", **STATED
    )
    page = legal.get(there).text
    assert "Irregular" in page
    assert "Supprimé par erreur" in page


def test_holds_days_and_withdrawals(here):
    legal = here.signed_in(Role.LEGAL)
    place = "/retention/RT-2026-0001"
    one, own, two = (case_of(here, code) for code in ("P1", "P1-PRO", "P2"))
    sent(legal, f"{place}/cases/{one.position}/day", day="2031-10-31", reason="C. civ. 2224")
    sent(
        legal, f"{place}/cases/{two.position}/hold", authority="Tribunal de Grenoble",
        since="2026-11-02", reason="Instance", content=(io.BytesIO(PDF), "x.pdf"),
    )  # fmt: skip
    sent(legal, f"{place}/cases/{own.position}/withdraw", reason="Nouveau contrat")
    page = legal.get(place).text
    assert "Tribunal de Grenoble" in page
    assert "Nouveau contrat" in page
    release = re.search(r'href="([^"]+/release)"', page)[1]
    assert "Tribunal de Grenoble" in legal.get(release).text
    sent(legal, release, ended_on="2026-11-20", reason="Désistement")
    assert "Désistement" in legal.get(place).text
    document = re.search(r'href="([^"]+/proofs/[0-9a-f]+)"', page)[1]
    response = legal.get(document)
    assert (response.data, response.mimetype) == (PDF, "application/pdf")
    assert legal.get(f"{place}/proofs/{'0' * 64}").status_code == 404
    assert legal.get(f"{place}/cases/99/hold").status_code == 404


def test_requests_and_returns_follow_each_other(here):
    legal, place = here.signed_in(Role.LEGAL), "/retention/RT-2026-0001"
    ask, give = (
        re.search(rf'href="(/contracts/[^"]+/returns/{what}[^"]*)"', legal.get(place).text)[1]
        for what in ("ask", "give")
    )
    back = sent(legal, ask, received_on="2026-10-16", came="registered_letter", reference="1A 2")
    assert back == place  # one comes back to the case from which one left
    page = legal.get(place).text
    assert "to be answered by Monday, 16 November 2026" in page
    assert "As Sunday, 15 November 2026 is no business day" in page
    asked = re.search(r'<option[^>]*value="([0-9a-f-]{36})"', legal.get(give).text)[1]
    sent(
        legal, give, request=asked, returned_on="2026-11-13", format="CSV",
        content=(io.BytesIO(PDF), "x.pdf"),
    )  # fmt: skip
    assert "Friday, 13 November 2026, CSV" in legal.get(place).text


def test_data_are_returned_while_the_contract_runs(here):
    database = here.house.database
    head = head_of(database, Contract, reference="SF-2026-02")
    legal, place = here.signed_in(Role.LEGAL), f"/contracts/{head.id}/returns"
    assert f'href="{place}"' in legal.get(f"/contracts/{head.id}").text
    assert "returned free of charge within 30 days" in legal.get(place).text
    sent(
        legal, f"{place}/ask", received_on="2026-10-16", came="registered_letter",
        reference="1A 77", sees_to="Exploitation", content=(io.BytesIO(PDF), "x.pdf"),
    )  # fmt: skip
    for page in (legal.get(place).text, legal.get("/retention").text, legal.get("/").text):
        assert "Exploitation" in page
        assert "16 November 2026" in page
    assert "late" in legal.get(place).text
    document = re.search(r'href="([^"]+/returns/proofs/[0-9a-f]+)"', legal.get(place).text)[1]
    assert legal.get(document).data == PDF
    other = head_of(database, Contract, reference="MTV-2024-31")
    assert legal.get(document.replace(str(head.id), str(other.id))).status_code == 404
    asked = re.search(r'value="([0-9a-f-]{36})"', legal.get(f"{place}/give").text)[1]
    sent(legal, f"{place}/give", request=asked, returned_on="2026-11-13", format="CSV")
    page = legal.get(place).text
    assert "answered" in page
    assert "does not count for the end" in page
    assert place not in legal.get("/").text
    assert "Record a request" not in here.signed_in(Role.AUDITOR).get(place).text


def test_ends_are_recorded_by_hand(here):
    legal = here.signed_in(Role.LEGAL)
    known = {"trigger": "service_end", "activity": "P2", "event_on": "2026-11-20"}
    there = sent(legal, "/retention/new", controller="SAINTE-FLORE", reference="SF-2026-02",
                 what="Ticket 4711", **known)  # fmt: skip
    assert "Ticket 4711" in legal.get(there).text
    for wrong in ({"controller": "NOBODY"}, {"controller": "SAINTE-FLORE", "reference": "X"}):
        response = legal.send("/retention/new", **known, **wrong)
        assert "There is no such controller" in response.text
    response = legal.send("/retention/new", controller="SAINTE-FLORE", **{**known, "activity": ""})
    assert "Say which activity" in response.text


def test_nothing_falls_due_in_an_empty_register(empty_site):
    page = empty_site.signed_in(Role.DPO).get("/retention").text
    assert "Nothing falls due" in page


def test_the_intervention_shows_its_cases_and_they_lead_back(here):
    head, _ = intervened(here.house.database, activities=("P3",))
    legal = here.signed_in(Role.LEGAL)
    page = legal.get(f"/interventions/{head.code}").text
    assert "What falls due by its end" in page
    (there,) = re.findall(r'href="(/retention/RT-2026-\d+)"', page)
    back = legal.get(there).text
    assert f'<a href="/interventions/{head.code}">{head.code}</a>' in back
    # who may not look at retention sees the intervention without it
    responder = here.signed_in(Role.RESPONDER).get(f"/interventions/{head.code}").text
    assert there not in responder


def test_the_request_shows_its_cases_and_they_lead_back(here):
    database = here.house.database
    ruled(database, "P2", LETTERS)
    head = answered(database, "BEAUCHENE")
    legal = here.signed_in(Role.LEGAL)
    sent(legal, f"/requests/{head.code}/close", reason="Répondu")
    page = legal.get(f"/requests/{head.code}").text
    (there,) = re.findall(r'href="(/retention/RT-2026-\d+)"', page)
    assert f'<a href="/requests/{head.code}">{head.code}</a>' in legal.get(there).text
