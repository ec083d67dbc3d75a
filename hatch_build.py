"""Compiles the catalogues, and lays templates and migrations inside a wheel."""

import io
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = ("app/translations", "registers/translations")


def compile_catalogues(root: Path) -> None:
    """Writes each catalogue's binary form beside it, whole: others may be reading it."""
    for folder in CATALOGUES:
        for po in (root / folder).glob("*/LC_MESSAGES/*.po"):
            compiled = io.BytesIO()
            with po.open("rb") as source:
                write_mo(compiled, read_po(source, locale=po.parts[-3]))
            with NamedTemporaryFile(dir=root, prefix=".compiled-", delete=False) as target:
                target.write(compiled.getvalue())
            ready = Path(target.name)
            ready.chmod(po.stat().st_mode & 0o777)
            ready.replace(po.with_suffix(".mo"))


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
