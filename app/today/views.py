"""The front page."""

import operator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.breaches.views import board, ticking
from app.gate import may, needs
from app.house import house
from registers.activities import queries as register
from registers.announcements import chasing
from registers.announcements import dossiers as announced_contracts
from registers.announcements import queries as announcements
from registers.announcements.chasing import Why
from registers.assistance import duty_queries
from registers.assistance import queries as assistance
from registers.breaches import alarms, follow_ups, owning
from registers.controllers import queries as parties
from registers.controllers import terms
from registers.controllers.models import Contract
from registers.controllers.rules import NoticeDate
from registers.controllers.terms import Course
from registers.dpo import queries as officers
from registers.kernel import history
from registers.people.roles import Permission
from registers.requests import queries as requests
from registers.retention import queries as retention
from registers.subprocessors import queries as subprocessors

blueprint = Blueprint("today", __name__)

AHEAD = timedelta(days=180)
"""How far ahead ends of terms are looked for: the longest notice of the contracts is 3 months."""
SOON = timedelta(days=30)
"""How far ahead measures after breaches, trainings and legal duties are shown, and erasures are
marked."""
ANSWERS = timedelta(days=14)
"""How far ahead the times to answer requests are shown."""
SHOWN = 12
FALLING = timedelta(days=90)
"""How far ahead erasures are looked for; those within `SOON` are marked."""


@blueprint.get("/")
@needs(Permission.OWN_ACCOUNT)
def page() -> ResponseReturnValue:
    """What falls due, soonest first, across the registers."""
    session, today = house().session, house().today
    due = []
    if may(Permission.CONTROLLERS_READ):
        ending = parties.ending_before(session, today + AHEAD, SHOWN)
        known = history.all_latest(session, Contract, [contract.id for contract, _owner in ending])
        due = [
            (notice.safe if notice else contract.ends_on or today, contract, owner, notice)
            for contract, owner in ending
            for notice in [_notice(terms.course(known[contract.id], today))]
        ]
        due.sort(key=operator.itemgetter(0))
    return render_template(
        "today/page.html",
        today=today,
        due=due,
        reviews=register.to_review(session, today + AHEAD, SHOWN)
        if may(Permission.REGISTER_READ)
        else [],
        expiring=subprocessors.expiring(session, today + AHEAD, SHOWN)
        if may(Permission.REGISTER_READ)
        else [],
        register=register.counts(session) if may(Permission.REGISTER_READ) else None,
        parties=parties.counts(session) if may(Permission.CONTROLLERS_READ) else None,
        announced=_announced(),
        **_after_breaches(),
        falling=_falling(today),
        tick=ticking(house().now()),
        declared=officers.to_confirm(session, SHOWN) if may(Permission.CONTROLLERS_READ) else [],
        **_assistance(today),
        requests=requests.waiting(session, today + ANSWERS, SHOWN)
        if may(Permission.REQUESTS_READ)
        else [],
    )


def _assistance(today: date) -> dict[str, Any]:
    """The trainings of staff that are due again, and the legal duties that are planned soon."""
    if not may(Permission.ASSISTANCE_READ):
        return {"trainings": [], "duties": []}
    session, until = house().session, today + SOON
    secret = may(Permission.DUTIES_RESERVED)
    return {
        "trainings": assistance.trainings_due(session, today, until, SHOWN),
        "duties": duty_queries.waiting(session, until, SHOWN, secret=secret),
    }


def _after_breaches() -> dict[str, Any]:
    """The open breaches, our own duties about them, the measures that follow and are due."""
    if not may(Permission.BREACHES_READ):
        return {"breaches": [], "own_cases": {}, "unfired": None, "measures": []}
    session, now = house().session, house().now()
    rows = board(now)
    return {
        "breaches": rows,
        "own_cases": owning.standings(session, [head for head, _tally in rows], now),
        "unfired": alarms.unfired(session, [head for head, _tally in rows], now),
        "measures": follow_ups.due(session, house().today + SOON, SHOWN),
    }


def _notice(found: Course) -> NoticeDate | None:
    """The last day to give notice before the term ends that runs, or ran last."""
    last = found.present or next(reversed(found.terms), None)
    return last.notice if last else None


def _falling(today: date) -> dict[str, Any] | None:
    """What is to be erased or returned, and what waits for a second person."""
    if not may(Permission.RETENTION_READ):
        return None
    found = retention.falling_due(house().session, today + FALLING, SHOWN)
    return {
        "rows": found.rows,
        "returns": found.returns,
        "certify": found.certify,
        "soon": today + SOON,
    }


def _announced() -> dict[str, Any] | None:
    """What falls due under announcements: windows, objections, receipts."""
    if not may(Permission.ANNOUNCEMENTS_READ):
        return None
    session = house().session
    under_way = announcements.running(session, house().today)
    closing, late = [], []
    for head, counted in under_way:
        counts = chasing.to_chase(session, [head], counted).counts
        if counted.next_window:
            closing.append((*counted.next_window, head))
        if counts[Why.RECEIPT]:
            late.append((counts[Why.RECEIPT], head))
    closing.sort(key=operator.itemgetter(0))
    objected = any(counted.objections for _, counted in under_way)
    unconfirmed = any(counted.unconfirmed for _, counted in under_way)
    return {
        "closing": closing[:SHOWN],
        "late": late[:SHOWN],
        "objections": announcements.unanswered(session, SHOWN) if objected else [],
        "to_confirm": announced_contracts.to_confirm(session, SHOWN) if unconfirmed else [],
    }
