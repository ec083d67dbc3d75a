"""Letters about instructions that would infringe the law: which, which provision, why.

Art. 28(3) last subparagraph: the processor immediately informs the controller. What to do with
the instruction stays the controller's to decide (decision (EU) 2021/915, clause 7.1(b)).
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import InstructionSnapshot
from registers.annexes.papers.telling import Teller
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Heading, Paragraph

Section = Callable[[InstructionSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 28(3), last subparagraph")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.INSTRUCTION: text("Instruction that in our opinion infringes the law"),
}
"""The subject of the letter."""


def opening(_snapshot: InstructionSnapshot, words: Words) -> Iterator[Block]:
    """Why the letter is written."""
    yield Paragraph(words.say(text("Dear Sir or Madam,")))
    yield Paragraph(
        words.say(
            text(
                "You gave us the following instruction. In our opinion it infringes the General "
                "Data Protection Regulation or other provisions on data protection; we inform "
                "you of this immediately, as Art. 28(3) demands."
            )
        )
    )


def instruction(snapshot: InstructionSnapshot, words: Words) -> Iterator[Block]:
    """The instruction, in the controller's own words."""
    yield Heading(words.say(text("The instruction")), 1)
    tell = Teller(words)
    tell.row(text("Number"), snapshot.code)
    tell.row(text("Controller"), snapshot.name)
    tell.row(text("Contract"), ", ".join(snapshot.references))
    tell.row(text("Given on"), words.day(snapshot.given_on))
    tell.row(text("Given by"), snapshot.by)
    tell.row(text("What it is about"), words.say(snapshot.scope.says))
    tell.row(text("Instruction"), snapshot.says)
    yield tell.block()


def contested(snapshot: InstructionSnapshot, words: Words) -> Iterator[Block]:
    """The provision, and why it would be infringed."""
    yield Heading(words.say(text("What it would infringe")), 1)
    tell = Teller(words)
    tell.row(text("Provision"), snapshot.provision)
    tell.row(text("Why"), snapshot.why)
    yield tell.block()


def asked(snapshot: InstructionSnapshot, words: Words) -> Iterator[Block]:
    """What the controller may do."""
    yield Heading(words.say(text("What we ask of you")), 1)
    yield Paragraph(
        words.say(
            text(
                "Please tell us in writing whether you withdraw the instruction, replace it by "
                "another one, or maintain it. Our opinion does not take the decision from you: "
                "whether the processing is lawful is yours to answer for."
            )
        )
    )
    done = text("The instruction was carried out on {day}.", day=snapshot.executed_on)
    open_ = text("So far the instruction has not been carried out.")
    yield Paragraph(words.say(done if snapshot.executed_on else open_))
    yield Paragraph(words.say(text("Yours faithfully,")))


SECTIONS: tuple[Section, ...] = (opening, instruction, contested, asked)
"""What stands on the letter, in this order."""
