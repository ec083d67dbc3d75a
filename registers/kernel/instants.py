"""Instants as people note them down: a day, a time on the clock, where the clock hangs."""

from datetime import date, datetime, time
from typing import Annotated

import msgspec

from registers.kernel import periods
from registers.kernel.errors import Invalid
from registers.kernel.history import titled
from registers.kernel.words import text


class Instant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A local time, as somebody read it off a clock."""

    on: Annotated[date, titled("Day")]
    at: Annotated[str, titled("Time, as 14:05")]
    zone: Annotated[str, titled("Time zone")] = "Europe/Paris"
    second: Annotated[bool, titled("The second time that clocks showed it")] = False

    def moment(self, asked: bool = True) -> datetime:
        """The instant.

        Args:
            asked: whether somebody was asked which one is meant, where clocks showed it twice.

        Raises:
            Invalid: it is no time, clocks never showed it, or showed it twice and nobody was asked.
        """
        try:
            wall = datetime.combine(self.on, time.fromisoformat(self.at.replace("h", ":").strip()))
        except ValueError as error:
            reason = text("“{written}” is no time: write it as 14:05.", written=self.at)
            raise Invalid(reason, "at") from error
        return periods.instant(wall, self.zone, int(self.second) if asked else None)
