"""The portal's pages with a client: what they show, and that a link never reaches further."""

import io
import re
import uuid
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from app.application import create_app
from app.house import db
from registers.announcements import engaging, operations
from registers.announcements.models import Change, Objection
from registers.controllers.models import Controller
from registers.notices import links
from registers.notices.models import Dispatch, Matter, Notice, PortalLink, PortalVisit, Receipt
from registers.people.roles import Role
from registers.portal import visits
from tests.announcements.telling import ANNOUNCER, COLLEAGUE, rows
from tests.portal.hands import (
    Visitor,
    bare,
    last_code,
    link_in,
    linked_on,
    notice_of,
    sent,
    share_contact,
    told,
)
from tests.registers import entries
from tests.site import Client

READ = ["", "/contracts", "/recorded", "/notices", "/subprocessors", "/acknowledge", "/object"]
PDF = b"%PDF-1.7 lettre"


@pytest.fixture
def announced(sample_site, clock):
    """A site on which a change was announced; everything has left."""
    database = sample_site.house.database
    share_contact(database, "CA-ANNELAC", "SAINTE-FLORE", "EM-RHINBOURG")
    told(database, clock)
    sample_site.messages = dict(sent(sample_site))
    return sample_site


def visitor(site, code="BEAUCHENE", kind="subprocessors", **more):
    return Visitor(site, linked_on(site, code, kind), **more)


def matters(site, code):
    notice = notice_of(site.house.database, code)
    return rows(site.house.database, Matter, Matter.notice_id == notice.id)


def test_the_link_of_a_message_leaves_the_address_bar_at_once(announced):
    path = link_in(announced.messages["notifications@beauchene.example"])
    client = announced.client()
    answer = client.get(path)
    assert answer.status_code == 303
    home = answer.headers["Location"]
    (visit,) = rows(announced.house.database, PortalVisit)
    assert home == f"/notice/{visit.id}"
    cookie = answer.headers["Set-Cookie"]
    for part in ("notice=", "HttpOnly", "SameSite=Lax", f"Path={home}", "Max-Age=14400"):
        assert part in cookie
    assert path.rpartition("/")[2] not in client.get(home).text
    for each in (answer, client.get(home), client.get("/n/none"), client.get(f"{home}/paper.pdf")):
        assert each.headers["Referrer-Policy"] == "no-referrer"
        assert each.headers["Cache-Control"] == "no-store"
        assert "noindex" in each.headers["X-Robots-Tag"]


def test_looking_has_no_effect_whoever_looks(announced):
    database = announced.house.database
    path = link_in(announced.messages["notifications@beauchene.example"])
    before = len(entries(database))
    assert announced.client().head(path).status_code == 204
    assert rows(database, PortalVisit) == []
    guest = visitor(announced)
    for page in [*READ, "/agree", "/paper.pdf"]:
        assert guest.get(page).status_code == 200, page
        guest.client.head(f"{guest.home}{page}")
    assert len(entries(database)) == before
    assert rows(database, Receipt) == []


def test_the_notice_says_what_is_intended_and_what_it_means(announced):
    text = visitor(announced, "ESCH-RIVIERE", language="en").read()
    for words in (
        "Ville d’Esch-la-Rivière",
        "Messagerie Boréale SAS",
        "4 quai des Brumes, 29200 Brest",
        "contact@boreale.example",
        "MB-2026-7",
        "from Monday, 1 June 2026",
        "Monday, 1 March 2027",
        "Éditions Logicielles du Ponant",
        "you may object until Wednesday, 6 January 2027, 24:00",
        "n…\N{WORD JOINER}@esch-riviere.example",
    ):
        assert words in text, words
    assert "Greffe" not in text
    assert "notifications@esch-riviere.example" not in text


def test_a_page_speaks_the_language_of_the_notice_until_another_is_chosen(announced):
    guest, german = visitor(announced), visitor(announced, "ALTKIRCHEN")
    assert 'lang="fr"' in guest.get().text
    assert 'lang="en"' in german.get().text
    guest.client.get("/language/en", query_string={"next": guest.home})
    assert 'lang="en"' in guest.get().text


def test_receipt_is_acknowledged_with_the_code_of_the_message(announced):
    database = announced.house.database
    guest = visitor(announced, "CA-ANNELAC", language="en")
    asked = guest.post("/acknowledge", send_code="1", by_name="Odile", which="all")
    assert "A code is on its way to n…" in asked.text
    assert 'value="Odile"' in asked.text
    code = last_code(announced)
    wrong = guest.post("/acknowledge", code="1", by_name="Odile", by_function="Maire", which="all")
    assert wrong.status_code == 422
    assert "not the code" in wrong.text
    assert rows(database, Receipt) == []
    done = guest.post("/acknowledge", code=code, by_name="Odile", by_function="Maire", which="all")
    assert (done.status_code, done.headers["Location"]) == (303, f"{guest.home}/recorded")
    assert len(rows(database, Receipt)) == 3
    text = guest.read("/recorded")
    for words in ("Odile, Maire", "3 contracts", "Wednesday, 6 January 2027, 24:00"):
        assert words in text
    assert "No acknowledgement of receipt is awaited" in guest.read("/acknowledge")
    home = guest.home
    fields = {"code": code, "by_name": "O", "by_function": "M"}
    again = guest.client.send(f"{home}/acknowledge", f"{home}/object", **fields)
    assert again.status_code == 422
    journal = announced.signed_in(Role.DPO).get("/journal").text
    assert "a controller’s contact, on the portal" in journal


def test_an_objection_for_chosen_contracts_keeps_grounds_and_document(announced):
    database = announced.house.database
    guest = visitor(announced, "CA-ANNELAC", language="en")
    chosen = matters(announced, "SAINTE-FLORE")[0]
    fields = {"which": "some", "matters": str(chosen.id), "grounds": "Non.\nMerci."}
    forged = guest.answer("/object", **fields, document=(io.BytesIO(b"<html>"), "lettre.pdf"))
    assert forged.status_code == 422
    assert "neither a PDF" in forged.text
    announced.clock.forward(minutes=1)
    done = guest.answer("/object", **fields, document=(io.BytesIO(PDF), "lettre.txt"))
    assert done.status_code == 303
    (row,) = rows(database, Objection)
    assert (row.matter_id, row.grounds) == (chosen.id, "Non.\nMerci.")
    with database.reading() as session:
        assert database.files.get(session, row.proof_sha256) == PDF
    text = guest.read("/recorded")
    for words in (
        "in time",
        "withdrawn in writing only",
        "dpo@ponant.example",
        "received and kept",
    ):
        assert words in text
    page = guest.read(f"/contracts/{chosen.id}")
    assert "You objected on" in page
    assert "Grounds: Non." in page


def test_an_agreement_is_given_where_nothing_begins_without_it(announced):
    guest = visitor(announced, "VILLE-MONTVAL", language="en")
    assert "without your explicit agreement" in guest.read()
    assert guest.answer("/agree").status_code == 303
    assert "The sub-processor may begin" in guest.read("/recorded")
    assert "No agreement is asked for here any more" in guest.read("/agree")


def test_the_count_stands_with_the_contract(announced):
    guest = visitor(announced, language="en")
    guest.answer("/acknowledge")
    (matter,) = matters(announced, "BEAUCHENE")
    text = guest.read(f"/contracts/{matter.id}")
    for words in (
        "Belgium",
        "30 business days",
        "Christmas Day",
        "Wednesday, 6 January 2027, 24:00",
    ):
        assert words in text, words


def test_contracts_are_searched(announced):
    guest = visitor(announced, "CA-ANNELAC", language="en")
    found = guest.read("/contracts?search=rhinbourg")
    assert "EMR-2025-114" in found
    assert "SF-2026-02" not in found
    assert "No contract of this notice" in guest.read("/contracts?search=beauchene")


def routes(app):
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in {"portal", "answers"} and "visit_id" in rule.rule
        for method in sorted(rule.methods & {"GET", "POST"})
    ]


def address(rule, visit_id, matter_id):
    filled = rule.rule.replace("<uuid:visit_id>", str(visit_id))
    return filled.replace("<uuid:matter_id>", str(matter_id))


def test_no_route_opens_with_the_visit_of_another_link(announced):
    codes = ("BEAUCHENE", "CA-ANNELAC", "VILLE-MONTVAL", "ALTKIRCHEN")
    guests = {code: visitor(announced, code) for code in codes}
    before = len(entries(announced.house.database))
    assert len(routes(announced.app)) >= 12
    for mine, guest in guests.items():
        key = guest.client.get_cookie("notice", path=guest.home).value
        for other in codes:
            if other == mine:
                continue
            theirs = guests[other].home.rpartition("/")[2]
            foreign = matters(announced, other)[0].id
            nowhere = uuid.uuid4()
            # the cookie of one visit, carried over to the pages of another
            guest.client.set_cookie("notice", key, path=guests[other].home)
            guest.client.set_cookie("notice", key, path=f"/notice/{nowhere}")
            for rule, method in routes(announced.app):
                found, missing = (
                    guest.client.open(address(rule, visit, foreign), method=method, buffered=True)
                    for visit in (theirs, nowhere)
                )
                assert found.status_code == missing.status_code == 404, rule
                assert found.data == missing.data.replace(str(nowhere).encode(), theirs.encode()), (
                    rule
                )
    assert len(entries(announced.house.database)) == before


def test_no_page_of_a_link_names_another_controller(announced):
    everyone = {row.code: row for row in rows(announced.house.database, Controller)}
    shared = {"CA-ANNELAC", "SAINTE-FLORE", "EM-RHINBOURG"}
    for code in everyone:
        guest = visitor(announced, code)
        own = shared if code in shared else {code}
        pages = [*READ, "/agree", *(f"/contracts/{each.id}" for each in matters(announced, code))]
        for page in pages:
            text = guest.read(page)
            for other in everyone.keys() - own:
                assert everyone[other].name not in text, (page, other)
                for matter in matters(announced, other):
                    assert str(matter.id) not in guest.get(page).text
        for other in everyone.keys() - own:
            for matter in matters(announced, other):
                assert guest.get(f"/contracts/{matter.id}").status_code == 404
                for page in ("/acknowledge", "/object", "/agree"):
                    foreign = guest.get(f"{page}?contract={matter.id}").text
                    assert f'value="{matter.id}"' not in foreign
                    assert not re.search(r'<input checked[^>]*value="some"', foreign)


@pytest.mark.parametrize("page", ["/acknowledge", "/object"])
def test_a_form_reaches_nothing_of_another_link(announced, page):
    database = announced.house.database
    guest = visitor(announced, "VILLE-MONTVAL")
    own, foreign = matters(announced, "VILLE-MONTVAL"), matters(announced, "ESCH-RIVIERE")[0]
    for chosen in ([foreign.id], [own[0].id, foreign.id], [uuid.uuid4()], ["none"]):
        announced.clock.forward(minutes=20)
        answer = guest.answer(page, which="some", matters=[str(each) for each in chosen])
        assert answer.status_code == 404
    assert rows(database, Receipt) == rows(database, Objection) == []


def test_where_there_is_nothing_to_choose_what_is_named_is_passed_over(announced):
    foreign = matters(announced, "ESCH-RIVIERE")[0]
    guest = visitor(announced, "VILLE-MONTVAL")
    answer = guest.answer("/agree", which="some", matters=[str(foreign.id)])
    assert answer.status_code == 303
    (entry,) = entries(announced.house.database, "announcement.agreed")
    assert str(foreign.id) not in entry.facts


def test_two_notices_in_one_browser_do_not_mix(announced):
    guest = visitor(announced, "BEAUCHENE")
    second = guest.client.get(f"/n/{linked_on(announced, 'ESCH-RIVIERE')}").headers["Location"]
    assert "Beauchêne" in guest.read()
    assert "Esch-la-Rivière" in bare(guest.client.get(second).text)
    assert "Esch-la-Rivière" not in guest.read()


def test_a_visit_ends_and_a_link_can_be_closed(announced):
    guest = visitor(announced)
    announced.clock.at += visits.LASTS
    over = guest.get()
    assert over.status_code == 404
    assert "open its link again" in over.text or "ouvrez à nouveau" in over.text
    guest = visitor(announced)
    notice = notice_of(announced.house.database, "BEAUCHENE")
    (link,) = rows(announced.house.database, PortalLink, PortalLink.notice_id == notice.id)
    with announced.house.database.acting(COLLEAGUE) as act:
        links.revoke(act, link.id)
    assert guest.get().status_code == 404
    assert guest.post("/acknowledge", send_code="1").status_code == 404


def test_guesses_and_codes_are_slowed_down(announced):
    client = announced.client()
    for _ in range(5):
        assert client.get(f"/n/{uuid.uuid4()}").status_code == 404
    assert client.get("/n/none").status_code == 422
    guest = visitor(announced, language="en")  # a right link opens all the same
    for _ in range(5):
        announced.clock.forward(minutes=1)
        assert guest.post("/acknowledge", send_code="1").status_code == 200
    refused = guest.post("/acknowledge", send_code="1")
    assert (refused.status_code, "Too many attempts" in refused.text) == (422, True)
    for _ in range(5):
        guest.post("/acknowledge", code="0", by_name="O", by_function="M")
    code = last_code(announced)
    refused = guest.post("/acknowledge", code=code, by_name="O", by_function="M")
    assert "Too many attempts" in refused.text
    assert rows(announced.house.database, Receipt) == []


def test_a_form_of_another_session_is_refused_and_no_referer_is_needed(announced):
    guest = visitor(announced)
    forged = guest.client.post(f"{guest.home}/acknowledge", data={"send_code": "1"})
    assert forged.status_code == 400
    before = len(entries(announced.house.database, "portal.code"))
    guest.client.post(f"{guest.home}/object", data={"csrf_token": "x", "send_code": "1"})
    assert len(entries(announced.house.database, "portal.code")) == before


def test_behind_tls_the_cookie_is_secure_and_forms_need_no_referer(announced):
    settings = replace(announced.house.settings, public_url="https://registre.ponant.example")
    app = create_app(settings, now=announced.clock)
    app.testing = True
    client, base = Client(app), {"base_url": "https://registre.ponant.example"}
    answer = client.get(f"/n/{linked_on(announced, 'BEAUCHENE')}", **base)
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "notice" in each]
    assert cookie.startswith("__Secure-notice=")
    assert "; Secure" in cookie
    page = f"{answer.headers['Location']}/acknowledge"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page, **base).text)[1]
    data = {"csrf_token": token, "send_code": "1"}
    assert client.post(page, data=data, **base).status_code == 200
    assert len(entries(announced.house.database, "portal.code")) == 1
    with app.app_context():
        db.engine.dispose()


def test_what_became_of_a_notice_stands_on_top(announced):
    database = announced.house.database
    first = visitor(announced, language="en")
    change = rows(database, Change)[0]
    day = date(2026, 11, 23)
    with database.acting(ANNOUNCER) as act:
        operations.remind(act, change.announcement_id, day)
    announced.clock.forward(minutes=1)
    with database.acting(ANNOUNCER) as act:
        reason = {"started_on": day, "reason": "Panne", "day": day}
        engaging.record_irregular(act, change.id, None, **reason)
    sent(announced)
    reminder = visitor(announced, "CA-ANNELAC", "reminder", language="en")
    assert "no proof yet that you received the notice NT-2026-" in reminder.read()
    assert reminder.get("/former.pdf").data.startswith(b"%PDF")
    assert reminder.get("/paper.pdf").data != reminder.get("/former.pdf").data
    assert reminder.answer("/acknowledge", which="all").status_code == 303
    assert len(rows(database, Receipt)) == 3
    engaged = visitor(announced, kind="engagement", language="en")
    assert "has been at work since Monday, 23 November 2026" in engaged.read()
    assert "Reason: Panne" in engaged.read()
    assert engaged.answer("/acknowledge").status_code == 303
    own = notice_of(database, "BEAUCHENE", "engagement")
    (receipt,) = rows(database, Receipt, Receipt.by_name == "Odile Chabrol")[-1:]
    assert rows(database, Matter, Matter.id == receipt.matter_id)[0].notice_id in {
        own.id,
        notice_of(database, "CA-ANNELAC").id,
    }
    assert "does not hold any more" not in first.read()


def test_a_withdrawn_notice_says_so(announced):
    database = announced.house.database
    first = visitor(announced, language="en")
    change = rows(database, Change)[0]
    with database.acting(ANNOUNCER) as act:
        operations.withdraw(act, change.announcement_id, "Erreur de saisie", date(2026, 11, 23))
    text = first.read()
    assert "This information does not hold any more" in text
    assert "Erreur de saisie" in text
    assert "Acknowledge receipt" not in text
    second = visitor(announced, kind="withdrawal", language="en").read()
    assert f"withdraws the notice {notice_of(database, 'BEAUCHENE').number}" in second
    assert "does not hold any more" in first.read("/notices")


def test_without_an_address_on_record_the_page_says_how_to_answer(announced):
    database = announced.house.database
    notice = notice_of(database, "BEAUCHENE")
    with database.acting(ANNOUNCER) as act:
        act.require(next(iter(ANNOUNCER.permissions)))
        act.take(Notice, notice.id).email = ""
        for way in rows(database, Dispatch, Dispatch.notice_id == notice.id):
            act.take(Dispatch, way.id).sent_at = None
        act.log(links.ISSUED, "test:address")
    guest = visitor(announced, language="en")
    assert "no e-mail address on record" in guest.read()
    assert "no e-mail address on record" in guest.read("/acknowledge")
    assert guest.post("/acknowledge", send_code="1").status_code == 422


def test_the_time_of_a_code_is_shown(announced):
    guest = visitor(announced, language="en")
    guest.post("/acknowledge", send_code="1")
    until = announced.clock() + timedelta(minutes=15)
    assert f"{until.hour + 1:02}:{until:%M} (Europe/Brussels)" in guest.read("/acknowledge")
