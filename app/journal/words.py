"""How an entry of the journal is told to people."""

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.journal import fields
from app.languages import say
from registers.activities.models import Activity, Measure
from registers.annexes.models import Annex
from registers.annexes.papers.journal_extract import HEADS
from registers.announcements.models import Announcement
from registers.assistance.duty_models import LegalDuty
from registers.assistance.models import (
    Assistance,
    Certificate,
    Instruction,
    Intervention,
    Member,
)
from registers.assistance.vocabulary import DutyStep
from registers.assistance.vocabulary import Step as InstructionStep
from registers.breaches.calls import CallWay, Occasion
from registers.breaches.models import Breach
from registers.breaches.vocabulary import Step
from registers.controllers.models import Contact, Contract, Controller, Organisation, TermsModel
from registers.dpo.models import Declaration, Form
from registers.kernel.audit import KINDS, Entry
from registers.people.models import User
from registers.requests.models import Request
from registers.retention.models import Ending, Erasure
from registers.subprocessors.models import Subprocessor


class Subject(NamedTuple):
    """What an entry is about: its name, and where its dossier is."""

    name: str
    address: str


def _by_code(endpoint: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(f"{row.code} – {row.name}", url_for(endpoint, code=row.code))


def _numbered(endpoint: str) -> Callable[[Any], Subject]:
    return lambda row: Subject(f"{row.code} – {row.title}", url_for(endpoint, code=row.code))


NAMED: dict[type[Any], Callable[[Any], Subject]] = {
    Organisation: lambda row: Subject(row.name, url_for("controllers.organisation")),
    Controller: _by_code("controllers.one"),
    Contact: lambda row: Subject(row.name, url_for("contacts.one", contact_id=row.id)),
    Contract: lambda row: Subject(row.reference, url_for("contracts.one", contract_id=row.id)),
    TermsModel: lambda row: Subject(row.name, url_for("contracts.models")),
    Subprocessor: _by_code("subprocessors.one"),
    Announcement: lambda row: Subject(
        f"{row.code} – {row.title}", url_for("announcements.one", code=row.code)
    ),
    Breach: lambda row: Subject(
        f"{row.code} – {row.title}", url_for("breaches.one", code=row.code)
    ),
    Instruction: lambda row: Subject(row.code, url_for("instructions.one", code=row.code)),
    LegalDuty: lambda row: Subject(row.code, url_for("duties.one", code=row.code)),
    Assistance: _numbered("audits.one"),
    Intervention: _numbered("interventions.one"),
    Member: lambda row: Subject(row.code, url_for("staff.one", code=row.code)),
    Certificate: _numbered("certificates.one"),
    Form: lambda row: Subject(row.number, url_for("dpo.one", number=row.number)),
    Request: lambda row: Subject(row.code, url_for("requests.one", code=row.code)),
    Activity: _by_code("activities.one"),
    Measure: _by_code("measures.one"),
    Ending: lambda row: Subject(row.code, url_for("retention.one", code=row.code)),
    Erasure: lambda row: Subject(row.code, url_for("erasures.one", code=row.code)),
    Annex: lambda row: Subject(row.number, url_for("annexes.one", number=row.number)),
    User: lambda row: Subject(row.name, ""),
}
"""How a row of each kind is named in the journal."""

_HEADS: dict[str, Any] = {
    **HEADS,
    **{
        model.__tablename__: model
        for model in (Breach, Assistance, Intervention, Member, Certificate, Declaration, Request)
    },
}
"""Whose fields an entry names when it says what changed."""

_TABLES = {model.__tablename__: model for model in NAMED}


def subjects(session: Session, entries: Iterable[Entry]) -> dict[str, Subject]:
    """What entries are about, by how the journal refers to it: one statement for each kind."""
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for entry in entries:
        table, _colon, key = entry.about.partition(":")
        if table in _TABLES and len(key) == len(str(uuid.NAMESPACE_DNS)):
            wanted[table].add(uuid.UUID(key))
    return {
        f"{table}:{row.id}": NAMED[_TABLES[table]](row)
        for table, ids in wanted.items()
        for row in session.scalars(sa.select(_TABLES[table]).where(_TABLES[table].id.in_(ids)))
    }


def entry_words(entry: Entry) -> str:
    """What an entry says, with the fields that changed."""
    kind = KINDS.get(entry.kind)
    words = say(kind.says) if kind else entry.kind
    facts = json.loads(entry.facts)
    if isinstance(facts.get("changed"), list):  # of an import it says how many
        head = _HEADS.get(entry.about.partition(":")[0])
        names = [say(head.facts_type.name_of(name)) if head else name for name in facts["changed"]]
        words += " " + _("(version %(number)s)", number=facts["number"])
        if facts["number"] > 1 and names:
            words += _(":") + " " + ", ".join(names)
    elif isinstance(facts.get("number"), str):
        words += " " + facts["number"]
    elif entry.kind == "instruction.step":
        words += _(":") + " " + say(InstructionStep(facts["step"]).says)
    elif entry.kind == "duty.step":
        words += _(":") + " " + say(DutyStep(facts["step"]).says)
    elif entry.kind.startswith("breach."):
        words += "".join(_(":") + f" {each}" for each in _of_breach(facts))
    return words


def _of_breach(facts: dict[str, Any]) -> Iterator[str]:
    """How many contracts or notices something that was done about a breach concerned; an alarm."""
    if "occasion" in facts:
        yield say(Occasion(facts["occasion"]).says)
        if facts.get("waiting"):
            yield ngettext("%(num)s contract", "%(num)s contracts", facts["waiting"])
        if "way" in facts:
            yield say(CallWay(facts["way"]).says)
    if "contracts" in facts:
        yield ngettext("%(num)s contract", "%(num)s contracts", facts["contracts"])
    if "notices" in facts:
        number = ngettext("%(num)s notice", "%(num)s notices", facts["notices"])
        yield f"{say(Step(facts['step']).says)} ({number})"


def facts_of(entry: Entry) -> list[tuple[str, str, str]]:
    """The declared facts of an entry: their keys, what they are called, what they say."""
    head = _HEADS.get(entry.about.partition(":")[0])
    found = []
    for name, value in json.loads(entry.facts).items():
        said = value
        if name == "changed" and isinstance(value, list) and head:
            said = [say(head.facts_type.name_of(each)) for each in value]
        found.append((name, fields.label(name), fields.told(entry.kind, name, said)))
    return found
