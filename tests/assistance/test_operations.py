"""Instructions, dossiers and commitments on both databases."""

from datetime import date, timedelta

import msgspec
import pytest

from registers.activities import operations as activities
from registers.activities.facts import Purpose
from registers.activities.models import Activity
from registers.assistance import commitments, dossiers, instructions, purposes, queries
from registers.assistance.commitments import Said as Undertaken
from registers.assistance.facts import Assistance, Certificate, Finding, Intervention, Member
from registers.assistance.instructions import Word
from registers.assistance.models import Commitment, Instruction, InstructionStep
from registers.assistance.vocabulary import (
    CommitmentKind,
    ConsentWay,
    Covered,
    Scope,
    Stage,
    Standing,
    Step,
    Way,
)
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Channel
from registers.kernel import history, periods
from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.history import How
from registers.kernel.instants import Instant
from registers.kernel.outbox import Outbox
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import MAY, Role
from tests.announcements.telling import rows
from tests.assistance.hands import (
    GIVEN,
    LAWYER,
    PROVISION,
    TODAY,
    WHY,
    accepted,
    contested,
    contract_of,
    controller_of,
    executed,
    given,
)
from tests.registers import entries

PDF = b"%PDF-1.7 lettre"


def standing(database, code):
    with database.reading() as session:
        return queries.instruction(session, code).standing


def test_an_instruction_is_kept_word_for_word(sample):
    said = GIVEN._replace(content=PDF, activities=["P2", "P1", "P1"], purposes=[" Paie ", ""])
    row = given(sample, said=said)
    assert row.code == "IN-2026-0001"
    assert (row.says, row.by_name, row.way) == (GIVEN.says, "Odile Chabrol", Way.LETTER)
    assert (row.activities, row.purposes) == (["P1", "P2"], ["Paie"])
    assert row.controller_id == controller_of(sample, "BEAUCHENE").id
    (entry,) = entries(sample, "instruction.given")
    assert entry.within == f"controller:{row.controller_id}"
    assert GIVEN.says not in entry.facts
    assert standing(sample, row.code) is Standing.RECEIVED


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"says": "  "}, "says"),
        ({"by_name": ""}, "by_name"),
        ({"given_on": date(2026, 11, 23)}, "given_on"),
        ({"scope": Scope.PURPOSE}, "purposes"),
        ({"scope": Scope.STOP, "purposes": [" "]}, "purposes"),
    ],
)
def test_what_is_no_instruction_is_refused(sample, more, field):
    with pytest.raises(Invalid) as refused:
        given(sample, said=GIVEN._replace(**more))
    assert refused.value.field == field
    assert rows(sample, Instruction) == []


def test_contesting_writes_the_notice_in_the_same_act(sample):
    row = given(sample)
    step = contested(sample, row)
    (notice,) = rows(sample, Notice)
    assert (notice.kind, notice.id) == (NoticeKind.INSTRUCTION, step.notice_id)
    assert notice.told["provision"] == PROVISION
    assert notice.told["says"] == GIVEN.says
    (matter,) = rows(sample, Matter)
    assert (matter.contract_id, matter.controller_id) == (row.contract_id, row.controller_id)
    (work,) = rows(sample, Outbox)
    assert work.about == f"notice:{notice.id}"
    written, followed = entries(sample, "notice.written", "instruction.step")
    assert written.act == followed.act
    assert standing(sample, row.code) is Standing.CONTESTED


def test_a_notice_goes_by_post_where_there_is_no_address(sample):
    row = given(sample, "SAINTE-FLORE")
    contested(sample, row)
    ways = rows(sample, Dispatch)
    channels = {way.channel for way in ways}
    with sample.reading() as session:
        agreed = history.latest(session, session.get_one(Contract, row.contract_id))
    assert channels >= {Channel.EMAIL} or channels == {Channel.REGISTERED_LETTER}
    posted = {Channel.REGISTERED_LETTER} & set(agreed.terms.notice_channels)
    assert posted <= channels


@pytest.mark.parametrize(("provision", "says"), [("", WHY), (PROVISION, " ")])
def test_contesting_names_a_provision_and_a_reason(sample, provision, says):
    row = given(sample)
    with pytest.raises(Invalid), sample.acting(LAWYER) as act:
        instructions.contest(act, row.id, provision, says)
    assert rows(sample, Notice) == []


def test_what_becomes_of_it(sample):
    row = given(sample)
    contested(sample, row)
    with pytest.raises(Conflict):
        contested(sample, row)
    with sample.acting(LAWYER) as act:
        word = Word(TODAY, "Nous la maintenons.", "Odile Chabrol", "maire", PDF)
        instructions.answer(act, row.id, Step.MAINTAINED, word)
    assert standing(sample, row.code) is Standing.MAINTAINED
    accepted(sample, row)
    executed(sample, row)
    with sample.reading() as session:
        found = queries.instruction(session, row.code)
    assert [each.step for each in found.steps] == [
        Step.CONTESTED,
        Step.MAINTAINED,
        Step.ACCEPTED,
        Step.EXECUTED,
    ]
    assert (found.standing, found.oddities) == (Standing.EXECUTED, [])
    assert len(found.proofs()) == 1


def test_executing_a_contested_one_is_a_fact_and_is_said(sample):
    row = given(sample)
    contested(sample, row)
    executed(sample, row)
    with sample.reading() as session:
        found = queries.instruction(session, row.code)
    assert any("contested" in str(each) for each in found.oddities)


def test_what_was_executed_before_is_told_so(sample):
    row = given(sample)
    accepted(sample, row)
    executed(sample, row)
    contested(sample, row)
    (notice,) = rows(sample, Notice)
    assert notice.told["executed_on"] == TODAY.isoformat()


def test_a_new_one_withdraws_what_it_takes_the_place_of(sample):
    first = given(sample)
    second = given(sample, said=GIVEN._replace(says="Ne plus rien transmettre."), replaces=first.id)
    with sample.reading() as session:
        before = queries.instruction(session, first.code)
    assert (before.standing, before.replaced_by) == (Standing.WITHDRAWN, second.code)
    third = given(sample, replaces=first.id)
    assert third.replaces_id == first.id
    with pytest.raises(Invalid, match="another contract"):
        given(sample, "SAINTE-FLORE", replaces=first.id)


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2026, 11, 19)])
def test_a_step_is_not_to_come_nor_before_the_instruction(sample, on):
    row = given(sample)
    with pytest.raises(Invalid):
        accepted(sample, row, on)


def test_who_may(sample):
    row = given(sample)
    auditor = Actor("user", MAY[Role.AUDITOR], LAWYER.id, "A")
    for do in (
        lambda act: instructions.accept(act, row.id, Word(TODAY)),
        lambda act: instructions.contest(act, row.id, PROVISION, WHY),
        lambda act: instructions.give(act, row.contract_id, GIVEN),
        lambda act: dossiers.record(act, dossiers.STAFF, Member(name="x"), "x"),
    ):
        with pytest.raises(Forbidden), sample.acting(auditor) as act:
            do(act)
    responder = Actor("user", MAY[Role.RESPONDER], LAWYER.id, "R")
    known = Intervention(controller=row.controller_id, title="Import bloqué")
    with sample.acting(responder) as act:
        dossiers.record(act, dossiers.INTERVENTIONS, known, "Premier relevé")
    with pytest.raises(Forbidden), sample.acting(LAWYER) as act:
        instructions.give(act, row.contract_id, GIVEN._replace(way=Way.PORTAL))


def test_a_purpose_that_came_after_the_contract_is_outside(sample, clock):
    contract = contract_of(sample, "BEAUCHENE")
    with sample.reading() as session:
        code = history.latest(session, contract).services[0].code
        assert purposes.outside(session, contract, TODAY) == []
    (head,) = rows(sample, Activity, Activity.code == code)
    with sample.acting(LAWYER) as act:
        known = history.latest(act.session, head)
        more = (*known.purposes, Purpose(name="Statistiques d’usage"))
        again = msgspec.structs.replace(known, purposes=more)
        activities.change_activity(act, head.id, again, head.latest, How(TODAY, "Ajout"))
        act.session.flush()
        activities.validate_activity(act, head.id, head.latest + 1)
    with sample.reading() as session:
        (found,) = purposes.outside(session, contract, TODAY)
        assert (found.activity, found.purpose) == (code, "Statistiques d’usage")
        yesterday = TODAY - timedelta(days=1)
        assert purposes.outside(session, contract, yesterday) == []
    said = GIVEN._replace(scope=Scope.PURPOSE, purposes=["Statistiques d’usage"])
    row = given(sample, said=said)
    with sample.reading() as session:
        assert len(purposes.outside(session, contract, TODAY)) == 1
    accepted(sample, row)
    with sample.reading() as session:
        assert purposes.outside(session, contract, TODAY) == []
        assert purposes.not_covered(session, contract, [code, "P99"]) == ["P99"]


def audit(database, **more):
    owner = controller_of(database, "BEAUCHENE")
    known = Assistance(
        controller=owner.id, title="Audit annuel", asked_on=date(2026, 9, 1), asked_by="DPO", **more
    )
    with database.acting(LAWYER) as act:
        return dossiers.record(act, dossiers.ASSISTANCE, known, "Demande"), known


def test_an_audit_goes_from_the_question_to_its_end(sample):
    head, known = audit(sample)
    assert (head.code, head.stage, head.missing) == ("AU-2026-0001", Stage.ASKED, 0)
    finding = Finding(says="Journaux conservés trop longtemps", due_on=date(2027, 1, 31))
    with sample.acting(LAWYER) as act:
        held = msgspec.structs.replace(
            known, planned_on=date(2026, 10, 1), held_on=date(2026, 10, 2), findings=(finding,)
        )
        dossiers.change(act, dossiers.ASSISTANCE, head.id, held, 1, reason="Rapport")
        row = dossiers.attach(act, dossiers.ASSISTANCE, head.id, "Rapport d’audit", PDF)
    with sample.reading() as session:
        head = queries.by_code(session, type(head), head.code)
        assert (head.stage, head.unsettled) == (Stage.FINDINGS, 1)
        (document,) = queries.documents(session, head)
        assert sample.files.get(session, document.sha256) == PDF
        assert document.id == row.id
    done = msgspec.structs.replace(finding, done_on=TODAY)
    closed = msgspec.structs.replace(held, findings=(done,), closed_on=TODAY, outcome="Soldé")
    with sample.acting(LAWYER) as act:
        dossiers.change(act, dossiers.ASSISTANCE, head.id, closed, 2, reason="Fin")
    with sample.reading() as session:
        head = queries.by_code(session, type(head), head.code)
        assert (head.stage, head.unsettled) == (Stage.CLOSED, 0)
    with pytest.raises(Conflict), sample.acting(LAWYER) as act:
        dossiers.change(act, dossiers.ASSISTANCE, head.id, known, 1, reason="Trop tard")
    assert {each.within for each in entries(sample, "assistance.changed")} == {
        f"controller:{known.controller}"
    }


def test_the_end_of_an_intervention_is_a_fact_of_its_own(sample):
    owner = controller_of(sample, "BEAUCHENE")
    known = Intervention(
        controller=owner.id,
        title="Import bloqué",
        ticket="T-1",
        consent_by="Odile Chabrol",
        consent_at=Instant(on=date(2026, 11, 21), at="09:00"),
        consent_way=ConsentWay.ON_SCREEN,
        opened=Instant(on=date(2026, 11, 21), at="10:00"),
    )
    with sample.acting(LAWYER) as act:
        head = dossiers.record(act, dossiers.INTERVENTIONS, known, "Ticket")
    assert head.ended_at is None
    assert entries(sample, "intervention.ended") == []
    over = msgspec.structs.replace(
        known,
        closed=Instant(on=date(2026, 11, 21), at="11:00"),
        kept=False,
        report="Fait",
        restored=True,
    )
    with sample.acting(LAWYER) as act:
        dossiers.change(act, dossiers.INTERVENTIONS, head.id, over, 1, reason="Fin")
    (entry,) = entries(sample, "intervention.ended")
    assert "2026-11-21T10:00:00+00:00" in entry.facts
    with sample.acting(LAWYER) as act:
        more = msgspec.structs.replace(over, note="Relu")
        dossiers.change(act, dossiers.INTERVENTIONS, head.id, more, 2, reason="Relecture")
    assert len(entries(sample, "intervention.ended")) == 1
    with sample.reading() as session:
        page = queries.interventions(session, "beauchene t-1", "", queries.Cut())
        assert [row[0].findings for row in page.rows] == [0]
        assert queries.interventions(session, "", "open", queries.Cut()).rows == []


def member(database, name="Maël Riou", **more):
    with database.acting(LAWYER) as act:
        known = Member(name=name, joined_on=date(2026, 1, 5), **more)
        return dossiers.record(act, dossiers.STAFF, known, "Arrivée")


UNDERTAKEN = Undertaken(CommitmentKind.CONFIDENTIALITY, "Engagement", date(2026, 1, 5))
TRAINED = Undertaken(CommitmentKind.TRAINING, "RGPD, les bases", date(2024, 11, 30), 24)


def committed(database, head, said, **more):
    with database.acting(LAWYER) as act:
        return commitments.commit(act, head.id, said, **more)


def test_staff_is_listed_with_its_gaps(sample):
    covered, bare = member(sample), member(sample, "Zoé Hamon")
    member(sample, "Ancien", left_on=date(2026, 3, 1))
    committed(sample, covered, UNDERTAKEN._replace(content=PDF))
    training = committed(sample, covered, TRAINED)
    assert training.again_on == date(2026, 11, 30)
    with sample.reading() as session:
        found = queries.staff(session, TODAY)
        assert [each.head.name for each in found] == ["Maël Riou", "Zoé Hamon"]
        assert [each.state for each in found[0].covers] == [Covered.GOOD, Covered.SOON]
        assert found[0].gaps == []
        assert len(found[1].gaps) == 2
        assert queries.coverage(found) == (2, 1, 1, 1)
        later = queries.staff(session, date(2026, 12, 1))
        assert [each.state for each in later[0].covers] == [Covered.GOOD, Covered.OVER]
        assert [each.head.name for each in queries.staff(session, TODAY, left=True)] == ["Ancien"]
    assert bare.code == "PA-2026-0002"


def test_a_wrong_record_is_corrected_by_another_one(sample):
    head = member(sample)
    wrong = committed(sample, head, TRAINED)
    with pytest.raises(Invalid):
        committed(sample, head, TRAINED, corrects=wrong.id)
    right = TRAINED._replace(done_on=date(2026, 11, 3), note="Mauvaise feuille d’émargement")
    committed(sample, head, right, corrects=wrong.id)
    with pytest.raises(Conflict):
        committed(sample, head, right, corrects=wrong.id)
    other = member(sample, "Zoé")
    with pytest.raises(NotFound):
        committed(sample, other, right, corrects=wrong.id)
    with sample.reading() as session:
        assert [counts for _, counts in queries.commitments(session, head.id)] == [True, False]
        (found, _) = queries.staff(session, TODAY)
        assert found.covers[1].done_on == date(2026, 11, 3)
    assert len(rows(sample, Commitment)) == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"done_on": date(2026, 11, 24)}, "done_on"),
        ({"title": " "}, "title"),
        ({"months": 0}, "months"),
        ({"months": 121}, "months"),
    ],
)
def test_a_training_that_cannot_be_is_refused(sample, more, field):
    head = member(sample)
    with pytest.raises(Invalid) as refused:
        committed(sample, head, TRAINED._replace(**more))
    assert refused.value.field == field


def test_certificates_may_be_withheld(sample):
    with sample.acting(LAWYER) as act:
        for title, withheld in (("ISO 27001", False), ("Test d’intrusion", True)):
            known = Certificate(title=title, withheld=withheld, starts_on=date(2026, 1, 1))
            dossiers.record(act, dossiers.CERTIFICATES, known, "Reçu")
    with sample.reading() as session:
        assert [each.title for each in queries.certificates(session)] == [
            "ISO 27001",
            "Test d’intrusion",
        ]
        (only,) = queries.certificates(session, handed_out=True)
        assert only.title == "ISO 27001"


def test_lists_are_searched(sample):
    given(sample)
    row = given(sample, "SAINTE-FLORE")
    executed(sample, row)
    with sample.reading() as session:
        cut = queries.Cut()
        assert queries.instructions(session, "", False, cut).total == 2
        assert queries.instructions(session, "beauchene", False, cut).total == 1
        (left,) = queries.instructions(session, "", True, cut).rows
        assert left.controller.code == "BEAUCHENE"
    assert len(rows(sample, InstructionStep)) == 1


def test_trainings_due_again_are_found_the_longest_due_first(sample):
    def trained(name, *months_ago, left=None):
        with sample.acting(LAWYER) as act:
            known = Member(name=name, left_on=left)
            head = dossiers.record(act, dossiers.STAFF, known, "Arrivée")
            for ago, months in months_ago:
                day = periods.add_months(TODAY, -ago)
                said = Undertaken(CommitmentKind.TRAINING, "RGPD", day, months)
                commitments.commit(act, head.id, said)
        return head

    trained("Over", (30, 24))
    trained("Soon", (24, 24))
    trained("Later", (20, 24))
    trained("Again", (30, 24), (1, 24))
    trained("Never", (30, None))
    trained("Left", (30, 24), left=date(2026, 1, 1))
    trained("Nothing")
    with sample.reading() as session:
        found = queries.trainings_due(session, TODAY, TODAY + timedelta(days=30), 9)
        assert [(head.name, cover.state) for head, cover in found] == [
            ("Over", Covered.OVER),
            ("Soon", Covered.SOON),
        ]
        assert len(queries.trainings_due(session, TODAY, TODAY, 1)) == 1
