"""A breach on both sides, on a desk and on a telephone: recorded, told, acknowledged, closed."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from registers.breaches.models import Affected
from registers.breaches.vocabulary import Step
from registers.people.roles import Role
from registers.sample.loading import load_register
from tests.announcements.telling import rows
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.browser.test_accessibility import problems_of
from tests.databases import Clock
from tests.portal import breached
from tests.portal.hands import code_in, linked_on, sent
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("breach")]

PLACE = "/breaches/BR-2026-0001"
OWNER = "CA-ANNELAC"
NO_PAGES = {"told.paper", "told.form_pdf", "told.form_json"}
"""Routes of the portal that give a file."""


def aside(task, *given):
    """The press and the browser each want a loop of their own."""
    with ThreadPoolExecutor() as threads:
        return threads.submit(task, *given).result()


@pytest.fixture
def register(databases, tmp_path):
    """A register of its own: the journey changes it, and hours go by."""
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path, Clock()) as made,
        served(made) as address,
    ):
        made.address = address
        yield made


def works(register):
    """What the worker does meanwhile; gives the messages that left."""
    return aside(sent, register)


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_from_the_alert_to_the_closing_notice(register, opened, width):
    responder = opened(Role.RESPONDER, language="fr", width=width)
    record(responder)
    find(responder)
    notify(responder, "Première notification")
    works(register)
    leave(register, responder, hours=2)
    guest = opened(language="fr", width=width)
    read_and_acknowledge(register, guest, width)
    responder = opened(Role.RESPONDER, language="fr", width=width)
    complement(responder)
    notify(responder, "Complément")
    works(register)
    read_more(guest)
    leave(register, responder, hours=18)
    legal = opened(Role.LEGAL, language="fr", width=width)
    deposit(register, legal)
    register.clock.forward(hours=3)
    close(register, opened(Role.DPO, language="fr", width=width))


def leave(register, page, **time):
    """Time goes by while nobody looks at the page: its clocks would ask without a session."""
    page.goto("about:blank")
    register.clock.forward(**time)


def record(page):
    page.goto("/")
    page.goto("/breaches")
    page.get_by_role("link", name="Enregistrer une violation").first.click()
    page.fill("#title", "Accès non autorisé à la plateforme")
    page.get_by_label("P4 – Hébergement").check()
    page.click(".save-bar .btn-primary")
    expect(page.locator(".call.good")).to_contain_text("Trouvez maintenant")


def find(page):
    page.goto(f"{PLACE}/affected/proposed")
    page.click(".save-bar .btn-primary")
    expect(page.locator(".call.good")).to_contain_text("délais courent")
    expect(page.locator("#found")).to_contain_text("Communauté d’agglomération Annelac")
    persons, records = "Nombre approximatif de personnes", "Nombre approximatif d’enregistrements"
    page.get_by_label(f"{persons} – Communauté d’agglomération Annelac").fill("140")
    page.get_by_label(f"{records} – Communauté d’agglomération Annelac").fill("310")
    page.get_by_label(f"{persons} – Commune de Sainte-Flore").fill("777001")
    page.get_by_role("button", name="Enregistrer les nombres").last.click()
    page.goto(f"{PLACE}/edit")
    page.fill("#description", "Un compte de maintenance a été utilisé par un tiers.")
    page.get_by_label("Confidentialité").check()
    page.fill("#reason", "Premières constatations")
    page.click(".save-bar button")
    expect(page.locator("main")).to_contain_text("Un compte de maintenance a été utilisé")


def notify(page, step):
    page.goto(f"{PLACE}/notify")
    page.get_by_role("link", name=re.compile(step)).click()
    page.check("#confirmed")
    page.click("main form .btn-danger")
    expect(page.locator(".call.good")).to_contain_text("notifications")


def read_and_acknowledge(register, page, width):
    page.goto(f"/n/{linked_on(register, OWNER, 'breach')}")
    own = page.locator("section.answer")
    expect(page.locator("h1")).to_have_text("Accès non autorisé à la plateforme")
    expect(own).to_contain_text("mercredi 25 novembre 2026, 10 h 30 (Europe/Paris, UTC+01:00)")
    expect(own).to_contain_text("au plus tard, à titre indicatif")
    expect(own).to_contain_text("70 heures 0 min restantes")
    expect(page.locator("main")).to_contain_text("140")
    expect(page.locator("main")).not_to_contain_text("777")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name, ending in (("Formulaire prérempli", "pdf"), ("Le même en données", "json")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=re.compile(name)).click()
        assert waiting.value.suggested_filename == f"BR-2026-0001-authority-form.{ending}"
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("La notification signée")).click()
    assert waiting.value.suggested_filename.endswith(".pdf")
    page.get_by_role("link", name="Accuser réception").click()
    page.fill("#by_name", "Basile Fontanel")
    page.fill("#by_function", "Délégué à la protection des données")
    page.get_by_role("button", name="M’envoyer un code").click()
    expect(page.locator(".call.good")).to_contain_text("Un code vient d’être envoyé")
    (message,) = [each for _, each in works(register) if each["Auto-Submitted"]]
    page.fill("#code", code_in(message))
    page.get_by_role("button", name="Accuser réception", exact=True).click()
    expect(page.locator(".call.good")).to_have_text("L’accusé de réception est enregistré.")
    expect(page.locator("main")).to_contain_text("Basile Fontanel")
    expect(page.locator("main")).to_contain_text("vous informez les personnes concernées")


def complement(page):
    page.goto(f"{PLACE}/edit")
    page.fill("#consequences", "Hameçonnage ciblé des agents.")
    page.fill("#measures_taken", "Compte désactivé.")
    page.fill("#reason", "Analyse des journaux")
    page.click(".save-bar button")
    expect(page.locator("main")).to_contain_text("Hameçonnage ciblé des agents.")


def read_more(page):
    page.get_by_role("link", name="Retour à la notification").first.click()
    expect(page.locator("main")).to_contain_text("Hameçonnage ciblé des agents.")
    expect(page.locator("main")).to_contain_text("Ce qui a changé depuis l’envoi précédent")
    expect(page.locator("section.answer")).to_contain_text("25 novembre 2026, 10 h 30")
    expect(page.get_by_role("link", name=re.compile("NT-2026-")).first).to_be_visible()


def deposit(register, page):
    database = register.house.database
    page.goto(PLACE)
    page.get_by_role("link", name="Courriers").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("PDF")).click()
    assert waiting.value.suggested_filename == "BR-2026-0001-letters.pdf"
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("CSV")).click()
    table = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
    heading = table[0].split(";")
    number, day = heading.index("Numéro de dépôt"), heading.index("Date de dépôt")
    lines = [table[0]]
    for place, line in enumerate(table[1:]):
        cells = line.split(";")
        cells[number], cells[day] = f"2C {place:03}", "23/11/2026"
        lines.append(";".join(cells))
    filled = "\n".join(lines).encode()
    page.set_input_files("#file", {"name": "t.csv", "mimeType": "text/csv", "buffer": filled})
    page.get_by_role("button", name="Examiner").click()
    expect(page.locator("main .count").first).to_have_text(str(len(lines) - 1))
    page.click("main form .btn-primary")
    expect(page.locator(".call.good")).to_contain_text("avis postaux sont consignés")
    assert all(row.complete_at for row in rows(database, Affected))
    page.goto(f"{PLACE}/told/{OWNER}")
    expect(page.locator("main")).to_contain_text("accusé de réception sur le portail")
    expect(page.locator("main")).to_contain_text("2C 000")


def close(register, page):
    page.goto(f"{PLACE}/notify?step=closing")
    page.check("#confirmed")
    page.click("main form .btn-danger")
    works(register)
    page.goto(f"{PLACE}/close")
    page.get_by_label(re.compile("les obligations sont remplies")).check()
    page.fill("#reason", "Examen terminé.")
    page.click("main form .btn-danger")
    expect(page.locator("main")).to_contain_text("Examen terminé.")


@pytest.mark.parametrize(("scheme", "width"), [("light", DESKTOP), ("dark", PHONE)])
def test_axe_finds_nothing_on_the_portal(register, opened, width, scheme):
    database = register.house.database
    head = breached.breached(database)
    breached.notify(database, head)
    works(register)
    breached.learn(database, head, replace(breached.KNOWN, consequences=""))
    breached.notify(database, head, Step.MORE, 2)
    works(register)
    page = opened(language="fr", width=width, scheme=scheme, bypass_csp=True)
    page.goto(f"/n/{linked_on(register, OWNER, 'breach')}")
    adapter = register.app.url_map.bind("localhost")
    home, waiting, reached, problems = page.url, [page.url], set(), []
    seen = set(waiting)
    while waiting:
        address = waiting.pop()
        assert page.goto(address).ok, address
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        problems += problems_of(page, address)
        reached.add(adapter.match(urlsplit(address).path)[0])
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href.split('#')[0])")
        new = {
            link
            for link in links
            if link.startswith(home) and not link.endswith((".pdf", ".json")) and link not in seen
        }
        seen |= new
        waiting += sorted(new)
    assert not problems, "\n".join(map(str, problems))
    pages = {
        rule.endpoint
        for rule in register.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.startswith("told.")
    }
    assert reached == pages - NO_PAGES
