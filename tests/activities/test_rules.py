"""What the register cannot say, and what in it deserves a look: pure rules."""

import pytest
from msgspec.structs import replace

from registers.activities import rules
from registers.activities.facts import (
    Activity,
    DataCategory,
    Measure,
    Purpose,
    RetentionRule,
    Use,
)
from registers.activities.vocabulary import ActivityRole, Sensitivity, Trigger
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.sample.register import ACTIVITIES
from registers.subprocessors.facts import Transfer

ERASED = RetentionRule(name="Dossiers", amount=2)
FULL = Activity(
    name="Support",
    summary="Assistance",
    operations=("réponse",),
    purposes=(Purpose(name="Support"),),
    data_subjects=("Référents",),
    data=(DataCategory(name="Coordonnées", items=("nom",)),),
    no_transfer=True,
    retention=(ERASED,),
    measures=("M-1",),
)
HEALTH = DataCategory(name="Santé", sensitivity=Sensitivity.HEALTH)


def codes(known):
    return [finding.code for finding in rules.findings(known)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"transfers": (Transfer(country="US"),)}, "no_transfer"),
        ({"no_personal_data": True}, "no_personal_data"),
        ({"no_personal_data": True, "data": ()}, "no_personal_data"),
        ({"retention": (replace(ERASED, unit=Unit.HOURS),)}, "retention"),
        ({"retention": (replace(ERASED, unit=Unit.BUSINESS_DAYS),)}, "retention"),
        ({"retention": (replace(ERASED, amount=-1),)}, "retention"),
        ({"retention": (replace(ERASED, amount=1_001),)}, "retention"),
        ({"subprocessors": (Use(code="OVH"), Use(code="OVH"))}, "subprocessors"),
        ({"subprocessors": (Use(code="O V H"),)}, "code"),
        ({"measures": ("M-1", "M-1")}, "measures"),
    ],
)
def test_what_contradicts_itself_is_refused(changes, field):
    with pytest.raises(Invalid) as refused:
        rules.checked_activity(replace(FULL, **changes))
    assert refused.value.field == field


def test_an_activity_takes_its_normal_form_and_keeps_its_gaps():
    assert rules.checked_activity(replace(FULL, name=" Support ")) == FULL
    assert rules.checked_activity(Activity(name="À décrire")) == Activity(name="À décrire")


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (Measure(name=""), "name"),
        (Measure(name="M", articles=("e",)), "articles"),
        (Measure(name="M", articles=("a", "A")), "articles"),
        (Measure(name="M", headings=("20",)), "headings"),
        (Measure(name="M", headings=("0",)), "headings"),
    ],
)
def test_a_measure_is_tagged_with_what_exists(known, field):
    with pytest.raises(Invalid) as refused:
        rules.checked_measure(known)
    assert refused.value.field == field


@pytest.mark.parametrize("sensitivity", Sensitivity, ids=lambda each: each.value)
def test_an_activity_with_special_categories_is_sensitive(sensitivity):
    other = DataCategory(name="Autre", sensitivity=sensitivity)
    known = replace(FULL, data=(*FULL.data, other))
    assert rules.is_sensitive(known) is (sensitivity is not Sensitivity.NONE)


def test_a_complete_activity_deserves_no_second_look():
    assert codes(FULL) == []
    assert FULL.missing() == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("activity.no_safeguards", {"data": (HEALTH,)}),
        ("activity.transfers_unanswered", {"no_transfer": None}),
        ("activity.retention_unsaid", {"retention": (replace(ERASED, amount=None),)}),
        (
            "activity.own_purpose",
            {"retention": (replace(ERASED, trigger=Trigger.RELATION_END),)},
        ),
    ],
)
def test_what_deserves_a_look_is_found_and_nothing_else(code, changes):
    assert codes(replace(FULL, **changes)) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"data": (replace(HEALTH, safeguards="Accès réservé"),)},
        {"no_transfer": None, "transfers": (Transfer(country="US"),)},
        {"no_transfer": None, "no_personal_data": True, "data": (), "data_subjects": ()},
        {"retention": (replace(ERASED, amount=None, text="Prescription légale"),)},
        {"retention": (replace(ERASED, amount=0),)},
        {
            "role": ActivityRole.CONTROLLER,
            "retention": (replace(ERASED, trigger=Trigger.RELATION_END),),
        },
        {"retention": (replace(ERASED, trigger=Trigger.RELATION_END, amount=None, text="x"),)},
    ],
)
def test_what_is_answered_needs_no_second_look(changes):
    assert codes(replace(FULL, **changes)) == []


def test_each_sensitive_category_and_each_rule_is_named():
    known = replace(FULL, data=(HEALTH, replace(HEALTH, name="Syndicat")))
    says = [str(finding.says) for finding in rules.findings(known)]
    assert ["Santé" in says[0], "Syndicat" in says[1]] == [True, True]


WANTED = ["summary", "operations", "purposes", "data_subjects", "data", "retention", "measures"]


@pytest.mark.parametrize("field", WANTED)
def test_each_wanted_fact_is_missing_while_it_is_empty(field):
    empty = "" if field == "summary" else ()
    assert replace(FULL, **{field: empty}).missing() == [field]


def test_an_answer_about_transfers_is_wanted_and_none_is_one():
    assert replace(FULL, no_transfer=None).missing() == ["transfers"]
    assert replace(FULL, no_transfer=False).missing() == ["transfers"]
    assert replace(FULL, no_transfer=None, transfers=(Transfer(country="US"),)).missing() == []


def test_without_personal_data_only_the_statement_is_wanted():
    nothing = Activity(name="Supervision", no_personal_data=True)
    assert nothing.missing() == ["summary", "operations"]
    assert replace(nothing, summary="x", operations=("y",)).missing() == []


def test_the_fictional_register_is_complete_and_its_prospecting_its_own():
    assert {code: (codes(known), known.missing()) for code, known in ACTIVITIES.items()} == {
        code: ([], []) for code in ACTIVITIES
    }
    as_processor = replace(ACTIVITIES["P1-PRO"], role=ActivityRole.PROCESSOR)
    assert codes(as_processor) == ["activity.own_purpose"]
