"""The emergency pack on its way: made every week and on demand, and taken off this machine.

A pack that never left is worth nothing, so it counts as made only where it reached every place
it was meant for.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from registers.breaches import oncall
from registers.controllers import queries as parties
from registers.kernel import audit, outbox
from registers.kernel.act import Act, Actor, Database
from registers.kernel.base import Base, Keyed, Regime
from registers.kernel.errors import Invalid
from registers.kernel.files import digest
from registers.kernel.outbox import Taken
from registers.kernel.words import LANGUAGES, Words, text
from registers.notices.transport import Undelivered
from registers.people.roles import Permission

if TYPE_CHECKING:
    from registers.delivery.emergency import Pack  # knows papers, which takes a second to learn
    from registers.work import Tools

MAKE = outbox.kind("emergency.make")
"""Work of the outbox: make an emergency pack and take it off this machine."""

ASKED = audit.kind("emergency.asked", text("Emergency pack asked for"), "weekly")
MADE = audit.kind("emergency.made", text("Emergency pack made"), "sha256", "places", "controllers")
FAILED = audit.kind("emergency.failed", text("Emergency pack failed"))

WEEK = timedelta(days=7)
OLD = timedelta(days=8)
"""From this age on administrators are told on every page."""
MOST_ATTEMPTS = 4
SHORTEST_PASSPHRASE = 20
"""The ZIP format makes little effort against guessing, so the passphrase is long."""


class EmergencyPack(Keyed, Base):
    """A pack that was made, or the attempt that failed. The file itself is kept elsewhere."""

    __tablename__ = "emergency_pack"
    __table_args__ = (sa.Index("ix_emergency_pack_at", "at"),)
    regime = Regime.LEDGER

    at: Mapped[datetime]
    ok: Mapped[bool]
    """Whether it reached every place it was meant for."""
    sha256: Mapped[str]
    size: Mapped[int]
    controllers: Mapped[int]
    running: Mapped[int]
    """How many contracts of open breaches were not informed then."""
    places: Mapped[list[str]]
    """Where it went."""
    error: Mapped[str]
    author: Mapped[str]


class Elsewhere(NamedTuple):
    """Where packs go, as the configuration says."""

    passphrase: str = ""
    folder: str = ""
    """Its name for people; empty: none."""
    put: Callable[[str, bytes], None] = lambda _name, _content: None
    """Writes a file there. Raises OSError."""

    def is_set(self, *, by_email: bool) -> bool:
        """Whether a pack can be made, and leaves."""
        return bool(self.passphrase) and (bool(self.folder) or by_email)


class Made(NamedTuple):
    """A pack, encrypted."""

    name: str
    content: bytes
    pack: "Pack"


def make(session: Session, passphrase: str, now: datetime, zone: str) -> Made:
    """Makes a pack of the registers as they stand.

    Raises:
        Invalid: there is no passphrase, or a short one.
    """
    from registers.delivery import emergency  # noqa: PLC0415 see above

    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid(text("The emergency pack has no passphrase: set GREFFE_PACK_PASSPHRASE."))
    language = _language(session)
    pack = emergency.collect(session, now, zone, language)
    local = now.astimezone(ZoneInfo(zone))
    called = "dossier-urgence" if Words(language).language == "fr" else "emergency-pack"
    content = emergency.encrypted(pack.files, passphrase)
    return Made(f"{called}-{local:%Y%m%dT%H%M}.zip", content, pack)


def ask(act: Act, *, weekly: bool = False) -> None:
    """Has a pack made after the act: on demand once a minute at most, by itself once a day."""
    act.require(Permission.ALARM if weekly else Permission.ON_CALL)
    key = f"{act.now:%Y-%m-%d}" if weekly else f"{act.now:%Y-%m-%dT%H:%M}"
    outbox.put(act, [outbox.Wanted(MAKE, f"{MAKE}:{key}", f"{MAKE}:{key}", act.now)])
    act.log(ASKED, "emergency_pack", weekly=weekly)


class Standing(NamedTuple):
    """How the emergency pack stands."""

    last: EmergencyPack | None
    """The last one that reached every place."""
    failed: EmergencyPack | None
    """A later attempt that did not."""
    under_way: bool

    def age(self, now: datetime) -> timedelta | None:
        """How old the last one is."""
        return now - self.last.at if self.last else None

    def is_old(self, now: datetime) -> bool:
        """Whether administrators are told that there is none, or no recent one."""
        age = self.age(now)
        return age is None or age > OLD


def standing(session: Session) -> Standing:
    """What was last made, and what failed since."""
    newest = sa.select(EmergencyPack).order_by(EmergencyPack.at.desc()).limit(1)
    last = session.scalar(newest.where(EmergencyPack.ok.is_(True)))
    latest = session.scalar(newest)
    failed = latest if latest is not None and not latest.ok else None
    waits = sa.select(outbox.Outbox.id).where(
        outbox.Outbox.kind == MAKE,
        outbox.Outbox.state.in_((outbox.State.WAITING, outbox.State.TAKEN)),
    )
    return Standing(last, failed, session.scalar(waits.limit(1)) is not None)


def see_to(database: Database, actor: Actor, elsewhere: Elsewhere) -> None:
    """Asks for the weekly pack where it is time: for a sweep."""
    with database.reading() as session:
        row = session.get(oncall.OnCall, oncall.ONLY)
        by_email = row is not None and row.pack_by_email and bool(row.emails)
        if not elsewhere.is_set(by_email=by_email):
            return
        found, now = standing(session), database.now()
    recent = found.last is not None and now - found.last.at < WEEK
    tried = found.failed is not None and now - found.failed.at < timedelta(days=1)
    if recent or found.under_way or tried:
        return
    with database.acting(actor) as act:
        ask(act, weekly=True)


def produce(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`. Several at once are one pack."""
    database = tools.press.database
    row = leave(tools)
    ids = [each.id for each in work]
    if row.ok or max(each.attempts for each in work) >= MOST_ATTEMPTS:
        with database.upkeep() as traces:
            outbox.settle(traces, ids, tools.holder, database.now())
        return
    with database.upkeep() as traces:
        for key in ids:
            outbox.put_back(traces, key, tools.holder, database.now(), row.error)


def leave(tools: "Tools") -> EmergencyPack:
    """Makes a pack, takes it to every place, and records what became of it."""
    database = tools.press.database
    with database.reading() as session:
        row = session.get(oncall.OnCall, oncall.ONLY)
        emails = tuple(row.emails) if row is not None and row.pack_by_email else ()
        ours = parties.organisation(session)
        try:
            made = make(session, tools.elsewhere.passphrase, database.now(), tools.press.zone)
        except Invalid as error:
            return _record(tools, None, [], str(error.reason))
    places, errors = _taken_away(tools, made, emails, ours.name if ours else "")
    if not places and not errors:
        errors = [str(text("It would go nowhere: set GREFFE_PACK_FOLDER, or send it by e-mail."))]
    return _record(tools, made, places, "; ".join(errors))


def _taken_away(
    tools: "Tools", made: Made, emails: Sequence[str], organisation: str
) -> tuple[list[str], list[str]]:
    places, errors = [], []
    if tools.elsewhere.folder:
        try:
            tools.elsewhere.put(made.name, made.content)
            places.append(tools.elsewhere.folder)
        except OSError as error:
            errors.append(f"{tools.elsewhere.folder}: {error.strerror or error}")
    with tools.mail.session() as hand_over:
        for address in emails:
            try:
                hand_over(_message(tools, made, address, organisation), tools.sender, address)
                places.append(address)
            except Undelivered as error:
                errors.append(f"{address}: {error}")
    return places, errors


def _record(tools: "Tools", made: Made | None, places: Sequence[str], error: str) -> EmergencyPack:
    with tools.press.database.acting(tools.press.actor) as act:
        act.require(Permission.ALARM)
        row = EmergencyPack(
            at=act.now,
            ok=not error,
            sha256=digest(made.content) if made else "",
            size=len(made.content) if made else 0,
            controllers=made.pack.controllers if made else 0,
            running=made.pack.running if made else 0,
            places=list(places),
            error=error,
            author=act.actor.reference,
        )
        act.session.add(row)
        if error:
            act.log(FAILED, row, values={"error": error, "places": list(places)})
        else:
            act.log(
                MADE,
                row,
                values={"places": list(places)},
                sha256=row.sha256,
                places=len(places),
                controllers=row.controllers,
            )
    return row


def _language(session: Session) -> str:
    row = session.get(oncall.OnCall, oncall.ONLY)
    return row.language if row else LANGUAGES[0]


def _message(tools: "Tools", made: Made, address: str, organisation: str) -> bytes:
    with tools.press.database.reading() as session:
        words = Words(_language(session))
    said = (
        text(
            "Attached is the emergency pack: what it takes to notify a breach of personal data "
            "when the program cannot be used."
        ),
        text(
            "It is encrypted. 7-Zip, WinZip or Keka opens it with the passphrase that is kept "
            "elsewhere; the file READ-ME or LISEZ-MOI says what to do."
        ),
        text("Keep this message until the next one comes, in a week, then delete it."),
    )
    now = tools.press.database.now()
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(organisation, addr_spec=tools.sender)
    message["To"] = address
    message["Subject"] = words.say(
        text("Emergency pack – {organisation}", organisation=organisation)
    )
    message["Date"] = format_datetime(now.replace(microsecond=0))
    domain = tools.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{uuid.uuid4()}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(map(words.say, said)) + "\n")
    message.add_attachment(made.content, maintype="application", subtype="zip", filename=made.name)
    return message.as_bytes()
