"""What the organisation does about a breach as controller itself: facts and pure rules.

Its own time runs from its awareness (Art. 33(1)); whether a risk is likely decides whether the
authority is told, a high risk whether the persons are (Art. 34). None of this concerns the
controllers for whom it acts: their time and their assessment are theirs.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec

from registers.breaches import own_time
from registers.kernel.errors import Invalid
from registers.kernel.history import Facts, titled
from registers.kernel.instants import Instant
from registers.kernel.words import Named, Text, text


class Risk(Named):
    """How likely the breach is to harm the rights and freedoms of persons."""

    NONE = "none", text("Unlikely to result in a risk")
    RISK = "risk", text("A risk")
    HIGH = "high", text("A high risk")


class Severity(Named):
    """How grave it would be for them, as the authority's form grades it."""

    NEGLIGIBLE = "negligible", text("Negligible")
    LIMITED = "limited", text("Limited")
    IMPORTANT = "important", text("Important")
    MAXIMAL = "maximal", text("Maximal")


class Telling(Named):
    """Whether the persons are informed, as the authority's form asks it."""

    TOLD = "told", text("Yes, they were informed")
    TO_TELL = "to_tell", text("Not yet, they will be")
    NOT_TOLD = "not_told", text("No, they will not be")


class Exemption(Named):
    """Why persons need not be informed one by one."""

    UNINTELLIGIBLE = (
        "unintelligible",
        text("The data are unintelligible to whoever has no right to them (Art. 34(3)(a))"),
    )
    MEASURES = "measures", text("Later measures make the high risk unlikely (Art. 34(3)(b))")
    DISPROPORTIONATE = (
        "disproportionate",
        text("Disproportionate effort: public communication instead (Art. 34(3)(c))"),
    )
    NO_HIGH_RISK = "no_high_risk", text("There is no high risk (Art. 34(1))")


class Completion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Information that the authority was given after the first notification."""

    on: Annotated[date, titled("Day")]
    reference: Annotated[str, titled("Number given by the authority")] = ""
    what: Annotated[str, titled("What was added")] = ""


class Own(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of a breach of data of which the organisation is itself controller."""

    risk: Annotated[Risk | None, titled("Risk for the persons concerned", wanted="Art. 33(1)")] = (
        None
    )
    risk_reason: Annotated[str, titled("Why it is assessed so", wanted="Art. 33(1)")] = ""
    severity: Annotated[Severity | None, titled("Severity")] = None
    persons: Annotated[int | None, titled("Persons concerned, about", "Art. 33(3)(a)")] = None
    records: Annotated[int | None, titled("Records concerned, about", "Art. 33(3)(a)")] = None
    authority: Annotated[str, titled("Supervisory authority", "Art. 55")] = ""
    notified: Annotated[Instant | None, titled("Notified to the authority", "Art. 33(1)")] = None
    reference: Annotated[str, titled("Number given by the authority")] = ""
    late_reason: Annotated[str, titled("Reasons for the delay", "Art. 33(1)")] = ""
    completed: Annotated[
        tuple[Completion, ...], titled("Further information to the authority", "Art. 33(4)")
    ] = ()
    telling: Annotated[Telling | None, titled("Persons informed", "Art. 34(1)")] = None
    told_on: Annotated[date | None, titled("Informed on")] = None
    told_number: Annotated[int | None, titled("How many were informed")] = None
    told_how: Annotated[str, titled("How they were informed, and of what", "Art. 34(2)")] = ""
    exemption: Annotated[
        Exemption | None, titled("Why they need not be informed", "Art. 34(3)")
    ] = None
    exemption_reason: Annotated[str, titled("Explanation of that")] = ""

    @property
    def notified_at(self) -> datetime | None:
        """When the authority was told, where it was."""
        return self.notified.moment() if self.notified else None


def ends_at(aware_at: datetime) -> datetime:
    """The first instant at which telling the authority is too late: elapsed hours."""
    return own_time.clock(aware_at).ends_at


class Owed(Named):
    """What is still to be done as controller."""

    ASSESS = "assess", text("assess the risk for the persons (Art. 33(1))")
    REASON = "reason", text("say why the risk is assessed so (Art. 33(5))")
    NOTIFY = "notify", text("notify the authority (Art. 33(1))")
    DELAY = "delay", text("give the reasons for the delay (Art. 33(1))")
    PERSONS = "persons", text("say whether the persons were informed (Art. 34(1))")
    TELL = "tell", text("inform the persons (Art. 34(1))")
    EXEMPTION = "exemption", text("say why they need not be informed (Art. 34(3))")


def owed(known: Own, aware_at: datetime | None, now: datetime) -> list[Owed]:
    """What is still to be done, in its order; an unlikely risk asks for its reason only.

    Args:
        known: what was recorded.
        aware_at: since when the organisation is aware; None: it is not known yet.
        now: the present instant.
    """
    return list(_owed(known, aware_at, now))


def _owed(known: Own, aware_at: datetime | None, now: datetime) -> Iterator[Owed]:
    if known.risk is None:
        yield Owed.ASSESS
    if not known.risk_reason.strip():
        yield Owed.REASON
    if known.risk is not Risk.NONE and known.notified is None:
        yield Owed.NOTIFY
    if is_late(known, aware_at, now) and not known.late_reason.strip():
        yield Owed.DELAY
    if known.risk is not Risk.HIGH and known.telling is not Telling.TO_TELL:
        return
    if known.telling is None:
        yield Owed.PERSONS
    elif known.telling is Telling.TO_TELL:
        yield Owed.TELL
    elif known.telling is Telling.NOT_TOLD and known.exemption in {None, Exemption.NO_HIGH_RISK}:
        yield Owed.EXEMPTION


def is_late(known: Own, aware_at: datetime | None, now: datetime) -> bool:
    """Whether the authority was told too late, or is not although the time is over."""
    if aware_at is None or (known.risk is Risk.NONE and known.notified is None):
        return False
    return (known.notified_at or now) >= ends_at(aware_at)


def against_closing(owing: Sequence[Owed]) -> Text | None:
    """Why a breach cannot be closed yet on our own account; None where it can."""
    if not owing:
        return None
    what = owing[0].says
    return text("As controller of data of our own there is still to do: {what}.", what=what)


def checked(known: Own, now: datetime, today: date) -> Own:
    """A file in normal form.

    Raises:
        Invalid: a time never was, or is still to come; persons were informed, and no day says
            when.
    """
    if known.notified is not None:
        try:
            moment = known.notified.moment()
        except Invalid as error:
            raise Invalid(error.reason, "notified") from error
        if moment > now:
            raise Invalid(text("This time is still to come."), "notified")
    if any(each.on > today for each in known.completed):
        raise Invalid(text("This day is still to come."), "completed")
    if known.told_on is not None and known.told_on > today:
        raise Invalid(text("This day is still to come."), "told_on")
    if known.telling is Telling.TOLD and known.told_on is None:
        raise Invalid(text("Say on which day."), "told_on")
    return known
