"""The fictional breaches: one closed with its clocks kept, one running; nothing left by them."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from registers.breaches import dossiers, queries
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Phase, Step
from registers.controllers.models import Controller
from registers.kernel import outbox
from registers.sample.breaching import CLOSED_AT, NUMBERS, PUBLISHED, TOLD_AT
from tests.announcements.telling import rows
from tests.databases import Clock

NOW = Clock()()


def heads(database):
    return rows(database, Breach)


def test_one_is_closed_and_one_is_running(shared_sample):
    closed, running = sorted(heads(shared_sample), key=lambda head: head.code)
    assert (closed.phase, closed.ended_at) == (Phase.CLOSED, CLOSED_AT)
    assert (running.phase, running.aware_at) == (Phase.OPEN, NOW - timedelta(hours=20))


def test_the_closed_one_was_told_across_the_night_of_the_clocks_in_time(shared_sample):
    closed = min(heads(shared_sample), key=lambda head: head.code)
    assert PUBLISHED.aware.moment() == datetime(2026, 10, 24, 8, 0, tzinfo=UTC)
    found = rows(shared_sample, Affected, Affected.breach_id == closed.id)
    assert len(found) == len(NUMBERS)
    assert {row.ends_at for row in found} == {datetime(2026, 10, 26, 8, 0, tzinfo=UTC)}
    assert {row.informed_at for row in found} == {TOLD_AT}
    assert all(row.complete_at for row in found)


def test_a_controller_reads_its_own_72_hours_of_it(shared_sample):
    closed = min(heads(shared_sample), key=lambda head: head.code)
    with shared_sample.reading() as session:
        head = session.get_one(Breach, closed.id)
        found = dossiers.dossier(session, head, "CA-ANNELAC", NOW.date())
    assert [each.step for each in found.told] == [Step.FIRST, Step.MORE, Step.CLOSING]
    assert found.own_end == datetime(2026, 10, 29, 7, 10, tzinfo=UTC)  # 08:10 in Paris
    assert (found.told[0].persons, found.told[0].records) == NUMBERS["CA-ANNELAC"]


def test_of_the_running_one_something_is_left_to_do(shared_sample):
    running = max(heads(shared_sample), key=lambda head: head.code)
    with shared_sample.reading() as session:
        query = (
            sa.select(Controller.code, Affected)
            .join(Affected, Affected.controller_id == Controller.id)
            .where(Affected.breach_id == running.id)
        )
        found = {row[0]: row[1] for row in session.execute(query)}
        tally = queries.tally(queries.clocks(session, [running.id])[running.id], NOW)
    assert set(found) == {"CA-ANNELAC", "UNIV-CLAIRMONT", "VILLE-MONTVAL"}
    assert found["CA-ANNELAC"].informed_at == NOW - timedelta(hours=6)
    assert found["CA-ANNELAC"].complete_at is None
    assert found["VILLE-MONTVAL"].informed_at is None
    assert found["VILLE-MONTVAL"].ends_at == NOW + timedelta(hours=45)
    assert (tally.contracts, tally.informed, tally.complete, tally.late) == (3, 2, 0, 0)


def test_nothing_is_to_be_sent(shared_sample):
    with shared_sample.reading() as session:
        assert not list(outbox.due_kinds(session, NOW + timedelta(days=365)))
