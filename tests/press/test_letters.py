"""Letters: an address that the window shows whole, and nothing else that it could show."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.units import mm

from registers.press import fast, reference
from registers.press.issue import ACCESSIBLE, PLAIN, draft, issue
from registers.press.letter import ADDRESS, WINDOW, address
from registers.press.paper import Letter, Paper, Paragraph, Signatures, Stamp
from registers.press.typography import width
from registers.press.verify import verify
from tests.press import archival
from tests.press.drawing import QUICK, TEXT
from tests.press.reading import boxes, run, together, words
from tests.press.samples import NOW, SNAPSHOT, STAMP, opened, paper, sealer
from tests.press.test_fast import assert_set_alike, settable

LETTER = Letter(
    sender=("Éditions Numériques du Midi, SAS", "12 rue des Cordiers", "34170 Castelnau-le-Lez"),
    recipient=(
        "Commune de Saint-Étienne-de-Baïgorry",
        "À l’attention de Mme Maïté Etcheverry, maire",
        "Hôtel de ville",
        "1 place de la Mairie",
        "64430 SAINT-ÉTIENNE-DE-BAÏGORRY",
    ),
    place="Castelnau-le-Lez",
    yours="2026/114",
    ours="contrat 2024-117",
)
BODY = (
    Paragraph("Madame, Monsieur,"),
    Paragraph("Nous envisageons d’engager un nouveau sous-traitant ultérieur. " * 9),
    Paragraph("Nous vous prions d’agréer nos salutations distinguées."),
    Signatures("Éditions Numériques du Midi, SAS"),
)


def written(language="fr", blocks=BODY, **changed):
    """A letter with the head given."""
    letter = msgspec.structs.replace(LETTER, **changed)
    title = "Engagement d’un nouveau sous-traitant ultérieur"
    return paper(language, letter=letter, blocks=blocks, title=title, lead=("Art. 28, § 2",))


def in_window(content, path):
    """The boxes of the words of the first page that a window may show."""
    left, top, right, bottom = WINDOW
    return [
        box
        for box in next(iter(boxes(content, path)))
        if box[0] < right and box[2] > left and box[1] < bottom and box[3] > top
    ]


def assert_shown(content, path):
    """Whatever the window may show, it always shows: nothing of it is another text's."""
    left, top, right, bottom = ADDRESS
    found = in_window(content, path)
    assert found
    for x, y, end, foot in found:
        assert left - 0.5 <= x
        assert end <= right + 0.5
        assert top - 1 <= y
        assert foot <= bottom + 1


def test_a_letter_is_plain_data_that_comes_back_as_it_was():
    assert msgspec.json.decode(msgspec.json.encode(written()), type=Paper) == written()
    assert set(LETTER.sender) | set(LETTER.recipient) <= set(written().texts())


@pytest.mark.parametrize("lacking", [{"sender": ()}, {"recipient": ("", " ")}])
def test_a_letter_from_nobody_or_to_nobody_is_refused(lacking):
    with pytest.raises(ValueError, match="sender and a recipient"):
        msgspec.structs.replace(LETTER, **lacking)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_renderers_set_it_alike(language, tmp_path):
    assert_set_alike(written(language), tmp_path / "p.pdf")
    long = written(language, blocks=(Paragraph("Un long paragraphe. " * 400), *BODY))
    assert_set_alike(long, tmp_path / "p.pdf")
    for typeset in (fast.typeset, reference.typeset):
        content = typeset(long, SNAPSHOT, STAMP)
        assert archival.faults(content) == []
        assert_shown(content, tmp_path / "p.pdf")


def test_it_reads_in_the_order_of_a_letter(tmp_path):
    (page, checking) = words(fast.typeset(written(), SNAPSHOT, STAMP), tmp_path / "p.pdf")
    read, at = together(page), -1
    for said in (
        *LETTER.sender,
        *LETTER.recipient,
        "Vos réf.\xa0: 2026/114",
        "Nos réf.\xa0: AX-2026-0014 · contrat 2024-117",
        "Castelnau-le-Lez, le 22 novembre 2026",
        "Objet\xa0: Engagement d’un nouveau sous-traitant ultérieur",
        "Madame, Monsieur,",
    ):
        at = read.index(together(said), at + 1)
    assert "snapshot.json" in checking
    assert "snapshot.json" not in page
    said = run(
        *("pdfinfo", "-struct-text"),
        content=fast.typeset(written(), SNAPSHOT, STAMP),
        path=tmp_path / "p.pdf",
    )
    order = [said.index(each) for each in ("12 rue", "Hôtel", "Vos réf", "le 22", "Objet", "Mada")]
    assert order == sorted(order)


def test_the_first_page_has_no_head_and_the_others_have(tmp_path):
    long = written(blocks=(Paragraph("Un long paragraphe. " * 400), *BODY))
    first, second, *_ = words(fast.typeset(long, SNAPSHOT, STAMP), tmp_path / "p.pdf")
    assert first.count("AX-2026-0014") == 1
    assert second.startswith("Éditions Numériques du Midi, SAS")
    assert "AX-2026-0014" in second


def test_what_a_letter_lacks_leaves_no_trace(tmp_path):
    bare = written(sender=("Éditions",), recipient=("Commune",), place="", yours="", ours="")
    assert_set_alike(bare, tmp_path / "p.pdf")
    (page, _) = words(fast.typeset(bare, SNAPSHOT, STAMP), tmp_path / "p.pdf")
    assert together("Date\xa0: 22 novembre 2026") in together(page)
    assert "Vos réf" not in page
    unnumbered = msgspec.structs.replace(bare, draft=True)
    assert_set_alike(unnumbered, tmp_path / "p.pdf", Stamp("", NOW))
    content = fast.typeset(unnumbered, SNAPSHOT, Stamp("", NOW))
    assert archival.faults(content) == []
    assert "Nos réf" not in words(content, tmp_path / "p.pdf")[0]


LINES = ["Syndicat mixte intercommunal d’alimentation en eau potable", "Service des eaux", "BP 7"]


@pytest.mark.parametrize(
    ("recipient", "smallest"),
    [
        (LETTER.recipient, 9.5),
        (("Direction générale",) * 6, 9.5),
        (("Direction générale des services du numérique",) * 7, 8),
        (("x" * 38,) * 6, 9.5),
        (("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 2, *LINES), 8),
        ((*LINES, *LINES, "48260 NASBINALS"), 6.5),
    ],
)
def test_long_addresses_are_set_smaller_and_whole(recipient, smallest, tmp_path):
    lines, style = address(recipient)
    assert style.size >= smallest
    assert together("".join(lines)) == together("".join(recipient))
    assert all(
        width(line.rstrip(), style.face, style.size) <= ADDRESS.right - ADDRESS.left
        for line in lines
    )
    letter = written(recipient=recipient)
    assert_set_alike(letter, tmp_path / "p.pdf")
    assert_shown(fast.typeset(letter, SNAPSHOT, STAMP), tmp_path / "p.pdf")


def test_of_an_endless_address_the_place_is_kept(tmp_path):
    letter = written(recipient=("Direction générale " * 90, "48260 NASBINALS", "FRANCE"))
    content = fast.typeset(letter, SNAPSHOT, STAMP)
    assert_shown(content, tmp_path / "p.pdf")
    assert "…\n48260 NASBINALS\nFRANCE\n" in words(content, tmp_path / "p.pdf")[0]


@given(
    st.lists(TEXT, min_size=1, max_size=20).map(lambda said: ("Éditions", *said)),
    st.lists(TEXT, min_size=1, max_size=9).map(lambda said: ("Commune", *said)),
    TEXT,
)
@QUICK
def test_nothing_but_the_address_stands_in_the_window(
    tmp_path_factory, sender, recipient, reference
):
    letter = written(sender=sender, recipient=recipient, yours=reference, ours=reference)
    content = settable(letter)
    if content:
        path = tmp_path_factory.mktemp("letters") / "p.pdf"
        assert_set_alike(letter, path)
        assert_shown(content, path)
        assert archival.faults(content) == []


def test_the_window_is_that_of_a_french_envelope():
    envelope, window, sheet = (220 * mm, 110 * mm), (100 * mm, 35 * mm), (210 * mm, 99 * mm)
    margin = 20 * mm
    free = [out - held for out, held in zip(envelope, sheet, strict=True)]
    right, bottom = envelope[0] - margin, envelope[1] - margin
    left, top = right - window[0], bottom - window[1]
    shown = (left - free[0], top - free[1], right, bottom)
    assert shown == pytest.approx(WINDOW)
    always = (left, top, right - free[0], bottom - free[1])
    assert always[0] <= ADDRESS.left
    assert always[1:] == pytest.approx(ADDRESS[1:])


def test_letters_are_issued_and_believed(tmp_path):
    issued = issue(written(), SNAPSHOT, STAMP, sealer(), NOW)
    assert issued.conformance == ACCESSIBLE
    assert verify(issued.pdf).sound
    assert archival.faults(issued.pdf) == []
    run("qpdf", "--check", content=issued.pdf, path=tmp_path / "p.pdf")
    with opened(issued.pdf) as pdf:
        assert len(pdf.Root.AcroForm.Fields) == 1
    foreign = written(recipient=("Société שלום", "Tel Aviv"))
    fallen_back = issue(foreign, SNAPSHOT, STAMP, sealer(), NOW)
    assert fallen_back.conformance == PLAIN
    assert_shown(fallen_back.pdf, tmp_path / "p.pdf")
    marked = draft(msgspec.structs.replace(written(), draft=True), SNAPSHOT, Stamp("", NOW))
    assert marked.conformance == ACCESSIBLE


FORMULA = "Nous vous prions d’agréer nos salutations distinguées."


@pytest.mark.parametrize("long", [3, 9])
@pytest.mark.parametrize("rows", range(14, 34))
def test_the_closing_and_two_lines_stand_with_the_signature(rows, long, tmp_path):
    filler = tuple(Paragraph(f"ligne {number}") for number in range(rows))
    blocks = (*filler, Paragraph("dernier alinéa de la lettre " * 4 * long), *BODY[2:])
    printed = written(blocks=blocks)
    assert_set_alike(printed, tmp_path / "p.pdf")
    found = words(fast.typeset(printed, SNAPSHOT, STAMP), tmp_path / "p.pdf", body=True)
    (signed,) = [page.split(FORMULA) for page in found if FORMULA in page]
    assert signed[1].strip().startswith("Éditions Numériques du Midi, SAS")
    assert sum("alinéa" in line for line in signed[0].splitlines()) >= 2
