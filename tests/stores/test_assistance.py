"""Limits of instructions, legal duties, audits, interventions and commitments of staff."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from registers.assistance import commitments, dossiers, instructions
from registers.assistance.commitments import Said as Undertaken
from registers.assistance.duty_models import LegalDuty
from registers.assistance.facts import Intervention
from registers.assistance.facts import Member as Person
from registers.assistance.models import (
    Commitment,
    Document,
    Instruction,
    InstructionStep,
    InterventionVersion,
    Member,
    MemberVersion,
)
from registers.assistance.models import Intervention as InterventionHead
from registers.assistance.vocabulary import CommitmentKind
from registers.kernel.audit import Entry, EntryValues
from registers.kernel.errors import NotFound
from registers.kernel.files import ErasedFile
from registers.notices.models import Notice
from registers.people.roles import Role
from registers.retention import opening
from registers.retention.facts import OwnLimits
from registers.retention.models import Case
from registers.retention.vocabulary import CaseState, OwnStore
from registers.stores import erasing, limits
from tests.assistance.duty_hands import recorded
from tests.assistance.hands import GIVEN, contested, contract_of, controller_of, given
from tests.delivery.hands import Post, drained
from tests.retention.ended import ALIX, end_contract, rows
from tests.stores.test_operations import decided, looked, sound

PDF, OTHER = b"%PDF-1.7 engagement", b"%PDF-1.7 constat"


@pytest.fixture(autouse=True)
def fresh():
    erasing._looked.clear()


def left(database, on, content=PDF):
    """A person who was bound and trained, and who left."""
    with database.acting(ALIX) as act:
        known = Person(name="Tom Le Bihan", function="Consultant", left_on=on)
        head = dossiers.record(act, dossiers.STAFF, known, "Arrivée")
        said = Undertaken(
            CommitmentKind.CONFIDENTIALITY, "Engagement signé", date(2019, 1, 2), None, "", content
        )
        commitments.commit(act, head.id, said)
        said = Undertaken(CommitmentKind.TRAINING, "RGPD : les bases", date(2019, 2, 1), 24)
        commitments.commit(act, head.id, said)
        dossiers.attach(act, dossiers.STAFF, head.id, "Attestation de Tom", content)
    return head


def test_undertakings_go_five_years_after_the_person_left(sample, clock):
    gone, there = left(sample, date(2021, 11, 21)), left(sample, date(2021, 11, 23), OTHER)
    with sample.reading() as session:
        day = limits.until(OwnLimits(), OwnStore.STAFF, date(2026, 11, 22))
        assert limits.over(session, OwnStore.STAFF, day, "Europe/Paris") == [gone.id]
    looked(sample)
    done = decided(sample, OwnStore.STAFF)
    assert done.erased == 1
    (head,) = rows(sample, Member, Member.id == gone.id)
    assert (head.name, head.function, head.left_on) == ("–", "", date(2021, 11, 21))
    versions = rows(sample, MemberVersion, MemberVersion.subject_id == gone.id)
    assert [each.facts for each in versions] == [None]
    mine = rows(sample, Commitment, Commitment.member_id == gone.id)
    assert {each.title for each in mine} == {""}
    assert {each.done_on for each in mine} == {date(2019, 1, 2), date(2019, 2, 1)}
    proof = next(each.proof_sha256 for each in mine if each.proof_sha256)  # the digest stays
    assert proof in {each.sha256 for each in rows(sample, ErasedFile)}
    with sample.reading() as session, pytest.raises(NotFound):
        sample.files.get(session, proof)
    (other,) = rows(sample, Member, Member.id == there.id)
    assert other.name == "Tom Le Bihan"
    documents = {each.about: each.title for each in rows(sample, Document)}
    assert documents == {
        f"staff_member:{gone.id}": "",
        f"staff_member:{there.id}": "Attestation de Tom",
    }
    assert sound(sample)
    looked(sample)
    assert rows(sample, erasing.OwnErasure)[-1].done_at is not None


def test_who_is_there_still_is_kept(sample, clock):
    left(sample, None)
    clock.at = datetime(2060, 1, 1, tzinfo=UTC)
    with sample.reading() as session:
        assert limits.over(session, OwnStore.STAFF, date(2055, 1, 1), "Europe/Paris") == []


def over(database, clock, *references):
    """Contracts whose time is over; nothing else of them waits."""
    for reference in references:
        end_contract(database, reference, date(2020, 10, 31), starts_on=date(2019, 1, 1))
    for case in rows(database, Case, Case.state == CaseState.OPEN):
        with database.acting(ALIX) as act:
            opening.withdraw(act, case.id, "Essai")
    looked(database)


def worked(database, code, contract=""):
    with database.acting(ALIX) as act:
        known = Intervention(
            controller=controller_of(database, code).id,
            title="Import bloqué chez Odile",
            operators=("Maël Riou",),
            contract=contract,
        )
        head = dossiers.record(act, dossiers.INTERVENTIONS, known, "Ticket")
        dossiers.attach(act, dossiers.INTERVENTIONS, head.id, "Rapport d’Odile", OTHER)
    return head


def test_what_was_instructed_goes_with_the_proofs_of_the_contract(sample, clock):
    contract = contract_of(sample, "BEAUCHENE")
    row = given(sample, said=GIVEN._replace(content=PDF))
    contested(sample, row)
    with sample.acting(ALIX) as act:
        word = instructions.Word(date(2026, 11, 22), "Soit.", "Odile Chabrol", "maire")
        instructions.answer(act, row.id, instructions.Step.WITHDRAWN, word)
    alone = recorded(sample)
    shared = recorded(sample, codes=("BEAUCHENE", "SAINTE-FLORE"))
    under = worked(sample, "BEAUCHENE", str(contract.id))
    elsewhere = worked(sample, "SAINTE-FLORE")
    drained(sample, Post())
    over(sample, clock, contract.reference)
    decided(sample, OwnStore.PROOFS)
    (kept,) = rows(sample, Instruction)
    assert (kept.code, kept.says, kept.by_name, kept.by_function) == (row.code, "", "", "")
    assert kept.given_on == GIVEN.given_on
    assert kept.proof_sha256 in {each.sha256 for each in rows(sample, ErasedFile)}
    steps = rows(sample, InstructionStep)
    assert {(each.says, each.by_name) for each in steps} == {("", "")}
    assert len({each.step for each in steps}) == 2
    data = {each.id: each.data for each in rows(sample, LegalDuty)}
    assert data[alone.id] == ""
    assert data[shared.id]  # another contract needs it still
    versions = {each.subject_id: each.facts for each in rows(sample, InterventionVersion)}
    assert versions[under.id] is None
    assert versions[elsewhere.id] is not None
    heads = {each.id: each for each in rows(sample, InterventionHead)}
    assert heads[under.id].title == "–"
    assert "odile" not in heads[under.id].search
    for notice in rows(sample, Notice, Notice.kind == "instruction"):
        assert "Odile" not in str(notice.told)
        assert notice.told["code"] == row.code
    with sample.reading() as session:
        query = sa.select(EntryValues.content).join(Entry, Entry.values_id == EntryValues.id)
        names = [f"instruction:{row.id}", f"intervention:{under.id}", f"legal_duty:{alone.id}"]
        assert set(session.scalars(query.where(Entry.about.in_(names)))) == {None}
    assert sound(sample)
    over(sample, clock, contract_of(sample, "SAINTE-FLORE").reference)
    decided(sample, OwnStore.PROOFS)
    assert {each.data for each in rows(sample, LegalDuty)} == {""}
    assert {each.facts for each in rows(sample, InterventionVersion)} == {None}
    assert sound(sample)


def test_pages_of_what_was_erased_say_so(sample_site, clock):
    database = sample_site.house.database
    gone = left(database, date(2021, 11, 21))
    contract = contract_of(database, "BEAUCHENE")
    row = given(database)
    contested(database, row)
    duty = recorded(database)
    under = worked(database, "BEAUCHENE", str(contract.id))
    over(database, clock, contract.reference)
    decided(database, OwnStore.PROOFS)
    decided(database, OwnStore.STAFF)
    client = sample_site.signed_in(Role.DPO)
    for page in (f"/staff/{gone.code}", f"/interventions/{under.code}"):
        assert "erased when its time was over" in client.get(page).text
        assert client.get(f"{page}/edit").status_code == 404
        assert client.get(f"{page}/history").status_code == 404
    for page in (
        *("/staff?left=on", "/interventions", "/instructions", "/duties"),
        *(f"/instructions/{row.code}", f"/duties/{duty.code}"),
        "/controllers/BEAUCHENE/assistance",
    ):
        assert client.get(page).status_code == 200, page
    with client.send("/controllers/BEAUCHENE/evidence.zip") as pack:
        assert pack.status_code == 200
