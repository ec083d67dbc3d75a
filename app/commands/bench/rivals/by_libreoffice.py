"""Annexes by LibreOffice and pyHanko: the same page of HTML, made PDF/A-3 without a screen."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from app.commands.bench.rivals.by_weasyprint import html
from app.commands.bench.rivals.job import Job, Sealer

FILTER = 'pdf:writer_web_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"3"}}'


class LibreOffice(Sealer):
    """A page of HTML given to `soffice`, once for each paper; nothing embedded."""

    def __init__(self, identity: str, passphrase: bytes) -> None:
        program = shutil.which("soffice")
        if program is None:
            raise ImportError("soffice is not installed")
        super().__init__(identity, passphrase)
        self._program = program

    def typeset(self, job: Job) -> bytes:
        """See `Rival.typeset`."""
        with TemporaryDirectory() as folder:
            page = Path(folder) / "paper.html"
            page.write_text(html(job), encoding="utf-8")
            command = [self._program, "--headless", f"-env:UserInstallation=file://{folder}/own"]
            subprocess.run(  # noqa: S603 the program that was found above
                [*command, "--convert-to", FILTER, "--outdir", folder, str(page)],
                check=True,
                capture_output=True,
            )
            return page.with_suffix(".pdf").read_bytes()
