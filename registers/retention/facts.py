"""What a case was opened with and an erasure states: kept as it was, whatever changes later."""

from datetime import date
from typing import Annotated

from registers.activities.facts import BackupRule, RetentionRule
from registers.activities.vocabulary import ActivityRole
from registers.controllers.vocabulary import Hosting
from registers.kernel.history import Facts, titled
from registers.kernel.periods import length
from registers.kernel.words import Text
from registers.retention.vocabulary import System, Treatment


class Promise(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of retention as it stood in the register when the data's use ended."""

    code: str
    """That of the activity."""
    name: str
    version: int
    role: ActivityRole
    rule: RetentionRule
    backups: tuple[BackupRule, ...] = ()
    subprocessors: tuple[str, ...] = ()
    """The codes of those that have copies."""
    hosting: Hosting | None = None
    """Where the software ran under this contract."""

    @property
    def lasts(self) -> Text | None:
        """How long, in words; None where the rule has no number."""
        return length(self.rule.amount, self.rule.unit) if self.rule.amount is not None else None


class Treated(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the checklist: a system, what was done there, and how."""

    system: System
    treatment: Treatment
    note: str = ""


class Copy(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy in backups, and the last day on which it may exist."""

    name: str
    until: date


class OwnLimits(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long this installation itself keeps what it holds of persons."""

    proof_years: Annotated[
        int, titled("Proofs: years after the end of the contract", "C. civ., art. 2224")
    ] = 5
    contact_years: Annotated[
        int, titled("Points of contact: years after they last served a controller")
    ] = 3
    staff_years: Annotated[
        int, titled("Undertakings and trainings of staff: years after the person left")
    ] = 5
    account_years: Annotated[
        int, titled("Accounts of the staff: years after they were disabled")
    ] = 5
    trace_months: Annotated[int, titled("Technical traces: months")] = 12
    request_months: Annotated[
        int, titled("Requesters’ data: months after the request was closed", "Art. 5(1)(e)")
    ] = 12
    backup_days: Annotated[int, titled("Backups of this installation: days they are kept")] = 93
