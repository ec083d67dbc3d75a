"""The evidence pack of a controller: complete, silent of the others, checked by an outsider."""

import io
import json
import subprocess
import sys
import zipfile

import msgspec
import pytest

from registers.annexes.kinds import KINDS
from registers.annexes.making import make_all
from registers.annexes.orders import Order
from registers.annexes.subjects import of_controller
from registers.assistance import commitments, dossiers
from registers.assistance.commitments import Said as Undertaken
from registers.assistance.facts import Assistance, Certificate, Intervention, Member
from registers.assistance.vocabulary import CommitmentKind
from registers.delivery import controller_pack
from registers.press.verify import verify
from registers.retention import returning
from registers.retention.returning import Asked, Given
from registers.retention.vocabulary import Came
from tests.annexes.papers import KEY
from tests.assistance.hands import (
    LAWYER,
    TODAY,
    accepted,
    contested,
    contract_of,
    controller_of,
    given,
)
from tests.delivery.hands import Post, drained, tools
from tests.portal.hands import told

PDF = b"%PDF-1.7 certificat"


@pytest.fixture
def kept(sample, clock):
    """Something of everything, of two controllers."""
    told(sample, clock)
    drained(sample, Post())
    press = tools(sample, Post()).press
    owners = {code: controller_of(sample, code) for code in ("BEAUCHENE", "SAINTE-FLORE")}
    subjects = [of_controller(each.id) for each in owners.values()]
    list(make_all(press, Order(KINDS["register"], subjects, clock.at.date())))
    for code in owners:
        row = given(sample, code)
        accepted(sample, row)
    contested(sample, given(sample))
    with sample.acting(LAWYER) as act:
        for owner in owners.values():
            about = {"controller": owner.id, "title": f"Chez {owner.name}", "note": "Entre nous"}
            audit = dossiers.record(act, dossiers.ASSISTANCE, Assistance(**about), "x")
            dossiers.attach(act, dossiers.ASSISTANCE, audit.id, f"Rapport {owner.name}", PDF)
            dossiers.record(act, dossiers.INTERVENTIONS, Intervention(**about), "x")
        for title, more in (
            ("ISO 27001", {}),
            ("Gardé pour nous", {"withheld": True}),
            ("Ancien", {"ends_on": TODAY.replace(year=2025)}),
        ):
            held = dossiers.record(
                act, dossiers.CERTIFICATES, Certificate(title=title, **more), "x"
            )
            dossiers.attach(act, dossiers.CERTIFICATES, held.id, title, PDF + title.encode())
        person = dossiers.record(act, dossiers.STAFF, Member(name="Maël Riou"), "x")
        said = Undertaken(CommitmentKind.CONFIDENTIALITY, "Engagement", TODAY)
        commitments.commit(act, person.id, said)
    return sample, owners


def packed(database, owner):
    press, to = tools(database, Post()).press, io.BytesIO()
    with database.acting(LAWYER) as act:
        checkpoint = controller_pack.begin(act, owner, KEY)
    found = controller_pack.pack(press, checkpoint, owner.id, to, TODAY, language="fr")
    return found, to.getvalue()


def test_it_holds_everything_of_one_controller_and_nothing_of_another(kept):
    database, owners = kept
    found, content = packed(database, owners["BEAUCHENE"])
    assert (found.annexes, found.certificates) == (1, 1)
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = archive.namelist()
    everything = b"".join(archive.read(name) for name in names if name != "journal.jsonl")
    assert owners["SAINTE-FLORE"].name.encode() not in everything
    assert str(owners["SAINTE-FLORE"].id).encode() not in everything
    for word in ("Entre nous", "Maël Riou", "Gardé pour nous", "Ancien"):
        assert word.encode() not in everything, word
    (annex,) = [name for name in names if name.startswith("annexes/")]
    assert verify(archive.read(annex)).sound
    assert [name for name in names if name.startswith("notices/")]
    given_ = json.loads(archive.read("instructions.json"))
    assert [each["standing"] for each in given_] == ["accepted", "contested"]
    assert json.loads(archive.read("staff.json")) == {
        "persons": 1,
        "undertaken": 1,
        "trained": 0,
        "lacking": 1,
    }
    (audit,) = json.loads(archive.read("assistance.json"))
    assert audit["documents"][0]["title"].startswith("Rapport")
    assert json.loads(archive.read("measures.json"))
    sums = json.loads(archive.read("manifest.json"))
    assert set(sums) == set(names) - {"manifest.json"}


def checked_in(folder):
    command = [sys.executable, "-I", "verifier.py", "journal.jsonl"]
    more = ["--checkpoint", "checkpoint.json", "--key", "checkpoint-key.pem"]
    return subprocess.run(
        [*command, *more], cwd=folder, capture_output=True, text=True, check=False
    )


def test_what_it_asked_back_and_was_given_is_there_with_its_proofs(kept):
    database, owners = kept
    with database.acting(LAWYER) as act:
        for code in owners:
            contract = contract_of(database, code)
            asked = Asked(TODAY, Came.EMAIL, "Courriel", "DGS", "Équipe interne", PDF)
            request = returning.ask(act, contract.id, asked)
            act.session.flush()
            given_back = Given(TODAY, f"CSV de {code}", proof=PDF + b"!", request_id=request.id)
            returning.give_back(act, contract.id, given_back)
    _found, content = packed(database, owners["BEAUCHENE"])
    archive = zipfile.ZipFile(io.BytesIO(content))
    (told_of,) = json.loads(archive.read("returns.json"))
    assert told_of["reference"] == contract_of(database, "BEAUCHENE").reference
    assert [each["format"] for each in told_of["returns"]] == ["CSV de BEAUCHENE"]
    assert b"quipe interne" not in archive.read("returns.json")
    proofs = {archive.read(name) for name in archive.namelist() if name.startswith("returns/")}
    assert proofs == {PDF, PDF + b"!"}


def test_an_outsider_checks_it_with_python_alone(kept, tmp_path):
    database, owners = kept
    _, content = packed(database, owners["BEAUCHENE"])
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    done = checked_in(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    journal = (tmp_path / "journal.jsonl").read_text().splitlines()
    mine = (tmp_path / "entries.jsonl").read_text().splitlines()
    assert mine
    assert set(mine) <= set(journal)
    kinds = {json.loads(line)["kind"] for line in mine}
    assert {"instruction.given", "instruction.step", "annex.sealed", "notice.sent"} <= kinds
    forged = (tmp_path / "journal.jsonl").read_text().replace("instruction.given", "x", 1)
    (tmp_path / "journal.jsonl").write_text(forged)
    assert checked_in(tmp_path).returncode != 0


def test_the_same_registers_give_the_same_bytes(kept):
    database, owners = kept
    press = tools(database, Post()).press
    with database.acting(LAWYER) as act:
        checkpoint = controller_pack.begin(act, owners["BEAUCHENE"], KEY)
    made = []
    for _ in range(2):
        to = io.BytesIO()
        controller_pack.pack(press, checkpoint, owners["BEAUCHENE"].id, to, TODAY, language="fr")
        made.append(to.getvalue())
    assert made[0] == made[1]
    assert msgspec.json.decode(zipfile.ZipFile(io.BytesIO(made[0])).read("controller.json"))
