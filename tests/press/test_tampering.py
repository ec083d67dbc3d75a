"""Whatever is done to a sealed paper afterwards is found, and said in the right words."""

import io
import re

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import NumberObject, StreamObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD
from registers.press.seal import seal
from registers.press.verify import (
    DAMAGED,
    LATER_DATA,
    NO_DATA,
    OTHER_DATA,
    TRAILING,
    UNSIGNED,
    Level,
    verify,
)
from tests.press.refusals import ALTERED, CHANGED, HIDDEN, UNCHECKED, UNREADABLE, faults
from tests.press.samples import (
    NOW,
    countersigned_paper,
    identity,
    mayor,
    opened,
    sealed_paper,
    sealer,
    typeset_paper,
)

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
