"""Annexes I to IV to the standard contractual clauses of Decision (EU) 2021/915, by field."""

from collections.abc import Iterator

from registers.activities.rules import is_sensitive
from registers.annexes.papers import activities, clauses
from registers.annexes.papers.clauses import under
from registers.annexes.papers.telling import Teller, beside, mark, runs, stacked, term
from registers.annexes.shapes import ContractSnapshot, Processed
from registers.controllers.facts import Contract
from registers.controllers.vocabulary import Authorisation, Renewal
from registers.kernel.periods import length
from registers.kernel.showing import shown
from registers.kernel.words import Text, Words, text
from registers.press.paper import Block, Column, Heading, Paragraph, Table

LIST_OF_PARTIES = text("Annex I – List of parties")
DESCRIPTION = text("Annex II – Description of the processing")
MEASURES = text("Annex III – Technical and organisational measures")
LIST_OF_SUBPROCESSORS = text("Annex IV – List of sub-processors")

SIGNED = text("Signature and accession date")


def controllers(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I: the controller."""
    yield Heading(words.say(text("Controller")), 1)
    tell = clauses.controller(snapshot, words)
    tell.row(SIGNED, clauses.signed(snapshot, words))
    yield tell.block()


def processors(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex I: the processor."""
    yield Heading(words.say(text("Processor")), 1)
    tell = clauses.processor(snapshot, words)
    tell.row(SIGNED, clauses.signed(snapshot, words))
    yield tell.block()


def description(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex II, for each activity that the contract names."""
    if not clauses.on_behalf(snapshot):
        yield Paragraph(mark(words))
    for each in clauses.on_behalf(snapshot):
        yield Heading(f"{each.code} – {each.known.name}", 1)
        yield from _activity(each, snapshot, words)


def _activity(each: Processed, snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    known = each.known
    tell = Teller(words)
    tell.asked(text("Subject-matter"), known.summary)
    if known.no_personal_data:
        tell.fact(known, "no_personal_data")
    else:
        tell.asked(text("Categories of data subjects"), stacked(*known.data_subjects))
        tell.asked(text("Categories of personal data"), clauses.data(each))
        tell.row(
            text("Sensitive data, restrictions and safeguards applied"),
            clauses.sensitive(each, words),
        )
    tell.asked(text("Nature of the processing"), ", ".join(known.operations))
    if not known.no_personal_data:
        tell.asked(text("Purposes on behalf of the controller"), clauses.purposes(each))
    tell.row(text("Duration of the processing"), duration(snapshot.contract.known, words))
    yield tell.block()
    if known.retention:
        yield activities.retention(known, words)
    if known.subprocessors:
        yield _by_others(each, snapshot, words)


def duration(known: Contract, words: Words) -> str:
    """The term of the contract, and what happens at its end."""
    renewal = known.terms.renewal
    # that the documents contradict each other is for us to settle, not for the parties to sign
    agreed = renewal in {Renewal.TACIT, Renewal.EXPRESS}
    said = words.say(text("renewal: {how}", how=shown(renewal, words).lower())) if agreed else ""
    end = known.terms.end_choice
    erased = words.say(text("at the end: {what}", what=shown(end, words).lower())) if end else ""
    return beside(term(known.starts_on, known.ends_on, words), said, erased)


def _by_others(each: Processed, snapshot: ContractSnapshot, words: Words) -> Table:
    return Table(
        caption=words.say(text("Processing by sub-processors")),
        columns=(
            Column(words.say(text("Sub-processor")), 3),
            Column(words.say(text("Subject-matter and nature")), 5),
            Column(words.say(text("Duration")), 3),
        ),
        rows=tuple(
            (
                engaged.known.name,
                stacked(engaged.known.processing or mark(words), does),
                runs(engaged.known.contract_starts_on, engaged.known.contract_ends_on, words),
            )
            for engaged, does in clauses.used_in(each, snapshot)
        ),
        empty=words.say(text("No sub-processor is used in these activities.")),
    )


def sensitive(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex III: what protects sensitive data beyond the measures for all."""
    yield Heading(words.say(text("Measures for sensitive data")), 1)
    tell = Teller(words)
    for each in clauses.on_behalf(snapshot):
        if is_sensitive(each.known):
            written = clauses.sensitive(each, words)
            tell.rows.append((f"{each.code} – {each.known.name}", written))
    if tell.rows:
        yield tell.block()
    else:
        yield Paragraph(words.say(text("No sensitive data are processed under this contract.")))


def authorisation(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex IV: on which authorisation the list rests, clause 7.7(a)."""
    terms = snapshot.contract.known.terms
    tell = Teller(words)
    asked: dict[Authorisation, Text] = {
        Authorisation.GENERAL: text("General written authorisation (clause 7.7(a), option 2)"),
        Authorisation.SPECIFIC: text("Specific prior authorisation (clause 7.7(a), option 1)"),
        Authorisation.MIXED: text("General, and specific for some activities (clause 7.7(a))"),
    }
    given = words.say(asked[terms.authorisation]) if terms.authorisation else ""
    tell.asked(text("Authorisation"), given)
    tell.row(text("Under specific authorisation"), ", ".join(terms.specific_activities))
    if terms.objection_amount is not None:
        ahead = words.say(length(terms.objection_amount, terms.objection_unit))
        tell.row(text("Time to object to an intended change, from its receipt"), ahead)
    yield tell.block()


def list_of_subprocessors(snapshot: ContractSnapshot, words: Words) -> Iterator[Block]:
    """Annex IV: each sub-processor."""
    nobody = text("No sub-processor is used under this contract.")
    yield from clauses.listed(snapshot, snapshot.subprocessors, words, nobody)


ANNEX_I = (controllers, processors)
ANNEX_II = (description,)
ANNEX_III = (clauses.measures, sensitive, clauses.help_given)
ANNEX_IV = (authorisation, list_of_subprocessors)
BUNDLE = (
    under(LIST_OF_PARTIES, *ANNEX_I),
    under(DESCRIPTION, *ANNEX_II),
    under(MEASURES, *ANNEX_III),
    under(LIST_OF_SUBPROCESSORS, *ANNEX_IV),
)
