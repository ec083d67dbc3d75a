"""A controller declares its DPO, three ways; a data subject's request reaches its controller."""

import pytest
from playwright.sync_api import expect

from registers.dpo import operations, telling
from registers.dpo.models import Form
from registers.dpo.vocabulary import Confirmation, Phase, Way
from registers.people.roles import Role
from registers.requests.models import Concern
from registers.requests.vocabulary import What
from registers.sample.loading import load_register
from tests.announcements.telling import ANNOUNCER, rows
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.browser.test_accessibility import problems_of
from tests.browser.test_portal import aside, with_code
from tests.databases import Clock
from tests.dpo.declaring import AT, DAY, DECLARED, MAYOR, OLD, PAPER, controller
from tests.dpo.test_pages import person, signed
from tests.portal.hands import code_in, linked_on, sent
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("declaring")]

CODES = {"portal": "NASBINALS", "signed": "MARCHASTEL", "scanned": "RECOULES"}


@pytest.fixture(scope="module")
def register(databases, tmp_path_factory):
    """The fictional parties, and three communes that are asked to declare their DPO."""
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path_factory.mktemp("site"), Clock()) as made,
        served(made) as address,
    ):
        made.clock.at = AT
        database, made.address = made.house.database, address
        made.owners = {
            code: controller(database, code, representative=MAYOR, dpo=OLD)
            for code in CODES.values()
        }
        for head in made.owners.values():
            made.clock.forward(minutes=1)
            with database.acting(ANNOUNCER) as act:
                cause_day = DAY.replace(day=DAY.day + list(made.owners.values()).index(head))
                telling.remind(act, [head.id], cause_day)
        aside(sent, made)
        yield made


def form_of(register, code):
    owner = register.owners[code].id
    return rows(register.house.database, Form, Form.controller_id == owner)[-1]


def fill(page):
    page.fill("#name", "Astruc")
    page.fill("#first_name", "Jeanne")
    page.fill("#email", "dpd@nasbinals.example")
    page.fill("#representative_first_name", "Odile")
    page.fill("#representative_name", "Chabrol")


def begun(register, opened, code, **options):
    page = opened(language="fr", java_script_enabled=False, bypass_csp=True, **options)
    page.goto(f"/n/{linked_on(register, code, 'dpo_awaited')}")
    expect(page.locator("h1")).to_contain_text("délégué à la protection des données")
    page.get_by_role("link", name="Déclarer le délégué à la protection des données").click()
    page.get_by_role("link", name="Déclarer", exact=False).last.click()
    fill(page)
    return page


def by(page):
    page.fill("#by_name", "Luc Roche")
    page.fill("#by_function", "Délégué sortant")


def test_confirmed_on_the_portal_then_by_the_representative(register, opened):
    code = CODES["portal"]
    page = begun(register, opened, code, width=PHONE)
    by(page)
    with_code(register, page, "Déclarer")
    expect(page.locator(".call.warn")).to_contain_text("que lorsque le représentant")
    expect(page.locator("main")).to_contain_text("Ce n’est pas une signature")
    aside(sent, register)
    page.reload()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="La preuve de votre déclaration").click()
    assert waiting.value.suggested_filename.startswith("DD-")
    mayor = opened(language="fr", java_script_enabled=False)
    mayor.goto(f"/n/{linked_on(register, code, 'dpo_confirm')}")
    mayor.get_by_role("link", name="Confirmer, ou indiquer").click()
    mayor.fill("#by_name", "Odile Chabrol")
    mayor.fill("#by_function", "Maire")
    with_code(register, mayor, "Je confirme cette déclaration")
    expect(mayor.locator(".call.good")).to_contain_text("Confirmée")
    form = form_of(register, code)
    assert (form.way, form.phase, form.confirmation) == (
        Way.PORTAL,
        Phase.IN_EFFECT,
        Confirmation.CODE,
    )


@pytest.mark.parametrize("way", ["signed", "scanned"])
def test_signed_electronically_or_by_hand_then_called_back(register, opened, tmp_path, way):
    code = CODES[way]
    page = begun(register, opened, code, width=DESKTOP)
    page.get_by_role("button", name="Préparer le formulaire à signer").click()
    expect(page.locator("main")).to_contain_text("cela prend un instant")
    aside(sent, register)
    page.get_by_role("link", name="Regarder à nouveau").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Le formulaire à signer (PDF)").click()
    waiting.value.save_as(tmp_path / "form.pdf")
    back = tmp_path / "back.pdf"
    produced = (tmp_path / "form.pdf").read_bytes()
    back.write_bytes(aside(signed, produced, person()) if way == "signed" else PAPER)
    names = {"signed": "signée électroniquement par", "scanned": "signée à la main"}
    register.clock.forward(minutes=30)
    page.get_by_role("button", name="M’envoyer un code").click()
    page.get_by_label(names[way], exact=False).check()
    by(page)
    (message,) = [each for _, each in aside(sent, register) if each["Auto-Submitted"]]
    page.fill("#code", code_in(message))
    page.set_input_files("input[type=file]", back)
    page.get_by_role("button", name="Le retourner", exact=True).click()
    expect(page.locator(".call.good").first).to_contain_text("Votre déclaration est reçue")
    number = form_of(register, code).number
    staff = opened(Role.LEGAL, language="fr")
    staff.goto(f"/dpo/{number}")
    if way == "signed":
        expect(staff.locator("main")).to_contain_text("PAdES B-B")
        expect(staff.locator("main")).to_contain_text("le formulaire même qui a été produit")
    staff.get_by_role("link", name="Enregistrer un rappel…").click()
    staff.fill("#note", "Mme Chabrol, au numéro du contrat : confirmé")
    staff.get_by_role("button", name="Confirmée : lui donner effet").click()
    expect(staff.locator(".call.good").first).to_contain_text("la déclaration prend effet")
    assert form_of(register, code).way.value == way


def test_a_request_is_forwarded_and_the_controller_tells_what_became_of_it(register, opened):
    staff = opened(Role.DPO, language="fr")
    staff.goto("/controllers/NASBINALS")
    staff.locator("main").get_by_role("link", name="Demandes", exact=True).click()
    staff.get_by_role("link", name="Enregistrer une demande").first.click()
    staff.get_by_label("Accès (art. 15)").check()
    staff.fill("#name", "Marguerite Vidal")
    staff.fill("#email", "m.vidal@courrier.example")
    staff.fill("#words", "Quelles données avez-vous sur moi ?")
    staff.get_by_role("button", name="Enregistrer et transmettre").click()
    expect(staff.locator(".call.good")).to_contain_text("transmise maintenant")
    recipients = [address for address, _ in aside(sent, register)]
    assert "m.vidal@courrier.example" in recipients
    page = opened(language="fr", width=PHONE, java_script_enabled=False)
    page.goto(f"/n/{linked_on(register, 'NASBINALS', 'request')}")
    expect(page.locator("main")).to_contain_text("Marguerite Vidal")
    expect(page.locator("main")).to_contain_text("lecture la plus prudente")
    page.get_by_role("link", name="Indiquer la suite donnée").click()
    page.fill("#by_name", "Odile Chabrol")
    page.fill("#by_function", "Maire")
    register.clock.forward(minutes=30)
    with_code(register, page, "L’indiquer")
    expect(page.locator(".call.good").first).to_contain_text("Enregistré")
    assert rows(register.house.database, Concern)[-1].outcome is What.ANSWERED
    staff.reload()
    expect(staff.locator("main")).to_contain_text("Réponse donnée par le responsable de traitement")


def asked_to_confirm(register):
    """A commune whose representative is asked to confirm a declaration."""
    if "AUMONT" not in register.owners:
        database = register.house.database
        register.owners["AUMONT"] = controller(database, "AUMONT", representative=MAYOR, dpo=OLD)
        with database.acting(ANNOUNCER) as act:
            operations.enter(act, register.owners["AUMONT"].id, DECLARED, PAPER, DAY)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_axe_finds_nothing_on_the_pages_of_letters(register, opened, width):
    asked_to_confirm(register)
    page = opened(language="fr", width=width, bypass_csp=True)
    problems = []
    for kind, pages in {
        "dpo_awaited": ("/letter", "/dpo", f"/dpo/{register.owners['NASBINALS'].id}"),
        "dpo_confirm": ("/letter", "/confirm"),
    }.items():
        code = "AUMONT" if kind == "dpo_confirm" else "NASBINALS"
        page.goto(f"/n/{linked_on(register, code, kind)}")
        home = page.url.rsplit("/letter", 1)[0]
        for place in pages:
            assert page.goto(f"{home}{place}").ok
            problems += problems_of(page, place)
    assert not problems, "\n".join(map(str, problems))
