"""Tables that people keep in spreadsheets: CSV, XLSX and ODS, read as rows of texts."""

import csv
import io
import zipfile
from datetime import date, datetime
from typing import NamedTuple

import python_calamine
from python_calamine import CalamineWorkbook

from registers.kernel.errors import Invalid
from registers.kernel.words import text

MOST_ROWS = 100_000


class Sheet(NamedTuple):
    """The first sheet of a file: its headings, and its rows by their number in the file."""

    headings: list[str]
    rows: list[tuple[int, list[str]]]


def read(content: bytes, name: str) -> Sheet:
    """Reads a file by what it is, not by how it is called.

    CSV may be separated by semicolons, commas or tabs, and encoded in UTF-8 or in Windows' own
    Western encoding.

    Raises:
        Invalid: it is none of these, or has no heading.
    """
    table = _workbook(content, name) if zipfile.is_zipfile(io.BytesIO(content)) else _csv(content)
    filled = [(number, row) for number, row in table if any(row)]
    if not filled:
        raise Invalid(text("The file {name} is empty.", name=name), "file")
    if len(filled) > MOST_ROWS:
        raise Invalid(text("The file has more than {most} rows.", most=str(MOST_ROWS)), "file")
    _number, headings = filled[0]
    width = len(headings)
    rows = [(number, (row + [""] * width)[:width]) for number, row in filled[1:]]
    return Sheet(headings, rows)


def _workbook(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise Invalid(
            text("The file {name} is no CSV, XLSX or ODS table.", name=name), "file"
        ) from error
    return [(number, [_written(cell) for cell in row]) for number, row in enumerate(cells, 1)]


def _written(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return "1" if cell else "0"
    return str(cell).strip()


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        written = content.decode("cp1252", errors="replace")
    if "\x00" in written:
        raise Invalid(text("This is no CSV, XLSX or ODS table."), "file")
    first = written.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    lines = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    try:
        return [(lines.line_num, [cell.strip() for cell in row]) for row in lines]
    except csv.Error as error:
        raise Invalid(
            text("The table cannot be read: {error}", error=str(error)), "file"
        ) from error
