"""Work that leaves the transaction: nothing lost, nothing settled by who no longer holds it."""

import multiprocessing
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from registers.kernel import audit, clock, outbox
from registers.kernel.outbox import LEASE, Outbox, State, Wanted
from registers.kernel.words import text
from registers.people.roles import Permission
from tests.databases import opened
from tests.registers import EVERYTHING

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENT = audit.kind("test.sent", text("Sent"))
SEND, OTHER = outbox.kind("test.send"), outbox.kind("test.other")


def work(number, due_at=NOW, kind=SEND):
    return Wanted(kind, f"{kind.removeprefix('test.')}:{number}", f"notice:{number}", due_at)


def put(database, *wanted):
    with database.acting(EVERYTHING) as act:
        act.require(Permission.REGISTER_EDIT)
        outbox.put(act, wanted)
        act.log(SENT, "test:put")


def take(database, now=NOW, holder="w1", **options):
    with database.upkeep() as traces:
        return outbox.take(traces, [SEND], now, holder, **options)


def rows(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Outbox).order_by(Outbox.key)))


def test_wanted_twice_it_is_there_once(database):
    put(database, work(1), work(2))
    put(database, work(2, NOW + MINUTE), work(3))
    assert [(row.key, row.due_at) for row in rows(database)] == [
        ("send:1", NOW),
        ("send:2", NOW),
        ("send:3", NOW),
    ]


def test_an_act_that_does_not_commit_leaves_no_work(database):
    with pytest.raises(ZeroDivisionError), database.acting(EVERYTHING) as act:
        act.require(Permission.REGISTER_EDIT)
        outbox.put(act, [work(1)])
        raise ZeroDivisionError
    assert rows(database) == []


def test_work_that_is_due_is_taken_the_longest_due_first(database):
    put(database, work(1), work(2, NOW - MINUTE), work(3, NOW + MINUTE), work(4, kind=OTHER))
    taken = take(database)
    assert [(each.about, each.attempts) for each in taken] == [("notice:2", 1), ("notice:1", 1)]
    assert take(database, holder="w2") == []
    assert [each.about for each in take(database, NOW + MINUTE, "w2")] == ["notice:3"]


def test_when_a_worker_dies_its_lease_runs_out(database):
    put(database, work(1))
    first = take(database, holder="w1")[0]
    assert take(database, NOW + LEASE, "w2") == []
    later = NOW + LEASE + MINUTE
    second = take(database, later, "w2")[0]
    assert (second.id, second.attempts) == (first.id, 2)
    with database.upkeep() as traces:
        assert outbox.settle(traces, [first.id], "w1", later) == []
        assert outbox.settle(traces, [first.id], "w2", later) == [first.id]
    assert rows(database)[0].state is State.DONE
    assert take(database, later + LEASE * 9) == []


def test_a_failure_that_may_pass_is_offered_again_later_each_time(database):
    put(database, work(1))
    now, waits = NOW, []
    for _ in range(9):
        taken = take(database, now)[0]
        with database.upkeep() as traces:
            outbox.put_back(traces, taken.id, "w1", now, "451 later")
        (row,) = rows(database)
        waits.append((row.due_at - now) / MINUTE)
        assert row.error == "451 later"
        now = row.due_at
    assert waits == [1, 2, 5, 15, 60, 240, 720, 720, 720]


def test_what_failed_for_good_waits_for_a_person(database):
    put(database, work(1), work(2), work(3))
    taken = take(database, most=1)[0]
    with database.upkeep() as traces:
        outbox.give_up(traces, taken.id, "w1", "550 no such user")
    with database.reading() as session:
        found = outbox.counts(session, NOW + MINUTE)
        oldest = outbox.oldest_due(session, NOW + MINUTE)
    assert found == (2, 0, 1)
    assert oldest == NOW


def test_work_that_nobody_began_can_be_taken_back(database):
    put(database, work(1), work(2))
    take(database, most=1)
    with database.acting(EVERYTHING) as act:
        act.require(Permission.REGISTER_EDIT)
        outbox.cancel(act, ["send:1", "send:2"])
        act.log(SENT, "test:cancelled")
    assert [row.state for row in rows(database)] == [State.TAKEN]


def test_threads_never_take_the_same_work(database):
    put(database, *(work(number) for number in range(300)))

    def drain(name):
        mine = []
        while taken := take(database, holder=name):
            mine += [each.id for each in taken]
        return mine

    with ThreadPoolExecutor(6) as pool:
        found = [each for mine in pool.map(drain, "abcdef") for each in mine]
    assert len(found) == len(set(found)) == 300


def labour(url, folder, holder):
    """A worker process: takes work, does it and settles it in one act, until killed."""
    with opened(url, folder, clock.now) as database:
        while True:
            with database.upkeep() as traces:
                taken = outbox.take(traces, [SEND], clock.now(), holder, most=7)
            for each in taken:
                with database.acting(EVERYTHING) as act:
                    act.require(Permission.REGISTER_EDIT)
                    if outbox.settle(act.session, [each.id], holder, act.now):
                        act.log(SENT, each.about)
            time.sleep(0.001 if taken else 0.05)


def test_killed_workers_lose_nothing_and_repeat_nothing(database_url, tmp_path):
    count, kills, chance = 200, 6, random.Random(7)  # noqa: S311 no secret
    spawn = multiprocessing.get_context("spawn")
    with opened(database_url, tmp_path / "files", clock.now) as database:
        put(database, *(work(number, clock.now()) for number in range(count)))
        workers, names = {}, iter(range(1000))

        def hire():
            name = f"w{next(names)}"
            workers[name] = spawn.Process(
                target=labour, args=(database_url, tmp_path / "files", name), daemon=True
            )
            workers[name].start()

        hire()
        hire()
        for _ in range(kills):
            time.sleep(chance.uniform(0.4, 0.9))
            name = chance.choice(list(workers))
            os.kill(workers.pop(name).pid, signal.SIGKILL)
            with database.upkeep() as traces:  # as if the time of its lease had passed
                held = sa.and_(Outbox.holder == name, Outbox.state == State.TAKEN)
                past = {"lease_until": clock.now() - LEASE}
                traces.execute(sa.update(Outbox).where(held).values(past))
            hire()
        deadline = threading.Event()
        while not deadline.wait(0.2):
            with database.reading() as session:
                left = session.scalar(sa.select(sa.func.count()).where(Outbox.state != State.DONE))
            if not left:
                deadline.set()
        for process in workers.values():
            process.kill()
            process.join()
        with database.reading() as session:
            query = sa.select(audit.Entry.about).where(audit.Entry.kind == "test.sent")
            done = [about for about in session.scalars(query) if about.startswith("notice:")]
    assert sorted(done) == sorted(f"notice:{number}" for number in range(count))
