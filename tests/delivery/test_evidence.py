"""The archive of proof: complete for a controller, silent of the others, checked by an outsider."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from registers.announcements import objections
from registers.announcements.objections import Said
from registers.controllers.models import Controller
from registers.delivery import evidence
from registers.kernel import audit
from registers.notices import receipts
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people.roles import Permission
from tests.annexes.papers import KEY, NOW
from tests.announcements.telling import COLLEAGUE, announced, matters
from tests.delivery.hands import Post, drained, tools

SLIP = b"%PDF-1.7 accus\xc3\xa9"


@pytest.fixture
def proven(sample, clock):
    """An announcement that was sent, received and objected to."""
    head = announced(sample, clock, at=NOW)
    drained(sample, Post())
    clock.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    known = matters(sample)
    with sample.acting(COLLEAGUE) as act:
        proof = Proof(Evidence.SIGNED, clock.at.date(), "Signé", content=SLIP)
        receipts.receive(act, [each.id for each in known.values()], proof)
    with sample.acting(COLLEAGUE) as act:
        said = Said(clock.at.date(), "Solange Perrier", "présidente", content=SLIP)
        objections.object_to(act, known["CA-ANNELAC"].id, said)
    return sample, head


def archived(database, head, code=None):
    to = io.BytesIO()
    with database.reading() as session:
        owner = session.scalar(sa.select(Controller.id).where(Controller.code == code))
    with database.acting(COLLEAGUE) as act:
        act.require(Permission.CHECKPOINT)
        checkpoint = audit.sign_checkpoint(act, KEY).as_json()
    count = evidence.bundle(
        tools(database, Post()).press, checkpoint, head.id, to, owner, language="fr"
    )
    return zipfile.ZipFile(to), count


def test_it_holds_everything_about_a_controller_and_nothing_of_another(proven):
    archive, count = archived(*proven, "CA-ANNELAC")
    assert count == 1
    folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert folders == {"CA-ANNELAC"}
    names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert {
        *("README.txt", "announcement.json", "journal.jsonl", "verifier.py", "checkpoint.json"),
        *("matter.json", "notice.pdf", "receipt-1.json", "receipt-1.pdf", "window-1.json"),
        *("objection-1.json", "objection-1.pdf", "entries.jsonl"),
    } <= names
    assert any(name.endswith(".eml") for name in names)
    said = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    assert b"Rhinbourg" not in said


def test_all_of_it_has_a_folder_for_each_contract(proven):
    archive, count = archived(*proven)
    found = [name for name in archive.namelist() if name.endswith("matter.json")]
    assert len(found) == count > len(matters(proven[0])) - 1


def test_an_outsider_verifies_it_with_python_alone(proven, tmp_path):
    archive, _count = archived(*proven, "CA-ANNELAC")
    archive.extractall(tmp_path)
    command = [sys.executable, "-I", "verifier.py", "journal.jsonl"]
    command += ["--checkpoint", "checkpoint.json", "--key", "checkpoint-key.pem"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "checkpoints that agree: 1" in said.stdout
    lines = set((tmp_path / "journal.jsonl").read_text("utf-8").splitlines())
    (own,) = tmp_path.glob("CA-ANNELAC/*/entries.jsonl")
    told = own.read_text("utf-8").splitlines()
    assert len(told) > 4
    assert set(told) <= lines
    kinds = {json.loads(line)["kind"] for line in told}
    assert {"notice.written", "notice.sent", "notice.received", "objection.received"} <= kinds
