"""What the link of a notice of a breach opens: that notice, and all others to the same controller.

A notice of a breach tells one controller only, so that whoever holds one of its links may read
what the controller was told of this breach before and since. Nothing of another controller, and
no figure of one, is reached from here.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.papers import authority_form as papers
from registers.breaches import authority_form, dossiers, own_time
from registers.breaches.authority_form import Form, Given, Person
from registers.breaches.dossiers import Told
from registers.breaches.models import Breach
from registers.breaches.notifying import STEPS
from registers.breaches.own_time import Sign
from registers.breaches.rules import Clock
from registers.breaches.vocabulary import Step
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers import style
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import Text, text
from registers.notices import links, receipts
from registers.notices.models import Matter, Notice, PortalLink, Receipt
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people.roles import Permission
from registers.portal.operations import By
from registers.press.issue import draft
from registers.press.paper import Stamp
from registers.subprocessors.models import Subprocessor

KINDS = tuple(STEPS.values())
"""The notices that tell of breaches."""


class Own(NamedTuple):
    """The controller's own time, at the latest, indicative."""

    sign: Sign
    clock: Clock
    hours: int
    source: str
    rule: tuple[Text, ...]


class Opened(NamedTuple):
    """What a link opens."""

    link: PortalLink
    notice: Notice
    """The one that the link was sent with."""
    head: Breach
    controller: Controller
    zone: str
    told: tuple[Told, ...]
    """All notices to this controller that can be read, the oldest first."""
    contracts: tuple[str, ...]
    """The references of its contracts concerned; none where there is no contract."""

    @property
    def latest(self) -> Told:
        """What is known at present."""
        return self.told[-1]

    @property
    def withdrawn(self) -> bool:
        """Whether the controller was told that it is not concerned."""
        return self.latest.step is Step.ERROR

    @property
    def unacknowledged(self) -> list[Told]:
        """The notices of whose receipt no proof is on record."""
        return [each for each in self.told if not each.received]

    @property
    def own(self) -> Own | None:
        """The controller's own time; None where nothing arrived, or it is not concerned."""
        sign = None if self.withdrawn else dossiers.arrival(self.told, self.zone)
        if sign is None:
            return None
        limit = own_time.limit(sign.at)
        rule = own_time.rule(sign.at, self.zone)
        return Own(sign, own_time.clock(sign.at), limit.hours, limit.source, rule)

    def day_of(self, moment: datetime) -> date:
        """The day on which something happened, where the controller is."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    @property
    def written_on(self) -> date:
        """The day on which the notice of the link was written, where its readers are."""
        return self.day_of(self.notice.created_at)

    def one(self, notice_id: uuid.UUID) -> Told:
        """One of the notices.

        Raises:
            NotFound: the link opens none of this identifier.
        """
        found = next((each for each in self.told if each.notice.id == notice_id), None)
        if found is None:
            raise NotFound
        return found

    @property
    def actor(self) -> str:
        """How the journal names whoever acts with this link."""
        return f"contact:{self.link.id}"


def opened(session: Session, link_id: uuid.UUID, now: datetime) -> Opened:
    """What a link opens.

    Raises:
        NotFound: it opens nothing any more, or a notice of something else.
    """
    link = links.alive(session, link_id, now)
    notice = session.get_one(Notice, link.notice_id)
    if notice.kind not in KINDS:
        raise NotFound
    head = session.get_one(Breach, uuid.UUID(notice.told["breach"]))
    query = (
        sa.select(Controller, Matter.zone, Contract.reference)
        .join(Matter, Matter.controller_id == Controller.id)
        .outerjoin(Contract, Contract.id == Matter.contract_id)
        .where(Matter.notice_id == notice.id)
        .order_by(Contract.sorted, Matter.id)
    )
    rows = session.execute(query).all()
    controller, zone = rows[0][0], rows[0][1]
    told = dossiers.told(session, head.id, controller.id)
    return Opened(
        link,
        notice,
        head,
        controller,
        zone,
        tuple(each for each in told if each.left or each.notice.id == notice.id),
        tuple(row[2] for row in rows if row[2]),
    )


def acknowledge(act: Act, link_id: uuid.UUID, by: By) -> list[Receipt]:
    """Records that the controller received the notices that it could read here, today.

    Args:
        act: of the contact who holds the link, after the code was used.
        link_id: the link.
        by: who acknowledges.

    Raises:
        NotFound: the link is over, or not the actor's.
        Conflict: no receipt is awaited any more.
        Invalid: nobody says who acknowledges.
    """
    act.require(Permission.PORTAL)
    if act.actor.id != link_id:
        raise NotFound
    by.require()
    seen = opened(act.session, link_id, act.now)
    awaited = [
        matter.id
        for each in seen.unacknowledged
        for matter in each.matters
        if not any(proof.holds and proof.row.matter_id == matter.id for proof in each.receipts)
    ]
    if not awaited:
        raise Conflict(text("No acknowledgement of receipt is awaited any more."))
    day = seen.day_of(act.now)
    proof = Proof(Evidence.PORTAL, day, by_name=by.name, by_function=by.function)
    return receipts.receive(act, awaited, proof)


class Acknowledged(NamedTuple):
    """What was acknowledged with a link of this controller, at one moment."""

    at: datetime
    name: str
    function: str
    numbers: tuple[str, ...]
    """Of the notices."""
    here: bool
    """Whether it was with the very link that is read."""


def acknowledged(seen: Opened) -> list[Acknowledged]:
    """What was acknowledged on the portal, the newest first."""
    grouped: dict[tuple[datetime, str], list[tuple[str, Receipt]]] = {}
    for each in seen.told:
        for proof in each.receipts:
            if proof.row.evidence is Evidence.PORTAL and not proof.corrected:
                key = (proof.row.recorded_at, proof.row.author)
                grouped.setdefault(key, []).append((each.notice.number, proof.row))
    found = [
        Acknowledged(
            at,
            rows[0][1].by_name,
            rows[0][1].by_function,
            tuple(dict.fromkeys(number for number, _ in rows)),
            author == seen.actor,
        )
        for (at, author), rows in grouped.items()
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def form(session: Session, seen: Opened, now: datetime, language: str) -> Form:
    """The authority's form, filled from the latest notice and this controller's own numbers.

    Raises:
        Invalid: the controller is not concerned, or the organisation is not described.
    """
    if seen.withdrawn:
        raise Invalid(text("The notification was withdrawn: there is nothing to notify."))
    day = now.date()
    ours = controllers.organisation_facts(session, day)
    if ours is None:
        raise Invalid(text("Describe the organisation first."))
    latest = seen.latest
    theirs: parties.Controller = history.known_on(session, Controller, day, [seen.controller.id])[
        seen.controller.id
    ]
    people = controllers.contact_facts(session, {link.contact for link in theirs.contacts}, day)
    sign = dossiers.arrival(seen.told, seen.zone)
    return authority_form.fill(
        Given(
            number=latest.notice.number,
            code=seen.head.code,
            step=latest.step,
            known=latest.known,
            persons=latest.persons,
            records=latest.records,
            late=latest.late,
            arrived_at=sign.at if sign else None,
            prepared_at=now,
            controller=theirs,
            contact=_person(theirs, people, (ContactRole.BREACH, ContactRole.REFERENT)),
            dpo=_person(theirs, people, (ContactRole.DPO,)),
            organisation=ours,
            contracts=seen.contracts,
            subprocessors=_named(session, latest.known.subprocessors),
            language=language,
        )
    )


def _person(
    theirs: parties.Controller,
    people: dict[uuid.UUID, parties.Contact],
    roles: Sequence[ContactRole],
) -> Person | None:
    for role in roles:
        for link in theirs.contacts:
            known = people.get(link.contact)
            if link.role is role and known is not None:
                return Person(
                    name=known.full_name if known.full_name != known.email else "",
                    function=known.function,
                    email=known.email,
                    phone=known.phone,
                )
    return None


def _named(session: Session, codes: Sequence[str]) -> tuple[str, ...]:
    if not codes:
        return ()
    query = sa.select(Subprocessor.name).where(Subprocessor.code.in_(codes))
    return tuple(session.scalars(query.order_by(Subprocessor.name)))


def form_pdf(session: Session, filled: Form, seen: Opened, now: datetime) -> bytes:
    """The form as a paper: a draft on each page, unsigned, its data embedded."""
    local = now.astimezone(ZoneInfo(seen.zone))
    stamp = Stamp("", local, style=style.chosen(session).style)
    return draft(papers.paper(filled, local.date()), filled.stored, stamp).pdf
