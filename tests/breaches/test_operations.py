"""Recording, touching, notifying, closing: on both databases, with fictional parties."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.breaches import alarms, finding, notifying, operations
from registers.breaches.facts import Breach
from registers.breaches.finding import Touched
from registers.breaches.models import Affected, Alarm
from registers.breaches.models import Breach as Head
from registers.breaches.vocabulary import Nature, Phase, Step, Threshold
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.instants import Instant
from registers.notices import operations as notices
from registers.notices import post
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import Result
from registers.notices.post import Slip
from registers.notices.vocabulary import NoticeKind, PostalEvent
from tests.announcements.telling import somebody
from tests.registers import entries

RESPONDER = somebody("Nadia")
AWARE = Instant(on=date(2026, 11, 22), at="09:00")
KNOWN = Breach(
    title="Accès non autorisé à un serveur",
    aware=AWARE,
    services=("P1",),
    description="Un compte de maintenance a été utilisé par un tiers.",
    nature=(Nature.CONFIDENTIALITY,),
)


def rows(database, model, *where):
    with database.reading() as session:
        return list(session.scalars(sa.select(model).where(*where)))


def recorded(database, known=KNOWN, **more):
    with database.acting(RESPONDER) as act:
        return operations.record(act, known, **more)


def everybody(database):
    with database.reading() as session:
        query = sa.select(Contract.controller_id, Contract.id).order_by(Contract.sorted)
        return [Touched(row[0], row[1], "P1") for row in session.execute(query)]


def touched(database, breach, found=None, known_at=None):
    with database.acting(RESPONDER) as act:
        return finding.touch(act, breach.id, found or everybody(database), known_at)


def told(database, breach, step=Step.FIRST, base=1):
    with database.acting(RESPONDER) as act:
        return notifying.notify(act, breach.id, step, base)


def left(database, *kinds):
    """All messages that wait leave now."""
    with database.reading() as session:
        query = (
            sa.select(Dispatch.id)
            .join(Notice, Notice.id == Dispatch.notice_id)
            .where(Dispatch.channel == Channel.EMAIL, Dispatch.state == "to_do")
        )
        ids = list(session.scalars(query))
    with database.acting(RESPONDER) as act:
        notices.record_results(act, [Result(key, True, "250 OK") for key in ids])


def test_three_fields_are_enough_at_night(sample):
    breach = recorded(sample, Breach(title="Quelque chose", aware=AWARE, services=("P1",)))
    assert (breach.code, breach.phase) == ("BR-2026-0001", Phase.OPEN)
    assert breach.aware_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    (entry,) = entries(sample, "breach.recorded")
    assert entry.about == f"breach:{breach.id}"


def test_each_contract_has_its_clock_and_one_alarm_rings_for_all_that_end_together(sample):
    breach = recorded(sample)
    count = touched(sample, breach)
    found = rows(sample, Affected)
    assert count == len(found) == len(everybody(sample))
    assert {each.ends_at for each in found} == {datetime(2026, 11, 24, 8, 0, tzinfo=UTC)}
    alarms = rows(sample, Alarm)
    assert {each.threshold for each in alarms} == set(Threshold)
    assert len(alarms) == len(Threshold)
    assert touched(sample, breach) == 0
    assert len(rows(sample, Affected)) == count


def test_who_is_found_later_has_a_clock_of_its_own(sample, clock):
    breach = recorded(sample)
    first, *others = everybody(sample)
    touched(sample, breach, others)
    clock.forward(hours=5)
    touched(sample, breach, [first], clock())
    ends = {each.contract_id: each.ends_at for each in rows(sample, Affected)}
    assert ends[first.contract_id] == clock() + timedelta(hours=48)
    assert len(rows(sample, Alarm)) == 2 * len(Threshold)
    with pytest.raises(Invalid), sample.acting(RESPONDER) as act:
        finding.touch(act, breach.id, [first], clock() + timedelta(minutes=1))


def test_since_when_it_is_known_can_be_corrected_and_the_clock_follows(sample, clock):
    breach = recorded(sample)
    touched(sample, breach)
    clock.forward(hours=5)
    first, *others = rows(sample, Affected)
    known_at = clock() - timedelta(hours=1)
    with pytest.raises(Invalid) as refused, sample.acting(RESPONDER) as act:
        finding.correct_known(act, breach.id, [first.id], known_at, " ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid), sample.acting(RESPONDER) as act:
        to_come = clock() + timedelta(seconds=1)
        finding.correct_known(act, breach.id, [first.id], to_come, "Relu")
    with sample.acting(RESPONDER) as act:
        finding.correct_known(act, breach.id, [first.id], known_at, "Journaux relus")
    ends = {each.id: each.ends_at for each in rows(sample, Affected)}
    assert ends[first.id] == known_at + timedelta(hours=48)
    assert {ends[each.id] for each in others} == {each.ends_at for each in others}
    assert len(rows(sample, Alarm)) == 2 * len(Threshold)
    with sample.acting(RESPONDER) as act:
        finding.correct_known(act, breach.id, [first.id], None, "Non : dès le début")
    assert {each.ends_at for each in rows(sample, Affected)} == {first.ends_at}
    assert len(entries(sample, "breach.known_corrected")) == 2


def test_a_controller_without_contract_is_notified_in_48_hours(sample):
    breach = recorded(sample)
    owner = everybody(sample)[0].controller_id
    touched(sample, breach, [Touched(owner, None, "données encore détenues")])
    (row,) = rows(sample, Affected)
    assert (row.hours, row.channels) == (48, ["email"])
    assert told(sample, breach) == 1
    left(sample)
    (row,) = rows(sample, Affected)
    assert row.informed_at
    assert row.complete_at


def test_the_awareness_can_be_corrected_and_the_clocks_follow(sample):
    breach = recorded(sample)
    touched(sample, breach)
    earlier = replace(KNOWN, aware=replace(AWARE, at="07:30"), aware_reason="Alerte lue plus tôt")
    with sample.acting(RESPONDER) as act:
        assert "aware" in operations.change(act, breach.id, earlier, 1, "Journal relu")
    assert {each.ends_at for each in rows(sample, Affected)} == {
        datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    }
    with sample.reading() as session:
        head = session.get_one(Head, breach.id)
        assert len(history.versions(session, head)) == 2
    with pytest.raises(Conflict), sample.acting(RESPONDER) as act:
        operations.change(act, breach.id, KNOWN, 1, "Autre répondant")


def test_each_controller_has_a_notice_of_its_own_with_its_own_numbers(sample):
    breach = recorded(sample)
    touched(sample, breach)
    found = rows(sample, Affected)
    with sample.acting(RESPONDER) as act:
        numbers = {each.id: (place, 10 * place) for place, each in enumerate(found, 1)}
        finding.count_persons(act, breach.id, numbers)
    owners = {each.controller_id for each in found}
    assert told(sample, breach) == len(owners)
    for notice in rows(sample, Notice):
        (owner,) = {
            each.controller_id for each in rows(sample, Matter, Matter.notice_id == notice.id)
        }
        own = [each for each in rows(sample, Affected) if each.controller_id == owner]
        assert notice.told["persons"] == sum(each.persons for each in own)
        assert "note" not in {key for key, value in notice.told["known"].items() if value}


def test_informed_is_the_first_dispatch_and_complete_is_every_channel(sample, clock):
    breach = recorded(sample)
    touched(sample, breach)
    told(sample, breach)
    clock.forward(minutes=20)
    left(sample)
    found = rows(sample, Affected)
    assert {each.informed_at for each in found} == {clock()}
    by_letter = [each for each in found if "registered_letter" in each.channels]
    assert by_letter
    assert {each.complete_at for each in by_letter} == {None}
    assert all(each.complete_at for each in found if each.channels == ["email"])
    clock.forward(hours=3)
    with sample.acting(RESPONDER) as act:
        for letter in rows(sample, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER):
            slip = Slip(PostalEvent.DEPOSITED, clock().date(), "2C 000")
            post.follow_post(act, letter.id, slip)
    assert all(each.complete_at for each in rows(sample, Affected))


def test_phases_follow_each_other(sample):
    breach = recorded(sample)
    touched(sample, breach)
    with pytest.raises(Invalid), sample.acting(RESPONDER) as act:
        notifying.notify(act, breach.id, Step.MORE, 1)
    count = told(sample, breach)
    with pytest.raises(Invalid):
        told(sample, breach)  # everybody had a first one
    left(sample)
    more = replace(KNOWN, consequences="Hameçonnage possible.")
    with sample.acting(RESPONDER) as act:
        operations.change(act, breach.id, more, 1, "Analyse")
    with pytest.raises(Conflict):
        told(sample, breach, Step.MORE, 1)
    assert told(sample, breach, Step.MORE, 2) == count
    assert len(rows(sample, Notice, Notice.kind == NoticeKind.BREACH_MORE)) == count


def test_nothing_is_notified_before_it_is_known_what_and_since_when(sample):
    bare = recorded(sample, Breach(title="Alerte", services=("P1",)))
    touched(sample, bare)
    assert {each.ends_at for each in rows(sample, Affected)} == {None}
    with pytest.raises(Invalid) as refused:
        told(sample, bare)
    assert refused.value.field == "aware"


def test_it_is_closed_once_everybody_is_informed_or_as_a_false_alarm(sample):
    breach = recorded(sample)
    touched(sample, breach)
    with pytest.raises(Conflict), sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.CLOSED, "Terminé")
    with pytest.raises(Invalid), sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.FALSE, " ")
    with sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.FALSE, "Test de charge mal annoncé")
    (kept,) = rows(sample, Head)
    assert (kept.phase, kept.end_reason) == (Phase.FALSE, "Test de charge mal annoncé")
    with pytest.raises(Conflict):
        touched(sample, breach)


def test_who_is_not_affected_after_all_stays_on_record_with_the_reason(sample):
    breach = recorded(sample)
    touched(sample, breach)
    first, second, *_ = rows(sample, Affected)
    with sample.acting(RESPONDER) as act:
        finding.untouch(act, [first.id], "Aucune donnée sur ce serveur")
    assert len(rows(sample, Affected)) == len(everybody(sample))
    told(sample, breach)
    left(sample)
    with pytest.raises(Conflict), sample.acting(RESPONDER) as act:
        finding.untouch(act, [second.id], "Non")


def test_alarms_are_due_whatever_workers_do(sample, clock):
    breach = recorded(sample)
    count = touched(sample, breach)
    with sample.reading() as session:
        assert alarms.due(session, clock()) == []
        late = alarms.due(session, clock() + timedelta(hours=49))
    assert [each.threshold for each, _, _ in late] == list(Threshold)
    assert {waiting for _, _, waiting in late} == {count}


def test_a_reason_for_lateness_is_told_only_if_legal_staff_say_so(sample):
    breach = recorded(sample)
    touched(sample, breach)
    ids = [each.id for each in rows(sample, Affected)]
    with sample.acting(RESPONDER) as act:
        finding.explain_lateness(act, ids, "Identification tardive", tell=True)
    told(sample, breach)
    assert {each.told["late"] for each in rows(sample, Notice)} == {"Identification tardive"}
