"""One contract of an announcement: all that is known of it, for its page and for its file."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from registers.announcements import cases, queries, rules
from registers.announcements.cases import announcement_of
from registers.announcements.engaging import AGREED
from registers.announcements.models import (
    Announcement,
    Answer,
    Case,
    Change,
    Objection,
    Window,
)
from registers.announcements.rules import Standing
from registers.announcements.vocabulary import Outcome, Phase
from registers.controllers.models import Contract, Controller
from registers.kernel import audit
from registers.kernel.errors import NotFound
from registers.notices import dossiers as recorded
from registers.notices.dossiers import Proven, Sent
from registers.notices.models import Confirmation, Matter, Notice, PortalLink, Receipt


class Agreement(NamedTuple):
    """An explicit agreement as it was recorded."""

    agreed_on: date
    recorded_at: datetime
    author: str
    note: str
    proof_sha256: str | None


class Held(NamedTuple):
    """A change under this contract, and where it stands."""

    change: Change
    case: Case
    known: rules.Case
    standing: Standing
    agreements: Sequence[Agreement]


class Refused(NamedTuple):
    """An objection, what became of it, and whether it came in time."""

    row: Objection
    known: rules.Objection
    answers: Sequence[Answer]
    in_time: bool

    @property
    def may_be_answered(self) -> bool:
        """Whether something can still become of it."""
        return self.known.outcome is not Outcome.WITHDRAWN


class Dossier(NamedTuple):
    """All that is known of one contract under an announcement."""

    announcement: Announcement
    matter: Matter
    notice: Notice
    controller: Controller
    contract: Contract
    held: Sequence[Held]
    receipts: Sequence[Proven]
    windows: Sequence[Window]
    objections: Sequence[Refused]
    sent: Sequence[Sent]
    links: Sequence[PortalLink]
    """The links by which the notice is opened, the newest last."""

    @property
    def window(self) -> Window | None:
        """The window that holds: the one counted last."""
        return self.windows[-1] if self.windows else None

    def proofs(self) -> Iterator[str]:
        """The digests of all files that prove something here."""
        found: list[str | None] = [each.row.proof_sha256 for each in self.receipts]
        for refused in self.objections:
            found += [refused.row.proof_sha256, *(each.proof_sha256 for each in refused.answers)]
        found += [event.proof_sha256 for way in self.sent for event in way.events]
        found += [each.proof_sha256 for held in self.held for each in held.agreements]
        yield from filter(None, found)


def dossier(
    session: Session, announcement: Announcement, matter_id: uuid.UUID, day: date
) -> Dossier:
    """One contract told of in an announcement.

    Raises:
        NotFound: this announcement does not tell of it.
    """
    query = (
        sa.select(Matter, Notice, Controller, Contract)
        .join(Notice, Notice.id == Matter.notice_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Contract, Contract.id == Matter.contract_id)
        .where(Matter.id == matter_id)
    )
    found = session.execute(query).one_or_none()
    held = list(_held(session, announcement, matter_id, day))
    if found is None or not held:
        raise NotFound
    matter, notice, controller, contract = found
    windows = session.scalars(
        sa.select(Window)
        .where(Window.matter_id == matter_id)
        .order_by(Window.opened_at, Window.closes_on, Window.free_on)
    ).all()
    return Dossier(
        announcement,
        matter,
        notice,
        controller,
        contract,
        held,
        recorded.proven(session, [matter_id]).get(matter_id, []),
        windows,
        list(_objections(session, matter_id, windows[-1] if windows else None)),
        _sent(session, announcement, matter),
        list(
            session.scalars(
                sa.select(PortalLink)
                .where(PortalLink.notice_id == notice.id)
                .order_by(PortalLink.issued_at)
            )
        ),
    )


def _held(
    session: Session, announcement: Announcement, matter_id: uuid.UUID, day: date
) -> Iterator[Held]:
    query = (
        sa.select(Case, Change)
        .join(Change, Change.id == Case.change_id)
        .where(Case.matter_id == matter_id, Case.announcement_id == announcement.id)
        .order_by(Change.position)
    )
    rows = [(row[0], row[1]) for row in session.execute(query)]
    agreed = _agreements(session, [case for case, _ in rows])
    for case, change in rows:
        known = cases.known_of(case)
        yield Held(change, case, known, rules.standing(known, day), agreed.get(case.id, ()))


def _agreements(session: Session, found: Sequence[Case]) -> dict[uuid.UUID, list[Agreement]]:
    """What the journal keeps of agreements: their note and their document."""
    names = {audit.name_of(case): case.id for case in found}
    query = (
        sa.select(audit.Entry, audit.EntryValues.content)
        .join(audit.EntryValues, audit.EntryValues.id == audit.Entry.values_id)
        .where(audit.Entry.about.in_(names), audit.Entry.kind == AGREED.name)
        .order_by(audit.Entry.number)
    )
    agreed: dict[uuid.UUID, list[Agreement]] = {}
    for entry, content in session.execute(query):
        said: dict[str, Any] = msgspec.json.decode(content) if content else {}
        day = date.fromisoformat(msgspec.json.decode(entry.facts)["agreed_on"])
        agreed.setdefault(names[entry.about], []).append(
            Agreement(day, entry.moment, entry.actor, said.get("note") or "", said.get("proof"))
        )
    return agreed


def _objections(session: Session, matter_id: uuid.UUID, window: Window | None) -> Iterator[Refused]:
    found = cases.objections_of(session, [matter_id]).get(matter_id, [])
    query = (
        sa.select(Answer)
        .join(Objection, Objection.id == Answer.objection_id)
        .where(Objection.matter_id == matter_id)
        .order_by(Answer.recorded_at, Answer.id)
    )
    answers: dict[uuid.UUID, list[Answer]] = {}
    for answer in session.scalars(query):
        answers.setdefault(answer.objection_id, []).append(answer)
    for row, known in found:
        in_time = window is None or known.in_time(window.closes_on)
        yield Refused(row, known, answers.get(row.id, ()), in_time)


def _sent(session: Session, announcement: Announcement, matter: Matter) -> list[Sent]:
    """The ways to this controller: of the notice itself, and of what was written about it later."""
    of_contract = sa.select(Matter.notice_id).where(Matter.contract_id == matter.contract_id)
    of_notice = sa.and_(Notice.id.in_(of_contract), queries.cause_of(announcement))
    return list(recorded.sent(session, of_notice, matter.controller_id))


def names_of(found: Dossier) -> list[str]:
    """The rows whose entries in the journal are this contract's."""
    return [
        audit.name_of(found.matter),
        audit.name_of(found.notice),
        *(audit.name_of(each.case) for each in found.held),
        *(audit.name_of(each.change) for each in found.held),
        *(audit.name_of(each) for each in found.windows),
        *(audit.name_of(each.row) for each in found.objections),
        *(audit.name_of(each.row) for each in found.sent),
    ]


class Waiting(NamedTuple):
    """A receipt that a second person has to confirm."""

    receipt: Receipt
    announcement: Announcement
    name: str


def to_confirm(session: Session, most: int) -> list[Waiting]:
    """The receipts under running announcements that await a second person, the oldest first."""
    confirmed = sa.select(Confirmation.id).where(Confirmation.receipt_id == Receipt.id)
    later = aliased(Receipt)
    corrected = sa.select(later.id).where(later.corrects_id == Receipt.id)
    query = (
        sa.select(Receipt, Announcement, Controller.name)
        .join(Matter, Matter.id == Receipt.matter_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .join(Announcement, Announcement.id == announcement_of(Receipt.matter_id))
        .where(
            Receipt.two_persons,
            ~confirmed.exists(),
            ~corrected.exists(),
            Announcement.phase == Phase.ANNOUNCED,
        )
        .order_by(Receipt.recorded_at, Receipt.id)
        .limit(most)
    )
    return [Waiting(*row) for row in session.execute(query)]
