"""Who seals or signs: a key, its certificate, and what the law lets them be called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from asn1crypto import pkcs12 as der_pkcs12  # type: ignore[import-untyped]
from asn1crypto import x509 as der_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from registers.kernel.errors import Invalid
from registers.kernel.words import Named, text
from registers.press import trial_identity

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

SHORTEST_RSA = 2048
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class Kind(Named):
    """A legal person seals (origin and integrity); a natural person signs (its will)."""

    SEAL = "seal", text("electronic seal")
    SIGNATURE = "signature", text("electronic signature")


@dataclass(frozen=True)
class Identity:
    """One who can seal or sign.

    Attributes:
        kind: seal of a legal person, or signature of a named one.
        quality: of a signatory, as it stands on paper: « directrice générale ».
        delegation: the act by which a signatory holds its power, where it is not its own.
    """

    kind: Kind
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: Key
    quality: str = ""
    delegation: str = ""

    @cached_property
    def name(self) -> str:
        """As it stands in the certificate.

        The registered name (O) of a legal person, whose common name is often that of a
        machine; the common name (CN) of a natural one.
        """
        first = [NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME]
        for attribute in reversed(first) if self.kind is Kind.SEAL else first:
            for found in self.certificate.subject.get_attributes_for_oid(attribute):
                return str(found.value)
        return self.certificate.subject.rfc4514_string()

    @property
    def is_test(self) -> bool:
        """Whether it was made to try things out and is worth nothing in law."""
        issuer = self.certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        return any(name.value == trial_identity.AUTHORITY for name in issuer)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @cached_property
    def public_key(self) -> PublicKey:
        """The half of the key that everybody may know."""
        return self.key.public_key()

    @property
    def valid_from(self) -> datetime:
        """The instant from which the certificate is valid, UTC."""
        return self.certificate.not_valid_before_utc

    @property
    def valid_until(self) -> datetime:
        """The last instant at which the certificate is valid, UTC."""
        return self.certificate.not_valid_after_utc

    def require_valid(self, now: datetime) -> None:
        """Refuses to act outside the certificate's validity.

        Raises:
            Invalid: it is expired, or not valid yet.
        """
        if now > self.valid_until:
            at = self.valid_until.date()
            raise Invalid(text("The certificate of {name} expired on {at}.", name=self.name, at=at))
        if now < self.valid_from:
            at = self.valid_from.date()
            raise Invalid(
                text("The certificate of {name} is valid only from {at}.", name=self.name, at=at)
            )

    @cached_property
    def signer(self) -> Signer:
        """What pyHanko signs with."""
        return _Signer(self.key, self.certificate, self.chain)


class _Signer(Signer):
    """Signs with a key that was read once; pyHanko's own signer reads it at every signature."""

    def __init__(
        self, key: Key, certificate: x509.Certificate, chain: Iterable[x509.Certificate]
    ) -> None:
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple(map(_translated, chain))
        super().__init__(
            signing_cert=_translated(certificate), cert_registry=registry, embed_roots=False
        )
        self._key = key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The raw signature of the data."""
        digest = getattr(hashes, digest_algorithm.upper())()
        if dry_run:
            return bytes((self._key.key_size + 7) // 8 * 2 + 16)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), digest)
        return self._key.sign(data, ec.ECDSA(digest))


def _translated(certificate: x509.Certificate) -> der_x509.Certificate:
    return der_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def load(
    content: bytes,
    passphrase: bytes,
    kind: Kind = Kind.SEAL,
    quality: str = "",
    delegation: str = "",
) -> Identity:
    """Reads an identity from a PKCS#12 file; whether it is still valid, sealing asks.

    Raises:
        Invalid: the file, its passphrase, its key or its certificate will not do; says which.
    """
    if kind is Kind.SIGNATURE and not quality.strip():
        raise Invalid(text("A signature needs the quality of the person who signs."), "quality")
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(content, passphrase)
    except ValueError as error:
        raise _unreadable(content) from error
    if key is None or certificate is None:
        raise Invalid(text("The PKCS#12 file holds no key with its certificate."), "identity")
    if key.public_key() != certificate.public_key():
        raise Invalid(text("The key and the certificate do not belong together."), "identity")
    return Identity(
        kind=kind,
        certificate=_for_signing(certificate),
        chain=tuple(chain),
        key=_strong(key),
        quality=quality.strip(),
        delegation=delegation.strip(),
    )


class Carried(NamedTuple):
    """An identity as it is handed to another process of ours; it holds the key in the clear."""

    kind: str
    certificate: bytes
    chain: tuple[bytes, ...]
    key: bytes
    quality: str
    delegation: str


def carried(identity: Identity) -> Carried:
    """The identity, ready to be handed on."""
    der = serialization.Encoding.DER
    return Carried(
        identity.kind.value,
        identity.certificate.public_bytes(der),
        tuple(each.public_bytes(der) for each in identity.chain),
        identity.key.private_bytes(
            der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        identity.quality,
        identity.delegation,
    )


def received(identity: Carried) -> Identity:
    """The identity that was handed on."""
    return Identity(
        Kind(identity.kind),
        x509.load_der_x509_certificate(identity.certificate),
        tuple(map(x509.load_der_x509_certificate, identity.chain)),
        _strong(serialization.load_der_private_key(identity.key, None)),
        identity.quality,
        identity.delegation,
    )


def _unreadable(content: bytes) -> Invalid:
    try:
        der_pkcs12.Pfx.load(content, strict=True).native  # noqa: B018 reading it is the test
    except (ValueError, TypeError):
        return Invalid(text("This is no PKCS#12 file."), "identity")
    return Invalid(text("The passphrase does not open the PKCS#12 file."), "passphrase")


def _strong(key: object) -> Key:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= SHORTEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return key
    raise Invalid(
        text("The key must be RSA of 2048 bits at least, or ECDSA on P-256, P-384 or P-521."),
        "identity",
    )


def _for_signing(certificate: x509.Certificate) -> x509.Certificate:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return certificate
    if not (usage.digital_signature or usage.content_commitment):
        raise Invalid(text("The certificate was not issued for signing."), "identity")
    return certificate
