"""Alarms: fired once, to everybody on call, whatever happens to workers, mail and gateway."""

import email
import email.policy
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec import structs

from app.webhook import HttpGateway
from registers import work
from registers.breaches import alarms, calls, oncall, operations
from registers.breaches.calls import AlarmCall, CallState, CallWay, Occasion
from registers.breaches.gateway import signature
from registers.breaches.models import Affected, Alarm, Breach
from registers.breaches.oncall import OnCall, Plan
from registers.breaches.vocabulary import Phase
from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid
from registers.kernel.instants import Instant
from registers.notices.transport import Later
from registers.notices.transport import Refused as Unwanted
from registers.people.roles import MAY, WORKER, Role
from tests.breaches.gateways import gateway
from tests.breaches.test_operations import KNOWN, RESPONDER, left, recorded, rows, told, touched
from tests.delivery.hands import Post, tools
from tests.registers import entries

ADMIN = Actor("user", MAY[Role.ADMIN], uuid.uuid4(), "Yasmine")
SECRET = b"s" * 32
EMAILS = ("astreinte@ponant.example", "rssi@ponant.example")
DRILL = ("exercice@ponant.example",)


def set_up(database, *, private=True, base=0, **plan):
    with database.acting(ADMIN) as act:
        return oncall.choose(act, Plan(**plan), base, secret=SECRET, private=private)


def swept(database):
    alarms.fire(database, WORKER)


def drained(database, post=None, **more):
    """Everything that waits is done; gives the post."""
    post = post or Post()
    with_gateway = replace(tools(database, post), gateway=HttpGateway(private=True), **more)
    work.drain(with_gateway, lambda: False)
    return post


@pytest.fixture
def running(sample):
    """A breach that touches everybody, recorded before anybody was on call."""
    breach = recorded(sample)
    touched(sample, breach)
    return breach


def test_recording_a_breach_tells_everybody_at_once(sample):
    set_up(sample, emails=EMAILS, drill_emails=DRILL)
    breach = recorded(sample)
    found = rows(sample, AlarmCall)
    assert {each.address for each in found} == set(EMAILS)
    assert {(each.occasion, each.code) for each in found} == {(Occasion.RECORDED, breach.code)}
    post = drained(sample)
    assert sorted(to for to, _, _ in post.taken) == sorted(EMAILS)
    message = email.message_from_bytes(post.taken[0][2], policy=email.policy.default)
    assert message["Subject"].startswith("ALARME – BR-2026-0001")
    assert KNOWN.title not in message.get_content()
    assert {each.state for each in rows(sample, AlarmCall)} == {CallState.DONE}
    assert [entry.about for entry in entries(sample, "breach.called")] == [
        f"breach:{breach.id}"
    ] * 2


def test_a_due_alarm_fires_once_however_many_workers_look(sample, running, clock):
    set_up(sample, emails=EMAILS)
    clock.forward(hours=24)
    swept(sample)
    swept(sample)
    assert [each.occasion for each in rows(sample, AlarmCall)] == [Occasion.HALF] * 2
    (entry,) = entries(sample, "breach.alarm")
    assert '"occasion":"half"' in entry.facts
    swept(sample)
    assert len(entries(sample, "breach.alarm")) == 1
    waiting = rows(sample, AlarmCall)[0].waiting
    assert waiting == len(rows(sample, Affected)) > 1


def test_every_threshold_fires_in_its_turn(sample, running, clock):
    set_up(sample, emails=EMAILS[:1])
    for _hour in range(52):
        clock.forward(hours=1)
        swept(sample)
    found = sorted(rows(sample, AlarmCall), key=lambda each: each.created_at)
    assert [each.occasion.value for each in found] == ["half", "twelve", "four", "one", "over"]
    post = drained(sample)
    assert len(post.taken) == 5


def test_after_a_night_without_workers_only_the_last_is_told(sample, running, clock):
    set_up(sample, emails=EMAILS[:1])
    clock.forward(hours=44)
    swept(sample)
    (call,) = rows(sample, AlarmCall)
    assert call.occasion is Occasion.FOUR
    assert len([each for each in rows(sample, Alarm) if each.fired_at]) == 3


def test_where_nobody_waits_any_more_it_is_marked_and_nobody_is_told(sample, running, clock):
    set_up(sample, emails=EMAILS)
    told(sample, running)
    left(sample)
    before = len(rows(sample, AlarmCall))
    clock.forward(hours=24)
    swept(sample)
    assert len(rows(sample, AlarmCall)) == before
    assert [each.fired_at for each in rows(sample, Alarm) if each.due_at <= clock()] == [clock()]
    assert '"waiting":0' in entries(sample, "breach.alarm")[-1].facts


def test_while_nobody_is_on_call_an_alarm_stays_due(sample, running, clock):
    clock.forward(hours=25)
    swept(sample)
    assert not any(each.fired_at for each in rows(sample, Alarm))
    set_up(sample, emails=EMAILS[:1])
    swept(sample)
    assert len(rows(sample, AlarmCall)) == 1


def test_the_alarms_of_what_is_closed_are_silent(sample, running, clock):
    set_up(sample, emails=EMAILS)
    with sample.acting(RESPONDER) as act:
        operations.close(act, running.id, Phase.FALSE, "Fausse alerte")
    clock.forward(hours=49)
    swept(sample)
    assert rows(sample, AlarmCall) == []


def test_the_gateway_gets_numbers_and_a_link_and_nothing_of_what_happened(sample, running, clock):
    with gateway() as (received, address):
        set_up(sample, webhook=address, language="en")
        clock.forward(hours=46)
        swept(sample)
        drained(sample)
    ((path, headers, body),) = received.posts
    assert path == "/alarms?token=t0k3n"
    (said,) = received.bodies
    (call,) = rows(sample, AlarmCall)
    waiting = len(rows(sample, Affected))
    assert said == {
        "id": str(call.id),
        "occasion": "one",
        "breach": running.code,
        "exercise": False,
        "contracts_waiting": waiting,
        "ends_at": "2026-11-24T08:00:00+00:00",
        "minutes_left": 30,
        "sent_at": "2026-11-24T07:30:00+00:00",
        "link": "https://registre.ponant.example/breaches",
        "text": f"{running.code}: {waiting} contracts are not informed, 0 hours 30 min left.",
    }
    with sample.reading() as session:
        secret = oncall.chosen(session, SECRET).signs_with
    assert headers["Greffe-Signature"] == signature(secret, clock(), body)
    assert headers["Greffe-Delivery"] == said["id"]
    assert (call.state, call.answer, call.way) == (CallState.DONE, "202 taken", CallWay.WEBHOOK)
    assert "t0k3n" not in "".join(entry.facts for entry in entries(sample))


def test_a_gateway_that_fails_is_tried_again_and_the_last_answer_kept(sample, clock):
    with gateway() as (received, address):
        received.answers = [(503, "busy", {}), (202, "taken", {})]
        set_up(sample, webhook=address)
        recorded(sample)
        drained(sample)
        with sample.reading() as session:
            (shown,) = calls.latest(session, 5)
        assert (shown.call.state, shown.attempts, shown.answer) == (CallState.TO_DO, 1, "503 busy")
        clock.forward(minutes=2)
        drained(sample)
        (call,) = rows(sample, AlarmCall)
        assert (call.state, call.attempts, call.answer) == (CallState.DONE, 2, "202 taken")
        assert len({body["id"] for body in received.bodies}) == 1


def test_what_is_refused_for_good_waits_for_a_person_and_shows(sample, clock):
    with gateway() as (received, address):
        received.answers = [(401, "no token", {})]
        set_up(sample, webhook=address)
        breach = recorded(sample)
        drained(sample)
    (call,) = rows(sample, AlarmCall)
    assert (call.state, call.answer) == (CallState.FAILED, "401 no token")
    with sample.reading() as session:
        found = alarms.unfired(session, [session.get_one(Breach, breach.id)], clock())
    assert [each.answer for each in found.undelivered] == ["401 no token"]


def test_mail_that_fails_is_tried_for_hours_then_given_up(sample, clock):
    set_up(sample, emails=EMAILS[:1])
    recorded(sample)
    post = Post(fails=lambda _to, _times: Later("4.0.0 busy", 451))
    for _ in range(9):
        drained(sample, post)
        clock.forward(hours=13)
    (call,) = rows(sample, AlarmCall)
    assert (call.state, call.attempts) == (CallState.FAILED, 8)
    set_up(sample, emails=EMAILS[1:], base=1)
    recorded(sample)
    drained(sample, Post(fails=lambda _to, _times: Unwanted("no such user", 550)))
    assert {each.state for each in rows(sample, AlarmCall)} == {CallState.FAILED}


def test_fiction_never_leaves(sample):
    set_up(sample, webhook="https://sms.example/alarms")
    recorded(sample)
    drained(sample)
    (call,) = rows(sample, AlarmCall)
    assert (call.state, "sample data" in call.answer) == (CallState.FAILED, True)


def test_a_drill_alarms_only_the_addresses_of_drills(sample, clock):
    with gateway() as (received, address):
        set_up(sample, emails=EMAILS, webhook=address, drill_emails=DRILL)
        breach = recorded(sample, drill=True)
        touched(sample, breach)
        clock.forward(hours=30)
        swept(sample)
        post = drained(sample)
        assert received.posts == []
    assert {to for to, _, _ in post.taken} == set(DRILL)
    for _, _, content in post.taken:
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert message["Subject"].startswith("ALARME – EXERCICE – ")


def test_a_test_alarm_goes_to_everybody(sample):
    with sample.acting(ADMIN) as act, pytest.raises(Conflict):
        alarms.try_out(act)
        raise AssertionError
    with gateway() as (received, address):
        set_up(sample, emails=EMAILS, webhook=address)
        with sample.acting(ADMIN) as act:
            assert alarms.try_out(act) == 3
        post = drained(sample)
        assert received.bodies[0]["occasion"] == "test"
    assert len(post.taken) == 2


def test_settings_are_checked_kept_and_told(sample):
    with pytest.raises(Invalid) as raised:
        set_up(sample, emails=("nobody",))
    assert raised.value.field == "emails"
    with pytest.raises(Invalid) as raised:
        set_up(sample, private=False, webhook="http://localhost/")
    assert raised.value.field == "webhook"
    assert set_up(
        sample,
        emails=("A@Ponant.example", "a@ponant.example "),
        webhook="https://sms.example/?token=t0k3n",
    )
    with sample.reading() as session:
        row = session.scalars(sa.select(OnCall)).one()
        assert "sms.example" not in row.webhook
        known = oncall.chosen(session, SECRET)
        assert known.plan.emails == ("a@ponant.example",)
        assert known.plan.webhook == "https://sms.example/?token=t0k3n"
        elsewhere = oncall.chosen(session, b"x" * 32)
        assert (elsewhere.plan.webhook, elsewhere.unreadable) == ("", True)
    assert not set_up(sample, base=1, **known.plan._asdict())
    with pytest.raises(Conflict):
        set_up(sample, base=0)
    with sample.acting(ADMIN) as act:
        oncall.choose(act, known.plan, 1, secret=SECRET, new_key=True)
    with sample.reading() as session:
        assert oncall.chosen(session, SECRET).signs_with != known.signs_with
    with pytest.raises(Forbidden), sample.acting(WORKER) as act:
        oncall.choose(act, Plan(), 2, secret=SECRET)


def test_without_a_worker_the_board_says_that_alarms_do_not_fire(sample, running, clock):
    set_up(sample, emails=EMAILS)
    clock.forward(hours=22, minutes=31)
    with sample.reading() as session:
        head = session.get_one(Breach, running.id)
        found = alarms.unfired(session, [head], clock())
        assert (found.no_worker, found.worker_seen_at, found.unreached) == (True, None, False)
        assert found.due_at is None
        found = alarms.unfired(session, [head], clock() + timedelta(minutes=3))
        assert found.due_at is not None
        assert alarms.unfired(session, [], clock()) is None


def test_workers_that_look_at_the_same_moment_fire_it_once(sample, running, clock):
    set_up(sample, emails=EMAILS)
    clock.forward(hours=24)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _worker: swept(sample), range(8)))
    assert len(rows(sample, AlarmCall)) == len(EMAILS)
    assert len(entries(sample, "breach.alarm")) == 1


def test_a_corrected_awareness_moves_the_alarms(sample, running, clock):
    set_up(sample, emails=EMAILS[:1])
    earlier = structs.replace(KNOWN, aware=Instant(on=date(2026, 11, 21), at="09:00"))
    with sample.acting(RESPONDER) as act:
        operations.change(act, running.id, earlier, 1, "Journaux relus")
    clock.forward(hours=1)
    swept(sample)
    (call,) = rows(sample, AlarmCall)
    assert call.occasion is Occasion.HALF
    assert call.ends_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    clock.forward(hours=23)
    swept(sample)
    later = [each.occasion for each in rows(sample, AlarmCall) if each.id != call.id]
    assert later == [Occasion.OVER]  # the former clocks alarm nobody


def test_the_worker_sweeps_alarms(sample, running, clock):
    set_up(sample, emails=EMAILS[:1])
    clock.forward(hours=24)
    work.sweep(tools(sample, Post()))
    assert len(rows(sample, AlarmCall)) == 1
