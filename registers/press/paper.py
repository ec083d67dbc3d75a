"""What stands on a paper, not how it looks: blocks of text, in the paper's language already.

Every string is text and never markup. A renderer turns a paper into pages; there may be
several renderers, and all must show the same words in the same order. A new form of paper is a
new sequence of blocks; a new block is one class here and one case in each renderer.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from registers.press.house_style import DEFAULT, HouseStyle

PROCESSOR_FIELD = "sig_sous_traitant"
"""The signature field that the processor seals first; it certifies the paper."""

CONTROLLER_FIELD = "sig_controleur"
"""The signature field left empty for the controller, who may countersign."""


ANCHOR = "#signature1#"
"""The text that marks the place of the signatures in the forms of contracts (contract 001).

A paragraph that says nothing else is that place: it gives way to the signature fields.
"""

MOST_COLUMNS = 16


class Heading(msgspec.Struct, frozen=True, tag=True):
    """The title of what follows; it also stands in the outline."""

    text: str
    level: Literal[1, 2, 3] = 1


class Paragraph(msgspec.Struct, frozen=True, tag=True):
    """Running text; line feeds begin new lines.

    `note` is small and grey, for what is said beside the matter; `warning` stands in a frame.
    """

    text: str
    style: Literal["body", "note", "warning"] = "body"


class KeyValues(msgspec.Struct, frozen=True, tag=True):
    """Facts, each a label and its value; a value may have several lines."""

    rows: tuple[tuple[str, str], ...]


class Column(msgspec.Struct, frozen=True):
    """A column of a table: its heading, its width relative to the others, its alignment."""

    header: str
    width: float = 1.0
    align: Literal["left", "right"] = "left"


class Table(msgspec.Struct, frozen=True, tag=True):
    """Rows of cells under headings that are repeated on each page.

    `empty` is the sentence that stands in place of the rows where there are none.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    empty: str = ""

    def __post_init__(self) -> None:
        """Refuses rows that do not fit the columns: a cell would be lost or stand wrongly."""
        if not 1 <= len(self.columns) <= MOST_COLUMNS:
            raise ValueError(f"a page holds 1 to {MOST_COLUMNS} columns")
        if any(column.width <= 0 for column in self.columns):
            raise ValueError("a column is wider than nothing")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(self.columns)} columns, but a row of {len(row)} cells")


class Items(msgspec.Struct, frozen=True, tag=True):
    """A list; numbered where the order matters."""

    items: tuple[str, ...]
    numbered: bool = False


class Signatures(msgspec.Struct, frozen=True, tag=True):
    """The place of the visible signatures: the processor's, and the controller's if it signs.

    Each is named by its label and holds three lines: by whom, when, in what quality.
    """

    left: str
    right: str = ""


class Letter(msgspec.Struct, frozen=True):
    """How a paper begins that is sent as a letter: from whom, to whom, under which references.

    Its number is our reference, the day of its stamp its date, the title of the paper its
    subject. Salutation, text and closing are paragraphs like others.

    Attributes:
        sender: the name of the sender, then its address and how it is reached; a line each.
        recipient: name and address as on an envelope, a line each.
        place: where it is written.
        yours: the recipient's own reference, where it gave one.
        ours: what our reference says beside the number: a contract, say.
    """

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    place: str = ""
    yours: str = ""
    ours: str = ""

    def __post_init__(self) -> None:
        """Refuses a letter from nobody or to nobody."""
        if not "".join(self.sender).strip() or not "".join(self.recipient).strip():
            raise ValueError("a letter has a sender and a recipient")

    def texts(self) -> Iterator[str]:
        """Its strings in reading order."""
        yield from (*self.sender, *self.recipient, self.yours, self.ours, self.place)


Block = Heading | Paragraph | KeyValues | Table | Items | Signatures


class Paper(msgspec.Struct, frozen=True):
    """A whole paper, before it is numbered and dated (see `Stamp`).

    Attributes:
        kind: what it is, in the words of the code (`controller_register`).
        title: what it is, in words; also the title of the file.
        language: `fr` or `en`.
        organisation: who issues it.
        blocks: what stands on it, in reading order; at most one is `Signatures`.
        subtitle: whom or what it concerns.
        on: the day whose state of the registers it shows, where it shows one.
        lead: lines under the title: parties, references.
        draft: marked on every page as of no effect; has no field to sign in.
        letter: makes a letter of it; its title is then the subject, its subtitle is not printed
            (the address says it), and how to check it stands on a page of its own.
    """

    kind: str
    title: str
    language: Literal["fr", "en"]
    organisation: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    on: date | None = None
    lead: tuple[str, ...] = ()
    draft: bool = False
    letter: Letter | None = None

    def __post_init__(self) -> None:
        """Refuses a paper without a name, and a second place for the signatures."""
        if not self.title.strip() or not self.organisation.strip():
            raise ValueError("a paper has a title and an issuer")
        if sum(isinstance(block, Signatures) for block in self.blocks) > 1:
            raise ValueError("a paper has one place for signatures")

    def texts(self) -> Iterator[str]:
        """All strings in reading order."""
        yield self.organisation
        if self.letter:
            yield from self.letter.texts()
        yield from (self.title, self.subtitle, *self.lead)
        for block in self.blocks:
            yield from texts(block)


class Stamp(msgspec.Struct, frozen=True):
    """What a paper gets when it is issued.

    Attributes:
        number: by which people quote it; empty on a draft.
        prepared_at: an aware instant; it is shown in its own zone.
        checkpoint: the signed end of the journal at that moment, as `audit.Checkpoint.as_json`
            gives it (size, head, at, key, signature); None where there is none.
        test: whether a test identity will seal it: every page says that it has no legal value.
        style: the look of the house in which it is set; the paper states its digest.
    """

    number: str
    prepared_at: datetime
    checkpoint: dict[str, Any] | None = None
    test: bool = False
    style: HouseStyle = DEFAULT

    def __post_init__(self) -> None:
        """Refuses an instant without an offset: it would be another one on another machine."""
        if self.prepared_at.tzinfo is None:
            raise ValueError("prepared_at has no offset")


def texts(block: Block) -> Iterator[str]:
    """The strings of a block in reading order."""
    match block:
        case Heading() | Paragraph():
            yield block.text
        case KeyValues():
            for label, value in block.rows:
                yield from (label, value)
        case Table():
            yield block.caption
            yield from (column.header for column in block.columns)
            for row in block.rows:
                yield from row
            if not block.rows:
                yield block.empty
        case Items():
            yield from block.items
        case Signatures():
            yield from (block.left, block.right)
