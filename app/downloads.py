"""Files that are handed out, byte for byte."""

import io
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from flask import send_file
from flask.typing import ResponseReturnValue

from app.house import house
from registers.notices import proofs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def saved(content: bytes, mimetype: str, name: str) -> ResponseReturnValue:
    """A file to be saved."""
    return send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)


def pdf(content: bytes, name: str, *, attachment: bool = False) -> ResponseReturnValue:
    """A PDF file."""
    return send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=attachment,
        download_name=name,
    )


def proof(digest: str, name: str) -> ResponseReturnValue:
    """A document that is kept as a proof: to be saved, never shown in the page.

    Args:
        digest: its SHA-256, which names it beside the name.
        name: what the file is called, without its ending: that depends on its content.
    """
    return document(house().database.files.get(house().session, digest), f"{name}-{digest[:8]}")


def document(content: bytes, name: str) -> ResponseReturnValue:
    """A document that somebody sent, to be saved; what it is says its content."""
    sort = proofs.sort_of(content)
    return saved(content, sort.mimetype, f"{name}.{sort.ending}")


def archive(name: str, make: Callable[[BinaryIO], object]) -> ResponseReturnValue:
    """A ZIP archive that is made now, to be saved.

    Args:
        name: what the file is called, without its ending.
        make: writes the archive.
    """
    to = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 closed once it was sent
    make(to)
    to.seek(0)
    answer = send_file(
        to, mimetype="application/zip", as_attachment=True, download_name=f"{name}.zip"
    )
    answer.call_on_close(to.close)
    return answer
