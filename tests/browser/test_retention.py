"""From the end of a contract to the erasure certificate, by two persons, in French."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from registers.people.roles import Role
from registers.retention.vocabulary import System
from registers.sample.loading import load_register
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.databases import Clock
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("retention")]

LETTER = {"name": "choix.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}


@pytest.fixture
def register(databases, tmp_path):
    """A register of its own: the journey changes it, and days go by."""
    clock = Clock()
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path, clock) as made,
        served(made) as address,
    ):
        made.address = address
        yield made


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_from_the_end_of_a_contract_to_the_certificate(register, opened, width):
    # stating an erasure is refused at first, and browsers call that an error
    legal = opened(Role.LEGAL, language="fr", width=width, amiss=True)
    end_the_contract(legal)
    record_the_choice(legal)
    state_the_erasure(legal)
    dpo = opened(Role.DPO, language="fr", width=width)
    confirm(dpo)
    let_the_chain_confirm(dpo)
    first = seal(dpo)
    expect(dpo.locator("main")).to_contain_text("Certificat d’effacement")
    register.clock.at = datetime(2027, 2, 22, 9, tzinfo=UTC)
    later = opened(Role.DPO, language="fr", width=width)
    later.goto("/erasures/EF-2026-0001")
    expect(later.locator(".call.good")).to_contain_text("Il ne subsiste aucune copie")
    expect(later.locator("main")).to_contain_text(first)
    assert seal(later) != first


def end_the_contract(legal):
    legal.goto("/contracts/terms")
    legal.click("text=CA-AL_CM_TT-WD")
    expect(legal.locator("main")).to_contain_text("lundi 28 décembre 2026")
    expect(legal.locator("main")).to_contain_text("29/02/2028")
    legal.get_by_role("link", name="Modifier", exact=True).click()
    legal.fill("#ended_on", "2026-10-31")
    legal.fill("#end_reason", "Résiliation par lettre recommandée")
    legal.fill("#reason", "Fin du contrat")
    legal.click(".save-bar button")
    legal.click("text=RT-2026-0001")
    expect(legal.locator("main")).to_contain_text("lundi 30 novembre 2026")
    expect(legal.locator("main")).to_contain_text("jusqu’au mercredi 3 mars 2027")
    expect(legal.locator("main")).to_contain_text("organisme responsable de traitement")


def record_the_choice(legal):
    legal.get_by_role("link", name="Consigner le choix").click()
    legal.get_by_label("Effacer", exact=True).check()
    legal.fill("#chosen_on", "2026-11-03")
    legal.fill("#by_name", "Solange Perrier")
    legal.set_input_files("#document", LETTER)
    legal.click("main form .btn-primary")
    expect(legal.locator(".call.good").first).to_contain_text("Le choix est consigné")


def state_the_erasure(legal):
    legal.get_by_role("link", name="Déclarer son effacement – Données hébergées").click()
    expect(legal.locator("#against")).to_be_visible()
    expect(legal.get_by_label("P4 – Données hébergées")).to_be_checked()
    legal.fill("#done_on", "2026-11-20")
    legal.fill("#method", "Effacement du volume chiffré et destruction de sa clé")
    for system in System:
        answer = "cleared" if system is System.APPLICATION else "nothing"
        legal.select_option(f"#on_{system.value}", answer)
    legal.click("main form .btn-primary")
    expect(legal.locator("main")).to_contain_text("visa d’élimination")
    expect(legal.locator("#method")).to_have_value(
        "Effacement du volume chiffré et destruction de sa clé"
    )
    legal.fill("#visa", "AD74-2026-118")
    legal.click("main form .btn-primary")
    expect(legal.locator("h1")).to_have_text("Effacement EF-2026-0001")
    expect(legal.locator("main")).to_contain_text("une autre personne doit confirmer")


def confirm(dpo):
    dpo.goto("/retention?show=proposed")
    dpo.click("text=RT-2026-0001")
    dpo.click("text=EF-2026-0001")
    dpo.click("text=Confirmer ou non…")
    dpo.get_by_label("Je confirme").check()
    dpo.fill("#note", "Volume et clé contrôlés")
    dpo.click("main form .btn-primary")
    expect(dpo.locator("main")).to_contain_text("Des copies subsistent")


def let_the_chain_confirm(dpo):
    for name in ("OVH SAS", "Scaleway SAS"):
        dpo.get_by_role("link", name=f"L’enregistrer – {name}").click()
        dpo.fill("#erased_on", "2026-11-21")
        dpo.fill("#says", "Attestation de destruction")
        dpo.click("main form .btn-primary")
    expect(dpo.locator("main")).not_to_contain_text("pas encore confirmé")


def seal(dpo):
    dpo.goto("/erasures/EF-2026-0001")
    dpo.click("text=Sceller le certificat")
    expect(dpo.locator("h1")).to_contain_text("AX-")
    number = dpo.locator("h1").inner_text()
    return number.split()[-1]
