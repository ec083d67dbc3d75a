"""`greffe bench …`: how fast it is, against what one would use instead, in the same run."""

import click

from app.commands.bench import annexes, audit, breach, deadlines, notices, pages


@click.group()
def bench() -> None:
    """Measures this program on this machine, on data of its own; nothing of yours is touched."""


for each in (annexes, audit, breach, deadlines, notices, pages):
    bench.add_command(each.command)
