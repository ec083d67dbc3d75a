"""Requests through the pages: of staff, and of the controller with its link."""

import io
import re

import pytest

from registers.people.roles import Role
from registers.press.verify import verify
from registers.requests.models import Concern, Request
from registers.requests.vocabulary import Phase, What
from tests.announcements.telling import rows
from tests.portal.hands import Visitor, bare, last_code, linked_on, sent
from tests.press.reading import words
from tests.requests.asking import AT
from tests.site import site

TYPED = {
    "rights": ["access", "erasure"],
    "channel": "letter",
    "received_on": "2026-11-20",
    "name": "Marguerite Vidal",
    "email": "m.vidal@courrier.example",
    "address": "Marguerite Vidal\n3 rue Haute\n48000 Mende",
    "words": "Quelles données avez-vous sur moi ?",
    "language": "fr",
    "controllers": "CA-ANNELAC",
}


@pytest.fixture
def house(register_url, tmp_path, clock):
    with site(register_url, tmp_path, clock) as made:
        clock.at = AT
        yield made


def request_on(made):
    return rows(made.house.database, Request)[-1]


def test_staff_take_a_request_in_and_it_is_passed_on_by_the_same_act(house):
    client = house.signed_in(Role.LEGAL)
    wrong = client.send("/requests/new", **{**TYPED, "controllers": "Nobody", "rights": []})
    assert wrong.status_code == 422
    assert "There is no controller named" in wrong.text
    done = client.send("/requests/new", **TYPED)
    assert done.status_code == 302, bare(done.text)
    messages = dict(sent(house))
    assert TYPED["email"] in messages
    assert len(messages) == 2
    page = bare(client.get("/requests/DR-2026-0001").text)
    for each in ("Marguerite Vidal", "Monday, 21 December 2026", "not settled", "It is no answer"):
        assert each in page, each
    assert "one month" in page or "Within one month" in page
    assert "DR-2026-0001" in client.get("/controllers/CA-ANNELAC/requests").text
    assert "DR-2026-0001" in client.get("/requests?search=annelac").text
    assert client.get("/").status_code == 200


def test_a_name_may_stand_for_a_controller_where_it_is_one_alone(house):
    client = house.signed_in(Role.DPO)
    several = client.send("/requests/new", **{**TYPED, "controllers": "commune"})
    assert several.status_code == 422
    assert "may be several" in bare(several.text) or "There is no controller" in several.text
    done = client.send("/requests/new", **{**TYPED, "controllers": "montval"})
    assert done.status_code == 302, bare(done.text)


def test_the_controller_reads_the_request_and_tells_what_became_of_it(house):
    client = house.signed_in(Role.DPO)
    client.send("/requests/new", **TYPED)
    sent(house)
    visitor = Visitor(house, linked_on(house, "CA-ANNELAC", "request"), "en")
    letter = visitor.read("/letter")
    for each in ("Marguerite Vidal", "Quelles données", "21 December 2026", "not settled"):
        assert each in letter, each
    assert visitor.get("/letter.pdf").status_code == 200
    assert visitor.get("/confirm").status_code == 404
    assert visitor.post("/request", send_code="1", what="extended").status_code == 200
    by = {"by_name": "Inès Roux", "by_function": "DPD", "on": "2026-11-23"}
    wrong = visitor.post("/request", what="answered", code="000000", **by)
    assert wrong.status_code == 422
    assert visitor.post("/request", send_code="1", what="extended").status_code == 200
    done = visitor.post(
        "/request", what="extended", note="Nombreux fichiers", code=last_code(house), **by
    )
    assert done.status_code == 303, bare(done.text)
    assert "22 February 2027" in visitor.read("/letter")
    house.clock.forward(minutes=30)
    visitor.post("/request", send_code="1", what="answered")
    done = visitor.post("/request", what="answered", code=last_code(house), **by)
    assert done.status_code == 303, bare(done.text)
    (concern,) = rows(house.house.database, Concern)
    assert concern.outcome is What.ANSWERED
    assert "It was told already" in visitor.read("/request")
    dossier = bare(client.get("/requests/DR-2026-0001").text)
    assert "Nombreux fichiers (Inès Roux, DPD)" in dossier


def test_a_request_without_a_controller_waits_on_the_front_page(house):
    client = house.signed_in(Role.DPO)
    client.send("/requests/new", **{**TYPED, "controllers": ""})
    assert "controller to be found" in client.get("/").text
    done = client.send("/requests/DR-2026-0001/pass-on", controllers="VILLE-MONTVAL\nCA-ANNELAC")
    assert done.status_code == 302, bare(done.text)
    assert len(rows(house.house.database, Concern)) == 2


def test_one_that_was_addressed_to_the_wrong_body_is_closed_and_erased(house):
    client = house.signed_in(Role.DPO)
    client.send("/requests/new", **{**TYPED, "controllers": ""})
    client.send("/requests/DR-2026-0001/close", reason="Orientée vers la CPAM")
    assert request_on(house).phase is Phase.MISDIRECTED
    assert client.send("/requests/DR-2026-0001/erase", "/requests/DR-2026-0001").status_code == 302
    page = client.get("/requests/DR-2026-0001").text
    assert "Vidal" not in page
    assert "Orientée" not in page
    assert "were erased" in page
    for place in ("edit", "follow", "close", "pass-on"):
        assert client.get(f"/requests/DR-2026-0001/{place}").status_code == 409, place
    assert client.get("/requests/DR-2026-0001/acknowledgement.pdf").status_code == 404


def test_the_confirmation_by_letter_is_sealed_printed_and_not_kept(house, tmp_path):
    client = house.signed_in(Role.LEGAL)
    client.send("/requests/new", **{**TYPED, "email": ""})
    before = sorted(_files(house))
    answer = client.get("/requests/DR-2026-0001/acknowledgement.pdf")
    assert verify(answer.data).sound
    said = re.sub(r"\s+", " ", " ".join(words(answer.data, tmp_path / "letter.pdf")))
    assert "3 rue Haute" in said
    assert "ne vaut pas réponse" in said
    assert sorted(_files(house)) == before
    posted = {"what": "acknowledged", "on": "2026-11-23", "note": "Lettre simple"}
    assert client.send("/requests/DR-2026-0001/follow", **posted).status_code == 302
    assert request_on(house).acknowledged_at is not None


def _files(house):
    with house.reading() as session:
        return list(house.house.database.files.names(session))


def test_what_happened_is_recorded_with_its_document(house):
    client = house.signed_in(Role.LEGAL)
    client.send("/requests/new", **TYPED)
    content = b"%PDF-1.7 extraction"
    given = {"what": "assisted", "on": "2026-11-23", "note": "Extraction remise"}
    bad = client.send("/requests/DR-2026-0001/follow", **{**given, "note": ""})
    assert bad.status_code == 422
    done = client.send(
        "/requests/DR-2026-0001/follow", **given, content=(io.BytesIO(content), "e.pdf")
    )
    assert done.status_code == 302, bare(done.text)
    page = client.get("/requests/DR-2026-0001").text
    place = re.search(r"/requests/DR-2026-0001/documents/[0-9a-f-]+", page)[0]
    assert client.get(place).data == content
    edited = client.send(
        "/requests/DR-2026-0001/edit",
        rights="access",
        channel="letter",
        received_on="2026-11-20",
        name="Marguerite Vidal",
        words="Précisée",
        language="fr",
        base="1",
        effective_from="2026-11-23",
        reason="Précision",
    )
    assert edited.status_code == 302, bare(edited.text)
    assert "Précisée" in client.get("/requests/DR-2026-0001").text


def test_whoever_may_only_read_records_nothing(house):
    client = house.signed_in(Role.DPO)
    client.send("/requests/new", **TYPED)
    auditor = house.signed_in(Role.AUDITOR)
    assert auditor.get("/requests/DR-2026-0001").status_code == 200
    assert auditor.get("/requests/new").status_code == 403
    assert house.signed_in(Role.RESPONDER).get("/requests").status_code == 403


def test_a_closed_request_says_until_when_the_person_is_kept(house):
    client = house.signed_in(Role.LEGAL)
    client.send("/requests/new", **{**TYPED, "controllers": ""})
    place = f"/requests/{request_on(house).code}"
    assert client.send(f"{place}/close", reason="Autre organisme").status_code == 302
    page = client.get(place).text
    assert "Tuesday, 23 November 2027" in page
    assert "by the limit that is set for the own stores" in page
