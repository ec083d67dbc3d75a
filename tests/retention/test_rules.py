"""When data must be gone, what backups still hold, what may be erased: without a database."""

from datetime import UTC, date, datetime

import pytest

from registers.activities.facts import Activity, BackupRule, RetentionRule
from registers.activities.vocabulary import ActivityRole, Trigger
from registers.controllers.vocabulary import EndChoice, Hosting
from registers.kernel.calendars import calendar
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.kernel.words import Words
from registers.retention import rules
from registers.retention.facts import Copy, Treated
from registers.retention.rules import Clash, Place, Plan
from registers.retention.vocabulary import System, Treatment
from registers.sample.register import ACTIVITIES, BACKUPS

PARIS = Place(calendar("FR"), "Europe/Paris")


def rule(amount, unit, trigger=Trigger.CONTRACT_END, **more):
    return RetentionRule(name="Données", amount=amount, unit=unit, trigger=trigger, **more)


@pytest.mark.parametrize(
    ("amount", "unit", "start", "due"),
    [
        (30, Unit.DAYS, date(2026, 12, 31), date(2027, 1, 30)),  # C57: a Saturday, and kept
        (2, Unit.YEARS, date(2028, 2, 29), date(2030, 2, 28)),  # C67
        (3, Unit.YEARS, date(2027, 2, 28), date(2030, 2, 28)),  # C69
        (4, Unit.YEARS, date(2028, 2, 29), date(2032, 2, 29)),  # C71: a Sunday
        (2, Unit.YEARS, date(2027, 2, 28), date(2029, 2, 28)),
        (3, Unit.MONTHS, date(2027, 11, 30), date(2028, 2, 29)),
    ],
)
def test_a_maximum_is_never_rolled_forward(amount, unit, start, due):
    found = rules.due(rule(amount, unit), start, PARIS)
    assert found.due == due
    assert any("Never extended" in str(each) for each in found.rule)


def test_it_ends_at_midnight_where_the_controller_is():
    found = rules.due(rule(30, Unit.DAYS), date(2026, 12, 31), PARIS)
    assert found.ends_at == datetime(2027, 1, 30, 23, tzinfo=UTC)
    there = Place(calendar("FR-974"), "Indian/Reunion")
    found = rules.due(rule(30, Unit.DAYS), date(2026, 12, 31), there)
    assert found.ends_at == datetime(2027, 1, 30, 20, tzinfo=UTC)


def test_words_of_the_contract_give_no_day():
    said = rule(None, Unit.YEARS, text="Délais de prescription légale.")
    assert rules.due(said, date(2027, 3, 31), PARIS) is None


def test_a_return_is_due_on_the_next_business_day():
    assert rules.return_due(30, date(2026, 10, 16), PARIS).due == date(2026, 11, 16)  # C59
    strasbourg = Place(calendar("FR-67"), "Europe/Paris")
    assert rules.return_due(30, date(2026, 11, 26), strasbourg).due == date(2026, 12, 28)
    assert rules.return_due(30, date(2026, 11, 25), PARIS).due == date(2026, 12, 28)  # from a 25th


@pytest.mark.parametrize(
    ("amount", "unit", "erased_on", "until"),
    [
        (93, Unit.DAYS, date(2026, 3, 1), date(2026, 6, 2)),  # C63
        (8, Unit.DAYS, date(2026, 10, 23), date(2026, 10, 31)),  # C65
        (15, Unit.DAYS, date(2026, 10, 24), date(2026, 11, 8)),
        (24, Unit.HOURS, date(2026, 10, 23), date(2026, 10, 24)),
        (24, Unit.HOURS, date(2026, 10, 24), date(2026, 10, 25)),  # a day of 25 hours
    ],
)
def test_copies_go_when_their_time_is_over(amount, unit, erased_on, until):
    backup = BackupRule(name="Copie", amount=amount, unit=unit)
    assert rules.copy_until(backup, erased_on, PARIS) == until


def test_all_copies_are_named_the_last_to_go_at_the_end():
    found = rules.copies(BACKUPS, date(2027, 3, 30), PARIS)
    assert [(each.name, each.until) for each in found] == [
        ("Incrémentale", date(2027, 3, 31)),
        ("Différentielle", date(2027, 4, 7)),
        ("Complète hebdomadaire", date(2027, 4, 14)),
        ("Complète mensuelle", date(2027, 7, 1)),
    ]


def test_thirty_days_cannot_be_kept_with_copies_of_ninety_three():
    ended = date(2027, 2, 28)
    found = rules.clash(date(2027, 3, 30), ended, BACKUPS, PARIS)
    assert found == Clash(until=date(2027, 7, 1), erase_by=date(2026, 12, 27), possible=False)


def test_two_years_can_be_kept_by_erasing_earlier():
    found = rules.clash(date(2029, 2, 28), date(2027, 2, 28), BACKUPS, PARIS)
    assert found == Clash(until=date(2029, 6, 1), erase_by=date(2028, 11, 27), possible=True)
    assert rules.copies(BACKUPS, found.erase_by, PARIS)[-1].until == date(2029, 2, 28)


def test_months_of_backups_are_counted_back_to_a_day_that_holds():
    months = (BackupRule(name="Copie", amount=3, unit=Unit.MONTHS),)
    found = rules.clash(date(2028, 2, 28), date(2025, 2, 28), months, PARIS)
    assert rules.copies(months, found.erase_by, PARIS)[-1].until <= date(2028, 2, 28)


def test_without_backups_or_without_a_day_nothing_clashes():
    assert rules.clash(date(2029, 2, 28), date(2027, 2, 28), (), PARIS) is None
    assert rules.clash(None, date(2027, 2, 28), BACKUPS, PARIS) is None
    none = (BackupRule(name="Copie"),)
    assert rules.clash(date(2029, 2, 28), date(2027, 2, 28), none, PARIS) is None


def test_the_end_of_a_contract_ends_its_services_and_maybe_the_relation():
    assert rules.opens(Trigger.CONTRACT_END, last=False) == {
        Trigger.CONTRACT_END,
        Trigger.SERVICE_END,
    }
    assert Trigger.RELATION_END in rules.opens(Trigger.CONTRACT_END, last=True)
    assert rules.opens(Trigger.INTERVENTION_END, last=False) == {Trigger.INTERVENTION_END}


def test_own_purposes_fall_due_though_no_contract_names_them():
    triggers = rules.opens(Trigger.CONTRACT_END, last=True)
    found = rules.promised(ACTIVITIES["P1-PRO"], "P1-PRO", {"P1", "P2"}, triggers)
    assert [(each.amount, each.unit) for each in found] == [(3, Unit.YEARS)]
    known = Activity(name="X", retention=found, role=ActivityRole.PROCESSOR)
    assert rules.promised(known, "X", {"P1"}, triggers) == []


def test_rules_of_activities_that_were_not_carried_out_stay_asleep():
    triggers = rules.opens(Trigger.CONTRACT_END, last=False)
    assert rules.promised(ACTIVITIES["P3"], "P3", {"P1"}, triggers) == []
    names = [each.trigger for each in rules.promised(ACTIVITIES["P3"], "P3", {"P3"}, triggers)]
    assert set(names) == {Trigger.CONTRACT_END}


PLAN = Plan(
    hosted=True, public_body=True, choice=EndChoice.ERASE, returned=False, visa="V-1", held=()
)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, None),
        ({"visa": ""}, "visa"),
        ({"visa": "", "returned": True}, None),
        ({"visa": "", "public_body": False}, None),
        ({"choice": None}, "has not chosen"),
        ({"choice": EndChoice.RETURN}, "chose return"),
        ({"choice": EndChoice.RETURN_THEN_ERASE, "returned": True}, None),
        ({"hosted": False, "choice": None, "visa": ""}, None),
        ({"hosted": False, "held": ("tribunal",)}, "tribunal"),
    ],
)
def test_what_keeps_data_from_being_erased(changed, words):
    found = rules.against(PLAN._replace(**changed))
    if words is None:
        assert found == []
    else:
        (only,) = found
        assert words in Words("en").say(only)


def checklist(**other):
    return [
        Treated(system=each, treatment=other.get(each.value, Treatment.NOTHING), note="")
        for each in System
    ]


def test_every_system_is_answered():
    with pytest.raises(Invalid) as caught:
        rules.checked_list(checklist()[1:])
    assert caught.value.field == "on_application"
    with pytest.raises(Invalid) as caught:
        rules.checked_list(checklist(logs=Treatment.REMAINS))
    assert caught.value.field == "note_logs"
    assert len(rules.checked_list(checklist())) == len(System)


def test_all_copies_is_said_only_when_it_is_so():
    left = (Copy(name="Mensuelle", until=date(2027, 7, 1)),)
    cleared = checklist(application=Treatment.CLEARED)
    assert not rules.is_complete(cleared, left, (), date(2027, 7, 1))
    assert rules.is_complete(cleared, left, (), date(2027, 7, 2))
    assert not rules.is_complete(cleared, left, ("OVH",), date(2027, 7, 2))
    remains = checklist(logs=Treatment.REMAINS)
    assert not rules.is_complete(remains, (), (), date(2028, 1, 1))


def test_hosting_says_who_holds_the_data():
    assert [rules.is_hosted(each) for each in (*Hosting, None)] == [True, False, True, False]
