"""The last section of every paper: how to check it without us and without our software."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date

from registers.kernel.words import Text, Words, hour_of, plural, text
from registers.press.paper import Block, Heading, Items, KeyValues, Paper, Paragraph, Stamp
from registers.press.typography import unshown

SNAPSHOT, CHECKPOINT = "snapshot.json", "checkpoint.json"
"""The names of the embedded files."""


def moment(at: datetime, language: str) -> str:
    """An instant in its own zone, with the offset, as people of the language write it."""
    day = day_of(at, language)
    offset = at.strftime("%z")
    zone = f"(UTC{offset[:3]}:{offset[3:5]})"
    hour = hour_of(at, language)
    return f"{day} à {hour} {zone}" if language == "fr" else f"{day}, {hour} {zone}"


def day_of(at: datetime, language: str) -> str:
    """The day of an instant in its own zone, as people of the language write it."""
    return _written(at.date(), language)


@lru_cache(maxsize=64)
def _written(day: date, language: str) -> str:
    written = format_date(day, "long", locale="en_GB" if language == "en" else language)
    return written.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else written


def colophon(paper: Paper, stamp: Stamp, digest: str) -> tuple[Block, ...]:
    """The section as blocks in the paper's language.

    Args:
        paper: the paper it closes.
        stamp: when it was issued, and where the journal stood then.
        digest: the SHA-256 of the embedded snapshot, in hexadecimal.
    """
    words = Words(paper.language)
    blocks: list[Block] = [
        Heading(words.say(text("How to check this document without us"))),
        KeyValues(tuple((words.say(what), is_) for what, is_ in _facts(stamp, digest, words))),
    ]
    missing = unshown("\n".join(paper.texts()))
    if missing:
        blocks.append(Paragraph(words.say(_missing(missing)), "note"))
    sealed, registered = not paper.draft, stamp.checkpoint is not None
    blocks.append(_steps(words.language, sealed=sealed, registered=registered))
    return tuple(blocks)


def _facts(stamp: Stamp, digest: str, words: Words) -> list[tuple[Text, str]]:
    facts = [
        (text("Prepared"), moment(stamp.prepared_at, words.language)),
        (text("SHA-256 of {file}", file=SNAPSHOT), digest),
    ]
    if stamp.number:
        facts.insert(0, (text("Number"), stamp.number))
    if stamp.checkpoint:
        at = stamp.checkpoint
        entries = plural("{count} entry, {at}", "{count} entries, {at}", at["size"], at=at["at"])
        facts += [
            (text("Journal at that moment"), words.say(entries)),
            (text("Its last hash"), at["head"]),
            (text("Key of the checkpoint (Ed25519)"), at["key"]),
            (text("Signature of the checkpoint"), at["signature"]),
        ]
    return facts


def _missing(count: int) -> Text:
    return plural(
        "{count} character that the typeface lacks is shown as \N{REPLACEMENT CHARACTER}; "
        "the embedded data have it.",
        "{count} characters that the typeface lacks are shown as \N{REPLACEMENT CHARACTER}; "
        "the embedded data have them.",
        count,
    )


@lru_cache(maxsize=16)
def _steps(language: str, *, sealed: bool, registered: bool) -> Items:
    """What to do, step by step; where it carries a checkpoint, the journal can be checked too."""
    steps = list(_told(sealed=sealed, registered=registered))
    return Items(tuple(map(Words(language).say, steps)), numbered=len(steps) > 1)


def _told(*, sealed: bool, registered: bool) -> Iterator[Text]:
    data = text(
        "The data: this document was typeset from {file}, which it carries "
        "(pdfdetach -saveall FILE.pdf). The SHA-256 of that file must be the one above.",
        file=SNAPSHOT,
    )
    if not sealed:
        yield data
        return
    yield from (
        text(
            "The seal: open the file in any PDF reader with a signature panel, or run "
            "pdfsig FILE.pdf. It names who sealed or signed the document and says whether it "
            "was changed since."
        ),
        data,
        text(
            "Both at once, with the free software: greffe verify FILE.pdf --trust CA.pem, where "
            "CA.pem is the certificate of the authority that you trust."
        ),
    )
    if registered:
        yield text(
            "The register: ask for the export of the journal and its stand-alone verifier, "
            "and run it with the checkpoint that this document carries: python3 verifier.py "
            "JOURNAL.jsonl --checkpoint {file} --key KEY.pem. It shows whether any entry "
            "made before this document was rewritten.",
            file=CHECKPOINT,
        )
