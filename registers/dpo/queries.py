"""Reads of declarations, for pages."""

import uuid
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import appointing
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import ContactRole
from registers.dpo import facts
from registers.dpo.models import Declaration, Form
from registers.dpo.vocabulary import Phase
from registers.kernel import history, pages
from registers.kernel.errors import NotFound
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut, Page, contains
from registers.notices.models import Matter, Notice
from registers.notices.vocabulary import NoticeKind


def of_controller(session: Session, controller_id: uuid.UUID) -> Declaration | None:
    """The declaration of a controller, with all its versions; None where it never declared."""
    query = sa.select(Declaration).where(Declaration.controller_id == controller_id)
    return session.scalar(query)


def form(session: Session, number: str) -> Form:
    """A form by its number.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(sa.select(Form).where(Form.number == number))
    if found is None:
        raise NotFound
    return found


def forms_of(session: Session, controller_id: uuid.UUID) -> list[Form]:
    """The forms of a controller, the newest first."""
    query = sa.select(Form).where(Form.controller_id == controller_id)
    return list(session.scalars(query.order_by(Form.number.desc())))


def open_forms(session: Session, most: int) -> list[tuple[Form, Controller]]:
    """The forms with which something is still to be done, the oldest first."""
    query = (
        sa.select(Form, Controller)
        .join(Controller, Controller.id == Form.controller_id)
        .where(Form.phase.in_((Phase.DRAWN, Phase.RETURNED)))
        .order_by(sa.case((Form.phase == Phase.RETURNED, 0), else_=1), Form.number)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def to_confirm(session: Session, most: int) -> list[tuple[Form, Controller]]:
    """The forms that came back and wait for a confirmation, the oldest first."""
    query = (
        sa.select(Form, Controller)
        .join(Controller, Controller.id == Form.controller_id)
        .where(Form.phase == Phase.RETURNED)
        .order_by(Form.returned_at, Form.number)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


class Awaited(NamedTuple):
    """A controller without a declaration, and when it was asked for one last."""

    head: Controller
    asked_at: datetime | None


def without(session: Session, search: str, wanted: Cut, day: date) -> Page[Awaited]:
    """A page of the controllers that are acted for and have declared no DPO."""
    query = _without(day)
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    page: Page[Controller] = pages.cut(session, query, [Controller.sorted, Controller.id], wanted)
    asked = _asked(session, [head.id for head in page.rows])
    return Page([Awaited(head, asked.get(head.id)) for head in page.rows], *page[1:])


def _without(day: date) -> "sa.Select[Controller]":
    declared = sa.select(Declaration.controller_id)
    acted_for = sa.select(Contract.controller_id).where(
        sa.or_(Contract.ended_on.is_(None), Contract.ended_on >= day)
    )
    return sa.select(Controller).where(
        sa.or_(Controller.ended_on.is_(None), Controller.ended_on >= day),
        Controller.id.in_(acted_for),
        Controller.id.not_in(declared),
    )


def all_without(session: Session, search: str, day: date) -> list[uuid.UUID]:
    """The identifiers of all of them."""
    query = _without(day)
    for word in fold(search).split():
        query = query.where(contains(Controller.search, word))
    return [head.id for head in session.scalars(query)]


def count_without(session: Session, day: date) -> int:
    """How many they are."""
    inner = _without(day).with_only_columns(Controller.id).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0


def _asked(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    query = (
        sa.select(Matter.controller_id, sa.func.max(Notice.created_at))
        .join(Notice, Notice.id == Matter.notice_id)
        .where(Notice.kind == NoticeKind.DPO_AWAITED, Matter.controller_id.in_(ids))
        .group_by(Matter.controller_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def prefilled(session: Session, controller_id: uuid.UUID, day: date) -> facts.Declaration:
    """The form with what is on record already: the last declaration, else the register."""
    owner: Any = history.known_on(session, Controller, day, [controller_id])[controller_id]
    body: dict[str, Any] = {
        "body": owner.name,
        "address": owner.address.replace("\n", ", "),
        "postcode": owner.postcode,
        "city": owner.city,
    }
    head = of_controller(session, controller_id)
    if head is not None:
        last = history.latest(session, head)
        return msgspec.structs.replace(last, **body, since=None, done_at=owner.city, done_on=None)
    signs = appointing.serving(session, controller_id, ContactRole.REPRESENTATIVE, day)
    named = next((each for each in signs if each.name), None)
    first, _, last_name = owner.representative.partition(" ")
    officer = next(iter(appointing.serving(session, controller_id, ContactRole.DPO, day)), None)
    known: dict[str, Any] = (
        {
            "kind": officer.kind,
            "civility": officer.civility,
            "name": officer.name,
            "first_name": officer.first_name,
            "firm": officer.firm,
            "email": officer.email,
            "phone": officer.phone,
        }
        if officer
        else {}
    )
    return facts.Declaration(
        **body,
        representative_name=named.name if named else last_name or first,
        representative_first_name=named.first_name if named else first if last_name else "",
        representative_quality=owner.representative_quality,
        done_at=owner.city,
        **known,
    )
