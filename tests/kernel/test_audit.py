"""The chain: what it shows when somebody rewrites it, here and with the stand-alone verifier."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from registers.kernel import audit, standalone
from registers.kernel.base import canonical
from registers.kernel.words import text
from tests.conftest import May

KEPT = audit.kind("test.kept", text("Kept"), "what")
KEY = audit.CheckpointKey(Ed25519PrivateKey.generate())
SCRIPT = Path(standalone.__file__)


@pytest.fixture
def chain(database, someone, clock):
    """Ten entries with values, of five acts."""
    for turn in range(5):
        clock.forward(minutes=1)
        with database.acting(someone) as act:
            act.require(May.WRITE)
            for name in ("é", "ü\u2028\x7f"):
                act.log(KEPT, f"test:{turn}", values={"after": {"name": name}}, what=name)
    return database


def verify(database, outside=()):
    with database.engine.connect() as connection:
        return audit.verify(connection, KEY.public, outside)


def tamper(database, *statements):
    """What an administrator with the database's own tools can do."""
    engine = sa.create_engine(database.engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).scalars():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def standalone_verdict(database, tmp_path, *options):
    journal = tmp_path / "journal.jsonl"
    with database.engine.connect() as connection:
        journal.write_text("".join(f"{line}\n" for line in audit.export(connection)), "utf-8")
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(journal), *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def checkpoint(database, clock):
    with database.engine.connect() as connection:
        return KEY.sign(audit.head(connection), clock()).as_json()


def test_an_untouched_chain_holds(chain, tmp_path, clock):
    left = checkpoint(chain, clock)
    verdict, agree = verify(chain, [left])
    assert (verdict.size, verdict.faults, agree) == (10, [], 1)
    status, said = standalone_verdict(chain, tmp_path)
    assert status == 0
    assert verdict.head in said


CHANGED = "UPDATE entry SET facts = replace(facts, 'what', 'WHAT') WHERE number = 4"
ACTOR = "UPDATE entry SET actor = 'user:other' WHERE number = 1"
REMOVED = "DELETE FROM entry WHERE number = 4"
INSERTED = (
    "INSERT INTO entry SELECT 11, act, at, actor, kind, about, within, facts, commitment, "
    "previous, hash, values_id FROM entry WHERE number = 10"
)
REORDERED = (
    "UPDATE entry SET number = 100 WHERE number = 4",
    "UPDATE entry SET number = 4 WHERE number = 5",
    "UPDATE entry SET number = 5 WHERE number = 100",
)


@pytest.mark.parametrize(
    ("forgery", "at"),
    [([CHANGED], 4), ([ACTOR], 1), ([REMOVED], 5), ([INSERTED], 11), (REORDERED, 4)],
    ids=["changed", "actor", "removed", "inserted", "reordered"],
)
def test_a_rewritten_chain_is_found(chain, tmp_path, forgery, at):
    tamper(chain, *forgery)
    verdict, _ = verify(chain)
    assert verdict.faults[0].number == at
    status, said = standalone_verdict(chain, tmp_path)
    assert status == 1
    assert f"entry {at}:" in said


def test_a_cut_tail_is_found_against_a_checkpoint(chain, tmp_path, clock):
    left = checkpoint(chain, clock)
    tamper(chain, "DELETE FROM entry WHERE number > 8")
    assert verify(chain)[0].faults == []  # the chain alone cannot tell
    verdict, agree = verify(chain, [left])
    assert agree == 0
    assert "tail is cut" in verdict.faults[0].what
    path, key = tmp_path / "checkpoint.json", tmp_path / "key.pem"
    path.write_text(json.dumps(left), "utf-8")
    key.write_bytes(KEY.public_pem)
    status, said = standalone_verdict(chain, tmp_path, "--checkpoint", path, "--key", key)
    assert status == 1
    assert "tail is cut" in said


def test_a_checkpoint_of_a_stranger_is_not_believed(chain, tmp_path, clock):
    stranger = audit.CheckpointKey(Ed25519PrivateKey.generate())
    with chain.engine.connect() as connection:
        left = stranger.sign(audit.head(connection), clock()).as_json()
    assert "another key" in verify(chain, [left])[0].faults[0].what
    path, key = tmp_path / "checkpoint.json", tmp_path / "key.pem"
    path.write_text(json.dumps(left), "utf-8")
    key.write_bytes(KEY.public_pem)
    assert standalone_verdict(chain, tmp_path, "--checkpoint", path, "--key", key)[0] == 1


def test_a_rebuilt_chain_is_found_against_a_checkpoint(chain, clock):
    left = checkpoint(chain, clock) | {"head": "1" * 64}
    verdict, _ = verify(chain, [left])
    whats = [fault.what for fault in verdict.faults]
    assert any("not the entry that a checkpoint saw" in what for what in whats)
    assert any("signature is not valid" in what for what in whats)


def test_a_checkpoint_holds_when_the_chain_has_grown(chain, someone, clock, tmp_path):
    left = checkpoint(chain, clock)
    with chain.acting(someone) as act:
        act.require(May.WRITE)
        act.log(KEPT, "test:6", what="more")
    assert verify(chain, [left]) == (verify(chain)[0], 1)
    path, key = tmp_path / "checkpoint.json", tmp_path / "key.pem"
    path.write_text(json.dumps(left), "utf-8")
    key.write_bytes(KEY.public_pem)
    status, said = standalone_verdict(chain, tmp_path, "--checkpoint", path, "--key", key)
    assert status == 0
    assert "agree: 1" in said


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE entry_values SET content = replace(content, 'name', 'NAME')",
        "UPDATE entry_values SET key = NULL",
        "UPDATE entry SET values_id = NULL WHERE number = 2",
    ],
)
def test_forged_values_are_found(chain, forgery):
    tamper(chain, forgery)
    assert "values kept beside it" in verify(chain)[0].faults[0].what


def test_a_kind_must_be_given_its_facts(database, someone):
    with pytest.raises(ValueError, match="declares"), database.acting(someone) as act:
        act.require(May.WRITE)
        act.log(KEPT, "test:1", other="x")


def test_a_kind_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        audit.kind("test.kept", text("Again"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcxyz_", min_size=1), inner),
)


@given(JSON)
def test_the_canonical_form_is_what_the_standard_library_writes(value):
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(value).decode() == plain


@given(st.binary(max_size=100), st.integers(0, 63))
def test_the_stand_alone_verifier_checks_ed25519(message, place):
    private = Ed25519PrivateKey.generate()
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert standalone.ed25519_holds(public, signature, message)
    assert not standalone.ed25519_holds(public, signature, message + b"x")
    bent = bytearray(signature)
    bent[place] ^= 1
    assert not standalone.ed25519_holds(public, bytes(bent), message)


def test_the_stand_alone_verifier_says_what_it_cannot_read(tmp_path):
    journal = tmp_path / "journal.jsonl"
    journal.write_text("{}\n")
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(journal)], capture_output=True, check=False
    )
    assert run.returncode == 2
    assert b"not readable" in run.stderr
