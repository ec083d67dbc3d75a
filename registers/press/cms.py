"""The value of a PAdES signature (CMS, RFC 5652), made from a template for each identity.

pyHanko makes one value for an identity, with its certificates and the attributes that PAdES
asks for. In every later one only the digest of the document and the signature itself differ:
they are put where they stood in the first.
"""

import asyncio
import hashlib
from functools import lru_cache
from typing import NamedTuple, cast

from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from registers.press.identity import Identity

DIGESTS = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}
RSA_DIGEST = "sha256"
"""Also with 3072 bits, whose strength it matches."""


def der(tag: int, *parts: bytes) -> bytes:
    """An element of DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 the short form
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


_SEQUENCE, _SET, _OCTETS, _FIRST = 0x30, 0x31, 0x04, 0xA0


class Template(NamedTuple):
    """All of a value but what differs from one document to the next.

    Attributes:
        digest: the name of the digest algorithm.
        room: as many bytes as a value may have.
        attributes: what stands before and after the digest in what is signed.
        signer: what stands before the signed attributes, and between them and the signature.
        data: what stands before the signer.
        kind: the kind of content, at the very beginning.
        identity: whose.
    """

    digest: str
    room: int
    attributes: tuple[bytes, bytes]
    signer: tuple[bytes, bytes]
    data: bytes
    kind: bytes
    identity: Identity

    def value(self, digest: bytes) -> bytes:
        """The value for a document of this digest."""
        before, after = self.attributes
        attributes = before + digest + after
        signature = _signed(self.identity, der(_SET, attributes), self.digest)
        return self.around(attributes, signature)

    def around(self, attributes: bytes, signature: bytes) -> bytes:
        """The value that holds these signed attributes and this signature."""
        begun, then = self.signer
        signer = der(_SEQUENCE, begun, der(_FIRST, attributes), then, der(_OCTETS, signature))
        return der(_SEQUENCE, self.kind, der(_FIRST, der(_SEQUENCE, self.data, der(_SET, signer))))


def _signed(identity: Identity, content: bytes, digest: str) -> bytes:
    algorithm = _algorithm(digest)
    if isinstance(identity.key, rsa.RSAPrivateKey):
        return identity.key.sign(content, padding.PKCS1v15(), algorithm)
    return identity.key.sign(content, ec.ECDSA(algorithm))


def verify_value(identity: Identity, signature: bytes, content: bytes) -> None:
    """Checks a signature with the public half of the identity's key.

    Raises:
        InvalidSignature: the key did not make it, or it is of another content.
    """
    algorithm, key = _algorithm(digest_of(identity)), identity.public_key
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, content, padding.PKCS1v15(), algorithm)
    else:
        key.verify(signature, content, ec.ECDSA(algorithm))


def digest_of(identity: Identity) -> str:
    """The digest algorithm that suits the identity's key."""
    key = identity.key
    return RSA_DIGEST if isinstance(key, rsa.RSAPrivateKey) else DIGESTS[key.curve.name]


def _algorithm(digest: str) -> hashes.HashAlgorithm:
    return cast("hashes.HashAlgorithm", getattr(hashes, digest.upper())())


@lru_cache(maxsize=8)
def template(identity: Identity) -> Template:
    """The template of an identity."""
    digest, size = digest_of(identity), (identity.key.key_size + 7) // 8
    longest = size if isinstance(identity.key, rsa.RSAPrivateKey) else 2 * size + 9
    sample = hashlib.new(digest, b"a document").digest()
    made = asyncio.run(identity.signer.async_sign(sample, digest, use_pades=True, dry_run=True))
    data = made["content"]
    (signer,) = data["signer_infos"]
    signed = cms.CMSAttributes(signer["signed_attrs"]).dump()
    attributes = _content(signed)
    before, found, after = attributes.partition(sample)
    if not found or sample in after:
        raise ValueError("the digest does not stand once in what is signed")
    parts = ("version", "digest_algorithms", "encap_content_info", "certificates")
    drawn = Template(
        digest=digest,
        room=0,
        attributes=(before, after),
        signer=(
            b"".join(signer[part].dump() for part in ("version", "sid", "digest_algorithm")),
            signer["signature_algorithm"].dump(),
        ),
        data=b"".join(data[part].dump() for part in parts),
        kind=made["content_type"].dump(),
        identity=identity,
    )
    return drawn._replace(room=len(drawn.around(attributes, bytes(longest))))


def _content(element: bytes) -> bytes:
    """What stands in an element of DER."""
    head = 2 + (element[1] & 0x7F if element[1] & 0x80 else 0)
    return element[head:]
