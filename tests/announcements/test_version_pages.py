"""Updates as staff and controllers meet them: drafted, told, read, objected to, installed."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from registers.announcements import cases, rules
from registers.announcements.models import Announcement, Case, Objection
from registers.announcements.vocabulary import Phase, State
from registers.kernel import history
from registers.notices.models import Notice
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Role
from tests.announcements.telling import plan, rows
from tests.announcements.versions import SHEET, announced, drafted, matters
from tests.controllers.test_pages import form_of
from tests.portal import hands
from tests.portal.hands import AT, Visitor, linked_on, sent

CODE = "AN-2026-0001"
TODAY, PLANNED = AT.date(), date(2026, 12, 10)
LAST = date(2026, 12, 3)


@pytest.fixture
def site(sample_site):
    """The fictional register on a Monday on which the identity of the tests seals."""
    sample_site.clock.at = AT
    return sample_site


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def dpo(site):
    return site.signed_in(Role.DPO)


@pytest.fixture
def told(site, database):
    """An update for 10 December, told on 23 November; everything has left."""
    announced(database, site.clock, at=AT, planned_on=PLANNED)
    site.messages = dict(sent(site))
    return site


def test_an_update_is_drafted_with_its_sheet_and_announced(site, database, dpo):
    address = "/announcements/new?topic=version"
    begun = form_of(dpo, address)
    assert "changes-0-code" not in begun
    assert "decided_by" not in begun
    typed = begun | {
        "title": "Portail 7.2",
        "update-product": "Portail",
        "update-version": "7.2",
        "update-activities": "P1",
        "update-published_on": "2026-10-12",
        "update-planned_on": "2026-12-01",
        "update-starts_at": "21:30",
        "update-duration": "Deux heures",
        "update-summary": "Rendez-vous en ligne.",
    }
    refused = dpo.post(address, data=typed | {"update-product": ""})
    assert refused.status_code == 422
    assert "Say which product is updated." in refused.text
    assert dpo.post(address, data=typed).headers["Location"] == f"/announcements/{CODE}/preview"
    page = dpo.get(f"/announcements/{CODE}/preview").text
    assert "the version sheet, attached" in page
    sheet = f"/announcements/{CODE}/version-sheet"
    assert f'href="{sheet}"' in page
    assert dpo.get(f"{sheet}.pdf").status_code == 404
    wrong = form_of(dpo, sheet) | {"content": (io.BytesIO(b"PK\x03\x04"), "fiche.pdf")}
    assert dpo.post(sheet, data=wrong).status_code == 422
    right = form_of(dpo, sheet) | {"content": (io.BytesIO(SHEET), "fiche.pdf")}
    assert dpo.post(sheet, data=right).status_code == 302
    assert dpo.get(f"{sheet}.pdf").data == SHEET
    page = dpo.get(f"/announcements/{CODE}/preview").text
    assert "Planned too soon" in page
    assert "Tuesday, 8 December 2026" in page
    assert "Announce…" not in page
    assert dpo.get(f"/announcements/{CODE}/announce").status_code == 302
    edit = f"/announcements/{CODE}/edit"
    later = form_of(dpo, edit) | {"update-planned_on": "2026-12-10", "update-activities": "P1"}
    assert dpo.post(edit, data=later | {"reason": "Report"}).status_code == 302
    assert "Announce…" in dpo.get(f"/announcements/{CODE}/preview").text
    draft = dpo.get(f"/announcements/{CODE}/notice.pdf?language=fr")
    assert draft.data.startswith(b"%PDF")
    (head,) = rows(database, Announcement)
    confirm = form_of(dpo, f"/announcements/{CODE}/announce")
    known = plan_of(database, head)
    done = confirm | {"typed": str(len(known.addressees))}
    assert dpo.post(f"/announcements/{CODE}/announce", data=done).status_code == 302
    assert len(rows(database, Notice)) == len(known.addressees)


def plan_of(database, head):
    with database.reading() as session:
        known = history.latest(session, session.get_one(Announcement, head.id))
    return plan(database, known, TODAY)


def test_the_pages_of_an_update_say_its_days(told, dpo):
    page = dpo.get(f"/announcements/{CODE}").text
    assert "Thursday, 10 December 2026, 21:30" in page
    assert "Thursday, 3 December 2026" in page
    assert f'href="/announcements/{CODE}/version-sheet.pdf"' in page
    assert "Opinion of the DPO" not in page
    for part in ("chase", "letters", "timeline", "history", "controllers.xlsx"):
        assert dpo.get(f"/announcements/{CODE}/{part}", buffered=True).status_code == 200
    listed = dpo.get("/announcements?topic=version").text
    assert CODE in listed
    assert CODE not in dpo.get("/announcements?topic=subprocessors").text
    engage = dpo.get(f"/announcements/{CODE}/changes/0/engage?on=2026-12-10").text
    assert "Install Portail des démarches 7.2" in engage
    assert "may be installed" in engage
    contract = dpo.get(f"/announcements/{CODE}/contracts/{matter(told).id}").text
    assert "The notice left on" in contract
    assert "Tuesday, 12 October 2027" in contract


def matter(site, code="BEAUCHENE"):
    return matters(site.house.database)[code]


def test_it_is_installed_on_its_day_by_the_pages(told, dpo, database):
    address = f"/announcements/{CODE}/changes/0/engage"
    early = form_of(dpo, f"{address}?on=2026-12-09") | {"reason": "Installation", "whom": "all"}
    assert dpo.post(address, data=early | {"day": "2026-12-09"}).status_code == 422
    assert dpo.post(address, data=early | {"day": "2026-12-10"}).status_code == 302
    found = {rules.standing(cases.known_of(row), PLANNED).state for row in rows(database, Case)}
    assert found == {State.ENGAGED}
    assert "installed" in dpo.get(f"/announcements/{CODE}").text


def test_what_was_installed_untold_is_recorded_from_its_draft(site, dpo, database):
    drafted(database, site.clock, at=AT, planned_on=TODAY)
    address = f"/announcements/{CODE}/installed"
    assert address in dpo.get(f"/announcements/{CODE}/preview").text
    typed = form_of(dpo, address) | {"started_on": "2026-11-22", "reason": "Faille critique."}
    (head,) = rows(database, Announcement)
    typed["typed"] = "1"
    assert dpo.post(address, data=typed).status_code == 422
    typed["typed"] = str(len(plan_of(database, head).addressees))
    assert dpo.post(address, data=typed).status_code == 302
    (head,) = rows(database, Announcement)
    assert head.phase is Phase.ANNOUNCED
    messages = dict(sent(site))
    body = messages["notifications@beauchene.example"].get_body(("plain",)).get_content()
    assert "installée le dimanche 22 novembre 2026" in body
    guest = Visitor(site, linked_on(site, "BEAUCHENE", "update_early"), "en")
    page = guest.read()
    assert "without the prior notice" in page
    assert "You may object until" not in page  # it is installed: the page says that it is
    assert "it should not have begun yet" in page
    assert "installed irregularly" in dpo.get(f"/announcements/{CODE}").text


def test_a_controller_reads_the_sheet_and_objects_until_its_last_day(told, database):
    message = told.messages["notifications@beauchene.example"]
    assert "jeudi 10 décembre 2026" in message.get_body(("plain",)).get_content()
    guest = Visitor(told, linked_on(told, "BEAUCHENE", "update"), "en")
    page = guest.read()
    assert "You may object until Thursday, 3 December 2026, 24:00." in page
    assert "Portail des démarches 7.2" in page
    assert "If you acknowledge receipt today" not in page
    assert guest.get("/version-sheet.pdf").data == SHEET
    counted = guest.read(f"/contracts/{matter(told).id}")
    assert "Thursday, 10 December 2026" in counted
    assert "Tuesday, 12 October 2027" in counted
    assert guest.answer("/acknowledge").status_code == 303
    assert "do not depend on your receipt" in guest.read("/recorded")
    told.clock.at += timedelta(minutes=30)
    guest = Visitor(told, linked_on(told, "BEAUCHENE", "update"), "en")
    assert guest.answer("/object", grounds="Nos agents sont en congé.").status_code == 303
    page = guest.read()
    assert "nothing is installed under this contract" in page
    assert len(rows(database, Objection)) == 1
    assert "in time" in guest.read("/recorded")
    assert guest.read("/subprocessors")
    assert "Portail des démarches 7.2" in guest.read("/notices")


def test_a_notice_of_sub_processors_has_no_sheet(site, database):
    hands.told(database, site.clock)
    sent(site)
    guest = Visitor(site, linked_on(site, "BEAUCHENE"), "en")
    assert guest.get("/version-sheet.pdf").status_code == 404


def test_withdrawn_the_controller_is_told(told, dpo, database):
    address = f"/announcements/{CODE}/withdraw"
    typed = form_of(dpo, address) | {"reason": "Version retirée.", "confirmed": "y"}
    assert dpo.post(address, data=typed).status_code == 302
    made = rows(database, Notice, Notice.kind == NoticeKind.UPDATE_WITHDRAWAL)
    assert made
    sent(told)
    guest = Visitor(told, linked_on(told, "BEAUCHENE", "update_withdrawal"), "en")
    assert "Version retirée." in guest.read()
    former = Visitor(told, linked_on(told, "BEAUCHENE", "update"), "en")
    assert "does not hold any more" in former.read()


def test_the_evidence_holds_the_sheet_and_how_the_window_was_counted(told, dpo):
    place = f"/announcements/{CODE}/contracts/{matter(told).id}"
    with dpo.send(f"{place}/evidence.zip", place) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.read("version-sheet.pdf") == SHEET
    (name,) = [each for each in archive.namelist() if each.endswith("window-1.json")]
    window = json.loads(archive.read(name))
    assert (window["closes_on"], window["free_on"]) == (LAST.isoformat(), PLANNED.isoformat())
    assert window["receipt_id"] is None
    assert window["count"]["from"] == PLANNED.isoformat()
    kept = json.loads(archive.read("announcement.json"))
    assert kept["topic"] == "version"
    assert kept["changes"][0]["told"]["update"]["version"] == "7.2"


def test_an_update_never_stands_on_the_public_list(told, dpo):
    public = told.client().get("/public/subprocessors")
    page = dpo.get("/subprocessors").text
    for shown in (public.text, page):
        assert "Portail des démarches 7.2" not in shown


def test_the_day_before_the_last_one_it_stands_on_the_list_to_chase(told):
    told.clock.at = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    page = told.signed_in(Role.DPO).get(f"/announcements/{CODE}/chase?why=closing").text
    assert "Beauchêne" in page
