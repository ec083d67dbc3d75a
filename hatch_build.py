"""Compiles the catalogues, and lays templates and migrations inside a wheel."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = ("app/translations", "registers/translations")


def compile_catalogues(root: Path) -> None:
    """Writes each catalogue's binary form beside it."""
    for folder in CATALOGUES:
        for po in (root / folder).glob("*/LC_MESSAGES/*.po"):
            with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
                write_mo(target, read_po(source, locale=po.parts[-3]))


class Hook(BuildHookInterface):
    """Runs before hatchling collects the files of a wheel, an sdist or an editable install."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Compiles; for a wheel also adds the folders that stand outside the packages."""
        compile_catalogues(Path(self.root))
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"] |= {
                "templates": "app/templates",
                "migrations": "app/migrations",
            }
