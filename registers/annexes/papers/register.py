"""The register of one controller, Art. 30(2), with what the contract adds to it."""

from collections.abc import Iterator

from registers.annexes.papers import activities, parties, protection
from registers.annexes.papers.telling import beside, mark, term
from registers.annexes.shapes import Agreed, RegisterSnapshot
from registers.kernel.showing import shown
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, Paragraph, Table


def both_parties(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    """Who processes, and for whom."""
    yield Heading(words.say(text("Parties")), 1)
    yield Heading(words.say(text("Processor")), 2)
    yield parties.organisation(snapshot.organisation, words)
    yield Heading(words.say(text("Controller")), 2)
    yield parties.controller(snapshot.controller, snapshot.code, snapshot.persons, words)


def contracts(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    """Under which contracts."""
    yield Heading(words.say(text("Contracts in force")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Reference")), 2.2),
            Column(words.say(text("Subject-matter")), 3),
            Column(words.say(text("Signed on")), 1.4),
            Column(words.say(text("Term")), 2.2),
            Column(words.say(text("Activities")), 2.6),
        ),
        rows=tuple(_contract(agreed, words) for agreed in snapshot.contracts),
        empty=words.say(text("No contract was in force on that day.")),
    )


def _contract(agreed: Agreed, words: Words) -> tuple[str, ...]:
    known = agreed.known
    services = "\n".join(
        beside(service.code, shown(service.hosting, words)) for service in known.services
    )
    signed = f"{known.signed_on:%d/%m/%Y}" if known.signed_on else mark(words)
    runs = term(known.starts_on, known.ends_on, words)
    return (agreed.reference, known.title, signed, runs, services or mark(words))


def processing(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    """What is done."""
    yield Heading(words.say(text("Processing activities")), 1)
    if not snapshot.activities:
        yield Paragraph(words.say(text("No activity was carried out on that day.")))
    yield from activities.described(
        snapshot.activities, snapshot.subprocessors, snapshot.measures, words
    )


def subprocessors(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    """With whose help."""
    yield Heading(words.say(text("Sub-processors")), 1)
    yield protection.subprocessors(snapshot.subprocessors, words)


def measures(snapshot: RegisterSnapshot, words: Words) -> Iterator[Block]:
    """How the data are protected."""
    yield Heading(words.say(text("Technical and organisational measures")), 1)
    yield from protection.measures(snapshot.measures, words)


SECTIONS = (both_parties, contracts, processing, subprocessors, measures)
