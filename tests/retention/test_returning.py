"""Data are returned when the controller asks, also while the contract runs: on both databases."""

from datetime import date

import pytest
from msgspec.structs import replace

from registers.controllers import operations as parties
from registers.controllers.models import Contract
from registers.controllers.vocabulary import EndChoice
from registers.kernel import history
from registers.kernel.errors import Forbidden, Invalid
from registers.kernel.history import How
from registers.people.roles import Role
from registers.retention import operations, queries, returning, rules
from registers.retention.erasing import Barred
from registers.retention.models import Ending, ReturnRequest
from registers.retention.operations import Said
from registers.retention.returning import Asked, Given
from registers.retention.vocabulary import Came
from tests.registers import TODAY, entries
from tests.retention.ended import (
    ALIX,
    PDF,
    cases,
    end_contract,
    head_of,
    of_activity,
    replace_permissions,
    rows,
    stated,
)

CONTRACT = "CA-AL_CM_TT-WD"
REGISTERED = Asked(
    date(2026, 10, 16), Came.REGISTERED_LETTER, "1A 123", "Solange Perrier", "Exploitation", PDF
)


def asked(database, known=REGISTERED, reference=CONTRACT):
    head = head_of(database, Contract, reference=reference)
    with database.acting(ALIX) as act:
        return returning.ask(act, head.id, known)


def given(database, known, reference=CONTRACT):
    head = head_of(database, Contract, reference=reference)
    with database.acting(ALIX) as act:
        return returning.give_back(act, head.id, known)


def waiting(database):
    with database.reading() as session:
        return [row.id for row, _contract, _owner in returning.unanswered(session, 10)]


def test_a_registered_request_is_answered_in_thirty_days_rolled_while_the_contract_runs(sample):
    row = asked(sample)
    assert rows(sample, Ending) == []
    assert (row.due_on, row.registered) == (date(2026, 11, 16), True)  # the 15th is a Sunday
    assert row.count["calendar"] == "FR"
    assert waiting(sample) == [row.id]
    back = given(
        sample, Given(date(2026, 11, 13), "CSV et XML", "DSI", PDF, row.id, whole=False)
    )  # fmt: skip
    assert back.request_id == row.id
    assert waiting(sample) == []
    about = {each.about for each in entries(sample, "retention.return_asked", "retention.returned")}
    assert about == {f"contract:{row.contract_id}"}


@pytest.mark.parametrize("came", [each for each in Came if each not in rules.REGISTERED])
def test_what_comes_by_another_way_is_answered_just_the_same(sample, came):
    row = asked(sample, REGISTERED._replace(came=came))
    assert (row.due_on, row.registered, row.came) == (date(2026, 11, 16), False, came)


def test_what_cannot_be_is_refused(sample):
    row = asked(sample)
    with pytest.raises(Invalid, match="still to come"):
        asked(sample, REGISTERED._replace(received_on=date(2027, 1, 1)))
    with pytest.raises(Invalid, match="another contract"):
        given(sample, Given(date(2026, 11, 13), "CSV", request_id=row.id), "SF-2026-02")
    with pytest.raises(Invalid, match="came later"):
        given(sample, Given(date(2026, 10, 1), "CSV", request_id=row.id))
    with pytest.raises(Invalid, match="which format"):
        given(sample, Given(date(2026, 11, 13), " "))
    assert len(rows(sample, ReturnRequest)) == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RESPONDER, Role.ADMIN])
def test_others_record_no_request(sample, role):
    head = head_of(sample, Contract, reference=CONTRACT)
    with pytest.raises(Forbidden), sample.acting(replace_permissions(role)) as act:
        returning.ask(act, head.id, REGISTERED)


def ended(database):
    head = end_contract(database, CONTRACT, date(2026, 11, 20))
    (ending,) = rows(database, Ending)
    with database.acting(ALIX) as act:
        operations.choose(act, ending.id, EndChoice.RETURN, date(2026, 11, 20), Said())
    return head, of_activity(cases(database), "P4")


def test_what_was_asked_before_stands_with_the_case_that_the_end_opens(sample):
    row = asked(sample)
    ended(sample)
    with sample.reading() as session:
        found = queries.dossier(session, rows(sample, Ending)[0].code)
    assert [each.id for each in found.requests] == [row.id]


def test_a_return_while_data_go_on_coming_does_not_count_for_the_end(sample):
    given(sample, Given(date(2026, 10, 30), "CSV", "DSI", PDF, whole=False))
    _head, case = ended(sample)
    with pytest.raises(Barred, match="nothing proves"):
        stated(sample, case, visa="V-1")
    given(sample, Given(date(2026, 11, 20), "CSV", "DSI", PDF, whole=False))
    stated(sample, case, visa="V-1")


def test_a_return_of_all_before_the_end_counts(sample):
    given(sample, Given(date(2026, 11, 19), "CSV", "DSI", PDF))
    _head, case = ended(sample)
    stated(sample, case)


def test_without_a_number_in_the_contract_none_is_made_up(sample):
    head = head_of(sample, Contract, reference=CONTRACT)
    with sample.acting(ALIX) as act:
        known = history.latest(act.session, act.session.get(Contract, head.id))
        known = replace(known, terms=replace(known.terms, return_days=None))
        parties.change_contract(act, head.id, known, head.latest, How(TODAY, "Avenant"))
    row = asked(sample)
    assert (row.due_on, row.count) == (None, {})
    assert waiting(sample) == [row.id]
