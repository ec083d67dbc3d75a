"""The value of a signature, byte by byte: nothing may stand in or around it that it does not cover.

A signature covers the file except its own value. What hides there (padding that is not zero, a
second encoding of the same value, an entry that nobody reads) is seen by no reader; so a value
has to be the one way of writing what it says.
"""

import re
from collections.abc import Sequence

from asn1crypto import cms, core  # type: ignore[import-untyped]

DEEPEST = 32
"""Elements inside elements that are followed."""

_UPPER, _LOWER = re.compile(rb"[0-9A-F]*"), re.compile(rb"[0-9a-f]*")


def covers_all_but_itself(pdf: bytes, byte_range: Sequence[int], value: bytes) -> bool:
    """Whether the range is the file from its first byte, less one hexadecimal string: the value.

    Args:
        pdf: the file.
        byte_range: two pairs of offset and length, as the signature states them.
        value: the decoded value, padding included.
    """
    if len(byte_range) != 4 or any(part < 0 for part in byte_range):  # noqa: PLR2004 two pairs
        return False
    start, before, after, length = byte_range
    if start or after < before or after + length > len(pdf):
        return False
    gap = pdf[before:after]
    digits = gap[1:-1]
    return (
        gap[:1] == b"<"
        and gap[-1:] == b">"
        and bool(_UPPER.fullmatch(digits) or _LOWER.fullmatch(digits))
        and bytes.fromhex(digits.decode()) == value
    )


def is_canonical(value: bytes) -> bool:
    """Whether the value is one CMS in DER, followed by zeros, and says nothing idle.

    One signer; one digest algorithm, the signer's; nothing encapsulated but a time-stamp's
    statement; versions as RFC 5652 computes them.
    """
    try:
        end = _element(value, 0, DEEPEST)
        if any(value[end:]):
            return False
        message = cms.ContentInfo.load(value[:end], strict=True)
        return _speaks_once(message["content"])
    except (ValueError, TypeError, KeyError, IndexError):
        return False


def _element(der: bytes, start: int, depth: int) -> int:
    """Where the element that starts there ends; it and all in it must be DER.

    Raises:
        ValueError, IndexError: it is not.
    """
    tag, at = der[start], start + 2
    length = der[start + 1]
    if not tag or tag & 0x1F == _LONG_TAG or not depth:
        raise ValueError("no element of a CMS")
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(der[start + 2 : at], "big")
        if length < 0x80 or not der[start + 2]:  # noqa: PLR2004 the short form holds it
            raise ValueError("a length is not written shortest")
    end = at + length
    if end > len(der):
        raise ValueError("cut short")
    if tag & _CONSTRUCTED:
        parts = []
        while at < end:
            part = _element(der, at, depth - 1)
            parts.append(der[at:part])
            at = part
        if at != end or (tag == _SET and parts != sorted(parts)):
            raise ValueError("parts do not fill the whole, or are out of order")
    elif not _shortest(tag, der[at:end]):
        raise ValueError("a value is not written shortest")
    return end


_CONSTRUCTED, _LONG_TAG, _SET = 0x20, 0x1F, 0x31
_BOOLEAN, _INTEGER, _BITS, _NULL = 0x01, 0x02, 0x03, 0x05


def _shortest(tag: int, content: bytes) -> bool:
    if tag == _BOOLEAN:
        return content in {b"\x00", b"\xff"}
    if tag == _INTEGER:
        return len(content) == 1 or not (
            (content[0] == 0 and content[1] < 0x80)  # noqa: PLR2004 its sign stands without it
            or (content[0] == 0xFF and content[1] >= 0x80)  # noqa: PLR2004 the same
        )
    if tag == _BITS:
        unused = content[0]
        return unused < 8 and not (content[-1] & ((1 << unused) - 1) and unused)  # noqa: PLR2004
    return tag != _NULL or not content


def _speaks_once(data: cms.SignedData) -> bool:
    """Whether what no signature covers in the value itself could not stand otherwise."""
    signers, stated = data["signer_infos"], data["digest_algorithms"]
    if len(signers) != 1 or len(stated) != 1:
        return False
    signer, encapsulated = signers[0], data["encap_content_info"]
    digest = signer["digest_algorithm"]
    by_name = signer["sid"].name == "issuer_and_serial_number"
    token = encapsulated["content_type"].native == "tst_info"
    return (
        stated[0].dump() == digest.dump()
        and isinstance(digest["parameters"], core.Null | core.Void)
        and signer["version"].native == ("v1" if by_name else "v3")
        and data["version"].native == ("v3" if token or not by_name else "v1")
        and (token or encapsulated["content"] is core.VOID)
        and (not by_name or _names_a_certificate(signer["sid"].chosen, data["certificates"]))
    )


def _names_a_certificate(name: cms.IssuerAndSerialNumber, certificates: cms.CertificateSet) -> bool:
    """Whether it names one of the certificates as that one names itself, letter by letter."""
    return any(
        name["issuer"].dump() == each.chosen.issuer.dump()
        and name["serial_number"].native == each.chosen.serial_number
        for each in certificates
        if each.name == "certificate"
    )
