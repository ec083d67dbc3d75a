"""Approximate numbers of persons and records from a table: first looked at, then recorded.

Each row is one affected contract, known by the code of its controller and, where it has several,
by its reference. An empty cell leaves what is there; `?` forgets it. The same table twice changes
nothing; rows that cannot be right are refused and say why.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.breaches import finding
from registers.breaches.models import Affected, Breach
from registers.controllers.models import Contract, Controller
from registers.kernel.act import Act
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import fold
from registers.kernel.sheets import Cell, Sheet
from registers.kernel.words import Named, Text, text

HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("code", "code du responsable de traitement", "controller"),
    "contract": ("contract", "contrat", "référence du contrat", "contract_reference"),
    "persons": ("persons", "personnes", "nombre de personnes", "personnes concernées"),
    "records": ("records", "enregistrements", "nombre d’enregistrements", "lignes"),
}
"""The columns that are read, by name, with the headings that mean them; others are passed over."""

_BY_HEADING = {
    fold(heading).replace("_", " "): name for name, known in HEADINGS.items() for heading in known
}
MOST = 2_000_000_000
"""More persons than that there are not; both databases hold it."""
UNKNOWN = "?"
WITHOUT = "–"
"""Stands for the contract of a controller of whom data are held without one."""
DASHES = {WITHOUT, "-", "—"}


class Fate(Named):
    """What happens to a row."""

    NEW = "new", text("To be recorded")
    CHANGED = "changed", text("Changed")
    UNCHANGED = "unchanged", text("Unchanged")
    REFUSED = "refused", text("Refused")


Numbers = tuple[int | None, int | None]


@dataclass
class Row:
    """One row of the table, which contract it is about, and its fate."""

    number: int
    code: str
    reference: str
    name: str = ""
    affected_id: uuid.UUID | None = None
    before: Numbers = (None, None)
    after: Numbers = (None, None)
    fate: Fate = Fate.UNCHANGED
    reasons: list[tuple[str, Text]] = field(default_factory=list)
    """Why it is refused: the column, and the sentence."""


def plan(session: Session, head: Breach, sheet: Sheet) -> list[Row]:
    """What a table would record, row by row.

    Raises:
        Invalid: the codes or all numbers are missing, or a column stands twice.
    """
    names = _names(sheet.headings)
    found = _affected(session, head)
    rows: list[Row] = []
    seen: dict[uuid.UUID, int] = {}
    for number, cells in sheet.rows:
        written = {name: cell for name, cell in zip(names, cells, strict=True) if name}
        row = Row(number, written["code"].strip(), written.get("contract", "").strip())
        rows.append(row)
        _find(row, found)
        _count(row, written)
        if row.affected_id is not None and not row.reasons:
            first = seen.setdefault(row.affected_id, number)
            if first != number:
                row.reasons.append(
                    ("code", text("Row {number} is about the same contract.", number=first))
                )
        row.fate = _fate(row)
    return rows


def _names(headings: Sequence[str]) -> list[str | None]:
    names = [_BY_HEADING.get(fold(heading).replace("_", " ")) for heading in headings]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise Invalid(
            text("These columns stand twice: {columns}.", columns=", ".join(sorted(twice))), "file"
        )
    if "code" not in names:
        raise Invalid(text("The column “code” is missing."), "file")
    if "persons" not in names and "records" not in names:
        raise Invalid(text("Neither the column “persons” nor “records” is there."), "file")
    return names


@dataclass(frozen=True)
class _Held:
    """An affected contract as it is looked up."""

    id: uuid.UUID
    name: str
    reference: str
    numbers: Numbers


def _affected(session: Session, head: Breach) -> dict[str, list[_Held]]:
    """The contracts affected, by the code of their controller."""
    query = (
        sa.select(
            Affected.id,
            Controller.code,
            Controller.name,
            Contract.reference,
            Affected.persons,
            Affected.records,
        )
        .join(Controller, Controller.id == Affected.controller_id)
        .join(Contract, Contract.id == Affected.contract_id, isouter=True)
        .where(Affected.breach_id == head.id, Affected.removed_at.is_(None))
    )
    found: dict[str, list[_Held]] = {}
    for key, code, name, reference, persons, records in session.execute(query):
        held = _Held(key, name, reference or WITHOUT, (persons, records))
        found.setdefault(code, []).append(held)
    return found


def _find(row: Row, found: dict[str, list[_Held]]) -> None:
    held = found.get(row.code, [])
    if not held:
        row.reasons.append(
            ("code", text("No affected contract is of a controller with this code."))
        )
        return
    row.name = held[0].name
    if row.reference:
        wanted = WITHOUT if row.reference in DASHES else fold(row.reference)
        same = [each for each in held if fold(each.reference) == wanted]
        if not same:
            row.reasons.append(
                ("contract", text("This controller has no affected contract of this reference."))
            )
            return
    elif len(held) > 1:
        row.reasons.append(("contract", text("Several of its contracts are affected: say which.")))
        return
    else:
        same = held
    row.affected_id, row.before = same[0].id, same[0].numbers
    row.reference = same[0].reference


def _count(row: Row, written: dict[str, str]) -> None:
    after: list[int | None] = []
    for name, before in zip(("persons", "records"), row.before, strict=True):
        try:
            after.append(_number(written.get(name, ""), before))
        except Invalid as wrong:
            row.reasons.append((name, wrong.reason))
    if len(after) == len(row.before):
        row.after = (after[0], after[1])


def _number(cell: str, before: int | None) -> int | None:
    plain = "".join(cell.split()).removesuffix(".0")
    if not plain:
        return before
    if plain == UNKNOWN:
        return None
    if not (plain.isascii() and plain.isdecimal()) or int(plain) > MOST:
        raise Invalid(text("“{written}” is no whole number.", written=cell))
    return int(plain)


def _fate(row: Row) -> Fate:
    if row.reasons:
        return Fate.REFUSED
    if row.after == row.before:
        return Fate.UNCHANGED
    return Fate.NEW if row.before == (None, None) else Fate.CHANGED


def record(act: Act, head: Breach, sheet: Sheet) -> list[Row]:
    """Records the rows that are not refused, in this act; gives them all.

    Raises:
        Invalid: see `plan`.
    """
    rows = plan(act.session, head, sheet)
    numbers = {
        row.affected_id: row.after
        for row in rows
        if row.affected_id is not None and row.fate in {Fate.NEW, Fate.CHANGED}
    }
    if numbers:
        finding.count_persons(act, head.id, numbers)
    return rows


def table(session: Session, head: Breach) -> Iterator[list[Cell]]:
    """The affected contracts with their numbers, to be filled in under the names of `HEADINGS`."""
    for code, held in sorted(_affected(session, head).items()):
        for each in sorted(held, key=lambda one: fold(one.reference)):
            yield [code, each.reference, each.name, *each.numbers]
