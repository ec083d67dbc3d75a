"""Updates told, objected to, installed, deferred: on both databases, with fictional parties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from registers.announcements import (
    cases,
    drafting,
    engaging,
    objections,
    operations,
    queries,
    rules,
    sweeps,
)
from registers.announcements.engaging import Held
from registers.announcements.facts import Announcement as Intended
from registers.announcements.models import Announcement, Case, Change, Window
from registers.announcements.objections import Said
from registers.announcements.vocabulary import Outcome, State, Topic
from registers.announcements.writing import Fact
from registers.controllers import operations as parties
from registers.controllers.facts import Span, Terms
from registers.controllers.models import Contract
from registers.kernel import history
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import How
from registers.kernel.periods import Unit
from registers.notices import receipts
from registers.notices.models import Matter, Notice
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence, NoticeKind
from registers.people.roles import WORKER
from registers.subprocessors import queries as subprocessors
from tests.announcements import telling
from tests.announcements.telling import ANNOUNCER, COLLEAGUE, plan, rows
from tests.announcements.versions import (
    AT,
    INTENDED,
    LAST_DAY,
    PLANNED_ON,
    SHEET,
    TOLD_ON,
    UPDATE,
    announced,
    drafted,
    left,
    matters,
)
from tests.registers import entries

DAY = timedelta(days=1)


def states(database, day):
    """Where each controller stands on a day."""
    return {rules.standing(cases.known_of(row), day).state for row in rows(database, Case)}


def change(database):
    (found,) = rows(database, Change)
    return found


def objected(database, clock, on, code="BEAUCHENE", **more):
    """A controller objects on a day."""
    clock.at = datetime.combine(on, AT.time(), UTC)
    with database.acting(COLLEAGUE) as act:
        said = Said(on, "Solange Perrier", "présidente", way="courrier", **more)
        return objections.object_to(act, matters(database)[code].id, said)


def standing(database, code, day):
    matter = matters(database)[code]
    (row,) = rows(database, Case, Case.matter_id == matter.id)
    return rules.standing(cases.known_of(row), day)


def test_one_notice_a_recipient_and_a_window_counted_back_as_soon_as_it_left(sample, clock):
    head = announced(sample, clock)
    assert head.topic is Topic.VERSION
    assert {each.kind for each in rows(sample, Notice)} == {NoticeKind.UPDATE}
    assert states(sample, TOLD_ON) == {State.AWAITING_DISPATCH}
    assert rows(sample, Window) == []
    left(sample)
    windows = rows(sample, Window)
    assert len(windows) == len(rows(sample, Matter)) == len(rows(sample, Case))
    assert {(each.closes_on, each.free_on, each.receipt_id) for each in windows} == {
        (LAST_DAY, PLANNED_ON, None)
    }
    assert {each.count["amount"] for each in windows} == {-7}
    assert states(sample, LAST_DAY) == {State.OPEN}
    assert states(sample, LAST_DAY + DAY) == {State.WAITING}
    assert states(sample, PLANNED_ON) == {State.MAY_START}
    assert len(entries(sample, "announcement.update_announced")) == 1
    assert len(entries(sample, "announcement.window")) == len(windows)


def test_a_receipt_is_kept_and_moves_nothing(sample, clock):
    announced(sample, clock)
    left(sample)
    clock.at = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    with sample.acting(COLLEAGUE) as act:
        proof = Proof(Evidence.SIGNED, date(2026, 11, 17), "Signé.")
        receipts.receive(act, [each.id for each in matters(sample).values()], proof)
    assert {each.closes_on for each in rows(sample, Window)} == {LAST_DAY}
    assert len(rows(sample, Window)) == len(rows(sample, Matter))
    assert states(sample, PLANNED_ON) == {State.MAY_START}
    known = cases.known_of(rows(sample, Case)[0])
    assert known.receipt.received_on == date(2026, 11, 17)


def test_a_plan_too_soon_is_refused_and_says_the_earliest_day(sample, clock):
    head = drafted(sample, clock, planned_on=PLANNED_ON - DAY)
    known = replace(INTENDED, update=replace(UPDATE, planned_on=PLANNED_ON - DAY))
    found = plan(sample, known, TOLD_ON)
    assert found.too_soon == found.contracts
    assert found.earliest_for_all == PLANNED_ON
    count = len(found.addressees)
    with pytest.raises(Invalid, match="18 November 2026"), sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 2, count, TOLD_ON)
    assert rows(sample, Notice) == []


def test_the_terms_of_each_contract_count(sample, clock):
    clock.at = AT
    with sample.acting(ANNOUNCER) as act:
        head = rows(sample, Contract, Contract.ended_on.is_(None))[0]
        known = history.latest(act.session, act.take(Contract, head.id))
        longer = Terms(update_notice=Span(1, Unit.MONTHS))
        altered = replace(known, terms=longer)
        parties.change_contract(
            act, head.id, altered, head.latest, How(head.effective_from, "Avenant")
        )
    found = plan(sample, INTENDED, TOLD_ON)
    assert [told.free_on for told in found.too_soon] == [date(2026, 12, 3)]
    assert found.earliest == PLANNED_ON


def test_the_notice_says_what_the_contract_asks(sample, clock):
    clock.at = AT
    bare = Intended(title="Portail", update=replace(UPDATE, duration="", starts_at=""))
    assert bare.missing() == ["starts_at", "duration", "sheet"]
    lacking = plan(sample, bare, TOLD_ON).lacking
    assert [each.sheet for each in lacking] == [False, False, True]
    with sample.acting(ANNOUNCER) as act:
        head = drafting.draft(act, bare, How(TOLD_ON, "Projet"))
    with pytest.raises(Invalid, match="time of installation"), sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 1, 1, TOLD_ON)


@pytest.mark.parametrize("written", ["21:30", "21h30", "21 h 30", " 21H30 "])
def test_a_time_is_given_as_people_write_it(written):
    known = Intended(title="Portail", update=replace(UPDATE, starts_at=written))
    assert drafting.checked(known).update.starts_at == "21:30"


@pytest.mark.parametrize(
    "wrong",
    [
        {"product": " "},
        {"starts_at": "half past nine"},
        {"starts_at": "25:00"},
        {"published_on": date(2026, 12, 1)},
    ],
)
def test_an_update_that_cannot_be_is_refused(wrong):
    with pytest.raises(Invalid):
        drafting.checked(replace(INTENDED, update=replace(UPDATE, **wrong)))


def test_an_update_is_announced_by_itself():
    with pytest.raises(Invalid, match="by itself"):
        drafting.checked(replace(INTENDED, changes=telling.INTENDED.changes))


def test_a_draft_stays_about_what_it_is_about(sample, clock):
    head = drafted(sample, clock)
    for other in (telling.INTENDED, Intended(title="Rien")):
        with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
            drafting.change(act, head.id, other, 2, How(TOLD_ON, "Projet"))


def test_the_version_sheet_is_a_pdf_of_a_draft(sample, clock):
    head = drafted(sample, clock)
    how = How(TOLD_ON, "Fiche")
    for wrong in (b"", b"\x89PNG\r\n\x1a\n", b"texte"):
        with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
            drafting.attach(act, head.id, 2, how, name="fiche", content=wrong)
    with sample.reading() as session:
        known = history.latest(session, session.get_one(Announcement, head.id))
        assert sample.files.get(session, known.sheet) == SHEET
    with sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 2, len(plan(sample, known, TOLD_ON).addressees), TOLD_ON)
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        drafting.attach(act, head.id, 2, how, name="fiche", content=SHEET)


def test_it_is_installed_on_its_day_and_not_before(sample, clock):
    announced(sample, clock)
    left(sample)
    how = How(PLANNED_ON, "Installation")
    with pytest.raises(Held), sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change(sample).id, None, PLANNED_ON - DAY, how)
    with sample.acting(ANNOUNCER) as act:
        count = engaging.engage(act, change(sample).id, None, PLANNED_ON, how)
    assert count == len(rows(sample, Case))
    assert states(sample, PLANNED_ON) == {State.ENGAGED}
    assert len(entries(sample, "announcement.installed")) == 1
    assert entries(sample, "announcement.engaged") == []


def test_an_objection_in_time_defers_it_for_this_controller(sample, clock):
    announced(sample, clock)
    left(sample)
    objected(sample, clock, LAST_DAY)
    objected(sample, clock, LAST_DAY + DAY, "CA-ANNELAC")
    assert standing(sample, "BEAUCHENE", PLANNED_ON).state is State.HELD
    assert standing(sample, "CA-ANNELAC", PLANNED_ON).state is State.MAY_START
    bound = date(2027, 10, 12)
    assert standing(sample, "BEAUCHENE", bound).state is State.HELD
    assert standing(sample, "BEAUCHENE", bound + DAY).state is State.MAY_START
    marks = [entry.facts for entry in entries(sample, "objection.received")]
    assert ['"in_time":true' in each for each in marks] == [True, False]


def test_a_withdrawn_objection_holds_nothing(sample, clock):
    announced(sample, clock)
    left(sample)
    made = objected(sample, clock, LAST_DAY)
    with sample.acting(COLLEAGUE) as act:
        objections.follow_up(
            act,
            made.id,
            Outcome.WITHDRAWN,
            happened_on=LAST_DAY,
            says="Retrait par courrier.",
            content=b"%PDF-1.7 retrait",
        )
    assert standing(sample, "BEAUCHENE", PLANNED_ON).state is State.MAY_START


def test_told_later_it_waits_longer(sample, clock):
    announced(sample, clock)
    clock.at = AT + timedelta(days=2)
    left(sample)
    assert {(each.closes_on, each.free_on) for each in rows(sample, Window)} == {
        (LAST_DAY + 2 * DAY, PLANNED_ON + 2 * DAY)
    }


def test_what_was_installed_too_early_is_a_fact_and_is_told(sample, clock):
    announced(sample, clock)
    left(sample)
    clock.at = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    with sample.acting(ANNOUNCER) as act:
        told = engaging.record_irregular(
            act,
            change(sample).id,
            None,
            started_on=date(2026, 11, 9),
            reason="Faille corrigée en urgence.",
            day=date(2026, 11, 10),
        )
    assert told == len(rows(sample, Notice, Notice.kind == NoticeKind.UPDATE_EARLY))
    assert states(sample, PLANNED_ON) == {State.IRREGULAR}
    (entry,) = entries(sample, "announcement.installed_early")
    assert "urgence" not in entry.facts


def test_what_was_installed_without_any_notice_is_told_by_a_notice_of_its_own(sample, clock):
    head = drafted(sample, clock, planned_on=TOLD_ON)
    known = replace(INTENDED, update=replace(UPDATE, planned_on=TOLD_ON), sheet="x")
    count = len(plan(sample, known, TOLD_ON).addressees)
    fact = Fact(TOLD_ON - DAY, "Faille corrigée en urgence.")
    for wrong in (Fact(TOLD_ON + DAY, "Plus tard"), Fact(TOLD_ON, " ")):
        with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
            operations.announce(act, head.id, 2, count, TOLD_ON, fact=wrong)
    with sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 2, count, TOLD_ON, fact=fact)
    assert {each.kind for each in rows(sample, Notice)} == {NoticeKind.UPDATE_EARLY}
    left(sample)
    assert states(sample, PLANNED_ON) == {State.IRREGULAR}
    # they may object as if it had been told on its day: until seven days before the fifteenth
    assert {each.closes_on for each in rows(sample, Window)} == {LAST_DAY}
    assert len(entries(sample, "announcement.installed_early")) == 1


def test_only_an_update_is_told_as_a_fact_from_its_draft(sample, clock):
    head = telling.drafted(sample, clock)
    count = len(plan(sample).addressees)
    fact = Fact(telling.ANNOUNCED_ON, "Commencé.")
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 1, count, telling.ANNOUNCED_ON, fact=fact)


def test_withdrawn_it_is_told_and_nothing_is_installed(sample, clock):
    head = announced(sample, clock)
    left(sample)
    with sample.acting(ANNOUNCER) as act:
        count = operations.withdraw(act, head.id, "Version reportée", TOLD_ON)
    assert count == len(rows(sample, Notice, Notice.kind == NoticeKind.UPDATE_WITHDRAWAL)) > 0
    assert states(sample, PLANNED_ON) == {State.OVER}


def test_announced_anew_for_a_later_day_the_former_windows_are_kept(sample, clock):
    former = announced(sample, clock)
    left(sample)
    clock.at = AT + timedelta(days=4)
    on = clock.at.date()
    known = replace(INTENDED, update=replace(UPDATE, planned_on=date(2026, 12, 9)))
    with sample.acting(ANNOUNCER) as act:
        head = drafting.draft(act, known, How(on, "Report"), former.id)
        act.session.flush()
        how = How(on, "Fiche")
        drafting.attach(act, head.id, 1, how, name="fiche.pdf", content=SHEET)
    count = len(plan(sample, known, on).addressees)
    with sample.acting(ANNOUNCER) as act:
        operations.announce(act, head.id, 2, count, on)
    left(sample)
    assert {each.closes_on for each in rows(sample, Window)} == {LAST_DAY, date(2026, 12, 2)}


def test_a_contract_signed_since_is_told_and_counted_from_then(sample, clock):
    announced(sample, clock)
    left(sample)
    before = len(rows(sample, Case))
    clock.at = AT + timedelta(days=5)
    with sample.acting(ANNOUNCER) as act:
        known = rows(sample, Contract)[0]
        agreed = history.latest(act.session, act.take(Contract, known.id))
        again = replace(agreed, reference="2026-99", starts_on=clock.at.date(), ends_on=None)
        parties.record_contract(act, again, How(clock.at.date(), "Nouveau contrat"))
    sweeps.look(sample, WORKER, "Europe/Paris")
    left(sample)
    assert len(rows(sample, Case)) == before + 1
    assert {each.free_on for each in rows(sample, Window)} == {PLANNED_ON, PLANNED_ON + 5 * DAY}


def test_an_update_stands_on_no_list_of_sub_processors(sample, clock):
    with sample.reading() as session:
        before = [each.code for each in subprocessors.everyone(session)]
    announced(sample, clock)
    left(sample)
    with sample.acting(ANNOUNCER) as act:
        engaging.engage(act, change(sample).id, None, PLANNED_ON, How(PLANNED_ON, "Installation"))
    with sample.reading() as session:
        assert [each.code for each in subprocessors.everyone(session)] == before
        assert queries.in_objection(session) == set()
        assert not any(
            queries.concerning(session, each.id, PLANNED_ON)
            for each in subprocessors.everyone(session)
        )
    assert change(sample).subprocessor_id is None
