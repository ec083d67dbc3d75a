"""Declarations through the pages: of staff, and of a controller with its link; three ways back."""

import io
import re

import pytest
import sqlalchemy as sa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from registers.annexes.models import Annex
from registers.controllers.models import Controller
from registers.dpo import queries, returning, telling
from registers.dpo.models import Form
from registers.dpo.vocabulary import Confirmation, Phase, Way
from registers.notices.models import Notice
from registers.people.roles import Role
from registers.press.paper import CONTROLLER_FIELD
from registers.press.verify import verify
from tests.annexes.papers import TEST
from tests.announcements.telling import ANNOUNCER, rows
from tests.dpo.declaring import AT, DAY, DECLARED, MAYOR, OLD, PAPER, controller
from tests.portal.hands import Visitor, bare, last_code, linked_on, sent
from tests.press.reading import words
from tests.press.samples import mayor as other_person
from tests.site import site

TYPED = {
    name: getattr(DECLARED, name)
    for name in DECLARED.__struct_fields__
    if isinstance(getattr(DECLARED, name), str) and getattr(DECLARED, name)
} | {"kind": "person", "done_on": "2026-11-20", "none": "", "since": ""}


@pytest.fixture
def house(register_url, tmp_path, clock):
    """An installation with a commune whose mayor and former DPO are on record."""
    with site(register_url, tmp_path, clock) as made:
        clock.at = AT
        made.owner = controller(
            made.house.database, "NASBINALS", representative=MAYOR, dpo=OLD, breach=OLD
        )
        yield made


def form_on(made):
    (form,) = rows(made.house.database, Form)
    return form


def signed(content, identity):
    """The form as the controller signs it with a program of its own."""
    metadata = PdfSignatureMetadata(
        field_name=CONTROLLER_FIELD, name=identity.name, subfilter=SigSeedSubFilter.PADES
    )
    written = io.BytesIO()
    PdfSigner(metadata, identity.signer).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(content)), existing_fields_only=True, output=written
    )
    return written.getvalue()


def person():
    """Who signs for the controller: a test identity of its own."""
    return other_person()[0]


def upload(content, name="formulaire.pdf"):
    return (io.BytesIO(content), name)


def test_staff_enter_a_paper_with_its_scan_and_call_back(house):
    client = house.signed_in(Role.LEGAL)
    place = "/controllers/NASBINALS/dpo/new"
    refused = client.send(place, **TYPED, how="paper")
    assert refused.status_code == 422
    assert "Attach the signed form" in refused.text
    done = client.send(place, **TYPED, how="paper", content=upload(PAPER))
    assert done.status_code == 302, bare(done.text)
    number = form_on(house).number
    page = client.get(f"/dpo/{number}")
    assert "maire@nasbinals.example" in page.text
    assert "no electronic signature" in bare(page.text)
    assert client.get(f"/dpo/{number}/returned").data == PAPER
    client.send(f"/dpo/{number}/confirm", note="Mme Chabrol, au numéro du contrat : confirmé")
    assert form_on(house).confirmation is Confirmation.CALL_BACK
    dossier = bare(client.get("/controllers/NASBINALS/dpo").text)
    assert "Madame Jeanne Astruc" in dossier
    assert f"{OLD.email} until" in dossier
    assert "Jeanne" in bare(client.get("/controllers/NASBINALS").text)
    assert client.get("/controllers/NASBINALS/dpo/history").status_code == 200
    before = client.get("/controllers/NASBINALS/dpo?on=2026-01-01")
    assert "No declaration was in effect on this day" in before.text


def test_staff_have_the_form_made_ready_and_it_comes_back_signed_electronically(house, tmp_path):
    client, database = house.signed_in(Role.DPO), house.house.database
    client.send("/controllers/NASBINALS/dpo/new", **{**TYPED, "done_on": ""}, how="to_sign")
    form = form_on(house)
    assert "takes a moment" in client.get(f"/dpo/{form.number}").text
    assert client.get(f"/dpo/{form.number}/form.pdf").status_code == 404
    sent(house)
    produced = client.get(f"/dpo/{form.number}/form.pdf").data
    assert verify(produced).sound
    content = signed(produced, person())
    place = f"/dpo/{form.number}/return"
    for wrong in (produced, content[:-400] + b"x" * 400, b"%PDF-1.7 other", PAPER):
        answer = client.send(place, way="signed", content=upload(wrong))
        assert answer.status_code == 422
    assert form_on(house).phase is Phase.DRAWN
    done = client.send(place, way="signed", content=upload(content), done_on="2026-11-22")
    assert done.status_code == 302, bare(done.text)
    form = form_on(house)
    assert (form.way, form.phase, form.found["same"]) == (Way.SIGNED, Phase.RETURNED, True)
    assert form.found["trusted"] is None
    page = bare(client.get(f"/dpo/{form.number}").text)
    assert "PAdES B-B" in page
    assert "no authority to trust is set" in page
    assert "the very form that was produced" in page
    assert client.get(f"/dpo/{form.number}/returned").data == content
    refused = client.send(f"/dpo/{form.number}/refuse", reason="Inconnu de la mairie")
    assert refused.status_code == 302
    assert form_on(house).phase is Phase.REFUSED
    assert len(rows(database, Annex, Annex.kind == "dpo_declaration")) == 1


def test_the_form_says_what_it_is_and_has_the_field_in_place_of_the_anchor(house, tmp_path):
    client = house.signed_in(Role.DPO, language="fr")
    client.send("/controllers/NASBINALS/dpo/new", **{**TYPED, "done_on": ""}, how="to_sign")
    sent(house)
    content = client.get(f"/dpo/{form_on(house).number}/form.pdf").data
    said = re.sub(r"\s+", " ", " ".join(words(content, tmp_path / "form.pdf")))
    assert "#signature1#" not in said
    for each in (
        "formulaire contractuel",
        "Personne publique",
        "Commune de Nasbinals",
        "Représentant",
        "maire",
        "Astruc",
        "dpd@nasbinals.example",
        "Signature et cachet",
    ):
        assert each in said, each
    assert "ne vaut pas désignation auprès de l’autorité de contrôle" in said


def asked(house):
    """The commune is asked to declare; the link of the message."""
    with house.house.database.acting(ANNOUNCER) as act:
        telling.remind(act, [house.owner.id], DAY)
    sent(house)
    return linked_on(house, "NASBINALS", "dpo_awaited")


def test_a_controller_declares_on_the_portal_and_its_representative_confirms(house, tmp_path):
    visitor = Visitor(house, asked(house), "en")
    assert visitor.led_to.endswith("/letter")
    assert "Declare the data protection officer" in visitor.read("/letter")
    assert "nothing yet" in visitor.read("/dpo")
    place = f"/dpo/{house.owner.id}"
    assert "no designation" in visitor.read(place)
    assert visitor.post(place, send_code="1", **TYPED).status_code == 200
    by = {"by_name": "Luc Roche", "by_function": "DPD sortant", "code": last_code(house)}
    wrong = visitor.post(place, **{**TYPED, **by, "code": ""})
    assert wrong.status_code == 422
    done = visitor.post(place, **TYPED, **by)
    assert done.status_code == 303, bare(done.text)
    form = form_on(house)
    assert (form.way, form.phase, form.code_to) == (Way.PORTAL, Phase.RETURNED, OLD.email)
    status = visitor.read(f"/dpo/forms/{form.id}")
    assert "m…" in status
    assert "only when the representative on record has confirmed" in status

    sent(house)
    (evidence,) = rows(house.house.database, Annex, Annex.kind == "dpo_evidence")
    assert evidence.about == f"declaration_form:{form.id}"
    paper = visitor.get(f"/dpo/forms/{form.id}/form.pdf").data
    assert verify(paper).sound
    mayor = Visitor(house, linked_on(house, "NASBINALS", "dpo_confirm"), "en")
    assert "Jeanne Astruc" in mayor.read("/letter")
    assert mayor.post("/confirm", send_code="1").status_code == 200
    done = mayor.post(
        "/confirm", by_name="Odile Chabrol", by_function="Maire", code=last_code(house)
    )
    assert done.status_code == 303, bare(done.text)
    assert form_on(house).confirmation is Confirmation.CODE
    assert "In effect from" in visitor.read(f"/dpo/forms/{form.id}")
    assert "Nothing is to be confirmed" in mayor.read("/confirm")
    former = sent(house)
    assert OLD.email in [address for address, _ in former]


def test_the_representative_may_say_that_it_knows_nothing_of_it(house):
    visitor = Visitor(house, asked(house))
    place = f"/dpo/{house.owner.id}"
    visitor.post(place, send_code="1", **TYPED)
    by = {"by_name": "X", "by_function": "Y", "code": last_code(house)}
    visitor.post(place, **TYPED, **by)
    sent(house)
    mayor = Visitor(house, linked_on(house, "NASBINALS", "dpo_confirm"))
    mayor.post("/confirm", send_code="1")
    mayor.post(
        "/confirm",
        by_name="Odile Chabrol",
        by_function="Maire",
        code=last_code(house),
        reason="Inconnu",
        refuse="1",
    )
    form = form_on(house)
    assert (form.phase, "Inconnu" in form.note) == (Phase.REFUSED, True)
    with house.reading() as session:
        assert queries.of_controller(session, house.owner.id) is None


@pytest.mark.parametrize("way", ["signed", "scanned"])
def test_a_controller_brings_the_signed_form_back_on_the_portal(house, way):
    visitor = Visitor(house, asked(house), "en")
    place = f"/dpo/{house.owner.id}"
    drawn = visitor.post(place, paper="1", **TYPED)
    assert drawn.status_code == 303, bare(drawn.text)
    form = form_on(house)
    assert "takes a moment" in visitor.read(f"/dpo/forms/{form.id}")
    sent(house)
    produced = visitor.get(f"/dpo/forms/{form.id}/form.pdf").data
    content = signed(produced, person()) if way == "signed" else PAPER
    back = f"/dpo/forms/{form.id}"
    visitor.post(back, send_code="1", way=way)
    done = visitor.post(
        back,
        way=way,
        content=upload(content),
        by_name="Luc Roche",
        by_function="DPD",
        code=last_code(house),
    )
    assert done.status_code == 303, bare(done.text)
    form = form_on(house)
    assert (form.way.value, form.phase, form.code_to) == (way, Phase.RETURNED, OLD.email)


def test_a_link_opens_nothing_of_another_controller_or_of_another_link(house):
    visitor = Visitor(house, asked(house))
    with house.reading() as session:
        other = session.scalar(sa.select(Controller.id).where(Controller.code != "NASBINALS"))
    assert visitor.get(f"/dpo/{other}").status_code == 404
    place = f"{visitor.home}/dpo/{other}"
    assert visitor.client.send(place, f"{visitor.home}/dpo", **TYPED).status_code in {400, 404}
    visitor.post(f"/dpo/{house.owner.id}", paper="1", **TYPED)
    form = form_on(house)
    with house.house.database.acting(ANNOUNCER) as act:
        telling.remind(act, [other], DAY)
    sent(house)
    code = next(row.code for row in rows(house.house.database, Controller) if row.id == other)
    stranger = Visitor(house, linked_on(house, code, "dpo_awaited"))
    for page in (f"/dpo/forms/{form.id}", f"/dpo/forms/{form.id}/form.pdf", "/confirm", "/request"):
        assert stranger.get(page).status_code == 404, page


def test_a_former_address_reads_and_declares_nothing(house):
    client = house.signed_in(Role.DPO)
    client.send("/controllers/NASBINALS/dpo/new", **TYPED, how="paper", content=upload(PAPER))
    client.send(f"/dpo/{form_on(house).number}/confirm", note="Rappelé : confirmé")
    sent(house)
    former = Visitor(house, linked_on(house, "NASBINALS", "dpo_former"), "en")
    assert "in place of yours" in former.read("/letter")
    assert former.get("/dpo").status_code == 404
    assert former.get(f"/dpo/{house.owner.id}").status_code == 404
    assert former.get("/letter.pdf").status_code == 200


def test_the_list_asks_and_tells_of_our_own_dpo(house):
    client, database = house.signed_in(Role.DPO), house.house.database
    page = client.get("/dpo?search=nasbinals")
    assert "nobody is called late" in bare(client.get("/dpo").text)
    assert "NASBINALS" not in page.text  # it has no contract that runs
    client.send("/dpo/remind", "/dpo", all="1")
    assert "Nothing was sent" in client.get("/dpo").text
    client.send("/dpo/remind", "/dpo", all="1", confirmed="y")
    asked_ones = rows(database, Notice, Notice.kind == "dpo_awaited")
    assert asked_ones
    client.send("/dpo/remind", "/dpo", all="1", confirmed="y")
    assert "asked today already" in client.get("/dpo").text
    assert len(rows(database, Notice, Notice.kind == "dpo_awaited")) == len(asked_ones)
    organisation = client.get("/organisation/edit").text
    fields = dict(re.findall(r'name="([a-z_]+)"[^>]*value="([^"]*)"', organisation))
    assert fields["dpo_name"]
    again = client.send("/dpo/broadcast", "/dpo")
    assert again.status_code == 302
    assert rows(database, Notice, Notice.kind == "our_dpo") == []


def test_an_authority_that_is_relied_on_is_told(house):
    client = house.signed_in(Role.DPO)
    client.send("/controllers/NASBINALS/dpo/new", **{**TYPED, "done_on": ""}, how="to_sign")
    sent(house)
    produced = client.get(f"/dpo/{form_on(house).number}/form.pdf").data
    identity, authority = other_person()
    content = signed(produced, identity)
    found = returning.examine(content, produced, [authority], AT)
    assert (found.trusted, found.intact, found.same, found.test) == (True, True, True, True)
    assert returning.examine(content, produced, [TEST.authority], AT).trusted is False
    assert found.by == identity.name
    assert returning.examine(content, content).same is False
    assert returning.examine(produced, produced).by == ""
