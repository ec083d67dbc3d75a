"""The seal: who may seal, what the file then is, and what other programs say of it."""

import hashlib
import io
import re
import subprocess
import warnings
from datetime import UTC, timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from pyhanko.pdf_utils.reader import PdfFileReader

from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import Words
from registers.press import trial_identity
from registers.press.identity import Identity, Kind, load
from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD, Stamp
from registers.press.reference import typeset
from registers.press.seal import block_lines, seal
from registers.press.verify import verify
from tests.press import archival
from tests.press.reading import run, together, words
from tests.press.samples import (
    NOW,
    SNAPSHOT,
    bundle,
    certified,
    countersigned_paper,
    elliptic_key,
    identity,
    made,
    opened,
    paper,
    rsa_key,
    sealed_paper,
    sealer,
    typeset_paper,
    usage,
)
from tests.tools import need

# --- identities ---------------------------------------------------------------------------


def test_the_test_identity_is_known_as_one():
    found = sealer()
    assert found.kind is Kind.SEAL
    assert found.name == trial_identity.NAME
    assert found.is_test
    assert found.valid_from == NOW - timedelta(days=1)
    certificate = found.certificate.public_bytes(serialization.Encoding.DER)
    assert found.fingerprint == hashlib.sha256(certificate).hexdigest()


def test_a_seal_bears_the_registered_name_and_a_signature_the_person():
    key = elliptic_key()
    certificate = certified(key, name="srv-cachet-03", organization_name="Éditions du Midi SAS")
    file = bundle(key, certificate)
    assert load(file, b"p").name == "Éditions du Midi SAS"
    assert load(file, b"p", Kind.SIGNATURE, "directrice").name == "srv-cachet-03"
    assert not load(file, b"p").is_test
    assert identity(name="Jeanne Martin").name == "Jeanne Martin"


def small():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography itself warns of such a key
        return rsa.generate_private_key(65537, 1024)  # noqa: S505 it is to be refused


def of(key, *extensions):
    return bundle(key, certified(key, extensions=extensions))


@pytest.mark.parametrize(
    ("file", "passphrase", "said"),
    [
        (lambda: b"", b"", "This is no PKCS#12 file."),
        (lambda: b"-----BEGIN CERTIFICATE-----", b"", "This is no PKCS#12 file."),
        (lambda: made().pkcs12[:200], b"secret", "This is no PKCS#12 file."),
        (lambda: made().pkcs12, b"wrong", "The passphrase does not open the PKCS#12 file."),
        (lambda: made().pkcs12, b"", "The passphrase does not open the PKCS#12 file."),
        (lambda: of(small()), b"p", "The key must be RSA of 2048 bits at least"),
        (lambda: bundle(None, certified(elliptic_key())), b"p", "holds no key"),
        (lambda: of(elliptic_key(), usage(key_agreement=True)), b"p", "not issued for signing"),
    ],
)
def test_an_identity_that_will_not_do_is_refused_and_says_why(file, passphrase, said):
    with pytest.raises(Invalid, match=re.escape(said)):
        load(file(), passphrase)


def test_keys_that_readers_do_not_know_are_refused():
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    ).sign(key, None)
    with pytest.raises(Invalid, match="P-256"):
        load(bundle(key, certificate), b"p")


def test_a_signature_needs_a_quality():
    with pytest.raises(Invalid, match="quality"):
        load(made().pkcs12, b"secret", Kind.SIGNATURE, "  ")


@pytest.mark.parametrize(("days", "said"), [(31, "expired on"), (-2, "valid only from")])
def test_nobody_seals_outside_the_validity_of_the_certificate(days, said):
    with pytest.raises(Invalid, match=said):
        seal(typeset_paper(), identity(), NOW + timedelta(days=days), "fr")


# --- the visible block --------------------------------------------------------------------


def named(kind, quality="", delegation="", **given):
    key = elliptic_key()
    return load(bundle(key, certified(key, **given)), b"p", kind, quality, delegation)


@pytest.mark.parametrize(
    ("who", "language", "lines"),
    [
        (
            lambda: identity(name="Éditions du Midi"),
            "en",
            [
                "Electronically sealed by: Éditions du Midi",
                "Date: 22 November 2026",
                "Quality: seal of the legal person",
            ],
        ),
        (
            lambda: named(Kind.SIGNATURE, "directrice", "arrêté du 3 mars", name="Jeanne Martin"),
            "en",
            [
                "Electronically signed by: Jeanne Martin",
                "Date: 22 November 2026",
                "Quality: directrice, by delegation (arrêté du 3 mars)",
            ],
        ),
        (
            sealer,
            "en",
            [
                f"Electronically sealed by: {trial_identity.NAME}",
                "Date: 22 November 2026",
                "Quality: test seal, without legal value",
            ],
        ),
        (
            lambda: load(made().pkcs12, b"secret", Kind.SIGNATURE, "maire"),
            "en",
            [
                f"Electronically signed by: {trial_identity.NAME}",
                "Date: 22 November 2026",
                "Quality: maire; test signature, without legal value",
            ],
        ),
    ],
)
def test_the_block_has_three_lines(who, language, lines):
    said = [Words(language).say(line) for line in block_lines(who(), NOW, language)]
    assert said == lines
    assert not re.search("qualifi", "".join(said))


def test_the_date_is_french_in_french_and_that_of_the_place():
    late = NOW.astimezone(UTC).replace(hour=23, minute=30)
    assert block_lines(sealer(), late, "fr")[1].parameters == {"date": "22/11/2026"}
    there = late.astimezone(NOW.tzinfo)
    assert block_lines(sealer(), there, "fr")[1].parameters == {"date": "23/11/2026"}


@pytest.mark.parametrize("name", ["É", "W" * 64, "Communauté d’agglomération " * 2, "名前"])
def test_any_name_stands_in_its_field(name, tmp_path):
    sealed = seal(typeset_paper(), identity(name=name[:64]), NOW, "fr")
    assert archival.faults(sealed) == []
    shown = together("".join(words(sealed, tmp_path / "p.pdf")))
    expected = "\ufffd" * 2 if name == "名前" else name[:64]
    assert together(expected) in shown


def test_an_endless_quality_is_cut_and_crashes_nothing():
    who = named(Kind.SIGNATURE, "vice-président délégué " * 100)
    assert verify(seal(typeset_paper(), who, NOW, "fr")).sound


# --- the file -----------------------------------------------------------------------------


def test_the_seal_is_one_revision_more_that_certifies_and_leaves_room():
    assert sealed_paper().startswith(typeset_paper())
    with opened(sealed_paper()) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        assert list(fields) == [PROCESSOR_FIELD, CONTROLLER_FIELD]
        assert "/V" not in fields[CONTROLLER_FIELD]
        value = fields[PROCESSOR_FIELD].V
        assert value.objgen == pdf.Root.Perms.DocMDP.objgen
        assert int(value.Reference[0].TransformParams.P) == 2
        assert str(value.SubFilter) == "/ETSI.CAdES.detached"
        assert str(value.Name) == trial_identity.NAME
        assert str(value.M) == "D:20261122103000+01'00'"
        assert str(value.GREF_Kind) == "/Seal"


def test_reason_and_place_are_said_where_they_are_given():
    sealed = seal(typeset_paper(), sealer(), NOW, "fr", reason="Pour envoi", place="Montpellier")
    with opened(sealed) as pdf:
        value = pdf.Root.AcroForm.Fields[0].V
        assert (str(value.Reason), str(value.Location)) == ("Pour envoi", "Montpellier")


@pytest.mark.parametrize("key", ["rsa", "p256"])
def test_both_kinds_of_key_make_a_sound_baseline_signature(key):
    private = rsa_key() if key == "rsa" else elliptic_key()
    sealed = seal(typeset_paper(), load(of(private), b"p"), NOW, "fr")
    assert archival.faults(sealed) == []
    (found,) = verify(sealed).signatures
    assert found.level.value == "B-B"
    assert found.algorithm.startswith(
        {"rsa": "RSA 2048, SHA-", "p256": "ECDSA P-256, SHA-256"}[key]
    )


def test_the_chain_goes_with_the_seal_without_its_root():
    root, middle, own = elliptic_key(), elliptic_key(), elliptic_key()
    of_root = certified(root, name="Root")
    of_middle = certified(
        middle,
        name="Middle",
        issuer=(of_root, root),
        extensions=[x509.BasicConstraints(ca=True, path_length=0)],
    )
    of_own = certified(own, issuer=(of_middle, middle), extensions=[usage(content_commitment=True)])
    chained = load(bundle(own, of_own, chain=[of_middle, of_root]), b"p")
    sealed = seal(typeset_paper(), chained, NOW, "fr")
    (value,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    held = cms.ContentInfo.load(value.pkcs7_content)["content"]["certificates"]
    assert {each.chosen.subject.native["common_name"] for each in held} == {
        "Middle",
        "Éditions du Midi",
    }
    anchor = of_root.public_bytes(serialization.Encoding.PEM)
    assert verify(sealed, [anchor], NOW).sound


def test_papers_stay_archival_after_a_countersignature_too(tmp_path):
    run("qpdf", "--check", content=sealed_paper(), path=tmp_path / "p.pdf")
    run("qpdf", "--check", content=countersigned_paper(), path=tmp_path / "p.pdf")
    assert archival.faults(sealed_paper()) == []


@pytest.mark.parametrize(
    ("pdf", "error", "said"),
    [
        (sealed_paper, Conflict, "sealed already"),
        (lambda: typeset(paper(draft=True), SNAPSHOT, Stamp("", NOW)), Invalid, "no place"),
        (lambda: typeset(paper(blocks=()), SNAPSHOT, Stamp("", NOW)), Invalid, "no place"),
        (lambda: b"%PDF-1.7 and nothing", Invalid, "no paper"),
        (lambda: b"", Invalid, "no paper"),
        (lambda: typeset_paper()[:5000], Invalid, "no paper"),
    ],
)
def test_what_cannot_be_sealed_is_refused(pdf, error, said):
    with pytest.raises(error, match=said):
        seal(pdf(), sealer(), NOW, "fr")


# --- what others say of it ----------------------------------------------------------------


def pdfsig(content, path, *authorities):
    """What Poppler says, with NSS trusting these authorities."""
    need("pdfsig", "certutil")
    store = path.parent / "nss"
    store.mkdir()
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    for number, authority in enumerate(authorities):
        (store / "ca.pem").write_bytes(authority)
        command = ["certutil", "-A", "-d", f"sql:{store}", "-n", str(number), "-t", "C,C,C", "-i"]
        subprocess.run([*command, str(store / "ca.pem")], check=True)
    path.write_bytes(content)
    command = ["pdfsig", "-nssdir", f"sql:{store}", str(path)]
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout


def test_poppler_finds_the_signature_valid(tmp_path):
    said = pdfsig(sealed_paper(), tmp_path / "p.pdf", made().authority)
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert f"Signature Field Name: {PROCESSOR_FIELD}" in said
    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "The signature form field is not signed." in said


def test_poppler_trusts_a_certificate_that_says_where_it_would_be_revoked(tmp_path):
    root, own = elliptic_key(), elliptic_key()
    of_root = certified(
        root,
        name="Authority",
        extensions=[
            x509.BasicConstraints(ca=True, path_length=0),
            usage(key_cert_sign=True, crl_sign=True),
            x509.SubjectKeyIdentifier.from_public_key(root.public_key()),
        ],
        days=3650,
    )
    points = x509.DistributionPoint(
        [x509.UniformResourceIdentifier("http://127.0.0.1:9/revoked.crl")], None, None, None
    )
    of_own = certified(
        own,
        issuer=(of_root, root),
        days=3650,
        extensions=[
            usage(digital_signature=True, content_commitment=True),
            x509.CRLDistributionPoints([points]),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()),
        ],
    )
    sealed = seal(typeset_paper(), load(bundle(own, of_own), b"p"), NOW, "fr")
    said = pdfsig(sealed, tmp_path / "p.pdf", of_root.public_bytes(serialization.Encoding.PEM))
    assert "Signature Validation: Signature is Valid." in said
    assert "Certificate Validation: Certificate is Trusted." in said


def test_one_identity_seals_many_papers_with_a_key_read_once(monkeypatch):
    who = load(of(rsa_key()), b"p")
    assert isinstance(who, Identity)
    assert who.signer is who.signer
    monkeypatch.setattr(serialization, "load_der_private_key", None)
    for number in range(3):
        content = typeset(paper(rows=number), SNAPSHOT, Stamp(f"AX-{number}", NOW))
        assert verify(seal(content, who, NOW, "fr")).sound


def test_words_of_the_block_are_read_on_the_page(tmp_path):
    shown = "".join(words(sealed_paper(), tmp_path / "p.pdf"))
    for line in block_lines(sealer(), NOW, "fr"):
        assert together(Words("fr").say(line)) in together(shown)
