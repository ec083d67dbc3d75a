"""The whole register of the organisation, as the authority is shown it: Art. 30(2) and 30(4)."""

from collections.abc import Iterator

from registers.activities.vocabulary import ActivityRole
from registers.annexes.papers import activities, parties, protection
from registers.annexes.papers.telling import (
    ADDRESS,
    beside,
    lacking,
    mark,
    postal,
    qualified,
    stacked,
)
from registers.annexes.shapes import Served, WholeSnapshot
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Column, Heading, Paragraph, Table


def processor(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """Who keeps the register, Art. 30(2)(a)."""
    yield Heading(words.say(text("Processor")), 1)
    yield parties.organisation(snapshot.organisation, words)


def controllers(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """Each controller for whom it acts, and what is carried out for it, Art. 30(2)(a) and (b)."""
    yield Heading(words.say(text("Controllers on whose behalf the processor acts")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Controller, address, representative")), 4.4),
            Column(words.say(parties.DPO), 3.6),
            Column(words.say(text("Contracts")), 2.2),
            Column(words.say(text("Activities")), 1.6),
        ),
        rows=tuple(_controller(each, words) for each in snapshot.controllers),
        empty=words.say(text("The processor acted for nobody on that day.")),
    )


def _controller(each: Served, words: Words) -> tuple[str, ...]:
    known = each.known
    signs = qualified(known.representative, known.representative_quality)
    gap = lacking(known, words, *ADDRESS, "representative", "representative_quality")
    reached = next((person.email for person in each.persons if person.email), "")
    codes = dict.fromkeys(
        service.code for agreed in each.contracts for service in agreed.known.services
    )
    return (
        stacked(
            beside(known.name, each.code),
            postal(known, words).replace("\n", ", "),
            beside(known.phone, reached),
            signs,
            known.eu_representative,
            gap,
        ),
        parties.officers(each.persons, known, words),
        stacked(*(agreed.reference for agreed in each.contracts)) or mark(words),
        ", ".join(codes) or mark(words),
    )


def on_behalf(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """The categories of processing carried out for controllers, Art. 30(2)(b) to (d)."""
    title = text("Processing carried out on behalf of controllers (Art. 30(2))")
    yield from _activities(snapshot, words, title, own=False)


def own(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """What it processes as a controller itself, Art. 30(1): one register, two capacities."""
    if any(each.known.role is not ActivityRole.PROCESSOR for each in snapshot.activities):
        title = text("Processing of which the organisation is itself controller (Art. 30(1))")
        yield from _activities(snapshot, words, title, own=True)


def _activities(
    snapshot: WholeSnapshot, words: Words, title: Text, *, own: bool
) -> Iterator[Block]:
    yield Heading(words.say(title), 1)
    shown = [
        each
        for each in snapshot.activities
        if (each.known.role is not ActivityRole.PROCESSOR) is own
    ]
    if not shown:
        yield Paragraph(words.say(text("No activity was carried out on that day.")))
    yield from activities.described(shown, snapshot.subprocessors, snapshot.measures, words)


def subprocessors(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """All that are engaged."""
    yield Heading(words.say(text("Sub-processors")), 1)
    yield protection.subprocessors(snapshot.subprocessors, words)


def measures(snapshot: WholeSnapshot, words: Words) -> Iterator[Block]:
    """The general description of measures, Art. 30(2)(d)."""
    yield Heading(words.say(text("Technical and organisational measures")), 1)
    yield from protection.measures(snapshot.measures, words)


SECTIONS = (processor, controllers, on_behalf, own, subprocessors, measures)
