"""The structure tree: what each mark is, so that a paper can be read aloud, reflowed, copied.

Headings, paragraphs, tables with their headings, lists, forms; as PDF/UA-1 (ISO 14289-1) and
level A of PDF/A ask. A tree is a function of the shape of a paper: which pieces stand on which
page. Papers of one shape share their tree; the shape says every place where a page breaks.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from registers.press import objects
from registers.press.marks import Mark

Shape = tuple[Mark, ...]


class Tree(NamedTuple):
    """A structure tree as objects in a stream of objects.

    Attributes:
        packed: the stream, compressed.
        entries: of its dictionary, how many objects and where the first begins.
        objects: how many objects there are.
        places: the cross-references of these objects, as the file's table has them.
    """

    packed: bytes
    entries: str
    objects: int
    places: bytes


class _Element:
    """A structure element that may still get parts; its tag may carry its attributes."""

    __slots__ = ("kids", "number", "page", "parent", "tag")

    def __init__(self, tag: str, parent: int, number: int, page: int) -> None:
        self.tag, self.parent, self.number, self.page = tag, parent, number, page
        self.kids: list[str] = []


COLUMN = "/A<</O/Table/Scope/Column>>"
ROW = "/A<</O/Table/Scope/Row>>"


@lru_cache(maxsize=128)
def tree(shape: Shape, pages: int, page: int, first: int, fields: tuple[int, ...]) -> Tree:
    """The tree of a paper.

    Args:
        shape: its pieces in order.
        pages: how many there are.
        page: the object of the first page; those of the others follow at every second number.
        first: the number of the tree's root; its other objects follow.
        fields: the objects of the signature fields.
    """
    return _Growing(pages, page, first, fields).grown(shape)


class _Growing:
    """A tree that grows piece by piece."""

    def __init__(self, pages: int, page: int, first: int, fields: tuple[int, ...]) -> None:
        self.page_object, self.first, self.fields = page, first, fields
        self.elements: list[_Element | str] = []
        self.owners: list[list[int]] = [[] for _ in range(pages)]
        self.forms: list[int] = []
        self.document = self._new("Document", first, -1)
        self.last = self.list = self.table = self.document
        self.cells: list[_Element] = []
        self.caption: _Element | None = None

    def grown(self, shape: Shape) -> Tree:
        """The whole tree."""
        for mark in shape:
            kind, page, number, *others = mark
            self._grow(str(kind), int(page), int(number), [int(each) for each in others])
        return self._packed()

    def _grow(self, kind: str, page: int, number: int, others: Sequence[int]) -> None:
        if number != len(self.owners[page]):
            raise ValueError("a mark was not told in its turn")
        match kind:
            case "+":
                self._own(self.last, page, number)
            case "Caption":
                # Its parent is the table that follows.
                self.last = self.caption = self._new("Caption", 0, page)
                self._own(self.caption, page, number)
            case "LI" | "LI+":
                self._item(page, number, opens=kind == "LI")
            case "Table" | "Facts":
                self._table(kind, page, number, others)
            case "Arranged":
                for at in range(others[0]):
                    self.last = self._leaf("P", self.document, page, number + at)
            case "Boxes":
                self._boxes(page, number, others[0])
            case _:
                self.last = self._leaf(kind, self.document, page, number)

    def _new(self, tag: str, parent: int, page: int) -> _Element:
        made = _Element(tag, parent, self.first + 2 + len(self.elements), page)
        self.elements.append(made)
        return made

    def _child(self, tag: str, of: _Element, page: int = -1) -> _Element:
        made = self._new(tag, of.number, page)
        of.kids.append(f"{made.number} 0 R")
        return made

    def _own(self, element: _Element, page: int, number: int) -> None:
        """A marked content is a part of the element."""
        if element.page == page:
            element.kids.append(str(number))
        else:
            element.kids.append(f"<</Type/MCR/Pg {self._page(page)} 0 R/MCID {number}>>")
        self.owners[page].append(element.number)

    def _leaf(self, tag: str, of: _Element, page: int, number: int) -> _Element:
        made = self._child(tag, of, page)
        self._own(made, page, number)
        return made

    def _page(self, page: int) -> int:
        return self.page_object + 2 * page

    def _item(self, page: int, number: int, *, opens: bool) -> None:
        if opens:
            self.list = self._child("L", self.document)
        item = self._child("LI", self.list)
        self._leaf("Lbl", item, page, number)
        self.last = self._leaf("LBody", item, page, number + 1)

    def _table(self, kind: str, page: int, number: int, others: Sequence[int]) -> None:
        flags, heads, rows, columns = others
        goes_on, row_goes_on, headed = flags & 1, flags & 2, flags & 4
        if not goes_on:
            self.table = self._child("Table", self.document)
            if self.caption:
                self.caption.parent = self.table.number
                self.table.kids.append(f"{self.caption.number} 0 R")
                self.caption = None
        if heads:
            self._row(page, number, [(f"TH{COLUMN}", heads)])
            number += heads
        if row_goes_on:
            for at, cell in enumerate(self.cells):
                self._own(cell, page, number + at)
            number, rows, headed = number + columns, rows - 1, 0
        usual = [("TD", columns)] if kind == "Table" else [(f"TH{ROW}", 1), ("TD", columns - 1)]
        for at in range(rows):
            whole = at < rows - 1  # the last row may go on overleaf
            said = [(f"TH{COLUMN}", columns)] if headed and not at else usual
            self._row(page, number, said, whole=whole)
            number += columns

    def _row(
        self, page: int, number: int, said: Sequence[tuple[str, int]], *, whole: bool = True
    ) -> None:
        """A row of so many cells of each kind; its parts may be told later unless it is whole."""
        elements, owners, on = self.elements, self.owners[page], f"/Pg {self._page(page)} 0 R"
        row = self.first + 2 + len(elements)
        self.table.kids.append(f"{row} 0 R")
        count = sum(each for _, each in said)
        cells = range(row + 1, row + 1 + count)
        inside = " ".join([f"{cell} 0 R" for cell in cells])
        elements.append(f"<</S/TR/P {self.table.number} 0 R/K[{inside}]>>")
        owners.extend(cells)
        if whole:
            for tag, each in said:
                begin = f"<</S/{tag}/P {row} 0 R{on}/K "
                elements += [f"{begin}{at}>>" for at in range(number, number + each)]
                number += each
            return
        self.cells = []
        for tag, each in said:
            for at in range(number, number + each):
                cell = self._new(tag, row, page)
                cell.kids.append(str(at))
                self.cells.append(cell)
            number += each

    def _boxes(self, page: int, number: int, count: int) -> None:
        for at in range(count):
            self._leaf("P", self.document, page, number + at)
            if self.fields:
                form = self._child("Form", self.document, page)
                form.kids.append(f"<</Type/OBJR/Obj {self.fields[at]} 0 R>>")
                self.forms.append(form.number)

    # --- as objects -----------------------------------------------------------------------

    def _packed(self) -> Tree:
        bodies = [self._root(), self._parents()]
        bodies += [each if isinstance(each, str) else self._body(each) for each in self.elements]
        offsets = accumulate([len(body) + 1 for body in bodies[:-1]], initial=0)
        pairs = " ".join([f"{number} {at}" for number, at in enumerate(offsets, self.first)])
        content = f"{pairs}\n{chr(10).join(bodies)}\n".encode()
        count = len(bodies)
        return Tree(
            objects.packed(content),
            f"/N {count}/First {len(pairs) + 1}",
            count,
            b"".join([objects.place(2, self.first - 1, at) for at in range(count)]),
        )

    def _root(self) -> str:
        following = len(self.owners) + len(self.forms)
        return (
            f"<</Type/StructTreeRoot/K {self.document.number} 0 R"
            f"/ParentTree {self.first + 1} 0 R/ParentTreeNextKey {following}>>"
        )

    def _parents(self) -> str:
        """Which element each mark of a page belongs to, and each field."""
        pages = [
            f"{page}[{' '.join([f'{number} 0 R' for number in owners])}]"
            for page, owners in enumerate(self.owners)
        ]
        forms = [f"{at} {form} 0 R" for at, form in enumerate(self.forms, len(self.owners))]
        return f"<</Nums[{' '.join([*pages, *forms])}]>>"

    def _body(self, element: _Element) -> str:
        kids = element.kids
        on = "" if element.page < 0 else f"/Pg {self._page(element.page)} 0 R"
        inside = kids[0] if len(kids) == 1 else f"[{' '.join(kids)}]"
        return f"<</S/{element.tag}/P {element.parent} 0 R{on}/K {inside}>>"
