"""The timeline: complete whatever the number, in order, one line for what was done alike."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from registers.breaches import follow_ups, operations, timeline
from registers.breaches.follow_ups import Drawn
from registers.breaches.models import Affected
from registers.breaches.timeline import Sort
from registers.kernel.instants import Instant
from registers.kernel.words import Words
from registers.notices.models import Notice
from tests.breaches.test_operations import (
    KNOWN,
    RESPONDER,
    left,
    recorded,
    rows,
    told,
    touched,
)

ZONE = "Europe/Paris"


def lines(database, breach, owner=None):
    with database.reading() as session:
        return timeline.lines(session, breach, ZONE, owner)


@pytest.fixture
def followed(sample, clock):
    began = replace(KNOWN, began=Instant(on=date(2026, 11, 20), at="03:00"), ours=True)
    breach = recorded(sample, began)
    touched(sample, breach)
    told(sample, breach)
    clock.forward(minutes=10)
    left(sample)
    clock.forward(hours=1)
    with sample.acting(RESPONDER) as act:
        more = replace(began, consequences="Hameçonnage", ended=began.aware)
        operations.change(act, breach.id, more, 1, "Analyse")
    with sample.acting(RESPONDER) as act:
        follow_ups.draw(act, breach.id, Drawn("Compte oublié"))
    return breach


def test_it_is_in_order_and_of_all_sorts(sample, followed):
    found = lines(sample, followed)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert {each.sort for each in found} == set(Sort) - {Sort.RECEIPT}
    assert found[0].at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    says = [str(each.says) for each in found]
    assert says[0] == "Began"
    assert "Time to notify the authority, as controller" in says
    changed = next(each for each in found if each.fields)
    assert {"Likely consequences", "Ended"} == {str(each) for each in changed.fields}
    assert "Analyse" in changed.details
    assert (
        "Compte oublié"
        in next(each for each in found if str(each.says) == "Lesson or measure recorded").details
    )


def test_what_was_done_alike_for_many_is_one_line_with_its_number(sample, followed):
    (sent,) = [each for each in lines(sample, followed) if str(each.says) == "Notice sent"]
    assert sent.times == len(rows(sample, Notice))
    assert sent.last > sent.first > 0
    limits = [each for each in lines(sample, followed) if each.sort is Sort.LIMIT]
    assert limits[0].times == len(rows(sample, Affected))


def test_nothing_is_cut_off(sample):
    breach = recorded(sample)
    for number in range(2, 230):
        with sample.acting(RESPONDER) as act:
            operations.change(act, breach.id, replace(KNOWN, note=f"{number}"), number - 1, "Suivi")
    found = lines(sample, breach)
    assert len([each for each in found if str(each.says) == "Breach: more is known"]) == 228


def test_a_controllers_own_is_silent_of_the_others(sample, followed):
    owner = rows(sample, Affected)[0].controller_id
    found = lines(sample, followed, owner)
    assert len([each for each in found if str(each.says) == "Notice sent"]) == 1
    words = Words("en")
    said = " ".join(words.say(detail) for each in found for detail in each.details)
    assert "Compte oublié" not in said
    assert "Analyse" not in said
    assert not any(str(each.says).startswith("Time to notify the authority") for each in found)
