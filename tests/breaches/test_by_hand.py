"""What was told by hand moves the gauges, by what it proves and no further."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registers.breaches import by_hand, hand_records, operations
from registers.breaches.by_hand import Hand
from registers.breaches.gauges import Way, gauges
from registers.breaches.hand_records import HandWay, ToldByHand
from registers.breaches.models import Affected
from registers.breaches.rules import Gauges
from registers.controllers.vocabulary import Channel
from registers.kernel.errors import Conflict, Invalid, NotFound
from tests.breaches.test_operations import RESPONDER, left, recorded, rows, told, touched
from tests.registers import entries

PARIS = "Europe/Paris"
AT = datetime(2026, 11, 22, 9, 10, tzinfo=UTC)
DAY = date(2026, 11, 22)
CALL = Hand(HandWay.TELEPHONE, "Odile Chabrol, maire", DAY, AT, PARIS, note="Appel du standard")
BOTH = {Channel.EMAIL, Channel.REGISTERED_LETTER}


def at(hours):
    return AT + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], Gauges(None, None)),
        ([Way(None, at(1), True)], Gauges(at(1), None)),
        ([Way(Channel.EMAIL, at(1), False)], Gauges(None, None)),
        (
            [Way(Channel.EMAIL, at(3), True), Way(Channel.REGISTERED_LETTER, at(9), False)],
            Gauges(at(3), at(9)),
        ),
        (
            [
                Way(None, at(1), True),
                Way(Channel.EMAIL, at(3), True),
                Way(Channel.REGISTERED_LETTER, at(2), True),
            ],
            Gauges(at(1), at(3)),
        ),
    ],
)
def test_the_first_with_the_minimum_informs_and_the_last_channel_completes(taken, expected):
    assert gauges(BOTH | {Channel.PORTAL}, taken, []) == expected


@pytest.fixture
def breach(sample):
    made = recorded(sample)
    touched(sample, made)
    return made


def of(database, *channels):
    """An affected contract that demands these channels."""
    wanted = [each.value for each in channels]
    return next(each for each in rows(database, Affected) if each.channels == wanted)


def record(database, breach, ids, hand):
    with database.acting(RESPONDER) as act:
        return by_hand.record(act, breach.id, ids, hand)


def again(database, row):
    return rows(database, Affected, Affected.id == row.id)[0]


def test_a_call_informs_at_its_instant_and_takes_no_channel(sample, breach):
    some = rows(sample, Affected)[:2]
    assert record(sample, breach, [each.id for each in some], CALL) == 2
    for each in some:
        found = again(sample, each)
        assert (found.informed_at, found.complete_at) == (AT, None)
    assert rows(sample, Affected)[2].informed_at is None
    (entry,) = entries(sample, "breach.by_hand")
    assert '"exact":true' in entry.facts
    assert "Chabrol" not in entry.facts


def test_a_slip_with_a_date_proves_only_the_day(sample, breach, clock):
    row = of(sample, Channel.EMAIL, Channel.REGISTERED_LETTER)
    clock.forward(days=1)
    slip = Hand(HandWay.REGISTERED, "Accueil", DAY, None, PARIS, content=b"%PDF-1.7 slip")
    record(sample, breach, [row.id], slip)
    found = again(sample, row)
    assert found.informed_at == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # 24:00 in Paris
    assert found.complete_at is None
    record(sample, breach, [row.id], CALL._replace(way=HandWay.EMAIL))
    found = again(sample, row)
    assert found.informed_at == AT
    assert found.complete_at == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


def test_a_day_that_is_not_over_counts_until_now(sample, breach, clock):
    row = rows(sample, Affected)[0]
    record(sample, breach, [row.id], CALL._replace(at=None))
    assert again(sample, row).informed_at == clock()


def test_without_the_minimum_nobody_is_informed(sample, breach):
    row = rows(sample, Affected)[0]
    record(sample, breach, [row.id], CALL._replace(minimum=False))
    assert again(sample, row).informed_at is None


def test_what_left_from_here_and_what_was_done_by_hand_count_together(sample, breach, clock):
    row = of(sample, Channel.EMAIL, Channel.REGISTERED_LETTER)
    record(sample, breach, [row.id], CALL._replace(way=HandWay.REGISTERED))
    clock.forward(hours=1)
    told(sample, breach)
    left(sample)
    found = again(sample, row)
    assert (found.informed_at, found.complete_at) == (AT, clock())
    other = of(sample, Channel.EMAIL)
    before = again(sample, other)
    record(sample, breach, [other.id], CALL._replace(at=clock() - timedelta(minutes=1)))
    assert again(sample, other).informed_at == clock() - timedelta(minutes=1)
    assert again(sample, other).complete_at == before.complete_at == clock()


def test_a_record_in_error_stays_and_counts_no_more(sample, breach):
    row = rows(sample, Affected)[0]
    record(sample, breach, [row.id], CALL)
    (wrong,) = rows(sample, ToldByHand)
    with sample.acting(RESPONDER) as act, pytest.raises(Invalid):
        by_hand.take_back(act, wrong.id, " ")
        raise AssertionError
    with sample.acting(RESPONDER) as act:
        by_hand.take_back(act, wrong.id, "C’était une autre commune")
    assert again(sample, row).informed_at is None
    with sample.reading() as session:
        shown = hand_records.all_of(session, [row.id])
    assert [each.wrong for each in shown if each.corrects_id is None] == [
        "C’était une autre commune"
    ]
    with sample.acting(RESPONDER) as act, pytest.raises(Conflict):
        by_hand.take_back(act, wrong.id, "Encore")
        raise AssertionError


@pytest.mark.parametrize(
    ("hand", "field"),
    [
        (CALL._replace(at=AT + timedelta(days=1)), "at"),
        (CALL._replace(at=None, happened_on=date(2026, 11, 23)), "on"),
        (CALL._replace(whom=" "), "whom"),
        (CALL._replace(note=""), "note"),
    ],
)
def test_what_cannot_be_is_refused(sample, breach, hand, field):
    row = rows(sample, Affected)[0]
    with pytest.raises(Invalid) as raised:
        record(sample, breach, [row.id], hand)
    assert raised.value.field == field
    with pytest.raises(NotFound):
        record(sample, recorded(sample), [row.id], CALL)


def test_it_can_be_entered_after_the_breach_was_closed(sample, breach):
    told(sample, breach)
    left(sample)
    for row in rows(sample, Affected):
        if row.informed_at is None:
            record(sample, breach, [row.id], CALL)
    with sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, operations.Phase.CLOSED, "Terminé")
    row = rows(sample, Affected)[0]
    record(sample, breach, [row.id], CALL._replace(at=AT - timedelta(minutes=5)))
    assert again(sample, row).informed_at == AT - timedelta(minutes=5)
