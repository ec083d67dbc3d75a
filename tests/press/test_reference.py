"""The reference renderer, read back with other programs: pdftotext, pdfinfo, pdfdetach, qpdf."""

import hashlib
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.kernel.words import Words, text
from registers.press.colophon import colophon, moment
from registers.press.paper import (
    CONTROLLER_FIELD,
    PROCESSOR_FIELD,
    Column,
    Heading,
    Items,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from registers.press.reference import typeset
from tests.press import archival
from tests.press.drawing import BLOCK, QUICK, TEXT, TITLE, tables
from tests.press.reading import (
    DIGEST,
    assert_inside,
    assert_reads_as,
    boxes,
    elsewhere,
    normal,
    run,
    together,
    words,
    written,
)
from tests.press.samples import (
    CHECKPOINT,
    NOW,
    SNAPSHOT,
    STAMP,
    opened,
    paper,
    typeset_paper,
)
from tests.tools import need

# --- the same words in the same order -----------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_a_paper_reads_as_it_was_written(language, rows, tmp_path):
    printed = paper(language, rows)
    content = typeset(printed, SNAPSHOT, STAMP)
    assert_reads_as(printed, words(content, tmp_path / "p.pdf", body=True))
    assert archival.faults(content) == []


@given(st.lists(BLOCK, max_size=6).map(tuple), TITLE, st.sampled_from([0, 0, 0, 40, 500]))
@QUICK
def test_awkward_texts_read_as_they_were_written(tmp_path_factory, blocks, title, rows):
    long = Table(
        (Column("No"), Column("Valeur", 3)),
        tuple((str(row), f"valeur {row}") for row in range(rows)),
    )
    printed = paper(blocks=(*blocks, long) if rows else blocks, title=title, subtitle=title)
    content = typeset(printed, SNAPSHOT, STAMP)
    path = tmp_path_factory.mktemp("awkward") / "p.pdf"
    assert_reads_as(printed, words(content, path, body=True))
    assert_inside(content, path)
    if not rows:
        assert archival.faults(content) == []


@given(tables(cell=TEXT, header=st.just(""), most=16))
@QUICK
def test_no_cell_loses_a_letter_or_leaves_the_page(tmp_path_factory, table):
    """Rows may be taller than a page here, so that cells are read in pieces."""
    path = tmp_path_factory.mktemp("awkward") / "p.pdf"
    content = typeset(paper(blocks=(table,)), SNAPSHOT, STAMP)
    blocks = [table, *colophon(paper(blocks=(table,)), STAMP, DIGEST)]
    _, _, read = normal("".join(words(content, path, body=True))).partition("(UTC+01:00)")
    assert sorted(read) == sorted("".join(map(written, blocks)))
    assert_inside(content, path)


def test_cells_do_not_run_into_one_another(tmp_path):
    columns = tuple(Column(f"Colonne{number}", 0.1 + number % 3) for number in range(9))
    row = ("x" * 300, "W" * 80, "1234567890" * 5, "", "sous-traitant", "a b c", "é" * 90, "-", "%")
    content = typeset(paper(blocks=(Table(columns, (row,) * 4),)), SNAPSHOT, STAMP)
    assert_inside(content, tmp_path / "p.pdf")
    for page in boxes(content, tmp_path / "p.pdf"):
        lines = {}
        for x, y, right, _ in page:
            lines.setdefault(y, []).append((x, right))
        for line in lines.values():
            assert all(right <= x + 0.5 for (_, right), (x, _) in pairwise(sorted(line)))


def test_right_to_left_words_are_read_by_other_programs(tmp_path):
    need("pdftotext")
    content = typeset(paper(blocks=(Paragraph("Société שלום עולם à Paris"),)), SNAPSHOT, STAMP)
    (tmp_path / "p.pdf").write_bytes(content)
    read = subprocess.run(
        ["pdftotext", str(tmp_path / "p.pdf"), "-"], capture_output=True, check=True
    )
    said = re.sub("[\u202a-\u202e]", "", read.stdout.decode())
    assert together("Société שלום עולם à Paris") in together(said)


def test_characters_without_a_glyph_are_counted_on_the_paper(tmp_path):
    content = typeset(paper("en", subtitle="漢字 漢"), SNAPSHOT, STAMP)
    read = together("".join(words(content, tmp_path / "p.pdf")))
    assert together("3 characters that the typeface lacks are shown as \ufffd;") in read
    assert "typeface" not in "".join(words(typeset(paper("en"), SNAPSHOT, STAMP), tmp_path / "p"))


# --- pages --------------------------------------------------------------------------------


def test_every_page_says_whose_it_is_and_how_many_there_are(tmp_path):
    content = typeset(paper(rows=80), SNAPSHOT, STAMP)
    pages = words(content, tmp_path / "p.pdf")
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        counted = Words("fr").say(text("page {page} of {pages}", page=number, pages=len(pages)))
        assert together(counted) in together(page)
        assert "AX-2026-0014" in page
        assert "Éditions Numériques du Midi, SAS" in page


def test_table_headings_are_repeated_and_rows_stay_whole(tmp_path):
    pages = words(typeset(paper(rows=80), SNAPSHOT, STAMP), tmp_path / "p.pdf", body=True)
    with_rows = [page for page in pages if re.search(r"\bA-\d{3}", page)]
    assert len(with_rows) > 2
    for page in with_rows:
        assert "ActivitéPersonnesDurée" in together(page)
        row = re.findall(r"\bA-(\d{3})\s+Facturation de la\D+(\d+) ans", page)
        assert len(row) == len(re.findall(r"\bA-\d{3}", page))


def test_a_row_taller_than_a_page_goes_on_overleaf(tmp_path):
    told = " ".join(f"mot{number}" for number in range(4000))
    table = Table((Column("Texte"),), ((told,), ("fin",)))
    assert_reads_as(
        paper(blocks=(table,)),
        words(typeset(paper(blocks=(table,)), SNAPSHOT, STAMP), tmp_path / "p.pdf", body=True),
    )
    table = Table((Column("A"), Column("B", 2)), ((told, told.replace("mot", "bis")), ("u", "v")))
    content = typeset(paper(blocks=(table,)), SNAPSHOT, STAMP)
    found = re.findall(r"(?:mot|bis)\d+", "\n".join(words(content, tmp_path / "p.pdf")))
    assert sorted(found) == sorted([*told.split(), *told.replace("mot", "bis").split()])
    assert [word for word in found if word[0] == "m"] == told.split()


@pytest.mark.parametrize("lines", range(30, 46, 3))
def test_a_heading_never_ends_a_page(lines, tmp_path):
    table = Table((Column("A"),), (("cellule",),) * 8, "Légende")
    filler = tuple(Paragraph(f"ligne {number}") for number in range(lines - 12))
    for block in (Paragraph("suite " * 60), table, Items(("point",)), Signatures("Partie")):
        printed = paper(blocks=(*filler, Heading("TITRE"), Heading("SOUS-TITRE", 2), block))
        pages = words(typeset(printed, SNAPSHOT, STAMP), tmp_path / "p.pdf", body=True)
        assert not any(re.search(r"(TITRE|Légende|A)\s*\Z", page) for page in pages)


def test_headings_stand_in_the_outline_whatever_their_levels():
    blocks = [
        Heading("a", 3),
        Heading("b"),
        Heading("c", 3),
        Heading("d", 2),
        Heading("e\n\x01f", 1),
    ]
    with opened(typeset(paper(blocks=tuple(blocks)), SNAPSHOT, STAMP)) as pdf:
        outline = pdf.open_outline()

        def shape(items):
            return [(item.title, *map(tuple, [shape(item.children)])) for item in items]

        (root,) = shape(outline.root)
        assert root[0] == "Registre des activités de traitement"
        assert [title for title, _ in root[1]][:3] == ["a", "b", "e f"]
        assert root[1][1] == ("b", (("c", ()), ("d", ())))


def test_drafts_are_marked_on_every_page_and_have_no_field(tmp_path):
    content = typeset(paper(rows=60, draft=True), SNAPSHOT, Stamp("", NOW))
    pages = words(content, tmp_path / "p.pdf")
    mark = together(Words("fr").say(text("DRAFT – of no effect")))
    assert all(together(page).count(mark) == 2 for page in pages)
    with opened(content) as pdf:
        assert "/AcroForm" not in pdf.Root
    assert mark not in together("".join(words(typeset_paper(), tmp_path / "p.pdf")))


def test_papers_for_a_test_seal_are_marked_on_every_page(tmp_path):
    stamp = msgspec.structs.replace(STAMP, test=True)
    pages = words(typeset(paper(rows=60), SNAPSHOT, stamp), tmp_path / "p.pdf")
    mark = together(Words("fr").say(text("TEST SEAL – without legal value")))
    assert all(together(page).count(mark) == 1 for page in pages)


# --- the file -----------------------------------------------------------------------------


def test_other_programs_find_it_right(tmp_path):
    path = tmp_path / "p.pdf"
    run("qpdf", "--check", content=typeset_paper(), path=path)
    said = run("pdfinfo", content=typeset_paper(), path=path)
    assert re.search(r"Title: +Registre des activités de traitement\n", said)
    assert re.search(r"Author: +Éditions Numériques du Midi, SAS\n", said)
    assert re.search(r"Page size: +595.276 x 841.89 pts \(A4\)", said)
    assert re.search(r"JavaScript: +no", said)
    fonts = run("pdffonts", content=typeset_paper(), path=path).splitlines()[2:]
    assert fonts
    assert all(re.search(r"TrueType +\S+ +yes yes yes", line) for line in fonts)


def test_the_data_are_carried_and_their_digest_printed(tmp_path):
    path = tmp_path / "p.pdf"
    listed = run("pdfdetach", "-list", content=typeset_paper(), path=path)
    assert listed.startswith("2 embedded files")
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(path)], check=True)
    assert (tmp_path / "snapshot.json").read_bytes() == SNAPSHOT
    assert json.loads((tmp_path / "checkpoint.json").read_bytes()) == CHECKPOINT
    printed = together("".join(words(typeset_paper(), path)))
    for said in (DIGEST, CHECKPOINT["head"], CHECKPOINT["key"], CHECKPOINT["signature"]):
        assert said in printed
    with opened(typeset_paper()) as pdf:
        assert [str(file.F) for file in pdf.Root.AF] == ["snapshot.json", "checkpoint.json"]
        assert {str(file.AFRelationship) for file in pdf.Root.AF} == {"/Source"}


def test_without_a_checkpoint_there_is_nothing_of_it(tmp_path):
    content = typeset(paper("en"), SNAPSHOT, Stamp("AX-1", NOW))
    assert "verifier.py" not in "".join(words(content, tmp_path / "p.pdf"))
    with opened(content) as pdf:
        assert len(pdf.Root.AF) == 1


def test_the_fields_stand_in_their_frames():
    with opened(typeset_paper()) as pdf:
        fields = pdf.Root.AcroForm.Fields
        assert [str(field.T) for field in fields] == [PROCESSOR_FIELD, CONTROLLER_FIELD]
        left, right = ([float(edge) for edge in field.Rect] for field in fields)
        assert left[2] < right[0]
        assert left[1::2] == right[1::2]
        assert all("/V" not in field and str(field.TU) for field in fields)
        (page,) = (page for page in pdf.pages if "/Annots" in page)
        assert [each.objgen for each in page.Annots] == [each.objgen for each in fields]
    with opened(typeset(paper(blocks=(Signatures("seul"),)), SNAPSHOT, STAMP)) as pdf:
        assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == [PROCESSOR_FIELD]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "1er novembre 2026 à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30 (UTC+01:00)"),
        ("en", "1 November 2026, 10:30 (UTC+01:00)"),
    ],
)
def test_instants_are_written_with_their_offset(language, said):
    assert moment(NOW.replace(day=1), language) == said


# --- the same bytes -----------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes_in_any_process():
    made = elsewhere("typeset(paper(), SNAPSHOT, STAMP)")
    assert made == {hashlib.sha256(typeset_paper()).hexdigest()}


@pytest.mark.parametrize(
    ("changed", "attachment", "stamp"),
    [
        ({"subtitle": "autre"}, SNAPSHOT, STAMP),
        ({}, SNAPSHOT + b" ", STAMP),
        ({}, SNAPSHOT, msgspec.structs.replace(STAMP, number="AX-2026-0015")),
        ({}, SNAPSHOT, msgspec.structs.replace(STAMP, prepared_at=NOW.replace(second=1))),
        ({}, SNAPSHOT, msgspec.structs.replace(STAMP, checkpoint=CHECKPOINT | {"size": 1285})),
    ],
)
def test_other_arguments_give_other_bytes(changed, attachment, stamp):
    assert typeset(paper(**changed), attachment, stamp) != typeset_paper()


def test_threads_do_not_mix_their_typefaces():
    papers = [paper(subtitle=chr(0xC0 + number) * 9, rows=number * 3) for number in range(12)]
    alone = [typeset(each, SNAPSHOT, STAMP) for each in papers]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda each: typeset(each, SNAPSHOT, STAMP), papers)) == alone
