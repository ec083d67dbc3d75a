"""How an entry of the journal is told to people."""

import json
from typing import Any

from flask_babel import gettext as _

from app.languages import say
from registers.annexes.papers.journal_extract import HEADS
from registers.kernel.audit import KINDS, Entry


def entry_words(entry: Entry) -> str:
    """What an entry says, with the fields that changed."""
    kind = KINDS.get(entry.kind)
    words = say(kind.says) if kind else entry.kind
    facts = json.loads(entry.facts)
    if isinstance(facts.get("changed"), list):  # of an import it says how many
        head = HEADS.get(entry.about.partition(":")[0])
        names = [say(head.facts_type.name_of(name)) if head else name for name in facts["changed"]]
        words += " " + _("(version %(number)s)", number=facts["number"])
        if facts["number"] > 1 and names:
            words += _(":") + " " + ", ".join(names)
    return words


def facts_of(entry: Entry) -> list[tuple[str, str]]:
    """The declared facts of an entry, as it holds them."""
    return [(name, _written(value)) for name, value in json.loads(entry.facts).items()]


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
