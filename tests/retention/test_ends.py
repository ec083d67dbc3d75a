"""The end of an intervention, and of a request, opens its cases in the same act."""

from datetime import date

import msgspec
import pytest

from registers.activities.vocabulary import Trigger
from registers.kernel.errors import Conflict
from registers.requests import following
from registers.retention import opening
from registers.retention.falling import Event
from registers.retention.models import Case, Ending
from registers.retention.vocabulary import CaseState
from tests.registers import entries
from tests.requests.asking import ASKED, DAY
from tests.retention.closing import DUMPS, LETTERS, answered, changed, intervened, ruled
from tests.retention.ended import ALIX, cases, controller, rows


def test_the_end_of_an_intervention_opens_its_cases_in_the_same_act(sample):
    ruled(sample, "P3", DUMPS)
    ruled(sample, "P2", DUMPS)
    head, _ = intervened(sample, activities=("P3",))
    (ending,) = rows(sample, Ending)
    assert (ending.trigger, ending.what) == (Trigger.INTERVENTION_END, head.code)
    assert (ending.about, ending.activity) == (f"intervention:{head.id}", "P3")
    found = {name: case.due_on for (_code, name), case in cases(sample).items()}
    assert found == {
        "Extractions": date(2026, 12, 5),
        "Données consultées pendant une intervention": None,
    }
    ended, opened = entries(sample, "intervention.ended", "retention.opened")
    assert ended.act == opened.act


def test_without_an_activity_all_of_the_contract_are_concerned(sample):
    ruled(sample, "P2", DUMPS)
    ruled(sample, "P6", DUMPS)  # none of this contract
    intervened(sample)
    assert sorted(code for code, _name in cases(sample)) == ["P2", "P3"]


def test_without_a_contract_all_that_the_controller_has_are_concerned(sample):
    ruled(sample, "P6", DUMPS)
    intervened(sample, contract="")
    (ending,) = rows(sample, Ending)
    assert ending.contract_id is None
    assert [code for code, _name in cases(sample)] == ["P3"]


def test_where_no_rule_falls_due_nothing_opens(sample):
    intervened(sample, activities=("P1",))
    assert rows(sample, Ending) == []


def test_an_open_access_opens_nothing_and_its_end_does(sample):
    head, facts = intervened(sample, closed=None)
    assert rows(sample, Ending) == []
    del facts["closed"]
    changed(sample, head, 1, **facts)
    assert [code for code, _name in cases(sample)] == ["P3"]


def test_a_corrected_end_is_counted_anew_and_one_taken_back_withdraws(sample):
    ruled(sample, "P3", DUMPS)
    head, facts = intervened(sample)
    changed(sample, head, 1, **facts, on=date(2026, 11, 21))
    case = cases(sample)["P3", "Extractions"]
    assert case.due_on == date(2026, 12, 6)
    changed(sample, head, 2, **facts, on=date(2026, 11, 21), note="Relu")
    assert len(entries(sample, "retention.moved")) == 1
    changed(sample, head, 3, **facts, closed=None)
    assert {each.state for each in rows(sample, Case)} == {CaseState.WITHDRAWN}
    assert len(rows(sample, Ending)) == 1


def test_another_activity_takes_the_place_of_the_first(sample):
    ruled(sample, "P2", DUMPS)
    head, facts = intervened(sample, activities=("P3",))
    changed(sample, head, 1, **{**facts, "activities": ("P2",)})
    states = {code: case.state for (code, _name), case in cases(sample).items()}
    assert states == {"P3": CaseState.WITHDRAWN, "P2": CaseState.OPEN}
    (ending,) = rows(sample, Ending)
    assert ending.activity == "P2"


def test_what_a_register_knows_is_not_recorded_by_hand_again(sample):
    head, _ = intervened(sample)
    event = Event(
        Trigger.INTERVENTION_END, head.controller_id, DAY, None, ("P3",), head.code
    )  # fmt: skip
    with pytest.raises(Conflict, match="RT-2026-0001"), sample.acting(ALIX) as act:
        opening.open_by_hand(act, event)
    with sample.acting(ALIX) as act:
        opening.open_by_hand(act, event._replace(what="TK-12"))


def test_closing_a_request_opens_the_cases_of_each_controller(sample):
    ruled(sample, "P2", LETTERS)
    head = answered(sample, "CA-ANNELAC", "BEAUCHENE")
    assert rows(sample, Ending) == []
    with sample.acting(ALIX) as act:
        following.close(act, head.id, "Répondu", DAY)
    found = rows(sample, Ending)
    assert {each.about for each in found} == {f"subject_request:{head.id}"}
    owners = {controller(sample, code).id for code in ("CA-ANNELAC", "BEAUCHENE")}
    assert {each.controller_id for each in found} == owners
    assert {case.due_on for case in rows(sample, Case)} == {date(2027, 5, 23)}
    ended, *opened = entries(sample, "request.closed", "retention.opened")
    assert {each.act for each in opened} == {ended.act}


def test_requests_handled_in_an_activity_of_our_own_fall_due_too(sample):
    ruled(sample, "P1-PRO", LETTERS)
    head = answered(sample, "BEAUCHENE")
    with sample.acting(ALIX) as act:
        following.close(act, head.id, "Répondu", DAY)
    assert [code for code, _name in cases(sample)] == ["P1-PRO"]


def test_without_a_rule_a_request_ends_and_opens_nothing(sample):
    head = answered(sample, "BEAUCHENE")
    with sample.acting(ALIX) as act:
        following.close(act, head.id, "Répondu", DAY)
    assert rows(sample, Ending) == []
    assert msgspec.json.encode(ASKED.name).decode() not in str(entries(sample, "request.closed"))
