"""Announcements as staff use them: drafted, looked at, announced, followed up, engaged."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import schema
from app.application import create_app
from app.config import Settings
from app.home import Home
from app.house import db
from registers.announcements import operations, planning, queries, writing
from registers.announcements.models import Announcement, Case, Change, Objection, Window
from registers.announcements.vocabulary import Phase
from registers.controllers.vocabulary import Channel
from registers.kernel import sheets
from registers.notices import links
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Notice, Receipt
from registers.notices.operations import Result
from registers.notices.vocabulary import DispatchState, NoticeKind
from registers.people.roles import WORKER, Permission, Role
from tests.announcements.telling import (
    ANNOUNCED_ON,
    ANNOUNCER,
    AT,
    INTENDED,
    announced,
    drafted,
    matters,
    plan,
    rows,
)
from tests.controllers.test_pages import form_of
from tests.portal.hands import sent

CODE = "AN-2026-0001"
PDF = b"%PDF-1.7 lettre\n%%EOF"


@pytest.fixture
def site(sample_site):
    """The fictional register on the day of the announcement."""
    sample_site.clock.at = AT
    return sample_site


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def draft(site, database):
    return drafted(database, site.clock)


@pytest.fixture
def made(site, database):
    """An announcement that was made, whose messages left."""
    head = announced(database, site.clock)
    with database.acting(ANNOUNCER) as act:
        ways = rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
        notices.record_results(act, [Result(way.id, True, "250 OK") for way in ways])
    site.clock.at = datetime(2026, 4, 2, 9, tzinfo=UTC)
    return head


@pytest.fixture
def today(request, site):
    """The day of the test, whatever it needs: sessions are opened on it."""
    if "made" in request.fixturenames:
        request.getfixturevalue("made")


@pytest.fixture
def dpo(site, today):
    return site.signed_in(Role.DPO)


@pytest.fixture
def legal(site, today):
    return site.signed_in(Role.LEGAL)


def place_of(database, code="CA-ANNELAC"):
    return f"/announcements/{CODE}/contracts/{matters(database)[code].id}"


def test_the_empty_list_says_what_to_do_first(dpo):
    page = dpo.get("/announcements").text
    assert "First record the dossier of the intended sub-processor" in page
    assert 'href="/announcements/new"' in page


def test_a_draft_is_begun_from_the_dossier_of_a_sub_processor(dpo, draft):
    dossier = dpo.get("/subprocessors/BOREALE").text
    assert "/announcements/new?subprocessor=BOREALE" in dossier
    assert "AN-2026-0001" in dossier
    address = "/announcements/new?subprocessor=BOREALE"
    begun = form_of(dpo, address)
    assert begun["changes-0-code"] == "BOREALE"
    assert begun["changes-0-planned_on"] == "2026-06-01"
    response = dpo.post(address, data=begun)
    assert response.headers["Location"] == "/announcements/AN-2026-0002/preview"
    page = dpo.get(response.headers["Location"]).text
    assert "who decided it in the management" in page
    assert "/announcements/AN-2026-0002/edit" in page
    assert "Announce…" not in page


def test_a_slip_in_a_draft_is_told_beside_its_field_and_nothing_is_lost(dpo, draft):
    begun = form_of(dpo, f"/announcements/{CODE}/edit")
    wrong = begun | {"title": "", "changes-0-reason": "Autre motif", "reason": "x"}
    response = dpo.post(f"/announcements/{CODE}/edit", data=wrong)
    assert response.status_code == 422
    assert 'id="title-wrong"' in response.text
    assert "Autre motif" in response.text


def test_the_preview_says_who_is_told_how_and_the_earliest_start(dpo, database, draft):
    page = dpo.get(f"/announcements/{CODE}/preview").text
    found = plan(database)
    assert f'<span class="count">{len(found.addressees)}</span>' in page
    assert "notifications@annelac-agglo.example" in page
    assert "CA-AL_CM_TT-WD" in page
    assert "Registered letter" in page
    assert "not before every agreement in writing" in page
    assert "Announce…" in page


def test_announcing_is_confirmed_by_the_number_of_recipients(dpo, database, draft):
    address = f"/announcements/{CODE}/announce"
    page = dpo.get(address).text
    assert "Favorable." in page
    assert "Maëlle Kerbrat" in page
    refused = dpo.post(address, data=form_of(dpo, address) | {"typed": "1"})
    assert refused.status_code == 422
    assert 'id="typed-wrong"' in refused.text
    assert rows(database, Notice) == []
    count = len(plan(database).addressees)
    done = dpo.post(address, data=form_of(dpo, address) | {"typed": str(count)})
    assert done.headers["Location"] == f"/announcements/{CODE}"
    assert len(rows(database, Notice)) == count
    assert dpo.get(address).status_code == 409
    assert "not sent yet" in dpo.get(f"/announcements/{CODE}").text


def test_a_second_click_announces_nothing_more(dpo, database, draft):
    address = f"/announcements/{CODE}/announce"
    sent = form_of(dpo, address) | {"typed": str(len(plan(database).addressees))}
    dpo.post(address, data=sent)
    before = len(rows(database, Notice))
    assert dpo.post(address, data=sent).status_code == 409
    assert len(rows(database, Notice)) == before


def test_every_controller_stands_in_the_list_with_its_state(dpo, database, made):
    page = dpo.get(f"/announcements/{CODE}").text
    assert "receipt not proven" in page
    assert page.count('data-label="State"') == len(rows(database, Case))
    found = dpo.get(f"/announcements/{CODE}?search=annelac").text
    assert found.count('data-label="State"') == 1
    nobody = dpo.get(f"/announcements/{CODE}?state=engaged").text
    assert "No controller is found so." in nobody
    book = dpo.get(f"/announcements/{CODE}/controllers.xlsx?search=annelac").data
    sheet = sheets.read(book, "x.xlsx")
    assert [row[1] for _number, row in sheet.rows] == ["CA-ANNELAC"]


def receipt(**more):
    return {"evidence": "signed", "received_on": "2026-04-01", "note": "Vu", **more}


def test_a_receipt_opens_the_window_and_is_explained(dpo, legal, database, made):
    place = place_of(database)
    assert "Nothing proves the receipt yet" in legal.get(place).text
    assert "deemed" not in legal.get(f"{place}/receipts/new").text
    response = legal.send(f"{place}/receipts/new", content=(io.BytesIO(PDF), "ar.pdf"), **receipt())
    assert response.headers["Location"] == place
    page = legal.get(place).text
    assert "until Tuesday, 19 May 2026" in page
    assert "How it was counted" in page
    assert "30 business days" in page
    proof = re.search(rf'href="({re.escape(place)}/proofs/[0-9a-f]+)"', page)
    assert proof
    sent = legal.get(proof[1])
    assert (sent.data, sent.mimetype) == (PDF, "application/pdf")
    other = place_of(database, "EM-RHINBOURG")
    assert legal.get(proof[1].replace(place, other)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"received_on": "2026-04-30"}, "received_on"),
        ({"received_on": ""}, "received_on"),
        ({"evidence": "decision", "note": ""}, "note"),
        ({"evidence": ""}, "evidence"),
    ],
)
def test_what_cannot_be_a_receipt_is_told_beside_its_field(legal, database, made, wrong, field):
    place = f"{place_of(database)}/receipts/new"
    response = legal.send(place, **receipt(by_name="Basile Fontanel", **wrong) | wrong)
    assert response.status_code == 422
    assert f'id="{field}-wrong"' in response.text
    assert 'value="Basile Fontanel"' in response.text
    assert rows(database, Receipt) == []


def test_a_proof_is_judged_by_its_content(legal, database, made):
    place = f"{place_of(database)}/receipts/new"
    for content in (b"MZ\x90\x00", b"", b"<html>"):
        sent = (io.BytesIO(content), "ar.pdf")
        response = legal.send(place, content=sent, **receipt())
        assert response.status_code == 422
        assert 'id="document-wrong"' in response.text
    assert rows(database, Receipt) == []


def test_what_the_announcer_records_another_person_confirms(site, database, made):
    announcer, other = site.signed_in(Role.DPO), site.signed_in(Role.LEGAL)
    with database.reading() as session:
        assert session.scalar(sa.select(Notice.author).limit(1)) == ANNOUNCER.reference
    place = place_of(database)
    decision = receipt(evidence="decision", note="Pli non réclamé, CCAG-TIC art. 3.1")
    announcer.send(f"{place}/receipts/new", **decision)
    (row,) = rows(database, Receipt)
    page = announcer.get(place).text
    assert "strong once another person has confirmed it" in page
    assert f"{row.id}/confirm" not in page
    refused = announcer.send(f"{place}/receipts/{row.id}/confirm", note="Oui")
    assert refused.status_code == 422
    assert "Another person" in refused.text
    assert "to confirm" in other.get("/").text
    other.send(f"{place}/receipts/{row.id}/confirm", note="Contrôlé")
    assert "confirmed by" in other.get(place).text
    assert "to confirm" not in other.get("/").text


def test_a_correction_keeps_the_former_record(legal, database, made):
    place = place_of(database)
    legal.send(f"{place}/receipts/new", **receipt())
    (row,) = rows(database, Receipt)
    address = f"{place}/receipts/{row.id}/correct"
    assert "never shorter" in legal.get(address).text
    legal.send(address, **receipt(received_on="2026-04-02", note="Date mal lue"))
    page = legal.get(place).text
    assert "corrected since" in page
    assert "Date mal lue" in page
    assert len(rows(database, Window)) == 2


def test_a_letter_is_followed_by_hand(legal, database, made):
    letter = next(
        each for each in rows(database, Dispatch) if each.channel is Channel.REGISTERED_LETTER
    )
    place = place_of(database)
    address = f"{place}/letters/{letter.id}"
    begun = form_of(legal, address)
    assert begun["event"] == "deposited"
    legal.post(address, data=begun | {"happened_on": "2026-03-31", "number": "2C 001"})
    slip = begun | {"event": "handed_over", "happened_on": "2026-04-01", "number": "2C 001"}
    legal.post(address, data=slip | {"content": (io.BytesIO(PDF), "ar.pdf")})
    page = legal.get(place).text
    assert "2C 001" in page
    assert "hand-over slip, signed" in page
    assert "until Tuesday, 19 May 2026" in page


def objection(**more):
    return {
        "change": "",
        "received_on": "2026-04-02",
        "posted_on": "2026-04-01",
        "way": "Lettre",
        "by_name": "Odile Chabrol",
        "by_function": "maire",
        **more,
    }


def test_an_objection_is_recorded_answered_and_withdrawn(legal, database, made):
    place = place_of(database)
    wrong = legal.send(f"{place}/objections/new", **objection(posted_on="2026-04-09"))
    assert 'id="posted_on-wrong"' in wrong.text
    legal.send(f"{place}/objections/new", **objection(grounds="Hors de l’Union"))
    page = legal.get(place).text
    assert "held by an objection" in page
    assert "Hors de l’Union" in page
    (row,) = rows(database, Objection)
    address = f"{place}/objections/{row.id}/answer"
    assert "unanswered" in legal.get("/").text
    spoken = {"outcome": "withdrawn", "happened_on": "2026-04-02", "says": "Levée"}
    assert 'id="document-wrong"' in legal.send(address, **spoken).text
    legal.send(address, content=(io.BytesIO(PDF), "lettre.pdf"), **spoken)
    page = legal.get(place).text
    assert "withdrawn in writing" in page
    assert "held by an objection" not in page.partition("Latest entries")[0]
    assert "Follow up" not in page


def test_an_agreement_is_recorded_with_its_document(legal, database, made):
    place = place_of(database)
    (change,) = rows(database, Change)
    agreed = {"change": str(change.id), "agreed_on": "2026-04-02", "note": "Le maire, par écrit"}
    legal.send(f"{place}/agreement", content=(io.BytesIO(PDF), "a.pdf"), **agreed)
    page = legal.get(place).text
    assert "Le maire, par écrit" in page
    assert "may start" in page
    proof = re.search(r'href="([^"]+/proofs/[0-9a-f]+)"', page)
    assert legal.get(proof[1]).data == PDF


def test_engaging_names_who_holds_it_and_starts_for_the_others(dpo, legal, site, database, made):
    for code in ("CA-ANNELAC", "EM-RHINBOURG"):
        legal.send(f"{place_of(database, code)}/receipts/new", **receipt())
    legal.send(f"{place_of(database, 'EM-RHINBOURG')}/objections/new", **objection())
    site.clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    dpo, legal = site.signed_in(Role.DPO), site.signed_in(Role.LEGAL)
    address = f"/announcements/{CODE}/changes/0/engage"
    begun = form_of(dpo, address) | {"whom": "all", "day": "2026-06-01", "reason": "Délais échus"}
    refused = dpo.post(address, data=begun)
    assert refused.status_code == 422
    assert "Who holds it" in refused.text
    assert "Eurométropole de Rhinbourg" in refused.text
    done = dpo.post(address, data=begun | {"whom": "ready"})
    assert done.status_code == 302, done.text
    page = dpo.get(f"/announcements/{CODE}?state=engaged").text
    assert "Annelac" in page
    assert "Rhinbourg" not in page.partition('id="found"')[2]
    dossier = dpo.get("/subprocessors/BOREALE").text
    assert "engaged for 1 contract since Monday, 1 June 2026" in dossier
    assert legal.get(address).status_code == 403


def test_only_those_ticked_start(dpo, legal, site, database, made):
    for code in ("CA-ANNELAC", "EM-RHINBOURG"):
        legal.send(f"{place_of(database, code)}/receipts/new", **receipt())
    site.clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    dpo = site.signed_in(Role.DPO)
    address = f"/announcements/{CODE}/changes/0/engage"
    begun = form_of(dpo, address) | {"whom": "chosen", "reason": "Pilote"}
    begun.pop("matters", None)
    assert "Choose at least one" in dpo.post(address, data=begun).text
    one = str(matters(database)["EM-RHINBOURG"].id)
    assert dpo.post(address, data=begun | {"matters": one}).status_code == 302
    page = dpo.get(f"/announcements/{CODE}?state=engaged").text.partition('id="found"')[2]
    assert "Rhinbourg" in page
    assert "Annelac" not in page


def test_what_started_too_early_is_recorded_and_told(dpo, database, made):
    address = f"/announcements/{CODE}/changes/0/irregular"
    assert "Annelac" in dpo.get(address).text
    one = str(matters(database)["CA-ANNELAC"].id)
    typed = {"whom": "chosen", "matters": one, "started_on": "2026-04-01", "confirmed": "y"}
    without = dpo.send(address, **typed)
    assert 'id="reason-wrong"' in without.text
    dpo.send(address, reason="Panne de l’hébergeur", **typed)
    assert "engaged irregularly" in dpo.get(f"/announcements/{CODE}").text
    assert len(rows(database, Notice, Notice.kind == NoticeKind.ENGAGEMENT)) == 1


def test_withdrawing_is_confirmed_and_told(dpo, database, made):
    address = f"/announcements/{CODE}/withdraw"
    assert "may have read" in dpo.get(address).text
    assert dpo.send(address, reason="Mauvais prestataire").status_code == 422
    dpo.send(address, reason="Mauvais prestataire", confirmed="y")
    (head,) = rows(database, Announcement)
    assert head.phase is Phase.WITHDRAWN
    page = dpo.get(f"/announcements/{CODE}").text
    assert "Mauvais prestataire" in page
    assert "/withdraw" not in page


def test_announcing_anew_begins_with_what_was_announced(dpo, database, made):
    address = f"/announcements/new?revises={CODE}"
    begun = form_of(dpo, address)
    assert begun["title"] == INTENDED.title
    second = dpo.post(address, data=begun | {"title": "Corrigé"}).headers["Location"]
    assert second == "/announcements/AN-2026-0002/preview"
    assert "AN-2026-0002" in dpo.get(f"/announcements/{CODE}").text
    announce = "/announcements/AN-2026-0002/announce"
    count = str(len(plan(database).addressees))
    dpo.post(announce, data=form_of(dpo, announce) | {"typed": count})
    assert "Announced anew since" in dpo.get(f"/announcements/{CODE}").text


def test_who_is_to_be_chased_is_reminded_by_one_button(dpo, site, database, made):
    page = dpo.get(f"/announcements/{CODE}/chase").text
    assert "Nobody is to be chased today." in page
    site.clock.at = datetime(2026, 4, 10, 9, tzinfo=UTC)
    dpo = site.signed_in(Role.DPO)
    page = dpo.get(f"/announcements/{CODE}/chase?why=receipt").text
    assert "sent on Monday, 30 March 2026" in page
    assert "receipts not proven for 5 business days" in dpo.get("/").text
    dpo.send(f"/announcements/{CODE}/remind", f"/announcements/{CODE}/chase")
    reminders = rows(database, Notice, Notice.kind == NoticeKind.REMINDER)
    assert len(reminders) == len(rows(database, Notice)) - len(reminders)
    assert "reminders were written so far" in dpo.get(f"/announcements/{CODE}/chase").text


def test_windows_that_close_soon_stand_on_the_list(legal, site, database, made):
    legal.send(f"{place_of(database)}/receipts/new", **receipt())
    for day, words in ((12, "5 business days left at most"), (18, "1 business day left at most")):
        site.clock.at = datetime(2026, 5, day, 9, tzinfo=UTC)
        client = site.signed_in(Role.LEGAL)
        assert words in client.get(f"/announcements/{CODE}/chase?why=closing").text
        assert "Tuesday, 19 May 2026" in client.get("/").text


def test_what_did_not_arrive_goes_to_the_next_address(dpo, legal, database, made):
    way = next(
        each
        for each in rows(database, Dispatch)
        if each.address == "notifications@annelac-agglo.example"
    )
    with database.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(way.id, False, "550 no such user")])
    page = legal.get(f"/announcements/{CODE}/chase").text
    assert "550 no such user" in page
    address = f"/announcements/{CODE}/dispatches/{way.id}/again"
    assert "basile.fontanel@annelac-agglo.example" in legal.get(address).text
    legal.send(address, address="basile.fontanel@annelac-agglo.example")
    again = rows(database, Dispatch, Dispatch.state == DispatchState.TO_DO)
    assert "basile.fontanel@annelac-agglo.example" in {each.address for each in again}
    assert "550 no such user" not in legal.get(f"/announcements/{CODE}/chase").text


def test_the_post_comes_last(legal, database, made):
    way = next(
        each for each in rows(database, Dispatch) if each.address == "notifications@montval.example"
    )
    with database.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(way.id, False, "550")])
    legal.send(f"/announcements/{CODE}/dispatches/{way.id}/again", address="post")
    (letter,) = rows(
        database,
        Dispatch,
        Dispatch.notice_id == way.notice_id,
        Dispatch.channel == Channel.REGISTERED_LETTER,
    )
    assert "MONTVAL" in letter.address.upper()


def test_the_mail_rooms_table_goes_out_and_comes_back(legal, database, made):
    sent = legal.get(f"/announcements/{CODE}/letters.csv").data
    sheet = sheets.read(sent, "letters.csv")
    assert "deposit_number" in sheet.headings
    assert sheet.rows
    at = {name: place for place, name in enumerate(sheet.headings)}
    filled = []
    for _number, row in sheet.rows:
        row[at["deposit_number"]] = "2C 001 002 0031 7"
        row[at["deposited_on"]] = "31/03/2026"
        row[at["event"]] = "AR signé"
        row[at["happened_on"]] = "2026-04-01"
        filled.append(";".join(row))
    content = "\r\n".join([";".join(sheet.headings), *filled, "NT-2026-9999;NOBODY"]).encode()
    page = f"/announcements/{CODE}/letters"
    planned = legal.send(page, file=(io.BytesIO(content), "t.csv")).headers["Location"]
    shown = legal.get(planned).text
    assert "There is no letter of this notice to this controller." in shown
    assert "handed over against signature" in shown
    assert rows(database, Receipt) == []
    legal.send(planned)
    assert len(rows(database, Receipt)) == len(filled)
    again = legal.send(page, file=(io.BytesIO(content), "t.csv")).headers["Location"]
    assert "There is nothing to record." in legal.get(again).text
    french = legal.get("/language/fr") and legal.get(f"/announcements/{CODE}/letters.csv").data
    assert "remis contre signature" in french.decode("utf-8-sig")


def test_a_table_that_is_none_is_refused_with_a_sentence(legal, made):
    page = f"/announcements/{CODE}/letters"
    for content in (b"a;b\n1;2\n", b"", b"\x00\x01"):
        response = legal.send(page, file=(io.BytesIO(content), "t.csv"))
        assert response.status_code == 422
        assert "summary-wrong" in response.text


def test_a_draft_has_no_controllers_and_an_announcement_no_edit(dpo, draft, database, site):
    assert dpo.get(f"/announcements/{CODE}").headers["Location"].endswith("/preview")
    assert dpo.get(f"/announcements/{CODE}/chase").status_code == 409
    with database.acting(ANNOUNCER) as act:
        count = len(plan(database).addressees)
        operations.announce(act, draft.id, 1, count, AT.date())
    assert dpo.get(f"/announcements/{CODE}/edit").status_code == 409
    assert dpo.get(f"/announcements/{CODE}/preview").status_code == 409
    assert dpo.get(f"/announcements/{CODE}/history").status_code == 200


def test_the_timeline_and_the_journal_say_it_in_words(dpo, made):
    page = dpo.get(f"/announcements/{CODE}/timeline").text
    assert "Change of sub-processors announced" in page
    assert CODE in dpo.get("/journal?kind=announcement.announced").text


def test_the_sub_processor_is_in_objection_while_its_windows_run(dpo, made):
    assert "in objection" in dpo.get("/subprocessors").text
    dossier = dpo.get("/subprocessors/BOREALE").text
    assert "in objection" in dossier
    assert "Announce it" not in dossier


def test_roles_see_what_they_may(site, made):
    auditor, responder = site.signed_in(Role.AUDITOR), site.signed_in(Role.RESPONDER)
    page = auditor.get(f"/announcements/{CODE}").text
    assert "/withdraw" not in page
    assert "/engage" not in page
    assert responder.get("/announcements").status_code == 403
    assert "/announcements/" not in responder.get("/subprocessors/BOREALE").text


def test_the_whole_story_in_french_has_no_english_words(site, made, database):
    client = site.signed_in(*Role, language="fr")
    english = re.compile(r">\s*(Save|Change|History|Cancel|Search|Record|Next|Back|Engage)\b")
    place = place_of(database)
    client.send(f"{place}/receipts/new", **receipt())
    client.send(f"{place}/objections/new", **objection())
    for address in (
        "/announcements",
        f"/announcements/{CODE}",
        f"/announcements/{CODE}/chase",
        f"/announcements/{CODE}/letters",
        f"/announcements/{CODE}/timeline",
        f"/announcements/{CODE}/withdraw",
        f"/announcements/{CODE}/changes/0/engage",
        f"/announcements/{CODE}/changes/0/irregular",
        f"/announcements/new?revises={CODE}",
        place,
        f"{place}/receipts/new",
        f"{place}/objections/new",
        f"{place}/agreement",
        "/public/subprocessors",
        "/",
    ):
        text = client.get(address).text
        assert not english.search(text), address
        body = re.sub(r"<[^>]+>", " ", text.partition("<main")[2])
        assert not re.search(r"\w [;?!](\s|$)", body), address


def test_the_public_list_shows_those_in_force_and_nothing_of_the_staff(site, database, made):
    anybody = site.client()
    page = anybody.get("/public/subprocessors").text
    assert "OVH SAS" in page
    assert "Boréale" not in page
    assert "Last changed on" in page
    assert "Éditions Logicielles du Ponant" in page
    assert "/sign-in" not in page
    assert "greffe" not in re.sub(r'(href|src)="[^"]*"', "", page).lower()
    feed = anybody.get("/public/subprocessors.atom")
    assert feed.mimetype == "application/atom+xml"
    assert "<title>OVH SAS</title>" in feed.text
    assert "greffe" not in feed.text.lower().replace("greffe.css", "")


def test_the_public_list_can_be_switched_off(tmp_path):
    settings = Settings(home=tmp_path / "home", public_list="off")
    Home(settings).prepare(AT)
    schema.upgrade(settings.url)
    app = create_app(settings, now=lambda: AT)
    for address in ("/public/subprocessors", "/public/subprocessors.atom"):
        assert app.test_client().get(address).status_code == 404
    with app.app_context():
        db.engine.dispose()


def statements(site, client, address):
    """How many statements a page asks."""
    counted = []

    def count(_connection, _cursor, sql, *_):
        if not sql.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION")):
            counted.append(sql)

    engine = site.house.database.engine
    client.get(address)
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        assert client.get(address).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    return len(counted)


@pytest.mark.parametrize("address", ["", "?state=awaiting_receipt", "/chase", "/timeline"])
def test_pages_ask_as_little_for_many_controllers_as_for_few(site, database, address):
    few = announced(database, site.clock)
    site.clock.at = AT + timedelta(days=14)
    dpo = site.signed_in(Role.DPO)
    before = statements(site, dpo, f"/announcements/{CODE}{address}")
    multiply(database, few, 20)
    after = statements(site, dpo, f"/announcements/{CODE}{address}")
    assert after <= before + 1  # the second statement of a page counts what it does not show
    assert after <= 20


def multiply(database, head, times):
    """The same announcement as if there were many more contracts like those told of."""
    with database.acting(ANNOUNCER) as act:
        act.require(Permission.ANNOUNCE)
        found = planning.plan(act.session, INTENDED, ANNOUNCED_ON)
        changes = queries.changes_of(act.session, head.id)
        for number in range(times):
            cause = f"announcement:{head.id}:since:{number}"
            writing.tell(act, head, changes, found.addressees, found, cause=cause)


def test_the_notice_of_a_draft_can_be_looked_at(site, draft):
    dpo = site.signed_in(Role.DPO)
    page = dpo.get(f"/announcements/{CODE}/preview").text
    assert f"/announcements/{CODE}/notice.pdf?language=fr" in page
    for language in ("fr", "en"):
        answer = dpo.get(f"/announcements/{CODE}/notice.pdf?language={language}")
        assert answer.data.startswith(b"%PDF")
    assert dpo.get(f"/announcements/{CODE}/notice.pdf?language=de").status_code == 404


def test_the_proof_is_an_archive_for_all_or_for_one(site, made, database):
    auditor = site.signed_in(Role.AUDITOR)
    page = f"/announcements/{CODE}"
    place = f"{page}/evidence"
    assert auditor.send(place).headers["Location"] == place
    assert "being made" in auditor.get(place).text
    sent(site)
    (address,) = re.findall(rf'href="({place}/[^"]+\.zip)"', auditor.get(place).text)
    content = auditor.get(address, buffered=True).data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert folders == set(matters(database))
    one = f"{page}/contracts/{matters(database)['CA-ANNELAC'].id}"
    with auditor.send(f"{one}/evidence.zip", page) as answer:
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name.split("/")[0] for name in archive.namelist() if "/" in name} == {"CA-ANNELAC"}


def test_a_link_that_fell_into_other_hands_is_closed(legal, site, database, made):
    with database.acting(WORKER) as act:
        links.issue(
            act,
            [each.id for each in rows(database, Notice)],
            b"s" * 32,
            site.clock.at + timedelta(days=60),
        )
    place = place_of(database)
    (address,) = re.findall(r'href="([^"]+/links/[^"]+/close)"', legal.get(place).text)
    assert legal.send(address, note="").status_code == 422
    legal.send(address, note="Transféré à un tiers")
    assert "closed on" in legal.get(place).text
    assert legal.get(address).status_code == 404


def test_letters_are_printed_once_they_are_typeset(site, made, database):
    legal = site.signed_in(Role.LEGAL)
    assert legal.get(f"/announcements/{CODE}/letters.pdf").status_code == 404
