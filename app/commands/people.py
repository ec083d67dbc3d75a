"""`greffe user …`: accounts, added and recovered where the machine is."""

import sys

import click
import sqlalchemy as sa

from app.commands.opening import installation, plainly
from app.house import house
from registers.kernel.errors import NotFound
from registers.kernel.words import LANGUAGES, text
from registers.people import operations, rules, sessions
from registers.people.models import User
from registers.people.roles import Role, console


@click.group("user")
def users() -> None:
    """Accounts."""


@users.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0])
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@plainly
def add(email: str, name: str, roles: tuple[str, ...], language: str, password_stdin: bool) -> None:
    """Adds an account; prints the link with which the person chooses a password."""
    with installation():
        found = house()
        password = sys.stdin.readline().rstrip("\n") if password_stdin else ""
        if password_stdin:
            rules.checked_password(password, email, name)
        digest = sessions.hashed(password) if password else None
        with found.acting(console()) as act:
            held = [Role(role) for role in roles]
            user = operations.add(act, email, name, held, language)
            token = operations.invite(act, user.id)
            if digest:
                operations.choose_password(act, token, password, digest)
        if digest:
            click.echo(f"{user.email} can sign in at {found.settings.address}")
        else:
            click.echo(f"Hand this link to {user.name}; it works once, for three days:")
            click.echo(f"{found.settings.address}/invitation/{token}")


@users.command("reset")
@click.argument("email")
@plainly
def reset(email: str) -> None:
    """Removes a second factor; prints a link with which the person chooses a new password."""
    with installation():
        found = house()
        user = found.session.scalar(sa.select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise NotFound(text("There is no account with this address."))
        with found.acting(console()) as act:
            operations.remove_second_factor(act, user.id)
            token = operations.invite(act, user.id)
        click.echo(f"Hand this link to {user.name}; it works once, for three days:")
        click.echo(f"{found.settings.address}/invitation/{token}")
