"""Letters about breaches: everything of Art. 33(3) that is known, letter by letter, phase by phase.

The processor does not assess the risk for the controller (EDPB guidelines 9/2022): whether to
notify the authority and the persons is the controller's to decide, and is not said here.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from registers.annexes.letters import BreachSnapshot
from registers.annexes.papers.telling import Teller, beside, mark, stacked
from registers.breaches.vocabulary import ARTICLE_33, Step
from registers.kernel import history
from registers.kernel.instants import Instant
from registers.kernel.showing import shown
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Heading, Items, Paragraph

Section = Callable[[BreachSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 33(2)")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.BREACH: text("Notification of a personal data breach"),
    NoticeKind.BREACH_MORE: text("Further information about a personal data breach"),
    NoticeKind.BREACH_CLOSING: text("Closing notice about a personal data breach"),
    NoticeKind.BREACH_ERROR: text("Withdrawal of a notification sent in error"),
}
"""The subject of each letter."""

DRILL = text("EXERCISE – EXERCISE – nothing of this happened")

OPENINGS: dict[Step, Text] = {
    Step.FIRST: text(
        "Under Art. 33(2) of the General Data Protection Regulation and our contract, we notify "
        "you of the following breach of personal data that we process on your behalf. What is not "
        "known yet follows without undue further delay (Art. 33(4))."
    ),
    Step.MORE: text(
        "We complete our earlier notification of the following breach (Art. 33(4)). Everything "
        "known so far stands below; what changed comes first."
    ),
    Step.CLOSING: text(
        "Our examination of the following breach is closed. Everything known stands below; what "
        "changed since our last notice comes first."
    ),
    Step.ERROR: text(
        "We withdraw our notification of the breach below: it was sent to you in error. You need "
        "not act upon it any further; if you told others of it, they may be told of this letter."
    ),
}


def opening(snapshot: BreachSnapshot, words: Words) -> Iterator[Block]:
    """That it is an exercise, where it is one; why the letter is written."""
    if snapshot.drill:
        yield Paragraph(words.say(DRILL), "warning")
    yield Paragraph(words.say(text("Dear Sir or Madam,")))
    yield Paragraph(words.say(OPENINGS[snapshot.step]))
    if snapshot.reason:
        yield Paragraph(words.say(text("Why it was an error: {why}", why=snapshot.reason)))
    if snapshot.late and snapshot.step is not Step.ERROR:
        yield Paragraph(words.say(text("This notice comes late: {why}", why=snapshot.late)))


def changed(snapshot: BreachSnapshot, words: Words) -> Iterator[Block]:
    """What changed since the notice before."""
    if snapshot.before is None or snapshot.step is Step.ERROR:
        return
    found = history.compare(snapshot.before, snapshot.known)
    yield Heading(words.say(text("What changed since our last notice")), 1)
    if not found:
        yield Paragraph(words.say(text("Nothing of what we told you then.")))
        return
    names = dict.fromkeys(words.say(each.field) for each in found)
    yield Items(tuple(names))


def concerns(snapshot: BreachSnapshot, words: Words) -> Iterator[Block]:
    """Which breach, whose data, since when we are aware."""
    known, tell = snapshot.known, Teller(words)
    yield Heading(words.say(text("The breach")), 1)
    tell.row(text("Number"), snapshot.code)
    tell.row(text("What happened"), known.title)
    tell.row(text("Controller"), snapshot.controller_name)
    tell.row(text("Contracts"), ", ".join(snapshot.references))
    tell.row(text("Certainty"), words.say(known.certainty.says))
    tell.asked(text("We are aware since"), _moment(known.aware, snapshot, words))
    tell.row(text("Detected"), _moment(known.detected, snapshot, words))
    if known.discoverer is not None:
        tell.row(text("Discovered by"), words.say(known.discoverer.says))
    tell.row(
        text("The sub-processor was aware since"),
        _moment(known.subprocessor_aware, snapshot, words),
    )
    tell.row(text("Began"), _moment(known.began, snapshot, words))
    going_on = words.say(text("still going on")) if known.ongoing else ""
    tell.row(text("Ended"), _moment(known.ended, snapshot, words) or going_on)
    yield tell.block()


def _moment(written: Instant | None, snapshot: BreachSnapshot, words: Words) -> str:
    """An instant where the controller is, with its offset from UTC."""
    if written is None:
        return ""
    at: datetime = written.moment().astimezone(ZoneInfo(snapshot.zone))
    offset = f"{at:%z}"
    return f"{words.day(at.date())}, {words.hour(at)} (UTC{offset[:3]}:{offset[3:]})"


def content(snapshot: BreachSnapshot, words: Words) -> Iterator[Block]:
    """The content of Art. 33(3), under its letters; what is not known is said to be."""
    if snapshot.step is Step.ERROR:
        return
    known = snapshot.known
    yield _title("a", words)
    tell = Teller(words)
    tell.asked(text("Description"), known.description)
    tell.asked(text("Nature"), shown(known.nature, words))
    tell.row(text("Origin"), shown(known.origin, words))
    tell.row(text("Cause"), shown(known.cause, words))
    tell.asked(text("Categories of data"), shown(known.data, words))
    tell.asked(text("Categories of persons"), shown(known.persons, words))
    tell.asked(
        text("Persons concerned at your body, approximately"), shown(snapshot.persons, words)
    )
    tell.asked(
        text("Records concerned at your body, approximately"), shown(snapshot.records, words)
    )
    yield tell.block()
    yield _title("b", words)
    yield Paragraph(_contact(snapshot, words))
    yield _title("c", words)
    yield Paragraph(known.consequences or mark(words))
    yield _title("d", words)
    tell = Teller(words)
    tell.row(text("Measures in place before"), known.measures_before)
    tell.asked(text("Measures taken"), known.measures_taken)
    tell.row(text("Measures planned"), known.measures_planned)
    yield tell.block()


def _title(letter_: str, words: Words) -> Heading:
    says = words.say(ARTICLE_33[letter_])
    return Heading(f"{letter_}) {says[:1].upper()}{says[1:]}", 1)


def _contact(snapshot: BreachSnapshot, words: Words) -> str:
    known, ours = snapshot.known, snapshot.organisation
    named = beside(known.contact, known.contact_email, known.contact_phone)
    dpo = beside(ours.dpo_name, ours.dpo_email, ours.dpo_phone)
    told = words.say(text("Our data protection officer: {who}", who=dpo)) if dpo else ""
    return stacked(named, told) or mark(words)


def duties(snapshot: BreachSnapshot, words: Words) -> Iterator[Block]:
    """What is the controller's own to decide, and from when its own time runs."""
    if snapshot.step is Step.ERROR:
        return
    yield Paragraph(
        words.say(
            text(
                "Whether the authority and the persons concerned have to be told is yours to "
                "assess (Art. 33(1) and 34). Your own time runs from the moment at which you "
                "became aware, at the latest from the earliest arrival of a notice of ours. We "
                "assist you with what we know."
            )
        )
    )
    yield Paragraph(words.say(text("Yours faithfully,")))


SECTIONS: tuple[Section, ...] = (opening, changed, concerns, content, duties)
"""What stands on each letter, in this order."""
