"""How long the own stores are kept, and what in them is over its time on a day."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.assistance.models import Member, MemberVersion
from registers.controllers.models import (
    Contact,
    ContactVersion,
    Contract,
    Controller,
    ControllerContact,
    ControllerVersion,
)
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.outbox import Outbox, State
from registers.kernel.periods import add_months
from registers.kernel.uploads import Upload
from registers.kernel.words import text
from registers.notices.models import PortalVisit
from registers.people.models import OneTimeToken, Throttle, User, UserSession
from registers.people.roles import Permission
from registers.retention import facts
from registers.retention.models import OwnLimits
from registers.retention.vocabulary import OwnStore

LIMITED = audit.kind("own.limited", text("Limits of the own stores set"), *FIELDS)

ONLY = uuid.UUID(int=1)
MOST = 50
"""No limit is longer than that many years."""
IN_A_YEAR = {"years": 1, "months": 12, "days": 366}
"""How often the unit of a limit fits into a year, by the end of its name."""


def head(session: Session) -> OwnLimits | None:
    """The record of the limits; None while those are the defaults."""
    return session.get(OwnLimits, ONLY)


def limits(session: Session) -> facts.OwnLimits:
    """The limits that hold now."""
    found = head(session)
    return history.latest(session, found) if found else facts.OwnLimits()


def set_limits(act: Act, known: facts.OwnLimits, base: int, how: How) -> list[str]:
    """Sets the limits, from now on; what is proposed already goes by the former ones.

    Raises:
        Invalid: a limit is nothing, or longer than anybody would keep something.
        Conflict: they were set meanwhile.
    """
    act.require(Permission.OWN_STORES)
    for name in known.__struct_fields__:
        value, most = getattr(known, name), MOST * IN_A_YEAR[name.rpartition("_")[2]]
        if not 1 <= value <= most:
            raise Invalid(text("Give a number from 1 to {most}.", most=most), name)
    found = act.take(OwnLimits, ONLY) if head(act.session) else OwnLimits(id=ONLY)
    return history.record(act, found, known, base, how.by(LIMITED))


def until(known: facts.OwnLimits, store: OwnStore, today: date) -> date:
    """What ended before this day is over its time: the same date so long ago, else the month's end.

    A limit is a maximum, never rolled.
    """
    months = {
        OwnStore.CONTACTS: known.contact_years * 12,
        OwnStore.PROOFS: known.proof_years * 12,
        OwnStore.STAFF: known.staff_years * 12,
        OwnStore.ACCOUNTS: known.account_years * 12,
        OwnStore.TRACES: known.trace_months,
    }[store]
    return add_months(today, -months)


def over(session: Session, store: OwnStore, day: date, zone: str) -> list[uuid.UUID] | int:
    """What is over its time: the subjects, or of technical traces how many rows."""
    if store is OwnStore.TRACES:
        moment = midnight(day, zone)
        return sum(session.scalar(_count(trace, moment)) or 0 for trace in traces())
    return {
        OwnStore.CONTACTS: contacts,
        OwnStore.PROOFS: contracts,
        OwnStore.STAFF: staff,
        OwnStore.ACCOUNTS: accounts,
    }[store](session, day, zone)


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def contracts(session: Session, day: date, zone: str) -> list[uuid.UUID]:  # noqa: ARG001 as others
    """The contracts that ended before a day."""
    query = sa.select(Contract.id).where(Contract.ended_on < day).order_by(Contract.id)
    return list(session.scalars(query))


def accounts(session: Session, day: date, zone: str) -> list[uuid.UUID]:
    """The accounts that were disabled before a day and still name somebody."""
    query = sa.select(User.id).where(
        User.disabled_at < midnight(day, zone), User.email.not_like(f"%@{ERASED}")
    )
    return list(session.scalars(query.order_by(User.id)))


def staff(session: Session, day: date, zone: str) -> list[uuid.UUID]:  # noqa: ARG001 as others
    """The authorised persons who left before a day and are still named."""
    named = sa.select(MemberVersion.subject_id).where(MemberVersion.facts.is_not(None))
    query = sa.select(Member.id).where(Member.left_on < day, Member.id.in_(named))
    return list(session.scalars(query.order_by(Member.id)))


ERASED = "erased.example"
"""The domain of addresses that stand where one was erased; nobody is there."""


class Served(NamedTuple):
    """A point of contact, and the last day on which it served anybody."""

    contact_id: uuid.UUID
    last_on: date


def contacts(session: Session, day: date, zone: str) -> list[uuid.UUID]:
    """The points of contact that served nobody any more since before a day."""
    running = (
        sa.select(ControllerContact.contact_id)
        .join(Controller, Controller.id == ControllerContact.controller_id)
        .where(sa.or_(Controller.ended_on.is_(None), Controller.ended_on >= day))
    )
    named = sa.select(ContactVersion.subject_id).where(ContactVersion.facts.is_not(None))
    query = sa.select(Contact.id).where(Contact.id.not_in(running), Contact.id.in_(named))
    found = list(session.scalars(query.order_by(Contact.id)))
    return [key for key in found if last_served(session, key, zone) < day]


def last_served(session: Session, contact_id: uuid.UUID, zone: str) -> date:
    """The last day on which a contact served a controller; if it never did, that of its record."""
    stored = sa.type_coerce(ControllerVersion.facts, sa.Text)
    query = (
        sa.select(ControllerVersion.subject_id).where(stored.contains(str(contact_id))).distinct()
    )
    days = [_until_when(session, key, contact_id) for key in session.scalars(query)]
    recorded = session.scalar(
        sa.select(sa.func.max(ContactVersion.recorded_at)).where(
            ContactVersion.subject_id == contact_id
        )
    )
    if recorded is not None:
        days.append(recorded.astimezone(ZoneInfo(zone)).date())
    return max(days, default=date.min)


def _until_when(session: Session, controller_id: uuid.UUID, contact_id: uuid.UUID) -> date:
    """Until when a contact stood among those of a controller, by the order of its versions."""
    query = sa.select(ControllerVersion).where(ControllerVersion.subject_id == controller_id)
    order = (ControllerVersion.effective_from, ControllerVersion.number)
    last, before = date.min, False
    versions = list(session.scalars(query.order_by(*order)))
    for version in versions:
        names = str(contact_id) in _links(version.facts)
        if before or names:
            last = max(last, version.effective_from)
        before = names
    owner = session.get_one(Controller, controller_id)
    if before:  # it stands there still: it served until the controller ended
        return owner.ended_on or date.max
    return last


def _links(stored: dict[str, Any] | None) -> Collection[str]:
    return {link["contact"] for link in (stored or {}).get("contacts", ())}


class Trace(NamedTuple):
    """A table of technical traces, and the column that says when each was left."""

    model: Any
    left_at: Any
    only: tuple[sa.ColumnElement[bool], ...] = ()


def traces() -> tuple[Trace, ...]:
    """The technical traces."""
    return (
        Trace(UserSession, UserSession.seen_at),
        Trace(PortalVisit, PortalVisit.expires_at),
        Trace(OneTimeToken, OneTimeToken.expires_at),
        Trace(Throttle, Throttle.last_at),
        Trace(Upload, Upload.sent_at),
        Trace(Outbox, Outbox.done_at, (Outbox.state == State.DONE,)),
    )


def _count(trace: Trace, moment: datetime) -> Any:
    return (
        sa.select(sa.func.count())
        .select_from(trace.model)
        .where(trace.left_at < moment, *trace.only)
    )
