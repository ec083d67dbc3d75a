"""Time limits of a request, and what it needs before it is passed on.

The month is the controller's (Art. 12(3)). Whether it runs from the processor's receipt or from the
controller's own is not settled: the earliest reading is shown, to both, with that caveat.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from registers.kernel import calendars, periods
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import checked_email
from registers.kernel.periods import Frozen, Period, Roll, Unit
from registers.kernel.words import Text, Words, text
from registers.requests.facts import Request
from registers.requests.vocabulary import Channel, Phase, Way, What

MONTH = Period(1, Unit.MONTHS, Roll.NEXT_BUSINESS_DAY)
"""Within one month of receipt, Art. 12(3)."""
EXTENDED = Period(3, Unit.MONTHS, Roll.NEXT_BUSINESS_DAY)
"""The month and two further ones, counted from receipt (EDPB guidelines 01/2022)."""
CHAINED = Period(2, Unit.MONTHS, Roll.NEXT_BUSINESS_DAY)
"""The two further months, counted from the same date of the next month (case C81)."""

CAVEAT = text(
    "Counted from our receipt, the earliest reading: whether the month runs from the receipt by "
    "the processor or by the controller is not settled."
)


class Limits(NamedTuple):
    """The controller's month and its extension."""

    month: Frozen
    extended: Frozen


def limits(received_on: date, calendar: str, zone: str, *, good_friday: bool) -> Limits:
    """Until when a controller answers, on its own calendar; of two readings the earlier.

    Args:
        received_on: the day on which the processor received the request.
        calendar: whose public holidays, by the code of the territory.
        zone: where the controller is.
        good_friday: whether Good Friday is one in the commune.
    """
    known = calendars.calendar(calendar, good_friday)
    month = periods.freeze(MONTH, received_on, known, zone)
    chained = periods.freeze(CHAINED, periods.add_months(received_on, 1), known, zone)
    extended = periods.freeze(EXTENDED, received_on, known, zone)
    return Limits(month, min(extended, chained, key=lambda each: each.ends_at))


def explained(stored: Mapping[str, Any]) -> tuple[Text, ...]:
    """How a limit was counted, sentence by sentence; nothing where today's data would differ.

    Args:
        stored: the limit as it was frozen and kept.
    """
    period = msgspec.convert(stored["period"], Period)
    known = calendars.calendar(stored["calendar"], stored["good_friday"])
    start = date.fromisoformat(stored["start"])
    told = periods.deadline(period, start, known, stored["zone"])
    return told.rule if told.due.isoformat() == stored["due"] else ()


def checked(known: Request, today: date) -> Request:
    """A request in normal form.

    Raises:
        Invalid: no right is named, the day is to come, an address cannot be one, or nothing tells
            who asks.
    """
    if not known.rights:
        raise Invalid(text("Say which right is asked for; several if need be."), "rights")
    if known.received_on > today:
        raise Invalid(text("This day is still to come."), "received_on")
    if not any((known.name.strip(), known.email.strip(), known.address.strip())):
        raise Invalid(text("Give a name or an address: the controller must know who asks."), "name")
    if known.email:
        try:
            return msgspec.structs.replace(known, email=checked_email(known.email))
        except Invalid as error:
            raise Invalid(error.reason, "email") from error
    return known


def acknowledged_by(known: Request) -> Way:
    """How a request is acknowledged: by e-mail where there is an address, else by letter.

    What came by letter with an e-mail address in it is answered by e-mail too: in writing is in
    writing, and at once.
    """
    if known.email:
        return Way.EMAIL
    return Way.LETTER if known.address.strip() else Way.NONE


def may_forward(phase: Phase) -> Text | None:
    """Why a request cannot be passed on; None where it can."""
    if phase in {Phase.CLOSED, Phase.MISDIRECTED}:
        return text("This request is closed.")
    return None


def may_close(phase: Phase, unanswered: int) -> Text | None:
    """Why a request cannot be closed; None where it can."""
    if phase in {Phase.CLOSED, Phase.MISDIRECTED}:
        return text("It is closed already.")
    if phase is Phase.UNASSIGNED:
        return text("No controller has it yet: pass it on, or say that it was addressed wrongly.")
    if unanswered:
        return text("Not every controller has told what became of it.")
    return None


ENDS = frozenset({What.ANSWERED, What.REFUSED, What.NOT_OURS})
"""What ends the matter for one controller."""

SPOKEN = frozenset({Channel.TELEPHONE, Channel.IN_PERSON})
"""Ways in which nothing was written by the person."""


def shown_text(known: Request, words: Words) -> str:
    """The request as it goes to the controller: who asks, and in which words.

    Args:
        known: the request.
        words: the language of the message.
    """
    lines = [
        words.say(
            text(
                "{of}: {field}",
                of=Request.name_of(name),
                field=getattr(known, name).replace("\n", " · "),
            )
        )
        for name in ("name", "email", "address")
        if getattr(known, name)
    ]
    return "\n".join([*lines, "", known.words] if known.words else lines)
