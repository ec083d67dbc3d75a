"""`greffe init`, `serve`, `worker`, `config check`: making an installation and serving it."""

import fcntl
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta

import click
import msgspec
import sqlalchemy as sa
import waitress
from flask import Flask

from app import config, relays, schema
from app.commands.opening import installation, plainly, schema_errors
from app.config import Refused, Settings
from app.home import Home
from app.house import house
from app.pressing import identity_of
from app.supervisor import Supervisor
from registers.kernel import backup, clock
from registers.kernel.act import Act, Actor
from registers.people import operations
from registers.people.models import User
from registers.people.roles import Permission, Role, console
from registers.people.sessions import DOOR, SETUP, hashed, issue_token
from registers.sample import load as load_register

TOKEN_LASTS = timedelta(days=2)
DEMO_EMAIL = "alix.morel@ponant.example"
COLLEAGUE, COLLEAGUE_EMAIL = "Maud Kerleau", "maud.kerleau@ponant.example"
DEMO_PASSWORD = "trois greffes au printemps"  # noqa: S105 everybody may know it


@click.command("init")
@plainly
def init() -> None:
    """Makes or updates the data folder and the database, without serving."""
    initialise(config.settings())


@click.command()
@plainly
def serve() -> None:
    """Makes or updates the installation, then serves it."""
    settings = config.settings()
    initialise(settings)
    with installation(settings, pages=True) as app, bound(settings) as listener:
        identity_of(house().home)
        say_how_to_begin()
        listen(app, listener)


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True)
@plainly
def worker(*, with_parent: bool) -> None:
    """Does the work that waits in the outbox; any number of them, on any machine."""
    from app.worker import Worker, stop_with_parent  # noqa: PLC0415 for those who work

    settings = config.settings()
    with installation(settings):
        made = Worker(house())
        if with_parent:
            stop_with_parent()
        else:
            click.echo(f"Working for {settings.address}; mail is {relays.said_of(house().home)}.")
            if not settings.sqlite and not settings.redis_url:
                click.echo(
                    "Without GREFFE_REDIS_URL, what other machines leave to do waits up to 60 s."
                )
        made.run()


@click.command()
@plainly
def sample() -> None:
    """Loads the fictional register into an installation that holds nothing."""
    settings = config.settings()
    initialise(settings)
    with installation(settings):
        load_sample()
    click.echo("The sample data are loaded.")


@click.command()
@plainly
def demo() -> None:
    """Serves the fictional register from a data folder of its own, and signs you in."""
    settings = config.settings()
    if not os.environ.get("GREFFE_HOME"):
        settings = msgspec.structs.replace(settings, home=config.sample_home())
    settings = msgspec.structs.replace(settings, smtp_host="")  # fiction never leaves
    initialise(settings)
    with installation(settings, pages=True) as app, bound(settings) as listener:
        if not operations.anybody(house().session):
            load_sample()
        found = house()
        account = found.session.scalars(sa.select(User).where(User.email == DEMO_EMAIL)).first()
        if account is None:
            raise Refused("This data folder holds real data: the demonstration has its own.")
        with found.upkeep() as traces:
            door = issue_token(traces, DOOR, found.now(), TOKEN_LASTS, account.id)
        click.echo(f"Serving a fictional register on {settings.address}")
        click.echo(
            f"Open this address to be signed in (it works once): {settings.address}/door/{door}"
        )
        click.echo(f"Mail is {relays.said_of(found.home)}.")
        click.echo(f"Or sign in as {DEMO_EMAIL} with the password: {DEMO_PASSWORD}")
        listen(app, listener)


def load_sample() -> None:
    """Loads the fictional register, with one account that has every role.

    It is recorded by a colleague, not by that account: what one person proposed, another confirms.
    """
    digest = hashed(DEMO_PASSWORD)

    def staff(act: Act) -> Callable[[], AbstractContextManager[Act]]:
        colleague = operations.add(act, COLLEAGUE_EMAIL, COLLEAGUE, [Role.LEGAL], "fr")
        recording = Actor("user", frozenset(Permission), colleague.id, COLLEAGUE)
        return lambda: house().acting(recording)

    load_register(lambda: house().acting(console()), staff)
    with house().acting(console()) as act:
        user = operations.add(act, DEMO_EMAIL, "Alix Morel", list(Role), "fr")
        token = operations.invite(act, user.id)
        operations.choose_password(act, token, DEMO_PASSWORD, digest)


@click.group("config")
def configuration() -> None:
    """The configuration."""


@configuration.command("check")
@plainly
def check() -> None:
    """Says whether the configuration can be used, and what it means."""
    settings = config.settings()
    if settings.identity:
        identity_of(Home(settings))
    where = "SQLite in the data folder" if settings.sqlite else settings.url.render_as_string()
    click.echo(f"data folder  {settings.home}")
    click.echo(f"database     {where}")
    click.echo(f"address      {settings.address}")
    identity = settings.identity or "a test identity, worth nothing in law"
    click.echo(f"identity     {identity} ({settings.identity_kind})")
    click.echo(f"mail         {relays.said_of(Home(settings))}")
    relays.check(Home(settings))
    click.echo("The configuration can be used.")


def initialise(settings: Settings) -> None:
    """Prepares the data folder; brings the database up to date, backed up first.

    Raises:
        Refused: the folder or the database cannot be used.
    """
    home = Home(settings)
    now = clock.now()
    home.prepare(now)
    with _alone(home), schema_errors():
        standing = schema.current(settings.url)
        newest = schema.newest()
        if standing == newest:
            return
        if standing is not None:
            if standing not in schema.revisions():
                raise Refused("The database is of a newer version than this program: update it.")
            path = home.backups / f"before-{newest}-{now:%Y%m%dT%H%M%S}.zip"
            backup.write(path, settings.url, home.store(), key=home.checkpoint_key, now=now)
            click.echo(f"Backed up to {path}")
        schema.upgrade(settings.url)
        click.echo(f"The database is at version {newest}.")


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One process at a time prepares an installation."""
    with (home.path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say_how_to_begin() -> None:
    """Prints the address, and a set-up link as long as nobody has an account."""
    found = house()
    click.echo(f"Serving on {found.settings.address}")
    click.echo(f"Mail is {relays.said_of(found.home)}.")
    if operations.anybody(found.session):
        return
    with found.upkeep() as session:
        token = issue_token(session, SETUP, found.now(), TOKEN_LASTS)
    click.echo("Nobody has an account yet: make the first one at this address (it works once):")
    click.echo(f"{found.settings.address}/set-up?token={token}")


@contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """The port, taken before anything is promised.

    Raises:
        Refused: somebody else has it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise Refused(
                f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}): "
                "choose another GREFFE_PORT."
            ) from error
        yield listener


def listen(app: Flask, listener: socket.socket) -> None:
    """Serves, with a worker beside, until it is told to stop."""
    settings = house().settings
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with working(settings):
        server = waitress.create_server(
            app,
            sockets=[listener],
            threads=settings.threads,
            ident=None,
            clear_untrusted_proxy_headers=not settings.proxies,
        )
        try:
            server.run()
        finally:
            server.close()


def working(settings: Settings) -> AbstractContextManager[object]:
    """A worker in a process of its own: one that dies never takes the pages with it."""
    if settings.worker == "off":
        return nullcontext()
    environment = {**os.environ, "GREFFE_HOME": str(settings.home)}
    if not settings.smtp_host:
        for name in ("GREFFE_SMTP_HOST", "GREFFE_SMTP2_HOST"):
            environment.pop(name, None)
            environment.pop(f"{name}_FILE", None)
    environment.pop("GREFFE_HOME_FILE", None)
    return Supervisor([sys.executable, "-m", "app", "worker", "--with-parent"], environment)
