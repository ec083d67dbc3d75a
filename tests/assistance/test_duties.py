"""Legal duties outside the instructions, on both databases: who is told, when, and who is not."""

import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest

from registers.assistance import duties, duty_queries
from registers.assistance.duties import Said
from registers.assistance.duty_models import DutyContract, LegalDuty
from registers.assistance.vocabulary import DutyStanding, DutyStep, Origin
from registers.controllers.vocabulary import Channel
from registers.delivery import controller_pack
from registers.kernel import audit
from registers.kernel.audit import Entry, EntryValues
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.outbox import Outbox
from registers.kernel.pages import FIRST
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import MAY, Permission, Role
from tests.annexes.papers import KEY
from tests.announcements.telling import rows
from tests.assistance.duty_hands import (
    DPO,
    LEGAL,
    SECRET,
    TODAY,
    TRANSFER,
    begun,
    lifted,
    recorded,
)
from tests.assistance.hands import contested, contract_of, controller_of, given
from tests.delivery.hands import Post, drained, tools
from tests.registers import entries

START = datetime(2026, 12, 1, 9, tzinfo=UTC)


def seen(database, row, secret=True):
    with database.reading() as session:
        return duty_queries.duty(session, row.code, secret=secret)


def listed(database, secret, search=""):
    with database.reading() as session:
        page = duty_queries.duties_listed(session, search, False, FIRST, secret=secret)
        return [each.row.code for each in page.rows]


def test_recording_tells_each_controller_in_the_same_act(sample):
    row = recorded(sample, codes=("BEAUCHENE", "SAINTE-FLORE"), who=LEGAL)
    assert row.code == "LD-2026-0001"
    notices = rows(sample, Notice)
    assert {each.kind for each in notices} == {NoticeKind.LEGAL_DUTY}
    assert {each.recipient for each in notices} == {
        f"controller:{controller_of(sample, code).id}" for code in ("BEAUCHENE", "SAINTE-FLORE")
    }
    assert {each.contract_id for each in rows(sample, Matter)} == {
        each.contract_id for each in rows(sample, DutyContract)
    }
    assert len(rows(sample, Outbox)) == 2
    found = entries(sample, "duty.recorded", "duty.told", "notice.written")
    assert len(found) == 5
    assert len({each.act for each in found}) == 1
    told = entries(sample, "duty.told")
    assert {each.within for each in told} == {each.recipient for each in notices}
    assert all(TRANSFER.provision not in each.facts for each in rows(sample, Entry))
    given = seen(sample, row, secret=False)
    assert (given.standing, given.informed, given.late) == (DutyStanding.TOLD, 0, 0)
    assert [each.step for each in given.steps] == [DutyStep.TOLD]


def test_contracts_of_one_controller_stand_in_one_notice(sample):
    owner = controller_of(sample, "CA-ANNELAC")
    with sample.reading() as session:
        told = duty_queries.concerning(session, ["ca-annelac"], (), TODAY)
    with sample.acting(DPO) as act:
        duties.record(act, TRANSFER, told[owner.id], TODAY)
    (notice,) = rows(sample, Notice)
    assert len(rows(sample, Matter, Matter.notice_id == notice.id)) == len(told[owner.id])


def test_it_goes_by_post_where_the_contract_wants_that(sample):
    recorded(sample, codes=("SAINTE-FLORE",))
    channels = {each.channel for each in rows(sample, Dispatch)}
    assert channels & {Channel.EMAIL, Channel.REGISTERED_LETTER}


@pytest.mark.parametrize("planned", [date(2026, 11, 21), TODAY])
def test_an_irregular_plan_is_refused_and_nothing_is_written(sample, planned):
    with pytest.raises(Invalid):
        recorded(sample, TRANSFER._replace(planned_on=planned))
    for model in (LegalDuty, Notice, DutyContract):
        assert rows(sample, model) == []


def test_a_start_after_the_notice_left_is_in_time(sample, clock):
    row = recorded(sample)
    drained(sample, Post())
    clock.at = START
    begun(sample, row, START)
    given = seen(sample, row)
    assert (given.standing, given.late, given.informed) == (DutyStanding.BEGUN, 0, 1)
    assert given.oddities(START.date()) == []


def test_a_start_before_the_notice_left_is_recorded_and_late(sample, clock):
    row = recorded(sample)
    clock.at = START
    begun(sample, row, START)
    given = seen(sample, row)
    assert given.late == 1
    assert "before the controller" in str(given.oddities(START.date())[0])
    drained(sample, Post())  # it leaves now: too late all the same
    assert seen(sample, row).late == 1


def test_what_had_begun_is_a_fact_and_the_notice_says_so(sample):
    began = datetime(2026, 11, 21, 8, tzinfo=UTC)
    row = recorded(sample, TRANSFER._replace(planned_on=None), begun_at=began)
    (notice,) = rows(sample, Notice)
    assert notice.told["begun_at"] == began.isoformat()
    given = seen(sample, row)
    assert (given.standing, given.late) == (DutyStanding.BEGUN, 1)
    assert [each.step for each in given.steps] == [DutyStep.BEGUN, DutyStep.TOLD]


def test_a_fact_under_the_law_of_a_third_country_is_recorded_and_said(sample):
    said = TRANSFER._replace(origin=Origin.THIRD_COUNTRY)
    with pytest.raises(Invalid):
        recorded(sample, said)
    row = recorded(sample, said, begun_at=datetime(2026, 11, 21, 8, tzinfo=UTC))
    odd = [str(each) for each in seen(sample, row).oddities(TODAY)]
    assert any("48" in each for each in odd)
    assert len(rows(sample, Notice)) == 1


def test_a_start_is_not_to_come_and_not_twice(sample, clock):
    row = recorded(sample)
    with pytest.raises(Invalid) as refused:
        begun(sample, row, START)
    assert refused.value.field == "begun"
    clock.at = START
    begun(sample, row, START)
    with pytest.raises(Conflict):
        begun(sample, row, START)


def test_another_day_and_the_end_of_it_are_told_too(sample):
    row = recorded(sample)
    with sample.acting(DPO) as act:
        duties.plan(act, row.id, date(2026, 12, 9), "L’autorité l’a reporté.", TODAY)
    with pytest.raises(Invalid), sample.acting(DPO) as act:
        duties.plan(act, row.id, TODAY, "", TODAY)
    with sample.acting(DPO) as act:
        duties.drop(act, row.id, Said(TODAY, "Demande retirée."), TODAY)
    phases = {each.told["phase"]: each.told for each in rows(sample, Notice)}
    assert set(phases) == {"told", "planned", "dropped"}
    assert phases["planned"]["planned_on"] == "2026-12-09"
    assert phases["dropped"]["says"] == "Demande retirée."
    given = seen(sample, row)
    assert (given.standing, given.planned_on) == (DutyStanding.DROPPED, date(2026, 12, 9))


def test_what_the_law_prohibits_telling_is_told_to_nobody(sample, clock):
    row = recorded(sample, SECRET)
    begun(sample, row, datetime(2026, 11, 22, 8, tzinfo=UTC))
    with sample.acting(DPO) as act:
        duties.attach(act, row.id, "Réquisition", b"%PDF-1.7 x")
    for model in (Notice, Matter, Dispatch, Outbox):
        assert rows(sample, model) == []
    drained(sample, post := Post())
    assert post.taken == []
    assert seen(sample, row).standing is DutyStanding.BEGUN
    assert seen(sample, row).late == 0
    # those who may not know of it find nothing: no page, no list, no dossier, no gap in numbers
    with pytest.raises(NotFound):
        seen(sample, row, secret=False)
    assert listed(sample, secret=False) == []
    assert listed(sample, secret=True) == [row.code]
    owner = controller_of(sample, "BEAUCHENE").id
    with sample.reading() as session:
        assert duty_queries.duties_of(session, owner) == []
        assert duty_queries.waiting(session, date(2027, 1, 1), 9, secret=False) == []
    with pytest.raises(NotFound), sample.acting(LEGAL) as act:
        duties.begin(act, row.id, START, Said(TODAY))
    assert recorded(sample, codes=("SAINTE-FLORE",)).code == "LD-2026-0001"


def test_the_journal_says_of_it_no_more_than_that_there_is_something(sample):
    before = {each.number for each in rows(sample, Entry)}
    row = recorded(sample, SECRET)
    with sample.acting(DPO) as act:
        duties.plan(act, row.id, date(2026, 12, 9), "Reporté", TODAY)
    new = [each for each in rows(sample, Entry) if each.number not in before]
    assert {(each.kind, each.within, each.facts, each.values_id) for each in new} == {
        ("reserved.recorded", None, "{}", None)
    }
    assert {each.about for each in new} == {f"reserved:{row.id}"}
    assert all(SECRET.authority not in (each.content or "") for each in rows(sample, EntryValues))


def test_no_pack_holds_what_is_not_to_be_told(sample, clock):
    row = recorded(sample, SECRET)
    told = recorded(sample)
    owner = controller_of(sample, "BEAUCHENE")
    press = tools(sample, Post()).press
    with sample.acting(DPO) as act:
        checkpoint = controller_pack.begin(act, owner, KEY)
    controller_pack.pack(press, checkpoint, owner.id, out := io.BytesIO(), TODAY, language="fr")
    with zipfile.ZipFile(out) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    (known,) = json.loads(content["duties.json"])
    assert (known["code"], known["provision"]) == (told.code, TRANSFER.provision)
    whole = b"".join(content.values())
    assert row.code.encode() not in whole
    assert str(owner.id).encode() not in b"".join(
        line for line in content["journal.jsonl"].splitlines() if b"reserved" in line
    )


def test_once_telling_is_allowed_the_controllers_are_told(sample, clock):
    row = recorded(sample, SECRET)
    began = datetime(2026, 11, 22, 8, tzinfo=UTC)
    begun(sample, row, began)
    with pytest.raises(Forbidden), sample.acting(LEGAL) as act:
        duties.lift(act, row.id, Said(TODAY), TODAY)
    lifted(sample, row)
    (notice,) = rows(sample, Notice)
    assert notice.told["lifted_on"] == "2026-11-22"
    assert notice.told["begun_at"] == began.isoformat()
    assert seen(sample, row, secret=False).late == 0
    (entry,) = entries(sample, "duty.recorded")
    assert entry.about == audit.name_of(row)
    with pytest.raises(Conflict):
        lifted(sample, row)


def test_who_may_not_know_of_such_duties_cannot_record_one(sample):
    with pytest.raises(Forbidden):
        recorded(sample, SECRET, who=LEGAL)
    assert rows(sample, LegalDuty) == []
    holders = {role for role in Role if Permission.DUTIES_RESERVED in MAY[role]}
    assert holders == {Role.DPO}


def test_whom_it_concerns_is_found_by_controllers_and_activities(sample):
    with sample.reading() as session:

        def of(codes, activities):
            return duty_queries.concerning(session, codes, activities, TODAY)

        everybody = of([], ["P4"])
        assert len(everybody) > 1
        assert set(of(["BEAUCHENE"], [])) == {controller_of(sample, "BEAUCHENE").id}
        both = of(["BEAUCHENE"], ["P2"])
        assert set(both) <= {controller_of(sample, "BEAUCHENE").id}
        for codes, activities, field in (
            ([], [], "controllers"),
            (["NOBODY"], [], "controllers"),
            ([], ["P99"], "activities"),
        ):
            with pytest.raises(Invalid) as refused:
                of(codes, activities)
            assert refused.value.field == field


def test_lists_are_searched_by_law_and_controller(sample):
    row = recorded(sample)
    for search in ("code fictif", "Agence nationale", "beauchene", row.code):
        assert listed(sample, secret=False, search=search) == [row.code], search
    assert listed(sample, secret=False, search="rien de tel") == []


def test_what_is_planned_soon_is_found(sample):
    row = recorded(sample)
    with sample.reading() as session:
        soon = duty_queries.waiting(session, date(2026, 12, 1), 9, secret=False)
        assert [each.row.code for each in soon] == [row.code]
        assert duty_queries.waiting(session, date(2026, 11, 30), 9, secret=False) == []


def test_a_contract_is_wanted_and_must_exist(sample):
    with pytest.raises(Invalid), sample.acting(DPO) as act:
        duties.record(act, TRANSFER, [], TODAY)
    with pytest.raises(NotFound), sample.acting(DPO) as act:
        duties.record(act, TRANSFER, [contract_of(sample, "BEAUCHENE").controller_id], TODAY)


def test_unlawful_instructions_and_legal_duties_are_told_at_once_in_writing(sample):
    contested(sample, given(sample))
    recorded(sample)
    for written in rows(sample, Notice):
        (entry,) = [each for each in entries(sample, "notice.written") if
                    each.about == f"notice:{written.id}"]  # fmt: skip
        (cause,) = {
            each.kind
            for each in entries(sample, "instruction.step", "duty.recorded")
            if each.act == entry.act
        }
        kind = {"instruction.step": "instruction", "duty.recorded": "legal_duty"}[cause]
        assert written.kind.value == kind
    assert len(rows(sample, Notice)) == 2
