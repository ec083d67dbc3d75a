"""The very notice before anything is announced: a draft, for the first recipient."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registers.annexes import snapshots, telling, telling_versions
from registers.annexes.kinds import KINDS
from registers.annexes.letters import NoticeSnapshot, VersionSnapshot
from registers.announcements import facts, planning
from registers.announcements.vocabulary import TELLS, Topic
from registers.controllers import style
from registers.press.issue import draft as press_draft
from registers.press.paper import Stamp


def draft_pdf(
    session: Session, known: facts.Announcement, language: str, day: date, now: datetime
) -> bytes:
    """A draft of the notice in a language, marked on each page; it has no place to sign.

    Args:
        session: a reading session.
        known: the draft of the announcement.
        language: `fr` or `en`.
        day: the local day of the organisation.
        now: the present instant, in the zone in which it is written.

    Raises:
        Invalid: the organisation is not described.
    """
    plan = planning.plan(session, known, day)
    addressees = [each for each in plan.addressees if each.language == language]
    chosen = next(iter(addressees or plan.addressees), None)
    told = chosen.told if chosen else ()
    contracts = telling.planned_contracts(told)
    common: dict[str, Any] = {
        "kind": f"notice_{TELLS[known.topic].first.value}",
        "on": day,
        "organisation": snapshots.organisation_on(session, day),
        "number": "NT-…",
        "announcement": "AN-…",
        "language": language,
        "name": chosen.name if chosen else "",
        "lines": tuple(filter(None, (chosen.name, chosen.email))) if chosen else ("…",),
        "changes": telling.planned(plan),
    }
    if known.topic is Topic.VERSION:
        update = telling_versions.planned(plan, known)
        dated = telling_versions.planned_contracts(told, contracts, update, day)
        snapshot: NoticeSnapshot = VersionSnapshot(update=update, contracts=dated, **common)
    else:
        snapshot = NoticeSnapshot(contracts=contracts, **common)
    paper = KINDS[snapshot.kind].paper(snapshot, language, draft=True)
    stamp = Stamp("", now, style=style.chosen(session).style)
    return press_draft(paper, snapshot.stored, stamp).pdf
