"""`greffe import …` and `greffe export`: facts in and out."""

import sys
from pathlib import Path

import click
import msgspec

from app.commands.opening import installation, plainly
from app.config import Refused
from app.house import db, house
from registers.activities import queries as register
from registers.controllers import importing, operations
from registers.controllers.importing import Fate, Plan, Request
from registers.kernel import exchange, sheets
from registers.kernel.showing import shown
from registers.kernel.words import Words
from registers.people.roles import Permission, console
from registers.work import EXPORTED

ENGLISH = Words("en")


@click.group("import")
def bring_in() -> None:
    """Brings facts in."""


@bring_in.command("controllers")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--model", default=operations.STANDARD, help="Terms where the table says none.")
@click.option("--reason", default="Import", help="Stands in the history.")
@plainly
def controllers(path: Path, dry_run: bool, model: str, reason: str) -> None:
    """Controllers with their contracts, from CSV, XLSX or ODS; says every row's fate.

    The exit status is 1 when a row was refused; the others are imported all the same.
    """
    with installation():
        found = house()
        asked = Request(
            sheet=sheets.read(path.read_bytes(), path.name),
            terms=operations.terms_of_model(found.session, model, found.today),
            activities=frozenset(register.activity_names(found.session)),
            today=found.today,
            reason=reason,
        )
        if dry_run:
            done = importing.plan(found.session, asked)
        else:
            db.session.close()
            with found.acting(console()) as act:
                done = importing.import_all(act, asked)
    _tell(done)
    verb = "would be" if dry_run else "are"
    counts = ", ".join(f"{done.count(fate)} {fate.value}" for fate in Fate)
    click.echo(f"{len(done.rows)} rows {verb}: {counts}.")
    if done.count(Fate.REFUSED):
        sys.exit(1)


def _tell(done: Plan) -> None:
    for row in done.rows:
        line = f"row {row.number}  {row.fate.value:9}  {row.code}"
        if row.fate is Fate.REFUSED:
            line += "  " + "; ".join(
                f"{column}: {reason}" if column else str(reason) for column, reason in row.reasons
            )
        elif row.fate is Fate.CHANGED:
            line += "  " + "; ".join(
                f"{' / '.join(map(str, (change.field, *change.item)))}: "
                f"{_short(change.before)} -> {_short(change.after)}"
                for change in row.changes
            )
        click.echo(line)


def _short(value: object) -> str:
    if isinstance(value, msgspec.Struct):
        return ENGLISH.say(str(msgspec.to_builtins(value)))
    return shown(value, ENGLISH) or "-"


@bring_in.command("register")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def whole(path: Path) -> None:
    """Fills an empty installation with an exported register."""
    try:
        facts = msgspec.json.decode(path.read_bytes(), type=dict)
    except msgspec.MsgspecError as error:
        raise Refused(f"{path} is not an exported register: {error}") from error
    with installation(), house().acting(console()) as act:
        act.require(Permission.EXCHANGE)
        count = exchange.bring_in(act, EXPORTED, facts)
    click.echo(f"{count} subjects are brought in.")


@click.command()
@plainly
def export() -> None:
    """Writes the register's facts as JSON to standard output."""
    with installation(), house().database.reading() as session:
        facts = exchange.export(session, EXPORTED)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n")
