"""Notices to controllers as such: about their data protection officers or ours, about requests.

Read for many at once, from what was frozen when they were written.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import OfficerSnapshot, RequestSnapshot
from registers.annexes.noticed import Noticed, letters
from registers.annexes.shapes import DeclarationSnapshot, DeclaredBy, Declarer
from registers.annexes.subjects import Asked, Subject
from registers.controllers import facts as parties
from registers.controllers.models import Controller
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.kernel import history
from registers.notices.models import Notice, PortalLink
from registers.requests.vocabulary import Channel, Right


def officers(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, OfficerSnapshot]:
    """Notices about data protection officers; those that are not there are absent."""
    return letters(session, subjects, asked, OfficerSnapshot, _officer)


def _officer(told: Noticed) -> dict[str, Any]:
    says = told.says
    return {
        "name": told.notice.name,
        "controllers": tuple(each.name for each in told.owners),
        "form": says.get("number", ""),
        "officer": says.get("officer", ""),
        "none": says.get("none", False),
        "now": says.get("now", {}),
        "before": says.get("before", {}),
    }


def requests(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, RequestSnapshot]:
    """Requests on their way to controllers; those that are not there are absent."""
    return letters(session, subjects, asked, RequestSnapshot, _request)


def _request(told: Noticed) -> dict[str, Any]:
    says = told.says
    return {
        "zone": told.owner.zone,
        "name": told.notice.name,
        "controllers": tuple(each.name for each in told.owners),
        "code": says["code"],
        "rights": tuple(Right(each) for each in says["rights"]),
        "channel": Channel(says["channel"]),
        "received_on": date.fromisoformat(says["received_on"]),
        "due": date.fromisoformat(says["due"]),
        "extended": date.fromisoformat(says["extended"]),
        "repeats": says["repeats"],
    }


def declarations(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, DeclarationSnapshot]:
    """Forms of declarations; of those made on the portal, with what is known of the act."""
    keys = {each: uuid.UUID(each.about.partition(":")[2]) for each in subjects}
    query = sa.select(Form).where(Form.id.in_(keys.values()))
    forms = {row.id: row for row in session.scalars(query)}
    owners = {form.controller_id for form in forms.values()}
    known = history.known_on(session, Controller, asked.on, owners)
    ours = snapshots.organisation_on(session, asked.on)
    found = {}
    for subject, key in keys.items():
        form = forms.get(key)
        if form is None:
            continue
        owner: parties.Controller = known[form.controller_id]
        found[subject] = DeclarationSnapshot(
            on=asked.on,
            organisation=ours,
            number=form.number,
            language=form.language,
            controller=Declarer(
                name=owner.name, language=owner.language, public_body=owner.public_body
            ),
            known=Declaration.of(form.said),
            declared=_declared(session, form, asked.zone),
        )
    return found


def _declared(session: Session, form: Form, zone: str) -> DeclaredBy | None:
    if not form.code_to or form.returned_at is None:
        return None
    link = form.returned_by.partition(":")[2]
    query = (
        sa.select(Notice.number)
        .join(PortalLink, PortalLink.notice_id == Notice.id)
        .where(PortalLink.id == uuid.UUID(link))
    )
    return DeclaredBy(
        name=form.by_name,
        function=form.by_function,
        code_to=form.code_to,
        notice=session.scalar(query) or "",
        at=form.returned_at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
    )
