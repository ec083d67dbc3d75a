"""Who has to be told of a draft, what it needs there, and when it could start at the earliest."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.activities.models import Activity
from registers.announcements import facts, rules
from registers.announcements.rules import Place
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract, ContractService, Controller
from registers.controllers.vocabulary import Channel, Effect
from registers.kernel import calendars, history
from registers.kernel.errors import Invalid
from registers.kernel.periods import Unit
from registers.kernel.words import LANGUAGES, Text, Words, text
from registers.notices import reaching
from registers.subprocessors import facts as dossiers
from registers.subprocessors.models import Subprocessor


class Told(NamedTuple):
    """A contract that a draft concerns."""

    contract_id: uuid.UUID
    controller_id: uuid.UUID
    reference: str
    code: str
    name: str
    terms: parties.Terms
    place: Place
    effects: tuple[Effect | None, ...]
    """What each change needs there; None where the change does not concern it."""
    window_ends: date | None
    """The last day of the window if the notice is received today."""
    free_on: date
    """The first day on which all its changes could start, if it is received today."""

    @property
    def silent(self) -> bool:
        """Whether silence is enough: no change needs an explicit agreement."""
        return Effect.AGREEMENT not in self.effects


class Addressee(NamedTuple):
    """One recipient with all contracts that it is told of."""

    key: str
    name: str
    email: str
    language: str
    told: tuple[Told, ...]
    ways: tuple[tuple[Channel, str, uuid.UUID | None], ...]
    lacks: tuple[tuple[str, Text], ...] = ()
    """What keeps it from being told as it should be: the code of the controller, and what."""


class Lacking(NamedTuple):
    """A fact without which nothing may be announced, and where to complete it."""

    what: Text
    code: str
    """Of the sub-processor's dossier; empty: of the draft itself."""
    sheet: bool = False
    """Whether it is the version sheet, which is attached to the draft."""


class Plan(NamedTuple):
    """What announcing a draft today would do."""

    day: date
    changes: tuple[facts.Change, ...]
    dossiers: Mapping[str, tuple[Subprocessor, dossiers.Subprocessor]]
    activities: Mapping[str, str]
    """The names of the activities concerned, by code."""
    addressees: tuple[Addressee, ...]
    lacking: tuple[Lacking, ...]
    update: facts.Update | None = None

    @property
    def contracts(self) -> list[Told]:
        """All contracts concerned."""
        return [told for each in self.addressees for told in each.told]

    @property
    def too_soon(self) -> list[Told]:
        """The contracts that are told too late for the day planned of an update."""
        planned_on = self.update.planned_on if self.update else None
        return [told for told in self.contracts if planned_on and told.free_on > planned_on]

    @property
    def effects(self) -> Counter[Effect]:
        """How many contracts need what at most, for any of the changes."""
        order = [Effect.INFORMATION, Effect.WINDOW, Effect.AGREEMENT]
        return Counter(
            max((effect for effect in told.effects if effect), key=order.index)
            for told in self.contracts
        )

    @property
    def ways(self) -> Counter[Channel]:
        """How many messages and letters will leave, by channel."""
        return Counter(channel for each in self.addressees for channel, _, _ in each.ways)

    @property
    def earliest(self) -> date | None:
        """The first day on which it could start somewhere, if all is received today."""
        return min((told.free_on for told in self.contracts if told.silent), default=None)

    @property
    def earliest_for_all(self) -> date | None:
        """The first day on which nothing would hold it anywhere; None while consent is awaited."""
        if any(not told.silent for told in self.contracts):
            return None
        return max((told.free_on for told in self.contracts), default=None)


def plan(session: Session, known: facts.Announcement, day: date) -> Plan:
    """What announcing this draft on this day would do; the same reading serves the act itself.

    Args:
        session: a reading session, or an act's.
        known: the draft.
        day: the local day of the organisation.
    """
    found = _dossiers(session, known)
    ours = controllers.organisation_facts(session, day)
    agreed = _contracts(session, known, day)
    owners: dict[uuid.UUID, parties.Controller] = history.known_on(
        session, Controller, day, {each.controller for each in agreed.values()}
    )
    codes = _codes(session, owners)
    here = _Here(day, ours.calendar if ours else "FR", ours.postal_margin if ours else 0)
    told = [
        _told(key, each, (codes[each.controller], owners[each.controller]), known, here)
        for key, each in agreed.items()
    ]
    told = [each for each in told if any(each.effects)]
    people = _people(session, owners, day)
    addressees = _addressees(told, owners, people, ours.country if ours else "FR")
    named = _activities(session, known)
    lacking = tuple(_untold(known) if known.update else _lacking(known, found))
    return Plan(day, known.changes, found, named, addressees, lacking, known.update)


def _activities(session: Session, known: facts.Announcement) -> dict[str, str]:
    codes = _concerned(known)
    query = sa.select(Activity.code, Activity.name).where(Activity.code.in_(codes))
    return {row[0]: row[1] for row in session.execute(query)}


def _concerned(known: facts.Announcement) -> Collection[str]:
    """The activities that a draft names; none: it concerns all of them."""
    return {code for each in known.intended for code in each.activities}


def _dossiers(
    session: Session, known: facts.Announcement
) -> dict[str, tuple[Subprocessor, dossiers.Subprocessor]]:
    codes = {code for each in known.changes for code in (each.code, each.replaces) if code}
    heads = session.scalars(sa.select(Subprocessor).where(Subprocessor.code.in_(codes))).all()
    latest = history.all_latest(session, Subprocessor, [head.id for head in heads])
    return {head.code: (head, latest[head.id]) for head in heads}


ASKED = (
    ("processing", text("the sub-processed activities")),
    ("address", text("its address")),
    ("contact_email", text("the contact details of its contact person")),
    ("contract_starts_on", text("the dates of the sub-processing contract")),
)
"""What contract 001 §7.6 wants told of a sub-processor, and where its dossier has it."""


def _lacking(
    known: facts.Announcement, found: Mapping[str, tuple[Subprocessor, dossiers.Subprocessor]]
) -> Iterable[Lacking]:
    if not known.changes:
        yield Lacking(text("at least one change"), "")
    if not known.decided_by or known.decided_on is None:
        yield Lacking(text("who decided it in the management, and when (Art. 38(6))"), "")
    for change in known.changes:
        if change.planned_on is None:
            yield Lacking(text("the day from which it is planned: {code}", code=change.code), "")
        if change.code not in found:
            yield Lacking(text("the dossier of the sub-processor {code}", code=change.code), "")
            continue
        if change.kind.value == "removal":
            continue
        dossier = found[change.code][1]
        for field, what in ASKED:
            if not getattr(dossier, field):
                yield Lacking(text("{code}: {what}", code=change.code, what=what), change.code)


TO_TELL = {
    "version": text("the new version"),
    "planned_on": text("the day of installation"),
    "starts_at": text("the time of installation"),
    "duration": text("how long it takes"),
    "summary": text("what changes"),
    "sheet": text("the version sheet, attached"),
}
"""What contract 001 §8.1 wants told of an update, in words."""


def _untold(known: facts.Announcement) -> Iterable[Lacking]:
    for field in known.missing():
        yield Lacking(TO_TELL[field], "", field == "sheet")


def _contracts(
    session: Session, known: facts.Announcement, day: date
) -> dict[uuid.UUID, parties.Contract]:
    """The contracts that run, or will, and cover an activity concerned."""
    running = sa.or_(Contract.ended_on.is_(None), Contract.ended_on >= day)
    query = sa.select(Contract.id).where(running)
    if all(each.activities for each in known.intended):
        codes = _concerned(known)
        covering = sa.select(ContractService.contract_id).where(ContractService.code.in_(codes))
        query = query.where(Contract.id.in_(covering))
    ids = list(session.scalars(query.order_by(Contract.sorted, Contract.id)))
    facts_of = history.known_on(session, Contract, day, ids)
    return {key: facts_of[key] for key in ids}


def _codes(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    for part in history.parts(list(ids)):
        query = sa.select(Controller.id, Controller.code).where(Controller.id.in_(part))
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


class _Here(NamedTuple):
    """Today, and what the organisation waits for beside the controllers' windows."""

    day: date
    calendar: str
    margin: int


def _told(
    key: uuid.UUID,
    agreed: parties.Contract,
    owned: tuple[str, parties.Controller],
    known: facts.Announcement,
    here: _Here,
) -> Told:
    terms, (code, owner) = agreed.terms, owned
    covered = {service.code for service in agreed.services}
    calendar = terms.calendar or owner.calendar
    place = Place(calendar, terms.zone or owner.zone, owner.good_friday)
    ends, free = None, here.day
    effects: tuple[Effect | None, ...] = tuple(
        rules.effect(each.kind, terms, each.activities, new_transfer=each.new_transfer)
        if not each.activities or covered & set(each.activities)
        else None
        for each in known.changes
    )
    if known.update:
        planned = rules.Planned(known.update.planned_on or here.day, known.update.published_on)
        counted = rules.ahead(terms, planned, place, here.day)
        effects = (rules.update_effect(terms, planned, place, here.day),)
        ends, free = counted.closes.due if counted.closes else None, counted.free_on
    elif Effect.WINDOW in effects and terms.objection_amount is not None:
        ends, free = _window(terms.objection_amount, terms.objection_unit.value, place, here)
    return Told(
        key,
        agreed.controller,
        agreed.reference,
        code,
        owner.name,
        terms,
        place,
        effects,
        ends,
        free,
    )


@lru_cache(maxsize=4096)
def _window(amount: int, unit: str, place: Place, here: _Here) -> tuple[date, date]:
    terms = parties.Terms(objection_amount=amount, objection_unit=Unit(unit))
    counted = rules.window(terms, place, here.day)
    closes_on: Any = counted.due
    ours = Place(here.calendar, calendars.zone_of(here.calendar))
    free_on = rules.free_on(closes_on, terms, ours, here.day, here.margin)
    return closes_on, rules.not_before(free_on, ours.zone, counted.ends_at)


def _addressees(
    told: Sequence[Told],
    owners: Mapping[uuid.UUID, parties.Controller],
    people: Mapping[uuid.UUID, parties.Contact],
    from_country: str,
) -> tuple[Addressee, ...]:
    grouped: dict[str, list[Told]] = {}
    contacts: dict[str, parties.Contact | None] = {}
    for each in told:
        link = reaching.link_of(owners[each.controller_id], people)
        key = f"contact:{link.contact}" if link else f"controller:{each.controller_id}"
        contacts[key] = people[link.contact] if link else None
        grouped.setdefault(key, []).append(each)
    return tuple(
        _addressee(key, contacts[key], group, owners, from_country)
        for key, group in grouped.items()
    )


def _people(
    session: Session, owners: Mapping[uuid.UUID, parties.Controller], day: date
) -> dict[uuid.UUID, parties.Contact]:
    """The contacts that matter: those of the next role only where nobody was reached before."""
    found: dict[uuid.UUID, parties.Contact] = {}
    left = list(owners.values())
    for role in reaching.CHAIN:
        links = {link.contact for owner in left for link in owner.contacts if link.role is role}
        found |= controllers.contact_facts(session, links - set(found), day)
        left = [owner for owner in left if reaching.link_of(owner, found) is None]
    return found


def _addressee(
    key: str,
    contact: parties.Contact | None,
    told: list[Told],
    owners: Mapping[uuid.UUID, parties.Controller],
    from_country: str,
) -> Addressee:
    email = reaching.email_of(contact)
    wished = [_language(each, owners) for each in told]
    words = Words(Counter(wished).most_common(1)[0][0])
    ways: dict[tuple[Channel, str, uuid.UUID | None], None] = {}
    for each in told:
        channels = each.terms.notice_channels or (Channel.EMAIL,)
        if email:
            ways[Channel.EMAIL, email, None] = None
        else:  # nobody can be written to by e-mail: a letter, whatever the contract says
            channels = (*channels, Channel.REGISTERED_LETTER)
        for channel in channels:
            if channel in {Channel.REGISTERED_LETTER, Channel.ELECTRONIC_REGISTERED}:
                owner = owners[each.controller_id]
                lines = reaching.envelope(owner, from_country, words)
                ways[channel, "\n".join(lines), each.controller_id] = None
    return Addressee(
        key=key,
        name=contact.full_name if contact else told[0].name,
        email=email,
        language=words.language,
        told=tuple(told),
        ways=tuple(ways),
        lacks=tuple(_lacks(told, owners, email)),
    )


def _language(told: Told, owners: Mapping[uuid.UUID, parties.Controller]) -> str:
    return told.terms.language or owners[told.controller_id].language


def _lacks(
    told: Sequence[Told], owners: Mapping[uuid.UUID, parties.Controller], email: str
) -> Iterable[tuple[str, Text]]:
    for each in told:
        owner, language = owners[each.controller_id], _language(each, owners)
        if not email:
            yield each.code, text("no e-mail address: it is told by letter only")
        posted = Channel.REGISTERED_LETTER in each.terms.notice_channels or not email
        if posted and not (owner.address and owner.postcode and owner.city):
            yield each.code, text("the postal address is incomplete")
        if language not in LANGUAGES:
            says = text("no language that notices are written in: {language}", language=language)
            yield each.code, says


def require_complete(found: Plan, *, planned: bool = True) -> None:
    """Makes sure that the notice can say what it must.

    Args:
        found: what announcing would do.
        planned: whether what it tells is still to come; of what has happened no time is asked.

    Raises:
        Invalid: a fact is missing, or nobody is concerned; names the first. Or an update is
            planned before the day for which notice can still be given in time.
    """
    if found.lacking:
        raise Invalid(text("The notice must say: {what}.", what=found.lacking[0].what))
    if not found.addressees:
        raise Invalid(text("No contract is concerned: there is nobody to tell."))
    late = found.too_soon
    if late and planned:
        raise Invalid(
            text(
                "Planned too soon: the notice that the contracts ask for can be given for {day} at "
                "the earliest.",
                day=max(told.free_on for told in late),
            ),
            "planned_on",
        )
