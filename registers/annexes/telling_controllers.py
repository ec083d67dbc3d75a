"""Notices to controllers as such: about their data protection officers or ours, about requests.

Read for many at once, from what was frozen when they were written.
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import snapshots
from registers.annexes.letters import OfficerSnapshot, RequestSnapshot
from registers.annexes.shapes import DeclarationSnapshot, DeclaredBy, Declarer
from registers.annexes.subjects import Asked, Subject
from registers.annexes.telling import NOTICE
from registers.controllers import facts as parties
from registers.controllers.models import Controller
from registers.dpo.facts import Declaration
from registers.dpo.models import Form
from registers.kernel import history
from registers.notices.models import Dispatch, Matter, Notice, PortalLink
from registers.requests.vocabulary import Channel, Right


class _Told(NamedTuple):
    """A notice, to whom it goes, and of whom it tells."""

    notice: Notice
    lines: tuple[str, ...]
    owners: tuple[parties.Controller, ...]


def officers(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, OfficerSnapshot]:
    """Notices about data protection officers; those that are not there are absent."""
    ours = snapshots.organisation_on(session, asked.on)
    return {
        subject: OfficerSnapshot(
            kind=f"notice_{told.notice.kind.value}",
            on=asked.on,
            organisation=ours,
            number=told.notice.number,
            language=told.notice.language,
            name=told.notice.name,
            lines=told.lines,
            controllers=tuple(each.name for each in told.owners),
            form=told.notice.told.get("number", ""),
            officer=told.notice.told.get("officer", ""),
            none=told.notice.told.get("none", False),
            now=told.notice.told.get("now", {}),
            before=told.notice.told.get("before", {}),
        )
        for subject, told in _read(session, subjects).items()
    }


def requests(
    session: Session, subjects: Collection[Subject], asked: Asked
) -> dict[Subject, RequestSnapshot]:
    """Requests on their way to controllers; those that are not there are absent."""
    ours = snapshots.organisation_on(session, asked.on)
    found = {}
    for subject, told in _read(session, subjects).items():
        says = told.notice.told
        found[subject] = RequestSnapshot(
            kind=f"notice_{told.notice.kind.value}",
            on=asked.on,
            organisation=ours,
            number=told.notice.number,
            language=told.notice.language,
            zone=told.owners[0].zone,
            name=told.notice.name,
            lines=told.lines,
            controllers=tuple(each.name for each in told.owners),
            code=says["code"],
            rights=tuple(Right(each) for each in says["rights"]),
            channel=Channel(says["channel"]),
            received_on=date.fromisoformat(says["received_on"]),
            due=date.fromisoformat(says["due"]),
            extended=date.fromisoformat(says["extended"]),
            repeats=says["repeats"],
        )
    return found


def _read(session: Session, subjects: Collection[Subject]) -> dict[Subject, _Told]:
    keys = {each: each.about.partition(":") for each in subjects}
    letter_ids = [uuid.UUID(key) for table, _, key in keys.values() if table != NOTICE]
    query = sa.select(Dispatch).where(Dispatch.id.in_(letter_ids))
    letters = {row.id: row for row in session.scalars(query)} if letter_ids else {}
    ids = {uuid.UUID(key) for table, _, key in keys.values() if table == NOTICE}
    ids |= {letter.notice_id for letter in letters.values()}
    notices = {row.id: row for row in session.scalars(sa.select(Notice).where(Notice.id.in_(ids)))}
    owners = _owners(session, notices)
    found = {}
    for subject, (table, _, key) in keys.items():
        letter = letters.get(uuid.UUID(key)) if table != NOTICE else None
        notice = notices.get(letter.notice_id if letter else uuid.UUID(key))
        if notice is None or notice.id not in owners:
            continue
        told = owners[notice.id]
        if letter is not None:
            mine = told[letter.controller_id] if letter.controller_id else None
            whom = (mine,) if mine else (*told.values(),)
            found[subject] = _Told(notice, tuple(letter.address.split("\n")), whom)
        else:
            alone = next(iter(told.values())).name if len(told) == 1 else ""
            reached = dict.fromkeys(filter(None, (alone, notice.name, notice.email)))
            found[subject] = _Told(notice, tuple(reached), (*told.values(),))
    return found


def _owners(
    session: Session, notices: dict[uuid.UUID, Notice]
) -> dict[uuid.UUID, dict[uuid.UUID, parties.Controller]]:
    query = (
        sa.select(Matter.notice_id, Matter.controller_id)
        .join(Controller, Controller.id == Matter.controller_id)
        .where(Matter.notice_id.in_(notices))
        .order_by(Controller.sorted, Controller.id)
    )
    rows = session.execute(query).all()
    if not rows:
        return {}
    day = max(notice.created_at for notice in notices.values()).date()
    known = history.known_on(session, Controller, day, {row[1] for row in rows})
    found: dict[uuid.UUID, dict[uuid.UUID, parties.Controller]] = {}
    for notice_id, owner in rows:
        found.setdefault(notice_id, {})[owner] = known[owner]
    return found


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
