"""The command line: `greffe …`, a Flask command group.

Commands that need no data folder (`deadlines`, `verify`) are plain commands: the application is
only made for those that use it.
"""

import click
from flask.cli import FlaskGroup

from app.commands import time_limits


@click.group(cls=FlaskGroup, add_default_commands=False, add_version_option=False)
def main() -> None:
    """Keeps the promises a GDPR processor made to its controllers, and proves it kept them."""


main.add_command(time_limits.deadlines)
