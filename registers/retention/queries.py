"""Retention as screens read it: what falls due, soonest first; what ended, with all its proofs."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities import queries as register
from registers.activities.vocabulary import ActivityRole
from registers.controllers import facts as parties
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import EndChoice
from registers.kernel import calendars, history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.kernel.words import Named, text
from registers.retention import erasing, opening, operations, returning, rules
from registers.retention.facts import Copy
from registers.retention.models import (
    Case,
    ChainWord,
    Choice,
    Ending,
    Erasure,
    Hold,
    HoldEnd,
    Returned,
    ReturnRequest,
)
from registers.retention.rules import Clash, Place
from registers.retention.vocabulary import CaseState, ErasureState
from registers.subprocessors.models import Subprocessor

NEVER = date(9999, 1, 1)
UNDONE = (CaseState.OPEN, CaseState.HELD, CaseState.PROPOSED)


class Show(Named):
    """Which cases are looked for."""

    UNDONE = "undone", text("not done yet")
    LATE = "late", text("late")
    UNDATED = "undated", text("without a day")
    HELD = "held", text("on hold")
    PROPOSED = "proposed", text("to be confirmed")
    OWN = "own", text("the organisation is controller")
    DONE = "done", text("done")
    WITHDRAWN = "withdrawn", text("withdrawn")


@dataclass(frozen=True)
class Filters:
    """What the list of cases is narrowed to."""

    search: str = ""
    show: str = Show.UNDONE.value


class Row(NamedTuple):
    """A case in a list, with whose it is."""

    case: Case
    ending: Ending
    code: str
    name: str
    reference: str | None

    @property
    def own(self) -> bool:
        """Whether the organisation is itself controller of these data."""
        return self.case.role is not ActivityRole.PROCESSOR

    @property
    def clash(self) -> Clash | None:
        """Whether backups outlive the promised day."""
        return clash_of(self.case, self.ending)

    def late(self, today: date) -> bool:
        """Whether its day is over, nothing holds it, and nobody states that it was done."""
        due = self.case.due_on
        return self.case.state is CaseState.OPEN and due is not None and due < today


def clash_of(case: Case, ending: Ending) -> Clash | None:
    """Whether backups outlive the promised day of a case."""
    counted = case.count
    place = Place(calendars.calendar(counted.get("calendar", "FR")), _zone(counted))
    return rules.clash(case.due_on, ending.event_on, case.promise.backups, place)


def _zone(counted: Mapping[str, Any]) -> str:
    zone: str = counted.get("zone", "Europe/Paris")
    return zone


def _rows() -> "sa.Select[*tuple[Any, ...]]":
    return (
        sa.select(Case, Ending, Controller.code, Controller.name, Contract.reference)
        .join(Ending, Ending.id == Case.ending_id)
        .join(Controller, Controller.id == Case.controller_id)
        .join(Contract, Contract.id == Ending.contract_id, isouter=True)
    )


def cases(session: Session, filters: Filters, today: date, wanted: Cut) -> Page[Row]:
    """A page of cases, those whose day comes first at the top, those without a day at the end."""
    query = _rows()
    for word in fold(filters.search).split():
        found = (contains(Controller.search, word), contains(Contract.search, word))
        query = query.where(sa.or_(*found, contains(sa.func.lower(Ending.code), word)))
    query = query.where(*_shown(filters.show, today))
    page = pages.cut(session, query, [_due(), Controller.sorted, Case.position, Case.id], wanted)
    return Page([Row(*row) for row in page.rows], *page[1:])


def _shown(show: str, today: date) -> list[sa.ColumnElement[bool]]:
    undone = Case.state.in_(UNDONE)
    wanted: dict[str, list[sa.ColumnElement[bool]]] = {
        Show.LATE.value: [Case.state == CaseState.OPEN, Case.due_on < today],
        Show.UNDATED.value: [undone, Case.due_on.is_(None)],
        Show.HELD.value: [Case.state == CaseState.HELD],
        Show.PROPOSED.value: [Case.state == CaseState.PROPOSED],
        Show.OWN.value: [undone, Case.role != ActivityRole.PROCESSOR],
        Show.DONE.value: [Case.state == CaseState.DONE],
        Show.WITHDRAWN.value: [Case.state == CaseState.WITHDRAWN],
    }
    return wanted.get(show, [undone])


class Due(NamedTuple):
    """What falls due, for the front page."""

    rows: list[Row]
    """Cases whose day comes, the soonest first; those without a day at the end."""
    returns: list[tuple[ReturnRequest, Contract, Controller]]
    """Requests for return that wait for an answer."""
    certify: list[tuple[Erasure, Controller]]
    """Confirmed erasures of which the controller has no certificate yet."""


def falling_due(session: Session, until: date, most: int) -> Due:
    """What is to be erased up to a day, returned, or certified: one statement where it can be."""
    order = (_due(), Case.id)
    soonest = (
        sa.select(Case.id)
        .where(Case.state.in_(UNDONE), sa.or_(Case.due_on <= until, Case.due_on.is_(None)))
        .order_by(*order)
        .limit(most)
    )
    asked = sa.select(sa.func.count()).select_from(ReturnRequest).where(returning.unanswered_ones())
    silent = sa.select(sa.func.count()).select_from(Erasure).where(_uncertified())
    counts = (asked.scalar_subquery(), silent.scalar_subquery())
    query = _rows().add_columns(*counts).where(Case.id.in_(soonest))
    found = session.execute(query.order_by(*order)).all()
    rows = [Row(*row[:-2]) for row in found]
    returns, certify = found[0][-2:] if found else (1, 1)  # nothing was counted: look
    return Due(
        rows,
        returning.unanswered(session, most) if returns else [],
        to_certify(session, most) if certify else [],
    )


def _due() -> sa.ColumnElement[date]:
    never = sa.literal(NEVER, sa.Date())
    return sa.func.coalesce(Case.due_on, never, type_=sa.Date())


class Held(NamedTuple):
    """A hold, and its end where it was released."""

    hold: Hold
    end: HoldEnd | None


class Dossier(NamedTuple):
    """What ended, and all that follows from it."""

    ending: Ending
    owner: Controller
    contract: Contract | None
    rows: list[Row]
    holds: dict[uuid.UUID, list[Held]]
    """By case."""
    choices: list[Choice]
    chosen: EndChoice | None
    """What counts now: the last word, else what the contract says."""
    requests: list[ReturnRequest]
    returns: list[Returned]
    erasures: list[Erasure]
    silent: list[str]
    """Activities of the contract for which the register has no rule that falls due."""

    @property
    def hosted(self) -> bool:
        """Whether there are data of the controller on the organisation's systems."""
        return any(row.case.hosted for row in self.rows)

    @property
    def open_rows(self) -> list[Row]:
        """The cases of which erasure can be stated."""
        return [row for row in self.rows if row.case.state in opening.WAITING]


def ending(session: Session, code: str) -> Ending:
    """What ended, by its number.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(sa.select(Ending).where(Ending.code == code))
    if found is None:
        raise NotFound
    return found


def cases_about(session: Session, about: str) -> list[Row]:
    """The cases that an intervention or a request opened when it ended.

    Args:
        session: a reading session.
        about: the row that ended, as the journal names it.
    """
    query = _rows().where(Ending.about == about).order_by(Ending.code, Case.position)
    return [Row(*row) for row in session.execute(query)]


def endings_of(session: Session, contract_id: uuid.UUID) -> list[Ending]:
    """What ended under a contract, the last first."""
    query = sa.select(Ending).where(Ending.contract_id == contract_id)
    return list(session.scalars(query.order_by(Ending.event_on.desc(), Ending.code.desc())))


def dossier(session: Session, code: str) -> Dossier:
    """What ended, with its cases and all proofs.

    Raises:
        NotFound: there is none of this number.
    """
    head = ending(session, code)
    query = _rows().where(Case.ending_id == head.id).order_by(Case.position)
    rows = [Row(*row) for row in session.execute(query)]
    choices = session.scalars(
        sa.select(Choice)
        .where(Choice.ending_id == head.id)
        .order_by(Choice.chosen_on.desc(), Choice.recorded_at.desc())
    )
    erasures = session.scalars(
        sa.select(Erasure).where(Erasure.ending_id == head.id).order_by(Erasure.code)
    )
    return Dossier(
        head,
        session.get_one(Controller, head.controller_id),
        session.get(Contract, head.contract_id) if head.contract_id else None,
        rows,
        _holds(session, [row.case.id for row in rows]),
        list(choices),
        operations.choice_of(session, head),
        returning.requests_of(session, head.contract_id),
        returning.returns_of(session, head.contract_id),
        list(erasures),
        _silent(session, head, {row.case.promise.code for row in rows}),
    )


def _holds(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Held]]:
    query = (
        sa.select(Hold, HoldEnd)
        .join(HoldEnd, HoldEnd.hold_id == Hold.id, isouter=True)
        .where(Hold.case_id.in_(ids))
        .order_by(Hold.since, Hold.recorded_at)
    )
    found: dict[uuid.UUID, list[Held]] = {}
    for hold, end in session.execute(query):
        found.setdefault(hold.case_id, []).append(Held(hold, end))
    return found


def _silent(session: Session, head: Ending, told: Collection[str]) -> list[str]:
    if head.contract_id is None or head.activity or head.about:
        return []
    known: parties.Contract = history.known_on(
        session, Contract, head.event_on, [head.contract_id]
    )[head.contract_id]
    described = register.activities_in_force(session, head.event_on)
    return [
        service.code
        for service in known.services
        if service.code not in told
        and not (service.code in described and described[service.code].facts.no_personal_data)
    ]


class Word(NamedTuple):
    """A sub-processor that had copies, and what it confirmed, where it did."""

    code: str
    name: str
    word: ChainWord | None


class Attested(NamedTuple):
    """An erasure with all that its certificate will say."""

    erasure: Erasure
    ending: Ending
    owner: Controller
    contract: Contract | None
    cases: list[Case]
    chain: list[Word]
    copies: tuple[Copy, ...]
    complete: bool

    @property
    def own(self) -> bool:
        """Whether the organisation is itself controller of these data."""
        return any(case.role is not ActivityRole.PROCESSOR for case in self.cases)

    def late(self) -> list[Case]:
        """The cases whose day was over when it was done."""
        done = self.erasure.done_on
        return [case for case in self.cases if case.due_on and case.due_on < done]


def attested(session: Session, code: str, today: date) -> Attested:
    """One erasure.

    Raises:
        NotFound: there is none of this number.
    """
    erasure = session.scalar(sa.select(Erasure).where(Erasure.code == code))
    if erasure is None:
        raise NotFound
    head = session.get_one(Ending, erasure.ending_id)
    query = sa.select(Case).where(Case.erasure_id == erasure.id).order_by(Case.position)
    held = list(session.scalars(query))
    chain = _chain(session, erasure, held)
    copies = erasing.copies_of(erasure)
    silent = [each.code for each in chain if each.word is None]
    return Attested(
        erasure,
        head,
        session.get_one(Controller, head.controller_id),
        session.get(Contract, head.contract_id) if head.contract_id else None,
        held,
        chain,
        copies,
        rules.is_complete(erasing.treated_of(erasure), copies, silent, today),
    )


def _chain(session: Session, erasure: Erasure, held: Sequence[Case]) -> list[Word]:
    codes = erasing.chain_of(held)
    query = (
        sa.select(Subprocessor.code, Subprocessor.name, ChainWord)
        .join(
            ChainWord,
            sa.and_(
                ChainWord.subprocessor_id == Subprocessor.id, ChainWord.erasure_id == erasure.id
            ),
            isouter=True,
        )
        .where(Subprocessor.code.in_(codes))
        .order_by(Subprocessor.code)
    )
    return [Word(*row) for row in session.execute(query)]


def to_confirm(session: Session, most: int) -> list[Erasure]:
    """Erasures that wait for the second person, the oldest first."""
    query = (
        sa.select(Erasure)
        .where(Erasure.state == ErasureState.PROPOSED)
        .order_by(Erasure.proposed_at, Erasure.code)
        .limit(most)
    )
    return list(session.scalars(query))


def to_certify(session: Session, most: int) -> list[tuple[Erasure, Controller]]:
    """Confirmed erasures of which the controller has no certificate yet, the oldest first."""
    query = (
        sa.select(Erasure, Controller)
        .join(Controller, Controller.id == Erasure.controller_id)
        .where(_uncertified())
        .order_by(Erasure.decided_at, Erasure.code)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _uncertified() -> sa.ColumnElement[bool]:
    theirs = sa.select(Case.erasure_id).where(
        Case.role == ActivityRole.PROCESSOR, Case.erasure_id.is_not(None)
    )
    return sa.and_(
        Erasure.state == ErasureState.CONFIRMED,
        Erasure.told_at.is_(None),
        Erasure.id.in_(theirs),
    )


def proofs_of(session: Session, found: Dossier) -> set[str]:
    """The digests of all documents that are kept with what ended."""
    ids = [erasure.id for erasure in found.erasures]
    words = session.scalars(sa.select(ChainWord.proof_sha256).where(ChainWord.erasure_id.in_(ids)))
    held = [held.hold for each in found.holds.values() for held in each]
    rows: list[Any] = [*found.choices, *found.requests, *found.returns, *held]
    kept = {*words, *(row.proof_sha256 for row in rows)}
    kept |= {erasure.visa_sha256 for erasure in found.erasures}
    return {each for each in kept if each}
