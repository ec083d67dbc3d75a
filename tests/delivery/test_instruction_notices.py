"""Notices of contested instructions as they arrive, and the contribution to an assessment."""

import email
import email.policy
from datetime import UTC, date, datetime

import pytest

from registers.activities.models import Activity
from registers.annexes.kinds import KINDS
from registers.annexes.making import make_all
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import of_activity
from registers.assistance import duties
from registers.notices.models import Dispatch, Matter, Notice
from registers.people.roles import WORKER
from registers.press.verify import verify
from tests.annexes.papers import KEY, PRESSED
from tests.announcements.telling import rows
from tests.assistance.duty_hands import DPO, SECRET, TRANSFER, lifted
from tests.assistance.duty_hands import TODAY as DAY
from tests.assistance.duty_hands import recorded as recorded_duty
from tests.assistance.hands import (
    GIVEN,
    PROVISION,
    WHY,
    accepted,
    contested,
    contract_of,
    executed,
    given,
)
from tests.delivery.hands import Post, drained
from tests.press import archival
from tests.press.reading import words


def paper_of(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    (paper,) = message.iter_attachments()
    return message, paper.get_content()


@pytest.mark.parametrize("done", [False, True])
def test_the_notice_leaves_at_once_sealed_with_provision_and_reason(sample, tmp_path, done):
    row = given(sample)
    if done:
        accepted(sample, row)
        executed(sample, row)
    contested(sample, row)
    drained(sample, post := Post())
    (_to, _from, content) = post.taken[0]
    message, paper = paper_of(content)
    assert "Instruction constituant" in message["Subject"]
    assert verify(paper).sound
    assert archival.faults(paper) == []
    said = " ".join(" ".join(words(paper, tmp_path / "paper.pdf")).split())
    for part in (GIVEN.says, PROVISION, WHY, row.code, contract_of(sample, "BEAUCHENE").reference):
        assert " ".join(part.split()) in said, part
    assert ("a été exécutée le" in said) is done
    plain = message.get_body(("plain",)).get_content()
    assert "maintenir, remplacer ou retirer" in plain
    (matter,) = rows(sample, Matter)
    assert matter.informed_at == sample.now()


def test_a_letter_tells_the_same(sample):
    row = given(sample, "SAINTE-FLORE")
    contested(sample, row)
    drained(sample, Post())
    assert all(each.annex_id for each in rows(sample, Dispatch))
    assert all(each.annex_id for each in rows(sample, Notice))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_contribution_follows_article_35_7(sample, clock, tmp_path, language):
    (head,) = rows(sample, Activity, Activity.code == "P4")
    press = Press(sample, WORKER, PRESSED, KEY, "Europe/Paris")
    order = Order(
        KINDS["assessment_support"], [of_activity(head.id)], clock.at.date(), None, language
    )
    (made,) = make_all(press, order)
    with sample.reading() as session:
        paper = sample.files.get(session, made.paper_sha256)
    assert verify(paper).sound
    assert archival.faults(paper) == []
    said = " ".join(" ".join(words(paper, tmp_path / "paper.pdf")).split())
    for part in (
        "P4",
        "a)",
        "b)",
        "c)",
        "d)",
        "OVH SAS",
        "Art. 32" if language == "en" else "art. 32",
    ):
        assert part in said, part
    (again,) = make_all(press, order)
    assert not again.new


SAYS = {
    "told": ("La loi nous oblige", "Code fictif des transmissions", "Suisse", "1er décembre 2026"),
    "late": ("avant le traitement", "21 novembre 2026, "),
    "planned": ("Une autre date est prévue", "9 décembre 2026", "Reporté."),
    "dropped": ("n’est pas mis en œuvre", "Retirée."),
    "lifted": ("Jusqu’au dimanche 22 novembre 2026", "intérêt public"),
}


@pytest.mark.parametrize("which", SAYS)
def test_the_notice_of_a_legal_duty_says_what_the_law_demands(sample, tmp_path, which):
    early = datetime(2026, 11, 21, 8, tzinfo=UTC)
    if which == "lifted":
        row = lifted_duty(sample)
    else:
        row = recorded_duty(sample, **({"begun_at": early} if which == "late" else {}))
    if which == "planned":
        with sample.acting(DPO) as act:
            duties.plan(act, row.id, date(2026, 12, 9), "Reporté.", DAY)
    if which == "dropped":
        with sample.acting(DPO) as act:
            duties.drop(act, row.id, duties.Said(DAY, "Retirée."), DAY)
    drained(sample, post := Post())
    # the number of the notice stands at the end of its subject: the last one that was written
    taken = [paper_of(content) for _to, _from, content in post.taken]
    message, paper = max(taken, key=lambda each: each[0]["Subject"])
    assert verify(paper).sound
    assert archival.faults(paper) == []
    said = " ".join(" ".join(words(paper, tmp_path / "paper.pdf")).split())
    for part in (*SAYS[which], row.code, TRANSFER.authority, "ANF-2026-77"):
        assert " ".join(part.split()) in said.replace("\N{NO-BREAK SPACE}", " "), part
    plain = message.get_body(("plain",)).get_content()
    assert "accusez réception" in plain or "accuser réception" in plain


def lifted_duty(database):
    row = recorded_duty(database, SECRET)
    lifted(database, row)
    return row
