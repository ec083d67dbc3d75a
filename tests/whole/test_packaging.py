"""What is shipped works without the checkout: pages, their look, French, migrations."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.catalogues import ROOT

pytestmark = pytest.mark.xdist_group("packaging")  # one build for all

TRIAL = """
import app, registers, sys
from pathlib import Path
here = Path(sys.argv[1])
assert Path(app.__file__).is_relative_to(here), app.__file__
assert Path(registers.__file__).is_relative_to(here), registers.__file__
from app import config, schema
from app.application import create_app
from app.home import Home
from registers.kernel import clock
settings = config.settings()
Home(settings).prepare(clock.now())
schema.upgrade(settings.url)
client = create_app(settings).test_client()
page = client.get("/", headers={"Accept-Language": "fr"}, follow_redirects=True)
print(page.status_code, "Mot de passe" in page.text)
print(client.get("/static/greffe.css").status_code)
"""


def built(folder, *targets, root=ROOT):
    """What hatchling makes of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", *targets, "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The wheel and the source archive."""
    sdist, wheel = sorted(built(tmp_path_factory.mktemp("dist")), key=lambda path: path.suffix)
    return wheel, sdist


def names(wheel):
    with zipfile.ZipFile(wheel) as opened:
        return sorted(opened.namelist())


def test_a_wheel_works_by_itself(shipped, tmp_path):
    wheel, _sdist = shipped
    shutil.unpack_archive(wheel, tmp_path / "installed", "zip")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {
        "PYTHONPATH": str(tmp_path / "installed"),
        "GREFFE_HOME": str(tmp_path / "home"),
    }
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRIAL, str(tmp_path / "installed")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["200", "True", "200"]


def test_the_source_archive_makes_the_same_wheel(shipped, tmp_path):
    wheel, sdist = shipped
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path, filter="data")
        (top,) = {member.name.split("/")[0] for member in opened.getmembers()}
    (again,) = built(tmp_path / "dist", "-t", "wheel", root=tmp_path / top)
    assert names(again) == names(wheel)


def test_nothing_that_is_not_the_product_is_shipped(shipped):
    wheel, sdist = shipped
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"app", "registers"}
    with tarfile.open(sdist) as opened:
        unwanted = re.compile(r"/(\.venv|\.git/|__pycache__|\.mypy_cache|.*\.db$)")
        assert [name for name in opened.getnames() if unwanted.search(name)] == []
