"""The declaration of a controller's data protection officer: the form of the contract's annex.

Contract 001 § 12, field for field; § 7.7: any change is declared on the same form. It is a paper
between the parties: the designation to the authority (Art. 37(7)) is another act, and the paper
says so.
"""

from collections.abc import Iterator
from datetime import datetime

from registers.annexes.papers.telling import Teller, mark
from registers.annexes.shapes import DeclarationSnapshot
from registers.controllers.vocabulary import ContactKind
from registers.dpo.facts import OFFICER, Declaration
from registers.dpo.vocabulary import WORTH, Way
from registers.kernel.words import Text, Words, text
from registers.press.paper import ANCHOR, Block, Heading, KeyValues, Paragraph

TITLE = text("Declaration of the data protection officer")
LAW = text(
    "form annexed to the contract; it is contractual and no designation to the supervisory "
    "authority (Regulation (EU) 2016/679, art. 37(7))"
)
DOTS = "…" * 12


def number(snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """By which number the declaration is quoted."""
    yield Paragraph(
        words.say(
            text(
                "Declaration {number}. Any change is declared on the same form, without undue "
                "delay.",
                number=snapshot.number,
            )
        ),
        "note",
    )


def body(snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """Who declares, and who signs."""
    known, tell = snapshot.known, Teller(words)
    public = snapshot.controller.public_body
    title = text("Public entity") if public else text("Controller")
    yield Heading(words.say(title), 1)
    tell.asked(title, known.body)
    for name in ("address", "postcode", "city"):
        tell.asked(Declaration.name_of(name), getattr(known, name))
    yield tell.block()
    yield Heading(words.say(text("Representative")), 1)
    tell = Teller(words)
    tell.asked(text("Name"), known.representative_name)
    tell.asked(text("First name"), known.representative_first_name)
    tell.asked(Declaration.name_of("representative_quality"), known.representative_quality)
    yield tell.block()


def officer(snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """Who the data protection officer or its representative is."""
    known, tell = snapshot.known, Teller(words)
    yield Heading(words.say(text("Data protection officer or representative")), 1)
    if known.none:
        tell.row(text("Data protection officer"), words.say(text("none is required")))
        tell.asked(Declaration.name_of("none_reason"), known.none_reason)
        yield tell.block()
        return
    if known.kind is not ContactKind.PERSON:
        tell.row(Declaration.name_of("kind"), words.say(known.kind.says))
        tell.row(Declaration.name_of("firm"), known.firm)
    for name in OFFICER:
        value = getattr(known, name)
        if known.kind is ContactKind.PERSON or name in {"phone", "email"}:
            value = value or DOTS  # room to write it by hand, as on the form of the contract
        tell.row(Declaration.name_of(name), value)
    if known.since:
        tell.row(Declaration.name_of("since"), words.day(known.since))
    if known.breach_email:
        tell.row(Declaration.name_of("breach_email"), known.breach_email)
    yield tell.block()


def done(snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """Where and when it is signed; room to write it by hand where that is not known yet."""
    known = snapshot.known
    where: Text | str = known.done_at or DOTS
    when: Text | str = words.day(known.done_on) if known.done_on else DOTS
    yield Paragraph(words.say(text("Done at {where}, on {when}", where=where, when=when)))


def signature(_snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """The place of the signature: the anchor of the contract's forms, which becomes a field."""
    yield Heading(words.say(text("Signature and stamp")), 1)
    yield Paragraph(
        words.say(
            text(
                "The organisation sealed the form so that its text cannot be altered; the "
                "controller signs in its own field, electronically or by hand."
            )
        ),
        "note",
    )
    yield Paragraph(ANCHOR)


FORM = (number, body, officer, done, signature)
"""What stands on the form to be signed, in this order."""


def act(snapshot: DeclarationSnapshot, words: Words) -> Iterator[Block]:
    """Who declared on the portal, when, and what shows it."""
    yield Heading(words.say(text("How it was declared")), 1)
    known = snapshot.declared
    if known is None:
        yield Paragraph(mark(words))
        return
    at = datetime.fromisoformat(known.at)
    offset = f"{at:%z}"
    moment = f"{words.day(at.date())}, {at:%H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"
    rows = (
        (text("Declared by, in its own words"), f"{known.name}, {known.function}"),
        (text("At"), moment),
        (text("By the personal link of notice"), known.notice),
        (text("With a one-time code sent to"), known.code_to),
    )
    yield KeyValues(tuple((words.say(label), value) for label, value in rows if value))
    yield Paragraph(words.say(WORTH[Way.PORTAL]), "note")


EVIDENCE = (number, body, officer, done, act)
"""What stands on the evidence of a declaration on the portal, sealed by the organisation."""
