"""What other programs read in a paper, and whether that is what was written."""

import hashlib
import os
import re
import subprocess
import sys
import unicodedata

from registers.kernel.words import Words, text
from registers.press.colophon import colophon
from registers.press.layout import BODY, BOTTOM, LEFT, MEASURE, PAGE_HEIGHT
from registers.press.paper import Items, Table, texts
from registers.press.typography import printable
from tests.press.samples import SNAPSHOT, STAMP
from tests.tools import need

DIGEST = hashlib.sha256(SNAPSHOT).hexdigest()


def run(*command, content, path):
    """Another program's standard output on the file; any complaint fails."""
    need(command[0])
    path.write_bytes(content)
    done = subprocess.run([*command, str(path)], capture_output=True, check=True)
    assert done.stderr == b"", done.stderr
    return done.stdout.decode()


def words(content, path, *, body=False):
    """What pdftotext reads, page by page; `body`: without the head and foot of the pages."""
    need("pdftotext")
    margins = ["-x", "0", "-W", "1000", "-y", str(int(PAGE_HEIGHT - BOTTOM - BODY) - 2)]
    area = [*margins, "-H", str(int(BODY) + 4)] if body else []
    path.write_bytes(content)
    command = ["pdftotext", "-raw", *area, str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b"", done.stderr
    return done.stdout.decode().split("\f")[:-1]


def together(text):
    """The text without its spaces: where lines break is not what we compare."""
    return "".join(text.split())


def normal(said):
    return unicodedata.normalize("NFKC", together(said))


def written(block):
    """The words of a block, as they follow one another on the page."""
    if isinstance(block, Items):
        marks = [f"{at}." if block.numbered else "•" for at in range(1, len(block.items) + 1)]
        said = [part for pair in zip(marks, block.items, strict=True) for part in pair]
    else:
        said = [*texts(block)]
    return normal("".join(map(printable, said)))


def assert_reads_as(printed, pages):
    """The pages say what the paper says, in its order; only table headings are repeated."""
    blocks = [*printed.blocks, *colophon(printed, STAMP, DIGEST)]
    expected = "".join(map(written, blocks)) + "$"
    heads = {
        normal("".join(printable(column.header) for column in block.columns))
        for block in blocks
        if isinstance(block, Table)
    }
    say = Words(printed.language).say
    field = "".join(normal(say(text(said))) for said in ("Signed by:", "Date:", "Quality:"))
    pages = [normal(page).removesuffix(field).removesuffix(field) for page in pages]
    opening, _, first = pages[0].partition("(UTC+01:00)")
    for said in (printed.title, printed.subtitle, *printed.lead):
        assert normal(printable(said)) in opening
    at = 0
    for page in [first, *pages[1:]]:
        without = [page, *(page.removeprefix(head) for head in heads)]
        said = next((each for each in without if expected.startswith(each, at)), page)
        assert expected[at : at + len(said)] == said
        at += len(said)
    assert expected[at:] == "$"


def boxes(content, path):
    """The words of each page and their boxes, in points from the top left corner."""
    need("pdftotext")
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True)
    for page in done.stdout.decode().split("<page ")[1:]:
        found = re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">', page
        )
        yield [tuple(map(float, box)) for box in found]


def assert_inside(content, path):
    for page in boxes(content, path):
        assert all(x >= LEFT - 1 and right <= LEFT + MEASURE + 1 for x, _, right, _ in page)
        assert all(y >= 0 and low <= 842 for _, y, _, low in page)


def elsewhere(expression, imports=""):
    """The digests of what other processes make, with other hashes of strings, in other zones."""
    program = (
        f"import hashlib\nfrom tests.press.samples import *\n{imports}\n"
        f"print(hashlib.sha256({expression}).hexdigest())"
    )
    return {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            capture_output=True,
            check=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    }
