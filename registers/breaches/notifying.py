"""The notices of a breach: written in phases, to each controller its own, Art. 33(2) to (4)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import drills, facts, finding, gauges, rules, telling
from registers.breaches.models import Affected, Breach
from registers.breaches.vocabulary import Step
from registers.controllers import facts as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contract, Controller
from registers.controllers.vocabulary import Channel, ContactRole
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.base import canonical
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import Words, text
from registers.notices import operations as notices
from registers.notices import reaching
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import Concerned, Wanted, Way, Written
from registers.notices.vocabulary import BY_POST, DispatchState, NoticeKind
from registers.people.roles import Permission

NOTIFIED = audit.kind(
    "breach.notified", text("Notices of a breach written"), "step", "version", "notices"
)
TOLD_BY = (
    ContactRole.BREACH,
    ContactRole.NOTICE,
    ContactRole.DPO,
    ContactRole.REPRESENTATIVE,
)
"""Who is written to about a breach, the first there is."""
STEPS: dict[Step, NoticeKind] = {
    Step.FIRST: NoticeKind.BREACH,
    Step.MORE: NoticeKind.BREACH_MORE,
    Step.CLOSING: NoticeKind.BREACH_CLOSING,
    Step.ERROR: NoticeKind.BREACH_ERROR,
}


def notify(
    act: Act, breach_id: uuid.UUID, step: Step, base: int, left_at: datetime | None = None
) -> int:
    """Writes the notices of one phase to every controller affected; gives how many.

    Each controller has a notice of its own: no notice shows another's numbers. Several contracts
    of one controller are told together, on all channels that any of them demands. Those of an
    exercise go to the addresses of exercises, in place of every controller's.

    Args:
        act: the act.
        breach_id: the breach.
        step: which phase.
        base: the version that whoever notifies has read.
        left_at: of e-mails that had left before this installation kept them, when that was: they
            are recorded, and nothing leaves. Letters stand as still to be deposited: each left on
            the day of its slip.

    Raises:
        Conflict: the breach is closed, or more is known since `base`; or it is too early for a
            further notice, as nobody had a first one.
        Invalid: the minimum is not known yet, or nobody is affected; or they left in the future;
            or nobody plays an exercise; or it is a withdrawal, which has its own reason
            (`withdrawing`).
    """
    act.require(Permission.BREACHES_NOTIFY)
    head = act.take(Breach, breach_id)
    finding.require_open(head)
    if step is Step.ERROR:
        raise Invalid(text("Say why it was an error: the controllers are told."), "reason")
    if base != head.latest:
        raise Conflict(text("More was recorded meanwhile: look at it first."))
    if left_at is not None and left_at > act.now:
        raise Invalid(text("This time is still to come."), "left_at")
    rules.require_minimum(history.latest(act.session, head))
    rows = _to_tell(act.session, head, step)
    if not rows:
        raise Invalid(text("There is nobody to tell."), "step")
    written = write(act, head, rows, step, left_at=left_at)
    act.log(NOTIFIED, head, step=step, version=head.latest, notices=len(written))
    if left_at is not None:
        _had_left(act, written)
    return len(written)


def write(
    act: Act,
    head: Breach,
    rows: Sequence[Affected],
    step: Step,
    reason: str = "",
    *,
    left_at: datetime | None = None,
) -> list[Written]:
    """Writes the notices of a step to the controllers of these rows.

    Args:
        act: the act.
        head: the breach.
        rows: of whom it tells.
        step: which notice it is.
        reason: of a withdrawal.
        left_at: of notices that had left before this installation kept them, when that was.
    """
    known = history.latest(act.session, head)
    wanted = _wanted(act, head, known, rows, (step, reason))
    if head.drill:
        wanted = drills.instead(act.session, wanted)
    series = drills.NOTICES if head.drill else notices.SERIES
    day = act.now.date()
    return notices.write(act, wanted, head, day, left_at=left_at, series=series)


def _had_left(act: Act, written: Sequence[Written]) -> None:
    for part in history.parts([each.id for each in written]):
        act.session.execute(
            sa.update(Dispatch)
            .where(Dispatch.notice_id.in_(part), Dispatch.channel.in_(BY_POST))
            .values(state=DispatchState.TO_DO, sent_at=None)
        )
    gauges.told_left(act, [key for each in written for key in each.matters])


def _to_tell(session: Session, head: Breach, step: Step) -> list[Affected]:
    query = sa.select(Affected).where(Affected.breach_id == head.id, Affected.removed_at.is_(None))
    told = telling.told(session, head)
    first = step is Step.FIRST
    rows = session.scalars(query.order_by(Affected.ends_at, Affected.id))
    return [row for row in rows if (row.controller_id in told) is not first]


def _wanted(
    act: Act,
    head: Breach,
    known: facts.Breach,
    rows: Sequence[Affected],
    saying: tuple[Step, str],
) -> list[Wanted]:
    day, (step, reason) = act.now.date(), saying
    by_owner: dict[uuid.UUID, list[Affected]] = {}
    for row in rows:
        by_owner.setdefault(row.controller_id, []).append(row)
    owners: dict[uuid.UUID, parties.Controller] = history.known_on(
        act.session, Controller, day, list(by_owner)
    )
    ids = {link.contact for owner in owners.values() for link in owner.contacts}
    people = controllers.contact_facts(act.session, ids, day)
    terms = history.all_latest(
        act.session, Contract, {row.contract_id for row in rows if row.contract_id}
    )
    ours = controllers.organisation_facts(act.session, day)
    said = _Saying(
        head,
        step,
        reason,
        told=msgspec.json.decode(canonical(msgspec.structs.replace(known, note=""))),
        now=act.now,
        from_country=ours.country if ours else "FR",
        people=people,
        terms=terms,
    )
    before = _told_before(act.session, head)
    return [_notice(said, owners[key], held, before.get(key)) for key, held in by_owner.items()]


def _told_before(session: Session, head: Breach) -> dict[uuid.UUID, int]:
    """From which version the last notice to each controller was written."""
    query = (
        sa.select(Matter.controller_id, Notice.told)
        .join(Notice, Notice.id == Matter.notice_id)
        .where(telling.of_breach(head))
        .order_by(Notice.created_at, Notice.number)
    )
    return {row[0]: int(row[1]["version"]) for row in session.execute(query)}


class _Saying(NamedTuple):
    """What all notices of one phase have in common."""

    head: Breach
    step: Step
    reason: str
    """Of a withdrawal, why the former notices were an error."""
    told: dict[str, Any]
    now: datetime
    from_country: str
    people: Mapping[uuid.UUID, parties.Contact]
    terms: Mapping[uuid.UUID, parties.Contract]


def _notice(
    said: _Saying, owner: parties.Controller, rows: Sequence[Affected], before: int | None
) -> Wanted:
    head, step, people, terms = said.head, said.step, said.people, said.terms
    again = step is not Step.FIRST or before is not None  # told once more after a withdrawal
    link = reaching.link_of(owner, people, TOLD_BY)
    contact = people[link.contact] if link else None
    email = reaching.email_of(contact)
    channels = {Channel(each) for row in rows for each in row.channels}
    ways = [Way(Channel.EMAIL, email)] if email else []
    agreed = [terms[row.contract_id].terms for row in rows if row.contract_id]
    wished = next((each.language for each in agreed if each.language), "")
    words = Words(wished or owner.language)
    posted = [each for each in BY_POST if each in channels]
    if not email and Channel.REGISTERED_LETTER not in posted:
        posted.append(Channel.REGISTERED_LETTER)
    for channel in posted:
        lines = reaching.envelope(owner, said.from_country, words)
        ways.append(Way(channel, "\n".join(lines), rows[0].controller_id))
    return Wanted(
        kind=STEPS[step],
        cause=telling.cause_of(head, step) + (f":{said.now.isoformat()}" if again else ""),
        recipient=f"controller:{rows[0].controller_id}",
        name=contact.full_name if contact else owner.name,
        email=email,
        language=words.language,
        told={
            "breach": str(head.id),
            "code": head.code,
            "version": head.latest,
            "before": before if step is not Step.FIRST else None,
            "step": step.value,
            "drill": head.drill,
            "known": said.told,
            "persons": _sum(row.persons for row in rows),
            "records": _sum(row.records for row in rows),
            "late": next((row.late_reason for row in rows if row.tell_late), ""),
            "reason": said.reason,
        },
        concerned=[
            Concerned(
                row.controller_id,
                row.contract_id,
                _terms_of(row, terms),
                owner.calendar,
                owner.good_friday,
                owner.zone,
            )
            for row in rows
        ],
        ways=ways,
    )


def _terms_of(row: Affected, terms: Mapping[uuid.UUID, parties.Contract]) -> dict[str, Any]:
    agreed = terms[row.contract_id].terms if row.contract_id else parties.Terms()
    plain: dict[str, Any] = msgspec.json.decode(canonical(agreed))
    return plain


def _sum(numbers: Any) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None
