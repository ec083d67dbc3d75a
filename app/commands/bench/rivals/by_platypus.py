"""Annexes by reportlab's Platypus as it comes, and pyHanko."""

import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from reportlab import platypus
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.commands.bench.rivals.job import Job, Sealer
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


class Platypus(Sealer):
    """Paragraphs and tables of reportlab, sealed by pyHanko: no PDF/A, nothing embedded."""

    def __init__(self, identity: str, passphrase: bytes) -> None:
        super().__init__(identity, passphrase)
        for name in ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"):
            pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
        regular, bold = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
        self._styles = {
            "body": ParagraphStyle("body", fontName=regular, fontSize=9.5, leading=13.2),
            "cell": ParagraphStyle("cell", fontName=regular, fontSize=8, leading=10.4),
        }
        self._headings = [
            ParagraphStyle(f"heading {level}", fontName=bold, fontSize=size, leading=24)
            for level, size in enumerate((20, 13, 10.5, 9.5))
        ]
        rule = ("LINEBELOW", (0, 0), (-1, -1), 0.5, "#c9d1da")
        self._grid = platypus.TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), rule])

    def typeset(self, job: Job) -> bytes:
        """See `Rival.typeset`."""
        pages = io.BytesIO()
        document = platypus.SimpleDocTemplate(
            pages, title=job.paper.title, author=job.paper.organisation
        )
        opening = (job.paper.organisation, job.stamp.number, job.paper.subtitle, *job.paper.lead)
        story = [self._heading(job.paper.title, 0), *(self._said(line) for line in opening)]
        for block in job.blocks:
            story += self._flowables(block)
        document.build(story, canvasmaker=_Numbered)
        return pages.getvalue()

    def _said(self, said: str, style: str = "body") -> platypus.Flowable:
        return _paragraph(said, self._styles[style])

    def _heading(self, said: str, level: int) -> platypus.Flowable:
        return _paragraph(said, self._headings[level])

    def _flowables(self, block: Block) -> Iterator[platypus.Flowable]:
        match block:
            case Heading():
                yield self._heading(block.text, block.level)
            case Paragraph():
                yield self._said(block.text)
            case KeyValues():
                yield self._rows(block.rows, (0.29, 0.71))
            case Table():
                yield self._said(block.caption)
                heads = tuple(column.header for column in block.columns)
                whole = sum(column.width for column in block.columns)
                widths = [column.width / whole for column in block.columns]
                yield self._rows((heads, *block.rows), widths, repeated=1)
            case Items():
                yield from (self._said(f"• {item}") for item in block.items)
            case Signatures():
                yield platypus.Spacer(1, 110)

    def _rows(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], repeated: int = 0
    ) -> platypus.Flowable:
        cells = [[self._said(cell, "cell") for cell in row] for row in rows]
        measure = [width * 451 for width in widths]
        return platypus.Table(cells, measure, repeatRows=repeated, style=self._grid)


def _paragraph(said: str, style: ParagraphStyle) -> platypus.Flowable:
    return platypus.Paragraph(escape(said).replace("\n", "<br/>"), style)


class _Numbered(Canvas):
    """Page x of y the way everybody does it: the pages kept, then drawn with their number."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 reportlab's name
        """Keeps the page instead."""
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs lack it

    def save(self) -> None:
        """Draws the pages, now that it is known how many there are."""
        for page, kept in enumerate(self._kept, 1):
            self.__dict__.update(kept)
            self.setFont("DejaVuSansCondensed", 7.5)
            self.drawRightString(523, 40, f"{page} / {len(self._kept)}")
            super().showPage()
        super().save()
