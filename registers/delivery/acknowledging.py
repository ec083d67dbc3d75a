"""The message that confirms to a data subject that its request came: no answer, and not kept.

It says who the person is: so it is composed when it leaves, and only its digest stays. A request
whose confirmation may have left is confirmed again: the same message says the same.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from registers.annexes.papers.letters import sender
from registers.annexes.snapshots import organisation_on
from registers.controllers import queries as parties
from registers.controllers import style
from registers.controllers.facts import Organisation
from registers.kernel import outbox
from registers.kernel.base import canonical
from registers.kernel.outbox import Taken
from registers.kernel.words import Text, Words, text
from registers.notices.transport import Refused, Undelivered, is_fictional
from registers.press.paper import Letter, Paper, Paragraph, Signatures, Stamp
from registers.requests import facts, following, queries
from registers.requests.models import Request

if TYPE_CHECKING:
    from registers.press.identity import Identity
    from registers.work import Tools


def send(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`."""
    database = tools.press.database
    ready: list[tuple[Taken, uuid.UUID, str, bytes]] = []
    over: list[uuid.UUID] = []
    with database.reading() as session:
        for each in work:
            head = queries.by_id(session, uuid.UUID(each.about.partition(":")[2]))
            known = queries.known(session, head)
            if known is None or not known.email or head.acknowledged_at is not None:
                over.append(each.id)
            else:
                content = _message(session, tools, head, known)
                ready.append((each, head.id, known.email, content))
    sent: list[tuple[Taken, uuid.UUID, bytes]] = []
    failed: list[tuple[Taken, Undelivered]] = []
    with tools.mail.session() as hand_over:
        for taken, key, address, content in ready:
            try:
                if tools.press.identity.is_test and not is_fictional(address):
                    raise Refused("The test identity writes to no real address.")
                hand_over(content, tools.sender, address)
            except Undelivered as error:
                failed.append((taken, error))
            else:
                sent.append((taken, key, content))
    for taken, key, content in sent:
        with database.acting(tools.press.actor) as act:
            outbox.settle(act.session, [taken.id], tools.holder, act.now)
            following.acknowledged(act, key, hashlib.sha256(content).hexdigest())
    with database.upkeep() as traces:
        outbox.settle(traces, over, tools.holder, database.now())
        for taken, why in failed:
            if isinstance(why, Refused):
                outbox.give_up(traces, taken.id, tools.holder, str(why))
            else:
                outbox.put_back(traces, taken.id, tools.holder, database.now(), str(why))


def _message(session: Session, tools: "Tools", head: Request, known: facts.Request) -> bytes:
    words = Words(known.language)
    ours = parties.organisation_facts(session, head.recorded_at.date())
    name = ours.name if ours else ""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=tools.sender)
    message["To"] = known.email
    subject = text("We received your request – {code}", code=head.code)
    message["Subject"] = words.say(subject)
    message["Date"] = format_datetime(head.recorded_at.replace(microsecond=0))
    domain = tools.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{head.id}.acknowledgement@{domain}>"
    message["Auto-Submitted"] = "auto-replied"
    if ours and ours.email:
        message["Reply-To"] = ours.dpo_email or ours.email
    passed_on = bool(queries.concerns(session, [head.id]))
    said = [*paragraphs(head, known, name, passed_on=passed_on), *_signed(ours)]
    message.set_content("\n\n".join(words.say(each) for each in said) + "\n")
    return message.as_bytes()


def paragraphs(
    head: Request, known: facts.Request, organisation: str, *, passed_on: bool
) -> list[Text | str]:
    """What the confirmation says, by e-mail and by letter alike.

    Args:
        head: the request.
        known: what is known of it.
        organisation: who confirms.
        passed_on: whether the controller is known already.
    """
    rights: list[Text | str] = [text("– {right}", right=each.says) for each in known.rights]
    then = (
        text(
            "{organisation} processes personal data on behalf of others. It passed your request "
            "on to the body that decides about your data, which answers you within one month, "
            "or tells you within it that it needs up to two months more, and why.",
            organisation=organisation,
        )
        if passed_on
        else text(
            "{organisation} processes personal data on behalf of others. It is looking for the "
            "body that decides about your data, and will pass your request on to it at once.",
            organisation=organisation,
        )
    )
    return [
        text("Dear Sir or Madam,"),
        text(
            "We received your request on {day}, and keep it under the number {code}:",
            day=known.received_on,
            code=head.code,
        ),
        *rights,
        then,
        text(
            "This confirms the receipt. It is no answer: we may not answer in the place of that "
            "body. Please give the number whenever you write to us."
        ),
    ]


def _signed(ours: Organisation | None) -> list[str]:
    if ours is None:
        return []
    signed = (ours.name, ours.dpo_name, ours.dpo_email or ours.email, ours.phone)
    return ["\n".join(filter(None, signed))]


def letter(
    session: Session, identity: "Identity", head: Request, known: facts.Request, now: datetime
) -> bytes:
    """The confirmation as a letter, sealed, to be printed and posted; it is not kept.

    Args:
        session: a reading session.
        identity: who seals.
        head: the request.
        known: what is known of it; it has a postal address.
        now: the present instant, in the zone whose date is shown.

    Raises:
        Invalid: the organisation is not described.
    """
    from registers.press.issue import issue  # noqa: PLC0415 few need a press

    ours = organisation_on(session, now.date())
    words = Words(known.language)
    passed_on = bool(queries.concerns(session, [head.id]))
    said = paragraphs(head, known, ours.name, passed_on=passed_on)
    said.append(text("Yours faithfully,"))
    paper = Paper(
        kind="request_acknowledgement",
        title=words.say(text("We received your request – {code}", code=head.code)),
        language="en" if words.language == "en" else "fr",
        organisation=ours.name,
        blocks=(*(Paragraph(words.say(each)) for each in said), Signatures(ours.name)),
        letter=Letter(
            sender=sender(ours, words),
            recipient=tuple(known.address.splitlines()),
            place=ours.city,
        ),
    )
    look = style.chosen(session).style
    stamp = Stamp(head.code, now.replace(microsecond=0), test=identity.is_test, style=look)
    return issue(paper, canonical({"request": head.code}), stamp, identity, now).pdf
