"""What the annexes of both sets of standard contractual clauses have in common."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from registers.activities.vocabulary import HEADINGS, ActivityRole, Sensitivity
from registers.annexes.papers import parties
from registers.annexes.papers.protection import described
from registers.annexes.papers.telling import (
    Teller,
    beside,
    lacking,
    mark,
    postal,
    qualified,
    stacked,
)
from registers.annexes.shapes import ContractSnapshot, Engaged, Processed
from registers.kernel.periods import Unit, length
from registers.kernel.showing import shown
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Column, Heading, Paragraph, Table

Section = Callable[[Any, Words], Iterable[Block]]

EXAMPLES = 17
"""The headings of annex III that are examples of measures; those after it are about help."""

HELP, HELP_OF_OTHERS = "18", "19"
"""The headings of what the processor, and its sub-processors, do to help the controller."""

NAME = text("Name")
ADDRESS = text("Address")
CONTACT = text("Contact person: name, position and contact details")
NO_MEASURE = text("No measure is recorded.")


def under(title: Text, *sections: Section) -> Section:
    """Sections as one part of a bundle: under a title, their own headings one level down."""

    def part(snapshot: Any, words: Words) -> Iterator[Block]:
        yield Heading(words.say(title), 1)
        for section in sections:
            for block in section(snapshot, words):
                if isinstance(block, Heading):
                    yield Heading(block.text, 2 if block.level == 1 else 3)
                else:
                    yield block

    return part


def on_behalf(snapshot: ContractSnapshot) -> list[Processed]:
    """The activities in which the organisation acts as a processor: the clauses' subject."""
    return [each for each in snapshot.activities if each.known.role is ActivityRole.PROCESSOR]


def has_begun(snapshot: ContractSnapshot) -> bool:
    """Whether the contract runs already: then it was signed before, one day or another."""
    starts = snapshot.contract.known.starts_on
    return starts is None or starts <= snapshot.on


def signed(snapshot: ContractSnapshot, words: Words) -> str:
    """When the contract was signed; of one still to begin, the signatures below are the date."""
    known = snapshot.contract.known
    if known.signed_on:
        return words.day(known.signed_on)
    if has_begun(snapshot):
        return mark(words)
    return words.say(text("the date of the signatures on this document"))


def processor(snapshot: ContractSnapshot, words: Words) -> Teller:
    """The organisation as a party."""
    ours = snapshot.organisation
    tell = Teller(words)
    tell.asked(NAME, stacked(ours.name, qualified(ours.legal_form, ours.register)))
    gap = lacking(ours, words, "address", "city")
    tell.row(ADDRESS, stacked(postal(ours, words), gap))
    tell.asked(CONTACT, parties.answering(parties.of_organisation(ours), words))
    tell.row(parties.DPO, parties.officer_of_organisation(ours))
    return tell


def controller(snapshot: ContractSnapshot, words: Words) -> Teller:
    """The controller as a party."""
    theirs = snapshot.controller
    tell = Teller(words)
    tell.asked(NAME, theirs.name)
    gap = lacking(theirs, words, "address", "city")
    tell.row(ADDRESS, stacked(postal(theirs, words), gap))
    tell.asked(CONTACT, parties.answering(parties.of_controller(snapshot.persons), words))
    tell.row(parties.DPO, parties.officers(snapshot.persons, theirs, words))
    return tell


def sensitive(each: Processed, words: Words) -> str:
    """Special categories with the restrictions and safeguards applied to them."""
    found = [
        beside(
            category.name,
            words.say(category.sensitivity.says),
            category.safeguards or mark(words),
        )
        for category in each.known.data
        if category.sensitivity is not Sensitivity.NONE
    ]
    return stacked(*found) or words.say(text("None"))


def data(each: Processed) -> str:
    """Categories of personal data with their items."""
    return stacked(
        *(
            f"{category.name} ({', '.join(category.items)})" if category.items else category.name
            for category in each.known.data
        )
    )


def purposes(each: Processed) -> str:
    """What for, with what that comprises."""
    return stacked(
        *(
            f"{purpose.name} ({', '.join(purpose.parts)})" if purpose.parts else purpose.name
            for purpose in each.known.purposes
        )
    )


def used_in(each: Processed, snapshot: ContractSnapshot) -> list[tuple[Engaged, str]]:
    """The sub-processors of an activity, each with what it does there."""
    known = {engaged.code: engaged for engaged in snapshot.subprocessors}
    return [
        (known[use.code], beside(use.processing, ", ".join(use.sites)))
        for use in each.known.subprocessors
        if use.code in known
    ]


def measures(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Measures under the seventeen headings, then each as it is, concretely."""
    yield Heading(words.say(text("Measures under each heading")), 1)
    rows = []
    for number, title in list(HEADINGS.items())[:EXAMPLES]:
        under_it = _under(snapshot, number)
        rows.append(
            (number, words.say(title), stacked(*under_it) or words.say(NO_MEASURE)),
        )
    yield Table(
        columns=(
            Column(words.say(text("No.")), 0.6, "right"),
            Column(words.say(text("Heading")), 5),
            Column(words.say(text("Measures")), 5),
        ),
        rows=tuple(rows),
    )
    yield Heading(words.say(text("The measures in detail")), 1)
    if not snapshot.measures:
        yield Paragraph(mark(words))
        return
    protecting = (
        each
        for each in snapshot.measures
        if not each.known.headings or set(each.known.headings) - {HELP, HELP_OF_OTHERS}
    )
    yield described(
        protecting, words, text("Headings"), lambda known: ", ".join(known.headings) or "–"
    )


def _under(snapshot: ContractSnapshot, number: str) -> list[str]:
    return [each.known.name for each in snapshot.measures if number in each.known.headings]


def help_given(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """How the controller is helped: clauses 8(d) and 9 have it set out here."""
    yield Heading(words.say(text("Assistance to the controller")), 1)
    tell = Teller(words)
    tell.asked(text("Measures of the processor"), _described(snapshot, HELP))
    others = _described(snapshot, HELP_OF_OTHERS)
    if snapshot.subprocessors:
        tell.asked(text("Measures of sub-processors"), others)
    else:
        tell.row(text("Measures of sub-processors"), words.say(text("No sub-processor is used.")))
    tell.row(text("Notification of personal data breaches"), _breaches(snapshot, words))
    yield tell.block()


def _breaches(snapshot: ContractSnapshot, words: Words) -> str:
    """Within which time and how the contract has breaches told, clause 9; it may be silent."""
    terms = snapshot.contract.known.terms
    if terms.breach_hours is None:
        return ""
    within = words.say(length(terms.breach_hours, Unit.HOURS))
    told = words.say(text("within {time} of becoming aware of them", time=within))
    return beside(told, shown(terms.breach_channels, words))


def _described(snapshot: ContractSnapshot, number: str) -> str:
    return stacked(
        *(
            beside(each.known.name, each.known.description)
            for each in snapshot.measures
            if number in each.known.headings
        )
    )


def listed(
    snapshot: ContractSnapshot, engaged: Sequence[Engaged], words: Words, nobody: Text
) -> Iterator[Block]:
    """Sub-processors, each with the fields of the form; several are delimited from each other.

    Args:
        snapshot: what the paper shows.
        engaged: which of its sub-processors.
        words: in which language.
        nobody: what is said where there are none.
    """
    if not engaged:
        yield Paragraph(words.say(nobody))
    names = {each.code: each.known.name for each in snapshot.subprocessors}
    for number, each in enumerate(engaged, 1):
        yield Heading(f"{number}. {each.known.name}", 1)
        tell = _subprocessor(each, words, several=len(engaged) > 1)
        by = each.known.engaged_by
        tell.row(text("Engaged by the sub-processor"), names.get(by, by))
        yield tell.block()


def _subprocessor(each: Engaged, words: Words, *, several: bool) -> Teller:
    known = each.known
    tell = Teller(words)
    tell.asked(NAME, stacked(known.name, beside(known.legal_form, known.registration)))
    gap = lacking(known, words, "address", "city")
    tell.row(ADDRESS, stacked(postal(known, words), gap))
    reached = beside(known.contact_email, known.contact_phone)
    person = parties.ContactPerson(known.contact_name, known.contact_function, reached)
    tell.asked(CONTACT, parties.answering(person, words))
    tell.asked(text("Description of the processing"), known.processing)
    if several:
        tell.asked(text("Delimitation of responsibilities"), known.delimitation)
    else:
        tell.row(text("Delimitation of responsibilities"), known.delimitation)
    return tell
