"""What the declared facts of entries are called, and what their values mean."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.languages import day, moment, say
from registers.activities.vocabulary import Trigger
from registers.announcements.vocabulary import Outcome
from registers.assistance import vocabulary as assistance
from registers.breaches import vocabulary as breaches
from registers.breaches.calls import CallWay, Occasion
from registers.breaches.hand_records import HandWay
from registers.controllers.rules import SuccessionKind
from registers.controllers.vocabulary import Channel, EndChoice
from registers.dpo import vocabulary as dpo
from registers.kernel.words import Named
from registers.notices.vocabulary import Evidence, NoticeKind, PostalEvent
from registers.people.roles import Role
from registers.requests import vocabulary as requests
from registers.retention.vocabulary import OwnStore

FIELDS: dict[str, Any] = {
    "addresses": _l("Addresses"),
    "agreed_on": _l("Agreed on"),
    "answer": _l("Answer of the server"),
    "attempts": _l("Attempts"),
    "bundle": _l("Archive"),
    "by": _l("Replaced by"),
    "calls": _l("Alarms sent"),
    "cases": _l("Number of cases"),
    "certificate": _l("Certificate"),
    "change": _l("Kind of change"),
    "changed": _l("Fields that changed"),
    "channel": _l("Way"),
    "checkpoint": _l("Checkpoint"),
    "choice": _l("Choice"),
    "chosen_on": _l("Chosen on"),
    "closes_on": _l("Closes on"),
    "contracts": _l("Number of contracts"),
    "controllers": _l("Number of controllers"),
    "corrects": _l("Corrects the record"),
    "day": _l("Day"),
    "digest": _l("Digest of the list (SHA-256)"),
    "disabled": _l("Disabled"),
    "done_on": _l("Done on"),
    "drill_addresses": _l("Addresses for drills"),
    "due": _l("To be done by"),
    "due_on": _l("To be done by"),
    "effective_from": _l("Takes effect on"),
    "effective_on": _l("Takes effect on"),
    "ended_at": _l("Ended"),
    "ended_on": _l("Ended on"),
    "erased": _l("Number erased"),
    "erased_on": _l("Erased on"),
    "event": _l("What the post says"),
    "event_on": _l("Day of the event"),
    "evidence": _l("Evidence"),
    "exact": _l("Time known exactly"),
    "file": _l("Digest of the file (SHA-256)"),
    "files": _l("Number of files"),
    "found": _l("Number found"),
    "given_on": _l("Given on"),
    "happened_on": _l("Happened on"),
    "head": _l("Hash at the end of the chain"),
    "how": _l("How"),
    "in_time": _l("In time"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "matter": _l("Contract told of"),
    "message": _l("Digest of the message (SHA-256)"),
    "messages": _l("Number of messages"),
    "minimum": _l("All that is due at least was told"),
    "new": _l("New"),
    "notice": _l("Notice"),
    "notices": _l("Number of notices"),
    "number": _l("Number"),
    "numbers": _l("Numbers"),
    "occasion": _l("Occasion"),
    "on": _l("On"),
    "outcome": _l("Outcome"),
    "paper": _l("Digest of the document (SHA-256)"),
    "papers": _l("Number of documents"),
    "phase": _l("Phase"),
    "places": _l("Number of places"),
    "posted_on": _l("Posted on"),
    "proof": _l("Digest of the proof (SHA-256)"),
    "received_on": _l("Received on"),
    "recipients": _l("Number of recipients"),
    "refused": _l("Refused"),
    "returned_on": _l("Returned on"),
    "roles": _l("Roles"),
    "rows": _l("Number of records"),
    "same": _l("The document is the one that we wrote"),
    "scope": _l("Subject"),
    "sessions": _l("Number of sessions"),
    "sha256": _l("Digest (SHA-256)"),
    "since": _l("Since"),
    "size": _l("Number of entries"),
    "snapshot": _l("Digest of the data (SHA-256)"),
    "state": _l("State"),
    "step": _l("Step"),
    "steps": _l("Number of steps"),
    "stopped": _l("Number of messages stopped"),
    "store": _l("Store"),
    "style": _l("Look of the papers"),
    "subjects": _l("Number of dossiers"),
    "subprocessor": _l("Sub-processor"),
    "to": _l("Goes on as"),
    "told": _l("Told to the controllers"),
    "trigger": _l("Event"),
    "trusted": _l("Signature of a trusted service"),
    "uncertain": _l("Sending uncertain"),
    "unchanged": _l("Unchanged"),
    "until": _l("Until"),
    "version": _l("Version"),
    "versions": _l("Number of versions"),
    "waiting": _l("Number of contracts waiting"),
    "way": _l("Way"),
    "webhook": _l("Webhook"),
    "weekly": _l("Weekly"),
    "what": _l("What happened"),
}
"""The name of every fact that a kind of entry declares; a test holds it against the kinds."""

BESIDE: dict[str, Any] = {
    "address": _l("Address"),
    "after": _l("After"),
    "answer": _l("Answer of the server"),
    "authority": _l("Authority"),
    "before": _l("Before"),
    "by": _l("By"),
    "contracts": _l("Contracts"),
    "data": _l("Data"),
    "error": _l("Error"),
    "format": _l("Format"),
    "method": _l("Method"),
    "note": _l("Note"),
    "outcome": _l("Outcome"),
    "places": _l("Places"),
    "provision": _l("Provision"),
    "reason": _l("Reason"),
    "record": _l("Corrects the record"),
    "reference": _l("Reference"),
    "says": _l("Wording"),
    "sees_to": _l("Seen to by"),
    "title": _l("Title"),
    "to": _l("Handed over to"),
    "whom": _l("To whom"),
    "why": _l("Why"),
}
"""The names of values that are kept beside an entry, so that they can be erased."""

_VALUES: dict[tuple[str, str], type[Named]] = {
    ("notice.written", "kind"): NoticeKind,
    ("notice.received", "evidence"): Evidence,
    ("notice.posted", "event"): PostalEvent,
    ("notice.sent", "channel"): Channel,
    ("notice.failed", "channel"): Channel,
    ("notice.again", "channel"): Channel,
    ("staff_member.committed", "kind"): assistance.CommitmentKind,
    ("objection.answered", "outcome"): Outcome,
    ("instruction.given", "scope"): assistance.Scope,
    ("instruction.given", "way"): assistance.Way,
    ("instruction.step", "step"): assistance.Step,
    ("duty.step", "step"): assistance.DutyStep,
    ("breach.notified", "step"): breaches.Step,
    ("breach.closed", "phase"): breaches.Phase,
    ("breach.by_hand", "way"): HandWay,
    ("breach.alarm", "occasion"): Occasion,
    ("breach.called", "occasion"): Occasion,
    ("breach.called", "way"): CallWay,
    ("breach.call_failed", "occasion"): Occasion,
    ("breach.call_failed", "way"): CallWay,
    ("breach_follow_up.ended", "state"): breaches.Following,
    ("controller.succeeded", "change"): SuccessionKind,
    ("retention.chosen", "choice"): EndChoice,
    ("retention.opened", "trigger"): Trigger,
    ("own.proposed", "store"): OwnStore,
    ("own.confirmed", "store"): OwnStore,
    ("own.refused", "store"): OwnStore,
    ("own.erased", "store"): OwnStore,
    ("request.followed", "what"): requests.What,
    ("request.acknowledged", "way"): requests.Way,
    ("declaration.returned", "way"): dpo.Way,
    ("declaration.confirmed", "how"): dpo.Confirmation,
    ("user.added", "roles"): Role,
    ("user.changed", "roles"): Role,
}
"""Which words the values of a fact are."""


def label(name: str) -> str:
    """What a fact is called; its key, if an earlier version of the programme wrote it."""
    return str(FIELDS.get(name, name))


class Beside(NamedTuple):
    """A value that is kept beside an entry."""

    label: str
    says: str
    detail: Any
    """What has parts of its own, as it is on record; None: it is said in words."""


def beside(kept: Mapping[str, Any]) -> list[Beside]:
    """The values kept beside an entry, those that say nothing left out."""
    found = {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    return [
        Beside(
            str(BESIDE.get(name, name)),
            "" if _parts(value) else told("", "", value),
            value if _parts(value) else None,
        )
        for name, value in found.items()
    ]


def _parts(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_parts, value)))


def told(kind: str, name: str, value: Any) -> str:
    """What a fact says."""
    if isinstance(value, list):
        return ", ".join(told(kind, name, each) for each in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if (kind, name) in _VALUES:
        return _member(_VALUES[kind, name], value)
    return _instant(value) if isinstance(value, str) else str(value)


def _member(words: Iterable[Named], value: Any) -> str:
    return next((say(each.says) for each in words if each.value == value), str(value))


def _instant(value: str) -> str:
    """A day or an instant as people write it; other texts as they are."""
    if value[:4].isdigit() and value[4:5] == "-":
        try:
            return (
                moment(datetime.fromisoformat(value))
                if "T" in value
                else day(date.fromisoformat(value))
            )
        except ValueError:
            return value
    return value
