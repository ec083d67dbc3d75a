"""`greffe audit …`, `backup`, `restore`: the journal, and copies of everything."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from app import config, schema
from app.commands.opening import counted, installation, plainly, schema_errors
from app.config import Refused
from app.home import MASTER, Home
from app.house import house
from registers.kernel import audit, backup, clock, standalone
from registers.people.roles import Permission, console
from registers.stores import backups, limits


@click.group("audit")
def journal() -> None:
    """The journal."""


@journal.command("verify")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint that had left the machine, as JSON.",
)
@plainly
def verify(checkpoints: tuple[Path, ...]) -> None:
    """Checks every entry, what stands beside it, and the checkpoints."""
    outside = [_checkpoint(path) for path in checkpoints]
    with installation():
        key = house().home.checkpoint_key.public
        with house().database.engine.connect() as connection:
            verdict, agree = audit.verify(connection, key, outside)
    for fault in verdict.faults:
        click.echo(f"entry {fault.number}: {fault.what}")
    if verdict.faults:
        click.echo("The journal does not hold.")
        sys.exit(1)
    held = counted(verdict.size, "entry", "entries")
    click.echo(f"The journal holds: {held}, last hash {verdict.head}")
    click.echo(f"Checkpoints that agree: {agree}")


def _checkpoint(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return {name: found[name] for name in ("size", "head", "at", "key", "signature")}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} is not a checkpoint.") from error


@journal.command("checkpoint")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write.")
@plainly
def checkpoint(out: Path | None) -> None:
    """Signs the present end of the journal, to be kept outside this machine."""
    with installation():
        found = house()
        with found.acting(console()) as act:
            act.require(Permission.CHECKPOINT)
            signed = audit.sign_checkpoint(act, found.home.checkpoint_key).as_json()
    written = json.dumps(signed, indent=1)
    if out:
        out.write_text(written + "\n", "utf-8")
    else:
        click.echo(written)


@journal.command("export")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@plainly
def export(out: Path) -> None:
    """Writes the journal as JSON lines, without what persons could be recognised by."""
    with (
        installation(),
        house().database.engine.connect() as connection,
        out.open("w", encoding="utf-8") as to,
    ):
        to.writelines(f"{line}\n" for line in audit.export(connection))
        count = audit.head(connection).size
    click.echo(f"{count} entries written to {out}; check them with the stand-alone verifier.")


@journal.command("verifier")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@plainly
def verifier(out: Path) -> None:
    """Writes the stand-alone verifier, and the public key of the checkpoints beside it."""
    with installation():
        key = house().home.checkpoint_key.public_pem
    shutil.copyfile(standalone.__file__, out)
    out.with_suffix(".pem").write_bytes(key)
    click.echo(f"Run: python {out} JOURNAL.jsonl --checkpoint FILE --key {out.with_suffix('.pem')}")


@click.command("backup")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file to write.")
@click.option("--keep-all", is_flag=True, help="Delete none of the older backups.")
@plainly
def back_up(out: Path | None, keep_all: bool) -> None:
    """Copies everything to one file: tables, files, journal; secrets too, with a passphrase.

    Once it is whole, backups beyond the limit of the own stores are deleted: those that this
    installation made, beside the new one and in the data folder.
    """
    settings = config.settings()
    with installation(settings):
        home, now = house().home, clock.now()
    if out and out.exists():
        raise Refused(f"{out} exists already: a backup is never overwritten.")
    path = out or home.backups / f"greffe-{now:%Y%m%dT%H%M%S}.zip"
    secrets = home.sealed_secrets() if settings.backup_passphrase else None
    with schema_errors():
        made = backup.write(
            path, settings.url, home.store(), key=home.checkpoint_key, now=now, secrets=secrets
        )
    rows = sum(made.rows.values())
    click.echo(f"{path}: {len(made.tables)} tables, {rows} rows, {made.files} files")
    if secrets is None:
        click.echo(
            "Without the secrets: set GREFFE_BACKUP_PASSPHRASE to include them encrypted, "
            f"or keep {home.path / 'secrets'} and {home.path / 'identity'} apart."
        )
    if not keep_all:
        with installation(settings):
            _delete_old((path.parent, home.backups))


def _delete_old(folders: Sequence[Path]) -> None:
    """Deletes the backups of this installation that are beyond the limit, and says which."""
    found, key = house(), house().home.checkpoint_key.public
    with found.database.reading() as session:
        known = limits.limits(session)
    over = backups.over(folders, key, known, found.today, found.settings.zone)
    gone = []
    for each in over.ours:
        try:
            each.path.unlink()
        except OSError as error:
            click.echo(f"greffe: {each.path} is not deleted: {error.strerror}", err=True)
        else:
            gone.append(each)
            click.echo(f"Deleted, older than {known.backup_days} days: {each.path}")
    for each in over.others:
        click.echo(
            f"Left, though older than {known.backup_days} days: {each.path} was made with another "
            "key. Delete it yourself once it is of no use."
        )
    if gone:
        last = max(each.made_at.astimezone(ZoneInfo(found.settings.zone)) for each in gone).date()
        with found.acting(console()) as act:
            backups.deleted(act, gone, last)


@click.command("restore")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--without-secrets", is_flag=True, help="Leave the backup's secrets out.")
@plainly
def restore(path: Path, without_secrets: bool) -> None:
    """Fills an empty installation, of either database, from a backup."""
    settings = config.settings()
    home = Home(settings)
    secrets = backup.secrets_of(path)
    if secrets is not None and not settings.backup_passphrase and not without_secrets:
        raise Refused(
            "The backup holds secrets: set GREFFE_BACKUP_PASSPHRASE, or leave them out with "
            "--without-secrets."
        )
    home.make_folders()
    kept = (home.path / "secrets" / MASTER).exists() or bool(settings.master_key)
    if secrets is not None and not without_secrets:
        home.open_secrets(secrets)
        kept = True
    home.prepare(clock.now())
    with schema_errors():
        if schema.current(settings.url) not in {None, backup.open_manifest(path).revision}:
            raise Refused("Only an empty installation can be restored into.")
        made = backup.restore(
            path, settings.url, home.store(), lambda to: schema.upgrade(settings.url, to)
        )
        schema.upgrade(settings.url)
    click.echo(f"Restored what was backed up at {made.made_at:%Y-%m-%d %H:%M} UTC.")
    click.echo(f"The journal holds: {counted(made.checkpoint['size'], 'entry', 'entries')}.")
    if not kept:
        click.echo(
            "The secrets are new: checkpoints are signed with another key, annexes sealed with "
            "another test identity, and second factors set before do not open. Recovery codes "
            "do; or run greffe user reset EMAIL."
        )
