"""A letter as a kind of its own: declared in one place, made by what makes all papers."""

from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from registers.annexes import demands, making, sources
from registers.annexes.kinds import KINDS, Kind
from registers.annexes.orders import Order
from registers.annexes.papers import clauses_915, letters
from registers.annexes.subjects import About
from registers.kernel.words import Words, text
from registers.press.paper import Heading, Paragraph
from registers.press.verify import verify
from tests.annexes.papers import order, read, said_by
from tests.annexes.test_documents import FULL
from tests.press import archival
from tests.registers import TODAY


def told(snapshot, words):
    """The only thing that a kind of letter has to write itself."""
    for each in snapshot.subprocessors:
        yield Paragraph(f"{each.known.name} ({words.say(text('Processor'))})")


NOTICE = Kind(
    name="notice",
    title=clauses_915.LIST_OF_SUBPROCESSORS,
    law=text("Art. 28(2)"),
    about=About.CONTRACT,
    source=sources.contracts,
    sections=(letters.salutation, told, letters.closing),
    wants=(demands.issuer, demands.customer),
    countersigned=False,
    letter=letters.to_controller,
)


@pytest.fixture
def notice(monkeypatch):
    monkeypatch.setitem(KINDS, NOTICE.name, NOTICE)
    return NOTICE


def test_a_kind_of_letter_is_a_declaration(database, press, owner, notice, tmp_path):
    for language, said in (
        ("fr", "Objet : Annexe IV – Liste des sous-traitants ultérieurs"),
        ("en", "Subject: Annex IV – List of sub-processors"),
    ):
        (made,) = making.make_all(press, order(database, notice.name, owner, language=language))
        content = read(database, made.paper_sha256)
        assert verify(content).sound
        assert archival.faults(content) == []
        read_again = said_by(database, made, tmp_path)
        for each in (said, "1 place du Foirail 48260 NASBINALS", f"{made.number} · cont"):
            assert each in read_again
        assert "Cloud Inc." in read_again
    subjects = [made.subject]
    assert making.draft_of(database, Order(notice, subjects, TODAY), "Europe/Paris")


def test_a_letter_goes_to_whoever_represents_the_controller():
    words = Words("fr")
    letter = letters.to_controller(FULL, words)
    assert letter.recipient == (
        "Commune de Nasbinals",
        "À l’attention de\xa0: Odile Chabrol, maire",
        "1 place du Foirail",
        "48260 NASBINALS",
    )
    assert letter.sender[:3] == (
        "Éditions du Ponant",
        "1 rue des Cordiers",
        "34170 Castelnau-le-Lez",
    )
    assert (letter.place, letter.ours) == ("Castelnau-le-Lez", "")
    abroad = replace(FULL, controller=replace(FULL.controller, country="DE", representative=""))
    assert letters.to_controller(abroad, words).recipient[1:] == (
        "1 place du Foirail",
        "48260 NASBINALS",
        "ALLEMAGNE",
    )


def test_only_a_letter_has_no_heading_above_its_signature(monkeypatch):
    plain = changed(NOTICE, letter=None).paper(FULL, "fr")
    assert isinstance(plain.blocks[-2], Heading)
    assert not any(isinstance(block, Heading) for block in NOTICE.paper(FULL, "fr").blocks)
