"""What a contact may still do about a change under one contract, and where it stands.

Pure rules, in words for whoever reads a notice: the controller itself.
"""

from datetime import date
from typing import NamedTuple

from registers.announcements import rules
from registers.announcements.rules import Case, Standing
from registers.announcements.vocabulary import State
from registers.controllers.vocabulary import Effect
from registers.kernel.words import Text, text
from registers.notices.vocabulary import Grade

CLOSED = frozenset({State.OVER, State.CONTRACT_ENDED})
BEFORE_THE_END = frozenset(
    {
        State.AWAITING_DISPATCH,
        State.AWAITING_RECEIPT,
        State.PROVISIONAL,
        State.OPEN,
        State.WAITING,
        State.AWAITING_AGREEMENT,
    }
)


class May(NamedTuple):
    """What a contact may do about one change under one contract."""

    acknowledge: bool
    object: bool
    agree: bool


def may(case: Case, today: date, *, urgent: bool = False) -> May:
    """What a contact may do.

    A receipt that is proven is not acknowledged again: the window would begin anew. What is only
    told for information is not objected to here. An agreement is asked for where nothing begins
    without it, and in an emergency before the window has lapsed.

    Args:
        case: what is known.
        today: the local day of the controller.
        urgent: whether early agreements are asked for.
    """
    state = rules.standing(case, today).state
    if state in CLOSED:
        return May(acknowledge=False, object=False, agree=False)
    strong = case.receipt is not None and case.receipt.grade is Grade.STRONG
    wanted = case.effect is Effect.AGREEMENT or (urgent and case.effect is Effect.WINDOW)
    return May(
        acknowledge=not strong,
        object=case.effect is not Effect.INFORMATION and state is not State.REFUSED,
        agree=wanted and case.agreed_on is None and state in BEFORE_THE_END,
    )


def told(case: Case, today: date) -> tuple[Standing, Text]:
    """Where a change stands under a contract, and the same in words for its controller."""
    standing = rules.standing(case, today)
    return standing, _SAID[standing.state](case, standing, today)


def _unread(case: Case, _standing: Standing, _today: date) -> Text:
    if case.counted_back:
        return text("Nothing is installed before you were told of it in time.")
    if case.effect is Effect.WINDOW:
        return text("Your time to object begins on the day on which you receive this notice.")
    return text("The receipt of this notice is not acknowledged yet.")


def _provisional(_case: Case, standing: Standing, _today: date) -> Text:
    return text(
        "You may object until {day} at least: the receipt of this notice is not proven yet.",
        day=standing.day,
    )


def _open(_case: Case, standing: Standing, today: date) -> Text:
    if standing.day is not None and standing.day < today:
        return text("Your time to object ended on {day}.", day=standing.day)
    return text("You may object until {day}, 24:00.", day=standing.day)


def _waiting(case: Case, standing: Standing, _today: date) -> Text:
    if case.closes_on is None:
        return text("To be installed on {day}, not before.", day=standing.day)
    return text(
        "Your time to object ended on {ended}; to be installed on {day}, not before.",
        ended=case.closes_on,
        day=standing.day,
    )


def _awaiting(_case: Case, _standing: Standing, _today: date) -> Text:
    return text(
        "Nothing begins under this contract without your explicit agreement: silence is not one."
    )


def _held(case: Case, standing: Standing, _today: date) -> Text:
    if case.holds_until is not None:
        return text(
            "You objected on {day}: nothing is installed under this contract as long as the "
            "objection is not withdrawn in writing, until {until} at most.",
            day=standing.day,
            until=case.holds_until,
        )
    return text(
        "You objected on {day}: nothing begins under this contract as long as the objection is "
        "not withdrawn in writing.",
        day=standing.day,
    )


def _refused(_case: Case, _standing: Standing, _today: date) -> Text:
    return text("Your objection was upheld: nothing begins under this contract.")


def _may_start(case: Case, standing: Standing, today: date) -> Text:
    if case.agreed_on is not None and case.agreed_on <= today:
        return text("You agreed on {day}.", day=case.agreed_on)
    if case.counted_back:
        return text("It may be installed from {day} on.", day=standing.day)
    if case.effect is Effect.INFORMATION:
        return text("You are told for information: nothing is asked of you.")
    return text("Your time to object ended on {day}, without objection.", day=case.closes_on)


def _engaged(case: Case, standing: Standing, _today: date) -> Text:
    if case.effect is Effect.INFORMATION:
        return text("In effect since {day}.", day=standing.day)
    return text("In effect under this contract since {day}.", day=standing.day)


def _irregular(_case: Case, standing: Standing, _today: date) -> Text:
    return text(
        "In effect since {day}, although under this contract it should not have begun yet.",
        day=standing.day,
    )


def _ended(_case: Case, standing: Standing, _today: date) -> Text:
    return text("This contract ended on {day}.", day=standing.day)


def _over(_case: Case, _standing: Standing, _today: date) -> Text:
    return text("This information was withdrawn or replaced: nothing begins on its account.")


_SAID = {
    State.AWAITING_DISPATCH: _unread,
    State.AWAITING_RECEIPT: _unread,
    State.PROVISIONAL: _provisional,
    State.OPEN: _open,
    State.WAITING: _waiting,
    State.AWAITING_AGREEMENT: _awaiting,
    State.HELD: _held,
    State.REFUSED: _refused,
    State.MAY_START: _may_start,
    State.ENGAGED: _engaged,
    State.IRREGULAR: _irregular,
    State.CONTRACT_ENDED: _ended,
    State.OVER: _over,
}
