"""`greffe annex`: sealed papers without a browser."""

import os
import re
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa

from app.commands.opening import installation, plainly
from app.config import Refused
from app.house import db, house
from app.pressing import press_of
from registers.annexes import making
from registers.annexes.making import Press
from registers.annexes.workers import Workers
from registers.controllers.models import Controller
from registers.kernel.words import LANGUAGES
from registers.people.roles import console


@click.group("annex")
def annexes() -> None:
    """Sealed papers."""


@annexes.command("register")
@click.option("--controller", "code", help="The code of one controller.")
@click.option("--all", "everybody", is_flag=True, help="Every controller on record.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it shows; today.")
@click.option("--language", type=click.Choice(LANGUAGES), help="The controller's own.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="How many processes work, this one included; for many as many as there are processors.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A file, or a folder.")
@plainly
def register(
    *,
    code: str | None,
    everybody: bool,
    on: datetime | None,
    language: str | None,
    processes: int | None,
    out: Path,
) -> None:
    """Seals the Art. 30(2) register of one controller, or of all of them.

    The same register gives the same annex: asked for again, it is written again, not sealed
    again.
    """
    if bool(code) == everybody:
        raise Refused("Give either --controller CODE or --all.")
    with installation():
        codes = _controllers(code)
        day = on.date() if on else house().today
        press = press_of(house(), console())
        db.session.close()
        if everybody:
            out.mkdir(parents=True, exist_ok=True)
        written = 0
        with _workers(press, len(codes), processes) as workers:
            for made in making.make(press, list(codes), day, language or "", workers):
                name = f"{made.number}-{_safe(codes[made.controller_id])}.pdf"
                path = out / name if everybody else out
                with house().database.reading() as session:
                    path.write_bytes(house().database.files.get(session, made.paper_sha256))
                written += 1
                click.echo(f"{made.number}  {'sealed' if made.new else 'unchanged'}  {path}")
        _say_what_is_missing(written, len(codes), day)


MANY = 200
"""From so many annexes on, other processes are sooner done than started."""


def _workers(press: Press, count: int, asked: int | None) -> AbstractContextManager[Workers | None]:
    processes = asked or (os.cpu_count() or 1 if count >= MANY else 1)
    return Workers(press.identity, processes - 1) if processes > 1 else nullcontext()


def _controllers(code: str | None) -> dict[UUID, str]:
    query = sa.select(Controller.id, Controller.code).order_by(Controller.code)
    if code:
        query = query.where(Controller.code == code)
    found = {row.id: row.code for row in house().session.execute(query)}
    if code and not found:
        raise Refused(f"There is no controller with the code {code}.")
    return found


def _say_what_is_missing(written: int, asked: int, day: date) -> None:
    if not written:
        raise Refused(f"No controller of these was on record on {day}.")
    if written < asked:
        click.echo(f"{asked - written} of them were not on record on {day}.")


def _safe(code: str) -> str:
    return re.sub(r"[^\w.-]", "_", code)
