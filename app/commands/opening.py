"""What commands share: opening an installation, and saying plainly why something is refused."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import config, schema
from app.application import create_app
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


@contextmanager
def installation(settings: Settings | None = None) -> Iterator[Flask]:
    """The application of an installation that was initialised, inside its context.

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
    app = create_app(settings)
    try:
        with app.app_context():
            yield app
    finally:
        with app.app_context():
            db.engine.dispose()


@contextmanager
def schema_errors() -> Iterator[None]:
    """Says in a sentence that the database cannot be reached."""
    try:
        yield
    except OperationalError as error:
        raise Refused(f"The database cannot be reached: {error.orig}") from error
