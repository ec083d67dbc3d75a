"""What a paper says of itself and what it carries, read back from the file."""

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import msgspec
from pyhanko.pdf_utils.generic import DictionaryObject, NullObject, StreamObject
from pyhanko.pdf_utils.metadata import xmp_xml

from registers.press.archive import NAMESPACE
from registers.press.colophon import SNAPSHOT

DEEPEST = 16
"""Levels of a tree of names that are followed."""


class Snapshot(msgspec.Struct, frozen=True):
    """The data that a paper was typeset from.

    Attributes:
        stated: the SHA-256 that the paper states, in hexadecimal.
        found: that of the embedded data; None where there are none, or several that differ.
        matches: whether these are the same.
        signed: whether statement and data stand as they did when the first signature was made.
    """

    stated: str
    found: str | None
    matches: bool
    signed: bool


def snapshot(signed: DictionaryObject | None, current: DictionaryObject) -> Snapshot | None:
    """Compares the data with the statement; None for a document that states nothing.

    Args:
        signed: the catalogue at the first signature, None where there is none.
        current: the catalogue as it is now.
    """
    stated = statement(signed if signed is not None else current).get("snapshot")
    if stated is None:
        return None
    found = _digest(current)
    unchanged = (
        signed is not None and statement(current) == statement(signed) and found == _digest(signed)
    )
    return Snapshot(stated, found, found == stated, unchanged)


def statement(root: DictionaryObject) -> dict[str, str]:
    """Our own properties in the metadata (see `archive`), and the title."""
    metadata = entry(root, "/Metadata")
    if not isinstance(metadata, StreamObject):
        return {}
    try:
        parts = xmp_xml.parse_xmp(io.BytesIO(metadata.data))
    except ValueError:
        return {}
    return {
        name.local_name: _words(value.value)
        for part in parts
        for name, value in part
        if name.ns.rstrip("#/") == NAMESPACE.rstrip("#/") or name.local_name == "title"
    }


def _words(value: Any) -> str:
    """The text of a property; of an alternative in several languages, the first."""
    entries = getattr(value, "entries", None)
    return _words(entries[0].value) if entries else str(value)


def _digest(root: DictionaryObject) -> str | None:
    digests = {hashlib.sha256(content).hexdigest() for content in _contents(root)}
    return digests.pop() if len(digests) == 1 else None


def _contents(root: DictionaryObject) -> Iterator[bytes]:
    """Every embedded file that bears the snapshot's name, wherever a reader may look for it."""
    names = entry(entry(root, "/Names"), "/EmbeddedFiles")
    for specification in [*(entry(root, "/AF") or ()), *_named(names, DEEPEST)]:
        file = specification.get_object()
        if SNAPSHOT in {entry(file, "/F"), entry(file, "/UF")}:
            for stream in file["/EF"].values():
                yield stream.get_object().data


def _named(node: Any, depth: int) -> Iterator[Any]:
    if node is None or not depth:
        return
    yield from list(entry(node, "/Names") or ())[1::2]
    for kid in entry(node, "/Kids") or ():
        yield from _named(kid.get_object(), depth - 1)


def entry(dictionary: Any, key: str) -> Any:
    """What stands under the key, wherever in the file it is; None where nothing does."""
    if dictionary is None or key not in dictionary:
        return None
    # Not dictionary[key]: pyHanko then makes of metadata an object that has no history.
    found = dictionary.raw_get(key).get_object()
    return None if isinstance(found, NullObject) else found
