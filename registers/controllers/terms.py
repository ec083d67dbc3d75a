"""The terms of a contract one after the other: until when, renewed how, notice until when.

Contract 001 runs for a year with two tacit renewals: its terms end on 28/02/2027, 29/02/2028 and
28/02/2029 (K38). It speaks of notice before the anniversary (§1.7) and before the end of the term
(§1.9): both days are shown, the earlier one is safe.
"""

from datetime import date
from typing import NamedTuple

from registers.controllers.facts import Contract
from registers.controllers.rules import NoticeDate, notice_before
from registers.controllers.vocabulary import Renewal
from registers.kernel.periods import DAY, add_months
from registers.kernel.words import Named, Text, text

MOST = 40
"""As many terms are looked at: more than anybody agrees on."""


class Stage(Named):
    """Where a term stands on a day."""

    PAST = "past", text("over")
    PRESENT = "present", text("running")
    NEXT = "next", text("if renewed")


class Term(NamedTuple):
    """One term of a contract."""

    number: int
    """1 for the initial term."""
    starts_on: date
    ends_on: date
    notice: NoticeDate | None
    stage: Stage


class Course(NamedTuple):
    """All terms of a contract that has not ended, as far as its terms foresee them."""

    terms: tuple[Term, ...]
    renewal: Renewal | None
    bounded: bool
    """Whether the contract says how often it is renewed."""

    @property
    def present(self) -> Term | None:
        """The term that runs."""
        return next((each for each in self.terms if each.stage is Stage.PRESENT), None)

    @property
    def left(self) -> int | None:
        """How many renewals are left after the present term; None where that is not said."""
        if not self.bounded:
            return None
        return sum(each.stage is Stage.NEXT for each in self.terms)

    @property
    def last_end(self) -> date | None:
        """The day after which it is not renewed any more."""
        return self.terms[-1].ends_on if self.bounded and self.terms else None

    @property
    def ran_out(self) -> bool:
        """Whether even the last term is over: the contract ended, and nobody recorded it."""
        return bool(self.terms) and self.terms[-1].stage is Stage.PAST


def course(known: Contract, today: date) -> Course:
    """The terms of a contract, as its dates and its terms foresee them on a day.

    `ends_on` is the end of the term recorded last; those before it follow from the begin, those
    after it from the renewals. Without a number of renewals only the next one is shown.
    """
    agreed = known.terms
    ends = _ends(known, today)
    renews = agreed.renewal in {Renewal.TACIT, Renewal.EXPRESS, Renewal.CONTRADICTORY}
    bounded = not renews or agreed.renewals is not None
    if renews and not bounded:
        ends = _unbounded(known, ends, today)
    terms: list[Term] = []
    starts = known.starts_on or (ends[0] if ends else today)
    for number, end in enumerate(ends, 1):
        stage = Stage.PAST if end < today else Stage.PRESENT if starts <= today else Stage.NEXT
        if stage is Stage.NEXT and not terms:
            stage = Stage.PRESENT  # signed, and still to begin
        terms.append(Term(number, starts, end, notice_before(known, end), stage))
        starts = end + DAY
    return Course(tuple(terms), agreed.renewal, bounded)


def _ends(known: Contract, today: date) -> list[date]:
    agreed = known.terms
    if known.starts_on is None or agreed.initial_months is None:
        return [known.ends_on] if known.ends_on else []
    renewals = 0 if agreed.renewal in {None, Renewal.NONE} else agreed.renewals or 0
    count = min(renewals, MOST) + 1
    ends = [
        add_months(known.starts_on, agreed.initial_months * number) - DAY
        for number in range(1, count + 1)
    ]
    if known.ends_on is None:
        return ends
    before = [end for end in ends if end < known.ends_on]
    if known.ends_on in ends and all(end < today for end in before):
        return ends
    # the term recorded differs from what initial term and renewals give: it counts, as recorded
    months = agreed.initial_months
    after = [add_months(known.ends_on + DAY, months * n) - DAY for n in range(1, renewals + 1)]
    return [known.ends_on, *after[:MOST]]


def _unbounded(known: Contract, ends: list[date], today: date) -> list[date]:
    """Renewed as long as nobody gives notice: up to the term after the one that runs."""
    months = known.terms.initial_months
    if not months or not ends:
        return ends
    found = [ends[-1]]
    while found[-1] < today and len(found) < MOST:
        found.append(add_months(found[0] + DAY, months * len(found)) - DAY)
    found.append(add_months(found[0] + DAY, months * len(found)) - DAY)
    return found


def reason(known: Contract, notice: NoticeDate) -> Text:
    """Why the earlier of two days is kept to."""
    contradictory = known.terms.renewal is Renewal.CONTRADICTORY
    if contradictory:
        return text(
            "Counted from the last day of the term. Counted from the anniversary it would be "
            "{late}. The documents also contradict each other about renewal: keep to the "
            "earlier day.",
            late=notice.late,
        )
    return text(
        "Counted from the last day of the term. Counted from the anniversary it would be "
        "{late}: keep to the earlier day.",
        late=notice.late,
    )
