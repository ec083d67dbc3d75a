"""What people do to the records of parties: describe, record, change, succeed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import facts, rules
from registers.controllers.models import (
    ONLY,
    Contact,
    Contract,
    ContractService,
    Controller,
    ControllerContact,
    Organisation,
    Succession,
    TermsModel,
)
from registers.controllers.rules import SuccessionKind
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.history import FIELDS, Head, How
from registers.kernel.identifiers import checked_code
from registers.kernel.words import text
from registers.people.roles import Permission

ORGANISATION_DESCRIBED = audit.kind(
    "organisation.described", text("Organisation described"), *FIELDS
)
CONTROLLER_RECORDED = audit.kind("controller.recorded", text("Controller recorded"), *FIELDS)
CONTROLLER_CHANGED = audit.kind("controller.changed", text("Controller changed"), *FIELDS)
CONTACT_RECORDED = audit.kind("contact.recorded", text("Point of contact recorded"), *FIELDS)
CONTACT_CHANGED = audit.kind("contact.changed", text("Point of contact changed"), *FIELDS)
CONTRACT_RECORDED = audit.kind("contract.recorded", text("Contract recorded"), *FIELDS)
CONTRACT_CHANGED = audit.kind("contract.changed", text("Contract changed"), *FIELDS)
TERMS_MODEL_RECORDED = audit.kind("terms_model.recorded", text("Model of terms recorded"), *FIELDS)
TERMS_MODEL_CHANGED = audit.kind("terms_model.changed", text("Model of terms changed"), *FIELDS)
SUCCEEDED = audit.kind(
    "controller.succeeded", text("Succession recorded"), "change", "effective_on", "to"
)

STANDARD = "standard"
"""The model of terms that is always there; its defaults are those of `facts.Terms`."""


def describe_organisation(act: Act, known: facts.Organisation, base: int, how: How) -> Organisation:
    """Describes the organisation, or describes it anew.

    Raises:
        Invalid: an identifier is impossible.
        Conflict: it was described meanwhile.
    """
    act.require(Permission.ORGANISATION_EDIT)
    known = rules.checked_organisation(known)
    if act.session.get(Organisation, ONLY):
        head = act.take(Organisation, ONLY)
    else:
        head = Organisation(id=ONLY, one=True, sample=False)
    history.record(act, head, known, base, how.by(ORGANISATION_DESCRIBED))
    return head


def record_controller(act: Act, code: str, known: facts.Controller, how: How) -> Controller:
    """Records a controller under a code that never changes.

    Raises:
        Invalid: the code is taken or empty, an identifier is impossible, a contact is unknown.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = history.begin(act, Controller, code)
    history.record(act, head, _checked(act, known), 0, how.by(CONTROLLER_RECORDED))
    show_contacts(act, head, known.contacts)
    return head


def change_controller(
    act: Act, controller_id: uuid.UUID, known: facts.Controller, base: int, how: How
) -> list[str]:
    """Adds a version to a controller; gives the names of what changed.

    A changed registration number is also kept as a succession.

    Raises:
        Invalid, Conflict, NotFound: see `record_controller`, and `history.record`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Controller, controller_id)
    before = history.latest(act.session, head)
    known = _checked(act, known)
    changed = history.record(act, head, known, base, how.by(CONTROLLER_CHANGED))
    if "contacts" in changed:
        _show_last_contacts(act, head)
    if {"ended_on", "succeeded_by"} & set(changed):
        act.follow("ended", "controller", head)
    if "siret" in changed and before.siret and known.siret:
        numbers = (before.siret, known.siret)
        _succession(act, SuccessionKind.RENUMBERED, how, (head, head), numbers)
    return changed


def name_contact(
    act: Act, controller_id: uuid.UUID, link: facts.ContactLink, how: How
) -> list[str]:
    """Names a contact for one more role, from a day on."""
    return _change_links(act, controller_id, how, added=(link,))


def release_contact(
    act: Act, controller_id: uuid.UUID, link: facts.ContactLink, how: How
) -> list[str]:
    """Takes a role from a contact, from a day on; the history keeps it."""
    return _change_links(act, controller_id, how, removed=(link,))


def _change_links(
    act: Act,
    controller_id: uuid.UUID,
    how: How,
    added: Sequence[facts.ContactLink] = (),
    removed: Sequence[facts.ContactLink] = (),
) -> list[str]:
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Controller, controller_id)

    def linked(known: facts.Controller) -> facts.Controller:
        kept = [link for link in known.contacts if link not in removed]
        links = tuple(dict.fromkeys([*kept, *added]))
        return _checked(act, msgspec.structs.replace(known, contacts=links))

    changed = history.revise(act, head, linked, how.by(CONTROLLER_CHANGED))
    if changed:
        _show_last_contacts(act, head)
    return changed


def _show_last_contacts(act: Act, head: Controller) -> None:
    act.session.flush()
    last = history.known_on(act.session, Controller, date.max, [head.id])
    show_contacts(act, head, last[head.id].contacts)


def _checked(act: Act, known: facts.Controller) -> facts.Controller:
    ids = {link.contact for link in known.contacts}
    query = sa.select(sa.func.count()).where(Contact.id.in_(ids))
    if ids and act.session.scalar(query) != len(ids):
        raise Invalid(text("A point of contact is not on record."), "contacts")
    return rules.checked_controller(known)


def show_contacts(act: Act, head: Controller, links: Sequence[facts.ContactLink]) -> None:
    """Brings what lists show of a controller's contacts up to date."""
    act.session.flush()
    act.session.execute(
        sa.delete(ControllerContact).where(ControllerContact.controller_id == head.id)
    )
    insert(act, ControllerContact, contact_rows(head, links))


def insert(act: Act, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows that lists show; what they refer to was flushed before."""
    if rows:
        act.session.execute(sa.insert(table.__table__), rows)


def contact_rows(head: Controller, links: Sequence[facts.ContactLink]) -> list[dict[str, Any]]:
    """What lists show of a controller's contacts."""
    return [
        {"controller_id": head.id, "role": role, "contact_id": contact}
        for role, contact in dict.fromkeys((link.role, link.contact) for link in links)
    ]


def record_contact(act: Act, known: facts.Contact, how: How) -> Contact:
    """Records a point of contact.

    Raises:
        Invalid: it has neither a name nor an address.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = Contact()
    history.record(act, head, rules.checked_contact(known), 0, how.by(CONTACT_RECORDED))
    return head


def change_contact(
    act: Act, contact_id: uuid.UUID, known: facts.Contact, base: int, how: How
) -> list[str]:
    """Adds a version to a point of contact; all whom it serves see it.

    Raises:
        Invalid, Conflict, NotFound: see `record_contact`, and `history.record`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Contact, contact_id)
    known = rules.checked_contact(known)
    return history.record(act, head, known, base, how.by(CONTACT_CHANGED))


def record_contract(act: Act, known: facts.Contract, how: How) -> Contract:
    """Records a contract as it is in force, gaps included.

    Raises:
        Invalid: its reference is taken, its dates contradict each other.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = Contract()
    owner = _owner(act, known)
    history.record(act, head, rules.checked_contract(known), 0, how.by(CONTRACT_RECORDED, owner))
    show_services(act, head, known.services)
    if known.ended_on:
        act.follow("ended", "contract", head)
    return head


def change_contract(
    act: Act, contract_id: uuid.UUID, known: facts.Contract, base: int, how: How
) -> list[str]:
    """Adds a version to a contract. It stays with whoever had it on that day: see `transfer`.

    Raises:
        Invalid, Conflict, NotFound: see `record_contract`, and `history.record`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Contract, contract_id)
    there = history.known_on(act.session, Contract, how.effective_from, [head.id])[head.id]
    if known.controller not in {there.controller, head.controller_id}:
        raise Invalid(
            text("A contract goes over to another controller by a transfer."), "controller"
        )
    known = msgspec.structs.replace(known, controller=there.controller)
    owner = _owner(act, known, head.id)
    known = rules.checked_contract(known)
    changed = history.record(act, head, known, base, how.by(CONTRACT_CHANGED, owner))
    if "services" in changed:
        _show_last_services(act, head)
    if "ended_on" in changed:
        act.follow("ended", "contract", head)
    return changed


def _owner(act: Act, known: facts.Contract, contract_id: uuid.UUID | None = None) -> Controller:
    owner = act.session.get(Controller, known.controller)
    if owner is None:
        raise NotFound(text("There is no such controller."))
    query = sa.select(Contract.id).where(
        Contract.controller_id == owner.id, Contract.reference == known.reference
    )
    if act.session.scalar(query) not in {None, contract_id}:
        raise Invalid(text("This controller has a contract with this reference."), "reference")
    return owner


def _show_last_services(act: Act, head: Contract) -> None:
    act.session.flush()
    last = history.known_on(act.session, Contract, date.max, [head.id])
    show_services(act, head, last[head.id].services)


def show_services(act: Act, head: Contract, services: Sequence[facts.Service]) -> None:
    """Brings what lists show of a contract's activities up to date."""
    act.session.flush()
    act.session.execute(sa.delete(ContractService).where(ContractService.contract_id == head.id))
    insert(act, ContractService, service_rows(head, services))


def service_rows(head: Contract, services: Sequence[facts.Service]) -> list[dict[str, Any]]:
    """What lists show of a contract's activities."""
    owner = head.controller_id
    return [
        {"contract_id": head.id, "code": service.code, "controller_id": owner}
        for service in services
    ]


def record_terms_model(
    act: Act, code: str, known: facts.TermsModel, base: int, how: How
) -> TermsModel:
    """Records terms under a name, or changes them; contracts keep what they were given.

    Raises:
        Invalid: a term cannot be.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    rules.checked_terms(known.terms)
    code = checked_code(code)
    known_id = act.session.scalar(sa.select(TermsModel.id).where(TermsModel.code == code))
    kind = TERMS_MODEL_CHANGED if known_id else TERMS_MODEL_RECORDED
    head = act.take(TermsModel, known_id) if known_id else TermsModel(code=code)
    history.record(act, head, known, base, how.by(kind))
    return head


def terms_of_model(session: Session, code: str, day: date) -> facts.Terms:
    """The terms that go by a name on a day.

    Raises:
        NotFound: there is no such model.
    """
    found = session.scalar(sa.select(TermsModel).where(TermsModel.code == code))
    if found is not None:
        known = history.in_force(session, TermsModel, day, [found.id])
        if found.id in known:
            terms: facts.Terms = known[found.id].facts.terms
            return terms
    if code == STANDARD:
        return facts.Terms()
    raise NotFound(text("There is no model of terms named {code}.", code=code))


def merge(
    act: Act, predecessors: Sequence[uuid.UUID], successor_id: uuid.UUID, how: How
) -> list[Contract]:
    """Lets one controller take the place of others from a day on, with all their contracts.

    Raises:
        Invalid: a controller would succeed itself.
        Conflict: a predecessor has ended already.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    successor = act.take(Controller, successor_id)
    moved = []
    for controller_id in predecessors:
        if controller_id == successor_id:
            raise Invalid(text("A controller cannot succeed itself."), "successor")
        head = act.take(Controller, controller_id)
        if head.ended_on:
            raise Conflict(text("{name} has ended already.", name=head.name))
        query = sa.select(Contract.id).where(Contract.controller_id == head.id)
        moved += [
            _move(act, contract_id, successor, how)
            for contract_id in act.session.scalars(query).all()
        ]
        ended = {"ended_on": how.effective_from, "succeeded_by": successor.code}
        _revise(act, head, ended, how.by(CONTROLLER_CHANGED))
        names = (head.name, successor.name)
        _succession(act, SuccessionKind.MERGED, how, (head, successor), names)
    return moved


def transfer(act: Act, contract_id: uuid.UUID, to_id: uuid.UUID, how: How) -> Contract:
    """Lets a contract go over to another controller from a day on.

    Raises:
        Invalid: it is that controller's already.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Contract, contract_id)
    former = act.take(Controller, head.controller_id)
    if former.id == to_id:
        raise Invalid(text("The contract is this controller's already."), "controller")
    to = act.take(Controller, to_id)
    return _move(act, contract_id, to, how)


def _move(act: Act, contract_id: uuid.UUID, to: Controller, how: How) -> Contract:
    contract = act.take(Contract, contract_id)
    former = act.session.get_one(Controller, contract.controller_id)
    known = history.latest(act.session, contract)
    _owner(act, msgspec.structs.replace(known, controller=to.id), contract.id)
    _revise(act, contract, {"controller": to.id}, how.by(CONTRACT_CHANGED, to))
    _show_last_services(act, contract)
    names = (former.name, to.name)
    _succession(act, SuccessionKind.TRANSFERRED, how, (former, to), names, contract)
    return contract


def _revise(act: Act, head: Head[Any], changes: Mapping[str, Any], said: history.Recording) -> None:
    history.revise(act, head, lambda known: msgspec.structs.replace(known, **changes), said)


def _succession(
    act: Act,
    kind: SuccessionKind,
    how: How,
    parties: tuple[Controller, Controller],
    names: tuple[str, str],
    *contracts: Contract,
) -> None:
    former, to = parties
    act.session.flush()
    act.session.add(
        Succession(
            kind=kind,
            effective_on=how.effective_from,
            from_id=former.id,
            to_id=to.id,
            contract_id=contracts[0].id if contracts else None,
            before=names[0],
            after=names[1],
            reason=how.reason,
            recorded_at=act.now,
            author=act.actor.reference,
        )
    )
    act.log(
        SUCCEEDED,
        former,
        change=kind.value,
        effective_on=how.effective_from,
        to=str(to.id),
        values={"before": names[0], "after": names[1], "reason": how.reason},
    )
