"""Legal duties as staff use them and as controllers read them, page by page."""

import io
import re
from datetime import date

import pytest

from registers.assistance import commitments, dossiers
from registers.assistance.commitments import Said
from registers.assistance.duty_models import LegalDuty
from registers.assistance.facts import Member
from registers.assistance.models import Document
from registers.assistance.vocabulary import CommitmentKind
from registers.notices.models import Dispatch, Notice, Posted, Receipt
from registers.notices.vocabulary import DispatchState
from registers.people.roles import Role
from tests.announcements.telling import rows
from tests.assistance.hands import LAWYER, PROVISION, WHY, contract_of
from tests.portal.hands import Visitor, bare, last_code, linked_on, sent

PDF = b"%PDF-1.7 demande"
TYPED = {
    "origin": "member_state",
    "provision": "Code fictif des transmissions, art. L. 12-3",
    "authority": "Agence nationale fictive",
    "reference": "ANF-2026-77",
    "known_on": "2026-11-20",
    "kind": "transfer",
    "data": "Journaux de connexion des agents.",
    "country": "CH",
    "recipient": "Office fédéral fictif",
    "planned_on": "2026-12-01",
    "controllers": "BEAUCHENE",
}
SECRET = {"prohibited": "y", "ground": "Art. L. 98-7 : secret de l’enquête.", "controllers": ""}


@pytest.fixture
def site(sample_site):
    return sample_site


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def client(site):
    return site.signed_in(Role.DPO)


def counted(page):
    return re.search(r'name="count"[^>]*value="(\d*)"', page.text)[1]


def recorded(client, **more):
    """Typed, looked at, confirmed."""
    typed = {**TYPED, **more}
    looked = client.send("/duties/new", **typed)
    return client.send("/duties/new", **typed, confirmed="y", count=counted(looked))


def test_first_it_is_shown_who_is_told_then_it_is_recorded(site, client, database):
    looked = client.send("/duties/new", **TYPED)
    text = bare(looked.text)
    assert "notifications@beauchene.example" in text
    assert "Record and tell the controllers" in text
    assert rows(database, LegalDuty) == []
    unread = client.send("/duties/new", **TYPED, count=counted(looked))
    assert "Read who is told, and say so." in unread.text
    other = client.send("/duties/new", **TYPED, confirmed="y", count="7")
    assert rows(database, LegalDuty) == []
    assert "Read who is told" in other.text
    done = recorded(client)
    assert done.headers["Location"] == "/duties/LD-2026-0001"
    text = bare(client.get("/duties/LD-2026-0001").text)
    for words in ("Agence nationale fictive", "Switzerland", "0 of 1 contract informed"):
        assert words in text
    assert list(dict(sent(site))) == ["notifications@beauchene.example"]
    assert "1 of 1 contract informed" in bare(client.get("/duties/LD-2026-0001").text)
    assert "LD-2026-0001" in client.get("/duties?search=beauchene").text
    assert "LD-2026-0001" in client.get("/controllers/BEAUCHENE/assistance").text
    assert "LD-2026-0001" not in client.get("/controllers/SAINTE-FLORE/assistance").text


def test_what_is_missing_or_irregular_is_said_beside_its_field(client, database):
    answer = client.send("/duties/new", **{**TYPED, "provision": "", "data": ""})
    assert answer.status_code == 422
    for more, words in (
        ({"planned_on": "2026-11-22"}, "informed before"),
        ({"country": "", "recipient": ""}, "Name the third country"),
        ({"controllers": "NOBODY"}, "NOBODY"),
        ({"controllers": ""}, "Name controllers, or tick activities."),
        ({"origin": "third_country"}, "third country"),
        ({"on": "2026-11-21"}, "Give both the day and the time"),
        ({"prohibited": "y"}, "prohibits it and the public interest"),
    ):
        answer = client.send("/duties/new", **{**TYPED, **more})
        assert answer.status_code == 422, more
        assert words in bare(answer.text), more
    assert rows(database, LegalDuty) == []


def test_a_start_too_early_is_recorded_and_said(site, client, database):
    recorded(client)
    page = "/duties/LD-2026-0001"
    done = client.send(f"{page}/begin", on="2026-11-22", at="08:30", says="Fait.")
    assert done.headers["Location"] == page
    text = bare(client.get(page).text)
    assert "before the controllers were informed" in text
    assert "It began before the controller of one contract was informed" in text
    assert client.send(f"{page}/begin", on="", at="").status_code == 422
    assert "late" in bare(client.get("/duties").text)


def test_another_day_and_the_end_of_it(client, database):
    recorded(client)
    page = "/duties/LD-2026-0001"
    assert client.send(f"{page}/plan", on="2026-11-22").status_code == 422
    assert client.send(f"{page}/plan", on="2026-12-09", says="Reporté").status_code == 302
    assert "9 December 2026" in bare(client.get(page).text)
    assert client.send(f"{page}/drop", on="2026-11-22", says="").status_code == 422
    assert client.send(f"{page}/drop", on="2026-11-22", says="Retirée").status_code == 302
    assert len(rows(database, Notice)) == 3
    assert "not pursued" in bare(client.get(page).text)
    assert client.send(f"{page}/plan", on="2026-12-10").status_code == 422


def test_documents_are_added_and_read(client, database):
    recorded(client)
    page = "/duties/LD-2026-0001"
    added = client.send(
        f"{page}/documents/new", title="Demande", content=(io.BytesIO(PDF), "demande.pdf")
    )
    assert added.status_code == 302
    (row,) = rows(database, Document)
    assert client.get(f"{page}/documents/{row.sha256}", buffered=True).data == PDF
    assert client.get(f"{page}/documents/{'0' * 64}").status_code == 404
    assert client.send(f"{page}/documents/new", title="Rien").status_code == 422


def test_what_is_not_to_be_told_is_seen_by_those_who_may_only(site, client, database):
    typed = {**TYPED, **SECRET, "controllers": "BEAUCHENE"}
    looked = client.send("/duties/new", **typed)
    assert "Nobody is told" in bare(looked.text)
    assert "notifications@beauchene.example" not in looked.text
    done = client.send("/duties/new", **typed, confirmed="y", count=counted(looked))
    page = done.headers["Location"]
    assert page == "/duties/LR-2026-0001"
    assert sent(site) == []
    assert "Nobody is to be informed" in client.get(page).text
    assert "LR-2026-0001" in client.get("/controllers/BEAUCHENE/assistance").text
    for role in (Role.LEGAL, Role.AUDITOR):
        other = site.signed_in(role)
        for address in (
            *(page, f"{page}/letters", f"{page}/letters.csv", f"{page}/begin"),
            *(f"{page}/documents/{'0' * 64}", f"{page}/lift"),
        ):
            assert other.get(address).status_code in {403, 404}, (role, address)
        for address in ("/duties", "/controllers/BEAUCHENE/assistance", "/journal", "/"):
            shown = other.get(address).text
            assert "LR-2026-0001" not in shown, (role, address)
            assert "enquête" not in shown, (role, address)
            assert "Agence nationale" not in shown, (role, address)
    legal = site.signed_in(Role.LEGAL)
    assert "prohibited" not in legal.get("/duties/new").text
    told = client.send(f"{page}/lift", on="2026-11-22", says="Fin", confirmed="y")
    assert told.status_code == 302
    assert list(dict(sent(site))) == ["notifications@beauchene.example"]
    assert legal.get(page).status_code == 200


def test_its_letters_go_through_the_mail_room(site, client, database):
    recorded(client, controllers="CA-ANNELAC")
    sent(site)
    (way,) = rows(database, Dispatch, Dispatch.channel == "registered_letter")
    (notice,) = rows(database, Notice)
    place = "/duties/LD-2026-0001/letters"
    assert "Letters to print (PDF)" in client.get(place).text
    table = client.get(f"{place}.csv", buffered=True).data.decode("utf-8-sig")
    assert notice.number in table
    assert client.get(f"{place}.pdf", buffered=True).data.startswith(b"%PDF")
    slips = (
        "notice;code;deposit_number;deposited_on;event;happened_on\n"
        f"{notice.number};CA-ANNELAC;RK 12;2026-11-21;AR signé;2026-11-22\n"
    )
    looked = client.send(place, file=(io.BytesIO(slips.encode()), "slips.csv"))
    onward = looked.headers["Location"]
    assert "RK 12" in client.get(onward).text
    assert client.send(onward).status_code == 302
    assert [each.state for each in rows(database, Dispatch, Dispatch.id == way.id)] == [
        DispatchState.DELIVERED
    ]
    assert {each.evidence.value for each in rows(database, Receipt)} == {"hand_over"}
    page = bare(client.get("/duties/LD-2026-0001").text)
    assert "hand-over slip, signed" in page
    follow = f"{place}/follow/{way.id}"
    done = client.send(
        follow, event="returned", happened_on="2026-11-22", content=(io.BytesIO(PDF), "avis.pdf")
    )
    assert done.status_code == 302
    (slip,) = rows(database, Posted, Posted.proof_sha256.is_not(None))
    file = client.get(f"/duties/LD-2026-0001/documents/{slip.proof_sha256}", buffered=True)
    assert file.data == PDF
    assert client.get(f"{place}/follow/{notice.id}").status_code == 404


def test_the_controller_reads_it_and_acknowledges_receipt(site, client, database):
    recorded(client)
    sent(site)
    visitor = Visitor(site, linked_on(site, "BEAUCHENE", "legal_duty"), "en")
    visitor.home = visitor.led_to.removesuffix("/duty")
    page = bare(visitor.get("/duty").text)
    for words in ("Code fictif des transmissions", "Switzerland", "Acknowledge receipt"):
        assert words in page
    assert visitor.get("/duty/paper.pdf").data.startswith(b"%PDF")
    assert "LD-2026-0001" in visitor.get("/instructions").text
    assert visitor.get("/instruction").status_code == 404
    wrong = visitor.post("/duty/received", by_name="", by_function="", code="000000")
    assert wrong.status_code == 422
    visitor.post("/duty/received", send_code="1")
    by = {"by_name": "Odile Chabrol", "by_function": "maire", "code": last_code(site)}
    assert visitor.post("/duty/received", **by).status_code == 303
    (receipt,) = rows(database, Receipt)
    assert receipt.evidence.value == "portal"
    assert "Receipt acknowledged" in bare(visitor.get("/duty").text)
    recorded(client, controllers="SAINTE-FLORE")
    assert "LD-2026-0002" not in visitor.get("/instructions").text


def test_letters_of_instructions_go_through_the_mail_room(site, client, database):
    contract = contract_of(database, "CA-ANNELAC").id
    fields = {"scope": "operation", "says": "Transmettre.", "given_on": "2026-11-20"}
    given = {"way": "email", "by_name": "Odile Chabrol", "by_function": "", "replaces": ""}
    client.send(f"/contracts/{contract}/instructions/new", **fields, **given)
    why = {"provision": PROVISION, "says": WHY, "confirmed": "y"}
    client.send("/instructions/IN-2026-0001/contest", **why)
    assert "No letter is ready" in client.get("/instructions/letters").text
    sent(site)
    assert "Letters to print (PDF)" in client.get("/instructions/letters").text
    (notice,) = rows(database, Notice)
    (way,) = rows(database, Dispatch, Dispatch.channel == "registered_letter")
    assert client.get("/instructions/letters.pdf", buffered=True).data.startswith(b"%PDF")
    table = client.get("/instructions/letters.csv", buffered=True).data.decode("utf-8-sig")
    assert f"{notice.number};CA-ANNELAC" in table
    follow = f"/instructions/IN-2026-0001/letters/{way.id}"
    assert follow in client.get("/instructions/IN-2026-0001").text
    deposit = {"event": "deposited", "happened_on": "2026-11-22", "number": "RK 7"}
    done = client.send(follow, **deposit, content=(io.BytesIO(PDF), "preuve.pdf"))
    assert done.headers["Location"] == "/instructions/IN-2026-0001"
    (slip,) = rows(database, Posted)
    page = client.get("/instructions/IN-2026-0001")
    assert "RK 7" in page.text
    proof = f"/instructions/IN-2026-0001/documents/{slip.proof_sha256}"
    assert client.get(proof, buffered=True).data == PDF
    slips = (
        "notice;code;deposit_number;deposited_on;event;happened_on\n"
        f"{notice.number};CA-ANNELAC;RK 7;2026-11-22;AR signé;2026-11-22\n"
    )
    looked = client.send("/instructions/letters", file=(io.BytesIO(slips.encode()), "slips.csv"))
    assert client.send(looked.headers["Location"]).status_code == 302
    assert [each.evidence.value for each in rows(database, Receipt)] == ["hand_over"]
    assert "hand-over slip, signed" in bare(client.get("/instructions/IN-2026-0001").text)
    assert site.signed_in(Role.AUDITOR).get(follow).status_code == 403


def test_the_front_page_lists_what_falls_due(site, client, database):
    recorded(client)
    page = bare(client.get("/").text)
    assert "1 December 2026" in page
    assert "0 of 1 contract informed" in page
    with database.acting(LAWYER) as act:
        head = dossiers.record(act, dossiers.STAFF, Member(name="Tom Le Bihan"), "Arrivée")
        said = Said(CommitmentKind.TRAINING, "RGPD", date(2024, 11, 1), 24)
        commitments.commit(act, head.id, said)
    page = bare(client.get("/").text)
    assert "Trainings of staff" in page
    assert "Tom Le Bihan" in page
    assert "Tom Le Bihan" not in site.signed_in(Role.RESPONDER).get("/").text
