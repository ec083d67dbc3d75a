"""The link of a notice of a breach: what it opens, what is done with it, on a whole site."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from registers.breaches import withdrawing
from registers.breaches.finding import Touched
from registers.breaches.models import Affected
from registers.breaches.vocabulary import Step
from registers.controllers.models import Controller
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.instants import Instant
from registers.kernel.words import Words
from registers.notices import operations as notices
from registers.notices import post
from registers.notices.models import Dispatch, Notice, Receipt
from registers.notices.post import Slip
from registers.notices.vocabulary import Evidence, PostalEvent
from registers.people.roles import Permission
from registers.portal import breaches
from registers.portal.operations import By
from tests.announcements.telling import rows
from tests.portal.breached import (
    FIRST,
    KNOWN,
    OTHER,
    RESPONDER,
    breached,
    learn,
    notify,
    others_numbers,
    own_numbers,
)
from tests.portal.hands import (
    Visitor,
    bare,
    contact,
    link_in,
    linked,
    linked_on,
    notice_of,
    sent,
    somebody_with,
    told,
)
from tests.press.reading import words

BY = By("Odile Chabrol", "Maire")


@pytest.fixture
def site(sample_site):
    return sample_site


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def notified(site, database):
    """A breach that everybody was notified of; the messages left."""
    head = breached(database)
    notify(database, head)
    return head, dict(sent(site))


def visitor(site, code=FIRST, kind="breach", language="en"):
    return Visitor(site, linked_on(site, code, kind), language)


def test_the_link_of_a_message_leads_to_the_notice(site, notified):
    _head, messages = notified
    message = next(each for to, each in messages.items() if "annelac" in to)
    guest = Visitor(site, link_in(message).removeprefix("/n/"), "en")
    page = guest.read()
    assert guest.home.endswith("/breach")
    assert KNOWN.title in page
    assert "Communauté d’agglomération Annelac" in page
    assert "Hacking, malware" in page
    assert KNOWN.note not in page


def test_no_figure_of_another_controller_is_anywhere(site, database, notified):
    guest, others = visitor(site), others_numbers(database, FIRST)
    own = own_numbers(database, FIRST)
    (told_id,) = re.findall(r"/notices/([0-9a-f-]{36})\"", guest.get().text)
    pages = ["", f"/notices/{told_id}", "/acknowledge", "/recorded", "/authority-form.json"]
    for page in pages:
        text = guest.get(page).text
        assert not {number for number in others if number in text}, page
    for number in own:
        assert Words("en").number(number) in guest.get().text


def test_the_own_time_counts_from_the_first_message(site, database, clock, notified):
    page = visitor(site, OTHER).read()
    # 09:30 UTC is 13:30 on Réunion, where clocks are never changed
    assert "Sunday, 22 November 2026, 13:30 (Indian/Reunion, UTC+04:00)" in page
    assert "Wednesday, 25 November 2026, 13:30 (Indian/Reunion, UTC+04:00)" in page
    assert "at the latest, indicative 72 hours 0 min left" in page
    assert "72 elapsed hours" in page
    clock.forward(hours=73)
    assert "over for 1 hour 0 min" in visitor(site, OTHER).read()


def test_a_later_message_does_not_begin_it_anew(site, database, clock, notified):
    head, _ = notified
    clock.forward(hours=10)
    learn(database, head, replace(KNOWN, consequences="Usurpation d’identité."))
    notify(database, head, Step.MORE, 2)
    sent(site)
    assert "25 November 2026, 13:30 (Indian/Reunion" in visitor(site, OTHER).read()


def test_what_failed_did_not_arrive_and_a_hand_over_did(site, database, clock):
    head = breached(database)
    notify(database, head)
    assert "No message has provably arrived yet" in visitor(site).read()
    clock.forward(days=3)
    notice = notice_of(database, FIRST, "breach")
    (letter,) = rows(
        database, Dispatch, Dispatch.notice_id == notice.id, Dispatch.controller_id.is_not(None)
    )
    with database.acting(RESPONDER) as act:
        post.follow_post(act, letter.id, Slip(PostalEvent.DEPOSITED, date(2026, 11, 23)))
    assert "No message has provably arrived yet" in visitor(site).read()
    with database.acting(RESPONDER) as act:
        post.follow_post(act, letter.id, Slip(PostalEvent.HANDED_OVER, date(2026, 11, 24)))
    # of a day its first instant counts for this limit
    assert "Friday, 27 November 2026, 00:00 (Europe/Paris, UTC+01:00)" in visitor(site).read()


def test_it_is_right_across_the_night_in_which_clocks_are_put_back(site, database, clock):
    clock.at = datetime.fromisoformat("2026-10-24T10:00:00+02:00")
    aware = Instant(on=date(2026, 10, 24), at="09:30")
    head = breached(database, replace(KNOWN, aware=aware, detected=aware, began=None))
    notify(database, head)
    for way in rows(database, Dispatch, Dispatch.channel == "email"):
        with database.acting(RESPONDER) as act:
            notices.record_results(act, [notices.Result(way.id, True, "250 OK")])
    assert "Tuesday, 27 October 2026, 09:00 (Europe/Paris, UTC+01:00)" in visitor(site).read()


def test_receipt_is_acknowledged_with_a_code_and_only_with_one(site, database, notified):
    guest = visitor(site)
    refused = guest.post("/acknowledge", by_name="X", by_function="Y", code="000000")
    assert refused.status_code == 422
    assert rows(database, Receipt) == []
    answer = guest.answer("/acknowledge")
    assert answer.headers["Location"] == f"{guest.home}/recorded"
    page = guest.read("/recorded")
    assert "Odile Chabrol, Maire" in page
    assert "Where the risk is high, you tell the persons concerned" in page
    (receipt,) = rows(database, Receipt)
    assert (receipt.evidence, receipt.received_on) == (Evidence.PORTAL, date(2026, 11, 22))
    assert "Acknowledge receipt" not in guest.read()
    assert "awaited any more" in guest.read("/acknowledge")


def test_two_contracts_of_one_controller_are_acknowledged_together(site, database, notified):
    visitor(site, "VILLE-MONTVAL").answer("/acknowledge")
    assert len(rows(database, Receipt)) == 2


def test_each_link_opens_what_came_before_and_since(site, database, clock, notified):
    head, _ = notified
    before = visitor(site)
    clock.forward(hours=3)
    more = replace(KNOWN, consequences="Usurpation d’identité.")
    learn(database, head, more)
    notify(database, head, Step.MORE, 2)
    sent(site)
    page = before.read()
    assert "Usurpation d’identité." in page
    assert "What changed since the notice before Likely consequences" in page
    numbers = sorted(each.number for each in rows(database, Notice) if each.number in page)
    assert len(numbers) == 2
    after = visitor(site, kind="breach_more")
    for guest in (before, after):
        for link in re.findall(rf'href="{guest.home}(/notices/[^"]+)"', guest.get().text):
            assert guest.get(link).status_code == 200
    papers = re.findall(rf'href="{after.home}(/notices/[^"]+paper.pdf)"', after.get().text)
    assert len(papers) == 2
    assert all(after.get(paper).data.startswith(b"%PDF") for paper in papers)
    after.answer("/acknowledge")
    assert len(rows(database, Receipt)) == 2
    assert "with the link of another notice" in before.read("/recorded")


def test_a_closing_notice_says_that_nothing_more_comes(site, database, notified):
    head, _ = notified
    notify(database, head, Step.CLOSING, 1)
    sent(site)
    guest = visitor(site)
    guest.answer("/acknowledge")
    assert "no further notice is planned" in guest.read("/recorded")


def test_a_withdrawal_tells_that_there_is_nothing_to_do(site, database, notified):
    head, _ = notified
    with database.acting(RESPONDER) as act:
        withdrawing.withdraw(act, head.id, 1, "Autre hébergement")
    sent(site)
    page = (guest := visitor(site)).read()
    assert "You are not concerned" in page
    assert "indicative" not in page
    assert guest.get("/authority-form.pdf").status_code == 422
    assert guest.get("/authority-form.json").status_code == 422


def test_without_a_contract_it_opens_as_well(site, database):
    (owner,) = rows(database, Controller, Controller.code == FIRST)
    head = breached(database, found=[Touched(owner.id, None, "données encore détenues")])
    notify(database, head)
    sent(site)
    guest = visitor(site)
    assert "without a contract: data are held" in guest.read()
    assert guest.answer("/acknowledge").status_code == 303
    (row,) = rows(database, Affected)
    assert row.informed_at


def test_nothing_of_another_controller_or_breach_opens(site, database, clock, notified):
    guest = visitor(site)
    foreign = notice_of(database, OTHER, "breach")
    assert guest.get(f"/notices/{foreign.id}").status_code == 404
    assert guest.get(f"/notices/{foreign.id}/paper.pdf").status_code == 404
    clock.forward(minutes=1)
    second = breached(database, replace(KNOWN, title="Autre chose"))
    notify(database, second)
    sent(site)
    other = max(
        rows(database, Notice, Notice.recipient == notice_of(database, FIRST, "breach").recipient),
        key=lambda notice: notice.number,
    )
    assert guest.get(f"/notices/{other.id}").status_code == 404
    assert "Autre chose" not in guest.read()


def test_the_pages_of_announcements_stay_closed_to_it_and_the_other_way_round(
    site, database, clock, notified
):
    guest = visitor(site)
    plain = guest.home.removesuffix("/breach")
    for page in ("", "/contracts", "/acknowledge", "/object", "/agree", "/notices", "/paper.pdf"):
        assert guest.client.get(f"{plain}{page}").status_code == 404, page
    told(database, clock)
    sent(site)
    reader = visitor(site, kind="subprocessors")
    for page in ("", "/acknowledge", "/recorded", "/authority-form.json"):
        assert reader.get(f"/breach{page}").status_code == 404, page
    # nor does it name a breach to whoever reads about sub-processors
    assert "breach" not in reader.read("/notices").lower()


def test_a_scanner_that_follows_the_link_changes_nothing(site, database, notified):
    before = len(rows(database, Receipt))
    visitor(site).get()
    assert len(rows(database, Receipt)) == before


def test_only_the_holder_of_a_link_acknowledges_with_it(database, notified):
    link, _ = linked(database, notice_of(database, FIRST, "breach"))
    other, _ = linked(database, notice_of(database, OTHER, "breach"))
    with pytest.raises(NotFound), database.acting(contact(other)) as act:
        breaches.acknowledge(act, link.id, BY)
    with (
        pytest.raises(Forbidden),
        database.acting(somebody_with(Permission.NOTICES_SEND)) as act,
    ):
        breaches.acknowledge(act, link.id, BY)
    for by, field in ((By(" ", "Maire"), "by_name"), (By("Odile", ""), "by_function")):
        with pytest.raises(Invalid) as refused, database.acting(contact(link)) as act:
            breaches.acknowledge(act, link.id, by)
        assert refused.value.field == field
    with database.acting(contact(link)) as act:
        breaches.acknowledge(act, link.id, BY)
    with pytest.raises(Conflict), database.acting(contact(link)) as act:
        breaches.acknowledge(act, link.id, BY)


def test_in_french_for_french_readers(site, notified):
    page = visitor(site, language="fr").read()
    assert "au plus tard, à titre indicatif" in page
    assert "mercredi 25 novembre 2026, 10 h 30 (Europe/Paris, UTC+01:00)" in page


def test_the_form_of_the_authority_comes_as_a_draft_and_as_data(site, notified, tmp_path):
    guest = visitor(site, language="fr")
    answer = guest.get("/authority-form.pdf")
    assert answer.mimetype == "application/pdf"
    assert "BR-2026-0001-authority-form.pdf" in answer.headers["Content-Disposition"]
    said = " ".join(words(answer.data, tmp_path / "form.pdf"))
    assert "PROJET" in said
    assert "au responsable de traitement de répondre" in said
    assert "Hameçonnage ciblé." in said
    data = json.loads(guest.get("/authority-form.json").data)
    assert (data["draft"], data["language"]) == (True, "fr")
    assert data["prepared"]["by"] == "Éditions Logicielles du Ponant"


def test_the_form_follows_the_latest_notice(site, database, clock, notified):
    head, _ = notified
    clock.forward(hours=5)
    learn(database, head, replace(KNOWN, consequences="Usurpation d’identité."))
    guest = visitor(site)
    form = json.loads(guest.get("/authority-form.json").data)
    assert form["consequences"] == KNOWN.consequences  # the controller was told no more yet
    notify(database, head, Step.MORE, 2)
    sent(site)
    form = json.loads(guest.get("/authority-form.json").data)
    assert form["consequences"] == "Usurpation d’identité."
    arrived = datetime.fromisoformat(form["dates"]["notified_by_processor"]["at"])
    assert clock() - arrived == timedelta(hours=5)


def test_links_live_long_enough_to_be_read_by_an_authority(site, database, notified, clock):
    guest_token = linked_on(site, FIRST, "breach")
    clock.forward(days=300)
    assert KNOWN.title in bare(Visitor(site, guest_token, "en").get().text)
