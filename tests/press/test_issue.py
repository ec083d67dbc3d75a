"""Papers as they leave: signed in place, believed by others, refused once touched."""

import io
import re
import subprocess
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

from registers.kernel.errors import Damaged, Invalid
from registers.press import fast, issue, own, trial_identity
from registers.press.appearance import signed
from registers.press.identity import Kind, load
from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD, Paragraph, Signatures, Stamp
from registers.press.seal import _Block, _Revision, _Sealer, seal
from registers.press.verify import Level, verify
from tests.press import archival
from tests.press.reading import run, together, words
from tests.press.samples import (
    NOW,
    SNAPSHOT,
    STAMP,
    bundle,
    certified,
    elliptic_key,
    identity,
    made,
    mayor,
    opened,
    paper,
    rsa_key,
    sealer,
    typeset_paper,
)
from tests.press.test_seal import pdfsig
from tests.press.test_tampering import (
    add_data,
    add_page,
    drop_data,
    drop_the_form,
    hide_field,
    lie_in_the_empty_field,
    move_the_seal,
    overlay_text,
    override_data,
    replace_data,
    run_a_script,
    swap_font,
    updated,
)
from tests.tools import need


def issued(printed=None, who=None, now=NOW, **given):
    return issue.issue(printed or paper(), SNAPSHOT, STAMP, who or sealer(), now, **given).pdf


PAPER = issued()
KEYS = {
    "rsa-2048": rsa_key,
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "p-256": elliptic_key,
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
}


# --- who may, and what it is then ---------------------------------------------------------


@pytest.mark.parametrize("days", [31, -2])
def test_nobody_issues_outside_the_validity_of_the_certificate(days):
    with pytest.raises(Invalid):
        issued(who=identity(), now=NOW + timedelta(days=days))


@pytest.mark.parametrize("printed", [paper(draft=True), paper(blocks=())])
def test_what_has_no_place_for_a_seal_is_refused(printed):
    with pytest.raises(Invalid, match="no place"):
        issued(printed)


@pytest.mark.parametrize("key", KEYS)
def test_all_kinds_of_keys_make_sound_baseline_signatures(key, tmp_path):
    private = KEYS[key]()
    certificate = certified(private)
    who = load(bundle(private, certificate), b"p")
    content = issued(who=who)
    assert archival.faults(content) == []
    found = verify(content, [certificate.public_bytes(serialization.Encoding.PEM)], NOW)
    assert found.sound
    (signature,) = found.signatures
    assert (signature.level, signature.covers, found.revisions) == (Level.BASIC, "document", 1)
    assert signature.algorithm.startswith(key.split("-")[0].upper().replace("P", "ECDSA P"))
    assert_openssl_agrees(content, certificate, tmp_path)


def assert_openssl_agrees(content, certificate, folder):
    """OpenSSL finds that the value is a signature of the bytes that it says it covers."""
    need("openssl")
    at = re.search(rb"/ByteRange\[0 (\d+) (\d+) (\d+)\] */Contents<([0-9A-F]+)>", content)
    before, after, length = (int(at[group]) for group in (1, 2, 3))
    (folder / "covered").write_bytes(content[:before] + content[after : after + length])
    (folder / "value.der").write_bytes(bytes.fromhex(at[4].decode()))
    (folder / "own.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files = ["-in", "value.der", "-content", "covered", "-CAfile", "own.pem"]
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    said = subprocess.run(
        [*command, "-no_check_time", *files, "-out", "same"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert (folder / "same").read_bytes() == (folder / "covered").read_bytes()


def test_poppler_finds_the_signature_valid(tmp_path):
    said = pdfsig(PAPER, tmp_path / "p.pdf", made().authority)
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert f"Signature Field Name: {PROCESSOR_FIELD}" in said
    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "The signature form field is not signed." in said
    run("qpdf", "--check", content=PAPER, path=tmp_path / "p.pdf")


def test_the_seal_certifies_and_leaves_room():
    content = issued(reason="Pour envoi (1)", place="Montpellier – Antigone")
    with opened(content) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        assert list(fields) == [PROCESSOR_FIELD, CONTROLLER_FIELD]
        assert "/V" not in fields[CONTROLLER_FIELD]
        value = fields[PROCESSOR_FIELD].V
        assert value.objgen == pdf.Root.Perms.DocMDP.objgen
        assert int(value.Reference[0].TransformParams.P) == 2
        assert str(value.Name) == trial_identity.NAME
        assert str(value.M) == "D:20261122103000+01'00'"
        assert str(value.GREF_Kind) == "/Seal"
        assert str(value.Reason) == "Pour envoi (1)"
        assert str(value.Location) == "Montpellier – Antigone"


@pytest.mark.parametrize("name", ["É", "W" * 64, "Łódź Ελλάδα", "名前", "Communauté d’Eau " * 3])
def test_the_visible_block_is_that_of_the_reference(name, tmp_path):
    who = identity(name=name[:64])
    ours = words(issued(who=who), tmp_path / "p.pdf")
    theirs = words(seal(typeset_paper(), who, NOW, "fr"), tmp_path / "p.pdf")
    assert ours == theirs


def test_an_endless_quality_is_cut_and_crashes_nothing():
    private = elliptic_key()
    file = bundle(private, certified(private))
    who = load(file, b"p", Kind.SIGNATURE, "vice-président délégué " * 100)
    assert verify(issued(who=who)).sound


def test_a_paper_with_one_place_has_one_field():
    content = issued(paper(blocks=(Signatures("seul"),)))
    assert archival.faults(content) == []
    with opened(content) as pdf:
        assert [str(field.T) for field in pdf.Root.AcroForm.Fields] == [PROCESSOR_FIELD]


def test_the_controller_may_countersign_and_it_stays_archival(tmp_path):
    metadata = PdfSignatureMetadata(field_name=CONTROLLER_FIELD, subfilter=SigSeedSubFilter.PADES)
    block = _Block(page=signed(("Maïté Etcheverry",)))
    signer = _Sealer(metadata, mayor()[0].signer, stamp_style=block)
    content = signer.sign_pdf(_Revision(io.BytesIO(PAPER)), existing_fields_only=True).getvalue()
    found = verify(content, [made().authority, mayor()[1]], NOW)
    assert found.sound
    assert [each.field for each in found.signatures] == [PROCESSOR_FIELD, CONTROLLER_FIELD]
    assert archival.faults(content) == []
    run("qpdf", "--check", content=content, path=tmp_path / "p.pdf")


# --- whatever is done to it afterwards is found -------------------------------------------


def refused(content):
    return not verify(content, (), NOW).sound


@given(st.integers(0, 10**9), st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_no_altered_bit_is_overlooked(place, bit):
    content = bytearray(PAPER)
    content[place % len(content)] ^= 1 << bit
    assert refused(bytes(content))
    with pytest.raises(own.Flaw):
        own.check(bytes(content), sealer(), SNAPSHOT)


@given(st.integers(0, 10**9), st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_no_altered_bit_of_the_value_is_overlooked(place, bit):
    start, end = re.search(rb"/Contents<([0-9A-F]+)>", PAPER).span(1)
    content = bytearray(PAPER)
    content[start + place % (end - start)] ^= 1 << bit
    assert refused(bytes(content))


@given(st.integers(0, len(PAPER) - 1))
@settings(max_examples=60, deadline=None)
def test_a_paper_cut_short_is_refused(length):
    assert refused(PAPER[:length])
    with pytest.raises(own.Flaw):
        own.check(PAPER[:length], sealer(), SNAPSHOT)


@pytest.mark.parametrize("more", [b"\n", b"x", b"\n%%EOF\n", b" " * 5000])
def test_bytes_after_the_end_are_found(more):
    assert refused(PAPER + more)
    with pytest.raises(own.Flaw):
        own.check(PAPER + more, sealer(), SNAPSHOT)


CHANGES = [
    *(add_page, overlay_text, replace_data, override_data, drop_data, add_data, swap_font),
    *(hide_field, lie_in_the_empty_field, move_the_seal, drop_the_form, run_a_script),
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_update_after_the_seal_is_found(change):
    content = updated(change, PAPER)
    assert content.startswith(PAPER)
    assert refused(content)
    with pytest.raises(own.Flaw):
        own.check(content, sealer(), SNAPSHOT)


# --- the quick check ----------------------------------------------------------------------


def test_the_quick_check_wants_this_snapshot_and_this_identity():
    own.check(PAPER, sealer(), SNAPSHOT)
    with pytest.raises(own.Flaw):
        own.check(PAPER, sealer(), SNAPSHOT + b" ")
    with pytest.raises(own.Flaw):
        own.check(PAPER, identity(), SNAPSHOT)
    for content in (b"", b"%PDF-1.7\n", fast.typeset(paper(), SNAPSHOT, STAMP), typeset_paper()):
        with pytest.raises(own.Flaw):
            own.check(content, sealer(), SNAPSHOT)


def test_a_paper_that_fails_its_check_does_not_leave(monkeypatch):
    real = fast.typeset
    monkeypatch.setattr(
        fast, "typeset", lambda *given: real(*given).replace(b"(AX-", b"(BX-").replace(b"u", b"v")
    )
    with pytest.raises(Damaged, match="AX-2026-0014"):
        issued()


def test_the_first_paper_of_an_identity_is_verified_whole(monkeypatch):
    asked = []
    monkeypatch.setattr(issue, "verify", lambda pdf: asked.append(pdf) or verify(pdf), raising=True)
    who = identity()
    first = issued(who=who)
    issued(paper("en"), who=who)
    assert asked == [first]
    fallen_back = issued(paper(blocks=(*paper().blocks, Paragraph("שלום"))), who=who)
    assert asked == [first, fallen_back]


def test_a_trial_is_marked_on_every_page(tmp_path):
    stamp = Stamp("AX-1", NOW, test=True)
    content = issue.issue(paper(rows=60), SNAPSHOT, stamp, sealer(), NOW).pdf
    pages = words(content, tmp_path / "p.pdf")
    assert len(pages) > 1
    assert all("sansvaleur" in together(page) for page in pages)
