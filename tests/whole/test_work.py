"""Who does what is due: every kind has its handler, and one that fails stops nobody else."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from registers import work
from registers.annexes.orders import Press
from registers.kernel import audit, outbox
from registers.kernel.outbox import Outbox, State, Wanted
from registers.kernel.words import text
from registers.people.roles import Permission
from tests.registers import EVERYTHING

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PUT = audit.kind("test.work_put", text("Put"))
GOOD, BAD, STRANGE = (outbox.kind(f"test.{name}") for name in ("good", "bad", "strange"))


def test_every_kind_of_work_has_a_handler():
    declared = {kind for kind in outbox.KINDS if not kind.startswith("test.")}
    assert set(work.HANDLERS) == declared


def test_a_kind_is_declared_once_and_before_it_is_wanted(database):
    with pytest.raises(ValueError, match="declared twice"):
        outbox.kind(GOOD)
    with pytest.raises(ValueError, match=r"nobody declared: test\.typo"):
        put(database, "test.typo", 1)


def put(database, kind, count, due_at=NOW):
    with database.acting(EVERYTHING) as act:
        act.require(Permission.REGISTER_EDIT)
        wanted = [
            Wanted(kind, f"{kind}:{number}", f"x:{number}", due_at) for number in range(count)
        ]
        outbox.put(act, wanted)
        act.log(PUT, "test:put")


@pytest.fixture
def tools(database):
    """What handlers of this test use: the database and their name."""
    press = Press(database, EVERYTHING, identity=None, key=None, zone="Europe/Paris")
    return work.Tools(press, None, "no-reply@ponant.example", "http://127.0.0.1", b"", "w1")


@pytest.fixture
def handlers(monkeypatch):
    """The table of handlers, empty for this test."""
    found = {}
    monkeypatch.setattr(work, "HANDLERS", found)
    work._tell_of.cache_clear()
    return found


def states(database):
    with database.reading() as session:
        query = sa.select(Outbox.state, sa.func.count()).group_by(Outbox.state)
        return dict(session.execute(query).all())


def settling(sizes):
    def handle(tools, taken):
        sizes.append((taken[0].kind, len(taken)))
        with tools.press.database.upkeep() as traces:
            outbox.settle(traces, [each.id for each in taken], tools.holder, NOW)

    return handle


def never():
    return False


def test_kinds_take_turns_until_nothing_is_due(database, tools, handlers):
    sizes = []
    handlers |= {GOOD: settling(sizes), BAD: settling(sizes)}
    put(database, GOOD, 60)
    put(database, BAD, 30)
    assert work.drain(tools, never) == 90
    assert sizes == [(GOOD, 25), (BAD, 25), (GOOD, 25), (BAD, 5), (GOOD, 10)]
    assert states(database) == {State.DONE: 90}
    assert work.drain(tools, never) == 0


def test_it_stops_between_two_batches(database, tools, handlers):
    sizes = []
    handlers[GOOD] = settling(sizes)
    put(database, GOOD, 60)
    assert work.drain(tools, lambda: len(sizes) == 1) == 25
    assert states(database) == {State.DONE: 25, State.WAITING: 35}


def test_a_handler_that_fails_gives_its_work_back_and_stops_nobody(
    database, tools, handlers, clock, caplog
):
    def half(tools, taken):
        settling([])(tools, taken[:1])
        raise ConnectionError("the far end is gone")

    sizes = []
    handlers |= {BAD: half, GOOD: settling(sizes)}
    put(database, BAD, 3)
    put(database, GOOD, 3)
    assert work.drain(tools, never) == 6
    assert sizes == [(GOOD, 3)]
    with database.reading() as session:
        query = sa.select(Outbox).where(Outbox.kind == BAD, Outbox.state == State.WAITING)
        left = list(session.scalars(query))
    assert [(row.due_at, row.error) for row in left] == [
        (clock() + MINUTE, "ConnectionError: the far end is gone")
    ] * 2
    assert "work of the kind test.bad" in caplog.text


def test_what_a_handler_forgets_is_given_back(database, tools, handlers, caplog):
    handlers[GOOD] = lambda _tools, _taken: None
    put(database, GOOD, 2)
    assert work.drain(tools, never) == 2
    assert states(database) == {State.WAITING: 2}
    assert "left undone: 2" in caplog.text


def test_work_of_an_unknown_kind_stays_and_is_told_once(database, tools, handlers, caplog):
    put(database, STRANGE, 2)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert work.drain(tools, never) == 0
    assert states(database) == {State.WAITING: 2}
    assert caplog.text.count("test.strange is due") == 1


def test_a_sweep_that_fails_stops_no_other(tools, monkeypatch, caplog):
    seen = []

    def broken(_tools):
        raise ZeroDivisionError

    monkeypatch.setattr(work, "SWEEPS", (broken, seen.append))
    work.sweep(tools)
    assert seen == [tools]
    assert "sweep broken" in caplog.text


def test_work_that_is_due_wakes_the_workers_once_it_is_committed(database, monkeypatch):
    woken = []
    monkeypatch.setattr(database, "_wake", lambda: woken.append(states(database)))
    put(database, GOOD, 3, NOW + MINUTE)
    assert woken == []
    put(database, BAD, 3)
    assert woken == [{State.WAITING: 6}]


def test_waking_that_fails_loses_nothing(database, monkeypatch, caplog):
    def broken():
        raise OSError("disk full")

    monkeypatch.setattr(database, "_wake", broken)
    put(database, GOOD, 1)
    assert states(database) == {State.WAITING: 1}
    assert "waking the workers" in caplog.text


def test_a_lease_can_be_begun_anew(database):
    put(database, GOOD, 1)
    with database.upkeep() as traces:
        (taken,) = outbox.take(traces, [GOOD], NOW, "w1")
    later = NOW + outbox.LEASE - MINUTE
    with database.upkeep() as traces:
        assert outbox.keep(traces, [taken.id], "w2", later) == []
        assert outbox.keep(traces, [taken.id], "w1", later) == [taken.id]
        assert outbox.take(traces, [GOOD], NOW + outbox.LEASE + MINUTE, "w2") == []
