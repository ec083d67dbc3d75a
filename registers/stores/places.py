"""Where persons may be named: every store, with the columns in which somebody may stand.

A test holds this against the schema: a column of texts that is in none of these tables, and is
not said here to name nobody, fails it.
"""

from typing import Any, NamedTuple

from registers.kernel.base import Base
from registers.kernel.history import Head
from registers.kernel.words import Text, text


class Place(NamedTuple):
    """A table in which persons may be named: what it is called, and its columns."""

    store: Text
    columns: tuple[str, ...]


WRITTEN = ("facts", "reason")
"""Where versions of facts may name somebody."""

VERSIONS: dict[str, Text] = {
    "organisation_version": text("Organisation"),
    "controller_version": text("Controller"),
    "contact_version": text("Point of contact"),
    "contract_version": text("Contract"),
    "terms_model_version": text("Model of terms"),
    "subprocessor_version": text("Sub-processor"),
    "activity_version": text("Activity"),
    "measure_version": text("Measure"),
    "announcement_version": text("Announcement"),
    "breach_version": text("Breach"),
    "breach_own_version": text("Our own file of a breach"),
    "subject_request_version": text("Request of a data subject"),
    "assistance_version": text("Audit or other assistance"),
    "intervention_version": text("Intervention"),
    "staff_member_version": text("Authorised person"),
    "certificate_version": text("Certificate"),
    "declaration_version": text("Declaration of a DPO"),
    "own_limits_version": text("Limits of the own stores"),
}
"""The histories of dossiers, by their table."""

ROWS: dict[str, Place] = {
    "alarm_call": Place(text("Alarm"), ("address", "answer")),
    "announced_change": Place(text("Announced change"), ("told",)),
    "announcement": Place(text("Announcement"), ("announced_by", "end_reason")),
    "assistance_document": Place(text("Document"), ("title",)),
    "breach": Place(text("Breach"), ("end_reason",)),
    "breach_affected": Place(
        text("Contract affected by a breach"), ("why", "channels", "late_reason", "removed_reason")
    ),
    "breach_by_hand": Place(text("Told by hand"), ("whom", "note")),
    "breach_follow_up": Place(
        text("Lesson or measure after a breach"), ("lesson", "measure", "owner", "outcome")
    ),
    "bundle": Place(text("Archive of evidence"), ("name", "error")),
    "chain_confirmation": Place(text("Word of a sub-processor"), ("says",)),
    "commitment": Place(text("Undertaking or training"), ("title", "note")),
    "confirmation": Place(text("Confirmation of a receipt"), ("note",)),
    "declaration_form": Place(
        text("Declaration form"), ("said", "by_name", "by_function", "code_to", "found", "note")
    ),
    "dispatch": Place(text("Message"), ("address", "said")),
    "emergency_pack": Place(text("Emergency pack"), ("places", "error")),
    "end_choice": Place(text("Choice at the end"), ("by_name", "by_function")),
    "ending": Place(text("End of a service"), ("what",)),
    "erasure": Place(text("Erasure"), ("method", "treated", "copies", "visa", "note")),
    "former_address": Place(text("Former address"), ("address",)),
    "instruction": Place(text("Instruction"), ("says", "by_name", "by_function")),
    "instruction_step": Place(
        text("Step of an instruction"), ("provision", "says", "by_name", "by_function")
    ),
    "legal_duty": Place(
        text("Legal duty"),
        ("provision", "authority", "reference", "data", "recipient", "ground"),
    ),
    "legal_duty_step": Place(text("Step of a legal duty"), ("says",)),
    "notice": Place(text("Notice"), ("name", "email", "told")),
    "objection": Place(text("Objection"), ("by_name", "by_function", "way", "grounds")),
    "objection_answer": Place(text("Answer to an objection"), ("says",)),
    "on_call": Place(text("On call"), ("emails", "webhook", "drill_emails")),
    "outbox": Place(text("Work to be done"), ("error",)),
    "own_erasure": Place(text("Erasure of an own store"), ("reason",)),
    "paper_style": Place(text("Look of the papers"), ("footer",)),
    "posted": Place(text("Tracking of a letter"), ("note",)),
    "receipt": Place(text("Receipt"), ("by_name", "by_function", "note")),
    "request_step": Place(text("Step of a request"), ("note",)),
    "retention_case": Place(text("Retention case"), ("day_reason", "closed_reason")),
    "retention_hold": Place(text("Hold"), ("authority", "reason")),
    "retention_hold_end": Place(text("End of a hold"), ("reason",)),
    "return_request": Place(text("Request for return"), ("reference", "by_name", "sees_to")),
    "returned": Place(text("Return of data"), ("format", "to_name")),
    "subject_request": Place(text("Request of a data subject"), ("end_reason",)),
    "succession": Place(text("Succession of controllers"), ("reason",)),
    "throttle": Place(text("Failed sign-ins"), ("key",)),
    "upload": Place(text("Upload"), ("name",)),
}
"""Rows in which somebody may be named, by their table."""

ASIDE = frozenset({"user_account", "user_session", "recovery_code", "entry", "entry_values"})
"""Searched by the account itself, or as the journal."""

NOBODY: dict[str, frozenset[str]] = {
    "activity_validation": frozenset(),
    "annex": frozenset({"conformance", "identity_kind", "identity_name", "level", "number"}),
    "announced_case": frozenset({"known"}),
    "checkpoint": frozenset({"at", "head", "key", "signature"}),
    "contract_service": frozenset({"code"}),
    "matter": frozenset({"calendar", "terms", "zone"}),
    "objection_window": frozenset({"count"}),
    "one_time_token": frozenset({"digest", "purpose"}),
    "portal_link": frozenset({"digest"}),
    "portal_visit": frozenset({"digest"}),
    "request_concern": frozenset({"extension", "month"}),
    "notice": frozenset({"recipient"}),  # asked by the dossier of the person
    "on_call": frozenset({"webhook_key"}),
    "outbox": frozenset({"holder"}),
    "paper_style": frozenset({"accent"}),
    "retention_case": frozenset({"count", "promised"}),
    "return_request": frozenset({"count"}),
    "succession": frozenset({"after", "before"}),
    "upload": frozenset({"owner"}),
    "worker_seen": frozenset({"holder", "version"}),
}
"""Columns of texts that name nobody: codes, counts, digests, what the programme itself writes."""

CODES = frozenset(
    {
        *("about", "activities", "activity", "author", "cause", "code", "country", "decided_by"),
        *("irregular", "key", "kind", "language", "number", "proposed_by", "purposes"),
        *("returned_by", "search", "settled_by", "zone"),
    }
)
"""Columns that hold references, codes and kinds, whichever table they stand in."""

LABELS: dict[str, Text] = {
    "address": text("Address"),
    "announced_by": text("Announced by"),
    "answer": text("Answer"),
    "authority": text("Authority"),
    "browser": text("Browser"),
    "by_function": text("Function"),
    "by_name": text("Name"),
    "channels": text("Way"),
    "closed_reason": text("Reason"),
    "code": text("Number"),
    "code_to": text("Code sent to"),
    "controller": text("Controller"),
    "copies": text("Copies"),
    "data": text("Data"),
    "day_reason": text("Reason"),
    "document": text("Document"),
    "done_on": text("Done on"),
    "drill_emails": text("Addresses for drills"),
    "email": text("E-mail"),
    "emails": text("Addresses"),
    "end_reason": text("Reason"),
    "error": text("What went wrong"),
    "expires_at": text("Expires"),
    "footer": text("Footer"),
    "format": text("Format"),
    "found": text("What was found"),
    "ground": text("Ground"),
    "grounds": text("Grounds"),
    "key": text("Known as"),
    "kind": text("Kind"),
    "language": text("Language"),
    "late_reason": text("Reason"),
    "lesson": text("Lesson"),
    "measure": text("Measure"),
    "method": text("Method"),
    "name": text("Name"),
    "note": text("Note"),
    "number": text("Number"),
    "outcome": text("Outcome"),
    "owner": text("Who sees to it"),
    "places": text("Places"),
    "provision": text("Provision"),
    "reason": text("Reason"),
    "recipient": text("Recipient"),
    "reference": text("Reference"),
    "removed_reason": text("Reason"),
    "role": text("Role"),
    "roles": text("Roles"),
    "said": text("Answer"),
    "says": text("What was said"),
    "seen_at": text("Last seen"),
    "sees_to": text("Who sees to it"),
    "state": text("State"),
    "step": text("Step"),
    "title": text("Title"),
    "to_name": text("Name"),
    "told": text("What was told"),
    "treated": text("What was treated"),
    "until": text("Last day"),
    "visa": text("Visa"),
    "way": text("Way"),
    "webhook": text("Webhook"),
    "what": text("What"),
    "whom": text("Name"),
    "why": text("Reason"),
}
"""What the columns are called."""


def models() -> dict[str, type[Any]]:
    """All tables, by name."""
    return {each.class_.__tablename__: each.class_ for each in Base.registry.mappers}


def head_of(table: str) -> type[Head[Any]] | None:
    """The kind of dossier that stands in a table, as its entries in the journal name it."""
    found = models().get(table)
    return found if found is not None and issubclass(found, Head) else None
