"""What controllers and others are told about data protection officers, as notices."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import ONLY, Contract, Controller
from registers.controllers.vocabulary import ContactRole
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import text
from registers.notices import addressing
from registers.notices import operations as notices
from registers.notices.addressing import Addressee
from registers.notices.models import Notice
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission

REMINDED = audit.kind(
    "declaration.reminded", text("Controllers asked to declare their DPO"), "controllers"
)
BROADCAST = audit.kind(
    "organisation.dpo_told", text("Change of our DPO told to all controllers"), "notices"
)

OURS = ("dpo_name", "dpo_email", "dpo_phone", "dpo_address")
"""What is told of our own DPO."""


def ask_representative(act: Act, form: Form, owner: parties.Controller, email: str) -> uuid.UUID:
    """Asks the representative on record to confirm a declaration, with a code to its address."""
    to = Addressee(
        f"declaration_form:{form.id}",
        owner.representative or owner.name,
        email,
        owner.language,
        {form.controller_id: owner},
    )
    return _write(act, NoticeKind.DPO_CONFIRM, f"declaration_form:{form.id}", to, _told(form))


def tell_former(act: Act, form: Form, owner: parties.Controller, address: str) -> uuid.UUID:
    """Tells a former address that another one was declared in its place."""
    to = Addressee(
        f"former:{address}", owner.name, address, owner.language, {form.controller_id: owner}
    )
    cause = f"declaration_form:{form.id}:former"
    return _write(act, NoticeKind.DPO_FORMER, cause, to, _told(form))


def _told(form: Form) -> dict[str, Any]:
    """What the notice says of the form: who is named, no more."""
    known = Declaration.of(form.said)
    return {
        "form": str(form.id),
        "number": form.number,
        "none": known.none,
        "officer": known.officer_name,
        "since": form.effective_from.isoformat() if form.effective_from else None,
    }


def _write(
    act: Act, kind: NoticeKind, cause: str, to: Addressee, told: dict[str, Any]
) -> uuid.UUID:
    wanted = addressing.wanted(kind, cause, to, told, from_country(act.session, act.now.date()))
    within = f"controller:{next(iter(to.owners))}"
    return notices.write(act, [wanted], within, act.now.date())[0].id


def from_country(session: Session, day: date) -> str:
    """Where our letters are posted."""
    ours = controllers.organisation_facts(session, day)
    return ours.country if ours else "FR"


def remind(act: Act, ids: Collection[uuid.UUID], day: date) -> int:
    """Asks controllers to declare their DPO; gives how many notices that makes.

    "Without undue delay" has no number: nobody is called late. Each recipient is asked once a
    day at most.

    Raises:
        Invalid: nobody was chosen.
        Conflict: all of them were asked today already.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    if not ids:
        raise Invalid(text("Choose at least one controller."), "controllers")
    cause = f"declaration:awaited:{day.isoformat()}"
    found = addressing.addressees(act.session, ids, day)
    country = from_country(act.session, day)
    wanted = [
        addressing.wanted(NoticeKind.DPO_AWAITED, cause, to, {"asked_on": day.isoformat()}, country)
        for to in found
    ]
    told = set(act.session.scalars(sa.select(Notice.recipient).where(Notice.cause == cause)))
    wanted = [each for each in wanted if each.recipient not in told]
    if not wanted:
        raise Conflict(text("They were asked today already."))
    notices.write(act, wanted, None, day)
    act.log(REMINDED, "declaration:awaited", controllers=len(ids))
    return len(wanted)


def untold(session: Session, day: date) -> tuple[parties.Organisation, dict[str, str]] | None:
    """What our DPO is now, where that is not what controllers were last told.

    Before anything was told, what first stood in the register counts as told: it stood on every
    paper since.
    """
    now = controllers.organisation_facts(session, day)
    if now is None:
        return None
    last = session.scalar(
        sa.select(Notice.told)
        .where(Notice.kind == NoticeKind.OUR_DPO)
        .order_by(Notice.created_at.desc(), Notice.number.desc())
        .limit(1)
    )
    if last is not None:
        before = last["now"]
    else:
        first = controllers.organisation_facts(session, date.min)
        before = _ours(first or now)
    return (now, before) if _ours(now) != before else None


def _ours(known: parties.Organisation) -> dict[str, str]:
    return {name: getattr(known, name) for name in OURS}


def served(session: Session, day: date) -> list[uuid.UUID]:
    """The controllers for whom the organisation acts on a day: those with a contract that runs."""
    query = (
        sa.select(Controller.id)
        .join(Contract, Contract.controller_id == Controller.id)
        .where(
            sa.or_(Controller.ended_on.is_(None), Controller.ended_on >= day),
            sa.or_(Contract.ended_on.is_(None), Contract.ended_on >= day),
        )
        .distinct()
    )
    return list(session.scalars(query))


def broadcast(act: Act, day: date) -> int:
    """Tells all controllers that our own DPO has changed; gives how many notices that makes.

    Raises:
        Conflict: they know already.
    """
    act.require(Permission.ORGANISATION_EDIT)
    found = untold(act.session, day)
    if found is None:
        raise Conflict(text("All controllers were told of the present one already."))
    now, before = found
    cause = f"organisation:{ONLY}:dpo:{act.now.isoformat()}"
    told = {"now": _ours(now), "before": before}
    wanted = [
        addressing.wanted(NoticeKind.OUR_DPO, cause, to, told, now.country)
        for to in addressing.addressees(act.session, served(act.session, day), day)
    ]
    if not wanted:
        raise Conflict(text("There is no controller to tell."))
    notices.write(act, wanted, None, day)
    act.log(BROADCAST, f"organisation:{ONLY}", notices=len(wanted))
    return len(wanted)


def representative_email(session: Session, controller_id: uuid.UUID, day: date) -> str:
    """The address on record of the controller's representative; empty where there is none."""
    known = history.known_on(session, Controller, day, [controller_id])[controller_id]
    ids = [link.contact for link in known.contacts if link.role is ContactRole.REPRESENTATIVE]
    people = controllers.contact_facts(session, ids, day)
    return next((people[key].email for key in ids if key in people and people[key].email), "")
