"""Breaches as responders use them: recorded at night, found, told in phases, closed."""

import io
import re
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from app.house import db
from registers.breaches import facts, finding, notifying, operations
from registers.breaches.finding import Touched
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Nature, Phase, Step
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import heartbeat, history
from registers.kernel.instants import Instant
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Notice
from registers.notices.operations import Result
from registers.people.roles import Role
from tests.announcements.telling import somebody
from tests.controllers.test_pages import form_of
from tests.site import site as installation

CODE = "BR-2026-0001"
RESPONDER = somebody("Nadia")
KNOWN = facts.Breach(
    title="Accès non autorisé à un serveur",
    aware=Instant(on=date(2026, 11, 22), at="09:00"),
    services=("P1",),
    description="Un compte de maintenance a été utilisé par un tiers.",
    nature=(Nature.CONFIDENTIALITY,),
)


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def database(site):
    return site.house.database


@pytest.fixture
def responder(site):
    return site.signed_in(Role.RESPONDER)


@pytest.fixture
def breach(database):
    with database.acting(RESPONDER) as act:
        return operations.record(act, KNOWN)


@pytest.fixture
def touched(database, breach):
    with database.reading() as session:
        query = sa.select(Contract.controller_id, Contract.id).order_by(Contract.sorted)
        found = [Touched(row[0], row[1], "P1") for row in session.execute(query)]
    with database.acting(RESPONDER) as act:
        finding.touch(act, breach.id, found)
    return rows(database, Affected)


def rows(database, model, *where):
    with database.reading() as session:
        return list(session.scalars(sa.select(model).where(*where)))


def known(database):
    with database.reading() as session:
        return history.latest(session, session.scalars(sa.select(Breach)).one())


def told(database, breach):
    with database.acting(RESPONDER) as act:
        notifying.notify(act, breach.id, Step.FIRST, 1)
    with database.acting(RESPONDER) as act:
        ways = rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
        notices.record_results(act, [Result(way.id, True, "250 OK") for way in ways])


def sent(client, address, *wished, **more):
    """Sends the form of a page, with the wished boxes ticked."""
    fields = MultiDict({**form_of(client, address), **more})
    for name, value in wished:
        fields.add(name, value)
    return client.post(address, data=fields)


def test_the_empty_board_says_what_to_do_first(responder):
    page = responder.get("/breaches").text
    assert "three answers are enough" in page
    assert 'href="/breaches/new"' in page
    assert "Open breaches" not in responder.get("/").text


def test_three_answers_record_a_breach_at_the_present_time(responder, database):
    begun = form_of(responder, "/breaches/new")
    assert (begun["on"], begun["at"]) == ("2026-11-22", "10:30")  # 09:30 UTC in Paris
    response = sent(responder, "/breaches/new", ("services", "P1"), title="Portable volé")
    assert response.headers["Location"] == f"/breaches/{CODE}"
    (head,) = rows(database, Breach)
    assert head.aware_at == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert known(database).services == ("P1",)
    page = responder.get(f"/breaches/{CODE}").text
    assert "on the list yet" in page
    assert f"/breaches/{CODE}/edit#description" in page
    assert "Portable volé" in responder.get("/").text


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        (("2026-03-29", "02:30"), "at", "Clocks never showed"),
        (("2026-10-25", "02:30"), "second", "twice"),
        (("2026-11-23", "09:00"), "at", "still to come"),
        (("2026-11-22", ""), "at", "both the day and the time"),
        (("2026-11-22", "soon"), "at", "is no time"),
    ],
)
def test_times_that_are_none_are_told_beside_their_field(responder, database, typed, field, says):
    day, time = typed
    response = sent(responder, "/breaches/new", title="Portable volé", on=day, at=time)
    assert response.status_code == 422
    assert f'id="{field}-wrong"' in response.text
    assert says in response.text
    assert "Portable volé" in response.text
    assert rows(database, Breach) == []


def test_whoever_is_asked_which_of_two_times_answers(responder, database):
    night = {"title": "Intrusion", "on": "2026-10-25", "at": "02:30", "second": "second"}
    assert responder.post("/breaches/new", data=form_of(responder, "/breaches/new") | night)
    (head,) = rows(database, Breach)
    assert head.aware_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_board_counts_at_reading(responder, site, database, breach, touched):
    page = responder.get("/breaches").text
    assert "46 hours 30 min left" in page
    assert "hx-trigger" in page
    site.clock.forward(hours=46)
    assert (
        'class="mark bad">0 hours 30 min left' in site.signed_in(Role.AUDITOR).get("/breaches").text
    )
    site.clock.forward(hours=2)
    late = site.signed_in(Role.RESPONDER)
    assert "over for 1 hour 30 min" in late.get("/breaches").text
    assert f'class="mark bad">{len(touched)}<' in late.get("/breaches").text
    assert "over for 1 hour 30 min" in late.get("/").text


def test_closed_breaches_are_searched_below(responder, database, breach):
    with database.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.FALSE, "Test de charge mal annoncé")
    assert "Test de charge" in responder.get("/breaches?search=serveur").text
    assert "No breach is found so." in responder.get("/breaches?search=portable").text


def test_the_dossier_is_completed_letter_by_letter(responder, database, breach):
    address = f"/breaches/{CODE}/edit"
    response = sent(
        responder,
        address,
        ("nature", "confidentiality"),
        ("services", "P1"),
        **{
            "consequences": "Hameçonnage possible.",
            "detected-on": "2026-11-22",
            "detected-at": "08:50",
            "reason": "Analyse des journaux",
        },
    )
    assert response.headers["Location"] == f"/breaches/{CODE}"
    now = known(database)
    assert now.consequences == "Hameçonnage possible."
    assert now.detected == Instant(on=date(2026, 11, 22), at="08:50")
    assert now.began is None
    page = responder.get(f"/breaches/{CODE}").text
    assert "edit#consequences" not in page
    assert "edit#measures_taken" in page
    assert "Analyse des journaux" in responder.get(f"/breaches/{CODE}/history").text
    assert "Likely consequences" in responder.get(f"/breaches/{CODE}/timeline").text


def test_a_time_that_was_twice_is_asked_in_the_dossier_once(responder, database, breach):
    address = f"/breaches/{CODE}/edit"
    night = {"began-on": "2026-10-25", "began-at": "02:30", "reason": "Journaux"}
    refused = sent(responder, address, ("nature", "confidentiality"), **night)
    assert refused.status_code == 422
    assert 'id="began-on-wrong"' in refused.text
    done = sent(
        responder, address, ("nature", "confidentiality"), **night, **{"began-second": "first"}
    )
    assert done.status_code == 302
    assert known(database).began.moment() == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    again = sent(responder, address, ("nature", "confidentiality"), note="x", reason="Note")
    assert again.status_code == 302


def test_two_responders_never_overwrite_each_other(responder, database, breach):
    address = f"/breaches/{CODE}/edit"
    begun = form_of(responder, address) | {"contact": "Alix Morel", "reason": "Contact"}
    with database.acting(RESPONDER) as act:
        operations.change(act, breach.id, replace(KNOWN, consequences="Hameçonnage."), 1, "Analyse")
    response = responder.post(address, data=begun)
    assert response.status_code == 409
    assert "Hameçonnage." in response.text
    assert "Alix Morel" in response.text
    assert known(database).contact == ""


def test_contracts_are_proposed_with_their_reason_and_their_clocks_start(
    responder, database, breach
):
    address = f"/breaches/{CODE}/affected/proposed"
    page = responder.get(address).text
    assert "P1 – " in page
    response = sent(responder, address, ("groups", "P1"))
    assert response.headers["Location"] == f"/breaches/{CODE}/affected"
    found = rows(database, Affected)
    assert found
    assert all(each.why.startswith("P1 – ") for each in found)
    assert {each.ends_at for each in found} == {datetime(2026, 11, 24, 8, tzinfo=UTC)}
    assert "46 hours 30 min left" in responder.get(f"/breaches/{CODE}/affected").text
    assert (
        sent(responder, address).status_code == 422 or "No further" in responder.get(address).text
    )


def test_single_contracts_are_ticked_and_known_later(responder, database, breach):
    address = f"/breaches/{CODE}/affected/proposed?search=annelac"
    page = responder.get(address).text
    (chosen, *_others) = re.findall(r'name="contracts"[^>]*value="([^"]+)"', page)
    response = sent(responder, address, ("contracts", chosen), on="2026-11-22", at="10:00")
    assert response.status_code == 302
    (row,) = rows(database, Affected)
    assert str(row.contract_id) == chosen
    assert row.starts_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_sub_processor_leads_to_the_contracts_that_use_it(responder, database):
    with database.acting(RESPONDER) as act:
        operations.record(act, replace(KNOWN, services=(), subprocessors=("OVH",)))
    page = responder.get(f"/breaches/{CODE}/affected/proposed").text
    assert 'name="groups"' in page
    assert re.search(r"P\d+ – [^<]*\(OVH", page)


def test_a_controller_is_added_by_hand_without_a_contract(responder, database, breach):
    owner = rows(database, Controller)[0]
    address = f"/breaches/{CODE}/affected/add?search={owner.code}"
    assert "without a contract, but data are held" in responder.get(address).text
    response = sent(responder, address, whom=f"{owner.id}:", why="Copie de test conservée")
    assert response.status_code == 302
    (row,) = rows(database, Affected)
    assert (row.contract_id, row.hours, row.why) == (None, 48, "Copie de test conservée")


def test_who_is_not_affected_is_removed_with_a_reason_and_may_come_back(
    responder, database, touched, breach
):
    address, place = f"/breaches/{CODE}/affected/remove", f"/breaches/{CODE}/affected"
    row = touched[0]
    asked = responder.send(address, place, affected=str(row.id))
    assert "not affected after all" in asked.text
    refused = responder.send(address, place, affected=str(row.id), why=" ")
    assert refused.status_code == 422
    done = responder.send(address, place, affected=str(row.id), why="Rien sur ce serveur")
    assert done.status_code == 302
    assert "Rien sur ce serveur" in responder.get(f"{place}?state=removed").text
    with database.acting(RESPONDER) as act:
        again = Touched(row.controller_id, row.contract_id, "Une copie y était")
        assert finding.touch(act, breach.id, [again]) == 1
    (back,) = rows(database, Affected, Affected.id == row.id)
    assert (back.removed_at, back.removed_reason, back.why) == (None, "", "Une copie y était")


def test_numbers_are_typed_in_the_list_and_never_overwritten_unseen(
    responder, database, touched, breach
):
    place = f"/breaches/{CODE}/affected"
    form = form_of(responder, place)
    first, second = touched[0].id, touched[1].id
    shown = [("row", str(each.id)) for each in touched]

    def typed(**numbers):
        fields = MultiDict({key: value for key, value in form.items() if key != "row"} | numbers)
        for name, value in shown:
            fields.add(name, value)
        return responder.post(f"{place}/numbers", data=fields)

    wrong = typed(**{f"persons-{first}": "beaucoup"})
    assert wrong.status_code == 422
    assert "beaucoup" in wrong.text
    assert f'<a href="#persons-{first}">' in wrong.text  # the summary leads to the line
    assert "Write a whole number." in wrong.text
    assert typed(**{f"persons-{first}": "1 200", f"records-{first}": "9000"}).status_code == 302
    (row,) = rows(database, Affected, Affected.id == first)
    assert (row.persons, row.records) == (1200, 9000)
    with database.acting(RESPONDER) as act:
        finding.count_persons(act, breach.id, {second: (5, 6)})
    overtaken = typed(**{f"persons-{second}": "7"})
    assert overtaken.status_code == 422
    assert "5 persons and 6 records" in overtaken.text
    (row,) = rows(database, Affected, Affected.id == second)
    assert (row.persons, row.records) == (5, 6)


def test_notices_leave_after_a_last_look(responder, database, touched):
    address = f"/breaches/{CODE}/notify"
    page = responder.get(address).text
    owners = {each.controller_id for each in touched}
    assert f'<span class="count">{len(owners)}</span>' in page
    assert "Registered letter" in page
    assert "not known yet" in page
    refused = responder.post(address, data=form_of(responder, address))
    assert refused.status_code == 422
    assert rows(database, Notice) == []
    done = responder.post(address, data=form_of(responder, address) | {"confirmed": "y"})
    assert done.headers["Location"] == f"/breaches/{CODE}/notices"
    assert len(rows(database, Notice)) == len(owners)
    progress = responder.get(f"/breaches/{CODE}/notices").text
    assert "Notification of a personal data breach" in progress
    assert "still to leave" in progress
    timeline = responder.get(f"/breaches/{CODE}/timeline").text
    assert f"First notice · {len(owners)} notices" in timeline
    assert "Nobody waits for a first notice." in responder.get(f"{address}?step=first").text
    assert "Further information" in responder.get(address).text


def test_what_somebody_recorded_meanwhile_is_looked_at_before_it_is_sent(
    responder, database, touched, breach
):
    address = f"/breaches/{CODE}/notify"
    begun = form_of(responder, address) | {"confirmed": "y"}
    with database.acting(RESPONDER) as act:
        operations.change(act, breach.id, replace(KNOWN, consequences="Oui"), 1, "Analyse")
    refused = responder.post(address, data=begun)
    assert refused.status_code == 422
    assert "More was recorded meanwhile" in refused.text
    assert rows(database, Notice) == []


def test_nothing_is_sent_before_the_minimum_is_known(responder, database, site):
    with database.acting(RESPONDER) as act:
        operations.record(act, facts.Breach(title="Alerte"))
    page = responder.get(f"/breaches/{CODE}/notify").text
    assert "It cannot be sent yet." in page
    assert f"/breaches/{CODE}/edit#aware" in page


def test_since_when_it_is_known_is_corrected_with_its_reason(responder, database, touched):
    place = f"/breaches/{CODE}/affected"
    begun = form_of(responder, place)
    nobody = responder.post(f"{place}/known", data={"csrf_token": begun["csrf_token"]})
    assert nobody.headers["Location"].startswith(place)
    typed = {"csrf_token": begun["csrf_token"], "affected": str(touched[0].id)}
    page = responder.post(f"{place}/known", data=typed)
    assert page.status_code == 200
    assert "Since when is it known that 1 contract is affected?" in page.text
    typed |= {"on": "2026-11-22", "at": "10:00"}
    refused = responder.post(f"{place}/known", data=typed | {"reason": ""})
    assert refused.status_code == 422
    done = responder.post(f"{place}/known", data=typed | {"reason": "Journaux relus"})
    assert done.headers["Location"] == place
    assert "known since" in responder.get(place).text


def test_lateness_has_its_reason_and_legal_staff_decide_whether_it_is_told(
    site, database, breach, touched
):
    site.clock.forward(hours=60)
    responder = site.signed_in(Role.RESPONDER)
    address, reason = f"/breaches/{CODE}/late", "Identification tardive"
    assert "tell" not in form_of(responder, address)
    response = sent(responder, address, whom="all", reason=reason, tell="y")
    assert response.status_code == 302
    assert {each.tell_late for each in rows(database, Affected)} == {False}
    jurist = site.signed_in(Role.LEGAL)
    response = sent(jurist, address, whom="all", reason=reason, tell="y")
    assert response.status_code == 302
    found = rows(database, Affected)
    assert {(each.late_reason, each.tell_late) for each in found} == {(reason, True)}
    assert reason in responder.get(f"/breaches/{CODE}/affected?state=late").text


def test_it_is_closed_once_everybody_is_informed(responder, database, breach, touched):
    address = f"/breaches/{CODE}/close"
    early = sent(responder, address, phase="closed", reason="Terminé")
    assert early.status_code == 422
    assert "not informed yet" in early.text
    told(database, breach)
    for letter in rows(database, Affected, Affected.informed_at.is_(None)):
        with database.acting(RESPONDER) as act:
            finding.untouch(act, [letter.id], "Aucune adresse électronique")
    assert sent(responder, address, phase="closed", reason="Terminé").status_code == 302
    (head,) = rows(database, Breach)
    assert head.phase is Phase.CLOSED
    assert "Terminé" in responder.get(f"/breaches/{CODE}").text


def test_an_auditor_reads_and_is_offered_nothing(site, touched):
    auditor = site.signed_in(Role.AUDITOR)
    for part in ("", "/affected", "/notices", "/timeline", "/history"):
        page = auditor.get(f"/breaches/{CODE}{part}")
        assert page.status_code == 200
        assert f'href="/breaches/{CODE}/notify"' not in page.text
        assert f'href="/breaches/{CODE}/edit' not in page.text
    assert auditor.get(f"/breaches/{CODE}/notify").status_code == 403
    assert auditor.get("/breaches/new").status_code == 403


def test_clocks_that_go_on_by_themselves_keep_no_session_open(site, database, breach):
    client = site.signed_in(Role.RESPONDER)
    for _ in range(4):
        site.clock.forward(minutes=40)
        client.get("/breaches", headers={"Greffe-Unattended": "yes"})
    assert client.get("/breaches").status_code == 302


def test_the_list_takes_as_many_statements_for_one_as_for_all(site, database, breach, touched):
    responder = site.signed_in(Role.RESPONDER)
    with site.app.app_context():
        engine = db.engine
    counted = []
    sa.event.listen(engine, "before_cursor_execute", lambda *_: counted.append(1))

    def statements(address):
        counted.clear()
        assert responder.get(address).status_code == 200
        return len(counted)

    for part in ("affected", "affected/proposed", "notify"):
        one = statements(f"/breaches/{CODE}/{part}?search=annelac")
        assert statements(f"/breaches/{CODE}/{part}") <= one
    assert len(touched) > 1


def test_our_own_time_runs_where_we_are_controller(responder, database, breach):
    with database.acting(RESPONDER) as act:
        operations.change(act, breach.id, replace(KNOWN, ours=True), 1, "Contacts commerciaux")
    page = responder.get(f"/breaches/{CODE}").text
    assert "70 hours 30 min left" in page


def test_who_is_on_call_is_set_tried_and_shown(site, database):
    admin = site.signed_in(Role.ADMIN)
    page = admin.get("/on-call").text
    assert "Nobody is on call" in page
    fields = {"emails": "astreinte@ponant.example\nrssi@ponant.example", "language": "fr"}
    refused = sent(admin, "/on-call", **fields, webhook="http://sms.example/")
    assert refused.status_code == 422
    assert "begins with https://" in refused.text
    response = sent(admin, "/on-call", **fields, webhook="https://sms.example/a?token=t0k3n")
    assert response.status_code == 302
    page = admin.get("/on-call").text
    assert "Greffe-Signature" in page
    assert "No alarm was sent yet" in page
    admin.send("/on-call/test", "/on-call")
    assert admin.get("/on-call").text.count("test: nothing happened") == 3
    for role in (Role.DPO, Role.RESPONDER, Role.AUDITOR):
        assert site.signed_in(role).get("/on-call").status_code == 403
    journal = admin.get("/journal").text
    assert "t0k3n" not in journal


def test_without_a_worker_the_board_is_right_and_says_so(site, responder, touched, clock):
    for address in ("/breaches", "/", f"/breaches/{CODE}"):
        page = responder.get(address).text
        assert "Alarms will not fire by themselves" in page
        assert "Nobody is on call" in page
        assert "was not sent" not in page
    admin = site.signed_in(Role.ADMIN)
    sent(admin, "/on-call", emails="astreinte@ponant.example", language="fr")
    clock.forward(hours=23)
    page = site.signed_in(Role.DPO).get("/breaches").text
    assert "Nobody is on call" not in page
    assert "An alarm has been due since 23 Nov 2026, 09:00 and was not sent" in page
    assert "23 hours 30 min left" in page
    with site.house.database.upkeep() as traces:
        heartbeat.beat(traces, "w1", "0.1.0", clock(), clock())
    page = site.signed_in(Role.DPO).get("/breaches").text
    assert "Alarms will not fire" not in page
    assert "was not sent" in page


def test_an_exercise_is_marked_on_every_page_and_stands_last(site, responder, database, touched):
    assert "EXERCISE: nothing" not in responder.get(f"/breaches/{CODE}").text
    admin = site.signed_in(Role.ADMIN)
    sent(admin, "/on-call", drill_emails="exercice@ponant.example", language="en")
    response = sent(
        responder, "/breaches/exercise", ("services", "P1"), title="Essai général", at="09:00"
    )
    place = response.headers["Location"]
    assert place == "/breaches/EX-2026-0001"
    for part in ("", "/edit", "/affected", "/proposed", "/notices", "/notify", "/timeline"):
        page = responder.get(place + part)
        assert page.status_code == (404 if part == "/proposed" else 200)
        assert page.status_code == 404 or "EXERCISE: nothing of this happened" in page.text
    page = responder.get(place).text
    assert "How the team does" in page
    assert "1 hour 30 min" in page
    board = responder.get("/breaches").text
    assert board.index(CODE) < board.index("EX-2026-0001")
    (head,) = rows(database, Breach, Breach.drill)
    with database.reading() as session:
        query = sa.select(Contract.controller_id, Contract.id).order_by(Contract.sorted)
        found = [Touched(row[0], row[1], "P1") for row in session.execute(query)]
    with database.acting(RESPONDER) as act:
        finding.touch(act, head.id, found)
        operations.change(act, head.id, replace(KNOWN, title="Essai général"), 1, "Analyse")
    page = responder.get(f"{place}/notify").text
    assert "exercice@ponant.example" in page
    assert "notices of the exercise" in page
    assert sent(responder, f"{place}/notify", confirmed="y").status_code == 302
    ways = {(each.channel, each.address) for each in rows(database, Dispatch)}
    assert ways == {(Channel.EMAIL, "exercice@ponant.example")}


def test_what_was_told_by_hand_is_entered_with_its_proof_and_can_be_wrong(
    site, responder, database, touched
):
    place = f"/breaches/{CODE}/by-hand"
    token = form_of(responder, f"/breaches/{CODE}/affected")["csrf_token"]
    ticked = [str(each.id) for each in touched[:2]]
    page = responder.post(place, data={"csrf_token": token, "affected": ticked})
    assert page.status_code == 200
    assert "2 contracts: told by hand" in page.text
    given = {"csrf_token": token, "affected": ticked, "way": "telephone", "minimum": "y"}
    given |= {"whom": "Odile Chabrol, maire", "on": "2026-11-22", "at": "10:05"}
    page = responder.post(place, data=given)
    assert page.status_code == 422
    assert "Add what proves it" in page.text
    proof = (io.BytesIO(b"%PDF-1.7 notes"), "notes.pdf")
    response = responder.post(place, data={**given, "content": proof})
    assert response.status_code == 302, response.text
    rows_ = {each.id: each for each in rows(database, Affected)}
    informed = [rows_[each.id].informed_at for each in touched[:2]]
    assert informed == [datetime(2026, 11, 22, 9, 5, tzinfo=UTC)] * 2
    page = responder.get(f"/breaches/{CODE}/affected").text
    assert page.count("Odile Chabrol, maire") == 2
    digest = re.search(rf"{place}/proofs/(\w+)", page)[1]
    assert responder.get(f"{place}/proofs/{digest}").data == b"%PDF-1.7 notes"
    assert responder.get(f"{place}/proofs/{'0' * 64}").status_code == 404
    wrong = re.search(rf'href="({place}/[^"]+/wrong)"', page)[1]
    assert sent(responder, wrong, why="Autre commune").status_code == 302
    page = responder.get(f"/breaches/{CODE}/affected").text
    assert "recorded in error" in page
    given |= {"at": "", "way": "registered", "note": "Récépissé"}
    assert responder.post(place, data=given).status_code == 302
    assert "only the day is proven" in responder.get(f"/breaches/{CODE}/affected").text
    assert site.signed_in(Role.AUDITOR).post(place, data=given).status_code in {400, 403}
