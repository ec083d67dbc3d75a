"""The fast renderer, held against the reference renderer and read with other programs."""

import hashlib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.press import fast, marks, palette, reference, story, structure, typography
from registers.press.fast import Signing
from registers.press.issue import ACCESSIBLE, PLAIN, draft, issue
from registers.press.pagination import Unsettable
from registers.press.paper import (
    CONTROLLER_FIELD,
    PROCESSOR_FIELD,
    Column,
    Heading,
    Items,
    KeyValues,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from tests.press import archival
from tests.press.drawing import BLOCK, CELL, QUICK, TITLE, tables
from tests.press.reading import assert_inside, assert_reads_as, elsewhere, run, together, words
from tests.press.samples import CHECKPOINT, NOW, SNAPSHOT, STAMP, opened, paper, sealer
from tests.tools import need

DRAFT = Stamp("", NOW)


def lines(content, path):
    """The words of each page with their boxes, as Poppler finds them."""
    need("pdftotext")
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True)
    assert done.stderr == b""
    return [
        [
            (word, [float(edge) for edge in re.findall(r'"([\d.-]+)"', where)])
            for where, word in re.findall(r"<word ([^>]*)>(.*?)</word>", page, re.DOTALL)
        ]
        for page in done.stdout.decode().split("<page ")[1:]
    ]


def assert_set_alike(printed, path, stamp=STAMP):
    """Both renderers put the same words in the same order at the same places."""
    ours = lines(fast.typeset(printed, SNAPSHOT, stamp), path)
    theirs = lines(reference.typeset(printed, SNAPSHOT, stamp), path)
    assert len(ours) == len(theirs)
    for page, expected in zip(ours, theirs, strict=True):
        assert [word for word, _ in page] == [word for word, _ in expected]
        for (word, box), (_, other) in zip(page, expected, strict=True):
            assert box == pytest.approx(other, abs=0.1), word


# --- the same as the reference ------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("rows", [0, 1, 27, 60, 500])
def test_it_sets_what_the_reference_sets_where_that_sets_it(language, rows, tmp_path):
    printed = paper(language, rows)
    assert_set_alike(printed, tmp_path / "p.pdf")
    content = fast.typeset(printed, SNAPSHOT, STAMP)
    assert_reads_as(printed, words(content, tmp_path / "p.pdf", body=True))


@pytest.mark.parametrize("rows", range(20, 34))
def test_pages_end_alike_wherever_they_end(rows, tmp_path):
    filler = tuple(Paragraph(f"ligne {number}") for number in range(rows))
    blocks = (*filler, Heading("TITRE"), Heading("SOUS", 2), Paragraph("suite " * 90, "warning"))
    blocks += (Paragraph("note " * 200, "note"), Items(("a " * 300, "b")), Signatures("x", "y"))
    assert_set_alike(paper(rows=rows, blocks=blocks), tmp_path / "p.pdf")


def test_drafts_and_trials_are_marked_alike(tmp_path):
    assert_set_alike(paper(rows=60, draft=True), tmp_path / "p.pdf", DRAFT)
    assert_set_alike(paper(rows=60), tmp_path / "p.pdf", msgspec.structs.replace(STAMP, test=True))
    with opened(fast.typeset(paper(draft=True), SNAPSHOT, DRAFT)) as pdf:
        assert "/AcroForm" not in pdf.Root


LETTERS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"], max_codepoint=0x17F), max_size=12
)


def settable(printed, stamp=STAMP):
    try:
        return fast.typeset(printed, SNAPSHOT, stamp)
    except Unsettable:
        return None


@given(st.lists(BLOCK, max_size=6).map(tuple), TITLE, st.sampled_from([0, 0, 0, 40, 500]))
@QUICK
def test_awkward_papers_are_set_alike_or_left_to_the_reference(
    tmp_path_factory, blocks, title, rows
):
    long = Table(
        (Column("No"), Column("Valeur", 3, "right")),
        tuple((str(row), f"valeur {row}") for row in range(rows)),
    )
    printed = paper(blocks=(*blocks, long) if rows else blocks, title=title, subtitle=title)
    content = settable(printed)
    if content:
        path = tmp_path_factory.mktemp("awkward") / "p.pdf"
        assert_set_alike(printed, path)
        assert_inside(content, path)
        if not rows:
            assert archival.faults(content) == []


@given(tables(cell=CELL | LETTERS, header=LETTERS, most=16))
@QUICK
def test_awkward_tables_are_set_alike_or_left_to_the_reference(tmp_path_factory, table):
    printed = paper(blocks=(table,))
    if settable(printed):
        assert_set_alike(printed, tmp_path_factory.mktemp("awkward") / "p.pdf")


def test_a_row_taller_than_a_page_goes_on_overleaf(tmp_path):
    told = " ".join(f"mot{number}" for number in range(4000))
    table = Table((Column("A"), Column("B", 2)), ((told, told.replace("mot", "bis")), ("u", "v")))
    printed = paper(blocks=(table, Paragraph(told, "warning"), KeyValues((("x", told),))))
    assert_set_alike(printed, tmp_path / "p.pdf")
    assert archival.faults(fast.typeset(printed, SNAPSHOT, STAMP)) == []
    tall = Table((Column(told[:1500]), Column("B")), (("a", "b"),) * 90)
    assert_set_alike(paper(blocks=(tall,)), tmp_path / "p.pdf")
    assert archival.faults(fast.typeset(paper(blocks=(tall,)), SNAPSHOT, STAMP)) == []


def test_letters_of_the_union_are_set_and_read(tmp_path):
    said = "Ελλάδα, Łódź, България, Brașov, Žďár, Győr, Ħamrun (a) \\ [b] {c} № ≤ ✓"
    printed = paper(subtitle=said, blocks=(Paragraph(said), Items((said,)), Heading(said)))
    assert_set_alike(printed, tmp_path / "p.pdf")
    content = fast.typeset(printed, SNAPSHOT, STAMP)
    assert "".join(words(content, tmp_path / "p.pdf")).count("България") == 4
    assert archival.faults(content) == []
    assert run("qpdf", "--check", content=content, path=tmp_path / "p.pdf")


# --- what it leaves to the reference ------------------------------------------------------


@pytest.mark.parametrize("said", ["Société שלום", "عربي", "a\u0323\u0308x", "\u2800"])
def test_what_it_cannot_set_is_issued_all_the_same_and_says_so(said, tmp_path):
    for printed in (
        paper(subtitle=said),
        paper(blocks=(*paper().blocks, Paragraph(said))),
        paper(organisation=said),
    ):
        issued = issue(printed, SNAPSHOT, STAMP, sealer(), NOW)
        assert issued.conformance == PLAIN
        assert archival.faults(issued.pdf) == []
        theirs = lines(reference.typeset(printed, SNAPSHOT, STAMP), tmp_path / "p.pdf")
        ours = lines(issued.pdf, tmp_path / "p.pdf")
        assert [word for word, _ in ours[0]][:20] == [word for word, _ in theirs[0]][:20]
    assert draft(paper(subtitle=said, draft=True), SNAPSHOT, DRAFT).conformance == PLAIN


def test_a_title_longer_than_a_page_is_left_to_the_reference():
    endless = paper(blocks=(Heading("titre " * 3000), *paper().blocks))
    assert issue(endless, SNAPSHOT, STAMP, sealer(), NOW).conformance == PLAIN


def test_a_table_of_no_facts_leaves_no_trace():
    empty = paper(blocks=(KeyValues(()), *paper().blocks))
    assert archival.faults(fast.typeset(empty, SNAPSHOT, STAMP)) == []
    assert fast.typeset(empty, SNAPSHOT, STAMP) == fast.typeset(paper(), SNAPSHOT, STAMP)


def test_other_papers_are_accessible():
    assert issue(paper(), SNAPSHOT, STAMP, sealer(), NOW).conformance == ACCESSIBLE
    made = draft(paper(draft=True), SNAPSHOT, DRAFT)
    assert (made.conformance, made.level) == (ACCESSIBLE, "")


# --- the same bytes -----------------------------------------------------------------------

PAPERS = [
    paper(rows=3),
    paper("en", rows=90),
    paper(rows=41, blocks=(*paper(rows=41).blocks, Paragraph("Łódź " * 400, "warning"))),
    *(paper(rows=rows, subtitle=f"é{rows}") for rows in range(10, 40)),
]


def forget():
    """Empties all that is remembered."""
    story.remembered.clear()
    for module in (fast, marks, palette, story, structure, typography):
        for value in vars(module).values():
            if hasattr(value, "cache_clear") and value is not typography.font:
                value.cache_clear()


def test_what_is_remembered_changes_nothing():
    """Papers that share wrapped texts, letters and trees are those that share none."""
    alone = []
    for printed in PAPERS:
        forget()
        alone.append(fast.typeset(printed, SNAPSHOT, STAMP))
    forget()
    assert [fast.typeset(printed, SNAPSHOT, STAMP) for printed in PAPERS] == alone
    assert [fast.typeset(printed, SNAPSHOT, STAMP) for printed in PAPERS[::-1]] == alone[::-1]


@given(st.lists(BLOCK, max_size=6).map(tuple), st.lists(BLOCK, max_size=6).map(tuple))
@QUICK
def test_no_paper_is_another_one_after_another_paper(before, after):
    forget()
    alone = settable(paper(blocks=after))
    forget()
    settable(paper(blocks=before))
    settable(paper(blocks=(*before, *after)))
    assert settable(paper(blocks=after)) == alone


def test_the_same_arguments_give_the_same_bytes_in_any_process():
    made = elsewhere(
        "fast.typeset(paper(), SNAPSHOT, STAMP)", imports="from registers.press import fast"
    )
    assert made == {hashlib.sha256(fast.typeset(paper(), SNAPSHOT, STAMP)).hexdigest()}


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
    assert fast.typeset(paper(**changed), attachment, stamp) != fast.typeset(
        paper(), SNAPSHOT, STAMP
    )


def test_threads_do_not_mix_their_papers():
    papers = [paper(subtitle=chr(0xC0 + number) * 9, rows=number * 3) for number in range(12)]
    alone = [fast.typeset(each, SNAPSHOT, STAMP) for each in papers]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda each: fast.typeset(each, SNAPSHOT, STAMP), papers)) == alone


# --- the file -----------------------------------------------------------------------------


def test_other_programs_find_it_right(tmp_path):
    path, content = tmp_path / "p.pdf", fast.typeset(paper(rows=60), SNAPSHOT, STAMP)
    run("qpdf", "--check", content=content, path=path)
    said = run("pdfinfo", content=content, path=path)
    assert re.search(r"Title: +Registre des activités de traitement\n", said)
    assert re.search(r"Tagged: +yes", said)
    assert re.search(r"Page size: +595.276 x 841.89 pts \(A4\)", said)
    fonts = run("pdffonts", content=content, path=path).splitlines()[2:]
    assert len(fonts) == 3
    assert all(re.search(r"TrueType +\S+ +yes yes yes", line) for line in fonts)
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(path)], check=True)
    assert (tmp_path / "snapshot.json").read_bytes() == SNAPSHOT
    assert (tmp_path / "checkpoint.json").exists()


def test_its_tree_says_what_everything_is(tmp_path):
    content = fast.typeset(paper(rows=2), SNAPSHOT, STAMP)
    said = run("pdfinfo", "-struct", content=content, path=tmp_path / "p.pdf")
    tags = re.findall(r"^( *)(\w+)", re.sub(r"\n +/.*", "", said), re.MULTILINE)
    shape = [f"{len(indent) // 2}{tag}" for indent, tag in tags]
    table = ["1Table", "2Caption", *(["2TR"] + ["3TH"] * 4), *(["2TR"] + ["3TD"] * 4) * 2]
    at = shape.index("1Table", shape.index("1H2", shape.index("1H2") + 1))
    assert shape[at : at + len(table)] == table
    points = ["1H3", "1L", *["2LI", "3Lbl", "3LBody"] * 2]
    assert shape[at + len(table) :][: len(points)] == points
    places = ["1P", "1Form", "2Object", "1P", "1Form", "2Object"]
    assert shape[at + len(table) + len(points) :][: len(places)] == places
    assert shape[:3] == ["0Document", "1H1", "1P"]


def test_its_text_in_the_order_of_the_tree_is_that_of_the_paper(tmp_path):
    path = tmp_path / "p.pdf"
    said = run("pdfinfo", "-struct-text", content=fast.typeset(paper(), SNAPSHOT, STAMP), path=path)
    read = together("".join(re.findall(r'^ *"(.*)"$', said, re.MULTILINE)))
    for text in ("Registredesactivités", "A-011Facturation", "•Chiffrement.•Journalisation"):
        assert text in read
    assert "page1" not in read


def test_the_outline_is_that_of_the_reference():
    blocks = tuple(Heading(f"t{at}\n(x)", level) for at, level in enumerate([3, 1, 3, 2, 1, 2, 2]))

    def shape(items):
        return [(item.title, shape(item.children)) for item in items]

    found = []
    for typeset in (fast.typeset, reference.typeset):
        with opened(typeset(paper(blocks=blocks), SNAPSHOT, STAMP)) as pdf:
            with pdf.open_outline() as outline:
                found.append(shape(outline.root))
    assert found[0] == found[1]


def test_the_fields_stand_where_the_reference_puts_them():
    found = []
    for typeset in (fast.typeset, reference.typeset):
        with opened(typeset(paper(rows=30), SNAPSHOT, STAMP)) as pdf:
            fields = pdf.Root.AcroForm.Fields
            assert [str(field.T) for field in fields] == [PROCESSOR_FIELD, CONTROLLER_FIELD]
            found.append([[round(float(edge), 1) for edge in field.Rect] for field in fields])
            assert all("/V" not in field for field in fields)
    assert found[0] == found[1]


def test_signing_changes_nothing_but_what_it_must():
    printed = paper()
    signing = Signing(sealer(), NOW)
    first, second = (fast.typeset(printed, SNAPSHOT, STAMP, signing) for _ in range(2))
    value = re.compile(rb"/Contents<[0-9A-F]+>")
    assert value.sub(b"", first) == value.sub(b"", second)
