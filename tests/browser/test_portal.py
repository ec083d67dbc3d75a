"""What a controller's contact does with the link of a notice, in a browser, without scripts."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from registers.announcements.models import Objection
from registers.notices.models import Receipt
from registers.sample.loading import load_register
from tests.announcements.telling import rows
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.browser.test_accessibility import PORTAL, problems_of
from tests.databases import Clock
from tests.portal.hands import code_in, linked_on, sent, share_contact, told
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

FIRST, OTHERS = "CA-ANNELAC", ("SAINTE-FLORE", "EM-RHINBOURG")
NO_PAGES = {"portal.sheet", "portal.follow", "portal.paper", "portal.former"}
"""Routes that lead on, or give a paper."""


def aside(task, *given):
    """The press and the browser each want a loop of their own."""
    with ThreadPoolExecutor() as threads:
        return threads.submit(task, *given).result()


@pytest.fixture(scope="module")
def register(databases, tmp_path_factory):
    """The fictional parties and their address, before anything was announced."""
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path_factory.mktemp("site"), Clock()) as made,
        served(made) as address,
    ):
        made.address = address
        yield made


@pytest.fixture(scope="module")
def outgoing(register):
    """The messages that left: eight controllers told, three of them through one contact."""
    database = register.house.database
    share_contact(database, FIRST, *OTHERS)
    told(database, register.clock)
    return dict(aside(sent, register))


@pytest.fixture
def visit(register, outgoing, opened):
    """Opens a window on the notice of a controller."""

    def follow(code, **options):
        page = opened(language="fr", **options)
        page.goto(f"/n/{linked_on(register, code)}")
        return page

    return follow


def with_code(register, page, button):
    """Asks for a code on the page, reads it in the message, gives it."""
    register.clock.forward(minutes=1)
    page.get_by_role("button", name="M’envoyer un code").click()
    expect(page.locator(".call.good")).to_contain_text("Un code vient d’être envoyé")
    (message,) = [message for _, message in aside(sent, register) if message["Auto-Submitted"]]
    page.fill("#code", code_in(message))
    page.get_by_role("button", name=button, exact=True).click()


@pytest.mark.parametrize(
    ("width", "code"), [(DESKTOP, "ESCH-RIVIERE"), (PHONE, "BEAUCHENE")], ids=["desk", "phone"]
)
def test_from_the_link_to_an_objection(register, outgoing, visit, width, code):
    page = visit(code, width=width, java_script_enabled=False)
    assert "/n/" not in page.url
    expect(page.locator("h1")).to_contain_text("Changement")
    expect(page.locator("main")).to_contain_text("Messagerie Boréale SAS")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as waiting:
        page.get_by_role("link", name="La notification signée (PDF)").click()
    assert waiting.value.suggested_filename.endswith(".pdf")

    page.get_by_role("link", name="Accuser réception").click()
    page.fill("#by_name", "Odile Chabrol")
    page.fill("#by_function", "Secrétaire de mairie")
    with_code(register, page, "Accuser réception")
    expect(page.locator(".call.good")).to_have_text("L’accusé de réception est enregistré.")
    expect(page.locator("main")).to_contain_text("Odile Chabrol, Secrétaire de mairie")
    page.get_by_role("link", name="Retour à la notification").first.click()
    expect(page.locator(".answer")).to_contain_text("jusqu’au")
    expect(page.get_by_role("link", name="Accuser réception")).to_have_count(0)
    page.get_by_role("link", name="Décompte du délai, jour par jour").click()
    page.locator("summary").click()
    expect(page.locator("table.days tbody tr.last")).to_be_visible()
    page.go_back()

    page.get_by_role("link", name="Formuler une objection").click()
    page.fill("#by_name", "Odile Chabrol")
    page.fill("#by_function", "Secrétaire de mairie")
    page.fill("#grounds", "L’hébergement n’est pas décrit.")
    with_code(register, page, "Formuler une objection")
    expect(page.locator(".call.good")).to_have_text("Votre objection est enregistrée.")
    expect(page.locator("main")).to_contain_text("dans le délai")
    expect(page.locator("main")).to_contain_text("L’hébergement n’est pas décrit.")
    database = register.house.database
    (objection,) = rows(database, Objection, Objection.grounds != "", Objection.way == "portal")[
        -1:
    ]
    assert objection.by_name == "Odile Chabrol"
    assert rows(database, Receipt, Receipt.matter_id == objection.matter_id)


def test_a_slip_keeps_everything_typed(visit):
    page = visit("UNIV-CLAIRMONT", amiss=True)
    page.get_by_role("link", name="Formuler une objection").click()
    page.fill("#grounds", "Deux lignes\nde motifs")
    page.fill("#code", "000000")
    page.get_by_role("button", name="Formuler une objection", exact=True).click()
    expect(page.locator(".summary-wrong")).to_be_visible()
    expect(page.locator("#grounds")).to_have_value("Deux lignes\nde motifs")
    page.locator(".summary-wrong a").first.click()
    expect(page.locator("#by_name")).to_be_focused()


@pytest.mark.parametrize(("scheme", "width"), [("light", DESKTOP), ("dark", PHONE)])
def test_axe_finds_nothing(register, visit, scheme, width):
    problems, reached = [], set()
    adapter = register.app.url_map.bind("localhost")
    for code in ("VILLE-MONTVAL", "BEAUCHENE"):
        page = visit(code, width=width, scheme=scheme, bypass_csp=True)
        for address in pages_of(page):
            assert page.goto(address).ok, address
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            problems += problems_of(page, address)
            reached.add(adapter.match(urlsplit(address).path)[0])
    assert not problems, "\n".join(map(str, problems))
    pages = {
        rule.endpoint
        for rule in register.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.partition(".")[0] in PORTAL
    }
    assert reached >= pages - NO_PAGES


def pages_of(page):
    """Every page that links of a visit lead to."""
    home = page.url
    waiting = [home, f"{home}/contracts"]
    found = dict.fromkeys(waiting)
    while waiting:
        page.goto(waiting.pop(0))
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href.split('#')[0])")
        new = [
            link
            for link in links
            if link.startswith(home) and link not in found and not link.endswith(".pdf")
        ]
        found |= dict.fromkeys(new)
        waiting += dict.fromkeys(new)
    return list(found)


def test_axe_finds_nothing_where_nothing_opens(opened):
    page = opened(width=PHONE, bypass_csp=True, amiss=True)
    page.goto("/n/nothing")
    assert problems_of(page, "/n/nothing") == []
