"""An instruction is contested: given with a personal link, told unlawful, withdrawn by its link."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from registers.assistance.models import Instruction, InstructionStep
from registers.assistance.vocabulary import Step
from registers.notices.models import Receipt
from registers.people.roles import Role
from registers.sample.loading import load_register
from tests.announcements.telling import rows
from tests.assistance import hands
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.browser.test_accessibility import problems_of
from tests.databases import Clock
from tests.portal.hands import code_in, linked_on, sent, told
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("instructing")]

CODE = "BEAUCHENE"
SAYS = "Transmettre chaque mois à notre assureur la liste des agents absents, avec le motif."
PROVISION = "Art. 5, § 1, b, et art. 9 du RGPD"
WHY = "La liste révèle des données de santé, pour une finalité étrangère au contrat."


def aside(task, *given):
    """The press and the browser each want a loop of their own."""
    with ThreadPoolExecutor() as threads:
        return threads.submit(task, *given).result()


@pytest.fixture(scope="module")
def register(databases, tmp_path_factory):
    """The fictional parties, told of a change: every controller has a personal link."""
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path_factory.mktemp("site"), Clock()) as made,
        served(made) as address,
    ):
        told(made.house.database, made.clock)
        aside(sent, made)
        made.address = address
        yield made


@pytest.fixture(scope="module")
def contested(register):
    """The controller was told why one of its instructions is unlawful, and has not answered."""
    hands.contested(register.house.database, hands.given(register.house.database, CODE))
    aside(sent, register)


def with_code(register, page, button):
    """Asks for a code on the page, reads it in the message, gives it."""
    register.clock.forward(minutes=1)
    page.get_by_role("button", name="M’envoyer un code").click()
    expect(page.locator(".call.good")).to_contain_text("Un code vient d’être envoyé")
    (message,) = [message for _, message in aside(sent, register) if message["Auto-Submitted"]]
    page.fill("#code", code_in(message))
    page.get_by_role("button", name=button, exact=True).click()


def gives(register, opened, width):
    """The controller gives it, with the link of another notice and without scripts."""
    page = opened(language="fr", width=width, java_script_enabled=False)
    page.goto(f"/n/{linked_on(register, CODE)}")
    page.get_by_role("link", name="Instructions documentées").click()
    page.get_by_role("link", name="Donner une instruction").click()
    page.fill("#says", SAYS)
    page.fill("#purposes", "Suivi des absences par l’assureur")
    page.select_option("#scope", "purpose")
    page.fill("#by_name", "Odile Chabrol")
    page.fill("#by_function", "Bourgmestre")
    with_code(register, page, "Donner l’instruction")
    expect(page.locator(".call.good")).to_have_text("Votre instruction est enregistrée.")
    expect(page.locator("main")).to_contain_text("reçue")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_contest_an_instruction(register, opened, width):
    database = register.house.database
    before = len(rows(database, Instruction))

    gives(register, opened, width)
    row = sorted(rows(database, Instruction), key=lambda each: each.code)[before]

    # legal staff contest it: the notice leaves at once
    staff = opened(Role.LEGAL, language="fr", width=width)
    staff.goto("/instructions")
    staff.get_by_role("link", name=row.code).click()
    expect(staff.locator("main")).to_contain_text("Sur le portail, avec un code à usage unique")
    staff.get_by_role("link", name="Contester…").click()
    expect(staff.locator(".call").first).to_contain_text("notifications@beauchene.example")
    staff.fill("#provision", PROVISION)
    staff.fill("#says", WHY)
    staff.check("#confirmed")
    staff.get_by_role("button", name="Contester et informer le responsable de traitement").click()
    expect(staff.locator("main")).to_contain_text("contestée")
    expect(staff.locator("main")).to_contain_text(PROVISION)
    messages = dict(aside(sent, register))
    message = messages["notifications@beauchene.example"]
    assert PROVISION in message.get_body(("plain",)).get_content()

    # the controller reads why, and withdraws it
    page = opened(language="fr", width=width, java_script_enabled=False)
    page.goto(f"/n/{linked_on(register, CODE, 'instruction')}")
    assert "/n/" not in page.url
    expect(page.locator("h1")).to_contain_text("illicite")
    expect(page.locator("main")).to_contain_text(WHY)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="La notification signée (PDF)").click()
    assert waiting.value.suggested_filename.endswith(".pdf")
    page.get_by_role("link", name="La retirer ou la maintenir").click()
    page.get_by_label("nous retirons l’instruction").check()
    page.fill("#by_name", "Odile Chabrol")
    page.fill("#by_function", "Bourgmestre")
    with_code(register, page, "Répondre")
    expect(page.locator(".call.good")).to_have_text("Votre réponse est enregistrée.")
    expect(page.locator("main")).to_contain_text("retirée")

    # what happened stands in the dossier, with the receipt that the answer proves
    staff.reload()
    expect(staff.locator("main")).to_contain_text("Retirée par le responsable de traitement")
    expect(staff.locator("main")).to_contain_text("Réception :")
    assert staff.evaluate("document.documentElement.scrollWidth") <= width
    steps = sorted(
        rows(database, InstructionStep, InstructionStep.instruction_id == row.id),
        key=lambda each: each.number,
    )
    assert [each.step for each in steps] == [Step.CONTESTED, Step.WITHDRAWN]
    assert rows(database, Receipt, Receipt.by_name == "Odile Chabrol")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(register, contested, opened, scheme, width):
    page = opened(language="fr", width=width, scheme=scheme, bypass_csp=True)
    page.goto(f"/n/{linked_on(register, CODE, 'instruction')}")
    home, problems = page.url, []
    base = home.removesuffix("/instruction")
    pages = [home, f"{base}/instructions", f"{base}/instructions/give"]
    page.goto(f"{base}/instructions")
    answers = page.locator("a[href$='/answer']")
    pages += [answers.nth(place).get_attribute("href") for place in range(answers.count())][:1]
    for address in pages:
        assert page.goto(address).ok, address
        problems += problems_of(page, address)
    assert not problems, "\n".join(map(str, problems))
