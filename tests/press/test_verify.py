"""Verification: what was sealed is found sound, and nothing that was touched afterwards is."""

import io
import json
import re
from datetime import timedelta

import msgspec
import pikepdf
import pytest
from asn1crypto import keys
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import NumberObject, StreamObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
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
    LATER_DATA,
    NO_DATA,
    NOT_PDF,
    OTHER_DATA,
    TRAILING,
    UNSIGNED,
    Level,
    verify,
)
from tests.press.samples import (
    NOW,
    bundle,
    certified,
    countersigned_paper,
    elliptic_key,
    identity,
    made,
    mayor,
    opened,
    rsa_key,
    sealed_paper,
    sealer,
    typeset_paper,
    usage,
)

ALTERED = "What the signature in {field} covers was altered."
CHANGED = "The document was changed after the signature in {field}."
HIDDEN = "The signature in {field} hides bytes that nobody signed."
UNREADABLE = "The signature in {field} cannot be read."
UNCHECKED = "The signature in {field} cannot be checked."


def faults(content, *trust):
    """The sources of the faults of a file that must not be sound."""
    found = verify(content, trust, NOW)
    assert not found.sound
    return {fault.source for fault in found.faults}


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


@pytest.mark.parametrize("trust", [b"", b"no certificate", made().pkcs12])
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


# --- tampering with bytes -----------------------------------------------------------------


def span():
    """Where the signature's value stands."""
    return re.search(rb"/Contents <([0-9A-F]+)>", sealed_paper()).span(1)


def flipped(at, bit=0):
    content = bytearray(sealed_paper())
    content[at] ^= 1 << bit
    return bytes(content)


@pytest.mark.parametrize("part", [b"%PDF-", b"<pdfaid:part>", b"/Lang", b"/GREF_Kind", b"10:30"])
def test_one_altered_byte_of_what_is_signed_is_found(part):
    at = sealed_paper().find(part)
    assert ALTERED in faults(flipped(at + len(part), 1)) or part == b"10:30"


def test_altered_data_are_found():
    at = typeset_paper().index(b"stream") + 20
    assert ALTERED in faults(flipped(at))


@given(st.integers(0, 10**9), st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_no_altered_bit_is_overlooked(place, bit):
    assert faults(flipped(place % len(sealed_paper()), bit))


@given(st.integers(0, 10**9), st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_no_altered_bit_of_the_value_is_overlooked(place, bit):
    start, end = span()
    assert faults(flipped(start + place % (end - start), bit))


def test_padding_must_be_zero():
    _, end = span()
    content = sealed_paper()
    assert content[end - 2 : end] == b"00"
    assert faults(content[: end - 2] + b"01" + content[end:]) == {HIDDEN}


def test_a_second_way_of_writing_the_value_is_found():
    start, end = span()
    value = sealed_paper()[start:end]
    mixed = value[:10].lower() + value[10:]
    assert mixed != value
    assert HIDDEN in faults(sealed_paper()[:start] + mixed + sealed_paper()[end:])
    der = bytes.fromhex(value.decode())
    length = der[2] << 8 | der[3]
    longer = b"\x30\x83\x00" + der[2:]  # a length in one byte more than it needs
    written = longer[: len(der)].hex().upper().encode()
    assert length < len(der)
    assert HIDDEN in faults(sealed_paper()[:start] + written + sealed_paper()[end:])


@pytest.mark.parametrize("more", [b"\n", b"x", b"\n%%EOF\n", b" " * 5000])
def test_bytes_after_the_end_are_found(more):
    said = faults(sealed_paper() + more)
    assert said <= {TRAILING.source, DAMAGED.source, CHANGED}
    assert verify(countersigned_paper() + more).sound is False


@given(st.binary(max_size=300), st.integers(0, 10**9), st.sampled_from(["cut", "insert", "put"]))
@example(b"", 0, "cut")
@settings(max_examples=150, deadline=None)
def test_no_file_breaks_the_verification(noise, place, how):
    content = countersigned_paper()
    at = place % len(content)
    if how == "cut":
        broken = content[:at]
    elif how == "insert":
        broken = content[:at] + noise + content[at:]
    else:
        broken = content[:at] + noise + content[at + len(noise) :]
    found = verify(broken)
    if broken == content:
        return
    whole = broken.startswith(sealed_paper()) and len(broken) == len(sealed_paper())
    assert found.sound is whole


# --- tampering by an update ---------------------------------------------------------------


def updated(change, content=None):
    """The sealed paper after an incremental update, as an editor would write it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content or sealed_paper()))
    change(writer)
    to = io.BytesIO()
    writer.write(to)
    assert to.getvalue().startswith(content or sealed_paper())
    return to.getvalue()


def add_page(writer):
    pages = writer.root["/Pages"]
    page = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Page"),
            pdf_name("/Parent"): writer.root.raw_get("/Pages"),
            pdf_name("/MediaBox"): generic.ArrayObject(map(NumberObject, (0, 0, 595, 842))),
        }
    )
    pages["/Kids"].append(writer.add_object(page))
    pages["/Count"] = NumberObject(pages["/Count"] + 1)
    writer.update_container(pages)
    writer.update_container(pages["/Kids"])


def overlay_text(writer):
    stream = writer.add_object(StreamObject(stream_data=b"1 0 0 rg 0 0 500 500 re f"))
    writer.add_stream_to_page(0, stream)


def files_of(writer):
    return [file.get_object() for file in writer.root["/AF"]]


def replace_data(writer):
    file = files_of(writer)[0]
    file["/EF"]["/F"] = file["/EF"]["/UF"] = writer.add_object(StreamObject(stream_data=b"{}"))
    writer.update_container(file)


def override_data(writer):
    stream = files_of(writer)[0]["/EF"]["/F"]
    stream._data, stream._encoded_data = b"{}", None
    writer.update_container(stream)


def drop_data(writer):
    del writer.root["/Names"]
    del writer.root["/AF"]
    writer.update_root()


def add_data(writer):
    """A second file of the same name, before the first."""
    stream = writer.add_object(StreamObject(stream_data=b"{}"))
    held = generic.DictionaryObject({pdf_name("/F"): stream})
    file = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Filespec"),
            pdf_name("/F"): pdf_string("snapshot.json"),
            pdf_name("/EF"): held,
        }
    )
    writer.root["/AF"].insert(0, writer.add_object(file))
    writer.update_root()


def swap_font(writer):
    """The shadow attack by replacement: the same codes, other glyphs."""
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    names = sorted(fonts)
    fonts[names[0]], fonts[names[1]] = fonts.raw_get(names[1]), fonts.raw_get(names[0])
    writer.update_container(fonts)


def hide_field(writer):
    """The shadow attack by hiding: what was seen when it was signed is gone."""
    for field in writer.root["/AcroForm"]["/Fields"]:
        held = field.get_object()
        held["/F"] = NumberObject(2)
        writer.update_container(held)


def lie_in_the_empty_field(writer):
    field = writer.root["/AcroForm"]["/Fields"][1].get_object()
    shown = StreamObject(stream_data=b"0 g 0 0 200 50 re f")
    shown["/Type"], shown["/Subtype"] = pdf_name("/XObject"), pdf_name("/Form")
    shown["/BBox"] = generic.ArrayObject(map(NumberObject, (0, 0, 200, 50)))
    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(shown)})
    writer.update_container(field)


def move_the_seal(writer):
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    field["/Rect"] = generic.ArrayObject(map(NumberObject, (0, 0, 10, 10)))
    writer.update_container(field)


def drop_the_form(writer):
    del writer.root["/AcroForm"]
    writer.update_root()


def run_a_script(writer):
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add_page, {CHANGED}),
        (overlay_text, {CHANGED}),
        (replace_data, {CHANGED, OTHER_DATA.source, LATER_DATA.source}),
        (override_data, {CHANGED, OTHER_DATA.source, LATER_DATA.source}),
        (drop_data, {CHANGED, NO_DATA.source, LATER_DATA.source}),
        (add_data, {CHANGED, NO_DATA.source, LATER_DATA.source}),
        (swap_font, {CHANGED}),
        (hide_field, {CHANGED}),
        (lie_in_the_empty_field, {CHANGED}),
        (move_the_seal, {CHANGED}),
        (drop_the_form, {UNSIGNED.source}),
        (run_a_script, {CHANGED}),
    ],
)
def test_an_update_after_the_seal_is_found(change, said):
    content = updated(change)
    assert faults(content) == said
    assert verify(content).changed or change is drop_the_form


@pytest.mark.parametrize("change", [add_page, overlay_text, replace_data, swap_font])
def test_an_update_after_both_signatures_is_found_by_both(change):
    found = verify(updated(change, countersigned_paper()))
    assert {fault.parameters.get("field") for fault in found.faults} >= {
        PROCESSOR_FIELD,
        CONTROLLER_FIELD,
    }
    assert all(each.intact for each in found.signatures)


def test_an_update_between_the_signatures_is_found_by_the_seal():
    altered = updated(overlay_text)
    metadata = PdfSignatureMetadata(field_name=CONTROLLER_FIELD, subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(altered))
    signed = PdfSigner(metadata, mayor()[0].signer).sign_pdf(writer).getvalue()
    (fault,) = verify(signed).faults
    assert (fault.source, fault.parameters) == (CHANGED, {"field": PROCESSOR_FIELD})


def test_what_the_paper_states_of_itself_may_not_be_restated():
    def change(writer):
        stream = writer.root.raw_get("/Metadata").get_object()
        content = stream.data.replace(b"AX-2026-0014", b"AX-2026-0015")
        other = StreamObject(stream_data=content)
        other["/Type"], other["/Subtype"] = pdf_name("/Metadata"), pdf_name("/XML")
        writer.root["/Metadata"] = writer.add_object(other)
        writer.update_root()

    assert faults(updated(change)) == {LATER_DATA.source}


def test_a_new_visible_field_over_the_page_is_a_change():
    box = SigFieldSpec("forged", box=(50, 50, 500, 800))
    content = updated(lambda writer: append_signature_field(writer, box))
    assert faults(content) == {CHANGED}


def test_data_that_were_exchanged_before_the_seal_are_found():
    with opened(typeset_paper()) as pdf:
        pdf.Root.AF[0].EF.F.write(b"{}")
        to = io.BytesIO()
        pdf.save(to)
    assert faults(seal(to.getvalue(), sealer(), NOW, "fr")) == {OTHER_DATA.source}


def test_data_that_were_left_out_before_the_seal_are_missed():
    with opened(typeset_paper()) as pdf:
        del pdf.Root.AF
        del pdf.Root.Names
        to = io.BytesIO()
        pdf.save(to)
    assert faults(seal(to.getvalue(), sealer(), NOW, "fr")) == {NO_DATA.source}


# --- other people's files -----------------------------------------------------------------


def plain(*fields):
    with pikepdf.Pdf.new() as pdf:
        pdf.add_blank_page()
        if fields:
            pdf.Root.AcroForm = Dictionary(Fields=Array(map(pdf.make_indirect, fields)))
        to = io.BytesIO()
        pdf.save(to)
    return to.getvalue()


def signed_elsewhere(content, subfilter, field="f"):
    metadata = PdfSignatureMetadata(field_name=field, subfilter=subfilter)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    return PdfSigner(metadata, identity(name="Jeanne Martin").signer).sign_pdf(writer).getvalue()


def test_files_of_others_are_checked_too():
    found = verify(signed_elsewhere(plain(), SigSeedSubFilter.ADOBE_PKCS7_DETACHED))
    assert found.sound
    assert (found.snapshot, found.signatures[0].kind) == (None, None)
    assert found.signatures[0].level is Level.OTHER
    assert faults(plain()) == {UNSIGNED.source}


def test_filling_a_form_after_a_signature_is_a_change():
    entry = Dictionary(FT=Name.Tx, T=pikepdf.String("amount"), V=pikepdf.String("1"))
    content = signed_elsewhere(plain(entry), SigSeedSubFilter.PADES)
    assert verify(content).sound

    def fill(writer):
        field = writer.root["/AcroForm"]["/Fields"][0].get_object()
        field["/V"] = pdf_string("1000")
        writer.update_container(field)

    assert faults(updated(fill, content)) == {CHANGED}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ", UNCHECKED),
        (b"/ByteRange", b"/ByteRbnge", UNREADABLE),
        (b"/Type /Sig\n", b"/Type /Sxg\n", UNCHECKED),
    ],
)
def test_signatures_of_an_unknown_form_are_not_passed_over(before, after, said):
    content = sealed_paper()
    at = content.rindex(before)
    assert said in faults(content[:at] + after + content[at + len(before) :])


def test_names_of_strangers_command_no_terminal():
    who = identity(name="Evil\x1b[2J\nRoot")
    (seen,) = verify(seal(typeset_paper(), who, NOW, "fr")).signatures
    assert seen.by == "Evil\ufffd[2J\ufffdRoot"


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
    run = command(tmp_path, updated(overlay_text))
    assert run.exit_code == 1
    assert run.output.startswith("paper.pdf: NOT SOUND\n")
    assert f"- The document was changed after the signature in {PROCESSOR_FIELD}." in run.output
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
    run = command(tmp_path, updated(add_page), "--json")
    assert run.exit_code == 1
    (fault,) = json.loads(run.output)["faults"]
    assert fault.startswith("The document was changed")


def test_the_command_refuses_what_is_no_authority(tmp_path):
    run = command(tmp_path, sealed_paper(), "--trust", str(tmp_path / "paper.pdf"))
    assert run.exit_code == 1
    assert "holds no certificate" in run.output
