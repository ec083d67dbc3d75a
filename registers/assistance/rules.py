"""Where instructions and assistance stand, what is outside them, who is not covered: pure rules.

Facts are taken as they are; what is not as it was promised is found and said.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar

from registers.assistance.facts import Assistance, Certificate, Intervention, Member
from registers.assistance.vocabulary import (
    CommitmentKind,
    ConsentWay,
    Covered,
    Environment,
    Scope,
    Stage,
    Standing,
    Step,
    Way,
)
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import EMPTY, Facts
from registers.kernel.identifiers import fold
from registers.kernel.instants import Instant
from registers.kernel.words import Text, text

F = TypeVar("F", bound=Facts)


class Taken(NamedTuple):
    """A step of an instruction, and the day of it."""

    step: Step
    on: date


def standing(steps: Sequence[Taken]) -> Standing:
    """Where an instruction stands, from what happened to it, in the order of its record.

    What was executed stays executed, though it be contested afterwards: `oddities` says so. What
    was withdrawn is no instruction any more, whatever is done afterwards.
    """
    if any(each.step is Step.WITHDRAWN for each in steps):
        return Standing.WITHDRAWN
    if any(each.step is Step.EXECUTED for each in steps):
        return Standing.EXECUTED
    return Standing(steps[-1].step.value) if steps else Standing.RECEIVED


IN_FORCE = frozenset({Standing.ACCEPTED, Standing.EXECUTED})
"""Instructions by which data may be processed."""


def require_possible(step: Step, steps: Sequence[Taken]) -> None:
    """Makes sure that a step can follow; only what makes no sense is refused.

    An instruction that is contested and neither maintained nor withdrawn can have been executed
    all the same: that is a fact, which `oddities` names.

    Raises:
        Conflict: the same happened already, it was withdrawn, or there is nothing to answer.
    """
    now = standing(steps)
    last = steps[-1].step if steps else None
    if now is Standing.WITHDRAWN and step is not Step.EXECUTED:
        raise Conflict(text("This instruction was withdrawn by the controller."))
    executed = any(each.step is Step.EXECUTED for each in steps)
    if step is last or (step is Step.EXECUTED and executed):
        raise Conflict(text("This is on record already."))
    if step is Step.ACCEPTED and now is Standing.EXECUTED:
        raise Conflict(text("This instruction was executed already."))
    if step is Step.MAINTAINED and last is not Step.CONTESTED:
        raise Conflict(text("Nothing is contested of this instruction."))


def oddities(way: Way, proven: bool, steps: Sequence[Taken]) -> Iterator[Text]:
    """What is not as Art. 28(3) wants it.

    Args:
        way: how the instruction came.
        proven: whether a document shows it.
        steps: what happened to it, in the order of its record.
    """
    if way is Way.SPOKEN and not proven:
        yield text(
            "It came by word of mouth and no document shows it: have it confirmed in writing "
            "(Art. 28(3)(a))."
        )
    contested = next((each for each in steps if each.step is Step.CONTESTED), None)
    executed = next((each for each in steps if each.step is Step.EXECUTED), None)
    if executed and contested:
        first, then = steps.index(contested), steps.index(executed)
        between = {each.step for each in steps[first:then]}
        if then < first:
            yield text("It was contested only after it had been executed.")
        elif not between & {Step.MAINTAINED, Step.ACCEPTED, Step.WITHDRAWN}:
            yield text("It was executed although it was contested and not maintained.")
    withdrawn = next((each for each in steps if each.step is Step.WITHDRAWN), None)
    if executed and withdrawn and steps.index(withdrawn) < steps.index(executed):
        yield text("It was executed after it had been withdrawn.")
    elif executed and not any(each.step is Step.ACCEPTED for each in steps):
        yield text("It was executed without having been accepted.")


class Instructed(NamedTuple):
    """What an instruction says of purposes."""

    code: str
    scope: Scope
    activities: Collection[str]
    """None: all of the contract."""
    purposes: Collection[str]
    standing: Standing

    def covers(self, activity: str, purpose: str) -> bool:
        """Whether it speaks of a purpose of an activity."""
        named = {fold(each) for each in self.purposes}
        return fold(purpose) in named and (not self.activities or activity in self.activities)


class Outside(NamedTuple):
    """A purpose for which data are processed without an instruction, or against one."""

    activity: str
    purpose: str
    against: str = ""
    """The instruction that gave it up; empty: none names it."""

    @property
    def says(self) -> Text:
        """Why it is outside."""
        if self.against:
            return text("given up by instruction {code}", code=self.against)
        return text("not among the purposes when the contract named the activity, nor instructed")


def outside(
    agreed: Mapping[str, Collection[str]],
    present: Mapping[str, Collection[str]],
    instructions: Sequence[Instructed],
) -> list[Outside]:
    """The purposes outside what the controller instructed, Art. 28(3)(a) and 29 (K02).

    Args:
        agreed: the purposes of each activity of the contract when it first named it: the contract
            is itself the first documented instruction.
        present: the purposes of each of these activities now.
        instructions: those given since, in order: the later one holds.
    """
    found = []
    for activity, purposes in present.items():
        before = {fold(each) for each in agreed.get(activity, ())}
        for purpose in purposes:
            allowed, against = fold(purpose) in before, ""
            for each in instructions:
                if each.standing in IN_FORCE and each.covers(activity, purpose):
                    if each.scope is Scope.STOP:
                        allowed, against = False, each.code
                    elif each.scope is Scope.PURPOSE:
                        allowed, against = True, ""
            if not allowed:
                found.append(Outside(activity, purpose, against))
    return found


def stage(known: Assistance) -> Stage:
    """How far assistance has come: the furthest of what is known."""
    if known.closed_on:
        return Stage.CLOSED
    if known.reported_on or known.findings:
        return Stage.FINDINGS
    if known.held_on:
        return Stage.HELD
    return Stage.PLANNED if known.planned_on else Stage.ASKED


def _require(known: Facts, name: str) -> None:
    if getattr(known, name) in EMPTY or not str(getattr(known, name)).strip():
        raise Invalid(text("This entry is needed."), name)


def last_day(now: datetime) -> date:
    """The last day that has begun anywhere on Earth: a later one is still to come."""
    return (now.astimezone(UTC) + timedelta(hours=14)).date()


def _past(known: Facts, now: datetime, *names: str) -> None:
    for name in names:
        day = getattr(known, name)
        if day is not None and day > last_day(now):
            raise Invalid(text("This day is still to come."), name)


def _ordered(known: Facts, first: str, last: str) -> None:
    before, after = getattr(known, first), getattr(known, last)
    if before is not None and after is not None and after < before:
        raise Invalid(text("It ended before it began."), last)


def checked_assistance(known: Assistance, now: datetime) -> Assistance:
    """A record of assistance that can be.

    Raises:
        Invalid: it has no title, a past day is to come, or an end is before its beginning.
    """
    _require(known, "title")
    _past(known, now, "asked_on", "held_on", "held_until", "reported_on", "closed_on")
    _ordered(known, "planned_on", "planned_until")
    _ordered(known, "held_on", "held_until")
    _ordered(known, "asked_on", "closed_on")
    for finding in known.findings:
        if finding.done_on and finding.done_on > last_day(now):
            raise Invalid(text("This day is still to come."), "findings")
    return known


INSTANTS = ("consent_at", "opened", "closed")
"""The facts of an intervention that are local times."""


def checked_intervention(known: Intervention, now: datetime) -> Intervention:
    """A record of an intervention that can be; lawful or not.

    Raises:
        Invalid: it has no title, a time never was or is to come, access was closed before it was
            opened, or data are said to be kept without saying which.
    """
    _require(known, "title")
    _past(known, now, "reported_on")
    for name in INSTANTS:
        written: Instant | None = getattr(known, name)
        if written is None:
            continue
        try:
            at = written.moment()
        except Invalid as error:
            raise Invalid(error.reason, name) from error
        if at > now:
            raise Invalid(text("This time is still to come."), name)
    if known.opened and known.closed and known.closed.moment() < known.opened.moment():
        raise Invalid(text("Access was closed before it was opened."), "closed")
    if known.kept and not known.kept_what.strip():
        raise Invalid(text("Say which data were kept."), "kept_what")
    return known


def irregular(known: Intervention) -> list[Text]:
    """What is not as contract 001 §7.3.3 and 003 annexe 1 promise it (K07, K62)."""
    found = [] if known.ticket.strip() else [text("No ticket triggered it.")]
    return [*found, *_entered(known), *_kept(known), *_left(known)]


def _entered(known: Intervention) -> Iterator[Text]:
    if known.opened is None:
        return
    consented = known.consent_at.moment() if known.consent_at else None
    if consented is None or not known.consent_by.strip():
        yield text("Access was opened without an express consent on record.")
    elif consented > known.opened.moment():
        yield text("Access was opened before the consent.")
    formal = known.consent_way is ConsentWay.WRITTEN
    if known.environment is Environment.PRODUCTION and not formal:
        yield text("Production was entered without a formal written agreement.")


def _kept(known: Intervention) -> Iterator[Text]:
    if known.kept and not known.kept_authorised_by.strip():
        yield text("Data were kept without an express authorisation on record.")
    if known.closed is not None and known.kept is None:
        yield text("It is not said whether data were kept.")


def _left(known: Intervention) -> Iterator[Text]:
    if known.closed is None:
        return
    if not known.report.strip():
        yield text("There is no report of it.")
    if known.restored is not True:
        yield text("It is not said that filters and accounts are as before.")


def checked_member(known: Member, now: datetime) -> Member:
    """A record of a person that can be.

    Raises:
        Invalid: it has no name, or an end before its beginning.
    """
    del now  # an authorisation may be recorded ahead
    _require(known, "name")
    _ordered(known, "joined_on", "left_on")
    return known


def checked_certificate(known: Certificate, now: datetime) -> Certificate:
    """A record of a certificate that can be.

    Raises:
        Invalid: it has no title, or an end before its beginning.
    """
    del now  # one that begins later may be on record
    _require(known, "title")
    _ordered(known, "starts_on", "ends_on")
    return known


SOON = timedelta(days=60)
"""How long ahead it is said that an undertaking or a training is due again."""

MONTHS: dict[CommitmentKind, int | None] = {
    CommitmentKind.CONFIDENTIALITY: None,
    CommitmentKind.TRAINING: 24,
}
"""What a form begins with. No text says a number; an undertaking holds beyond employment."""


class Word(NamedTuple):
    """An undertaking or a training of a person."""

    kind: CommitmentKind
    done_on: date
    again_on: date | None


class Cover(NamedTuple):
    """How a person stands with undertakings, or with trainings."""

    kind: CommitmentKind
    state: Covered
    done_on: date | None = None
    again_on: date | None = None


def covers(words: Sequence[Word], today: date) -> list[Cover]:
    """How a person stands, by each kind: what holds longest counts."""
    found = []
    for kind in CommitmentKind:
        held = [each for each in words if each.kind is kind]
        if not held:
            found.append(Cover(kind, Covered.MISSING))
            continue
        best = max(held, key=lambda each: (each.again_on or date.max, each.done_on))
        state = Covered.GOOD
        if best.again_on is not None and best.again_on < today:
            state = Covered.OVER
        elif best.again_on is not None and best.again_on <= today + SOON:
            state = Covered.SOON
        found.append(Cover(kind, state, best.done_on, best.again_on))
    return found


def gaps(found: Sequence[Cover]) -> list[Cover]:
    """What is missing of a person, or due again."""
    return [each for each in found if each.state in {Covered.MISSING, Covered.OVER}]
