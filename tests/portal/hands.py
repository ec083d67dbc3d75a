"""What tests of the portal share: notices that were sent, their links, a visitor's browser."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import sqlalchemy as sa
from msgspec.structs import replace as revised

from registers import work
from registers.announcements.facts import Change
from registers.announcements.vocabulary import ChangeKind
from registers.controllers import operations as parties
from registers.controllers.facts import ContactLink
from registers.controllers.models import Controller
from registers.controllers.vocabulary import ContactRole
from registers.kernel import history
from registers.kernel.act import Actor
from registers.kernel.base import Base
from registers.kernel.history import How
from registers.notices import links
from registers.notices.models import Matter, Notice
from registers.people.roles import CONTACT, WORKER
from tests.announcements.telling import ANNOUNCER, announced, rows
from tests.delivery.hands import Post, tools
from tests.site import Client

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""A Monday on which the identity of the tests seals."""
INTENDED = Change(
    code="BOREALE",
    kind=ChangeKind.ADDITION,
    planned_on=date(2027, 3, 1),
    reason="Meilleure délivrabilité des courriels.",
)
SECRET = b"s" * 32
LATER = datetime(2027, 12, 1, tzinfo=UTC)


def share_contact(database, *codes):
    """One point of contact, told of everything, for several controllers: that of the first."""
    with database.acting(ANNOUNCER) as act:
        heads = {row.code: row for row in rows(database, Controller, Controller.code.in_(codes))}
        first = history.latest(act.session, heads[codes[0]])
        contact = next(link.contact for link in first.contacts if link.role is ContactRole.NOTICE)
        for code in codes[1:]:
            head = act.take(Controller, heads[code].id)
            known = history.latest(act.session, head)
            others = tuple(link for link in known.contacts if link.role is not ContactRole.NOTICE)
            link = ContactLink(role=ContactRole.NOTICE, contact=contact)
            again = revised(known, contacts=(link, *others))
            how = How(head.effective_from, "Un même référent")
            parties.change_controller(act, head.id, again, head.latest, how)


def told(database, clock, **more):
    """The fictional parties, just told of a change; nothing has left."""
    return announced(database, clock, at=AT, **{"changes": (INTENDED,), **more})


def sent(site, post=None):
    """Everything that is due has left, as a worker of this installation does it; the messages."""
    post = post or Post()
    mine = replace(tools(site.house.database, post), secret=site.house.home.portal_secret)
    work.drain(mine, lambda: False)
    return [
        (recipient, email.message_from_bytes(content, policy=email.policy.default))
        for recipient, _sender, content in post.taken
    ]


def notice_of(database, code, kind="subprocessors"):
    """The notice that a controller was sent last."""
    found = rows(
        database,
        Notice,
        Notice.kind == kind,
        Notice.id == Matter.notice_id,
        Matter.controller_id == Controller.id,
        Controller.code == code,
    )
    return max(found, key=lambda notice: notice.number)


def linked(database, notice, secret=SECRET, until=LATER):
    """The link of a notice and its secret, as the worker writes it into the message."""
    with database.acting(WORKER) as act:
        token = links.issue(act, [notice.id], secret, until)[notice.id]
    with database.reading() as session:
        return links.opened(session, token, database.now()), token


def linked_on(site, code, kind="subprocessors"):
    """The secret of the link of a controller's notice, on a whole site."""
    database = site.house.database
    secret = site.house.home.portal_secret
    return linked(database, notice_of(database, code, kind), secret)[1]


def link_in(message):
    """The path of the link that a message carries."""
    plain = message.get_body(("plain",)).get_content()
    return re.search(r"https?://[^/\s]+(/n/\S+)", plain)[1]


def code_in(message):
    """The code that a message carries."""
    found = re.search(r"^\s+(\d{3}) (\d{3})\s*$", message.get_content(), re.MULTILINE)
    return found[1] + found[2]


def last_code(site):
    """The code that leaves now."""
    messages = [message for _, message in sent(site) if message["Auto-Submitted"]]
    return code_in(messages[-1])


class Visitor:
    """A browser that followed a link: it knows the address of its visit."""

    def __init__(self, site, token, language=""):
        self.site = site
        self.client: Client = site.client()
        answer = self.client.get(f"/n/{token}")
        assert answer.status_code == 303, answer.text
        self.led_to = answer.headers["Location"]
        self.home = self.led_to.removesuffix("/letter")
        if language:
            self.client.get(f"/language/{language}")

    def get(self, page=""):
        return self.client.get(f"{self.home}{page}", buffered=True)

    def read(self, page=""):
        """The text of a page, without its markup."""
        answer = self.get(page)
        assert answer.status_code == 200, answer.text
        return bare(answer.text)

    def post(self, page, **fields):
        return self.client.send(f"{self.home}{page}", **fields)

    def answer(self, page, **fields):
        """Answers as people do: asks for a code, reads it, gives it with their name."""
        assert self.post(page, send_code="1").status_code == 200
        by = {"by_name": "Odile Chabrol", "by_function": "Maire"}
        return self.post(page, **{**by, "code": last_code(self.site), **fields})


def bare(text):
    """The words of a page."""
    main = re.search(r"<main.*</main>", text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", (main or [text])[0]).split())


def somebody_with(*permissions):
    """An actor who may do only this."""
    return Actor("console", frozenset(permissions))


def contact(link):
    """Whoever holds a link, as the journal names them."""
    return Actor("contact", CONTACT, link.id)


def dump(database):
    """Everything that is kept: every row of every table, and every file."""
    with database.reading() as session:
        tables = [
            repr(session.execute(sa.select(table)).all()) for table in Base.metadata.sorted_tables
        ]
        store = database.files
        files = [store.get(session, name) for name in store.names(session)]
    return "\n".join(tables).encode() + b"\n".join(files)


def read(content):
    """A message as a mail programme reads it."""
    return email.message_from_bytes(content, policy=email.policy.default)
