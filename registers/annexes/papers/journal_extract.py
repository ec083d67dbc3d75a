"""An extract of the journal: what was done in some days, and how to check that it is so.

Facts only: the values that describe persons stand beside the chain and are not part of it.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from registers.activities.models import Activity, Measure
from registers.annexes.papers.telling import Teller, stacked
from registers.annexes.shapes import ExtractSnapshot, Recorded
from registers.announcements.models import Announcement
from registers.breaches.models import Breach, OwnCase
from registers.controllers.models import Contact, Contract, Controller, Organisation, TermsModel
from registers.kernel.audit import AT, KINDS
from registers.kernel.history import FIELDS, Head
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Column, Heading, Items, Paragraph, Table
from registers.subprocessors.models import Subprocessor

HEADS: dict[str, type[Head[Any]]] = {
    model.__tablename__: model
    for model in (
        *(Organisation, Controller, Contact, Contract, TermsModel),
        *(Subprocessor, Activity, Measure, Announcement, Breach, OwnCase),
    )
}
"""Whose fields an entry names when it says what changed."""

DOSSIERS: dict[str, Text] = {
    "organisation": text("Organisation"),
    "controller": text("Controller"),
    "contact": text("Point of contact"),
    "contract": text("Contract"),
    "terms_model": text("Model of terms"),
    "subprocessor": text("Sub-processor"),
    "activity": text("Activity"),
    "measure": text("Measure"),
    "announcement": text("Announcement"),
    "announced_change": text("Announced change"),
    "announced_case": text("Announced change under a contract"),
    "objection_window": text("Window to object"),
    "objection": text("Objection"),
    "breach": text("Breach"),
    "breach_own": text("Our own file of a breach"),
    "breach_follow_up": text("Lesson or measure after a breach"),
    "notice": text("Notice"),
    "matter": text("Contract told of"),
    "dispatch": text("Message or letter"),
    "annex": text("Annex"),
    "user": text("Account"),
    "checkpoint": text("Checkpoint"),
}
"""What the tables that entries are about are called."""

SHORT = 16
"""Digits of a hash that a table has room for; the embedded data have all 64."""


def scope(snapshot: ExtractSnapshot, words: Words) -> Iterator[Block]:
    """Which days and which dossier."""
    yield Heading(words.say(text("What this extract shows")), 1)
    tell = Teller(words)
    days = text("from {since} to {until}, both included", since=snapshot.since, until=snapshot.on)
    tell.row(text("Days"), words.say(days))
    tell.row(text("Time zone of the days"), snapshot.zone)
    everything = words.say(text("all dossiers"))
    dossier = f"{snapshot.code} – {snapshot.name}" if snapshot.code else everything
    tell.row(text("Dossier"), dossier)
    tell.row(text("Number of entries"), str(len(snapshot.entries)))
    yield tell.block()
    yield Paragraph(
        words.say(
            text(
                "The entries are shown with their declared facts. The values that describe "
                "persons stand beside the journal, which holds only a commitment to them; they "
                "are not part of this extract. Instants are in UTC, as the journal holds them."
            )
        ),
        "note",
    )


def entries(snapshot: ExtractSnapshot, words: Words) -> Iterator[Block]:
    """The entries, in order."""
    yield Heading(words.say(text("Entries")), 1)
    yield Table(
        columns=(
            Column(words.say(text("No.")), 1, "right"),
            Column(words.say(text("Instant (UTC)")), 2.4),
            Column(words.say(text("By")), 2),
            Column(words.say(text("Act")), 5),
            Column(words.say(text("Hash (beginning)")), 2.4),
        ),
        rows=tuple(_entry(each, words) for each in snapshot.entries),
        empty=words.say(text("The journal has no entry for these days.")),
    )


def _entry(each: Recorded, words: Words) -> tuple[str, ...]:
    kind = KINDS.get(each.kind)
    said = words.say(kind.says) if kind else each.kind
    at = datetime.strptime(each.at, AT)  # noqa: DTZ007 shown as the journal holds it
    return (
        str(each.number),
        f"{at:%d/%m/%Y %H:%M:%S}",
        _actor(each.actor, words),
        stacked(said, _about(each.about, words), *_facts(each, words)),
        each.hash[:SHORT],
    )


def _actor(reference: str, words: Words) -> str:
    table, _, key = reference.partition(":")
    known = {
        "console": text("the command line"),
        "visitor": text("a visitor"),
        "worker": text("the background work"),
    }
    if table in known:
        return words.say(known[table])
    return words.say(text("account {key}", key=key[:8])) if key else reference


def _about(name: str, words: Words) -> str:
    table, _, key = name.partition(":")
    return f"{words.say(DOSSIERS.get(table, table))} {key[:8]}"


def _facts(each: Recorded, words: Words) -> Iterator[str]:
    """The declared facts; of a version its number, its day and, if not the first, its changes."""
    facts = json.loads(each.facts)
    head = HEADS.get(each.about.partition(":")[0])
    if head and set(facts) == set(FIELDS):
        since = date.fromisoformat(facts["effective_from"])
        told = text(
            "version {number}, in effect since {since}", number=facts["number"], since=since
        )
        yield words.say(told)
        if facts["number"] > 1:
            fields = [words.say(head.facts_type.name_of(field)) for field in facts["changed"]]
            yield words.say(text("changed: {fields}", fields=", ".join(fields)))
        return
    for name, value in facts.items():
        yield f"{name} = {_short(value)}"


def _short(value: object) -> str:
    written = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{written[:SHORT]}…" if len(written) == 64 else written  # noqa: PLR2004 a SHA-256


def checking(snapshot: ExtractSnapshot, words: Words) -> Iterator[Block]:  # noqa: ARG001 a section
    """How an outsider checks each entry, and that none was rewritten since."""
    yield Heading(words.say(text("How to check this extract")), 1)
    steps = (
        text(
            "Each entry by itself: take it from snapshot.json, which this document carries. The "
            "SHA-256 of the JSON list [previous, number, act, at, actor, kind, about, within, "
            "facts, commitment], written in UTF-8 without spaces, must be its hash."
        ),
        text(
            "Its place in the journal: ask for the whole export and run the stand-alone verifier "
            "with the checkpoint that this document carries (see below). The line of the same "
            "number must have the same hash."
        ),
        text(
            "That nothing was left out: in the export, look for all entries of these days and of "
            "this dossier (about or within); there must be as many as this extract has."
        ),
    )
    yield Items(tuple(map(words.say, steps)), numbered=True)


SECTIONS = (scope, entries, checking)
