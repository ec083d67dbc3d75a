"""The fast renderer: PDF/A-3a and PDF/UA-1, signed while it is written.

It sets the same pieces as the reference renderer, from left to right and letter by letter. What
does not change from paper to paper (typefaces, colours, the blocks of empty fields) is written
and hashed once in a process. The place of the signature is known before the file is complete,
so that the file is written once: nothing is read again, and there is no second revision.

The same arguments give the same bytes, whatever was made before; what is remembered is bounded.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from reportlab.lib.colors import Color

from registers.kernel.words import Words
from registers.press import appearance, archive, glyphs, objects
from registers.press.archive import LOCALES, PRINTED, PROFILE, TOOLTIPS
from registers.press.cms import digest_of, template
from registers.press.glyphs import MAIN, Subset
from registers.press.house_style import pixels
from registers.press.identity import Identity
from registers.press.layout import (
    FIELD_HEIGHT,
    FIELD_WIDTH,
    GREY,
    INK,
    LEFT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
)
from registers.press.marks import LOGO, Entry, Marks
from registers.press.objects import Body, string
from registers.press.pagination import Unsettable, paginated
from registers.press.paper import PROCESSOR_FIELD, Paper, Stamp
from registers.press.seal import KIND, NAMES, block_lines
from registers.press.story import story
from registers.press.structure import tree

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class Signing(NamedTuple):
    """A signature to be made: by whom, when (an aware instant), why and where."""

    identity: Identity
    now: datetime
    reason: str = ""
    place: str = ""


def typeset(paper: Paper, snapshot: bytes, stamp: Stamp, signing: Signing | None = None) -> bytes:
    """The paper as PDF/A-3a and PDF/UA-1; signed, where there is a signing.

    Args:
        paper: what stands on it.
        snapshot: what it was made from, JSON; embedded.
        stamp: its number, when it was prepared, where the journal stood.
        signing: the signature in the processor's field; without one, no field is filled.

    Raises:
        Unsettable: it has letters that are not set here, or does not fit its pages.
    """
    digest = hashlib.sha256(snapshot).hexdigest()
    marks, pages = _marked(paper, stamp, digest)
    return _File(paper, stamp, marks, signing).written(pages, snapshot, digest)


def _marked(paper: Paper, stamp: Stamp, digest: str) -> tuple[Marks, list[bytes]]:
    """The pages; only if letters outside the main subset are met, these are looked for."""
    placed = paginated(story(paper, stamp, digest))
    encode = glyphs.letters().encode
    for mixed in (False, True):
        marks = Marks(mixed=mixed, accent=stamp.style.accent)
        for page, around in zip(placed, marks.around(paper, stamp, len(placed)), strict=True):
            marks.page(page, around)
        try:
            return marks, [encode(page) for page in marks.pages]
        except UnicodeEncodeError:
            continue
    raise Unsettable


# --- what does not change -----------------------------------------------------------------


class _Prefix(NamedTuple):
    """The beginning of files: written once, with the state of its digest.

    Attributes:
        content: its bytes.
        places: where its objects stand.
        state: of its SHA-256 (or the digest of the identity).
        intent: the object of the output intent.
        resources: the object of the resources of pages.
        empty: that of the block of an empty field.
    """

    content: bytes
    places: list[bytes]
    state: Any
    intent: int
    resources: int
    empty: int


@lru_cache(maxsize=16)
def _prefix(language: str, subsets: frozenset[Subset], algorithm: str, logo: bytes) -> _Prefix:
    body = Body(HEADER, [objects.place(0, 0, 65535)], hashlib.new(algorithm, HEADER))
    profile = body.add(objects.stream(PROFILE.read_bytes(), "/N 3", once=True))
    intent = body.add(
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB2014)"
        "/RegistryName(http://www.color.org)/Info(sRGB IEC61966-2.1)"
        f"/DestOutputProfile {profile} 0 R>>"
    )
    ordered = sorted({*MAIN, *subsets}, key=glyphs.name)
    fonts = "".join(f"/{glyphs.name(subset)} {_add_font(body, subset)} 0 R" for subset in ordered)
    shown = f"/XObject<</{LOGO} {_add_logo(body, logo)} 0 R>>" if logo else ""
    resources = body.add(f"<</Font<<{fonts}>>{shown}>>")
    drawn, _ = _block(appearance.unsigned_lines(language), GREY, spaced=True)
    empty = body.add(_form(drawn, resources))
    return _Prefix(body.whole(), body.places, body.state(), intent, resources, empty)


def _add_font(body: Body, subset: Subset) -> int:
    font, descriptor, letters, characters = glyphs.program(subset)
    held = body.add(letters)
    read = body.add(characters)
    described = body.add(descriptor % held)
    return body.add(font % (described, read))


def _add_logo(body: Body, logo: bytes) -> int:
    width, height, packed = pixels(logo)
    read = f"/DecodeParms<</Predictor 15/Colors 3/BitsPerComponent 8/Columns {width}>>"
    return body.add(
        objects.packed_stream(
            packed,
            f"/Type/XObject/Subtype/Image/Width {width}/Height {height}"
            f"/ColorSpace/DeviceRGB/BitsPerComponent 8{read}",
        )
    )


def _block(lines: Sequence[str], colour: Color, *, spaced: bool) -> tuple[bytes, set[Subset]]:
    """The visible block of a field, as operators."""
    said, style, top = appearance.set_lines(lines, colour, spaced=spaced)
    for mixed in (False, True):
        marks = Marks(mixed=mixed)
        drawn = marks.block(said, style, appearance.PAD, top)
        try:
            return glyphs.letters().encode(drawn), marks.used
        except UnicodeEncodeError:
            continue
    raise Unsettable


@lru_cache(maxsize=64)
def _signed_block(lines: tuple[str, ...]) -> tuple[bytes, frozenset[Subset]]:
    """That of an identity on a day: it seals many papers."""
    drawn, used = _block(lines, INK, spaced=False)
    return drawn, frozenset(used)


def _form(drawn: bytes, resources: int) -> bytes:
    box = f"/BBox[0 0 {FIELD_WIDTH:.2f} {FIELD_HEIGHT:.2f}]"
    return objects.stream(drawn, f"/Type/XObject/Subtype/Form{box}/Resources {resources} 0 R")


# --- one file -----------------------------------------------------------------------------


class _File:
    """One file being written."""

    def __init__(self, paper: Paper, stamp: Stamp, marks: Marks, signing: Signing | None) -> None:
        self.paper, self.stamp, self.marks, self.signing = paper, stamp, marks, signing
        self.words = Words(paper.language)
        self.block, more = self._own_block()
        algorithm = digest_of(signing.identity) if signing else "sha256"
        subsets = frozenset(marks.used) | more
        self.prefix = _prefix(paper.language, subsets, algorithm, stamp.style.logo)
        self.body = Body(self.prefix.content, self.prefix.places, self.prefix.state)

    def _own_block(self) -> tuple[bytes, frozenset[Subset]]:
        if self.signing is None:
            return b"", frozenset()
        lines = block_lines(self.signing.identity, self.signing.now, self.paper.language)
        return _signed_block(tuple(map(self.words.say, lines)))

    def written(self, pages: Sequence[bytes], snapshot: bytes, digest: str) -> bytes:
        """The whole file."""
        body, places = self.body, {} if self.paper.draft else self.marks.places
        catalogue, page = body.reserve(), body.reserve(2 * len(pages) + 1) + 1
        fields = {name: body.reserve() for name in places}
        value = body.reserve() if self.signing else 0
        outline = self._add_outline(page)
        files = archive.attached(self.paper, snapshot, self.stamp)
        named = {file.name: self._add_file(file) for file in files}
        said = archive.information(self.paper, self.stamp)
        entries = "".join(f"/{key}{string(each)}" for key, each in said.items())
        information = body.add(f"<<{entries}>>")
        metadata = self._add_metadata(said, digest)
        structure = self._add_structure(len(pages), page, tuple(fields.values()))
        self._put_pages(pages, page, fields)
        self._put_fields(page, len(pages), fields, value)
        listed = "".join(f"{string(name)} {number} 0 R" for name, number in sorted(named.items()))
        associated = " ".join(f"{number} 0 R" for number in named.values())
        body.put(
            catalogue,
            f"<</Type/Catalog/Pages {page - 1} 0 R/Lang({LOCALES[self.paper.language]})"
            "/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>"
            f"/StructTreeRoot {structure} 0 R/Metadata {metadata} 0 R"
            f"/OutputIntents[{self.prefix.intent} 0 R]/PageMode/UseOutlines/Outlines {outline} 0 R"
            f"/Names<</EmbeddedFiles<</Names[{listed}]>>>>/AF[{associated}]"
            f"{_form_entry(fields, value)}>>",
        )
        ends = f"/Root {catalogue} 0 R/Info {information} 0 R"
        if self.signing:
            return self._signed(value, ends, self.signing)
        return body.whole() + self._end(ends)

    # --- parts ----------------------------------------------------------------------------

    def _add_outline(self, page: int) -> int:
        entries = self.marks.outline
        root = self.body.reserve(len(entries) + 1)
        for at, (content, entry) in enumerate(
            zip(_outline(entries, root), [None, *entries], strict=True)
        ):
            leads = ""
            if entry:
                place = f"{page + 2 * entry.page} 0 R/XYZ {LEFT:.2f} {entry.y:.2f} null"
                leads = f"/Title{string(entry.title)}/Dest[{place}]"
            self.body.put(root + at, f"<<{leads}{content}>>")
        return root

    def _add_file(self, file: archive.Attached) -> int:
        checksum = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        at = archive.pdf_date(self.stamp.prepared_at)
        embedded = self.body.add(
            objects.stream(
                file.content,
                "/Type/EmbeddedFile/Subtype/application#2Fjson"
                f"/Params<</Size {len(file.content)}/ModDate({at})/CheckSum<{checksum}>>>",
            )
        )
        name = string(file.name)
        return self.body.add(
            f"<</Type/Filespec/F{name}/UF{name}/Desc{string(file.description)}"
            f"/AFRelationship/Source/EF<</F {embedded} 0 R/UF {embedded} 0 R>>>>"
        )

    def _add_metadata(self, said: dict[str, str], digest: str) -> int:
        content = archive.xmp(said, self.paper, self.stamp, digest, "A").encode()
        head = f"<</Type/Metadata/Subtype/XML/Length {len(content)}>>stream\n".encode()
        return self.body.add(b"%b%b\nendstream" % (head, content))

    def _add_structure(self, pages: int, page: int, fields: tuple[int, ...]) -> int:
        holder = self.body.reserve()
        grown = tree(tuple(self.marks.shape), pages, page, holder + 1, fields)
        self.body.put(holder, objects.packed_stream(grown.packed, f"/Type/ObjStm{grown.entries}"))
        self.body.places.append(grown.places)
        self.body.places += [b""] * (grown.objects - 1)
        return holder + 1

    def _put_pages(self, pages: Sequence[bytes], page: int, fields: dict[str, int]) -> None:
        kids = " ".join(f"{page + 2 * at} 0 R" for at in range(len(pages)))
        self.body.put(
            page - 1,
            f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}"
            f"/MediaBox[0 0 {PAGE_WIDTH:.3f} {PAGE_HEIGHT:.3f}]>>",
        )
        for at, content in enumerate(pages):
            held = [number for name, number in fields.items() if self._page_of(name) == at]
            shown = " ".join(f"{number} 0 R" for number in held)
            self.body.put(
                page + 2 * at,
                f"<</Type/Page/Parent {page - 1} 0 R/Resources {self.prefix.resources} 0 R"
                f"/Contents {page + 2 * at + 1} 0 R/StructParents {at}/Tabs/S"
                f"{f'/Annots[{shown}]' if held else ''}>>",
            )
            self.body.put(page + 2 * at + 1, objects.stream(content))

    def _page_of(self, field: str) -> int:
        return self.marks.places[field].page - 1

    def _put_fields(self, page: int, pages: int, fields: dict[str, int], value: int) -> None:
        for at, (name, number) in enumerate(fields.items()):
            shown, filled = self.prefix.empty, ""
            if value and name == PROCESSOR_FIELD:
                shown = self.body.add(_form(self.block, self.prefix.resources))
                filled = f"/V {value} 0 R"
            corners = " ".join(f"{edge:.2f}" for edge in self.marks.places[name].rectangle)
            self.body.put(
                number,
                f"<</Type/Annot/Subtype/Widget/FT/Sig/T{string(name)}"
                f"/TU{string(self.words.say(TOOLTIPS[name]))}/F {PRINTED}/Rect[{corners}]"
                f"/P {page + 2 * self._page_of(name)} 0 R/AP<</N {shown} 0 R>>"
                f"/StructParent {pages + at}{filled}>>",
            )

    # --- the end, and the signature -------------------------------------------------------

    def _end(self, ends: str, more: int = 0) -> bytes:
        """The cross-references and the trailer; `more` bytes will stand before them."""
        body, at = self.body, self.body.size + more
        number = body.reserve()
        body.places[number] = objects.place(1, at)
        table = b"".join(body.places)
        identity = body.state().hexdigest()[:32].upper()
        head = (
            f"{number} 0 obj\n<</Type/XRef/Size {number + 1}{objects.ENTRY}{ends}"
            f"/ID[<{identity}><{identity}>]/Length {len(table)}>>stream\n"
        ).encode()
        return b"%b%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (head, table, at)

    def _signed(self, number: int, ends: str, by: Signing) -> bytes:
        body, made = self.body, template(by.identity)
        offset = by.now.strftime("%z")
        at = f"D:{by.now:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"
        said = {"Name": by.identity.name, "Reason": by.reason, "Location": by.place}
        body.begin(number)
        body.write(
            (
                "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
                f"{''.join(f'/{key}{string(each)}' for key, each in said.items() if each)}"
                f"/M({at}){KIND}{NAMES[by.identity.kind]}"
                "/Reference[<</Type/SigRef/TransformMethod/DocMDP"
                "/TransformParams<</Type/TransformParams/V/1.2/P 2>>>>]"
            ).encode()
        )
        gap, closing = 2 * made.room + 2, b">>\nendobj\n"
        rest = closing + self._end(ends, _RANGE + gap + len(closing))
        before = body.size + _RANGE
        covered = f"/ByteRange[0 {before} {before + gap} {len(rest)}]"
        body.write(f"{covered:<{_RANGE - len(_CONTENTS)}}{_CONTENTS}".encode())
        state = body.state()
        state.update(rest)
        value = made.value(state.digest()).hex().upper().ljust(gap - 2, "0")
        return b"%b<%b>%b" % (body.whole(), value.encode(), rest)


_CONTENTS = "/Contents"
_RANGE = 60
"""The bytes in which the range is said, whatever its figures, and the name of what follows."""


def _outline(entries: Sequence[Entry], root: int) -> list[str]:
    """How the root of the outline and its entries hang together, by their numbers."""
    count = len(entries) + 1
    above, kids = [0] * count, [[] for _ in range(count)]  # type: tuple[list[int], list[list[int]]]
    opened = [0]
    for at, entry in enumerate(entries, 1):
        del opened[entry.level + 1 :]
        above[at] = opened[-1]
        kids[above[at]].append(at)
        opened.append(at)
    below = [0] * count
    for at in range(count - 1, 0, -1):
        below[above[at]] += below[at] + 1
    told = []
    for at in range(count):
        said = f"/Parent {root + above[at]} 0 R" if at else "/Type/Outlines"
        if at:
            beside = kids[above[at]]
            place = beside.index(at)
            said += f"/Prev {root + beside[place - 1]} 0 R" if place else ""
            said += f"/Next {root + beside[place + 1]} 0 R" if place + 1 < len(beside) else ""
        if kids[at]:
            said += f"/First {root + kids[at][0]} 0 R/Last {root + kids[at][-1]} 0 R"
            said += f"/Count {below[at]}"
        told.append(said)
    return told


def _form_entry(fields: dict[str, int], value: int) -> str:
    if not fields:
        return ""
    listed = " ".join(f"{number} 0 R" for number in fields.values())
    sealed = f"/SigFlags 3>>/Perms<</DocMDP {value} 0 R>>" if value else ">>"
    return f"/AcroForm<</Fields[{listed}]{sealed}"
