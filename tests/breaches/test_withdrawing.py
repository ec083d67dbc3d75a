"""Taking back what was told in error: with its reason, to some or to all, and never in silence."""

import pytest
from werkzeug.datastructures import MultiDict

from registers.annexes.models import Annex
from registers.breaches import notifying, operations, withdrawing
from registers.breaches.models import Affected
from registers.breaches.vocabulary import Phase, Step
from registers.kernel.errors import Conflict, Invalid
from registers.notices.models import Dispatch, Notice
from registers.notices.vocabulary import DispatchState, NoticeKind
from registers.people.roles import Role
from tests.breaches.test_operations import RESPONDER, left, recorded, rows, told, touched
from tests.controllers.test_pages import form_of
from tests.delivery.hands import Post, drained
from tests.press.reading import words
from tests.registers import entries
from tests.site import site as installation

WHY = "Le serveur de cet adhérent n'était pas concerné."


def withdrawn(database, breach, owners=None, why=WHY, base=1):
    with database.acting(RESPONDER) as act:
        return withdrawing.withdraw(act, breach.id, base, why, owners)


@pytest.fixture
def notified(sample):
    breach = recorded(sample)
    touched(sample, breach)
    told(sample, breach)
    return breach


def test_who_was_told_in_error_is_told_so_with_the_reason(sample, notified):
    left(sample)
    owner = rows(sample, Affected)[0].controller_id
    assert withdrawn(sample, notified, [owner]) == (1, 0)
    (notice,) = rows(sample, Notice, Notice.kind == NoticeKind.BREACH_ERROR)
    assert (notice.told["reason"], notice.recipient) == (WHY, f"controller:{owner}")
    own = [each for each in rows(sample, Affected) if each.controller_id == owner]
    assert {each.removed_reason for each in own} == {WHY}
    assert all(each.informed_at for each in own)  # that it was told stays on record
    others = [each for each in rows(sample, Affected) if each.controller_id != owner]
    assert not any(each.removed_at for each in others)
    (entry,) = entries(sample, "breach.withdrawn")
    assert '"stopped":0' in entry.facts


def test_nothing_is_withdrawn_that_never_left(sample, notified):
    count = len({each.controller_id for each in rows(sample, Affected)})
    assert withdrawn(sample, notified) == (0, count)
    assert {each.state for each in rows(sample, Dispatch)} == {DispatchState.CANCELLED}
    assert rows(sample, Notice, Notice.kind == NoticeKind.BREACH_ERROR) == []


def test_it_needs_a_reason_and_somebody_to_tell(sample, notified):
    left(sample)
    with pytest.raises(Invalid) as refused:
        withdrawn(sample, notified, why=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Conflict):
        withdrawn(sample, notified, base=0)
    with pytest.raises(Invalid), sample.acting(RESPONDER) as act:
        notifying.notify(act, notified.id, Step.ERROR, 1)
    withdrawn(sample, notified)
    with pytest.raises(Invalid):
        withdrawn(sample, notified)


def test_a_suspicion_that_proved_false_is_withdrawn_after_it_was_closed(sample, notified):
    left(sample)
    with sample.acting(RESPONDER) as act:
        operations.close(act, notified.id, Phase.FALSE, "Test de charge")
    done = withdrawn(sample, notified)
    assert done.notices == len({each.controller_id for each in rows(sample, Affected)})


def test_who_is_affected_after_all_is_told_anew_and_its_clock_runs(sample, notified, clock):
    left(sample)
    withdrawn(sample, notified)
    clock.forward(hours=1)
    touched(sample, notified)
    assert {each.informed_at for each in rows(sample, Affected)} == {None}
    count = told(sample, notified)
    assert count == len({each.controller_id for each in rows(sample, Affected)})
    left(sample)
    assert {each.informed_at for each in rows(sample, Affected)} == {clock()}


def test_the_letter_says_why(sample, notified, tmp_path):
    drained(sample, Post())
    owner = next(each for each in rows(sample, Notice) if each.language == "fr")
    withdrawn(sample, notified, [each.controller_id for each in rows(sample, Affected)])
    drained(sample, Post())
    with sample.reading() as session:
        notice = next(
            each
            for each in rows(sample, Notice, Notice.kind == NoticeKind.BREACH_ERROR)
            if each.recipient == owner.recipient
        )
        paper = sample.files.get(session, session.get_one(Annex, notice.annex_id).paper_sha256)
    said = " ".join(" ".join(words(paper, tmp_path / "paper.pdf")).split())
    assert "n'était pas concerné" in said.replace("’", "'")


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def test_the_page_asks_whom_and_why(site):
    database = site.house.database
    breach = recorded(database)
    touched(database, breach)
    responder = site.signed_in(Role.RESPONDER)
    address = f"/breaches/{breach.code}/withdraw"
    assert "there is nothing to withdraw" in responder.get(address).text
    told(database, breach)
    left(database)
    owner = rows(database, Affected)[0].controller_id
    typed = MultiDict(form_of(responder, address) | {"reason": WHY, "confirmed": "y"})
    nobody = responder.post(address, data=typed)
    assert nobody.status_code == 422
    assert "Choose at least one controller." in nobody.text
    typed.add("controllers", str(owner))
    assert responder.post(address, data=typed).status_code == 302
    assert len(rows(database, Notice, Notice.kind == NoticeKind.BREACH_ERROR)) == 1
    assert responder.get(f"/breaches/{breach.code}/notify?step=error").status_code == 302
