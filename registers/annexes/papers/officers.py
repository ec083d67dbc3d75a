"""Letters about data protection officers: one awaited, one to confirm, one replaced, our own.

Contract 001 § 7.7 (K23, K24). "Without undue delay" has no number: no letter calls anybody late.
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import OfficerSnapshot
from registers.annexes.papers import letters
from registers.annexes.papers.telling import Teller
from registers.controllers.facts import Organisation
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Items, Paragraph

Section = Callable[[OfficerSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 28 and 37 to 39")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.DPO_AWAITED: text("Your data protection officer: declaration awaited"),
    NoticeKind.DPO_CONFIRM: text("Your data protection officer: please confirm a declaration"),
    NoticeKind.DPO_FORMER: text("Data protection officer: another address was declared"),
    NoticeKind.OUR_DPO: text("Our data protection officer has changed"),
}
"""The subject of each letter."""


def awaited(_snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """That a declaration is awaited, and how to make it."""
    yield Paragraph(
        words.say(
            text(
                "Under our contract you tell us who your data protection officer is, and any "
                "change, without undue delay, on the form annexed to it. We hold no such "
                "declaration of the following controllers:"
            )
        )
    )


def how(_snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """The ways of declaring."""
    yield Paragraph(
        words.say(
            text(
                "You may declare it by the personal link in the message that this letter came "
                "with: there you confirm it with a one-time code, or have the form made ready, to "
                "be signed electronically or by hand. You may also send us the signed form."
            )
        )
    )


def confirm(snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """What was declared, and that nothing happens without the representative's word."""
    tell = Teller(words)
    yield Paragraph(
        words.say(
            text(
                "The following declaration reached us. It names an address that we did not have: "
                "so it takes effect only when you, as the representative on record, confirm it "
                "by the personal link in the message that this letter came with, or when we call "
                "you back. If you do not know of it, say so there: nothing changes then."
            )
        )
    )
    tell.row(text("Declaration"), snapshot.form)
    tell.row(text("Controller"), ", ".join(snapshot.controllers))
    tell.row(text("Data protection officer"), _named(snapshot, words))
    yield tell.block()


def _named(snapshot: OfficerSnapshot, words: Words) -> str:
    return words.say(text("none is required")) if snapshot.none else snapshot.officer


def former(snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """That the address serves no more, and for how long it gets copies."""
    yield Paragraph(
        words.say(
            text(
                "The controller below declared another address in place of yours (declaration "
                "{form}). For 30 days you still get copies of what we send to it, for information. "
                "If that was not meant, tell us at once.",
                form=snapshot.form,
            )
        )
    )


def ours(snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """Who our own officer is from now on, and was before."""
    yield Paragraph(
        words.say(
            text(
                "Our data protection officer, whom you reach for everything that concerns the "
                "personal data we process on your behalf, is from now on:"
            )
        )
    )
    yield from _fields(snapshot.now, words)
    if any(snapshot.before.values()):
        yield Paragraph(words.say(text("Until now:")))
        yield from _fields(snapshot.before, words)
    yield Paragraph(words.say(text("This is for information: nothing is asked of you.")))


def _fields(said: dict[str, str], words: Words) -> Iterator[Block]:
    tell = Teller(words)
    for name, value in said.items():
        tell.row(Organisation.name_of(name), value)
    yield tell.block()


def whom(snapshot: OfficerSnapshot, words: Words) -> Iterator[Block]:
    """The controllers that it is about."""
    del words
    yield Items(snapshot.controllers)


SECTIONS: dict[NoticeKind, tuple[Section, ...]] = {
    NoticeKind.DPO_AWAITED: (letters.salutation, awaited, whom, how, letters.closing),
    NoticeKind.DPO_CONFIRM: (letters.salutation, confirm, letters.closing),
    NoticeKind.DPO_FORMER: (letters.salutation, former, whom, letters.closing),
    NoticeKind.OUR_DPO: (letters.salutation, ours, letters.closing),
}
"""What stands on each letter, in this order."""
