"""From the outbox to the server: papers, messages, failures, and nothing twice."""

import email
import email.policy

import pytest
import sqlalchemy as sa

from registers.annexes.models import Annex
from registers.controllers.vocabulary import Channel
from registers.delivery.messages import BLANK
from registers.kernel import outbox
from registers.kernel.errors import Conflict
from registers.kernel.outbox import Outbox
from registers.notices import links
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Matter, Notice, PortalLink, Sending
from registers.notices.transport import Later, Refused, Unsure
from registers.notices.vocabulary import DispatchState
from registers.people.rules import digest_of
from registers.press.verify import verify
from tests.annexes.papers import NOW
from tests.announcements.telling import ANNOUNCER, announced, rows
from tests.delivery.hands import ADDRESS, SENDER, Post, drained
from tests.registers import entries


@pytest.fixture
def told(sample, clock):
    """The fictional parties, just told of a change; nothing has left."""
    announced(sample, clock, at=NOW)
    return sample


def mails(database):
    return rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)


def read(message):
    return email.message_from_bytes(message, policy=email.policy.default)


def test_each_recipient_gets_one_message_with_the_sealed_paper(told):
    post = Post()
    drained(told, post)
    assert sorted(to for to, _, _ in post.taken) == sorted(way.address for way in mails(told))
    assert {way.state for way in mails(told)} == {DispatchState.SENT}
    assert all(matter.informed_at for matter in rows(told, Matter))
    for recipient, sender, content in post.taken:
        message = read(content)
        assert (message["To"], sender) == (recipient, SENDER)
        assert message["Message-ID"].endswith("@ponant.example>")
        (paper,) = message.iter_attachments()
        assert verify(paper.get_content()).sound
        plain = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        (link,) = [line for line in plain.splitlines() if line.startswith(ADDRESS)]
        assert link in html
        assert BLANK not in content.decode(errors="replace")
    links = {read(content).get_body(("plain",)).get_content() for _, _, content in post.taken}
    assert len(links) == len(post.taken)


def test_what_is_kept_opens_nothing(told):
    post = Post()
    drained(told, post)
    for way in mails(told):
        with told.reading() as session:
            kept = told.files.get(session, way.message_sha256).decode()
        assert f"/n/{BLANK}" in kept


def test_letters_have_a_paper_of_their_own(told):
    drained(told, Post())
    letters = rows(told, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)
    assert letters
    for letter in letters:
        (annex,) = rows(told, Annex, Annex.id == letter.annex_id)
        assert annex.about == f"dispatch:{letter.id}"
        assert letter.state is DispatchState.TO_DO


def test_working_again_makes_and_sends_nothing_again(told):
    post = Post()
    drained(told, post)
    papers, sent = len(rows(told, Annex)), len(post.taken)
    with told.acting(ANNOUNCER) as act:
        act.require(next(iter(ANNOUNCER.permissions)))
        for notice in rows(told, Notice):
            name = f"notice:{notice.id}"
            outbox.put(act, [outbox.Wanted(notices.PREPARE, f"{name}:again", name, act.now)])
        act.log(notices.CANCELLED, "notice:none")
    drained(told, post)
    assert (len(rows(told, Annex)), len(post.taken)) == (papers, sent)


def test_what_is_refused_for_good_waits_for_a_person(told):
    unlucky = mails(told)[0].address
    post = Post(lambda to, _times: Refused("no such user", 550) if to == unlucky else None)
    drained(told, post)
    (failed,) = [way for way in mails(told) if way.state is DispatchState.FAILED]
    assert (failed.address, failed.said) == (unlucky, "550 no such user")
    assert len(entries(told, "notice.failed")) == 1
    matters = rows(told, Matter, Matter.notice_id == failed.notice_id)
    assert {each.sent_on for each in matters} == {None}


def test_what_may_pass_is_tried_again_later(told, clock):
    unlucky = mails(told)[0].address
    post = Post(lambda to, times: Later("busy", 451) if to == unlucky and times < 3 else None)
    drained(told, post)
    assert len(post.taken) == len(mails(told)) - 1
    for _ in range(4):
        clock.forward(minutes=10)
        drained(told, post)
    assert {way.state for way in mails(told)} == {DispatchState.SENT}
    assert post.tried[unlucky] == 3
    assert rows(told, Sending) == []


def test_what_may_have_arrived_is_sent_again_the_same_and_marked(told, clock):
    unlucky = mails(told)[0].address
    seen = []

    def fails(to, times):
        if to == unlucky and times == 1:
            return Unsure("connection lost")
        return None

    post = Post(fails)
    keep = post.send

    def send(message, sender, recipient):
        seen.append((recipient, message))
        keep(message, sender, recipient)

    post.send = send
    drained(told, post)
    clock.forward(minutes=10)
    drained(told, post)
    (way,) = [each for each in mails(told) if each.address == unlucky]
    assert way.state is DispatchState.UNCERTAIN
    first, second = [message for to, message in seen if to == unlucky]
    assert first == second
    assert [way.state for way in mails(told)].count(DispatchState.UNCERTAIN) == 1


def test_a_message_that_never_leaves_ends_with_a_person(told, clock):
    post = Post(lambda _to, _times: Later("busy", 451))
    for _ in range(15):
        drained(told, post)
        clock.forward(hours=13)
    assert {way.state for way in mails(told)} == {DispatchState.FAILED}
    assert not [each for each in rows(told, Outbox) if each.state is outbox.State.WAITING]


def test_the_test_identity_writes_to_nobody_real(sample, clock, monkeypatch):
    announced(sample, clock, at=NOW)
    drained(sample, post := Post())
    assert post.taken
    with sample.acting(ANNOUNCER) as act:
        real = notices.send_again(act, mails(sample)[0].id, "mairie@nasbinals.fr")
    clock.forward(seconds=5)
    drained(sample, post)
    # no message was written for it yet: preparing does that, sending waits
    (way,) = rows(sample, Dispatch, Dispatch.id == real.id)
    assert way.state is DispatchState.FAILED
    assert "GREFFE_IDENTITY" in way.said


def test_a_worker_that_lost_its_lease_records_nothing(told, clock):
    class Slow(Post):
        def send(self, message, sender, recipient):
            super().send(message, sender, recipient)
            if len(self.taken) == 1:
                clock.forward(minutes=6)
                other.append(drained(told, Post(), "worker-2"))

    other = []
    drained(told, Slow())
    assert other
    states = [way.state for way in mails(told)]
    assert set(states) <= {DispatchState.SENT, DispatchState.UNCERTAIN}
    sent = [entry.about for entry in entries(told, "notice.sent")]
    assert len(sent) == len(set(sent)) == len(mails(told))


def test_who_lost_a_revoked_link_is_sent_another(told):
    post = Post()
    drained(told, post)
    first = {to: content for to, _, content in post.taken}
    with told.acting(ANNOUNCER) as act:
        for link in rows(told, PortalLink):
            links.revoke(act, link.id)
        for way in mails(told):
            notices.send_again(act, way.id)
    again = Post()
    drained(told, again)
    assert len(again.taken) == len(first)
    open_ = {link.digest for link in rows(told, PortalLink) if link.revoked_at is None}
    for to, _, content in again.taken:
        plain = read(content).get_body(("plain",)).get_content()
        (address,) = [line for line in plain.splitlines() if line.startswith(ADDRESS)]
        assert address not in read(first[to]).get_body(("plain",)).get_content()
        assert digest_of(address.rpartition("/")[2]) in open_


def test_after_a_restore_a_person_lets_it_leave(told):
    with told.upkeep() as traces:
        traces.execute(sa.delete(Outbox))  # a backup holds no work
    post = Post()
    drained(told, post)
    assert post.taken == []
    with told.acting(ANNOUNCER) as act:
        for way in mails(told):
            notices.send_again(act, way.id)
    with pytest.raises(Conflict), told.acting(ANNOUNCER) as act:
        notices.send_again(act, mails(told)[0].id)
    drained(told, post)
    assert len(post.taken) == len(mails(told))
