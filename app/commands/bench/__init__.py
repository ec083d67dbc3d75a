"""`greffe bench …`: how fast it is, against what one would use instead, in the same run."""

import click

from app.commands.bench import audit, deadlines


@click.group()
def bench() -> None:
    """Measures this program on this machine, on data of its own; nothing of yours is touched."""


for each in (deadlines.command, audit.command):
    bench.add_command(each)
