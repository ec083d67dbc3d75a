"""Letters that carry a data subject's request to the controller (contract 001 § 7.5.5, K13).

Nothing on them says who the person is: the request itself goes with the message and stands on the
portal, as long as it may be kept.
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import RequestSnapshot
from registers.annexes.papers import letters
from registers.annexes.papers.telling import Teller
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Paragraph

Section = Callable[[RequestSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 12, 15 to 22 and 28(3)(e)")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.REQUEST: text("Request of a data subject, for you to answer"),
}
"""The subject of the letter."""


def passed_on(snapshot: RequestSnapshot, words: Words) -> Iterator[Block]:
    """That a request came, and that we did not answer it."""
    yield Paragraph(
        words.say(
            text(
                "A request of a data subject that concerns you reached us. We confirm its receipt "
                "to the person in writing, and do not answer it: that is for you to do. The "
                "request itself stands in the message that this letter came with, and under its "
                "personal link."
            )
        )
    )
    tell = Teller(words)
    tell.row(text("Request"), snapshot.code)
    tell.row(text("Controller"), ", ".join(snapshot.controllers))
    tell.row(text("What is asked for"), "\n".join(words.say(each.says) for each in snapshot.rights))
    tell.row(text("It reached us"), words.day(snapshot.received_on))
    tell.row(text("By which way"), words.say(snapshot.channel.says))
    if snapshot.repeats:
        tell.row(text("It repeats the request"), snapshot.repeats)
    yield tell.block()


def time(snapshot: RequestSnapshot, words: Words) -> Iterator[Block]:
    """Until when the controller answers, how that is counted, and what that count is worth."""
    yield Paragraph(
        words.say(
            text(
                "You inform the person within one month (Art. 12(3)): counted from our receipt, "
                "until {due}. Where the request is complex, or there are many, you may extend "
                "that by two months, until {extended}; you tell the person so, and why, within "
                "the first month.",
                due=snapshot.due,
                extended=snapshot.extended,
            )
        )
    )
    yield Paragraph(
        words.say(
            text(
                "It is not settled whether your month runs from our receipt or from yours: this "
                "is the earliest reading. A last day that is a Saturday, a Sunday or a public "
                "holiday is extended to the next business day."
            )
        ),
        "note",
    )
    yield Paragraph(
        words.say(
            text(
                "We help you with what we hold (Art. 28(3)(e)). Tell us when you have answered or "
                "extended, and if the request does not concern you."
            )
        )
    )


SECTIONS: tuple[Section, ...] = (letters.salutation, passed_on, time, letters.closing)
"""What stands on each letter, in this order."""
