"""What every page and command stands in: the data folder, the database, the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from app.config import Settings
from app.home import Home
from registers import work
from registers.kernel.act import Act, Actor, Database
from registers.kernel.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True)


@dataclass(frozen=True)
class House:
    """One installation while it runs."""

    settings: Settings
    home: Home
    database: Database
    now: Callable[[], datetime]

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[Act]:
        """An act; the page's own reading session is closed first, so that it sees the act after."""
        db.session.close()
        with self.database.acting(actor) as act:
            yield act

    @contextmanager
    def upkeep(self) -> Iterator[Session]:
        """A technical trace; see `Database.upkeep`."""
        db.session.close()
        with self.database.upkeep() as session:
            yield session

    @property
    def session(self) -> Session:
        """The reading session of the present request or command."""
        return db.session()

    @property
    def today(self) -> date:
        """The present day where the organisation is."""
        return self.now().astimezone(ZoneInfo(self.settings.zone)).date()


def house() -> House:
    """The installation that the present request or command belongs to."""
    return current_app.extensions["greffe"]


def attach(app: Flask, settings: Settings, now: Callable[[], datetime]) -> None:
    """Opens the database and makes the house known to the application."""
    home = Home(settings)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.url
    if not settings.sqlite:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "pool_size": settings.threads + 2,
            "pool_pre_ping": True,
        }
    db.init_app(app)
    with app.app_context():
        database = Database(
            db.engine, home.store(), now, follows=work.FOLLOWS, wake=lambda: _wake(settings)
        )
    app.extensions["greffe"] = House(settings, home, database, now)


def _wake(settings: Settings) -> None:
    from app import carrier  # noqa: PLC0415 a third of a second that most commands need not wait

    carrier.wake(settings)
