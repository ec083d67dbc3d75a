"""Letters and the mail room: a table of addresses goes out, filled in it comes back.

The same columns both ways. First what each row would record is shown, then exactly that; what is
on record already is left as it is, so that the same table twice changes nothing.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import columns
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import fold
from registers.kernel.sheets import Sheet
from registers.kernel.words import Named, Text, Words, plural, text
from registers.notices import dossiers
from registers.notices.models import Dispatch, Notice, Posted
from registers.notices.post import Slip
from registers.notices.vocabulary import BY_POST, DispatchState, PostalEvent

LINES = 7
"""How many lines the window of an envelope shows."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "notice": ("notice", "notification", "numéro de notification", "référence"),
    "code": ("code", "code du responsable de traitement"),
    "deposit_number": (
        *("deposit_number", "numéro de dépôt", "numéro de recommandé", "n° de recommandé"),
        *("numéro d’envoi",),
    ),
    "deposited_on": ("deposited_on", "date de dépôt", "déposé le"),
    "event": ("event", "événement", "évènement", "suite"),
    "happened_on": (
        *("happened_on", "date de l’événement", "date de réception", "le", "received_on"),
    ),
    "note": ("note", "observation", "observations"),
}
"""The columns that are read, by name, with the headings that mean them: the first one is ours, the
second one its French; others are passed over."""

_BY_HEADING = {
    fold(heading).replace("_", " "): column
    for column, headings in HEADINGS.items()
    for heading in headings
}

ALSO = {
    "ar signe": PostalEvent.HANDED_OVER,
    "distribue": PostalEvent.HANDED_OVER,
    "remis": PostalEvent.HANDED_OVER,
    "recu": PostalEvent.HANDED_OVER,
    "received": PostalEvent.HANDED_OVER,
    "delivered": PostalEvent.HANDED_OVER,
    "avise": PostalEvent.PRESENTED,
    "npai": PostalEvent.UNKNOWN,
    "inconnu": PostalEvent.UNKNOWN,
    "pli non reclame": PostalEvent.UNCLAIMED,
    "retourne": PostalEvent.RETURNED,
}
"""What mail rooms write for what happened, folded, beside the words of the register."""


def letters(
    session: Session, of_cause: sa.ColumnElement[bool], words: Words
) -> list[list[str | date | None]]:
    """The letters of some notices, each with its address, and what is known of it so far.

    The columns are those of `headings`.
    """
    query = (
        sa.select(Dispatch, Notice.number, Controller.code, Controller.name)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .join(Controller, Controller.id == Dispatch.controller_id)
        .where(
            of_cause,
            Dispatch.channel.in_(BY_POST),
            Dispatch.state != DispatchState.CANCELLED,
        )
        .order_by(Controller.sorted, Notice.number, Dispatch.id)
    )
    rows = session.execute(query).all()
    events = dossiers.events(session, [row[0].id for row in rows])
    found: list[list[str | date | None]] = []
    for dispatch, number, code, name in rows:
        lines = dispatch.address.splitlines()[:LINES]
        known = events.get(dispatch.id, [])
        deposits = [each for each in known if each.event is PostalEvent.DEPOSITED]
        later = [each for each in known if each.event is not PostalEvent.DEPOSITED]
        found.append(
            [
                number,
                code,
                name,
                *lines,
                *[""] * (LINES - len(lines)),
                dispatch.number,
                deposits[-1].happened_on if deposits else None,
                words.say(later[-1].event.says) if later else "",
                later[-1].happened_on if later else None,
                later[-1].note if later else "",
            ]
        )
    return found


SAID: dict[tuple[Channel, DispatchState], Text] = {
    (Channel.REGISTERED_LETTER, DispatchState.TO_DO): plural(
        "registered letter to be sent", "registered letters to be sent", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.SENT): plural(
        "registered letter sent", "registered letters sent", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.UNCERTAIN): plural(
        "registered letter sent, perhaps twice", "registered letters sent, perhaps twice", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.FAILED): plural(
        "registered letter that failed", "registered letters that failed", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.DELIVERED): plural(
        "registered letter delivered", "registered letters delivered", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.RETURNED): plural(
        "registered letter that came back", "registered letters that came back", 0
    ),
    (Channel.REGISTERED_LETTER, DispatchState.CANCELLED): plural(
        "registered letter not sent any more", "registered letters not sent any more", 0
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.TO_DO): plural(
        "electronic registered letter to be sent", "electronic registered letters to be sent", 0
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.SENT): plural(
        "electronic registered letter sent", "electronic registered letters sent", 0
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.UNCERTAIN): plural(
        "electronic registered letter sent, perhaps twice",
        "electronic registered letters sent, perhaps twice",
        0,
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.FAILED): plural(
        "electronic registered letter that failed", "electronic registered letters that failed", 0
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.DELIVERED): plural(
        "electronic registered letter delivered", "electronic registered letters delivered", 0
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.RETURNED): plural(
        "electronic registered letter that came back",
        "electronic registered letters that came back",
        0,
    ),
    (Channel.ELECTRONIC_REGISTERED, DispatchState.CANCELLED): plural(
        "electronic registered letter not sent any more",
        "electronic registered letters not sent any more",
        0,
    ),
}
"""What letters are that stand somewhere, as it is said of one and of many."""


class Standing(NamedTuple):
    """How many letters stand where, on one channel of the post."""

    channel: Channel
    state: DispatchState
    number: int

    @property
    def says(self) -> Text:
        """What they are, as it is said of so many, without their number."""
        return msgspec.structs.replace(SAID[self.channel, self.state], count=self.number)


def standing(session: Session, of_cause: sa.ColumnElement[bool]) -> list[Standing]:
    """How many letters of some notices stand where."""
    query = (
        sa.select(Dispatch.channel, Dispatch.state, sa.func.count())
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(of_cause, Dispatch.channel.in_(BY_POST))
        .group_by(Dispatch.channel, Dispatch.state)
        .order_by(Dispatch.channel, Dispatch.state)
    )
    return [Standing(*row) for row in session.execute(query)]


class Column(NamedTuple):
    """A column that is read: how readers of a language call it, its name, what else is read."""

    called: str
    name: str
    also: tuple[str, ...]


def columns_read(language: str) -> list[Column]:
    """The columns that are read, for readers of a language."""
    found = []
    for name, (_, french, *others) in HEADINGS.items():
        ours = name.replace("_", " ").capitalize()
        called, also = (
            (french.capitalize(), others) if language == "fr" else (ours, [french, *others])
        )
        found.append(Column(called, name, tuple(each for each in also if each != name)))
    return found


def headings(language: str) -> list[str]:
    """The headings of the table that goes to the mail room."""
    place = 1 if language == "fr" else 0
    names = {column: known[place].capitalize() for column, known in HEADINGS.items()}
    if language != "fr":
        names = {column: known[0] for column, known in HEADINGS.items()}
    name, line = ("Nom", "Ligne") if language == "fr" else ("name", "line")
    given = [f"{line} {number}" for number in range(1, LINES + 1)]
    filled = ("deposit_number", "deposited_on", "event", "happened_on", "note")
    return [names["notice"], names["code"], name, *given, *(names[each] for each in filled)]


class Fate(Named):
    """What happens to a row of slips."""

    NEW = "new", text("To record")
    UNCHANGED = "unchanged", text("On record already, or nothing filled in")
    REFUSED = "refused", text("Refused")


@dataclass
class Row:
    """One row of the table, and what it would record."""

    number: int
    notice: str
    code: str
    fate: Fate = Fate.UNCHANGED
    dispatch_id: uuid.UUID | None = None
    slips: list[Slip] = field(default_factory=list)
    reason: tuple[str, Text] | None = None
    """Why it is refused: the column, and the sentence."""

    def refuse(self, column: str, reason: Text) -> None:
        """Leaves the row out."""
        self.fate, self.reason, self.slips = Fate.REFUSED, (column, reason), []


def plan(session: Session, sheet: Sheet, today: date) -> list[Row]:
    """What a table of slips would record, row by row, without doing it.

    Raises:
        Invalid: the numbers of the notices or the codes of the controllers are missing.
    """
    places = {_BY_HEADING.get(fold(name).replace("_", " ")): at for at, name in _each(sheet)}
    lacking = [name for name in ("notice", "code") if name not in places]
    if lacking:
        raise Invalid(text("The column {column} is missing.", column=HEADINGS[lacking[0]][0]))
    rows = []
    for number, cells in sheet.rows:
        given = {name: cells[at].strip() for name, at in places.items() if name is not None}
        rows.append((Row(number, given["notice"], given["code"]), given))
    known = _known(session, {row.notice for row, _ in rows})
    events = dossiers.events(session, [key for found in known.values() for key in found])
    for row, given in rows:
        _decide(row, given, known, events, today)
    return [row for row, _ in rows]


def _each(sheet: Sheet) -> Iterator[tuple[int, str]]:
    return ((at, name) for at, name in enumerate(sheet.headings))


def _known(session: Session, numbers: set[str]) -> dict[tuple[str, str], list[uuid.UUID]]:
    """The letters by the number of their notice and the code of their controller."""
    found: dict[tuple[str, str], list[uuid.UUID]] = {}
    for part in history.parts(sorted(numbers)):
        query = (
            sa.select(Notice.number, Controller.code, Dispatch.id)
            .join(Dispatch, Dispatch.notice_id == Notice.id)
            .join(Controller, Controller.id == Dispatch.controller_id)
            .where(Notice.number.in_(part), Dispatch.channel.in_(BY_POST))
            .order_by(Dispatch.id)
        )
        for number, code, key in session.execute(query):
            found.setdefault((number, code), []).append(key)
    return found


def _decide(
    row: Row,
    given: dict[str, str],
    known: dict[tuple[str, str], list[uuid.UUID]],
    events: dict[uuid.UUID, list[Posted]],
    today: date,
) -> None:
    letters = known.get((row.notice, row.code), [])
    if len(letters) != 1:
        row.refuse("notice", text("There is no letter of this notice to this controller."))
        return
    row.dispatch_id = letters[0]
    there = {(each.event, each.happened_on) for each in events.get(letters[0], ())}
    for column in ("deposited_on", "happened_on"):
        try:
            slip = _slip(given, column)
        except Invalid as error:
            row.refuse(error.field or column, error.reason)
            return
        if slip is None or (slip.event, slip.happened_on) in there:
            continue
        if slip.happened_on > today + timedelta(days=1):
            row.refuse(column, text("This day is still to come."))
            return
        row.slips.append(slip)
        row.fate = Fate.NEW


def _slip(given: dict[str, str], column: str) -> Slip | None:
    """What the two pairs of columns say: the deposit, and what happened then."""
    written, number = given.get(column, ""), given.get("deposit_number", "").lstrip("'")
    event, note = given.get("event", ""), given.get("note", "").lstrip("'")
    if column == "deposited_on":
        return Slip(PostalEvent.DEPOSITED, columns.day(written), number) if written else None
    if not written:
        if event:
            raise Invalid(text("Say on which day that happened."), column)
        return None
    what: Any = PostalEvent.HANDED_OVER
    if event:
        what = ALSO.get(fold(event).replace("_", " ")) or _event(event)
    return Slip(what, columns.day(written), number, note)


def _event(written: str) -> Named:
    try:
        return columns.member(PostalEvent, written)
    except Invalid as error:
        raise Invalid(error.reason, "event") from error


def count(rows: Sequence[Row], fate: Fate) -> int:
    """How many rows have a fate."""
    return sum(row.fate is fate for row in rows)
