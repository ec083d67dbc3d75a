"""What the notices of updates say, read from what was frozen when they were written."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from registers.annexes.letters import ToldContract, ToldUpdate, ToldVersion
from registers.announcements import facts, rules
from registers.announcements.models import Change
from registers.announcements.planning import Plan, Told
from registers.announcements.rules import Place, Planned
from registers.notices.models import Matter, Notice


def update(made: Change) -> ToldUpdate:
    """An update as it was announced."""
    return ToldUpdate(
        known=msgspec.convert(made.told["update"], facts.Update),
        planned_on=made.planned_on,
        sheet=made.told["sheet"],
        sheet_name=made.told["sheet_name"],
        activities=made.told["activities"],
    )


def contract(
    each: ToldContract, matter: Matter, notice: Notice, made: Change, case: rules.Case | None
) -> ToldVersion:
    """A contract told of, with the days that hold there.

    They were counted once, when the first notice left; what is written before that says what they
    are if it leaves on its day.
    """
    if case is not None and case.free_on is not None:
        return _dated(each, case.closes_on, case.free_on, case.holds_until)
    known = msgspec.convert(made.told["update"], facts.Update)
    place = Place(matter.calendar, matter.zone, matter.good_friday)
    told_on = notice.created_at.astimezone(ZoneInfo(matter.zone)).date()
    return _told(
        each, rules.ahead(each.terms, Planned(made.planned_on, known.published_on), place, told_on)
    )


def _told(each: ToldContract, found: rules.Ahead) -> ToldVersion:
    closes_on = found.closes.due if found.closes else None
    return _dated(each, closes_on, found.free_on, found.holds_until)


def _dated(
    each: ToldContract, closes_on: Any, installs_on: date, holds_until: date | None
) -> ToldVersion:
    values = {**msgspec.structs.asdict(each), "ends": closes_on}
    return ToldVersion(**values, installs_on=installs_on, holds_until=holds_until)


def planned(plan: Plan, known: facts.Announcement) -> ToldUpdate:
    """The update of a draft, as its notices would tell it."""
    intended = known.update or facts.Update(product="")
    return ToldUpdate(
        known=intended,
        planned_on=intended.planned_on or plan.day,
        sheet=known.sheet,
        sheet_name=known.sheet_name,
        activities={code: plan.activities.get(code, "") for code in intended.activities},
    )


def planned_contracts(
    told: Sequence[Told], written: Sequence[ToldContract], shown: ToldUpdate, day: date
) -> tuple[ToldVersion, ...]:
    """The contracts of one recipient of a draft, with the days that would hold there."""
    days = Planned(shown.planned_on, shown.known.published_on)
    return tuple(
        _told(each, rules.ahead(one.terms, days, one.place, day))
        for one, each in zip(told, written, strict=True)
    )
