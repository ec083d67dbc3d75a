"""Annexes by WeasyPrint and pyHanko: a page of HTML, a style sheet, PDF/A-3b."""

from collections.abc import Iterator
from html import escape
from typing import Any

from app.commands.bench.rivals.job import Job, Sealer
from registers.kernel.words import Words, text
from registers.press.colophon import moment
from registers.press.paper import (
    Block,
    Heading,
    Items,
    KeyValues,
    Paragraph,
    Signatures,
    Table,
)
from registers.press.typography import FONTS


class WeasyPrint(Sealer):
    """HTML and a style sheet, made PDF/A-3b by WeasyPrint, sealed by pyHanko."""

    def __init__(self, identity: str, passphrase: bytes) -> None:
        import weasyprint  # noqa: PLC0415 comes with the extra `bench`
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        super().__init__(identity, passphrase)
        self._program: Any = weasyprint
        self._fonts = FontConfiguration()
        self._style = weasyprint.CSS(string=STYLE, font_config=self._fonts)

    def typeset(self, job: Job) -> bytes:
        """See `Rival.typeset`."""
        attached = [
            self._program.Attachment(string=content, name=name, relationship="Source")
            for name, content in job.attached.items()
        ]
        pdf: bytes = self._program.HTML(string=html(job)).write_pdf(
            stylesheets=[self._style],
            font_config=self._fonts,
            pdf_variant="pdf/a-3b",
            attachments=attached,
        )
        return pdf


STYLE = f"""
@font-face {{ font-family: Paper; src: url(file://{FONTS}/DejaVuSansCondensed.ttf) }}
@font-face {{ font-family: Paper; font-weight: bold;
  src: url(file://{FONTS}/DejaVuSansCondensed-Bold.ttf) }}
@page {{
  size: A4; margin: 25mm 18mm;
  @top-left {{ content: string(issuer); font: 7.5pt Paper }}
  @top-right {{ content: string(number); font: 7.5pt Paper }}
  @bottom-left {{ content: string(title); font: 7.5pt Paper }}
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 7.5pt Paper }}
}}
body {{ font: 9.5pt/1.39 Paper }}
header .issuer {{ string-set: issuer content(); font-weight: bold }}
header .number {{ string-set: number content(); font-weight: bold }}
h1 {{ string-set: title content(); font-size: 20pt; color: #1f3a5f; bookmark-level: 1 }}
h2 {{ font-size: 13pt; color: #1f3a5f; bookmark-level: 2 }}
h3 {{ font-size: 10.5pt; color: #1f3a5f; bookmark-level: 3 }}
h4 {{ font-size: 9.5pt; bookmark-level: 4 }}
h2, h3, h4, caption {{ break-after: avoid }}
p, td, th, li {{ white-space: pre-line; overflow-wrap: anywhere }}
table {{ width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 8pt }}
caption {{ text-align: left; font-weight: bold }}
th, td {{ text-align: left; vertical-align: top; padding: 3.4pt 4pt;
  border-bottom: 0.5pt solid #c9d1da }}
.right {{ text-align: right }}
.facts td {{ font-size: 9pt }}
.facts td:first-child {{ width: 29%; color: #5b6672; font-size: 8.5pt }}
.note {{ font-size: 8pt; color: #5b6672 }}
.warning {{ border-left: 3pt solid #a03030; padding: 6pt 9pt }}
.places {{ height: 40mm; break-inside: avoid }}
"""


def html(job: Job) -> str:
    """The paper as a page of HTML."""
    paper, words = job.paper, Words(job.paper.language)
    dated = [text("Prepared on {moment}", moment=moment(job.stamp.prepared_at, paper.language))]
    if paper.on:
        dated.insert(0, text("State of the registers on {day}", day=paper.on))
    return "".join(
        (
            f'<!doctype html><html lang="{paper.language}"><head><meta charset="utf-8">',
            f"<title>{escape(paper.title)}</title>",
            f'<meta name="author" content="{escape(paper.organisation)}"></head><body>',
            f'<header><span class="issuer">{escape(paper.organisation)}</span> ',
            f'<span class="number">{escape(job.stamp.number)}</span></header>',
            f"<h1>{escape(paper.title)}</h1><p>{escape(paper.subtitle)}</p>",
            *(f"<p>{escape(line)}</p>" for line in paper.lead),
            *(f'<p class="note">{escape(words.say(said))}</p>' for said in dated),
            *(part for block in job.blocks for part in _html(block)),
            "</body></html>",
        )
    )


def _html(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
        case Paragraph():
            yield f'<p class="{block.style}">{escape(block.text)}</p>'
        case KeyValues():
            yield '<table class="facts"><tbody>'
            for key, value in block.rows:
                yield f"<tr><td>{escape(key)}</td><td>{escape(value)}</td></tr>"
            yield "</tbody></table>"
        case Table():
            yield from _table(block)
        case Items():
            tag = "ol" if block.numbered else "ul"
            items = (f"<li>{escape(item)}</li>" for item in block.items)
            yield f"<{tag}>{''.join(items)}</{tag}>"
        case Signatures():
            yield f'<div class="places">{escape(block.left)} {escape(block.right)}</div>'


def _table(block: Table) -> Iterator[str]:
    whole = sum(column.width for column in block.columns)
    yield f"<table><caption>{escape(block.caption)}</caption>"
    for column in block.columns:
        yield f'<col style="width: {column.width / whole:.2%}">'
    heads = (f"<th>{escape(column.header)}</th>" for column in block.columns)
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    for row in block.rows:
        cells = (
            f'<td class="{column.align}">{escape(cell)}</td>'
            for cell, column in zip(row, block.columns, strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"
    if block.empty and not block.rows:
        yield f'<p class="note">{escape(block.empty)}</p>'
