"""Proofs are judged by their content."""

import pytest

from registers.kernel.errors import Invalid
from registers.notices import proofs

MESSAGE = b"Received: from mx.example\r\nFrom: dpo@annelac.example\r\nSubject: Vu\r\n\r\nVu."


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"II*\x00", "tif"),
        (MESSAGE, "eml"),
    ],
)
def test_what_can_be_a_proof(content, ending):
    assert proofs.sort_of(content).ending == ending
    assert proofs.checked(content) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90",
        b"<html><script>",
        b"From nowhere",
        b"Date: today\n\nno sender",
        b"PK\x03\x04",
        b"%PDF-" + bytes(proofs.LARGEST),
    ],
    ids=["empty", "program", "page", "no headers", "no sender", "archive", "too large"],
)
def test_what_cannot(content):
    with pytest.raises(Invalid) as refused:
        proofs.checked(content)
    assert refused.value.field == "content"
