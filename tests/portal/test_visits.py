"""Visits and one-time codes: nothing of them is kept that would open anything."""

import re
import uuid
from datetime import timedelta

import pytest

from registers.kernel import outbox
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.outbox import Outbox, State
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Notice, PortalVisit
from registers.notices.operations import Result
from registers.notices.transport import Later, Refused, Unsure
from registers.portal import visits
from registers.portal.operations import By
from registers.portal.visits import CODE
from registers.work import HANDLERS
from tests.announcements.telling import ANNOUNCER, announced, rows
from tests.delivery.hands import Post, tools
from tests.portal.hands import SECRET, code_in, contact, dump, linked, notice_of, read
from tests.registers import entries

BY = By("Odile Chabrol", "Maire")
MINUTE = timedelta(minutes=1)


class Guest:
    """A visit to the notice of a controller, and the cookie of its browser."""

    def __init__(self, database, clock, code="BEAUCHENE"):
        self.database, self.clock = database, clock
        self.link, self.token = linked(database, notice_of(database, code))
        with database.upkeep() as traces:
            self.id, self.secret = visits.begin(traces, self.link, clock())

    @property
    def visit(self):
        with self.database.reading() as session:
            return visits.current(session, self.id, self.secret, self.clock())

    def ask(self):
        with self.database.acting(contact(self.link)) as act:
            visits.ask_code(act, self.visit)

    def mail(self, post=None):
        """What the worker sends now."""
        post = post or Post()
        mine = tools(self.database, post)
        with self.database.upkeep() as traces:
            taken = outbox.take(traces, [CODE], self.clock(), mine.holder)
        if taken:
            HANDLERS[CODE](mine, taken)
        return [(to, read(content)) for to, _, content in post.taken]

    def give(self, code):
        with self.database.upkeep() as traces:
            visits.count_try(traces, self.id)
        with self.database.acting(contact(self.link)) as act:
            visits.use_code(act, self.visit, code, SECRET)
            act.log(visits.ASKED, "test:given")

    @property
    def right(self):
        (row,) = rows(self.database, PortalVisit, PortalVisit.id == self.id)
        return visits.code_of(SECRET, row.id, row.code_at)


@pytest.fixture
def guest(sample, clock):
    announced(sample, clock)
    return Guest(sample, clock)


def test_a_visit_opens_with_its_own_secret_only_and_for_some_hours(guest, clock):
    other = Guest(guest.database, clock, "ESCH-RIVIERE")
    now = clock()
    with guest.database.reading() as session:
        found = visits.current(session, guest.id, guest.secret, now)
        assert (found.link_id, found.notice_id) == (guest.link.id, guest.link.notice_id)
        assert found.actor.reference == f"contact:{guest.link.id}"
        for key, secret in (
            (guest.id, other.secret),
            (other.id, guest.secret),
            (uuid.uuid4(), guest.secret),
            (guest.id, ""),
        ):
            with pytest.raises(NotFound):
                visits.current(session, key, secret, now)
        with pytest.raises(NotFound):
            visits.current(session, guest.id, guest.secret, now + visits.LASTS)


def test_visits_that_are_over_are_forgotten(guest, clock):
    clock.at += visits.LASTS
    Guest(guest.database, clock)
    assert len(rows(guest.database, PortalVisit)) == 1


def test_a_code_goes_to_the_address_on_record_once(guest):
    guest.ask()
    ((to, message),) = guest.mail()
    assert (to, message["To"]) == ("notifications@beauchene.example",) * 2
    assert code_in(message) == guest.right
    assert re.fullmatch(r"\d{6}", guest.right)
    text = message.get_content()
    assert "Éditions Logicielles du Ponant" in text
    assert "10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}15 (fuseau Europe/Brussels)" in text
    assert guest.right not in str(message["Subject"])
    assert guest.mail() == []
    guest.give(f" {guest.right[:3]} {guest.right[3:]} ")
    with pytest.raises(Invalid) as refused:
        guest.give("123456")
    assert refused.value.field == "code"


def test_a_code_is_wrong_late_or_tried_too_often(guest, clock):
    with pytest.raises(Invalid, match="Ask for a code first"):
        guest.give("123456")
    guest.ask()
    assert guest.visit.code_until == clock() + visits.CODE_LASTS
    wrong = f"{(int(guest.right) + 1) % 10**6:06}"
    for given in (wrong, "", "x", wrong):
        with pytest.raises(Invalid, match="not the code"):
            guest.give(given)
    guest.give(guest.right)  # the fifth
    guest.ask()
    for _ in range(visits.TRIES):
        with pytest.raises(Invalid, match="not the code"):
            guest.give("x")
    assert guest.visit.code_until is None
    with pytest.raises(Invalid, match="not good any more"):
        guest.give(guest.right)
    clock.at += MINUTE
    guest.ask()
    clock.at += visits.CODE_LASTS
    with pytest.raises(Invalid, match="not good any more"):
        guest.give(guest.right)


def test_a_code_that_is_asked_for_again_replaces_the_one_before(guest, clock):
    guest.ask()
    former = guest.right
    clock.at += MINUTE
    guest.ask()
    ((_, message),) = guest.mail()
    assert code_in(message) == guest.right != former
    with pytest.raises(Invalid):
        guest.give(former)


def test_codes_are_of_one_visit(guest, clock):
    other = Guest(guest.database, clock)
    guest.ask()
    other.ask()
    assert guest.right != other.right
    with pytest.raises(Invalid):
        other.give(guest.right)


def test_nothing_that_is_kept_opens_anything(guest, clock):
    guest.ask()
    code = guest.right
    ((_, message),) = guest.mail()
    assert code_in(message) == code
    kept = dump(guest.database)
    assert guest.link.digest.encode() in kept
    for secret in (guest.token, guest.secret, SECRET.decode()):
        assert secret.encode() not in kept
    # six digits may stand anywhere; the code does not stand alone
    assert not re.search(rb"(?<![0-9a-f])" + code.encode() + rb"(?![0-9a-f])", kept)
    assert b"beauchene" in kept
    (entry,) = entries(guest.database, "portal.code")
    assert "beauchene" not in entry.facts


def test_a_code_follows_the_notice_to_the_address_it_was_sent_to_last(guest, clock):
    database = guest.database
    (way,) = rows(database, Dispatch, Dispatch.notice_id == guest.link.notice_id)
    with database.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(way.id, True, "250 OK")])
    clock.at += MINUTE
    with database.acting(ANNOUNCER) as act:
        other = notices.send_again(act, way.id, "dpo@beauchene.example")
    guest.ask()
    assert [to for to, _ in guest.mail()] == [way.address]
    with database.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(other.id, True, "250 OK")])
    clock.at += MINUTE
    guest.ask()
    assert [to for to, _ in guest.mail()] == ["dpo@beauchene.example"]


def test_without_an_address_no_code_is_asked_for(guest):
    with guest.database.acting(ANNOUNCER) as act:
        act.require(next(iter(ANNOUNCER.permissions)))
        act.take(Notice, guest.link.notice_id).email = ""
        act.log(visits.ASKED, "test:address")
    with pytest.raises(Invalid, match="no e-mail address"):
        guest.ask()


def states(database):
    return [row.state for row in rows(database, Outbox, Outbox.kind == CODE)]


def test_a_code_that_could_not_be_sent_is_sent_again_as_long_as_it_is_good(guest, clock):
    guest.ask()
    assert guest.mail(Post(lambda *_: Later("greylisted", 451))) == []
    assert states(guest.database) == [State.WAITING]
    clock.at += 2 * MINUTE
    assert guest.mail(Post(lambda *_: Unsure("no answer"))) == []
    clock.at += 3 * MINUTE
    assert len(guest.mail()) == 1
    assert states(guest.database) == [State.DONE]


def test_a_code_that_is_refused_waits_for_a_person_and_one_too_late_is_dropped(guest, clock):
    guest.ask()
    guest.mail(Post(lambda *_: Refused("unknown", 550)))
    assert states(guest.database) == [State.FAILED]
    clock.at += MINUTE
    guest.ask()
    clock.at += visits.CODE_LASTS
    assert guest.mail() == []
    assert sorted(states(guest.database), key=str) == [State.DONE, State.FAILED]
