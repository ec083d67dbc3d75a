"""Activities as papers show them: facts, and tables of data, retention and backups."""

from collections.abc import Iterator, Sequence

from registers.activities.facts import Activity, RetentionRule
from registers.activities.vocabulary import Sensitivity
from registers.annexes.papers.telling import Teller, beside, mark, stacked, transferred
from registers.annexes.shapes import Engaged, Processed, Protecting
from registers.kernel.periods import length
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, KeyValues, Table


def described(
    activities: Sequence[Processed],
    subprocessors: Sequence[Engaged],
    measures: Sequence[Protecting],
    words: Words,
) -> Iterator[Block]:
    """Each activity under a heading of its own, with all that is known of it."""
    names = {each.code: each.known.name for each in subprocessors}
    protects = {each.code: each.known.name for each in measures}
    for each in activities:
        yield Heading(f"{each.code} – {each.known.name}", 2)
        yield activity(each, names, protects, words)
        if each.known.data:
            yield categories(each.known, words)
        if each.known.retention:
            yield retention(each.known, words)
        if each.known.backups:
            yield backups(each.known, words)


def activity(
    each: Processed, names: dict[str, str], protects: dict[str, str], words: Words
) -> KeyValues:
    """All that is known of an activity, but its tables."""
    known = each.known
    tell = Teller(words)
    tell.fact(known, "role")
    tell.fact(known, "summary")
    tell.fact(known, "operations")
    purposes = [
        purpose.name + (f" ({', '.join(purpose.parts)})" if purpose.parts else "")
        for purpose in known.purposes
    ]
    tell.fact(known, "purposes", value="\n".join(purposes))
    if known.no_personal_data:
        tell.fact(known, "no_personal_data")
    tell.fact(known, "data_subjects", value="\n".join(known.data_subjects))
    for name in ("data", "retention"):  # where they are known, they have tables of their own
        tell.fact(known, name, value="")
    inside = [recipient for recipient in known.recipients if recipient.internal]
    outside = [recipient for recipient in known.recipients if not recipient.internal]
    tell.row(text("Internal recipients"), "\n".join(beside(r.name, r.why) for r in inside))
    tell.row(text("External recipients"), "\n".join(beside(r.name, r.why) for r in outside))
    used = [
        beside(names.get(use.code, use.code), use.processing, ", ".join(use.sites))
        for use in known.subprocessors
    ]
    tell.fact(known, "subprocessors", value="\n".join(used))
    tell.fact(known, "joint_controllers")
    tell.fact(known, "transfers", value=transferred(known.no_transfer, known.transfers, words))
    measures = [protects[code] for code in known.measures if code in protects]
    tell.fact(known, "measures", value=" ; ".join(measures))
    version = text(
        "version {number}, in effect since {since}", number=each.version, since=each.since
    )
    told = [words.say(version)]
    if each.taken_over:
        told.append(words.say(text("taken over from an earlier register")))
    tell.row(text("Version"), ", ".join(told))
    return tell.block()


def categories(known: Activity, words: Words) -> Table:
    """Its categories of personal data, with what restricts and protects them."""
    return Table(
        caption=words.say(text("Categories of personal data")),
        columns=(
            Column(words.say(text("Category")), 3),
            Column(words.say(text("Data")), 5),
            Column(words.say(text("Special categories, restrictions and safeguards")), 4),
        ),
        rows=tuple(
            (
                category.name,
                ", ".join(category.items),
                stacked(
                    words.say(category.sensitivity.says)
                    if category.sensitivity is not Sensitivity.NONE
                    else "",
                    category.safeguards,
                ),
            )
            for category in known.data
        ),
    )


def retention(known: Activity, words: Words) -> Table:
    """How long its data are kept, from when, and what happens then."""
    return Table(
        caption=words.say(text("Retention")),
        columns=(
            Column(words.say(text("Data concerned")), 4),
            Column(words.say(text("From")), 3),
            Column(words.say(text("How long")), 2.4),
            Column(words.say(text("Outcome")), 2.6),
        ),
        rows=tuple(
            (
                rule.name,
                words.say(rule.trigger.says),
                how_long(rule, words),
                words.say(rule.outcome.says),
            )
            for rule in known.retention
        ),
    )


def how_long(rule: RetentionRule, words: Words) -> str:
    """A number, or what is said instead of one."""
    number = words.say(length(rule.amount, rule.unit)) if rule.amount is not None else ""
    return stacked(number, rule.text) or mark(words)


def backups(known: Activity, words: Words) -> Table:
    """How long its copies live."""
    return Table(
        caption=words.say(text("Backups: erasure is effective in a copy when it expires")),
        columns=(
            Column(words.say(text("Copy")), 3),
            Column(words.say(text("When")), 5),
            Column(words.say(text("Kept for")), 2),
        ),
        rows=tuple(
            (rule.name, rule.schedule, words.say(length(rule.amount, rule.unit)))
            for rule in known.backups
        ),
    )
