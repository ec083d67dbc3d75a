"""Letters, slips and receipts of notices of breaches, as staff see to them."""

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from registers.breaches.finding import Touched
from registers.breaches.models import Affected
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.notices.models import Dispatch, Notice, Receipt
from registers.people.roles import Role
from tests.announcements.telling import rows
from tests.controllers.test_pages import form_of
from tests.portal.breached import FIRST, KNOWN, breached, notify
from tests.portal.hands import sent
from tests.site import site as installation

PLACE = "/breaches/BR-2026-0001"
SLIP = {"name": "avis.pdf", "content": b"%PDF-1.7\n%%EOF"}


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def told(site, database):
    """Everybody was notified; the messages left, the letters are typeset."""
    head = breached(database)
    notify(database, head)
    sent(site)
    return head


@pytest.fixture
def alone(site, database):
    """One controller without a contract and without an address for messages: it gets a letter."""
    (owner,) = rows(database, Controller, Controller.code == FIRST)
    head = breached(database, found=[Touched(owner.id, None, "données encore détenues")])
    notify(database, head)
    sent(site)
    return head


def letters(database):
    return rows(database, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)


def filled(database, day="23/11/2026"):
    """The table of the mail room as it comes back: every letter deposited."""
    lines = ["notification;code;numéro de dépôt;date de dépôt"]
    codes = {row.id: row.code for row in rows(database, Controller)}
    numbers = {row.id: row.number for row in rows(database, Notice)}
    lines += [
        f"{numbers[each.notice_id]};{codes[each.controller_id]};2C {place:03};{day}"
        for place, each in enumerate(letters(database))
    ]
    return io.BytesIO("\n".join(lines).encode())


def send(client, address, /, **fields):
    return client.post(address, data={**form_of(client, address), **fields})


def test_the_letters_come_as_one_file_and_as_a_table(site, database, told):
    client = site.signed_in(Role.RESPONDER)
    waiting = letters(database)
    assert len(waiting) >= 7
    page = client.get(f"{PLACE}/letters").text
    assert "Letters to print (PDF)</a>".replace("</a>", "") in page
    assert f"({len(waiting)})" in page
    with pikepdf.open(io.BytesIO(client.get(f"{PLACE}/letters.pdf").data)) as merged:
        assert len(merged.pages) >= 2 * len(waiting)
    table = client.get(f"{PLACE}/letters.csv").data.decode("utf-8-sig").splitlines()
    assert len(table) == len(waiting) + 1
    assert "ANNELAC CEDEX" in "\n".join(table)
    said = f'<span class="count">{len(waiting)}</span>registered letters to be sent'
    assert said in client.get(f"{PLACE}/letters").text


def test_before_anything_is_typeset_there_is_nothing_to_print(site, database):
    notify(database, breached(database))
    client = site.signed_in(Role.RESPONDER)
    assert "No letter is ready to be printed" in client.get(f"{PLACE}/letters").text
    assert client.get(f"{PLACE}/letters.pdf").status_code == 404


def test_slips_come_back_and_the_formalities_are_complete(site, database, told, clock):
    clock.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    legal = site.signed_in(Role.LEGAL)
    incomplete = [row for row in rows(database, Affected) if row.complete_at is None]
    assert incomplete
    answer = legal.send(f"{PLACE}/letters", file=(filled(database), "slips.csv"))
    look = answer.headers["Location"]
    assert f"{len(letters(database))}</span>To record" in legal.get(look).text
    assert legal.send(look).headers["Location"] == f"{PLACE}/letters"
    ends = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert {
        row.complete_at
        for row in rows(database, Affected)
        if row.id in {each.id for each in incomplete}
    } == {ends}
    assert all(row.informed_at < ends for row in rows(database, Affected))
    again = legal.send(f"{PLACE}/letters", file=(filled(database), "slips.csv"))
    assert "There is nothing to record" in legal.get(again.headers["Location"]).text


def test_without_a_contract_letters_and_receipts_work_as_well(site, database, alone, clock):
    legal = site.signed_in(Role.LEGAL)
    place = f"{PLACE}/told/{FIRST}"
    assert "without a contract" in legal.get(place).text
    (notice,) = rows(database, Notice)
    address = f"{place}/notices/{notice.id}/receipts/new"
    answer = send(legal, address, evidence="signed", received_on="2026-11-22", by_name="S. Perrier")
    assert answer.headers["Location"] == place
    (receipt,) = rows(database, Receipt)
    assert receipt.by_name == "S. Perrier"
    (message,) = rows(database, Dispatch)
    again = f"{place}/dispatches/{message.id}/again"
    send(legal, again, address="post")
    sent(site)
    answer = legal.send(f"{PLACE}/letters", file=(filled(database, "22/11/2026"), "slips.csv"))
    legal.send(answer.headers["Location"])
    (letter,) = letters(database)
    assert letter.number == "2C 000"
    assert "2C 000" in legal.get(place).text


def test_a_controller_shows_its_clock_its_own_time_and_only_itself(site, told):
    page = site.signed_in(Role.AUDITOR).get(f"{PLACE}/told/SAINTE-FLORE").text
    assert "Wednesday, 25 November 2026, 13:30 (Indian/Reunion, UTC+04:00)" in page
    assert "informed in time" in page
    assert "Annelac" not in page
    assert "Record a receipt" not in page


def test_a_receipt_is_recorded_corrected_and_confirmed(site, database, told, clock):
    legal = site.signed_in(Role.LEGAL)
    place = f"{PLACE}/told/VILLE-MONTVAL"
    (notice,) = [
        row for row in rows(database, Notice) if "Lucie" in row.name or "montval" in row.email
    ]
    address = f"{place}/notices/{notice.id}/receipts/new"
    page = legal.get(address).text
    assert "window" not in page.partition("<main")[2]
    send(
        legal,
        address,
        evidence="decision",
        received_on="2026-11-22",
        note="§ 7.5.6",
        content=(io.BytesIO(SLIP["content"]), SLIP["name"]),
    )
    found = rows(database, Receipt)
    assert len(found) == 2  # one for each contract
    page = legal.get(place).text
    assert "strong once another person has confirmed it" in page
    assert legal.get(f"{place}/proofs/{found[0].proof_sha256}").data == SLIP["content"]
    assert legal.get(f"{PLACE}/told/{FIRST}/proofs/{found[0].proof_sha256}").status_code == 404
    own = send(legal, f"{place}/receipts/{found[0].id}/confirm", note="Vu")
    assert own.status_code == 422
    dpo = site.signed_in(Role.DPO)
    assert send(dpo, f"{place}/receipts/{found[0].id}/confirm", note="Vu").status_code == 302
    send(
        legal,
        f"{place}/receipts/{found[1].id}/correct",
        evidence="spoken",
        received_on="2026-11-22",
        note="Au téléphone seulement",
    )
    page = legal.get(place).text
    assert "corrected since" in page
    assert "Vu" in page


def test_a_letter_is_followed(site, database, told, clock):
    clock.forward(days=2)
    legal = site.signed_in(Role.LEGAL)
    (owner,) = rows(database, Controller, Controller.code == FIRST)
    (letter,) = [each for each in letters(database) if each.controller_id == owner.id]
    address = f"{PLACE}/told/{FIRST}/letters/{letter.id}"
    send(legal, address, event="deposited", happened_on="2026-11-23", number="2C 7")
    (row,) = rows(database, Affected, Affected.controller_id == owner.id)
    assert row.complete_at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    send(legal, address, event="handed_over", happened_on="2026-11-24", number="2C 7")
    (receipt,) = rows(database, Receipt)
    assert receipt.evidence.value == "hand_over"
    assert legal.get(f"{PLACE}/told/{FIRST}/letters/{owner.id}").status_code == 404


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.AUDITOR])
def test_whoever_may_only_read_records_nothing(site, database, told, role):
    client = site.signed_in(role)
    (owner,) = rows(database, Controller, Controller.code == FIRST)
    (letter,) = [each for each in letters(database) if each.controller_id == owner.id]
    for address in (
        f"{PLACE}/told/{FIRST}/letters/{letter.id}",
        f"{PLACE}/told/{FIRST}/notices/{letter.notice_id}/receipts/new",
    ):
        assert client.get(address).status_code == 403
    assert client.get(f"{PLACE}/told/{FIRST}/notices/{letter.notice_id}.pdf").data[:4] == b"%PDF"


def test_nothing_opens_of_a_controller_that_the_breach_never_touched(site, database):
    (owner,) = rows(database, Controller, Controller.code == FIRST)
    breached(database, KNOWN, [Touched(owner.id, None, "données encore détenues")])
    client = site.signed_in(Role.DPO)
    assert client.get(f"{PLACE}/told/{FIRST}").status_code == 200
    assert client.get(f"{PLACE}/told/SAINTE-FLORE").status_code == 404
    assert client.get(f"{PLACE}/told/NOBODY").status_code == 404


def test_annexes_list_letters_by_choice_and_say_how_each_travels(site, database, told):
    client = site.signed_in(Role.LEGAL)
    assert "Notification of a personal data breach" not in client.get("/annexes").text
    page = client.get("/annexes?letters=on").text
    assert "· Registered letter · " in page
    assert "· E-mail · " in page
