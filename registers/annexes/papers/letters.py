"""What all letters to a controller share: who writes to whom, how one begins and ends."""

from collections.abc import Iterator

from registers.annexes.papers.telling import postal, qualified
from registers.annexes.shapes import ContractSnapshot, RegisterSnapshot
from registers.controllers.facts import Controller, Organisation
from registers.kernel.identifiers import country_name
from registers.kernel.words import Words, text
from registers.press.paper import Block, Letter, Paragraph

Concerning = RegisterSnapshot | ContractSnapshot
"""A snapshot that is about one controller."""


def to_controller(snapshot: Concerning, words: Words) -> Letter:
    """A letter of the organisation to a controller, about a contract where there is one."""
    ours, theirs = snapshot.organisation, snapshot.controller
    agreed = snapshot.contract.reference if isinstance(snapshot, ContractSnapshot) else ""
    return Letter(
        sender=sender(ours, words),
        recipient=_recipient(theirs, ours.country, words),
        place=ours.city,
        ours=words.say(text("contract {reference}", reference=agreed)) if agreed else "",
    )


def salutation(_snapshot: Concerning, words: Words) -> Iterator[Block]:
    """How a letter begins."""
    yield Paragraph(words.say(text("Dear Sir or Madam,")))


def closing(_snapshot: Concerning, words: Words) -> Iterator[Block]:
    """How a letter ends, above the place of the signature."""
    yield Paragraph(words.say(text("Yours faithfully,")))


def sender(ours: Organisation, words: Words) -> tuple[str, ...]:
    """Who writes, and how it is reached."""
    return (ours.name, *postal(ours, words).split("\n"), ours.phone, ours.email)


def _recipient(theirs: Controller, from_country: str, words: Words) -> tuple[str, ...]:
    """The lines of the envelope: the place in capitals; the country last, if it is another."""
    lines = [theirs.name]
    if theirs.representative:
        who = qualified(theirs.representative, theirs.representative_quality)
        lines.append(words.say(text("For the attention of: {who}", who=who)))
    lines += theirs.address.split("\n")
    lines.append(f"{theirs.postcode} {theirs.city}".strip().upper())
    if theirs.country != from_country:
        lines.append(country_name(theirs.country, words.language).upper())
    return tuple(filter(None, lines))
