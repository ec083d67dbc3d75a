"""`greffe bench pages`: the main pages with a hundred controllers, and with ten thousand.

Both installations stand side by side and are asked in turn: their ratio says how a page grows,
not how busy the machine was.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import click
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.commands.bench import fictional
from app.commands.bench.measuring import (
    NOISY,
    Report,
    Spread,
    house_of,
    in_turn,
    installed,
    met,
    ms,
    options,
    say,
)
from app.commands.serving import DEMO_EMAIL, TOKEN_LASTS, load_sample
from app.house import House, db
from app.pressing import press_of
from registers.activities import queries as register
from registers.annexes import making
from registers.annexes.models import Annex
from registers.controllers import importing, operations, queries
from registers.controllers.importing import Fate, Request
from registers.controllers.models import Contract, Controller, ControllerContact
from registers.controllers.queries import Filters
from registers.controllers.vocabulary import ContactRole
from registers.kernel.pages import SIZE, Cut
from registers.people.models import User
from registers.people.roles import console
from registers.people.sessions import DOOR, issue_token

FEW, MANY, QUICK = 100, 10_000, 3_000
ANNEXES = 50
ROUNDS, QUICK_ROUNDS = 40, 20
FULL_PAGES = 2
"""A page of the smaller list that is full: the last one would flatter it."""

MOST_OF_LISTS, MOST_OF_DOSSIERS, MOST_STATEMENTS, MOST_SECONDS = 2.0, 1.3, 15, 20.0

Address = Callable[["Installation"], str]


class Target(NamedTuple):
    """A page to measure; dossiers may hardly grow at all."""

    address: Address
    dossier: bool = False


@dataclass(frozen=True)
class Measured:
    """What was found of one page, in the small and in the large installation."""

    few: Spread
    many: Spread
    statements: int
    dossier: bool

    @property
    def noisy(self) -> bool:
        """Whether the machine was too busy for the slowest repetitions to say anything."""
        return self.few.noisy or self.many.noisy

    @property
    def growth(self) -> float:
        """How many times as long it takes with many: of the p95, else of the processor time."""
        if self.noisy:
            return self.many.busy / self.few.busy
        return self.many.p95 / self.few.p95

    @property
    def kept(self) -> bool:
        """Whether the targets are met."""
        most = MOST_OF_DOSSIERS if self.dossier else MOST_OF_LISTS
        return self.growth <= most and self.statements <= MOST_STATEMENTS


@click.command("pages")
@options
def command(*, as_json: bool, quick: bool, size: int | None) -> None:
    """Lists and dossiers, with a hundred controllers and with ten thousand."""
    report = Report("pages")
    counts = (min(size or FEW, FEW), size or (QUICK if quick else MANY))
    annexes = min(size or ANNEXES, ANNEXES)
    rounds = min(size or ROUNDS, QUICK_ROUNDS if quick else ROUNDS)
    with ExitStack() as stack:
        few, many = (stack.enter_context(installation(count, annexes)) for count in counts)
        rate = many.rows / many.seconds
        say(
            f"Imported {counts[1]:,} controllers in {many.rows:,} rows: {many.seconds:.1f} s "
            f"({rate:.0f} rows a second); {many.entries():,} entries in the journal."
        )
        found = {name: _measured(page, few, many, rounds) for name, page in PAGES.items()}
    _tell(report, found, counts)
    lists = max(each.growth for each in found.values() if not each.dossier)
    dossiers = max(each.growth for each in found.values() if each.dossier)
    most = max(each.statements for each in found.values())
    import_s = many.seconds
    say(
        f"Lists grow {lists:.2f} times at most (target {MOST_OF_LISTS}: "
        f"{met(kept=lists <= MOST_OF_LISTS)}), dossiers {dossiers:.2f} "
        f"({MOST_OF_DOSSIERS}: {met(kept=dossiers <= MOST_OF_DOSSIERS)}); {most} statements at "
        f"most ({MOST_STATEMENTS}: {met(kept=most <= MOST_STATEMENTS)}); 10,000 rows imported in "
        f"{10_000 / rate:.1f} s at this rate ({MOST_SECONDS:.0f} s: "
        f"{met(kept=10_000 / rate < MOST_SECONDS)})."
    )
    report.end(
        {
            "p95_ms": max(each.many.p95 for each in found.values()) * 1e3,
            "growth": max(lists, dossiers),
            "statements": most,
            "import_s": import_s,
            "growth_lists": lists,
            "growth_dossiers": dossiers,
            "import_rows": many.rows,
            "controllers": counts[1],
            "pages": {
                name: {
                    "median_ms": each.many.median * 1e3,
                    "p95_ms": each.many.p95 * 1e3,
                    "growth": each.growth,
                    "statements": each.statements,
                }
                for name, each in found.items()
            },
        },
        as_json=as_json,
    )


def _measured(page: Target, few: "Installation", many: "Installation", rounds: int) -> Measured:
    visits = [each.visit(page.address(each)) for each in (few, many)]
    for visit in visits:
        visit()
    statements = max(
        each.statements(visit) for each, visit in zip((few, many), visits, strict=True)
    )
    first, second = in_turn(visits, rounds)
    return Measured(first, second, statements, page.dossier)


def _tell(report: Report, found: Mapping[str, Measured], counts: tuple[int, int]) -> None:
    headings = (
        *("page", f"{counts[0]:,}: median ms", "p95"),
        *(f"{counts[1]:,}: median ms", "p95", "growth", "of", "statements", ""),
    )
    rows = [
        (
            *(name, ms(each.few.median), ms(each.few.p95)),
            *(ms(each.many.median), ms(each.many.p95), f"{each.growth:.2f}"),
            "processor" if each.noisy else "p95",
            each.statements,
            "" if each.kept else met(kept=False),
        )
        for name, each in found.items()
    ]
    report.table(headings, rows)
    say(
        f"Growth is that of the p95; where that is over {NOISY} medians, the machine was too busy "
        "for it, and it is that of the median processor time."
    )


# --- what is measured ---------------------------------------------------------------------


@dataclass
class Installation:
    """The sample register with imported controllers, and a browser that is signed in."""

    app: Flask
    controllers: int
    rows: int
    seconds: float
    client: FlaskClient

    @property
    def house(self) -> House:
        """The installation itself."""
        return house_of(self.app)

    @property
    def middle(self) -> int:
        """The place of a controller in the middle of the sheet."""
        return (self.controllers + 1) // 2

    def visit(self, address: str) -> Callable[[], None]:
        """What opens a page.

        Raises:
            ClickException: it does not open.
        """

        def get() -> None:
            response = self.client.get(address)
            if response.status_code != 200:  # noqa: PLR2004 all is well
                raise click.ClickException(f"{address}: {response.status}")

        return get

    def statements(self, visit: Callable[[], None]) -> int:
        """How many statements a visit sends to the database, transactions aside."""
        sent: list[str] = []

        def note(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
            if not sql.startswith(("PRAGMA", "BEGIN")):
                sent.append(sql)

        engine = self.house.database.engine
        event.listen(engine, "before_cursor_execute", note)
        visit()
        event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    def entries(self) -> int:
        """How long the journal is."""
        return self.one("SELECT max(number) FROM entry")

    def one(self, query: Any) -> Any:
        """The only value of a query."""
        statement = sa.text(query) if isinstance(query, str) else query
        with self.house.database.reading() as session:
            return session.scalar(statement)

    def far(self) -> str:
        """The cursor of a page in the middle of the list of controllers, or of a full one."""
        wanted = Cut()
        with self.house.database.reading() as session:
            for _ in range(max(1, min(self.controllers // SIZE - FULL_PAGES, self.middle // SIZE))):
                page = queries.controllers(session, Filters(), wanted)
                wanted = Cut(after=page.after or "")
        return wanted.after


@contextmanager
def installation(controllers: int, annexes: int) -> Iterator[Installation]:
    """The sample register, so many controllers, so many sealed annexes, and somebody signed in."""
    sheet = fictional.sheet(controllers)
    with installed() as app:
        house = house_of(app)
        with app.app_context():
            load_sample()
            asked = Request(
                sheet=sheet,
                terms=operations.terms_of_model(house.session, operations.STANDARD, house.today),
                activities=frozenset(register.activity_names(house.session)),
                today=house.today,
                reason="Reprise",
            )
            db.session.close()
        begun = time.perf_counter()
        with house.database.acting(console()) as act:
            done = importing.import_all(act, asked)
        seconds = time.perf_counter() - begun
        if done.count(Fate.NEW) != len(sheet.rows):
            raise click.ClickException("Rows of the fictional sheet were refused.")
        _seal(house, annexes)
        yield Installation(app, controllers, len(sheet.rows), seconds, _signed_in(app))


def _seal(house: House, annexes: int) -> None:
    with house.database.reading() as session:
        query = sa.select(Controller.id).order_by(Controller.code).limit(annexes)
        ids: list[UUID] = list(session.scalars(query))
    for _made in making.make(press_of(house, console()), ids, house.today):
        pass


def _signed_in(app: Flask) -> FlaskClient:
    """A browser with the session of somebody who has every role, through a one-time door."""
    house = house_of(app)
    with house.database.reading() as session:
        user = session.scalar(sa.select(User.id).where(User.email == DEMO_EMAIL))
    with house.database.upkeep() as traces:
        door = issue_token(traces, DOOR, house.now(), TOKEN_LASTS, user)
    client = app.test_client()
    client.get(f"/door/{door}")
    return client


def _contract(at: Installation) -> str:
    reference = fictional.reference(at.middle)
    return f"/contracts/{at.one(sa.select(Contract.id).where(Contract.reference == reference))}"


def _contact(at: Installation) -> str:
    """The DPO of a controller in the middle: one who serves others too."""
    code = fictional.code(at.middle)
    query = (
        sa.select(ControllerContact.contact_id)
        .join(Controller, Controller.id == ControllerContact.controller_id)
        .where(Controller.code == code, ControllerContact.role == ContactRole.DPO)
    )
    return f"/contacts/{at.one(query)}"


def _annex(at: Installation) -> str:
    return f"/annexes/{at.one(sa.select(sa.func.max(Annex.number)))}"


PAGES: dict[str, Target] = {
    "today": Target(lambda _: "/"),
    "controllers": Target(lambda _: "/controllers"),
    "controllers, far page": Target(lambda at: f"/controllers?after={at.far()}"),
    "controllers, part of a name": Target(lambda _: "/controllers?search=comm"),
    "controllers, a contract": Target(
        lambda at: f"/controllers?search={fictional.reference(at.middle)}"
    ),
    "controllers, an activity": Target(lambda _: "/controllers?activity=P4"),
    "controllers, with findings": Target(lambda _: "/controllers?gaps=findings"),
    "contracts": Target(lambda _: "/contracts"),
    "contacts": Target(lambda _: "/contacts"),
    "annexes": Target(lambda _: "/annexes"),
    "journal": Target(lambda _: "/journal"),
    "register": Target(lambda _: "/activities"),
    "controller": Target(lambda at: f"/controllers/{fictional.code(at.middle)}", dossier=True),
    "contract": Target(_contract, dossier=True),
    "contact": Target(_contact, dossier=True),
    "activity": Target(lambda _: "/activities/P4", dossier=True),
    "annex": Target(_annex, dossier=True),
}
"""Every page, by the name under which it is told."""
