"""Tables of controllers as people send them: CSV, XLSX and ODS."""

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import xlsxwriter

from registers.controllers.facts import Terms
from registers.controllers.importing import Request
from registers.kernel import sheets
from tests.registers import TODAY

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def csv(*rows: str, separator: str = ";", encoding: str = "utf-8") -> bytes:
    """Rows written with semicolons, in another separator and encoding."""
    return "\r\n".join(rows).replace(";", separator).encode(encoding)


def xlsx(*rows: str) -> bytes:
    """The same rows as cells, whole numbers and dates as what they are."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, cell in enumerate(row.split(";")):
            value = _typed(cell)
            if isinstance(value, date):
                sheet.write_datetime(number, place, value)
            else:
                sheet.write(number, place, value)
    book.close()
    return written.getvalue()


def ods(*rows: str) -> bytes:
    """The same rows as an OpenDocument table."""
    body = "".join(f"<table:table-row>{_ods_cells(row)}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>'
        f'<office:body><office:spreadsheet><table:table table:name="Feuille1">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", MIMETYPE)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return written.getvalue()


def _ods_cells(row: str) -> str:
    return "".join(_ods_cell(_typed(cell)) for cell in row.split(";"))


def _ods_cell(value: object) -> str:
    if isinstance(value, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value}">'
            f"<text:p>{value:%d/%m/%Y}</text:p></table:table-cell>"
        )
    if isinstance(value, int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if value == "":
        return "<table:table-cell/>"
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
    )


def _typed(cell: str) -> object:
    if cell.isdecimal() and not cell.startswith("0"):
        return int(cell)
    day, _, rest = cell.partition("/")
    month, _, year = rest.partition("/")
    if year.isdecimal():
        return date(int(year), int(month), int(day))
    return cell


def request(content: bytes, *, terms: Terms | None = None, today: date = TODAY) -> Request:
    """What is asked for when a file is sent."""
    return Request(
        sheet=sheets.read(content, "table"),
        terms=terms or Terms(),
        activities={"P1", "P2", "P4"},
        today=today,
        reason="Import",
    )
