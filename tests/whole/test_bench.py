"""Each bench runs at the smallest size and says what it must; nothing here is timed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.commands.bench import bench, fictional
from registers.kernel.identifiers import checked_email, checked_siret

NUMBER = int | float


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The last line of a bench, as a program reads it; the caller's own data are out of reach."""
    monkeypatch.setenv("GREFFE_HOME", str(tmp_path / "home"))

    def run(name, size):
        done = CliRunner().invoke(bench, [name, "--json", "--quick", "--size", str(size)])
        assert done.exit_code == 0, (done.output, done.exception)
        *told, last = done.output.splitlines()
        assert len(told) > 5
        assert not Path(tmp_path / "home").exists()
        return json.loads(last)

    return run


def test_deadlines_are_compared_with_the_holidays_library(run):
    found = run("deadlines", 26)
    for name in ("ratio_holidays", "per_second", "holidays_per_second", "command_per_second"):
        assert found[name] > 0
    assert found["lines"] == 26
    assert 0.9 < found["agreeing"] / found["questions"] <= 1


def test_a_journal_is_filled_verified_and_loses_nothing(run):
    found = run("audit", 120)
    for name in ("us_per_line", "act_growth", "act_ms", "verify_memory_mb"):
        assert found[name] > 0
    assert found["lines"] > 120
    assert found["lost"] == 0


def test_pages_are_opened_in_two_installations(run):
    found = run("pages", 2)
    for name in ("p95_ms", "growth", "statements", "import_s"):
        assert found[name] > 0
    assert isinstance(found["statements"], int)
    assert found["growth"] == max(found["growth_lists"], found["growth_dossiers"])
    assert {"controllers", "journal", "annexes", "controller", "annex"} <= set(found["pages"])
    for page in found["pages"].values():
        assert all(isinstance(value, NUMBER) for value in page.values())


# WeasyPrint leaves the file of its colour profile to the garbage collector
@pytest.mark.filterwarnings("ignore:.*weasyprint:pytest.PytestUnraisableExceptionWarning")
def test_annexes_are_made_by_every_maker(run):
    found = run("annexes", 1)
    assert found["annexes"] == 1
    assert found["per_second_per_core"] > 0
    assert found["ratio_platypus"] > 0
    assert found["ratio_weasyprint"] is None or found["ratio_weasyprint"] > 0
    assert set(found["ms"]) == {"read", "issue", "keep"}
    assert 0 < found["share_of_raw_signing"] < 1
    assert found["peak_mib"] > 0


def test_a_breach_is_told_to_everybody(run):
    found = run("breach", 12)
    for name in ("commit_s", "queued_s", "sent_s", "peak_mib", "ratio_row_by_row"):
        assert found[name] > 0
    assert found["controllers"] > 9
    assert found["contracts"] >= found["controllers"]
    assert (found["lost"], found["duplicate_effects"]) == (0, 0)


def test_the_fictional_sheet_is_the_same_in_every_run_and_right():
    sheet = fictional.sheet(200)
    assert sheet == fictional.sheet(200)
    rows = [dict(zip(sheet.headings, cells, strict=True)) for _number, cells in sheet.rows]
    assert len({row["code"] for row in rows}) == 200 < len(rows)
    assert len({row["contrat"] for row in rows}) == len(rows)
    for row in rows:
        assert not row["siret"] or checked_siret(row["siret"])
        assert checked_email(row["courriel notifications"]).endswith(".example")
    assert len({row["courriel du dpo"] for row in rows}) < len({row["code"] for row in rows})
