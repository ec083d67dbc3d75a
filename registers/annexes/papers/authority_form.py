"""The authority's form as a paper: always a draft, which nobody seals.

It is the controller's own notification that the processor prepares; a seal of the processor on it
would say what only the controller may say.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from registers.annexes.papers.telling import beside, mark, stacked
from registers.breaches import authority_form
from registers.breaches.authority_form import BLOCKS, OWN, Choice, Form, Person, When
from registers.kernel.showing import NO, YES
from registers.kernel.words import Words, text
from registers.press.paper import Block, Heading, KeyValues, Paper, Paragraph

TITLE = text("Notification of a personal data breach to the supervisory authority")
TO_ANSWER = text("for the controller to answer")
LAW = text("draft for the controller (Regulation (EU) 2016/679, art. 33(1) and (3))")


def paper(form: Form, on: date) -> Paper:
    """The form, marked as a draft on each page."""
    words = Words(form.language)
    return Paper(
        kind="authority_form",
        title=words.say(TITLE),
        subtitle=form.meta.declarant.name,
        language="en" if words.language == "en" else "fr",
        organisation=form.prepared.by,
        on=on,
        lead=(words.say(LAW), _source(form, words)),
        blocks=tuple(_blocks(form, words)),
        draft=True,
    )


def _source(form: Form, words: Words) -> str:
    return words.say(
        text(
            "Prepared by {processor} from its notice {notice} about the breach {breach}",
            processor=form.prepared.by,
            notice=form.prepared.notice,
            breach=form.prepared.breach,
        )
    )


def _blocks(form: Form, words: Words) -> Iterator[Block]:
    yield Paragraph(form.prepared.says, "warning")
    for title, fields in BLOCKS.items():
        yield Heading(words.say(title), 1)
        yield KeyValues(
            tuple((words.say(each.says), _value(form, each.path, words)) for each in fields)
        )


def _value(form: Form, path: str, words: Words) -> str:
    if path in OWN:
        return f"[{words.say(TO_ANSWER)}]"
    said = written(authority_form.value_of(form, path), words)
    if not said and path in MAY_BE_NONE and form.data.categories:
        return words.say(text("none known"))
    return said or mark(words)


MAY_BE_NONE = ("data.sensitive", "processor.subprocessors")
"""Lists that say something when they are empty, once it is known which data are touched."""


def written(value: Any, words: Words) -> str:
    """A value of the form in words; empty for what is not known."""
    match value:
        case None:
            said = ""
        case bool():
            said = words.say(YES if value else NO)
        case When():
            said = moment(datetime.fromisoformat(value.at), value.zone, words)
        case Choice():
            said = value.label
        case Person():
            said = stacked(beside(value.name, value.function), beside(value.email, value.phone))
        case tuple():
            said = ", ".join(written(each, words) for each in value)
        case _:
            said = str(value)
    return said


def moment(at: datetime, zone: str, words: Words) -> str:
    """An instant on the clocks of a zone, which is named, with its offset from UTC."""
    there = at.astimezone(ZoneInfo(zone))
    offset = f"{there:%z}"
    return f"{words.day(there.date())}, {words.hour(there)} ({zone}, UTC{offset[:3]}:{offset[3:]})"
