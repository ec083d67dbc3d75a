"""What commands share: opening an installation, and saying plainly why something is refused."""

import functools
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy import orm
from sqlalchemy.exc import OperationalError

from app import config, house, schema
from app.config import Refused, Settings
from app.home import Home
from app.house import db
from registers.kernel import clock
from registers.kernel.errors import GreffeError


def plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose refusals are sentences on standard error and an exit status of 1."""

    @functools.wraps(command)
    def run(*given: Any, **named: Any) -> Any:
        try:
            return command(*given, **named)
        except (Refused, GreffeError) as error:
            click.echo(f"greffe: {error}", err=True)
            sys.exit(1)

    return run


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


@contextmanager
def installation(settings: Settings | None = None, *, pages: bool = False) -> Iterator[Flask]:
    """An installation that was initialised, inside the context of its application.

    Args:
        settings: read from the environment when left out.
        pages: whether it is to be served; other commands do not wait for its pages.

    Raises:
        Refused: there is none, or it is older than the program.
    """
    settings = settings or config.settings()
    home = Home(settings)
    if not home.path.is_dir():
        raise Refused(f"There is no data folder {home.path}: run greffe init first.")
    home.prepare(clock.now())
    with schema_errors():
        standing = schema.current(settings.url)
    if standing != schema.newest():
        raise Refused(
            "The database is not of this version: run greffe init, which backs it up and "
            "brings it up to date."
        )
    app = _with_pages(settings) if pages else Flask("app")
    if not pages:
        house.attach(app, settings, clock.now)
    settle()
    try:
        with app.app_context():
            yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def settle() -> None:
    """What was imported stays: whoever collects garbage need not look through it any more.

    A third of what many rows at once took went into that.
    """
    orm.configure_mappers()
    gc.freeze()


def _with_pages(settings: Settings) -> Flask:
    from app.application import create_app  # noqa: PLC0415 takes a second, for those who serve

    return create_app(settings)


@contextmanager
def schema_errors() -> Iterator[None]:
    """Says in a sentence that the database cannot be reached."""
    try:
        yield
    except OperationalError as error:
        raise Refused(f"The database cannot be reached: {error.orig}") from error
