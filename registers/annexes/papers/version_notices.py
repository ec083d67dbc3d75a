"""Letters about updates: the intended one, its withdrawal, one that was installed too early.

Contract 001 §8.1 (K29, K30): in writing, at least 15 days before, with the version sheet and the
material conditions: day, hour, duration. The controller may object up to 7 days before, and not
beyond a year from the publication. What a contract says otherwise holds there.
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import ToldVersion, VersionSnapshot
from registers.annexes.papers import letters
from registers.annexes.papers.telling import Teller, beside, stacked
from registers.controllers.facts import Span
from registers.controllers.vocabulary import Effect
from registers.kernel import periods
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Column, Heading, Paragraph, Table

Section = Callable[[VersionSnapshot, Words], Iterator[Block]]

NONE = Span(0, periods.Unit.DAYS)

LAW = text("terms of the contract about updates to new versions")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.UPDATE: text("Notice of an update to a new version"),
    NoticeKind.UPDATE_WITHDRAWAL: text("Withdrawal of a notice of update"),
    NoticeKind.UPDATE_EARLY: text("Update installed before the time of notice had passed"),
}
"""The subject of each letter."""


def intended(_snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """Why the letter is written."""
    yield Paragraph(
        words.say(
            text(
                "Under our contract we inform you in writing, before it happens, of the following "
                "update of a product with which we process personal data on your behalf."
            )
        )
    )


def withdrawn(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """That an earlier letter is void."""
    yield Paragraph(
        words.say(
            text(
                "We withdraw our notice {former} ({announcement}) about the update below: it was "
                "sent in error, and nothing is installed on its account. You need not do anything.",
                former=snapshot.former,
                announcement=snapshot.announcement,
            )
        )
    )
    yield _why(snapshot, words)


def installed(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """That a version was installed before it might."""
    since = snapshot.started_on or snapshot.on
    if snapshot.former:
        says = text(
            "We owe you the following information: the version below, of which our notice {former} "
            "told you, was installed on {since}, before it might be. This departs from our "
            "contract; your right to object stands undiminished.",
            former=snapshot.former,
            since=since,
        )
    else:
        says = text(
            "We owe you the following information: the version below was installed on {since}, "
            "without the prior notice that our contract asks for. This departs from our contract; "
            "your right to object stands undiminished.",
            since=since,
        )
    yield Paragraph(words.say(says), "warning")
    yield _why(snapshot, words)


def _why(snapshot: VersionSnapshot, words: Words) -> Paragraph:
    return Paragraph(words.say(text("The reason: {reason}", reason=snapshot.reason)))


def update(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """The version with the material conditions of its installation."""
    told, tell = snapshot.update, Teller(words)
    known = told.known
    yield Heading(known.name, 1)
    tell.asked(text("Product"), known.product)
    tell.asked(text("New version"), known.version)
    if known.published_on:
        tell.row(text("Published on"), words.day(known.published_on))
    concerned = [beside(code, name) for code, name in told.activities.items()]
    everything = words.say(text("all activities of the contracts"))
    tell.row(text("In our activities"), stacked(*concerned) or everything)
    if snapshot.started_on is None:
        tell.asked(text("Day of installation"), words.day(told.planned_on))
        tell.asked(text("At what time"), known.starts_at)
        tell.asked(text("How long it takes"), known.duration)
    tell.asked(text("What changes"), known.summary)
    tell.row(text("Version sheet"), stacked(told.sheet_name, _digest(told.sheet)))
    yield tell.block()
    if told.sheet:
        yield Paragraph(
            words.say(
                text(
                    "The version sheet is read and kept with the personal link of the message that "
                    "this letter came with; we send it to you on request. Its SHA-256 shows that "
                    "it is the same one."
                )
            )
        )


def _digest(sha256: str) -> str:
    """A digest in lines that fit a cell."""
    return stacked("SHA-256", sha256[:32], sha256[32:]) if sha256 else ""


def contracts(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """Which contracts it is about, and the days that hold for each of them."""
    yield Heading(words.say(text("Contracts concerned")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Controller")), 4),
            Column(words.say(text("Contract")), 3),
            Column(words.say(text("Last day to object")), 3),
            Column(words.say(text("Installed from")), 3),
        ),
        rows=tuple(
            (
                stacked(each.name, each.code),
                each.reference,
                words.day(each.ends) if each.ends else words.say(text("for information")),
                words.day(each.installs_on) if snapshot.started_on is None else "–",
            )
            for each in snapshot.contracts
        ),
    )


def named(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """Which contracts it is about; no day runs any more."""
    yield Heading(words.say(text("Contracts concerned")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Controller")), 4),
            Column(words.say(text("Contract")), 3),
        ),
        rows=tuple((stacked(each.name, each.code), each.reference) for each in snapshot.contracts),
    )


def rights(snapshot: VersionSnapshot, words: Words) -> Iterator[Block]:
    """Until when and how to object, how the days are counted, and how far an objection goes."""
    open_to = [each for each in snapshot.contracts if Effect.WINDOW in each.effects and each.ends]
    if not open_to:
        yield Paragraph(words.say(text("This is for your information; it needs no answer.")))
        return
    yield Heading(words.say(text("Your right to object")), 1)
    for each in dict.fromkeys(map(_rule, open_to)):
        yield Paragraph(words.say(each))
    for bound in dict.fromkeys(filter(None, map(_bound, open_to))):
        yield Paragraph(words.say(bound))
    yield Paragraph(
        words.say(
            text(
                "You may object by the personal link in the message that this letter came with, or "
                "by a letter to the address above; you need not give grounds. As long as an "
                "objection made in time holds, the version is not installed for you. Please "
                "acknowledge receipt the same way; the days do not depend on it."
            )
        )
    )


def _rule(each: ToldVersion) -> Text:
    terms, ends = each.terms, each.ends
    if each.holds_until is not None and ends == each.holds_until:
        return text(
            "You may object until {ends}, at midnight: that is {bound} from the publication of the "
            "version, beyond which nobody may object to it.",
            ends=ends,
            bound=_length(terms.update_bound),
        )
    return text(
        "You may object until {ends}, at midnight: that is {objection} before the day of "
        "installation, {day}. The days are counted back from that day, which is not counted.",
        ends=ends,
        objection=_length(terms.update_objection),
        day=each.installs_on,
    )


def _bound(each: ToldVersion) -> Text | None:
    if each.holds_until is None:
        return None
    return text(
        "An objection can hold the update until {until} at most, {bound} from the publication of "
        "the version.",
        until=each.holds_until,
        bound=_length(each.terms.update_bound),
    )


def _length(span: Span | None) -> Text:
    known = span or NONE
    return periods.length(known.amount, known.unit)


SECTIONS: dict[NoticeKind, tuple[Section, ...]] = {
    NoticeKind.UPDATE: (
        letters.salutation,
        intended,
        update,
        contracts,
        rights,
        letters.closing,
    ),
    NoticeKind.UPDATE_WITHDRAWAL: (letters.salutation, withdrawn, update, named, letters.closing),
    NoticeKind.UPDATE_EARLY: (
        letters.salutation,
        installed,
        update,
        contracts,
        rights,
        letters.closing,
    ),
}
"""What stands on each letter, in this order."""
