"""Sub-processors and measures as tables."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from registers.activities.facts import Measure
from registers.annexes.papers.telling import (
    ADDRESS,
    beside,
    lacking,
    mark,
    postal,
    qualified,
    stacked,
    transferred,
)
from registers.annexes.shapes import Engaged, Protecting
from registers.kernel.identifiers import country_name
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Column, Heading, Paragraph, Table
from registers.subprocessors.facts import Subprocessor


def subprocessors(engaged: Sequence[Engaged], words: Words) -> Table:
    """Sub-processors with all that is known of them."""
    return Table(
        columns=(
            Column(words.say(text("Name, address and contact person")), 4),
            Column(words.say(text("Sub-processed activities")), 4),
            Column(words.say(text("Sites")), 3),
            Column(words.say(text("Contract and transfers")), 3),
        ),
        rows=tuple(_subprocessor(each, words) for each in engaged),
        empty=words.say(text("No sub-processor is used in these activities.")),
    )


def _subprocessor(each: Engaged, words: Words) -> tuple[str, ...]:
    known, missing = each.known, mark(words)
    contact = contact_person(known, words)
    person = words.say(text("Contact person: {who}", who=contact))
    address = stacked(postal(known, words), lacking(known, words, *ADDRESS))
    starts, ends = known.contract_starts_on, known.contract_ends_on
    dates = [f"{starts:%d/%m/%Y}" if starts else missing, f"{ends:%d/%m/%Y}" if ends else ""]
    contract = stacked(known.contract_reference or missing, " – ".join(filter(None, dates)))
    return (
        stacked(known.name, known.registration, address, person),
        stacked(known.processing or missing, known.delimitation),
        sites(known, words) or missing,
        stacked(contract, transferred(known.no_transfer, known.transfers, words) or missing),
    )


def contact_person(known: Subprocessor, words: Words) -> str:
    """Who answers there: name and function, and how they are reached."""
    return stacked(
        qualified(known.contact_name, known.contact_function),
        beside(known.contact_email, known.contact_phone),
        lacking(known, words, "contact_name", "contact_email"),
    )


def sites(known: Subprocessor, words: Words) -> str:
    """Where it works."""
    return stacked(
        *(
            beside(
                words.say(site.role.says),
                qualified(site.name, f"{site.postcode} {site.city}".strip()),
                country_name(site.country, words.language) if site.country != "FR" else "",
                site.note,
            )
            for site in known.sites
        )
    )


def measures(protecting: Sequence[Protecting], words: Words) -> Iterator[Block]:
    """Measures by family, with the letters of Art. 32(1) they serve."""
    families = dict.fromkeys(each.known.family for each in protecting)
    if not families:
        yield Paragraph(mark(words))
    for family in families:
        yield Heading(words.say(family.says), 2)
        yield described(
            (each for each in protecting if each.known.family is family),
            words,
            text("Art. 32(1)"),
            lambda known: ", ".join(known.articles) or mark(words),
        )


def described(
    protecting: Iterable[Protecting], words: Words, last: Text, said: Callable[[Measure], str]
) -> Table:
    """Measures, each with its description and one thing more.

    Args:
        protecting: which.
        words: the language.
        last: the heading of what is said more.
        said: what is said more of a measure.
    """
    return Table(
        columns=(
            Column(words.say(text("Measure")), 3),
            Column(words.say(text("Description")), 7),
            Column(words.say(last), 1.4),
        ),
        rows=tuple(
            (each.known.name, each.known.description or mark(words), said(each.known))
            for each in protecting
        ),
    )
