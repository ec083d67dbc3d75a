"""Figures: how soon, how many within the limit; exercises and false suspicions apart."""

from datetime import UTC, datetime, timedelta

import pytest

from app.breaches import charts
from registers.breaches import figures, operations
from registers.breaches.figures import Figures, Group
from registers.breaches.vocabulary import Phase
from registers.people.roles import Role
from tests.breaches.test_operations import RESPONDER, left, recorded, told, touched
from tests.site import site as installation

AWARE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
END = AWARE + 48 * HOUR


def of(*groups, now=AWARE + 10 * HOUR):
    return figures.figures(AWARE, groups, now)


def test_the_times_run_from_the_awareness_to_the_first_and_the_last():
    found = of(
        Group(END, AWARE + 3 * HOUR, 2, 2),
        Group(END, AWARE + 5 * HOUR, 1, 0),
        now=AWARE + 60 * HOUR,
    )
    assert (found.first, found.last) == (3 * HOUR, 5 * HOUR)
    assert (found.share_in_time, found.share_complete) == (1.0, pytest.approx(2 / 3))
    assert [step.informed for step in found.steps] == [2, 3]


def test_the_last_one_is_not_told_before_it_is():
    found = of(Group(END, AWARE + 3 * HOUR, 2, 2), Group(END, None, 1, 0))
    assert (found.first, found.last) == (3 * HOUR, None)
    assert found.share_in_time == 1.0  # the third one is still in time
    over = of(Group(END, AWARE + 3 * HOUR, 2, 2), Group(END, None, 2, 0), now=END)
    assert (over.late, over.share_in_time) == (2, 0.5)


def test_what_comes_at_the_end_comes_too_late():
    assert of(Group(END, END, 1, 1), now=END).late == 1
    assert of(Group(END, END - timedelta(microseconds=1), 1, 1), now=END).late == 0


def test_without_contracts_or_awareness_nothing_is_counted():
    assert of().share_in_time is None
    assert of().share_complete is None
    unknown = figures.figures(None, [Group(None, AWARE, 1, 0)], AWARE)
    assert (unknown.first, unknown.steps, unknown.in_time) == (None, (), 1)


def test_spans_count_every_contract_once():
    found = of(
        *(Group(END, AWARE + hours * HOUR, 1, 0) for hours in (4, 5, 13, 47, 48, 49)),
        Group(END, None, 3, 0),
        now=AWARE + 100 * HOUR,
    )
    assert [count for _, count in figures.spans(found)] == [1, 1, 1, 2, 1, 3]
    assert sum(count for _, count in figures.spans(found)) == found.contracts


def test_the_curve_ends_where_the_numbers_do():
    found = of(Group(END, AWARE + 3 * HOUR, 2, 2), Group(END, None, 2, 0))
    drawn = charts.curve(found, 10 * HOUR)
    points = [tuple(map(float, each.split(","))) for each in drawn.line.split()]
    assert points[0] == (drawn.left, drawn.bottom)
    assert points == sorted(points, key=lambda point: point[0])
    assert points[-1][1] == (drawn.top + drawn.bottom) / 2
    assert drawn.left < drawn.limits[0].at < drawn.right
    assert charts.curve(of(), HOUR) is None
    long = of(Group(END, None, 1, 0), now=AWARE + 5000 * HOUR)
    assert len(charts.curve(long, 5000 * HOUR).hours) <= charts.MARKS + 1


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def test_exercises_stand_apart_and_false_suspicions_nowhere(site):
    database = site.house.database
    breach = recorded(database)
    touched(database, breach)
    told(database, breach)
    left(database)
    doubt, drill = recorded(database), recorded(database, drill=True)
    with database.acting(RESPONDER) as act:
        operations.close(act, doubt.id, Phase.FALSE, "Rien")
    reader = site.signed_in(Role.AUDITOR)
    page = reader.get("/breaches/figures").text
    before, _, after = page.partition("<h2>Exercises</h2>")
    assert breach.code in before
    assert doubt.code not in page
    assert drill.code in after
    assert drill.code not in before
    own = reader.get(f"/breaches/{breach.code}/figures").text
    assert "100.0 %" in own.replace("100 %", "100.0 %")
    assert '<svg class="curve"' in own
    assert (
        "No controller is recorded as affected yet."
        in reader.get(f"/breaches/{drill.code}/figures").text
    )


def test_the_sums_of_several(site):
    one = Figures(2, 2, 2, 0, 1, HOUR, 2 * HOUR, (), ())
    other = Figures(2, 1, 1, 1, 0, 3 * HOUR, None, (), ())
    both = figures.together([one, other])
    assert (both.contracts, both.share_in_time, both.first, both.last) == (
        4,
        0.75,
        3 * HOUR,
        2 * HOUR,
    )
