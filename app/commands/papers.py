"""`greffe annex`: sealed papers without a browser."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa

from app.commands.opening import installation, plainly
from app.config import Refused
from app.house import db, house
from app.pressing import press_of
from registers.annexes import making, orders, queries
from registers.annexes.kind import Kind
from registers.annexes.kinds import ORDERED
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import About, Subject, of_contract
from registers.annexes.workers import Workers
from registers.controllers.models import Contract, Controller
from registers.kernel.words import LANGUAGES
from registers.people.roles import console
from registers.press.issue import PLAIN


class Papers(click.Group):
    """A command for each kind of paper."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's shape
        """The kinds, in the order in which they are offered."""
        return list(ORDERED)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command that seals papers of this kind."""
        kind = ORDERED.get(cmd_name.replace("-", "_"))
        return _command(kind) if kind else None


@click.group("annex", cls=Papers)
def annexes() -> None:
    """Sealed papers: each kind is a command.

    The same state of the registers gives the same annex: asked for again, it is written again,
    not sealed again.
    """


def _command(kind: Kind) -> click.Command:
    @plainly
    def run(
        on: datetime | None,
        language: str | None,
        out: Path,
        since: datetime | None = None,
        processes: int | None = None,
        **whose: str | bool | None,
    ) -> None:
        with installation():
            last = house().today - timedelta(days=kind.about is About.JOURNAL)
            day = on.date() if on else last
            order = Order(
                kind,
                _subjects(kind, day, **whose),  # type: ignore[arg-type]  # click gives these
                day,
                since.date() if since else None,
                language or "",
            )
            _make(order, out, processes, everybody=bool(whose.get("everybody")))

    return click.Command(
        kind.name,
        callback=run,
        params=list(_options(kind)),
        help=_help(kind),
        short_help=_short(kind),
    )


def _short(kind: Kind) -> str:
    return f"{kind.title}."


def _help(kind: Kind) -> str:
    whose = {
        About.CONTROLLER: "Of one controller, or of all of them.",
        About.CONTRACT: "Of one contract, of all contracts of a controller, or of everybody's.",
        About.ORGANISATION: "Of the organisation.",
        About.JOURNAL: "Of some days that are over: of one controller's dossier, or of all.",
    }
    return f"{kind.title}: {kind.law}.\n\n{whose[kind.about]}"


def _options(kind: Kind) -> Iterator[click.Parameter]:
    day = click.DateTime(["%Y-%m-%d"])
    if kind.about is not About.ORGANISATION:
        yield click.Option(["--controller", "code"], help="The code of one controller.")
    if kind.about is About.CONTRACT:
        yield click.Option(["--contract", "reference"], help="The reference of one contract.")
    if kind.about in {About.CONTROLLER, About.CONTRACT}:
        says = "Every controller on record."
        yield click.Option(["--all", "everybody"], is_flag=True, help=says)
        says = "How many work, this one included; for many, as many as there are processors."
        yield click.Option(["--processes"], type=click.IntRange(min=1), help=says)
    if kind.about is About.JOURNAL:
        yield click.Option(["--since"], type=day, help="The first day; the last one alone.")
    last = "The last day; yesterday." if kind.about is About.JOURNAL else "The day it shows; today."
    yield click.Option(["--on"], type=day, help=last)
    languages = click.Choice(LANGUAGES)
    yield click.Option(["--language"], type=languages, help="The controller's own, else French.")
    out = click.Path(path_type=Path)
    yield click.Option(["--out"], type=out, required=True, help="A file, or a folder for several.")


def _subjects(
    kind: Kind,
    day: date,
    code: str | None = None,
    reference: str | None = None,
    everybody: bool = False,
) -> list[Subject]:
    if kind.about is About.ORGANISATION or (kind.about is About.JOURNAL and not code):
        return queries.subjects_of(house().session, kind, None, day)
    if kind.about is About.CONTRACT and reference and not everybody:
        return [_contract(reference, code)]
    if bool(code) == everybody:
        one = "--controller CODE, --contract REFERENCE" if kind.about is About.CONTRACT else ""
        raise Refused(f"Give either {one or '--controller CODE'} or --all.")
    ids = [_controller(code)] if code else None
    found = queries.subjects_of(house().session, kind, ids, day)
    if not found:
        raise Refused(f"No contract of these was on record on {day}.")
    return found


def _controller(code: str) -> UUID:
    found = house().session.scalar(sa.select(Controller.id).where(Controller.code == code))
    if found is None:
        raise Refused(f"There is no controller with the code {code}.")
    return found


def _contract(reference: str, code: str | None) -> Subject:
    query = sa.select(Contract.id, Contract.controller_id).where(Contract.reference == reference)
    if code:
        query = query.where(Contract.controller_id == _controller(code))
    found = house().session.execute(query).all()
    if not found:
        raise Refused(f"There is no contract with the reference {reference}.")
    if len(found) > 1:
        raise Refused(f"Several contracts have the reference {reference}: add --controller CODE.")
    return of_contract(*found[0])


MANY = 200
"""From so many annexes on, other processes are sooner done than started."""


def _workers(press: Press, count: int, asked: int | None) -> AbstractContextManager[Workers | None]:
    processes = asked or (os.cpu_count() or 1 if count >= MANY else 1)
    return Workers(press.identity, processes - 1) if processes > 1 else nullcontext()


def _make(order: Order, out: Path, processes: int | None, *, everybody: bool) -> None:
    names = _names(order.subjects)
    press = press_of(house(), console())
    db.session.close()
    several = everybody or len(order.subjects) > 1
    if several:
        out.mkdir(parents=True, exist_ok=True)
    refused: list[orders.Refused] = []
    written = untagged = 0
    with _workers(press, len(order.subjects), processes) as workers:
        for made in making.make_all(press, order, refused if several else None, workers):
            path = out / f"{made.number}-{_safe(names[made.subject])}.pdf" if several else out
            with house().database.reading() as session:
                path.write_bytes(house().database.files.get(session, made.paper_sha256))
            written += 1
            untagged += made.conformance == PLAIN
            click.echo(f"{made.number}  {'sealed' if made.new else 'unchanged'}  {path}")
    for each in refused:
        click.echo(f"{names[each.subject]}: {each.error}", err=True)
    if untagged:
        click.echo(f"{untagged} of {written} are {PLAIN} only: letters that cannot be set tagged.")
    _say_what_is_missing(order, written, len(refused))


def _names(subjects: Sequence[Subject]) -> dict[Subject, str]:
    """What files are called after their subjects."""
    session = house().session
    codes = {row.id: row.code for row in session.execute(sa.select(Controller.id, Controller.code))}
    query = sa.select(Contract.id, Contract.reference)
    references = {row.id: row.reference for row in session.execute(query)}
    parts = {
        each: (codes.get(each.controller_id), references.get(each.contract_id)) for each in subjects
    }
    return {each: "-".join(filter(None, named)) for each, named in parts.items()}


def _say_what_is_missing(order: Order, written: int, refused: int) -> None:
    asked = len(order.subjects)
    sort = "contract" if order.kind.about is About.CONTRACT else "controller"
    if refused:
        raise Refused(f"{refused} of {asked} papers were not sealed.")
    if not written:
        raise Refused(f"No {sort} of these was on record on {order.on}.")
    if written < asked:
        click.echo(f"{asked - written} of them were not on record on {order.on}.")


def _safe(code: str) -> str:
    return re.sub(r"[^\w.-]", "_", code)
