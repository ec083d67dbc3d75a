"""Every page, as axe finds it: WCAG 2.2 AA in light and dark, on a desk and on a telephone."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from werkzeug.exceptions import HTTPException

from registers.announcements import drafting, objections
from registers.announcements.objections import Said
from registers.breaches.dossiers import of_breach
from registers.breaches.models import Breach
from registers.controllers import queries as controllers
from registers.controllers import style
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.dpo import operations as declaring
from registers.dpo import queries as officers
from registers.notices import operations as notices
from registers.notices import receipts
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import Result
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people import operations
from registers.people.roles import Role
from registers.press.house_style import HouseStyle, picture
from registers.requests import following
from registers.requests import operations as requesting
from registers.requests.facts import Request
from registers.requests.following import Happened
from registers.requests.vocabulary import Right, What
from registers.sample import breaching, ending
from tests.announcements import telling
from tests.assistance import everything
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("accessibility")]

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""What depends on the scheme and on the width: the rest is the same page."""
AXE_LOOKS = {"runOnly": {"type": "rule", "values": LOOKS}, "resultTypes": ["violations"]}
LINK = re.compile(r'<(?:a|button|img) [^>]*(?:href|formaction|src)="(/[^"#]*)"')
LEFT_OUT = {
    "people.set_up": "there are accounts already",
    "people.code": "stands between two pages of signing in: see the journeys",
    "people.sign_in": "looked at without being signed in",
    "people.door": "leads on at once",
    "languages.choose": "leads on at once",
    "readiness.page": "is for machines",
    "letters.to_print": "is a file, once letters are typeset",
    "dpo.paper": "is a file, once the form is sealed",
    "breach_letters.to_print": "is a file, once letters are typeset",
    "informed.paper": "is a file, once a notice is typeset",
    "announcement_papers.archive": "is a file, once a worker made it",
    "breach_papers.archive": "is a file, once a worker made it",
    "contracts.new_model": "leads on to the page of a model",
}

LEFT_OUT |= dict.fromkeys(
    [
        *("by_hand.proof", "by_hand.wrong", "counting.look", "follow_ups.edit", "follow_ups.end"),
        *("owning.edit", "owning.one", "owning.past", "matters.close_link"),
        *("cases.hold", "cases.release", "cases.set_day", "cases.withdraw", "retention.proof"),
        *("erasures.chain", "erasures.state", "stores.decide", "stores.person"),
        *("versions.attach", "versions.installed", "versions.sheet"),
        *("certifying.again", "certifying.letter", "certifying.paper", "certifying.proof"),
        *("duties.again", "duties.document", "duties.letter", "duty_letters.look"),
        *("instruction_letters.look", "instructions.letter", "returns.proof"),
        *("duty_letters.to_print", "duty_letters.table"),
        *("instruction_letters.to_print", "instruction_letters.table"),
    ],
    "stands behind an act that this crawl does not do: opened in the tests of its subject",
)

PORTAL = {"portal", "answers"}
TOLD = {"told", "instructing"}
"""Pages that open with the link of a notice: see test_{portal,breach,instructing}.py."""
LETTERS = {"portal_letters", "declaring"}
"""The same, of notices to controllers as such: see test_declaring.py."""


@pytest.fixture(scope="module")
def addresses(register):
    """An address of every page, by endpoint; None for what is no page."""
    with ThreadPoolExecutor() as aside:  # the press and the browser each want a loop of their own
        return aside.submit(crawled, register).result()


def logo():
    to = io.BytesIO()
    Image.new("RGB", (300, 90), "navy").save(to, "PNG")
    return to.getvalue()


ANNOUNCED = "/announcements/AN-2026-0001"


def announced_to_everybody(register):
    """An announcement in mid-course, with something of everything, and a draft after it."""
    database = register.house.database
    now = register.clock.at
    head = telling.announced(database, register.clock)
    register.clock.at = now
    code = "CA-ANNELAC"
    ways = telling.rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
    with database.acting(telling.ANNOUNCER) as act:
        notices.record_results(act, [Result(way.id, way != ways[0], "550") for way in ways])
        drafting.draft(act, telling.INTENDED, telling.DRAFT, head.id)
    matter = telling.matters(database)[code].id
    with database.acting(telling.ANNOUNCER) as act:
        proof = Proof(Evidence.SIGNED, telling.ANNOUNCED_ON, "Vu", content=b"%PDF-1.7")
        receipts.receive(act, [matter], proof)
        objections.object_to(act, matter, Said(telling.ANNOUNCED_ON, "Odile Chabrol"))


BREACH = "/breaches/BR-2026-0002"


def breached(register):
    """The breaches of the sample data, with a receipt to confirm and a message that came back."""
    with register.act() as act:
        breaching.load(act)
    database = register.house.database
    (running,) = telling.rows(database, Breach, Breach.phase == "open")
    ways = telling.rows(database, Dispatch, of_breach(running.id), Dispatch.notice_id == Notice.id)
    by_mail = next(way for way in ways if way.channel is Channel.EMAIL)
    (matter, *_) = telling.rows(database, Matter, Matter.notice_id == by_mail.notice_id)
    with database.acting(telling.ANNOUNCER) as act:
        notices.record_results(act, [Result(by_mail.id, False, "550")])
        proof = Proof(Evidence.DECISION, act.now.date(), "§ 7.5.6", content=b"%PDF-1.7")
        receipts.receive(act, [matter.id], proof)
    (owner,) = telling.rows(database, Controller, Controller.id == matter.controller_id)
    return f"{BREACH}/told/{owner.code}"


def declared_and_asked(register):
    """A declaration in effect, one to be signed and one to confirm; a request with a document."""
    database, today = register.house.database, register.house.today
    with database.reading() as session:
        head = controllers.controller(session, "CA-ANNELAC")
        known = officers.prefilled(session, head.id, today)
    known = msgspec.structs.replace(known, representative_first_name="Inès")
    other = msgspec.structs.replace(known, name="Astruc", email="dpd@annelac.example")
    with database.acting(telling.ANNOUNCER) as act:
        declaring.enter(act, head.id, known, b"%PDF-1.7", today)
        declaring.enter(act, head.id, other, b"%PDF-1.7", today)
        declaring.draw(act, head.id, other)
    asked = Request(rights=(Right.ACCESS,), received_on=today, name="Vidal", address="Mende")
    with database.acting(telling.ANNOUNCER) as act:
        request = requesting.record(act, asked, [head.id], today=today)
    with database.acting(telling.ANNOUNCER) as act:
        done = Happened(What.NOTE, today, "Vu", b"%PDF-1.7")
        following.follow_up(act, request.id, done, today)


def crawled(register):
    """An address of every page: reached by links, or by what the page before it makes."""
    client = register.signed_in(*Role, language="fr")
    client.send("/controllers/CA-ANNELAC/annexes", paper="register", on="2026-11-22", language="fr")
    table = (io.BytesIO(b"code;name\nCA-ANNELAC;Annelac\nNEW;New\n"), "table.csv")
    plan = client.send("/import/controllers", model="standard", file=table).headers["Location"]
    announced_to_everybody(register)
    everything.recorded(register.house.database)
    declared_and_asked(register)
    slips = (io.BytesIO(b"notice;code\nNT-2026-0001;NOBODY\n"), "slips.csv")
    looked_at = client.send(f"{ANNOUNCED}/letters", file=slips).headers["Location"]
    told = breached(register)
    with register.act() as act:
        ending.load(act)
    slips = (io.BytesIO(b"notice;code\nNT-2026-0001;NOBODY\n"), "slips.csv")
    posted = client.send(f"{BREACH}/letters", file=slips).headers["Location"]
    with register.act() as act:
        style.choose(act, HouseStyle("#7a1f3d", "SAS", picture(logo())), 0)
        invited = operations.add(act, "new@ponant.example", "New", [Role.DPO], "fr")
        token = operations.invite(act, invited.id)
    to_return = "/dpo/DD-2026-0003/return"
    aside = [plan, looked_at, posted, told, to_return, f"{BREACH}/late", f"{BREACH}/affected"]
    aside.append("/duties/LD-2026-0001/letters")
    waiting = ["/", *aside, "/public/subprocessors", f"/invitation/{token}"]
    adapter = register.app.url_map.bind("localhost")
    found, seen = {}, set(waiting)
    while waiting:
        address = waiting.pop(0)
        try:
            endpoint, _ = adapter.match(urlsplit(address).path)
        except HTTPException:
            continue
        if endpoint in found or endpoint in LEFT_OUT:
            continue
        response = client.get(address, buffered=True)
        assert response.status_code == 200, address
        if response.mimetype != "text/html":
            found[endpoint] = None
            continue
        found[endpoint] = address
        links = [link.replace("&amp;", "&") for link in LINK.findall(response.text)]
        waiting += [link for link in dict.fromkeys(links) if link not in seen]
        seen.update(links)
    return found


def test_every_page_is_reached(register, addresses):
    pages = {
        rule.endpoint
        for rule in register.app.url_map.iter_rules()
        if "GET" in rule.methods
        and rule.endpoint != "static"
        and rule.endpoint.partition(".")[0] not in PORTAL | TOLD | LETTERS
    }
    assert not (unlike := sorted(pages ^ {*addresses, *LEFT_OUT})), " ".join(unlike)


@pytest.mark.parametrize(
    ("scheme", "width", "rules"), [("light", DESKTOP, AXE), ("dark", PHONE, AXE_LOOKS)]
)
def test_axe_finds_nothing(opened, addresses, scheme, width, rules):
    page = opened(*Role, scheme=scheme, width=width, language="fr", bypass_csp=True)
    problems = []
    for address in filter(None, addresses.values()):
        assert page.goto(address).ok, address
        problems += problems_of(page, address, rules)
    assert not problems, "\n".join(map(str, problems))


@pytest.mark.parametrize("address", ["/sign-in", "/nowhere"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_signing_in(opened, scheme, address):
    page = opened(scheme=scheme, width=PHONE, bypass_csp=True, amiss=address == "/nowhere")
    page.goto(address)
    assert problems_of(page, address) == []


def problems_of(page, address, options=AXE):
    # at the end the bar that saves stands in its own place, over nothing
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    found = [
        (address, violation["id"], node["target"], node["failureSummary"])
        for violation in Axe().run(page, options=options).response["violations"]
        for node in violation["nodes"]
    ]
    width = page.viewport_size["width"]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append((address, "wider than the screen", width, ""))
    return found
