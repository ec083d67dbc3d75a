"""Papers as nobody would write them, drawn at random: for all renderers."""

from hypothesis import Phase, settings
from hypothesis import strategies as st

from registers.press.paper import Column, Heading, Items, KeyValues, Paragraph, Table

READABLE = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"], max_codepoint=0x52F),
    max_size=12,
)
AWKWARD = st.sampled_from(
    [
        "",
        "https://www.exemple.fr/un/chemin?avec=des&parametres=nombreux#ancre",
        "x" * 300,
        "W" * 300,
        "<b>gras</b> & <para> &amp; %s {0} \\n (a) [b]",
        "e\u0301te\u0301, Łódź, Ñandú, ﬁn, ½, œuvre, № 12, « guillemets »",
        "😀🦄 \U0001d504 émoticônes",
        "漢字",
        "nul\x00 sonnerie\x07 \x1b[31mrouge",
        "deux\nlignes",
        "10\u202f000\xa0€ con\xadtrat",
    ]
)
TITLE = READABLE.map("Titre {}".format) | AWKWARD.map("{}!".format)
TEXT = st.lists(AWKWARD | READABLE, max_size=5).map(" ".join)
CELL = TEXT.map(lambda said: said[:90])


@st.composite
def tables(draw, cell=CELL, header=READABLE, most=5):
    width = draw(st.integers(1, most))
    columns = [Column(draw(header), draw(st.floats(0.5, 4))) for _ in range(width)]
    rows = draw(st.lists(st.tuples(*[cell] * width), max_size=5))
    return Table(tuple(columns), tuple(rows), draw(READABLE))


BLOCK = st.one_of(
    st.builds(Heading, TEXT, st.sampled_from([1, 2, 3])),
    st.builds(Paragraph, TEXT, st.sampled_from(["body", "note", "warning"])),
    st.builds(KeyValues, st.lists(st.tuples(CELL, TEXT), min_size=1, max_size=4).map(tuple)),
    st.builds(Items, st.lists(TEXT, max_size=4).map(tuple), st.booleans()),
    tables(),
)

QUICK = settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a paper smaller takes minutes
)
