"""Requests passed on: each controller concerned is told by itself, and has its own month."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import addressing
from registers.notices import operations as notices
from registers.notices.models import Matter
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission
from registers.requests import facts, rules
from registers.requests.models import Concern, Request
from registers.requests.vocabulary import Phase

PASSED_ON = audit.kind(
    "request.passed_on", text("Request passed on to the controller"), "notice", "due"
)


def pass_on(
    act: Act, request_id: uuid.UUID, concerned: Collection[uuid.UUID], today: date
) -> list[Concern]:
    """Passes a request on to the controllers it concerns, once they are known.

    Raises:
        Invalid: nobody was chosen.
        Conflict: it is closed, or all of them have it already.
    """
    act.require(Permission.REQUESTS_RECORD)
    head = act.take(Request, request_id)
    against = rules.may_forward(head.phase)
    if against is not None:
        raise Conflict(against)
    if not concerned:
        raise Invalid(text("Choose at least one controller."), "controllers")
    known = history.latest(act.session, head)
    made = hand_on(act, head, known, concerned, today)
    if not made:
        raise Conflict(text("They have it already."))
    return made


def hand_on(
    act: Act,
    head: Request,
    known: facts.Request,
    concerned: Collection[uuid.UUID],
    today: date,
) -> list[Concern]:
    """Tells controllers of a request; whether the act may do so was already required.

    Raises:
        NotFound: there is no such controller.
    """
    query = sa.select(Concern.controller_id).where(Concern.request_id == head.id)
    there = set(act.session.scalars(query))
    new = [key for key in dict.fromkeys(concerned) if key not in there]
    owners: dict[uuid.UUID, Any] = history.known_on(act.session, Controller, today, new)
    if set(new) - set(owners):
        raise NotFound
    former = act.session.get(Request, head.repeats_id) if head.repeats_id else None
    ours = controllers.organisation_facts(act.session, today)
    made = []
    for key in new:
        owner = owners[key]
        limits = rules.limits(
            known.received_on, owner.calendar, owner.zone, good_friday=owner.good_friday
        )
        # each controller is told by itself: a shared contact must not see whom else it concerns
        (to,) = addressing.addressees(act.session, [key], today)
        told = {
            "request": str(head.id),
            "code": head.code,
            "rights": [each.value for each in known.rights],
            "channel": known.channel.value,
            "received_on": known.received_on.isoformat(),
            "due": _day(limits.month.due),
            "extended": _day(limits.extended.due),
            "repeats": former.code if former else "",
        }
        cause = f"{Request.__tablename__}:{head.id}:{key}"
        country = ours.country if ours else "FR"
        wanted = addressing.wanted(NoticeKind.REQUEST, cause, to, told, country)
        (written,) = notices.write(act, [wanted], f"controller:{key}", today)
        row = Concern(
            request_id=head.id,
            controller_id=key,
            notice_id=written.id,
            passed_at=act.now,
            due=limits.month.due,
            month=_plain(limits.month),
            extended_due=limits.extended.due,
            extension=_plain(limits.extended),
        )
        act.session.add(row)
        act.log(PASSED_ON, head, within=f"controller:{key}", notice=written.number, due=row.due)
        made.append(row)
    if made:
        head.phase = Phase.FORWARDED
    act.session.flush()
    return made


def _day(due: Any) -> str:
    written: str = due.isoformat()
    return written


def _plain(frozen: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(canonical(frozen))
    return plain


def told_left(act: Act, matters: Collection[uuid.UUID]) -> None:
    """Follows upon a dispatch: the controller was told."""
    for part in history.parts(list(matters)):
        query = (
            sa.select(Concern, Matter.informed_at)
            .join(Matter, Matter.notice_id == Concern.notice_id)
            .where(Matter.id.in_(part))
        )
        for row, at in act.session.execute(query).all():
            row.left_at = row.left_at or at or act.now
    act.session.flush()
