"""The command line: `greffe …`, a Flask command group.

Commands that need no data folder (`deadlines`, `verify`) never make an application.
"""

import click
from flask.cli import AppGroup

from app.commands import evidence, exchange, papers, people, serving, time_limits, verifying


@click.group(cls=AppGroup)
def main() -> None:
    """Keeps the promises a GDPR processor made to its controllers, and proves it kept them."""


for command in (
    serving.serve,
    serving.init,
    serving.sample,
    serving.demo,
    serving.configuration,
    people.users,
    exchange.bring_in,
    exchange.export,
    time_limits.deadlines,
    papers.annexes,
    verifying.verify_file,
    evidence.journal,
    evidence.back_up,
    evidence.restore,
):
    main.add_command(command)
