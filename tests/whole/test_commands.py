"""The command line as its users meet it: real processes, real data folders."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app.config import Settings
from app.home import Home
from registers.sample import load
from tests.mail_servers import mail_server
from tests.whole.warm import Warm

URL = "GREFFE_DATABASE_URL"


class Shell:
    """Runs `greffe` on an installation of its own."""

    def __init__(self, warm, home, url):
        self.warm = warm
        self.home = home
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "GREFFE_HOME": str(home),
        }
        if not url.startswith("sqlite"):
            self.environment[URL] = url

    def run(self, *arguments, status=0, stdin="", **environment):
        """The standard output of a command that ends with this status."""
        done, *printed = self.warm.run(arguments, self.environment | environment, stdin)
        assert done == status, printed
        assert "Traceback" not in printed[1]
        return "".join(printed)

    @contextmanager
    def serving(self, *arguments, port, **environment):
        """A server in the background; gives what it printed until it served."""
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "app", *arguments],
            env=self.environment | {"GREFFE_PORT": str(port)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                printed = ""
                while "password" not in printed and "/set-up?token=" not in printed:
                    line = process.stdout.readline()
                    assert line, printed
                    printed += line
                _wait_for(port)
                yield printed
            finally:
                process.terminate()
                process.wait(20)


def _wait_for(port):
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nobody answers")


@pytest.fixture(scope="module")
def warm():
    made = Warm()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request):
    return request.param


@pytest.fixture
def nothing(warm, tmp_path, databases, database_kind):
    """A machine on which nothing was prepared yet."""
    with databases.fresh(database_kind, migrated=False) as url:
        yield Shell(warm, tmp_path / "home", url)


@pytest.fixture(params=[None])
def shell(warm, tmp_path, databases, database_kind, request):
    """A prepared installation, with what the test asks for on record."""
    with databases.fresh(database_kind, request.param) as url:
        made = Shell(warm, tmp_path / "home", url)
        settings = Settings(home=made.home, database_url=made.environment.get(URL, ""))
        Home(settings).prepare(datetime.now(UTC))
        if database_kind == "sqlite":
            shutil.move(sa.make_url(url).database, settings.url.database)
        yield made


sampled = pytest.mark.parametrize("shell", [load], indirect=True, ids=["sample"])
"""The test begins with the fictional data."""


def test_an_installation_from_nothing_to_a_sealed_annex(nothing, tmp_path):
    assert "run greffe init first" in nothing.run("export", status=1)
    assert "at version" in nothing.run("init")
    assert nothing.run("init") == ""  # nothing left to do
    assert nothing.home.stat().st_mode & 0o777 == 0o700
    nothing.run("sample")
    assert "holds nothing" in nothing.run("sample", status=1)
    paper = tmp_path / "annex.pdf"
    order = ("annex", "register", "--controller", "CA-ANNELAC", "--on", "2026-11-22")
    first = nothing.run(*order, "--out", paper)
    content = paper.read_bytes()
    again = nothing.run(*order, "--out", paper)
    assert "sealed" in first
    assert "unchanged" in again
    assert paper.read_bytes() == content
    authority = nothing.home / "identity" / "test-ca.pem"
    assert "sound" in nothing.run("verify", paper, "--trust", authority)
    everybody = tmp_path / "all"
    nothing.run("annex", "register", "--all", "--out", everybody)
    assert len(list(everybody.glob("AX-*.pdf"))) == 8
    said = nothing.run("audit", "verify")
    assert "The journal holds" in said
    assert int(re.search(r"agree: (\d+)", said)[1]) >= 1
    assert "no controller with the code" in nothing.run(
        "annex", "register", "--controller", "NOBODY", "--out", paper, status=1
    )
    assert "either --controller" in nothing.run("annex", "register", "--out", paper, status=1)
    assert "on record on 1999-01-01" in nothing.run(
        *order[:4], "--on", "1999-01-01", "--out", paper, status=1
    )


@sampled
def test_every_kind_of_paper_is_made_by_a_command(shell, tmp_path):
    told = shell.run("annex", "--help")
    for name in ("register", "whole_register", "clauses_915_iv", "clauses_914", "security"):
        assert re.search(rf"^  {name} ", told, re.MULTILINE), name
    assert "--contract" in shell.run("annex", "clauses_915", "--help")
    paper = tmp_path / "paper.pdf"
    one = ("annex", "clauses-915-i", "--contract", "MTV-2025-07", "--on", "2026-11-22")
    one = (*one, "--out", paper)
    assert "sealed" in shell.run(*one)
    assert "unchanged" in shell.run(*one)
    assert "sealed" in shell.run("annex", "whole_register", "--out", paper)
    several = tmp_path / "several"
    told = shell.run("annex", "security", "--all", "--out", several, status=1)
    assert "2 of 9 papers were not sealed" in told
    assert "VILLE-MONTVAL-MTV-2024-31: This paper cannot be sealed" in told
    assert len(list(several.glob("AX-*.pdf"))) == 7
    refused = shell.run(
        "annex", "clauses_915", "--controller", "CA-ANNELAC", "--out", paper, status=1
    )
    assert "OVH SAS: Contact person" in refused
    assert "either --controller CODE, --contract" in shell.run(
        "annex", "security", "--out", paper, status=1
    )
    assert "no contract with the reference" in shell.run(
        "annex", "security", "--contract", "?", "--out", paper, status=1
    )
    extract = ("annex", "journal_extract", "--since", "2026-01-01", "--out", paper)
    assert "sealed" in shell.run(*extract)


def test_controllers_are_imported_and_the_register_goes_elsewhere(shell, tmp_path, databases):
    table = tmp_path / "table.csv"
    table.write_text(
        "code;nom;nature;cp;courriel des notifications;référence du contrat;date de début\n"
        "A-1;Commune d’Été;commune;67000;dpo@ete.example;C-1;01/03/2026\n"
        "A-1;Commune d’Été;commune;67000;dpo@ete.example;C-2;01/04/2026\n"
        "A-2;Ville;commune;ABC;dpo@ville.example;C-1;01/03/2026\n",
        "utf-8",
    )
    dry = shell.run("import", "controllers", table, "--dry-run", status=1)
    assert "3 rows would be: 2 new, 0 changed, 0 unchanged, 1 refused" in dry
    assert "“ABC” is not a postcode" in dry
    assert json.loads(shell.run("export"))["controllers"] == []
    shell.run("import", "controllers", table, status=1)
    assert "2 unchanged, 1 refused" in shell.run("import", "controllers", table, status=1)
    register = shell.run("export")
    (controller,) = json.loads(register)["controllers"]
    assert controller["identity"]["code"] == "A-1"
    assert controller["versions"][0]["facts"]["calendar"] == "FR-67"
    with databases.fresh("sqlite", migrated=False) as url:
        other = Shell(shell.warm, tmp_path / "other", url)
        other.run("init")
        exported = tmp_path / "register.json"
        exported.write_text(register, "utf-8")
        assert "brought in" in other.run("import", "register", exported)
        assert other.run("export") == register
        assert "only an empty register" in other.run("import", "register", exported, status=1)


def test_backups_beyond_their_limit_are_deleted_and_named(shell, tmp_path):
    file, folder = tmp_path / "new.zip", shell.home / "backups"
    shell.run("backup", "--out", tmp_path / "old.zip")
    aged(tmp_path / "old.zip")
    shell.run("backup")
    (inside,) = folder.glob("greffe-*.zip")
    aged(inside)
    (tmp_path / "greffe-2020.zip").write_bytes(b"mine, not yours")
    assert "Deleted" not in shell.run("backup", "--out", tmp_path / "kept.zip", "--keep-all")
    said = shell.run("backup", "--out", file)
    assert f"Deleted, older than 93 days: {tmp_path / 'old.zip'}" in said
    assert f"Deleted, older than 93 days: {inside}" in said
    assert sorted(each.name for each in tmp_path.glob("*.zip")) == [
        "greffe-2020.zip", "kept.zip", "new.zip",
    ]  # fmt: skip
    assert list(folder.glob("greffe-*.zip")) == []
    assert "The journal holds" in shell.run("audit", "verify")


def aged(path):
    """Makes a backup say that it is of long ago."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(parts["manifest.json"])
    parts["manifest.json"] = json.dumps({**said, "made_at": "2020-01-01T00:00:00Z"}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@sampled
def test_a_backup_is_restored_with_its_secrets(shell, tmp_path, databases, database_kind):
    paper = tmp_path / "annex.pdf"
    order = ("annex", "register", "--controller", "BEAUCHENE", "--on", "2026-11-22")
    shell.run(*order, "--out", paper)
    phrase = {"GREFFE_BACKUP_PASSPHRASE": "une phrase de passe"}
    file = tmp_path / "backup.zip"
    assert "Without the secrets" in shell.run("backup", "--out", file)
    assert "never overwritten" in shell.run("backup", "--out", file, status=1, **phrase)
    file.unlink()
    assert "Without" not in shell.run("backup", "--out", file, **phrase)
    other_kind = "postgresql" if database_kind == "sqlite" else "sqlite"
    with databases.fresh(other_kind, migrated=False) as url:
        other = Shell(shell.warm, tmp_path / "other", url)
        assert "--without-secrets" in other.run("restore", file, status=1)
        wrong = {"GREFFE_BACKUP_PASSPHRASE": "une autre phrase"}
        assert "not the one of this backup" in other.run("restore", file, status=1, **wrong)
        assert "The journal holds" in other.run("restore", file, **phrase)
        assert "Only an empty installation" in other.run("restore", file, status=1, **phrase)
        assert other.run("export") == shell.run("export")
        again = tmp_path / "again.pdf"
        other.run(*order, "--out", again)
        assert again.read_bytes() == paper.read_bytes()
        assert "The journal holds" in other.run("audit", "verify")


@sampled
def test_the_emergency_pack_is_made_where_the_machine_is(shell, tmp_path):
    said = shell.run("emergency-pack", "--out", tmp_path / "pack.zip", status=1)
    assert "GREFFE_PACK_PASSPHRASE" in said
    given = {"GREFFE_PACK_PASSPHRASE": "sept greffiers en hiver 1789"}
    said = shell.run("emergency-pack", "--out", tmp_path / "pack.zip", **given)
    assert "8 controllers" in said
    assert "exists already" in shell.run(
        "emergency-pack", "--out", tmp_path / "pack.zip", status=1, **given
    )
    (elsewhere := tmp_path / "elsewhere").mkdir()
    given["GREFFE_PACK_FOLDER"] = str(elsewhere)
    assert str(elsewhere) in shell.run("emergency-pack", **given)
    assert len(list(elsewhere.glob("dossier-urgence-*.zip"))) == 1
    given["GREFFE_PACK_FOLDER"] = str(tmp_path / "gone")
    assert "is it mounted?" in shell.run("emergency-pack", status=1, **given)
    assert "would be lost with it" in shell.run(
        "config",
        "check",
        status=1,
        GREFFE_PACK_PASSPHRASE="sept greffiers en hiver 1789",
        GREFFE_PACK_FOLDER=str(shell.home / "packs"),
    )


def test_restored_without_its_secrets_an_installation_says_what_that_means(nothing, tmp_path):
    nothing.run("sample")
    file = tmp_path / "backup.zip"
    nothing.run("backup", "--out", file, GREFFE_BACKUP_PASSPHRASE="une phrase de passe")
    other = Shell(nothing.warm, tmp_path / "other", "")
    said = other.run("restore", file, "--without-secrets")
    assert "second factors" in said
    assert "greffe user reset" in said
    link = other.run("user", "reset", "alix.morel@ponant.example")
    assert "/invitation/" in link
    assert "no account" in other.run("user", "reset", "nobody@ponant.example", status=1)


def test_an_identity_that_cannot_be_read_is_told_before_anybody_seals(nothing, tmp_path):
    missing = {"GREFFE_IDENTITY": str(tmp_path / "none.p12")}
    assert "cannot be read" in nothing.run("config", "check", status=1, **missing)


@sampled
def test_the_journal_is_checked_by_an_outsider(shell, tmp_path):
    journal, signed, script = (tmp_path / name for name in ("j.jsonl", "c.json", "check.py"))
    shell.run("audit", "checkpoint", "--out", signed)
    shell.run("audit", "export", "--out", journal)
    shell.run("audit", "verifier", "--out", script)
    command = [sys.executable, "-I", "-S", script, journal]
    options = ["--checkpoint", signed, "--key", script.with_suffix(".pem")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[:-3]), "utf-8")
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "tail is cut" in done.stdout
    assert "Checkpoints that agree: 2" in shell.run("audit", "verify", "--checkpoint", signed)


def test_accounts_are_added_where_the_machine_is(shell):
    role = ("--role", "dpo", "--name", "Alix Morel")
    link = shell.run("user", "add", "alix@ponant.example", *role)
    assert re.search(r"/invitation/\S{40}", link)
    assert "account with this address" in shell.run(
        "user", "add", "alix@ponant.example", *role, status=1
    )
    short = ("user", "add", "b@ponant.example", *role, "--password-stdin")
    assert "at least 12 characters" in shell.run(*short, status=1, stdin="court\n")
    assert "can sign in" in shell.run(*short, stdin="une phrase assez longue\n")


def test_the_demonstration_serves_and_signs_in_once(nothing, free_port):
    real = {"GREFFE_SMTP_HOST": "mail.ponant.example", "GREFFE_SMTP_FROM": "avis@ponant.example"}
    with nothing.serving("demo", port=free_port, **real) as printed:
        assert f"Mail is written to {nothing.home}/outgoing, nothing leaves." in printed
        door = re.search(r"http://\S+/door/\S+", printed)[0]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(door) as page:
            assert "Éditions Logicielles du Ponant" in page.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(door)  # noqa: S310 our own address


def test_serving_for_the_first_time_prints_a_token(nothing, free_port):
    with nothing.serving("serve", port=free_port) as printed:
        assert re.search(rf"http://127.0.0.1:{free_port}/set-up\?token=\S{{40}}", printed)
        taken = nothing.run("serve", status=1, GREFFE_PORT=str(free_port))
        assert "cannot be listened on" in taken


def test_a_configuration_is_checked_without_being_used(nothing):
    assert "can be used" in nothing.run("config", "check")
    assert not nothing.home.exists()
    assert "not a setting" in nothing.run("config", "check", status=1, GREFFE_TYPO="1")


def test_checking_the_configuration_tries_the_mail_server(nothing, free_port):
    local = {"GREFFE_SMTP_HOST": "127.0.0.1", "GREFFE_SMTP_FROM": "avis@ponant.example"}
    local |= {"GREFFE_SMTP_SECURITY": "none", "GREFFE_SMTP_PORT": str(free_port)}
    said = nothing.run("config", "check", status=1, **local)
    assert f"127.0.0.1:{free_port} (none), from avis@ponant.example" in said
    assert "The mail server cannot be used" in said
    with mail_server() as (_answers, port):
        assert "can be used" in nothing.run(
            "config", "check", **local | {"GREFFE_SMTP_PORT": str(port)}
        )


def test_a_folder_that_others_can_read_is_refused(nothing):
    nothing.home.mkdir(mode=0o755)
    assert "chmod 700" in nothing.run("init", status=1)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
