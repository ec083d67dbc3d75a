"""The command line: `greffe …`, a Flask command group.

A command's module is imported when it is called: `deadlines` and `verify` need no application,
and whoever pipes a question into them should not wait for one.
"""

from importlib import import_module

import click
from flask.cli import AppGroup

COMMANDS = {
    "annex": "papers:annexes",
    "audit": "evidence:journal",
    "backup": "evidence:back_up",
    "bench": "bench:bench",
    "config": "serving:configuration",
    "deadlines": "time_limits:deadlines",
    "demo": "serving:demo",
    "emergency-pack": "emergency:emergency_pack",
    "export": "exchange:export",
    "import": "exchange:bring_in",
    "init": "serving:init",
    "restore": "evidence:restore",
    "sample": "serving:sample",
    "serve": "serving:serve",
    "user": "people:users",
    "verify": "verifying:verify_file",
    "worker": "serving:worker",
}
"""Each command's module and name in it."""


class Commands(AppGroup):
    """A group whose commands are looked up by name, then imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's shape
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"app.commands.{module}"), name)
        return command


@click.group(cls=Commands)
def main() -> None:
    """Keeps the promises a GDPR processor made to its controllers, and proves it kept them."""
