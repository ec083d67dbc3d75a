"""What this installation holds of one person: the answer to a request of access, Art. 15.

For points of contact of controllers, and for the staff that have accounts. Everything is looked
for by the addresses and names that are on record of the person, in every store.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.announcements.models import Objection
from registers.controllers.models import Contact, ContactVersion, Controller, ControllerContact
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.audit import Entry, EntryValues
from registers.kernel.errors import NotFound
from registers.kernel.words import Text, text
from registers.notices.models import Dispatch, Notice, PortalLink, Receipt
from registers.people.models import User, UserSession
from registers.people.roles import Permission
from registers.retention.models import Choice, Returned, ReturnRequest

ANSWERED = audit.kind("own.answered", text("Everything held of a person was given out"), "rows")

MOST = 5_000


class Found(NamedTuple):
    """Something that is held of a person: where, since when, and what."""

    store: Text
    at: str
    """A day or an instant, as ISO 8601."""
    what: dict[str, Any]


class Person(NamedTuple):
    """Somebody known here, by all addresses and names on record."""

    contacts: tuple[Contact, ...]
    user: User | None
    emails: frozenset[str]
    names: frozenset[str]

    @property
    def about(self) -> list[str]:
        """How the journal names this person."""
        rows: list[Any] = [*self.contacts, *([self.user] if self.user else [])]
        return [audit.name_of(row) for row in rows]


def person(session: Session, email: str) -> Person:
    """Whoever is on record under an address, now or before.

    Raises:
        NotFound: nobody is.
    """
    wanted = email.strip().lower()
    stored = sa.type_coerce(ContactVersion.facts, sa.Text)
    query = sa.select(ContactVersion.subject_id).where(stored.contains(f'"email":"{wanted}"'))
    heads = session.scalars(
        sa.select(Contact).where(sa.or_(Contact.id.in_(query), Contact.email == wanted))
    )
    contacts = tuple(heads)
    user = session.scalar(sa.select(User).where(User.email == wanted))
    if not wanted or (not contacts and user is None):
        raise NotFound
    emails, names = {wanted}, set()
    for version in _versions(session, contacts):
        known = Contact.facts_type.of(version.facts)
        emails.add(known.email)
        if known.name:
            names |= {known.full_name, f"{known.first_name} {known.name}".strip()}
    if user is not None:
        names.add(user.name)
    return Person(contacts, user, frozenset(emails) - {""}, frozenset(names) - {""})


def _versions(session: Session, contacts: Sequence[Contact]) -> list[ContactVersion]:
    query = sa.select(ContactVersion).where(
        ContactVersion.subject_id.in_([row.id for row in contacts]),
        ContactVersion.facts.is_not(None),
    )
    order = (ContactVersion.subject_id, ContactVersion.number)
    return list(session.scalars(query.order_by(*order)))


def everything(session: Session, asked: Person) -> list[Found]:
    """All that is held of a person, store by store."""
    return [
        *_as_contact(session, asked),
        *_told(session, asked),
        *_named(session, asked),
        *_as_user(session, asked),
        *_journal(session, asked),
    ]


def _as_contact(session: Session, asked: Person) -> Iterator[Found]:
    for version in _versions(session, asked.contacts):
        known = {name: value for name, value in (version.facts or {}).items() if value}
        yield Found(text("Point of contact"), version.effective_from.isoformat(), known)
    query = (
        sa.select(Controller.name, ControllerContact.role)
        .join(ControllerContact, ControllerContact.controller_id == Controller.id)
        .where(ControllerContact.contact_id.in_([row.id for row in asked.contacts]))
        .order_by(Controller.sorted, ControllerContact.role)
    )
    for name, role in session.execute(query):
        yield Found(text("Serves a controller"), "", {"controller": name, "role": role.value})


def _told(session: Session, asked: Person) -> Iterator[Found]:
    recipients = [audit.name_of(row) for row in asked.contacts]
    query = (
        sa.select(Notice)
        .where(sa.or_(Notice.recipient.in_(recipients), Notice.email.in_(asked.emails)))
        .order_by(Notice.number)
        .limit(MOST)
    )
    notices = list(session.scalars(query))
    for row in notices:
        known = {"number": row.number, "kind": row.kind.value, "name": row.name, "email": row.email}
        yield Found(text("Notice"), row.created_at.isoformat(), known)
    ways = sa.select(Dispatch).where(Dispatch.address.in_(asked.emails)).limit(MOST)
    for way in session.scalars(ways.order_by(Dispatch.id)):
        known = {"address": way.address, "state": way.state.value, "answer": way.said}
        yield Found(text("Message"), way.sent_at.isoformat() if way.sent_at else "", known)
    links = sa.select(PortalLink).where(PortalLink.notice_id.in_([row.id for row in notices]))
    for link in session.scalars(links.order_by(PortalLink.issued_at)):
        known = {"expires_at": link.expires_at.isoformat()}
        yield Found(text("Link to the portal"), link.issued_at.isoformat(), known)


NAMING: tuple[tuple[Text, type[Any], tuple[str, ...], str], ...] = (
    (text("Receipt"), Receipt, ("by_name", "by_function", "note"), "received_on"),
    (text("Objection"), Objection, ("by_name", "by_function", "grounds", "way"), "received_on"),
    (text("Choice at the end"), Choice, ("by_name", "by_function"), "chosen_on"),
    (text("Request for return"), ReturnRequest, ("by_name", "reference"), "received_on"),
    (text("Return"), Returned, ("to_name", "format"), "returned_on"),
)
"""Evidence that names persons: where, which columns, on which day. The first column is the name."""


def _named(session: Session, asked: Person) -> Iterator[Found]:
    for store, model, columns, day in NAMING:
        name = getattr(model, columns[0])
        query = sa.select(model).where(name.in_(asked.names)).order_by(model.id).limit(MOST)
        for row in session.scalars(query):
            known = {column: getattr(row, column) for column in columns}
            yield Found(store, getattr(row, day).isoformat(), known)


def _as_user(session: Session, asked: Person) -> Iterator[Found]:
    user = asked.user
    if user is None:
        return
    known = {"name": user.name, "email": user.email, "roles": ", ".join(user.roles)}
    yield Found(text("Account"), user.created_at.isoformat(), {**known, "language": user.language})
    query = sa.select(UserSession).where(UserSession.user_id == user.id)
    for row in session.scalars(query.order_by(UserSession.opened_at).limit(MOST)):
        said = {"address": row.address, "browser": row.browser, "seen_at": row.seen_at.isoformat()}
        yield Found(text("Session"), row.opened_at.isoformat(), said)


def _journal(session: Session, asked: Person) -> Iterator[Found]:
    mine = [f"user:{asked.user.id}"] if asked.user else []
    query = (
        sa.select(Entry, EntryValues.content)
        .join(EntryValues, EntryValues.id == Entry.values_id, isouter=True)
        .where(sa.or_(Entry.about.in_(asked.about), Entry.actor.in_(mine)))
        .order_by(Entry.number)
        .limit(MOST)
    )
    for entry, content in session.execute(query):
        known = {"number": entry.number, "kind": entry.kind}
        if content and entry.about in asked.about:  # what an act says of others is not one's own
            known["values"] = content
        yield Found(text("Journal"), entry.at, known)


def answered(act: Act, asked: Person, rows: int) -> None:
    """Says in the journal that everything was given out, and of whom; never what."""
    act.require(Permission.OWN_STORES)
    for about in asked.about:
        act.log(ANSWERED, about, rows=rows)


def lines(found: Iterable[Found]) -> Iterator[tuple[Text, str, str]]:
    """As rows of a sheet: the store, when, and what, readably."""
    for each in found:
        said = "; ".join(f"{name}: {_plain(value)}" for name, value in each.what.items() if value)
        yield each.store, each.at, said


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
