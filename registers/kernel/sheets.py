"""Tables that people keep in spreadsheets: read as rows of texts, written as such."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import python_calamine
import xlsxwriter
from python_calamine import CalamineWorkbook

from registers.kernel.errors import Invalid
from registers.kernel.words import text

MOST_ROWS = 100_000
WIDEST = 60

Cell = str | int | date | None


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


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def xlsx(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet; dates are dates, and no text becomes a formula or a link."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    widths = [len(heading) for heading in headings]
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, bold)
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001 a day of a sheet has no zone
            elif isinstance(cell, int):
                sheet.write_number(number, place, cell)
            elif cell:
                sheet.write_string(number, place, cell)
            widths[place] = max(widths[place], len(str(cell or "")))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width, WIDEST) + 2)
    book.close()
    return written.getvalue()


def semicolons(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV that a French spreadsheet opens: semicolons, a byte-order mark, no formulas."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return ("\ufeff" + written.getvalue()).encode()


def _plain(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.isoformat()
    value = "" if cell is None else str(cell)
    return f"'{value}" if value.startswith(FORMULA) else value
