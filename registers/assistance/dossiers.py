"""What people do to dossiers of assistance, interventions, staff and certificates.

The four are kept alike: opened under a number, completed version by version, with documents
beside them. What differs stands in one `Shelf` each.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registers.activities.ends import Ended
from registers.activities.vocabulary import Trigger
from registers.assistance import models, rules
from registers.assistance.models import Document
from registers.kernel import audit, history, references
from registers.kernel.act import Act
from registers.kernel.audit import Kind
from registers.kernel.errors import Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission

ATTACHED = audit.kind("assistance.document", text("Document added"), "sha256")
ENDED = audit.kind("intervention.ended", text("Intervention ended: access closed"), "ended_at")


@dataclass(frozen=True)
class Shelf:
    """One sort of dossiers.

    Attributes:
        head: the table of their heads.
        prefix: of their numbers.
        record: the permission to open and to complete one.
        recorded, changed: what the journal calls it.
        checked: the rule that its facts keep, with the present instant.
        after: what else follows when it is recorded or completed: with when it had ended before,
            and the names of the facts that changed.
    """

    head: type[Any]
    prefix: str
    record: Permission
    recorded: Kind
    changed: Kind
    checked: Callable[[Any, datetime], Any]
    after: Callable[[Act, Any, Any, Collection[str]], None] = lambda *_: None


DECISIVE = frozenset({"closed", "contract", "activities"})
"""The facts of an intervention on which depends what falls due by its end."""


def _note_end(
    act: Act, head: models.Intervention, before: datetime | None, changed: Collection[str]
) -> None:
    """Says once that access was closed; retention follows from that day, in the same act."""
    if head.ended_at is not None and head.ended_at != before:
        act.log(ENDED, head, within=_within(head), ended_at=head.ended_at.isoformat())
    if (head.ended_at or before) and not DECISIVE.isdisjoint(changed):
        known = history.latest(act.session, head)
        ended = Ended(
            Trigger.INTERVENTION_END,
            audit.name_of(head),
            head.code,
            head.controller_id,
            known.closed.on if known.closed else None,
            uuid.UUID(known.contract) if known.contract else None,
            known.activities,
        )
        act.follow("ended", Trigger.INTERVENTION_END, ended)


ASSISTANCE = Shelf(
    models.Assistance,
    "AU",
    Permission.ASSISTANCE_RECORD,
    audit.kind("assistance.recorded", text("Assistance or audit recorded"), *FIELDS),
    audit.kind("assistance.changed", text("Assistance or audit: more is known"), *FIELDS),
    rules.checked_assistance,
)
INTERVENTIONS = Shelf(
    models.Intervention,
    "IV",
    Permission.INTERVENTIONS_RECORD,
    audit.kind("intervention.recorded", text("Intervention recorded"), *FIELDS),
    audit.kind("intervention.changed", text("Intervention: more is known"), *FIELDS),
    rules.checked_intervention,
    _note_end,
)
STAFF = Shelf(
    models.Member,
    "PA",
    Permission.ASSISTANCE_RECORD,
    audit.kind("staff_member.recorded", text("Authorised person recorded"), *FIELDS),
    audit.kind("staff_member.changed", text("Authorised person changed"), *FIELDS),
    rules.checked_member,
)
CERTIFICATES = Shelf(
    models.Certificate,
    "CE",
    Permission.ASSISTANCE_RECORD,
    audit.kind("certificate.recorded", text("Certificate recorded"), *FIELDS),
    audit.kind("certificate.changed", text("Certificate changed"), *FIELDS),
    rules.checked_certificate,
)


def record(act: Act, shelf: Shelf, known: Any, reason: str) -> Any:
    """Opens a dossier under the next number; gives its head.

    Raises:
        Invalid: the facts cannot be; see the rule of the shelf.
    """
    act.require(shelf.record)
    today = act.now.date()
    checked = shelf.checked(known, act.now)
    (number,) = references.take(act, shelf.prefix, today)
    head = shelf.head(code=number)
    if hasattr(known, "controller"):
        head.controller_id = known.controller
    how = How(today, reason).by(shelf.recorded, _within(head))
    changed = history.record(act, head, checked, 0, how)
    act.session.flush()
    shelf.after(act, head, None, changed)
    return head


def change(
    act: Act, shelf: Shelf, head_id: uuid.UUID, known: Any, base: int, *, reason: str
) -> list[str]:
    """Completes a dossier; what was known before stays in its history.

    Raises:
        Invalid: the facts cannot be.
        Conflict: somebody recorded something meanwhile.
        NotFound: there is no such dossier.
    """
    act.require(shelf.record)
    head = act.take(shelf.head, head_id)
    before = getattr(head, "ended_at", None)
    today = act.now.date()
    checked = shelf.checked(known, act.now)
    how = How(today, reason).by(shelf.changed, _within(head))
    changed = history.record(act, head, checked, base, how)
    act.session.flush()
    shelf.after(act, head, before, changed)
    return changed


def attach(act: Act, shelf: Shelf, head_id: uuid.UUID, title: str, content: bytes) -> Document:
    """Adds a document to a dossier, for good.

    Raises:
        Invalid: it has no title.
        NotFound: there is no such dossier.
    """
    act.require(shelf.record)
    head = act.take(shelf.head, head_id)
    if not title.strip():
        raise Invalid(text("This entry is needed."), "title")
    row = Document(
        about=audit.name_of(head),
        title=title.strip(),
        sha256=act.files.put(act.session, content),
        recorded_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(row)
    act.log(ATTACHED, head, within=_within(head), values={"title": row.title}, sha256=row.sha256)
    return row


def _within(head: Any) -> str | None:
    """The dossier of the controller, where it has one."""
    owner = getattr(head, "controller_id", None)
    return f"controller:{owner}" if owner else None
