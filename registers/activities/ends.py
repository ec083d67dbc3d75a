"""What one register tells another of something that ended: promises may fall due by it."""

import uuid
from datetime import date
from typing import NamedTuple

from registers.activities.vocabulary import Trigger


class Ended(NamedTuple):
    """Something that a register knows ended, other than a contract or a controller."""

    trigger: Trigger
    about: str
    """The row, as the journal names it."""
    what: str
    """Its number."""
    controller_id: uuid.UUID
    on: date | None
    """The last day; None: it did not end after all."""
    contract_id: uuid.UUID | None = None
    activities: tuple[str, ...] = ()
    """The codes of those concerned; none: all of the contract, or of the controller."""
