"""The erasure certificate: what was destroyed where, by whose word, and which copies are left.

“All copies” is said only on a day on which it is so: nothing remains in a system, the chain has
confirmed, and the backups have turned over. Until then the certificate names what is left and
until when; a later one takes its place.
"""

from collections.abc import Iterator

from registers.annexes.papers.telling import Teller, beside, stacked
from registers.annexes.shapes import ErasureSnapshot
from registers.kernel.periods import length
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, Items, Paragraph, Table
from registers.retention.vocabulary import Treatment


def statement(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """What is certified, in one sentence, and whose data they were."""
    yield Heading(words.say(text("Statement")), 1)
    name, day = snapshot.controller.name, snapshot.done_on
    if snapshot.own:
        said = text(
            "The organisation states that the data below, of which it is itself controller, were "
            "{result} on {day}.",
            result=snapshot.result.says,
            day=day,
        )
    else:
        said = text(
            "The processor states to {name} that the personal data below, processed on its "
            "behalf, were {result} on {day}.",
            name=name,
            result=snapshot.result.says,
            day=day,
        )
    yield Paragraph(words.say(said))
    if snapshot.complete:
        gone = text("No copy is left: neither in the systems below, nor in backups.")
        if snapshot.chain:
            gone = text(
                "No copy is left: neither in the systems below, nor in backups, nor with the "
                "sub-processors below, as each of them has confirmed."
            )
        yield Paragraph(words.say(gone))
    else:
        yield Paragraph(
            words.say(
                text(
                    "This certificate does not state that all copies are destroyed: what is left "
                    "stands below."
                )
            ),
            "warning",
        )
        yield Items(tuple(_left(snapshot, words)))


def _left(snapshot: ErasureSnapshot, words: Words) -> Iterator[str]:
    for copy in snapshot.left:
        said = text("Backup “{name}”: until {day} at the latest.", name=copy.name, day=copy.until)
        yield words.say(said)
    for answer in snapshot.chain:
        if answer.erased_on is None:
            yield words.say(text("{name}: has not confirmed yet.", name=answer.name))
    for each in snapshot.treated:
        if each.treatment is Treatment.REMAINS:
            yield words.say(text("{system}: {note}", system=each.system.says, note=each.note))


def irregular(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """What stood against it when it was done, and why it was done."""
    if not snapshot.against:
        return
    yield Heading(words.say(text("Irregularity")), 1)
    yield Paragraph(words.say(text("When the data were destroyed, this stood against it:")))
    language = "fr" if words.language == "fr" else "en"
    yield Items(snapshot.against.get(language, ()))
    yield Paragraph(words.say(text("Reason recorded: {why}", why=snapshot.why)), "warning")


def parties(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """Whose data, under which contract, and what ended when."""
    yield Heading(words.say(text("Data concerned")), 1)
    tell = Teller(words)
    tell.row(text("Controller"), beside(snapshot.controller.name, snapshot.code))
    tell.row(text("Contract"), snapshot.reference)
    ended = words.say(snapshot.trigger.says)
    tell.row(text("Event"), beside(ended, words.day(snapshot.event_on), snapshot.what))
    if snapshot.chosen is not None:
        tell.row(text("Choice of the controller"), words.say(snapshot.chosen.says))
    yield tell.block()
    yield Table(
        columns=(
            Column(words.say(text("Activity")), 3),
            Column(words.say(text("Data")), 4),
            Column(words.say(text("Promise")), 4),
            Column(words.say(text("Until")), 2.6),
        ),
        rows=tuple(_cases(snapshot, words)),
    )


def _cases(snapshot: ErasureSnapshot, words: Words) -> Iterator[tuple[str, ...]]:
    for case in snapshot.cases:
        rule = case.promise.rule
        counted = words.say(length(rule.amount, rule.unit)) if rule.amount is not None else ""
        since = words.say(rule.trigger.says)
        due = words.day(case.due_on) if case.due_on else words.say(text("no day was agreed"))
        late = case.due_on is not None and snapshot.done_on > case.due_on
        yield (
            beside(case.promise.code, case.promise.name),
            rule.name,
            stacked(beside(counted, since), rule.text),
            stacked(due, case.day_reason, words.say(text("erased late")) if late else ""),
        )


def how(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """How it was done, system by system."""
    yield Heading(words.say(text("How it was done")), 1)
    tell = Teller(words)
    tell.row(text("Done on"), words.day(snapshot.done_on))
    tell.row(text("Outcome"), words.say(snapshot.result.says))
    tell.row(text("Method"), snapshot.method)
    yield tell.block()
    yield Table(
        columns=(
            Column(words.say(text("System")), 5),
            Column(words.say(text("Found and done")), 3),
            Column(words.say(text("Note")), 5),
        ),
        rows=tuple(
            (words.say(each.system.says), words.say(each.treatment.says), each.note or "–")
            for each in snapshot.treated
        ),
    )


def archives(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """The archives' visa, and what was given back before."""
    if not snapshot.visa and not snapshot.returned:
        return
    yield Heading(words.say(text("Archives and return")), 1)
    tell = Teller(words)
    proof = _digest(snapshot.visa_proof, words)
    tell.row(text("Visa of elimination"), stacked(snapshot.visa, proof))
    for each in snapshot.returned:
        proof = _digest(each.proof, words) or words.say(text("nothing proves it"))
        tell.row(text("Returned"), stacked(words.day(each.returned_on), each.format, proof))
    yield tell.block()


def _digest(sha256: str | None, words: Words) -> str:
    if not sha256:
        return ""
    return words.say(text("document with the SHA-256 {digest}", digest=sha256))


def chain(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """Each sub-processor's own word."""
    if not snapshot.chain:
        return
    yield Heading(words.say(text("Sub-processors")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Sub-processor")), 3),
            Column(words.say(text("Erased on")), 3),
            Column(words.say(text("Its confirmation")), 6),
        ),
        rows=tuple(
            (
                each.name,
                words.day(each.erased_on)
                if each.erased_on
                else words.say(text("not confirmed yet")),
                stacked(each.says, _digest(each.proof, words)) or "–",
            )
            for each in snapshot.chain
        ),
    )


def backups(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """The copies in backups and when each is gone."""
    yield Heading(words.say(text("Copies in backups")), 1)
    none = text("The register knows of no backup that holds these data.")
    yield Table(
        columns=(
            Column(words.say(text("Backup")), 4),
            Column(words.say(text("Last day of a copy")), 4),
            Column(words.say(text("On the day of this certificate")), 4),
        ),
        rows=tuple(
            (
                copy.name,
                words.day(copy.until),
                words.say(text("may still exist") if copy in snapshot.left else text("gone")),
            )
            for copy in snapshot.copies
        ),
        empty=words.say(none),
    )
    if snapshot.copies:
        said = text(
            "Copies in backups are not searched or restored one by one: they go when the backup "
            "turns over. Prudently the last one is taken to have been made on the day of erasure."
        )
        yield Paragraph(words.say(said), "note")


def two_persons(snapshot: ErasureSnapshot, words: Words) -> Iterator[Block]:
    """Who stated it and who confirmed it."""
    yield Heading(words.say(text("By the word of two persons")), 1)
    tell = Teller(words)
    tell.row(text("Stated by"), beside(snapshot.stated_by, words.day(snapshot.stated_on)))
    if snapshot.confirmed_on:
        said = beside(snapshot.confirmed_by, words.day(snapshot.confirmed_on))
        tell.asked(text("Confirmed by"), said)
    yield tell.block()


SECTIONS = (statement, irregular, parties, how, archives, chain, backups, two_persons)
