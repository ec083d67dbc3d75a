"""What is intended: changes of sub-processors told together, or an update. What versions hold.

Contract 001 §7.6 wants three things told: the sub-processed activities, the sub-processor's
identity with contact details, and the dates of its contract (K20). The last two stand in its
dossier. §8.1 wants an update told with its version sheet and its material conditions: the day,
the hour, how long it takes (K29).
"""

from datetime import date
from typing import Annotated

import msgspec

from registers.announcements.vocabulary import ChangeKind, Topic
from registers.kernel.history import Facts, titled


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One intended change, Art. 28(2)."""

    code: Annotated[str, titled("Sub-processor")]
    kind: Annotated[ChangeKind, titled("What is intended")] = ChangeKind.ADDITION
    replaces: Annotated[str, titled("In place of")] = ""
    activities: Annotated[tuple[str, ...], titled("Activities concerned")] = ()
    planned_on: Annotated[date | None, titled("Planned from")] = None
    new_transfer: Annotated[
        bool, titled("Brings a transfer to a third country that was none before")
    ] = False
    reason: Annotated[str, titled("Why, and what changes for the controllers")] = ""


class Update(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An intended update of a product to a new version, contract 001 §8.1."""

    product: Annotated[str, titled("Product")]
    version: Annotated[str, titled("New version")] = ""
    published_on: Annotated[date | None, titled("Published on")] = None
    planned_on: Annotated[date | None, titled("Installation planned on")] = None
    starts_at: Annotated[str, titled("At what time")] = ""
    duration: Annotated[str, titled("How long it takes")] = ""
    summary: Annotated[str, titled("What changes")] = ""
    activities: Annotated[tuple[str, ...], titled("Activities concerned")] = ()

    @property
    def name(self) -> str:
        """The product with its version."""
        return f"{self.product} {self.version}".strip()


class Announcement(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One or several changes of sub-processors that are told together, or one update."""

    title: Annotated[str, titled("Title")]
    changes: Annotated[tuple[Change, ...], titled("Changes", wanted="Art. 28(2)")] = ()
    update: Annotated[Update | None, titled("Update")] = None
    sheet: Annotated[str, titled("Version sheet: SHA-256")] = ""
    sheet_name: Annotated[str, titled("Version sheet")] = ""
    divisible: Annotated[
        bool, titled("May start for one controller before it may for all of them")
    ] = True
    urgent: Annotated[bool, titled("Emergency: early approvals in writing are asked for")] = False
    dpo_opinion: Annotated[str, titled("Opinion of the DPO", wanted="Art. 39(1)(a)")] = ""
    decided_by: Annotated[str, titled("Decided by", wanted="Art. 38(6)")] = ""
    decided_on: Annotated[date | None, titled("Decided on", wanted="Art. 38(6)")] = None
    note: Annotated[str, titled("Note")] = ""

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return Topic.VERSION if self.update else Topic.SUBPROCESSORS

    @property
    def intended(self) -> tuple[Change | Update, ...]:
        """All that it tells of."""
        return (*self.changes, self.update) if self.update else self.changes

    def missing(self) -> list[str]:
        """See `Facts.missing`; an update asks for no opinion and no decision, but for its facts."""
        if self.update is None:
            return super().missing()
        return [*(name for name in ASKED if not getattr(self.update, name)), *self._sheetless()]

    def _sheetless(self) -> list[str]:
        return [] if self.sheet else ["sheet"]


ASKED = ("version", "planned_on", "starts_at", "duration", "summary")
"""What contract 001 §8.1 wants told of an update, beside its version sheet."""
