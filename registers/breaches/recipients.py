"""Whom notices of a breach tell: how many, by which channel, and what became of them."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import telling as told_now
from registers.breaches.models import Affected, Breach
from registers.breaches.notifying import TOLD_BY
from registers.breaches.vocabulary import Step
from registers.controllers.models import (
    Contact,
    Contract,
    Controller,
    ControllerContact,
)
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import contains
from registers.notices.models import Dispatch, Notice
from registers.notices.vocabulary import DispatchState, NoticeKind


class Telling(NamedTuple):
    """Whom a notice of one step would go to."""

    controllers: int
    contracts: int
    channels: Counter[Channel]
    """How many controllers demand which channel."""
    without_email: int
    """How many have no address for it: they get a letter."""


def telling(session: Session, head: Breach) -> dict[Step, Telling]:
    """Whom each step would tell, in two statements."""
    told = told_now.told(session, head)
    reached = (
        sa.select(ControllerContact.controller_id)
        .join(Contact, Contact.id == ControllerContact.contact_id)
        .where(ControllerContact.role.in_(TOLD_BY), Contact.email != "")
    )
    query = sa.select(
        Affected.controller_id,
        Affected.channels,
        Affected.removed_at,
        sa.case((Affected.controller_id.in_(reached), 1), else_=0),
    ).where(Affected.breach_id == head.id)
    rows = session.execute(query).all()
    standing = [row for row in rows if row[2] is None]
    first = [row for row in standing if row[0] not in told]
    more = [row for row in standing if row[0] in told]
    error = [row for row in rows if row[0] in told]
    return {
        Step.FIRST: _telling(first),
        Step.MORE: _telling(more),
        Step.CLOSING: _telling(more),
        Step.ERROR: _telling(error),
    }


def _telling(rows: Iterable[Any]) -> Telling:
    channels: dict[uuid.UUID, set[Channel]] = {}
    unreached, contracts = set(), 0
    for controller_id, demanded, _removed, reached in rows:
        contracts += 1
        channels.setdefault(controller_id, set()).update(Channel(each) for each in demanded)
        if not reached:
            unreached.add(controller_id)
    counted = Counter(channel for found in channels.values() for channel in found)
    ordered = Counter({each: counted[each] for each in Channel if counted[each]})
    return Telling(len(channels), contracts, ordered, len(unreached))


class Sent(NamedTuple):
    """The notices of one step that were written together, and what became of them."""

    kind: NoticeKind
    written_at: datetime
    notices: int
    ways: dict[Channel, dict[DispatchState, int]]


def sent(session: Session, head: Breach) -> list[Sent]:
    """What was written about a breach, the newest first, with what became of it by channel."""
    of_this = told_now.of_breach(head)
    written = (
        sa.select(Notice.cause, Notice.kind, sa.func.min(Notice.created_at), sa.func.count())
        .where(of_this)
        .group_by(Notice.cause, Notice.kind)
    )
    counted = (
        sa.select(Notice.cause, Dispatch.channel, Dispatch.state, sa.func.count())
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(of_this)
        .group_by(Notice.cause, Dispatch.channel, Dispatch.state)
    )
    ways: dict[str, dict[Channel, dict[DispatchState, int]]] = {}
    for cause, channel, state, number in session.execute(counted):
        ways.setdefault(cause, {}).setdefault(channel, {})[state] = number
    found = [Sent(row[1], row[2], row[3], ways.get(row[0], {})) for row in session.execute(written)]
    return sorted(found, key=lambda each: each.written_at, reverse=True)


def controllers_named(
    session: Session, search: str, most: int
) -> list[tuple[Controller, list[Contract]]]:
    """The first controllers found by name or code, with all their contracts, ended ones too."""
    query = sa.select(Controller).order_by(Controller.sorted, Controller.id).limit(most)
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    heads = list(session.scalars(query))
    held: dict[uuid.UUID, list[Contract]] = {}
    agreed = sa.select(Contract).where(Contract.controller_id.in_([each.id for each in heads]))
    for each in session.scalars(agreed.order_by(Contract.sorted)):
        held.setdefault(each.controller_id, []).append(each)
    return [(head, held.get(head.id, [])) for head in heads]


def controllers_of(session: Session, head: Breach, search: str) -> list[Controller]:
    """The controllers that were thought to be affected, by name; narrowed to what is searched."""
    ids = sa.select(Affected.controller_id).where(Affected.breach_id == head.id)
    query = sa.select(Controller).where(Controller.id.in_(ids))
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    return list(session.scalars(query.order_by(Controller.sorted, Controller.id)))


def controller_of(session: Session, head: Breach, controller_id: uuid.UUID) -> Controller:
    """One of them.

    Raises:
        NotFound: it was never thought to be affected.
    """
    query = sa.select(Controller).where(
        Controller.id == controller_id,
        sa.exists().where(Affected.breach_id == head.id, Affected.controller_id == controller_id),
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def named(session: Session, ids: Collection[uuid.UUID]) -> list[Controller]:
    """Controllers in the order of their names."""
    found: list[Controller] = []
    for part in history.parts(ids):
        found += session.scalars(sa.select(Controller).where(Controller.id.in_(part)))
    return sorted(found, key=lambda each: (each.sorted, each.code))
