"""The model of a paper, and how its texts become lines."""

import unicodedata
from datetime import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registers.press import typography
from registers.press.layout import shares
from registers.press.paper import Column, Paper, Signatures, Stamp, Table
from registers.press.typography import (
    REPLACEMENT,
    Face,
    clusters,
    printable,
    unshown,
    visual,
    width,
    wrap,
)
from tests.press.samples import NOW, paper


def test_a_paper_is_plain_data_that_comes_back_as_it_was():
    written = msgspec.json.encode(paper())
    assert msgspec.json.decode(written, type=Paper) == paper()
    assert hash(paper()) == hash(paper())


def test_its_texts_are_read_in_order():
    read = list(paper(rows=1).texts())
    assert read[0] == "Éditions Numériques du Midi, SAS"
    assert read.index("Parties") < read.index("Éditions Numériques du Midi\nMontpellier")
    assert read.index("Durée") < read.index("A-000") < read.index("Chiffrement.")
    assert "Aucune activité." not in read
    assert "Aucune activité." in paper(rows=0).texts()


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ((), ()),
        ((Column("a", 0),), ()),
        ((Column("a"), Column("b")), (("one",),)),
        ((Column("a"),) * 17, ()),
    ],
)
def test_a_table_that_would_lose_a_cell_is_refused(columns, rows):
    with pytest.raises(ValueError, match=r"column"):
        Table(columns, rows)


def test_a_paper_has_one_place_for_signatures():
    with pytest.raises(ValueError, match="one place"):
        paper(blocks=(Signatures("a"), Signatures("b")))


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        Stamp("AX-1", datetime(2026, 1, 1))
    assert Stamp("AX-1", NOW).checkpoint is None


# --- characters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("é", "é"),
        ("e\u0301", "é"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("un\tdeux\u2003trois", "un deux trois"),
        ("un\r\ndeux\rtrois\x0bquatre\u2028cinq", "un\ndeux\ntrois\nquatre\ncinq"),
        ("10\u202f000\xa0€", "10\u202f000\xa0€"),
        ("con\xadtrat\u200b\ufeff", "contrat"),
        ("\u202egnp.exe", "gnp.exe"),  # a right-to-left override would show it reversed
        ("漢字", REPLACEMENT * 2),
        ("\ud800", REPLACEMENT),
        ("👩\u200d🚀\ufe0f", REPLACEMENT * 2),
        ("<b>&amp;</b> %s {0}", "<b>&amp;</b> %s {0}"),
    ],
)
def test_what_can_be_printed(written, printed):
    assert printable(written) == printed


def test_characters_that_no_typeface_has_are_counted():
    assert unshown("Société 漢字") == 2
    assert unshown(f"already {REPLACEMENT}") == 0


@given(st.text())
def test_anything_can_be_printed(text):
    shown = printable(text)
    assert printable(shown) == shown
    assert typography._shown_by(Face.BOLD).issuperset(shown.replace("\n", ""))
    assert not {"Cc", "Cf", "Cs", "Co"} & set(map(unicodedata.category, shown.replace("\n", "")))


# --- lines --------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    ["sous-traitant", "et/ou", "https://exemple.fr/a/b?c=d&e=f#g", "x" * 300, "é" * 40, " ", "\n"]
)


@given(
    st.lists(FRAGMENTS | st.text(max_size=30)).map(" ".join),
    st.sampled_from(Face),
    st.floats(20, 500),
)
@settings(deadline=None)
def test_no_line_is_wider_than_its_measure_and_none_loses_a_letter(text, face, measure):
    lines = wrap(text, face, 8, measure)
    for line in lines:
        seen = line.rstrip(" ")
        assert width(seen, face, 8) <= measure + 0.01 or len(clusters(seen)) == 1
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


def test_lines_break_where_readers_expect_it():
    def broken(text, measure):
        return wrap(text, Face.REGULAR, 10, measure)

    assert broken("une ligne", 40) == ("une ", "ligne")  # its space, so that words stay apart
    assert broken("le sous-traitant", 50) == ("le sous-", "traitant")
    assert broken("un 22/11/2026", 60) == ("un ", "22/11/2026")
    assert broken("dix\xa0mille euros", 45) == ("dix\xa0mille ", "euros")
    assert broken("https://exemple.fr/page", 75) == ("https://exemple.", "fr/page")
    assert broken("un mot ; deux", 35) == ("un ", "mot ; ", "deux")
    assert broken("il dit « oui » ici", 31) == ("il dit ", "« oui » ", "ici")
    assert broken("; x", 8) == ("; ", "x")
    assert broken("", 75) == ("",)
    assert broken("a\n\nb", 75) == ("a", "", "b")


def test_right_to_left_words_are_drawn_from_the_right():
    assert visual("abc") == "abc"
    assert visual("שלום עולם") == "םלוע םולש"
    assert visual("à שלום (12) ok") == "à (12) םולש ok"
    assert visual("א (ב) ג") == "ג (ב) א"
    assert visual("x אב, y") == "x בא, y"


@given(
    st.lists(st.tuples(st.floats(0.01, 9), st.floats(0, 900)), min_size=1, max_size=16),
)
def test_a_width_is_divided_without_rest_and_no_column_vanishes(columns):
    wanted, longest = zip(*columns, strict=True)
    given_widths = shares(wanted, longest, 480, 24)
    assert sum(given_widths) == pytest.approx(480)
    assert min(given_widths) >= 24 - 1e-6


def test_a_column_is_widened_for_its_longest_word():
    assert shares([1, 1], [200, 20], 400, 24) == [200, 200]
    assert shares([1, 3], [110, 20], 400, 24) == [110, 290]
    assert shares([1, 9], [390, 20], 400, 24) == [120, 280]  # not at any price
