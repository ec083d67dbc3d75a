"""Texts and their translations: finds the texts, updates the catalogues, tells what is missing.

Run as `make catalogues` after new texts were written; the tests use the same functions.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LANGUAGES = ("fr",)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a date in the header would change with every run
KEYWORDS = {
    "registers": {"text": None, "plural": (1, 2), "titled": (1,)},
    "app": {
        "_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "_l": None,
        "lazy_gettext": None,
        "lazy_ngettext": (1, 2),
    },
}
DOMAINS = {"registers": "registers", "app": "messages"}
SOURCES = {"registers": ["registers", "app"], "app": ["app", "templates"]}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]


def found(part: str) -> Catalog:
    """All texts that a part of the program speaks in."""
    catalogue = Catalog(project="Greffe", charset="utf-8")
    for source in SOURCES[part]:
        extracted = extract_from_dir(
            ROOT / source, METHODS, keywords=KEYWORDS[part], strip_comment_tags=True
        )
        for name, line, message, comments, context in extracted:
            place = f"{source}/{name}"
            catalogue.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return catalogue


def path_of(part: str, language: str) -> Path:
    """Where a catalogue is kept."""
    return ROOT / part / "translations" / language / "LC_MESSAGES" / f"{DOMAINS[part]}.po"


def kept(part: str, language: str) -> Catalog:
    """The catalogue as it is."""
    path = path_of(part, language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(part: str, language: str) -> list[str]:
    """Adds new texts, drops those no longer used; gives those that wait for a translation."""
    catalogue = kept(part, language)
    catalogue.update(found(part), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# Translations of Greffe."
    catalogue.creation_date = catalogue.revision_date = EPOCH
    written = io.BytesIO()
    write_po(
        written, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False
    )
    path = path_of(part, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written.getvalue())
    return untranslated(catalogue)


def untranslated(catalogue: Catalog) -> list[str]:
    """Texts without words in this language, or whose words are doubtful."""
    return [
        str(message.id)
        for message in catalogue
        if message.id
        and (
            message.fuzzy
            or not message.string
            or (isinstance(message.string, tuple) and not all(message.string))
        )
    ]


if __name__ == "__main__":
    from hatch_build import compile_catalogues

    missing = [
        text for part in DOMAINS for language in LANGUAGES for text in update(part, language)
    ]
    compile_catalogues(ROOT)
    print("\n".join(missing) or "every text is translated")  # noqa: T201 a command
    sys.exit(bool(missing))
