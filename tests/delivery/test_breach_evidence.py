"""The proof of a breach: complete for a controller, silent of others, checked by an outsider."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.breaches import finding, owning
from registers.breaches.models import Affected
from registers.breaches.own import Own, Risk
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.delivery import breach_evidence, readme
from registers.delivery.breach_evidence import Proof
from registers.kernel import audit
from registers.kernel.history import How
from registers.notices import post, receipts
from registers.notices.models import Dispatch, Matter
from registers.notices.post import Slip
from registers.notices.receipts import Proof as Receipt
from registers.notices.vocabulary import Evidence, PostalEvent
from registers.people.roles import Permission
from tests.annexes.papers import KEY
from tests.announcements.telling import COLLEAGUE
from tests.breaches.test_operations import KNOWN, RESPONDER, recorded, rows, told, touched
from tests.delivery.hands import Post, drained, tools

SLIP = b"%PDF-1.7 accus\xc3\xa9"
CODE = "CA-ANNELAC"


@pytest.fixture
def sample(register_url, database):
    return database


@pytest.fixture
def proven(sample, clock):
    """A breach of which all were told, with numbers, a receipt and a slip."""
    breach = recorded(sample, replace(KNOWN, ours=True, note="Interne"))
    touched(sample, breach)
    with sample.acting(RESPONDER) as act:
        numbers = {
            each.id: (7_000_000 + place, None) for place, each in enumerate(rows(sample, Affected))
        }
        finding.count_persons(act, breach.id, numbers)
    told(sample, breach)
    drained(sample, Post())
    clock.forward(hours=1)
    with sample.acting(COLLEAGUE) as act:
        owner = owner_of(sample)
        matters = [each.id for each in rows(sample, Matter, Matter.controller_id == owner)]
        proof = Receipt(Evidence.SIGNED, clock().date(), "Signé", content=SLIP)
        receipts.receive(act, matters, proof)
    with sample.acting(COLLEAGUE) as act:
        letters = rows(sample, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)
        for each in letters:
            post.follow_post(
                act, each.id, Slip(PostalEvent.DEPOSITED, clock().date(), "2C", content=SLIP)
            )
    with sample.acting(RESPONDER) as act:
        known = Own(risk=Risk.NONE, risk_reason="Chiffrées")
        owning.record(act, breach.id, known, 0, How(clock().date(), "Analyse"))
    return sample, breach


def owner_of(database, code=CODE):
    with database.reading() as session:
        return session.scalar(sa.select(Controller.id).where(Controller.code == code))


def archived(database, head, code=None):
    to = io.BytesIO()
    with database.acting(COLLEAGUE) as act:
        act.require(Permission.CHECKPOINT)
        checkpoint = audit.sign_checkpoint(act, KEY).as_json()
    asked = Proof(head.id, "fr", owner_of(database, code) if code else None)
    count = breach_evidence.bundle(tools(database, Post()).press, checkpoint, asked, to)
    return zipfile.ZipFile(to), count


def test_it_holds_everything_of_a_controller_and_nothing_of_another(proven):
    database, breach = proven
    archive, count = archived(database, breach, CODE)
    assert count == 1
    folders = {name.split("/")[0] for name in archive.namelist() if "/" in name}
    assert folders == {CODE}
    names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert {
        *("README.txt", "breach.json", "timeline.txt", "timeline.json", "journal.jsonl"),
        *("verifier.py", "checkpoint.json", "affected.json", "notice.json", "notice.pdf"),
        *("entries.jsonl", "email-1.eml" if "email-1.eml" in names else "email-2.eml"),
    } <= names
    explained = archive.read("README.txt").decode()
    assert explained.startswith(f"Preuve de la violation {breach.code}")
    assert f"Evidence of the breach {breach.code}" in explained
    assert explained.count(readme.PROVEN) == 2
    assert any(name.endswith("receipt-1.pdf") for name in names)
    assert any("slip-1.pdf" in name for name in names)
    said = b"".join(
        archive.read(name)
        for name in archive.namelist()
        if not name.endswith((".pdf", ".eml", "journal.jsonl"))
    )
    own = {
        str(each.persons)
        for each in rows(database, Affected, Affected.controller_id == owner_of(database))
    }
    others = {str(each.persons) for each in rows(database, Affected)} - own
    assert others
    assert not [number for number in others if number.encode() in said]
    assert b"Interne" not in said
    assert "Chiffrées".encode() not in said
    timeline = archive.read("timeline.txt").decode()
    assert "BR-2026-0001" in timeline
    assert len(json.loads(archive.read("timeline.json"))) > 5


def test_all_of_it_has_every_notice_and_what_is_ours(proven):
    database, breach = proven
    archive, count = archived(database, breach)
    assert len([name for name in archive.namelist() if name.endswith("notice.json")]) == count
    assert count == len({each.controller_id for each in rows(database, Affected)})
    clocks = [name for name in archive.namelist() if name.endswith("affected.json")]
    assert len(clocks) == len(rows(database, Affected))
    known = json.loads(archive.read("breach.json"))
    assert known["own"][0]["facts"]["risk"] == "none"
    assert [each["facts"]["note"] for each in known["versions"]] == [""]


def test_an_outsider_verifies_it_with_python_alone(proven, tmp_path):
    archive, _count = archived(*proven, CODE)
    archive.extractall(tmp_path)
    command = [sys.executable, "-I", "verifier.py", "journal.jsonl"]
    command += ["--checkpoint", "checkpoint.json", "--key", "checkpoint-key.pem"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "checkpoints that agree: 1" in said.stdout
    lines = set((tmp_path / "journal.jsonl").read_text("utf-8").splitlines())
    (own,) = tmp_path.glob(f"{CODE}/*/entries.jsonl")
    entries = own.read_text("utf-8").splitlines()
    assert set(entries) <= lines
    kinds = {json.loads(line)["kind"] for line in entries}
    assert {"notice.written", "notice.sent", "notice.received", "notice.posted"} <= kinds
