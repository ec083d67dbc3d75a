"""What the register says of an activity and of a measure.

The fields are the union of Art. 30(2), Art. 30(1) and the contracts' register clauses: 30(2)
alone asks for neither purposes, data, recipients nor retention, and contract 001 omits
transfers. Whatever an annex needs is here.
"""

from datetime import date
from typing import Annotated

import msgspec

from registers.activities.vocabulary import (
    ActivityRole,
    Answerer,
    DataGroup,
    Family,
    Outcome,
    Sensitivity,
    Trigger,
)
from registers.controllers.vocabulary import Hosting
from registers.kernel.history import Facts, titled
from registers.kernel.periods import Unit
from registers.subprocessors.facts import Transfer


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of a list in an activity."""


class Purpose(_Part, frozen=True, kw_only=True):
    """What data are processed for, with what that comprises."""

    name: Annotated[str, titled("Purpose")]
    parts: Annotated[tuple[str, ...], titled("Sub-purposes")] = ()


class DataCategory(_Part, frozen=True, kw_only=True):
    """A category of personal data, with its items."""

    name: Annotated[str, titled("Category")]
    group: Annotated[DataGroup, titled("Group")] = DataGroup.IDENTITY
    items: Annotated[tuple[str, ...], titled("Data")] = ()
    sensitivity: Annotated[Sensitivity, titled("Special category")] = Sensitivity.NONE
    safeguards: Annotated[str, titled("Restrictions and safeguards")] = ""


class Recipient(_Part, frozen=True, kw_only=True):
    """Who receives data: inside the organisation or outside."""

    name: Annotated[str, titled("Recipient")]
    internal: Annotated[bool, titled("Internal")] = False
    why: Annotated[str, titled("For what")] = ""


class RetentionRule(_Part, frozen=True, kw_only=True):
    """A promise to erase: so long after what, with which outcome. Never rolled forward.

    Where the contract gives no number, `text` says what it says instead.
    """

    name: Annotated[str, titled("Data concerned")]
    trigger: Annotated[Trigger, titled("From")] = Trigger.CONTRACT_END
    amount: Annotated[int | None, titled("How long")] = None
    unit: Annotated[Unit, titled("Counted in")] = Unit.YEARS
    outcome: Annotated[Outcome, titled("Outcome")] = Outcome.ERASE
    text: Annotated[str, titled("In words")] = ""


class BackupRule(_Part, frozen=True, kw_only=True):
    """How long a copy lives: erasure is effective in backups only then."""

    name: Annotated[str, titled("Copy")]
    schedule: Annotated[str, titled("When")] = ""
    amount: Annotated[int, titled("Kept for")] = 0
    unit: Annotated[Unit, titled("Counted in")] = Unit.DAYS


class Use(_Part, frozen=True, kw_only=True):
    """A sub-processor used in an activity, and at which of its sites."""

    code: Annotated[str, titled("Sub-processor")]
    processing: Annotated[str, titled("What it does")] = ""
    sites: Annotated[tuple[str, ...], titled("Sites")] = ()


class Activity(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of processing, as the register describes it."""

    name: Annotated[str, titled("Name")]
    role: Annotated[ActivityRole, titled("Role of the organisation")] = ActivityRole.PROCESSOR
    summary: Annotated[str, titled("Subject-matter", wanted="Art. 28(3)")] = ""
    operations: Annotated[
        tuple[str, ...], titled("Operations performed", wanted="Art. 30(2)(b)")
    ] = ()
    purposes: Annotated[tuple[Purpose, ...], titled("Purposes", wanted="Art. 28(3)")] = ()
    no_personal_data: Annotated[bool, titled("No personal data are processed")] = False
    data_subjects: Annotated[
        tuple[str, ...], titled("Categories of data subjects", wanted="Art. 28(3)")
    ] = ()
    data: Annotated[
        tuple[DataCategory, ...], titled("Categories of personal data", wanted="Art. 28(3)")
    ] = ()
    recipients: Annotated[tuple[Recipient, ...], titled("Recipients", "Art. 30(1)(d)")] = ()
    subprocessors: Annotated[tuple[Use, ...], titled("Sub-processors", "Art. 28(2)")] = ()
    no_transfer: Annotated[bool | None, titled("No transfer to a third country")] = None
    transfers: Annotated[tuple[Transfer, ...], titled("Transfers", "Art. 30(2)(c)")] = ()
    retention: Annotated[
        tuple[RetentionRule, ...], titled("Retention", wanted="Art. 30(1)(f)")
    ] = ()
    backups: Annotated[tuple[BackupRule, ...], titled("Backups")] = ()
    measures: Annotated[tuple[str, ...], titled("Security measures", wanted="Art. 30(2)(d)")] = ()
    joint_controllers: Annotated[str, titled("Joint controllers", "Art. 30(1)(a)")] = ""
    review_on: Annotated[date | None, titled("Next review")] = None
    ended_on: Annotated[date | None, titled("Ended on")] = None
    note: Annotated[str, titled("Note")] = ""

    def missing(self) -> list[str]:
        """See `Facts.missing`; without personal data only the statement itself is wanted."""
        found = super().missing()
        if self.no_personal_data:
            return [name for name in found if name in {"summary", "operations"}]
        unanswered = self.no_transfer is not True and not self.transfers
        return [*found, *(["transfers"] if unanswered else [])]


class Responsibility(_Part, frozen=True, kw_only=True):
    """Who answers for a measure where the software runs in one way."""

    hosting: Annotated[Hosting, titled("Where it runs")]
    answerer: Annotated[Answerer, titled("Who answers for it")]


class Measure(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A technical or organisational measure, Art. 32."""

    name: Annotated[str, titled("Name")]
    description: Annotated[str, titled("Description", wanted="Art. 30(2)(d)")] = ""
    family: Annotated[Family, titled("Family")] = Family.ORGANISATIONAL
    articles: Annotated[tuple[str, ...], titled("Art. 32(1)", wanted="Art. 32(1)")] = ()
    headings: Annotated[tuple[str, ...], titled("Headings of annex III")] = ()
    responsibilities: Annotated[tuple[Responsibility, ...], titled("Who answers for it")] = ()
    evidence: Annotated[str, titled("Evidence")] = ""
    ended_on: Annotated[date | None, titled("Ended on")] = None
