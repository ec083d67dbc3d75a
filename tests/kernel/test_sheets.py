"""Tables out of spreadsheets: read by what they are, refused with a sentence when they are none."""

import io
import zipfile
from datetime import date

import pytest

from registers.kernel import sheets
from registers.kernel.errors import Invalid
from tests.controllers.tables import ods, xlsx


def read(content, name="table.csv"):
    sheet = sheets.read(content, name)
    return sheet.headings, sheet.rows


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_csv_is_read_whatever_its_separator_and_encoding(separator, encoding, ending):
    lines = ["code;nom", "A;Élan “œuvre” €", ";", "B; Bé "]
    content = ending.join(lines).replace(";", separator).encode(encoding)
    assert read(content) == (["code", "nom"], [(2, ["A", "Élan “œuvre” €"]), (4, ["B", "Bé"])])


def test_quotes_hold_separators_and_line_feeds_together():
    content = b'code;nom\nA;"a;b"\nB;"say ""x""\nand y"\nC;c'
    assert read(content) == (
        ["code", "nom"],
        [(2, ["A", "a;b"]), (4, ["B", 'say "x"\nand y']), (5, ["C", "c"])],
    )


def test_short_rows_are_filled_up():
    assert read(b"a;b;c\n1\n1;2;3")[1] == [(2, ["1", "", ""]), (3, ["1", "2", "3"])]


@pytest.mark.parametrize("form", [xlsx, ods])
def test_spreadsheets_give_texts_whole_numbers_and_days(form):
    headings, rows = read(form("code;siret;since", "", "A;73282932000074;01/03/2026"))
    assert headings == ["code", "siret", "since"]
    assert rows == [(3, ["A", "73282932000074", "2026-03-01"])]


def archive(**parts):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n;;\n",
        archive(),
        archive(readme="not a table"),
        xlsx("a;b")[:-50],
        "code;nom\nA;Élan".encode("utf-16"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        b"%PDF-1.7\n\x00\x01",
        xlsx(""),
    ],
    ids=["nothing", "blanks", "zip", "other zip", "cut", "utf-16", "old excel", "pdf", "no cells"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as refused:
        sheets.read(content, "table")
    assert refused.value.field == "file"


def test_a_table_has_its_limit(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert len(read(b"a\n1\n2")[1]) == 2
    with pytest.raises(Invalid, match="more than 3 rows"):
        sheets.read(b"a\n1\n2\n3", "table")


def test_a_cell_beyond_any_size_is_refused():
    with pytest.raises(Invalid):
        sheets.read(b'a;b\n1;"' + b"x" * 200_000 + b'"', "table")


ROWS = [["=1+1", date(2026, 3, 31), 12, None], ["http://a.example", None, 0, "é;\n"]]


def test_what_is_written_is_read_again_and_no_text_is_a_formula():
    book = sheets.xlsx(["a", "b", "c", "d"], ROWS)
    assert read(book) == (
        ["a", "b", "c", "d"],
        [(2, ["=1+1", "2026-03-31", "12", ""]), (3, ["http://a.example", "", "0", "é;"])],
    )
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_a_csv_of_ours_opens_in_a_spreadsheet_without_formulas():
    content = sheets.semicolons(["a", "b"], [["=1+1", "-1"], ["@x", "plain"]])
    assert content.startswith("\ufeff".encode())
    assert read(content) == (["a", "b"], [(2, ["'=1+1", "'-1"]), (3, ["'@x", "plain"])])
