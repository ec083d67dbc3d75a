"""Makes the papers of notices and writes the messages that carry them."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes import telling
from registers.annexes.kinds import KINDS
from registers.annexes.letters import Letter
from registers.annexes.making import make_all
from registers.annexes.orders import Made, Order, Refused
from registers.annexes.subjects import Asked, Subject
from registers.controllers.vocabulary import Channel
from registers.delivery.messages import BLANK, Parts, compose
from registers.kernel import outbox
from registers.kernel.act import Act
from registers.kernel.outbox import Taken
from registers.notices import links
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.operations import SEND, TYPESET
from registers.notices.vocabulary import BY_POST, DispatchState
from registers.people.roles import Permission

if TYPE_CHECKING:
    from registers.work import Tools


LIVES = timedelta(days=400)
"""How long the link of a notice lives when it is written; longer where its window ends later."""


class Job(NamedTuple):
    """A notice to prepare: its ways that are still to do, and the papers that they need."""

    notice: Notice
    ways: list[Dispatch]
    owner: uuid.UUID | None
    """The controller, where it tells only one."""

    def subject(self, way: Dispatch) -> Subject:
        """The paper of a way: of a letter its own, of a message the whole notice."""
        if way.channel in BY_POST and way.controller_id is not None:
            return telling.of_letter(way.id, way.controller_id)
        return telling.of_notice(self.notice.id, self.owner)


def prepare(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`.

    Papers that were made by a worker that died are found again, not made twice.
    """
    ids = {uuid.UUID(each.about.partition(":")[2]): each for each in work}
    with tools.press.database.reading() as session:
        jobs = list(_jobs(session, ids))
    refused: list[Refused] = []
    made = _papers(tools, jobs, refused)
    wrong = {each.subject.about: str(each.error) for each in refused}
    reasons = {job.notice.id: _reason(job, wrong) for job in jobs}
    ready = [job for job in jobs if not reasons[job.notice.id]]
    failed = {ids[key].id: reason for key, reason in reasons.items() if reason}
    done = [each.id for each in work if each.id not in failed]
    with tools.press.database.upkeep() as traces:
        for key, reason in failed.items():
            outbox.give_up(traces, key, tools.holder, reason)
        if not ready:
            outbox.settle(traces, done, tools.holder, tools.press.database.now())
    if ready:
        with tools.press.database.acting(tools.press.actor) as act:
            act.require(Permission.NOTICES_SEND)
            outbox.settle(act.session, done, tools.holder, act.now)
            _keep(act, tools, ready, made)


def _reason(job: Job, wrong: dict[str, str]) -> str:
    """Why a notice cannot be sealed; empty where it was."""
    found = (wrong.get(job.subject(way).about) for way in job.ways)
    return next(filter(None, found), "")


def _jobs(session: Session, ids: Collection[uuid.UUID]) -> Iterable[Job]:
    ways: dict[uuid.UUID, list[Dispatch]] = {}
    query = sa.select(Dispatch).where(
        Dispatch.notice_id.in_(ids), Dispatch.state == DispatchState.TO_DO
    )
    for way in session.scalars(query.order_by(Dispatch.id)):
        ways.setdefault(way.notice_id, []).append(way)
    owners: dict[uuid.UUID, set[uuid.UUID]] = {}
    told = sa.select(Matter.notice_id, Matter.controller_id).where(Matter.notice_id.in_(ids))
    for notice_id, owner in session.execute(told):
        owners.setdefault(notice_id, set()).add(owner)
    for notice in session.scalars(sa.select(Notice).where(Notice.id.in_(list(ways)))):
        served = owners[notice.id]
        # the papers of an exercise stand in nobody's dossier
        alone = len(served) == 1 and not notice.told.get("drill")
        yield Job(notice, ways[notice.id], next(iter(served)) if alone else None)


def _papers(
    tools: "Tools", jobs: Sequence[Job], refused: list[Refused]
) -> dict[str, tuple[Made, Letter]]:
    """The sealed paper of each subject, and what it shows."""
    found: dict[str, tuple[Made, Letter]] = {}
    zone = ZoneInfo(tools.press.zone)
    groups: dict[tuple[str, object], list[Subject]] = {}
    for job in jobs:
        place = (job.notice.kind.value, job.notice.created_at.astimezone(zone).date())
        wanted = groups.setdefault(place, [])
        wanted += dict.fromkeys(map(job.subject, job.ways))
    for (kind, day), subjects in groups.items():
        order = Order(KINDS[f"notice_{kind}"], subjects, day)  # type: ignore[arg-type]
        made = list(make_all(tools.press, order, refused))
        with tools.press.database.reading() as session:
            shown = order.kind.source(session, subjects, Asked(order.on))
        found |= {each.subject.about: (each, shown[each.subject]) for each in made}
    return found


def _keep(
    act: Act,
    tools: "Tools",
    jobs: Sequence[Job],
    made: dict[str, tuple[Made, Letter]],
) -> None:
    links.issue(act, [job.notice.id for job in jobs], tools.secret, act.now + LIVES)
    messages: list[tuple[Dispatch, bytes]] = []
    wanted: list[outbox.Wanted] = []
    for job in jobs:
        notice = act.take(Notice, job.notice.id)
        carried = 0
        for stale in job.ways:
            way = act.take(Dispatch, stale.id)
            paper, snapshot = made[job.subject(stale).about]
            way.annex_id = paper.annex_id
            if way.channel not in BY_POST:
                notice.annex_id = paper.annex_id
            if way.channel is Channel.EMAIL:
                again = f":{act.now.isoformat()}" if way.message_sha256 else ""
                messages.append((way, _message(act, tools, way, notice, (paper, snapshot))))
                name = f"dispatch:{way.id}"
                wanted.append(outbox.Wanted(SEND, f"{name}:send{again}", name, act.now))
                carried += 1
            elif way.channel is Channel.PORTAL:
                way.state = DispatchState.SENT  # it is there as soon as its link is
        if notice.annex_id is None:
            notice.annex_id = made[job.subject(job.ways[0]).about][0].annex_id
        act.log(TYPESET, notice, papers=len(job.ways), messages=carried)
    digests = act.files.put_all(act.session, [message for _, message in messages])
    for (way, _), digest in zip(messages, digests, strict=True):
        way.message_sha256 = digest
    act.session.flush()
    outbox.put(act, wanted)


def _message(
    act: Act,
    tools: "Tools",
    way: Dispatch,
    notice: Notice,
    paper: tuple[Made, Letter],
) -> bytes:
    made, snapshot = paper
    if way.message_sha256:
        return act.files.get(act.session, way.message_sha256)
    domain = tools.sender.partition("@")[2] or "localhost"
    return compose(
        Parts(
            snapshot=snapshot,
            kind=notice.kind,
            paper=act.files.get(act.session, made.paper_sha256),
            paper_number=made.number,
            message_id=f"<{way.id}@{domain}>",
            sender=tools.sender,
            recipient=way.address,
            at=act.now.astimezone(UTC).replace(microsecond=0),
            link=f"{tools.address}/n/{BLANK}",
            copy=way.copy,
        )
    )
