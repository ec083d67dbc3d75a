"""The emergency pack: what it takes to notify a breach when this program is what was hit.

Whom to tell, within how many hours, by which channels; what to write, in both languages; which
limits run. As pages, tables and texts that open without us, in one archive encrypted with a
passphrase that is kept elsewhere.
"""

import io
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyzipper
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.letters import BreachSnapshot
from registers.annexes.papers import breach_notices
from registers.breaches import oncall, rules
from registers.breaches.facts import Breach as Known
from registers.breaches.models import Affected, Breach
from registers.breaches.notifying import STEPS, TOLD_BY
from registers.breaches.vocabulary import Phase, Step
from registers.controllers import facts as parties
from registers.controllers import queries
from registers.controllers.models import Contact, Contract, Controller
from registers.delivery import plain
from registers.kernel import history, sheets
from registers.kernel.identifiers import fold
from registers.kernel.sheets import Cell
from registers.kernel.showing import shown
from registers.kernel.words import LANGUAGES, Text, Words, hour_of, text
from registers.notices import reaching

Files = dict[str, bytes]
BLANK = "…………"


class Pack(NamedTuple):
    """What goes into a pack, and how much it tells of."""

    files: Files
    controllers: int
    running: int
    """How many contracts of open breaches are not informed yet."""


class _Sheet(NamedTuple):
    title: Text
    headings: tuple[Text, ...]
    rows: list[list[Cell]]


def collect(session: Session, now: datetime, zone: str, language: str) -> Pack:
    """All files of a pack, as the registers stand.

    Args:
        session: a reading session.
        now: the moment.
        zone: the organisation's time zone.
        language: that of the tables; templates are in every language.
    """
    words, day = Words(language), now.astimezone(ZoneInfo(zone)).date()
    parted = _read(session, now)
    names = NAMES[words.language]
    contacts, clocks = _contacts(parted, words), _clocks(parted, zone)
    files: Files = {}
    for name, sheet in ((names["contacts"], contacts), (names["clocks"], clocks)):
        headings = [words.say(each) for each in sheet.headings]
        title = words.say(sheet.title)
        body = [plain.paragraph(_made(words, now, zone)), plain.table(headings, sheet.rows)]
        files[f"{name}.html"] = plain.page(words.language, title, body)
        files[f"{name}.csv"] = sheets.semicolons(headings, sheet.rows)
        files[f"{name}.xlsx"] = sheets.xlsx(headings, sheet.rows)
    ours = queries.organisation_facts(session, day) or parties.Organisation(name=BLANK)
    for each in LANGUAGES:
        files |= _templates(ours, each, day, zone)
    files[f"{names['read_me']}.html"] = _read_me(session, words, files, (now, zone, ours))
    running = sum(1 for row in parted.affected if row.informed_at is None)
    return Pack(files, len(parted.owners), running)


NAMES = {
    "fr": {
        "read_me": "LISEZ-MOI",
        "contacts": "responsables-de-traitement",
        "clocks": "delais-en-cours",
        "templates": "modeles",
    },
    "en": {
        "read_me": "READ-ME",
        "contacts": "controllers",
        "clocks": "running-limits",
        "templates": "templates",
    },
}
"""How the files are called; plain letters, which every system bears."""


class _Parties(NamedTuple):
    owners: Mapping[uuid.UUID, tuple[str, parties.Controller]]
    """With their codes, in the order of their names."""
    people: Mapping[uuid.UUID, parties.Contact]
    contracts: Mapping[uuid.UUID, list[tuple[uuid.UUID, parties.Contract]]]
    affected: list[Affected]
    breaches: Mapping[uuid.UUID, Breach]


def _read(session: Session, now: datetime) -> _Parties:
    day = now.date()
    heads = session.execute(
        sa.select(Controller.id, Controller.code).order_by(Controller.sorted, Controller.id)
    ).all()
    known: dict[uuid.UUID, parties.Controller] = history.known_on(
        session, Controller, day, [row[0] for row in heads]
    )
    owners = {row[0]: (row[1], known[row[0]]) for row in heads if row[0] in known}
    ids = {link.contact for _code, owner in owners.values() for link in owner.contacts}
    people: dict[uuid.UUID, parties.Contact] = history.known_on(session, Contact, day, ids)
    agreed: dict[uuid.UUID, list[tuple[uuid.UUID, parties.Contract]]] = {}
    keys = list(session.scalars(sa.select(Contract.id).order_by(Contract.sorted, Contract.id)))
    terms: dict[uuid.UUID, parties.Contract] = history.all_latest(session, Contract, keys)
    for key in keys:
        agreed.setdefault(terms[key].controller, []).append((key, terms[key]))
    real = sa.select(Breach).where(Breach.phase == Phase.OPEN, Breach.drill.is_(False))
    running = {row.id: row for row in session.scalars(real)}
    touched = (
        sa.select(Affected)
        .where(Affected.breach_id.in_(running), Affected.removed_at.is_(None))
        .order_by(Affected.ends_at, Affected.id)
    )
    affected = list(session.scalars(touched)) if running else []
    return _Parties(owners, people, agreed, affected, running)


def _reached(found: _Parties, owner: parties.Controller) -> parties.Contact | None:
    """Whom a breach is told to: as the program would."""
    link = reaching.link_of(owner, found.people, TOLD_BY)
    if link is None:
        held = [each for role in TOLD_BY for each in owner.contacts if each.role is role]
        link = next(iter(held), None)
    return found.people.get(link.contact) if link else None


def _contacts(found: _Parties, words: Words) -> _Sheet:
    headings = (
        text("Code"),
        text("Controller"),
        text("Contact for breaches"),
        text("Function"),
        text("E-mail"),
        text("Telephone"),
        text("All points of contact"),
        text("Address"),
        text("Language"),
        text("Contract"),
        text("Hours to notify"),
        text("Channels"),
        text("Activities"),
        text("Ended on"),
    )
    rows: list[list[Cell]] = []
    for key, (code, owner) in found.owners.items():
        contact = _reached(found, owner)
        about: list[Cell] = [
            code,
            owner.name,
            contact.full_name if contact else "",
            contact.function if contact else "",
            contact.email if contact else "",
            (contact.phone if contact else "") or owner.phone,
            _everybody(found, owner, words),
            "\n".join(reaching.envelope(owner, "", words)),
        ]
        held = [contract for _id, contract in found.contracts.get(key, [])]
        rows += [[*about, *_agreed(owner, each, words)] for each in held or (None,)]
    return _Sheet(text("Controllers: whom to tell, by when, how"), headings, rows)


def _everybody(found: _Parties, owner: parties.Controller, words: Words) -> str:
    lines = []
    for link in owner.contacts:
        person = found.people.get(link.contact)
        if person is not None:
            reached = [person.full_name, person.email, person.phone]
            lines.append(f"{words.say(link.role.says)} : {' · '.join(filter(None, reached))}")
    return "\n".join(lines)


def _agreed(
    owner: parties.Controller, contract: parties.Contract | None, words: Words
) -> list[Cell]:
    terms = contract.terms if contract else parties.Terms()
    hours, channels = rules.strictest([terms] if contract else [])
    return [
        terms.language or owner.language,
        contract.reference if contract else "",
        hours,
        shown(channels, words),
        ", ".join(each.code for each in contract.services) if contract else "",
        contract.ended_on if contract else None,
    ]


def _clocks(found: _Parties, zone: str) -> _Sheet:
    headings = (
        text("Breach"),
        text("What happened"),
        text("Controller"),
        text("Contract"),
        text("Time ends (zone {zone})", zone=zone),
        text("Time ends (UTC)"),
        text("Informed at"),
        text("Formalities complete"),
        text("Contact for breaches"),
        text("E-mail"),
        text("Telephone"),
    )
    local = ZoneInfo(zone)
    names = {key: one.reference for held in found.contracts.values() for key, one in held}

    def at(moment: datetime | None, there: ZoneInfo = local) -> str:
        return f"{moment.astimezone(there):%Y-%m-%d %H:%M}" if moment else ""

    rows: list[list[Cell]] = []
    for row in found.affected:
        head, (_code, owner) = found.breaches[row.breach_id], found.owners[row.controller_id]
        contact = _reached(found, owner)
        rows.append(
            [
                head.code,
                head.title,
                owner.name,
                names.get(row.contract_id, "") if row.contract_id else "",
                at(row.ends_at),
                at(row.ends_at, ZoneInfo("UTC")),
                at(row.informed_at),
                at(row.complete_at),
                contact.full_name if contact else "",
                contact.email if contact else "",
                (contact.phone if contact else "") or owner.phone,
            ]
        )
    return _Sheet(text("Running limits"), headings, rows)


def _made(words: Words, now: datetime, zone: str) -> str:
    local = now.astimezone(ZoneInfo(zone))
    return words.say(
        text(
            "State of {day}, {time} (zone {zone}).",
            day=local.date(),
            time=partial(hour_of, local),
            zone=zone,
        )
    )


def _templates(ours: parties.Organisation, language: str, day: object, zone: str) -> Files:
    """The notices of each phase with blanks, to be filled in by hand."""
    words = Words(language)
    files: Files = {}
    for step, kind in STEPS.items():
        blank = BreachSnapshot(
            kind=f"notice_{kind.value}",
            on=day,  # type: ignore[arg-type]
            organisation=ours,
            number=BLANK,
            code=BLANK,
            step=step,
            drill=False,
            language=language,
            zone=zone,
            name=BLANK,
            lines=(BLANK,),
            controller_name=BLANK,
            references=(BLANK,),
            known=Known(title=BLANK, measures_before=BLANK, measures_planned=BLANK),
        )
        title = words.say(breach_notices.TITLES[kind])
        body = [plain.paragraph(ours.name), plain.paragraph(f"{BLANK}, {BLANK}")]
        for section in breach_notices.SECTIONS:
            body += plain.blocks(section(blank, words))
        body.append(plain.paragraph("\n".join(filter(None, _signed(ours)))))
        name = f"{_place(language)}{list(Step).index(step) + 1}-{fold(kind.value)}-{language}.html"
        files[name] = plain.page(language, title, body)
    return files


def _place(language: str) -> str:
    return f"{NAMES[language]['templates']}/"


def _signed(ours: parties.Organisation) -> list[str]:
    return [ours.name, ours.dpo_name, ours.dpo_email or ours.email, ours.dpo_phone or ours.phone]


def _read_me(
    session: Session,
    words: Words,
    files: Files,
    made: tuple[datetime, str, parties.Organisation],
) -> bytes:
    now, zone, ours = made
    names = NAMES[words.language]
    steps = (
        text("Note the hour at which it became reasonably certain: the limits run from it."),
        text(
            "Take from the table of controllers those whose activities are touched: hours, "
            "channels and contacts stand there, contract by contract."
        ),
        text(
            "Write to each from the template of the first notice, in its language: a notice of its "
            "own, which names no other controller. What is not known yet may follow (Art. 33(4))."
        ),
        text("Within {hours} hours where a contract says nothing else.", hours=rules.HOURS),
        text(
            "Keep each proof: the e-mail as it left, the slip of the post, who was on the "
            "telephone and when."
        ),
        text(
            "As soon as the program runs again, record the breach, and what was told by hand, with "
            "its true instants and proofs."
        ),
    )
    reach = oncall.reach(session)
    body = [
        plain.paragraph(_made(words, now, zone)),
        plain.paragraph(
            words.say(
                text(
                    "This pack serves to notify a breach of personal data when the program cannot "
                    "be used. It holds personal data: keep it encrypted."
                )
            ),
            "warning",
        ),
        plain.heading(words.say(text("What to do"))),
        plain.items(map(words.say, steps), numbered=True),
        plain.heading(words.say(text("Files"))),
        _links(files, names),
        plain.heading(words.say(text("Who is on call"))),
        plain.items([*reach.emails, *filter(None, _signed(ours))]),
    ]
    title = words.say(text("Emergency pack – {organisation}", organisation=ours.name))
    return plain.page(words.language, title, body)


def _links(files: Files, names: Mapping[str, str]) -> str:
    ordered = sorted(files, key=lambda name: (not name.startswith(names["contacts"]), name))
    return "<ul>" + "".join(f"<li>{plain.link(name, name)}</li>" for name in ordered) + "</ul>"


def encrypted(files: Files, passphrase: str) -> bytes:
    """One archive: ZIP with AES-256 (WinZip's AE-2), which 7-Zip, WinZip and Keka open.

    The names of the files can be read without the passphrase, and say nothing.
    """
    written = io.BytesIO()
    with pyzipper.AESZipFile(
        written, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in _ordered(files):
            archive.writestr(name, content)
    return written.getvalue()


def _ordered(files: Files) -> Iterator[tuple[str, bytes]]:
    first: Sequence[str] = [each["read_me"] for each in NAMES.values()]
    yield from sorted(files.items(), key=lambda each: (not each[0].startswith(tuple(first)), each))
