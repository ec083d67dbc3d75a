"""When data must be gone, what backups still hold then, what may be erased: pure rules.

A period of retention is a maximum: it is never rolled forward to a business day, since keeping
data longer is the risk (contract 001 §7.5.9; the same date, else the last day of the month).
Backups turn over later (001 §9.5.2): that is said, never hidden.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from registers.activities.facts import Activity, BackupRule, RetentionRule
from registers.activities.vocabulary import ActivityRole, Trigger
from registers.controllers.vocabulary import EndChoice, Hosting
from registers.kernel import periods
from registers.kernel.calendars import Calendar
from registers.kernel.errors import Invalid
from registers.kernel.periods import Deadline, Period, Roll, Unit
from registers.kernel.words import Text, text
from registers.retention.facts import Copy, Treated
from registers.retention.vocabulary import Came, System, Treatment

INSTANT = timedelta(microseconds=1)

BY_HAND = (
    Trigger.SERVICE_END,
    Trigger.INTERVENTION_END,
    Trigger.REQUEST_END,
    Trigger.RELATION_END,
)
"""What somebody records where no register knows it.

The end of a contract, of a controller, of an intervention on record and of a request of a data
subject opens its cases by itself.
"""


class Place(NamedTuple):
    """Whose calendar and zone a case is counted in."""

    calendar: Calendar
    zone: str


def opens(trigger: Trigger, *, last: bool) -> frozenset[Trigger]:
    """The triggers of the rules that an event sets off.

    Args:
        trigger: what ended.
        last: whether the relationship with the controller ends with it.
    """
    found = {trigger}
    if trigger is Trigger.CONTRACT_END:
        found.add(Trigger.SERVICE_END)  # no service outlives the contract it is rendered under
    if last:
        found.add(Trigger.RELATION_END)
    return frozenset(found)


def promised(
    activity: Activity, code: str, services: Collection[str], triggers: Collection[Trigger]
) -> list[RetentionRule]:
    """The rules of an activity that fall due with these triggers.

    What the organisation does for itself (commercial contacts, contract 001 §7.5.9.1) stands in
    no contract: its rules run from the end of any relationship.
    """
    own = is_own(activity)
    return [
        rule
        for rule in activity.retention
        if rule.trigger in triggers
        and (code in services or (own and rule.trigger is Trigger.RELATION_END))
    ]


def is_own(activity: Activity) -> bool:
    """Whether the organisation is itself controller in it."""
    return activity.role is not ActivityRole.PROCESSOR


def due(rule: RetentionRule, event_on: date, place: Place) -> Deadline | None:
    """The last day on which data may still be there; None where the rule has words for it.

    Args:
        rule: the promise.
        event_on: the day of the event, which is not counted.
        place: the zone in which days end; the calendar matters for days from Monday to Saturday.
    """
    if rule.amount is None:
        return None
    return periods.deadline(Period(rule.amount, rule.unit), event_on, place.calendar, place.zone)


def return_due(days: int, received_on: date, place: Place) -> Deadline:
    """Until when data are given back after a registered request (004 art. 31.5): rolled."""
    period = Period(days, Unit.DAYS, Roll.NEXT_BUSINESS_DAY)
    return periods.deadline(period, received_on, place.calendar, place.zone)


REGISTERED = frozenset({Came.REGISTERED_LETTER, Came.ELECTRONIC_REGISTERED})
"""The ways that the clause asks for (004 art. 31.5): with them its days run from the receipt."""


def is_at_the_end(returned_on: date, event_on: date, *, whole: bool) -> bool:
    """Whether a return is one of all data at the end.

    Args:
        returned_on: when data were given back.
        event_on: the day of the end.
        whole: whether it was said that nothing was processed after the return.
    """
    return whole or returned_on >= event_on


def copy_until(backup: BackupRule, erased_on: date, place: Place) -> date:
    """The last day on which a copy may exist of data that were erased on a day.

    Prudently the last copy was made at the end of that day.
    """
    if backup.unit in {Unit.HOURS, Unit.BUSINESS_HOURS}:
        zone = periods.zone_named(place.zone)
        ends = periods.midnight_after(erased_on, zone) + timedelta(hours=backup.amount)
        return (ends - INSTANT).astimezone(zone).date()
    period = Period(backup.amount, backup.unit)
    found = periods.deadline(period, erased_on, place.calendar, place.zone).due
    return found.date() if isinstance(found, datetime) else found


def copies(backups: Iterable[BackupRule], erased_on: date, place: Place) -> tuple[Copy, ...]:
    """The copies in backups after an erasure, the last to go at the end."""
    found = {
        (backup.name, copy_until(backup, erased_on, place)): None
        for backup in backups
        if backup.amount
    }
    ordered = sorted(found, key=lambda each: (each[1], each[0]))
    return tuple(Copy(name=name, until=until) for name, until in ordered)


class Clash(NamedTuple):
    """Backups turn over after the promised day."""

    until: date
    """The last day of a copy, if data are erased on the last day that was promised."""
    erase_by: date
    """The last day on which to erase, for no copy to be left on the promised day."""
    possible: bool
    """Whether that day does not come before the event itself."""


def clash(
    due_on: date | None, event_on: date, backups: Sequence[BackupRule], place: Place
) -> Clash | None:
    """Whether copies outlive the promise; None where they do not, or no day was promised."""
    if due_on is None:
        return None
    left = copies(backups, due_on, place)
    if not left or left[-1].until <= due_on:
        return None
    until = left[-1].until
    erase_by = due_on - (until - due_on)
    while copies(backups, erase_by, place)[-1].until > due_on:
        erase_by -= periods.DAY
    return Clash(until, erase_by, erase_by >= event_on)


def is_hosted(hosting: Hosting | None) -> bool:
    """Whether the organisation itself holds the controller's data."""
    return hosting in {Hosting.HOSTED, Hosting.TELESERVICE}


class Plan(NamedTuple):
    """What bears on whether data may be erased."""

    hosted: bool
    public_body: bool
    choice: EndChoice | None
    returned: bool
    visa: str
    """The reference of the archives' visa of elimination (Code du patrimoine, art. L212-2)."""
    held: Sequence[str]
    """The authorities for which data are kept at present."""


def against(plan: Plan) -> list[Text]:
    """What keeps data from being erased: nothing of it undoes an erasure that was done."""
    found = [
        text("They are on hold for {authority}: release the hold first.", authority=each)
        for each in plan.held
    ]
    if not plan.hosted:
        return found
    if plan.choice is None:
        found.append(
            text("The controller has not chosen between erasure and return (Art. 28(3)(g)).")
        )
    elif plan.choice is not EndChoice.ERASE and not plan.returned:
        found.append(text("The controller chose return, and nothing proves that they were."))
    if plan.public_body and not plan.visa and not plan.returned:
        found.append(
            text(
                "Hosted data of a public body may be archives: give the reference of the archives’ "
                "visa of elimination, or the proof of return (Code du patrimoine, art. L212-2)."
            )
        )
    return found


def checked_list(treated: Sequence[Treated]) -> tuple[Treated, ...]:
    """A complete checklist, in the order of the systems.

    Raises:
        Invalid: a system is not answered, or something remains and it is not said what.
    """
    said = {each.system: each for each in treated}
    for system in System:
        if system not in said:
            raise Invalid(text("Say of every system what was done there."), f"on_{system.value}")
        if said[system].treatment is Treatment.REMAINS and not said[system].note.strip():
            reason = text("Say what remains there, why, and until when.")
            raise Invalid(reason, f"note_{system.value}")
    return tuple(said[system] for system in System)


def is_complete(
    treated: Iterable[Treated], left: Collection[Copy], silent: Collection[str], today: date
) -> bool:
    """Whether “all copies” can be said on a day: in no system, no backup, with nobody else.

    Args:
        treated: the checklist.
        left: the copies in backups.
        silent: the sub-processors that have not confirmed yet.
        today: the day on which it is said.
    """
    remains = any(each.treatment is Treatment.REMAINS for each in treated)
    return not remains and not silent and all(copy.until < today for copy in left)
