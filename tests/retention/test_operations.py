"""Cases open by themselves, are held, returned, erased with four eyes: on both databases."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from registers.activities.vocabulary import ActivityRole, Trigger
from registers.controllers import operations as parties
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import EndChoice
from registers.kernel import history
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.history import How
from registers.people.roles import WORKER, Role
from registers.retention import erasing, opening, operations, returning, sweeps
from registers.retention.erasing import Barred
from registers.retention.falling import Event
from registers.retention.models import Case, Ending, Erasure
from registers.retention.operations import Said
from registers.retention.returning import Given
from registers.retention.vocabulary import CaseState, ErasureState, Treatment
from tests.registers import commune, contract, entries, since
from tests.retention.ended import (
    ALIX,
    BERENICE,
    CHECKED,
    PDF,
    cases,
    confirmed,
    controller,
    end_contract,
    head_of,
    of_activity,
    replace_permissions,
    rows,
    stated,
)

ENDED = date(2027, 2, 28)


def test_the_end_of_a_contract_opens_its_cases_in_the_same_act(sample):
    end_contract(sample, "CA-AL_CM_TT-WD", ENDED)
    found = {key: (case.due_on, case.role) for key, case in cases(sample).items()}
    processor, own = ActivityRole.PROCESSOR, ActivityRole.CONTROLLER
    assert found == {
        ("P1", "Données des référents"): (None, processor),
        ("P1-PRO", "Données des référents"): (date(2030, 2, 28), own),
        ("P2", "Données de support, toutes copies et sous-traitants compris"): (
            date(2029, 2, 28), processor,
        ),
        ("P3", "Identifiants et mots de passe de télémaintenance"): (
            date(2027, 3, 30), processor,
        ),
        (
            "P3",
            "Identifiants propres à chaque opérateur sur les serveurs du responsable de traitement",
        ): (date(2027, 3, 30), processor),
        ("P4", "Données hébergées"): (date(2027, 3, 30), processor),
    }  # fmt: skip
    changed, opened = entries(sample, "contract.changed", "retention.opened")
    assert changed.act == opened.act
    hosted = [code for (code, _name), case in cases(sample).items() if case.hosted]
    assert hosted == ["P4"]


def test_each_case_says_how_its_day_was_counted(sample):
    end_contract(sample, "SF-2026-02", ENDED)
    case = of_activity(cases(sample), "P4")
    assert case.ends_at == datetime(2027, 3, 30, 20, tzinfo=UTC)  # at midnight on La Réunion
    assert case.count["zone"] == "Indian/Reunion"
    assert any("quel que soit le jour" in line for line in case.count["rule"]["fr"])


def test_while_another_contract_runs_the_relationship_goes_on(sample):
    end_contract(sample, "MTV-2024-31", ENDED)
    assert not [code for code, _name in cases(sample) if code == "P1-PRO"]
    end_contract(sample, "MTV-2025-07", date(2027, 3, 31))
    found = cases(sample, "MTV-2025-07")
    assert of_activity(found, "P1-PRO").due_on == date(2030, 3, 31)
    six = of_activity(found, "P6")
    assert (six.due_on, six.promise.rule.text) == (None, "Délais de prescription légale.")


def test_29_february_keeps_to_the_last_day_of_february(sample):
    end_contract(sample, "CA-AL_CM_TT-WD", date(2028, 2, 29))
    assert of_activity(cases(sample), "P2").due_on == date(2030, 2, 28)


def test_a_corrected_end_is_counted_anew_and_one_taken_back_withdraws(sample):
    end_contract(sample, "CA-AL_CM_TT-WD", ENDED)
    (ending,) = rows(sample, Ending)
    end_contract(sample, "CA-AL_CM_TT-WD", date(2027, 1, 31))
    assert of_activity(cases(sample), "P4").due_on == date(2027, 3, 2)
    end_contract(sample, "CA-AL_CM_TT-WD", None)
    assert {case.state for case in rows(sample, Case)} == {CaseState.WITHDRAWN}
    end_contract(sample, "CA-AL_CM_TT-WD", ENDED)
    assert {case.state for case in rows(sample, Case)} == {CaseState.OPEN}
    assert [each.id for each in rows(sample, Ending)] == [ending.id]
    assert of_activity(cases(sample), "P4").due_on == date(2027, 3, 30)


def test_what_is_done_stays_when_the_end_is_corrected(sample):
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    case = of_activity(cases(sample), "P2")
    confirmed(sample, stated(sample, case))
    end_contract(sample, "MTV-2024-31", date(2026, 10, 30))
    kept = of_activity(cases(sample), "P2")
    assert (kept.state, kept.due_on) == (CaseState.DONE, case.due_on)


def test_the_end_of_a_controller_ends_the_relationship(sample):
    head = controller(sample, "BEAUCHENE")
    with sample.acting(ALIX) as act:
        known = history.latest(act.session, act.session.get(Controller, head.id))
        known = replace(known, ended_on=date(2026, 6, 30))
        parties.change_controller(act, head.id, known, 1, since(2026, 6, 30))
    (case,) = rows(sample, Case)
    assert (case.promise.code, case.due_on) == ("P1-PRO", date(2029, 6, 30))


def test_whoever_is_succeeded_opens_nothing(sample):
    montval, annelac = controller(sample, "VILLE-MONTVAL"), controller(sample, "CA-ANNELAC")
    with sample.acting(ALIX) as act:
        parties.merge(act, [montval.id], annelac.id, How(date(2026, 11, 1), "Fusion"))
    sweeps.look(sample, WORKER)
    assert rows(sample, Ending) == []


def test_what_came_ended_is_found_by_the_sweep(sample, acting):
    with acting() as act:
        head = parties.record_controller(act, "NASBINALS", commune(), since(2020))
        act.session.flush()
        kept = dict(act.follows)
        act.follows = {**kept, ("ended", "contract"): lambda *_: None}  # as an import does
        ended = contract(head, ended_on=date(2026, 10, 31))
        parties.record_contract(act, ended, since(2026))
    assert rows(sample, Ending) == []
    assert sweeps.look(sample, WORKER) == 1
    assert sweeps.look(sample, WORKER) == 0
    assert [code for code, _name in cases(sample)] == ["P1", "P1-PRO"]
    (entry,) = entries(sample, "retention.opened")
    assert entry.actor == "worker"


def by_hand(sample, trigger, activity, **more):
    head = head_of(sample, Contract, reference="CA-AL_CM_TT-WD")
    concerned = (activity,) if activity else ()
    event = Event(trigger, head.controller_id, date(2026, 11, 20), head.id, concerned, **more)
    with sample.acting(ALIX) as act:
        return opening.open_by_hand(act, event)


def test_services_and_interventions_end_by_hand(sample):
    by_hand(sample, Trigger.SERVICE_END, "P2", what="Ticket 4711")
    (case,) = rows(sample, Case)
    assert (case.promise.code, case.due_on) == ("P2", date(2028, 11, 20))
    by_hand(sample, Trigger.INTERVENTION_END, "P3", what="Intervention 12")
    assert sorted(code for code, _name in cases(sample)) == ["P2", "P3"]
    assert of_activity(cases(sample), "P3").due_on is None


def test_what_does_not_end_by_hand_is_refused(sample):
    with pytest.raises(Invalid, match="recorded in the contract"):
        by_hand(sample, Trigger.CONTRACT_END, "P2")
    with pytest.raises(Invalid, match="which activity"):
        by_hand(sample, Trigger.SERVICE_END, "")
    with pytest.raises(Invalid, match="No rule"):
        by_hand(sample, Trigger.REQUEST_END, "P2")
    other = head_of(sample, Contract, reference="SF-2026-02")
    event = Event(
        Trigger.SERVICE_END, controller(sample, "CA-ANNELAC").id, ENDED, other.id, ("P2",)
    )  # fmt: skip
    with pytest.raises(NotFound), sample.acting(ALIX) as act:
        opening.open_by_hand(act, event)


def test_a_person_sets_the_day_where_the_contract_has_words(sample):
    end_contract(sample, "MTV-2025-07", date(2026, 10, 31))
    six = of_activity(cases(sample, "MTV-2025-07"), "P6")
    with sample.acting(ALIX) as act:
        operations.set_day(act, six.id, date(2031, 10, 31), "C. civ., art. 2224 : cinq ans")
    six = of_activity(cases(sample, "MTV-2025-07"), "P6")
    assert (six.due_on, six.day_reason[:8]) == (date(2031, 10, 31), "C. civ.,")
    with pytest.raises(Invalid, match="before the end"), sample.acting(ALIX) as act:
        operations.set_day(act, six.id, date(2026, 10, 30), "Erreur")
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    counted = of_activity(cases(sample, "MTV-2024-31"), "P2")
    with pytest.raises(Conflict, match="counted, not set"), sample.acting(ALIX) as act:
        operations.set_day(act, counted.id, date(2031, 10, 31), "Plus long")


def held(sample, case, authority="Tribunal administratif de Grenoble"):
    with sample.acting(ALIX) as act:
        return operations.hold(
            act, case.id, authority=authority, reason="Instance 26-114",
            since=date(2026, 11, 2), proof=PDF,
        )  # fmt: skip


def test_a_hold_keeps_data_until_it_is_released(sample):
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    case = of_activity(cases(sample), "P2")
    first, second = held(sample, case), held(sample, case, "CNIL")
    with pytest.raises(Barred, match="on hold for") as caught:
        stated(sample, case)
    assert len(caught.value.reasons) == 2
    for each, state in ((first, CaseState.HELD), (second, CaseState.OPEN)):
        with sample.acting(ALIX) as act:
            operations.release(act, each.id, ended_on=date(2026, 11, 20), reason="Désistement")
        assert of_activity(cases(sample), "P2").state is state
    with pytest.raises(Conflict), sample.acting(ALIX) as act:
        operations.release(act, first.id, ended_on=date(2026, 11, 21), reason="Encore")
    stated(sample, case)


def test_one_states_and_another_confirms(sample):
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    case = of_activity(cases(sample), "P2")
    erasure = stated(sample, case)
    assert erasure.code == "EF-2026-0001"
    assert of_activity(cases(sample), "P2").state is CaseState.PROPOSED
    with pytest.raises(Conflict, match="Another person"):
        confirmed(sample, erasure, ALIX)
    confirmed(sample, erasure)
    done = of_activity(cases(sample), "P2")
    assert (done.state, done.done_on) == (CaseState.DONE, date(2026, 11, 20))
    with pytest.raises(Conflict, match="meanwhile"):
        confirmed(sample, erasure)
    with pytest.raises(Conflict, match="done already"):
        stated(sample, case)


def test_what_is_not_confirmed_is_open_again(sample):
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    case = of_activity(cases(sample), "P2")
    erasure = stated(sample, case)
    with sample.acting(BERENICE) as act:
        erasing.refuse(act, erasure.id, "La base de test existe encore")
    assert of_activity(cases(sample), "P2").state is CaseState.OPEN
    assert head_of(sample, Erasure, code=erasure.code).state is ErasureState.REFUSED


def hosted(sample, choice=EndChoice.ERASE):
    head = end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    (ending,) = rows(sample, Ending, Ending.contract_id == head.id)
    if choice:
        with sample.acting(ALIX) as act:
            said = Said("Solange Perrier", "présidente", PDF)
            operations.choose(act, ending.id, choice, date(2026, 11, 3), said)
    return head, of_activity(cases(sample), "P4")


def test_hosted_data_wait_for_the_controllers_choice(sample):
    _head, case = hosted(sample, None)
    with pytest.raises(Barred, match="has not chosen"):
        stated(sample, case, visa="V-2026-18")


def test_archives_of_a_public_body_need_a_visa_or_the_proof_of_return(sample):
    head, case = hosted(sample)
    with pytest.raises(Barred, match="visa of elimination"):
        stated(sample, case)
    with sample.acting(ALIX) as act:
        returning.give_back(act, head.id, Given(date(2026, 11, 10), "CSV", "DSI"))
    with pytest.raises(Barred, match="visa of elimination"):
        stated(sample, case)  # nothing proves the return
    with sample.acting(ALIX) as act:
        returning.give_back(act, head.id, Given(date(2026, 11, 10), "CSV", "DSI", PDF))
    stated(sample, case)


def test_with_a_visa_data_of_a_public_body_may_go(sample):
    _head, case = hosted(sample)
    erasure = stated(sample, case, visa="AD74-2026-118", visa_proof=PDF)
    assert (erasure.visa, erasure.irregular) == ("AD74-2026-118", {})


def test_an_erasure_that_happened_is_recorded_as_irregular(sample):
    _head, case = hosted(sample, EndChoice.RETURN)
    erasure = stated(sample, case, irregular="Volume supprimé par erreur le 20 novembre")
    against = erasure.irregular["against"]["fr"]
    assert len(against) == 2
    assert erasure.irregular["why"] == "Volume supprimé par erreur le 20 novembre"
    confirmed(sample, erasure)
    assert of_activity(cases(sample), "P4").state is CaseState.DONE


def test_copies_in_backups_are_kept_with_the_statement(sample):
    _head, case = hosted(sample)
    erasure = stated(sample, case, visa="V-1")
    assert erasing.copies_of(erasure)[-1].until == date(2027, 2, 21)


def test_statements_are_whole(sample):
    _head, case = hosted(sample)
    own = of_activity(cases(sample), "P1-PRO")
    with pytest.raises(Invalid, match="State apart"):
        stated(sample, case, own)
    with pytest.raises(Invalid, match="how it was done"):
        stated(sample, case, method=" ")
    with pytest.raises(Invalid, match="still to come"):
        stated(sample, case, done_on=date(2026, 11, 24))
    with pytest.raises(Invalid, match="every system"):
        stated(sample, case, treated=CHECKED[1:])
    remains = tuple(replace(each, treatment=Treatment.REMAINS) for each in CHECKED)
    with pytest.raises(Invalid, match="what remains"):
        stated(sample, case, treated=remains)
    with pytest.raises(Invalid, match="Choose"):
        stated(sample)
    stated(sample, own)


def test_each_sub_processor_confirms_for_itself(sample):
    _head, case = hosted(sample)
    erasure = stated(sample, case, visa="V-1")
    assert erasing.chain_of([case]) == ["OVH", "SCALEWAY"]

    def said(code, **more):
        known = {"erased_on": date(2026, 11, 21), "says": "Attestation", "proof": PDF, **more}
        with sample.acting(ALIX) as act:
            erasing.confirm_chain(act, erasure.id, code, **known)

    said("OVH")
    with pytest.raises(Conflict, match="already"):
        said("OVH")
    with pytest.raises(NotFound):
        said("REPRISE")
    with pytest.raises(Invalid, match="how it is known"):
        said("SCALEWAY", says="", proof=None)
    with pytest.raises(Invalid, match="to come"):
        said("SCALEWAY", erased_on=date(2027, 1, 1))


def test_the_last_word_of_the_controller_counts(sample):
    head, _case = hosted(sample, EndChoice.RETURN)
    (ending,) = rows(sample, Ending, Ending.contract_id == head.id)
    with sample.acting(ALIX) as act:
        operations.choose(act, ending.id, EndChoice.ERASE, date(2026, 11, 5), Said())
    with sample.reading() as session:
        assert operations.choice_of(session, ending) is EndChoice.ERASE


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RESPONDER, Role.ADMIN])
def test_other_roles_change_nothing(sample, role):
    end_contract(sample, "MTV-2024-31", date(2026, 10, 31))
    case = of_activity(cases(sample), "P2")
    actor = replace_permissions(role)
    with pytest.raises(Forbidden):
        stated(sample, case, actor=actor)


def test_a_withdrawn_case_says_why(sample):
    end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    own = of_activity(cases(sample), "P1-PRO")
    with sample.acting(ALIX) as act:
        opening.withdraw(act, own.id, "Un nouveau contrat est signé")
    with pytest.raises(Conflict), sample.acting(ALIX) as act:
        opening.withdraw(act, own.id, "Encore")
    assert of_activity(cases(sample), "P1-PRO").closed_reason == "Un nouveau contrat est signé"
