"""Letters about legal requirements to process outside the instructions: which law, which data.

Art. 28(3)(a): before processing. What was begun before it could be told is said as it is.
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import DutySnapshot
from registers.annexes.papers.authority_form import moment
from registers.annexes.papers.telling import Teller
from registers.assistance.vocabulary import DutyStep
from registers.kernel.identifiers import country_name
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Heading, Paragraph

Section = Callable[[DutySnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 28(3)(a)")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.LEGAL_DUTY: text("Legal requirement to process data outside your instructions"),
}
"""The subject of the letter."""

OPENINGS: dict[DutyStep, Text] = {
    DutyStep.TOLD: text(
        "The law obliges us to process personal data, which we process on your behalf, outside "
        "your documented instructions. We inform you of this legal requirement, as "
        "Art. 28(3)(a) of the General Data Protection Regulation demands."
    ),
    DutyStep.PLANNED: text(
        "We informed you of a legal requirement to process personal data outside your documented "
        "instructions. Another day is planned for it than the one that we told you."
    ),
    DutyStep.DROPPED: text(
        "We informed you of a legal requirement to process personal data outside your documented "
        "instructions. It is not pursued: nothing of what we announced was done."
    ),
}
"""Why the letter is written, by what it tells."""


def opening(snapshot: DutySnapshot, words: Words) -> Iterator[Block]:
    """Why the letter is written; that it comes late, where it does."""
    yield Paragraph(words.say(text("Dear Sir or Madam,")))
    yield Paragraph(words.say(OPENINGS[snapshot.phase]))
    if snapshot.says:
        yield Paragraph(snapshot.says)
    if snapshot.phase is not DutyStep.TOLD:
        return
    if snapshot.lifted_on is not None:
        yield Paragraph(
            words.say(
                text(
                    "Until {day} this law prohibited us to inform you, on important grounds of "
                    "public interest.",
                    day=snapshot.lifted_on,
                )
            )
        )
    elif snapshot.begun_at is not None:
        yield Paragraph(
            words.say(
                text(
                    "This information should have reached you before the processing. It had "
                    "begun when we wrote this letter: see below."
                )
            )
        )


def requirement(snapshot: DutySnapshot, words: Words) -> Iterator[Block]:
    """The law, who demands it, since when we know."""
    yield Heading(words.say(text("The legal requirement")), 1)
    tell = Teller(words)
    tell.row(text("Number"), snapshot.code)
    tell.row(text("Provision"), snapshot.provision)
    tell.row(text("Whose law it is"), words.say(snapshot.origin.says))
    tell.row(text("Authority"), snapshot.authority)
    tell.row(text("Its reference"), snapshot.reference)
    tell.row(text("Known to us since"), words.day(snapshot.known_on))
    yield tell.block()


def processing(snapshot: DutySnapshot, words: Words) -> Iterator[Block]:
    """Which data, for whom, from when on."""
    yield Heading(words.say(text("What it obliges us to")), 1)
    tell = Teller(words)
    tell.row(text("Controller"), snapshot.name)
    tell.row(text("Contract"), ", ".join(snapshot.references))
    tell.row(text("Kind"), words.say(snapshot.sort.says))
    tell.row(text("Data"), snapshot.data)
    if snapshot.country:
        tell.row(text("Country"), country_name(snapshot.country, words.language))
    tell.row(text("Recipient"), snapshot.recipient)
    if snapshot.phase is not DutyStep.DROPPED:
        if snapshot.begun_at is not None:
            tell.row(text("Begun"), moment(snapshot.begun_at, snapshot.zone, words))
        elif snapshot.planned_on is not None:
            tell.row(text("Planned from"), words.day(snapshot.planned_on))
        else:
            tell.row(text("Planned from"), words.say(text("no day is fixed yet")))
    yield tell.block()


def closing(snapshot: DutySnapshot, words: Words) -> Iterator[Block]:
    """What is asked of the controller."""
    if snapshot.phase is DutyStep.DROPPED:
        yield Paragraph(words.say(text("You need not do anything.")))
    else:
        yield Paragraph(
            words.say(
                text(
                    "We do no more than this law demands. If you think that it does not oblige "
                    "us, or if you want to turn to the authority, please write to us at once."
                )
            )
        )
    yield Paragraph(words.say(text("Yours faithfully,")))


SECTIONS: tuple[Section, ...] = (opening, requirement, processing, closing)
"""What stands on the letter, in this order."""
