"""The act on both databases: what it refuses, and what threads and processes cannot break."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.kernel import audit, references
from registers.kernel.act import (
    Actor,
    ActWithinAct,
    Database,
    RegimeBroken,
    Unaudited,
    Unguarded,
    WroteOutsideAct,
)
from registers.kernel.errors import Forbidden, NotFound
from registers.kernel.files import FolderStore
from registers.kernel.references import Series
from registers.kernel.words import text
from tests.conftest import May

DONE = audit.kind("test.done", text("Done"), "what")


def orm(session: Session):
    session.add(Series(name="S", latest=1))
    session.flush()


def orm_statement(session: Session):
    session.execute(sa.insert(Series).values(name="S", latest=1))


def core(session: Session):
    session.connection().execute(Series.__table__.insert().values(name="S", latest=1))


def bulk_mappings(session: Session):
    session.bulk_insert_mappings(Series, [{"name": "S", "latest": 1}])


def bulk_objects(session: Session):
    session.bulk_save_objects([Series(name="S", latest=1)])


def textual(session: Session):
    session.execute(sa.text("INSERT INTO series (name, latest) VALUES ('S', 1)"))


def driver(session: Session):
    raw = session.connection().connection.cursor()
    raw.execute("INSERT INTO series (name, latest) VALUES ('S', 1)")


def hidden_in_a_select(session: Session):
    made = sa.insert(Series).values(name="S", latest=1).returning(Series.name).cte("made")
    session.execute(sa.select(made.c.name))


WAYS = [orm, orm_statement, core, bulk_mappings, bulk_objects, textual, driver]


def names(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Series.name)))


@pytest.mark.parametrize("write", WAYS)
def test_nothing_is_written_outside_an_act(database, write):
    with pytest.raises((WroteOutsideAct, sa.exc.DBAPIError, Exception)) as raised:
        with database.reading() as session:
            write(session)
            session.commit()
    assert "read" in str(raised.value).lower() or raised.type is WroteOutsideAct
    assert names(database) == []


@pytest.mark.parametrize("write", WAYS)
def test_an_unguarded_act_is_refused(database, someone, write):
    with pytest.raises((Unguarded, RegimeBroken)):
        with database.acting(someone) as act:
            write(act.session)
            act.log(DONE, "series:S", what="x")
    assert names(database) == []


@pytest.mark.parametrize("write", WAYS)
def test_an_unaudited_act_is_refused(database, someone, write):
    with pytest.raises((Unaudited, RegimeBroken)):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            write(act.session)
    assert names(database) == []


@pytest.mark.parametrize("write", [orm, core, driver])
def test_a_swallowed_refusal_still_refuses(database, someone, write):
    with pytest.raises(Unguarded):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            write(act.session)
            act.log(DONE, "series:S", what="x")
            with pytest.raises(Forbidden):
                act.require(May.OTHER)
    assert names(database) == []


def test_a_swallowed_textual_write_still_refuses(database, someone):
    with pytest.raises(Unguarded):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            act.log(DONE, "series:S", what="x")
            with pytest.raises(RegimeBroken):
                textual(act.session)
    assert names(database) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite knows none such
def test_a_write_hidden_in_a_select_is_seen(database, someone):
    with pytest.raises(WroteOutsideAct):
        with database.reading() as session:
            hidden_in_a_select(session)
    with pytest.raises(Unaudited):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            hidden_in_a_select(act.session)
    assert names(database) == []


@pytest.mark.parametrize(
    "commit",
    [
        lambda act: act.session.commit(),
        lambda act: act.session.connection().commit(),
    ],
)
def test_an_act_is_committed_only_by_ending_it(database, someone, commit):
    with pytest.raises(Unaudited):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            orm(act.session)
            act.log(DONE, "series:S", what="x")
            commit(act)
    assert names(database) == []


def test_an_act_writes_its_rows_and_its_entry(database, someone, clock):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        orm(act.session)
        act.log(DONE, "series:S", what="x")
    assert names(database) == ["S"]
    with database.reading() as session:
        entry = session.scalars(sa.select(audit.Entry)).one()
    assert (entry.number, entry.kind, entry.actor, entry.moment) == (
        1,
        "test.done",
        "console",
        clock.at,
    )


def test_an_act_that_did_nothing_leaves_nothing(database, someone):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        with pytest.raises(NotFound):
            act.take(Series, "none")
    with database.engine.connect() as connection:
        assert audit.head(connection).size == 0


def test_an_error_undoes_the_act(database, someone):
    with pytest.raises(ZeroDivisionError):
        with database.acting(someone) as act:
            act.require(May.WRITE)
            orm(act.session)
            act.log(DONE, "series:S", what="x")
            _ = 1 / 0
    assert names(database) == []


def test_acts_do_not_nest(database, someone):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        with pytest.raises(ActWithinAct), database.acting(someone):
            pass
        with pytest.raises(ActWithinAct), database.upkeep():
            pass


def test_upkeep_writes_only_tables_marked_for_it(database):
    for write in (orm, core, textual):
        with pytest.raises(RegimeBroken), database.upkeep() as session:
            write(session)
    with pytest.raises(Unguarded), database.upkeep() as session:
        with pytest.raises(RegimeBroken):
            core(session)
    assert names(database) == []


def test_what_follows_an_act_cannot_undo_it(database, someone, caplog):
    def fail():
        raise OSError("the carrier is away")

    with database.acting(someone) as act:
        act.require(May.WRITE)
        orm(act.session)
        act.log(DONE, "series:S", what="x")
        act.after.append(fail)
    assert names(database) == ["S"]
    assert "the carrier is away" in caplog.text


def test_a_ledger_refuses_changes_in_the_program_and_in_the_database(database, someone):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        act.log(DONE, "series:S", what="x", values={"before": "a"})
    for verb in (sa.update(audit.Entry).values(kind="y"), sa.delete(audit.Entry)):
        with pytest.raises(RegimeBroken), database.acting(someone) as act:
            act.session.execute(verb)
    engine = sa.create_engine(database.engine.url)  # without the program's own guard
    for sql in (
        "UPDATE entry SET kind = 'y'",
        "DELETE FROM entry",
        "DELETE FROM entry_values",
        "UPDATE entry_values SET content = 'forged'",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), engine.begin() as connection:
            connection.execute(sa.text(sql))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE entry_values SET content = NULL, key = NULL"))
    engine.dispose()


def test_what_is_erasable_is_emptied_only_by_an_act_that_may(database, someone):
    with database.acting(someone) as act:
        act.require(May.WRITE)
        act.log(DONE, "series:S", what="x", values={"name": "Somebody"})
    empty = sa.update(audit.EntryValues).values(key=None, content=None)
    with pytest.raises(RegimeBroken), database.acting(someone) as act:
        act.require(May.WRITE)
        act.session.execute(empty)
    with database.acting(someone) as act:
        act.allow_erasing(May.ERASE)
        act.session.execute(empty)
        act.log(DONE, "series:S", what="erased")
    with database.engine.connect() as connection:
        verdict, _ = audit.verify(connection)
    assert verdict.size == 2
    assert verdict.faults == []


def _take_numbers(database, actor, count):
    for _ in range(count):
        with database.acting(actor) as act:
            act.require(May.WRITE)
            (number,) = references.take(act, "BR", date(2026, 1, 1))
            act.log(DONE, f"series:{number}", what=number)


def test_threads_lose_nothing(database, someone):
    with ThreadPoolExecutor(8) as threads:
        runs = [threads.submit(_take_numbers, database, someone, 20) for _ in range(8)]
        for run in runs:
            run.result()
    _assert_unbroken(database, 160)


def _in_a_process(url, folder, count):
    engine = sa.create_engine(url)
    actor = Actor("console", frozenset({May.WRITE}))
    _take_numbers(Database(engine, FolderStore(folder)), actor, count)
    engine.dispose()


def test_processes_lose_nothing(database, database_url, tmp_path):
    context = multiprocessing.get_context("spawn")
    runs = [
        context.Process(target=_in_a_process, args=(database_url, tmp_path, 50)) for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0, 0, 0]
    _assert_unbroken(database, 200)


def _assert_unbroken(database, count):
    with database.engine.connect() as connection:
        verdict, _ = audit.verify(connection)
        assert (verdict.size, verdict.faults) == (count, [])
        facts = connection.scalars(sa.select(audit.Entry.facts)).all()
    expected = {f'{{"what":"BR-2026-{number:04d}"}}' for number in range(1, count + 1)}
    assert set(facts) == expected
    with database.reading() as session:
        assert session.get(Series, "BR-2026").latest == count
