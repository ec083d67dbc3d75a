"""What we know for a controller's impact assessment, in the order of Art. 35(7).

The assessment is the controller's own (K15): whether processing is necessary and proportionate,
and how great a risk is, is not judged here. What we do not know is said to be open.
"""

from collections.abc import Iterator

from registers.activities.rules import is_sensitive
from registers.activities.vocabulary import ARTICLE_32, Sensitivity
from registers.annexes.papers import activities, protection
from registers.annexes.papers.telling import Teller, mark, transferred
from registers.annexes.shapes import ActivitySnapshot
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, Items, Paragraph, Table


def purpose(_snapshot: ActivitySnapshot, words: Words) -> Iterator[Block]:
    """What the paper is, and what it is not."""
    yield Paragraph(
        words.say(
            text(
                "This paper assists controllers with their data protection impact assessment "
                "(Art. 28(3)(f) and 35) and with a prior consultation (Art. 36). It states what "
                "the processor knows. Necessity, proportionality and risk are for the "
                "controller to assess, for its own use of the service."
            )
        ),
        "note",
    )


def description(snapshot: ActivitySnapshot, words: Words) -> Iterator[Block]:
    """Art. 35(7)(a): a systematic description of the processing and its purposes."""
    each = snapshot.activity
    yield Heading(words.say(text("a) Description of the processing and its purposes")), 1)
    names = {one.code: one.known.name for one in snapshot.subprocessors}
    protects = {one.code: one.known.name for one in snapshot.measures}
    yield activities.activity(each, names, protects, words)
    if each.known.data:
        yield activities.categories(each.known, words)


def necessity(snapshot: ActivitySnapshot, words: Words) -> Iterator[Block]:
    """Art. 35(7)(b): what we know for the assessment of necessity and proportionality."""
    known = snapshot.activity.known
    yield Heading(words.say(text("b) For the assessment of necessity and proportionality")), 1)
    if known.retention:
        yield activities.retention(known, words)
    else:
        yield Paragraph(mark(words))
    if known.backups:
        yield activities.backups(known, words)
    yield Heading(words.say(text("Open: for the controller to answer")), 2)
    yield Items(
        tuple(
            words.say(each)
            for each in (
                text("the legal basis (Art. 6, and Art. 9 for special categories)"),
                text("why each purpose and each category of data is necessary for its use"),
                text("how data subjects are informed (Art. 12 to 14), and whether they consented"),
                text("how data subjects exercise their rights; we pass requests on to it"),
                text("the opinions of its DPO and, where appropriate, of the data subjects"),
            )
        )
    )


def risks(snapshot: ActivitySnapshot, words: Words) -> Iterator[Block]:
    """Art. 35(7)(c): what bears on the risks for data subjects."""
    known = snapshot.activity.known
    yield Heading(words.say(text("c) What bears on the risks for data subjects")), 1)
    tell = Teller(words)
    sensitive = [each.name for each in known.data if each.sensitivity is not Sensitivity.NONE]
    special = words.say(text("yes")) if is_sensitive(known) else words.say(text("none on record"))
    tell.row(text("Data of Art. 9 or 10"), special)
    tell.row(text("Categories concerned"), ", ".join(sensitive))
    tell.row(text("Data subjects"), "\n".join(known.data_subjects))
    where = transferred(known.no_transfer, known.transfers, words)
    tell.asked(text("Transfers to third countries"), where)
    yield tell.block()
    yield Heading(words.say(text("Sub-processors")), 2)
    yield protection.subprocessors(snapshot.subprocessors, words)


def measures(snapshot: ActivitySnapshot, words: Words) -> Iterator[Block]:
    """Art. 35(7)(d): the measures that address the risks."""
    yield Heading(words.say(text("d) Measures that address the risks (Art. 32)")), 1)
    yield from protection.measures(snapshot.measures, words)
    met = {letter for each in snapshot.measures for letter in each.known.articles}
    yield Table(
        caption=words.say(text("Letters of Art. 32(1) that these measures serve")),
        columns=(
            Column(words.say(text("Art. 32(1)")), 1.4),
            Column(words.say(text("What it asks")), 6),
            Column(words.say(text("Measures")), 2),
        ),
        rows=tuple(
            (
                letter,
                words.say(asks),
                str(sum(letter in each.known.articles for each in snapshot.measures))
                if letter in met
                else mark(words),
            )
            for letter, asks in ARTICLE_32.items()
        ),
    )


SECTIONS = (purpose, description, necessity, risks, measures)
"""What stands on the paper, in this order."""
