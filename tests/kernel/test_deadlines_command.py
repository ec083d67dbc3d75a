"""`greffe deadlines` as another program uses it."""

import json
import subprocess
import sys

QUESTION = {
    "id": "x",
    "unit": "business_days",
    "amount": 30,
    "start": "2026-04-01",
    "calendar": "FR",
    "zone": "Europe/Paris",
    "roll": "none",
}


def ask(*questions, cwd=None):
    lines = [each if isinstance(each, str) else json.dumps(each) for each in questions]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "app", "deadlines"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "", "GREFFE_HOME": "/nonexistent/greffe"},
    )
    assert run.stderr == ""
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines()]


def test_an_answer_has_the_day_the_instant_the_holidays_and_the_rule():
    status, (answer,) = ask(QUESTION)
    assert status == 0
    assert list(answer) == ["id", "due", "ends_at", "skipped", "rule"]
    assert answer["due"] == "2026-05-19"
    assert answer["ends_at"] == "2026-05-19T22:00:00Z"
    assert answer["skipped"] == ["2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14"]
    assert set(answer["rule"]) == {"fr", "en"}


def test_bad_lines_are_told_and_the_others_go_on():
    bad = [
        "not json",
        "[]",
        "null",
        {"id": 1},
        QUESTION | {"id": 2, "unit": "weeks"},
        QUESTION | {"id": 3, "calendar": "XX"},
        QUESTION | {"id": 4, "zone": "Europe/Paname"},
        QUESTION | {"id": 5, "start": "yesterday"},
        QUESTION | {"id": 6, "amount": 1.5},
        QUESTION | {"id": 7, "amount": True},
        QUESTION | {"id": 8, "rolls": "none"},
        QUESTION | {"id": 9, "start": "2026-03-29T02:30:00+01:00", "unit": "hours"},
        QUESTION | {"id": 10, "amount": 10**30},
    ]
    status, answers = ask(*bad, QUESTION)
    assert status == 1
    assert len(answers) == len(bad) + 1
    assert all(set(answer) == {"id", "error"} and answer["error"] for answer in answers[:-1])
    assert [answer["id"] for answer in answers] == [None, None, None, *range(1, 11), "x"]


def test_it_needs_no_data_folder_and_makes_none(tmp_path):
    assert ask(QUESTION, cwd=tmp_path)[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_zone_left_out_is_that_of_the_territory():
    _, (answer,) = ask(
        {key: QUESTION[key] for key in QUESTION if key != "zone"} | {"calendar": "FR-974"}
    )
    assert answer["ends_at"].endswith("T20:00:00Z")
