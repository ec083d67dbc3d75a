"""A whole installation for tests: data folder, database, application, people who sign in."""

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from app.application import create_app
from app.config import Settings
from app.home import Home
from app.house import House, db
from registers.people import operations
from registers.people.roles import Role, console

PASSWORD = "une phrase assez longue"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Verified as any other; made weak, since thousands of tests sign in."""

COMPILED = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="greffe-templates-"))
"""Templates are compiled once, not once an application."""


class Built(Rule):
    """A rule whose addresses are built by a function compiled once, not once an application."""

    builders: ClassVar = {}

    def _compile_builder(self, append_unknown=True):
        shape = (self.rule, str(self.defaults), append_unknown)
        if shape not in self.builders:
            self.builders[shape] = super()._compile_builder(append_unknown)
        return self.builders[shape]


Flask.url_rule_class = Built

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Site:
    """An application with its house, and clients that are signed in."""

    app: Flask
    clock: object

    @property
    def house(self) -> House:
        return self.app.extensions["greffe"]

    def act(self):
        return self.house.database.acting(console())

    def reading(self):
        return self.house.database.reading()

    def add_user(self, *roles: Role, email: str = "", language: str = "en"):
        """An account with a password; by default one that its roles give a name."""
        email = email or f"{'-'.join(role.value for role in roles)}@ponant.example"
        with self.act() as act:
            user = operations.add(
                act, email, email.partition("@")[0].title(), list(roles), language
            )
            token = operations.invite(act, user.id)
            operations.choose_password(act, token, PASSWORD, HASH)
        return user

    def account(self, *roles: Role, language: str = "en") -> str:
        """The mail address of the account with these roles and this language."""
        found = self._accounts.get((roles, language))
        if found is None:
            name = "-".join(role.value for role in roles)
            user = self.add_user(
                *roles, email=f"{name}-{language}@ponant.example", language=language
            )
            found = self._accounts[roles, language] = user.email
        return found

    def signed_in(self, *roles: Role, language: str = "en") -> "Client":
        """A client with the session of an account of these roles."""
        client = self.client()
        email = self.account(*roles, language=language)
        response = client.send("/sign-in", email=email, password=PASSWORD)
        assert response.status_code == 302, response.text
        return client

    def client(self) -> "Client":
        return Client(self.app)

    def __post_init__(self):
        self._accounts = {}


class Client(FlaskClient):
    """A browser without JavaScript: it sends forms with the token of the page they stand on."""

    def __init__(self, app):
        super().__init__(app, app.response_class, use_cookies=True)
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def send(self, address, page=None, /, **fields):
        """Fills in the form of a page and sends it."""
        found = TOKEN.search(self.get(page or address).text)
        token = found[1] if found else ""
        return self.post(address, data={"csrf_token": token, **fields})


@contextmanager
def site(url: str, folder: Path, clock, **given: str):
    """A prepared installation on this database, with these settings."""
    address = "" if url.startswith("sqlite") else url
    settings = Settings(home=folder / "home", database_url=address, **given)
    home = Home(settings)
    home.prepare(clock())
    if not address:
        Path(sa.make_url(url).database).rename(settings.url.database)
    app = create_app(settings, now=clock)
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    yield Site(app, clock)
    with app.app_context():
        db.engine.dispose()
