"""What one controller was told of a breach, and what shows that it arrived.

For the page of the staff and for the controller's own: everything goes from one breach and one
controller, so that nothing of another one can be on it.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import facts, own_time
from registers.breaches.gauges import LEFT
from registers.breaches.models import Affected, Breach
from registers.breaches.own_time import Sign
from registers.breaches.vocabulary import Step
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import audit, history
from registers.kernel.errors import NotFound
from registers.kernel.words import Text, text
from registers.notices import dossiers as recorded
from registers.notices.dossiers import Proven, Sent
from registers.notices.models import Matter, Notice
from registers.notices.vocabulary import Evidence, Grade, PostalEvent


def of_breach(breach_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """Whether a notice tells of this breach, in whichever phase."""
    name = f"{Breach.__tablename__}:{breach_id}:"
    return sa.func.substr(Notice.cause, 1, len(name)) == name


class Told(NamedTuple):
    """One notice to the controller, with its ways and what proves its receipt."""

    notice: Notice
    matters: tuple[Matter, ...]
    """Its contracts told of in it; one without a contract where data are held all the same."""
    sent: tuple[Sent, ...]
    receipts: tuple[Proven, ...]
    known: facts.Breach
    before: "Told | None"
    """The notice before this one; None: this is the first."""

    @property
    def step(self) -> Step:
        """Which phase it belongs to."""
        return Step(self.notice.told["step"])

    @property
    def persons(self) -> int | None:
        """The approximate number of persons concerned at this controller."""
        found: int | None = self.notice.told["persons"]
        return found

    @property
    def records(self) -> int | None:
        """The approximate number of records, this controller's."""
        found: int | None = self.notice.told["records"]
        return found

    @property
    def late(self) -> str:
        """Why the notice came late, where it says so."""
        found: str = self.notice.told["late"]
        return found

    @property
    def changed(self) -> list[Text]:
        """The names of the facts that changed since the notice before."""
        if self.before is None:
            return []
        found = [each.field for each in history.compare(self.before.known, self.known)]
        if (self.persons, self.records) != (self.before.persons, self.before.records):
            found.append(text("Numbers of persons and records"))
        return list(dict.fromkeys(found))

    @property
    def left(self) -> bool:
        """Whether it is ready to be read: it left us, or its paper is sealed."""
        gone = any(matter.sent_on for matter in self.matters)
        return gone or self.notice.annex_id is not None

    @property
    def left_at(self) -> datetime | None:
        """The instant at which the first message left; None where only a day is known, or none."""
        return min((each.informed_at for each in self.matters if each.informed_at), default=None)

    @property
    def received(self) -> bool:
        """Whether a receipt is proven for every contract."""
        holding = {each.row.matter_id for each in self.receipts if each.holds}
        return all(matter.id in holding for matter in self.matters)


def told(session: Session, breach_id: uuid.UUID, controller_id: uuid.UUID) -> list[Told]:
    """The notices of a breach to one controller, in the order in which they were written."""
    query = (
        sa.select(Notice, Matter)
        .join(Matter, Matter.notice_id == Notice.id)
        .where(of_breach(breach_id), Matter.controller_id == controller_id)
        .order_by(Notice.created_at, Notice.number, Matter.id)
    )
    grouped: dict[uuid.UUID, tuple[Notice, list[Matter]]] = {}
    for notice, matter in session.execute(query):
        grouped.setdefault(notice.id, (notice, []))[1].append(matter)
    if not grouped:
        return []
    receipts = recorded.proven(
        session, [matter.id for _, matters in grouped.values() for matter in matters]
    )
    ways: dict[uuid.UUID, list[Sent]] = {}
    for way in recorded.sent(session, Notice.id.in_(grouped), controller_id):
        ways.setdefault(way.notice.id, []).append(way)
    found: list[Told] = []
    for notice, matters in grouped.values():
        proofs = [each for matter in matters for each in receipts.get(matter.id, ())]
        found.append(
            Told(
                notice,
                tuple(matters),
                tuple(ways.get(notice.id, ())),
                tuple(sorted(proofs, key=lambda each: each.row.recorded_at)),
                facts.Breach.of(notice.told["known"]),
                found[-1] if found else None,
            )
        )
    return found


def arrival(found: Sequence[Told], zone: str) -> Sign | None:
    """The earliest arrival of any notice of a breach; a withdrawal tells of none.

    Args:
        found: the notices to one controller.
        zone: the controller's.
    """
    return own_time.earliest(
        sign for each in found if each.step is not Step.ERROR for sign in _signs(each, zone)
    )


def _signs(each: Told, zone: str) -> Iterator[Sign]:
    written_at = each.notice.created_at
    for way in each.sent:
        row = way.row
        if row.channel is Channel.EMAIL and row.state in LEFT and row.sent_at is not None:
            doubtful = row.state.value == "uncertain"
            yield own_time.of_message(row.sent_at, written_at, uncertain=doubtful)
        for event in way.events:
            if event.event is PostalEvent.HANDED_OVER:
                yield own_time.of_day(event.happened_on, written_at, zone, event.event.says)
    for proof in each.receipts:
        if proof.corrected or proof.grade is Grade.NONE:
            continue
        says, row_ = proof.row.evidence.says, proof.row
        if proof.row.evidence is Evidence.PORTAL:
            yield Sign(row_.recorded_at, says)
        else:
            yield own_time.of_day(row_.received_on, written_at, zone, says)


class Row(NamedTuple):
    """A contract of the controller touched by the breach, or the controller without one."""

    affected: Affected
    contract: Contract | None


class Dossier(NamedTuple):
    """All that is known of one controller under a breach."""

    head: Breach
    controller: Controller
    zone: str
    rows: Sequence[Row]
    told: Sequence[Told]

    @property
    def arrival(self) -> Sign | None:
        """The earliest arrival of any notice."""
        return arrival(self.told, self.zone)

    @property
    def own_end(self) -> datetime | None:
        """When the controller's own time ends at the latest, as far as we know."""
        sign = self.arrival
        return own_time.clock(sign.at).ends_at if sign else None

    def notice(self, notice_id: uuid.UUID) -> Told:
        """One of its notices.

        Raises:
            NotFound: it had none of this identifier.
        """
        found = next((each for each in self.told if each.notice.id == notice_id), None)
        if found is None:
            raise NotFound
        return found

    def receipt(self, receipt_id: uuid.UUID) -> tuple[Told, Proven]:
        """A piece of evidence, and of which notice.

        Raises:
            NotFound: there is none of this identifier.
        """
        for each in self.told:
            for proof in each.receipts:
                if proof.row.id == receipt_id:
                    return each, proof
        raise NotFound

    def way(self, dispatch_id: uuid.UUID) -> Sent:
        """A way that a notice took to it.

        Raises:
            NotFound: there is none of this identifier.
        """
        for each in self.told:
            for way in each.sent:
                if way.row.id == dispatch_id:
                    return way
        raise NotFound

    def contract_of(self, matter_id: uuid.UUID) -> Contract | None:
        """The contract of a matter; None where there is none, but data are held."""
        matters = {matter.id: matter for each in self.told for matter in each.matters}
        held = {row.contract.id: row.contract for row in self.rows if row.contract}
        contract_id = matters[matter_id].contract_id
        return held.get(contract_id) if contract_id else None

    def proofs(self) -> Iterator[str]:
        """The digests of all files that prove something here."""
        found: list[str | None] = []
        for each in self.told:
            found += [proof.row.proof_sha256 for proof in each.receipts]
            found += [event.proof_sha256 for way in each.sent for event in way.events]
        yield from filter(None, found)

    def names(self) -> list[str]:
        """The rows whose entries in the journal are this controller's."""
        found: list[Any] = []
        for each in self.told:
            found += [each.notice, *each.matters, *(way.row for way in each.sent)]
        return [audit.name_of(row) for row in found]


def dossier(session: Session, head: Breach, code: str, day: date) -> Dossier:
    """One controller under a breach.

    Args:
        session: a reading session.
        head: the breach.
        code: the controller's code.
        day: the present day.

    Raises:
        NotFound: this breach never touched it.
    """
    controller = session.scalar(sa.select(Controller).where(Controller.code == code))
    if controller is None:
        raise NotFound
    query = (
        sa.select(Affected, Contract)
        .outerjoin(Contract, Contract.id == Affected.contract_id)
        .where(Affected.breach_id == head.id, Affected.controller_id == controller.id)
        .order_by(Contract.sorted, Affected.id)
    )
    rows = [Row(row[0], row[1]) for row in session.execute(query)]
    if not rows:
        raise NotFound
    known = history.known_on(session, Controller, day, [controller.id])[controller.id]
    return Dossier(head, controller, known.zone, rows, told(session, head.id, controller.id))


def entries(session: Session, found: Dossier, most: int) -> list[audit.Entry]:
    """What the journal says of one controller under a breach, the newest first."""
    query = sa.select(audit.Entry).where(audit.Entry.about.in_(found.names()))
    return list(session.scalars(query.order_by(audit.Entry.number.desc()).limit(most)))
