"""The documentation names what there is, all of it, and nothing else."""

import re

import click
import pytest

from app.commands import main as commands
from app.config import Settings
from registers.controllers.columns import HEADINGS
from registers.kernel.exchange import SCHEMA_VERSION
from registers.work import EXPORTED
from tests.catalogues import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_readme():
    named = set(re.findall(r"`GREFFE_([A-Z0-9_]+)`", README))
    assert named == {name.upper() for name in Settings.__struct_fields__}


def test_every_command_stands_in_the_readme():
    context = click.Context(commands)
    assert [
        name for name in commands.list_commands(context) if f"`greffe {name}" not in README
    ] == []


def test_every_column_of_an_import_is_described():
    described = (ROOT / "docs/import.md").read_text("utf-8")
    first_cells = re.findall(r"^\| (`[^|]+) \|", described, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells))) == set(HEADINGS)


def test_every_part_of_an_export_is_described():
    described = (ROOT / "docs/export.md").read_text("utf-8")
    assert [part.key for part in EXPORTED if f"`{part.key}`" not in described] == []
    assert f"`{SCHEMA_VERSION}`" in described


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"])
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target
