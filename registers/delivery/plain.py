"""Pages that open in any browser without us: no script, no font, nothing to fetch."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from registers.kernel.sheets import Cell
from registers.press.paper import Block, Heading, Items, KeyValues, Paragraph, Table

STYLE = """\
body{font:1rem/1.5 system-ui,sans-serif;margin:1.5rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.5rem}
table{border-collapse:collapse;font-size:.9rem}
th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}
thead th{background:#eee}
.warning{border-left:.3rem solid #b00020;padding:.3rem .8rem;background:#fbeaec}
@media print{body{margin:0}thead{display:table-header-group}}
"""


def page(language: str, title: str, body: Iterable[str]) -> bytes:
    """A whole page."""
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</body></html>\n"
    ).encode()


def paragraph(said: str, style: str = "") -> str:
    """A paragraph; its lines stay lines."""
    kind = f' class="{style}"' if style else ""
    return f"<p{kind}>{_lines(said)}</p>"


def heading(said: str) -> str:
    """The title of a part."""
    return f"<h2>{escape(said)}</h2>"


def items(said: Iterable[str], *, numbered: bool = False) -> str:
    """A list."""
    kind = "ol" if numbered else "ul"
    return f"<{kind}>" + "".join(f"<li>{_lines(each)}</li>" for each in said) + f"</{kind}>"


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_lines(str(cell or ''))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def link(address: str, said: str) -> str:
    """A link to a file beside."""
    return f'<a href="{escape(address)}">{escape(said)}</a>'


def blocks(found: Iterable[Block]) -> Iterator[str]:
    """What stands on a paper, without its seal."""
    for each in found:
        if isinstance(each, Heading):
            yield heading(each.text)
        elif isinstance(each, Paragraph):
            yield paragraph(each.text, "warning" if each.style == "warning" else "")
        elif isinstance(each, KeyValues):
            yield table(("", ""), each.rows)
        elif isinstance(each, Items):
            yield items(each.items, numbered=each.numbered)
        elif isinstance(each, Table):
            yield table([column.header for column in each.columns], each.rows)


def _lines(said: str) -> str:
    return escape(said).replace("\n", "<br>")
