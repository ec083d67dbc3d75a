"""The checker finds each defect that it is there to find; and none in our papers."""

import io
import zlib
from functools import cache

import pikepdf
import pytest
from asn1crypto import cms
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from registers.press import fast
from registers.press.house_style import HouseStyle, picture
from registers.press.issue import issue
from registers.press.paper import PROCESSOR_FIELD, Stamp
from registers.press.reference import typeset
from tests.press import archival
from tests.press.samples import (
    NOW,
    SNAPSHOT,
    STAMP,
    opened,
    paper,
    sealed_paper,
    sealer,
    typeset_paper,
)


def rewritten(change, content=None):
    """The typeset paper after a change to its objects."""
    with opened(content or typeset_paper()) as pdf:
        change(pdf)
        to = io.BytesIO()
        pdf.save(to, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return to.getvalue()


def broken_by(content):
    return {fault.partition(":")[0] for fault in archival.faults(content)}


def test_our_papers_keep_to_every_rule():
    assert archival.faults(typeset_paper()) == []
    assert archival.faults(sealed_paper()) == []
    assert archival.faults(accessible_paper()) == []
    assert archival.faults(issue(paper(rows=90), SNAPSHOT, STAMP, sealer(), NOW).pdf) == []
    assert len(archival.RULES) == 25


@cache
def accessible_paper():
    return fast.typeset(paper(), SNAPSHOT, STAMP)


def test_rewriting_alone_plants_no_defect():
    assert broken_by(rewritten(lambda _: None)) == set()
    assert broken_by(rewritten(lambda _: None, accessible_paper())) == set()


# --- bytes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("header", lambda pdf: pdf.replace(b"%\xbf\xf7\xa2\xfe\n", b"%abcd\n", 1)),
        ("header", lambda pdf: b"\n" + pdf),
        ("streams", lambda pdf: pdf.replace(b"\nendstream", b" endstream", 1)),
        ("streams", lambda pdf: pdf.replace(b"/Length ", b"/Length 1", 1)),
        ("end", lambda pdf: pdf + b"%"),
        ("end", lambda pdf: pdf + b"\n\n"),
    ],
)
def test_a_defect_of_the_file_is_found(rule, change):
    assert rule in broken_by(change(typeset_paper()))


def test_a_missing_identity_is_found():
    content = typeset_paper()
    at = content.rindex(b"/ID [")
    assert broken_by(content[:at] + b"/XD [" + content[at + 5 :]) == {"trailer"}


def test_encryption_is_found():
    with opened(typeset_paper()) as pdf:
        to = io.BytesIO()
        pdf.save(to, encryption=pikepdf.Encryption(owner="o", user=""))
    assert "trailer" in broken_by(to.getvalue())


# --- objects ------------------------------------------------------------------------------


def metadata(before, after):
    def change(pdf):
        content = pdf.Root.Metadata.read_bytes()
        assert before in content
        pdf.Root.Metadata.write(content.replace(before, after, 1))
        pdf.Root.Metadata.Type, pdf.Root.Metadata.Subtype = Name.Metadata, Name.XML

    return change


def drop(path):
    def change(pdf):
        *way, last = path.split(".")
        held = pdf.Root
        for name in way:
            held = held[int(name)] if name.isdigit() else held[f"/{name}"]
        del held[f"/{last}"]

    return change


def font_of(pdf):
    fonts = pdf.pages[0].Resources.Font
    return fonts[min(fonts.keys())]


def page_content(extra):
    def change(pdf):
        pdf.pages[0].contents_add(extra)

    return change


def alone(pdf):
    pdf.Root.AF = Array(list(pdf.Root.AF)[:1])


DEFECTS = {
    "header": [lambda pdf: pdf.Root.__setattr__("Version", Name("/2.0"))],
    "metadata": [
        drop("Metadata"),
        metadata(b"<pdfaid:part>3<", b"<pdfaid:part>2<"),
        metadata(b"<pdfaid:conformance>B</pdfaid:conformance>", b""),
    ],
    "information": [
        lambda pdf: pdf.docinfo.__setitem__("/Title", "Autre"),
        lambda pdf: pdf.docinfo.__setitem__("/ModDate", "D:20260101000000Z"),
        lambda pdf: pdf.docinfo.__delitem__("/Producer"),
    ],
    "own_properties": [
        metadata(b"<pdfaProperty:name>number<", b"<pdfaProperty:name>other<"),
    ],
    "language": [drop("Lang"), drop("ViewerPreferences.DisplayDocTitle")],
    "colours": [
        drop("OutputIntents"),
        drop("OutputIntents.0.DestOutputProfile"),
        lambda pdf: pdf.Root.OutputIntents[0].DestOutputProfile.__setattr__("N", 4),
        lambda pdf: pdf.Root.OutputIntents[0].DestOutputProfile.write(b"no profile" * 9),
    ],
    "marks": [
        page_content(b"0 0 0 1 k"),
        page_content(b"q 5 w Q BT T*2.770 0 Td ET"),
        lambda pdf: pdf.pages[0].obj.__setattr__("Group", Dictionary(S=Name.Transparency)),
    ],
    "fonts": [
        lambda pdf: font_of(pdf).FontDescriptor.__delitem__("/FontFile2"),
        lambda pdf: font_of(pdf).__delitem__("/ToUnicode"),
        lambda pdf: font_of(pdf).ToUnicode.write(b"1 beginbfchar\n<01> <0041>\nendbfchar"),
        lambda pdf: font_of(pdf).__setattr__("Widths", Array([321] * len(font_of(pdf).Widths))),
        lambda pdf: font_of(pdf).__setattr__("Widths", Array([500])),
    ],
    "scripts": [
        lambda pdf: pdf.Root.__setattr__(
            "OpenAction", Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        ),
        lambda pdf: pdf.pages[0].obj.__setattr__("AA", Dictionary(O=Dictionary(S=Name.Named))),
    ],
    "annotations": [
        lambda pdf: pdf.Root.AcroForm.Fields[0].__setattr__("F", 0),
        lambda pdf: pdf.Root.AcroForm.Fields[0].__setattr__("F", 4 | 2),
        lambda pdf: pdf.Root.AcroForm.Fields[0].__delitem__("/AP"),
    ],
    "files": [
        drop("AF"),
        alone,
        drop("Names"),
        drop("AF.0.AFRelationship"),
        drop("AF.0.UF"),
        drop("AF.0.EF.F.Params"),
        drop("AF.0.EF.F.Subtype"),
    ],
}


def first(tag, change, at=0):
    """A change to the first structure element of a kind, or another one."""

    def changed(pdf):
        file = archival.File(b"")
        file.__dict__["pdf"] = pdf
        change([each.object for each in archival.elements(file) if each.tag == tag][at])

    return changed


def rename(tag):
    return lambda element: element.__setattr__("S", Name(f"/{tag}"))


def content_of(before, after):
    def change(pdf):
        content = pdf.pages[0].Contents.read_bytes()
        assert before in content
        pdf.pages[0].Contents.write(content.replace(before, after, 1))

    return change


def tree_of(pdf):
    return pdf.Root.StructTreeRoot


def swap_parents(pdf):
    listed = tree_of(pdf).ParentTree.Nums[1]
    listed[0], listed[1] = listed[1], listed[0]


UNTAGGED = {
    "access": [
        metadata(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<"),
        metadata(b"<pdfaid:conformance>A<", b"<pdfaid:conformance>B<"),
        drop("MarkInfo"),
    ],
    "own_properties": [metadata(b"<pdfaProperty:name>part<", b"<pdfaProperty:name>piece<")],
    "tags": [
        page_content(b"BT /R0 9 Tf 9 TL (x)' ET"),
        page_content(b"0 0 9 9 re f"),
        page_content(b"/P<</MCID 999>>BDC EMC"),
        content_of(b"/Artifact BMC\n", b"/Span BMC\n"),
        content_of(b"/Artifact<</Type/Pagination/Subtype/Header", b"/Span<</Type/Pagination/Sub"),
        content_of(b"<</MCID 2>>", b"<</MCID 1>>"),
        content_of(b"EMC", b""),
    ],
    "parents": [
        swap_parents,
        lambda pdf: tree_of(pdf).ParentTree.Nums.__setitem__(1, Array()),
        lambda pdf: pdf.pages[0].obj.__delitem__("/StructParents"),
        lambda pdf: pdf.Root.AcroForm.Fields[0].__setattr__("StructParent", 0),
        first("TD", lambda element: element.__setattr__("P", element.P.P)),
    ],
    "structure": [
        first("P", rename("Q")),
        first("LBody", rename("P")),
        first("Caption", rename("P")),
        first("L", rename("P")),
    ],
    "headings": [
        first("H1", rename("P")),
        first("H3", rename("H4")),
        first("H2", rename("H3")),
    ],
    "table_headings": [
        first("TH", lambda element: element.__delitem__("/A")),
        first("TR", lambda element: element.__setattr__("K", Array(list(element.K)[:1])), -1),
    ],
    "forms": [
        lambda pdf: pdf.pages[0].obj.__delitem__("/Tabs"),
        lambda pdf: pdf.Root.AcroForm.Fields[0].__delitem__("/TU"),
        first("Form", rename("P")),
    ],
}
ALSO = {("structure", 3), ("table_headings", 1)}
"""Defects that break another rule too: what stood inside is outside now."""


@cache
def illustrated_paper():
    image = io.BytesIO()
    Image.new("RGB", (30, 9), "red").save(image, "PNG")
    style = HouseStyle(logo=picture(image.getvalue()))
    return fast.typeset(paper(), SNAPSHOT, Stamp("AX-1", NOW, style=style))


def logo(change):
    return lambda pdf: change(pdf.pages[0].Resources.XObject.Logo)


ILLUSTRATED = {
    "pictures": [
        logo(lambda drawn: drawn.__setattr__("SMask", Array())),
        logo(lambda drawn: drawn.__setattr__("Interpolate", True)),
        logo(lambda drawn: drawn.__setattr__("ColorSpace", Name.DeviceCMYK)),
        logo(lambda drawn: drawn.__setattr__("Height", 8)),
    ],
    "figures": [
        first("Figure", lambda element: element.__delitem__("/Alt")),
        first("Figure", lambda element: element.__setattr__("Alt", String(" "))),
        first("Figure", lambda element: element.__delitem__("/A")),
    ],
    "tags": [content_of(b"/Figure<</MCID 0>>", b"/Span<<>>")],
    "structure": [first("Figure", rename("Picture"))],
}


@pytest.mark.parametrize(
    ("rule", "number"),
    [(rule, number) for rule, changes in ILLUSTRATED.items() for number in range(len(changes))],
)
def test_a_planted_defect_of_a_picture_is_found_and_no_other(rule, number):
    assert archival.faults(illustrated_paper()) == []
    assert broken_by(rewritten(ILLUSTRATED[rule][number], illustrated_paper())) == {rule}


@pytest.mark.parametrize(
    ("rule", "number"),
    [(rule, number) for rule, changes in UNTAGGED.items() for number in range(len(changes))],
)
def test_a_planted_defect_of_the_structure_is_found_and_no_other(rule, number):
    found = broken_by(rewritten(UNTAGGED[rule][number], accessible_paper()))
    assert found == {rule} or ((rule, number) in ALSO and rule in found)


def test_a_paper_that_lost_its_tree_is_found():
    found = broken_by(rewritten(drop("StructTreeRoot"), accessible_paper()))
    assert {"access", "tags", "headings", "forms"} <= found


@pytest.mark.parametrize(
    ("rule", "number"),
    [(rule, number) for rule, changes in DEFECTS.items() for number in range(len(changes))],
)
def test_a_planted_defect_is_found_and_no_other(rule, number):
    assert broken_by(rewritten(DEFECTS[rule][number])) == {rule}


def test_filtered_metadata_are_found():
    file = archival.File(typeset_paper())
    stream = file.pdf.Root.Metadata
    stream.write(zlib.compress(stream.read_bytes()), filter=Name.FlateDecode)
    assert list(archival.metadata(file)) == ["filtered"]


# --- signatures ---------------------------------------------------------------------------


def signed(subfilter):
    metadata = PdfSignatureMetadata(field_name=PROCESSOR_FIELD, subfilter=subfilter)
    writer = IncrementalPdfFileWriter(io.BytesIO(typeset_paper()))
    return PdfSigner(metadata, sealer().signer).sign_pdf(writer).getvalue()


def test_signatures_of_another_kind_are_found():
    found = broken_by(signed(SigSeedSubFilter.ADOBE_PKCS7_DETACHED))
    assert "signature_values" in found
    assert "signature_values" not in broken_by(signed(SigSeedSubFilter.PADES))


def test_a_value_without_its_certificate_is_found():
    content = sealed_paper()
    start = content.index(b"/Contents <") + len(b"/Contents <")
    end = content.index(b">", start)
    message = cms.ContentInfo.load(bytes.fromhex(content[start:end].decode()))
    signer = message["content"]["signer_infos"][0]
    kept = [each for each in signer["signed_attrs"] if each["type"].native != "message_digest"]
    kept = [each for each in kept if "16.2.47" not in each["type"].dotted]
    signer["signed_attrs"] = cms.CMSAttributes(kept)
    forged = message.dump(force=True).hex().upper().encode().ljust(end - start, b"0")
    assert broken_by(content[:start] + forged + content[end:]) == {"signature_values"}


def test_a_range_that_leaves_bytes_out_is_found():
    assert "byte_ranges" in broken_by(sealed_paper() + b"\n%%EOF\n")


def test_drafts_keep_to_the_rules_too():
    assert archival.faults(typeset(paper(draft=True), SNAPSHOT, Stamp("", NOW))) == []
