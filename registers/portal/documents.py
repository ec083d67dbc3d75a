"""Documents that visitors attach: known by what they begin with, not by what they are called."""

from registers.kernel.errors import Invalid
from registers.kernel.words import text

LARGEST = 10 * 1024 * 1024
BEGIN: dict[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


def checked(content: bytes) -> bytes:
    """A document that may be kept: a PDF, a JPEG or a PNG, of 10 MB at most.

    Raises:
        Invalid: it is too large, or something else.
    """
    if len(content) > LARGEST:
        raise Invalid(text("The document is too large: 10 MB at most."), "document")
    if not content.startswith(tuple(BEGIN)):
        raise Invalid(text("The document is neither a PDF nor a JPEG or PNG image."), "document")
    return content
