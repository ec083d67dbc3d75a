"""What all letters to a controller share: who writes to whom, how one begins and ends."""

from collections.abc import Iterator

from registers.annexes.letters import Letter as Told
from registers.annexes.papers.telling import beside, postal
from registers.annexes.shapes import ContractSnapshot, RegisterSnapshot, Snapshot
from registers.controllers.facts import Organisation
from registers.kernel.words import Words, text
from registers.notices.reaching import envelope
from registers.press.paper import Block, Letter, Paragraph

Concerning = RegisterSnapshot | ContractSnapshot
"""A snapshot that is about one controller."""


def to_controller(snapshot: Concerning, words: Words) -> Letter:
    """A letter of the organisation to a controller, about a contract where there is one."""
    ours, theirs = snapshot.organisation, snapshot.controller
    agreed = snapshot.contract.reference if isinstance(snapshot, ContractSnapshot) else ""
    return Letter(
        sender=sender(ours, words),
        recipient=envelope(theirs, ours.country, words),
        place=ours.city,
        ours=words.say(text("contract {reference}", reference=agreed)) if agreed else "",
    )


def to_recipient(snapshot: Told, words: Words) -> Letter:
    """A letter of the organisation to whom a notice is addressed."""
    return Letter(
        sender=sender(snapshot.organisation, words),
        recipient=snapshot.lines,
        place=snapshot.organisation.city,
        ours=beside(snapshot.number, snapshot.subject),
    )


def salutation(_snapshot: Snapshot, words: Words) -> Iterator[Block]:
    """How a letter begins."""
    yield Paragraph(words.say(text("Dear Sir or Madam,")))


def closing(_snapshot: Snapshot, words: Words) -> Iterator[Block]:
    """How a letter ends, above the place of the signature."""
    yield Paragraph(words.say(text("Yours faithfully,")))


def sender(ours: Organisation, words: Words) -> tuple[str, ...]:
    """Who writes, and how it is reached."""
    return (ours.name, *postal(ours, words).split("\n"), ours.phone, ours.email)
