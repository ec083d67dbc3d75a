"""The first file of every archive of proof: what is in it, and how to check it without us.

An authority reads it in its own language: it stands in all of them, that of the asker first.
The names of files and what is typed are the same in each.
"""

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from registers.kernel.words import LANGUAGES, Text, Words, text

NAME = "README.txt"
WIDTH = 98
"""The characters of a line; commands are not broken."""

PROVEN = "python3 verifier.py journal.jsonl --checkpoint checkpoint.json --key checkpoint-key.pem"
"""What whoever checks types: the arguments are those of `kernel.standalone`."""

CHECKING = text("To check without us, with Python and nothing else:")
LINES_KEPT = text("Each line of an entries.jsonl must be in journal.jsonl, letter for letter.")
DIGESTS = text("The SHA-256 of each document is in the file that names it.")
SIGNED = text("Any reader of PDF shows the signatures of the annexes.")


class Listed(NamedTuple):
    """Files of an archive, and what they hold."""

    head: Text | None
    """Said before them; None for those that the title introduces."""
    files: Sequence[tuple[str, Text]]


class Readme(NamedTuple):
    """What is said of an archive, in any language."""

    title: Text
    parts: Sequence[Listed]
    notes: Sequence[Text] = ()
    checks: Sequence[Text] = (LINES_KEPT, DIGESTS)
    """What is checked beside the journal."""


def written(readme: Readme, language: str) -> bytes:
    """The file: in this language, then in the others."""
    first = Words(language).language
    others = [each for each in LANGUAGES if each != first]
    rule = "\n" + "-" * WIDTH + "\n\n"
    return rule.join("".join(_lines(readme, Words(each))) for each in (first, *others)).encode()


def _lines(readme: Readme, words: Words) -> Iterable[str]:
    width = 2 + max(len(name) for part in readme.parts for name, _ in part.files)
    yield _wrapped(words.say(readme.title))
    for part in readme.parts:
        yield "\n"
        if part.head:
            yield _wrapped(words.say(part.head))
        for name, says in part.files:
            yield _wrapped(words.say(says), f"  {name:<{width}}", " " * (width + 2))
    for note in readme.notes:
        yield "\n" + _wrapped(words.say(note))
    yield "\n" + _wrapped(words.say(CHECKING)) + f"  {PROVEN}\n"
    for check in readme.checks:
        yield _wrapped(words.say(check), "  ", "  ")


def _wrapped(said: str, first: str = "", others: str = "") -> str:
    lines = textwrap.wrap(
        said,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) + "\n"
