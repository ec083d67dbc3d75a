"""Instructions and assistance as staff use them, page by page."""

import io
import re
import zipfile

import pytest

from registers.assistance.models import (
    Assistance,
    Certificate,
    Commitment,
    Document,
    Instruction,
    InstructionStep,
    Intervention,
    Member,
)
from registers.assistance.vocabulary import Step
from registers.notices.models import Dispatch, Notice
from registers.notices.operations import Result, record_results
from registers.people.roles import Role
from tests.announcements.telling import ANNOUNCER, rows
from tests.assistance.hands import PROVISION, WHY, contract_of
from tests.controllers.test_pages import form_of
from tests.portal.hands import bare, sent

PDF = b"%PDF-1.7 rapport"


@pytest.fixture
def site(sample_site):
    return sample_site


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def client(site):
    return site.signed_in(Role.DPO)


def recorded(client, database, code="BEAUCHENE", **more):
    address = f"/contracts/{contract_of(database, code).id}/instructions/new"
    fields = {
        "scope": "operation",
        "says": "Transmettre la liste des absences.",
        "given_on": "2026-11-20",
        "way": "email",
        "by_name": "Odile Chabrol",
        "by_function": "maire",
        "replaces": "",
    }
    return client.send(address, **{**fields, **more})


def test_an_instruction_from_the_letter_to_its_execution(client, database):
    answer = recorded(client, database, content=(io.BytesIO(PDF), "lettre.pdf"))
    assert answer.headers["Location"] == "/instructions/IN-2026-0001"
    page = "/instructions/IN-2026-0001"
    text = bare(client.get(page).text)
    for words in ("Transmettre la liste des absences.", "Odile Chabrol, maire", "received"):
        assert words in text
    (row,) = rows(database, Instruction)
    file = client.get(f"{page}/documents/{row.proof_sha256}", buffered=True)
    assert (file.data, file.mimetype) == (PDF, "application/pdf")
    assert "attachment" in file.headers["Content-Disposition"]
    assert client.get(f"{page}/documents/{'0' * 64}").status_code == 404
    assert client.send(f"{page}/accept", on="2026-11-21").status_code == 302
    assert client.send(f"{page}/execute", on="2026-11-22", says="Fait.").status_code == 302
    text = bare(client.get(page).text)
    assert "executed" in text
    assert "What deserves a look" not in text
    assert [each.step for each in rows(database, InstructionStep)] == [Step.ACCEPTED, Step.EXECUTED]
    assert "IN-2026-0001" in client.get("/instructions").text
    assert "IN-2026-0001" not in client.get("/instructions?open=on").text


def test_what_is_missing_is_said_beside_its_field(client, database):
    answer = recorded(client, database, says="", by_name="")
    assert answer.status_code == 422
    assert answer.text.count("This entry is needed.") >= 2
    answer = recorded(client, database, scope="purpose")
    assert "Name the purposes" in answer.text
    answer = recorded(client, database, content=(io.BytesIO(b"MZ"), "x.exe"))
    assert "A proof is a PDF" in answer.text
    assert rows(database, Instruction) == []


def test_contesting_says_to_whom_and_tells_the_controller(site, client, database):
    recorded(client, database)
    page = "/instructions/IN-2026-0001"
    text = bare(client.get(f"{page}/contest").text)
    assert "notifications@beauchene.example" in text
    refused = client.send(f"{page}/contest", provision=PROVISION, says=WHY)
    assert refused.status_code == 422
    done = client.send(f"{page}/contest", provision=PROVISION, says=WHY, confirmed="y")
    assert done.headers["Location"] == page
    text = bare(client.get(page).text)
    for words in ("contested", PROVISION, WHY, "NT-2026-0001", "to do"):
        assert words in text
    assert "Contest…" not in text
    messages = dict(sent(site))
    assert list(messages) == ["notifications@beauchene.example"]
    assert "NT-2026-0001" in messages["notifications@beauchene.example"]["Subject"]
    assert "sent" in bare(client.get(page).text)
    client.send(f"{page}/execute", on="2026-11-22")
    assert "although it was contested" in client.get(page).text


def test_a_notice_that_did_not_arrive_goes_on(site, client, database):
    recorded(client, database)
    page = "/instructions/IN-2026-0001"
    client.send(f"{page}/contest", provision=PROVISION, says=WHY, confirmed="y")
    sent(site)
    (way,) = rows(database, Dispatch, Dispatch.channel == "email")
    with database.acting(ANNOUNCER) as act:
        record_results(act, [Result(way.id, False, "550")])
    again = f"{page}/dispatches/{way.id}/again"
    assert again in client.get(page).text
    form = client.get(again)
    assert form.status_code == 200
    assert client.send(again, address="post").status_code == 302
    assert {each.channel.value for each in rows(database, Dispatch)} == {
        "email",
        "registered_letter",
    }
    other = site.signed_in(Role.DPO)
    assert other.get(f"/instructions/IN-2026-0001/dispatches/{rows(database, Notice)[0].id}/again")


def test_the_controllers_word_is_recorded(client, database):
    recorded(client, database)
    page = "/instructions/IN-2026-0001"
    client.send(f"{page}/contest", provision=PROVISION, says=WHY, confirmed="y")
    done = client.send(
        f"{page}/answer", step="withdrawn", on="2026-11-22", by_name="Odile Chabrol", says="Soit."
    )
    assert done.status_code == 302
    assert "withdrawn" in bare(client.get(page).text)
    refused = client.send(f"{page}/accept", on="2026-11-22")
    assert refused.status_code == 422
    assert "was withdrawn by the controller" in refused.text


def test_contract_and_controller_lead_to_instructions(client, database):
    recorded(client, database)
    contract = contract_of(database, "BEAUCHENE")
    assert "IN-2026-0001" in client.get(f"/contracts/{contract.id}").text
    assert "/controllers/BEAUCHENE/assistance" in client.get("/controllers/BEAUCHENE").text
    text = client.get("/controllers/BEAUCHENE/assistance").text
    for words in ("IN-2026-0001", "Evidence pack", "Record an audit"):
        assert words in text


def test_an_audit_with_its_report(client, database):
    new = "/controllers/BEAUCHENE/audits/new"
    made = client.send(
        new,
        title="Audit annuel",
        kind="audit",
        asked_on="2026-09-01",
        asked_by="Le DPO",
        base="0",
        effective_from="2026-11-22",
        reason="Demande",
    )
    assert made.headers["Location"] == "/audits/AU-2026-0001", made.text
    page = "/audits/AU-2026-0001"
    more = {
        "title": "Audit annuel",
        "kind": "audit",
        "asked_on": "2026-09-01",
        "asked_by": "Le DPO",
        "held_on": "2026-10-02",
        "findings-0-says": "Journaux trop longs",
        "findings-0-due_on": "2027-01-31",
        "base": "1",
        "effective_from": "2026-11-22",
        "reason": "Rapport",
    }
    assert client.send(f"{page}/edit", **more).status_code == 302
    document = (io.BytesIO(PDF), "rapport.pdf")
    add = f"{page}/documents/new"
    assert client.send(add, title="Rapport", content=document).status_code == 302
    assert client.send(add, title="Rapport").status_code == 422
    text = bare(client.get(page).text)
    for words in ("Journaux trop longs", "findings reported", "Rapport"):
        assert words in text
    (row,) = rows(database, Document)
    assert client.get(f"{page}/documents/{row.sha256}", buffered=True).data == PDF
    assert client.get(f"{page}/documents/{'0' * 64}").status_code == 404
    assert "Audit annuel" in client.get("/audits?search=annuel&open=on&kind=audit").text
    assert "Audit annuel" not in client.get("/audits?kind=security").text
    assert "Audit annuel" in client.get("/controllers/BEAUCHENE/assistance").text
    stale = client.send(f"{page}/edit", **{**more, "title": "Autre"})
    assert stale.status_code == 409
    past = client.get(f"{page}/history?from=0").text
    assert "Beauchêne" in past
    assert not re.search(r"Finding\(|datetime\.|<ins>[0-9a-f-]{36}", past)
    assert len(rows(database, Assistance)) == 1


def test_an_intervention_says_what_was_not_as_promised(site, database):
    responder = site.signed_in(Role.RESPONDER)
    begin = responder.get("/assistance/begin/interventions?search=beauch").text
    assert "/controllers/BEAUCHENE/interventions/new" in begin
    fields = {
        "title": "Import bloqué",
        "environment": "production",
        "operators": "Maël Riou",
        "opened-on": "2026-11-20",
        "opened-at": "10:00",
        "opened-zone": "Europe/Paris",
        "base": "0",
        "effective_from": "2026-11-22",
        "reason": "Ticket",
    }
    new = "/controllers/BEAUCHENE/interventions/new"
    made = responder.send(new, **{**form_of(responder, new), **fields})
    assert made.headers["Location"] == "/interventions/IV-2026-0001", made.text
    text = bare(responder.get("/interventions/IV-2026-0001").text)
    for words in (
        "No ticket triggered it.",
        "without an express consent",
        "formal written agreement",
        "never kept",
        "access open",
    ):
        assert words in text
    assert "IV-2026-0001" in responder.get("/interventions?state=open").text
    assert "IV-2026-0001" in responder.get("/interventions?state=irregular").text
    assert responder.get("/controllers/BEAUCHENE/assistance").status_code == 403
    assert responder.get("/staff").status_code == 403
    (row,) = rows(database, Intervention)
    assert row.findings == 3
    form = responder.get("/interventions/IV-2026-0001/edit").text
    assert "password" not in form.lower()


def test_a_time_that_clocks_showed_twice_is_asked_for(client):
    fields = {
        "title": "De nuit",
        "environment": "test",
        "opened-on": "2026-10-25",
        "opened-at": "02:30",
        "opened-zone": "Europe/Paris",
        "base": "0",
        "effective_from": "2026-11-22",
        "reason": "Ticket",
    }
    new = "/controllers/BEAUCHENE/interventions/new"
    fields = {**form_of(client, new), **fields}
    refused = client.send(new, **fields)
    assert refused.status_code == 422
    assert "twice" in refused.text
    assert client.send(new, **{**fields, "opened-second": "second"}).status_code == 302


def test_staff_with_undertakings_and_trainings(client, database):
    new = {"name": "Maël Riou", "joined_on": "2026-01-05", "base": "0", "reason": "Arrivée"}
    made = client.send("/staff/new", **new, effective_from="2026-11-22")
    assert made.headers["Location"] == "/staff/PA-2026-0001", made.text
    assert "missing" in client.get("/staff?gaps=on").text
    said = {"kind": "training", "title": "RGPD", "done_on": "2024-11-30", "months": "24"}
    add = "/staff/PA-2026-0001/commitments/new"
    assert client.send(add, **said, content=(io.BytesIO(PDF), "x.pdf")).status_code == 302
    assert "due again soon" in client.get("/staff").text
    (row,) = rows(database, Commitment)
    base = f"/staff/PA-2026-0001/commitments/{row.id}"
    assert client.get(f"{base}/document", buffered=True).data == PDF
    assert client.send(f"{base}/correct", **said).status_code == 422
    right = {**said, "done_on": "2026-11-02", "note": "Mauvaise feuille"}
    assert client.send(f"{base}/correct", **right).status_code == 302
    text = client.get("/staff/PA-2026-0001").text
    assert "corrected since" in text
    assert "02/11/2026" in text
    assert len(rows(database, Member)) == 1


def test_certificates(client, database):
    fields = {
        "title": "ISO 27001",
        "kind": "standard",
        "issuer": "Certificateur",
        "subprocessor": "OVH",
        "starts_on": "2024-01-01",
        "ends_on": "2025-12-31",
        "base": "0",
        "reason": "Reçu",
        "effective_from": "2026-11-22",
    }
    assert client.send("/certificates/new", **fields).status_code == 302
    text = client.get("/certificates").text
    assert "OVH SAS" in text
    assert "expired" in text
    (row,) = rows(database, Certificate)
    assert client.get(f"/certificates/{row.code}").status_code == 200


def test_the_contribution_to_an_assessment(client):
    assert "/activities/P4/assessment" in client.get("/activities/P4").text
    draft = client.get("/activities/P4/assessment.pdf", buffered=True)
    assert draft.data.startswith(b"%PDF")
    sealed = client.send("/activities/P4/assessment", on="2026-11-22", language="fr")
    assert sealed.status_code == 302, sealed.text
    assert "/annexes/AX-2026-" in sealed.headers["Location"]
    assert client.get(sealed.headers["Location"]).status_code == 200
    assert client.get("/annexes").status_code == 200


def test_the_evidence_pack_leaves_as_one_archive(client, database):
    recorded(client, database)
    page = "/controllers/BEAUCHENE/assistance"
    answer = client.send("/controllers/BEAUCHENE/evidence.zip", page)
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
    answer.close()
    assert {"README.txt", "verifier.py", "instructions.json", "measures.json"} <= set(names)
    assert client.get("/journal?kind=").status_code == 200
