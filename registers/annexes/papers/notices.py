"""Letters about sub-processors: the intended change, a reminder, a withdrawal, an early start.

Contract 001 §7.6 (K20): in writing and beforehand, the sub-processed activities, the identity
and contact details of the sub-processor, the dates of its contract. Each letter also says until
when and how to object, and how that is counted.
"""

from collections.abc import Callable, Iterator
from datetime import date

from registers.annexes.letters import NoticeSnapshot, ToldChange, ToldContract
from registers.annexes.papers import letters
from registers.annexes.papers.telling import Teller, beside, postal, runs, stacked, transferred
from registers.announcements.vocabulary import ChangeKind
from registers.controllers.vocabulary import Effect
from registers.kernel import calendars, periods
from registers.kernel.identifiers import country_name
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Column, Heading, Paragraph, Table

Section = Callable[[NoticeSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 28(2)")

TITLES: dict[NoticeKind, Text] = {
    NoticeKind.SUBPROCESSORS: text("Prior information about sub-processors"),
    NoticeKind.REMINDER: text("Reminder: prior information about sub-processors"),
    NoticeKind.WITHDRAWAL: text("Withdrawal of an information about sub-processors"),
    NoticeKind.ENGAGEMENT: text("Sub-processor engaged before the time to object had passed"),
}
"""The subject of each letter."""


def intended(_snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """Why the letter is written."""
    yield Paragraph(
        words.say(
            text(
                "Under Art. 28(2) of the General Data Protection Regulation and our contract, we "
                "inform you in writing, before it happens, of the following change of the "
                "sub-processors to whom we entrust personal data that we process on your behalf."
            )
        )
    )


def reminded(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """That the receipt of an earlier letter is not acknowledged."""
    yield Paragraph(
        words.say(
            text(
                "By our notice {former} we informed you of the following change of sub-processors. "
                "We have no proof yet that you received it: please acknowledge receipt. The time "
                "in which you may object runs from your receipt, not from our sending.",
                former=snapshot.former,
            )
        )
    )


def withdrawn(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """That an earlier letter is void."""
    yield Paragraph(
        words.say(
            text(
                "We withdraw our notice {former} ({announcement}) about the sub-processors below: "
                "it was sent in error, and no time to object runs from it. You need not do "
                "anything.",
                former=snapshot.former,
                announcement=snapshot.announcement,
            )
        )
    )
    yield _why(snapshot, words)


def started(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """That a sub-processor began to work before it might."""
    since = snapshot.started_on or snapshot.on
    yield Paragraph(
        words.say(
            text(
                "We owe you the following information: the sub-processor below, of whom our "
                "notice {former} told you, has been processing data on your behalf since {since}, "
                "before the time in which you may object had passed. This departs from our "
                "contract; your right to object stands undiminished.",
                former=snapshot.former,
                since=since,
            )
        ),
        "warning",
    )
    yield _why(snapshot, words)


def _why(snapshot: NoticeSnapshot, words: Words) -> Paragraph:
    return Paragraph(words.say(text("The reason: {reason}", reason=snapshot.reason)))


def changes(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """Each change with the three things that the contract asks for, and where data would be."""
    for number, each in enumerate(snapshot.changes, 1):
        title = text("{kind}: {name}", kind=each.kind.says, name=each.known.name)
        many = len(snapshot.changes) > 1
        yield Heading(f"{number}. {words.say(title)}" if many else words.say(title), 1)
        yield _change(each, words)


def _change(each: ToldChange, words: Words) -> Block:
    known, tell = each.known, Teller(words)
    if each.replaces:
        tell.row(text("In place of"), each.replaces)
    tell.asked(text("Sub-processed activities"), known.processing)
    concerned = [beside(code, name) for code, name in each.activities.items()]
    everything = words.say(text("all activities of the contracts"))
    tell.row(text("In our activities"), stacked(*concerned) or everything)
    tell.row(text("Delimitation of responsibilities"), known.delimitation)
    identity = stacked(beside(known.name, known.legal_form, known.registration))
    tell.asked(text("Identity and address"), stacked(identity, postal(known, words)))
    person = beside(known.contact_name, known.contact_function)
    reached = beside(known.contact_email, known.contact_phone)
    tell.asked(text("Contact person"), stacked(person, reached))
    if each.kind is not ChangeKind.REMOVAL:
        contract = runs(known.contract_starts_on, known.contract_ends_on, words)
        tell.asked(text("Sub-processing contract"), stacked(known.contract_reference, contract))
        sites = [
            beside(
                site.name,
                words.say(site.role.says),
                f"{site.postcode} {site.city}".strip(),
                country_name(site.country, words.language),
            )
            for site in known.sites
        ]
        tell.row(text("Sites"), stacked(*sites))
        sent = transferred(known.no_transfer, known.transfers, words)
        tell.row(text("Transfers to third countries"), sent)
    tell.row(text("Planned from"), words.day(each.planned_on))
    tell.row(text("Why, and what changes"), each.reason)
    return tell.block()


def contracts(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """Which contracts it is about, and what each of them needs."""
    yield Heading(words.say(text("Contracts concerned")), 1)
    yield Table(
        columns=(
            Column(words.say(text("Controller")), 4),
            Column(words.say(text("Contract")), 2.6),
            Column(words.say(text("What it needs")), 3.4),
            Column(words.say(text("Last day to object, if received today")), 3),
        ),
        rows=tuple(
            (
                stacked(each.name, each.code),
                each.reference,
                stacked(*dict.fromkeys(_needs(each, words))),
                words.day(each.ends) if each.ends else "–",
            )
            for each in snapshot.contracts
        ),
    )


def _needs(each: ToldContract, words: Words) -> Iterator[str]:
    for effect in each.effects:
        if effect is Effect.WINDOW and each.terms.objection_amount is not None:
            length = periods.length(each.terms.objection_amount, each.terms.objection_unit)
            yield words.say(text("{length} to object, from receipt", length=length))
        elif effect is not None:
            yield words.say(effect.says)


def rights(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    """How and until when to object, and how the days are counted."""
    effects = {effect for each in snapshot.contracts for effect in each.effects}
    if effects <= {Effect.INFORMATION, None}:
        yield Paragraph(words.say(text("This is for your information; it needs no answer.")))
        return
    yield Heading(words.say(text("Your right to object")), 1)
    if Effect.WINDOW in effects:
        yield from _windows(snapshot, words)
    if Effect.AGREEMENT in effects:
        yield Paragraph(
            words.say(
                text(
                    "Where your explicit agreement is needed, your silence is none: the change "
                    "does not begin for you before you agreed in writing."
                )
            )
        )
    yield Paragraph(
        words.say(
            text(
                "Please acknowledge receipt by the personal link in the message that this letter "
                "came with, or by signing and returning it. You may object the same way, or by "
                "a letter to the address above; you need not give grounds. Until the time has "
                "passed without objection, the sub-processor does not begin for you."
            )
        )
    )
    yield Paragraph(_contact(snapshot, words))


def _windows(snapshot: NoticeSnapshot, words: Words) -> Iterator[Block]:
    told = dict.fromkeys(
        (
            each.terms.objection_amount,
            each.terms.objection_unit,
            each.calendar,
            each.good_friday,
            each.ends,
        )
        for each in snapshot.contracts
        if each.ends and each.terms.objection_amount is not None
    )
    for amount, unit, calendar, good_friday, ends in told:
        yield Paragraph(words.say(_rule(amount or 0, unit, (calendar, good_friday), ends)))


def _rule(amount: int, unit: periods.Unit, place: tuple[str, bool], ends: date | None) -> Text:
    return text(
        "You have {length} from the day of receipt, which is not counted, to object. Public "
        "holidays of {calendar} are not counted. Received on the day of this letter, the time "
        "ends on {ends}, at midnight; received later, it ends later.",
        length=periods.length(amount, unit),
        calendar=calendars.calendar(*place).named(),
        ends=ends,
    )


def _contact(snapshot: NoticeSnapshot, words: Words) -> str:
    ours = snapshot.organisation
    who = beside(ours.dpo_name, ours.dpo_email, ours.dpo_phone)
    return words.say(text("Our data protection officer answers your questions: {who}", who=who))


SECTIONS: dict[NoticeKind, tuple[Section, ...]] = {
    NoticeKind.SUBPROCESSORS: (
        letters.salutation,
        intended,
        changes,
        contracts,
        rights,
        letters.closing,
    ),
    NoticeKind.REMINDER: (
        letters.salutation,
        reminded,
        changes,
        contracts,
        rights,
        letters.closing,
    ),
    NoticeKind.WITHDRAWAL: (letters.salutation, withdrawn, changes, contracts, letters.closing),
    NoticeKind.ENGAGEMENT: (
        letters.salutation,
        started,
        changes,
        contracts,
        rights,
        letters.closing,
    ),
}
"""What stands on each letter, in this order."""
