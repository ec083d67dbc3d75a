"""What the register cannot say, and what in it deserves a look: pure rules."""

import msgspec

from registers.activities.facts import Activity, Measure, RetentionRule
from registers.activities.vocabulary import (
    ARTICLE_32,
    HEADINGS,
    ActivityRole,
    Sensitivity,
    Trigger,
)
from registers.controllers.rules import Finding
from registers.kernel import identifiers
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.kernel.words import text


def checked_activity(known: Activity) -> Activity:
    """An activity in normal form; what is not known stays empty.

    Raises:
        Invalid: two entries contradict each other; names the field.
    """
    if not known.name.strip():
        raise Invalid(text("This entry is needed."), "name")
    if known.no_transfer and known.transfers:
        raise Invalid(text("Either there is no transfer, or there are these."), "no_transfer")
    if known.no_personal_data and (known.data or known.data_subjects):
        raise Invalid(
            text("Either no personal data are processed, or these are."), "no_personal_data"
        )
    for rule in known.retention:
        if rule.unit in {Unit.HOURS, Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS}:
            raise Invalid(text("Retention is counted in days, months or years."), "retention")
        if rule.amount is not None and not 0 <= rule.amount <= 1_000:  # noqa: PLR2004
            raise Invalid(text("Give a number from 0 to 1,000."), "retention")
    _once([use.code for use in known.subprocessors], "subprocessors")
    _once(list(known.measures), "measures")
    return msgspec.structs.replace(known, name=known.name.strip())


def checked_measure(known: Measure) -> Measure:
    """A measure in normal form.

    Raises:
        Invalid: it has no name, or is tagged with what does not exist.
    """
    if not known.name.strip():
        raise Invalid(text("This entry is needed."), "name")
    if not set(known.articles) <= set(ARTICLE_32):
        raise Invalid(text("Art. 32(1) has the letters a to d."), "articles")
    if not set(known.headings) <= set(HEADINGS):
        raise Invalid(text("Annex III has the headings 1 to 19."), "headings")
    return msgspec.structs.replace(known, name=known.name.strip())


def _once(codes: list[str], field: str) -> None:
    for code in codes:
        identifiers.checked_code(code)
    if len(codes) != len(set(codes)):
        raise Invalid(text("One of these stands twice."), field)


def is_sensitive(known: Activity) -> bool:
    """Whether it has data of Art. 9 or 10."""
    return any(category.sensitivity is not Sensitivity.NONE for category in known.data)


def findings(known: Activity) -> list[Finding]:
    """What in an activity deserves a look."""
    found = [
        Finding(
            "activity.no_safeguards",
            text("Special categories without restrictions: {name}.", name=category.name),
            text("Say which restrictions or safeguards apply to these data."),
            "Art. 9",
        )
        for category in known.data
        if category.sensitivity is not Sensitivity.NONE and not category.safeguards
    ]
    if known.no_transfer is None and not known.transfers and not known.no_personal_data:
        found.append(
            Finding(
                "activity.transfers_unanswered",
                text("It is not said whether data are transferred to third countries."),
                text("Answer explicitly; “no transfer” is an answer."),
                "Art. 30(2)(c)",
            )
        )
    found += [
        Finding(
            "activity.retention_unsaid",
            text("Retention without a number or words: {name}.", name=rule.name),
            text("Give how long, or what the contract says instead."),
            "Art. 30(1)(f)",
        )
        for rule in known.retention
        if rule.amount is None and not rule.text
    ]
    if known.role is ActivityRole.PROCESSOR and _runs_after_the_relation(known.retention):
        found.append(
            Finding(
                "activity.own_purpose",
                text("Data kept after the relationship serve a purpose of the organisation's own."),
                text("Record that purpose as an activity in which it is controller."),
                "Art. 28(10)",
            )
        )
    return found


def _runs_after_the_relation(rules: tuple[RetentionRule, ...]) -> bool:
    return any(rule.trigger is Trigger.RELATION_END and rule.amount for rule in rules)
