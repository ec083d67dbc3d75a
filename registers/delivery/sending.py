"""Hands messages over, so that none is lost and none counts twice.

Before the first byte leaves, `Sending` says so, committed. Found there again after a worker died
or a server went silent, the same bytes are sent once more under the same Message-ID, and the
dispatch is marked: it may have arrived twice.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.delivery.messages import filled
from registers.kernel import outbox
from registers.kernel.base import insert_many
from registers.kernel.outbox import Taken
from registers.notices import links, operations
from registers.notices.models import Dispatch, PortalLink, Sending
from registers.notices.operations import Result
from registers.notices.transport import Later, Refused, Send, Unsure, is_fictional
from registers.notices.vocabulary import DispatchState
from registers.requests import queries as requests

if TYPE_CHECKING:
    from registers.work import Tools

MOST_ATTEMPTS = 12
"""After so many, over several days, a message waits for a person."""


class Letter(NamedTuple):
    """A message to hand over."""

    work: Taken
    dispatch_id: uuid.UUID
    address: str
    content: bytes
    digest: str
    again: bool
    """Whether it was begun before, without it being known how it ended."""


def send(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`."""
    database = tools.press.database
    with database.reading() as session:
        letters = _letters(session, tools, work)
    begun = [each.dispatch_id for each in letters]
    with database.upkeep() as traces:
        _begin(traces, begun, database.now())
    results, later = _hand_over(tools, letters)
    with database.upkeep() as traces:
        for letter, error in later:
            if not isinstance(error, Unsure) and not letter.again:
                _forget(traces, [letter.dispatch_id])
            if letter.work.attempts < MOST_ATTEMPTS:
                outbox.put_back(traces, letter.work.id, tools.holder, database.now(), str(error))
    results += [
        (letter, Result(letter.dispatch_id, False, str(error)))
        for letter, error in later
        if letter.work.attempts >= MOST_ATTEMPTS
    ]
    over = {each.id for each in work} - {letter.work.id for letter in letters}
    _record(tools, results, over)


def _record(
    tools: "Tools", results: Sequence[tuple[Letter, Result]], over: Collection[uuid.UUID]
) -> None:
    """Keeps what became of the messages whose work is still ours."""
    if not results:
        with tools.press.database.upkeep() as traces:
            outbox.settle(traces, list(over), tools.holder, tools.press.database.now())
        return
    with tools.press.database.acting(tools.press.actor) as act:
        ids = [letter.work.id for letter, _ in results]
        held = set(outbox.settle(act.session, [*ids, *over], tools.holder, act.now))
        kept = [result for letter, result in results if letter.work.id in held]
        operations.record_results(act, kept)
        _forget(act.session, [result.dispatch_id for result in kept if result.sent])


def _letters(session: Session, tools: "Tools", work: Sequence[Taken]) -> list[Letter]:
    by_id = {uuid.UUID(each.about.partition(":")[2]): each for each in work}
    query = sa.select(Dispatch).where(
        Dispatch.id.in_(by_id),
        Dispatch.state == DispatchState.TO_DO,
        Dispatch.message_sha256.is_not(None),
    )
    rows = session.scalars(query).all()
    asked = sa.select(Sending.dispatch_id).where(Sending.dispatch_id.in_(by_id))
    begun = set(session.scalars(asked))
    told = {row.notice_id for row in rows}
    tokens = _tokens(session, told, tools.secret)
    asked_for = requests.texts(session, told)
    store = tools.press.database.files
    return [
        Letter(
            by_id[row.id],
            row.id,
            row.address,
            filled(
                store.get(session, row.message_sha256 or ""),
                tokens[row.notice_id],
                asked_for.get(row.notice_id, ""),
            ),
            row.message_sha256 or "",
            row.id in begun,
        )
        for row in sorted(rows, key=lambda row: list(by_id).index(row.id))
    ]


def _tokens(
    session: Session, notices: Collection[uuid.UUID], secret: bytes
) -> dict[uuid.UUID, str]:
    """The secrets of the links that were issued last; of those that are not revoked, if any."""
    query = sa.select(PortalLink.notice_id, PortalLink.id).where(PortalLink.notice_id.in_(notices))
    open_ = PortalLink.revoked_at.is_(None)
    rows = session.execute(query.order_by(open_, PortalLink.issued_at))
    return {row[0]: links.token_of(secret, row[1]) for row in rows}


def _hand_over(
    tools: "Tools", letters: Sequence[Letter]
) -> tuple[list[tuple[Letter, Result]], list[tuple[Letter, Exception]]]:
    results: list[tuple[Letter, Result]] = []
    later: list[tuple[Letter, Exception]] = []
    with tools.mail.session() as hand_over:
        for letter in letters:
            try:
                taken_by = _one(tools, letter, hand_over) or ""
            except Refused as error:
                results.append((letter, Result(letter.dispatch_id, False, str(error))))
            except (Later, Unsure) as error:
                later.append((letter, error))
            else:
                said = Result(letter.dispatch_id, True, taken_by, letter.again, letter.digest)
                results.append((letter, said))
    return results, later


def _one(tools: "Tools", letter: Letter, hand_over: Send) -> str | None:
    if tools.press.identity.is_test and not is_fictional(letter.address):
        raise Refused(
            "The test identity seals nothing that goes to a real address: set GREFFE_IDENTITY."
        )
    return hand_over(letter.content, tools.sender, letter.address)


def _begin(traces: Session, ids: Collection[uuid.UUID], now: datetime) -> None:
    _forget(traces, ids)
    if ids:
        insert_many(traces, Sending, [{"dispatch_id": key, "begun_at": now} for key in ids])


def _forget(traces: Session, ids: Collection[uuid.UUID]) -> None:
    statement = sa.delete(Sending).where(Sending.dispatch_id.in_(list(ids)))
    traces.execute(statement, execution_options={"synchronize_session": False})
