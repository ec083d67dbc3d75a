"""Makes of typeset pages a file that archives keep: PDF/A-3b (ISO 19005-3), data embedded.

Adds what the typesetter lacks: metadata, output intent, embedded files, signature fields. The
result is a function of what is given: no clock, no chance.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from registers.kernel.base import canonical
from registers.kernel.words import Text, Words, text
from registers.press.appearance import unsigned
from registers.press.colophon import CHECKPOINT, SNAPSHOT
from registers.press.house_style import DEFAULT
from registers.press.layout import Place
from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD, Paper, Stamp
from registers.press.typography import one_line

PROFILE = Path(__file__).parent / "sRGB2014.icc"
"""The International Color Consortium's own sRGB profile, version 2, to be copied unchanged."""

PRODUCER = "Greffe"
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
NAMESPACE = "urn:x-greffe:paper#"
PRINTED = 4
"""The flag of an annotation that is printed."""

TOOLTIPS: dict[str, Text] = {
    PROCESSOR_FIELD: text("Seal or signature of the processor"),
    CONTROLLER_FIELD: text("Signature of the controller"),
}


class Attached(NamedTuple):
    """A file to embed."""

    name: str
    content: bytes
    description: str


def attached(paper: Paper, snapshot: bytes, stamp: Stamp) -> list[Attached]:
    """The files that a paper carries: its snapshot, and the checkpoint where there is one."""
    say = Words(paper.language).say
    files = [Attached(SNAPSHOT, snapshot, say(text("The data typeset here")))]
    if stamp.checkpoint:
        says = say(text("A signed end of the journal"))
        files.append(Attached(CHECKPOINT, canonical(stamp.checkpoint), says))
    return files


def archival(
    pages: bytes,
    paper: Paper,
    stamp: Stamp,
    attached: Sequence[Attached],
    places: Mapping[str, Place],
) -> bytes:
    """The pages as a complete PDF/A-3b file.

    Args:
        pages: a PDF with embedded fonts and device colours only.
        paper: whose title, language and issuer become metadata.
        stamp: number and moment of the metadata.
        attached: the files to embed; the first is the snapshot whose digest is stated.
        places: where the signature fields stand.
    """
    with Pdf.open(io.BytesIO(pages)) as pdf:
        root = pdf.Root
        root.Lang = String(LOCALES[paper.language])
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        root.OutputIntents = Array([_output_intent(pdf)])
        for each in attached:
            _attach(pdf, each, stamp.prepared_at)
        _describe(pdf, paper, stamp, hashlib.sha256(attached[0].content).hexdigest())
        _add_fields(pdf, paper, places)
        for page in pdf.pages:
            del page.obj["/Trans"]  # an empty transition, of which reportlab makes one a page
        written = io.BytesIO()
        pdf.save(
            written,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return written.getvalue()


def _output_intent(pdf: Pdf) -> Dictionary:
    profile = pdf.make_stream(PROFILE.read_bytes(), N=3)
    return Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB2014"),
        RegistryName=String("http://www.color.org"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(profile),
    )


def _attach(pdf: Pdf, file: Attached, at: datetime) -> None:
    checksum = hashlib.md5(file.content, usedforsecurity=False).digest()
    embedded = pdf.make_stream(
        file.content,
        Type=Name.EmbeddedFile,
        Subtype=Name("/application/json"),
        Params=Dictionary(
            Size=len(file.content), ModDate=String(pdf_date(at)), CheckSum=String(checksum)
        ),
    )
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(file.name),
            UF=String(file.name),
            Desc=String(file.description),
            AFRelationship=Name.Source,
            EF=Dictionary(F=embedded, UF=embedded),
        )
    )
    if Name.Names not in pdf.Root:
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array()))
        pdf.Root.AF = Array()
    pdf.Root.AF.append(specification)
    names = pdf.Root.Names.EmbeddedFiles
    pairs = [*names.Names.as_list(), String(file.name), specification]
    ordered = sorted(zip(pairs[::2], pairs[1::2], strict=True), key=lambda pair: str(pair[0]))
    names.Names = Array([part for pair in ordered for part in pair])


# --- metadata, said twice: in the information dictionary and in XMP -----------------------


def _describe(pdf: Pdf, paper: Paper, stamp: Stamp, digest: str) -> None:
    said = information(paper, stamp)
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary({f"/{key}": String(value) for key, value in said.items()})
    )
    metadata = pdf.make_stream(xmp(said, paper, stamp, digest, "B").encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = metadata


def information(paper: Paper, stamp: Stamp) -> dict[str, str]:
    """The information dictionary, without what there is nothing to say of."""
    at = pdf_date(stamp.prepared_at)
    said = {
        "Title": one_line(paper.title) or paper.kind,
        "Author": one_line(paper.organisation),
        "Subject": one_line(paper.subtitle),
        "Creator": PRODUCER,
        "Producer": PRODUCER,
        "CreationDate": at,
        "ModDate": at,
    }
    return {key: value for key, value in said.items() if value}


@lru_cache(maxsize=64)
def pdf_date(at: datetime) -> str:
    """An instant as PDF writes it, in UTC."""
    return at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")


@lru_cache(maxsize=64)
def _xmp_date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def xmp(
    said: Mapping[str, str],
    paper: Paper,
    stamp: Stamp,
    digest: str,
    conformance: Literal["A", "B"],
) -> str:
    """The metadata: what the information dictionary says, and what the paper is.

    Args:
        said: see `information`.
        paper: its kind and language.
        stamp: its number and moment.
        digest: the SHA-256 of the snapshot, in hexadecimal.
        conformance: the level of PDF/A-3. With A it is also accessible, as PDF/UA-1 asks.
    """
    own = {"kind": paper.kind, "number": one_line(stamp.number), "snapshot": digest}
    if stamp.style != DEFAULT:
        own["style"] = stamp.style.digest
    accessible = conformance == "A"
    return _PACKET.format(
        title=escape(said["Title"]),
        named="".join(
            form.format(escape(said[key])) for key, form in _NAMED.items() if key in said
        ),
        language=LOCALES[paper.language],
        producer=PRODUCER,
        at=_xmp_date(stamp.prepared_at),
        conformance=conformance,
        accessible=_ACCESSIBLE if accessible else "",
        namespace=NAMESPACE,
        own="".join(
            f"\n   <greffe:{name}>{escape(value)}</greffe:{name}>" for name, value in own.items()
        ),
        schemas=_SCHEMAS[accessible],
    )


_OWN = {
    "kind": "What the paper is",
    "number": "The number by which the paper is quoted",
    "snapshot": "SHA-256 of the embedded file the paper was typeset from, in hexadecimal",
    "style": "SHA-256 of the look that the paper is set in, in hexadecimal",
}
"""Our own properties; an archive asks that they be described in the file itself."""

_NAMED = {
    "Author": """
   <dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>""",
    "Subject": """
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>""",
}
"""Properties that stand only where there is something to say."""

_PROPERTY = """
       <rdf:li rdf:parseType="Resource">
        <pdfaProperty:name>{}</pdfaProperty:name>
        <pdfaProperty:valueType>{}</pdfaProperty:valueType>
        <pdfaProperty:category>internal</pdfaProperty:category>
        <pdfaProperty:description>{}</pdfaProperty:description>
       </rdf:li>"""

_ACCESSIBLE = """
   <pdfuaid:part>1</pdfuaid:part>"""


def _schema(name: str, space: str, prefix: str, kind: str, properties: Mapping[str, str]) -> str:
    described = "".join(_PROPERTY.format(each, kind, says) for each, says in properties.items())
    return f"""
     <rdf:li rdf:parseType="Resource">
      <pdfaSchema:schema>{name}</pdfaSchema:schema>
      <pdfaSchema:namespaceURI>{space}</pdfaSchema:namespaceURI>
      <pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>
      <pdfaSchema:property>
       <rdf:Seq>{described}
       </rdf:Seq>
      </pdfaSchema:property>
     </rdf:li>"""


UA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
_OURS = _schema("Papers of Greffe", NAMESPACE, "greffe", "Text", _OWN)
_THEIRS = _schema(
    "PDF/UA identification schema",
    UA_NAMESPACE,
    "pdfuaid",
    "Integer",
    {"part": "The part of ISO 14289 that the file conforms to"},
)
_SCHEMAS = {False: _OURS, True: _OURS + _THEIRS}
"""The descriptions of properties that ISO 19005-3 does not know, of accessible papers too."""

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
    xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
    xmlns:greffe="{namespace}">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>{conformance}</pdfaid:conformance>{accessible}
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>{named}
   <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
   <dc:format>application/pdf</dc:format>
   <xmp:CreatorTool>{producer}</xmp:CreatorTool>
   <xmp:CreateDate>{at}</xmp:CreateDate>
   <xmp:ModifyDate>{at}</xmp:ModifyDate>
   <pdf:Producer>{producer}</pdf:Producer>{own}
   <pdfaExtension:schemas>
    <rdf:Bag>{schemas}
    </rdf:Bag>
   </pdfaExtension:schemas>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


# --- fields -------------------------------------------------------------------------------


def _add_fields(pdf: Pdf, paper: Paper, places: Mapping[str, Place]) -> None:
    """Makes the empty fields beforehand: a field added after the seal would be a change."""
    if paper.draft or not places:
        return
    words = Words(paper.language)
    fields = Array()
    with Pdf.open(io.BytesIO(unsigned(paper.language))) as block:
        shown = pdf.make_indirect(pdf.copy_foreign(block.pages[0].as_form_xobject()))
    for name, place in places.items():
        page = pdf.pages[place.page - 1].obj
        widget = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(name),
                TU=String(words.say(TOOLTIPS[name])),
                F=PRINTED,
                Rect=Array([round(corner, 2) for corner in place.rectangle]),
                P=page,
                AP=Dictionary(N=shown),
            )
        )
        if Name.Annots not in page:
            page.Annots = pdf.make_indirect(Array())
        page.Annots.append(widget)
        fields.append(widget)
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=fields))
