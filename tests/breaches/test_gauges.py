"""Informed, and formalities complete: worked out from what left and what was received."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registers.breaches import gauges
from registers.breaches.finding import Touched
from registers.breaches.gauges import Way
from registers.breaches.models import Affected
from registers.breaches.rules import Gauges
from registers.controllers.vocabulary import Channel
from registers.notices import operations as notices
from registers.notices import post, receipts
from registers.notices.models import Dispatch, Matter
from registers.notices.operations import Result
from registers.notices.post import Slip
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence, PostalEvent
from tests.announcements.telling import somebody
from tests.breaches.test_operations import RESPONDER, everybody, recorded, rows, told, touched

NOON = datetime(2026, 10, 26, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAIL, LETTER = Channel.EMAIL, Channel.REGISTERED_LETTER
SECOND = somebody("Rachid")


@pytest.mark.parametrize(
    ("demanded", "ways", "received", "found"),
    [
        ((MAIL,), (), (), Gauges(None, None)),
        ((MAIL,), (Way(MAIL, NOON),), (), Gauges(NOON, NOON)),
        ((MAIL, LETTER), (Way(MAIL, NOON),), (), Gauges(NOON, None)),
        ((MAIL, LETTER), (Way(MAIL, NOON), Way(LETTER, NOON + HOUR)), (), (NOON, NOON + HOUR)),
        ((MAIL,), (Way(MAIL, NOON + HOUR), Way(MAIL, NOON)), (), Gauges(NOON, NOON)),
        ((MAIL,), (Way(LETTER, NOON),), (), Gauges(NOON, None)),
        ((MAIL,), (), (NOON,), Gauges(NOON, None)),
        ((MAIL,), (Way(MAIL, NOON + HOUR),), (NOON,), Gauges(NOON, NOON + HOUR)),
        ((Channel.PORTAL,), (), (NOON,), Gauges(NOON, NOON)),
    ],
)
def test_what_left_first_informs_and_every_channel_completes(demanded, ways, received, found):
    assert gauges.gauges(demanded, ways, received) == found


def test_of_a_day_the_end_counts_but_nothing_after_it_was_recorded():
    day, late = date(2026, 10, 25), datetime(2026, 10, 28, 9, 0, tzinfo=UTC)
    assert gauges.end_of(day, "Europe/Paris", late) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert gauges.end_of(day, "Indian/Reunion", late) == datetime(2026, 10, 25, 20, 0, tzinfo=UTC)
    assert gauges.end_of(day, "Europe/Paris", late - 3 * 24 * HOUR) == late - 3 * 24 * HOUR


@pytest.fixture
def by_letter(sample, clock):
    """A breach told to somebody by e-mail and by letter; nothing has left."""
    breach = recorded(sample)
    first = next(each for each in everybody(sample))
    touched(sample, breach, [first])
    told(sample, breach)
    clock.forward(minutes=20)
    return sample


def affected(database):
    (row,) = rows(database, Affected)
    return row.informed_at, row.complete_at


def deposit(database, day):
    (letter,) = rows(database, Dispatch, Dispatch.channel == LETTER)
    with database.acting(RESPONDER) as act:
        post.follow_post(act, letter.id, Slip(PostalEvent.DEPOSITED, day, "2C 1"))


def leave(database, **more):
    (message,) = rows(database, Dispatch, Dispatch.channel == MAIL)
    with database.acting(RESPONDER) as act:
        notices.record_results(act, [Result(message.id, True, "250 OK", **more)])


def test_a_slip_recorded_days_later_proves_its_day(by_letter, clock):
    leave(by_letter)
    left = clock()
    clock.forward(days=4)
    deposit(by_letter, date(2026, 11, 23))
    assert affected(by_letter) == (left, datetime(2026, 11, 23, 23, 0, tzinfo=UTC))


def test_a_letter_alone_informs_on_its_day_and_a_message_before_it_corrects_that(by_letter, clock):
    deposit(by_letter, date(2026, 11, 22))
    assert affected(by_letter) == (clock(), None)
    clock.forward(hours=2)
    leave(by_letter)
    assert affected(by_letter) == (clock() - 2 * HOUR, clock())


def test_who_received_it_is_informed_and_a_correction_counts(by_letter, clock):
    (matter,) = rows(by_letter, Matter)
    clock.forward(hours=1)
    with by_letter.acting(SECOND) as act:
        proof = Proof(Evidence.SIGNED, clock().date(), "Remis en main propre")
        (row,) = receipts.receive(act, [matter.id], proof)
    assert affected(by_letter) == (clock(), None)
    with by_letter.acting(SECOND) as act:
        receipts.correct(
            act, row.id, Proof(Evidence.PAGE_VIEW, clock().date(), "Erreur de dossier")
        )
    assert affected(by_letter) == (None, None)


def test_what_its_own_author_says_counts_once_another_confirms_it(by_letter):
    (matter,) = rows(by_letter, Matter)
    with by_letter.acting(RESPONDER) as act:
        proof = Proof(Evidence.SIGNED, act.now.date(), "Signé")
        (row,) = receipts.receive(act, [matter.id], proof)
    weak = affected(by_letter)
    with by_letter.acting(SECOND) as act:
        receipts.confirm(act, row.id, "Vu l’original")
    assert (weak[0], affected(by_letter)[0] is not None) == (None, True)


def test_without_a_contract_the_gauges_move_as_well(sample, clock):
    breach = recorded(sample)
    owner = everybody(sample)[0].controller_id
    touched(sample, breach, [Touched(owner, None, "données encore détenues")])
    told(sample, breach)
    leave(sample)
    assert affected(sample) == (clock(), clock())
