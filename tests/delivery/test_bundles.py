"""Archives that a worker makes: asked for, made, resumed, taken away, dropped."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest

from registers.announcements.models import Announcement
from registers.delivery import bundles, bundling
from registers.delivery.bundles import ANNOUNCEMENT, Bundle, BundlePart
from registers.kernel import outbox
from registers.kernel.errors import Forbidden, NotFound
from registers.kernel.outbox import Outbox, State
from registers.notices.models import Matter
from registers.people.roles import MAY, Permission, Role
from tests.announcements.telling import ANNOUNCER, matters, rows
from tests.delivery.hands import Post, drained, tools
from tests.portal.hands import somebody_with, told
from tests.registers import entries


@pytest.fixture
def head(sample, clock):
    told(sample, clock)
    drained(sample, Post())
    (found,) = rows(sample, Announcement)
    return found


def asked(database, head, actor=ANNOUNCER):
    with database.acting(actor) as act:
        return bundles.ask(act, ANNOUNCEMENT, Permission.ANNOUNCEMENTS_READ, head, "fr")


def one(database, key):
    (found,) = rows(database, Bundle, Bundle.id == key)
    return found


def content(database, key):
    return b"".join(bundles.content(database, key))


def test_it_is_asked_for_made_and_taken_away(sample, head, monkeypatch):
    monkeypatch.setattr(bundling, "PART", 1000)
    key = asked(sample, head)
    assert (one(sample, key).made_at, content(sample, key)) == (None, b"")
    drained(sample, Post())
    made = one(sample, key)
    count = len(rows(sample, Matter))
    assert (made.done, made.total, made.error) == (count, count, "")
    whole = content(sample, key)
    assert len(rows(sample, BundlePart)) == -(-len(whole) // 1000)
    assert (made.size, made.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert folders == set(matters(sample))
    (first,) = entries(sample, "bundle.asked")
    (second,) = entries(sample, "bundle.made")
    assert first.about == second.about == f"announcement:{head.id}"
    assert made.sha256 in second.facts


def test_asked_for_twice_while_under_way_it_is_made_once(sample, head, clock):
    key = asked(sample, head)
    assert asked(sample, head) == key
    drained(sample, Post())
    clock.forward(minutes=1)
    assert asked(sample, head) != key
    with sample.reading() as session:
        assert [each.id for each in bundles.of(session, ANNOUNCEMENT, head)][1] == key
    with pytest.raises(Forbidden):
        asked(sample, head, somebody_with(*MAY[Role.RESPONDER]))


def test_a_failure_is_tried_again_then_told(sample, head, clock, monkeypatch):
    def broken(*_given):
        raise OSError("no space left")

    monkeypatch.setitem(bundling.KINDS, ANNOUNCEMENT, broken)
    key = asked(sample, head)
    for _ in range(bundling.MOST_ATTEMPTS):
        assert one(sample, key).error == ""
        drained(sample, Post())
        clock.forward(hours=1)
    assert "no space left" in one(sample, key).error
    (work,) = rows(sample, Outbox, Outbox.kind == bundles.MAKE)
    assert work.state is State.FAILED
    monkeypatch.undo()
    again = asked(sample, head)
    assert again != key
    drained(sample, Post())
    assert one(sample, again).made_at


def test_what_a_dead_worker_had_begun_is_made_anew(sample, head, clock, monkeypatch):
    monkeypatch.setattr(bundling, "PART", 1000)
    key = asked(sample, head)
    with sample.upkeep() as traces:  # it took the work, kept some pieces, and died
        outbox.take(traces, [bundles.MAKE], sample.now(), "dead")
        traces.add_all(BundlePart(bundle_id=key, number=at, content=b"x") for at in (0, 999_999))
    drained(sample, Post())
    assert one(sample, key).made_at is None
    clock.forward(minutes=6)
    drained(sample, Post())
    whole = content(sample, key)
    assert hashlib.sha256(whole).hexdigest() == one(sample, key).sha256
    assert max(each.number for each in rows(sample, BundlePart)) < 999_999


def test_only_one_is_made_at_a_time(sample, head, clock):
    key = asked(sample, head)
    with sample.acting(ANNOUNCER) as act:  # the same of another row
        act.require(Permission.ANNOUNCEMENTS_READ)
        work = outbox.Wanted(bundles.MAKE, "other", f"bundle:{head.id}", act.now)
        outbox.put(act, [work])
        act.log(bundles.ASKED, head, bundle=head.id)
    with sample.upkeep() as traces:
        taken = outbox.take(traces, [bundles.MAKE], sample.now(), "worker-1")
    bundling.make(tools(sample, Post()), taken)
    states = sorted(each.state.value for each in rows(sample, Outbox, Outbox.kind == bundles.MAKE))
    assert states == ["done", "waiting"]
    clock.forward(minutes=3)
    drained(sample, Post())
    assert one(sample, key).made_at


def test_it_is_dropped_after_a_week(sample, head, clock):
    key = asked(sample, head)
    drained(sample, Post())
    clock.forward(days=6)
    bundles.drop(sample)
    assert content(sample, key)
    clock.at += bundles.KEPT - timedelta(days=6, seconds=-1)
    bundles.drop(sample)
    assert rows(sample, Bundle) == []
    assert rows(sample, BundlePart) == []
    with sample.reading() as session, pytest.raises(NotFound):
        bundles.one(session, ANNOUNCEMENT, head, key)
    drained(sample, Post())  # nothing is left to do
