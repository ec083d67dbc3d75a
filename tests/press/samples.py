"""Papers and identities that the tests of the press share, and what other programs read in them."""

import io
from datetime import date, datetime, timedelta, timezone
from functools import cache

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from registers.press import trial_identity
from registers.press.identity import Identity, Kind, load
from registers.press.paper import (
    CONTROLLER_FIELD,
    Column,
    Heading,
    Items,
    KeyValues,
    Paper,
    Paragraph,
    Signatures,
    Stamp,
    Table,
)
from registers.press.reference import typeset
from registers.press.seal import seal

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=1)))
SNAPSHOT = b'{"controller":"Commune de Saint-\xc3\x89tienne"}'
CHECKPOINT = {
    "size": 1284,
    "head": "9f" * 32,
    "at": "2026-11-22T09:30:00.000000Z",
    "key": "d7" * 32,
    "signature": "e5" * 64,
}
STAMP = Stamp("AX-2026-0014", NOW, CHECKPOINT)


def paper(language="fr", rows=12, **changed):
    """A small register with every kind of block."""
    cells = tuple(
        (f"A-{row:03d}", "Facturation de la restauration scolaire", "Usagers, agents", f"{row} ans")
        for row in range(rows)
    )
    columns = (Column("No", 0.5), Column("Activité", 3), Column("Personnes", 2), Column("Durée", 1))
    given = {
        "kind": "controller_register",
        "title": "Registre des activités de traitement",
        "subtitle": "Commune de Saint-Étienne-de-Baïgorry",
        "language": language,
        "organisation": "Éditions Numériques du Midi, SAS",
        "on": date(2026, 11, 22),
        "lead": ("Contrat 2024-117 du 3 mars 2024",),
        "blocks": (
            Heading("Parties"),
            KeyValues((("Sous-traitant", "Éditions Numériques du Midi\nMontpellier"),)),
            Paragraph("Le présent extrait reproduit le registre « au jour indiqué »."),
            Paragraph("Une mesure n’est pas encore en place.", "warning"),
            Heading("Activités"),
            Table(columns, cells, "Activités en vigueur", "Aucune activité."),
            Heading("Mesures", 2),
            Items(("Chiffrement.", "Journalisation des accès.")),
            Signatures("Pour le sous-traitant", "Pour le responsable de traitement"),
        ),
    }
    return Paper(**given | changed)


@cache
def typeset_paper():
    return typeset(paper(), SNAPSHOT, STAMP)


@cache
def made():
    """A test identity's PKCS#12 file, and its authority."""
    return trial_identity.make(b"secret", NOW)


@cache
def sealer():
    return load(made().pkcs12, b"secret")


@cache
def sealed_paper():
    return seal(typeset_paper(), sealer(), NOW, "fr")


@cache
def mayor():
    """Another test identity: the controller's."""
    other = trial_identity.make(b"x", NOW, "Maïté Etcheverry")
    return load(other.pkcs12, b"x", Kind.SIGNATURE, "maire"), other.authority


@cache
def countersigned_paper():
    """The sealed paper, signed by the controller with other software, in the field left for it."""
    metadata = PdfSignatureMetadata(
        field_name=CONTROLLER_FIELD, subfilter=SigSeedSubFilter.PADES, reason="Bon pour accord"
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed_paper()))
    signer = PdfSigner(metadata, mayor()[0].signer)
    return signer.sign_pdf(writer, existing_fields_only=True).getvalue()


def certified(key, *, name="Éditions du Midi", days=30, issuer=None, extensions=(), **subject):
    """A key's certificate, self-signed or issued by another (certificate, key)."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    attributes += [
        x509.NameAttribute(getattr(NameOID, kind.upper()), value) for kind, value in subject.items()
    ]
    subject = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]


def usage(**allowed):
    """A certificate's key usage, of these and no others."""
    return x509.KeyUsage(**dict.fromkeys(USAGES, False) | allowed)


def bundle(key, certificate, passphrase=b"p", chain=()):
    """A PKCS#12 file."""
    encryption = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, encryption)


@cache
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def elliptic_key():
    return ec.generate_private_key(ec.SECP256R1())


def identity(**given) -> Identity:
    """A self-signed identity that is no test identity."""
    key = elliptic_key()
    return load(bundle(key, certified(key, **given)), b"p")


def opened(content):
    return pikepdf.Pdf.open(io.BytesIO(content))
