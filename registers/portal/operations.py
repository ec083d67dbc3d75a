"""What a contact does with a link: acknowledges receipt, objects, agrees; for its contracts only.

Each operation goes from the link to the contracts that it opens: one that is named and is none of
these is not found. A one-time code is used up in the same act (`visits.use_code`).
"""

import uuid
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from registers.announcements import cases, engaging, objections
from registers.announcements.models import Objection
from registers.announcements.objections import PORTAL, Against, Said
from registers.announcements.vocabulary import AFTER_THE_FACT
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import links, receipts
from registers.notices.models import Matter, Receipt
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people.roles import Permission
from registers.portal import queries
from registers.portal.queries import Opened, Row


class By(NamedTuple):
    """Who answers for the controllers, as they say themselves."""

    name: str
    function: str

    def require(self) -> None:
        """Makes sure that somebody says who answers, and as what.

        Raises:
            Invalid: nobody does; says beside which field.
        """
        if not self.name.strip():
            raise Invalid(text("Give your first name and name."), "by_name")
        if not self.function.strip():
            raise Invalid(text("Give your function."), "by_function")


def acknowledge(
    act: Act, link_id: uuid.UUID, chosen: Collection[uuid.UUID] | None, by: By
) -> list[Receipt]:
    """Records that a notice was received, today where each controller is.

    With the link of a reminder it is the receipt of the notice that it reminds of: that is what
    the windows are counted from.

    Args:
        act: of the contact who holds the link, after the code was used.
        link_id: the link.
        chosen: the contracts for which receipt is acknowledged; None for all that await it.
        by: who acknowledges.

    Raises:
        NotFound: the link is over, or a contract is none of its own.
        Conflict: nothing awaits an acknowledgement any more.
        Invalid: nobody says who acknowledges, or for which contracts.
    """
    seen = _opened(act, link_id, chosen, by)
    wanted = awaiting(act, seen, chosen)
    if not wanted:
        raise Conflict(text("No acknowledgement of receipt is awaited any more."))
    by_day: dict[date, list[uuid.UUID]] = {}
    for matter in wanted:
        by_day.setdefault(queries.today(matter, act.now), []).append(matter.id)
    made = []
    for day, ids in by_day.items():
        proof = Proof(Evidence.PORTAL, day, by_name=by.name, by_function=by.function)
        made += receipts.receive(act, ids, proof)
    _keep_link(act, seen, [matter.id for matter in wanted])
    return made


def awaiting(act: Act, seen: Opened, chosen: Collection[uuid.UUID] | None) -> list[Matter]:
    """The matters, of those chosen, whose receipt can be acknowledged."""
    if seen.notice.kind in AFTER_THE_FACT:
        return queries.unacknowledged(act.session, seen.notice)
    found = queries.rows(act.session, seen, act.now, chosen)
    return [row.matter for row in found if row.may.acknowledge]


def _keep_link(act: Act, seen: Opened, matters: Collection[uuid.UUID]) -> None:
    """The link of a reminder lives as long as that of the notice that it reminds of."""
    windows = cases.last_windows(act.session, matters)
    if windows and seen.notice.id != seen.about.id:
        own = sa.select(Matter.id).where(Matter.notice_id == seen.notice.id)
        last = max(window.closes_on for window in windows.values())
        links.keep_until(act, list(act.session.scalars(own)), last)


def object_to(
    act: Act,
    link_id: uuid.UUID,
    chosen: Collection[uuid.UUID] | None,
    by: By,
    *,
    changes: Collection[uuid.UUID] | None = None,
    grounds: str = "",
    content: bytes | None = None,
) -> list[Objection]:
    """Records objections, in time or late, one for each contract and change.

    Args:
        act: of the contact who holds the link, after the code was used.
        link_id: the link.
        chosen: the contracts under which it objects; None for all.
        by: who objects.
        changes: the changes it objects to; None for all that can be objected to.
        grounds: they need not be given.
        content: a document, where there is one; see `registers.portal.documents`.

    Raises:
        NotFound: the link is over, a contract is none of its own, or a change is none of it.
        Conflict: there is nothing to object to any more.
        Invalid: nobody says who objects, for which contracts or to which changes.
    """
    seen = _opened(act, link_id, chosen, by)
    _check_changes(seen, changes)
    wanted: list[Against] = []
    for row in queries.rows(act.session, seen, act.now, chosen):
        open_to = [stand.tell.row.id for stand in row.stands if stand.may.object]
        against = [key for key in open_to if changes is None or key in changes]
        whole = against and len(against) == len(row.stands)
        said = Said(
            received_on=row.today,
            by_name=by.name,
            by_function=by.function,
            way=PORTAL,
            grounds=grounds,
            content=content,
        )
        wanted += [Against(row.matter.id, said, key) for key in ([None] if whole else against)]
    if not wanted:
        raise Conflict(text("There is nothing to object to here any more."))
    return objections.object_to_all(act, wanted)


def agree(
    act: Act,
    link_id: uuid.UUID,
    chosen: Collection[uuid.UUID] | None,
    by: By,
    *,
    changes: Collection[uuid.UUID] | None = None,
) -> list[Row]:
    """Records an explicit agreement, where one is asked for; gives the contracts it is for.

    Raises:
        NotFound: the link is over, a contract is none of its own, or a change is none of it.
        Conflict: no agreement is asked for any more.
        Invalid: nobody says who agrees, for which contracts or to which changes.
    """
    seen = _opened(act, link_id, chosen, by)
    _check_changes(seen, changes)
    made = []
    for row in queries.rows(act.session, seen, act.now, chosen):
        asked = [
            stand.tell.row.id
            for stand in row.stands
            if stand.may.agree and (changes is None or stand.tell.row.id in changes)
        ]
        for key in asked:
            engaging.agree(
                act,
                row.matter.id,
                key,
                agreed_on=row.today,
                by_name=by.name,
                by_function=by.function,
                way=PORTAL,
            )
        if asked:
            made.append(row)
    if not made:
        raise Conflict(text("No agreement is asked for here any more."))
    return made


def _opened(act: Act, link_id: uuid.UUID, chosen: Collection[uuid.UUID] | None, by: By) -> Opened:
    act.require(Permission.PORTAL)
    if act.actor.id != link_id:
        raise NotFound
    by.require()
    if chosen is not None and not chosen:
        raise Invalid(text("Choose at least one contract."), "matters")
    return queries.opened(act.session, link_id, act.now)


def _check_changes(seen: Opened, changes: Collection[uuid.UUID] | None) -> None:
    if changes is None:
        return
    if not changes:
        raise Invalid(text("Choose at least one change."), "changes")
    if set(changes) - {each.row.id for each in seen.tells}:
        raise NotFound
