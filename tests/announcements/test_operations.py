"""Announcing, receipt, windows, objections, engaging: on both databases, with fictional parties."""

from datetime import UTC, date, datetime

import msgspec
import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.announcements import cases, drafting, engaging, objections, operations, rules, sweeps
from registers.announcements.models import Announcement, Case, Change, Objection, Window
from registers.announcements.objections import Said
from registers.announcements.vocabulary import Outcome, Phase, State
from registers.controllers import operations as parties
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Channel, Effect
from registers.kernel import history
from registers.kernel.errors import Conflict, Forbidden, Invalid
from registers.kernel.history import How
from registers.kernel.outbox import Outbox
from registers.notices import operations as notices
from registers.notices import post, receipts
from registers.notices.models import Dispatch, Matter, Notice, Receipt
from registers.notices.operations import Result
from registers.notices.post import Slip
from registers.notices.receipts import Proof
from registers.notices.vocabulary import DispatchState, Evidence, NoticeKind, PostalEvent
from registers.people.roles import WORKER
from registers.subprocessors.facts import State as Standing
from registers.subprocessors.models import Subprocessor
from tests.announcements.telling import (
    ANNOUNCED_ON,
    ANNOUNCER,
    COLLEAGUE,
    INTENDED,
    NEWCOMER,
    announced,
    drafted,
    matters,
    plan,
    rows,
)
from tests.registers import entries

RECEIVED_ON = date(2026, 4, 1)


def states(database, day):
    """Where each controller stands on a day."""
    by_matter = {matter.id: code for code, matter in matters(database).items()}
    return {
        by_matter[row.matter_id]: rules.standing(cases.known_of(row), day).state
        for row in rows(database, Case)
        if row.matter_id in by_matter
    }


def sent(database, clock):
    """All messages left, on the day of the announcement."""
    with database.acting(ANNOUNCER) as act:
        ways = rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
        notices.record_results(act, [Result(way.id, True, "250 OK") for way in ways])


def received(database, clock, *codes, evidence=Evidence.SIGNED, on=RECEIVED_ON, by=COLLEAGUE):
    clock.at = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    known = matters(database)
    ids = [known[code].id for code in codes] or [each.id for each in rows(database, Matter)]
    with database.acting(by) as act:
        receipts.receive(act, ids, Proof(evidence, on, "Vu."))


def test_each_recipient_gets_one_notice_with_a_matter_for_each_contract(sample, clock):
    head = announced(sample, clock)
    made = rows(sample, Notice)
    assert len(made) == len({each.recipient for each in made}) == len(plan(sample).addressees)
    assert {each.number for each in made} == {
        f"NT-2026-{number:04d}" for number in range(1, len(made) + 1)
    }
    contracts = {each.contract_id for each in rows(sample, Matter)}
    assert contracts == {told.contract_id for told in plan(sample).contracts}
    assert len(rows(sample, Case)) == len(contracts)
    assert len(rows(sample, Outbox)) == len(made)
    (entry,) = entries(sample, "announcement.announced")
    assert entry.about == f"announcement:{head.id}"
    assert set(states(sample, ANNOUNCED_ON).values()) <= {State.AWAITING_DISPATCH}


def test_announcing_twice_changes_nothing(sample, clock):
    head = announced(sample, clock)
    before = len(entries(sample))
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 1, len(rows(sample, Notice)), ANNOUNCED_ON)
    assert len(entries(sample)) == before


def test_it_is_confirmed_by_the_number_of_recipients_and_says_what_the_contract_asks(sample, clock):
    head = drafted(sample, clock, newcomer=replace(NEWCOMER, contract_starts_on=None))
    with pytest.raises(Invalid, match="dates of the sub-processing contract"):
        with sample.acting(ANNOUNCER) as act:
            operations.announce(act, head.id, 1, 7, ANNOUNCED_ON)
    undecided = replace(INTENDED, decided_by="")
    assert "Art. 38(6)" in str(plan(sample, undecided).lacking[0].what)
    assert rows(sample, Notice) == []


def test_a_wrong_number_announces_nothing(sample, clock):
    head = drafted(sample, clock)
    with pytest.raises(Invalid) as refused, sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 1, 1, ANNOUNCED_ON)
    assert refused.value.field == "typed"
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 7, len(plan(sample).addressees), ANNOUNCED_ON)
    assert rows(sample, Notice) == []


LAST_DAYS = {
    "FR": date(2026, 5, 19),
    "FR-67": date(2026, 5, 20),
    "BE": date(2026, 5, 18),
    "LU": date(2026, 5, 18),
    "DE-BY": date(2026, 5, 19),
}


def test_each_window_is_counted_on_its_own_calendar(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    calendars = {each.id: each.calendar for each in rows(sample, Matter)}
    ends = {}
    for window in rows(sample, Window):
        ends.setdefault(calendars[window.matter_id], set()).add(window.closes_on)
    found = {key: value for key, value in ends.items() if key in LAST_DAYS}
    assert {"FR", "BE", "LU", "DE-BY"} <= set(found)
    for key, days in found.items():
        assert days <= {LAST_DAYS[key]} or key == "FR"
    explained = rows(sample, Window)[0].count
    assert all(explained[key] for key in ("rule", "data", "skipped"))
    assert set(explained["rule"]) == {"fr", "en"}


def test_weak_evidence_opens_a_window_that_does_not_lapse(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    received(sample, clock, code, evidence=Evidence.REPLY)
    assert states(sample, date(2026, 12, 1))[code] is State.PROVISIONAL
    received(sample, clock, code, on=date(2026, 4, 2))
    assert states(sample, date(2026, 5, 1))[code] is State.OPEN
    assert states(sample, date(2026, 12, 1))[code] is State.MAY_START


def test_later_evidence_never_shortens_what_was_told(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    received(sample, clock, code, evidence=Evidence.REPLY, on=date(2026, 4, 2))
    (told,) = rows(sample, Window)
    received(sample, clock, code, on=date(2026, 3, 31))
    last = max(rows(sample, Window), key=lambda each: each.count["grade"] == "strong")
    assert (last.received_on, last.closes_on) == (date(2026, 3, 31), told.closes_on)
    assert last.count["told_later"]


def test_whoever_announced_does_not_prove_receipt_alone(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    received(sample, clock, code, by=ANNOUNCER)
    assert states(sample, date(2026, 12, 1))[code] is State.PROVISIONAL
    (receipt,) = rows(sample, Receipt)
    with pytest.raises(Forbidden), sample.acting(ANNOUNCER) as act:
        receipts.confirm(act, receipt.id, "Vu")
    with sample.acting(COLLEAGUE) as act:
        receipts.confirm(act, receipt.id, "Accusé signé contrôlé")
    assert states(sample, date(2026, 12, 1))[code] is State.MAY_START
    with pytest.raises(Conflict), sample.acting(COLLEAGUE) as act:
        receipts.confirm(act, receipt.id, "")


def test_a_decision_is_taken_by_two_and_cites_its_clause(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    clock.at = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    matter = matters(sample)[code].id
    with pytest.raises(Invalid), sample.acting(COLLEAGUE) as act:
        receipts.receive(act, [matter], Proof(Evidence.DECISION, RECEIVED_ON))
    received(sample, clock, code, evidence=Evidence.DECISION)
    assert states(sample, date(2026, 12, 1))[code] is State.PROVISIONAL
    (receipt,) = rows(sample, Receipt)
    with sample.acting(ANNOUNCER) as act:
        receipts.confirm(act, receipt.id, "D’accord : pli non réclamé, CCAG-TIC art. 3.1")
    assert states(sample, date(2026, 12, 1))[code] is State.MAY_START


def test_a_correction_keeps_the_former_record(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    received(sample, clock, code)
    (former,) = rows(sample, Receipt)
    with pytest.raises(Invalid), sample.acting(COLLEAGUE) as act:
        receipts.correct(act, former.id, Proof(Evidence.SIGNED, date(2026, 4, 2)))
    with sample.acting(COLLEAGUE) as act:
        receipts.correct(act, former.id, Proof(Evidence.SIGNED, date(2026, 4, 2), "Date mal lue"))
    with pytest.raises(Conflict), sample.acting(COLLEAGUE) as act:
        receipts.correct(act, former.id, Proof(Evidence.SIGNED, RECEIVED_ON, "Encore"))
    first, second = sorted(rows(sample, Window), key=lambda each: each.received_on)
    assert second.closes_on > first.closes_on


def test_a_receipt_has_a_possible_day(sample, clock):
    announced(sample, clock)
    for day in (date(2026, 3, 29), date(2026, 4, 3)):
        with pytest.raises(Invalid):
            received(sample, clock, evidence=Evidence.SIGNED, on=day)


def objected(database, clock, code, by=COLLEAGUE, on=date(2026, 4, 10), **more):
    clock.at = datetime(2026, on.month, on.day, 9, 0, tzinfo=UTC)
    with database.acting(by) as act:
        said = Said(on, "Odile Chabrol", "maire", **more)
        return objections.object_to(act, matters(database)[code].id, said)


def test_an_objection_holds_until_it_is_withdrawn_in_writing(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    code, other = sorted(matters(sample))[:2]
    objection = objected(sample, clock, code)
    after = date(2026, 12, 1)
    assert states(sample, after)[code] is State.HELD
    assert states(sample, after)[other] is State.MAY_START
    day = date(2026, 4, 10)
    with sample.acting(COLLEAGUE) as act:
        objections.follow_up(
            act, objection.id, Outcome.ACCOMMODATED, happened_on=day, says="Autre site proposé."
        )
    assert states(sample, after)[code] is State.HELD
    with pytest.raises(Invalid, match="in writing"), sample.acting(COLLEAGUE) as act:
        objections.follow_up(act, objection.id, Outcome.WITHDRAWN, happened_on=day, says="Levée")
    with sample.acting(COLLEAGUE) as act:
        objections.follow_up(
            act,
            objection.id,
            Outcome.WITHDRAWN,
            happened_on=day,
            says="Levée",
            content=b"%PDF-1.7 lettre",
        )
    assert states(sample, after)[code] is State.MAY_START


def test_a_late_objection_is_kept_and_holds_nothing(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    code = min(matters(sample))
    objected(sample, clock, code, on=date(2026, 6, 10))
    assert states(sample, date(2026, 6, 11))[code] is State.MAY_START
    (entry,) = entries(sample, "objection.received")
    assert msgspec.json.decode(entry.facts)["in_time"] is False
    posted = objected(sample, clock, code, on=date(2026, 6, 11), posted_on=date(2026, 5, 12))
    assert posted.posted_on
    assert states(sample, date(2026, 6, 12))[code] is State.HELD
    assert len(rows(sample, Objection)) == 2


def test_engaging_is_refused_while_somebody_holds_it_and_names_who(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    code = min(matters(sample))
    objected(sample, clock, code)
    (change,) = rows(sample, Change)
    day = date(2026, 6, 1)
    clock.at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    how = How(day, "Délais échus")
    with pytest.raises(engaging.Held) as held, sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change.id, None, day, how)
    asked = [row for row in rows(sample, Case) if row.effect is Effect.AGREEMENT]
    assert len(held.value.holders) == 1 + len(asked)
    waiting = {row.matter_id for row in asked} | {matters(sample)[code].id}
    free = [each.id for each in rows(sample, Matter) if each.id not in waiting]
    with sample.acting(ANNOUNCER) as act:
        assert engaging.engage(act, change.id, free, day, how) == len(free)
    assert states(sample, day)[code] is State.HELD
    stand = [rules.standing(cases.known_of(row), day).state for row in rows(sample, Case)]
    assert stand.count(State.ENGAGED) == len(free)
    with sample.reading() as session:
        head = session.scalar(sa.select(Subprocessor).where(Subprocessor.code == "BOREALE"))
        assert history.latest(session, head).state is Standing.ENGAGED
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change.id, free, day, how)


def test_before_the_last_window_nothing_starts_for_that_controller(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    (change,) = rows(sample, Change)
    how = How(date(2026, 5, 20), "Trop tôt")
    with pytest.raises(engaging.Held), sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change.id, None, date(2026, 5, 20), how)


def test_an_indivisible_change_starts_for_all_or_not_at_all(sample, clock):
    announced(sample, clock, divisible=False)
    sent(sample, clock)
    received(sample, clock)
    (change,) = rows(sample, Change)
    one = [next(iter(matters(sample).values())).id]
    day = date(2026, 7, 1)
    with pytest.raises(Invalid, match="at once"), sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change.id, one, day, How(day, "Essai"))


def test_what_started_too_early_is_recorded_and_told(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    (change,) = rows(sample, Change)
    code = min(matters(sample))
    clock.at = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
    today = date(2026, 4, 3)
    chosen = [matters(sample)[code].id]
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        engaging.record_irregular(act, change.id, chosen, started_on=today, reason=" ", day=today)
    with sample.acting(ANNOUNCER) as act:
        told = engaging.record_irregular(
            act, change.id, chosen, started_on=today, reason="Panne de l’hébergeur", day=today
        )
    assert told == 1
    assert states(sample, today)[code] is State.IRREGULAR
    assert len(rows(sample, Notice, Notice.kind == NoticeKind.ENGAGEMENT)) == 1


def test_an_early_approval_lets_it_start(sample, clock):
    announced(sample, clock, urgent=True)
    sent(sample, clock)
    code = min(matters(sample))
    (change,) = rows(sample, Change)
    clock.at = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
    matter = matters(sample)[code].id
    with sample.acting(COLLEAGUE) as act:
        engaging.agree(
            act, matter, change.id, agreed_on=date(2026, 4, 3), note="Le maire, par écrit"
        )
    assert states(sample, date(2026, 4, 3))[code] is State.MAY_START


def test_a_notice_sent_in_error_is_withdrawn_by_another(sample, clock):
    head = announced(sample, clock)
    before = len(rows(sample, Notice))
    ways = rows(sample, Dispatch, Dispatch.channel == Channel.EMAIL)
    with sample.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(ways[0].id, True, "250 OK")])
    with sample.acting(ANNOUNCER) as act:
        assert operations.withdraw(act, head.id, "Mauvais prestataire", ANNOUNCED_ON) == 1
    assert len(rows(sample, Notice)) == before + 1
    assert set(states(sample, ANNOUNCED_ON).values()) == {State.OVER}
    cancelled = rows(sample, Dispatch, Dispatch.state == DispatchState.CANCELLED)
    assert len(cancelled) == len(rows(sample, Dispatch)) - 1 - len(
        [way for way in rows(sample, Dispatch) if way.state is DispatchState.TO_DO]
    )
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.withdraw(act, head.id, "Encore", ANNOUNCED_ON)


def test_a_correction_is_announced_anew_and_the_old_one_is_kept(sample, clock):
    head = announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    windows = len(rows(sample, Window))
    anew = replace(INTENDED, title="Corrigé")
    day = date(2026, 4, 2)
    with sample.acting(ANNOUNCER) as act:
        second = drafting.draft(act, anew, How(day, "Erreur"), head.id)
    count = len(plan(sample, anew, day).addressees)
    with sample.acting(ANNOUNCER) as act:
        operations.announce(act, second.id, 1, count, day)
    (former,) = rows(sample, Announcement, Announcement.id == head.id)
    assert former.phase is Phase.REVISED
    assert len(rows(sample, Window)) == windows
    assert len(rows(sample, Notice)) == 2 * count


def test_contracts_signed_since_are_caught(sample, clock):
    head = announced(sample, clock)
    (first,) = [
        each for each in rows(sample, Contract) if each.id == rows(sample, Matter)[0].contract_id
    ]
    with sample.acting(ANNOUNCER) as act:
        known = history.latest(act.session, act.session.get_one(Contract, first.id))
        late = replace(known, reference="NOUVEAU-1", ended_on=None)
        parties.record_contract(act, late, How(ANNOUNCED_ON, "Nouveau contrat"))
    clock.at = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
    before = len(rows(sample, Notice))
    for _ in range(3):
        sweeps.look(sample, WORKER, "Europe/Paris")
    assert len(rows(sample, Notice)) == before + 1
    (entry,) = entries(sample, "announcement.caught")
    assert entry.about == f"announcement:{head.id}"
    assert {each.author for each in rows(sample, Notice)} == {ANNOUNCER.reference}


def test_a_contract_that_ended_holds_nothing_any_more(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    code = min(matters(sample))
    contract_id = matters(sample)[code].contract_id
    with sample.acting(ANNOUNCER) as act:
        head = act.session.get_one(Contract, contract_id)
        known = replace(history.latest(act.session, head), ended_on=date(2026, 4, 2))
        parties.change_contract(
            act, contract_id, known, head.latest, How(date(2026, 4, 2), "Résilié")
        )
    clock.at = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
    sweeps.look(sample, WORKER, "Europe/Paris")
    assert states(sample, date(2026, 4, 3))[code] is State.CONTRACT_ENDED


def test_a_letter_is_followed_to_its_hand_over(sample, clock):
    announced(sample, clock)
    letters = rows(sample, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)
    letter = letters[0]
    clock.at = datetime(2026, 4, 4, 9, 0, tzinfo=UTC)
    with sample.acting(COLLEAGUE) as act:
        post.follow_post(
            act, letter.id, Slip(PostalEvent.DEPOSITED, date(2026, 3, 31), "2C 001 002 0031 7")
        )
    (matter, *_) = rows(sample, Matter, Matter.controller_id == letter.controller_id)
    assert matter.sent_on == date(2026, 3, 31)
    assert matter.informed_at is None
    with sample.acting(COLLEAGUE) as act:
        slip = Slip(PostalEvent.HANDED_OVER, date(2026, 4, 2), content=b"avis")
        post.follow_post(act, letter.id, slip)
    (receipt, *_) = rows(sample, Receipt)
    assert (receipt.evidence, receipt.received_on) == (Evidence.HAND_OVER, date(2026, 4, 2))
    (after,) = rows(sample, Dispatch, Dispatch.id == letter.id)
    assert (after.state, after.number) == (DispatchState.DELIVERED, "2C 001 002 0031 7")


def test_reminders_go_to_those_whose_receipt_is_not_proven(sample, clock):
    head = announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    (matter, *_) = matters(sample).values()
    (receipt,) = rows(sample, Receipt, Receipt.matter_id == matter.id)
    with sample.acting(COLLEAGUE) as act:
        mistaken = Proof(Evidence.PAGE_VIEW, RECEIVED_ON, "La page fut seulement ouverte")
        receipts.correct(act, receipt.id, mistaken)
    with sample.acting(ANNOUNCER) as act:
        assert operations.remind(act, head.id, date(2026, 4, 8)) == 1
    (reminder,) = rows(sample, Notice, Notice.kind == NoticeKind.REMINDER)
    assert reminder.told["former"].startswith("NT-2026-")


def test_specific_authorisation_needs_an_agreement_and_silence_is_none(sample, clock):
    announced(sample, clock)
    sent(sample, clock)
    received(sample, clock)
    asked = [row for row in rows(sample, Case) if row.effect is Effect.AGREEMENT]
    stand = {rules.standing(cases.known_of(row), date(2027, 1, 1)).state for row in asked}
    assert stand == {State.AWAITING_AGREEMENT}
