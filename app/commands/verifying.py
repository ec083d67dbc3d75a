"""`greffe verify`: whether a PDF is what somebody signed. Needs no data folder and no network."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from app.commands.opening import plainly
from registers.press.verify import Signature, Verification, verify

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

COVERS = {
    "document": "covers the whole document",
    "revision": "covers its revision whole; later ones only add what it allows, unless told below",
    "part": "covers only a part of the document",
}
TRUSTED = {
    True: "certified by a trusted authority",
    False: "not certified by a trusted authority",
    None: "trust not checked: give --trust",
}


@click.command("verify")
@click.argument("path", metavar="FILE.pdf", type=FILE)
@click.option(
    "--trust",
    type=FILE,
    multiple=True,
    metavar="CA.pem",
    help="An authority to rely on, PEM or DER; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON object.")
@plainly
def verify_file(path: Path, trust: tuple[Path, ...], *, as_json: bool) -> None:
    """Checks the signatures of any PDF, and the embedded data of ours.

    The exit status is 0 only if the file is signed, intact and unchanged since; and, where
    authorities are given, if they certified every signature.
    """
    found = verify(path.read_bytes(), [each.read_bytes() for each in trust])
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(builtins(found))))
    else:
        click.echo("\n".join(report(path.name, found)))
    sys.exit(0 if found.sound else 1)


def builtins(found: Verification) -> dict[str, Any]:
    """The findings as plain values, the faults as sentences."""
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain | {"faults": [str(fault) for fault in found.faults]}


def report(name: str, found: Verification) -> Iterator[str]:
    """The findings as lines."""
    yield f"{name}: {'sound' if found.sound else 'NOT SOUND'}"
    for at, signature in enumerate(found.signatures, 1):
        yield from _signature(at, signature)
    if found.snapshot:
        kept = "those" if found.snapshot.matches else "NOT those"
        yield f"Embedded data: {kept} it was typeset from (SHA-256 {found.snapshot.stated})"
    for fault in found.faults:
        yield f"- {fault}"


def _signature(at: int, found: Signature) -> Iterator[str]:
    kind = "document time-stamp" if found.timestamp else "electronic signature"
    if found.kind and not found.timestamp:
        kind = str(found.kind.says)
    test = " (a test identity, without legal value)" if found.test else ""
    when = found.at.isoformat(sep=" ", timespec="seconds") if found.at else "at no stated time"
    source = "attested by a time-stamp" if found.attested else "as the signer claims"
    yield f"{at}. {kind} by {found.by}{test}"
    yield f"   {when}, {source}; field {found.field}, revision {found.revision}"
    yield f"   PAdES level {found.level.value}; {found.algorithm}"
    yield (
        f"   {'intact' if found.intact else 'NOT INTACT'}; {COVERS[found.covers]}; "
        f"{TRUSTED[found.trusted]}"
    )
