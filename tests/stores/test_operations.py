"""The own stores: what is over its time, erased on a person's word; the journal still verifies."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.controllers import operations as parties
from registers.controllers.facts import Contact as ContactFacts
from registers.controllers.facts import ContactLink
from registers.controllers.models import Contact, ContactVersion, Controller
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.kernel import audit, history
from registers.kernel.audit import EntryValues
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.files import ErasedFile
from registers.kernel.history import How
from registers.notices import receipts
from registers.notices.models import Dispatch, Notice, Receipt
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people import operations as people
from registers.people.models import User
from registers.people.roles import WORKER, Role
from registers.requests import following
from registers.requests import operations as requests
from registers.retention import opening
from registers.retention.facts import OwnLimits
from registers.retention.models import Case, OwnErasure
from registers.retention.vocabulary import ErasureState, OwnStore
from registers.stores import answering, erasing, limits, requesters
from tests.announcements.telling import announced, matters
from tests.registers import commune, entries, since
from tests.requests.asking import ASKED
from tests.retention.ended import ALIX, PDF, end_contract, head_of, rows

ZONE = "Europe/Paris"


@pytest.fixture(autouse=True)
def fresh():
    erasing._looked.clear()


def looked(database):
    erasing._looked.clear()
    erasing.look(database, WORKER, ZONE)


def decided(database, store, confirmed=True, reason=""):
    (row,) = rows(
        database, OwnErasure, OwnErasure.store == store, OwnErasure.state == ErasureState.PROPOSED
    )
    with database.acting(ALIX) as act:
        erasing.decide(act, row.id, confirmed=confirmed, reason=reason)
    looked(database)
    with database.reading() as session:
        return session.get(OwnErasure, row.id)


def sound(database):
    with database.reading() as session:
        verdict, _agree = audit.verify(session.connection())
    return verdict.faults == []


def test_limits_are_the_same_date_so_long_ago():
    known = OwnLimits()
    assert limits.until(known, OwnStore.PROOFS, date(2028, 2, 29)) == date(2023, 2, 28)
    assert limits.until(known, OwnStore.TRACES, date(2026, 11, 22)) == date(2025, 11, 22)
    assert limits.until(known, OwnStore.CONTACTS, date(2026, 11, 22)) == date(2023, 11, 22)


def test_limits_are_set_with_a_reason(sample):
    how = How(date(2026, 11, 22), "Prescription")
    with sample.acting(ALIX) as act:
        limits.set_limits(act, OwnLimits(proof_years=10), 0, how)
    with sample.reading() as session:
        assert limits.limits(session).proof_years == 10
    with pytest.raises(Invalid), sample.acting(ALIX) as act:
        limits.set_limits(act, OwnLimits(trace_months=0), 1, how)


@pytest.mark.parametrize(
    ("months", "closed", "last"),
    [
        (12, date(2026, 11, 22), date(2027, 11, 22)),
        (12, date(2028, 2, 29), date(2029, 2, 28)),
        (12, date(2026, 8, 15), date(2027, 8, 15)),  # a Sunday and a holiday: never rolled
        (6, date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_requesters_are_kept_for_the_time_that_was_set_and_never_longer(
    sample, clock, months, closed, last
):
    clock.at = datetime(closed.year, closed.month, closed.day, 20, tzinfo=UTC)
    with sample.acting(ALIX) as act:
        request = requests.record(act, replace(ASKED, received_on=closed), today=closed)
        following.misdirect(act, request.id, "Autre organisme")
        if months != OwnLimits().request_months:
            how = How(closed, "Moins longtemps")
            limits.set_limits(act, OwnLimits(request_months=months), 0, how)
    with sample.reading() as session:
        known = limits.limits(session)
        assert requesters.kept_until(known, clock.at, ZONE) == last
        assert requesters.over(session, last, ZONE) == []
        assert requesters.over(session, last + timedelta(days=1), ZONE) == [request.id]


def retired(sample, clock):
    """A contact that served nobody any more since 2020."""
    clock.at = datetime(2019, 1, 2, 9, tzinfo=UTC)
    with sample.acting(ALIX) as act:
        known = ContactFacts(
            kind=ContactKind.PERSON, name="Vidal", first_name="Rose", email="rose@x.example"
        )
        contact = parties.record_contact(act, known, since(2019))
        act.session.flush()
        link = ContactLink(role=ContactRole.REFERENT, contact=contact.id)
        owner = parties.record_controller(act, "NASB", commune(contacts=(link,)), since(2019))
    with sample.acting(ALIX) as act:
        parties.release_contact(act, owner.id, link, since(2020, 3))
    clock.at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return contact, owner


def test_a_contact_that_serves_nobody_is_erased_on_a_persons_word(sample, clock):
    contact, owner = retired(sample, clock)
    with sample.reading() as session:
        assert limits.last_served(session, contact.id, ZONE) == date(2020, 3, 1)
    looked(sample)
    (row,) = rows(sample, OwnErasure)
    assert (row.store, row.found, row.state) == (
        OwnStore.CONTACTS,
        1,
        ErasureState.PROPOSED,
    )
    looked(sample)
    assert len(rows(sample, OwnErasure)) == 1
    assert head_of(sample, Contact, id=contact.id).name == "Rose Vidal"  # nobody said yes yet
    done = decided(sample, OwnStore.CONTACTS)
    assert (done.erased, done.done_at) == (1, clock())
    gone = head_of(sample, Contact, id=contact.id)
    assert (gone.name, gone.email, gone.search) == ("–", "", "")
    assert [
        row.facts for row in rows(sample, ContactVersion, ContactVersion.subject_id == gone.id)
    ] == [None]
    assert sound(sample)
    with sample.reading() as session:
        query = sa.select(audit.Entry.values_id).where(audit.Entry.about == f"contact:{gone.id}")
        beside = session.get(EntryValues, session.scalars(query).one())
        assert (beside.key, beside.content) == (None, None)
        known = history.known_on(session, Controller, date(2019, 6, 1), [owner.id])[owner.id]
        assert known.contacts[0].contact == gone.id  # that somebody served stays a fact
    looked(sample)
    assert len(rows(sample, OwnErasure)) == 1


def test_whoever_still_serves_is_kept(sample, clock):
    clock.at = datetime(2040, 1, 2, 9, tzinfo=UTC)
    looked(sample)
    assert [row for row in rows(sample, OwnErasure) if row.store is OwnStore.CONTACTS] == []


def test_what_is_refused_is_asked_again_after_a_while(sample, clock):
    retired(sample, clock)
    looked(sample)
    (row,) = rows(sample, OwnErasure)
    with pytest.raises(Invalid), sample.acting(ALIX) as act:
        erasing.decide(act, row.id, confirmed=False, reason="")
    decided(sample, OwnStore.CONTACTS, confirmed=False, reason="Litige en cours")
    clock.forward(days=29)
    looked(sample)
    assert len(rows(sample, OwnErasure)) == 1
    clock.forward(days=2)
    looked(sample)
    assert len(rows(sample, OwnErasure)) == 2


def test_only_what_was_confirmed_is_erased_and_only_by_whom_it_may(sample, clock):
    retired(sample, clock)
    looked(sample)
    (row,) = rows(sample, OwnErasure)
    with pytest.raises(Conflict), sample.acting(WORKER) as act:
        erasing.carry_out(act, row.id, ZONE)
    nobody = type(ALIX)("user", frozenset(), ALIX.id, "x")
    with pytest.raises(Forbidden), sample.acting(nobody) as act:
        erasing.decide(act, row.id, confirmed=True, reason="")


def proven(sample, clock):
    """A receipt with its proof, and an objection, under two contracts told by one announcement."""
    announced(sample, clock)
    found = matters(sample)
    clock.forward(days=2)
    first, second = found["CA-ANNELAC"], found["BEAUCHENE"]
    for matter, content in ((first, PDF), (second, PDF)):
        with sample.acting(ALIX) as act:
            proof = Proof(Evidence.HAND_OVER, date(2026, 4, 1), "En main propre",
                          "Solange Perrier", "présidente", content)  # fmt: skip
            receipts.receive(act, [matter.id], proof)
    return first, second


def test_proofs_go_five_years_after_the_contract_and_digests_stay(sample, clock):
    first, second = proven(sample, clock)
    clock.at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    clock.at = datetime(2031, 11, 2, 9, tzinfo=UTC)
    looked(sample)
    assert [row.store for row in rows(sample, OwnErasure)] == []  # erasures are not done yet
    for case in rows(sample, Case):
        with sample.acting(ALIX) as act:
            opening.withdraw(act, case.id, "Essai")
    looked(sample)
    done = decided(sample, OwnStore.PROOFS)
    assert done.erased == 1
    mine = rows(sample, Receipt, Receipt.matter_id == first.id)
    assert [(row.by_name, row.note) for row in mine] == [("", "")]
    assert mine[0].proof_sha256  # the digest stays
    other = rows(sample, Receipt, Receipt.matter_id == second.id)
    assert [row.by_name for row in other] == ["Solange Perrier"]
    with sample.reading() as session:  # the same slip proves the other contract
        assert sample.files.get(session, mine[0].proof_sha256) == PDF
    (notice,) = rows(sample, Notice, Notice.id == first.notice_id)
    assert (notice.name, notice.email) == ("–", "")
    assert all(
        row.address.startswith("–")
        for row in rows(sample, Dispatch, Dispatch.notice_id == notice.id)
    )
    assert sound(sample)
    looked(sample)
    assert len(rows(sample, OwnErasure)) == 1  # nothing is left to be erased twice


def test_a_document_that_nobody_needs_any_more_goes(sample, clock):
    announced(sample, clock)
    matter = matters(sample)["CA-ANNELAC"]
    clock.forward(days=2)
    with sample.acting(ALIX) as act:
        proof = Proof(Evidence.HAND_OVER, date(2026, 4, 1), "", "S. P.", "", PDF + b"x")
        receipts.receive(act, [matter.id], proof)
    (receipt,) = rows(sample, Receipt)
    clock.at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    end_contract(sample, "CA-AL_CM_TT-WD", date(2020, 10, 31), starts_on=date(2019, 1, 1))
    for case in rows(sample, Case):
        with sample.acting(ALIX) as act:
            opening.withdraw(act, case.id, "Essai")
    looked(sample)
    decided(sample, OwnStore.PROOFS)
    with sample.reading() as session:
        with pytest.raises(NotFound):
            sample.files.get(session, receipt.proof_sha256)
        assert receipt.proof_sha256 not in list(sample.files.names(session))
    assert receipt.proof_sha256 in {row.sha256 for row in rows(sample, ErasedFile)}
    assert sound(sample)


def test_traces_and_accounts_have_their_limits(sample, clock):
    with sample.acting(ALIX) as act:
        user = people.add(act, "ancien@ponant.example", "Ancien Collègue", [Role.LEGAL], "fr")
        people.add(act, "admin@ponant.example", "Admin", [Role.ADMIN], "fr")
    with sample.acting(ALIX) as act:
        people.change(act, user.id, user.revision, user.name, [Role.LEGAL], disabled=True)
    clock.forward(days=366 * 6)
    looked(sample)
    decided(sample, OwnStore.ACCOUNTS)
    gone = head_of(sample, User, id=user.id)
    assert (gone.name, gone.email) == ("–", f"{user.id}@erased.example")
    assert sound(sample)
    looked(sample)
    assert OwnStore.ACCOUNTS not in {
        row.store for row in rows(sample, OwnErasure, OwnErasure.state == ErasureState.PROPOSED)
    }


def test_everything_held_of_a_person_is_found(sample, clock):
    announced(sample, clock)
    with sample.reading() as session:
        asked = answering.person(session, "basile.fontanel@annelac-agglo.example")
        found = answering.everything(session, asked)
    stores = {str(each.store) for each in found}
    assert {"Point of contact", "Serves a controller", "Journal"} <= stores
    with sample.reading() as session:
        asked = answering.person(session, "notifications@annelac-agglo.example")
        stores = {str(each.store) for each in answering.everything(session, asked)}
        assert {"Notice", "Message"} <= stores
        for nobody in ("nobody@x.example", ""):
            with pytest.raises(NotFound):
                answering.person(session, nobody)


def test_giving_it_out_stands_in_the_journal(sample):
    with sample.reading() as session:
        asked = answering.person(session, "basile.fontanel@annelac-agglo.example")
    with sample.acting(ALIX) as act:
        answering.answered(act, asked, 3)
    (entry,) = entries(sample, "own.answered")
    assert entry.about == f"contact:{asked.contacts[0].id}"
