"""The notices of announcements: written once, again to those who were told, taken back."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from registers.announcements import rules
from registers.announcements.models import Announcement, Case, Change
from registers.announcements.planning import Addressee, Plan, Told
from registers.announcements.vocabulary import TELLS, Phase
from registers.controllers.vocabulary import Effect
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.base import canonical, insert_many
from registers.kernel.errors import Conflict
from registers.kernel.words import text
from registers.notices import operations as notices
from registers.notices.models import Matter, Notice
from registers.notices.operations import Concerned, Wanted, Way
from registers.notices.vocabulary import NoticeKind


class Fact(NamedTuple):
    """What has happened already, and has to be told: since when, and why."""

    started_on: date
    reason: str

    @property
    def told(self) -> dict[str, str]:
        """As notices keep it."""
        return {"reason": self.reason, "started_on": self.started_on.isoformat()}


def require_announced(head: Announcement) -> None:
    """Makes sure that an announcement is under way.

    Raises:
        Conflict: it is a draft, or over.
    """
    if head.phase is not Phase.ANNOUNCED:
        raise Conflict(text("This announcement is not under way."))


def tell(
    act: Act,
    head: Announcement,
    changes: Sequence[Change],
    addressees: Sequence[Addressee],
    plan: Plan,
    *,
    cause: str,
    left_at: datetime | None = None,
    fact: Fact | None = None,
) -> None:
    """Writes the notices of an announcement, and opens a case for each change and contract.

    Of what has happened already, they say so, and their cases begin with it.
    """
    says = {"change": str(changes[0].id), **fact.told} if fact else {}
    wanted = [
        Wanted(
            kind=TELLS[head.topic].early if fact else TELLS[head.topic].first,
            cause=cause,
            recipient=each.key,
            name=each.name,
            email=each.email,
            language=each.language,
            told={"announcement": str(head.id), **says},
            concerned=[
                Concerned(
                    told.controller_id,
                    told.contract_id,
                    msgspec.json.decode(canonical(told.terms)),
                    told.place.calendar,
                    told.place.good_friday,
                    told.place.zone,
                )
                for told in each.told
            ],
            ways=[Way(channel, address, owner) for channel, address, owner in each.ways],
        )
        for each in addressees
    ]
    author = head.announced_by  # whose word it is, where a worker tells those who came since
    written = notices.write(act, wanted, head, plan.day, left_at=left_at, author=author)
    rows = [
        {
            "id": uuid.uuid4(),
            "announcement_id": head.id,
            "change_id": made.id,
            "matter_id": matter,
            "effect": effect,
            "known": _case(made, effect, told, fact),
        }
        for each, notice in zip(addressees, written, strict=True)
        for told, matter in zip(each.told, notice.matters, strict=True)
        for made, effect in zip(changes, told.effects, strict=True)
        if effect is not None
    ]
    insert_many(act.session, Case, rows)


def _case(made: Change, effect: Effect, told: Told, fact: Fact | None) -> rules.Case:
    """What is known of a change under a contract before anything has left."""
    begun = fact.started_on if fact else None
    if made.update is None:
        return rules.Case(effect=effect, planned_on=made.planned_on, engaged_on=begun)
    bound = rules.holds_until(told.terms, told.place, made.update.published_on)
    return rules.Case(
        effect=effect,
        planned_on=made.planned_on,
        engaged_on=begun,
        counted_back=rules.is_counted_back(told.terms),
        holds_until=bound.due if bound else None,
    )


def take_back(act: Act, announcement_id: uuid.UUID) -> list[Notice]:
    """Stops what has not left; gives the notices that somebody may have read."""
    query = (
        sa.select(Matter.notice_id)
        .join(Case, Case.matter_id == Matter.id)
        .where(Case.announcement_id == announcement_id)
        .distinct()
    )
    ids = list(act.session.scalars(query))
    late = notices.cancel(act, ids)
    found: list[Notice] = []
    for part in history.parts(ids):
        rows = act.session.scalars(sa.select(Notice).where(Notice.id.in_(part)))
        for notice in rows:
            notice.withdrawn_at = act.now
            if notice.id in late:
                found.append(notice)
    return found


def tell_again(
    act: Act,
    head: Announcement,
    told: Sequence[Notice],
    kind: NoticeKind,
    *,
    says: dict[str, Any],
    day: date,
    contracts: Collection[uuid.UUID] | None = None,
) -> int:
    """Writes to those who were told of an announcement, about the same contracts, as before."""
    wanted = []
    for notice in told:
        query = sa.select(Matter).where(Matter.notice_id == notice.id)
        matters = [
            each
            for each in act.session.scalars(query)
            if contracts is None or each.contract_id in contracts
        ]
        if not matters:
            continue
        owners = {each.controller_id for each in matters}
        wanted.append(
            Wanted(
                kind=kind,
                cause=f"announcement:{head.id}:{kind.value}:{act.now.isoformat()}",
                recipient=notice.recipient,
                name=notice.name,
                email=notice.email,
                language=notice.language,
                told={"announcement": str(head.id), "former": notice.number, **says},
                concerned=[
                    Concerned(
                        each.controller_id,
                        each.contract_id,
                        each.terms,
                        each.calendar,
                        each.good_friday,
                        each.zone,
                    )
                    for each in matters
                ],
                ways=notices.ways_of(act.session, notice.id, owners),
            )
        )
    if wanted:
        notices.write(act, wanted, head, day)
    return len(wanted)
