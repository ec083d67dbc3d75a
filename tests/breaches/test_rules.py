"""Clocks in elapsed hours over both clock changes, alarms, what Art. 33(3) still asks."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from registers.breaches import rules
from registers.breaches.facts import LETTERS, Breach
from registers.breaches.rules import Clock
from registers.breaches.vocabulary import ARTICLE_33, DataKind, Nature, PersonKind, Phase, Threshold
from registers.controllers.facts import Terms
from registers.controllers.vocabulary import Channel
from registers.kernel.errors import Invalid
from registers.kernel.instants import Instant

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AWARE = Instant(on=date(2026, 10, 24), at="10:00")
FULL = Breach(
    title="Vol d’un portable",
    aware=AWARE,
    description="Un ordinateur portable non chiffré a été volé.",
    nature=(Nature.CONFIDENTIALITY,),
    data=(DataKind.CONTACT,),
    persons=(PersonKind.USERS,),
    contact="Alix Morel",
    consequences="Hameçonnage ciblé.",
    measures_taken="Comptes bloqués.",
)

CASES = json.loads((Path(__file__).parent.parent / "kernel" / "deadlines.json").read_text("utf-8"))[
    "cases"
]
HOURS = [each for each in CASES if each["question"]["unit"] == "hours"]


@pytest.mark.parametrize("case", HOURS, ids=lambda case: case["question"]["id"])
def test_clocks_agree_with_the_worked_deadlines(case):
    asked = case["question"]
    running = rules.clock(datetime.fromisoformat(asked["start"]), None, asked["amount"])
    assert running.ends_at == datetime.fromisoformat(case["answer"]["ends_at"])


def test_the_night_of_the_clock_change_counts_in_full():
    running = rules.clock(AWARE.moment(), None, 48)
    assert running.ends_at == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)  # 09:00 in Paris


def test_it_starts_when_the_controller_was_known_to_be_affected():
    aware, known = NOW, NOW + timedelta(hours=5)
    assert rules.clock(aware, known, 24).ends_at == known + timedelta(hours=24)
    assert rules.clock(aware, aware - timedelta(hours=5), 24).starts_at == aware
    assert rules.clock(aware, None, None).ends_at == aware + timedelta(hours=48)


def test_several_contracts_of_one_controller_are_told_by_the_strictest():
    mail = Terms(breach_hours=24, breach_channels=(Channel.EMAIL,))
    silent = Terms(breach_hours=None, breach_channels=(Channel.REGISTERED_LETTER,))
    assert rules.strictest([mail, silent]) == (24, (Channel.EMAIL, Channel.REGISTERED_LETTER))
    assert rules.strictest([silent])[0] == 48
    assert rules.strictest([]) == (48, (Channel.EMAIL,))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.integers(min_value=1, max_value=99)
)
def test_alarms_come_in_order_inside_the_clock(start, hours):
    start = start.replace(tzinfo=UTC)
    running = rules.clock(start, None, hours)
    found = rules.alarms(running)
    instants = list(found.values())
    assert instants == sorted(instants)
    assert all(running.starts_at < at <= running.ends_at for at in instants)
    assert found[Threshold.OVER] == running.ends_at
    assert found[Threshold.HALF] - running.starts_at == (running.ends_at - running.starts_at) / 2


def test_each_letter_says_what_is_missing():
    assert set(LETTERS) == set(ARTICLE_33)
    assert rules.lacking(FULL, numbers=True) == {}
    assert rules.lacking(FULL, numbers=False) == {"a": ["numbers"]}
    bare = Breach(title="Incident")
    assert set(rules.lacking(bare, numbers=True)) == {"a", "b", "c", "d"}
    assert rules.lacking(replace(FULL, measures_taken="", measures_planned="À venir"), True) == {}


def test_the_minimum_of_a_first_notice():
    rules.require_minimum(FULL)
    rules.require_minimum(replace(FULL, description=""))
    for known, field in (
        (replace(FULL, aware=None), "aware"),
        (replace(FULL, description=" ", nature=()), "description"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.require_minimum(known)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (replace(FULL, title=" "), "title"),
        (replace(FULL, aware=Instant(on=date(2026, 11, 22), at="23:00")), "aware"),
        (replace(FULL, detected=Instant(on=date(2026, 3, 29), at="02:30")), "detected"),
        (replace(FULL, detected=Instant(on=date(2026, 3, 28), at="soir")), "detected"),
        (
            replace(
                FULL,
                began=Instant(on=date(2026, 10, 2), at="10:00"),
                ended=Instant(on=date(2026, 10, 1), at="10:00"),
            ),
            "ended",
        ),
        (replace(FULL, ongoing=True, ended=AWARE), "ongoing"),
    ],
)
def test_impossible_times_are_refused_beside_their_field(known, field):
    with pytest.raises(Invalid) as refused:
        rules.checked(known, NOW)
    assert refused.value.field == field


def test_a_time_that_clocks_showed_twice_can_be_told_apart():
    first = Instant(on=date(2026, 10, 25), at="02:30")
    second = replace(first, second=True)
    assert second.moment() - first.moment() == timedelta(hours=1)
    with pytest.raises(Invalid):
        first.moment(asked=False)


def test_gauges_and_what_is_left():
    running = Clock(NOW - timedelta(hours=47), NOW + timedelta(hours=1))
    assert str(rules.remaining(running.left(NOW))) == "1 hour 0 min left"
    assert str(rules.remaining(timedelta(minutes=-125))) == "over for 2 hours 5 min"
    assert not rules.Gauges(NOW, None).late(running.ends_at, NOW)
    assert rules.Gauges(None, None).late(NOW, NOW)


def test_a_breach_closes_once_everybody_is_informed():
    assert rules.may_close(Phase.OPEN, 0) is None
    assert "2 controllers" in str(rules.may_close(Phase.OPEN, 2))
    assert rules.may_close(Phase.CLOSED, 0) is not None
