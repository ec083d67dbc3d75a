"""`greffe emergency-pack`: what it takes to notify a breach without this program, encrypted."""

from pathlib import Path

import click

from app import config, relays
from app.commands.opening import counted, installation, plainly
from app.config import Refused
from app.home import write_whole
from app.house import house
from app.packs import elsewhere_of
from app.pressing import press_of
from registers.delivery import packs
from registers.people.roles import console
from registers.work import Tools


@click.command("emergency-pack")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only write it to this file; left out, it goes where the weekly one goes.",
)
@plainly
def emergency_pack(out: Path | None) -> None:
    """Makes the emergency pack now."""
    settings = config.settings()
    with installation(settings):
        found = house()
        if out is not None:
            if out.exists():
                raise Refused(f"{out} exists already.")
            with found.database.reading() as session:
                made = packs.make(session, settings.pack_passphrase, found.now(), settings.zone)
            write_whole(out, made.content)
            told = counted(made.pack.controllers, "controller", "controllers")
            click.echo(f"{out}: {told}, {counted(len(made.pack.files), 'file', 'files')}")
            return
        row = packs.leave(
            Tools(
                press=press_of(found, console()),
                mail=relays.transport_of(found.home),
                sender=settings.sender,
                address=settings.address,
                secret=found.home.portal_secret,
                holder="console",
                elsewhere=elsewhere_of(settings),
            )
        )
    if not row.ok:
        raise Refused(f"The emergency pack failed: {row.error}")
    click.echo(f"{counted(row.controllers, 'controller', 'controllers')}: {', '.join(row.places)}")
