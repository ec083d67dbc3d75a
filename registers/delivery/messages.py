"""The e-mail that carries a notice: the same bytes whenever it is sent.

What can be read with it is its link. The stored message has a blank in its place, so that
whoever reads the store cannot open anything; the blank is filled when it is sent. So is what a
data subject asked for: it stands in the register alone, where it can be erased.
"""

from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import singledispatch
from html import escape
from textwrap import wrap
from typing import NamedTuple

from registers.annexes.letters import (
    BreachSnapshot,
    CertificateSnapshot,
    DutySnapshot,
    InstructionSnapshot,
    Letter,
    NoticeSnapshot,
    OfficerSnapshot,
    RequestSnapshot,
    VersionSnapshot,
)
from registers.annexes.papers import (
    breach_notices,
    certificate_notices,
    duty_notices,
    instruction_notices,
    notices,
    officers,
    request_notices,
    version_notices,
)
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind

BLANK = "0" * 43
"""Stands for the secret of the link: as long as one."""

REQUEST = "[request-of-the-data-subject]"
"""Stands for who the data subject is, and what it wrote."""

POLICY = SMTP.clone(cte_type="8bit")
"""The lines of texts stay as they are, so that the blank is never cut in two."""


class Parts(NamedTuple):
    """What a message is made of."""

    snapshot: Letter
    kind: NoticeKind
    paper: bytes
    paper_number: str
    message_id: str
    sender: str
    recipient: str
    at: datetime
    link: str
    """The address of the notice, with the blank in it."""
    copy: bool = False
    """Whether it goes to a former address, for information."""


TITLES = {
    **notices.TITLES,
    **version_notices.TITLES,
    **breach_notices.TITLES,
    **officers.TITLES,
    **instruction_notices.TITLES,
    **request_notices.TITLES,
    **duty_notices.TITLES,
    **certificate_notices.TITLES,
}

OPENINGS: dict[NoticeKind, Text] = {
    NoticeKind.SUBPROCESSORS: text(
        "{organisation} informs you of an intended change of its sub-processors, before it "
        "happens (Art. 28(2) of the General Data Protection Regulation). The signed notice is "
        "attached."
    ),
    NoticeKind.REMINDER: text(
        "{organisation} has no proof yet that you received its notice about an intended change "
        "of its sub-processors. The signed reminder is attached."
    ),
    NoticeKind.WITHDRAWAL: text(
        "{organisation} withdraws an information about its sub-processors that was sent in "
        "error. The signed notice is attached."
    ),
    NoticeKind.ENGAGEMENT: text(
        "{organisation} informs you that a sub-processor began before the time in which you may "
        "object had passed. The signed notice is attached."
    ),
    NoticeKind.UPDATE: text(
        "{organisation} informs you of an intended update of a product with which it processes "
        "personal data on your behalf, before it happens. The signed notice is attached; the "
        "version sheet is read with the link below."
    ),
    NoticeKind.UPDATE_WITHDRAWAL: text(
        "{organisation} withdraws a notice of update that was sent in error. The signed notice is "
        "attached."
    ),
    NoticeKind.UPDATE_EARLY: text(
        "{organisation} informs you that a new version was installed before the time of notice "
        "had passed. The signed notice is attached."
    ),
    NoticeKind.BREACH: text(
        "{organisation} notifies you of a breach of personal data that it processes on your behalf "
        "(Art. 33(2) of the General Data Protection Regulation). The signed notification is "
        "attached."
    ),
    NoticeKind.BREACH_MORE: text(
        "{organisation} tells you more about a breach of personal data of which it notified you. "
        "The signed notice is attached."
    ),
    NoticeKind.BREACH_CLOSING: text(
        "{organisation} has closed its examination of a breach of personal data of which it "
        "notified you. The signed notice is attached."
    ),
    NoticeKind.BREACH_ERROR: text(
        "{organisation} withdraws a notification of a breach of personal data that was sent to you "
        "in error. The signed notice is attached."
    ),
    NoticeKind.INSTRUCTION: text(
        "{organisation} informs you immediately that in its opinion an instruction of yours "
        "infringes provisions on data protection (Art. 28(3) of the General Data Protection "
        "Regulation, last subparagraph). The signed notice is attached."
    ),
    NoticeKind.LEGAL_DUTY: text(
        "{organisation} informs you of a legal requirement to process personal data outside your "
        "documented instructions (Art. 28(3)(a) of the General Data Protection Regulation). The "
        "signed notice is attached."
    ),
    NoticeKind.DPO_AWAITED: text(
        "{organisation} asks you to declare your data protection officer, as your contract says "
        "you do. A letter is attached."
    ),
    NoticeKind.DPO_CONFIRM: text(
        "{organisation} asks you, as the representative on record, to confirm a declaration that "
        "names another data protection officer or another address for breaches. Nothing changes "
        "until you do."
    ),
    NoticeKind.DPO_FORMER: text(
        "{organisation} tells you that another address was declared in place of yours. For 30 "
        "days you get copies, for information. If that was not meant, answer this message."
    ),
    NoticeKind.OUR_DPO: text(
        "{organisation} tells you that its data protection officer has changed. A letter is "
        "attached."
    ),
    NoticeKind.REQUEST: text(
        "{organisation} passes on to you the request of a data subject that reached it. It has "
        "confirmed the receipt to the person, and does not answer in your place."
    ),
    NoticeKind.ERASURE: text(
        "{organisation} certifies to you the erasure of personal data that it processed on your "
        "behalf (Art. 28(3)(g) of the General Data Protection Regulation). A letter is attached."
    ),
}

LINKED: dict[NoticeKind, Text] = {
    NoticeKind.INSTRUCTION: text(
        "With this personal link you read the notice, and maintain, replace or withdraw the "
        "instruction:"
    ),
    NoticeKind.LEGAL_DUTY: text(
        "With this personal link you read the notice and acknowledge receipt:"
    ),
    NoticeKind.DPO_AWAITED: text(
        "With this personal link you declare your data protection officer; please do not pass it "
        "on:"
    ),
    NoticeKind.DPO_CONFIRM: text(
        "With this personal link you confirm the declaration, or say that you do not know of it; "
        "please do not pass it on:"
    ),
    NoticeKind.REQUEST: text(
        "With this personal link you read the request as long as it is kept, and tell us what "
        "became of it; please do not pass it on:"
    ),
    NoticeKind.ERASURE: text(
        "With this personal link you read the signed certificate, to keep with the contract:"
    ),
}
"""What the link is for, where it is for more than reading."""

ASKS = {
    *(NoticeKind.SUBPROCESSORS, NoticeKind.REMINDER, NoticeKind.ENGAGEMENT),
    *(NoticeKind.UPDATE, NoticeKind.UPDATE_EARLY),
}


def compose(parts: Parts) -> bytes:
    """The message: text, HTML, the signed paper; equal parts give equal bytes."""
    snapshot, words = parts.snapshot, Words(parts.snapshot.language)
    subject = f"{words.say(TITLES[parts.kind])} – {snapshot.number}"
    if isinstance(snapshot, BreachSnapshot) and snapshot.drill:
        subject = f"{words.say(text('EXERCISE'))} – {subject}"
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(snapshot.organisation.name, addr_spec=parts.sender)
    message["To"] = parts.recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(parts.at)
    message["Message-ID"] = parts.message_id
    if snapshot.organisation.email:
        message["Reply-To"] = snapshot.organisation.email
    said = list(_paragraphs(parts, words))
    message.set_content("\n\n".join(said) + "\n", cte="8bit")
    message.add_alternative(_html(said, parts.link, subject, words), subtype="html", cte="8bit")
    message.add_attachment(
        parts.paper,
        maintype="application",
        subtype="pdf",
        filename=f"{snapshot.number}-{parts.paper_number}.pdf",
    )
    for place, part in enumerate(message.walk()):
        if part.is_multipart():  # boundaries are otherwise drawn by lot
            part.set_boundary(f"=_{snapshot.number}_{place}")
    return message.as_bytes()


@singledispatch
def _told(snapshot: Letter, words: Words) -> list[str]:
    """What it is about, and whom it concerns."""
    raise NotImplementedError(snapshot.kind)  # each sort of letter is told in its own function


@_told.register
def _breach(snapshot: BreachSnapshot, words: Words) -> list[str]:
    said = [f"{snapshot.code} – {snapshot.known.title}", snapshot.known.description]
    said.append(words.say(text("It concerns: {name}", name=snapshot.controller_name)))
    return [each for each in said if each]


@_told.register
def _instruction(snapshot: InstructionSnapshot, words: Words) -> list[str]:
    return [
        f"{snapshot.code}\n{snapshot.says}",
        words.say(text("Provision: {which}", which=snapshot.provision)),
        words.say(text("It concerns: {name}", name=snapshot.name)),
    ]


@_told.register
def _duty(snapshot: DutySnapshot, words: Words) -> list[str]:
    return [
        f"{snapshot.code}\n{snapshot.data}",
        words.say(text("Provision: {which}", which=snapshot.provision)),
        words.say(text("It concerns: {name}", name=snapshot.name)),
    ]


@_told.register
def _certificate(snapshot: CertificateSnapshot, words: Words) -> list[str]:
    return [
        words.say(text("Certificate {number}", number=snapshot.certificate)),
        words.say(certificate_notices.GONE if snapshot.complete else certificate_notices.LEFT),
        words.say(text("It concerns: {name}", name=snapshot.name)),
    ]


@_told.register
def _changes(snapshot: NoticeSnapshot, words: Words) -> list[str]:
    changes = [
        text("{kind}: {name}", kind=each.kind.says, name=each.known.name)
        for each in snapshot.changes
    ]
    return _concerning(snapshot, changes, words)


@_told.register
def _version(snapshot: VersionSnapshot, words: Words) -> list[str]:
    told, known = snapshot.update, snapshot.update.known
    says = text("{name}, to be installed on {day}", name=known.name, day=told.planned_on)
    if snapshot.started_on:
        says = text("{name}, installed on {day}", name=known.name, day=snapshot.started_on)
    return _concerning(snapshot, [says], words)


def _concerning(snapshot: NoticeSnapshot, changes: Iterable[Text], words: Words) -> list[str]:
    """The changes, and the controllers whose contracts they concern."""
    names = list(dict.fromkeys(each.name for each in snapshot.contracts))
    whom = (
        text("It concerns: {name}", name=names[0])
        if len(names) == 1
        else text("It concerns {count} controllers; the notice names them.", count=len(names))
    )
    return [*(f"– {words.say(each)}" for each in changes), words.say(whom)]


@_told.register
def _officer(snapshot: OfficerSnapshot, words: Words) -> list[str]:
    """Who is named, and whom it concerns."""
    said = []
    if snapshot.form:
        said.append(words.say(text("Declaration {number}", number=snapshot.form)))
    if snapshot.officer:
        who = text("Data protection officer: {who}", who=snapshot.officer)
        said.append(words.say(who))
    if snapshot.now:
        said.append("\n".join(filter(None, snapshot.now.values())))
        return said
    names = ", ".join(snapshot.controllers)
    return [*said, words.say(text("It concerns: {name}", name=names))]


@_told.register
def _requested(snapshot: RequestSnapshot, words: Words) -> list[str]:
    """What is asked for, until when the controller answers; the request itself as a blank."""
    rights = "\n".join(f"– {words.say(each.says)}" for each in snapshot.rights)
    until = text(
        "You inform the person within one month (Art. 12(3)): until {due}, counted from our "
        "receipt, which is the earliest reading; until {extended}, if you extend it and tell the "
        "person so within the first month.",
        due=snapshot.due,
        extended=snapshot.extended,
    )
    whom = text("It concerns: {name}", name=", ".join(snapshot.controllers))
    return [f"{snapshot.code}\n{rights}", words.say(whom), REQUEST, words.say(until)]


def _paragraphs(parts: Parts, words: Words) -> list[str]:
    snapshot = parts.snapshot
    said: list[str] = []
    if isinstance(snapshot, BreachSnapshot) and snapshot.drill:
        said.append(words.say(breach_notices.DRILL))
    said.append(words.say(text("Dear Sir or Madam,")))
    opening = OPENINGS[parts.kind]
    said.append(words.say(text(opening.source, organisation=snapshot.organisation.name)))
    if parts.copy:
        copy = text(
            "This is a copy for information: another address was declared in place of yours, and "
            "for 30 days you get what is sent there."
        )
        said.insert(0, words.say(copy))
    said += _told(snapshot, words)
    if parts.kind in LINKED and not parts.copy:
        said.append(words.say(LINKED[parts.kind]))
    elif parts.kind in breach_notices.TITLES:
        asks = text("With this personal link you read the notice and acknowledge receipt:")
        said.append(words.say(asks))
    elif parts.kind in ASKS:
        said.append(
            words.say(
                text(
                    "With this personal link you read the notice, acknowledge receipt, and may "
                    "object; please do not pass it on:"
                )
            )
        )
    else:
        said.append(words.say(text("With this personal link you read the notice:")))
    said.append(parts.link)
    ours = snapshot.organisation
    signed = [ours.name, ours.dpo_name, ours.dpo_email or ours.email, ours.phone]
    said.append("\n".join(filter(None, signed)))
    return said


def _html(said: list[str], link: str, subject: str, words: Words) -> str:
    body = "\n".join(
        f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
        if each == link
        else "<p>" + escape(each).replace("\n", "<br>\n") + "</p>"
        for each in said
    )
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">\n{body}\n'
        "</body></html>\n"
    )


def filled(message: bytes, token: str, request: str = "") -> bytes:
    """The message as it leaves: with the secret of its link, and what a data subject asked for."""
    full = message.replace(BLANK.encode(), token.encode())
    if REQUEST.encode() not in full:
        return full
    lines = [part for line in request.splitlines() for part in _short(line)] or [""]
    # no line of a stranger begins one of ours: it might be taken for the end of a part
    plain = "\r\n".join(f"> {line}" for line in lines).encode()
    marked = "<br>\r\n ".join(map(escape, lines)).encode()
    return full.replace(f"<p>{REQUEST}</p>".encode(), b"<p>" + marked + b"</p>").replace(
        REQUEST.encode(), plain
    )


LONGEST = 200
"""Letters of a line: mail bears 998 bytes."""


def _short(line: str) -> list[str]:
    return wrap(line, LONGEST, break_on_hyphens=False) or [""]
