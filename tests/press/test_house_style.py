"""The look of a house: the same paper in other colours, under a logo that everybody can read."""

import hashlib
import io
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin
from reportlab.lib.colors import HexColor

from registers.kernel.errors import Invalid
from registers.press import fast, reference
from registers.press.house_style import (
    DEFAULT,
    DEFAULT_ACCENT,
    FOOTER_LINES,
    LARGEST_FILE,
    LARGEST_KEPT,
    HouseStyle,
    checked,
    contrast,
    footer_lines,
    picture,
    pixels,
)
from registers.press.issue import ACCESSIBLE, PLAIN, issue
from registers.press.layout import ACCENT, MEASURE, TINT, WHITE, Logo
from registers.press.paper import Paragraph, Stamp
from registers.press.typography import Face, width
from registers.press.verify import verify
from tests.press import archival
from tests.press.reading import elsewhere, run, together, words
from tests.press.samples import CHECKPOINT, NOW, SNAPSHOT, STAMP, opened, paper, sealer
from tests.press.test_fast import assert_set_alike
from tests.press.test_letters import assert_shown, written


def drawn(mode="RGB", size=(300, 90), form="PNG", **more):
    """A picture file: a disc on nothing."""
    image = Image.new(mode, size)
    ImageDraw.Draw(image).ellipse((5, 5, 80, 80), fill=image.getpixel((0, 0)) and None)
    to = io.BytesIO()
    image.save(to, form, **more)
    return to.getvalue()


FOOTER = "Éditions du Midi, SAS au capital de 100 000 €\nRCS Montpellier 123 456 789"
STYLE = checked(HouseStyle("#7A1F3D", FOOTER, picture(drawn())))
STYLED = msgspec.structs.replace(STAMP, style=STYLE)


# --- colours ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(HexColor(one), HexColor(other)) == pytest.approx(ratio, abs=0.005)
    assert contrast(HexColor(other), HexColor(one)) == contrast(HexColor(one), HexColor(other))


def test_the_usual_colour_can_be_read_and_is_kept_as_nothing():
    assert min(contrast(ACCENT, ground) for ground in (WHITE, TINT)) > 4.5
    assert checked(HouseStyle(DEFAULT_ACCENT.upper())) == DEFAULT


@pytest.mark.parametrize(
    "colour", ["#777777", "#ffffff", "#f00", "#0000", "red", "#12345g", "#707070"]
)
def test_a_colour_that_is_hard_to_read_or_none_is_refused(colour):
    with pytest.raises(Invalid) as refused:
        checked(HouseStyle(colour))
    assert refused.value.field == "accent"


def test_a_refused_colour_is_told_with_its_contrast():
    with pytest.raises(Invalid, match=r"#777777 is 3\.9 : 1"):  # on tinted rows
        checked(HouseStyle("#777777"))


# --- the foot -----------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["a\nb\nc", "mot " * 120, "שלום", "漢字", "a\u2800"])
def test_a_foot_that_does_not_fit_or_cannot_be_set_is_refused(said):
    with pytest.raises(Invalid) as refused:
        checked(HouseStyle(footer=said))
    assert refused.value.field == "footer"


@given(st.text(max_size=200))
def test_a_foot_that_is_kept_fits(said):
    try:
        kept = checked(HouseStyle(footer=said)).footer
    except Invalid:
        return
    assert len(footer_lines(kept)) <= FOOTER_LINES
    assert all(width(line.rstrip(), Face.REGULAR, 7) <= MEASURE for line in footer_lines(kept))
    assert checked(HouseStyle(footer=kept)).footer == kept


# --- the logo -----------------------------------------------------------------------------


SHAPES = {
    "plain": drawn("RGB"),
    "transparent": drawn("RGBA"),
    "grey, transparent": drawn("LA"),
    "palette": drawn("P"),
    "bits": drawn("1"),
    "deep": drawn("I;16"),
    "jpeg": drawn("RGB", form="JPEG"),
    "grey jpeg": drawn("L", form="JPEG"),
    "printer's jpeg": drawn("CMYK", form="JPEG"),
    "dot": drawn(size=(1, 1)),
    "wide": drawn(size=(4000, 3)),
    "high": drawn(size=(3, 4000)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_pictures_become_small_plain_ones(shape):
    content = SHAPES[shape]
    kept = picture(content)
    assert len(kept) <= LARGEST_KEPT
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert pixels(kept)[:2] == image.size
        assert image.width <= 1000
        assert image.height <= 300
    assert picture(content) == kept
    stamp = Stamp("AX-1", NOW, style=HouseStyle(logo=kept))
    for typeset in (fast.typeset, reference.typeset):
        assert archival.faults(typeset(paper(rows=1), SNAPSHOT, stamp)) == []


def test_a_picture_of_noise_is_made_smaller():
    noise = Image.effect_noise((1500, 900), 90).convert("RGB")
    to = io.BytesIO()
    noise.save(to, "PNG")
    assert len(to.getvalue()) > 20 * LARGEST_KEPT
    assert len(picture(to.getvalue())) <= LARGEST_KEPT


def test_what_is_transparent_becomes_white():
    with Image.open(io.BytesIO(picture(drawn("RGBA")))) as image:
        assert image.getpixel((0, 0)) == (255, 255, 255)


def test_what_else_a_file_holds_is_left_out():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "secret")
    turned = Image.Exif()
    turned[0x0112] = 6
    assert b"secret" not in picture(drawn(pnginfo=notes) + b"secret")
    with Image.open(io.BytesIO(picture(drawn(form="JPEG", exif=turned)))) as image:
        assert image.height > image.width  # as the camera was held


def bomb():
    content = drawn()
    at = content.index(b"IHDR") + 4
    return content[:at] + (50_000).to_bytes(4) * 2 + content[at + 8 :]


WRONG = {
    "nothing": b"",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "gif": drawn(form="GIF"),
    "tiff": drawn(form="TIFF"),
    "cut png": drawn()[:60],
    "cut jpeg": drawn(form="JPEG")[:300],
    "bomb": bomb(),
    "not what it says": b"\x89PNG\r\n\x1a\n" + b"x" * 100,
    "large": drawn() + b" " * LARGEST_FILE,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_picture_or_too_large_is_refused(wrong):
    with pytest.raises(Invalid) as refused:
        picture(WRONG[wrong])
    assert refused.value.field == "logo"


# --- on paper -----------------------------------------------------------------------------


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("make", [paper, written])
def test_both_renderers_set_a_look_alike(make, test, tmp_path):
    stamp = msgspec.structs.replace(STYLED, test=test)
    assert_set_alike(make(), tmp_path / "p.pdf", stamp)
    for typeset in (fast.typeset, reference.typeset):
        content = typeset(make(), SNAPSHOT, stamp)
        assert archival.faults(content) == []
        run("qpdf", "--check", content=content, path=tmp_path / "p.pdf")
        for page in words(content, tmp_path / "p.pdf"):
            assert together(FOOTER) in together(page)
        if make is written:
            assert_shown(content, tmp_path / "p.pdf")


def colours(content):
    """The colours that are set on the pages."""
    with opened(content) as pdf:
        pages = b"\n".join(page.Contents.read_bytes() for page in pdf.pages)
    found = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", pages)
    return {tuple(round(float(each), 2) for each in colour) for colour in found}


@pytest.mark.parametrize("typeset", [fast.typeset, reference.typeset])
def test_the_colour_of_the_house_stands_in_place_of_ours(typeset):
    def rounded(colour):
        return tuple(round(part, 2) for part in colour.rgb())

    own, usual = rounded(STYLE.colour), rounded(ACCENT)
    assert own in colours(typeset(paper(), SNAPSHOT, STYLED))
    assert usual not in colours(typeset(paper(), SNAPSHOT, STYLED))
    assert usual in colours(typeset(paper(), SNAPSHOT, STAMP))
    assert own not in colours(typeset(paper(), SNAPSHOT, STAMP))


def test_the_name_of_the_organisation_stands_for_its_logo(tmp_path):
    content = fast.typeset(paper(), SNAPSHOT, STYLED)
    file = archival.File(content)
    (figure,) = (each for each in archival.elements(file) if each.tag == "Figure")
    assert str(figure.object.Alt) == "Éditions Numériques du Midi, SAS"
    box = [float(edge) for edge in figure.object.A.BBox]
    assert box[2] - box[0] <= Logo.WIDEST + 0.01
    assert box[3] - box[1] <= Logo.HIGHEST + 0.01
    listed = run("pdfimages", "-list", content=content, path=tmp_path / "p.pdf")
    assert re.search(r"image +300 +90 +rgb +3 +8 +image", listed)


def test_a_paper_states_its_look_and_its_seal_covers_it():
    issued = issue(paper(), SNAPSHOT, STYLED, sealer(), NOW)
    assert issued.conformance == ACCESSIBLE
    assert verify(issued.pdf).sound
    assert archival.File(issued.pdf).xmp.findtext(".//{*}style") == STYLE.digest
    assert archival.File(fast.typeset(paper(), SNAPSHOT, STAMP)).xmp.find(".//{*}style") is None
    hebrew = paper(blocks=(*paper().blocks, Paragraph("שלום")))
    fallen_back = issue(hebrew, SNAPSHOT, STYLED, sealer(), NOW)
    assert fallen_back.conformance == PLAIN
    assert archival.File(fallen_back.pdf).xmp.findtext(".//{*}style") == STYLE.digest


def test_the_same_look_gives_the_same_bytes_and_another_gives_others():
    made = fast.typeset(paper(), SNAPSHOT, STYLED)
    program = "from registers.press import fast\nfrom tests.press.test_house_style import STYLED"
    digests = elsewhere("fast.typeset(paper(), SNAPSHOT, STYLED)", imports=program)
    assert digests == {hashlib.sha256(made).hexdigest()}
    looks = [DEFAULT, *(msgspec.structs.replace(STYLE, **{part: type(getattr(STYLE, part))()})
                        for part in ("accent", "footer", "logo"))]  # fmt: skip
    others = {fast.typeset(paper(), SNAPSHOT, Stamp("AX-2026-0014", NOW, CHECKPOINT, style=look))
              for look in looks}  # fmt: skip
    assert len(others) == 4
    assert made not in others
    assert fast.typeset(paper(), SNAPSHOT, STYLED) == made
