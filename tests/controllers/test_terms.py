"""The terms of contracts: contract 001 with its two readings, and the others."""

import uuid
from datetime import date

import pytest

from registers.controllers import terms
from registers.controllers.facts import Contract, Span, Terms
from registers.controllers.terms import Stage
from registers.controllers.vocabulary import Renewal
from registers.kernel.periods import Unit

TODAY = date(2026, 11, 22)


def agreed(starts=date(2026, 3, 1), ends=date(2027, 2, 28), **more):
    return Contract(
        controller=uuid.UUID(int=1), reference="C", starts_on=starts, ends_on=ends,
        terms=Terms(**more),
    )  # fmt: skip


def test_contract_001_ends_three_times_once_on_29_february():
    found = terms.course(agreed(renewal=Renewal.CONTRADICTORY), TODAY)
    assert [each.ends_on for each in found.terms] == [
        date(2027, 2, 28),
        date(2028, 2, 29),
        date(2029, 2, 28),
    ]
    assert [each.stage for each in found.terms] == [Stage.PRESENT, Stage.NEXT, Stage.NEXT]
    assert (found.left, found.last_end, found.ran_out) == (2, date(2029, 2, 28), False)


def test_the_earlier_of_two_readings_is_safe():
    known = agreed(renewal=Renewal.CONTRADICTORY)
    found = terms.course(known, TODAY)
    assert [each.notice for each in found.terms] == [
        (date(2026, 12, 28), date(2027, 1, 1)),
        (date(2027, 12, 29), date(2028, 1, 1)),
        (date(2028, 12, 28), date(2029, 1, 1)),
    ]
    assert "contradict" in str(terms.reason(known, found.present.notice))


def test_a_term_that_was_renewed_in_silence_runs_on():
    found = terms.course(agreed(), date(2028, 3, 1))
    assert found.present.number == 3
    assert found.left == 0
    assert terms.course(agreed(), date(2029, 3, 1)).ran_out


@pytest.mark.parametrize("renewal", [Renewal.NONE, None])
def test_what_is_not_renewed_has_one_term(renewal):
    found = terms.course(agreed(renewal=renewal), TODAY)
    assert [each.ends_on for each in found.terms] == [date(2027, 2, 28)]
    assert found.last_end == date(2027, 2, 28)


def test_without_a_number_of_renewals_the_next_one_is_shown():
    found = terms.course(agreed(renewals=None), date(2030, 1, 15))
    assert found.present.ends_on == date(2030, 2, 28)
    assert (found.left, found.last_end) == (None, None)
    assert found.terms[-1].ends_on == date(2031, 2, 28)


def test_a_term_recorded_otherwise_counts_as_recorded():
    known = agreed(date(2023, 1, 1), date(2026, 12, 31))  # four years, though a year is the model
    found = terms.course(known, TODAY)
    assert [each.ends_on.year for each in found.terms] == [2026, 2027, 2028]
    assert found.present.notice.safe == date(2026, 10, 31)


def test_a_longer_first_term_is_no_renewal():
    known = agreed(date(2026, 1, 1), date(2027, 12, 31))
    assert [each.ends_on.year for each in terms.course(known, TODAY).terms] == [2027, 2028, 2029]
    later = terms.course(known, date(2027, 1, 15))  # a year on it may have been renewed once
    assert later.present.ends_on == date(2027, 12, 31)


def test_three_months_before_the_year_ends_there_is_no_31_september():
    known = agreed(date(2026, 1, 1), date(2026, 12, 31), notice=Span(3, Unit.MONTHS))
    assert terms.course(known, TODAY).present.notice.safe == date(2026, 9, 30)


def test_without_dates_there_are_no_terms():
    found = terms.course(agreed(None, None), TODAY)
    assert (found.terms, found.present, found.ran_out) == ((), None, False)
    only = terms.course(agreed(None, date(2027, 1, 31)), TODAY)
    assert [each.ends_on for each in only.terms] == [date(2027, 1, 31)]
