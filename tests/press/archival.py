"""A small checker of PDF/A-3, PDF/UA-1 and PAdES B-B: what our files must keep to, rule by rule.

No full validator can be installed where the tests run; so each rule here is one sentence of
ISO 19005-3, ISO 14289-1, ISO 32000-1 or EN 319 142-1 that mattered, and `test_archival` plants
the defect that it must find. A rule yields complaints; a good file has none.
"""

import io
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pikepdf
from asn1crypto import cms
from lxml import etree
from pikepdf import Name, Pdf

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "ext": "http://www.aiim.org/pdfa/ns/extension/",
    "schema": "http://www.aiim.org/pdfa/ns/schema#",
    "property": "http://www.aiim.org/pdfa/ns/property#",
    "rdf": RDF[1:-1],
}

OPERATORS = frozenset(
    re.findall(
        r"\S+",
        "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j "
        "J K k l m M MP n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts "
        "Tw Tz v w W W* y ' \"",
    )
)
FORBIDDEN_COLOURS = frozenset({"K", "k", "CS", "cs", "SC", "sc", "SCN", "scn", "sh"})


@dataclass
class File:
    """A PDF, as bytes and as objects."""

    bytes: bytes

    @cached_property
    def pdf(self) -> Pdf:
        return Pdf.open(io.BytesIO(self.bytes))

    @cached_property
    def xmp(self) -> etree._Element:
        return etree.fromstring(self.pdf.Root.Metadata.read_bytes())

    def said(self, path: str) -> str | None:
        """The text of a metadata property."""
        found = self.xmp.find(f".//{path}", SPACES)
        return None if found is None else "".join(found.itertext()).strip()

    def streams_of_marks(self) -> Iterator[tuple[pikepdf.Object, pikepdf.Dictionary]]:
        """Every content stream with its resources: pages, forms in them, appearances."""
        for page in self.pdf.pages:
            yield page.obj, page.obj.Resources
            yield from self._forms(page.obj.Resources)
            for annotation in page.obj.get(Name.Annots, ()):
                shown = annotation.get(Name.AP, {}).get(Name.N)
                if isinstance(shown, pikepdf.Stream):
                    yield shown, shown.get(Name.Resources, pikepdf.Dictionary())
                    yield from self._forms(shown.get(Name.Resources, pikepdf.Dictionary()))

    def _forms(self, resources):
        for form in dict(resources.get(Name.XObject, {})).values():
            if form.get(Name.Subtype) == Name.Form:
                yield form, form.get(Name.Resources, resources)

    def signatures(self) -> list[pikepdf.Dictionary]:
        fields = self.pdf.Root.get(Name.AcroForm, {}).get(Name.Fields, ())
        return [field.V for field in fields if field.get(Name.FT) == Name.Sig and Name.V in field]


Rule = Callable[[File], Iterator[str]]
RULES: list[Rule] = []

SIGNING_CERTIFICATE, SIGNING_TIME = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.5"


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def faults(content: bytes) -> list[str]:
    """Every complaint, as `rule: what`."""
    file = File(content)
    return [f"{check.__name__}: {said}" for check in RULES for said in check(file)]


# --- the file -----------------------------------------------------------------------------


@rule
def header(file):
    if not re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4,}\n", file.bytes):
        yield "version and a comment of four bytes above 127 on the first two lines"
    if not re.fullmatch(r"/1\.[0-7]", str(file.pdf.Root.get(Name.Version, "/1.7"))):
        yield f"the catalogue claims version {file.pdf.Root.Version}"


@rule
def streams(file):
    """ISO 19005-3, 6.1.7.1: exact lengths, an end of line before `endstream`."""
    at = 0
    while found := re.compile(rb"stream\r?\n").search(file.bytes, at):
        head = file.bytes[file.bytes.rfind(b" obj", 0, found.start()) : found.start()]
        length = _length(file, head)
        end = found.end() + length
        if not re.match(rb"\r?\nendstream\b", file.bytes[end : end + 11]):
            yield f"the stream at {found.start()} is not {length} bytes, a line end, endstream"
            end = file.bytes.index(b"endstream", found.end())
        at = file.bytes.index(b"endstream", end) + len(b"endstream")


def _length(file, head):
    direct = re.findall(rb"/Length (\d+)(?! \d+ R)\b", head)
    if direct:
        return int(direct[-1])
    (number,) = re.findall(rb"/Length (\d+) \d+ R", head)
    return int(re.search(rb"\n%s 0 obj\s+(\d+)" % number, file.bytes).group(1))


@rule
def end(file):
    if not re.search(rb"%%EOF(\r\n|\r|\n)?\Z", file.bytes):
        yield "bytes after the last %%EOF"


@rule
def trailer(file):
    identity = file.pdf.trailer.get(Name.ID)
    if identity is None or len(identity) != 2:
        yield "no ID"
    if b"/Encrypt" in file.bytes:
        yield "encrypted"


# --- what it says of itself ---------------------------------------------------------------


@rule
def metadata(file):
    stream = file.pdf.Root.get(Name.Metadata)
    if stream is None:
        yield "none"
    elif Name.Filter in stream:
        yield "filtered"
    elif (file.said("pdfaid:part"), file.said("pdfaid:conformance")) not in {
        ("3", "B"),
        ("3", "A"),
        ("3", "U"),
    }:
        yield "no part 3 with a conformance"


PAIRS = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Subject": "dc:description",
    "Creator": "xmp:CreatorTool",
    "Producer": "pdf:Producer",
    "CreationDate": "xmp:CreateDate",
    "ModDate": "xmp:ModifyDate",
}


@rule
def information(file):
    """ISO 19005-3, 6.6.3: the information dictionary says what the metadata say."""
    if Name.Metadata not in file.pdf.Root:
        return
    for key, path in PAIRS.items():
        written = file.pdf.docinfo.get(f"/{key}")
        written = None if written is None else str(written)
        if written and "Date" in key:
            written = re.sub(
                r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", r"\1-\2-\3T\4:\5:\6", written
            )
        if written != file.said(path):
            yield f"{key} is {written!r}, but {path} is {file.said(path)!r}"


@rule
def own_properties(file):
    """ISO 19005-3, 6.6.2.3: properties that the standard does not define are described."""
    if Name.Metadata not in file.pdf.Root:
        return
    described = {
        (schema.findtext("schema:namespaceURI", None, SPACES), name.text)
        for schema in file.xmp.iterfind(".//ext:schemas/rdf:Bag/rdf:li", SPACES)
        for name in schema.iterfind(".//property:name", SPACES)
    }
    for description in file.xmp.iterfind(".//rdf:Description", SPACES):
        for element in description:
            space, _, name = element.tag[1:].partition("}")
            known = space in SPACES.values() and space != SPACES["pdfuaid"]
            if not known and (space, name) not in described:
                yield f"{element.tag} is not described"


@rule
def language(file):
    if str(file.pdf.Root.get(Name.Lang, "")) not in {"fr-FR", "en-GB"}:
        yield "no language"
    if not file.pdf.Root.get(Name.ViewerPreferences, {}).get(Name.DisplayDocTitle, False):
        yield "the title is not shown"


@rule
def colours(file):
    intents = [
        intent
        for intent in file.pdf.Root.get(Name.OutputIntents, ())
        if intent.get(Name.S) == Name.GTS_PDFA1 and Name.DestOutputProfile in intent
    ]
    if len(intents) != 1:
        yield "no output intent, or several"
        return
    profile = intents[0].DestOutputProfile
    content = profile.read_bytes()
    if profile.get(Name.N) != 3 or content[12:20] != b"mntrRGB " or content[36:40] != b"acsp":
        yield "the profile is not one of a screen in RGB"
    elif content[8] > 4 or int.from_bytes(content[:4]) != len(content):
        yield "the profile is too new, or cut"


# --- what is shown ------------------------------------------------------------------------


@rule
def marks(file):
    """Known operators, device colours of the intent, no transparency."""
    for stream, resources in file.streams_of_marks():
        for instruction in pikepdf.parse_content_stream(stream):
            operator = str(instruction.operator)
            if operator not in OPERATORS:
                yield f"unknown operator {operator!r}"
            elif operator in FORBIDDEN_COLOURS:
                yield f"colour outside the intent: {operator}"
        if Name.Group in stream or Name.ExtGState in resources:
            yield "transparency or a graphics state"


@rule
def pictures(file):
    """ISO 19005-3, 6.2.8 and 6.2.4: plain pixels in the colours of the intent, as many as said."""
    for _, resources in file.streams_of_marks():
        for drawn in dict(resources.get(Name.XObject, {})).values():
            if drawn.get(Name.Subtype) != Name.Image:
                continue
            if {Name.SMask, Name.Mask, Name.Alternates, Name.OPI} & set(map(Name, drawn.keys())):
                yield "a picture with a mask or another picture"
            if drawn.get(Name.Interpolate, False):
                yield "a picture to be smoothed"
            if drawn.ColorSpace not in {Name.DeviceRGB, Name.DeviceGray}:
                yield f"a picture in {drawn.ColorSpace}"
            elif len(drawn.read_bytes()) != _bytes(drawn):
                yield "a picture of other bytes than its size"


def _bytes(drawn):
    return int(drawn.Width) * int(drawn.Height) * (3 if drawn.ColorSpace == Name.DeviceRGB else 1)


@rule
def fonts(file):
    """Embedded, widths as in the font, ToUnicode; every character used has a glyph."""
    for stream, resources in file.streams_of_marks():
        held = {str(name): font for name, font in dict(resources.get(Name.Font, {})).items()}
        for name, code in sorted(set(_used(stream))):
            yield from _character(held.get(name), name, code)


def _used(stream):
    font = None
    for operands, operator in pikepdf.parse_content_stream(stream):
        if str(operator) == "Tf":
            font = str(operands[0])
        elif str(operator) in {"Tj", "'"}:
            yield from ((font, code) for code in bytes(operands[0]))


def _character(font, name, code):
    descriptor = None if font is None else font.get(Name.FontDescriptor)
    if descriptor is None or Name.FontFile2 not in descriptor:
        yield f"{name} is not embedded"
        return
    if Name.ToUnicode not in font:
        yield f"{name} has no ToUnicode"
    elif not re.search(rb"<%02X> +<(?!0000|FFFE|FEFF)" % code, font.ToUnicode.read_bytes()):
        yield f"{name} does not say which letter {code} is"
    place = code - int(font.FirstChar)
    glyph, advance = _glyph(descriptor.FontFile2.read_bytes(), code)
    if not 0 <= place < len(font.Widths) or not glyph:
        yield f"{name} has no glyph for {code}"
    elif abs(float(font.Widths[place]) - advance) > 1:
        yield f"{name}: the width of {code} is {font.Widths[place]}, in the font {advance}"


def _glyph(font, code):
    """The glyph of a character code and its advance, of 1000 to the em."""
    tables = {}
    for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", font, at)
        tables[tag] = offset
    cmap = tables[b"cmap"] + struct.unpack_from(">L", font, tables[b"cmap"] + 8)[0]
    kind, _, _, first, count = struct.unpack_from(">5H", font, cmap)
    assert kind == 6, "the subset's map is a trimmed table"
    within = first <= code < first + count
    glyph = struct.unpack_from(">H", font, cmap + 10 + 2 * (code - first))[0] if within else 0
    metrics = struct.unpack_from(">H", font, tables[b"hhea"] + 34)[0]
    place = tables[b"hmtx"] + 4 * min(glyph, metrics - 1)
    scale = struct.unpack_from(">H", font, tables[b"head"] + 18)[0]
    return glyph, struct.unpack_from(">H", font, place)[0] * 1000 / scale


SCRIPTS = frozenset(
    {"/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/Movie", "/Sound", "/XFA"}
)


@rule
def scripts(file):
    for held in file.pdf.objects:
        if isinstance(held, pikepdf.Dictionary | pikepdf.Stream):
            names = {*held.keys(), *(str(value) for value in (held.get("/S"),) if value)}
            yield from sorted(names & SCRIPTS)


@rule
def annotations(file):
    for page in file.pdf.pages:
        for annotation in page.obj.get(Name.Annots, ()):
            flags = int(annotation.get(Name.F, 0))
            if not flags & 4 or flags & (1 | 2 | 32 | 256):
                yield f"flags {flags}: not printed, or hidden"
            if not isinstance(annotation.get(Name.AP, {}).get(Name.N), pikepdf.Stream):
                yield "no appearance"


@rule
def files(file):
    """ISO 19005-3, 6.8: embedded files are complete, and named where readers look."""
    root = file.pdf.Root
    listed = {each.objgen for each in root.get(Name.AF, ())}
    named = root.get(Name.Names, {}).get(Name.EmbeddedFiles, {}).get(Name.Names, ())
    found = {each.objgen for each in list(named)[1::2]}
    for held in file.pdf.objects:
        if not isinstance(held, pikepdf.Dictionary) or held.get(Name.Type) != Name.Filespec:
            continue
        if {"/F", "/UF", "/EF", "/AFRelationship", "/Desc"} - set(held.keys()):
            yield "an incomplete file specification"
            continue
        embedded = held.EF.get(Name.F)
        if Name.Subtype not in embedded or Name.ModDate not in embedded.get(Name.Params, {}):
            yield "an embedded file without its type or date"
        if held.objgen not in listed or held.objgen not in found:
            yield "an embedded file that is not listed"


# --- structure: level A of ISO 19005-3, and ISO 14289-1 -----------------------------------


@dataclass(frozen=True)
class Element:
    """A structure element, its parent, and what it holds of pages."""

    object: pikepdf.Dictionary
    parent: pikepdf.Dictionary
    kids: tuple["Element", ...]
    marks: tuple[tuple[tuple[int, int], int], ...]
    widgets: tuple[tuple[int, int], ...]

    @property
    def tag(self):
        return str(self.object.S)[1:]

    def all(self):
        """It and all below, in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.all()

    def attribute(self, name):
        return str(self.object.get(Name.A, pikepdf.Dictionary()).get(name, ""))


def elements(file) -> list[Element]:
    """All elements in reading order; none in a file that has no tree."""
    root = file.pdf.Root.get(Name.StructTreeRoot)
    if root is None:
        return []
    return [each for kid in _kids(root) for each in _element(kid, root).all()]


def _kids(node):
    held = node.get(Name.K, pikepdf.Array())
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def _element(node, parent):
    kids, marks, widgets = [], [], []
    page = node.get(Name.Pg)
    for kid in _kids(node):
        if isinstance(kid, int):
            marks.append((page.objgen, kid))
        elif kid.get(Name.Type) == Name.MCR:
            marks.append((kid.get(Name.Pg, page).objgen, int(kid.MCID)))
        elif kid.get(Name.Type) == Name.OBJR:
            widgets.append(kid.Obj.objgen)
        else:
            kids.append(_element(kid, node))
    return Element(node, parent, tuple(kids), tuple(marks), tuple(widgets))


def claims_access(file) -> bool:
    return Name.Metadata in file.pdf.Root and (
        file.said("pdfaid:conformance") == "A" or file.said("pdfuaid:part") is not None
    )


@rule
def access(file):
    """A file that claims to be accessible is tagged, and claims both standards."""
    if not claims_access(file):
        return
    if (file.said("pdfaid:conformance"), file.said("pdfuaid:part")) != ("A", "1"):
        yield "only one of PDF/A-3a and PDF/UA-1"
    if not file.pdf.Root.get(Name.MarkInfo, {}).get(Name.Marked, False):
        yield "not marked as tagged"
    if not elements(file):
        yield "no structure"


SHOWING = frozenset({"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do"})


def numbers(stream):
    """The numbers of its marked contents; -1 for each mark that is neither text nor artifact."""
    opened = []
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name in {"BDC", "BMC"}:
            properties = operands[1] if name == "BDC" else {}
            number = properties.get(Name.MCID)
            opened.append("artifact" if operands[0] == Name.Artifact else number)
            if number is not None:
                yield int(number)
        elif name == "EMC":
            opened.pop()
        elif name in SHOWING and not any(each is not None for each in opened):
            yield -1
    if opened:
        yield -1


@rule
def tags(file):
    """Every mark is an artifact or has one number, and every number belongs to one element."""
    if not claims_access(file):
        return
    held = [mark for element in elements(file) for mark in element.marks]
    found = []
    for page in file.pdf.pages:
        told = list(numbers(page))
        found += [(page.obj.objgen, number) for number in told]
        if -1 in told:
            yield "a mark that is neither text nor artifact"
        if len(set(told)) != len(told):
            yield "a number twice on a page"
    if sorted(set(held)) != sorted(set(found)) or len(held) != len(set(held)):
        yield "numbers that no element has, or several, or that are not on the page"


@rule
def parents(file):
    """ISO 32000-1, 14.7.4.4: from a mark or a field one finds its element."""
    if not claims_access(file) or Name.StructTreeRoot not in file.pdf.Root:
        return
    tree = list(file.pdf.Root.StructTreeRoot.ParentTree.Nums)
    told = {int(key): value for key, value in zip(tree[::2], tree[1::2], strict=True)}
    all_elements = elements(file)
    owners = {mark: each.object.objgen for each in all_elements for mark in each.marks}
    for page in file.pdf.pages:
        listed = told.get(int(page.obj.get(Name.StructParents, -1)), ())
        found = {(page.obj.objgen, at): each.objgen for at, each in enumerate(listed)}
        if found != {mark: owner for mark, owner in owners.items() if mark[0] == page.obj.objgen}:
            yield "marks of a page lead to other elements"
    for each in all_elements:
        for widget in each.widgets:
            key = int(file.pdf.get_object(widget).get(Name.StructParent, -1))
            if key not in told or told[key].objgen != each.object.objgen:
                yield "a field leads to another element"
        if each.object.get(Name.P, each.object).objgen != each.parent.objgen:
            yield "an element names another parent"


INSIDE = {
    "StructTreeRoot": {"Document"},
    "Document": {"H1", "H2", "H3", "H4", "P", "Table", "L", "Form", "Figure"},
    "Table": {"Caption", "TR"},
    "TR": {"TH", "TD"},
    "L": {"LI"},
    "LI": {"Lbl", "LBody"},
}


@rule
def structure(file):
    """ISO 14289-1, 7.1 to 7.6: known elements, each where it may stand."""
    if not claims_access(file):
        return
    for each in elements(file):
        above = str(each.parent.get(Name.S, "/StructTreeRoot"))[1:]
        if each.tag not in INSIDE.get(above, set()):
            yield f"{each.tag} in {above}"


@rule
def headings(file):
    """ISO 14289-1, 7.4.2: levels begin with the first and none is passed over."""
    level = 0
    for each in elements(file):
        if re.fullmatch(r"H\d", each.tag):
            if int(each.tag[1]) > level + 1:
                yield f"{each.tag} after {level}"
            level = int(each.tag[1])
    if claims_access(file) and not level:
        yield "no heading"


@rule
def table_headings(file):
    """ISO 14289-1, 7.5: headings say for what, rows are of one length."""
    for each in elements(file):
        if each.tag == "TH" and each.attribute("/Scope") not in {"/Row", "/Column"}:
            yield "a heading without scope"
        if each.tag == "Table":
            rows = [kid for kid in each.kids if kid.tag == "TR"]
            if len({len(row.kids) for row in rows}) > 1:
                yield "rows of several lengths"
            if rows and not any(kid.tag == "TH" for kid in rows[0].kids):
                yield "a table without headings"


@rule
def figures(file):
    """ISO 14289-1, 7.3: a picture has words that stand for it, and a box where it is."""
    for each in elements(file):
        if each.tag == "Figure":
            if not str(each.object.get(Name.Alt, "")).strip():
                yield "a picture without words"
            if len(each.object.get(Name.A, {}).get(Name.BBox, ())) != 4:
                yield "a picture without a box"


@rule
def forms(file):
    """ISO 14289-1, 7.18: fields stand in the structure, have a description, follow its order."""
    if not claims_access(file):
        return
    within = [widget for each in elements(file) if each.tag == "Form" for widget in each.widgets]
    for page in file.pdf.pages:
        if page.obj.get(Name.Tabs) != Name.S:
            yield "another order of fields than that of the structure"
        for annotation in page.obj.get(Name.Annots, ()):
            if within.count(annotation.objgen) != 1:
                yield "a field outside the structure"
            if not str(annotation.get(Name.TU, "")):
                yield "a field without description"


# --- signatures ---------------------------------------------------------------------------


@rule
def byte_ranges(file):
    """EN 319 142-1: the range is a whole revision; the last one's is the whole file."""
    signatures = file.signatures()
    ends = []
    for signature in signatures:
        start, before, after, length = map(int, signature.ByteRange)
        ends.append(after + length)
        if (
            start
            or file.bytes[before : before + 1] != b"<"
            or file.bytes[after - 1 : after] != b">"
        ):
            yield "a range that is not the file less the value"
    if ends and max(ends) != len(file.bytes):
        yield "no range reaches the end of the file"


@rule
def signature_values(file):
    """EN 319 142-1, 6.3: PAdES baseline."""
    for signature in file.signatures():
        if signature.SubFilter != Name("/ETSI.CAdES.detached") or Name.M not in signature:
            yield "no PAdES signature with its claimed time"
            continue
        signers = cms.ContentInfo.load(bytes(signature.Contents))["content"]["signer_infos"]
        kinds = [each["type"].dotted for signer in signers for each in signer["signed_attrs"]]
        if len(signers) != 1 or SIGNING_CERTIFICATE not in kinds or SIGNING_TIME in kinds:
            yield f"signers {len(signers)}, attributes {kinds}"
