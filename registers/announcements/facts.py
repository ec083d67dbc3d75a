"""What is intended: changes of sub-processors, told together. The facts that versions hold.

Contract 001 §7.6 wants three things told: the sub-processed activities, the sub-processor's
identity with contact details, and the dates of its contract (K20). The last two stand in its
dossier.
"""

from datetime import date
from typing import Annotated

import msgspec

from registers.announcements.vocabulary import ChangeKind
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


class Announcement(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One or several changes of sub-processors that are told together."""

    title: Annotated[str, titled("Title")]
    changes: Annotated[tuple[Change, ...], titled("Changes", wanted="Art. 28(2)")] = ()
    divisible: Annotated[
        bool, titled("May start for one controller before it may for all of them")
    ] = True
    urgent: Annotated[bool, titled("Emergency: early approvals in writing are asked for")] = False
    dpo_opinion: Annotated[str, titled("Opinion of the DPO", wanted="Art. 39(1)(a)")] = ""
    decided_by: Annotated[str, titled("Decided by", wanted="Art. 38(6)")] = ""
    decided_on: Annotated[date | None, titled("Decided on", wanted="Art. 38(6)")] = None
    note: Annotated[str, titled("Note")] = ""
