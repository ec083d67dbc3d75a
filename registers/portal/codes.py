"""The message that carries a one-time code to the address on record."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import queries as parties
from registers.controllers.facts import Organisation
from registers.kernel import outbox
from registers.kernel.outbox import Taken
from registers.kernel.words import Text, Words, text
from registers.notices.models import Matter, Notice, PortalLink, PortalVisit
from registers.notices.transport import Refused, Undelivered
from registers.portal import visits

if TYPE_CHECKING:
    from registers.work import Tools


class Letter(NamedTuple):
    """A code to be sent."""

    work: Taken
    address: str
    content: bytes


def send(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`.

    A code that is not asked for any more is not sent. One that may have arrived is sent again: it
    is the same, and whoever gets it twice uses it once.
    """
    database = tools.press.database
    with database.reading() as session:
        letters = [
            letter
            for each in work
            if (letter := _letter(session, tools, each, database.now())) is not None
        ]
    failed: dict[uuid.UUID, Undelivered] = {}
    with tools.mail.session() as hand_over:
        for letter in letters:
            try:
                hand_over(letter.content, tools.sender, letter.address)
            except Undelivered as error:
                failed[letter.work.id] = error
    done = [each.id for each in work if each.id not in failed]
    with database.upkeep() as traces:
        now = database.now()
        outbox.settle(traces, done, tools.holder, now)
        for key, why in failed.items():
            if isinstance(why, Refused):
                outbox.give_up(traces, key, tools.holder, str(why))
            else:
                outbox.put_back(traces, key, tools.holder, now, str(why))


def _letter(session: Session, tools: "Tools", work: Taken, now: datetime) -> Letter | None:
    visit = session.get(PortalVisit, uuid.UUID(work.about.partition(":")[2]))
    if visit is None or visit.code_at is None or visit.code_at + visits.CODE_LASTS <= now:
        return None
    notice_id = session.get_one(PortalLink, visit.link_id).notice_id
    notice = session.get_one(Notice, notice_id)
    address = visits.address_of(session, notice_id)
    if not address:
        return None
    code = visits.code_of(tools.secret, visit.id, visit.code_at)
    return Letter(work, address, _message(session, tools, (visit, notice, address), code))


def _message(
    session: Session, tools: "Tools", to: tuple[PortalVisit, Notice, str], code: str
) -> bytes:
    visit, notice, address = to
    asked_at = visit.code_at or visit.expires_at
    words = Words(notice.language)
    ours = parties.organisation_facts(session, asked_at.date())
    name = ours.name if ours else ""
    zones = sa.select(sa.func.min(Matter.zone)).where(Matter.notice_id == notice.id)
    zone = session.scalar(zones) or tools.press.zone
    until = (asked_at + visits.CODE_LASTS).astimezone(ZoneInfo(zone))
    said: list[Text | str] = [
        text("Dear Sir or Madam,"),
        text(
            "Here is the one-time code that was asked for, to answer notice {number} of "
            "{organisation}:",
            number=notice.number,
            organisation=name,
        ),
        f"    {code[:3]} {code[3:]}",
        text(
            "It is good until {time} (time zone {zone}), once. Type it into the page on which it "
            "was asked for, and tell it to nobody.",
            time=words.hour(until),
            zone=zone,
        ),
        text(
            "If you did not ask for it, somebody else has the link of this notice: ignore this "
            "message, and tell us."
        ),
        "\n".join(filter(None, _signed(ours))) if ours else "",
    ]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=tools.sender)
    message["To"] = address
    message["Subject"] = words.say(text("Your one-time code – {number}", number=notice.number))
    message["Date"] = format_datetime(asked_at.replace(microsecond=0))
    domain = tools.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{visit.id}.{int(asked_at.timestamp())}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if ours and ours.email:
        message["Reply-To"] = ours.email
    message.set_content("\n\n".join(filter(None, (words.say(each) for each in said))) + "\n")
    return message.as_bytes()


def _signed(ours: Organisation) -> list[str]:
    return [ours.name, ours.dpo_name, ours.dpo_email or ours.email, ours.phone]
