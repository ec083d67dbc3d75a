"""Whether the installation can do its duty: what machines and people are told."""

import pytest
import sqlalchemy as sa

from app import schema
from registers.kernel import audit, heartbeat, outbox
from registers.kernel.heartbeat import WorkerSeen
from registers.kernel.outbox import Wanted
from registers.kernel.words import text
from registers.people.roles import Permission, Role
from tests.registers import count

PUT = audit.kind("test.readiness_put", text("Put"))
WAITING = outbox.kind("test.waiting")


@pytest.fixture
def put(sample_site, clock):
    """Leaves so much work, due now."""

    def put(number):
        with sample_site.act() as act:
            act.require(Permission.REGISTER_EDIT)
            outbox.put(act, [Wanted(WAITING, f"w:{n}", "x", clock()) for n in range(number)])
            act.log(PUT, "test:put")

    return put


@pytest.fixture
def beat(sample_site, clock):
    """A worker is seen."""

    def beat(holder="w1"):
        with sample_site.house.database.upkeep() as traces:
            heartbeat.beat(traces, holder, "0.1.0", clock(), clock())

    return beat


def test_machines_are_told_how_it_stands(sample_site, put, beat):
    client = sample_site.client()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json == {
        "ready": True,
        "database": True,
        "schema": True,
        "worker_seen_at": None,
        "outbox": {"due": 0, "taken": 0, "failed": 0},
    }
    put(3)
    beat()
    told = client.get("/readyz").json
    assert told["worker_seen_at"] == "2026-11-22T09:30:00+00:00"
    assert told["outbox"] == {"due": 3, "taken": 0, "failed": 0}


def test_a_dead_worker_is_told_and_stops_no_page(sample_site, put, beat, clock):
    beat()
    put(1)
    clock.forward(hours=1)
    response = sample_site.client().get("/readyz")
    assert (response.status_code, response.json["ready"]) == (200, True)


def test_another_schema_is_not_ready(sample_site):
    url = sample_site.house.settings.url
    schema.downgrade(url, schema.revisions()[-2])
    response = sample_site.client().get("/readyz")
    assert response.status_code == 503
    assert (response.json["database"], response.json["schema"]) == (True, False)
    schema.downgrade(url, "base")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    engine.dispose()
    assert sample_site.client().get("/readyz").status_code == 503


def test_people_are_told_when_work_waits_and_nobody_does_it(sample_site, put, beat, clock):
    client = sample_site.signed_in(Role.LEGAL)

    def told():
        return "Work has been waiting since" in client.get("/").text

    assert not told()
    put(2)
    assert not told()
    clock.forward(minutes=4)
    assert "and no worker was ever seen" in client.get("/").text
    assert told()
    assert "waiting since" not in sample_site.client().get("/sign-in").text
    beat()
    assert not told()
    clock.forward(minutes=4)
    page = client.get("/controllers").text
    assert "since 22 Nov 2026, 10:30, and no worker was seen since 22 Nov 2026, 10:34" in page


def test_people_are_told_that_nothing_leaves(sample_site):
    sentence = "messages are written to a folder of the server"
    assert sentence in sample_site.signed_in(Role.AUDITOR).get("/controllers").text
    assert sentence not in sample_site.client().get("/sign-in").text


def test_workers_that_are_gone_are_forgotten_after_a_day(sample_site, beat, clock):
    beat("w1")
    beat("w2")
    clock.forward(hours=23)
    beat("w2")
    assert count(sample_site, WorkerSeen) == 2
    clock.forward(hours=2)
    beat("w3")
    assert count(sample_site, WorkerSeen) == 2
