"""The register of breaches as the authority is shown it, Art. 33(5)."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from registers.annexes.papers.telling import Teller, beside, stacked
from registers.annexes.shapes import BreachRegisterSnapshot
from registers.breaches import own
from registers.breaches.register import Listed, followed, plainly
from registers.breaches.vocabulary import Phase
from registers.kernel.instants import Instant
from registers.kernel.showing import shown
from registers.kernel.words import Words, text
from registers.press.paper import Block, Column, Heading, Items, Paragraph, Table


def overview(snapshot: BreachRegisterSnapshot, words: Words) -> Iterator[Block]:
    """All breaches in one table, and what is left out."""
    yield Paragraph(
        words.say(
            text(
                "All breaches and suspicions of breaches that were recorded by this day, those "
                "that proved to be none included. Exercises are left out. Whatever was known "
                "earlier of each stays readable in its history."
            )
        ),
        "note",
    )
    yield Heading(words.say(text("Overview")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Number")), 2.1),
            Column(words.say(text("What happened")), 4),
            Column(words.say(text("State")), 2.2),
            Column(words.say(text("Aware since")), 2.6),
            Column(words.say(text("Contracts informed")), 1.8, "right"),
        ),
        rows=tuple(
            (
                each.code,
                each.known.title,
                words.say(each.phase.says),
                _instant(each.known.aware, words),
                f"{each.informed.informed} / {each.informed.contracts}",
            )
            for each in snapshot.breaches
        ),
        empty=words.say(text("No breach was recorded by this day.")),
    )


def each_breach(snapshot: BreachRegisterSnapshot, words: Words) -> Iterator[Block]:
    """Each breach: its facts, its effects, what was done about it."""
    for each in snapshot.breaches:
        yield Heading(f"{each.code} – {each.known.title}", 1)
        yield from _facts(each, words)
        if each.phase is not Phase.FALSE or each.known.consequences:
            yield from _effects(each, words)
        if each.phase is not Phase.FALSE or each.known.measures_taken:
            yield from _remedies(each, words)
        if each.phase is not Phase.FALSE or each.informed.contracts or each.informed.removed:
            yield from _informed(each, words)
        if each.known.ours:
            yield from _own(each.own or own.Own(), words)
        if each.follow_ups:
            yield Heading(words.say(text("Lessons and measures that follow")), 2)
            yield Items(tuple(followed(row, words) for row in each.follow_ups))


def _facts(each: Listed, words: Words) -> Iterator[Block]:
    known, tell = each.known, Teller(words)
    asked = tell.row if each.phase is Phase.FALSE else tell.asked  # nothing more will be known
    yield Heading(words.say(text("Facts")), 2)
    tell.row(text("State"), words.say(each.phase.says))
    if each.ended_at is not None:
        why = text("Why it is none") if each.phase is Phase.FALSE else text("How it was closed")
        tell.row(text("Recorded as ended"), _moment(each.ended_at, each.zone, words))
        tell.row(why, each.end_reason)
    tell.row(text("Certainty"), words.say(known.certainty.says))
    asked(text("We are aware since"), _instant(known.aware, words))
    tell.row(text("Why from then on"), known.aware_reason)
    tell.row(text("Detected"), _instant(known.detected, words))
    tell.row(text("How it was detected"), known.detected_reason)
    tell.row(text("Discovered by"), shown(known.discoverer, words))
    tell.row(text("The sub-processor was aware since"), _instant(known.subprocessor_aware, words))
    tell.row(text("Began"), _instant(known.began, words))
    going_on = words.say(text("still going on")) if known.ongoing else ""
    tell.row(text("Ended"), _instant(known.ended, words) or going_on)
    tell.row(text("Activities touched"), ", ".join(each.services))
    tell.row(text("Sub-processors touched"), ", ".join(each.subprocessors))
    tell.row(text("Sites touched"), ", ".join(known.sites))
    asked(text("Nature"), shown(known.nature, words))
    tell.row(text("Origin"), shown(known.origin, words))
    tell.row(text("Cause"), shown(known.cause, words))
    asked(text("Categories of data"), shown(known.data, words))
    asked(text("Categories of persons"), shown(known.persons, words))
    tell.row(text("Persons concerned, about"), shown(each.informed.persons, words))
    tell.row(text("Records concerned, about"), shown(each.informed.records, words))
    asked(text("Description"), known.description)
    yield tell.block()


def _effects(each: Listed, words: Words) -> Iterator[Block]:
    yield Heading(words.say(text("Effects")), 2)
    tell = Teller(words)
    tell.asked(text("Likely consequences"), each.known.consequences)
    yield tell.block()


def _remedies(each: Listed, words: Words) -> Iterator[Block]:
    known, tell = each.known, Teller(words)
    yield Heading(words.say(text("Remedial action")), 2)
    tell.row(text("Measures in place before"), known.measures_before)
    tell.asked(text("Measures taken"), known.measures_taken)
    tell.row(text("Measures planned"), known.measures_planned)
    yield tell.block()


def _informed(each: Listed, words: Words) -> Iterator[Block]:
    told, tell = each.informed, Teller(words)
    yield Heading(words.say(text("Controllers informed (Art. 33(2))")), 2)
    tell.row(text("Controllers affected"), str(told.controllers))
    tell.row(text("Contracts affected"), str(told.contracts))
    tell.row(text("Contracts informed"), str(told.informed))
    tell.row(text("Informed late"), str(told.late))
    tell.row(text("Formalities complete"), str(told.complete))
    tell.row(text("First informed"), _moment(told.first_at, each.zone, words))
    tell.row(text("Last informed"), _moment(told.last_at, each.zone, words))
    tell.row(text("Reasons of lateness"), "\n".join(told.late_reasons))
    if told.removed:
        tell.row(text("Not affected after all"), str(told.removed))
    yield tell.block()


def _own(known: own.Own, words: Words) -> Iterator[Block]:
    tell = Teller(words)
    yield Heading(words.say(text("Data of which the organisation is itself controller")), 2)
    assessed = stacked(shown(known.risk, words), known.risk_reason)
    tell.asked(text("Risk for the persons concerned"), assessed)
    tell.row(text("Severity"), shown(known.severity, words))
    tell.row(text("Persons concerned, about"), shown(known.persons, words))
    tell.row(text("Records concerned, about"), shown(known.records, words))
    notified = beside(_instant(known.notified, words), known.authority, known.reference)
    not_needed = known.risk is own.Risk.NONE and known.notified is None
    if not not_needed:
        tell.asked(text("Notified to the authority"), notified)
    tell.row(text("Reasons for the delay"), known.late_reason)
    tell.row(
        text("Further information to the authority"),
        stacked(
            *(beside(f"{row.on:%d/%m/%Y}", row.reference, row.what) for row in known.completed)
        ),
    )
    day = f"{known.told_on:%d/%m/%Y}" if known.told_on else ""
    informed = beside(shown(known.telling, words), day, shown(known.told_number, words))
    if known.risk is own.Risk.HIGH:
        tell.asked(text("Persons informed (Art. 34)"), informed)
    else:
        tell.row(text("Persons informed (Art. 34)"), informed)
    tell.row(text("How they were informed, and of what"), known.told_how)
    exempt = stacked(shown(known.exemption, words), known.exemption_reason)
    tell.row(text("Why they need not be informed"), exempt)
    yield tell.block()


def _instant(written: Instant | None, words: Words) -> str:
    return _moment(written.moment(), written.zone, words) if written else ""


def _moment(at: datetime | None, zone: str, words: Words) -> str:
    """An instant with its weekday, on the clocks of a zone, with its offset."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    _, _, offset = plainly(at, zone).partition(" (")
    return f"{words.day(local.date())}, {words.hour(local)} ({offset}"


SECTIONS = (overview, each_breach)
