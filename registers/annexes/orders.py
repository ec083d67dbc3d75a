"""What is asked of the press, and what became of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registers.annexes.gaps import Gap, Incomplete
from registers.annexes.kind import Kind
from registers.annexes.subjects import About, Asked, Subject
from registers.kernel import audit
from registers.kernel.act import Actor, Database
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.words import text
from registers.press.identity import Identity


@dataclass(frozen=True)
class Press:
    """What annexes are made with."""

    database: Database
    actor: Actor
    """Who asks."""
    identity: Identity
    """Who seals or signs."""
    key: audit.CheckpointKey
    """Signs the checkpoints that the papers carry."""
    zone: str
    """In which their times are written."""


@dataclass(frozen=True)
class Order:
    """What is asked for: papers of a kind, about subjects, as the registers were on a day.

    Attributes:
        kind: of which kind.
        subjects: about whom or what; those not on record on the day have none.
        on: the day whose state is shown; of a period, the last.
        since: the first day of a period, for kinds that show one.
        language: `fr` or `en`; each subject's own when left out.
    """

    kind: Kind
    subjects: Sequence[Subject]
    on: date
    since: date | None = None
    language: str = ""

    def asked(self, zone: str) -> Asked:
        """Which state of the registers that is."""
        period = self.kind.about is About.JOURNAL
        return Asked(self.on, (self.since or self.on) if period else None, zone)

    def require_possible(self, today: date, *, sealed: bool) -> None:
        """Makes sure that the days can be shown.

        Raises:
            Invalid: a period ends before it begins, or is to be sealed before it is over.
        """
        if self.kind.about is not About.JOURNAL:
            return
        if self.since is not None and self.since > self.on:
            raise Invalid(text("The first day is after the last."), "since")
        if sealed and self.on >= today:
            reason = text("An extract is sealed of days that are over: until yesterday at most.")
            raise Invalid(reason, "on")


@dataclass(frozen=True)
class Made:
    """What became of one subject's annex: it is there; new, or the same as before."""

    subject: Subject
    annex_id: uuid.UUID
    number: str
    paper_sha256: str
    new: bool
    conformance: str | None = None
    """To which level of PDF/A; of older papers it was not recorded."""

    @property
    def controller_id(self) -> uuid.UUID | None:
        """Whose it is, where it is a controller's."""
        return self.subject.controller_id


@dataclass(frozen=True)
class Refused:
    """An annex that was not made, and why: among many it does not hold up the others."""

    subject: Subject
    error: GreffeError

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing, where that is why."""
        return self.error.gaps if isinstance(self.error, Incomplete) else ()
