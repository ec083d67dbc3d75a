"""Verification: what was sealed is found sound, and nothing that was touched afterwards is."""

import io
import json
from datetime import timedelta

import msgspec
import pikepdf
import pytest
from asn1crypto import keys
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from app.commands.verifying import verify_file
from registers.kernel.errors import Invalid
from registers.press.identity import Kind, load
from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD
from registers.press.seal import seal
from registers.press.verify import (
    DAMAGED,
    ENCRYPTED,
    NOT_PDF,
    TRAILING,
    UNSIGNED,
    Level,
    verify,
)
from tests.press.refusals import faults
from tests.press.samples import (
    NOW,
    bundle,
    certified,
    countersigned_paper,
    elliptic_key,
    made,
    mayor,
    opened,
    rsa_key,
    sealed_paper,
    sealer,
    typeset_paper,
    usage,
)

# --- what is sound ------------------------------------------------------------------------


def test_a_sealed_paper_is_sound():
    found = verify(sealed_paper(), [made().authority], NOW)
    assert (found.readable, found.intact, found.sound, found.changed) == (True, True, True, False)
    assert (found.revisions, found.faults) == (2, ())
    (seen,) = found.signatures
    assert (seen.field, seen.by, seen.kind) == (PROCESSOR_FIELD, sealer().name, Kind.SEAL)
    assert (seen.at, seen.attested, seen.timestamp) == (NOW, False, False)
    assert (seen.level, seen.algorithm) == (Level.BASIC, "ECDSA P-256, SHA-256")
    assert (seen.intact, seen.covers, seen.revision) == (True, "document", 2)
    assert (seen.trusted, seen.test) == (True, True)
    assert found.snapshot.matches
    assert found.snapshot.signed


def test_without_authorities_nobody_is_trusted_or_distrusted():
    found = verify(sealed_paper())
    assert found.sound
    assert found.signatures[0].trusted is None


def test_a_countersignature_in_the_field_left_for_it_is_no_change():
    found = verify(countersigned_paper(), [made().authority, mayor()[1]], NOW)
    assert found.faults == ()
    assert found.sound
    assert not found.changed
    assert [each.field for each in found.signatures] == [PROCESSOR_FIELD, CONTROLLER_FIELD]
    assert [each.covers for each in found.signatures] == ["revision", "document"]
    assert [each.kind for each in found.signatures] == [Kind.SEAL, None]
    assert found.snapshot.signed


def test_a_signature_by_a_person_is_told_from_a_seal():
    sealed = seal(typeset_paper(), mayor()[0], NOW, "fr")
    (seen,) = verify(sealed).signatures
    assert (seen.kind, seen.by) == (Kind.SIGNATURE, "Maïté Etcheverry")


def test_the_findings_are_json():
    found = verify(countersigned_paper())
    assert json.loads(msgspec.json.encode(found))["signatures"][0]["level"] == "B-B"


# --- time-stamps --------------------------------------------------------------------------


def authority_of_time():
    """A time-stamp authority in memory, and the certificate to trust it with."""
    root, own = elliptic_key(), rsa_key()
    of_root = certified(
        root,
        name="Time root",
        days=3650,
        extensions=[x509.BasicConstraints(ca=True, path_length=0)],
    )
    of_own = certified(
        own,
        name="Time",
        days=3650,
        issuer=(of_root, root),
        extensions=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])],
    )
    key = own.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    der = of_own.public_bytes(serialization.Encoding.DER)
    (certificate,) = load_certs_from_pemder_data(der)
    stamper = DummyTimeStamper(
        certificate, keys.PrivateKeyInfo.load(key), fixed_dt=NOW + timedelta(minutes=1)
    )
    return stamper, of_root.public_bytes(serialization.Encoding.PEM)


def stamped(content, stamper):
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    return PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256").getvalue()


def with_store(content):
    stream = io.BytesIO(content)
    certificates = load_certs_from_pemder_data(made().authority)
    DocumentSecurityStore.add_dss(stream, None, certs=certificates)
    return stream.getvalue()


def test_archives_may_add_time_stamps_and_proofs():
    stamper, root = authority_of_time()
    trust = [made().authority, root]
    late = stamped(sealed_paper(), stamper)
    stored = with_store(late)
    archived = stamped(stored, stamper)
    for content, level in ((late, Level.TIMESTAMPED), (archived, Level.ARCHIVED)):
        found = verify(content, trust, NOW)
        assert (found.faults, found.sound, found.changed) == ((), True, False)
        assert found.signatures[0].level is level
        assert [each.timestamp for each in found.signatures[1:]] == [True] * (
            len(found.signatures) - 1
        )
        assert found.signatures[1].at == NOW + timedelta(minutes=1)
        assert found.signatures[1].attested
    assert verify(stored, trust, NOW).sound
    assert faults(stored + b" ") == {TRAILING.source}


def test_a_time_stamp_keeps_a_signature_after_its_certificate_expired():
    stamper, root = authority_of_time()
    issuer, key = elliptic_key(), elliptic_key()
    basic = x509.BasicConstraints(ca=True, path_length=0)
    of_issuer = certified(issuer, name="Issuer", days=3650, extensions=[basic])
    certificate = certified(
        key, issuer=(of_issuer, issuer), extensions=[usage(content_commitment=True)]
    )
    who = load(bundle(key, certificate), b"p")
    metadata = PdfSignatureMetadata(field_name=PROCESSOR_FIELD, subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(typeset_paper()))
    content = PdfSigner(metadata, who.signer, timestamper=stamper).sign_pdf(writer).getvalue()
    own = of_issuer.public_bytes(serialization.Encoding.PEM)
    later = NOW + timedelta(days=300)
    found = verify(content, [own, root], later)
    assert (found.faults, found.sound) == ((), True)
    (seen,) = found.signatures
    assert (seen.level, seen.attested) == (Level.TIMESTAMPED, True)
    assert verify(content, [own], later).signatures[0].trusted is False


# --- trust --------------------------------------------------------------------------------


def test_a_stranger_is_not_trusted_but_the_file_is_intact():
    found = verify(sealed_paper(), [mayor()[1]], NOW)
    assert (found.intact, found.sound) == (True, False)
    assert [str(fault) for fault in found.faults] == [
        "No authority that you trust certified Greffe test seal, no legal value."
    ]
    assert not verify(countersigned_paper(), [made().authority], NOW).sound


def test_an_expired_certificate_is_said_to_be():
    late = NOW + timedelta(days=4000)
    said = [str(fault) for fault in verify(sealed_paper(), [made().authority], late).faults]
    assert said == [
        "The certificate of Greffe test seal, no legal value is not valid at this time."
    ]
    assert verify(sealed_paper(), [], late).sound


@pytest.mark.parametrize(
    "trust", [b"", b"no certificate", made().pkcs12], ids=["empty", "words", "keys"]
)
def test_a_bad_file_of_authorities_is_refused(trust):
    with pytest.raises(Invalid, match="no certificate"):
        verify(sealed_paper(), [trust])


# --- what is no signed PDF ----------------------------------------------------------------


def encrypted():
    with opened(typeset_paper()) as pdf:
        to = io.BytesIO()
        pdf.save(to, encryption=pikepdf.Encryption(owner="o", user="u"))
    return to.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", NOT_PDF),
        (b"PK\x03\x04", NOT_PDF),
        (b"%PDF-1.7", DAMAGED),
        (b"%PDF-1.7\n%%EOF\n", DAMAGED),
        (b"%PDF-1.7\nstartxref\n99999999\n%%EOF\n", DAMAGED),
        (encrypted(), ENCRYPTED),
        (typeset_paper()[:9000], DAMAGED),
        (sealed_paper()[:-40], DAMAGED),
    ],
    ids=["empty", "zip", "head", "ends", "nowhere", "encrypted", "begun", "cut"],
)
def test_what_cannot_be_read_is_said_in_a_sentence(content, fault):
    assert faults(content) == {fault.source}
    assert not verify(content).readable


def test_a_paper_without_its_seal_is_unsigned():
    assert faults(typeset_paper()) == {UNSIGNED.source}
    assert faults(sealed_paper()[: len(typeset_paper())]) == {UNSIGNED.source}
    found = verify(typeset_paper())
    assert found.readable
    assert found.snapshot.matches
    assert not found.snapshot.signed


# --- the command --------------------------------------------------------------------------


def command(tmp_path, content, *options):
    (tmp_path / "paper.pdf").write_bytes(content)
    (tmp_path / "ca.pem").write_bytes(made().authority)
    arguments = [str(tmp_path / "paper.pdf"), *options]
    return CliRunner().invoke(verify_file, arguments)


def test_the_command_tells_what_it_found(tmp_path):
    run = command(tmp_path, sealed_paper(), "--trust", str(tmp_path / "ca.pem"))
    assert run.exit_code == 0
    assert run.output.startswith("paper.pdf: sound\n1. electronic seal by Greffe test seal")
    assert "a test identity, without legal value" in run.output
    assert "covers the whole document; certified by a trusted authority" in run.output
    assert "Embedded data: those it was typeset from" in run.output


def test_the_command_fails_for_what_is_not_sound(tmp_path):
    run = command(tmp_path, sealed_paper() + b" ")
    assert run.exit_code == 1
    assert run.output.startswith("paper.pdf: NOT SOUND\n")
    assert "- Bytes stand after the end of the document." in run.output
    assert command(tmp_path, typeset_paper()).exit_code == 1
    assert command(tmp_path, b"no PDF").output == (
        "paper.pdf: NOT SOUND\n- This is not a PDF file.\n"
    )


def test_the_command_speaks_json(tmp_path):
    run = command(tmp_path, countersigned_paper(), "--json")
    assert run.exit_code == 0
    found = json.loads(run.output)
    assert found["sound"] is True
    assert found["faults"] == []
    assert [each["field"] for each in found["signatures"]] == [PROCESSOR_FIELD, CONTROLLER_FIELD]
    run = command(tmp_path, sealed_paper() + b" ", "--json")
    assert run.exit_code == 1
    (fault,) = json.loads(run.output)["faults"]
    assert fault == "Bytes stand after the end of the document."


def test_the_command_refuses_what_is_no_authority(tmp_path):
    run = command(tmp_path, sealed_paper(), "--trust", str(tmp_path / "paper.pdf"))
    assert run.exit_code == 1
    assert "holds no certificate" in run.output
