"""`greffe bench notices`: an announcement to ten thousand controllers, down to the mail server."""

import click

from app.commands.bench import delivering
from app.commands.bench.measuring import Report, house_of, options, say
from app.commands.bench.rivals import by_huey

MANY, QUICK = 10_000, 600
RIVAL = 150
"""How many notices the plain tasks are given: their rate does not depend on it."""


@click.command("notices")
@click.option("--controllers", type=click.IntRange(min=9), help="How many are told.")
@click.option("--kills", type=click.IntRange(min=0), default=0, help="Workers killed on the way.")
@options
def command(
    *, as_json: bool, quick: bool, size: int | None, controllers: int | None, kills: int
) -> None:
    """Compose, typeset, seal and send notices; killed workers lose and repeat nothing."""
    report = Report("notices")
    wanted = controllers or size or (QUICK if quick else MANY)
    with delivering.listening() as (sink, port), delivering.prepared(wanted, port) as app:
        found = delivering.run(app, sink, kills)
        plain = by_huey.rate(house_of(app), port, min(RIVAL, found.notices))
    rate = found.notices / found.sent_s
    per_notice = found.busy_s / found.notices * 1e3
    report.table(
        ("", "notices a second", "processor ms a notice"),
        [
            ("outbox, 25 at a time", f"{rate:.0f}", f"{per_notice:.1f}"),
            ("a plain Huey task a notice", f"{plain.per_second:.0f}", f"{plain.busy_ms:.1f}"),
        ],
    )
    say(
        f"{found.notices:,} notices announced in one act of {found.commit_s:.2f} s, at the server "
        f"{found.sent_s:.1f} s later ({delivering.WORKERS} processes, {found.kills} killed): "
        f"{found.lost} lost, {found.duplicate_effects} legal effects twice, {found.uncertain} "
        f"marked as perhaps sent twice, {found.unmarked} repeated without a mark."
    )
    say(f"{rate / plain.per_second:.2f} times the rate of plain tasks.")
    report.end(
        {
            "controllers": found.notices,
            "lost": found.lost,
            "duplicate_effects": found.duplicate_effects,
            "uncertain": found.uncertain,
            "per_second": rate,
            "unmarked": found.unmarked,
            "kills": found.kills,
            "commit_s": found.commit_s,
            "sent_s": found.sent_s,
            "busy_ms": per_notice,
            "ratio_plain_huey": rate / plain.per_second,
        },
        as_json=as_json,
    )
