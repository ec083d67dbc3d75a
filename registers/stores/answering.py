"""What this installation holds of one person: the answer to a request of access, Art. 15.

For whoever is on record here: points of contact, data subjects who made requests, authorised
persons, staff with accounts, and whoever is named in a dossier. Everything is looked for by the
addresses and names that are on record of the person, in every store that `places` lists.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, get_type_hints

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers.models import Contact, Controller, ControllerContact
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.audit import KINDS, Entry, EntryValues
from registers.kernel.errors import NotFound
from registers.kernel.words import text
from registers.notices.models import Notice, PortalLink
from registers.people.models import User, UserSession
from registers.people.roles import Permission
from registers.requests.models import Concern
from registers.stores import finding, places
from registers.stores.finding import MOST, Found, Said, Wanted

ANSWERED = audit.kind("own.answered", text("Everything held of a person was given out"), "rows")

NAMED_ONLY = "person:named"
"""What the journal says an answer is about, when the person has no dossier of their own."""

SHORTEST = 4
"""Letters of a name; a shorter one would find half the register."""


class Person(NamedTuple):
    """Somebody known here, by all addresses and names on record."""

    heads: tuple[Any, ...]
    """The dossiers of the person: points of contact, requests, authorised persons, declarations."""
    user: User | None
    emails: frozenset[str]
    names: frozenset[str]

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The points of contact that the person is."""
        return tuple(each for each in self.heads if isinstance(each, Contact))

    @property
    def about(self) -> list[str]:
        """How the journal names this person."""
        rows: list[Any] = [*self.heads, *([self.user] if self.user else [])]
        return [audit.name_of(row) for row in rows]

    @property
    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(self.emails | self.names)


def person(session: Session, email: str, name: str = "") -> Person:
    """Whoever is on record under an address or a name, now or before.

    Args:
        session: where it is looked for.
        email: an address; may be empty.
        name: a name, as first name and name; may be empty.

    Raises:
        NotFound: nobody is, in no store at all.
    """
    email, name = email.strip().lower(), " ".join(name.split())
    if len(name) < SHORTEST:
        name = ""
    if not email and not name:
        raise NotFound
    user = session.scalar(sa.select(User).where(User.email == email)) if email else None
    if user is None and name:
        alike = [each for each in session.scalars(sa.select(User)) if _same(each.name, name)]
        user = alike[0] if len(alike) == 1 else None
    emails, names = {email}, {name}
    if user is not None:
        emails.add(user.email)
        names.add(user.name)
    heads: dict[Any, None] = {}
    for _again in range(2):  # under the names that an address has, other dossiers may stand
        for _store, head, _version, known in finding.dossiers(session, Wanted(emails | names)):
            if head.__tablename__ in finding.OWN and _is_of(known, emails, names):
                heads[head] = None
                emails |= _emails(known)
                names |= _names(known)
    found = Person(tuple(heads), user, frozenset(emails) - {""}, frozenset(names) - {""})
    if not found.about and not everything(session, found):
        raise NotFound
    return found


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _emails(known: Any) -> set[str]:
    return {getattr(known, "email", "").lower()} - {""}


def _names(known: Any) -> set[str]:
    """A person's names as they may be written; a department or a shared mailbox has none."""
    if not known.name:
        return set()
    first = getattr(known, "first_name", "")
    forms = {f"{first} {known.name}".strip(), f"{known.name} {first}".strip() if first else ""}
    if hasattr(known, "full_name"):
        forms.add(known.full_name)
    return {each for each in forms if len(each) >= SHORTEST}


def _is_of(known: Any, emails: set[str], names: set[str]) -> bool:
    wanted = {each.casefold() for each in names}
    if getattr(known, "email", "").lower() in emails - {""}:
        return True
    return any(each.casefold() in wanted for each in _names(known))


def everything(session: Session, asked: Person) -> list[Found]:
    """All that is held of a person, store by store."""
    wanted, about = asked.wanted, asked.about
    return [
        *finding.in_dossiers(session, wanted, about),
        *_serves(session, asked),
        *_passed_on(session, asked),
        *finding.in_rows(session, wanted, [*about, *_notices(session, asked)]),
        *_links(session, asked),
        *_as_user(session, asked),
        *_journal(session, asked),
    ]


def _serves(session: Session, asked: Person) -> Iterator[Found]:
    query = (
        sa.select(Controller.name, ControllerContact.role)
        .join(ControllerContact, ControllerContact.controller_id == Controller.id)
        .where(ControllerContact.contact_id.in_([row.id for row in asked.contacts]))
        .order_by(Controller.sorted, ControllerContact.role)
    )
    for name, role in session.execute(query):
        yield Found(text("Serves a controller"), None, _said(controller=name, role=role))


def _passed_on(session: Session, asked: Person) -> Iterator[Found]:
    """To which controllers the requests of a person went: the recipients, Art. 15(1)(c)."""
    query = (
        sa.select(Concern, Controller.name)
        .join(Controller, Controller.id == Concern.controller_id)
        .where(Concern.request_id.in_([row.id for row in asked.heads]))
        .order_by(Concern.passed_at)
    )
    for row, name in session.execute(query):
        said = _said(controller=name, until=row.until, outcome=row.outcome)
        yield Found(text("Request passed on"), row.passed_at, said)


def _notices(session: Session, asked: Person) -> list[str]:
    """The notices to a point of contact, whatever address they went to."""
    query = sa.select(Notice.id).where(
        sa.or_(Notice.recipient.in_(asked.about), Notice.email.in_(asked.emails))
    )
    return [f"{Notice.__tablename__}:{key}" for key in session.scalars(query.limit(MOST))]


def _links(session: Session, asked: Person) -> Iterator[Found]:
    ids = sa.select(Notice.id).where(
        sa.or_(Notice.recipient.in_(asked.about), Notice.email.in_(asked.emails))
    )
    links = sa.select(PortalLink).where(PortalLink.notice_id.in_(ids)).limit(MOST)
    for link in session.scalars(links.order_by(PortalLink.issued_at)):
        said = _said(expires_at=link.expires_at)
        yield Found(text("Link to the portal"), link.issued_at, said)


def _as_user(session: Session, asked: Person) -> Iterator[Found]:
    user = asked.user
    if user is None:
        return
    said = _said(
        name=user.name, email=user.email, roles=tuple(user.held_roles), language=user.language
    )
    yield Found(text("Account"), user.created_at, said)
    query = sa.select(UserSession).where(UserSession.user_id == user.id)
    for row in session.scalars(query.order_by(UserSession.opened_at).limit(MOST)):
        said = _said(address=row.address, browser=row.browser, seen_at=row.seen_at)
        yield Found(text("Session"), row.opened_at, said)


def _said(**values: Any) -> tuple[Said, ...]:
    return tuple(
        Said(name, places.LABELS[name], value)
        for name, value in values.items()
        if value not in ("", None, ())
    )


def _journal(session: Session, asked: Person) -> Iterator[Found]:
    mine = [f"user:{asked.user.id}"] if asked.user else []
    about, wanted = asked.about, asked.wanted
    query = (
        sa.select(Entry, EntryValues.content)
        .join(EntryValues, EntryValues.id == Entry.values_id, isouter=True)
        .where(
            sa.or_(
                Entry.about.in_(about),
                Entry.actor.in_(mine),
                wanted.among([EntryValues.content]),
            )
        )
        .order_by(Entry.number)
        .limit(MOST)
    )
    for entry, content in session.execute(query):
        values = json.loads(content) if content else None
        its = entry.about in about
        if not its and entry.actor not in mine and not wanted.stands_in(values):
            continue
        kind = KINDS.get(entry.kind)
        said = [
            Said("number", places.LABELS["number"], entry.number),
            Said("kind", places.LABELS["kind"], kind.says if kind else entry.kind),
        ]
        if its and isinstance(values, dict):  # what an act says of others is not one's own
            said += _values(entry, values)
        yield Found(text("Journal"), entry.moment, tuple(said))


WHEN = {"before": text("before"), "after": text("after")}


def _values(entry: Entry, values: dict[str, Any]) -> Iterator[Said]:
    """The values kept beside an entry, under the names of the fields they are of."""
    head = places.head_of(entry.about.partition(":")[0])
    hints = get_type_hints(head.facts_type) if head else {}
    for part, inner in values.items():
        if part not in WHEN or not isinstance(inner, dict):
            if inner not in ("", None, [], {}):
                yield Said(f"values.{part}", places.LABELS.get(part, part), inner)
            continue
        for name, value in inner.items():
            if value in ("", None, [], {}):
                continue
            label = head.facts_type.name_of(name) if head else name
            both = text("{field}, {when}", field=label, when=WHEN[part])
            yield Said(f"values.{part}.{name}", both, _typed(value, hints.get(name)))


def _typed(value: Any, hint: Any) -> Any:
    """A value as its field has it now; as it was written, where the field is another by now."""
    if hint is None:
        return value
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return value


def answered(act: Act, asked: Person, rows: int) -> None:
    """Says in the journal that everything was given out, and of whom; never what."""
    act.require(Permission.OWN_STORES)
    for about in asked.about or [NAMED_ONLY]:
        act.log(ANSWERED, about, rows=rows)
