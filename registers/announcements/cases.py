"""What is known of each change under each contract, brought up to date from the evidence."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements import rules
from registers.announcements.models import Announcement, Answer, Case, Objection, Window
from registers.announcements.rules import Place
from registers.announcements.vocabulary import Outcome, Phase
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract
from registers.controllers.vocabulary import Effect
from registers.kernel import audit, calendars, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
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


def open_windows(act: Act, ids: Collection[uuid.UUID]) -> None:
    """Counts the windows that evidence opens, and freezes them with their explanation.

    A date that a controller was told is never shortened by later evidence, only lengthened.
    """
    receipts = proven(act.session, ids)
    former = last_windows(act.session, ids)
    ours = controllers.organisation_facts(act.session, act.now.date())
    ending: dict[date, list[uuid.UUID]] = {}
    for part in history.parts(list(receipts)):
        query = sa.select(Matter).where(Matter.id.in_(part))
        for matter in act.session.scalars(query):
            before, now = former.get(matter.id), receipts[matter.id]
            if before is not None and before.receipt_id == now.row.id:
                continue
            window = _window(matter, now, before, ours, act.now)
            if window is not None:
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
    here = Place(ours.calendar if ours else "FR", matter.zone)
    received_on = found.receipt.received_on
    counted = rules.window(terms, place, received_on)
    closes_on, ends_at = counted.due, counted.ends_at
    free_on = rules.free_on(closes_on, terms, here, received_on, ours.postal_margin if ours else 0)
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
            "calendar": place.calendar,
            "good_friday": place.good_friday,
            "zone": place.zone,
            "data": calendars.SOURCE,
            "evidence": found.receipt.evidence.value,
            "grade": found.receipt.grade.value,
            "skipped": [day.isoformat() for day in counted.skipped],
            "counted_to": str(counted.due),
            "told_later": kept,
            "rule": {
                language: [Words(language).say(each) for each in counted.rule]
                for language in LANGUAGES
            },
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
        sa.select(Case, Matter, Announcement.phase, Contract.ended_on)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Announcement, Announcement.id == Case.announcement_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .where(Case.matter_id.in_(ids))
        .with_for_update(of=Case)
    )
    for case, matter, phase, ended_on in session.execute(query):
        window = windows.get(matter.id)
        opens = window if case.effect is Effect.WINDOW else None
        counted = receipts.get(matter.id)
        known = msgspec.structs.replace(
            msgspec.convert(case.known, rules.Case),
            sent_on=matter.sent_on,
            receipt=counted.receipt if counted else None,
            closes_on=opens.closes_on if opens else None,
            free_on=opens.free_on if opens else None,
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
