"""Tells people on call: by e-mail, and through a gateway that wakes them.

A call may be made twice when a worker dies: a message has the same Message-ID, a post the same
identifier, so that whoever receives both knows them for one.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import calls, gateway, oncall, rules
from registers.breaches.calls import AlarmCall, CallState, CallWay, Ended, Occasion
from registers.controllers import queries as parties
from registers.kernel import outbox
from registers.kernel.outbox import Taken
from registers.kernel.words import Text, Words, hour_of, plural, text
from registers.notices.transport import Later, Refused, Send, Undelivered, Unsure

if TYPE_CHECKING:
    from registers.work import Tools

MOST_ATTEMPTS = 8
"""Over about nine hours; then the board says that it failed."""


class Call(NamedTuple):
    """A call to make."""

    work: Taken
    row: AlarmCall


class Around(NamedTuple):
    """What all calls have in common."""

    set_up: oncall.Chosen
    organisation: str
    sample: bool
    """Whether all data here are fictional: then nothing leaves this machine."""
    now: datetime


def call(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`."""
    database = tools.press.database
    with database.reading() as session:
        todo = _todo(session, work)
        ours = parties.organisation(session)
        set_up = oncall.chosen(session, tools.secret)
    name, sample = (ours.name, ours.sample) if ours else ("", False)
    around = Around(set_up, name, sample, database.now())
    ended: list[Ended] = []
    later: list[tuple[Call, Undelivered]] = []
    with tools.mail.session() as hand_over:
        for each in todo:
            tries = each.work.attempts
            try:
                answer = _tell(tools, each.row, around, hand_over)
            except (Later, Unsure) as error:
                if tries < MOST_ATTEMPTS:
                    later.append((each, error))
                else:
                    ended.append(Ended(each.row.id, False, str(error), tries))
            except Refused as error:
                ended.append(Ended(each.row.id, False, str(error), tries))
            else:
                ended.append(Ended(each.row.id, True, answer, tries))
    _keep(tools, work, ended, later)


def _keep(
    tools: "Tools",
    work: Sequence[Taken],
    ended: Sequence[Ended],
    later: Sequence[tuple[Call, Undelivered]],
) -> None:
    database = tools.press.database
    with database.upkeep() as traces:
        for each, error in later:
            outbox.put_back(traces, each.work.id, tools.holder, database.now(), str(error))
    done = {each.id for each in work} - {each.work.id for each, _ in later}
    if not ended:
        with database.upkeep() as traces:
            outbox.settle(traces, list(done), tools.holder, database.now())
        return
    by_call = {uuid.UUID(each.about.partition(":")[2]): each.id for each in work}
    with database.acting(tools.press.actor) as act:
        held = set(outbox.settle(act.session, list(done), tools.holder, act.now))
        calls.record(act, [each for each in ended if by_call[each.call_id] in held])


def _todo(session: Session, work: Sequence[Taken]) -> list[Call]:
    by_id = {uuid.UUID(each.about.partition(":")[2]): each for each in work}
    query = sa.select(AlarmCall).where(AlarmCall.id.in_(by_id), AlarmCall.state == CallState.TO_DO)
    rows = session.scalars(query.order_by(AlarmCall.created_at, AlarmCall.id))
    # the gateway first: it wakes people, and a mail server may keep us waiting
    return [
        Call(by_id[row.id], row) for row in sorted(rows, key=lambda row: row.way is CallWay.EMAIL)
    ]


def _tell(tools: "Tools", row: AlarmCall, around: Around, hand_over: Send) -> str:
    """Makes one call; gives what was answered."""
    words = Words(around.set_up.plan.language)
    if row.way is CallWay.EMAIL:
        content = message(tools, row, around, words)
        return hand_over(content, tools.sender, row.address) or ""
    if not around.set_up.plan.webhook:
        raise Refused("no gateway is set any more, or its address cannot be read")
    if around.sample and not gateway.is_loopback(gateway.host_of(around.set_up.plan.webhook)):
        raise Refused("these are sample data: nothing leaves")
    body = posted(row, around.now, tools.address, words)
    headers = {
        "Content-Type": "application/json",
        gateway.DELIVERY: str(row.id),
        gateway.SIGNATURE: gateway.signature(around.set_up.signs_with, around.now, body),
    }
    answer = tools.gateway.post(around.set_up.plan.webhook, body, headers)
    return f"{answer.status} {answer.said}".strip()


def posted(row: AlarmCall, now: datetime, address: str, words: Words) -> bytes:
    """What is posted to a gateway: the number, how many wait, the time left, where to look.

    Nothing of what happened, and nobody's name or address.
    """
    left = None if row.ends_at is None else int((row.ends_at - now).total_seconds() // 60)
    return msgspec.json.encode(
        {
            "id": str(row.id),
            "occasion": row.occasion.value,
            "breach": row.code,
            "exercise": row.drill,
            "contracts_waiting": row.waiting,
            "ends_at": row.ends_at.isoformat() if row.ends_at else None,
            "minutes_left": left,
            "sent_at": now.isoformat(timespec="seconds"),
            "link": f"{address}/breaches",
            "text": headline(row, now, words),
        }
    )


EXERCISE = text("EXERCISE")


def headline(row: AlarmCall, now: datetime, words: Words) -> str:
    """The alarm in one line, short enough for a telephone."""
    said: list[Text | str] = [EXERCISE] if row.drill else []
    if row.occasion is Occasion.TEST:
        said.append(text("Test alarm: nothing happened."))
    elif row.occasion is Occasion.RECORDED:
        said.append(text("{code} was recorded: look at it now.", code=row.code))
    else:
        waits = plural(
            "{count} contract is not informed",
            "{count} contracts are not informed",
            row.waiting,
        )
        left = rules.remaining(row.ends_at - now) if row.ends_at else row.occasion.says
        said.append(text("{code}: {waits}, {left}.", code=row.code, waits=waits, left=left))
    return " – ".join(words.say(each) for each in said)


def message(tools: "Tools", row: AlarmCall, around: Around, words: Words) -> bytes:
    """The e-mail of an alarm."""
    line = headline(row, around.now, words)
    said: list[Text | str] = [line]
    if row.ends_at is not None:
        local = row.ends_at.astimezone(ZoneInfo(tools.press.zone))
        ends = text(
            "The time ends on {day} at {time} ({zone}).",
            day=local.date(),
            time=partial(hour_of, local),
            zone=tools.press.zone,
        )
        said.append(ends)
    said.append(text("The board: {link}", link=f"{tools.address}/breaches"))
    said.append(
        text(
            "This message holds nothing of what happened. It was sent to everybody on call; an "
            "administrator sets who that is."
        )
    )
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(around.organisation, addr_spec=tools.sender)
    made["To"] = row.address
    made["Subject"] = words.say(text("ALARM – {line}", line=line))
    made["Date"] = format_datetime(row.created_at.replace(microsecond=0))
    domain = tools.sender.partition("@")[2] or "localhost"
    made["Message-ID"] = f"<{row.id}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["Importance"], made["X-Priority"] = "high", "1"
    made.set_content("\n\n".join(words.say(each) for each in said) + "\n")
    return made.as_bytes()
