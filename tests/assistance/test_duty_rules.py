"""Legal duties outside the instructions: pure rules, Art. 28(3)(a)."""

from datetime import UTC, date, datetime

import pytest

from registers.assistance import duty_rules as rules
from registers.assistance.duty_rules import Informed, Taken
from registers.assistance.vocabulary import DutyKind, DutyStanding, DutyStep, Origin
from registers.kernel.errors import Conflict, Invalid
from tests.assistance.duty_hands import SECRET, TODAY, TRANSFER

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
TOLD = Taken(DutyStep.TOLD, TODAY)
BEGUN = Taken(DutyStep.BEGUN, AT.date(), AT)
INFORMED = Informed(datetime(2026, 11, 22, 9, tzinfo=UTC), TODAY, "Europe/Paris")
NOBODY = Informed(None, None, "Europe/Paris")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"provision": " "}, "provision"),
        ({"authority": ""}, "authority"),
        ({"data": ""}, "data"),
        ({"known_on": date(2026, 11, 23)}, "known_on"),
        ({"country": "", "recipient": ""}, "country"),
        ({"country": "DE"}, "country"),
        ({"country": "NO"}, "country"),  # the EEA is no third country
        ({"planned_on": date(2026, 11, 21)}, "planned_on"),
        ({"planned_on": TODAY}, "planned_on"),
        ({"origin": Origin.THIRD_COUNTRY}, "planned_on"),
        ({"origin": Origin.THIRD_COUNTRY, "prohibited": True, "ground": "x"}, "prohibited"),
        ({"prohibited": True, "ground": ""}, "ground"),
    ],
)
def test_irregular_plans_and_gaps_are_refused(more, field):
    with pytest.raises(Invalid) as refused:
        rules.checked(TRANSFER._replace(**more), TODAY)
    assert refused.value.field == field


def test_what_may_be_planned():
    for said in (
        TRANSFER,
        TRANSFER._replace(planned_on=date(2026, 11, 23)),
        TRANSFER._replace(planned_on=None),
        TRANSFER._replace(country="", recipient="Une organisation internationale"),
        TRANSFER._replace(kind=DutyKind.DISCLOSURE, country="", recipient=""),
        TRANSFER._replace(origin=Origin.THIRD_COUNTRY, planned_on=None),
        SECRET._replace(planned_on=TODAY),  # nobody is to be informed before
    ):
        assert rules.checked(said, TODAY) == said


@pytest.mark.parametrize(
    ("prohibited", "steps", "stands"),
    [
        (True, [], DutyStanding.SECRET),
        (True, [DutyStep.LIFTED, DutyStep.TOLD], DutyStanding.TOLD),
        (False, [DutyStep.TOLD], DutyStanding.TOLD),
        (False, [DutyStep.TOLD, DutyStep.PLANNED], DutyStanding.TOLD),
        (False, [DutyStep.TOLD, DutyStep.BEGUN], DutyStanding.BEGUN),
        (False, [DutyStep.TOLD, DutyStep.DROPPED], DutyStanding.DROPPED),
        (False, [DutyStep.TOLD, DutyStep.DROPPED, DutyStep.BEGUN], DutyStanding.BEGUN),
        (True, [DutyStep.BEGUN], DutyStanding.BEGUN),
    ],
)
def test_standing_follows_from_what_happened(prohibited, steps, stands):
    assert rules.standing(prohibited, [Taken(each, TODAY) for each in steps]) is stands


@pytest.mark.parametrize(
    ("told", "in_time"),
    [
        (INFORMED, True),
        (NOBODY, False),
        (Informed(AT, AT.date(), "Europe/Paris"), False),  # the same instant is not before
        (Informed(None, date(2026, 11, 30), "Europe/Paris"), True),
        (Informed(None, AT.date(), "Europe/Paris"), False),  # a slip proves its day alone
        # 09:00 UTC is the second of December already on Kiritimati
        (Informed(None, AT.date(), "Pacific/Kiritimati"), False),
        (Informed(None, date(2026, 11, 30), "Pacific/Kiritimati"), True),
    ],
)
def test_informed_is_informed_before(told, in_time):
    assert told.before(AT) is in_time
    assert rules.late(False, [TOLD, BEGUN], [told, INFORMED]) == (not in_time)


def test_nothing_is_late_while_the_law_prohibited_telling():
    assert rules.late(True, [BEGUN], [NOBODY]) == 0
    lifted = Taken(DutyStep.LIFTED, date(2026, 12, 5))
    assert rules.late(True, [BEGUN, lifted, TOLD], [NOBODY]) == 0
    before = Taken(DutyStep.LIFTED, date(2026, 11, 25))
    assert rules.late(True, [before, TOLD, BEGUN], [NOBODY]) == 1


def says(said, steps, told, today=TODAY):
    return [str(each) for each in rules.oddities(said, steps, told, today)]


def test_what_is_not_as_it_should_be_is_said():
    assert says(TRANSFER, [TOLD], [INFORMED]) == []
    (one,) = says(TRANSFER, [TOLD, BEGUN], [NOBODY, INFORMED])
    assert "before the controller of one contract" in one
    (two,) = says(TRANSFER, [TOLD], [NOBODY, NOBODY], date(2026, 12, 1))
    assert "2 contracts are not informed yet: do not begin" in two
    assert "is over" in says(TRANSFER, [TOLD], [INFORMED], date(2026, 12, 2))[0]
    assert "third country" in says(TRANSFER._replace(origin=Origin.THIRD_COUNTRY), [TOLD], [])[0]
    dropped = Taken(DutyStep.DROPPED, TODAY)
    assert "not pursued" in says(TRANSFER, [TOLD, dropped, BEGUN], [INFORMED])[0]
    assert says(SECRET, [], [NOBODY], date(2026, 12, 2)) == []


@pytest.mark.parametrize(
    ("step", "prohibited", "before"),
    [
        (DutyStep.LIFTED, False, [DutyStep.TOLD]),
        (DutyStep.LIFTED, True, [DutyStep.LIFTED]),
        (DutyStep.BEGUN, False, [DutyStep.BEGUN]),
        (DutyStep.PLANNED, False, [DutyStep.BEGUN]),
        (DutyStep.DROPPED, False, [DutyStep.BEGUN]),
        (DutyStep.DROPPED, False, [DutyStep.DROPPED]),
        (DutyStep.PLANNED, False, [DutyStep.DROPPED]),
    ],
)
def test_only_what_makes_no_sense_is_refused(step, prohibited, before):
    with pytest.raises(Conflict):
        rules.require_possible(step, prohibited, [Taken(each, TODAY) for each in before])


def test_it_may_begin_though_it_was_dropped_or_is_not_to_be_told():
    rules.require_possible(DutyStep.BEGUN, False, [Taken(DutyStep.DROPPED, TODAY)])
    rules.require_possible(DutyStep.BEGUN, True, [])
    rules.require_possible(DutyStep.LIFTED, True, [BEGUN])


def test_the_day_planned_last_counts():
    moved = Taken(DutyStep.PLANNED, date(2026, 12, 9))
    assert rules.planned(TRANSFER.planned_on, [TOLD]) == date(2026, 12, 1)
    assert rules.planned(None, [TOLD, moved]) == date(2026, 12, 9)
