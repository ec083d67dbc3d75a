"""Notices of breaches as they arrive: sealed papers, own numbers, what changed, exercises."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from registers.annexes import queries as annexes
from registers.annexes.models import Annex
from registers.breaches import drills, finding, oncall, operations
from registers.breaches.models import Affected, Breach
from registers.breaches.oncall import Plan
from registers.breaches.vocabulary import Step
from registers.controllers.vocabulary import Channel
from registers.kernel.errors import Invalid
from registers.kernel.pages import Cut
from registers.notices.models import Dispatch, Notice
from registers.notices.vocabulary import NoticeKind
from registers.press.verify import verify
from tests.breaches.test_operations import KNOWN, RESPONDER, recorded, rows, told, touched
from tests.delivery.hands import Post, drained
from tests.press import archival
from tests.press.reading import words


@pytest.fixture
def notified(sample):
    """A breach of which everybody was notified."""
    breach = recorded(sample)
    touched(sample, breach)
    found = rows(sample, Affected)
    with sample.acting(RESPONDER) as act:
        numbers = {each.id: (1000 + place, 7) for place, each in enumerate(found)}
        finding.count_persons(act, breach.id, numbers)
    told(sample, breach)
    return breach


def paper_of(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    (paper,) = message.iter_attachments()
    return message, paper.get_content()


def test_each_controller_gets_a_sealed_notification_with_its_own_numbers(
    sample, notified, tmp_path
):
    drained(sample, post := Post())
    assert len(post.taken) == len(rows(sample, Notice))
    numbers = {str(each.persons) for each in rows(sample, Affected)}
    for _to, _from, content in post.taken:
        message, paper = paper_of(content)
        assert verify(paper).sound
        assert archival.faults(paper) == []
        said = " ".join(words(paper, tmp_path / "paper.pdf"))
        assert "33" in said
        assert notified.code in message.get_body(("plain",)).get_content()
        shown = {number for number in numbers if number in said.split()}
        assert len(shown) <= 2
    assert all(each.informed_at for each in rows(sample, Affected))


def test_a_further_notice_says_what_changed(sample, notified, tmp_path):
    drained(sample, Post())
    more = replace(KNOWN, consequences="Hameçonnage ciblé des agents.")
    with sample.acting(RESPONDER) as act:
        operations.change(act, notified.id, more, 1, "Analyse")
    told(sample, notified, Step.MORE, 2)
    drained(sample, post := Post())
    assert len(post.taken) == len(rows(sample, Notice, Notice.kind == NoticeKind.BREACH_MORE))
    french = [content for to, _, content in post.taken if "annelac" in to]
    _message, paper = paper_of(french[0])
    said = " ".join(words(paper, tmp_path / "paper.pdf"))
    assert "Hameçonnage ciblé des agents." in said


def test_a_letter_tells_the_same(sample, notified):
    drained(sample, Post())
    letters = [each for each in rows(sample, Dispatch) if each.controller_id and each.annex_id]
    assert letters


def test_an_exercise_says_so_everywhere_and_reaches_no_controller(sample, clock, tmp_path):
    breach = recorded(sample, drill=True)
    touched(sample, breach)
    assert breach.code.startswith("EX-")
    with pytest.raises(Invalid, match="No address for exercises"):
        told(sample, breach)
    assert rows(sample, Notice) == []
    plan = Plan(drill_emails=("un@ponant.example", "deux@ponant.example"))
    with sample.acting(RESPONDER) as act:
        oncall.choose(act, plan, 0, secret=b"s" * 32)
    told(sample, breach)
    drained(sample, post := Post())
    owners = {each.controller_id for each in rows(sample, Affected)}
    assert len(post.taken) == len(owners) > 2
    assert {to for to, _, _ in post.taken} == set(plan.drill_emails)
    for _to, _from, content in post.taken:
        message, paper = paper_of(content)
        assert message["Subject"].startswith(("EXERCICE – ", "EXERCISE – "))
        assert re.search("EXERCI[CS]E", message.get_body(("plain",)).get_content())
        said = " ".join(words(paper, tmp_path / "paper.pdf"))
        assert len(re.findall("EXERCI[CS]E", said)) > 3
    assert all(each.informed_at and each.complete_at for each in rows(sample, Affected))
    assert {each.number[:2] for each in rows(sample, Notice)} == {"NX"}
    papers = rows(sample, Annex)
    assert {each.number[:2] for each in papers} == {"AE"}
    assert {each.controller_id for each in papers} == {None}
    assert all(each.channel is Channel.EMAIL for each in rows(sample, Dispatch))
    with sample.reading() as session:
        assert annexes.listed(session, "", Cut(), clock().date()).rows == []
        found = drills.measured(session, session.get_one(Breach, breach.id))
    after = {str(each.says): each.after for each in found}
    assert after["Breach recorded"] == timedelta(minutes=90)
    assert after["All informed"] == after["Formalities complete for all"] == timedelta(minutes=90)
    assert after["Everything of Art. 33(3) known"] is None
    assert after["Record closed"] is None


def test_an_exercise_leaves_no_gap_in_the_real_numbers(sample):
    recorded(sample, drill=True)
    assert recorded(sample).code == "BR-2026-0001"
