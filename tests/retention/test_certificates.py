"""Erasure certificates: what they state, and that they never state more than is so."""

from datetime import date

import pytest

from registers.annexes import making, standing
from registers.annexes.gaps import Incomplete
from registers.annexes.kinds import KINDS
from registers.annexes.models import Annex
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import of_erasure
from registers.controllers.vocabulary import EndChoice
from registers.kernel.words import Words
from registers.press.verify import verify
from registers.retention import erasing, operations
from registers.retention.models import Ending
from registers.retention.operations import Said
from registers.retention.vocabulary import System, Treatment
from tests.annexes.papers import KEY, PRESSED
from tests.registers import EVERYTHING
from tests.retention.ended import (
    ALIX,
    CHECKED,
    PDF,
    cases,
    confirmed,
    end_contract,
    of_activity,
    rows,
    stated,
)

KIND = KINDS["erasure_certificate"]


@pytest.fixture
def press(sample):
    return Press(sample, EVERYTHING, PRESSED, KEY, "Europe/Paris")


def ended(sample):
    head = end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    (ending,) = rows(sample, Ending)
    with sample.acting(ALIX) as act:
        said = Said("Solange Perrier", "présidente", PDF)
        operations.choose(act, ending.id, EndChoice.ERASE, date(2026, 11, 3), said)
    return head


def subject(erasure, head):
    return of_erasure(erasure.id, erasure.controller_id, head.id)


def hosted(sample, **more):
    head = ended(sample)
    erasure = stated(sample, of_activity(cases(sample), "P4"), visa="AD74-118", **more)
    return head, erasure


def snapshot_of(press, head, erasure, day=date(2026, 11, 22)):
    with press.database.reading() as session:
        found = KIND.snapshots(
            session, [subject(erasure, head)], Order(KIND, [], day).asked(press.zone)
        )
        return found[subject(erasure, head)]


def words_of(snapshot, language="en"):
    return "\n".join(KIND.paper(snapshot, language).texts())


def all_confirmed(sample, erasure):
    for code in ("OVH", "SCALEWAY"):
        with sample.acting(ALIX) as act:
            erasing.confirm_chain(
                act, erasure.id, code, erased_on=date(2026, 11, 21), says="Attestation",
                proof=PDF,
            )  # fmt: skip


def test_it_is_sealed_only_on_the_word_of_two(sample, press):
    head, erasure = hosted(sample)
    order = Order(KIND, [subject(erasure, head)], date(2026, 11, 22))
    with pytest.raises(Incomplete, match="second person"):
        list(making.make_all(press, order))
    confirmed(sample, erasure)
    (made,) = making.make_all(press, order)
    with sample.reading() as session:
        paper = sample.files.get(session, made.paper_sha256)
        annex = session.get(Annex, made.annex_id)
    verdict = verify(paper)
    assert (verdict.sound, verdict.snapshot.matches) == (True, True)
    assert (annex.controller_id, annex.contract_id, annex.language) == (
        head.controller_id,
        head.id,
        "fr",
    )


def test_it_never_says_all_copies_before_it_is_so(sample, press):
    head, erasure = hosted(sample)
    confirmed(sample, erasure)
    says = words_of(snapshot_of(press, head, erasure))
    assert "does not state that all copies are destroyed" in says
    assert "Complète mensuelle”: until Sunday, 21 February 2027" in says
    assert "OVH SAS: has not confirmed yet" in says
    all_confirmed(sample, erasure)
    says = words_of(snapshot_of(press, head, erasure, date(2027, 2, 21)))
    assert "does not state" in says
    assert "not confirmed yet" not in says
    says = words_of(snapshot_of(press, head, erasure, date(2027, 2, 22)))
    assert "No copy is left" in says
    assert "as each of them has confirmed" in says


def test_what_remains_in_a_system_is_said_for_good(sample, press):
    treated = tuple(
        type(each)(system=each.system, treatment=Treatment.REMAINS, note="Jusqu’au 31/12/2027")
        if each.system is System.LOGS
        else each
        for each in CHECKED
    )
    head, erasure = hosted(sample, treated=treated)
    confirmed(sample, erasure)
    all_confirmed(sample, erasure)
    snapshot = snapshot_of(press, head, erasure, date(2028, 1, 1))
    assert not snapshot.complete
    assert "Jusqu’au 31/12/2027" in words_of(snapshot)


def test_a_sealed_one_is_out_of_date_once_the_copies_are_gone(sample, press, clock):
    head, erasure = hosted(sample)
    confirmed(sample, erasure)
    order = Order(KIND, [subject(erasure, head)], date(2026, 11, 22))
    (made,) = making.make_all(press, order)
    with sample.reading() as session:
        annex = session.get(Annex, made.annex_id)
        assert standing.out_of_date(session, [annex], date(2026, 11, 23)) == set()
        assert standing.out_of_date(session, [annex], date(2027, 2, 22)) == {annex.id}


def test_what_was_irregular_stands_on_it(sample, press):
    head = ended(sample)
    case = of_activity(cases(sample), "P4")
    erasure = stated(sample, case, irregular="Volume supprimé par erreur")
    confirmed(sample, erasure)
    snapshot = snapshot_of(press, head, erasure)
    says = words_of(snapshot, "fr")
    assert "Volume supprimé par erreur" in says
    assert Words("fr").say(KIND.title) in says


def test_own_purposes_are_shown_as_such(sample, press):
    head = ended(sample)
    erasure = stated(sample, of_activity(cases(sample), "P1-PRO"))
    confirmed(sample, erasure)
    snapshot = snapshot_of(press, head, erasure)
    assert snapshot.own
    assert "of which it is itself controller" in words_of(snapshot)


def test_several_cases_of_one_end_stand_on_one_certificate(sample, press):
    head = ended(sample)
    found = cases(sample)
    chosen = [case for (code, _name), case in found.items() if code == "P3"]
    erasure = stated(sample, *chosen)
    confirmed(sample, erasure)
    snapshot = snapshot_of(press, head, erasure)
    assert len(snapshot.cases) == 2
    assert snapshot.complete  # no backup, nobody else: so the register says
    assert "The register knows of no backup" in words_of(snapshot)
