"""A quick check of a paper that was just made and signed here, before it is kept.

It believes nothing of the making: it reads the bytes anew, from the end, as a reader does, and
asks what matters of our own papers. It is no verifier: a file from elsewhere goes to `verify`,
which knows all that others may write.
"""

import hashlib
import re
import struct
import zlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from registers.press.cms import der, digest_of, template, verify_value
from registers.press.colophon import SNAPSHOT
from registers.press.identity import Identity
from registers.press.objects import ENTRY

_END = re.compile(rb"\nendobj\nstartxref\n(\d+)\n%%EOF\n\Z")
_TABLE = re.compile(
    rb"(\d+) 0 obj\n<</Type/XRef/Size (\d+)%b/Root (\d+) 0 R/Info \d+ 0 R"
    rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]/Length (\d+)>>stream\n" % re.escape(ENTRY.encode())
)
_CERTIFIED = re.compile(rb"/Perms<</DocMDP (\d+) 0 R>>")
_FILES = re.compile(rb"/AF\[([\d R]+)\]")
_FILE = re.compile(
    rb"<</Type/Filespec/F\(%b\)/UF\(%b\).*/EF<</F (\d+) 0 R/UF (\d+) 0 R>>>>"
    % ((re.escape(SNAPSHOT.encode()),) * 2),
    re.DOTALL,
)
_STREAM = re.compile(rb"<</Filter/FlateDecode.*?/Length (\d+)>>stream\n", re.DOTALL)
_RANGE = re.compile(
    rb"<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/ETSI\.CAdES\.detached.*"
    rb"/ByteRange\[0 (\d+) (\d+) (\d+)\] */Contents<([0-9A-F]+)>>>\Z",
    re.DOTALL,
)
_DIGEST = bytes.fromhex("06092A864886F70D010904")
"""The attribute that holds the digest of what is signed (PKCS #9 messageDigest)."""

_IN_FILE, _IN_STREAM = 1, 2
_OCTETS, _SET, _ATTRIBUTES = 0x04, 0x31, 0xA0


class Flaw(Exception):
    """The paper is not what it should be."""


def check(pdf: bytes, identity: Identity, snapshot: bytes) -> None:
    """Checks a paper made by the fast renderer.

    The cross-references lead to their objects; the certifying signature covers the whole file
    but its own value, its digest is that of the file, and the identity's key made it; the
    embedded snapshot is this one.

    Raises:
        Flaw: something of this does not hold.
    """
    try:
        file = _File(pdf)
        _check_signature(file, identity)
        _check_snapshot(file, snapshot)
    except (ValueError, IndexError, struct.error, zlib.error, InvalidSignature) as error:
        raise Flaw(str(error)) from error


class _File:
    """A file, read from its end."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        end = _found(_END.search(pdf, max(len(pdf) - 64, 0)), "no end")
        at = int(end[1])
        table = _found(_TABLE.match(pdf, at), "no table of cross-references")
        number, size, root, length = map(int, table.groups())
        places = pdf[table.end() : table.end() + length]
        if table.end() + length + len(b"\nendstream") != end.start() or length != 7 * size:
            raise ValueError("the table is not as long as it says")
        self.places = list(struct.iter_unpack(">BIH", places))
        if number != size - 1 or self.places[number] != (_IN_FILE, at, 0):
            raise ValueError("the table does not refer to itself")
        holders = set()
        for each, (kind, first, _) in enumerate(self.places):
            if kind == _IN_STREAM:
                holders.add(first)
            elif kind == _IN_FILE and not pdf.startswith(b"%d 0 obj\n" % each, first):
                raise ValueError(f"object {each} is not where it should be")
        if any(self.places[each][0] != _IN_FILE for each in holders):
            raise ValueError("objects are in no stream")
        self.root = self.read(root)

    def read(self, number: int) -> bytes:
        """The bytes of an object."""
        kind, at, _ = self.places[number]
        if kind != _IN_FILE:
            raise ValueError(f"object {number} is not written by itself")
        start = self.pdf.index(b"\n", at) + 1
        return self.pdf[start : self.pdf.index(b"\nendobj\n", start)]

    def stream(self, number: int) -> bytes:
        """The content of a compressed stream."""
        at = self.pdf.index(b"\n", self.places[number][1]) + 1
        head = _found(_STREAM.match(self.pdf, at), f"object {number} is no stream")
        return zlib.decompress(self.pdf[head.end() : head.end() + int(head[1])])


def _found(match: "re.Match[bytes] | None", otherwise: str) -> "re.Match[bytes]":
    if match is None:
        raise ValueError(otherwise)
    return match


def _check_snapshot(file: _File, snapshot: bytes) -> None:
    listed = _found(_FILES.search(file.root), "no associated file")[1]
    held = [_FILE.fullmatch(file.read(int(each))) for each in re.findall(rb"(\d+) 0 R", listed)]
    (found,) = filter(None, held)
    if found[1] != found[2] or file.stream(int(found[1])) != snapshot:
        raise ValueError("the snapshot is another one")


# --- the signature ------------------------------------------------------------------------


def _check_signature(file: _File, identity: Identity) -> None:
    pdf = file.pdf
    number = int(_found(_CERTIFIED.search(file.root), "not certified")[1])
    value = _found(_RANGE.fullmatch(file.read(number)), "no signature")
    before, after, length = map(int, value.groups()[:3])
    if pdf[before : before + 1] != b"<" or pdf[after - 1 : after] != b">":
        raise ValueError("the range does not leave out the value")
    if after + length != len(pdf) or pdf[before + 1 : after - 1] != value[4]:
        raise ValueError("the range is not the whole file less the value")
    covered = hashlib.new(digest_of(identity))
    covered.update(memoryview(pdf)[:before])
    covered.update(memoryview(pdf)[after:])
    _check_value(bytes.fromhex(value[4].decode()), covered.digest(), identity)


def _check_value(value: bytes, digest: bytes, identity: Identity) -> None:
    """Looks at the CMS: one signer, the identity; its attributes, the digest among them."""
    size = 4 + int.from_bytes(value[2:4], "big")  # no value is shorter than 256 bytes
    (message,) = _parts(value[:size])
    if any(value[size:]):
        raise ValueError("something follows the value")
    _kind, held = _parts(message.content)
    (data,) = _parts(held.content)
    _version, _algorithms, _nothing, certificates, signers = _parts(data.content)
    own = identity.certificate.public_bytes(serialization.Encoding.DER)
    if own not in [each.whole for each in _parts(certificates.content)]:
        raise ValueError("the certificate is missing")
    (signer,) = _parts(signers.content)
    *_, attributes, _algorithm, signature = _parts(signer.content)
    stated = [
        values.content
        for kind, values in (_parts(each.content) for each in _parts(attributes.content))
        if kind.whole == _DIGEST
    ]
    if stated != [der(_OCTETS, digest)] or attributes.tag != _ATTRIBUTES:
        raise ValueError("the digest is that of another file")
    verify_value(identity, signature.content, der(_SET, attributes.content))
    if template(identity).around(attributes.content, signature.content) != message.whole:
        raise ValueError("the value says something else of the identity")


class _Part(NamedTuple):
    """An element of DER."""

    tag: int
    whole: bytes
    content: bytes


def _parts(content: bytes) -> list[_Part]:
    """The elements that stand one after the other; zeros at the end are elements too."""
    found, at = [], 0
    while at < len(content):
        head, size = at + 2, content[at + 1]
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(content[at + 2 : head], "big")
        if head + size > len(content):
            raise ValueError("cut short")
        found.append(_Part(content[at], content[at : head + size], content[head : head + size]))
        at = head + size
    return found
