"""The security annex of the contract, in its five families (contract 001 §7.5.8)."""

from collections.abc import Iterator, Sequence

from registers.activities.vocabulary import ARTICLE_32, Family
from registers.annexes.papers.telling import Teller, mark
from registers.annexes.shapes import ContractSnapshot, Protecting
from registers.controllers.vocabulary import Hosting
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, Items, Paragraph, Table

WHO_ANSWERS = text("Measures, and who answers for each according to where the software runs")


def scope(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Which contract and activities it is about, and where the software runs."""
    yield Heading(words.say(text("Scope")), 1)
    tell = Teller(words)
    names = {each.code: each.known.name for each in snapshot.activities}
    for service in snapshot.contract.known.services:
        where = words.say(service.hosting.says) if service.hosting else "–"
        tell.rows.append((f"{service.code} – {names.get(service.code, mark(words))}", where))
    if not tell.rows:
        yield Paragraph(mark(words))
        return
    yield Paragraph(words.say(text("Activities of the contract, and where the software runs:")))
    yield tell.block()


def families(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Each family with its measures; one without is said to lack them."""
    used = {each.hosting for each in snapshot.contract.known.services}
    modes = [mode for mode in Hosting if mode in used]
    for family in Family:
        yield Heading(words.say(family.says), 1)
        held = [each for each in snapshot.measures if each.known.family is family]
        if not held:
            yield Paragraph(mark(words))
            continue
        yield Table(
            columns=(
                Column(words.say(text("Measure")), 3),
                Column(words.say(text("Description")), 6),
                Column(words.say(text("Art. 32(1)")), 1.7),
                *(Column(words.say(mode.says), 2.4) for mode in modes),
            ),
            rows=tuple(_measure(each, modes, words) for each in held),
            caption=words.say(WHO_ANSWERS) if modes else "",
        )


def _measure(each: Protecting, modes: Sequence[Hosting], words: Words) -> tuple[str, ...]:
    known = each.known
    answers = {answer.hosting: answer.answerer.says for answer in known.responsibilities}
    return (
        known.name,
        known.description or mark(words),
        ", ".join(known.articles) or mark(words),
        *(words.say(answers[mode]) if mode in answers else "–" for mode in modes),
    )


def letters(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:  # noqa: ARG001 a section
    """What the letters in the tables stand for."""
    yield Heading(words.say(text("Letters of Art. 32(1)")), 1)
    yield Items(tuple(f"{letter}) {words.say(asks)}" for letter, asks in ARTICLE_32.items()))


SECTIONS = (scope, families, letters)
