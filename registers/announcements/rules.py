"""When a sub-processor may start under one contract: pure rules.

Contract 001 §7.6 (K20, K21): the controller has at least 30 business days **from receipt** to
object, and the sub-processing may only begin if it did not. Prudence has a direction: of several
days the later one counts for the window, and what is not proven does not let it lapse.

§8.1 (K29, K30): an update is told at least 15 days before its day; the controller may object up
to 7 days before it, and not beyond a year from the publication of the version. So its window is
counted back from that day, whenever the notice is received; all else is the same.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from registers.announcements.vocabulary import ChangeKind, Outcome, State
from registers.controllers.facts import Span, Terms
from registers.controllers.vocabulary import Authorisation, Effect
from registers.kernel import calendars, periods
from registers.kernel.errors import Invalid
from registers.kernel.periods import Deadline, Period
from registers.kernel.words import Text, text
from registers.notices.vocabulary import Evidence, Grade, grade

DAY = timedelta(days=1)


def effect(
    kind: ChangeKind, terms: Terms, activities: Collection[str], *, new_transfer: bool
) -> Effect:
    """What a change needs under a contract's terms.

    Args:
        kind: what is intended.
        terms: those of the contract on the day of the announcement.
        activities: the codes of the activities concerned.
        new_transfer: whether data would go to a third country to which they do not go now.
    """
    agreed = {
        ChangeKind.REMOVAL: terms.removal_effect,
        ChangeKind.RELOCATION: terms.relocation_effect,
    }.get(kind)
    if agreed is Effect.INFORMATION and (kind is ChangeKind.REMOVAL or not new_transfer):
        return Effect.INFORMATION
    specific = terms.authorisation is Authorisation.SPECIFIC or (
        terms.authorisation is Authorisation.MIXED
        and not set(activities).isdisjoint(terms.specific_activities)
    )
    # no agreed window can lapse: silence means nothing (Art. 28(2))
    silent = specific or new_transfer or terms.objection_amount is None
    if silent or agreed is Effect.AGREEMENT:
        return Effect.AGREEMENT
    return Effect.WINDOW


class Place(msgspec.Struct, frozen=True):
    """Whose business days count, and where the days end."""

    calendar: str
    zone: str
    good_friday: bool = True


def window(terms: Terms, place: Place, received_on: date) -> Deadline:
    """The window to object, counted from the day after receipt on the controller's calendar.

    Args:
        terms: of the contract; they have a number.
        place: the controller's, or the contract's where it has its own.
        received_on: the local day of receipt; itself not counted.

    Raises:
        Invalid: the terms have no window.
    """
    if terms.objection_amount is None:
        raise Invalid(text("The contract has no time limit to object."), "objection_amount")
    return periods.deadline(
        Period(terms.objection_amount, terms.objection_unit),
        received_on,
        calendars.calendar(place.calendar, place.good_friday),
        place.zone,
    )


def free_on(closes_on: date, terms: Terms, ours: Place, received_on: date, margin: int) -> date:
    """The first day on which nothing holds the change any more, absent an objection.

    The organisation also waits until its own calendar would let the window end, and some business
    days of its own for an objection that is still in the post.

    Args:
        closes_on: the last day of the window, on the controller's calendar.
        terms: of the contract.
        ours: the organisation's calendar and zone.
        received_on: the local day of receipt.
        margin: business days for the post.
    """
    last: date = max(closes_on, window(terms, ours, received_on).due)
    calendar = calendars.calendar(ours.calendar, ours.good_friday)
    return calendar.count(last, margin)[0] + DAY


def not_before(day: date, zone: str, ends_at: datetime) -> date:
    """This day, or the first after it that begins once a window is over.

    Where the controller is west of us, its last day ends when our next one has begun.

    Args:
        day: the first day by the calendars.
        zone: the organisation's.
        ends_at: the instant at which the window is over, where the controller is.
    """
    here = ZoneInfo(zone)
    while datetime.combine(day, time(), here) < ends_at:
        day += DAY
    return day


class Ahead(NamedTuple):
    """When an update may be installed under one contract, and until when it may be objected to."""

    free_on: date
    """The first day: the planned one, or a later one where notice was given later."""
    closes: Deadline | None
    """The end of the window; None where there is nothing to object to."""
    holds_until: date | None
    """The last day on which an objection holds; None where none is agreed, or known."""


class Planned(NamedTuple):
    """The days of an update."""

    on: date
    published_on: date | None = None


def is_counted_back(terms: Terms) -> bool:
    """Whether a contract promises anything about the day of an update."""
    return terms.update_notice is not None or terms.update_objection is not None


def update_effect(terms: Terms, planned: Planned, place: Place, told_on: date) -> Effect:
    """What an update needs under a contract: a window, or information where none can run.

    Args:
        terms: those of the contract.
        planned: when it is to be installed, when it was published.
        place: the controller's.
        told_on: the local day on which it is told.
    """
    closes = ahead(terms, planned, place, told_on).closes
    return Effect.INFORMATION if closes is None else Effect.WINDOW


def holds_until(terms: Terms, place: Place, published_on: date | None) -> Deadline | None:
    """Until when an objection can hold a version back at most; None where nothing says so."""
    if terms.update_bound is None or published_on is None:
        return None
    bound: Deadline = _span(terms.update_bound, published_on, place)
    return bound


@lru_cache(maxsize=4096)
def ahead(terms: Terms, planned: Planned, place: Place, told_on: date) -> Ahead:
    """The days of an update under one contract, counted back from the day of installation.

    Whoever is told too late for the planned day is not deprived of a day by it: there the update
    waits for the first day for which the notice was given in time, and could be objected to.

    Args:
        terms: those of the contract.
        planned: when it is to be installed, when it was published.
        place: the controller's.
        told_on: the local day on which the notice left.
    """
    spans = [span for span in (terms.update_notice, terms.update_objection) if span]

    def in_time(days: int) -> bool:
        day = first + days * DAY
        return all(_span(span, day, place, -1).due >= told_on for span in spans)

    first, most = max(planned.on, told_on), 1
    while not in_time(most):
        most *= 2
    free_on = first + bisect_left(range(most), True, key=in_time) * DAY
    bound = holds_until(terms, place, planned.published_on)
    closes = None
    if terms.update_objection is not None:
        back = _span(terms.update_objection, free_on, place, -1)
        closes = min(filter(None, (back, bound)), key=lambda each: each.ends_at)
    if closes is not None and closes.due < told_on:
        closes = None
    return Ahead(free_on, closes, bound.due if bound else None)


def _span(span: Span, start: date, place: Place, direction: int = 1) -> Any:
    calendar = calendars.calendar(place.calendar, place.good_friday)
    return periods.deadline(Period(direction * span.amount, span.unit), start, calendar, place.zone)


class Receipt(msgspec.Struct, frozen=True):
    """Evidence that a controller received the notice, on a local day."""

    evidence: Evidence
    received_on: date
    confirmed: bool = True
    """Whether the second person confirmed it, where two are asked for."""

    @property
    def grade(self) -> Grade:
        """What it is worth: of one person's word where two are asked for, little."""
        found = grade(self.evidence)
        return Grade.WEAK if found is Grade.STRONG and not self.confirmed else found


def receipt(found: Iterable[Receipt]) -> Receipt | None:
    """The receipt that counts: the strongest evidence; among equals the latest day.

    What is no evidence of receipt is passed over.
    """
    order = (Grade.NONE, Grade.WEAK, Grade.STRONG)
    counted = [each for each in found if each.grade is not Grade.NONE]
    return max(
        counted,
        key=lambda each: (order.index(each.grade), each.received_on),
        default=None,
    )


class Objection(msgspec.Struct, frozen=True):
    """A controller's refusal; its grounds do not matter here."""

    received_on: date
    posted_on: date | None = None
    outcome: Outcome = Outcome.PENDING

    def in_time(self, closes_on: date) -> bool:
        """Whether it was posted, or came, up to the last day."""
        return min(self.posted_on or self.received_on, self.received_on) <= closes_on


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One change under one contract: all that decides whether it may start."""

    effect: Effect
    sent_on: date | None = None
    receipt: Receipt | None = None
    closes_on: date | None = None
    """Frozen when the window was opened: the last day of the controller."""
    free_on: date | None = None
    """Frozen too: the first day on which the change may start."""
    objections: tuple[Objection, ...] = ()
    agreed_on: date | None = None
    """For an explicit agreement, or an early approval."""
    planned_on: date | None = None
    engaged_on: date | None = None
    contract_ended_on: date | None = None
    over: bool = False
    """Whether the announcement was withdrawn, or announced anew."""
    counted_back: bool = False
    """Whether it is an update, whose window is counted back from its day, without any receipt."""
    holds_until: date | None = None
    """The last day on which an objection to it holds."""


class Standing(NamedTuple):
    """Where a change stands under one contract on a day, and why."""

    state: State
    day: date | None
    """The day that matters: the last one of the window, the first one of the start."""
    says: Text

    @property
    def may_start(self) -> bool:
        """Whether nothing holds it."""
        return self.state is State.MAY_START


def standing(case: Case, today: date) -> Standing:
    """Where a change stands under one contract: the one rule that pages, sweeps and papers ask.

    Args:
        case: what is known of it.
        today: the local day of the controller.
    """
    if case.engaged_on:
        first = _first_lawful(case, case.engaged_on)
        informs = case.effect is Effect.INFORMATION and not case.counted_back
        regular = first.may_start or informs
        says = _begun(first, regular=regular, update=case.counted_back)
        return Standing(State.ENGAGED if regular else State.IRREGULAR, case.engaged_on, says)
    return _first_lawful(case, today)


def _begun(first: Standing, *, regular: bool, update: bool) -> Text:
    if regular:
        return text("Installed.") if update else text("Engaged.")
    if update:
        return text("Installed although: {why}", why=first.says)
    return text("Engaged although: {why}", why=first.says)


def _first_lawful(case: Case, day: date) -> Standing:
    checks = (
        *(_announcement_over, _contract_over, _objected, _agreed, _unsent),
        *(_counted_back, _without_window),
    )
    found = (check(case, day) for check in checks)
    return next((each for each in found if each is not None), None) or _window(case, day)


def _announcement_over(case: Case, _day: date) -> Standing | None:
    if not case.over:
        return None
    return Standing(State.OVER, None, text("Withdrawn, or announced anew since."))


def _contract_over(case: Case, day: date) -> Standing | None:
    ended = case.contract_ended_on
    if ended is None or ended >= day:
        return None
    return Standing(State.CONTRACT_ENDED, ended, text("The contract ended on {day}.", day=ended))


def _objected(case: Case, day: date) -> Standing | None:
    held = [each for each in case.objections if _holds(each, case, day)]
    if any(each.outcome is Outcome.UPHELD for each in held):
        return Standing(State.REFUSED, None, text("The objection was upheld."))
    if held:
        first = min(each.received_on for each in held)
        if case.holds_until:
            says = text(
                "Objected on {day}: deferred until it is withdrawn, at most until {until}.",
                day=first,
                until=case.holds_until,
            )
            return Standing(State.HELD, first, says)
        return Standing(State.HELD, first, text("Objected on {day}; not withdrawn.", day=first))
    return None


def _agreed(case: Case, day: date) -> Standing | None:
    if case.agreed_on is None or case.agreed_on > day:
        return None
    says = text("The controller agreed on {day}.", day=case.agreed_on)
    return Standing(State.MAY_START, case.agreed_on, says)


def _unsent(case: Case, _day: date) -> Standing | None:
    if case.sent_on:
        return None
    return Standing(State.AWAITING_DISPATCH, None, text("The notice was not sent yet."))


def _counted_back(case: Case, day: date) -> Standing | None:
    """An update: told in time, it waits for its day, whether or not its receipt is proven."""
    if not case.counted_back:
        return None
    told, first, closes_on = case.sent_on, case.free_on, case.closes_on
    if told is None or first is None or told > day:
        late = text("The notice left on {day} only.", day=told)
        return Standing(State.AWAITING_DISPATCH, told, late)
    if closes_on and day <= closes_on:
        says = text("The controller may object until {day}.", day=closes_on)
        return Standing(State.OPEN, closes_on, says)
    if day < first:
        return Standing(State.WAITING, first, text("Not before {day}.", day=first))
    if any(each.in_time(closes_on) for each in case.objections if closes_on and _stands(each)):
        says = text("The objection could hold it until {day} at most.", day=case.holds_until)
    elif closes_on:
        says = text("The window closed on {day} without objection.", day=closes_on)
    else:
        says = text("Told in time, on {day}.", day=told)
    return Standing(State.MAY_START, first, says)


def _without_window(case: Case, _day: date) -> Standing | None:
    if case.effect is Effect.INFORMATION:
        return Standing(State.MAY_START, case.sent_on, text("Information is enough."))
    if case.effect is Effect.AGREEMENT:
        silent = text("Silence is not enough: an agreement in writing is awaited.")
        return Standing(State.AWAITING_AGREEMENT, None, silent)
    return None


def _window(case: Case, day: date) -> Standing:
    closes_on = case.closes_on
    if case.receipt is None or closes_on is None or case.free_on is None:
        return Standing(State.AWAITING_RECEIPT, None, text("The receipt is not proven."))
    if case.receipt.grade is not Grade.STRONG:
        weak = text("Weak evidence of receipt: the window until {day} cannot lapse.", day=closes_on)
        return Standing(State.PROVISIONAL, closes_on, weak)
    if day >= case.free_on:
        lapsed = text("The window closed on {day} without objection.", day=closes_on)
        return Standing(State.MAY_START, case.free_on, lapsed)
    if day > closes_on:
        waits = text("The window closed on {day}; the start waits.", day=closes_on)
        return Standing(State.OPEN, closes_on, waits)
    return Standing(
        State.OPEN, closes_on, text("The controller may object until {day}.", day=closes_on)
    )


def _stands(objection: Objection) -> bool:
    return objection.outcome is not Outcome.WITHDRAWN


def _holds(objection: Objection, case: Case, day: date) -> bool:
    """Whether an objection holds the change: in time, and not withdrawn in writing.

    That to an update ends with the year of contract 001 §8.1, unless we accepted it ourselves.
    """
    if not _stands(objection):
        return False
    if case.counted_back:
        over = case.holds_until is not None and day > case.holds_until
        open_to = case.effect is not Effect.INFORMATION
        in_time = case.closes_on is None or objection.in_time(case.closes_on)
        return open_to and in_time and (not over or objection.outcome is Outcome.UPHELD)
    strong = case.receipt is not None and case.receipt.grade is Grade.STRONG
    # as long as no window can have lapsed, no objection is late
    return not strong or case.closes_on is None or objection.in_time(case.closes_on)


def reopened(told: date, anew: date) -> date:
    """The last day after a correction: it may become later than what was told, never earlier."""
    return max(told, anew)
