"""What is known of each change under each contract, brought up to date from the evidence."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import rules
from registers.announcements.models import (
    Announcement,
    Answer,
    Case,
    Change,
    Objection,
    Window,
)
from registers.announcements.rules import Place
from registers.announcements.vocabulary import ChangeKind, Outcome, Phase
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Effect
from registers.kernel import audit, calendars, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.periods import Deadline
from registers.kernel.words import LANGUAGES, Words, text
from registers.notices import links
from registers.notices.models import Confirmation, Matter, Receipt

OPENED = audit.kind(
    "announcement.window", text("Window to object counted"), "received_on", "closes_on"
)


class Proven(NamedTuple):
    """The receipt that counts for a matter, and its row."""

    receipt: rules.Receipt
    row: Receipt


def proven(session: Session, matters: Collection[uuid.UUID]) -> dict[uuid.UUID, Proven]:
    """The receipt that counts for each matter; corrected ones do not."""
    rows: dict[uuid.UUID, list[Receipt]] = {}
    confirmed: set[uuid.UUID] = set()
    for part in history.parts(list(matters)):
        query = sa.select(Receipt).where(Receipt.matter_id.in_(part))
        for row in session.scalars(query.order_by(Receipt.recorded_at, Receipt.id)):
            rows.setdefault(row.matter_id, []).append(row)
        words = (
            sa.select(Confirmation.receipt_id)
            .join(Receipt, Receipt.id == Confirmation.receipt_id)
            .where(Receipt.matter_id.in_(part))
        )
        confirmed |= set(session.scalars(words))
    found = {}
    for key, receipts in rows.items():
        corrected = {row.corrects_id for row in receipts}
        standing = [
            (rules.Receipt(row.evidence, row.received_on, _counts(row, confirmed)), row)
            for row in receipts
            if row.id not in corrected
        ]
        best = rules.receipt(receipt for receipt, _ in standing)
        if best is not None:
            found[key] = next(Proven(*each) for each in standing if each[0] == best)
    return found


def _counts(row: Receipt, confirmed: set[uuid.UUID]) -> bool:
    return not row.two_persons or row.id in confirmed


def last_windows(session: Session, matters: Collection[uuid.UUID]) -> dict[uuid.UUID, Window]:
    """The window that holds for each matter: the one counted last."""
    found: dict[uuid.UUID, Window] = {}
    for part in history.parts(list(matters)):
        query = sa.select(Window).where(Window.matter_id.in_(part))
        for row in session.scalars(
            query.order_by(Window.opened_at, Window.closes_on, Window.free_on)
        ):
            found[row.matter_id] = row
    return found


def _of_update() -> sa.Exists:
    """Whether a matter tells of an update: no receipt moves its window."""
    return (
        sa.select(Case.id)
        .join(Change, Change.id == Case.change_id)
        .where(Case.matter_id == Matter.id, Change.kind == ChangeKind.UPDATE)
        .exists()
    )


def announcement_of(matter: sa.SQLColumnExpression[uuid.UUID]) -> sa.ScalarSelect[uuid.UUID]:
    """The announcement that a contract was told of by this matter."""
    return (
        sa.select(Case.announcement_id).where(Case.matter_id == matter).limit(1).scalar_subquery()
    )


def open_windows(act: Act, ids: Collection[uuid.UUID]) -> None:
    """Counts the windows that evidence opens, and freezes them with their explanation.

    A date that a controller was told is never shortened by later evidence, only lengthened.
    """
    receipts = proven(act.session, ids)
    former = last_windows(act.session, ids)
    ours = controllers.organisation_facts(act.session, act.now.date())
    found: list[tuple[Matter, Window]] = []
    for part in history.parts(list(receipts)):
        query = sa.select(Matter).where(Matter.id.in_(part), ~_of_update())
        for matter in act.session.scalars(query):
            before, now = former.get(matter.id), receipts[matter.id]
            if before is not None and before.receipt_id == now.row.id:
                continue
            window = _window(matter, now, before, ours, act.now)
            if window is not None:
                found.append((matter, window))
    _freeze(act, found)


def _freeze(act: Act, found: Collection[tuple[Matter, Window]]) -> None:
    """Records windows; until the last day of each, the links of its contract stay open."""
    ending: dict[date, list[uuid.UUID]] = {}
    for matter, window in found:
        act.session.add(window)
        ending.setdefault(window.closes_on, []).append(matter.id)
        act.log(
            OPENED,
            window,
            within=f"controller:{matter.controller_id}",
            received_on=window.received_on,
            closes_on=window.closes_on,
        )
    act.session.flush()
    for day, matters in ending.items():
        links.keep_until(act, matters, day)


def open_told(act: Act, ids: Collection[uuid.UUID]) -> None:
    """Counts the windows of updates whose notice has left, back from the day of installation.

    Counted once: whatever is proven later changes neither day.
    """
    former = last_windows(act.session, ids)
    found: list[tuple[Matter, Window]] = []
    for part in history.parts([key for key in ids if key not in former]):
        query = (
            sa.select(Matter, Change)
            .join(Case, Case.matter_id == Matter.id)
            .join(Change, Change.id == Case.change_id)
            .where(Matter.id.in_(part), Change.kind == ChangeKind.UPDATE)
            .where(Case.effect == Effect.WINDOW, Matter.sent_on.is_not(None))
        )
        for matter, change in act.session.execute(query):
            counted = _ahead(matter, change)
            if counted is None or counted.closes is None:
                continue
            window = _back(matter, change, counted, counted.closes, act.now)
            found.append((matter, window))
    _freeze(act, found)


def _ahead(matter: Matter, change: Change) -> rules.Ahead | None:
    """The days of an update under a contract; None as long as its notice has not left."""
    if change.update is None or matter.sent_on is None:
        return None
    place = Place(matter.calendar, matter.zone, matter.good_friday)
    planned = rules.Planned(change.planned_on, change.update.published_on)
    return rules.ahead(parties.Terms.of(matter.terms), planned, place, matter.sent_on)


def _back(
    matter: Matter, change: Change, found: rules.Ahead, closes: Deadline, now: datetime
) -> Window:
    span = parties.Terms.of(matter.terms).update_objection
    bounded = found.holds_until is not None and closes.due == found.holds_until
    return Window(
        matter_id=matter.id,
        receipt_id=None,
        opened_at=now,
        received_on=matter.sent_on,
        closes_on=closes.due,
        free_on=found.free_on,
        ends_at=closes.ends_at,
        count={
            "amount": -span.amount if span and not bounded else None,
            "unit": span.unit.value if span else None,
            "from": found.free_on.isoformat(),
            "planned_on": change.planned_on.isoformat(),
            **_how(matter, closes),
            "told_later": False,
        },
    )


def _how(matter: Matter, counted: Deadline) -> dict[str, Any]:
    """How a window was counted, as it is frozen."""
    return {
        "calendar": matter.calendar,
        "good_friday": matter.good_friday,
        "zone": matter.zone,
        "data": calendars.SOURCE,
        "skipped": [day.isoformat() for day in counted.skipped],
        "counted_to": str(counted.due),
        "rule": {
            language: [Words(language).say(each) for each in counted.rule] for language in LANGUAGES
        },
    }


def _window(
    matter: Matter,
    found: Proven,
    before: Window | None,
    ours: parties.Organisation | None,
    now: datetime,
) -> Window | None:
    terms = parties.Terms.of(matter.terms)
    if terms.objection_amount is None:
        return None
    place = Place(matter.calendar, matter.zone, matter.good_friday)
    calendar = ours.calendar if ours else "FR"
    here = Place(calendar, calendars.zone_of(calendar))
    received_on = found.receipt.received_on
    counted = rules.window(terms, place, received_on)
    closes_on, ends_at = counted.due, counted.ends_at
    free_on = rules.free_on(closes_on, terms, here, received_on, ours.postal_margin if ours else 0)
    free_on = rules.not_before(free_on, here.zone, ends_at)
    kept = before is not None and before.closes_on > closes_on
    if before is not None:
        closes_on = rules.reopened(before.closes_on, closes_on)
        free_on = max(before.free_on, free_on)
        ends_at = max(before.ends_at, ends_at)
    return Window(
        matter_id=matter.id,
        receipt_id=found.row.id,
        opened_at=now,
        received_on=received_on,
        closes_on=closes_on,
        free_on=free_on,
        ends_at=ends_at,
        count={
            "amount": terms.objection_amount,
            "unit": terms.objection_unit.value,
            **_how(matter, counted),
            "evidence": found.receipt.evidence.value,
            "grade": found.receipt.grade.value,
            "told_later": kept,
        },
    )


def refresh(act: Act, ids: Collection[uuid.UUID]) -> None:
    """Brings what is known of the cases of these matters up to date with the evidence."""
    for part in history.parts(list(ids)):
        _refresh(act, part)
    act.session.flush()


def _refresh(act: Act, ids: Sequence[uuid.UUID]) -> None:
    session = act.session
    receipts, windows = proven(session, ids), last_windows(session, ids)
    objections = objections_of(session, ids)
    query = (
        sa.select(Case, Matter, Change, Announcement.phase, Contract.ended_on)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Change, Change.id == Case.change_id)
        .join(Announcement, Announcement.id == Case.announcement_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .where(Case.matter_id.in_(ids))
        .with_for_update(of=Case)
    )
    for case, matter, change, phase, ended_on in session.execute(query):
        window = windows.get(matter.id)
        opens = window if case.effect is Effect.WINDOW else None
        counted = receipts.get(matter.id)
        first = opens.free_on if opens else None
        if first is None and change.kind is ChangeKind.UPDATE:
            ahead = _ahead(matter, change)
            first = ahead.free_on if ahead else None
        known = msgspec.structs.replace(
            msgspec.convert(case.known, rules.Case),
            sent_on=matter.sent_on,
            receipt=counted.receipt if counted else None,
            closes_on=opens.closes_on if opens else None,
            free_on=first,
            objections=tuple(
                each
                for row, each in objections.get(matter.id, ())
                if row.change_id in {None, case.change_id}
            ),
            contract_ended_on=ended_on,
            over=phase in {Phase.WITHDRAWN, Phase.REVISED},
        )
        case.known = msgspec.json.decode(canonical(known))
        if opens:
            case.told_on = opens.closes_on


def objections_of(
    session: Session, matters: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[Objection, rules.Objection]]]:
    """The objections under each matter, with what became of them."""
    rows: list[Objection] = []
    outcomes: dict[uuid.UUID, Outcome] = {}
    for part in history.parts(list(matters)):
        query = sa.select(Objection).where(Objection.matter_id.in_(part))
        rows += session.scalars(query.order_by(Objection.recorded_at, Objection.id))
        answers = (
            sa.select(Answer.objection_id, Answer.outcome)
            .join(Objection, Objection.id == Answer.objection_id)
            .where(Objection.matter_id.in_(part))
            .order_by(Answer.recorded_at, Answer.id)
        )
        for objection_id, outcome in session.execute(answers):
            if outcomes.get(objection_id) is not Outcome.WITHDRAWN:  # after that nothing follows
                outcomes[objection_id] = outcome
    found: dict[uuid.UUID, list[tuple[Objection, rules.Objection]]] = {}
    for row in rows:
        outcome = outcomes.get(row.id, Outcome.PENDING)
        each = rules.Objection(row.received_on, row.posted_on, outcome)
        found.setdefault(row.matter_id, []).append((row, each))
    return found


def known_of(case: Any) -> rules.Case:
    """What is known of a case, as the rule reads it."""
    return msgspec.convert(getattr(case, "known", case), rules.Case)
