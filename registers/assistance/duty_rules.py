"""Legal duties outside the instructions: what may be planned, what came too late. Pure rules.

Art. 28(3)(a): the processor processes on documented instructions only, unless Union or Member
State law to which it is subject obliges it otherwise; it then informs the controller of that
legal requirement *before* processing, unless that law prohibits such information on important
grounds of public interest. Plans against that are refused; what happened is recorded and said.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from registers.assistance.vocabulary import DutyKind, DutyStanding, DutyStep, Origin
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.identifiers import POSTCODES
from registers.kernel.words import Text, plural, text

NO_GROUND = text(
    "The law of a third country does not allow to process outside the instructions (Art. 28(3)(a) "
    "and 48): have it instructed by the controllers, or do not begin."
)
ONLY_OURS = text(
    "Only Union law or the law of a Member State can prohibit informing the controllers "
    "(Art. 28(3)(a))."
)


class Described(NamedTuple):
    """A legal duty as it is described when it is recorded."""

    kind: DutyKind
    origin: Origin
    provision: str
    authority: str
    data: str
    known_on: date
    reference: str = ""
    country: str = ""
    recipient: str = ""
    planned_on: date | None = None
    prohibited: bool = False
    ground: str = ""


class Taken(NamedTuple):
    """A step of a legal duty, its day, and of the beginning its instant."""

    step: DutyStep
    on: date
    at: datetime | None = None


WITHIN = frozenset({"AX", "GF", "GP", "MF", "MQ", "RE", "YT"})
"""Territories with a code of their own in which Union law holds (Art. 355 TFEU)."""


def is_third(country: str) -> bool:
    """Whether a country or territory lies outside the European Economic Area."""
    return country not in POSTCODES and country not in WITHIN


def checked(said: Described, today: date) -> Described:
    """A description that can be recorded.

    Args:
        said: what was typed.
        today: the present day of the organisation.

    Raises:
        Invalid: something that the controllers must know is missing; a day is wrong; a transfer
            goes to no third country; the plan, or the silence, has no ground in law.
    """
    for name in ("provision", "authority", "data"):
        if not getattr(said, name).strip():
            raise Invalid(text("This entry is needed."), name)
    if said.known_on > today:
        raise Invalid(text("This day is still to come."), "known_on")
    if said.kind is DutyKind.TRANSFER:
        _require_third(said)
    if said.prohibited:
        if said.origin is Origin.THIRD_COUNTRY:
            raise Invalid(ONLY_OURS, "prohibited")
        if not said.ground.strip():
            reason = text("Name the provision that prohibits it and the public interest.")
            raise Invalid(reason, "ground")
    if said.planned_on is not None:
        require_plannable(said.origin, said.planned_on, today, secret=said.prohibited)
    return said


def _require_third(said: Described) -> None:
    if not said.country and not said.recipient.strip():
        reason = text("Name the third country, or the international organisation that gets it.")
        raise Invalid(reason, "country")
    if said.country and not is_third(said.country):
        raise Invalid(text("This is no third country."), "country")


def require_plannable(origin: Origin, day: date, today: date, *, secret: bool) -> None:
    """Makes sure that a day may be planned: after that on which the controllers are told.

    What the law prohibits telling may be planned for today.

    Raises:
        Invalid: the day is over, leaves no time to inform before, or there is no ground for it.
    """
    if origin is Origin.THIRD_COUNTRY:
        raise Invalid(NO_GROUND, "planned_on")
    if day < today:
        raise Invalid(text("This day is over: record that it has begun instead."), "planned_on")
    if day == today and not secret:
        reason = text(
            "The controllers are informed before it begins: from tomorrow on at the earliest "
            "(Art. 28(3)(a))."
        )
        raise Invalid(reason, "planned_on")


def is_secret(prohibited: bool, steps: Sequence[Taken]) -> bool:
    """Whether nobody is to be told: the law prohibits it, and that was not lifted since."""
    return prohibited and not any(each.step is DutyStep.LIFTED for each in steps)


def standing(prohibited: bool, steps: Sequence[Taken]) -> DutyStanding:
    """Where a duty stands. What has begun stays begun, whatever was recorded before or since."""
    happened = {each.step for each in steps}
    if DutyStep.BEGUN in happened:
        return DutyStanding.BEGUN
    if DutyStep.DROPPED in happened:
        return DutyStanding.DROPPED
    return DutyStanding.SECRET if is_secret(prohibited, steps) else DutyStanding.TOLD


def planned(first: date | None, steps: Sequence[Taken]) -> date | None:
    """The day planned last."""
    days = [each.on for each in steps if each.step is DutyStep.PLANNED]
    return days[-1] if days else first


def require_possible(step: DutyStep, prohibited: bool, steps: Sequence[Taken]) -> None:
    """Makes sure that a step can follow; of facts only what is there already is refused.

    Raises:
        Conflict: it happened already, or there is nothing to plan, to drop or to lift.
    """
    now = standing(prohibited, steps)
    if step is DutyStep.TOLD:
        return
    if step is DutyStep.LIFTED:
        if not is_secret(prohibited, steps):
            raise Conflict(text("Nothing prohibits informing the controllers."))
        return
    if now is DutyStanding.BEGUN:
        raise Conflict(text("It has begun: this is on record already."))
    if now is DutyStanding.DROPPED and step is not DutyStep.BEGUN:
        raise Conflict(text("It is not pursued: record a new one where it comes up again."))


class Informed(NamedTuple):
    """A contract concerned, and when its controller was informed at first."""

    at: datetime | None
    """The instant at which a message left; none: none did."""
    on: date | None
    """The day on which anything left, a letter included."""
    zone: str

    def before(self, moment: datetime) -> bool:
        """Whether the controller was informed before an instant.

        A letter proves the day of its deposit alone, which counts from its end.
        """
        if self.at is not None and self.at < moment:
            return True
        return self.on is not None and self.on < moment.astimezone(ZoneInfo(self.zone)).date()


def late(prohibited: bool, steps: Sequence[Taken], told: Sequence[Informed]) -> int:
    """For how many contracts it began before their controller was informed.

    None while the law prohibited telling: on days up to that on which this was lifted.
    """
    begun = next((each for each in steps if each.step is DutyStep.BEGUN), None)
    if begun is None or begun.at is None:
        return 0
    lifted = next((each.on for each in steps if each.step is DutyStep.LIFTED), None)
    if prohibited and (lifted is None or begun.on <= lifted):
        return 0
    return sum(not each.before(begun.at) for each in told)


def oddities(
    said: Described, steps: Sequence[Taken], told: Sequence[Informed], today: date
) -> Iterator[Text]:
    """What is not as Art. 28(3)(a) wants it.

    Args:
        said: the duty.
        steps: what happened to it, in the order of its record.
        told: the contracts concerned.
        today: the present day of the organisation.
    """
    now = standing(said.prohibited, steps)
    if said.origin is Origin.THIRD_COUNTRY and now is not DutyStanding.DROPPED:
        yield NO_GROUND
    count = late(said.prohibited, steps, told)
    if count:
        yield plural(
            "It began before the controller of one contract was informed (Art. 28(3)(a)).",
            "It began before the controllers of {count} contracts were informed (Art. 28(3)(a)).",
            count,
        )
    if any(
        each.step is DutyStep.BEGUN and any(then.step is DutyStep.DROPPED for then in steps[:at])
        for at, each in enumerate(steps)
    ):
        yield text("It began after it had been recorded as not pursued.")
    if now is not DutyStanding.TOLD:
        return
    day = planned(said.planned_on, steps)
    waiting = sum(each.on is None for each in told)
    if waiting and day is not None and day <= today:
        yield plural(
            "The planned day is here, and the controller of one contract is not informed yet: do "
            "not begin.",
            "The planned day is here, and the controllers of {count} contracts are not informed "
            "yet: do not begin.",
            waiting,
        )
    elif day is not None and day < today:
        yield text("The planned day is over: record whether it has begun, or another day.")
