"""What is known of assistance, interventions, persons authorised to process data, certificates.

There is no field for the credentials of a workstation: they are never kept (contract 001
§7.3.3; K07).
"""

import uuid
from datetime import date
from typing import Annotated

import msgspec

from registers.assistance.vocabulary import (
    AssistanceKind,
    CertificateKind,
    ConsentWay,
    Environment,
)
from registers.kernel.history import Facts, titled
from registers.kernel.instants import Instant


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an audit found, and what is done about it."""

    says: Annotated[str, titled("Finding")]
    measure: Annotated[str, titled("What is done about it")] = ""
    due_on: Annotated[date | None, titled("Until")] = None
    done_on: Annotated[date | None, titled("Done on")] = None


class Assistance(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An audit, or other assistance that a controller asked for, Art. 28(3)(f) and (h)."""

    controller: Annotated[uuid.UUID, titled("Controller")]
    title: Annotated[str, titled("What is asked for")]
    kind: Annotated[AssistanceKind, titled("Kind")] = AssistanceKind.AUDIT
    contract: Annotated[str, titled("Contract")] = ""
    activities: Annotated[tuple[str, ...], titled("Activities concerned")] = ()
    asked_on: Annotated[date | None, titled("Asked on", wanted="Art. 28(3)(h)")] = None
    asked_by: Annotated[str, titled("Asked by", wanted="Art. 28(3)(h)")] = ""
    planned_on: Annotated[date | None, titled("Planned for")] = None
    planned_until: Annotated[date | None, titled("Planned until")] = None
    auditor: Annotated[str, titled("Carried out by")] = ""
    mandated: Annotated[bool | None, titled("An auditor mandated by the controller")] = None
    auditor_bound: Annotated[bool | None, titled("The auditor is bound to confidentiality")] = None
    held_on: Annotated[date | None, titled("Held on")] = None
    held_until: Annotated[date | None, titled("Held until")] = None
    participants: Annotated[tuple[str, ...], titled("Who took part")] = ()
    given: Annotated[str, titled("What we contributed")] = ""
    reported_on: Annotated[date | None, titled("Findings reported on")] = None
    findings: Annotated[tuple[Finding, ...], titled("Findings")] = ()
    closed_on: Annotated[date | None, titled("Closed on")] = None
    outcome: Annotated[str, titled("Outcome")] = ""
    note: Annotated[str, titled("Note, for us only")] = ""


class Intervention(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator in a controller's systems: why, with whose consent, what was seen."""

    controller: Annotated[uuid.UUID, titled("Controller")]
    title: Annotated[str, titled("What is to be done")]
    ticket: Annotated[str, titled("Ticket", wanted="Art. 28(3)(a)")] = ""
    contract: Annotated[str, titled("Contract")] = ""
    activities: Annotated[tuple[str, ...], titled("Activities concerned")] = ()
    environment: Annotated[Environment, titled("Where")] = Environment.WORKSTATION
    operators: Annotated[tuple[str, ...], titled("Operators", wanted="Art. 28(3)(a)")] = ()
    consent_by: Annotated[str, titled("Who consented", wanted="Art. 28(3)(a)")] = ""
    consent_at: Annotated[Instant | None, titled("When", wanted="Art. 28(3)(a)")] = None
    consent_way: Annotated[ConsentWay | None, titled("How", wanted="Art. 28(3)(a)")] = None
    opened: Annotated[Instant | None, titled("Access opened")] = None
    means: Annotated[str, titled("By what means")] = ""
    seen: Annotated[str, titled("What was seen")] = ""
    changed: Annotated[str, titled("What was changed")] = ""
    kept: Annotated[bool | None, titled("Data were kept")] = None
    kept_what: Annotated[str, titled("Which data")] = ""
    kept_authorised_by: Annotated[str, titled("On whose authorisation")] = ""
    kept_until: Annotated[date | None, titled("Kept until")] = None
    closed: Annotated[Instant | None, titled("Access closed")] = None
    restored: Annotated[bool | None, titled("Filters and accounts are as before")] = None
    report: Annotated[str, titled("Report")] = ""
    reported_on: Annotated[date | None, titled("Report given on")] = None
    note: Annotated[str, titled("Note, for us only")] = ""


class Member(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who is authorised to process data, Art. 28(3)(b) and 29."""

    name: Annotated[str, titled("Name")]
    function: Annotated[str, titled("Function")] = ""
    joined_on: Annotated[date | None, titled("Authorised since", wanted="Art. 28(3)(b)")] = None
    left_on: Annotated[date | None, titled("Authorised until")] = None
    external: Annotated[bool, titled("Not an employee (agency, freelance)")] = False
    note: Annotated[str, titled("Note, for us only")] = ""


class Certificate(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate or an attestation of the organisation, or of one of its sub-processors."""

    title: Annotated[str, titled("What is certified")]
    kind: Annotated[CertificateKind, titled("Kind")] = CertificateKind.STANDARD
    number: Annotated[str, titled("Number")] = ""
    issuer: Annotated[str, titled("Issued by", wanted="Art. 28(1)")] = ""
    subprocessor: Annotated[str, titled("Of a sub-processor")] = ""
    scope: Annotated[str, titled("What it covers")] = ""
    starts_on: Annotated[date | None, titled("Valid from", wanted="Art. 28(1)")] = None
    ends_on: Annotated[date | None, titled("Valid until")] = None
    withheld: Annotated[bool, titled("Not handed out to controllers")] = False
    note: Annotated[str, titled("Note, for us only")] = ""
