"""What a contact does with a link, on both databases: for its own contracts, and no others."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from registers.announcements import cases, engaging, operations, rules
from registers.announcements.facts import Change as Intended
from registers.announcements.models import Case, Change, Objection, Window
from registers.announcements.vocabulary import ChangeKind, Phase, State
from registers.controllers.vocabulary import Channel, Effect
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.history import How
from registers.notices import links, receipts
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Matter, Notice, PortalLink, Receipt
from registers.notices.operations import Result
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence, NoticeKind
from registers.portal import documents, dossiers, queries, records
from registers.portal import operations as portal
from registers.portal.operations import By
from tests.announcements.telling import (
    ANNOUNCER,
    COLLEAGUE,
    INTENDED,
    announced,
    rows,
)
from tests.portal.hands import contact, linked, notice_of, share_contact, somebody_with
from tests.registers import entries

BY = By("Odile Chabrol", "Maire")
NEXT_DAY = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
PAPER = b"%PDF-1.7 ..."


def link_of(database, code, kind="subprocessors"):
    return linked(database, notice_of(database, code, kind))[0]


def leave(database):
    """Every message leaves."""
    with database.acting(ANNOUNCER) as act:
        ways = rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
        notices.record_results(act, [Result(way.id, True, "250 OK") for way in ways])


@pytest.fixture
def told(sample, clock):
    """A change was announced; three controllers share a point of contact."""
    share_contact(sample, "CA-ANNELAC", "SAINTE-FLORE", "EM-RHINBOURG")
    announced(sample, clock)
    leave(sample)
    clock.at = NEXT_DAY
    return sample


def matters(database, notice_id):
    return rows(database, Matter, Matter.notice_id == notice_id)


def acknowledge(database, link, chosen=None, by=BY):
    with database.acting(contact(link)) as act:
        return portal.acknowledge(act, link.id, chosen, by)


def object_to(database, link, chosen=None, **more):
    with database.acting(contact(link)) as act:
        return portal.object_to(act, link.id, chosen, BY, **more)


def states(database, link, day):
    with database.reading() as session:
        seen = queries.opened(session, link.id, database.now())
        found = queries.rows(session, seen, database.now())
    return {
        row.controller.code: rules.standing(stand.case, day).state
        for row in found
        for stand in row.stands
    }


def test_receipt_is_acknowledged_for_all_contracts_of_the_notice_in_one_act(told):
    link = link_of(told, "CA-ANNELAC")
    acknowledge(told, link)
    own = {matter.id for matter in matters(told, link.notice_id)}
    found = rows(told, Receipt)
    assert len(own) == 3
    assert {row.matter_id for row in found} == own
    assert {(row.evidence, row.by_name, row.by_function, row.author) for row in found} == {
        (Evidence.PORTAL, *BY, f"contact:{link.id}")
    }
    assert {row.matter_id for row in rows(told, Window)} == own
    recorded = entries(told, "notice.received")
    assert len({entry.act for entry in recorded}) == 1
    assert {entry.actor for entry in recorded} == {f"contact:{link.id}"}
    assert all("Odile" not in entry.facts for entry in recorded)
    assert set(states(told, link, date(2026, 4, 2)).values()) == {State.OPEN}


def test_receipt_is_acknowledged_for_chosen_contracts_on_the_local_day(told, clock):
    clock.at = datetime(2026, 4, 1, 21, 30, tzinfo=UTC)  # the 2nd on Réunion
    link = link_of(told, "SAINTE-FLORE")
    zones = {matter.zone: matter.id for matter in matters(told, link.notice_id)}
    acknowledge(told, link, [zones["Indian/Reunion"]])
    (row,) = rows(told, Receipt)
    assert row.received_on == date(2026, 4, 2)
    acknowledge(told, link)
    days = {row.matter_id: row.received_on for row in rows(told, Receipt)}
    assert days[zones["Europe/Paris"]] == date(2026, 4, 1)
    assert len(rows(told, Receipt)) == 3


def test_a_proven_receipt_is_not_acknowledged_again_and_its_window_stays(told, clock):
    link = link_of(told, "BEAUCHENE")
    acknowledge(told, link)
    (window,) = rows(told, Window)
    clock.at += timedelta(days=20)
    with pytest.raises(Conflict, match="No acknowledgement"):
        acknowledge(told, link)
    assert [row.id for row in rows(told, Window)] == [window.id]


def test_weak_evidence_of_staff_is_proven_by_the_contact(told, clock):
    link = link_of(told, "BEAUCHENE")
    (matter,) = matters(told, link.notice_id)
    with told.acting(COLLEAGUE) as act:
        receipts.receive(
            act, [matter.id], Proof(Evidence.SPOKEN, date(2026, 4, 1), "Par téléphone")
        )
    assert set(states(told, link, date(2026, 4, 2)).values()) == {State.PROVISIONAL}
    acknowledge(told, link)
    assert set(states(told, link, date(2026, 4, 2)).values()) == {State.OPEN}


def test_nothing_of_another_notice_is_reached(told):
    link, other = link_of(told, "BEAUCHENE"), link_of(told, "ESCH-RIVIERE")
    (foreign,) = matters(told, other.notice_id)
    (own,) = matters(told, link.notice_id)
    before = len(entries(told))
    for chosen in ([foreign.id], [own.id, foreign.id], [link.id]):
        for do in (portal.acknowledge, portal.object_to, portal.agree):
            with pytest.raises(NotFound), told.acting(contact(link)) as act:
                do(act, link.id, chosen, BY)
    for do in (portal.acknowledge, portal.object_to, portal.agree):
        with pytest.raises(NotFound), told.acting(contact(link)) as act:
            do(act, other.id, None, BY)  # the link of somebody else
        with pytest.raises(Forbidden), told.acting(somebody_with()) as act:
            do(act, link.id, None, BY)
    with told.reading() as session:
        seen = queries.opened(session, link.id, told.now())
        with pytest.raises(NotFound):
            dossiers.dossier(session, seen, foreign.id, told.now())
    assert len(entries(told)) == before
    assert rows(told, Receipt) == rows(told, Objection) == []


def test_whoever_answers_says_who_and_for_what(told):
    link = link_of(told, "CA-ANNELAC")
    for by, chosen, field in (
        (By(" ", "Maire"), None, "by_name"),
        (By("Odile", ""), None, "by_function"),
        (BY, [], "matters"),
    ):
        with pytest.raises(Invalid) as refused:
            acknowledge(told, link, chosen, by)
        assert refused.value.field == field
    with pytest.raises(Invalid) as refused:
        object_to(told, link, changes=[])
    assert refused.value.field == "changes"


def test_a_link_that_is_over_does_nothing(told, clock):
    link = link_of(told, "BEAUCHENE")
    with told.acting(COLLEAGUE) as act:
        links.revoke(act, link.id)
    with pytest.raises(NotFound):
        acknowledge(told, link)


def test_an_objection_holds_the_change_for_the_contracts_it_is_made_for(told):
    link = link_of(told, "CA-ANNELAC")
    acknowledge(told, link)
    own = matters(told, link.notice_id)
    chosen = own[0]
    (made,) = object_to(told, link, [chosen.id], grounds="Non.", content=PAPER)
    (row,) = rows(told, Objection)
    assert (row.id, row.way, row.by_name, row.grounds) == (made.id, "portal", BY.name, "Non.")
    assert row.received_on == date(2026, 4, 1)
    assert row.change_id is None
    with told.reading() as session:
        assert told.files.get(session, row.proof_sha256) == PAPER
    found = [
        rules.standing(cases.known_of(each), date(2026, 6, 1)).state
        for each in rows(told, Case, Case.matter_id == chosen.id)
    ]
    assert found == [State.HELD]
    assert sorted(states(told, link, date(2026, 6, 1)).values(), key=str) == [
        State.HELD,
        State.MAY_START,
        State.MAY_START,
    ]


def test_an_objection_that_comes_late_is_kept_and_said_to_be_late(told, clock):
    link = link_of(told, "BEAUCHENE")
    acknowledge(told, link)
    (window,) = rows(told, Window)
    clock.at = datetime.combine(window.closes_on, NEXT_DAY.timetz())
    object_to(told, link)
    clock.at += timedelta(days=1)
    object_to(told, link)
    with told.reading() as session:
        seen = queries.opened(session, link.id, told.now())
        late, soon, receipt = records.recorded(session, seen)
        (matter,) = matters(told, link.notice_id)
        found = dossiers.dossier(session, seen, matter.id, told.now())
    assert (late.what, late.late, soon.late, receipt.what) == ("objection", 1, 0, "receipt")
    assert [said.late for said in found.objections] == [False, True]
    assert [last.ends for last in receipt.ends] == [window.closes_on]


def test_only_what_can_be_objected_to_is_objected_to(sample, clock):
    both = (
        *INTENDED.changes,
        Intended(code="SCALEWAY", kind=ChangeKind.REMOVAL, planned_on=date(2026, 6, 1)),
    )
    announced(sample, clock, changes=both)
    leave(sample)
    clock.at = NEXT_DAY
    link = link_of(sample, "BEAUCHENE")
    removal, addition = sorted(rows(sample, Change), key=lambda row: row.kind.value, reverse=True)
    with pytest.raises(Conflict):
        object_to(sample, link, changes=[removal.id])
    object_to(sample, link)
    (row,) = rows(sample, Objection)
    assert row.change_id == addition.id
    with pytest.raises(NotFound):
        object_to(sample, link, changes=[addition.id, link.id])


def test_an_agreement_is_given_where_one_is_asked_for(told):
    link = link_of(told, "VILLE-MONTVAL")
    with told.acting(contact(link)) as act:
        (agreed,) = portal.agree(act, link.id, None, BY)
    assert agreed.contract.reference == "MTV-2025-07"
    found = {
        case.effect: cases.known_of(case)
        for case in rows(
            told, Case, Case.matter_id.in_([m.id for m in matters(told, link.notice_id)])
        )
    }
    assert found[Effect.AGREEMENT].agreed_on == date(2026, 4, 1)
    assert found[Effect.WINDOW].agreed_on is None
    (entry,) = entries(told, "announcement.agreed")
    assert entry.actor == f"contact:{link.id}"
    with pytest.raises(Conflict), told.acting(contact(link)) as act:
        portal.agree(act, link.id, None, BY)
    with told.reading() as session:
        (done,) = records.recorded(session, queries.opened(session, link.id, told.now()))
    assert (done.what, done.name, done.function, done.contracts) == ("agreement", *BY, 1)


def test_an_agreement_is_of_the_local_day(told, clock):
    clock.at = datetime(2026, 4, 1, 21, 30, tzinfo=UTC)
    link = link_of(told, "SAINTE-FLORE")
    (matter,) = [each for each in matters(told, link.notice_id) if each.zone == "Indian/Reunion"]
    with told.acting(COLLEAGUE) as act:
        engaging.agree(
            act, matter.id, None, agreed_on=date(2026, 4, 2), note="Courrier de la maire"
        )
    with pytest.raises(Invalid), told.acting(COLLEAGUE) as act:
        engaging.agree(act, matter.id, None, agreed_on=date(2026, 4, 3), note="Courrier")
    with pytest.raises(Forbidden), told.acting(contact(link)) as act:
        engaging.agree(act, matter.id, None, agreed_on=date(2026, 4, 2), note="Courrier")


def test_the_link_of_a_reminder_acknowledges_the_notice_that_it_reminds_of(told, clock):
    head = rows(told, Notice, Notice.kind == NoticeKind.SUBPROCESSORS)[0].told["announcement"]
    first = link_of(told, "CA-ANNELAC")
    own = sorted(matters(told, first.notice_id), key=lambda each: each.calendar != "FR-67")
    acknowledge(told, first, [own[0].id])
    clock.at += timedelta(days=7)
    with told.acting(ANNOUNCER) as act:
        operations.remind(act, rows(told, Change)[0].announcement_id, date(2026, 4, 8))
    reminder = notice_of(told, "SAINTE-FLORE", "reminder")
    assert reminder.told["announcement"] == head
    link, _ = linked(told, reminder, until=clock() + timedelta(days=1))
    with told.reading() as session:
        seen = queries.opened(session, link.id, told.now())
        assert seen.about.id == first.notice_id
        reached = {row.matter.id for row in queries.rows(session, seen, told.now())}
    assert reached == {matter.id for matter in own[1:]}
    with pytest.raises(NotFound):
        acknowledge(told, link, [own[0].id])
    made = acknowledge(told, link)
    assert {row.matter_id for row in made} == reached
    assert {row.matter_id for row in rows(told, Window)} == {matter.id for matter in own}
    assert not rows(
        told, Receipt, Receipt.matter_id.in_([m.id for m in matters(told, reminder.id)])
    )
    (kept,) = rows(told, PortalLink, PortalLink.id == link.id)
    last = max(row.closes_on for row in rows(told, Window))
    assert kept.expires_at.date() > last + links.GRACE
    with told.reading() as session:
        (done,) = records.recorded(session, queries.opened(session, link.id, told.now()))
    assert done.contracts == 2


def test_a_withdrawal_opens_and_its_own_receipt_is_acknowledged(told, clock):
    first = link_of(told, "BEAUCHENE")
    with told.acting(ANNOUNCER) as act:
        operations.withdraw(act, rows(told, Change)[0].announcement_id, "Erreur", date(2026, 4, 1))
    link = link_of(told, "BEAUCHENE", "withdrawal")
    for do in (portal.object_to, portal.agree):
        with pytest.raises(Conflict), told.acting(contact(link)) as act:
            do(act, link.id, None, BY)
    with pytest.raises(Conflict):
        acknowledge(told, first)
    acknowledge(told, link)
    (row,) = rows(told, Receipt)
    (matter,) = matters(told, link.notice_id)
    assert row.matter_id == matter.id
    assert rows(told, Window) == []
    with pytest.raises(Conflict):
        acknowledge(told, link)
    with told.reading() as session:
        seen = queries.opened(session, first.id, told.now())
        assert seen.announcement.phase is Phase.WITHDRAWN
        assert queries.overview(session, seen, told.now()).may == (False, False, False)


def test_an_engagement_too_soon_opens_and_can_still_be_objected_to(told):
    change = rows(told, Change)[0]
    with told.acting(ANNOUNCER) as act:
        engaging.record_irregular(
            act,
            change.id,
            None,
            started_on=date(2026, 4, 1),
            reason="Panne du précédent",
            day=date(2026, 4, 1),
        )
    link = link_of(told, "BEAUCHENE", "engagement")
    assert set(states(told, link, date(2026, 4, 1)).values()) == {State.IRREGULAR}
    with told.reading() as session:
        seen = queries.opened(session, link.id, told.now())
        assert (seen.started_on, seen.about.kind) == (date(2026, 4, 1), NoticeKind.SUBPROCESSORS)
    (made,) = object_to(told, link)
    assert made.matter_id not in {matter.id for matter in matters(told, link.notice_id)}


def test_an_overview_counts_contracts_that_stand_alike(told):
    link = link_of(told, "CA-ANNELAC")
    own = matters(told, link.notice_id)
    acknowledge(told, link, [own[0].id])
    with told.reading() as session:
        seen = queries.opened(session, link.id, told.now())
        found = queries.overview(session, seen, told.now())
        preview = queries.if_acknowledged(session, seen, told.now())
    (counts,) = found.standing.values()
    assert [(count.standing.state, count.contracts) for count in counts] == [
        (State.AWAITING_RECEIPT, 2),
        (State.OPEN, 1),
    ]
    assert (found.contracts, found.controllers, len(found.names)) == (3, 3, 3)
    assert sum(each.contracts for each in preview) == 2
    assert found.may == (True, True, False)


def test_past_notices_are_those_of_the_same_controllers(told, clock):
    link = link_of(told, "BEAUCHENE")
    with told.acting(ANNOUNCER) as act:
        operations.remind(act, rows(told, Change)[0].announcement_id, date(2026, 4, 1))
    leave(told)
    with told.reading() as session:
        found = records.past(session, queries.opened(session, link.id, told.now()))
    mine = {notice_of(told, "BEAUCHENE", kind).number for kind in ("subprocessors", "reminder")}
    assert {each.number for each in found} == mine
    assert [each.present for each in found if each.kind is NoticeKind.SUBPROCESSORS] == [True]
    assert {each.contracts for each in found} == {1}


def test_who_is_not_engaged_under_a_contract_is_not_at_work_there(told, clock):
    link, other = link_of(told, "BEAUCHENE"), link_of(told, "ESCH-RIVIERE")
    for each in (link, other):
        acknowledge(told, each)
    change = rows(told, Change)[0]
    (first,) = matters(told, link.notice_id)
    (second,) = matters(told, other.notice_id)
    day = date(2026, 6, 1)
    clock.at = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    with told.acting(ANNOUNCER) as act:
        engaging.engage(act, change.id, [first.id], day, How(day, "Délai expiré"))
    with told.reading() as session:
        found = queries.not_engaged(session, [first.contract_id, second.contract_id], day)
    assert found == {first.contract_id: set(), second.contract_id: {"BOREALE"}}


@pytest.mark.parametrize(
    ("content", "ok"),
    [
        (b"%PDF-1.4", True),
        (b"\xff\xd8\xff\xe0", True),
        (b"\x89PNG\r\n\x1a\n", True),
        (b"<html>", False),
        (b"", False),
        (b"%PDF-" + b"0" * documents.LARGEST, False),
    ],
)
def test_a_document_is_what_it_begins_with(content, ok):
    if ok:
        assert documents.checked(content) == content
    else:
        with pytest.raises(Invalid):
            documents.checked(content)


def test_the_window_is_explained_day_by_day_as_long_as_the_calendar_is_the_same(told):
    link = link_of(told, "BEAUCHENE")
    acknowledge(told, link)
    (matter,) = matters(told, link.notice_id)
    with told.reading() as session:
        found = dossiers.counted(session, matter)
    assert found.days[-1].day == found.window.closes_on
    assert found.days[-1].number == 30
    changed = {**found.window.count, "counted_to": "2026-05-11"}
    with told.reading() as session:
        (window,) = session.scalars(sa.select(Window))
        window.count = changed
        with session.no_autoflush:
            assert dossiers.counted(session, matter).days == ()
        session.expunge_all()
