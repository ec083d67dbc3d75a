"""Controllers with their contracts from a table: first what would happen, then exactly that.

Each row is one controller, or one of its contracts; several rows may share a code. An empty cell
leaves what is there, or takes the default. Rows that cannot be right are refused and say why;
the others are written in one act. The same file twice changes nothing.
"""

import gc
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import columns, facts, operations, rules
from registers.controllers.facts import ContactLink
from registers.controllers.models import (
    Contact,
    Contract,
    ContractService,
    Controller,
    ControllerContact,
)
from registers.controllers.operations import (
    CONTACT_CHANGED,
    CONTACT_RECORDED,
    CONTRACT_CHANGED,
    CONTRACT_RECORDED,
    CONTROLLER_CHANGED,
    CONTROLLER_RECORDED,
)
from registers.controllers.vocabulary import ContactKind, ContactRole, ControllerKind
from registers.kernel import audit, calendars, history
from registers.kernel.act import Act
from registers.kernel.errors import Invalid
from registers.kernel.history import Change, Facts, Head, How
from registers.kernel.identifiers import checked_code
from registers.kernel.sheets import Sheet
from registers.kernel.words import Named, Text, text
from registers.people.roles import Permission

IMPORTED = audit.kind(
    "controllers.imported", text("Controllers imported"), "new", "changed", "unchanged", "refused"
)

OF_CONTROLLER = (
    *("name", "kind", "siret", "address", "postcode", "city", "country", "calendar", "zone"),
    *("language", "phone", "representative", "representative_quality"),
)
OF_TERMS = (
    *("objection_amount", "objection_unit", "objection_effect", "authorisation"),
    *("breach_hours", "breach_channels", "renewal", "end_choice"),
    *("update_notice", "update_objection", "update_bound"),
)
OF_CONTRACT = ("contract_start", "contract_end", "activities", "notice_period", *OF_TERMS)

T = TypeVar("T", bound=Facts)


class Fate(Named):
    """What happens to a row."""

    NEW = "new", text("New")
    CHANGED = "changed", text("Changed")
    UNCHANGED = "unchanged", text("Unchanged")
    REFUSED = "refused", text("Refused")


@dataclass
class Row:
    """One row of the file and its fate."""

    number: int
    code: str
    fate: Fate = Fate.UNCHANGED
    changes: list[Change] = field(default_factory=list)
    reasons: list[tuple[str, Text]] = field(default_factory=list)
    """Why it is refused: the column, and the sentence."""


@dataclass
class Draft(Generic[T]):
    """A subject as the file leaves it: what it was, what it becomes, since when."""

    known: T
    before: T | None = None
    head: Any = None
    since: date | None = None


@dataclass
class Plan:
    """What an import would do."""

    rows: list[Row] = field(default_factory=list)
    contacts: dict[uuid.UUID, Draft[facts.Contact]] = field(default_factory=dict)
    controllers: dict[str, Draft[facts.Controller]] = field(default_factory=dict)
    contracts: dict[tuple[str, str], Draft[facts.Contract]] = field(default_factory=dict)

    def count(self, fate: Fate) -> int:
        """How many rows have a fate."""
        return sum(row.fate is fate for row in self.rows)


@dataclass(frozen=True)
class Request:
    """What is imported, and with what."""

    sheet: Sheet
    terms: facts.Terms
    """The defaults of the named model."""
    activities: Collection[str]
    """The codes of the activities on record."""
    today: date
    reason: str


def plan(session: Session, asked: Request) -> Plan:
    """What an import would do, row by row, without doing it.

    Raises:
        Invalid: a column is unknown, stands twice, or the codes are missing.
    """
    return _Planner(session, asked).plan()


def import_all(act: Act, asked: Request) -> Plan:
    """Imports all rows that are not refused, in this act.

    Raises:
        Invalid: see `plan`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    gc.disable()  # it would look through all rows again and again, and none of them is garbage
    try:
        planned = plan(act.session, asked)
        _write(act, planned, asked)
    finally:
        gc.enable()
    return planned


class _Planner:
    """Reads what is there once, then follows the rows one after the other."""

    def __init__(self, session: Session, asked: Request) -> None:
        self.session = session
        self.asked = asked
        self.done = Plan()
        names = [columns.named(heading) for heading in asked.sheet.headings]
        unknown = [
            heading
            for heading, name in zip(asked.sheet.headings, names, strict=True)
            if name is None and heading
        ]
        if unknown:
            raise Invalid(
                text("These columns are unknown: {columns}.", columns=", ".join(unknown)), "file"
            )
        twice = {name for name in names if name and names.count(name) > 1}
        if twice:
            raise Invalid(
                text("These columns stand twice: {columns}.", columns=", ".join(sorted(twice))),
                "file",
            )
        if "code" not in names:
            raise Invalid(text("The column “code” is missing."), "file")
        self.names = names
        self.found: dict[tuple[str, str], uuid.UUID] = {}
        """The contacts by address and name; by address alone, the first of them."""

    def plan(self) -> Plan:
        """Follows all rows."""
        read = [(Row(number, ""), *self._read(cells)) for number, cells in self.asked.sheet.rows]
        self._load([values for _row, values, _wrong in read])
        for row, values, wrong in read:
            row.code = str(values.get("code", ""))
            row.reasons = wrong or self._apply(row, values)
            if row.reasons:
                row.fate = Fate.REFUSED
            self.done.rows.append(row)
        return self.done

    def _read(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Text]]]:
        values: dict[str, Any] = {}
        wrong: list[tuple[str, Text]] = []
        for name, cell in zip(self.names, cells, strict=True):
            if name is None or cell in columns.NOTHING:
                continue
            try:
                values[name] = columns.READERS.get(name, str)(cell)
            except Invalid as error:
                wrong.append((name, error.reason))
        return values, wrong

    def _load(self, rows: list[dict[str, Any]]) -> None:
        """Reads the controllers, contracts and contacts that the file may touch."""
        codes = {str(values["code"]) for values in rows if "code" in values}
        emails = {
            values[column]
            for values in rows
            for column in ("notice_email", "breach_email", "dpo_email")
            if column in values
        }
        heads = list(self._in(Controller, Controller.code, codes))
        for head, known in self._facts(heads):
            self.done.controllers[head.code] = Draft(known, known, head)
        ids = {head.id: head.code for head in heads}
        contracts = list(self._in(Contract, Contract.controller_id, ids))
        for contract, agreed in self._facts(contracts):
            key = (ids[contract.controller_id], contract.reference)
            self.done.contracts[key] = Draft(agreed, agreed, contract)
        linked = {
            link.contact
            for draft in self.done.controllers.values()
            for link in draft.known.contacts
        }
        people = {head.id: head for head in self._in(Contact, Contact.email, emails)}
        people |= {head.id: head for head in self._in(Contact, Contact.id, linked)}
        for person, described in self._facts(sorted(people.values(), key=lambda each: each.id)):
            self._know(Draft(described, described, person))

    def _in(self, kind: type[Any], column: Any, values: Iterable[Any]) -> Iterator[Any]:
        for part in history.parts(list(values)):
            yield from self.session.scalars(sa.select(kind).where(column.in_(part)))

    def _facts(self, heads: list[Any]) -> Iterator[tuple[Any, Any]]:
        if heads:
            ids = [head.id for head in heads]
            known = history.known_on(self.session, type(heads[0]), self.asked.today, ids)
            for head in heads:
                yield head, known[head.id]

    def _apply(self, row: Row, values: dict[str, Any]) -> list[tuple[str, Text]]:
        """Follows one row; gives why it is refused, if it is."""
        try:
            checked_code(row.code)
            controller = self._controller(row.code, values)
            contract = self._contract(row.code, controller, values)
        except Invalid as error:
            return [(error.field or "", error.reason)]
        links = self._links(row, controller.known.contacts, values)
        controller.known = msgspec.structs.replace(controller.known, contacts=links)
        self._keep(row, self.done.controllers, row.code, controller)
        if contract is not None:
            key = (row.code, contract.known.reference)
            self._keep(row, self.done.contracts, key, contract)
        if row.changes and row.fate is not Fate.NEW:
            row.fate = Fate.CHANGED
        return []

    def _keep(self, row: Row, kept: dict[Any, Any], key: Any, draft: Draft[Any]) -> None:
        was = kept.get(key)
        if was is None:
            row.fate = Fate.NEW
        elif was.known != draft.known:
            row.changes += history.compare(was.known, draft.known)
        kept[key] = draft

    def _controller(self, code: str, values: dict[str, Any]) -> Draft[facts.Controller]:
        draft = self.done.controllers.get(code)
        given = {name: values[name] for name in OF_CONTROLLER if name in values}
        if draft is None:
            if "name" not in given:
                raise Invalid(text("A new controller needs a name."), "name")
            known = facts.Controller(**_defaults(given))
            new = Controller(code=code)
            found = Draft(rules.checked_controller(known), None, new, values.get("contract_start"))
        else:
            given = _consequences(draft.known, given)
            known = rules.checked_controller(msgspec.structs.replace(draft.known, **given))
            since = min(filter(None, (draft.since, values.get("contract_start"))), default=None)
            found = Draft(known, draft.before, draft.head, since)
        return found

    def _links(
        self, row: Row, present: tuple[ContactLink, ...], values: dict[str, Any]
    ) -> tuple[ContactLink, ...]:
        links = list(present)
        for role, email, name in (
            (ContactRole.NOTICE, values.get("notice_email", ""), ""),
            (ContactRole.BREACH, values.get("breach_email", ""), ""),
            (ContactRole.DPO, values.get("dpo_email", ""), values.get("dpo_name", "")),
        ):
            if email or name:
                holders = [link.contact for link in links if link.role is role]
                contact = self._holder(holders, name) if not email else None
                contact = contact or self._contact(row, email or self._email_of(holders), name)
                links = [link for link in links if link.role is not role]
                links.append(ContactLink(role=role, contact=contact))
        order = list(ContactRole)
        links.sort(key=lambda link: (order.index(link.role), link.contact))
        return tuple(links)

    def _holder(self, holders: list[uuid.UUID], name: str) -> uuid.UUID | None:
        """Whoever of these goes by a name."""
        named = (each for each in holders if name in _names(self.done.contacts[each].known))
        return next(named, None)

    def _email_of(self, holders: list[uuid.UUID]) -> str:
        """The address of whoever has a role now: a name alone completes that contact."""
        return next((self.done.contacts[each].known.email for each in holders), "")

    def _contact(self, row: Row, email: str, name: str) -> uuid.UUID:
        """The contact of this address and name, completed or new where there is none."""
        key = (email, name) if email else (f"{row.code}:", name)
        known = self.found.get(key)
        if known is not None:
            return known
        unnamed = self.found.get((email, "")) if email else None
        if unnamed is not None and not self.done.contacts[unnamed].known.name:
            draft = self.done.contacts[unnamed]
            named = msgspec.structs.replace(draft.known, name=name, kind=ContactKind.PERSON)
            row.changes += history.compare(draft.known, named)
            draft.known = named
        else:
            kind = ContactKind.PERSON if name else ContactKind.MAILBOX
            described = facts.Contact(kind=kind, email=email, name=name)
            draft = Draft(rules.checked_contact(described), None, Contact())
        self._know(draft, key)
        contact: uuid.UUID = draft.head.id
        return contact

    def _know(self, draft: Draft[facts.Contact], key: tuple[str, str] | None = None) -> None:
        contact, known = draft.head.id, draft.known
        self.done.contacts[contact] = draft
        keys = [key] if key else [(known.email, name) for name in _names(known)]
        for each in [*keys, (known.email, "")] if known.email else keys:
            self.found.setdefault(each, contact)

    def _contract(
        self, code: str, controller: Draft[facts.Controller], values: dict[str, Any]
    ) -> Draft[facts.Contract] | None:
        given = {name: values[name] for name in OF_CONTRACT if name in values}
        reference = values.get("contract_reference", "")
        if not reference:
            own = [key for key in self.done.contracts if key[0] == code] if given else []
            if given and len(own) != 1:
                raise Invalid(
                    text("Say of which contract: its reference is missing."), "contract_reference"
                )
            reference = own[0][1] if own else ""
        if not reference:
            return None
        draft = self.done.contracts.get((code, reference))
        base = draft.known if draft else None
        if base is None:
            base = facts.Contract(
                controller=controller.head.id, reference=reference, terms=self.asked.terms
            )
        known = rules.checked_contract(self._agreed(base, given))
        before, head = (draft.before, draft.head) if draft else (None, Contract())
        return Draft(known, before, head, known.starts_on)

    def _agreed(self, base: facts.Contract, given: dict[str, Any]) -> facts.Contract:
        unknown = [
            code for code in given.get("activities", ()) if code not in self.asked.activities
        ]
        if unknown:
            raise Invalid(
                text("No activity has the code {codes}.", codes=", ".join(unknown)), "activities"
            )
        terms = {name: given[name] for name in OF_TERMS if name in given}
        if "notice_period" in given:
            terms["notice"] = given["notice_period"]
        changes: dict[str, Any] = {"terms": msgspec.structs.replace(base.terms, **terms)}
        if "contract_start" in given:
            changes["starts_on"] = given["contract_start"]
        if "contract_end" in given:
            changes["ends_on"] = given["contract_end"]
        if "activities" in given:
            hosting = {service.code: service for service in base.services}
            changes["services"] = tuple(
                hosting.get(code) or facts.Service(code=code) for code in given["activities"]
            )
        return msgspec.structs.replace(base, **changes)


def _names(known: facts.Contact) -> set[str]:
    """What a table may call a person."""
    first, last = known.first_name, known.name
    return {last, f"{first} {last}".strip(), f"{last} {first}".strip()}


def _defaults(given: dict[str, Any]) -> dict[str, Any]:
    """What a new controller is given where the file says nothing."""
    full: dict[str, Any] = {"country": "FR", "kind": ControllerKind.OTHER} | given
    full.setdefault("calendar", calendars.of_place(full["country"], full.get("postcode", "")))
    full.setdefault("zone", calendars.zone_of(full["calendar"]))
    full["public_body"] = full["kind"].is_public
    return full


def _consequences(known: facts.Controller, given: dict[str, Any]) -> dict[str, Any]:
    """What follows from a change, where the file does not say it itself."""
    full = dict(given)
    if "calendar" in given and given["calendar"] != known.calendar:
        full.setdefault("zone", calendars.zone_of(given["calendar"]))
    if "kind" in given and given["kind"] is not known.kind:
        full["public_body"] = given["kind"].is_public
    return full


def _write(act: Act, planned: Plan, asked: Request) -> None:
    """Records what the plan says, parents first."""
    writer = _Writer(act, asked)
    for contact in planned.contacts.values():
        writer.record(contact, (CONTACT_RECORDED, CONTACT_CHANGED))
    act.session.flush()
    for controller in planned.controllers.values():
        writer.record(controller, (CONTROLLER_RECORDED, CONTROLLER_CHANGED))
    act.session.flush()
    for (code, _reference), contract in planned.contracts.items():
        owner = planned.controllers[code].head
        writer.record(contract, (CONTRACT_RECORDED, CONTRACT_CHANGED), owner)
    act.session.flush()
    links, services = [], []
    for controller in planned.controllers.values():
        if controller.before is None:
            links += operations.contact_rows(controller.head, controller.known.contacts)
        elif controller.before.contacts != controller.known.contacts:
            operations.show_contacts(act, controller.head, controller.known.contacts)
    for contract in planned.contracts.values():
        if contract.before is None:
            services += operations.service_rows(contract.head, contract.known.services)
        elif contract.before.services != contract.known.services:
            operations.show_services(act, contract.head, contract.known.services)
    operations.insert(act, ControllerContact, links)
    operations.insert(act, ContractService, services)
    counts = {fate.value: planned.count(fate) for fate in Fate}
    act.log(IMPORTED, "import:controllers", values={"reason": asked.reason}, **counts)


@dataclass(frozen=True)
class _Writer:
    act: Act
    asked: Request

    def record(
        self,
        draft: Draft[Any],
        kinds: tuple[audit.Kind, audit.Kind],
        within: Head[Any] | None = None,
    ) -> None:
        """Records a draft that is new, or that changed; what is older than today is taken over."""
        recorded, changed = kinds
        today = self.asked.today
        if draft.before is None:
            taken_over = draft.since is not None and draft.since < today
            since = draft.since if draft.since and taken_over else today
            how = How(since, self.asked.reason, taken_over=taken_over)
            history.record(self.act, draft.head, draft.known, 0, how.by(recorded, within))
        elif draft.before != draft.known:
            head = self.act.take(type(draft.head), draft.head.id)
            how = How(today, self.asked.reason)
            history.record(self.act, head, draft.known, head.latest, how.by(changed, within))
