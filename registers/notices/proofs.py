"""What a proof can be: judged by its content, never by its name."""

from typing import NamedTuple

from registers.kernel.errors import Invalid
from registers.kernel.words import text

LARGEST = 10 * 1024 * 1024


class Sort(NamedTuple):
    """A sort of file."""

    mimetype: str
    ending: str


PDF = Sort("application/pdf", "pdf")
MESSAGE = Sort("message/rfc822", "eml")
OTHER = Sort("application/octet-stream", "bin")

BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", Sort("image/jpeg", "jpg")),
    (b"\x89PNG\r\n\x1a\n", Sort("image/png", "png")),
    (b"II*\x00", Sort("image/tiff", "tif")),
    (b"MM\x00*", Sort("image/tiff", "tif")),
)
HEADERS = (b"received:", b"return-path:", b"from:", b"delivered-to:", b"mime-version:", b"date:")


def sort_of(content: bytes) -> Sort:
    """What a content is: a PDF, an image, an e-mail with its headers, or something else."""
    for begins, sort in BEGINNINGS:
        if content.startswith(begins):
            return sort
    head = content.lstrip()[:20_000].lower()
    lines = head.split(b"\n")
    is_message = head.startswith(HEADERS) and any(line.startswith(b"from:") for line in lines)
    return MESSAGE if is_message and b"\x00" not in head else OTHER


def checked(content: bytes) -> bytes:
    """A proof that can be kept.

    Raises:
        Invalid: it is empty, too large, or neither a PDF, an image nor an e-mail.
    """
    if not content:
        raise Invalid(text("This file is empty."), "content")
    if len(content) > LARGEST:
        raise Invalid(text("A proof has at most 10 MB."), "content")
    if sort_of(content) is OTHER:
        raise Invalid(
            text("A proof is a PDF, an image (JPEG, PNG, TIFF) or an e-mail (.eml)."), "content"
        )
    return content
