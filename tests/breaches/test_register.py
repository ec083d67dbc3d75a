"""The register of breaches: complete, without exercises, as it was on any day."""

import io
from datetime import date

import pytest
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from registers.annexes import making
from registers.annexes.kinds import KINDS
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import ORGANISATION, Asked
from registers.breaches import follow_ups, operations, owning, register
from registers.breaches.facts import Breach
from registers.breaches.follow_ups import Drawn
from registers.breaches.own import Own, Risk
from registers.breaches.vocabulary import Phase
from registers.kernel.history import How
from registers.people.roles import Role
from registers.press.verify import verify
from tests.annexes.papers import KEY, PRESSED, marks, read, said_by
from tests.breaches.test_operations import (
    KNOWN,
    RESPONDER,
    left,
    recorded,
    told,
    touched,
)
from tests.press import archival
from tests.registers import EVERYTHING
from tests.site import site as installation

TODAY = date(2026, 11, 22)
FALSE = "Un test de charge mal annoncé."


def listed(database, on=TODAY):
    with database.reading() as session:
        return register.listed(session, on, "Europe/Paris")


@pytest.fixture
def kept(sample):
    """One breach that was told and closed, one false suspicion, one exercise."""
    breach = recorded(sample, replace(KNOWN, ours=True, note="Ne pas diffuser."))
    touched(sample, breach)
    told(sample, breach)
    left(sample)
    with sample.acting(RESPONDER) as act:
        low = Own(risk=Risk.NONE, risk_reason="Données chiffrées.")
        owning.record(act, breach.id, low, 0, How(TODAY, "Analyse"))
    with sample.acting(RESPONDER) as act:
        drawn = Drawn("Journal non relu", "Relire chaque jour", "Nadia", date(2026, 12, 1))
        follow_ups.draw(act, breach.id, drawn)
    doubt = recorded(sample, Breach(title="Un soupçon"))
    with sample.acting(RESPONDER) as act:
        operations.close(act, doubt.id, Phase.FALSE, FALSE)
    recorded(sample, drill=True)
    return breach


def test_suspicions_that_proved_false_stand_in_it_and_exercises_do_not(sample, kept):
    first, second = listed(sample)
    assert (first.code, second.code) == ("BR-2026-0001", "BR-2026-0002")
    assert (second.phase, second.end_reason) == (Phase.FALSE, FALSE)
    assert first.known.note == ""
    assert first.informed.contracts == first.informed.informed > 0
    assert first.informed.controllers <= first.informed.contracts
    assert first.own.risk is Risk.NONE
    assert first.follow_ups[0].measure == "Relire chaque jour"


def test_it_shows_what_was_known_on_a_day(sample, kept, clock):
    assert listed(sample, date(2026, 11, 21)) == ()
    clock.forward(days=2)
    with sample.acting(RESPONDER) as act:
        operations.close(act, kept.id, Phase.CLOSED, "Tout est fait")
    before, after = listed(sample)[0], listed(sample, date(2026, 11, 24))[0]
    assert (before.phase, after.phase) == (Phase.OPEN, Phase.CLOSED)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_sealed_as_an_annex(sample, kept, clock, language, tmp_path):
    press = Press(sample, EVERYTHING, PRESSED, KEY, "Europe/Paris")
    order = Order(KINDS["breach_register"], [ORGANISATION], TODAY, None, language)
    (made,) = making.make_all(press, order)
    paper = read(sample, made.paper_sha256)
    assert verify(paper).sound
    assert archival.faults(paper) == []
    assert b"Ne pas diffuser" not in paper
    said = said_by(sample, made, tmp_path)
    assert FALSE in said
    assert "EX-2026" not in said
    assert "Relire chaque jour" in said
    assert marks(sample) == {"breach_register": False}
    clock.forward(hours=1)
    with sample.acting(RESPONDER) as act:
        operations.change(act, kept.id, replace(KNOWN, ours=True, consequences="Oui"), 1, "Vu")
    assert marks(sample) == {"breach_register": True}


def test_an_empty_register_is_sealed_too(sample, tmp_path):
    press = Press(sample, EVERYTHING, PRESSED, KEY, "Europe/Paris")
    order = Order(KINDS["breach_register"], [ORGANISATION], TODAY, None, "en")
    (made,) = making.make_all(press, order)
    assert "No breach was recorded by this day." in said_by(sample, made, tmp_path)


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def test_it_is_a_spreadsheet_whose_texts_are_no_formulas(site):
    recorded(site.house.database, replace(KNOWN, title="=1+1"))
    reader = site.signed_in(Role.AUDITOR)
    answer = reader.get("/breaches/register.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    headings, row = book.get_sheet_by_index(0).to_python()
    found = dict(zip(headings, row, strict=True))
    assert found["What happened"] == "=1+1"
    assert found["Aware since"] == "2026-11-22 09:00 (UTC+01:00)"
    assert len(headings) == len(register.HEADINGS)


def test_it_is_ordered_from_the_annexes(site):
    recorded(site.house.database)
    jurist = site.signed_in(Role.LEGAL)
    page = jurist.get("/annexes?paper=breach_register").text
    assert '<option selected value="breach_register">' in page
    draft = jurist.get(f"/annexes/draft.pdf?paper=breach_register&on={TODAY}&language=fr")
    assert draft.data.startswith(b"%PDF")
    assert jurist.get("/annexes/draft.pdf?paper=register").status_code == 404
    assert jurist.get("/annexes/draft.pdf").status_code == 200


def test_extracts_of_the_journal_name_what_changed_of_a_breach(sample, kept):
    with sample.acting(RESPONDER) as act:
        more = replace(KNOWN, ours=True, consequences="Oui")
        operations.change(act, kept.id, more, 1, "Vu")
    kind = KINDS["journal_extract"]
    with sample.reading() as session:
        asked = Asked(TODAY, TODAY, "Europe/Paris")
        snapshot = kind.snapshots(session, [ORGANISATION], asked)[ORGANISATION]
    said = str(kind.paper(snapshot, "en").blocks)
    assert "Likely consequences" in said
    assert "Our own file of a breach" in said
    assert "Lesson or measure after a breach" in said
