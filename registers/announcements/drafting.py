"""Drafting an announcement: nothing of it holds before it is announced."""

import re
import uuid

import msgspec

from registers.announcements import facts
from registers.announcements.models import Announcement
from registers.announcements.vocabulary import ChangeKind, Phase, Topic
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.notices import proofs
from registers.people.roles import Permission

DRAFTED = audit.kind("announcement.drafted", text("Announcement drafted"), *FIELDS)
CHANGED = audit.kind("announcement.changed", text("Draft of an announcement changed"), *FIELDS)
TIME = re.compile(r"([01]?\d|2[0-3]) ?[:hH] ?([0-5]\d)?")
"""A time of day, as people write it: 21:30, 21h30, 21 h 30, 21h."""


def draft(
    act: Act, known: facts.Announcement, how: How, revises: uuid.UUID | None = None
) -> Announcement:
    """Begins an announcement; nobody is told before it is announced.

    Raises:
        Invalid: the facts cannot be.
    """
    act.require(Permission.ANNOUNCEMENTS_EDIT)
    (number,) = references.take(act, "AN", act.now.date())
    head = Announcement(code=number, phase=Phase.DRAFT, announced_by="", end_reason="")
    head.revises_id = revises
    history.record(act, head, checked(known), 0, how.by(DRAFTED))
    return head


def change(
    act: Act, announcement_id: uuid.UUID, known: facts.Announcement, base: int, how: How
) -> list[str]:
    """Changes a draft.

    Raises:
        Conflict: it was announced meanwhile, or see `history.record`.
    """
    act.require(Permission.ANNOUNCEMENTS_EDIT)
    head = act.take(Announcement, announcement_id)
    require_draft(head)
    about(known, head.topic)
    return history.record(act, head, checked(known), base, how.by(CHANGED))


def checked(known: facts.Announcement) -> facts.Announcement:
    """A draft in normal form.

    Raises:
        Invalid: it has no title, names a sub-processor twice or in place of itself, or tells of
            an update beside them, or of one without a product.
    """
    if not known.title.strip():
        raise Invalid(text("This entry is needed."), "title")
    if known.update is not None:
        return _checked_update(known, known.update)
    seen = set()
    for each in known.changes:
        if each.kind is ChangeKind.UPDATE:
            raise Invalid(text("An update is announced by itself."), "changes")
        if each.kind is ChangeKind.REPLACEMENT and not each.replaces:
            raise Invalid(text("Say which sub-processor it takes the place of."), "changes")
        if each.replaces == each.code:
            raise Invalid(text("A sub-processor cannot take its own place."), "changes")
        if (each.code, each.kind) in seen:
            raise Invalid(text("The same change is there twice."), "changes")
        seen.add((each.code, each.kind))
    return known


def about(known: facts.Announcement, topic: Topic) -> facts.Announcement:
    """A draft that is about this topic: none becomes one of another.

    Raises:
        Invalid: it is about the other one.
    """
    if known.topic is topic:
        return known
    if topic is Topic.VERSION:
        raise Invalid(text("Say which product is updated."), "update")
    raise Invalid(text("An update is announced by itself."), "changes")


def _checked_update(known: facts.Announcement, update: facts.Update) -> facts.Announcement:
    if known.changes:
        raise Invalid(text("An update is announced by itself."), "changes")
    if not update.product.strip():
        raise Invalid(text("Say which product is updated."), "update")
    if update.starts_at:
        given = TIME.fullmatch(update.starts_at.strip())
        if given is None:
            reason = text("Give the time of the beginning as hours and minutes: 21:30.")
            raise Invalid(reason, "update")
        starts_at = f"{int(given[1]):02}:{given[2] or '00'}"
        update = msgspec.structs.replace(update, starts_at=starts_at)
        known = msgspec.structs.replace(known, update=update)
    days = (update.published_on, update.planned_on)
    if days[0] and days[1] and days[1] < days[0]:
        raise Invalid(text("A version is not installed before it is published."), "update")
    return known


def attach(
    act: Act, announcement_id: uuid.UUID, base: int, how: How, *, name: str, content: bytes
) -> list[str]:
    """Attaches the version sheet to the draft of an update, in place of a former one.

    Raises:
        Conflict: it was announced meanwhile, or see `history.record`.
        Invalid: it is no update, or the sheet is no PDF of 10 MB at most.
    """
    act.require(Permission.ANNOUNCEMENTS_EDIT)
    known = history.latest(act.session, act.take(Announcement, announcement_id))
    if known.update is None:
        raise Invalid(text("Only an update has a version sheet."), "content")
    if proofs.sort_of(proofs.checked(content)) is not proofs.PDF:
        raise Invalid(text("The version sheet is a PDF."), "content")
    sheet = act.files.put(act.session, content)
    altered = msgspec.structs.replace(known, sheet=sheet, sheet_name=name.strip() or "version.pdf")
    return change(act, announcement_id, altered, base, how)


def require_draft(head: Announcement) -> None:
    """Makes sure that it was not announced.

    Raises:
        Conflict: it was.
    """
    if head.phase is not Phase.DRAFT:
        raise Conflict(
            text("It was announced already, and is not changed any more: announce it anew.")
        )
