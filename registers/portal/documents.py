"""Documents that visitors attach: fewer sorts than staff may keep, judged by the same content."""

from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.notices.proofs import JPEG, LARGEST, PDF, PNG, sort_of

TAKEN = (PDF, JPEG, PNG)


def checked(content: bytes) -> bytes:
    """A document that may be kept: a PDF, a JPEG or a PNG, of 10 MB at most.

    Raises:
        Invalid: it is too large, or something else.
    """
    if len(content) > LARGEST:
        raise Invalid(text("The document is too large: 10 MB at most."), "document")
    if sort_of(content) not in TAKEN:
        raise Invalid(text("The document is neither a PDF nor a JPEG or PNG image."), "document")
    return content
