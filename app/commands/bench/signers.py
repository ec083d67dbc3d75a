"""Keys to measure with, certified by themselves: as strong as what one has, and worth nothing."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from app.commands.bench.measuring import busy
from registers.kernel import clock
from registers.press import identity
from registers.press.identity import Identity, Key

PASSPHRASE = b"bench"
RSA_2048, RSA_3072, P_256 = "RSA-2048", "RSA-3072", "P-256"


@dataclass(frozen=True)
class Signer:
    """A key of a kind, and the file that holds it."""

    kind: str
    pkcs12: bytes
    identity: Identity

    def raw_rate(self, seconds: float = 0.5) -> float:
        """Signatures in a second of a processor, with nothing around them."""
        key, count, begun = self.identity.key, 0, busy()
        while busy() - begun < seconds:
            if isinstance(key, rsa.RSAPrivateKey):
                key.sign(b"x" * 100, padding.PKCS1v15(), hashes.SHA256())
            else:
                key.sign(b"x" * 100, ec.ECDSA(hashes.SHA256()))
            count += 1
        return count / (busy() - begun)

    def put(self, folder: Path) -> str:
        """Writes the file and tells where."""
        path = folder / f"{self.kind}.p12"
        path.write_bytes(self.pkcs12)
        return str(path)


@cache
def signer(kind: str) -> Signer:
    """The signer of a kind, made once."""
    key = _key(kind)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bench, no legal value")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(PASSPHRASE)
    file = pkcs12.serialize_key_and_certificates(b"bench", key, certificate, None, encryption)
    return Signer(kind, file, identity.load(file, PASSPHRASE))


def _key(kind: str) -> Key:
    if kind == P_256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))
